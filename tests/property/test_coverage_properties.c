/* Promises of coverage and slope classes over random plots: coverage sums to the planar area, also
 * with vertices and whole edges on cell borders; reversed and turned rings cover the same; class
 * weights add up; slivers move no percentile. */
#include "tests/check.h"

#include <string.h>

#include "geo/slope.h"
#include "tests/property/random.h"

enum { VERTICES_MAX = 80, SIDE = 24, PLOTS = 3000 };

static struct arena arena;

/* Star-shaped, so valid; `snap` puts coordinates on multiples of 1/snap of a cell, where borders
 * and corners are hit. */
static uint32_t random_ring(struct lonlat *out, double cx, double cy, double radius, int snap)
{
    uint32_t n = 4 + random_below(VERTICES_MAX - 6), kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (i + random_between(0, 0.9)) / n,
               r = radius * random_between(0.4, 1);
        struct lonlat p = {cx + r * cos(angle), cy + r * sin(angle)};
        if (snap)
            p = (struct lonlat){nearbyint(p.lon * snap) / snap, nearbyint(p.lat * snap) / snap};
        if (!kept || p.lon != out[kept - 1].lon || p.lat != out[kept - 1].lat)
            out[kept++] = p;
    }
    out[kept] = out[0];
    return kept + 1;
}

static double cover_sum(const struct boundary *b, double *out)
{
    struct error e;
    double sum = 0;
    CHECK_OK(coverage_fractions(b, SIDE, SIDE, out, &arena, &e), e);
    for (int i = 0; i < SIDE * SIDE; i++) {
        assert_true(out[i] == 0 || out[i] > 1e-15);
        assert_true(out[i] <= 1);
        sum += out[i];
    }
    arena_reset(&arena);
    return sum;
}

static void sums_to_the_planar_area(void **state)
{
    (void)state;
    static const int snaps[] = {0, 1, 2, 3, 10};
    for (int i = 0; i < PLOTS; i++) {
        struct lonlat points[VERTICES_MAX + 5];
        int snap = snaps[random_below(5)];
        double out[SIDE * SIDE], again[SIDE * SIDE];
        uint32_t n = random_ring(points, random_between(11, 13), random_between(11, 13),
                                 pow(10, random_between(-1, 1)), snap);
        struct boundary b = {points, &n, (uint32_t[]){1}, n, 1, 1};
        double planar = fabs(ring_signed_deg2(points, n));
        if (snap && planar < 0.5)
            continue; /* snapped together: the star may have turned over itself */
        double sum = cover_sum(&b, out);
        if (!snap)
            CHECK_NEAR(sum, planar, 1e-11 * fmax(planar, 1e-2));
        struct lonlat turned[VERTICES_MAX + 5];
        uint32_t start = random_below(n - 1);
        for (uint32_t k = 0; k < n; k++)
            turned[k] = points[(start + (n - 1) - k % (n - 1)) % (n - 1)];
        b.points = turned;
        cover_sum(&b, again);
        for (int k = 0; k < SIDE * SIDE; k++)
            CHECK_NEAR(again[k], out[k], 1e-14);
    }
}

/* Rectilinear plots on cell borders: exactly the whole cells, nothing else, whatever vertices lie
 * on the borders. */
static void borders_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < PLOTS; i++) {
        int x0 = 1 + (int)random_below(10), y0 = 1 + (int)random_below(10);
        int x1 = x0 + 1 + (int)random_below(12), y1 = y0 + 1 + (int)random_below(12);
        struct lonlat corners[] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}, points[64];
        uint32_t n = 0;
        for (int k = 0; k < 4; k++) {
            points[n++] = corners[k];
            double t = 0;
            for (uint32_t extra = random_below(5); extra; extra--) {
                t += (1 - t) * random_between(0.05, 0.5);
                points[n++] =
                    (struct lonlat){corners[k].lon + t * (corners[k + 1].lon - corners[k].lon),
                                    corners[k].lat + t * (corners[k + 1].lat - corners[k].lat)};
            }
        }
        points[n++] = corners[0];
        struct boundary b = {points, &n, (uint32_t[]){1}, n, 1, 1};
        double out[SIDE * SIDE];
        cover_sum(&b, out);
        for (int k = 0; k < SIDE * SIDE; k++) {
            int col = k % SIDE, row = k / SIDE;
            bool inside = col >= x0 && col < x1 && row >= y0 && row < y1;
            assert_true(out[k] == (inside ? 1 : 0));
        }
    }
}

