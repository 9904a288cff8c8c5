/* Shared ground of hand-made plots: who reports which face, and what is no face. */
#include "tests/check.h"

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "tests/shapes.h"

static const struct shape_frame FRAME = {{-92.5, 16.5}, 1e-4};

struct fixture {
    struct geo_context *g;
    struct arena a;
    double unit_m2;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    area_init();
    f->g = geo_context_new();
    arena_init(&f->a, 0);
    struct boundary square = shape_in(&f->a, FRAME, "0 0, 10 0, 10 10, 0 10");
    f->unit_m2 = area_boundary_m2(&square) / 100;
    *state = f;
    return f->g ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    geo_context_free(f->g);
    arena_clear(&f->a);
    free(f);
    return 0;
}

struct expected_face {
    size_t members_n;
    int64_t members[4];
    double units;
};

/* The faces of shapes[of], ids 1, 2, ...; the neighbours come in falling order, to be sorted. */
static void check_faces(struct fixture *f, const char *const *shapes, size_t shapes_n, size_t of,
                        const struct expected_face *expected, size_t n)
{
    struct boundary b[8];
    struct overlap_plot neighbours[8];
    struct overlap_faces faces;
    struct error e;
    size_t neighbours_n = 0;
    for (size_t i = shapes_n; i-- > 0;) {
        b[i] = shape_in(&f->a, FRAME, shapes[i]);
        if (i != of)
            neighbours[neighbours_n++] = (struct overlap_plot){(int64_t)i + 1, &b[i]};
    }
    CHECK_OK(overlap_faces_of(f->g, (struct overlap_plot){(int64_t)of + 1, &b[of]}, neighbours,
                              neighbours_n, &f->a, &faces, &e),
             e);
    assert_int_equal(faces.faces_n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(faces.faces[i].members_n, expected[i].members_n);
        for (size_t k = 0; k < expected[i].members_n; k++)
            assert_int_equal(faces.faces[i].members[k], expected[i].members[k]);
        CHECK_RELATIVE(faces.faces[i].area_m2, expected[i].units * f->unit_m2, 1e-4);
        CHECK_RELATIVE(area_boundary_m2(&faces.faces[i].geometry), faces.faces[i].area_m2, 1e-12);
    }
}

static void chain_of_three(void **state)
{
    static const char *const shapes[] = {"0 0, 10 0, 10 10, 0 10", "5 0, 15 0, 15 10, 5 10",
                                         "8 5, 18 5, 18 15, 8 15"};
    const struct expected_face first[] = {{2, {1, 2}, 40}, {3, {1, 2, 3}, 10}};
    const struct expected_face second[] = {{2, {2, 3}, 25}};
    check_faces(*state, shapes, 3, 0, first, 2);
    check_faces(*state, shapes, 3, 1, second, 1);
    check_faces(*state, shapes, 3, 2, NULL, 0);
}

static void same_and_inside(void **state)
{
    static const char *const shapes[] = {"0 0, 10 0, 10 10, 0 10", "10 10, 0 10, 0 0, 10 0",
                                         "2 2, 4 2, 4 4, 2 4"};
    const struct expected_face first[] = {{2, {1, 2}, 96}, {3, {1, 2, 3}, 4}};
    check_faces(*state, shapes, 3, 0, first, 2);
    check_faces(*state, shapes, 3, 1, NULL, 0); /* all of 2 lies in 1 */
}

static void touching_is_no_face(void **state)
{
    static const char *const shapes[] = {
        "0 0, 10 0, 10 10, 0 10",
        "10 0, 20 0, 20 10, 10 10",                           /* a side */
        "10 10, 20 10, 20 20, 10 20",                         /* a corner */
        "-5 -5, 15 -5, 15 15, -5 15; 0 0, 0 10, 10 10, 10 0", /* the rim of a hole (but overlaps 2
                                                                 and 3) */
        "-0.0000001 0, -5 0, -5 10, -0.0000001 10",           /* a micrometre apart */
        "9.999999999 3, 12 3, 12 5, 9.999999999 5",           /* a hundredth of one inside: 2e-7 m2 */
    };
    check_faces(*state, shapes, 6, 0, NULL, 0);
}

static void lower_ground_is_left_out(void **state)
{
    static const char *const shapes[] = {"0 0, 6 0, 6 10, 0 10", "0 0, 10 0, 10 10, 0 10",
                                         "0 0, 10 0, 10 5, 0 5"};
    const struct expected_face second[] = {{2, {2, 3}, 20}}; /* 50 less the 30 that lie in 1 */
    check_faces(*state, shapes, 3, 1, second, 1);
}

static void pair_area(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct boundary square = shape_in(&f->a, FRAME, "0 0, 10 0, 10 10, 0 10");
    static const struct {
        const char *shape;
        double units;
    } cases[] = {{"5 5, 15 5, 15 15, 5 15", 25},  {"0 0, 10 0, 10 10, 0 10", 100},
                 {"10 0, 20 0, 20 10, 10 10", 0}, {"2 2, 4 2, 4 4, 2 4", 4},
                 {"30 0, 40 0, 40 10, 30 10", 0}, {"-5 -5, 25 -5, 25 25, -5 25", 100}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct boundary other = shape_in(&f->a, FRAME, cases[i].shape);
        double there = -1, back = -1;
        CHECK_OK(overlap_pair_m2(f->g, &square, &other, &there, &e), e);
        CHECK_OK(overlap_pair_m2(f->g, &other, &square, &back, &e), e);
        CHECK_NEAR(there, cases[i].units * f->unit_m2, 1e-3 * f->unit_m2);
        CHECK_NEAR(back, there, 1e-6);
    }
}

