/* The trusted side of a reader process; see reader.h. Starts it, checks its frames, and says why it
 * died. */
#include "importers/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "importers/frame.h"
#include "importers/reader_exit.h"

extern char **environ;

enum { READ_BYTES = 1 << 20, PIPE_BYTES = 1 << 20, LISTEN_BYTES = 4 << 20, STALL_MS = 600 * 1000 };

struct reader {
    pid_t pid;
    int fd;        /* its frames */
    int answer_fd; /* what it is told when it asks */
    bool asked;
    struct frame_decoder decoder;
    struct buf in;
    size_t at; /* first byte of `in` not yet decoded */
    bool ended;
    char file[256]; /* that it said it would open */
};

static enum status check_files(const struct reader_request *r, struct error *e)
{
    if (r->files_n == 0 || r->files_n > FRAME_FILES_MAX)
        return error_set(e, STATUS_USAGE, "files", "name at least one file",
                         "%zu files were named; 1 to %d can be read at once", r->files_n,
                         FRAME_FILES_MAX);
    for (size_t i = 0; i < r->files_n; i++) {
        struct stat st;
        if (stat(r->files[i], &st) != 0)
            return error_set(e, errno == EACCES ? STATUS_IO : STATUS_NOT_FOUND, "file_missing",
                             "check the name of the file", "%.200s: %s", r->files[i],
                             strerror(errno));
        if (!S_ISREG(st.st_mode))
            return error_set(e, STATUS_INVALID, "file_kind", "name a file", "%.200s is not a file",
                             r->files[i]);
        if (access(r->files[i], R_OK) != 0)
            return error_set(e, STATUS_IO, "file_unreadable", "check the file's permissions",
                             "%.200s: %s", r->files[i], strerror(errno));
    }
    return STATUS_OK;
}

static enum status system_error(struct error *e, const char *what)
{
    return error_set(e, STATUS_IO, "reader_start", NULL,
                     "the reader process could not be started: %s: %s", what, strerror(errno));
}

