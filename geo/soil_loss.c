/* LS equations and the estimate of soil loss; see soil_loss.h. The rain is in rain_erosivity.c. */
#include "geo/soil_loss.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double unit_plot_m = 22.13; /* length of the plots that the equations were fitted to */

static const struct {
    const char *code, *citation;
} equations[LS_EQUATIONS_N] = {
    {"rusle", "RUSLE: S of McCool et al. 1987, L = (x / 22.13)^m with m of McCool et al. 1989 "
              "(Renard et al. 1997, USDA Handbook 703)"},
    {"usle1978", "USLE: LS = (x / 22.13)^m (65.41 sin2 + 4.56 sin + 0.065), metric form in percent "
                 "(Wischmeier & Smith 1978, USDA Handbook 537)"},
    {"nearing1997", "S of Nearing 1997 (Soil Sci. Soc. Am. J. 61:917), L as RUSLE"},
};

const char *ls_equation_code(enum ls_equation q)
{
    return equations[q].code;
}

const char *ls_equation_citation(enum ls_equation q)
{
    return equations[q].citation;
}

enum ls_equation ls_equation_parse(const char *code)
{
    int q = 0;
    while (q < LS_EQUATIONS_N && strcmp(equations[q].code, code) != 0)
        q++;
    return (enum ls_equation)q;
}

static double sine(double slope_pct)
{
    return slope_pct / sqrt(1e4 + slope_pct * slope_pct);
}

double ls_steepness_rusle(double slope_pct)
{
    double s = sine(slope_pct);
    return slope_pct < 9 ? 10.8 * s + 0.03 : 16.8 * s - 0.5;
}

double ls_steepness_nearing(double slope_pct)
{
    return -1.5 + 17 / (1 + exp(2.3 - 6.1 * sine(slope_pct)));
}

double ls_exponent_rusle(double slope_pct, double rill)
{
    double s = sine(slope_pct), beta = rill * (s / 0.0896) / (3 * pow(s, 0.8) + 0.56);
    return beta / (1 + beta);
}

double ls_exponent_usle(double slope_pct)
{
    return slope_pct >= 5 ? 0.5 : slope_pct >= 3.5 ? 0.4 : slope_pct >= 1 ? 0.3 : 0.2;
}

double ls_factor(enum ls_equation q, double slope_pct, double length_m, double rill)
{
    if (q == LS_USLE) /* fitted in metres, without the 22.13: 0.0138 + ... = (65.41 sin2 + ...)
                         / 22.13^0.5 about */
        return pow(length_m, ls_exponent_usle(slope_pct)) *
               (0.0138 + 0.00965 * slope_pct + 0.00138 * slope_pct * slope_pct);
    double steepness =
        q == LS_NEARING ? ls_steepness_nearing(slope_pct) : ls_steepness_rusle(slope_pct);
    return steepness * pow(length_m / unit_plot_m, ls_exponent_rusle(slope_pct, rill));
}

double ls_length_cell(double upslope_m2, double cell_m, double exponent, double aspect_x)
{
    double cell_m2 = cell_m * cell_m;
    return (pow(upslope_m2 + cell_m2, exponent + 1) - pow(upslope_m2, exponent + 1)) /
           (pow(cell_m, exponent + 2) * pow(aspect_x * unit_plot_m, exponent));
}

double ls_moore(double slope_pct, double specific_area_m)
{
    return 1.4 * pow(specific_area_m / unit_plot_m, 0.4) * pow(sine(slope_pct) / 0.0896, 1.3);
}

struct soil_interval soil_loss(const struct soil_factors *f)
{
    static const double cv[] = {SOIL_CV_R, SOIL_CV_K, SOIL_CV_LS, SOIL_CV_C, SOIL_CV_P};
    double variance = f->ls_log_sd * f->ls_log_sd, a = f->r * f->k * f->ls * f->c * f->p;
    for (size_t i = 0; i < sizeof cv / sizeof *cv; i++)
        variance += log1p(cv[i] * cv[i]);
    if (f->r_other > 0 && f->r > 0)
        variance += log(f->r_other / f->r) * log(f->r_other / f->r);
    double times = exp(SOIL_Z90 * sqrt(variance));
    return (struct soil_interval){a / times, a, a * times};
}

enum soil_verdict soil_verdict(struct soil_interval a, double tolerable)
{
    return a.high <= tolerable ? SOIL_WITHIN : a.low > tolerable ? SOIL_OVER : SOIL_UNDECIDED;
}

const char *soil_verdict_name(enum soil_verdict v)
{
    return v == SOIL_WITHIN ? "within" : v == SOIL_OVER ? "over" : "undecided";
}
