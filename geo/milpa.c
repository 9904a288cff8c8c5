/* Rows, trees and the ratio of soil loss; see milpa.h. */
#include "geo/milpa.h"

#include <math.h>

#include "geo/area.h"

struct milpa_design milpa_design_default(void)
{
    return (struct milpa_design){.limit_pct = 20,
                                 .width_gentle_m = 14.5,
                                 .width_steep_m = 10.6,
                                 .tree_spacing_m = 1,
                                 .slope_length_m = 50,
                                 .length_low_m = 25,
                                 .length_high_m = 100,
                                 .equation = LS_RUSLE};
}

enum status milpa_design_check(const struct milpa_design *d, struct error *e)
{
    const struct {
        const char *name;
        double value, low, high;
    } ranges[] = {
        {"the limit of slope", d->limit_pct, 1, 100},
        {"the gentle module's width", d->width_gentle_m, 1, 200},
        {"the steep module's width", d->width_steep_m, 1, 200},
        {"the spacing of trees", d->tree_spacing_m, 0.1, 50},
        {"the slope length", d->slope_length_m, 1, 1000},
        {"the slope length's low end", d->length_low_m, 1, d->slope_length_m},
        {"the slope length's high end", d->length_high_m, d->slope_length_m, 1000},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (!(ranges[i].value >= ranges[i].low && ranges[i].value <= ranges[i].high))
            return error_set(e, STATUS_USAGE, "bad_design", NULL,
                             "%s must be between %g and %g, not %g", ranges[i].name, ranges[i].low,
                             ranges[i].high, ranges[i].value);
    if (d->equation < 0 || d->equation >= LS_EQUATIONS_N)
        return error_set(e, STATUS_USAGE, "bad_design", "rusle, usle1978 or nearing1997",
                         "the LS equation is not known");
    return STATUS_OK;
}

/* ---- rows and trees ---- */

struct shares {
    double weight, steep, expected, sd; /* the last three of the weight */
};

static struct shares steep_shares(const struct milpa_ground *g, double limit_pct)
{
    struct shares s = {0};
    for (size_t i = 0; i < g->samples_n; i++) {
        double w = g->samples[i].weight, slope = g->samples[i].slope_pct;
        double p =
            g->noise ? 1 - slope_noise_below(g->noise, limit_pct, slope, g->noise_pct, g->noise_pct)
                     : slope >= limit_pct;
        s.weight += w;
        s.steep += slope >= limit_pct ? w : 0;
        s.expected += w * p;
        s.sd += w * sqrt(fmax(p * (1 - p), 0));
    }
    s.steep /= s.weight;
    s.expected /= s.weight;
    s.sd /= s.weight;
    return s;
}

static double metres_of_row(double area_m2, double steep_share, const struct milpa_design *d)
{
    return area_m2 * ((1 - steep_share) / d->width_gentle_m + steep_share / d->width_steep_m);
}

static struct soil_interval row_interval(const struct milpa_ground *g, const struct milpa_design *d,
                                         const struct shares *s, double known_m2)
{
    struct soil_interval out = {.value = metres_of_row(known_m2, s->steep, d)};
    double expected = metres_of_row(known_m2, s->expected, d),
           per_share = metres_of_row(known_m2, 1, d) - metres_of_row(known_m2, 0, d);
    double of_area = isfinite(g->area_se_m2) && g->area_mm2 > 0
                         ? expected * g->area_se_m2 / ((double)g->area_mm2 / 1e6)
                         : 0;
    double half = SOIL_Z90 * hypot(of_area, per_share * s->sd);
    out.low = fmax(fmin(expected - half, out.value), 0);
    out.high = fmax(expected + half, out.value);
    return out;
}

/* ---- soil loss ---- */

/* One way to look at the plot: an equation, a slope length before, slopes moved by `shift` percent.
 */
struct view {
    enum ls_equation equation;
    double rill, length_m, shift_pct;
};

struct factors {
    double before, after;
};

static struct factors factors_of(const struct milpa_ground *g, const struct milpa_design *d,
                                 struct view v)
{
    struct factors f = {0};
    double weight = 0;
    for (size_t i = 0; i < g->samples_n; i++) {
        double w = g->samples[i].weight, slope = fmax(g->samples[i].slope_pct + v.shift_pct, 0);
        double width = slope >= d->limit_pct ? d->width_steep_m : d->width_gentle_m;
        f.before += w * ls_factor(v.equation, slope, v.length_m, v.rill);
        f.after += w * ls_factor(v.equation, slope, fmin(width, v.length_m),
                                 v.rill); /* rows cannot make a slope longer */
        weight += w;
    }
    f.before /= weight;
    f.after /= weight;
    return f;
}

static double ratio_of(struct factors f)
{
    return f.after / f.before;
}

/* How far the ratio may lie below and above, in ln, squared and summed over the reasons. */
struct spread {
    double base, below2, above2;
};

static void spread_add(struct spread *s, const double *ratios, int n)
{
    double low = s->base, high = s->base;
    for (int i = 0; i < n; i++) {
        low = fmin(low, ratios[i]);
        high = fmax(high, ratios[i]);
    }
    s->below2 += log(low / s->base) * log(low / s->base);
    s->above2 += log(high / s->base) * log(high / s->base);
}

static void soil_part(const struct milpa_ground *g, const struct milpa_design *d,
                      struct milpa_plan *out)
{
    const struct view usual = {d->equation, 1, d->slope_length_m, 0};
    struct view flat = usual, steep = usual, low = usual, high = usual, few = usual, many = usual,
                usle = usual, rusle = usual;
    flat.shift_pct = -SOIL_Z90 * g->noise_pct;
    steep.shift_pct = SOIL_Z90 * g->noise_pct;
    low.length_m = d->length_low_m;
    high.length_m = d->length_high_m;
    few.rill = 0.5;
    many.rill = 2;
    usle.equation = LS_USLE;
    rusle.equation = LS_RUSLE;
    const struct factors base = factors_of(g, d, usual), flatter = factors_of(g, d, flat),
                         steeper = factors_of(g, d, steep), shorter = factors_of(g, d, low),
                         longer = factors_of(g, d, high);
    struct spread s = {.base = ratio_of(base)};
    spread_add(&s, (double[]){ratio_of(flatter), ratio_of(steeper)}, 2);
    spread_add(&s, (double[]){ratio_of(shorter), ratio_of(longer)}, 2);
    spread_add(&s,
               (double[]){ratio_of(factors_of(g, d, few)), ratio_of(factors_of(g, d, many)),
                          ratio_of(factors_of(g, d, usle)), ratio_of(factors_of(g, d, rusle))},
               4);
    out->ratio = (struct soil_interval){s.base * exp(-sqrt(s.below2)), s.base,
                                        fmin(s.base * exp(sqrt(s.above2)), 1)};
    out->ls_before = base.before;
    out->ls_after = base.after;
    out->ls_before_log_sd =
        hypot(log(steeper.before / flatter.before), log(longer.before / shorter.before)) /
        (2 * SOIL_Z90);
    out->ls_after_log_sd = log(steeper.after / flatter.after) / (2 * SOIL_Z90);
}

/* ---- the plan ---- */

static void plan_unknown(const struct milpa_ground *g, struct milpa_plan *out)
{
    const struct soil_interval none = {NAN, NAN, NAN};
    *out = (struct milpa_plan){.unknown_mm2 = g->area_mm2,
                               .steep_share = NAN,
                               .steep_share_expected = NAN,
                               .row_m = none,
                               .trees = none,
                               .ls_before = NAN,
                               .ls_after = NAN,
                               .ratio = none};
}

void milpa_plan(const struct milpa_ground *g, const struct milpa_design *d, struct milpa_plan *out)
{
    plan_unknown(g, out);
    if (!g->samples_n || !(g->nodata_share < 1))
        return;
    struct shares s = steep_shares(g, d->limit_pct);
    const double known = 1 - g->nodata_share,
                 weights[] = {known * (1 - s.steep), known * s.steep, g->nodata_share};
    int64_t mm2[3];
    area_apportion(g->area_mm2, weights, 3, mm2);
    out->gentle_mm2 = mm2[0];
    out->steep_mm2 = mm2[1];
    out->unknown_mm2 = mm2[2];
    out->steep_share = s.steep;
    out->steep_share_expected = s.expected;
    out->row_m = row_interval(g, d, &s, (double)(mm2[0] + mm2[1]) / 1e6);
    out->trees = (struct soil_interval){out->row_m.low / d->tree_spacing_m,
                                        out->row_m.value / d->tree_spacing_m,
                                        out->row_m.high / d->tree_spacing_m};
    soil_part(g, d, out);
}
