/* Totals of a question: from the kept answer where there is one of today, else from the parts
 * (totalling.c); see hectares.h. */
#include "service/registry/hectares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/answers.h"
#include "service/registry/as_of.h"
#include "service/registry/cql2.h"
#include "service/registry/method.h"
#include "service/registry/totalling.h"
#include "service/store/totals.h"

double hectares_se_ha(const struct hectares_figures *f)
{
    return sqrt(f->variance_m4) / 1e4;
}

double hectares_distinct_se_ha(const struct hectares_figures *f)
{
    return f->sum_mm2 ? sqrt(f->variance_m4 * (double)(f->sum_mm2 - f->double_mm2) / (double)f->sum_mm2) / 1e4 : 0;
}

double hectares_corridor_se_ha(const struct hectares_figures *f)
{
    return sqrt(f->corridor_variance_m4) / 1e4;
}

static int compare_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a == NULL) - (b == NULL); /* NULL last */
}

static int compare_groups(const void *a, const void *b)
{
    const struct hectares_group *x = a, *y = b;
    for (int i = 0; i < LIMIT_GROUP_BY; i++) {
        int c = compare_text(x->key[i], y->key[i]);
        if (c)
            return c;
    }
    return 0;
}

static void suppress_small(struct hectares_figures *f, int holders_min)
{
    if (f->producers < holders_min)
        *f = (struct hectares_figures){.suppressed = true};
}

int64_t hectares_expected_mm2(const struct hectares_figures *f)
{
    int64_t sum = 0;
    for (int c = 0; c <= SLOPE_CLASSES_MAX; c++)
        sum += f->expected_mm2[c];
    return sum;
}

bool hectares_has_expected(const struct hectares *h)
{
    for (int i = 0; i < h->query.by_n; i++)
        if (strcmp(h->query.by[i], "slope_class") == 0)
            return h->expected_known;
    return false;
}

/* The elevation model in a line, for tables whose rows say what they rest on. */
static bool describe_terrain(const struct store_layer *l, void *arg)
{
    struct buf *b = arg;
    if (l->kind != LAYER_TERRAIN)
        return true;
    buf_printf(b, "%s%s%s, cells of %.1f m, slopes by %s", *l->model ? l->model : l->source, *l->edition ? ", " : "", l->edition, l->cell_m,
               slope_kernel_name(l->slope_kernel));
    if (l->vertical_error_m > 0)
        buf_printf(b, ", vertical error %g m (%g m above 20 %%), neighbours' correlation %g", l->vertical_error_m, l->vertical_error_steep_m,
                   l->vertical_error_correlation);
    return true;
}

static enum status find_terrain(struct store *s, struct arena *a, struct hectares *out, struct error *e)
{
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_each_layer(s, describe_terrain, &b, e);
    out->terrain = b.length ? arena_strdup(a, b.bytes) : "";
    if (status == STATUS_OK && (b.failed || !out->terrain))
        status = error_memory(e);
    buf_clear(&b);
    return status;
}

/* Groups in order, with what too few producers hold left out. */
static void present(struct hectares *h)
{
    for (size_t i = 0; i < h->groups_n; i++)
        suppress_small(&h->groups[i].figures, h->query.holders_min);
    suppress_small(&h->total, h->query.holders_min);
    if (h->groups_n)
        qsort(h->groups, h->groups_n, sizeof *h->groups, compare_groups);
}

/* Which plots are asked for. */
static enum status read_filter(struct store *s, struct hectares *h, struct arena *a,
                               struct store_totals_filter *filter, struct error *e)
{
    enum status status = STATUS_OK;
    *filter = (struct store_totals_filter){.programmes = h->query.programmes,
                                           .programmes_n = h->query.programmes_n};
    if (h->query.where)
        status = cql2_parse(h->query.where, a, &filter->where, e);
    char *moment = h->query.as_of ? arena_alloc(a, AS_OF_MAX) : NULL;
    if (status != STATUS_OK || !h->query.as_of)
        return status;
    if (!moment)
        return error_memory(e);
    if ((status = as_of_parse(h->query.as_of, moment, e)) == STATUS_OK)
        status = store_change_at(s, moment, &h->as_of_change, e);
    h->query.as_of = moment;
    filter->as_of_change = h->as_of_change;
    return status;
}

/* The groups with their keys, which stay in the arena. */
static enum status take_groups(const struct totalling *t, struct arena *a, struct hectares *out,
                               struct error *e)
{
    out->groups_n = out->query.by_n ? t->groups_n : 0;
    out->groups = arena_array(a, out->groups_n, sizeof *out->groups);
    if (!out->groups)
        return error_memory(e);
    for (size_t i = 0; i < out->groups_n; i++) {
        out->groups[i].figures = t->groups[i].figures;
        for (int k = 0; k < out->query.by_n; k++) {
            const struct dimension_key *key = &t->dimensions.by[k].keys[t->groups[i].slots[k]];
            out->groups[i].key[k] = key->key;
            out->groups[i].name[k] = key->name;
        }
    }
    out->total = t->total.figures;
    return STATUS_OK;
}

enum status hectares_scan(struct store *s, struct hectares *list, int n, struct arena *a,
                          struct error *e)
{
    struct store_totals_filter filter;
    struct totalling *t = calloc((size_t)n, sizeof *t);
    if (!t)
        return error_memory(e);
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < n; i++) {
        status = dimensions_open(s, &list[i].query, a, &t[i].dimensions, e);
        list[i].classes = t[i].dimensions.classes;
    }
    if (status == STATUS_OK)
        status = read_filter(s, &list[0], a, &filter, e);
    if (status == STATUS_OK)
        status = totalling_run(s, &filter, t, n, e);
    for (int i = 0; i < n; i++) {
        if (status == STATUS_OK)
            status = take_groups(&t[i], a, &list[i], e);
        totalling_close(&t[i]);
    }
    free(t);
    return status;
}

/* The slope classes and the dimensions' names are checked by the scan; a kept answer was made by
 * one. */
static enum status find_figures(struct store *s, struct arena *a, struct hectares *out,
                                struct error *e)
{
    bool kept = false;
    enum status status = answers_find(s, a, out, &kept, e);
    if (status == STATUS_OK && kept)
        return store_slope_table(s, &out->classes, e);
    return status == STATUS_OK ? hectares_scan(s, out, 1, a, e) : status;
}

enum status hectares_compute(struct store *s, const struct hectares_query *q, struct arena *a,
                             struct hectares *out, struct error *e)
{
    *out = (struct hectares){.query = *q};
    enum status status = store_change(s, &out->change, e);
    if (status == STATUS_OK)
        status = find_figures(s, a, out, e);
    if (status != STATUS_OK)
        return status;
    out->expected_known = hectares_expected_mm2(&out->total) == out->total.sum_mm2;
    present(out);
    status = find_terrain(s, a, out, e);
    if (status == STATUS_OK)
        status = store_change_time(s, out->change, out->changed_at, e);
    return status == STATUS_OK ? method_json(s, &out->classes, a, &out->method_json, e) : status;
}
