/* Layers, threads and contexts for one use case; see staff.h. */
#include "service/registry/staff.h"

#include <stdlib.h>

enum status staff_hire(struct staff *staff, struct store *s, struct error *e)
{
    *staff = (struct staff){.n = pool_default_workers()};
    enum status status = figures_setup_load(s, &staff->setup, e);
    if (status == STATUS_OK && !(staff->workers = calloc((size_t)staff->n, sizeof(struct figures_worker *))))
        status = error_memory(e);
    /* serially: GEOS_init_r writes a global without a lock */
    for (int i = 0; status == STATUS_OK && i < staff->n; i++)
        status = figures_worker_new(staff->setup, &staff->workers[i], e);
    if (status == STATUS_OK)
        status = pool_new(staff->n, &staff->pool, e);
    if (status == STATUS_OK)
        figures_setup_build(staff->setup, staff->pool);
    else
        staff_dismiss(staff);
    return status;
}

enum status staff_ready(struct staff *staff, struct error *e)
{
    pool_wait(staff->pool);
    return figures_setup_finish(staff->setup, e);
}

void staff_dismiss(struct staff *staff)
{
    pool_free(staff->pool);
    for (int i = 0; staff->workers && i < staff->n; i++)
        figures_worker_free(staff->workers[i]);
    free(staff->workers);
    figures_setup_free(staff->setup);
    *staff = (struct staff){0};
}
