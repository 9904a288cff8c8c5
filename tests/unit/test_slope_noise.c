/* What a slope may truly be: Rice's distribution against an integral and against draws, Horn's
 * share of a height error, expected hectares by class against simulated elevation models, and their
 * calibration. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "geo/dem_error.h"
#include "geo/slope.h"
#include "tests/property/random.h"

static struct slope_noise *noise;

static int make_noise(void **state)
{
    (void)state;
    noise = slope_noise_new();
    return noise ? 0 : -1;
}

static int free_noise(void **state)
{
    (void)state;
    slope_noise_free(noise);
    return 0;
}

static double gauss(void)
{
    double u = 1 - random_between(0, 1), v = random_between(0, 1);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* P by summing the plane: the probability that a normal gradient lies within a circle. */
static double plane_below(double x, double nu, double along, double across)
{
    enum { STEPS = 4000 };
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        double t = M_PI * ((i + 0.5) / STEPS - 0.5), u = x * sin(t), half = x * cos(t);
        sum += exp(-(u - nu) * (u - nu) / (2 * along * along)) / (along * sqrt(2 * M_PI)) *
               erf(half / (across * sqrt(2))) * half * M_PI / STEPS;
    }
    return sum;
}

static void rice_against_the_plane(void **state)
{
    (void)state;
    static const double s[] = {0.3, 1.7, 3.5}, x[] = {0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60};
    for (size_t k = 0; k < sizeof s / sizeof *s; k++)
        for (double nu = 0; nu < 70; nu += nu < 5 ? 0.17 : 1.3)
            for (size_t i = 0; i < sizeof x / sizeof *x; i++)
                CHECK_NEAR(slope_noise_below(noise, x[i], nu, s[k], s[k]),
                           plane_below(x[i], nu, s[k], s[k]), 1.5e-4);
    /* Cells whose sides differ: one second at 17, 25, 34 and 60 degrees; for those at 60 degrees
     * only where it is not nearly flat. */
    static const struct {
        double along, across, from, good;
    } sides[] = {{1.7, 1.6257, 0, 1.2e-3},  {1.6257, 1.7, 0, 1.2e-3}, {1.103, 1, 0, 5e-3},
                 {1, 1.103, 0, 5e-3},     {1.206, 1, 0, 0.015},   {1, 1.206, 0, 0.015},
                 {1.7, 1.6257, 13, 1e-4}, {1.103, 1, 9, 1.5e-4},  {2, 1, 20, 1e-2},
                 {1, 2, 20, 1e-2}};
    for (size_t k = 0; k < sizeof sides / sizeof *sides; k++)
        for (double nu = sides[k].from; nu < 70; nu += nu < 8 ? 0.17 : 1.3)
            for (size_t i = 0; i < sizeof x / sizeof *x; i++)
                CHECK_NEAR(slope_noise_below(noise, x[i], nu, sides[k].along, sides[k].across),
                           plane_below(x[i], nu, sides[k].along, sides[k].across), sides[k].good);
    assert_true(slope_noise_below(noise, 0, 3, 1, 1) == 0);
    assert_true(slope_noise_below(noise, 5, 5, 0, 0) == 0 &&
                slope_noise_below(noise, 5, 4.99, 0, 0) == 1);
}

static void rises_with_x(void **state)
{
    (void)state;
    for (double nu = 0; nu < 40; nu += 0.37) {
        double before = 0;
        for (double x = 0; x < 80; x += 0.05) {
            double p = slope_noise_below(noise, x, nu, 2.1, 2.1);
            assert_true(p >= before - 1e-6 && p <= 1);
            before = p;
        }
        CHECK_NEAR(before, 1, 1e-6);
    }
}

static void horn_share(void **state)
{
    (void)state;
    CHECK_NEAR(slope_noise_kernel(SLOPE_HORN, 0), 0.4330, 5e-5); /* GEO.md 3.1 */
    CHECK_NEAR(slope_noise_kernel(SLOPE_HORN, 0), sqrt(12.0 / 64), 1e-15);
    CHECK_NEAR(slope_noise_kernel(SLOPE_HORN, 1), 0, 1e-7);
    CHECK_NEAR(slope_noise_kernel(SLOPE_ZEVENBERGEN_THORNE, 0), 0.7071, 5e-5);
    CHECK_NEAR(slope_noise_kernel(SLOPE_ZEVENBERGEN_THORNE, 0) / slope_noise_kernel(SLOPE_HORN, 0),
               1.63, 5e-3);
    for (double r = 0; r < 1; r += 0.1) /* cells two apart */
        CHECK_NEAR(slope_noise_kernel(SLOPE_ZEVENBERGEN_THORNE, r), sqrt((1 - r * r) / 2), 1e-14);
    assert_true(slope_noise_kernel(SLOPE_HORN, 0.95) < slope_noise_kernel(SLOPE_HORN, 0.7) &&
                slope_noise_kernel(SLOPE_HORN, 0.7) < slope_noise_kernel(SLOPE_HORN, 0.3));
}

