/* Boundaries for tests from short text: "0 0, 10 0, 10 10, 0 10; 2 2, 2 4, 4 4 | 20 0, 30 0, 30 10"
 * is a square with a hole and a second part. Rings are closed by themselves. And whether two are the
 * same to the last bit. */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include <stdlib.h>
#include <string.h>

#include "geo/boundary.h"
#include "tests/check.h"

struct shape_frame {
    struct lonlat origin;
    double unit; /* degrees */
};

static inline struct boundary shape_in(struct arena *a, struct shape_frame frame, const char *text)
{
    struct boundary b;
    uint32_t most = (uint32_t)strlen(text) + 2;
    if (!boundary_alloc(&b, a, most, most, most))
        abort();
    b.points_n = b.rings_n = b.parts_n = 0;
    for (const char *at = text;;) {
        char *after;
        double x = strtod(at, &after), y = strtod(after, &after);
        b.points[b.points_n++] =
            (struct lonlat){frame.origin.lon + x * frame.unit, frame.origin.lat + y * frame.unit};
        at = after + strspn(after, " ");
        char mark = *at;
        if (mark != ',') {
            b.points[b.points_n] = b.points[boundary_ring_start(&b, b.rings_n)];
            b.ring_end[b.rings_n++] = ++b.points_n;
        }
        if (mark == '|' || mark == 0)
            b.part_end[b.parts_n++] = b.rings_n;
        if (mark == 0)
            return b;
        at++;
    }
}

/* A small deterministic random number generator (xorshift64*), uniform in [0,1). */
struct shape_random {
    uint64_t state;
};

static inline double random_unit(struct shape_random *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (double)((r->state * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

static inline void assert_same_arrays(const struct boundary *a, const struct boundary *b)
{
    assert_int_equal(a->points_n, b->points_n);
    assert_int_equal(a->rings_n, b->rings_n);
    assert_int_equal(a->parts_n, b->parts_n);
    assert_memory_equal(a->points, b->points, a->points_n * sizeof *a->points);
    assert_memory_equal(a->ring_end, b->ring_end, a->rings_n * sizeof *a->ring_end);
    assert_memory_equal(a->part_end, b->part_end, a->parts_n * sizeof *a->part_end);
}

#endif
