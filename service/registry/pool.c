/* Worker threads for batches; see pool.h. */
#include "service/registry/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The owner feeds the loops, and does alone what must be done in order: where there are fewer cores than threads it goes first,
 * or the workers are done early and idle while it catches up. */
enum { POOL_WORKERS_MAX = 16, WORKER_NICE = 10 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[POOL_WORKERS_MAX];
    int workers, started;
    bool stopping;
    struct pool_job *waiting; /* with items not handed out yet, in their order */
    int busy;                 /* workers inside run() */
    struct pool_job loop;     /* of pool_start */
};

struct pool_seat {
    struct pool *pool;
    int worker;
};

static void *pool_thread(void *seat_arg)
{
    struct pool_seat seat = *(struct pool_seat *)seat_arg;
    free(seat_arg);
    struct pool *p = seat.pool;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, (id_t)gettid()) + WORKER_NICE);
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stopping && !p->waiting)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->stopping)
            break;
        struct pool_job *job = p->waiting;
        size_t from = job->next, to = job->n - from > job->grain ? from + job->grain : job->n;
        job->next = to;
        if (to == job->n)
            p->waiting = job->after;
        p->busy++;
        pthread_mutex_unlock(&p->lock);
        for (size_t i = from; i < to; i++)
            job->run(seat.worker, i, job->arg);
        pthread_mutex_lock(&p->lock);
        p->busy--;
        if ((job->done += to - from) == job->n)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum status pool_new(int workers, struct pool **out, struct error *e)
{
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        return error_memory(e);
    p->workers = workers < 1 ? 1 : workers > POOL_WORKERS_MAX ? POOL_WORKERS_MAX : workers;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->done, NULL);
    for (; p->started < p->workers; p->started++) {
        struct pool_seat *seat = malloc(sizeof *seat);
        if (seat)
            *seat = (struct pool_seat){p, p->started};
        if (!seat || pthread_create(&p->threads[p->started], NULL, pool_thread, seat)) {
            free(seat);
            pool_free(p);
            return error_set(e, STATUS_MEMORY, "threads", "close other programs", "a worker thread could not be started");
        }
    }
    *out = p;
    return STATUS_OK;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pool_wait(p);
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->done);
    free(p);
}

int pool_workers(const struct pool *p)
{
    return p->workers;
}

void pool_add(struct pool *p, struct pool_job *job, bool first)
{
    job->next = job->done = 0;
    job->grain = job->grain ? job->grain : 1;
    if (!job->n)
        return;
    pthread_mutex_lock(&p->lock);
    struct pool_job **at = &p->waiting;
    while (*at && !first)
        at = &(*at)->after;
    job->after = *at;
    *at = job;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
}

void pool_wait_for(struct pool *p, const struct pool_job *job)
{
    pthread_mutex_lock(&p->lock);
    while (job->done < job->n)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void pool_start(struct pool *p, size_t n, size_t grain, void (*run)(int, size_t, void *), void *arg)
{
    p->loop = (struct pool_job){.run = run, .arg = arg, .n = n, .grain = grain};
    pool_add(p, &p->loop, false);
}

void pool_wait(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->busy || p->waiting)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

int pool_default_workers(void)
{
    const char *text = getenv("PARCELA_WORKERS");
    long n = text ? strtol(text, NULL, 10) : 0;
    if (n < 1)
        n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > POOL_WORKERS_MAX ? POOL_WORKERS_MAX : (int)n;
}
