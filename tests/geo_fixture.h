/* A GEOS context and an arena for a group of tests: cmocka's group setup and teardown. */
#ifndef TESTS_GEO_FIXTURE_H
#define TESTS_GEO_FIXTURE_H

#include "geo/area.h"
#include "geo/overlay/overlay.h"

struct fixture {
    struct geo_context *g;
    struct arena a;
};

static inline int setup(void **state)
{
    static struct fixture f;
    area_init();
    f.g = geo_context_new();
    arena_init(&f.a, 0);
    *state = &f;
    return f.g ? 0 : -1;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    geo_context_free(f->g);
    arena_clear(&f->a);
    return 0;
}

#endif
