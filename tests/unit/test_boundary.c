/* Boundaries: checking, orienting, containing, anchors and the Hilbert index. */
#include "tests/check.h"

#include <string.h>

#include "geo/boundary.h"

/* A square with a hole, and a smaller second part. */
static struct lonlat points[] = {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {1, 1}, {2, 1}, {2, 2},
                                 {1, 2}, {1, 1}, {6, 0}, {7, 0}, {7, 1}, {6, 1}, {6, 0}};
static uint32_t ring_end[] = {5, 10, 15}, part_end[] = {2, 3};
static const struct boundary sample = {points, ring_end, part_end, 15, 3, 2};

static void box_and_copy(void **state)
{
    (void)state;
    struct box box = boundary_box(&sample);
    assert_true(box.west == 0 && box.south == 0 && box.east == 7 && box.north == 4);
    assert_true(box_overlaps(&box, &(struct box){7, 4, 8, 5}));
    assert_false(box_overlaps(&box, &(struct box){7.1, 4, 8, 5}));
    struct box none = boundary_box(&(struct boundary){0});
    assert_true(none.west > none.east);
    assert_false(box_overlaps(&box, &none));
    struct arena a;
    arena_init(&a, 0);
    struct boundary copy;
    assert_true(boundary_copy(&copy, &sample, &a));
    assert_memory_equal(copy.points, points, sizeof points);
    assert_ptr_not_equal(copy.points, points);
    assert_int_equal(boundary_ring_start(&copy, 2), 10);
    assert_int_equal(boundary_part_start(&copy, 1), 2);
    arena_clear(&a);
    arena_init(&a, 16);
    assert_false(boundary_copy(&copy, &sample, &a));
    arena_clear(&a);
}

static void orientation(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    struct boundary b;
    assert_true(boundary_copy(&b, &sample, &a));
    assert_true(ring_signed_deg2(b.points + 5, 5) == 1);
    boundary_orient(&b);
    assert_true(ring_signed_deg2(b.points, 5) == 16);
    assert_true(ring_signed_deg2(b.points + 5, 5) == -1);
    assert_true(ring_signed_deg2(b.points + 10, 5) == 1);
    struct error e;
    assert_true(boundary_well_formed(&b, &e));
    assert_true(b.points[5].lon == 1 && b.points[5].lat == 1 && b.points[6].lon == 1 &&
                b.points[6].lat == 2);
    arena_clear(&a);
}

static void faults_are_named(void **state)
{
    (void)state;
    struct error e;
    assert_true(boundary_well_formed(&sample, &e));
    struct lonlat bad[15];
    struct boundary b = sample;
    b.points = bad;
    memcpy(bad, points, sizeof points);
    bad[3].lat = NAN;
    assert_false(boundary_well_formed(&b, &e));
    assert_string_equal(e.code, "coordinate_out_of_range");
    bad[3] = (struct lonlat){16.7, -92.6};
    assert_false(boundary_well_formed(&b, &e));
    memcpy(bad, points, sizeof points);
    bad[9].lon = 1.5;
    assert_false(boundary_well_formed(&b, &e));
    assert_string_equal(e.code, "ring_open");
    memcpy(bad, points, sizeof points);
    b.ring_end = (uint32_t[]){5, 5, 15};
    assert_false(boundary_well_formed(&b, &e));
    assert_string_equal(e.code, "boundary_counts");
    b.ring_end = (uint32_t[]){5, 10, 16};
    assert_false(boundary_well_formed(&b, &e));
    b.ring_end = (uint32_t[]){5, 8, 15};
    b.points[7] = b.points[5];
    assert_false(boundary_well_formed(&b, &e));
    assert_string_equal(e.code, "ring_too_short");
    assert_false(boundary_well_formed(&(struct boundary){0}, &e));
    assert_string_equal(e.code, "boundary_empty");
}

static void containing(void **state)
{
    (void)state;
    assert_true(boundary_contains(&sample, (struct lonlat){0.5, 0.5}));
    assert_false(boundary_contains(&sample, (struct lonlat){1.5, 1.5}));
    assert_true(boundary_contains(&sample, (struct lonlat){6.5, 0.5}));
    assert_false(boundary_contains(&sample, (struct lonlat){5, 0.5}));
    assert_false(boundary_contains(&sample, (struct lonlat){0.5, 9}));
}

static void anchor_is_inside_and_steady(void **state)
{
    (void)state;
    struct lonlat anchor = boundary_anchor(&sample);
    assert_true(boundary_contains(&sample, anchor));
    assert_true(anchor.lon < 4);
    /* A U whose middle is outside: the arms and the base are candidates. */
    struct lonlat u[] = {{0, 0}, {3, 0}, {3, 3}, {2, 3}, {2, 1}, {1, 1}, {1, 3}, {0, 3}, {0, 0}};
    struct boundary b = {u, (uint32_t[]){9}, (uint32_t[]){1}, 9, 1, 1};
    anchor = boundary_anchor(&b);
    assert_true(boundary_contains(&b, anchor));
    for (int rotation = 0; rotation < 8; rotation++) {
        struct lonlat turned[9];
        for (int i = 0; i < 9; i++)
            turned[i] = u[(rotation + 8 - i) % 8];
        struct boundary t = b;
        t.points = turned;
        struct lonlat same = boundary_anchor(&t);
        assert_true(same.lon == anchor.lon && same.lat == anchor.lat);
    }
    assert_true(isnan(boundary_anchor(&(struct boundary){0}).lon));
}

/* Every cell once, and each a neighbour of the one before: that is what makes it a Hilbert curve.
 */
static void hilbert_is_a_walk(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static int place[SIDE * SIDE];
    memset(place, -1, sizeof place);
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            struct lonlat p = {(x + 0.5) * 360 / 65536 - 180, (y + 0.5) * 180 / 65536 - 90};
            uint32_t index = hilbert_index(p);
            assert_true(index < SIDE * SIDE);
            assert_int_equal(place[index], -1);
            place[index] = y * SIDE + x;
        }
    }
    for (int i = 1; i < SIDE * SIDE; i++) {
        int dx = place[i] % SIDE - place[i - 1] % SIDE, dy = place[i] / SIDE - place[i - 1] / SIDE;
        assert_int_equal(dx * dx + dy * dy, 1);
    }
    assert_int_equal(hilbert_index((struct lonlat){NAN, NAN}),
                     hilbert_index((struct lonlat){-180, -90}));
    (void)hilbert_index((struct lonlat){1e300, -1e300});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(box_and_copy),
        cmocka_unit_test(orientation),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(containing),
        cmocka_unit_test(anchor_is_inside_and_steady),
        cmocka_unit_test(hilbert_is_a_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
