/* GPS walks to boundaries (GEO.md 2.4): each step by itself on made walks round a square of 100 m,
 * and that nothing happens to a clean one; hostile points. */
#include "tests/check.h"

#include <string.h>

#include "geo/slope.h"
#include "geo/walk.h"
#include "tests/property/random.h"

enum { POINTS_MAX = 4000 };

static const struct lonlat ORIGIN = {-92.637, 16.7};

struct course {
    struct walk_point p[POINTS_MAX];
    size_t n;
    double clock; /* NaN = no times */
};

static void put(struct course *c, double x, double y)
{
    double east, north;
    ground_m_per_degree(ORIGIN.lat, &east, &north);
    c->p[c->n++] = (struct walk_point){
        {ORIGIN.lon + x / east, ORIGIN.lat + y / north}, c->clock, NAN, NAN, NAN, -1};
    c->clock += 4;
}

/* Along the square's border from metre `from` to metre `to`, a point each `step` m (the corners are
 * among them for 4 or 5 m). */
static void border(struct course *c, double from, double to, double step)
{
    for (double s = from; s <= to + 1e-9; s += step) {
        double at = fmod(s, 400), along = fmod(at, 100);
        int edge = (int)(at / 100);
        put(c,
            edge == 0   ? along
            : edge == 1 ? 100
            : edge == 2 ? 100 - along
                        : 0,
            edge == 0   ? 0
            : edge == 1 ? along
            : edge == 2 ? 100
                        : 100 - along);
    }
}

static const struct walk_note *note_of(const struct walk *w, enum walk_step step)
{
    for (size_t i = 0; i < w->notes_n; i++)
        if (w->notes[i].step == step)
            return &w->notes[i];
    return NULL;
}

/* Cleans without simplifying, which would leave the four corners of a made square. */
static void clean(const struct course *c, struct arena *a, struct walk *out)
{
    struct error e;
    struct walk_rules rules = walk_rules_default;
    rules.simplify_sigmas = 0;
    arena_init(a, 0);
    CHECK_OK(walk_boundary(c->p, c->n, &rules, a, out, &e), e);
}

static void clean_walk_stays(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        struct course c = {.clock = timed ? 0 : NAN};
        struct arena a;
        struct walk w;
        border(&c, 0, 400, 5);
        clean(&c, &a, &w);
        assert_int_equal(w.ring_n, 81);
        for (uint32_t i = 0; i < 81; i++) { /* bit for bit */
            assert_true(w.ring[i].lon == c.p[i % 80].at.lon);
            assert_true(w.ring[i].lat == c.p[i % 80].at.lat);
        }
        assert_int_equal(w.notes_n, 0);
        assert_int_equal(w.time_s != NULL, timed);
        CHECK_NEAR(w.area_m2, 10000, 1);
        assert_true(isnan(w.accuracy_m));
        assert_true(w.area_se_m2 > 100 && w.area_se_m2 < 600);
        arena_clear(&a);
    }
}

static void slow_dense_walk_has_no_stops(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&c, 0, 400, 0.5); /* 0.125 m/s */
    clean(&c, &a, &w);
    assert_int_equal(w.notes_n, 0);
    assert_int_equal(w.ring_n, 801);
    arena_clear(&a);
}

static void positions_without_fix_go(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&c, 0, 200, 5);
    c.p[c.n++].at = (struct lonlat){0, 0};
    c.p[c.n++].at = (struct lonlat){NAN, 16};
    c.p[c.n++].at = (struct lonlat){-92, 91};
    c.p[c.n++].at = (struct lonlat){INFINITY, -INFINITY};
    border(&c, 205, 395, 5);
    clean(&c, &a, &w);
    assert_non_null(note_of(&w, WALK_RANGE));
    assert_int_equal(note_of(&w, WALK_RANGE)->count, 4);
    CHECK_NEAR(w.area_m2, 10000, 1);
    arena_clear(&a);
}

static void doubtful_fixes_go(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&c, 0, 400, 5);
    for (size_t i = 0; i < c.n; i++)
        c.p[i].accuracy_m = 4.545;
    c.p[10].accuracy_m = 150;
    c.p[11].hdop = 7;
    c.p[12].satellites = 3;
    c.p[13].accuracy_m = 20;
    c.p[14].accuracy_m = 0;
    clean(&c, &a, &w);
    assert_int_equal(note_of(&w, WALK_ACCURACY)->count, 3);
    CHECK_NEAR(note_of(&w, WALK_ACCURACY)->figure, 150, 0);
    assert_int_equal(note_of(&w, WALK_ACCURACY_POOR)->count, 1);
    CHECK_NEAR(note_of(&w, WALK_ACCURACY_POOR)->figure, 20, 0);
    assert_int_equal(note_of(&w, WALK_ACCURACY_ZERO)->count, 1);
    assert_int_equal(w.ring_n, 78);
    CHECK_NEAR(w.sigma_m[0], 3, 1e-12);
    CHECK_NEAR(w.accuracy_m, 4.75, 0.05);
    arena_clear(&a);
}

