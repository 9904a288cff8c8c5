/* Worker threads for batches; see pool.h. */
#include "service/registry/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { POOL_WORKERS_MAX = 16 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[POOL_WORKERS_MAX];
    int workers, started;
    bool stopping;
    size_t n, next, grain;
    int busy; /* workers inside run() */
    void (*run)(int worker, size_t item, void *arg);
    void *arg;
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
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stopping && p->next >= p->n)
            pthread_cond_wait(&p->work, &p->lock);
        if (p->stopping)
            break;
        size_t from = p->next, to = from + p->grain < p->n ? from + p->grain : p->n;
        p->next = to;
        p->busy++;
        pthread_mutex_unlock(&p->lock);
        for (size_t i = from; i < to; i++)
            p->run(seat.worker, i, p->arg);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0 && p->next >= p->n)
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

void pool_start(struct pool *p, size_t n, size_t grain, void (*run)(int, size_t, void *), void *arg)
{
    pthread_mutex_lock(&p->lock);
    p->n = n;
    p->next = 0;
    p->grain = grain ? grain : 1;
    p->run = run;
    p->arg = arg;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
}

void pool_wait(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->busy || p->next < p->n)
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
