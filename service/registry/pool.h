/* A fixed set of worker threads that run loops over the items of batches, one loop after the other.
 *
 * pool_start hands out items 0..n-1 and returns at once; pool_wait blocks until all are done. Who would rather not wait between two
 * loops adds each as a job and waits for the one that is needed next. One owner thread calls all of these.
 * Which worker runs which item is not fixed, so an item's result must depend on the item alone (promise 9). */
#ifndef SERVICE_REGISTRY_POOL_H
#define SERVICE_REGISTRY_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/error.h"

struct pool;
/* `workers` threads, at least 1. */
enum status pool_new(int workers, struct pool **out, struct error *e) MUST_USE;
void pool_free(struct pool *p); /* waits first; NULL allowed */
int pool_workers(const struct pool *p);
/* Calls run(worker, item, arg) for every item, worker in 0..pool_workers-1; items are taken in order, `grain` at a time.
 * One at a time: the loop before must have ended. */
void pool_start(struct pool *p, size_t n, size_t grain, void (*run)(int worker, size_t item, void *arg), void *arg);
void pool_wait(struct pool *p); /* also for all jobs */
/* A loop of its own. The first four are the owner's to fill; it stays where it is until it is done. */
struct pool_job {
    void (*run)(int worker, size_t item, void *arg);
    void *arg;
    size_t n, grain;
    size_t next, done; /* items handed out, items finished */
    struct pool_job *after;
};
/* Puts the job behind those that wait, or with `first` before them. */
void pool_add(struct pool *p, struct pool_job *job, bool first);
void pool_wait_for(struct pool *p, const struct pool_job *job);
/* Workers that suit this machine: its cores, at least 1, at most 16; PARCELA_WORKERS in the environment overrides. */
int pool_default_workers(void);

#endif