/* ---- elevation models with noise ---- */

enum { SIDE = 40 };
struct field {
    float z[SIDE * SIDE];
    double unit[SIDE];
    struct slope_grid grid;
};

static void field_hills(struct field *f, double cell_m, double steepness)
{
    for (int i = 0; i < SIDE; i++)
        f->unit[i] = 1;
    f->grid = (struct slope_grid){0,    SIDE * cell_m, cell_m,  cell_m,  SIDE,
                                  SIDE, f->z,          f->unit, f->unit, NULL};
    for (int i = 0; i < SIDE * SIDE; i++)
        f->z[i] = (float)(steepness * cell_m *
                          (9 * sin(i % SIDE * 0.21) * cos(i / SIDE * 0.17) +
                           2 * sin(i % SIDE * 0.5 + i / SIDE * 0.4)));
}

static void field_noise(const struct field *from, struct field *to, double sigma_m)
{
    *to = *from;
    to->grid.z = to->z;
    to->grid.unit_x_m = to->grid.unit_y_m = to->unit;
    for (int i = 0; i < SIDE * SIDE; i++)
        to->z[i] += (float)(sigma_m * gauss());
}

static struct lonlat plot_ring[] = {{215, 251}, {950, 266}, {1033, 790},
                                    {520, 930}, {261, 840}, {215, 251}};

static void expect(const struct field *f, const struct slope_class_table *table,
                   const struct slope_error *error, struct slope_stats *out)
{
    struct arena a;
    struct error e;
    struct slope_sum sum;
    uint32_t n = 6, one = 1;
    struct boundary b = {plot_ring, &n, &one, 6, 1, 1};
    arena_init(&a, 0);
    CHECK_OK(slope_sum_init(&sum, table, SIDE * SIDE, &a, &e), e);
    sum.error = error;
    CHECK_OK(slope_sum_add(&sum, &f->grid, &b, &a, &e), e);
    CHECK_OK(slope_sum_end(&sum, slope_plot_cells(&b, f->grid.cell_x, f->grid.cell_y),
                           f->grid.cell_x * f->grid.cell_y, &a, out, &e),
             e);
    arena_clear(&a);
}

/* Expected hectares are what many draws of the noise around the measured heights give on average.
 */
static void expected_against_draws(void **state)
{
    (void)state;
    static const double sigmas[] = {1.2, 2.4};
    struct slope_class_table table;
    struct error e;
    random_seed(42);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    for (int k = 0; k < 2; k++) {
        enum { DRAWS = 1500 };
        struct field measured, drawn;
        struct slope_error error = {sigmas[k], sigmas[k], slope_noise_kernel(SLOPE_HORN, 0), noise};
        struct slope_stats expected, one;
        double mean[SLOPE_CLASSES_MAX] = {0}, sum = 0;
        field_hills(&measured, 30, 0.12);
        measured.grid.z = measured.z;
        expect(&measured, &table, &error, &expected);
        for (int d = 0; d < DRAWS; d++) {
            field_noise(&measured, &drawn, sigmas[k]);
            expect(&drawn, &table, NULL, &one);
            for (int c = 0; c < table.classes_n; c++)
                mean[c] += one.class_weight[c] / DRAWS;
            assert_true(one.class_expected[3] == 0 && one.noise_pct == 0);
        }
        for (int c = 0; c < table.classes_n; c++) {
            CHECK_NEAR(expected.class_expected[c] / expected.covered, mean[c] / expected.covered,
                       1e-3);
            sum += expected.class_expected[c];
        }
        CHECK_RELATIVE(sum, expected.covered, 1e-12);
        CHECK_NEAR(expected.noise_pct, 100 * 0.4330127 * sigmas[k] / 30, 1e-4);
        /* It matters: the plain classes are elsewhere. */
        double moved = 0;
        for (int c = 0; c < table.classes_n; c++)
            moved +=
                fabs(expected.class_expected[c] - expected.class_weight[c]) / expected.covered / 2;
        assert_true(moved > 0.01);
    }
}

/* Of the cells that are said to lie in a class with probability p, a share p truly does (within 2
 * %; GEO.md 7, number 6). */