/* Neighbours that share a border cover each cell once between them. */
static void neighbours_share_cells(void **state)
{
    (void)state;
    for (int i = 0; i < PLOTS; i++) {
        struct lonlat line[12];
        for (int k = 0; k < 12; k++)
            line[k] = (struct lonlat){random_between(4, 20), k * SIDE / 11.0};
        struct lonlat west[16], east[16];
        west[0] = (struct lonlat){0, 0};
        east[0] = (struct lonlat){SIDE, 0};
        for (int k = 0; k < 12; k++)
            west[1 + k] = east[1 + k] = line[k];
        west[13] = (struct lonlat){0, SIDE};
        east[13] = (struct lonlat){SIDE, SIDE};
        west[14] = west[0];
        east[14] = east[0];
        double out[2][SIDE * SIDE];
        struct boundary b = {west, (uint32_t[]){15}, (uint32_t[]){1}, 15, 1, 1};
        cover_sum(&b, out[0]);
        b.points = east;
        cover_sum(&b, out[1]);
        for (int k = 0; k < SIDE * SIDE; k++)
            CHECK_NEAR(out[0][k] + out[1][k], 1, 4e-14);
    }
}

static void classes_add_up_and_slivers_do_not_count(void **state)
{
    (void)state;
    struct error e;
    struct slope_class_table table;
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    for (int i = 0; i < PLOTS; i++) {
        float z[SIDE * SIDE];
        double unit_x[SIDE], unit_y[SIDE], cell = 1.0 / 3600;
        for (int k = 0; k < SIDE * SIDE; k++)
            z[k] = random_below(200) ? (float)random_between(500, 520) : NAN;
        struct slope_grid grid = {-92, 16.7, cell, cell, SIDE, SIDE, z, unit_x, unit_y, NULL};
        for (int row = 0; row < SIDE; row++)
            ground_m_per_degree(16.7 - (row + 0.5) * cell, &unit_x[row], &unit_y[row]);
        struct lonlat points[VERTICES_MAX + 5];
        double radius = random_between(0.3, 10.9);
        uint32_t n = random_ring(points, 12, 12, radius, 0);
        for (uint32_t k = 0; k < n; k++)
            points[k] = (struct lonlat){-92 + points[k].lon * cell, 16.7 - points[k].lat * cell};
        struct boundary b = {points, &n, (uint32_t[]){1}, n, 1, 1};
        struct slope_stats s;
        CHECK_OK(slope_zonal(&grid, &b, &table, &arena, &s, &e), e);
        double sum = 0, cells = slope_plot_cells(&b, cell, cell);
        for (int k = 0; k < table.classes_n; k++)
            sum += s.class_weight[k];
        CHECK_RELATIVE(sum, s.covered, 1e-13);
        CHECK_RELATIVE(s.covered + s.nodata, cells * cell * unit_x[12] * cell * unit_y[12], 2e-5);
        CHECK_NEAR(s.nodata_share, s.nodata / (s.covered + s.nodata), 1e-15);
        if (s.covered > 0) {
            assert_true(s.p10_pct <= s.p50_pct && s.p50_pct <= s.p90_pct && s.p90_pct <= s.max_pct);
            assert_true(s.mean_pct <= s.max_pct && s.surface_factor >= 1);
        }
        arena_reset(&arena);
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    random_seed(19810401);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_to_the_planar_area),
        cmocka_unit_test(borders_are_exact),
        cmocka_unit_test(neighbours_share_cells),
        cmocka_unit_test(classes_add_up_and_slivers_do_not_count),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
