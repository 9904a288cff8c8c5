/* Plans of plots as JSON, CSV and a table for people; see milpa_report.h. The workbook is
 * milpa_xlsx.c. */
#include "service/registry/milpa_report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"

/* ---- what it rests on ---- */

struct telling {
    void (*each)(const char *name, const char *text, void *arg);
    void *arg;
};

__attribute__((format(printf, 3, 4))) static void tell(const struct telling *t, const char *name,
                                                       const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    t->each(name, text, t->arg);
}

static void tell_soil(const struct milpa_report *r, const struct telling *t)
{
    const struct milpa_soil *s = &r->query.soil;
    if (r->rain.region[0])
        tell(t, "R",
             "%.0f MJ mm/(ha h yr) for region %s at %g mm of rain a year%s; " RAIN_EROSIVITY_SOURCE
             "%s",
             r->r, r->rain.region, s->rain_mm,
             r->rain.clamped ? ", taken at the top of the region's parabola" : "",
             isnan(r->rain.r_other) ? "" : "; printed copies disagree, the interval holds both");
    else
        tell(t, "R", "%g MJ mm/(ha h yr), as given", r->r);
    tell(t, "K, C, P", "K %g t h/(MJ mm); C %g before, %g after; P %g before, %g after; as given",
         s->k, s->c, s->c_after, s->p, s->p_after);
    tell(t, "soil loss",
         "A = R K LS C P, t/ha/yr, with its 90 %% interval from errors of %.0f %% in R, %.0f %% in "
         "K, %.0f %% in LS, %.0f %% in C, %.0f %% in P "
         "(coefficients of variation, typical of tables and maps), multiplied",
         100 * SOIL_CV_R, 100 * SOIL_CV_K, 100 * SOIL_CV_LS, 100 * SOIL_CV_C, 100 * SOIL_CV_P);
    tell(t, "verdict",
         "against a tolerable loss of %g t/ha/yr%s: within or over only where the whole interval "
         "is, else undecided",
         s->tolerable,
         s->tolerable == SOIL_TOLERABLE_DEFAULT ? " (a common value for deep soils; give your own)"
                                                : "");
}

void milpa_report_method(const struct milpa_report *r,
                         void (*each)(const char *name, const char *text, void *arg), void *arg)
{
    const struct milpa_design *d = &r->query.design;
    const struct telling t = {each, arg};
    tell(&t, "rule",
         "modules of %g m where the slope is under %g %%, of %g m above; trees %g m apart on the "
         "contour (" MILPA_RULE_SOURCE ")",
         d->width_gentle_m, d->limit_pct, d->width_steep_m, d->tree_spacing_m);
    tell(&t, "rows",
         "metres of contour row = area / width, width taken as a horizontal distance; 90 %% "
         "interval from the area's error and from the "
         "elevation model's, as if all its cells erred together");
    tell(&t, "LS", "%s", ls_equation_citation(d->equation));
    if (d->length_low_m < d->length_high_m)
        tell(&t, "slope length before",
             "%g m (%g to %g), a proposal and not a measurement: give the plot's own",
             d->slope_length_m, d->length_low_m, d->length_high_m);
    else
        tell(&t, "slope length before", "%g m, as given", d->slope_length_m);
    tell(&t, "ratio",
         "soil loss after / before = LS at the module's width / LS at the slope length before; R "
         "and K cancel, C and P where they stay; "
         "it holds once the rows stop the water. 90 %% interval from the slopes, the equations' "
         "exponents and the slope length");
    if (!*r->terrain)
        tell(&t, "terrain", "none in the registry");
    else if (isnan(r->vertical_error_m))
        tell(&t, "terrain",
             "%s%s%s, cells of %.1f m, slopes by %s, vertical error not stated: the intervals "
             "leave it out",
             r->terrain, *r->edition ? ", " : "", r->edition, r->cell_m, r->slope_kernel);
    else
        tell(&t, "terrain",
             "%s%s%s, cells of %.1f m, slopes by %s, vertical error %g m (%g m above 20 %%)",
             r->terrain, *r->edition ? ", " : "", r->edition, r->cell_m, r->slope_kernel,
             r->vertical_error_m, r->vertical_error_steep_m);
    if (r->estimates)
        tell_soil(r, &t);
}

/* ---- JSON ---- */

