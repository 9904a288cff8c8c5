/* Standard error of an area: the tables of GEO.md 2.1, the O(n) sums against the double sum written
 * out, ring start and direction, models by survey method, totals. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "geo/slope.h"
#include "geo/uncertainty.h"

enum { VERTICES_MAX = 128 };

static const struct lonlat ORIGIN = {-92.637, 16.7};

/* A square of side `side`, n vertices at equal distances (n a multiple of 4), closed. */
static void square(double side, uint32_t n, struct lonlat *out)
{
    double east, north;
    ground_m_per_degree(ORIGIN.lat, &east, &north);
    for (uint32_t i = 0; i <= n; i++) {
        double s = 4 * side * (i % n) / n, x, y;
        int edge = (int)(s / side);
        double along = s - edge * side;
        x = edge == 0 ? along : edge == 1 ? side : edge == 2 ? side - along : 0;
        y = edge == 0 ? 0 : edge == 1 ? along : edge == 2 ? side : side - along;
        out[i] = (struct lonlat){ORIGIN.lon + x / east, ORIGIN.lat + y / north};
    }
}

static double relative_pct(double m2, uint32_t n, double sigma, double rho)
{
    struct lonlat ring[VERTICES_MAX + 1];
    double time[VERTICES_MAX];
    struct uncertainty u = {0, 0};
    struct uncertainty_model model = {.sigma_m = sigma,
                                      .correlation_s = rho > 0 ? -1 / log(rho) : 0};
    square(sqrt(m2), n, ring);
    for (uint32_t i = 0; i < n; i++)
        time[i] = i;
    uncertainty_add_ring(&u, ring, n + 1, NULL, time, &model);
    return 100 * uncertainty_se_true_m2(&u) / m2;
}

/* The table was simulated and printed with two digits: 3 % and half of the last digit. */
static void table_of_sizes(void **state)
{
    (void)state;
    static const double sizes[] = {500, 1000, 2500, 5000, 10000, 20000, 50000},
                        sigmas[] = {1.5, 3, 5};
    static const uint32_t vertices[] = {4, 20, 100};
    static const double expected[7][3][3] = {
        {{9.5, 19.1, 32.4}, {5.9, 12.7, 24.7}, {4.1, 13.8, 36.5}},
        {{6.7, 13.5, 22.6}, {4.1, 8.5, 15.6}, {2.5, 7.4, 18.8}},
        {{4.2, 8.5, 14.2}, {2.6, 5.2, 9.1}, {1.4, 3.5, 8.1}},
        {{3.0, 6.0, 10.0}, {1.8, 3.6, 6.2}, {0.9, 2.1, 4.5}},
        {{2.1, 4.2, 7.1}, {1.3, 2.6, 4.3}, {0.6, 1.4, 2.7}},
        {{1.5, 3.0, 5.0}, {0.9, 1.8, 3.0}, {0.4, 0.9, 1.7}},
        {{0.95, 1.9, 3.2}, {0.6, 1.1, 1.9}, {0.3, 0.55, 0.95}}};
    for (int a = 0; a < 7; a++)
        for (int n = 0; n < 3; n++)
            for (int s = 0; s < 3; s++)
                CHECK_NEAR(relative_pct(sizes[a], vertices[n], sigmas[s], 0), expected[a][n][s],
                           0.03 * expected[a][n][s] + 0.05);
}

static void table_of_correlations(void **state)
{
    (void)state;
    static const double rho[] = {0, 0.5, 0.8, 0.9, 0.95, 0.99},
                        expected[] = {1.35, 2.1, 3.3, 4.2, 4.6, 3.3};
    for (int i = 0; i < 6; i++)
        CHECK_NEAR(relative_pct(10000, 100, 3, rho[i]), expected[i], 0.03 * expected[i] + 0.05);
}

static void four_corners(void **state)
{
    (void)state;
    struct lonlat ring[5];
    struct uncertainty u = {0, 0};
    struct uncertainty_model model = {.sigma_m = 3};
    square(100, 4, ring);
    uncertainty_add_ring(&u, ring, 5, NULL, NULL, &model);
    CHECK_RELATIVE(sqrt(u.linear_m4), 3 * sqrt(2.0) * 100, 1e-4); /* sigma sqrt(2) side */
    CHECK_RELATIVE(u.product_m4, 4 * 81 / 2.0, 1e-12);            /* n sigma^4 / 2 */
    double unequal[] = {1, 2, 3, 4};
    u = (struct uncertainty){0, 0};
    uncertainty_add_ring(&u, ring, 5, unequal, NULL, &model);
    CHECK_RELATIVE(u.linear_m4, (1 + 4 + 9 + 16) * 20000.0 / 4, 1e-4); /* sum sigma^2 d^2 / 4 */
    CHECK_RELATIVE(u.product_m4, (1 * 4 + 4 * 9 + 9 * 16 + 16 * 1) / 2.0, 1e-12);
}

