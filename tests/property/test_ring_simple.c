/* A boundary that the quick test calls certainly valid is valid for GEOS, and rings cut into loops
 * are what GEOS' repair makes of them, to the last bit; and plain ones are not sent to GEOS. */
#include "geo/overlay/ring_simple.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/overlay/overlay.h"
#include "tests/check.h"
#include "tests/shapes.h"

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
        bool simple = boundary_certainly_valid(&b);
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

/* A star-shaped ring round c. */
static void put_star(struct boundary *b, double lon, double lat, double least, double most)
{
    uint32_t n = 5 + (uint32_t)(20 * uniform()), from = b->points_n;
    bool back = uniform() < 0.5;
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (back ? n - i : i) / n,
               radius = least + (most - least) * uniform();
        b->points[b->points_n++] =
            (struct lonlat){-92.7 + lon + radius * cos(angle), 15.9 + lat + radius * sin(angle)};
    }
    b->points[b->points_n++] = b->points[from];
    b->ring_end[b->rings_n++] = b->points_n;
}

/* One to three parts with holes; with `bad`, anywhere. */
static void make_parts(struct boundary *b, bool bad)
{
    uint32_t parts = 1 + (uint32_t)(3 * uniform());
    b->points_n = b->rings_n = b->parts_n = 0;
    for (uint32_t part = 0; part < parts; part++) {
        double at = bad ? 0.0021 * uniform() : 0.0021 * part;
        put_star(b, at, 0, 0.0004, 0.001);
        for (int hole = 0; hole < 2; hole++)
            if (uniform() < 0.5)
                put_star(b, bad ? at + 0.001 * uniform() : at + (hole ? 0.00017 : -0.00017), 0,
                         0.00005, bad ? 0.0004 : 0.00015);
        b->part_end[b->parts_n++] = b->rings_n;
    }
}

static void parts_and_holes(void **state)
{
    (void)state;
    struct geo_context *g = geo_context_new();
    struct error e = {0};
    struct lonlat points[9 * 26];
    uint32_t ring_end[9], part_end[3];
    struct boundary b = {.points = points, .ring_end = ring_end, .part_end = part_end};
    int valid_n = 0, invalid_n = 0;
    for (int i = 0; i < ROUNDS; i++) {
        bool bad = i % 2;
        struct validity v;
        make_parts(&b, bad);
        CHECK_OK(validity_test(g, &b, &v, &e), e);
        bool certain = boundary_certainly_valid(&b);
        assert_false(certain && !v.valid);
        if (!bad)
            assert_true(certain);
        valid_n += bad && v.valid;
        invalid_n += bad && !v.valid;
    }
    assert_true(valid_n > 100 && invalid_n > 1000);
    geo_context_free(g);
}

/* A round ring with some corners in the wrong order; the seed decides how many. */
static uint32_t make_slip(struct lonlat *p)
{
    uint32_t n = 5 + (uint32_t)(uniform() * (CORNERS_MAX - 5)),
             slips = 1 + (uint32_t)(2 * uniform());
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * i / n, radius = 0.001 * (0.5 + 0.5 * uniform());
        p[i] = (struct lonlat){-92.7 + radius * cos(angle), 15.9 + radius * sin(angle)};
    }
    for (uint32_t k = 0; k < slips; k++) {
        uint32_t i = (uint32_t)(uniform() * n),
                 j = (i + 1 + (uint32_t)(uniform() * uniform() * 4)) % n;
        struct lonlat kept = p[i];
        p[i] = p[j];
        p[j] = kept;
    }
    p[n] = p[0];
    return n + 1;
}

static void loops_as_geos_has_them(void **state)
{
    (void)state;
    struct geo_context *g = geo_context_new();
    struct error e = {0};
    struct arena a;
    arena_init(&a, 0);
    int cut[6] = {0}, slips = 0;
    for (int i = 0; i < ROUNDS / 4; i++) {
        struct lonlat points[CORNERS_MAX + 1];
        uint32_t n = i % 8 ? make_slip(points) : make_ring(2, points), ring_end = n, part_end = 1;
        struct boundary b = {points, &ring_end, &part_end, n, 1, 1};
        struct repair ours, theirs;
        struct validity v;
        slips += !boundary_certainly_valid(&b) && i % 8;
        if (repair_loops(g, &b, &a, &ours)) {
            CHECK_OK(repair_boundary(g, &b, 0.001, &a, &theirs, &e), e);
            assert_int_equal(theirs.verdict, REPAIR_AGREED);
            assert_same_arrays(&ours.linework, &theirs.linework);
            assert_memory_equal(&ours.linework_m2, &theirs.linework_m2, sizeof ours.linework_m2);
            assert_memory_equal(&ours.drawn_m2, &theirs.drawn_m2, sizeof ours.drawn_m2);
            CHECK_NEAR(ours.structure_m2, theirs.structure_m2, 1e-6);
            CHECK_OK(validity_test(g, &b, &v, &e), e);
            assert_false(v.valid);
            cut[ours.linework.parts_n]++;
        }
        arena_reset(&a);
    }
    assert_true(cut[2] * 3 > slips && cut[3] > 100 && cut[4] > 0);
    arena_clear(&a);
    geo_context_free(g);
}

/* What would be wrong to cut: loops one inside the other, and a crossing in a corner. */
static void leaves_the_rest(void **state)
{
    (void)state;
    struct geo_context *g = geo_context_new();
    struct arena a;
    struct repair r;
    arena_init(&a, 0);
    struct lonlat inside[] = {{0, 0}, {4, 0}, {4, 4}, {1, 2}, {3, 1}, {3, 3}, {0, 4}, {0, 0}};
    struct lonlat in_corner[] = {{0, 0}, {2, 2}, {4, 0}, {4, 4}, {2, 2}, {0, 4}, {0, 0}};
    struct lonlat plain[] = {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}};
    struct lonlat eight[] = {{0, 0}, {4, 4}, {4, 0}, {0, 4}, {0, 0}};
    uint32_t part_end = 1, n = 8;
    assert_false(repair_loops(g, &(struct boundary){inside, &n, &part_end, n, 1, 1}, &a, &r));
    n = 7;
    assert_false(repair_loops(g, &(struct boundary){in_corner, &n, &part_end, n, 1, 1}, &a, &r));
    n = 5;
    assert_false(repair_loops(g, &(struct boundary){plain, &n, &part_end, n, 1, 1}, &a, &r));
    assert_true(repair_loops(g, &(struct boundary){eight, &n, &part_end, n, 1, 1}, &a, &r));
    assert_int_equal(r.linework.parts_n, 2);
    arena_clear(&a);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_geos), cmocka_unit_test(parts_and_holes),
        cmocka_unit_test(loops_as_geos_has_them), cmocka_unit_test(leaves_the_rest),
        cmocka_unit_test(counts_crossings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
