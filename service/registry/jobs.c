/* The queue of jobs and the thread that works it off, each in a process of its own
 * (job_process.c); see jobs.h. */
#include "service/registry/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "service/limits.h"
#include "service/registry/import.h"
#include "service/registry/job_files.h"
#include "service/registry/job_process.h"
#include "service/registry/jobs_private.h"
#include "service/registry/tokens.h"

enum { RETRY_MS = 1000, SWEEP_MS = 3600 * 1000, TOKENS_PENDING_MAX = 64, NICENESS = 10 };

struct jobs {
    char registry[STORE_PATH_MAX];
    int lock_fd;
    pthread_t thread;
    bool thread_runs;
    pthread_mutex_t lock; /* all below */
    pthread_cond_t wake;
    bool stop;
    struct job *list; /* oldest first */
    struct job *running;
    int64_t tokens[TOKENS_PENDING_MAX]; /* used today, not yet noted */
    int tokens_n;
    _Atomic int64_t kept_bytes; /* of uploads, open ones too */
};

/* ---- the list; the lock is held ---- */

static struct job **find(struct jobs *j, const char *id)
{
    struct job **at = &j->list;
    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    return at;
}

static enum status job_found(struct jobs *j, const char *id, struct job ***at, struct error *e)
{
    *at = find(j, id);
    return **at ? STATUS_OK
                : error_set(e, STATUS_NOT_FOUND, "job_not_found", "see /imports/jobs",
                            "there is no such job");
}

static void drop(struct jobs *j, struct job **at)
{
    struct job *job = *at;
    *at = job->next;
    job_remove(j->registry, job);
    if (job->bytes)
        atomic_fetch_sub(&j->kept_bytes, job->bytes);
    free(job);
}

/* A file that is needed no more. */
static void drop_upload(struct jobs *j, struct job *job)
{
    job_remove_upload(j->registry, job);
    atomic_fetch_sub(&j->kept_bytes, job->bytes);
    job->bytes = 0;
}

/* Room for one more: what is over and cannot be committed goes first, the oldest of it. */
static enum status make_room(struct jobs *j, struct error *e)
{
    int n = 0;
    struct job **oldest = NULL;
    for (struct job **at = &j->list; *at; at = &(*at)->next, n++)
        if (!oldest && job_is_over(*at) && (*at)->state != JOB_CHECKED)
            oldest = at;
    if (n < LIMIT_IMPORT_JOBS)
        return STATUS_OK;
    if (!oldest)
        return error_set(e, STATUS_LIMIT, "too_many_jobs",
                         "commit or delete some; see import_jobs at /limits",
                         "too many imports are waiting");
    drop(j, oldest);
    return STATUS_OK;
}

enum status jobs_enqueue(struct jobs *j, struct job *job, struct error *e)
{
    pthread_mutex_lock(&j->lock);
    enum status status = make_room(j, e);
    if (status == STATUS_OK)
        status = job_save(j->registry, job, e);
    if (status == STATUS_OK) {
        struct job **end = &j->list;
        while (*end)
            end = &(*end)->next;
        *end = job;
        pthread_cond_signal(&j->wake);
    }
    pthread_mutex_unlock(&j->lock);
    return status;
}

void job_new_id(char id[JOB_ID_SIZE])
{
    unsigned char bytes[(JOB_ID_SIZE - 1) / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(id, JOB_ID_SIZE, bytes, sizeof bytes);
}

const char *jobs_registry(const struct jobs *j)
{
    return j->registry;
}

int64_t jobs_kept_bytes(struct jobs *j, int64_t more)
{
    return atomic_fetch_add(&j->kept_bytes, more) + more;
}

/* ---- asking and deciding ---- */

enum status jobs_revert(struct jobs *j, int64_t import_id, int64_t token, char id[JOB_ID_SIZE],
                        struct error *e)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return error_memory(e);
    job_new_id(job->id);
    job->revert = import_id;
    job->token = token;
    job->commit = true;
    job->created_ms = job_now_ms();
    strcpy(id, job->id);
    enum status status = jobs_enqueue(j, job, e);
    if (status != STATUS_OK)
        free(job);
    return status;
}

