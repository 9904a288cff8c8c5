/* The milpa planner: the two widths, rows and trees, what the rows do to LS, and that the intervals
 * hold what they say. */
#include "tests/check.h"

#include "geo/milpa.h"
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

static const int64_t hectare = INT64_C(10000000000);

static struct milpa_plan plan_of(const struct slope_sample *samples, size_t n, double noise_pct,
                                 const struct milpa_design *d)
{
    struct milpa_ground g = {.area_mm2 = hectare,
                             .area_se_m2 = NAN,
                             .samples = samples,
                             .samples_n = n,
                             .noise_pct = noise_pct,
                             .noise = noise_pct > 0 ? noise : NULL};
    struct milpa_plan p;
    struct milpa_design design = d ? *d : milpa_design_default();
    milpa_plan(&g, &design, &p);
    assert_true(p.gentle_mm2 + p.steep_mm2 + p.unknown_mm2 == hectare);
    return p;
}

/* GEO.md 4.3: at 30 % from 50 m to 10.6 m, LS falls from 7.3992 to 2.6660; at 20 % it is the steep
 * module's width that holds. */
static void one_slope(void **state)
{
    (void)state;
    struct milpa_plan p = plan_of(&(struct slope_sample){30, 10000}, 1, 0, NULL);
    CHECK_NEAR(p.ls_before, 7.3992, 5e-5);
    CHECK_NEAR(p.ls_after, 2.6660, 5e-5);
    CHECK_NEAR(p.ratio.value, 0.36, 0.001);
    CHECK_NEAR(p.row_m.value, 10000 / 10.6, 1e-9);
    CHECK_NEAR(p.trees.value, 10000 / 10.6, 1e-9);
    assert_true(p.steep_mm2 == hectare && p.ratio.low < p.ratio.value &&
                p.ratio.value < p.ratio.high && p.ratio.high < 1);
    p = plan_of(&(struct slope_sample){19.999999, 10000}, 1, 0, NULL);
    CHECK_NEAR(p.row_m.value, 10000 / 14.5, 1e-9);
    CHECK_NEAR(p.ls_before, 4.6106, 5e-5);
    CHECK_NEAR(p.ls_after, 2.1556, 5e-5);
    p = plan_of(&(struct slope_sample){20, 10000}, 1, 0, NULL);
    CHECK_NEAR(p.row_m.value, 10000 / 10.6, 1e-9);
    CHECK_NEAR(p.ls_after, 1.7783, 5e-5);
    CHECK_NEAR(p.row_m.low, p.row_m.value, 1e-9); /* nothing unsure about it */
    struct milpa_design wide = milpa_design_default();
    wide.tree_spacing_m = 2.5;
    CHECK_NEAR(plan_of(&(struct slope_sample){30, 10000}, 1, 0, &wide).trees.value,
               10000 / 10.6 / 2.5, 1e-9);
}

static void both_sides(void **state)
{
    (void)state;
    const struct slope_sample samples[] = {{8, 3000}, {12, 3000}, {25, 4000}};
    struct milpa_plan p = plan_of(samples, 3, 0, NULL);
    assert_true(p.gentle_mm2 == hectare / 10 * 6 && p.steep_mm2 == hectare / 10 * 4);
    CHECK_NEAR(p.row_m.value, 6000 / 14.5 + 4000 / 10.6, 1e-9);
    CHECK_NEAR(p.steep_share, 0.4, 1e-15);
    double before = 0.3 * ls_factor(LS_RUSLE, 8, 50, 1) + 0.3 * ls_factor(LS_RUSLE, 12, 50, 1) +
                    0.4 * ls_factor(LS_RUSLE, 25, 50, 1);
    CHECK_RELATIVE(p.ls_before, before, 1e-14);
    /* Weights count, not how many cells there are. */
    const struct slope_sample halves[] = {{8, 1500}, {8, 1500}, {12, 3000}, {25, 1000}, {25, 3000}};
    struct milpa_plan h = plan_of(halves, 5, 0, NULL);
    CHECK_RELATIVE(h.ratio.value, p.ratio.value, 1e-12);
    CHECK_RELATIVE(h.row_m.value, p.row_m.value, 1e-12);
}

static void unknown_ground_is_not_planned(void **state)
{
    (void)state;
    struct milpa_design d = milpa_design_default();
    struct milpa_plan p;
    struct milpa_ground g = {.area_mm2 = hectare, .area_se_m2 = 100, .nodata_share = 1};
    milpa_plan(&g, &d, &p);
    assert_true(p.unknown_mm2 == hectare && isnan(p.row_m.value) && isnan(p.ratio.value) &&
                isnan(p.ls_before));
    g.samples = &(struct slope_sample){10, 5000};
    g.samples_n = 1;
    g.nodata_share = 0.5;
    milpa_plan(&g, &d, &p);
    assert_true(p.unknown_mm2 == hectare / 2 && p.gentle_mm2 == hectare / 2);
    CHECK_NEAR(p.row_m.value, 5000 / 14.5, 1e-6);
    CHECK_NEAR((p.row_m.high - p.row_m.low) / 2, 1.6448536 * 0.01 * 5000 / 14.5,
               1e-3); /* 1 % of area */
}