static void key_number(struct buf *out, const char *key, double value, int decimals)
{
    buf_json_key(out, key);
    buf_double(out, value, decimals);
}

static void key_ha(struct buf *out, const char *key, int64_t mm2)
{
    buf_json_key(out, key);
    buf_fixed(out, mm2, 10, true);
}

static void key_interval(struct buf *out, const char *key, struct soil_interval i, int decimals)
{
    char name[64];
    key_number(out, key, i.value, decimals);
    snprintf(name, sizeof name, "%s_ci90", key);
    buf_json_key(out, name);
    if (isnan(i.value)) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '[');
    buf_double(out, i.low, decimals);
    buf_putc(out, ',');
    buf_double(out, i.high, decimals);
    buf_putc(out, ']');
}

/* Trees are whole; the interval outwards. */
static struct soil_interval whole(struct soil_interval i)
{
    return (struct soil_interval){floor(i.low), round(i.value), ceil(i.high)};
}

static void put_plan(const struct milpa_line *l, struct buf *out)
{
    const struct milpa_plan *p = &l->plan;
    key_ha(out, "hectares", l->area_mm2);
    key_ha(out, "gentle_hectares", p->gentle_mm2);
    key_ha(out, "steep_hectares", p->steep_mm2);
    key_ha(out, "no_data_hectares", p->unknown_mm2);
    key_number(out, "steep_share", p->steep_share, 6);
    key_number(out, "steep_share_expected", p->steep_share_expected, 6);
    key_interval(out, "row_m", p->row_m, 1);
    key_interval(out, "trees", whole(p->trees), 0);
    key_number(out, "ls_before", p->ls_before, 4);
    key_number(out, "ls_after", p->ls_after, 4);
    key_interval(out, "soil_loss_ratio", p->ratio, 4);
}

static void put_line(const struct milpa_report *r, const struct milpa_line *l, struct buf *out)
{
    buf_json_comma(out);
    buf_putc(out, '{');
    buf_json_key(out, "id");
    buf_int(out, l->plot_id);
    buf_json_key(out, "code");
    buf_json_string(out, l->code);
    buf_json_key(out, "programme");
    buf_json_string(out, l->programme);
    put_plan(l, out);
    if (r->estimates) {
        bool known = !isnan(l->before.value);
        key_interval(out, "soil_loss_before_t_ha_yr", l->before, 2);
        key_interval(out, "soil_loss_after_t_ha_yr", l->after, 2);
        buf_json_key(out, "verdict_before");
        buf_json_string(out, known ? soil_verdict_name(l->verdict_before) : NULL);
        buf_json_key(out, "verdict_after");
        buf_json_string(out, known ? soil_verdict_name(l->verdict_after) : NULL);
    }
    buf_putc(out, '}');
}

static void put_pair(const char *name, const char *text, void *arg)
{
    buf_json_key(arg, name);
    buf_json_string(arg, text);
}

static void put_verdicts(const char *key, const int64_t counts[3], struct buf *out)
{
    buf_json_key(out, key);
    buf_putc(out, '{');
    for (int v = 0; v < 3; v++) {
        buf_json_key(out, soil_verdict_name((enum soil_verdict)v));
        buf_int(out, counts[v]);
    }
    buf_putc(out, '}');
}

static void put_design(const struct milpa_report *r, struct buf *out)
{
    const struct milpa_design *d = &r->query.design;
    buf_json_key(out, "design");
    buf_putc(out, '{');
    key_number(out, "limit_pct", d->limit_pct, 3);
    key_number(out, "width_gentle_m", d->width_gentle_m, 3);
    key_number(out, "width_steep_m", d->width_steep_m, 3);
    key_number(out, "tree_spacing_m", d->tree_spacing_m, 3);
    key_number(out, "slope_length_m", d->slope_length_m, 3);
    buf_json_key(out, "slope_length_ci90");
    buf_printf(out, "[%g,%g]", d->length_low_m, d->length_high_m);
    buf_json_key(out, "ls_equation");
    buf_json_string(out, ls_equation_code(d->equation));
    buf_putc(out, '}');
}

