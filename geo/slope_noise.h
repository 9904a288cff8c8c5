/* What a slope may truly be, given what an elevation model of known vertical error says.
 *
 * Heights err by sigma_z (1 sigma), normally, the same everywhere in a 3x3 neighbourhood, with
 * correlation r^d between cells d cell widths apart (r = 0: independent; the assumption is stated
 * with every figure). The gradient then errs by k sigma_z / dx to the east and k sigma_z / dy to
 * the north, independently of each other; for r = 0 k = 0.4330 with Horn's kernel, 0.7071 with that
 * of Zevenbergen and Thorne (GEO.md 3.1). With no other
 * knowledge of the ground the true gradient is normal around the measured one, and its length, the
 * slope, has the distribution of Rice: P(slope < x) = 1 - Q1(nu / s, x / s), nu the measured slope.
 *
 * P is kept in a table over d = (x - nu) / s and 1 / (1 + nu / s), good to 1.5e-4 for square cells.
 * Where dx and dy differ, s is taken along the gradient and the curvature from the error across it,
 * towards the mean of both where it is nearly flat, and a second table holds what is missing to
 * first order in the difference of the variances. P is then good to 0.001 for one second at 17
 * degrees (cells 4 % higher than wide), 0.005 at 25 and 0.015 at 34 degrees, the worst being nearly
 * flat cells; away from those to 1e-4, and anywhere right to first order in s / nu. */
#ifndef GEO_SLOPE_NOISE_H
#define GEO_SLOPE_NOISE_H

#include "geo/base/error.h"
#include "geo/slope_kernel.h"

struct slope_noise; /* the table: immutable, shared by threads; 2 ms to make */
struct slope_noise *slope_noise_new(void); /* NULL: no memory */
void slope_noise_free(struct slope_noise *n);

/* The probability that the true slope is below x_pct, where nu_pct was measured, with standard
 * errors of the gradient (percent) along (s_along) and across it. 0 for x <= 0. */
double slope_noise_below(const struct slope_noise *n, double x_pct, double nu_pct,
                         double s_along_pct, double s_across_pct);
/* k: standard error of one axis of the kernel's gradient for sigma_z = 1 and cells of 1;
 * neighbour_correlation r in 0 .. 1. */
double slope_noise_kernel(enum slope_kernel kernel, double neighbour_correlation);

/* The vertical error of an elevation model, for slope_sum. */
#define SLOPE_ERROR_STEEP_PCT                                                                      \
    20 /* above this sigma_steep_m holds (the Copernicus specification's limit) */
struct slope_error {
    double sigma_m, sigma_steep_m;
    double share; /* slope_noise_kernel() */
    const struct slope_noise *noise;
};

/* One place of the table. */
struct slope_noise_cell {
    float below, stretch; /* P for cells as wide as high; what it gains where they are not */
};

/* The position in the table of one measured slope: to be asked for several x. */
struct slope_noise_at {
    const struct slope_noise_cell *low, *high; /* neighbouring rows */
    float part;                                /* of high */
    float stretch;                             /* (along2 - across2) / (along2 + across2) */
    double nu, s, per_s;
};
void slope_noise_place(const struct slope_noise *n, double nu_pct, double along2, double across2,
                       struct slope_noise_at *out);     /* variances */
enum { SLOPE_NOISE_REACH = 6, SLOPE_NOISE_STEPS = 32 }; /* d from -6 to 6 in steps of 1/32 */
static inline double slope_noise_at_below(const struct slope_noise_at *at, double x_pct)
{
    double d = (x_pct - at->nu) * at->per_s;
    if (!(d > -SLOPE_NOISE_REACH))
        return 0;
    if (d >= SLOPE_NOISE_REACH)
        return 1;
    double place = (d + SLOPE_NOISE_REACH) * SLOPE_NOISE_STEPS;
    int i = (int)place;
    float f = (float)(place - i), k = at->stretch, part = at->part;
    float left = at->low[i].below + k * at->low[i].stretch,
          right = at->low[i + 1].below + k * at->low[i + 1].stretch,
          low = left + f * (right - left);
    left = at->high[i].below + k * at->high[i].stretch;
    right = at->high[i + 1].below + k * at->high[i + 1].stretch;
    float p = low + part * (left + f * (right - left) - low);
    return p > 0 ? p < 1 ? (double)p : 1 : 0;
}

#endif
