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

struct loop {
    size_t n, next, grain;
    int busy; /* workers inside run() */
    void (*run)(int worker, size_t item, void *arg);
    void *arg;
};

/* Loops are numbered; that of number k stands in loops[k % POOL_LOOPS_MAX]. */
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pthread_t threads[POOL_WORKERS_MAX];
    int workers, started;
    bool stopping;
    struct loop loops[POOL_LOOPS_MAX];
    uint64_t ended, taking, given; /* the first that has not ended; that has items left; that has not been started */
};

struct pool_seat {
    struct pool *pool;
    int worker;
};

/* The oldest loop with items that nobody has taken; NULL = none. */
static struct loop *loop_with_items(struct pool *p)
{
    while (p->taking < p->given && p->loops[p->taking % POOL_LOOPS_MAX].next >= p->loops[p->taking % POOL_LOOPS_MAX].n)
        p->taking++;
    return p->taking < p->given ? &p->loops[p->taking % POOL_LOOPS_MAX] : NULL;
}

static void note_ended(struct pool *p)
{
    uint64_t before = p->ended;
    for (; p->ended < p->given; p->ended++) {
        const struct loop *l = &p->loops[p->ended % POOL_LOOPS_MAX];
        if (l->busy || l->next < l->n)
            break;
    }
    if (p->ended != before)
        pthread_cond_signal(&p->done);
}

static void *pool_thread(void *seat_arg)
{
    struct pool_seat seat = *(struct pool_seat *)seat_arg;
    free(seat_arg);
    struct pool *p = seat.pool;
    struct loop *l = NULL;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, (id_t)gettid()) + WORKER_NICE);
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stopping && !(l = loop_with_items(p)))
            pthread_cond_wait(&p->work, &p->lock);
        if (p->stopping)
            break;
        size_t from = l->next, to = from + l->grain < l->n ? from + l->grain : l->n;
        l->next = to;
        l->busy++;
        pthread_mutex_unlock(&p->lock);
        for (size_t i = from; i < to; i++)
            l->run(seat.worker, i, l->arg);
        pthread_mutex_lock(&p->lock);
        if (--l->busy == 0 && l->next >= l->n)
            note_ended(p);
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

uint64_t pool_start(struct pool *p, size_t n, size_t grain, void (*run)(int, size_t, void *), void *arg)
{
    pthread_mutex_lock(&p->lock);
    while (p->given - p->ended == POOL_LOOPS_MAX)
        pthread_cond_wait(&p->done, &p->lock);
    p->loops[p->given % POOL_LOOPS_MAX] = (struct loop){.n = n, .grain = grain ? grain : 1, .run = run, .arg = arg};
    uint64_t number = p->given++;
    note_ended(p); /* of a loop without items */
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    return number;
}

void pool_wait_for(struct pool *p, uint64_t loop)
{
    pthread_mutex_lock(&p->lock);
    while (p->ended <= loop)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void pool_wait(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->ended < p->given)
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