static void calibrated(void **state)
{
    (void)state;
    enum { BINS = 10, DRAWS = 60 };
    static const double sigmas[] = {1.2, 2.4};
    struct slope_class_table table;
    struct error e;
    random_seed(7);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    for (int k = 0; k < 2; k++) {
        struct field truth, seen;
        double said[BINS] = {0}, was[BINS] = {0}, n[BINS] = {0}, wrong = 0, all = 0;
        double s = 100 * slope_noise_kernel(SLOPE_HORN, 0) * sigmas[k] / 30;
        field_hills(&truth, 30, 0.2);
        for (int d = 0; d < DRAWS; d++) {
            field_noise(&truth, &seen, sigmas[k]);
            for (int cell = 0; cell < SIDE * SIDE; cell++) {
                if (cell % SIDE == 0 || cell % SIDE == SIDE - 1 || cell < SIDE ||
                    cell >= SIDE * (SIDE - 1))
                    continue;
                double z[9], t[9];
                for (int i = 0; i < 9; i++) {
                    z[i] = (double)seen.z[cell + (i / 3 - 1) * SIDE + i % 3 - 1];
                    t[i] = (double)truth.z[cell + (i / 3 - 1) * SIDE + i % 3 - 1];
                }
                double slope = slope_horn_pct(z, 30, 30), before = 0;
                int class = slope_class_of(&table, slope_horn_pct(t, 30, 30));
                wrong += class != slope_class_of(&table, slope);
                all++;
                for (int c = 0; c < table.classes_n; c++) {
                    double below =
                        c + 1 < table.classes_n
                            ? slope_noise_below(noise, table.classes[c + 1].from_pct, slope, s, s)
                            : 1;
                    double p = below - before;
                    int bin = p >= 1 ? BINS - 1 : (int)(p * BINS);
                    before = below;
                    said[bin] += p;
                    was[bin] += c == class;
                    n[bin]++;
                }
            }
        }
        assert_true(wrong / all > 0.05); /* plain classes are often wrong */
        double error = 0, cells = 0;
        for (int b = 1; b < BINS; b++) {
            error += fabs(said[b] - was[b]);
            cells += n[b];
        }
        print_message("sigma %.1f m: plain class wrong for %.1f %%, calibration error %.2f %%\n",
                      sigmas[k], 100 * wrong / all, 100 * error / cells);
        CHECK_NEAR(error / cells, 0, 0.02);
    }
}

/* Correlated errors: draws made by averaging neighbours have the correlation they are said to have
 * only roughly, so the test is of Horn's share itself, by a field with known correlation (two
 * dimensional, separable first-order walk). */
static void correlated_draws(void **state)
{
    (void)state;
    enum { W = 300 };
    double *z = malloc(sizeof *z * W * W), r1 = 0.7, sum = 0, n = 0, expected = 0;
    static const int kernel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    random_seed(3);
    double q = sqrt(1 - r1 * r1);
    for (int y = 0; y < W; y++)
        for (int x = 0; x < W; x++) {
            double u = gauss(), left = x ? z[y * W + x - 1] : 0, up = y ? z[(y - 1) * W + x] : 0,
                   both = x && y ? z[(y - 1) * W + x - 1] : 0;
            double scale = (x ? q : 1) * (y ? q : 1);
            z[y * W + x] =
                (x ? r1 * left : 0) + (y ? r1 * up : 0) - (x && y ? r1 * r1 * both : 0) + scale * u;
        }
    for (int y = 1; y < W - 1; y++)
        for (int x = 1; x < W - 1; x++) {
            double g = 0;
            for (int i = 0; i < 9; i++)
                g += kernel[i] * z[(y + i / 3 - 1) * W + x + i % 3 - 1] / 8;
            sum += g * g;
            n++;
        }
    for (int i = 0; i < 9; i++) /* this field's correlation is r^(|dx| + |dy|) */
        for (int j = 0; j < 9; j++)
            expected +=
                kernel[i] * kernel[j] * pow(r1, abs(i % 3 - j % 3) + abs(i / 3 - j / 3)) / 64;
    CHECK_RELATIVE(sqrt(sum / n), sqrt(expected), 0.02);
    CHECK_RELATIVE(slope_noise_kernel(SLOPE_HORN, r1), sqrt(expected),
                   0.15); /* by distance instead of by steps */
    free(z);
}

static void known_models(void **state)
{
    (void)state;
    struct dem_error d;
    assert_true(dem_error_find("Copernicus GLO-30 2021 mosaico.tif", &d));
    assert_string_equal(d.name, "Copernicus GLO-30");
    CHECK_NEAR(d.sigma_m, 1.2, 0);
    CHECK_NEAR(d.sigma_steep_m, 2.4, 0);
    assert_true(dem_error_find("  n16w093.hgt", &d));
    assert_string_equal(d.name, "SRTM 1 arc-second");
    assert_true(dem_error_find("INEGI cem 3.0", &d) && d.neighbour_correlation > 0.9 && *d.source);
    assert_false(dem_error_find("terreno.tif", &d));
    assert_false(dem_error_find("", &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rice_against_the_plane),
        cmocka_unit_test(rises_with_x),
        cmocka_unit_test(horn_share),
        cmocka_unit_test(expected_against_draws),
        cmocka_unit_test(calibrated),
        cmocka_unit_test(correlated_draws),
        cmocka_unit_test(known_models),
    };
    return cmocka_run_group_tests(tests, make_noise, free_noise);
}