/* The double sums as they stand in the book, for any correlation matrix c (sigma included). */
static struct uncertainty written_out(const double *x, const double *y, int n,
                                      double (*c)[VERTICES_MAX])
{
    struct uncertainty u = {0, 0};
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int ia = (i + 1) % n, ib = (i + n - 1) % n, ja = (j + 1) % n, jb = (j + n - 1) % n;
            u.linear_m4 += c[i][j] *
                           ((y[ia] - y[ib]) * (y[ja] - y[jb]) + (x[ia] - x[ib]) * (x[ja] - x[jb])) /
                           4;
            u.product_m4 += c[i][j] * (c[ia][ja] - c[ia][jb] - c[ib][ja] + c[ib][jb]) / 4;
        }
    return u;
}

enum kind { CHAIN, ROUND };

static void against_double_sum(enum kind kind, double length, double tolerance_product)
{
    enum { N = 37 };
    static double c[VERTICES_MAX][VERTICES_MAX];
    struct lonlat ring[N + 1];
    double x[N], y[N], sigma[N], time[N], at[N + 1], east, north;
    ground_m_per_degree(ORIGIN.lat, &east, &north);
    at[0] = 0;
    for (int i = 0; i < N; i++) {
        double turn = 2 * 3.141592653589793 * i / N,
               radius = 40 + 9 * sin(3 * turn) + 4 * cos(7 * turn);
        x[i] = radius * cos(turn);
        y[i] = radius * sin(turn);
        sigma[i] = 2 + sin(5.0 * i);
        time[i] = i * 5 + 3 * sin(i);
        ring[i] = (struct lonlat){ORIGIN.lon + x[i] / east, ORIGIN.lat + y[i] / north};
    }
    ring[N] = ring[0];
    for (int i = 0; i < N; i++)
        at[i + 1] = at[i] + hypot(x[(i + 1) % N] - x[i], y[(i + 1) % N] - y[i]);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double d = fabs(at[i] - at[j]);
            double rho = kind == CHAIN ? exp(-fabs(time[i] - time[j]) / length)
                                       : (exp(-d / length) + exp(-(at[N] - d) / length)) /
                                             (1 + exp(-at[N] / length));
            c[i][j] = rho * sigma[i] * sigma[j];
        }
    struct uncertainty expected = written_out(x, y, N, c), u = {0, 0};
    struct uncertainty_model model = {
        .sigma_m = 1, .correlation_s = length, .correlation_m = length};
    uncertainty_add_ring(&u, ring, N + 1, sigma, kind == CHAIN ? time : NULL, &model);
    CHECK_RELATIVE(u.linear_m4, expected.linear_m4,
                   1e-4); /* metres per degree at another latitude */
    CHECK_RELATIVE(u.product_m4, expected.product_m4, tolerance_product);
}

static void recursion_is_the_double_sum(void **state)
{
    (void)state;
    against_double_sum(CHAIN, 20, 1e-9);
    against_double_sum(CHAIN, 500, 1e-9); /* the ends of the walk are correlated too */
    against_double_sum(ROUND, 5, 1e-4);
    against_double_sum(ROUND, 40,
                       0.03); /* perimeter is 8 lengths: exp(-8), and metres per degree */
}

static void start_and_direction_do_not_matter(void **state)
{
    (void)state;
    struct lonlat ring[41], turned[41], reversed[41];
    struct uncertainty_model model = {.sigma_m = 3, .correlation_m = 30};
    square(80, 40, ring);
    ring[7].lon += 5e-5;
    ring[22].lat -= 8e-5;
    for (int i = 0; i <= 40; i++) {
        turned[i] = ring[(i + 13) % 40];
        reversed[i] = ring[40 - i];
    }
    struct uncertainty a = {0, 0}, b = {0, 0}, c = {0, 0};
    uncertainty_add_ring(&a, ring, 41, NULL, NULL, &model);
    uncertainty_add_ring(&b, turned, 41, NULL, NULL, &model);
    uncertainty_add_ring(&c, reversed, 41, NULL, NULL, &model);
    CHECK_RELATIVE(b.linear_m4, a.linear_m4, 1e-12);
    CHECK_RELATIVE(c.linear_m4, a.linear_m4, 1e-12);
    CHECK_RELATIVE(b.product_m4, a.product_m4, 1e-12);
    CHECK_RELATIVE(c.product_m4, a.product_m4, 1e-12);
}

