/* Shapes and steps of coordinates (importers/shape.h): what is told, and that honest boundaries are
 * not. */
#include <math.h>
#include <string.h>

#include "importers/shape.h"
#include "tests/check.h"

static uint64_t seed = 11;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

enum { MOST = 200 };

struct ring {
    struct lonlat points[MOST];
    uint32_t ring_end, part_end, n;
};

static struct boundary closed(struct ring *r)
{
    r->points[r->n++] = r->points[0];
    r->ring_end = r->n;
    r->part_end = 1;
    return (struct boundary){r->points, &r->ring_end, &r->part_end, r->n, 1, 1};
}

static void put(struct ring *r, double x_m, double y_m)
{
    r->points[r->n++] =
        (struct lonlat){-92.6 + x_m / (111320 * cos(16.7 * M_PI / 180)), 16.7 + y_m / 110574};
}

static void precision(void **state)
{
    (void)state;
    static const struct {
        struct lonlat at[4];
        bool degrees;
        enum shape_steps steps;
        double value;
    } cases[] = {
        {{{-92.3, 15.1}, {-92.299, 15.1}, {-92.299, 15.101}}, true, SHAPE_STEPS_DECIMALS, 3},
        {{{-92.31234, 15.1}, {-92.29912, 15.12345}, {-92.299, 15.101}},
         true,
         SHAPE_STEPS_DECIMALS,
         5},
        {{{-92.312341, 15.1}, {-92.29912, 15.12345}, {-92.299, 15.101}}, true, SHAPE_STEPS_FINE, 0},
        {{{-92 - 18 / 60. - 44 / 3600., 15 + 6 / 60. + 1 / 3600.},
          {-92 - 18 / 60. - 41 / 3600., 15 + 6 / 60. + 7 / 3600.},
          {-92 - 17 / 60. - 59 / 3600., 15.1}},
         true,
         SHAPE_STEPS_SECONDS,
         1},
        {{{-92 - 18 / 60. - 44.3 / 3600., 15 + 6 / 60. + 1.7 / 3600.},
          {-92 - 18 / 60. - 41 / 3600., 15 + 6 / 60. + 7.1 / 3600.},
          {-92 - 17 / 60. - 59 / 3600., 15.1}},
         true,
         SHAPE_STEPS_SECONDS,
         0.1},
        {{{500123, 1800321}, {500223, 1800321}, {500223, 1800399}}, false, SHAPE_STEPS_METRES, 1},
        {{{500120, 1800320}, {500220, 1800320}, {500220, 1800390}}, false, SHAPE_STEPS_METRES, 10},
        {{{500123.5, 1800321}, {500223, 1800321}, {500223, 1800399}}, false, SHAPE_STEPS_FINE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ring r = {.n = 3};
        memcpy(r.points, cases[i].at, 3 * sizeof *r.points);
        struct boundary b = closed(&r);
        struct shape_precision p = shape_precision(&b, cases[i].degrees);
        if (p.steps != cases[i].steps || p.value != cases[i].value)
            fail_msg("case %zu: %d %g", i, (int)p.steps, p.value);
    }
}

static void one_spike(void **state)
{
    (void)state;
    struct ring r = {0};
    struct shape s;
    put(&r, 0, 0);
    put(&r, 100, 0);
    put(&r, 101, 50);
    put(&r, 160, 51); /* out and back */
    put(&r, 100, 53);
    put(&r, 100, 100);
    put(&r, 0, 100);
    struct boundary b = closed(&r);
    shape_look(&b, &s);
    assert_int_equal(s.spike.n, 1);
    CHECK_NEAR(s.spike.place.lon, r.points[3].lon, 0);
    CHECK_NEAR(s.spike.length_m, 59, 0.1);
    assert_true(s.spike.effect_m2 > 50 && s.spike.effect_m2 < 120);
    assert_int_equal(s.short_n, 0);
    /* the same at the ring's first vertex, which is repeated */
    struct ring t = {0};
    put(&t, 160, 51);
    put(&t, 160, 51);
    put(&t, 100, 53);
    put(&t, 100, 100);
    put(&t, 0, 100);
    put(&t, 0, 0);
    put(&t, 100, 0);
    put(&t, 101, 50);
    b = closed(&t);
    shape_look(&b, &s);
    assert_int_equal(s.spike.n, 1);
}

static void no_spikes(void **state)
{
    (void)state;
    static const double wedge[][2] = {{0, 0}, {300, 10}, {300, 40}};
    static const double corner[][2] = {{0, 0},       {100, 0},    {100, 100},
                                       {100.5, 101}, {99.5, 100}, {0, 100}};
    struct shape s;
    struct ring r = {0};
    for (size_t i = 0; i < 3; i++)
        put(&r, wedge[i][0], wedge[i][1]);
    struct boundary b = closed(&r);
    shape_look(&b, &s);
    assert_int_equal(s.spike.n, 0); /* a wedge between two roads */
    r.n = 0;
    for (size_t i = 0; i < 6; i++)
        put(&r, corner[i][0], corner[i][1]);
    b = closed(&r);
    shape_look(&b, &s);
    assert_int_equal(s.spike.n, 0); /* a metre at a corner */
}

static void edges_and_strips(void **state)
{
    (void)state;
    struct shape s;
    struct ring r = {0};
    put(&r, 0, 0);
    put(&r, 100, 0);
    put(&r, 100, 0.15);
    put(&r, 100, 100);
    put(&r, 0, 100);
    struct boundary b = closed(&r);
    shape_look(&b, &s);
    assert_int_equal(s.short_n, 1);
    CHECK_NEAR(s.short_place.lat, r.points[2].lat, 0);
    CHECK_NEAR(s.thinness, M_PI / 4, 0.01);
    struct ring strip = {0};
    put(&strip, 0, 0);
    put(&strip, 1000, 0);
    put(&strip, 1000, 10);
    put(&strip, 0, 10);
    b = closed(&strip);
    shape_look(&b, &s);
    assert_true(s.thinness < SHAPE_SLIVER);
    CHECK_NEAR(s.width_m, 9.9, 0.2);
    struct boundary nothing = {0};
    shape_look(&nothing, &s);
    assert_true(s.thinness == 1 && !s.spike.n && !s.short_n);
}

/* 20,000 plots as surveyors draw them: stars of 5 to 60 corners, radii that change by a third,
 * seven decimals. Fewer than one in a thousand may be told of; none is. */
static void honest_plots(void **state)
{
    (void)state;
    int told = 0;
    for (int i = 0; i < 20000; i++) {
        struct ring r = {0};
        int corners = 5 + (int)(uniform() * 55);
        double radius = 15 + 300 * uniform() * uniform();
        for (int k = 0; k < corners; k++) {
            double angle = 2 * M_PI * (k + 0.6 * uniform()) / corners,
                   at = radius * (0.85 + 0.3 * uniform());
            put(&r, at * cos(angle), at * sin(angle));
        }
        for (uint32_t k = 0; k < r.n; k++) {
            r.points[k].lon = nearbyint(r.points[k].lon * 1e7) / 1e7;
            r.points[k].lat = nearbyint(r.points[k].lat * 1e7) / 1e7;
        }
        struct boundary b = closed(&r);
        struct shape s;
        shape_look(&b, &s);
        told += s.spike.n || s.thinness < SHAPE_SLIVER ||
                shape_precision(&b, true).steps != SHAPE_STEPS_FINE;
    }
    if (told >= 20)
        fail_msg("%d of 20,000 honest plots are told of", told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precision), cmocka_unit_test(one_spike), cmocka_unit_test(no_spikes),
        cmocka_unit_test(edges_and_strips), cmocka_unit_test(honest_plots)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
