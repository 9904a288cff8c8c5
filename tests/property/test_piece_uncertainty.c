/* The error of a piece: simulated boundaries that a fixed line cuts. The 95 % interval of the area inside holds the truth in 94 to 96 %
 * of simulated surveys, as for whole plots (test_uncertainty_coverage.c); the pieces together have the whole's variance, their pulls cancel,
 * and a pull is the change of the piece when all of the boundary moves. */
#include "tests/check.h"

#include <stdlib.h>

#include "geo/slope.h"
#include "geo/uncertainty.h"
#include "tests/property/random.h"

enum { VERTICES_MAX = 60, SURVEYS = 2000 };

struct flat {
    double x[2 * VERTICES_MAX], y[2 * VERTICES_MAX];
    int n;
};

static double gauss(void)
{
    double u = 1 - random_between(0, 1), v = random_between(0, 1);
    return sqrt(-2 * log(u)) * cos(2 * 3.141592653589793 * v);
}

static double area_of(const struct flat *f)
{
    double twice = 0;
    for (int i = 0; i < f->n; i++) {
        int j = (i + 1) % f->n;
        twice += f->x[i] * f->y[j] - f->x[j] * f->y[i];
    }
    return twice / 2;
}

/* What lies west of x = at (keep_west), or east of it (Sutherland and Hodgman 1974). */
static struct flat cut(const struct flat *f, double at, bool keep_west)
{
    struct flat out = {.n = 0};
    double sign = keep_west ? 1 : -1;
    for (int i = 0; i < f->n; i++) {
        int j = (i + 1) % f->n;
        double a = sign * (at - f->x[i]), b = sign * (at - f->x[j]);
        if (a >= 0) {
            out.x[out.n] = f->x[i];
            out.y[out.n++] = f->y[i];
        }
        if ((a > 0 && b < 0) || (a < 0 && b > 0)) {
            double t = a / (a - b);
            out.x[out.n] = at;
            out.y[out.n++] = f->y[i] + t * (f->y[j] - f->y[i]);
        }
    }
    return out;
}

static struct boundary placed(const struct flat *f, double east, double north, struct arena *a)
{
    struct boundary b;
    assert_true(f->n > 2);
    assert_true(boundary_alloc(&b, a, (uint32_t)f->n + 1, 1, 1));
    for (int i = 0; i <= f->n; i++)
        b.points[i] = (struct lonlat){f->x[i % f->n] / east, f->y[i % f->n] / north};
    b.ring_end[0] = b.points_n;
    b.part_end[0] = 1;
    return b;
}

static struct flat polygon(double side, int n)
{
    struct flat f = {.n = n};
    for (int i = 0; i < n; i++) {
        double s = 4 * side * i / n, along = fmod(s, side);
        int edge = (int)(s / side);
        f.x[i] = edge == 0 ? along : edge == 1 ? side : edge == 2 ? side - along : 0;
        f.y[i] = edge == 0 ? 0 : edge == 1 ? along : edge == 2 ? side : side - along;
    }
    return f;
}

/* Noise with correlation exp(-metres / length) along the closed ring, by Cholesky. */
static void correlate(int n, double step, double length, double out[VERTICES_MAX][VERTICES_MAX])
{
    double q = length > 0 ? exp(-n * step / length) : 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double d = (i - j) * step, c = i == j ? 1 : length > 0 ? (exp(-d / length) + exp(-(n * step - d) / length)) / (1 + q) : 0;
            for (int k = 0; k < j; k++)
                c -= out[i][k] * out[j][k];
            out[i][j] = i == j ? sqrt(c) : c / out[j][j];
        }
}

static struct flat surveyed(const struct flat *f, double sigma, double root[VERTICES_MAX][VERTICES_MAX])
{
    double u[VERTICES_MAX], v[VERTICES_MAX];
    struct flat out = *f;
    for (int i = 0; i < f->n; i++) {
        u[i] = gauss();
        v[i] = gauss();
        for (int k = 0; k <= i; k++) {
            out.x[i] += sigma * root[i][k] * u[k];
            out.y[i] += sigma * root[i][k] * v[k];
        }
    }
    return out;
}

struct pieces_of {
    struct uncertainty_pull pulls[2];
    double covariance[4], se_m2;
};

