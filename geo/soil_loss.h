/* Soil loss by water, A = R K LS C P (t/ha/yr): the factor of slope and length, the rain's
 * erosivity in Mexico, and how far an estimate can be trusted. Pure functions, no allocation,
 * thread-safe.
 *
 * Units: R in MJ mm / (ha h yr), K in t ha h / (ha MJ mm), slopes in percent, lengths in horizontal
 * metres. An estimate is never given without its interval: with the usual knowledge of the factors
 * it is a factor of three up or down (GEO.md 4.6). */
#ifndef GEO_SOIL_LOSS_H
#define GEO_SOIL_LOSS_H

#include <stdbool.h>

#include "geo/base/error.h"

#define SOIL_Z90 1.6448536269514722 /* half width of a 90 % interval in standard errors */

struct soil_interval { /* 90 % */
    double low, value, high;
};

/* ---- LS: what slope and its length do ---- */

enum ls_equation {
    LS_RUSLE,   /* McCool et al. 1987, 1989; Renard et al. 1997 */
    LS_USLE,    /* Wischmeier & Smith 1978, metric form */
    LS_NEARING, /* S of Nearing 1997, L as RUSLE */
    LS_EQUATIONS_N
};
const char *ls_equation_code(enum ls_equation q);     /* "rusle", "usle1978", "nearing1997" */
const char *ls_equation_citation(enum ls_equation q); /* for people */
enum ls_equation ls_equation_parse(const char *code); /* LS_EQUATIONS_N when unknown */

double ls_steepness_rusle(double slope_pct);   /* S */
double ls_steepness_nearing(double slope_pct); /* S */
/* The exponent m of the length; rill: ratio of rill to interrill erosion against the usual one (0.5
 * low, 1, 2 high; Renard 1997). */
double ls_exponent_rusle(double slope_pct, double rill);
double ls_exponent_usle(double slope_pct);
/* LS of a uniform slope of this length; rill as above (not used by LS_USLE). */
double ls_factor(enum ls_equation q, double slope_pct, double length_m, double rill);
/* L of one cell (Desmet & Govers 1996): area above it draining in, cell width, exponent, x = |sin|
 * + |cos| of the aspect. */
double ls_length_cell(double upslope_m2, double cell_m, double exponent, double aspect_x);
/* LS from specific catchment area (Moore & Wilson 1992), m = 0.4, n = 1.3. */
double ls_moore(double slope_pct, double specific_area_m);

/* ---- R: the rain ---- */

struct rain_erosivity {
    char region[8]; /* "V" */
    double r;       /* at the rain asked for */
    double r_other; /* by the other printed coefficients; NaN = there are none */
    bool clamped;   /* the parabola falls beyond its top: taken at the top */
    double top_mm;  /* rain of the top; only where clamped */
};
/* The 14 regional equations R = a P + b P2 (Cortes 1991, as printed by Martinez-Menez 2005); region
 * "5" or "V", yearly rain in mm. STATUS_USAGE: bad_region, bad_rain (0 < P <= 10,000). */
enum status rain_erosivity(const char *region, double rain_mm, struct rain_erosivity *out,
                           struct error *e) MUST_USE;
#define RAIN_EROSIVITY_SOURCE                                                                      \
    "R = a P + b P2 by region (Cortes 1991, as printed by Martinez-Menez 2005, Estimacion de la "  \
    "erosion del suelo)"

/* ---- A: the estimate ---- */

/* Coefficients of variation of the factors, typical for tables and maps (GEO.md 4.6). */
#define SOIL_CV_R 0.3
#define SOIL_CV_K 0.3
#define SOIL_CV_LS 0.25
#define SOIL_CV_C 0.5
#define SOIL_CV_P 0.3
#define SOIL_TOLERABLE_DEFAULT 10.0 /* t/ha/yr, deep soils */

struct soil_factors {
    double r, r_other; /* r_other NaN = none */
    double k, ls, c, p;
    double ls_log_sd; /* of LS beyond its equation's own SOIL_CV_LS: slope and length; 0 = none */
};
/* Multiplicative errors: ln A has the sum of the factors' variances ln(1 + cv^2); 90 % interval. */
struct soil_interval soil_loss(const struct soil_factors *f);

enum soil_verdict { SOIL_WITHIN, SOIL_OVER, SOIL_UNDECIDED };
/* Against what the soil tolerates: within or over only where the whole interval is. */
enum soil_verdict soil_verdict(struct soil_interval a, double tolerable);
const char *soil_verdict_name(enum soil_verdict v);

#endif