/* A slope just above the limit may truly lie below: the interval spans both widths' rows. */
static void noise_widens(void **state)
{
    (void)state;
    struct milpa_plan sure = plan_of(&(struct slope_sample){21, 10000}, 1, 0.01, NULL),
                      unsure = plan_of(&(struct slope_sample){21, 10000}, 1, 2, NULL);
    CHECK_NEAR(sure.row_m.low, sure.row_m.high, 1e-6);
    CHECK_NEAR(unsure.row_m.value, 10000 / 10.6, 1e-9);
    CHECK_NEAR(unsure.steep_share_expected, 1 - slope_noise_below(noise, 20, 21, 2, 2), 1e-12);
    assert_true(unsure.row_m.low < 800 && unsure.row_m.high >= unsure.row_m.value);
    assert_true(unsure.ratio.high / unsure.ratio.low > sure.ratio.high / sure.ratio.low);
    assert_true(unsure.ls_before_log_sd > sure.ls_before_log_sd);
    /* A measured length says more than a guessed one. */
    struct milpa_design measured = milpa_design_default();
    measured.length_low_m = measured.length_high_m = measured.slope_length_m;
    struct milpa_plan m = plan_of(&(struct slope_sample){21, 10000}, 1, 2, &measured);
    assert_true(m.ratio.high / m.ratio.low < unsure.ratio.high / unsure.ratio.low);
    CHECK_RELATIVE(m.ratio.value, unsure.ratio.value, 1e-15);
}

static double gauss(void)
{
    double u = 1 - random_between(0, 1), v = random_between(0, 1);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Simulated truths: cell slopes err together or each alone, the exponent and the length are drawn
 * from what the interval assumes. */
static void intervals_hold_the_truth(void **state)
{
    (void)state;
    enum { CASES = 3000, CELLS = 12 };
    random_seed(11);
    struct milpa_design d = milpa_design_default();
    for (int together = 0; together < 2; together++) {
        int rows_held = 0, ratio_held = 0;
        for (int i = 0; i < CASES; i++) {
            struct slope_sample seen[CELLS], truth[CELLS];
            double middle = 5 + 40 * random_between(0, 1), common = gauss(),
                   area_error = 0.03 * gauss(), rill = exp(log(2) / SOIL_Z90 * gauss());
            for (int c = 0; c < CELLS; c++) {
                truth[c] = (struct slope_sample){fabs(middle + 6 * gauss()), 800};
                seen[c] = (struct slope_sample){
                    fabs(truth[c].slope_pct + 2 * (together ? common : gauss())), 800};
            }
            struct milpa_ground g = {.area_mm2 = hectare,
                                     .area_se_m2 = 300,
                                     .samples = seen,
                                     .samples_n = CELLS,
                                     .noise_pct = 2,
                                     .noise = noise};
            struct milpa_plan p;
            milpa_plan(&g, &d, &p);
            double rows = 0, before = 0, after = 0,
                   length = exp(log(50) + log(2) / SOIL_Z90 * gauss());
            for (int c = 0; c < CELLS; c++) {
                double width = truth[c].slope_pct >= 20 ? 10.6 : 14.5;
                rows += 10000 * (1 + area_error) / CELLS / width;
                before += ls_factor(LS_RUSLE, truth[c].slope_pct, length, rill);
                after += ls_factor(LS_RUSLE, truth[c].slope_pct, fmin(width, length), rill);
            }
            rows_held += rows >= p.row_m.low && rows <= p.row_m.high;
            ratio_held += after / before >= p.ratio.low && after / before <= p.ratio.high;
        }
        print_message("errors %s: rows %.1f %%, ratio %.1f %%\n", together ? "together" : "apart",
                      100.0 * rows_held / CASES, 100.0 * ratio_held / CASES);
        assert_true(rows_held > CASES * 0.88);
        assert_true(ratio_held > CASES * 0.88);
    }
}

static void designs_are_checked(void **state)
{
    (void)state;
    struct error e;
    struct milpa_design d = milpa_design_default();
    CHECK_OK(milpa_design_check(&d, &e), e);
    d.tree_spacing_m = 0;
    assert_int_equal(milpa_design_check(&d, &e), STATUS_USAGE);
    assert_string_equal(e.code, "bad_design");
    d = milpa_design_default();
    d.slope_length_m = NAN;
    assert_int_equal(milpa_design_check(&d, &e), STATUS_USAGE);
    d = milpa_design_default();
    d.equation = LS_EQUATIONS_N;
    assert_int_equal(milpa_design_check(&d, &e), STATUS_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slope),
        cmocka_unit_test(both_sides),
        cmocka_unit_test(unknown_ground_is_not_planned),
        cmocka_unit_test(noise_widens),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(designs_are_checked),
    };
    return cmocka_run_group_tests(tests, make_noise, free_noise);
}