static struct pieces_of pieces_of(const struct flat *f, double at, const struct uncertainty_model *model, double east, double north, struct arena *a)
{
    struct flat west = cut(f, at, true), rest = cut(f, at, false);
    struct boundary whole = placed(f, east, north, a), inside = placed(&west, east, north, a), outside = placed(&rest, east, north, a);
    const struct boundary *pieces[] = {&inside, &outside};
    struct uncertainty u = uncertainty_of_boundary(&whole, model);
    struct pieces_of p = {.se_m2 = uncertainty_se_measured_m2(&u)};
    struct error e;
    CHECK_OK(uncertainty_of_pieces(&whole, model, p.se_m2, pieces, 2, a, p.pulls, p.covariance, &e), e);
    return p;
}

static void intervals_of_pieces(void **state)
{
    (void)state;
    static double root[VERTICES_MAX][VERTICES_MAX];
    static const struct {
        double side, sigma, length;
        int n;
    } cases[] = {{100, 3, 40, 40}, {100, 1.5, 0, 20}, {100, 0.5, 0, 4}, {220, 3, 40, 60}, {50, 3, 40, 20}, {220, 5, 100, 40}};
    static const double shares[] = {0.15, 0.3, 0.5, 0.8, 0.93};
    struct arena a;
    double east, north;
    arena_init(&a, 0);
    ground_m_per_degree(0, &east, &north);
    random_seed(7);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct uncertainty_model model = {.sigma_m = cases[c].sigma, .correlation_m = cases[c].length};
        struct flat truth = polygon(cases[c].side, cases[c].n);
        correlate(cases[c].n, 4 * cases[c].side / cases[c].n, cases[c].length, root);
        for (size_t k = 0; k < 5; k++) {
            double at = shares[k] * cases[c].side, inside = at * cases[c].side;
            int held = 0;
            if (fmin(at, cases[c].side - at) < 4 * cases[c].sigma)
                continue; /* a walk may not meet the line at all: then nothing is cut, and the plot's own error is taken */
            for (int i = 0; i < SURVEYS; i++) {
                struct flat f = surveyed(&truth, cases[c].sigma, root), in = cut(&f, at, true);
                struct pieces_of p = pieces_of(&f, at, &model, east, north, &a);
                held += fabs(area_of(&in) - inside) <= UNCERTAINTY_Z95 * sqrt(p.covariance[0]);
                arena_reset(&a);
            }
            double pct = 100.0 * held / SURVEYS;
            if (fabs(pct - 95) > 2)
                print_error("side %g, sigma %g, length %g, %d vertices, %g inside: %.2f %%\n", cases[c].side, cases[c].sigma, cases[c].length,
                            cases[c].n, shares[k], pct);
            CHECK_NEAR(pct, 95, 1 + 3 * sqrt(95.0 * 5 / SURVEYS));
        }
    }
    arena_clear(&a);
}

static void pieces_make_the_whole(void **state)
{
    (void)state;
    struct arena a;
    double east, north;
    arena_init(&a, 0);
    ground_m_per_degree(0, &east, &north);
    random_seed(8);
    for (int n = 0; n < 500; n++) {
        struct uncertainty_model model = {.sigma_m = random_between(0.3, 5), .correlation_m = random_below(2) ? 0 : random_between(10, 80)};
        struct flat f = polygon(random_between(20, 300), 4 * (1 + (int)random_below(12)));
        double width = 0;
        for (int i = 0; i < f.n; i++) {
            f.x[i] += 2 * gauss();
            f.y[i] += 2 * gauss();
            width = fmax(width, f.x[i]);
        }
        double at = width * random_between(0.3, 0.7), step = 0.01;
        struct pieces_of p = pieces_of(&f, at, &model, east, north, &a);
        double sum = p.covariance[0] + p.covariance[1] + p.covariance[2] + p.covariance[3];
        CHECK_RELATIVE(sum, p.se_m2 * p.se_m2, 1e-9);
        CHECK_NEAR(p.covariance[1], p.covariance[2], 1e-9 * sum);
        assert_true(p.covariance[0] > 0 && p.covariance[3] > 0);
        CHECK_NEAR(p.pulls[0].east_m + p.pulls[1].east_m, 0, 1e-6 * width);
        CHECK_NEAR(p.pulls[0].north_m + p.pulls[1].north_m, 0, 1e-6 * width);
        struct flat before = cut(&f, at + step / 2, true), after = cut(&f, at - step / 2, true); /* the line west = the boundary east */
        CHECK_NEAR((area_of(&after) - area_of(&before)) / step, p.pulls[0].east_m, 1e-3 * width);
        arena_reset(&a);
    }
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_of_pieces), cmocka_unit_test(pieces_make_the_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
