/* A fixed set of worker threads that run loops over the items of batches, one loop after the other.
 *
 * pool_start hands out items 0..n-1 and returns at once; pool_wait blocks until all are done. One owner thread calls both.
 * A loop that is started while another runs is taken up as soon as workers have no more items of that, so that none is idle.
 * Which worker runs which item is not fixed, so an item's result must depend on the item alone (promise 9). */
#ifndef SERVICE_REGISTRY_POOL_H
#define SERVICE_REGISTRY_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "geo/base/error.h"

struct pool;
/* `workers` threads, at least 1. */
enum status pool_new(int workers, struct pool **out, struct error *e) MUST_USE;
void pool_free(struct pool *p); /* waits first; NULL allowed */
int pool_workers(const struct pool *p);
/* Calls run(worker, item, arg) for every item, worker in 0..pool_workers-1; items are taken in order, `grain` at a time. Returns
 * the number of the loop. */
enum { POOL_LOOPS_MAX = 4 }; /* under way; one more waits for the first of them to end */
uint64_t pool_start(struct pool *p, size_t n, size_t grain, void (*run)(int worker, size_t item, void *arg), void *arg);
void pool_wait_for(struct pool *p, uint64_t loop); /* what pool_start returned, and all that were started before it */
void pool_wait(struct pool *p);                    /* all */
/* Workers that suit this machine: its cores, at least 1, at most 16; PARCELA_WORKERS in the environment overrides. */
int pool_default_workers(void);

#endif
