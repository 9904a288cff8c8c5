/* How far a plot reaches out of a region, against every edge of the region looked at in turn. */
#include "tests/check.h"

#include <math.h>

#include "geo/overlay/overlay.h"
#include "geo/slope.h"
#include "tests/geo_fixture.h"
#include "tests/shapes.h"

enum { CORNERS = 3000, PLOTS = 400 };

static double sample(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* A coast of many corners around (lon, lat), about 0.2 degrees wide. */
static struct boundary coast(struct arena *a, struct lonlat middle, uint64_t seed)
{
    struct boundary b;
    if (!boundary_alloc(&b, a, CORNERS + 1, 1, 1))
        abort();
    for (int i = 0; i < CORNERS; i++) {
        double r = 0.1 + 0.01 * sin(i * 0.05) + 0.0005 * sample(&seed),
               angle = 2 * M_PI * i / CORNERS;
        b.points[i] = (struct lonlat){middle.lon + r * cos(angle), middle.lat + r * sin(angle)};
    }
    b.points[CORNERS] = b.points[0];
    b.ring_end[0] = CORNERS + 1;
    b.part_end[0] = 1;
    return b;
}

static double to_line_m(struct lonlat p, const struct boundary *b)
{
    double kx, ky, least = INFINITY;
    ground_m_per_degree(p.lat, &kx, &ky);
    for (uint32_t i = 1; i < b->points_n; i++) {
        double ax = (b->points[i - 1].lon - p.lon) * kx, ay = (b->points[i - 1].lat - p.lat) * ky;
        double dx = (b->points[i].lon - p.lon) * kx - ax, dy = (b->points[i].lat - p.lat) * ky - ay;
        double t = fmin(fmax(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0), 1);
        least = fmin(least, hypot(ax + t * dx, ay + t * dy));
    }
    return least;
}

static double expected_m(const struct boundary *region, const struct boundary *plot)
{
    double farthest = 0;
    for (uint32_t i = 0; i < plot->points_n; i++)
        if (!boundary_contains(region, plot->points[i]))
            farthest = fmax(farthest, to_line_m(plot->points[i], region));
    return farthest;
}

static void as_by_every_edge(void **state)
{
    struct fixture *f = *state;
    struct layer_index *index;
    struct error e;
    struct layer_feature features[] = {{7, coast(&f->a, (struct lonlat){-92.5, 16.5}, 1)},
                                       {9, coast(&f->a, (struct lonlat){-92.2, 16.5}, 2)}};
    CHECK_OK(layer_index_build(f->g, features, 2, &index, &e), e);
    uint64_t seed = 5;
    int inside = 0, near = 0, far = 0;
    for (int k = 0; k < PLOTS; k++) {
        struct shape_frame frame = {{-92.7 + 0.6 * sample(&seed), 16.3 + 0.4 * sample(&seed)},
                                    1e-4};
        struct boundary plot =
            shape_in(&f->a, frame, "0 0, 20 0, 24 9, 11 22, 0 15; 4 4, 4 8, 8 8");
        for (int i = 0; i < 2; i++) {
            double expected = expected_m(&features[i].boundary, &plot),
                   got = layer_reach_out_m(index, features[i].id, &plot);
            inside += expected == 0;
            near += expected > 0 && expected <= 300;
            far += expected > LAYER_REACH_MOST_M;
            if (expected > LAYER_REACH_MOST_M)
                assert_true(isinf(got));
            else
                assert_true(fabs(got - expected) <= 1e-6);
        }
    }
    assert_true(inside > 20 && near > 5 && far > 20); /* all ways were taken */
    layer_index_free(index);
}

static void no_such_region(void **state)
{
    struct fixture *f = *state;
    struct layer_index *index;
    struct error e;
    struct shape_frame frame = {{-92.5, 16.5}, 1e-4};
    struct layer_feature feature = {3, shape_in(&f->a, frame, "0 0, 50 0, 50 50, 0 50")};
    struct boundary plot = shape_in(&f->a, frame, "10 10, 20 10, 20 20");
    CHECK_OK(layer_index_build(f->g, &feature, 1, &index, &e), e);
    assert_true(layer_reach_out_m(index, 3, &plot) == 0);
    assert_true(isinf(layer_reach_out_m(index, 2, &plot)));
    assert_true(isinf(layer_reach_out_m(index, 4, &plot)));
    layer_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_by_every_edge),
                                       cmocka_unit_test(no_such_region)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
