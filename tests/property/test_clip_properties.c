/* The overlay of plots without GEOS (geo/overlay/clip_pair.h) and the normal form of a boundary
 * against GEOS, with holes and parts. */
#include "tests/check.h"

#include "geo/overlay/canonical.h"
#include "geo/overlay/clip_pair.h"
#include "geo/overlay/convert.h"
#include "tests/geo_fixture.h"
#include "tests/shapes.h"

enum { PAIRS = 3000 };

/* A star-shaped ring round c with radii of least..most, in either direction. */
static void put_star(struct boundary *b, struct lonlat c, double least, double most,
                     struct shape_random *random)
{
    uint32_t n = 8 + (uint32_t)(20 * random_unit(random)), from = b->points_n;
    bool back = random_unit(random) < 0.5;
    for (uint32_t i = 0; i < n; i++) {
        double t = 2 * M_PI * (back ? n - i : i) / n,
               r = least + (most - least) * random_unit(random);
        b->points[b->points_n++] = (struct lonlat){c.lon + r * cos(t), c.lat + r * sin(t)};
    }
    b->points[b->points_n++] = b->points[from];
    b->ring_end[b->rings_n++] = b->points_n;
}

/* One or two parts side by side, each with no hole, a hole, or two. */
static void make_shape(struct fixture *f, struct lonlat c, struct shape_random *random,
                       struct boundary *b)
{
    uint32_t parts = random_unit(random) < 0.3 ? 2 : 1;
    assert_true(boundary_alloc(b, &f->a, 6 * 29, 6, 2));
    b->points_n = b->rings_n = b->parts_n = 0;
    for (uint32_t part = 0; part < parts; part++, c.lon += 2.1) {
        double holes = random_unit(random);
        put_star(b, c, 0.4, 1, random);
        if (holes > 0.4)
            put_star(b, (struct lonlat){c.lon - 0.17, c.lat}, 0.05, 0.15, random);
        if (holes > 0.8)
            put_star(b, (struct lonlat){c.lon + 0.17, c.lat}, 0.05, 0.15, random);
        b->part_end[b->parts_n++] = b->rings_n;
    }
}

struct counts {
    int unsure, apart, inside, shared, holes, parts;
};

/* `ours` is valid and the same ground as `theirs`, which is destroyed. */
static void assert_same_ground(struct fixture *f, const struct boundary *ours, GEOSGeometry *theirs,
                               double whole_deg2)
{
    struct error e;
    struct validity validity;
    assert_non_null(theirs);
    CHECK_OK(validity_test(f->g, ours, &validity, &e), e);
    assert_true(validity.valid);
    assert_true(fabs(boundary_deg2(ours) - geos_area_deg2(f->g, theirs)) < 1e-12 * whole_deg2);
    /* vertex for vertex, in normal form */
    struct boundary own, other;
    assert_true(boundary_canonical(ours, &f->a, &own));
    CHECK_OK(geos_to_boundary(f->g, theirs, &f->a, &other, &e), e);
    assert_true(boundary_canonical(&other, &f->a, &other));
    assert_int_equal(own.points_n, other.points_n);
    assert_int_equal(own.rings_n, other.rings_n);
    assert_int_equal(own.parts_n, other.parts_n);
    for (uint32_t i = 0; i < own.points_n; i++)
        assert_true(fabs(own.points[i].lon - other.points[i].lon) < 1e-12 &&
                    fabs(own.points[i].lat - other.points[i].lat) < 1e-12);
    GEOSGeom_destroy_r(f->g->geos, theirs);
}

static void check_pair(struct fixture *f, const struct boundary *a, const struct boundary *b,
                       struct counts *n)
{
    struct boundary both, in, out;
    GEOSGeometry *x = geos_from_boundary(f->g, a), *y = geos_from_boundary(f->g, b);
    enum clip_answer answer = clip_pair(a, b, &f->a, &both),
                     split = clip_split(a, b, &f->a, &in, &out);
    assert_true(split == answer ||
                (split == CLIP_UNSURE && answer == CLIP_SHARED)); /* the rest may touch itself */
    double shared_deg2 = 0, whole_deg2 = boundary_deg2(a);
    GEOSGeometry *shared = geos_polygonal(f->g, GEOSIntersection_r(f->g->geos, x, y));
    if (shared)
        shared_deg2 = geos_area_deg2(f->g, shared);
    n->unsure += answer == CLIP_UNSURE;
    n->apart += answer == CLIP_APART;
    n->inside += answer == CLIP_FIRST_INSIDE;
    n->shared += answer == CLIP_SHARED;
    if (answer == CLIP_APART)
        assert_true(shared_deg2 == 0);
    if (answer == CLIP_FIRST_INSIDE)
        assert_true(fabs(shared_deg2 - whole_deg2) < 1e-12 * whole_deg2);
    if (answer == CLIP_SHARED) {
        assert_same_ground(f, &both, shared, whole_deg2);
        shared = NULL;
        n->parts += both.parts_n > 1;
    }
    if (split == CLIP_SHARED) {
        assert_int_equal(both.points_n, in.points_n);
        assert_memory_equal(both.points, in.points, in.points_n * sizeof *in.points);
        n->holes += in.rings_n > in.parts_n || out.rings_n > out.parts_n;
        assert_same_ground(f, &out, geos_polygonal(f->g, GEOSDifference_r(f->g->geos, x, y)),
                           whole_deg2);
    }
    GEOSGeom_destroy_r(f->g->geos, shared);
    GEOSGeom_destroy_r(f->g->geos, x);
    GEOSGeom_destroy_r(f->g->geos, y);
}

