/* One GEOS handle per thread, with its errors kept out of stderr. */
#include "geo/overlay/context.h"

#include <stdio.h>
#include <stdlib.h>

static void keep_message(const char *message, void *arg)
{
    struct geo_context *g = arg;
    snprintf(g->message, sizeof g->message, "%s", message);
}

struct geo_context *geo_context_new(void)
{
    struct geo_context *g = calloc(1, sizeof *g);
    if (g && !(g->geos = GEOS_init_r())) {
        free(g);
        return NULL;
    }
    if (g)
        GEOSContext_setErrorMessageHandler_r(g->geos, keep_message, g);
    return g;
}

void geo_context_free(struct geo_context *g)
{
    if (!g)
        return;
    for (int i = 0; i < PIECE_CACHE_ENTRIES; i++)
        GEOSGeom_destroy_r(g->geos, g->pieces[i].geometry);
    arena_clear(&g->scratch);
    free(g->near);
    free(g->scaled);
    free(g->blocks);
    GEOS_finish_r(g->geos);
    free(g);
}

enum status geos_failed(struct geo_context *g, const char *code, const char *what, struct error *e)
{
    enum status s = error_set(
        e, STATUS_INTERNAL, code, "check that the boundary is valid and keep the file for a report",
        "%s failed: %s", what, g->message[0] ? g->message : "no reason given");
    g->message[0] = 0;
    return s;
}
