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
/* Loads the current layers and makes one worker per core. On failure nothing is left to dismiss but calling it is allowed. */
enum status staff_hire(struct staff *staff, struct store *s, struct error *e) MUST_USE;
void staff_dismiss(struct staff *staff);

#endif