static void clip_equals_geos(void **state)
{
    struct fixture *f = *state;
    struct shape_random random = {77};
    struct counts n = {0};
    for (int i = 0; i < PAIRS; i++) {
        struct boundary a, b;
        arena_reset(&f->a);
        make_shape(f, (struct lonlat){0, 0}, &random, &a);
        make_shape(f,
                   (struct lonlat){4 * random_unit(&random) - 2, 2.4 * random_unit(&random) - 1.2},
                   &random, &b);
        if (i % 4 == 0) /* a small one, to lie inside or in a hole */
            for (uint32_t k = 0; k < b.points_n; k++)
                b.points[k] = (struct lonlat){b.points[k].lon / 20, b.points[k].lat / 20};
        check_pair(f, i % 8 ? &a : &b, i % 8 ? &b : &a, &n);
    }
    printf("  %d pairs: %d not sure, %d apart, %d inside, %d share ground; %d holes, %d of several "
           "parts\n",
           PAIRS, n.unsure, n.apart, n.inside, n.shared, n.holes, n.parts);
    assert_true(n.unsure < PAIRS / 4);
    assert_true(n.apart > 100 && n.inside > 50 && n.shared > PAIRS / 3 && n.holes > PAIRS / 8 &&
                n.parts > 100);
}

/* What touches is left to GEOS: a shared edge, a shared vertex, a vertex on an edge, the same ring.
 */
static void touching_is_not_sure(void **state)
{
    struct fixture *f = *state;
    struct lonlat points[][5] = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}},
                                 {{1, 0}, {2, 0}, {2, 1}, {1, 1}, {1, 0}},
                                 {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {1, 1}},
                                 {{1, 0.5}, {2, 0}, {2, 1}, {1.5, 1}, {1, 0.5}},
                                 {{0.5, 0.5}, {1, 0.5}, {0.7, 0.8}, {0.6, 0.8}, {0.5, 0.5}}};
    uint32_t ring_end = 5, part_end = 1;
    const struct boundary square = {points[0], &ring_end, &part_end, 5, 1, 1};
    struct boundary in, out;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const struct boundary other = {points[i], &ring_end, &part_end, 5, 1, 1};
        assert_int_equal(clip_pair(&square, &other, &f->a, &in), CLIP_UNSURE);
        assert_int_equal(clip_split(&other, &square, &f->a, &in, &out), CLIP_UNSURE);
    }
}

/* Ring k begun elsewhere and turned round. */
static void turn_rings(struct boundary *b, struct arena *a, struct shape_random *random)
{
    for (uint32_t k = 0; k < b->rings_n; k++) {
        struct lonlat *p = b->points + boundary_ring_start(b, k);
        uint32_t n = b->ring_end[k] - boundary_ring_start(b, k) - 1,
                 by = (uint32_t)((n - 1) * random_unit(random));
        bool back = random_unit(random) < 0.5;
        struct lonlat *copy = arena_memdup(a, p, n * sizeof *p);
        assert_non_null(copy);
        for (uint32_t i = 0; i < n; i++)
            p[i] = copy[(back ? n - i + by : i + by) % n];
        p[n] = p[0];
    }
}

/* To the last bit, so that areas of registries from before are found again. */
static void normal_form_is_that_of_geos(void **state)
{
    struct fixture *f = *state;
    struct shape_random random = {5};
    struct error e;
    for (int i = 0; i < 500; i++) {
        struct boundary b, ours, turned, theirs;
        arena_reset(&f->a);
        make_shape(f, (struct lonlat){random_unit(&random), 0}, &random, &b);
        assert_true(boundary_canonical(&b, &f->a, &ours));
        GEOSGeometry *x = geos_from_boundary(f->g, &b);
        assert_int_equal(GEOSNormalize_r(f->g->geos, x), 0);
        CHECK_OK(geos_to_boundary(f->g, x, &f->a, &theirs, &e), e);
        GEOSGeom_destroy_r(f->g->geos, x);
        assert_same_arrays(&ours, &theirs);
        turn_rings(&b, &f->a, &random);
        assert_true(boundary_canonical(&b, &f->a, &turned));
        assert_same_arrays(&ours, &turned);
    }
}

/* A ring that comes about from the shell and a hole is sure where these lie apart, and not where
 * they touch. */
static void shell_and_hole(void **state)
{
    struct fixture *f = *state;
    struct shape_frame frame = {{-92.5, 16.5}, 1e-4};
    struct boundary by = shape_in(&f->a, frame, "-8 18, 7 18, 7 22, -8 22"), in, out,
                    apart = shape_in(&f->a, frame, "0 0, 40 0, 40 40, 0 40; 4 16, 4 24, 12 20"),
                    touching = shape_in(&f->a, frame, "0 0, 40 0, 40 40, 0 40; 4 16, 0 32, 12 20");
    struct counts n = {0};
    check_pair(f, &apart, &by, &n);
    check_pair(f, &by, &apart, &n);
    assert_int_equal(n.shared, 2);
    assert_int_equal(clip_split(&apart, &by, &f->a, &in, &out), CLIP_SHARED);
    assert_int_equal(in.rings_n, 1);
    assert_int_equal(out.rings_n, 1);
    assert_int_equal(clip_pair(&touching, &by, &f->a, &in), CLIP_UNSURE);
    assert_int_equal(clip_pair(&by, &touching, &f->a, &in), CLIP_UNSURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shell_and_hole),
        cmocka_unit_test(clip_equals_geos),
        cmocka_unit_test(touching_is_not_sure),
        cmocka_unit_test(normal_form_is_that_of_geos),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
