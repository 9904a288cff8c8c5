/* A job in a process of its own, so that neither its memory nor a crash is the server's.
 *
 * The server starts this program again (--job REGISTRY ID), with the job's file in
 * REGISTRY/incoming as all it is told, and hears words over a pipe: progress, and at last the
 * result. A word is a head and a struct as it stands in memory, both ends being the same binary;
 * every word is checked all the same. Another pipe says nothing: when it closes the process stops
 * at the next place where an import can (jobs_delete, the server's orderly end). When the server
 * dies the kernel ends the process too; nothing else ends it but SIGKILL, because a SIGTERM or
 * Ctrl-C for the server is no reason to give a job up. The process has none of the server's
 * descriptors, and is the first that a machine without memory loses. */
#include "service/registry/job_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WORDS_FD = JOB_WORDS_FD, LISTEN_MS = 200, TELL_MS = 100, EXIT_USAGE_CODE = 64 };

union word {
    struct job_word_progress progress;
    struct job_result result;
};

/* ---- the server's side ---- */

struct child {
    pid_t pid;
    int words_fd, stop_fd; /* -1 = closed */
    int64_t kill_at_ms;    /* 0 = it may run on */
    bool told;             /* its result is in */
    bool garbled;          /* it said what is no word */
    char in[sizeof(struct job_word_head) + sizeof(union word)];
    size_t in_n;
};

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int spawn(const char *registry, const char *id, int stop, int words, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, ending;
    char *const arguments[] = {(char *)"parcela", (char *)"--job", (char *)(uintptr_t)registry,
                               (char *)(uintptr_t)id, NULL};
    sigfillset(&all);
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGHUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, stop, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words, WORDS_FD);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, WORDS_FD + 1);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &ending);
    posix_spawnattr_setpgroup(&attributes, 0); /* Ctrl-C at a terminal is for the server alone */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* A pipe whose ends cannot be overwritten by the child's dup2 before they are used themselves. */
static bool make_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, WORDS_FD + 1);
    int why = errno;
    close(low[0]);
    close(low[1]);
    errno = why;
    return ends[0] >= 0 && ends[1] >= 0;
}

static bool start(const char *registry, const struct job *job, struct child *c)
{
    int words[2] = {-1, -1}, stop[2] = {-1, -1};
    *c = (struct child){.pid = -1, .words_fd = -1, .stop_fd = -1};
    int failed = make_pipe(words) && make_pipe(stop)
                     ? spawn(registry, job->id, stop[0], words[1], &c->pid)
                     : errno;
    bool started = failed == 0;
    if (!started)
        fprintf(stderr, "parcela: jobs: no process for a job: %s\n", strerror(failed));
    close_fd(&words[1]);
    close_fd(&stop[0]);
    c->words_fd = words[0];
    c->stop_fd = stop[1];
    if (!started) {
        close_fd(&c->words_fd);
        close_fd(&c->stop_fd);
    }
    return started;
}

static bool text_ends(const char *text, size_t size)
{
    return memchr(text, 0, size) != NULL;
}

static bool good_progress(const struct job_word_progress *p)
{
    return text_ends(p->phase, sizeof p->phase) && p->phase[0] && p->done <= INT64_MAX &&
           p->total <= INT64_MAX;
}

static bool good_result(const struct job_result *r)
{
    const struct error *e = &r->error;
    if ((unsigned)r->status > STATUS_INTERNAL || (unsigned)e->status > STATUS_INTERNAL ||
        !text_ends(e->code, sizeof e->code) || !text_ends(e->message, sizeof e->message) ||
        !text_ends(e->remedy, sizeof e->remedy) ||
        !text_ends(r->candidates, sizeof r->candidates) || r->import < 0 || r->unreadable < 0)
        return false;
    bool failed = r->status != STATUS_OK && r->status != STATUS_BUSY;
    return failed == (e->code[0] != 0) && (failed || !r->candidates[0]) &&
           (!r->candidates[0] || job_candidates_good(r->candidates));
}

/* Takes the words that are whole; false at the first that cannot be one. */
static bool take_words(struct child *c, struct job_result *out,
                       void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg)
{
    struct job_word_head head;
    union word word;
    while (c->in_n >= sizeof head) {
        memcpy(&head, c->in, sizeof head);
        if (c->told || (head.kind != JOB_WORD_PROGRESS && head.kind != JOB_WORD_RESULT) ||
            head.bytes !=
                (head.kind == JOB_WORD_RESULT ? sizeof word.result : sizeof word.progress))
            return false;
        if (c->in_n < sizeof head + head.bytes)
            return true;
        memcpy(&word, c->in + sizeof head, head.bytes);
        c->in_n -= sizeof head + head.bytes;
        memmove(c->in, c->in + sizeof head + head.bytes, c->in_n);
        if (head.kind == JOB_WORD_PROGRESS) {
            if (!good_progress(&word.progress))
                return false;
            progress(word.progress.phase, word.progress.done, word.progress.total, arg);
        } else {
            if (!good_result(&word.result))
                return false;
            *out = word.result;
            c->told = true;
        }
    }
    return true;
}

static void end_within(struct child *c, int64_t ms)
{
    close_fd(&c->stop_fd);
    if (!c->kill_at_ms)
        c->kill_at_ms = monotonic_ms() + ms;
}

