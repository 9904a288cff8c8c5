/* The table of Rice's distribution and a kernel's share of a height error; see slope_noise.h. */
#include "geo/slope_noise.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 128, COLUMNS = 2 * SLOPE_NOISE_REACH * SLOPE_NOISE_STEPS };

/* row[i]: 1 / (1 + a) = i / ROWS, where a = nu / s; row 0 is the normal distribution. */
struct slope_noise {
    float row[ROWS + 1][COLUMNS + 2];
};

/* exp(-x) I0(x), x >= 0, to 2e-7 (Abramowitz & Stegun 1964, 9.8.1 and 9.8.2). */
static double bessel_i0_scaled(double x)
{
    static const double small[] = {1,         3.5156229, 3.0899424, 1.2067492,
                                   0.2659732, 0.0360768, 0.0045813};
    static const double large[] = {0.39894228,  0.01328592, 0.00225319,  -0.00157565, 0.00916281,
                                   -0.02057706, 0.02635537, -0.01647633, 0.00392377};
    double sum = 0;
    if (x < 3.75) {
        for (int i = 6; i >= 0; i--)
            sum = sum * (x / 3.75) * (x / 3.75) + small[i];
        return sum * exp(-x);
    }
    for (int i = 8; i >= 0; i--)
        sum = sum * 3.75 / x + large[i];
    return sum / sqrt(x);
}

static double rice_density(double b, double a)
{
    return b <= 0 ? 0 : b * exp(-(b - a) * (b - a) / 2) * bessel_i0_scaled(a * b);
}

static void fill_row(float *row, double a)
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
    for (int i = 0; i <= COLUMNS; i++)
        row[i] = (float)(cumulative[i] / sum);
    row[COLUMNS + 1] = 1;
}

struct slope_noise *slope_noise_new(void)
{
    struct slope_noise *n = malloc(sizeof *n);
    if (!n)
        return NULL;
    for (int i = 0; i <= COLUMNS + 1; i++)
        n->row[0][i] =
            (float)(0.5 * erfc(-((double)i / SLOPE_NOISE_STEPS - SLOPE_NOISE_REACH) / sqrt(2)));
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
    /* The mean slope lies bend2 / 2 nu above nu, so that the table's a is nu s / bend2. */
    double place = ROWS * bend2 / (bend2 + nu_pct * s);
    int i = place >= 0 && place < ROWS ? (int)place : ROWS - 1;
    *out = (struct slope_noise_at){n->row[i], n->row[i + 1], (float)(place - i), nu_pct, s, 1 / s};
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
