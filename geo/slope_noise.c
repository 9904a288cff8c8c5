/* The table of Rice's distribution and a kernel's share of a height error; see slope_noise.h. */
#include "geo/slope_noise.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 128, COLUMNS = 2 * SLOPE_NOISE_REACH * SLOPE_NOISE_STEPS };

/* row[i]: 1 / (1 + a) = i / ROWS, where a = nu / s; row 0 is the normal distribution. */
struct slope_noise {
    struct slope_noise_cell row[ROWS + 1][COLUMNS + 2];
};

static double polynomial(const double *c, int degree, double x)
{
    double sum = 0;
    for (int i = degree; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* exp(-x) I(x) of order 0 and 1, x >= 0, to 2e-7 (Abramowitz & Stegun 1964, 9.8.1 to 9.8.4). */
static void bessel_scaled(double x, double out[2])
{
    static const double small0[] = {1,         3.5156229, 3.0899424, 1.2067492,
                                    0.2659732, 0.0360768, 0.0045813},
                        small1[] = {0.5,        0.87890594, 0.51498869, 0.15084934,
                                    0.02658733, 0.00301532, 0.00032411},
                        large0[] = {0.39894228,  0.01328592, 0.00225319,  -0.00157565, 0.00916281,
                                    -0.02057706, 0.02635537, -0.01647633, 0.00392377},
                        large1[] = {0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555,
                                    0.02282967, -0.02895312, 0.01787654,  -0.00420059};
    if (x < 3.75) {
        double t2 = x / 3.75 * (x / 3.75), e = exp(-x);
        out[0] = polynomial(small0, 6, t2) * e;
        out[1] = polynomial(small1, 6, t2) * x * e;
        return;
    }
    out[0] = polynomial(large0, 8, 3.75 / x) / sqrt(x);
    out[1] = polynomial(large1, 8, 3.75 / x) / sqrt(x);
}

static double rice_density(double b, double a)
{
    double bessel[2];
    if (b <= 0)
        return 0;
    bessel_scaled(a * b, bessel);
    return b * exp(-(b - a) * (b - a) / 2) * bessel[0];
}

/* What P gains for each unit of k = (along2 - across2) / (along2 + across2), to first order: half
 * of the derivative of Rice's P, F, by the difference of the variances, (F_aa - F_a / a), less what
 * slope_noise_place() already does by its s and a for sides that differ. */
static double rice_stretch(double b, double a)
{
    double bessel[2], z = a * b;
    if (b <= 0 || a <= 0)
        return 0;
    bessel_scaled(z, bessel);
    double second = z > 1e-3 ? bessel[0] - 2 * bessel[1] / z : 0, share = a * a / (1 + a * a);
    double done = (1.5 * a - (b - a) / 2) * bessel[0] - 1.5 * a * bessel[1];
    return b * exp(-(b - a) * (b - a) / 2) * ((a * bessel[1] - b * second) / 2 - share * done);
}

static void fill_row(struct slope_noise_cell *row, double a)
{
    double sum = 0, step = 1.0 / SLOPE_NOISE_STEPS, cumulative[COLUMNS + 1];
    cumulative[0] = 0;
    for (int i = 0; i < COLUMNS; i++) {
        double from = fmax(0, a - SLOPE_NOISE_REACH + i * step),
               to = fmax(0, a - SLOPE_NOISE_REACH + (i + 1) * step);
        sum += (to - from) / 6 *
               (rice_density(from, a) + 4 * rice_density((from + to) / 2, a) + rice_density(to, a));
        cumulative[i + 1] = sum;
    }
    for (int i = 0; i <= COLUMNS; i++) {
        row[i].below = (float)(cumulative[i] / sum);
        row[i].stretch = (float)rice_stretch(a - SLOPE_NOISE_REACH + i * step, a);
    }
    row[COLUMNS + 1] = (struct slope_noise_cell){1, 0};
}

struct slope_noise *slope_noise_new(void)
{
    struct slope_noise *n = malloc(sizeof *n);
    if (!n)
        return NULL;
    for (int i = 0; i <= COLUMNS + 1; i++)
        n->row[0][i] = (struct slope_noise_cell){
            (float)(0.5 * erfc(-((double)i / SLOPE_NOISE_STEPS - SLOPE_NOISE_REACH) / sqrt(2))), 0};
    for (int i = 1; i <= ROWS; i++)
        fill_row(n->row[i], (double)ROWS / i - 1);
    return n;
}

void slope_noise_free(struct slope_noise *n)
{
    free(n);
}

void slope_noise_place(const struct slope_noise *n, double nu_pct, double along2, double across2,
                       struct slope_noise_at *out)
{
    double mean2 = (along2 + across2) / 2, flat = mean2 / (mean2 + nu_pct * nu_pct);
    double s = sqrt(along2 + (mean2 - along2) * flat), bend2 = across2 + (mean2 - across2) * flat;
    double k = (along2 - mean2) / mean2; /* - k^3: where sides differ very much, the first order is
                                            too much of it */
    /* The mean slope lies bend2 / 2 nu above nu, so that the table's a is nu s / bend2. */
    double place = ROWS * bend2 / (bend2 + nu_pct * s);
    int i = place >= 0 && place < ROWS ? (int)place : ROWS - 1;
    *out = (struct slope_noise_at){
        n->row[i], n->row[i + 1], (float)(place - i), (float)(k * (1 - k * k)), nu_pct, s, 1 / s};
}

double slope_noise_below(const struct slope_noise *n, double x_pct, double nu_pct,
                         double s_along_pct, double s_across_pct)
{
    struct slope_noise_at at;
    if (!(x_pct > 0))
        return 0;
    if (!(s_along_pct > 0) || !(s_across_pct > 0))
        return nu_pct < x_pct;
    slope_noise_place(n, nu_pct, s_along_pct * s_along_pct, s_across_pct * s_across_pct, &at);
    return slope_noise_at_below(&at, x_pct);
}

double slope_noise_kernel(enum slope_kernel kernel, double neighbour_correlation)
{
    double weight[9], east, north;
    for (int i = 0; i < 9; i++) {
        double z[9] = {0};
        z[i] = 0.01; /* gradients come in percent */
        slope_gradient(kernel, z, 1, 1, &east, &north);
        weight[i] = east;
    }
    double variance = 0;
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++)
            variance += weight[i] * weight[j] *
                        pow(neighbour_correlation, hypot(i % 3 - j % 3, i / 3 - j / 3));
    return sqrt(fmax(variance, 0));
}