enum status jobs_json(struct jobs *j, const char *id, enum finding_lang lang, struct buf *out,
                      struct error *e)
{
    struct job **at;
    pthread_mutex_lock(&j->lock);
    enum status status = job_found(j, id, &at, e);
    bool reported = status == STATUS_OK && job_is_over(*at);
    if (status == STATUS_OK)
        job_json(*at, lang, out);
    pthread_mutex_unlock(&j->lock);
    if (status != STATUS_OK)
        return status;
    buf_json_key(out, "report");
    size_t before = out->length;
    if (!reported || !job_read_file(j->registry, id, "report", out)) {
        out->length = before;
        buf_puts(out, "null");
    } else if (lang != FINDING_EN) {
        job_report_translate(out, before, lang);
    }
    buf_puts(out, "}\n");
    return STATUS_OK;
}

void jobs_list_json(struct jobs *j, enum finding_lang lang, struct buf *out)
{
    buf_putc(out, '[');
    pthread_mutex_lock(&j->lock);
    for (struct job *job = j->list; job; job = job->next) {
        job_json(job, lang, out);
        buf_putc(out, '}');
    }
    pthread_mutex_unlock(&j->lock);
    buf_putc(out, ']');
}

static enum status commit(struct jobs *j, struct job *job, bool skip_bad_files, struct error *e)
{
    if (job->state != JOB_CHECKED)
        return error_set(e, STATUS_CONFLICT, "job_not_checked",
                         "a job can be committed once its dry run has ended well", "the job is %s",
                         job_state_name(job->state));
    if (job->unreadable && !skip_bad_files)
        return error_set(e, STATUS_CONFLICT, "files_unreadable",
                         "commit with skip_bad_files=true to leave them out, or delete the job and "
                         "send all files again",
                         "%lld of the files cannot be read; the report names them",
                         (long long)job->unreadable);
    enum job_state before = job->state;
    job->state = JOB_WAITING;
    job->commit = true;
    job->skip_bad_files = skip_bad_files;
    job->attempts = 0;
    job->finished_ms = 0;
    enum status status = job_save(j->registry, job, e);
    if (status != STATUS_OK) {
        job->state = before;
        job->commit = false;
        return status;
    }
    pthread_cond_signal(&j->wake);
    return STATUS_OK;
}

enum status jobs_commit(struct jobs *j, const char *id, bool skip_bad_files, struct error *e)
{
    struct job **at;
    pthread_mutex_lock(&j->lock);
    enum status status = job_found(j, id, &at, e);
    if (status == STATUS_OK)
        status = commit(j, *at, skip_bad_files, e);
    pthread_mutex_unlock(&j->lock);
    return status;
}

enum status jobs_delete(struct jobs *j, const char *id, bool *stopping, struct error *e)
{
    struct job **at;
    *stopping = false;
    pthread_mutex_lock(&j->lock);
    enum status status = job_found(j, id, &at, e);
    if (status == STATUS_OK && ((*at)->state == JOB_COMMITTED || (*at)->state == JOB_REVERTED))
        status =
            error_set(e, STATUS_CONFLICT, "job_committed", "undo the import with DELETE /imports/N",
                      "the job is done and stands in the registry");
    else if (status == STATUS_OK && *at == j->running) {
        atomic_store(&(*at)->cancel, true);
        *stopping = true;
    } else if (status == STATUS_OK)
        drop(j, at);
    pthread_mutex_unlock(&j->lock);
    return status;
}

void jobs_token_used(struct jobs *j, int64_t token)
{
    pthread_mutex_lock(&j->lock);
    bool known = j->tokens_n == TOKENS_PENDING_MAX;
    for (int i = 0; i < j->tokens_n; i++)
        known |= j->tokens[i] == token;
    if (!known) {
        j->tokens[j->tokens_n++] = token;
        pthread_cond_signal(&j->wake);
    }
    pthread_mutex_unlock(&j->lock);
}

/* ---- the thread ---- */

static void progress(const char *phase, uint64_t done, uint64_t total, void *arg)
{
    struct jobs *j = arg;
    pthread_mutex_lock(&j->lock);
    struct job *job = j->running;
    if (strcmp(job->phase, phase) != 0) {
        snprintf(job->phase, sizeof job->phase, "%s", phase);
        job->phase_began_ms = job_now_ms();
    }
    job->done = done;
    job->total = total;
    pthread_mutex_unlock(&j->lock);
}

static void save_or_say(struct jobs *j, struct job *job)
{
    struct error e;
    if (job_save(j->registry, job, &e) != STATUS_OK)
        fprintf(stderr, "parcela: jobs: %s: %s\n", e.code, e.message);
}

