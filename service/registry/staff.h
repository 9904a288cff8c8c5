/* The workers of one use case: the layers they compute with, a thread pool, and one bundle of contexts per thread. */
#ifndef SERVICE_REGISTRY_STAFF_H
#define SERVICE_REGISTRY_STAFF_H

#include "service/registry/figures.h"
#include "service/registry/pool.h"

struct staff {
    struct figures_setup *setup;
    struct figures_worker **workers;
    struct pool *pool;
    int n;
};
/* Reads the current layers and makes one worker per core, which begin to build the layers' indexes. On failure nothing is left to
 * dismiss but calling it is allowed. */
enum status staff_hire(struct staff *staff, struct store *s, struct error *e) MUST_USE;
/* Waits until the indexes are built; once, before the pool and the workers are given anything to do. */
enum status staff_ready(struct staff *staff, struct error *e) MUST_USE;
void staff_dismiss(struct staff *staff);

#endif