static void stops_become_one_vertex(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        struct course c = {.clock = timed ? 0 : NAN};
        struct arena a;
        struct walk w;
        border(&c, 0, 150, 5);
        for (int i = 0; i < 30; i++)
            put(&c, 100 + 1.5 * sin(i * 2.4), 51 + 1.5 * cos(i * 1.7));
        border(&c, 155, 400, 5);
        clean(&c, &a, &w);
        const struct walk_note *stop = note_of(&w, WALK_STOPS);
        assert_non_null(stop);
        assert_in_range(stop->count, 30, 33);
        assert_in_range(w.ring_n, 78, 82);
        CHECK_NEAR(w.area_m2, 10000, 30);
        assert_int_equal(w.notes_n, 1);
        arena_clear(&a);
    }
}

static void jumps_go(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        struct course c = {.clock = timed ? 0 : NAN};
        struct arena a;
        struct walk w;
        border(&c, 0, 150, 5);
        put(&c, 160, 53);
        border(&c, 155, 400, 5);
        clean(&c, &a, &w);
        const struct walk_note *spike = note_of(&w, WALK_SPIKES);
        assert_non_null(spike);
        assert_int_equal(spike->count, 1);
        CHECK_NEAR(spike->effect_m2, -150, 2); /* the triangle of 60 x 5 m */
        CHECK_NEAR(w.area_m2, 10000, 1);
        arena_clear(&a);
    }
}

static void several_points_far_away_go_when_timed(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&c, 0, 150, 5);
    put(&c, 260, 53);
    put(&c, 262, 54);
    put(&c, 264, 54);
    border(&c, 155, 400, 5);
    clean(&c, &a, &w);
    assert_int_equal(note_of(&w, WALK_SPIKES)->count, 3);
    CHECK_NEAR(w.area_m2, 10000, 1);
    arena_clear(&a);
}

/* Corners alone, one of them of 16 degrees: no spike. */
static void a_sharp_corner_is_a_corner(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    put(&c, 0, 0);
    put(&c, 140, 20);
    put(&c, 0, 40);
    put(&c, -80, 20);
    put(&c, 0, 0);
    clean(&c, &a, &w);
    assert_int_equal(w.ring_n, 5);
    assert_null(note_of(&w, WALK_SPIKES));
    CHECK_NEAR(w.area_m2, 4400, 1);
    arena_clear(&a);
}

static void tail_past_the_start_is_cut(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&c, 0, 460, 5);
    for (size_t i = 81; i < c.n; i++) /* the second time a little beside the first */
        c.p[i].at.lat += 2e-5;
    clean(&c, &a, &w);
    const struct walk_note *overlap = note_of(&w, WALK_OVERLAP);
    assert_non_null(overlap);
    CHECK_NEAR(overlap->figure, 60, 3);
    assert_int_equal(overlap->count, 12);
    assert_int_equal(w.ring_n, 81);
    CHECK_NEAR(w.area_m2, 10000, 1);
    assert_null(note_of(&w, WALK_LOOPS));
    arena_clear(&a);
}

static void gaps(void **state)
{
    (void)state;
    struct course near = {.clock = 0}, far = {.clock = 0};
    struct arena a;
    struct walk w;
    border(&near, 0, 390, 5);
    clean(&near, &a, &w);
    assert_non_null(note_of(&w, WALK_CLOSED));
    CHECK_NEAR(note_of(&w, WALK_CLOSED)->figure, 10, 1e-2);
    CHECK_NEAR(w.area_m2, 10000, 1);
    arena_clear(&a);
    border(&far, 0, 320, 5);
    clean(&far, &a, &w);
    assert_non_null(note_of(&w, WALK_OPEN));
    CHECK_NEAR(note_of(&w, WALK_OPEN)->figure, 80, 1e-2);
    arena_clear(&a);
}

static void small_loops_go(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    border(&c, 0, 50, 5);
    put(&c, 54, 3); /* a curl of some metres */
    put(&c, 51, 6);
    put(&c, 48, 3);
    put(&c, 52, -1);
    border(&c, 55, 400, 5);
    clean(&c, &a, &w);
    const struct walk_note *loop = note_of(&w, WALK_LOOPS);
    assert_non_null(loop);
    assert_true(loop->count >= 1);
    assert_true(fabs(loop->effect_m2) < 50);
    assert_null(note_of(&w, WALK_LOOPS_LARGE));
    CHECK_NEAR(w.area_m2, 10000, 20);
    arena_clear(&a);
}

/* Out along a path and back over the same points. */
static void a_spit_goes(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    border(&c, 0, 50, 5);
    for (int i = 1; i <= 6; i++)
        put(&c, 50, 5.0 * i);
    for (int i = 5; i >= 0; i--)
        put(&c, 50, 5.0 * i);
    border(&c, 55, 400, 5);
    clean(&c, &a, &w);
    assert_non_null(note_of(&w, WALK_LOOPS));
    CHECK_NEAR(w.area_m2, 10000, 1);
    assert_int_equal(w.ring_n, 81);
    arena_clear(&a);
}

