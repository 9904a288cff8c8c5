/* Partition of hand-made plots by hand-made layers: who gets which piece, when nothing is cut, and
 * the corridor verdicts. */
#include "tests/check.h"

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "tests/shapes.h"

/* About 10.7 m east and 11.1 m north. */
static const struct shape_frame FRAME = {{-92.5, 16.5}, 1e-4};
enum { NONE = LAYER_NONE };

struct fixture {
    struct geo_context *g;
    struct arena a;
    struct layer_index *indexes[8];
    int indexes_n;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    area_init();
    f->g = geo_context_new();
    arena_init(&f->a, 0);
    *state = f;
    return f->g ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < f->indexes_n; i++)
        layer_index_free(f->indexes[i]);
    geo_context_free(f->g);
    arena_clear(&f->a);
    free(f);
    return 0;
}

static struct boundary shape(struct fixture *f, const char *text)
{
    return shape_in(&f->a, FRAME, text);
}

/* A layer of the shapes up to NULL with ids 1, 2, ... */
static const struct layer_index *layer(struct fixture *f, const char *const *shapes)
{
    struct layer_feature features[16];
    struct error e;
    size_t n = 0;
    for (; shapes[n]; n++)
        features[n] = (struct layer_feature){(uint32_t)n + 1, shape(f, shapes[n])};
    CHECK_OK(layer_index_build(f->g, features, n, &f->indexes[f->indexes_n], &e), e);
    return f->indexes[f->indexes_n++];
}

static struct partition cut(struct fixture *f, const struct boundary *plot,
                            const struct layer_index *regions, const struct layer_index *corridors,
                            double accuracy_m)
{
    struct partition_layers layers = {{regions}, 1, corridors, accuracy_m};
    struct partition p;
    struct error e;
    CHECK_OK(partition_plot(f->g, plot, &layers, &f->a, &p, &e), e);
    assert_true(p.pieces_n >= 1);
    return p;
}

static void check_piece(const struct partition *p, size_t i, uint32_t region, double square_units)
{
    struct boundary unit = p->pieces[i].geometry;
    assert_true(i < p->pieces_n);
    assert_int_equal(p->pieces[i].region[0], region);
    /* Equal-area weight of a square unit at the frame's latitude; it changes by 1e-4 over a shape.
     */
    double unit_m2 = 118.149, m2 = area_equal_area_m2(&unit);
    CHECK_RELATIVE(m2, square_units * unit_m2, 1e-3);
    CHECK_RELATIVE(p->pieces[i].weight, p->pieces_n > 1 ? m2 : 1, 1e-12);
}

/* 1 | 2 side by side, 3 above both with a hole, nothing to the east of x = 20. */
static const char *const TILES[] = {"0 0, 10 0, 10 10, 0 10", "10 0, 20 0, 20 10, 10 10",
                                    "0 10, 10 10, 20 10, 20 30, 0 30; 14 14, 14 18, 18 18, 18 14",
                                    NULL};

static void whole_plot_is_not_copied(void **state)
{
    struct fixture *f = *state;
    const struct layer_index *tiles = layer(f, TILES);
    static const struct {
        const char *shape;
        uint32_t region;
    } cases[] = {
        {"2 2, 8 2, 8 8, 2 8", 1},
        {"0 0, 10 0, 10 10, 0 10", 1},        /* the region itself */
        {"10 2, 15 2, 15 8, 10 8", 2},        /* touches its border from the inside */
        {"20 2, 25 2, 25 8, 20 8", NONE},     /* from the outside */
        {"15 15, 17 15, 17 17, 15 17", NONE}, /* in the hole */
        {"14 14, 18 14, 18 18, 14 18", NONE}, /* the hole itself */
        {"40 40, 50 40, 50 50, 40 50", NONE}, /* far away */
        {"1 1, 3 1, 3 3, 1 3 | 5 5, 7 5, 7 7, 5 7", 1},
        {"12 12, 19.5 12, 19.5 19.5, 12 19.5; 13 13, 13 19, 19 19, 19 13", 3}, /* round the hole */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct boundary plot = shape(f, cases[i].shape);
        struct partition p = cut(f, &plot, tiles, NULL, 0);
        assert_int_equal(p.pieces_n, 1);
        assert_int_equal(p.pieces[0].region[0], cases[i].region);
        assert_ptr_equal(p.pieces[0].geometry.points, plot.points);
        CHECK_NEAR(p.pieces[0].weight, 1, 0);
    }
}