void milpa_report_json(const struct milpa_report *r, struct buf *out)
{
    buf_puts(out, "{\"plots\":[");
    for (size_t i = 0; i < r->lines_n; i++)
        put_line(r, &r->lines[i], out);
    buf_putc(out, ']');
    buf_json_key(out, "more");
    buf_puts(out, r->more ? "true" : "false");
    buf_json_key(out, "total");
    buf_puts(out, "{\"plots\":");
    buf_int(out, (int64_t)r->lines_n);
    buf_json_key(out, "plots_without_elevation");
    buf_int(out, r->plots_unknown);
    put_plan(&r->total, out);
    if (r->estimates) {
        put_verdicts("verdicts_before", r->verdicts_before, out);
        put_verdicts("verdicts_after", r->verdicts_after, out);
    }
    buf_putc(out, '}');
    put_design(r, out);
    buf_json_key(out, "method");
    buf_putc(out, '{');
    milpa_report_method(r, put_pair, out);
    buf_putc(out, '}');
    buf_json_key(out, "change");
    buf_int(out, r->change);
    buf_json_key(out, "as_of");
    buf_json_string(out, r->changed_at);
    buf_puts(out, "}\n");
}

/* ---- CSV ---- */

/* Quoted when needed; a leading = + - @ is defused, because spreadsheets run it. */
static void csv_text(struct buf *out, const char *text)
{
    if (!text)
        return;
    bool formula = *text && strchr("=+-@\t\r", *text);
    if (!formula && !strpbrk(text, ",\"\r\n")) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, formula ? "\"'" : "\"");
    for (const char *p = text; *p; p++)
        buf_puts(out, *p == '"' ? "\"\"" : (const char[]){*p, 0});
    buf_putc(out, '"');
}

static void csv_ha(struct buf *out, int64_t mm2)
{
    buf_putc(out, ',');
    buf_fixed(out, mm2, 10, true);
}

static void csv_number(struct buf *out, double value, int decimals)
{
    buf_putc(out, ',');
    if (!isnan(value))
        buf_double(out, value, decimals);
}

static void csv_interval(struct buf *out, struct soil_interval i, int decimals)
{
    csv_number(out, i.value, decimals);
    csv_number(out, i.low, decimals);
    csv_number(out, i.high, decimals);
}

static void csv_line(const struct milpa_report *r, const struct milpa_line *l, bool total,
                     struct buf *out)
{
    const struct milpa_plan *p = &l->plan;
    csv_text(out, total ? "TOTAL" : l->code);
    buf_putc(out, ',');
    csv_text(out, l->programme);
    csv_ha(out, l->area_mm2);
    csv_ha(out, p->gentle_mm2);
    csv_ha(out, p->steep_mm2);
    csv_ha(out, p->unknown_mm2);
    csv_number(out, p->steep_share_expected, 6);
    csv_interval(out, p->row_m, 1);
    csv_interval(out, whole(p->trees), 0);
    csv_number(out, p->ls_before, 4);
    csv_number(out, p->ls_after, 4);
    csv_interval(out, p->ratio, 4);
    if (r->estimates) {
        bool known = !total && !isnan(l->before.value);
        csv_interval(out, l->before, 2);
        csv_interval(out, l->after, 2);
        buf_printf(out, ",%s,%s", known ? soil_verdict_name(l->verdict_before) : "",
                   known ? soil_verdict_name(l->verdict_after) : "");
    }
    buf_printf(out, ",%s\r\n", ls_equation_code(r->query.design.equation));
}

void milpa_report_cells(const struct milpa_report *r, struct buf *out)
{
    buf_puts(
        out,
        "plot,programme,hectares,gentle_hectares,steep_hectares,no_data_hectares,steep_share_"
        "expected,row_m,row_m_low,row_m_high,trees,trees_low,"
        "trees_high,ls_before,ls_after,soil_loss_ratio,soil_loss_ratio_low,soil_loss_ratio_high");
    if (r->estimates)
        buf_puts(out, ",soil_loss_before_t_ha_yr,soil_loss_before_low,soil_loss_before_high,soil_"
                      "loss_after_t_ha_yr,soil_loss_after_low,soil_loss_after_high,"
                      "verdict_before,verdict_after");
    buf_puts(out, ",ls_equation\r\n");
    for (size_t i = 0; i < r->lines_n; i++)
        csv_line(r, &r->lines[i], false, out);
    csv_line(r, &r->total, true, out);
}

