/* A ring that the quick test calls certainly simple is valid for GEOS; and plain plots are not sent
 * to GEOS. */
#include "importers/ring_simple.h"

#include <math.h>
#include <stdlib.h>

#include "geo/overlay/overlay.h"
#include "tests/check.h"

enum { ROUNDS = 20000, CORNERS_MAX = 40 };

static uint64_t seed = 42;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Round rings with noise, random tangles, and rings on a coarse grid (which touch themselves
 * often). */
static uint32_t make_ring(int kind, struct lonlat *p)
{
    uint32_t n = 3 + (uint32_t)(uniform() * (CORNERS_MAX - 3));
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * i / n, radius = 0.001 * (kind == 0 ? 1 : 0.3 + 0.7 * uniform());
        p[i] = (struct lonlat){-92.7 + radius * cos(angle), 15.9 + radius * sin(angle)};
        if (kind == 2)
            p[i] = (struct lonlat){-92.7 + 0.001 * uniform(), 15.9 + 0.001 * uniform()};
        if (kind == 3)
            p[i] = (struct lonlat){-93 + floor(uniform() * 5) / 8, 16 + floor(uniform() * 5) / 8};
    }
    p[n] = p[0];
    return n + 1;
}

static void agrees_with_geos(void **state)
{
    (void)state;
    struct geo_context *g = geo_context_new();
    struct error e = {0};
    int certain[4] = {0}, valid[4] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct lonlat points[CORNERS_MAX + 1];
        int kind = i % 4;
        uint32_t n = make_ring(kind, points), ring_end = n, part_end = 1;
        struct boundary b = {points, &ring_end, &part_end, n, 1, 1};
        struct validity v;
        CHECK_OK(validity_test(g, &b, &v, &e), e);
        bool simple = ring_certainly_simple(&b);
        if (simple && !v.valid)
            print_error("round %d: called simple, GEOS says %s\n", i, v.reason);
        assert_false(simple && !v.valid);
        certain[kind] += simple;
        valid[kind] += v.valid;
        if (v.valid)
            assert_false(ring_crossings_over(&b, 0));
    }
    assert_int_equal(certain[0], valid[0]); /* plain ones are all recognised */
    assert_int_equal(certain[1], valid[1]);
    assert_true(valid[2] < ROUNDS / 4); /* and there were bad ones to tell apart */
    geo_context_free(g);
}

static void counts_crossings(void **state)
{
    (void)state;
    struct lonlat bow_tie[] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 0}};
    uint32_t ring_end = 5, part_end = 1;
    struct boundary b = {bow_tie, &ring_end, &part_end, 5, 1, 1};
    assert_true(ring_crossings_over(&b, 0));
    assert_false(ring_crossings_over(&b, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_geos),
                                       cmocka_unit_test(counts_crossings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
