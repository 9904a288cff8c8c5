/* Planning milpa between rows of fruit trees (MIAF) on one plot: how wide the modules, how many
 * metres of contour row and trees, and what the rows do to soil loss. Pure functions, thread-safe.
 *
 * The rule (CIMMYT 2025, "Tips para disenar e implementar un sistema MIAF"): modules of 14.5 m
 * where the slope is under 20 %, of 10.6 m above; rows on the contour, trees 1 m apart. Widths are
 * taken as horizontal distances, so that metres of row = area / width. The rows break the slope:
 * its length becomes the module's width. The ratio of soil loss is LS after / LS before; R and K
 * cancel, and C and P do where they stay as they are. It holds where the rows stop the water, that
 * is from some years on.
 *
 * Intervals (90 %):
 * - metres of row and trees: the plot's area (its standard error) and the share above 20 %, whose
 * standard error is taken as sum w sqrt(p (1 - p)) over cells with probability p of lying above: as
 * if all cells erred together, the careful side;
 * - the ratio: in ln, the root sum of squares of three half widths: all slopes moved by +-1.645
 * standard errors; the equation (exponents for low and high rill erosion, USLE 1978, RUSLE); the
 * slope length before. */
#ifndef GEO_MILPA_H
#define GEO_MILPA_H

#include <stdint.h>

#include "geo/slope.h"
#include "geo/soil_loss.h"

struct milpa_design {
    double limit_pct;                     /* 20 */
    double width_gentle_m, width_steep_m; /* 14.5, 10.6 */
    double tree_spacing_m;                /* 1 */
    double slope_length_m; /* unbroken length before the rows: 50, a proposal; measure it where you
                              can */
    double length_low_m,
        length_high_m;         /* its 90 % interval: 25 .. 100; equal to it when it was measured */
    enum ls_equation equation; /* LS_RUSLE */
};
struct milpa_design milpa_design_default(void);
/* STATUS_USAGE, bad_design, naming what is out of range. */
enum status milpa_design_check(const struct milpa_design *d, struct error *e) MUST_USE;
#define MILPA_RULE_SOURCE                                                                          \
    "CIMMYT 2025, Tips para disenar e implementar un sistema MIAF en terrenos de ladera"

/* What is known of the plot's ground. */
struct milpa_ground {
    int64_t area_mm2;
    double area_se_m2;                  /* NaN = not known */
    const struct slope_sample *samples; /* cells: slope and weight; 0 = no elevation data */
    size_t samples_n;
    double nodata_share;             /* 0 .. 1 */
    double noise_pct;                /* standard error of a cell's slope; 0 = not stated */
    const struct slope_noise *noise; /* NULL when not stated */
};

struct milpa_plan {
    int64_t gentle_mm2, steep_mm2,
        unknown_mm2; /* add up to the plot; unknown: no elevation data, not planned */
    double steep_share, steep_share_expected; /* of the ground with data; expected under the
                                                 vertical error; NaN without data */
    struct soil_interval row_m, trees;        /* on the ground with data */
    double ls_before, ls_after;               /* means over the ground with data */
    double ls_before_log_sd, ls_after_log_sd; /* from slopes and length, for soil_factors */
    struct soil_interval ratio;               /* soil loss after / before */
};
/* All NaN but the areas where there is no elevation data. */
void milpa_plan(const struct milpa_ground *g, const struct milpa_design *d, struct milpa_plan *out);

#endif