static void three_regions_and_none(void **state)
{
    struct fixture *f = *state;
    const struct layer_index *tiles = layer(f, TILES);
    struct boundary plot = shape(f, "5 5, 15 5, 15 15, 5 15");
    struct partition p = cut(f, &plot, tiles, NULL, 0);
    assert_int_equal(p.pieces_n, 4);
    check_piece(&p, 0, 1, 25);
    check_piece(&p, 1, 2, 25);
    check_piece(&p, 2, 3, 49);
    check_piece(&p, 3, NONE, 1); /* the corner of the hole */

    plot = shape(f, "15 2, 25 2, 25 6, 15 6");
    p = cut(f, &plot, tiles, NULL, 0);
    assert_int_equal(p.pieces_n, 2);
    check_piece(&p, 0, 2, 20);
    check_piece(&p, 1, NONE, 20);

    plot = shape(f, "12 12, 20 12, 20 20, 12 20"); /* the hole lies within the plot */
    p = cut(f, &plot, tiles, NULL, 0);
    assert_int_equal(p.pieces_n, 2);
    check_piece(&p, 0, 3, 48);
    check_piece(&p, 1, NONE, 16);
    assert_int_equal(p.pieces[0].geometry.rings_n, 2);

    plot = shape(f, "-10 -10, 40 -10, 40 40, -10 40"); /* all the layer lies within the plot */
    p = cut(f, &plot, tiles, NULL, 0);
    assert_int_equal(p.pieces_n, 4);
    check_piece(&p, 0, 1, 100);
    check_piece(&p, 1, 2, 100);
    check_piece(&p, 2, 3, 384);
    check_piece(&p, 3, NONE, 1916);
}

static void multipart_and_holes(void **state)
{
    struct fixture *f = *state;
    const struct layer_index *tiles = layer(f, TILES);
    struct boundary plot =
        shape(f, "1 1, 3 1, 3 3, 1 3 | 11 1, 14 1, 14 3, 11 3 | 21 1, 23 1, 23 3, 21 3");
    struct partition p =
        cut(f, &plot, tiles, NULL, 0); /* no border meets the plot, yet its parts differ */
    assert_int_equal(p.pieces_n, 3);
    check_piece(&p, 0, 1, 4);
    check_piece(&p, 1, 2, 6);
    check_piece(&p, 2, NONE, 4);

    plot = shape(f, "5 2, 15 2, 15 8, 5 8; 9 4, 9 6, 11 6, 11 4");
    p = cut(f, &plot, tiles, NULL, 0);
    assert_int_equal(p.pieces_n, 2);
    check_piece(&p, 0, 1, 28);
    check_piece(&p, 1, 2, 28);
}

static void lower_region_wins(void **state)
{
    struct fixture *f = *state;
    static const char *const overlapping[] = {"0 0, 10 0, 10 10, 0 10", "5 0, 15 0, 15 10, 5 10",
                                              NULL};
    const struct layer_index *regions = layer(f, overlapping);
    struct boundary plot = shape(f, "4 2, 12 2, 12 4, 4 4");
    struct partition p = cut(f, &plot, regions, NULL, 0);
    assert_int_equal(p.pieces_n, 2);
    check_piece(&p, 0, 1, 12);
    check_piece(&p, 1, 2, 4);
    plot = shape(f, "4 2, 8 2, 8 4, 4 4"); /* all in 1, though the border of 2 crosses it */
    p = cut(f, &plot, regions, NULL, 0);
    assert_int_equal(p.pieces_n, 1);
    check_piece(&p, 0, 1, 8);
    assert_ptr_equal(p.pieces[0].geometry.points, plot.points);
}