static void csv_remark(const char *name, const char *text, void *arg)
{
    buf_printf(arg, "# %s,", name);
    csv_text(arg, text);
    buf_puts(arg, "\r\n");
}

void milpa_report_csv(const struct milpa_report *r, struct buf *out)
{
    milpa_report_cells(r, out);
    buf_printf(out, "# registry at change,%lld\r\n# of,%s\r\n", (long long)r->change,
               r->changed_at);
    milpa_report_method(r, csv_remark, out);
}

/* ---- table ---- */

static void pad(struct buf *out, int n)
{
    while (n-- > 0)
        buf_putc(out, ' ');
}

static void cell(struct buf *out, int width, const char *text)
{
    int shown = 0;
    for (const char *p = text; *p; p++)
        shown += ((unsigned char)*p & 0xC0) != 0x80;
    pad(out, width - shown);
    buf_puts(out, text);
}

static void cell_ha(struct buf *out, int64_t mm2)
{
    char text[32];
    snprintf(text, sizeof text, "%.4f", (double)mm2 / MM2_PER_HA);
    cell(out, 12, text);
}

static void cell_interval(struct buf *out, int width, struct soil_interval i, int decimals)
{
    char text[64] = "-";
    if (!isnan(i.value))
        snprintf(text, sizeof text, "%.*f (%.*f-%.*f)", decimals, i.value, decimals, i.low,
                 decimals, i.high);
    cell(out, width, text);
}

static void table_line(const struct milpa_report *r, const struct milpa_line *l, const char *label,
                       int width, bool total, struct buf *out)
{
    const struct milpa_plan *p = &l->plan;
    char text[64] = "-";
    int shown = 0;
    for (const char *c = label; *c; c++)
        shown += ((unsigned char)*c & 0xC0) != 0x80;
    buf_puts(out, label);
    pad(out, width - shown);
    cell_ha(out, l->area_mm2);
    cell_ha(out, p->gentle_mm2);
    cell_ha(out, p->steep_mm2);
    cell_interval(out, 26, p->row_m, 0);
    cell_interval(out, 26, whole(p->trees), 0);
    if (!isnan(p->ls_before))
        snprintf(text, sizeof text, "%.2f > %.2f", p->ls_before, p->ls_after);
    cell(out, 15, text);
    cell_interval(out, 19, p->ratio, 2);
    if (r->estimates && !total) {
        cell_interval(out, 26, l->before, 0);
        cell_interval(out, 26, l->after, 0);
        snprintf(text, sizeof text, "%s > %s", soil_verdict_name(l->verdict_before),
                 soil_verdict_name(l->verdict_after));
        cell(out, 24, isnan(l->before.value) ? "-" : text);
    }
    buf_putc(out, '\n');
}

static void foot(const char *name, const char *text, void *arg)
{
    buf_printf(arg, "  %s: %s\n", name, text);
}

void milpa_report_table(const struct milpa_report *r, struct buf *out)
{
    int width = 8;
    for (size_t i = 0; i < r->lines_n; i++) {
        int n = r->lines[i].code ? (int)strlen(r->lines[i].code) : 0;
        width = n > width ? n : width;
    }
    pad(out, width);
    cell(out, 12, "hectares");
    cell(out, 12, "under 20 %");
    cell(out, 12, "20 % and on");
    cell(out, 26, "metres of row (90 %)");
    cell(out, 26, "trees (90 %)");
    cell(out, 15, "LS");
    cell(out, 19, "loss ratio (90 %)");
    if (r->estimates) {
        cell(out, 26, "before t/ha/yr (90 %)");
        cell(out, 26, "after t/ha/yr (90 %)");
        cell(out, 24, "against tolerable");
    }
    buf_putc(out, '\n');
    for (size_t i = 0; i < r->lines_n; i++) {
        char id[24];
        snprintf(id, sizeof id, "#%lld", (long long)r->lines[i].plot_id);
        table_line(r, &r->lines[i], r->lines[i].code ? r->lines[i].code : id, width, false, out);
    }
    table_line(r, &r->total, "TOTAL", width, true, out);
    if (r->plots_unknown)
        buf_printf(out, "%lld plots have no elevation data and are not planned.\n",
                   (long long)r->plots_unknown);
    buf_puts(out, "\nWhat this rests on\n");
    milpa_report_method(r, foot, out);
}