static void finish(struct jobs *j, struct job *job, const struct job_result *r)
{
    bool cancelled = r->status == STATUS_CANCELLED ||
                     (r->status == STATUS_BUSY &&
                      atomic_load(&job->cancel)); /* asked while it found the registry busy */
    job->blocked = r->status == STATUS_BUSY && (!cancelled || j->stop);
    if (job->blocked || (j->stop && r->status == STATUS_CANCELLED)) { /* it has not been tried */
        job->state = JOB_WAITING;
        job->attempts--;
        save_or_say(j, job);
        return;
    }
    job->state = cancelled                ? JOB_CANCELLED
                 : r->status != STATUS_OK ? JOB_FAILED
                 : job->revert            ? JOB_REVERTED
                 : job->commit            ? JOB_COMMITTED
                                          : JOB_CHECKED;
    job->import = r->import;
    job->unreadable = r->unreadable;
    job->error = r->error;
    memcpy(job->candidates, r->candidates, sizeof job->candidates);
    job->finished_ms = job_now_ms();
    if (job->state !=
        JOB_CHECKED) /* it may name people: it is kept no longer than it can be used */
        drop_upload(j, job);
    save_or_say(j, job);
    fprintf(stderr, "parcela: jobs: %s of token %lld: %s%s%s, import %lld\n",
            job->revert   ? "revert"
            : job->commit ? "import"
                          : "dry run",
            (long long)job->token, job_state_name(job->state), job->error.code[0] ? ", " : "",
            job->error.code, (long long)(job->revert ? job->revert : job->import));
}

/* The lock is held on entry and on return, not meanwhile. */
static void run_one(struct jobs *j, struct job *job)
{
    struct job_result result = {.status = STATUS_OK};
    if (job->attempts >= JOB_ATTEMPTS_MAX) {
        job->state = JOB_QUARANTINED;
        job->finished_ms = job_now_ms();
        error_set(&job->error, STATUS_INTERNAL, "job_quarantined",
                  "keep the file and tell the operator; the server's log may say more",
                  "the server ended %d times while it worked on this job", JOB_ATTEMPTS_MAX);
        save_or_say(j, job);
        return;
    }
    job->attempts++;
    job->state = JOB_RUNNING;
    job->started_ms = job->phase_began_ms = job_now_ms();
    job->phase[0] = 0;
    job->done = job->total = 0;
    job->error = (struct error){.status = STATUS_OK};
    job->candidates[0] = 0;
    atomic_store(&job->cancel, false);
    j->running = job;
    if (!job->blocked) /* a retry every second needs no word on disk: it begins with asking for the
                          lock */
        result.status = job_save(j->registry, job, &result.error);
    pthread_mutex_unlock(&j->lock);
    if (result.status == STATUS_OK)
        job_process_run(j->registry, job, progress, j, &result);
    pthread_mutex_lock(&j->lock);
    j->running = NULL;
    finish(j, job, &result);
}

static void note_tokens(struct jobs *j)
{
    int64_t tokens[TOKENS_PENDING_MAX];
    int n = j->tokens_n;
    memcpy(tokens, j->tokens, sizeof tokens);
    pthread_mutex_unlock(&j->lock);
    struct error e;
    int noted = 0;
    while (noted < n && token_note_use(j->registry, tokens[noted], &e) != STATUS_BUSY)
        noted++;
    pthread_mutex_lock(&j->lock);
    memmove(j->tokens, j->tokens + noted, (size_t)(j->tokens_n - noted) * sizeof *tokens);
    j->tokens_n -= noted;
}

/* An upload that nobody decided about. */
static void expire(struct jobs *j, struct job *job)
{
    drop_upload(j, job);
    if (job->state == JOB_CHECKED) {
        job->state = JOB_CANCELLED;
        error_set(&job->error, STATUS_CANCELLED, "upload_expired", "send it again",
                  "it was not committed within %d hours of its dry run, and its file was removed",
                  LIMIT_UPLOAD_WAIT_HOURS);
    }
    save_or_say(j, job);
}

static void sweep(struct jobs *j)
{
    int64_t now_ms = job_now_ms(),
            oldest_ms = now_ms - (int64_t)LIMIT_IMPORT_JOB_DAYS * 86400 * 1000;
    for (struct job **at = &j->list; *at;) {
        int64_t ends_ms = job_upload_ends_ms(*at);
        if (job_is_over(*at) && (*at)->finished_ms < oldest_ms) {
            drop(j, at);
            continue;
        }
        if (ends_ms && ends_ms < now_ms)
            expire(j, *at);
        at = &(*at)->next;
    }
}