/* The request as a file in memory: it can neither block nor raise SIGPIPE. */
static int request_fd(const struct reader_request *r)
{
    struct buf b;
    buf_init(&b, FRAME_PAYLOAD_MAX);
    frame_put_request(&b, r);
    int fd = b.failed ? -1 : memfd_create("request", MFD_CLOEXEC);
    if (fd >= 0 &&
        (write(fd, b.bytes, b.length) != (ssize_t)b.length || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    buf_clear(&b);
    return fd;
}

static bool kept_variable(const char *v)
{
    static const char *const names[] = {
        "PROJ_LIB=",     "PROJ_DATA=",     "GDAL_DATA=",   "LD_LIBRARY_PATH=",
        "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(v, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Only what the libraries need to find their data: no GDAL option set outside changes how a file is
 * read. */
static void make_environment(char *out[16])
{
    size_t n = 0;
    for (char **v = environ; v && *v && n < 14; v++)
        if (kept_variable(*v))
            out[n++] = *v;
    out[n++] = (char *)"PROJ_NETWORK=OFF";
    out[n] = NULL;
}

static int spawn(const char *program, int in, int out, int answers, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *environment[16];
    char *const arguments[] = {(char *)"parcela", (char *)"--reader", NULL};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answers, READER_ANSWER_FD);
#ifndef __SANITIZE_ADDRESS__ /* whose reports are worth reading */
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#endif
    /* A server ignores SIGPIPE and blocks signals in its workers; the child must die of both. */
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    make_environment(environment);
    int failed = posix_spawn(pid, program ? program : "/proc/self/exe", &actions, &attributes,
                             arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

enum status reader_start(const struct reader_request *request, struct reader **out, struct error *e)
{
    enum status s = check_files(request, e);
    if (s != STATUS_OK)
        return s;
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return error_memory(e);
    int ends[2] = {-1, -1}, answers[2] = {-1, -1}, in = request_fd(request);
    r->fd = -1;
    r->answer_fd = r->pid = -1;
    frame_decoder_init(&r->decoder, (uint32_t)request->files_n);
    buf_init(&r->in, 0);
    /* a socket for the answers: writing to a process that has died is then no signal */
    if (in < 0 || pipe2(ends, O_CLOEXEC) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, answers) != 0) {
        s = system_error(e, "pipe");
    } else {
        (void)!fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES); /* fewer switches; the default does too */
        errno = spawn(request->program, in, ends[1], answers[1], &r->pid);
        if (errno)
            s = system_error(e, "posix_spawn");
    }
    if (in >= 0)
        close(in);
    if (ends[1] >= 0)
        close(ends[1]);
    if (answers[1] >= 0)
        close(answers[1]);
    r->fd = ends[0];
    r->answer_fd = answers[0];
    if (s != STATUS_OK) {
        r->pid = -1;
        reader_stop(r);
        return s;
    }
    *out = r;
    return STATUS_OK;
}

static enum status why_it_ended(struct reader *r, struct error *e)
{
    int how = 0;
    while (waitpid(r->pid, &how, 0) < 0 && errno == EINTR)
        ;
    r->pid = -1;
    bool several = r->decoder.files_n > 1;
    const char *split = several ? "import the others without it; split it, or check that it is not "
                                  "damaged"
                                : "split the file, or check that it is not damaged";
    const char *file = *r->file ? r->file : "the file";
    int signal_number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    if (signal_number == SIGXCPU)
        return error_set(e, STATUS_LIMIT, "reader_cpu_limit", split,
                         "reading %.200s took more computing time than is allowed", file);
    if (signal_number == SIGKILL || (WIFEXITED(how) && WEXITSTATUS(how) == READER_EXIT_MEMORY))
        return error_set(e, STATUS_MEMORY, "reader_memory", split,
                         "reading %.200s needs more memory than is allowed", file);
    if (signal_number)
        return error_set(e, STATUS_INTERNAL, "reader_crashed",
                         several ? "import the others without it, and please report the file"
                                 : "please report the file",
                         "the reader process crashed on %.200s (SIG%s)", file,
                         sigabbrev_np(signal_number) ? sigabbrev_np(signal_number) : "?");
    return error_set(e, STATUS_INTERNAL, "reader_crashed", "please report the file",
                     "the reader process ended before it was done with %.200s (code %d)", file,
                     WIFEXITED(how) ? WEXITSTATUS(how) : -1);
}

/* Room for READ_BYTES behind what waits to be decoded. */
static char *make_room(struct reader *r)
{
    if (r->at && r->at == r->in.length) {
        buf_reset(&r->in);
        r->at = 0;
    } else if (r->at > READ_BYTES) {
        memmove(r->in.bytes, r->in.bytes + r->at, r->in.length - r->at);
        r->in.length -= r->at;
        r->at = 0;
    }
    return buf_reserve(&r->in, READ_BYTES);
}

/* Takes what is in the pipe, waiting up to wait_ms for it; *n is 0 at the end of the pipe, -1 when
 * nothing came in time. */
static enum status read_some(struct reader *r, int wait_ms, ssize_t *n, struct error *e)
{
    char *space = make_room(r);
    if (!space)
        return error_memory(e);
    for (;;) {
        struct pollfd p = {.fd = r->fd, .events = POLLIN};
        int ready = poll(&p, 1, wait_ms);
        *n = ready > 0 ? read(r->fd, space, READ_BYTES) : -1;
        if (ready == 0)
            return STATUS_OK;
        if (*n < 0 && errno == EINTR)
            continue;
        if (*n < 0)
            return error_set(e, STATUS_IO, "reader_pipe", NULL,
                             "the reader process cannot be heard: %s", strerror(errno));
        r->in.length += (size_t)*n;
        return STATUS_OK;
    }
}

/* Blocks until some bytes came; *end at the end of the pipe. */
static enum status read_more(struct reader *r, bool *end, struct error *e)
{
    ssize_t n;
    enum status s = read_some(r, STALL_MS, &n, e);
    if (s == STATUS_OK && n < 0)
        return error_set(e, STATUS_LIMIT, "reader_stalled",
                         "split the file, or check that it is not damaged",
                         "the reader process has not answered for %d minutes on %.200s",
                         STALL_MS / 60000, *r->file ? r->file : "the file");
    *end = n == 0;
    return s;
}

void reader_listen(struct reader *r)
{
    struct error later; /* is seen again by reader_next */
    ssize_t n;
    if (r && !r->ended && r->in.length - r->at < LISTEN_BYTES)
        (void)!read_some(r, 0, &n, &later);
}

/* Waits until a whole frame lies at r->at. */
static enum status wait_frame(struct reader *r, size_t *frame_n, struct error *e)
{
    for (;;) {
        size_t have = r->in.length - r->at, payload_n = 0;
        bool end = false;
        if (have >= FRAME_HEAD) {
            enum status s = frame_head((const unsigned char *)r->in.bytes + r->at, &payload_n, e);
            if (s != STATUS_OK)
                return s;
            *frame_n = FRAME_HEAD + payload_n;
            if (have >= *frame_n)
                return STATUS_OK;
        }
        enum status s = read_more(r, &end, e);
        if (s != STATUS_OK)
            return s;
        if (end)
            return why_it_ended(r, e);
    }
}

enum status reader_answer(struct reader *r, int epsg, const struct error *refusal, struct error *e)
{
    struct probe_answer answer = {.epsg = epsg};
    if (refusal)
        answer.refusal = *refusal;
    r->asked = false;
    ssize_t n = send(r->answer_fd, &answer, sizeof answer, MSG_NOSIGNAL);
    if (n == (ssize_t)sizeof answer ||
        (n < 0 && errno == EPIPE)) /* why it died is told by reader_next */
        return STATUS_OK;
    return error_set(e, STATUS_IO, "reader_pipe", NULL, "the reader process cannot be told: %s",
                     strerror(errno));
}

static enum status next_frame(struct reader *r, struct arena *a, struct reader_event *out,
                              struct error *e)
{
    size_t frame_n = 0;
    enum status s = wait_frame(r, &frame_n, e);
    if (s != STATUS_OK)
        return s;
    s = frame_decode(&r->decoder, (const unsigned char *)r->in.bytes + r->at, frame_n, a, out, e);
    r->at += frame_n;
    if (s == STATUS_OK && out->kind == READER_OPENING)
        snprintf(r->file, sizeof r->file, "%s", out->opening);
    return s;
}

const char *reader_file(const struct reader *r)
{
    return r->file;
}

enum status reader_next(struct reader *r, struct arena *a, struct reader_event *out,
                        struct error *e)
{
    *out = (struct reader_event){0};
    if (r->ended)
        return error_set(e, STATUS_INTERNAL, "reader_ended", NULL, "the reader has ended already");
    enum status s = r->asked ? reader_answer(r, 0, NULL, e) : STATUS_OK;
    do
        s = s == STATUS_OK ? next_frame(r, a, out, e) : s;
    while (s == STATUS_OK && out->kind == READER_OPENING);
    r->asked = s == STATUS_OK && out->kind == READER_PROBE;
    r->ended = s != STATUS_OK || out->kind == READER_DONE;
    return s;
}

void reader_stop(struct reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    if (r->answer_fd >= 0)
        close(r->answer_fd);
    if (r->pid > 0) {
        kill(r->pid, SIGKILL); /* after its last frame it has nothing left to do */
        while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    frame_decoder_clear(&r->decoder);
    buf_clear(&r->in);
    free(r);
}
