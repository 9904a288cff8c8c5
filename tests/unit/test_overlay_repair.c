/* Validity and repair on the cases of GEO.md 6.3: what GEOS' two methods make of each, and what
 * Parcela concludes. */
#include "tests/check.h"

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "tests/geo_fixture.h"
#include "tests/shapes.h"

static const struct shape_frame FRAME = {{-92.5, 16.5}, 1e-4};

static const struct repair_case {
    const char *name, *shape;
    double structure, linework; /* square units */
    enum repair_verdict verdict;
    double drawn;
} CASES[] = {
    {"bow-tie", "0 0, 10 10, 10 0, 0 10", 50, 50, REPAIR_AGREED, 0},
    {"hole outside shell", "0 0, 10 0, 10 10, 0 10; 20 0, 30 0, 30 10, 20 10", 200, 200,
     REPAIR_AGREED, 0},
    {"hole is shell", "0 0, 10 0, 10 10, 0 10; 0 0, 10 0, 10 10, 0 10", 0, 100, REPAIR_DISAGREED,
     0},
    {"spike", "0 0, 10 0, 10 10, 15 15, 10 10, 0 10", 100, 100, REPAIR_AGREED, 100},
    {"eight in one sense", "0 0, 4 0, 4 2, 6 2, 6 6, 2 6, 2 2, 4 2, 4 4, 0 4", 28, 24,
     REPAIR_DISAGREED, 32},
    {"hole crosses shell", "0 0, 10 0, 10 10, 0 10; 8 2, 12 2, 12 7, 8 7", 90, 100,
     REPAIR_DISAGREED, 80},
    {"parts overlap", "0 0, 10 0, 10 10, 0 10 | 5 0, 15 0, 15 10, 5 10", 150, 150, REPAIR_AGREED,
     200},
    {"walked twice", "0 0, 10 0, 10 10, 0 10, 0 0, 10 0, 10 10, 0 10", 100, 100, REPAIR_AGREED,
     200},
    {"collapsed line", "0 0, 10 0, 5 0", 0, 0, REPAIR_NOTHING, 0},
};

static void repair_table(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct boundary square = shape_in(&f->a, FRAME, "0 0, 10 0, 10 10, 0 10");
    double unit_m2 = area_boundary_m2(&square) / 100;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct repair_case *c = &CASES[i];
        struct boundary b = shape_in(&f->a, FRAME, c->shape);
        struct repair r;
        CHECK_OK(repair_boundary(f->g, &b, 0.001, &f->a, &r, &e), e);
        if (r.verdict != c->verdict)
            print_error("%s\n", c->name);
        assert_int_equal(r.verdict, c->verdict);
        /* 1e-4: a unit's area changes with latitude over the shapes. */
        CHECK_NEAR(r.structure_m2 / unit_m2, c->structure, 1e-4 * 100);
        CHECK_NEAR(r.linework_m2 / unit_m2, c->linework, 1e-4 * 100);
        CHECK_NEAR(r.drawn_m2 / unit_m2, c->drawn, 1e-4 * 100);
        assert_int_equal(r.structure.points_n == 0, c->structure == 0);
        assert_int_equal(r.linework.points_n == 0, c->linework == 0);
    }
}

static void repaired_is_valid(void **state)
{
    struct fixture *f = *state;
    struct error e;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct boundary b = shape_in(&f->a, FRAME, CASES[i].shape);
        struct validity v;
        struct repair r;
        CHECK_OK(validity_test(f->g, &b, &v, &e), e);
        assert_false(v.valid);
        CHECK_OK(repair_boundary(f->g, &b, 0.001, &f->a, &r, &e), e);
        const struct boundary *both[] = {&r.structure, &r.linework};
        for (int k = 0; k < 2; k++) {
            if (both[k]->points_n == 0)
                continue;
            assert_true(boundary_well_formed(both[k], &e));
            CHECK_OK(validity_test(f->g, both[k], &v, &e), e);
            assert_true(v.valid);
        }
    }
}

static void tolerance_decides(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct repair r;
    /* 28 against 24: they differ by a seventh of the larger. */
    struct boundary b = shape_in(&f->a, FRAME, CASES[4].shape);
    CHECK_OK(repair_boundary(f->g, &b, 0.142, &f->a, &r, &e), e);
    assert_int_equal(r.verdict, REPAIR_DISAGREED);
    CHECK_OK(repair_boundary(f->g, &b, 0.143, &f->a, &r, &e), e);
    assert_int_equal(r.verdict, REPAIR_AGREED);
}

static void reason_and_spot(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct validity v;
    static const struct {
        const char *shape, *reason;
        double x, y;
    } cases[] = {
        {"0 0, 10 10, 10 0, 0 10", "Self-intersection", 5, 5},
        {"0 0, 20 0, 20 20, 3 20, 3 -5, 0 -5", "Self-intersection", 3, 0},
        {"0 0, 4 0, 4 2, 6 2, 6 6, 2 6, 2 2, 4 2, 4 4, 0 4", "Ring Self-intersection", 4, 2},
        {"0 0, 10 0, 10 10, 0 10; 20 0, 30 0, 30 10, 20 10", "Hole lies outside shell", 20, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct boundary b = shape_in(&f->a, FRAME, cases[i].shape);
        CHECK_OK(validity_test(f->g, &b, &v, &e), e);
        assert_false(v.valid);
        assert_string_equal(v.reason, cases[i].reason);
        CHECK_NEAR(v.spot.lon, FRAME.origin.lon + cases[i].x * FRAME.unit, 1e-12);
        CHECK_NEAR(v.spot.lat, FRAME.origin.lat + cases[i].y * FRAME.unit, 1e-12);
    }
    struct boundary good =
        shape_in(&f->a, FRAME, "0 0, 10 0, 10 10, 0 10; 2 2, 2 4, 4 4 | 20 0, 30 0, 30 10");
    CHECK_OK(validity_test(f->g, &good, &v, &e), e);
    assert_true(v.valid);
    assert_string_equal(v.reason, "");
    assert_true(isnan(v.spot.lon) && isnan(v.spot.lat));
}

/* A ring that crosses itself many times ends in an answer, whichever. */
static void tangled_ring(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct shape_random random = {7};
    struct boundary b;
    assert_true(boundary_alloc(&b, &f->a, 61, 1, 1));
    for (int i = 0; i < 60; i++)
        b.points[i] = (struct lonlat){-92.5 + 0.01 * random_unit(&random),
                                      16.5 + 0.01 * random_unit(&random)};
    b.points[60] = b.points[0];
    b.ring_end[0] = 61;
    b.part_end[0] = 1;
    struct validity v;
    struct repair r;
    CHECK_OK(validity_test(f->g, &b, &v, &e), e);
    assert_false(v.valid);
    assert_true(v.spot.lon > -92.5 && v.spot.lon < -92.49 && v.spot.lat > 16.5 &&
                v.spot.lat < 16.51);
    CHECK_OK(repair_boundary(f->g, &b, 0.001, &f->a, &r, &e), e);
    assert_int_equal(r.verdict, REPAIR_DISAGREED);
    assert_true(r.structure_m2 > r.linework_m2 && r.linework_m2 > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repair_table),      cmocka_unit_test(repaired_is_valid),
        cmocka_unit_test(tolerance_decides), cmocka_unit_test(reason_and_spot),
        cmocka_unit_test(tangled_ring),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