static void overlapping_corridors(void **state)
{
    struct fixture *f = *state;
    static const char *const corridors[] = {"0 0, 20 0, 20 10, 0 10", "10 0, 30 0, 30 10, 10 10",
                                            NULL};
    const struct layer_index *index = layer(f, corridors);
    struct boundary plot = shape(f, "5 2, 35 2, 35 4, 5 4");
    struct partition p = cut(f, &plot, NULL, index, 0);
    static const struct {
        int n;
        uint32_t ids[2];
        double share;
    } pieces[] = {
        {0, {0}, 5 / 30.0}, {1, {1}, 5 / 30.0}, {2, {1, 2}, 10 / 30.0}, {1, {2}, 10 / 30.0}};
    assert_int_equal(p.pieces_n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(p.pieces[i].region[0], NONE);
        assert_int_equal(p.pieces[i].corridors_n, pieces[i].n);
        for (int k = 0; k < pieces[i].n; k++)
            assert_int_equal(p.pieces[i].corridor[k], pieces[i].ids[k]);
        CHECK_RELATIVE(p.pieces[i].weight / area_equal_area_m2(&plot), pieces[i].share, 1e-6);
    }
    assert_int_equal(p.corridors_n, 2);
    CHECK_RELATIVE(p.corridors[0].share, 0.5, 1e-6);
    CHECK_RELATIVE(p.corridors[1].share, 2 / 3.0, 1e-6);
    assert_int_equal(p.corridors[0].verdict, LAYER_EDGE);
}

static void levels_and_corridors_together(void **state)
{
    struct fixture *f = *state;
    static const char *const states[] = {"0 0, 20 0, 20 30, 0 30", NULL};
    static const char *const corridors[] = {"-5 4, 40 4, 40 6, -5 6", NULL};
    struct partition_layers layers = {
        {layer(f, states), NULL, layer(f, TILES)}, 3, layer(f, corridors), 0};
    struct boundary plot = shape(f, "5 5, 25 5, 25 8, 5 8");
    struct partition p;
    struct error e;
    CHECK_OK(partition_plot(f->g, &plot, &layers, &f->a, &p, &e), e);
    static const struct {
        uint32_t state, tile;
        int corridors;
        double units;
    } pieces[] = {{1, 1, 0, 10}, {1, 1, 1, 5},        {1, 2, 0, 20},
                  {1, 2, 1, 10}, {NONE, NONE, 0, 10}, {NONE, NONE, 1, 5}};
    assert_int_equal(p.pieces_n, 6);
    for (size_t i = 0; i < 6; i++) {
        check_piece(&p, i, pieces[i].state, pieces[i].units);
        assert_int_equal(p.pieces[i].region[1], NONE);
        assert_int_equal(p.pieces[i].region[2], pieces[i].tile);
        assert_int_equal(p.pieces[i].region[3], NONE);
        assert_int_equal(p.pieces[i].corridors_n, pieces[i].corridors);
    }
}