static void wait_ms(struct jobs *j, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    pthread_cond_timedwait(&j->wake, &j->lock, &until);
}

static void *work(void *arg)
{
    struct jobs *j = arg;
    int64_t swept_ms = 0;
    setpriority(PRIO_PROCESS, (id_t)gettid(),
                NICENESS); /* this thread and the processes it starts: answers come first */
    pthread_mutex_lock(&j->lock);
    while (!j->stop) {
        if (job_now_ms() - swept_ms > SWEEP_MS) {
            sweep(j);
            swept_ms = job_now_ms();
        }
        if (j->tokens_n)
            note_tokens(j);
        struct job *next = j->list;
        while (next && next->state != JOB_WAITING)
            next = next->next;
        if (next && !j->stop)
            run_one(j, next);
        if (j->stop)
            break;
        if (!next || next->blocked)
            wait_ms(j, j->tokens_n || next ? RETRY_MS : SWEEP_MS);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

/* ---- start and stop ---- */

/* Two servers over one registry must not work on each other's uploads. */
static enum status take_lock(struct jobs *j, struct error *e)
{
    char path[JOB_PATH_MAX];
    job_path(path, j->registry, "", NULL);
    if (chmod(path, 0700) != 0) /* a copied registry may be open to others; uploads name people */
        fprintf(stderr, "parcela: jobs: the folder of uploads cannot be closed to others: %s\n",
                strerror(errno));
    job_path(path, j->registry, "jobs", "lock");
    j->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (j->lock_fd < 0)
        return error_set(e, STATUS_IO, "incoming_io",
                         "Check the rights of the registry's incoming folder.",
                         "Uploads cannot be stored: %s.", strerror(errno));
    if (flock(j->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return error_set(e, STATUS_BUSY, "jobs_elsewhere", "Send uploads to that server.",
                         "Another server takes the uploads of this registry.");
    return STATUS_OK;
}

/* What was running when the process died: done after all, or to be done again. */
static void settle(struct jobs *j, struct job *job)
{
    if (job->state != JOB_RUNNING)
        return;
    bool done = job_is_done(j->registry, job, &job->import);
    job->state = !done ? JOB_WAITING : job->revert ? JOB_REVERTED : JOB_COMMITTED;
    if (done) {
        job->finished_ms = job_now_ms();
        drop_upload(j, job);
    }
    save_or_say(j, job);
}

enum status jobs_start(const char *registry, struct jobs **out, struct error *e)
{
    struct jobs *j = calloc(1, sizeof *j);
    if (!j)
        return error_memory(e);
    snprintf(j->registry, sizeof j->registry, "%s", registry);
    j->lock_fd = -1;
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&j->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    enum status status = take_lock(j, e);
    if (status == STATUS_OK) {
        j->list = jobs_load(registry);
        for (struct job *job = j->list; job; job = job->next)
            j->kept_bytes += job->bytes;
        for (struct job *job = j->list; job; job = job->next)
            settle(j, job);
        /* A signal to the process must find the thread that waits for it, not this one or a worker
         * that it starts: there it would end everything at once. */
        sigset_t ending, before;
        sigemptyset(&ending);
        sigaddset(&ending, SIGTERM);
        sigaddset(&ending, SIGINT);
        sigaddset(&ending, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &ending, &before);
        j->thread_runs = pthread_create(&j->thread, NULL, work, j) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (!j->thread_runs)
            status = error_set(e, STATUS_MEMORY, "no_thread", NULL, "no thread could be started");
    }
    if (status != STATUS_OK) {
        jobs_stop(j);
        return status;
    }
    *out = j;
    return STATUS_OK;
}

void jobs_stop(struct jobs *j)
{
    if (!j)
        return;
    pthread_mutex_lock(&j->lock);
    j->stop = true;
    if (j->running)
        atomic_store(&j->running->cancel, true);
    pthread_cond_signal(&j->wake);
    pthread_mutex_unlock(&j->lock);
    if (j->thread_runs)
        pthread_join(j->thread, NULL);
    for (struct job *next; j->list; j->list = next) {
        next = j->list->next;
        free(j->list);
    }
    if (j->lock_fd >= 0)
        close(j->lock_fd);
    pthread_cond_destroy(&j->wake);
    pthread_mutex_destroy(&j->lock);
    free(j);
}