static void holes_add_up(void **state)
{
    (void)state;
    struct lonlat points[10];
    square(100, 4, points);
    square(20, 4, points + 5);
    struct boundary b = {points, (uint32_t[]){5, 10}, (uint32_t[]){2}, 10, 2, 1};
    struct uncertainty_model model = {.sigma_m = 1};
    struct uncertainty u = uncertainty_of_boundary(&b, &model);
    CHECK_RELATIVE(u.linear_m4, 2 * 10000.0 + 2 * 400.0, 1e-4);
    CHECK_RELATIVE(u.product_m4, 4.0, 1e-12);
}

static void bad_values_fall_back(void **state)
{
    (void)state;
    struct lonlat ring[5];
    struct uncertainty_model model = {.sigma_m = 3};
    double sigma[] = {NAN, -1, 0, INFINITY}, backwards[] = {0, 5, 4, 9}, some[] = {0, NAN, 2, 3};
    square(100, 4, ring);
    struct uncertainty plain = {0, 0}, a = {0, 0}, b = {0, 0}, none = {0, 0};
    uncertainty_add_ring(&plain, ring, 5, NULL, NULL, &model);
    uncertainty_add_ring(&a, ring, 5, sigma, backwards, &model);
    uncertainty_add_ring(&b, ring, 5, NULL, some, &model);
    uncertainty_add_ring(&none, ring, 3, NULL, NULL, &model);
    assert_true(a.linear_m4 == plain.linear_m4 && b.linear_m4 == plain.linear_m4 &&
                none.linear_m4 == 0);
}

static void surveys_and_sigmas(void **state)
{
    (void)state;
    struct uncertainty_model walked = uncertainty_of_survey("walked"),
                             unknown = uncertainty_of_survey("dreamt"),
                             imported = uncertainty_of_survey("imported");
    CHECK_NEAR(walked.sigma_m, 3, 0);
    CHECK_NEAR(walked.correlation_s, 40, 0);
    CHECK_NEAR(walked.correlation_m, 40, 0);
    assert_memory_equal(&unknown, &imported, sizeof unknown);
    CHECK_NEAR(uncertainty_of_survey("cadastral").sigma_m, 0.5, 0);
    CHECK_NEAR(uncertainty_of_survey("digitised").correlation_m, 0, 0);
    CHECK_NEAR(sigma_of_radius68_m(1.515), 1, 1e-15);
    CHECK_NEAR(sigma_of_radius50_m(1.1774), 1, 1e-15);
    CHECK_NEAR(sigma_of_radius95_m(2.4477), 1, 1e-15);
}

static void totals_keep_the_shared_part(void **state)
{
    (void)state;
    struct uncertainty_total t = {0, 0, 0};
    for (int i = 0; i < 100; i++)
        uncertainty_total_add(&t, 10000, i == 99 ? 0.5 : 1, 300, 0.001);
    CHECK_RELATIVE(t.area_m2, 995000, 1e-12);
    CHECK_RELATIVE(t.independent_m4, 99.25 * 300 * 300, 1e-12);
    CHECK_RELATIVE(t.shared_m2, 995, 1e-12);
    CHECK_RELATIVE(uncertainty_total_se_m2(&t), sqrt(99.25 * 90000 + 995 * 995), 1e-12);
    struct uncertainty_interval i = uncertainty_interval95(100, 10),
                                small = uncertainty_interval95(1, 10);
    CHECK_NEAR(i.low, 80.40036, 1e-5);
    CHECK_NEAR(i.high, 119.59964, 1e-5);
    CHECK_NEAR(small.low, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_sizes),
        cmocka_unit_test(table_of_correlations),
        cmocka_unit_test(four_corners),
        cmocka_unit_test(recursion_is_the_double_sum),
        cmocka_unit_test(start_and_direction_do_not_matter),
        cmocka_unit_test(holes_add_up),
        cmocka_unit_test(bad_values_fall_back),
        cmocka_unit_test(surveys_and_sigmas),
        cmocka_unit_test(totals_keep_the_shared_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
