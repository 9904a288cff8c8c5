/* One GEOS handle per thread, with its errors kept out of stderr. */
#include "geo/overlay/context.h"

#include <stdlib.h>

struct geo_context *geo_context_new(void)
{
    struct geo_context *g = calloc(1, sizeof *g);
    if (g && !(g->geos = GEOS_init_r())) {
        free(g);
        return NULL;
    }
    return g;
}

void geo_context_free(struct geo_context *g)
{
    if (!g)
        return;
    GEOS_finish_r(g->geos);
    free(g);
}