/* Until it has closed the pipe, which it does by ending only. */
static void listen_to(struct child *c, struct job *job, struct job_result *out,
                      void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg)
{
    for (;;) {
        struct pollfd p = {.fd = c->words_fd, .events = POLLIN};
        int ready = poll(&p, 1, LISTEN_MS);
        if (c->told || atomic_load(&job->cancel))
            end_within(c, JOB_STOP_SECONDS * 1000);
        if (c->kill_at_ms && monotonic_ms() >= c->kill_at_ms) {
            kill(c->pid, SIGKILL);
            return;
        }
        if (ready <= 0)
            continue;
        ssize_t n = read(c->words_fd, c->in + c->in_n, sizeof c->in - c->in_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        c->in_n += (size_t)n;
        if (!take_words(c, out, progress, arg)) {
            c->told = false;
            c->garbled = true;
            kill(c->pid, SIGKILL);
            return;
        }
    }
}

/* It has ended without a result. */
static enum status why_it_ended(const struct child *c, int how, struct error *e)
{
    int number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    if (c->garbled)
        return error_set(e, STATUS_INTERNAL, "job_crashed",
                         "keep the file and tell the operator; the server's log may say more",
                         "the job's process said what makes no sense; nothing was changed");
    if (number == SIGKILL)
        return error_set(e, STATUS_MEMORY, "job_killed",
                         "ask the operator whether the machine has memory enough, or split the "
                         "file; then send it again",
                         "the job's process was ended from outside, most likely because the "
                         "machine ran out of memory; nothing was changed");
    if (number)
        return error_set(e, STATUS_INTERNAL, "job_crashed",
                         "keep the file and tell the operator; the server's log may say more",
                         "the job's process crashed (SIG%s); nothing was changed",
                         sigabbrev_np(number) ? sigabbrev_np(number) : "?");
    return error_set(e, STATUS_INTERNAL, "job_crashed",
                     "keep the file and tell the operator; the server's log may say more",
                     "the job's process ended before it was done (code %d); nothing was changed",
                     WIFEXITED(how) ? WEXITSTATUS(how) : -1);
}

void job_process_run(const char *registry, struct job *job,
                     void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
                     struct job_result *out)
{
    struct child c;
    int how = 0;
    *out = (struct job_result){.status = STATUS_OK};
    if (!start(registry, job, &c)) {
        out->status = error_set(&out->error, STATUS_INTERNAL, "job_not_started",
                                "tell the operator; the server's log says more",
                                "the server could not start a process for the job");
        return;
    }
    listen_to(&c, job, out, progress, arg);
    close_fd(&c.words_fd);
    close_fd(&c.stop_fd);
    while (waitpid(c.pid, &how, 0) < 0 && errno == EINTR)
        ;
    if (c.told)
        return;
    /* killed between its commit and its word about it? */
    *out = (struct job_result){.status = STATUS_OK};
    if (job_is_done(registry, job, &out->import))
        return;
    if (atomic_load(&job->cancel))
        out->status = error_set(&out->error, STATUS_CANCELLED, "cancelled", NULL,
                                "the job was stopped; nothing was changed");
    else
        out->status = why_it_ended(&c, how, &out->error);
}

/* ---- the process itself ---- */

static void tell(enum job_word_kind kind, const void *word, size_t n)
{
    char bytes[sizeof(struct job_word_head) + sizeof(union word)];
    struct job_word_head head = {.kind = kind, .bytes = (uint32_t)n};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, word, n);
    n += sizeof head;
    for (size_t at = 0; at < n;) {
        ssize_t wrote = write(WORDS_FD, bytes + at, n - at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return; /* nobody listens any more */
        at += (size_t)wrote;
    }
}

struct telling {
    struct job_word_progress last;
    int64_t told_ms;
};

static void tell_progress(const char *phase, uint64_t done, uint64_t total, void *arg)
{
    struct telling *t = arg;
    int64_t now_ms = monotonic_ms();
    if (strcmp(t->last.phase, phase) == 0 && now_ms - t->told_ms < TELL_MS)
        return;
    t->told_ms = now_ms;
    memset(&t->last, 0, sizeof t->last);
    snprintf(t->last.phase, sizeof t->last.phase, "%s", phase);
    t->last.done = done;
    t->last.total = total;
    tell(JOB_WORD_PROGRESS, &t->last, sizeof t->last);
}

static void *wait_for_stop(void *arg)
{
    struct job *job = arg;
    char byte;
    ssize_t n;
    do
        n = read(STDIN_FILENO, &byte, 1);
    while (n > 0 || (n < 0 && errno == EINTR));
    atomic_store(&job->cancel, true);
    return NULL;
}

/* Nothing here is worth failing for. */
static void lower_myself(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "500", 3);
        close(fd);
    }
}

int job_process_main(int argc, char **argv)
{
    struct telling telling = {.told_ms = 0};
    pthread_t listener;
    /* before anything is opened: a descriptor 3 that is not the pipe would be some file */
    if (argc != 4 || fcntl(WORDS_FD, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC) != 0) {
        fputs("parcela: --job is for the server alone\n", stderr);
        return EXIT_USAGE_CODE;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* had it died before: the pipe is closed then */
    lower_myself();
    struct job_result *result = calloc(1, sizeof *result); /* padding too: it goes over the pipe */
    static struct job *job; /* the listener's too, until the very end */
    job = job_load(argv[2], argv[3]);
    if (!result || !job || pthread_create(&listener, NULL, wait_for_stop, job) != 0) {
        fprintf(stderr, "parcela: jobs: the job's process cannot %s\n",
                job ? "begin" : "read the job's file");
        return 1;
    }
    pthread_detach(listener);
    job_run(argv[2], job, tell_progress, &telling, result);
    tell(JOB_WORD_RESULT, result, sizeof *result);
    free(result);
    return 0;
}