static void a_figure_of_eight_stays(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    for (int i = 0; i < 80; i++) {
        double t = 2 * 3.141592653589793 * (i + 0.5) / 80;
        put(&c, 80 * sin(t), 50 * sin(2 * t));
    }
    put(&c, 80 * sin(3.141592653589793 / 80), 50 * sin(3.141592653589793 / 40));
    clean(&c, &a, &w);
    assert_null(note_of(&w, WALK_LOOPS));
    const struct walk_note *large = note_of(&w, WALK_LOOPS_LARGE);
    assert_non_null(large);
    assert_int_equal(large->count, 1);
    CHECK_NEAR(large->figure, 80 * 50 * 4 / 3.0, 60);
    assert_int_equal(w.ring_n, 81);
    arena_clear(&a);
}

static void simplified_within_the_noise(void **state)
{
    (void)state;
    struct course c = {.clock = 0};
    struct arena a;
    struct walk raw, w;
    struct error e;
    random_seed(7);
    border(&c, 0, 400, 4);
    for (size_t i = 0; i + 1 < c.n; i++) {
        c.p[i].at.lon += random_between(-2e-6, 2e-6);
        c.p[i].at.lat += random_between(-2e-6, 2e-6);
    }
    c.p[c.n - 1].at = c.p[0].at;
    clean(&c, &a, &raw);
    CHECK_OK(walk_boundary(c.p, c.n, NULL, &a, &w, &e), e);
    const struct walk_note *note = note_of(&w, WALK_SIMPLIFIED);
    assert_non_null(note);
    assert_int_equal(note->count, raw.ring_n - w.ring_n);
    assert_true(note->count > 10);
    CHECK_NEAR(w.area_m2, raw.area_m2, 5e-5 * raw.area_m2);
    CHECK_NEAR(note->effect_m2, w.area_m2 - raw.area_m2, 1e-6);
    arena_clear(&a);
}

static void tiny_plot_is_imprecise(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    put(&c, 0, 0);
    put(&c, 15, 0);
    put(&c, 15, 15);
    put(&c, 0, 15);
    put(&c, 0, 0);
    clean(&c, &a, &w);
    assert_int_equal(w.ring_n, 5);
    assert_non_null(note_of(&w, WALK_LOW_PRECISION));
    arena_clear(&a);
}

static void nothing_left(void **state)
{
    (void)state;
    struct course c = {.clock = NAN};
    struct arena a;
    struct walk w;
    clean(&c, &a, &w);
    assert_int_equal(w.ring_n, 0);
    arena_clear(&a);
    put(&c, 0, 0);
    put(&c, 0, 0);
    put(&c, 9, 9);
    clean(&c, &a, &w);
    assert_int_equal(w.ring_n, 0);
    arena_clear(&a);
}

/* Noise of every kind: no crash, always a closed ring of finite numbers, twice the same, and no
 * small loop left. */
static void any_points(void **state)
{
    (void)state;
    random_seed(11);
    for (int round = 0; round < 300; round++) {
        struct course c = {.clock = random_below(2) ? 0 : NAN};
        double spread = pow(10, random_between(-1, 5));
        uint32_t n = random_below(120);
        for (uint32_t i = 0; i < n; i++) {
            put(&c, round % 3 ? random_between(-spread, spread) : floor(random_between(0, 6)),
                round % 3 ? random_between(-spread, spread) : floor(random_between(0, 6)));
            if (random_below(20) == 0)
                c.p[i] = (struct walk_point){{random_between(-400, 400), random_between(-200, 200)},
                                             random_between(-1e9, 1e9),
                                             random_between(-1, 300),
                                             random_between(-1, 100),
                                             NAN,
                                             (int)random_below(12) - 1};
            if (random_below(30) == 0)
                c.p[i].at.lon = NAN;
        }
        struct arena a, b;
        struct walk w, again;
        clean(&c, &a, &w);
        clean(&c, &b, &again);
        assert_int_equal(w.ring_n, again.ring_n);
        if (w.ring_n) {
            assert_true(w.ring_n >= 4);
            assert_memory_equal(w.ring, again.ring, w.ring_n * sizeof *w.ring);
            assert_memory_equal(&w.ring[0], &w.ring[w.ring_n - 1], sizeof *w.ring);
        }
        for (uint32_t i = 0; i < w.ring_n; i++)
            assert_true(isfinite(w.ring[i].lon) && isfinite(w.ring[i].lat));
        arena_clear(&a);
        arena_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_walk_stays),
        cmocka_unit_test(slow_dense_walk_has_no_stops),
        cmocka_unit_test(positions_without_fix_go),
        cmocka_unit_test(doubtful_fixes_go),
        cmocka_unit_test(stops_become_one_vertex),
        cmocka_unit_test(jumps_go),
        cmocka_unit_test(several_points_far_away_go_when_timed),
        cmocka_unit_test(a_sharp_corner_is_a_corner),
        cmocka_unit_test(tail_past_the_start_is_cut),
        cmocka_unit_test(gaps),
        cmocka_unit_test(small_loops_go),
        cmocka_unit_test(a_spit_goes),
        cmocka_unit_test(a_figure_of_eight_stays),
        cmocka_unit_test(simplified_within_the_noise),
        cmocka_unit_test(tiny_plot_is_imprecise),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(any_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