static void corridor_verdicts(void **state)
{
    struct fixture *f = *state;
    /* 1067 m x 1107 m with a hole of 107 m. */
    static const char *const corridor[] = {"0 0, 100 0, 100 100, 0 100; 45 45, 45 55, 55 55, 55 45",
                                           NULL};
    const struct layer_index *index = layer(f, corridor);
    static const struct {
        const char *shape;
        double accuracy_m;
        int verdict; /* LAYER_OUTSIDE: not listed */
        double share;
    } cases[] = {
        {"20 20, 25 20, 25 25, 20 25", 125, LAYER_INSIDE, 1}, /* 213 m from the border */
        {"5 20, 10 20, 10 25, 5 25", 125, LAYER_EDGE, 1},     /* 53 m */
        {"5 20, 10 20, 10 25, 5 25", 53, LAYER_INSIDE, 1},    /* 53.4 m against 53 */
        {"5 20, 10 20, 10 25, 5 25", 54, LAYER_EDGE, 1},
        {"35 45, 40 45, 40 50, 35 50", 125, LAYER_EDGE, 1},   /* 53 m from the hole */
        {"48 48, 52 48, 52 52, 48 52", 125, LAYER_EDGE, 0},   /* in the hole */
        {"-10 20, -5 20, -5 25, -10 25", 125, LAYER_EDGE, 0}, /* 53 m outside */
        {"-10 20, -5 20, -5 25, -10 25", 53, LAYER_OUTSIDE, 0},
        {"-40 20, -20 20, -20 25, -40 25", 125, LAYER_OUTSIDE, 0},
        {"-5 20, 5 20, 5 25, -5 25", 0, LAYER_EDGE, 0.5}, /* astride is never certain */
        {"0 20, 5 20, 5 25, 0 25", 0, LAYER_INSIDE, 1},   /* touching counts as 0 m away */
        {"-5 20, 0 20, 0 25, -5 25", 0, LAYER_OUTSIDE, 0},
        {"-5 20, 0 20, 0 25, -5 25", 1, LAYER_EDGE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct boundary plot = shape(f, cases[i].shape);
        struct partition p = cut(f, &plot, NULL, index, cases[i].accuracy_m);
        assert_int_equal(p.corridors_n, cases[i].verdict != LAYER_OUTSIDE);
        if (p.corridors_n == 0)
            continue;
        assert_int_equal(p.corridors[0].id, 1);
        assert_int_equal(p.corridors[0].verdict, cases[i].verdict);
        CHECK_NEAR(p.corridors[0].share, cases[i].share, 1e-6);
    }
}

static struct boundary turned(struct fixture *f, const struct boundary *b, uint32_t by,
                              bool reverse)
{
    struct boundary out;
    assert_true(boundary_copy(&out, b, &f->a));
    for (uint32_t r = 0; r < b->rings_n; r++) {
        uint32_t start = boundary_ring_start(b, r), n = b->ring_end[r] - start - 1;
        for (uint32_t i = 0; i <= n; i++) {
            uint32_t from = (i + by) % n;
            out.points[start + i] = b->points[start + (reverse ? n - 1 - from : from)];
        }
    }
    return out;
}

static void ring_order_does_not_matter(void **state)
{
    struct fixture *f = *state;
    static const char *const wedge[] = {"0 0, 13 1, 7 12, 1 10", "13 1, 20 5, 7 12", NULL};
    const struct layer_index *index = layer(f, wedge);
    struct boundary plot = shape(f, "4.1 3.3, 15.7 2.2, 14.9 9.3, 5.5 11.1; 6 5, 6.5 8, 9 7");
    struct partition p = cut(f, &plot, index, NULL, 0);
    assert_int_equal(p.pieces_n, 3);
    for (uint32_t k = 1; k < 6; k++) {
        struct boundary other = turned(f, &plot, k, k & 1);
        struct partition q = cut(f, &other, index, NULL, 0);
        assert_int_equal(q.pieces_n, p.pieces_n);
        for (size_t i = 0; i < p.pieces_n; i++) {
            const struct boundary *a = &p.pieces[i].geometry, *b = &q.pieces[i].geometry;
            assert_int_equal(a->points_n, b->points_n);
            assert_memory_equal(a->points, b->points, a->points_n * sizeof *a->points);
            assert_true(p.pieces[i].weight == q.pieces[i].weight);
        }
    }
}

/* Two features with one border in the plot: what is out of the first lies in the second when that
 * is its neighbour, and in none when it lies on the same side. */
static void a_border_of_two(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *const features[3];
        uint32_t beyond;
    } cases[] = {{{"0 0, 10 0, 11 5, 10 10, 0 10", "11 5, 10 0, 20 0, 20 10, 10 10", NULL}, 2},
                 {{"0 0, 10 0, 11 5, 10 10, 0 10", "10 0, 11 5, 10 10, 2 8, 2 1", NULL}, NONE}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct layer_index *index = layer(f, cases[k].features);
        struct boundary plot = shape(f, "8 4, 13 4, 13 8, 8 8");
        struct partition p = cut(f, &plot, index, NULL, 0);
        assert_int_equal(p.pieces_n, 2);
        check_piece(&p, 0, 1, 11.0);
        check_piece(&p, 1, cases[k].beyond, 9.0);
    }
}

