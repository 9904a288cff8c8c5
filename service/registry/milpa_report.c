/* Plans of plots; see milpa_report.h. Writing them is milpa_format.c. */
#include "service/registry/milpa_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/terrain.h"
#include "service/registry/cql2.h"
#include "service/registry/figures.h"

enum { TERRAIN_CACHE_MB = 16 };

/* ---- the question ---- */

void milpa_query_init(struct milpa_query *q)
{
    *q = (struct milpa_query){.design = milpa_design_default()};
    struct milpa_soil *s = &q->soil;
    s->rain_mm = s->r = s->k = s->c = s->p = s->c_after = s->p_after = s->tolerable = NAN;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
            return false;
    return *a == *b;
}

enum status milpa_query_set(struct milpa_query *q, const char *name, const char *text,
                            struct error *e)
{
    struct milpa_soil *s = &q->soil;
    const struct {
        const char *name;
        double *to, low, high;
    } numbers[] = {
        {"slope_length_m", &q->design.slope_length_m, 1, 1000},
        {"tree_spacing_m", &q->design.tree_spacing_m, 0.1, 50},
        {"rain_mm", &s->rain_mm, 1, 10000},
        {"r", &s->r, 1, 100000},
        {"k", &s->k, 0.0001, 0.2},
        {"c", &s->c, 0.0001, 1},
        {"p", &s->p, 0.01, 1},
        {"c_after", &s->c_after, 0.0001, 1},
        {"p_after", &s->p_after, 0.01, 1},
        {"tolerable", &s->tolerable, 0.1, 100},
    };
    if (same_name(name, "r_region")) {
        s->region = text;
        return STATUS_OK;
    }
    if (same_name(name, "ls")) {
        q->design.equation = ls_equation_parse(text);
        return q->design.equation < LS_EQUATIONS_N
                   ? STATUS_OK
                   : error_set(e, STATUS_USAGE, "bad_parameter",
                               "use rusle, usle1978 or nearing1997",
                               "there is no LS equation \"%.40s\"", text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char *end;
        if (!same_name(name, numbers[i].name))
            continue;
        *numbers[i].to = strtod(text, &end);
        if (end == text || *end ||
            !(*numbers[i].to >= numbers[i].low && *numbers[i].to <= numbers[i].high))
            return error_set(e, STATUS_USAGE, "bad_parameter", NULL,
                             "%s takes a number from %g to %g, not \"%.40s\"", name, numbers[i].low,
                             numbers[i].high, text);
        q->length_given = q->length_given || numbers[i].to == &q->design.slope_length_m;
        return STATUS_OK;
    }
    return error_set(e, STATUS_NOT_FOUND, "bad_parameter", NULL, "there is no parameter %.40s",
                     name);
}

/* Whether estimates are asked for, and all that they need. */
static enum status take_soil(struct milpa_report *r, struct error *e)
{
    struct milpa_soil *s = &r->query.soil;
    bool by_rain = s->region || !isnan(s->rain_mm);
    bool any = by_rain || !isnan(s->r) || !isnan(s->k) || !isnan(s->c) || !isnan(s->p) ||
               !isnan(s->c_after) || !isnan(s->p_after) || !isnan(s->tolerable);
    r->r = s->r;
    if (!any)
        return STATUS_OK;
    if (by_rain && !isnan(s->r))
        return error_set(e, STATUS_USAGE, "bad_parameter", "give either r, or r_region and rain_mm",
                         "R is given twice");
    if (by_rain && (!s->region || isnan(s->rain_mm)))
        return error_set(e, STATUS_USAGE, "bad_parameter",
                         "for example r_region 5 and rain_mm 1400",
                         "R needs both the region and the yearly rain");
    if ((!by_rain && isnan(s->r)) || isnan(s->k) || isnan(s->c))
        return error_set(e, STATUS_USAGE, "bad_parameter",
                         "give r_region and rain_mm (or r), k and c; p is 1 where it is not given",
                         "an estimate of soil loss needs R, K and C; %s is missing",
                         isnan(s->k)   ? "K"
                         : isnan(s->c) ? "C"
                                       : "R");
    if (by_rain) {
        enum status status = rain_erosivity(s->region, s->rain_mm, &r->rain, e);
        if (status != STATUS_OK)
            return status;
        r->r = r->rain.r;
    }
    s->p = isnan(s->p) ? 1 : s->p;
    s->c_after = isnan(s->c_after) ? s->c : s->c_after;
    s->p_after = isnan(s->p_after) ? s->p : s->p_after;
    s->tolerable = isnan(s->tolerable) ? SOIL_TOLERABLE_DEFAULT : s->tolerable;
    r->estimates = true;
    return STATUS_OK;
}

/* ---- one plot ---- */

struct planning {
    struct milpa_report *report;
    const char *folder;
    char path[STORE_PATH_MAX + 300]; /* of the terrain; "" = none */
    struct slope_error error;
    enum slope_kernel kernel;
    struct slope_noise *noise;
    struct terrain *terrain;
    struct slope_class_table table; /* any: only the cells are used */
    struct arena scratch;
    enum status status;
    struct error *e;
};

static bool note_terrain(const struct store_layer *l, void *arg)
{
    struct planning *p = arg;
    struct milpa_report *r = p->report;
    if (l->kind != LAYER_TERRAIN)
        return true;
    snprintf(p->path, sizeof p->path, "%s/terrain/%s", p->folder, l->file);
    p->error = figures_error_of(l);
    p->kernel = l->slope_kernel;
    r->slope_kernel = slope_kernel_name(l->slope_kernel);
    r->terrain = arena_strdup(&r->arena, *l->model ? l->model : l->source);
    r->edition = arena_strdup(&r->arena, l->edition);
    r->cell_m = l->cell_m;
    if (p->error.sigma_m > 0) {
        r->vertical_error_m = p->error.sigma_m;
        r->vertical_error_steep_m = p->error.sigma_steep_m;
    }
    return false;
}

static enum status open_terrain(struct store *s, struct planning *p, struct error *e)
{
    p->folder = store_folder(s);
    enum status status = store_each_layer(s, note_terrain, p, e);
    if (status != STATUS_OK || !p->path[0])
        return status;
    if (!p->report->terrain || !p->report->edition)
        return error_memory(e);
    if (p->error.sigma_m > 0 && !(p->error.noise = p->noise = slope_noise_new()))
        return error_memory(e);
    struct terrain_info info;
    status = terrain_open(p->path, TERRAIN_CACHE_MB, &p->terrain, &info, e);
    if (status == STATUS_OK)
        terrain_kernel(p->terrain, p->kernel);
    if (status == STATUS_OK && p->noise)
        terrain_error(p->terrain, &p->error);
    return status == STATUS_OK ? slope_table_shipped("MIAF_20", &p->table, e) : status;
}

static struct milpa_line *line_new(struct milpa_report *r)
{
    if (r->lines_n == r->lines_capacity) {
        size_t capacity = r->lines_capacity ? r->lines_capacity * 2 : 64;
        struct milpa_line *more = realloc(r->lines, capacity * sizeof *more);
        if (!more)
            return NULL;
        r->lines = more;
        r->lines_capacity = capacity;
    }
    return &r->lines[r->lines_n];
}

static void estimate(const struct milpa_report *r, struct milpa_line *line)
{
    const struct milpa_soil *s = &r->query.soil;
    const struct milpa_plan *plan = &line->plan;
    struct soil_factors f = {.r = r->r,
                             .r_other = r->rain.region[0] ? r->rain.r_other : NAN,
                             .k = s->k,
                             .ls = plan->ls_before,
                             .c = s->c,
                             .p = s->p,
                             .ls_log_sd = plan->ls_before_log_sd};
    line->before = soil_loss(&f);
    f.ls = plan->ls_after;
    f.c = s->c_after;
    f.p = s->p_after;
    f.ls_log_sd = plan->ls_after_log_sd;
    line->after = soil_loss(&f);
    line->verdict_before = soil_verdict(line->before, s->tolerable);
    line->verdict_after = soil_verdict(line->after, s->tolerable);
}

static enum status plan_plot(struct planning *p, const struct store_revision *plot,
                             struct milpa_line *line, struct error *e)
{
    struct milpa_ground g = {.area_mm2 = plot->area_mm2,
                             .area_se_m2 = plot->area_se_m2,
                             .nodata_share = 1,
                             .noise = p->noise};
    struct slope_stats stats = {.nodata_share = 1};
    enum status status = STATUS_OK;
    arena_reset(&p->scratch);
    if (p->terrain)
        status = terrain_slope_samples(p->terrain, &plot->boundary, &p->table, &p->scratch, &stats,
                                       &g.samples, &g.samples_n, e);
    g.nodata_share = stats.nodata_share;
    g.noise_pct = stats.noise_pct;
    if (status == STATUS_OK)
        milpa_plan(&g, &p->report->query.design, &line->plan);
    return status;
}

static bool take_plot(const struct store_plot *plot, void *arg)
{
    struct planning *p = arg;
    struct milpa_report *r = p->report;
    const struct milpa_query *q = &r->query;
    const struct soil_interval none = {NAN, NAN, NAN};
    if (q->programme && (!plot->programme || strcmp(plot->programme, q->programme) != 0))
        return true;
    if (q->limit && (int64_t)r->lines_n == q->limit) {
        r->more = true;
        return false;
    }
    struct milpa_line *line = line_new(r);
    if (!line) {
        p->status = error_memory(p->e);
        return false;
    }
    *line = (struct milpa_line){.plot_id = plot->revision.plot_id,
                                .area_mm2 = plot->revision.area_mm2,
                                .code = arena_strdup(&r->arena, plot->revision.code),
                                .programme = arena_strdup(&r->arena, plot->programme),
                                .before = none,
                                .after = none,
                                .verdict_before = SOIL_UNDECIDED,
                                .verdict_after = SOIL_UNDECIDED};
    p->status = plan_plot(p, &plot->revision, line, p->e);
    if (p->status == STATUS_OK && r->estimates && !isnan(line->plan.ls_before))
        estimate(r, line);
    r->lines_n += p->status == STATUS_OK;
    return p->status == STATUS_OK;
}

/* ---- all of them ---- */

static bool plot_id(const char *text, int64_t *id)
{
    char *end;
    *id = strtoll(text, &end, 10);
    return *text >= '1' && *text <= '9' && !*end && *id < INT64_MAX;
}

static enum status each_plot(struct store *s, struct planning *p, struct error *e)
{
    const struct milpa_query *q = &p->report->query;
    struct arena rows;
    const struct where *where = NULL;
    enum status status = STATUS_OK;
    int64_t id;
    arena_init(&rows, 0);
    if (q->plot) {
        if (q->by_id && plot_id(q->plot, &id))
            status = store_each_plot(s, NULL, id, &rows, take_plot, p, e);
        if (status == STATUS_OK && p->status == STATUS_OK && !p->report->lines_n)
            status = store_each_plot(s, q->plot, 0, &rows, take_plot, p, e);
        if (status == STATUS_OK && p->status == STATUS_OK && !p->report->lines_n)
            status = error_set(e, STATUS_NOT_FOUND, "plot_not_found",
                               "codes are matched exactly, with accents and case",
                               "no plot has the code \"%.80s\"", q->plot);
    } else {
        if (q->where)
            status = cql2_parse(q->where, &p->report->arena, &where, e);
        if (status == STATUS_OK)
            status = store_each_item(s, NULL, q->programme, where, q->after,
                                     q->limit ? q->limit + 1 : INT64_MAX / 2, &rows, take_plot, p,
                                     NULL, e);
    }
    arena_clear(&rows);
    return status == STATUS_OK ? p->status : status;
}

static void add_interval(struct soil_interval *to, struct soil_interval one, double weight)
{
    to->low += one.low * weight;
    to->value += one.value * weight;
    to->high += one.high * weight;
}

/* Intervals add up end by end: as if all plots erred together, for one elevation model and one rule
 * are behind all of them. */
static void sum_up(struct milpa_report *r)
{
    struct milpa_plan *t = &r->total.plan;
    double before = 0, after = 0, steep = 0, expected = 0, known = 0;
    struct soil_interval ratio = {0};
    for (size_t i = 0; i < r->lines_n; i++) {
        const struct milpa_line *l = &r->lines[i];
        double m2 = (double)(l->plan.gentle_mm2 + l->plan.steep_mm2) / 1e6;
        r->total.area_mm2 += l->area_mm2;
        t->gentle_mm2 += l->plan.gentle_mm2;
        t->steep_mm2 += l->plan.steep_mm2;
        t->unknown_mm2 += l->plan.unknown_mm2;
        if (isnan(l->plan.ls_before)) {
            r->plots_unknown++;
            continue;
        }
        add_interval(&t->row_m, l->plan.row_m, 1);
        add_interval(&t->trees, l->plan.trees, 1);
        add_interval(&ratio, l->plan.ratio, m2 * l->plan.ls_before);
        before += m2 * l->plan.ls_before;
        after += m2 * l->plan.ls_after;
        steep += m2 * l->plan.steep_share;
        expected += m2 * l->plan.steep_share_expected;
        known += m2;
        r->verdicts_before[l->verdict_before]++;
        r->verdicts_after[l->verdict_after]++;
    }
    t->ls_before = before / known;
    t->ls_after = after / known;
    t->steep_share = steep / known;
    t->steep_share_expected = expected / known;
    t->ratio =
        (struct soil_interval){ratio.low / before, ratio.value / before, ratio.high / before};
    r->total.before = r->total.after = (struct soil_interval){NAN, NAN, NAN};
}

static enum status make(struct store *s, struct planning *p, struct error *e)
{
    struct milpa_report *r = p->report;
    enum status status = store_change(s, &r->change, e);
    if (status == STATUS_OK)
        status = store_change_time(s, r->change, r->changed_at, e);
    if (status == STATUS_OK)
        status = open_terrain(s, p, e);
    if (status == STATUS_OK)
        status = each_plot(s, p, e);
    if (status == STATUS_OK)
        sum_up(r);
    return status;
}

enum status milpa_report_make(struct store *s, const struct milpa_query *q,
                              struct milpa_report *out, struct error *e)
{
    *out = (struct milpa_report){.query = *q,
                                 .terrain = "",
                                 .edition = "",
                                 .slope_kernel = "",
                                 .cell_m = NAN,
                                 .vertical_error_m = NAN,
                                 .vertical_error_steep_m = NAN};
    struct milpa_design *d = &out->query.design;
    arena_init(&out->arena, 0);
    if (q->length_given)
        d->length_low_m = d->length_high_m = d->slope_length_m;
    enum status status = milpa_design_check(d, e);
    if (status == STATUS_OK)
        status = take_soil(out, e);
    struct planning *p = status == STATUS_OK ? calloc(1, sizeof *p) : NULL;
    if (status == STATUS_OK && !p)
        status = error_memory(e);
    if (p) {
        p->report = out;
        p->e = e;
        arena_init(&p->scratch, 0);
        status = make(s, p, e);
        terrain_close(p->terrain);
        slope_noise_free(p->noise);
        arena_clear(&p->scratch);
        free(p);
    }
    if (status != STATUS_OK)
        milpa_report_clear(out);
    return status;
}

void milpa_report_clear(struct milpa_report *r)
{
    free(r->lines);
    arena_clear(&r->arena);
    *r = (struct milpa_report){0};
}