/* An invalid plot makes GEOS give up: an error, no crash and no wrong face. */
static void invalid_plot_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct error e = {0};
    struct overlap_faces faces;
    struct boundary bow_tie = shape_in(&f->a, FRAME, "0 0, 10 10, 10 0, 0 10");
    struct boundary other = shape_in(&f->a, FRAME, "2 2, 9 1, 9 9, 1 7");
    struct overlap_plot neighbour = {2, &other};
    enum status s = overlap_faces_of(f->g, (struct overlap_plot){1, &bow_tie}, &neighbour, 1, &f->a,
                                     &faces, &e);
    assert_int_equal(s, STATUS_INTERNAL);
    assert_string_equal(e.code, "overlay_failed");
}

/* Every allocation that can fail does so once: an error comes back, nothing leaks (LeakSanitizer
 * watches). */
static void out_of_memory(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct layer_feature regions[2] = {
        {1, shape_in(&f->a, FRAME, "0 0, 10 0, 10 10, 0 10")},
        {2, shape_in(&f->a, FRAME, "10 0, 20 0, 20 10, 10 10; 12 2, 12 4, 14 4, 14 2")}};
    struct layer_index *index;
    CHECK_OK(layer_index_build(f->g, regions, 2, &index, &e), e);
    struct partition_layers layers = {{index, index}, 2, index, 100};
    struct boundary plot = shape_in(&f->a, FRAME, "5 1, 15 1, 15 12, 5 12"),
                    bow_tie = shape_in(&f->a, FRAME, "0 0, 9 9, 9 0, 0 9");
    struct overlap_plot neighbours[] = {
        {2, &regions[0].boundary}, {9, &regions[1].boundary}, {7, &regions[0].boundary}};
    size_t failed[3] = {0}, fine[3] = {0};
    for (size_t left = 0; left <= 8192; left += 16) {
        for (int what = 0; what < 3; what++) {
            struct arena a;
            struct partition p;
            struct overlap_faces faces;
            struct repair r;
            arena_init(&a, 16 * 1024);
            assert_non_null(arena_alloc(&a, 16 * 1024 - left));
            enum status s = what == 0   ? partition_plot(f->g, &plot, &layers, &a, &p, &e)
                            : what == 1 ? overlap_faces_of(f->g, (struct overlap_plot){5, &plot},
                                                           neighbours, 3, &a, &faces, &e)
                                        : repair_boundary(f->g, &bow_tie, 0.001, &a, &r, &e);
            assert_true(s == STATUS_OK || s == STATUS_MEMORY);
            failed[what] += s != STATUS_OK;
            fine[what] += s == STATUS_OK;
            arena_clear(&a);
        }
    }
    for (int what = 0; what < 3; what++)
        assert_true(failed[what] > 4 && fine[what] > 4);
    layer_index_free(index);
}

static bool count_visit(uint32_t place, void *arg)
{
    *(int64_t *)arg += 1 << place;
    return true;
}

static bool stop_visit(uint32_t place, void *arg)
{
    (void)place;
    ++*(int64_t *)arg;
    return false;
}

static struct small_box small_box(double west, double south, double east, double north)
{
    return small_box_of(&(struct box){west, south, east, north});
}

static void small_box_indexes(void **state)
{
    (void)state;
    struct small_box boxes[17], all = small_box(-1, -1, 20, 20), spot = small_box(3.5, 3.5, 3.6, 3.6);
    int64_t sum = 0;
    for (int i = 0; i < 17; i++)
        boxes[i] = small_box(i, i, i + 1, i + 1);
    struct box_index *index = box_index_build(boxes, 0);
    box_index_query(index, &all, count_visit, &sum);
    assert_int_equal(sum, 0);
    box_index_free(index);
    for (size_t n = 1; n <= 17; n++) {
        index = box_index_build(boxes, n);
        sum = 0;
        box_index_query(index, &all, count_visit, &sum);
        assert_int_equal(sum, (1 << n) - 1);
        sum = 0;
        box_index_query(index, &spot, count_visit, &sum);
        assert_int_equal(sum, n > 3 ? 8 : 0);
        sum = 0;
        box_index_query(index, &all, stop_visit, &sum);
        assert_int_equal(sum, 1);
        box_index_free(index);
    }
    box_index_free(NULL);
}

/* Rounded outwards, whatever the number; the edge of the world stays in it. */
static void small_boxes_hold_theirs(void **state)
{
    (void)state;
    const struct box boxes[] = {{-180, -90, 180, 90}, {-92.1234567890123, 15.3, -92.1234567890122, 15.3}, {0, 0, 0, 0},
                                {179.99999999999, 89.9999999999, 180, 90}, {-1e-12, -1e-12, 1e-12, 1e-12}};
    const double step = 360 / 4294967296.0;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct small_box small = small_box_of(&boxes[i]);
        struct box back = small_box_degrees(&small);
        assert_true(back.west <= boxes[i].west && back.west > boxes[i].west - step);
        assert_true(back.south <= boxes[i].south && back.south > boxes[i].south - step);
        assert_true(back.east >= boxes[i].east - step && back.east < boxes[i].east + step);
        assert_true(back.north >= boxes[i].north && back.north < boxes[i].north + step);
        for (size_t k = 0; k < sizeof boxes / sizeof *boxes; k++) {
            struct small_box other = small_box_of(&boxes[k]);
            assert_true(!box_overlaps(&boxes[i], &boxes[k]) || small_boxes_meet(&small, &other));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_three),      cmocka_unit_test(same_and_inside),
        cmocka_unit_test(touching_is_no_face), cmocka_unit_test(lower_ground_is_left_out),
        cmocka_unit_test(pair_area),           cmocka_unit_test(invalid_plot_is_an_error),
        cmocka_unit_test(out_of_memory),       cmocka_unit_test(small_box_indexes),
        cmocka_unit_test(small_boxes_hold_theirs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