static void which_features_meet_a_box(void **state)
{
    struct fixture *f = *state;
    const struct layer_index *tiles = layer(f, TILES);
    static const struct {
        double west, south, east, north;
        size_t n;
        uint32_t ids[3];
    } cases[] = {
        {2, 2, 3, 3, 1, {1}},     {2, 2, 12, 3, 2, {1, 2}}, {8, 8, 12, 12, 3, {1, 2, 3}},
        {15, 15, 17, 17, 0, {0}}, {30, 2, 40, 5, 0, {0}},   {-50, -50, 50, 50, 3, {1, 2, 3}},
        {13, 20, 15, 22, 1, {3}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct box box = {FRAME.origin.lon + cases[i].west * FRAME.unit,
                          FRAME.origin.lat + cases[i].south * FRAME.unit,
                          FRAME.origin.lon + cases[i].east * FRAME.unit,
                          FRAME.origin.lat + cases[i].north * FRAME.unit};
        uint32_t ids[8];
        assert_int_equal(layer_index_query(tiles, &box, ids, 8), cases[i].n);
        for (size_t k = 0; k < cases[i].n; k++)
            assert_int_equal(ids[k], cases[i].ids[k]);
        assert_int_equal(layer_index_query(tiles, &box, ids, 1), cases[i].n > 0);
    }
}

static void odd_layers(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct layer_index *index = NULL;
    struct layer_feature twice[] = {{7, shape(f, TILES[0])}, {7, shape(f, TILES[1])}};
    assert_int_equal(layer_index_build(f->g, twice, 2, &index, &e), STATUS_INVALID);
    assert_string_equal(e.code, "layer_id_repeated");
    assert_null(index);

    CHECK_OK(layer_index_build(f->g, NULL, 0, &index, &e), e);
    struct boundary plot = shape(f, TILES[0]);
    struct partition p = cut(f, &plot, index, index, 100);
    assert_int_equal(p.pieces_n, 1);
    assert_int_equal(p.corridors_n, 0);
    uint32_t id;
    struct box box = boundary_box(&plot);
    assert_int_equal(layer_index_query(index, &box, &id, 1), 0);
    layer_index_free(index);

    struct layer_feature pile[PARTITION_CORRIDORS_MAX + 1];
    for (uint32_t i = 0; i <= PARTITION_CORRIDORS_MAX; i++)
        pile[i] = (struct layer_feature){i + 1, shape(f, TILES[0])};
    CHECK_OK(layer_index_build(f->g, pile, PARTITION_CORRIDORS_MAX + 1, &index, &e), e);
    struct partition_layers layers = {{NULL}, 0, index, 0};
    assert_int_equal(partition_plot(f->g, &plot, &layers, &f->a, &p, &e), STATUS_LIMIT);
    assert_string_equal(e.code, "corridors_too_many");
    layer_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(whole_plot_is_not_copied),
        T(three_regions_and_none),
        T(multipart_and_holes),
        T(lower_region_wins),
        T(overlapping_corridors),
        T(levels_and_corridors_together),
        T(corridor_verdicts),
        T(ring_order_does_not_matter),
        T(a_border_of_two),
        T(which_features_meet_a_box),
        T(odd_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
