/* Stored figures against computed ones; see check_figures.h. */
#include "service/registry/check_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/area_error.h"
#include "service/registry/staff.h"

enum { CHECK_BATCH = 4096 };

struct check_item {
    const char *code;
    struct boundary boundary;
    int64_t area_mm2;
    int survey;
    double accuracy_m, area_se_m2, perimeter_m;
    struct store_figures stored;
    int64_t expected_mm2[SLOPE_CLASSES_MAX];
    bool same;
    enum status status;
    struct error error;
};

struct check_batch {
    struct check_item items[CHECK_BATCH];
    size_t n;
    struct arena arena, *results;
    struct staff *staff;
    struct store *store;
    struct figures_check *out;
    enum status status;
    struct error *error;
};

static bool same_double(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_figures(const struct store_figures *a, const struct store_figures *b)
{
    return a->corridor_mm2 == b->corridor_mm2 && a->corridor_verdict == b->corridor_verdict && a->surface_mm2 == b->surface_mm2 &&
           a->slope_class == b->slope_class && same_double(a->slope_mean_pct, b->slope_mean_pct) &&
           same_double(a->slope_max_pct, b->slope_max_pct) && same_double(a->slope_p10_pct, b->slope_p10_pct) &&
           same_double(a->slope_p50_pct, b->slope_p50_pct) && same_double(a->slope_p90_pct, b->slope_p90_pct) &&
           same_double(a->slope_nodata_share, b->slope_nodata_share);
}

static bool same_expected(const struct check_item *item, const struct store_figures *f)
{
    int64_t mm2[SLOPE_CLASSES_MAX] = {0};
    for (size_t i = 0; i < f->expected_n; i++)
        for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
            mm2[c] += f->expected[i].class_mm2[c];
    return memcmp(mm2, item->expected_mm2, sizeof mm2) == 0;
}

/* The last digit may differ where the boundary was read in another ring order. */
static bool same_error(const struct check_item *item)
{
    return isnan(item->area_se_m2) || fabs(area_error_m2(&item->boundary, item->survey, item->accuracy_m) - item->area_se_m2) <= 1.5e-4;
}

static bool same_ids(const uint32_t *a, int an, const uint32_t *b, int bn)
{
    return an == bn && (an == 0 || memcmp(a, b, (size_t)an * sizeof *a) == 0);
}

/* Hectares by region, corridor and slope class, each as it is stored. */
static bool same_parts(const struct store_figures *a, const struct store_figures *b)
{
    if (a->parts_n != b->parts_n)
        return false;
    for (size_t i = 0; i < a->parts_n; i++) {
        const struct store_part *p = &a->parts[i];
        bool found = false;
        for (size_t k = 0; k < b->parts_n && !found; k++) {
            const struct store_part *q = &b->parts[k];
            found = p->slope_class == q->slope_class && p->area_mm2 == q->area_mm2 && same_ids(p->regions, p->levels_n, q->regions, q->levels_n) &&
                    same_ids(p->corridors, p->corridors_n, q->corridors, q->corridors_n);
        }
        if (!found)
            return false;
    }
    return true;
}

static bool same_hits(const struct store_figures *a, const struct store_figures *b)
{
    for (size_t i = 0; i < a->corridors_n && a->corridors_n == b->corridors_n; i++)
        if (a->corridors[i].feature_id != b->corridors[i].feature_id || a->corridors[i].area_mm2 != b->corridors[i].area_mm2 ||
            a->corridors[i].verdict != b->corridors[i].verdict)
            return false;
    return a->corridors_n == b->corridors_n;
}

/* How the pieces err; a registry made before it was computed has none. The same ring may begin elsewhere: not to the last digit. */
static bool same_errors(const struct store_figures *computed, const struct store_figures *stored, double area_se_m2)
{
    double tolerance = 1e-6 * area_se_m2 * area_se_m2 + 1e-6;
    if (!stored->errors_n || isnan(area_se_m2))
        return !stored->errors_n;
    if (computed->errors_n != stored->errors_n)
        return false;
    for (size_t i = 0; i < stored->errors_n; i++) {
        const struct store_part_error *p = &computed->errors[i], *q = &stored->errors[i];
        bool same = same_ids(p->regions, p->levels_n, q->regions, q->levels_n) && same_ids(p->corridors, p->corridors_n, q->corridors, q->corridors_n) &&
                    fabs(p->east_m - q->east_m) <= 1e-3 && fabs(p->north_m - q->north_m) <= 1e-3;
        for (size_t k = 0; same && k < stored->errors_n; k++)
            same = fabs(p->covariance[k] - q->covariance[k]) <= tolerance;
        if (!same)
            return false;
    }
    return true;
}

static bool same_all(const struct check_item *item, const struct store_figures *figures)
{
    return same_figures(figures, &item->stored) && same_expected(item, figures) && same_error(item) && same_parts(figures, &item->stored) &&
           same_hits(figures, &item->stored) && same_errors(figures, &item->stored, item->area_se_m2) &&
           fabs(perimeter_boundary_m(&item->boundary) - item->perimeter_m) <= 1e-9 * item->perimeter_m;
}

static void compute_item(int worker, size_t i, void *arg)
{
    struct check_batch *b = arg;
    struct check_item *item = &b->items[i];
    struct store_figures figures;
    arena_reset(&b->results[worker]);
    struct area_noise noise = area_noise_of(item->survey, item->accuracy_m, item->area_se_m2);
    item->status = figures_of_plot(b->staff->workers[worker], &item->boundary, item->area_mm2, &noise, &b->results[worker], &figures, &item->error);
    item->same = item->status == STATUS_OK && same_all(item, &figures);
}

static enum status run_batch(struct check_batch *b)
{
    pool_start(b->staff->pool, b->n, 64, compute_item, b);
    pool_wait(b->staff->pool);
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].status == STATUS_MEMORY) {
            *b->error = b->items[i].error;
            return STATUS_MEMORY;
        }
        b->out->plots++;
        if (!b->items[i].same && !b->out->wrong++)
            snprintf(b->out->first, sizeof b->out->first, "%s", b->items[i].code);
    }
    b->n = 0;
    arena_reset(&b->arena);
    return STATUS_OK;
}

static bool take_revision(const struct store_revision *r, void *arg)
{
    struct check_batch *b = arg;
    struct check_item *item = &b->items[b->n++];
    *item = (struct check_item){.code = arena_strdup(&b->arena, r->code), .area_mm2 = r->area_mm2, .survey = r->survey, .accuracy_m = r->accuracy_m, .area_se_m2 = r->area_se_m2,
                                 .perimeter_m = r->perimeter_m, .stored = r->figures};
    if (r->figures.expected_n)
        memcpy(item->expected_mm2, r->figures.expected->class_mm2, sizeof item->expected_mm2);
    struct store_figures parts = {0}; /* its expected figures are the sum that is here already */
    b->status = store_figures_parts(b->store, r->id, &b->arena, &parts, b->error);
    item->stored.parts = parts.parts;
    item->stored.parts_n = parts.parts_n;
    item->stored.corridors = parts.corridors;
    item->stored.corridors_n = parts.corridors_n;
    item->stored.errors = parts.errors;
    item->stored.errors_n = parts.errors_n;
    if (!item->code || !boundary_copy(&item->boundary, &r->boundary, &b->arena))
        b->status = error_memory(b->error);
    if (b->status == STATUS_OK && b->n == CHECK_BATCH)
        b->status = run_batch(b);
    return b->status == STATUS_OK;
}

enum status check_figures(struct store *s, struct figures_check *out, struct error *e)
{
    *out = (struct figures_check){0};
    struct staff staff = {0};
    struct arena row;
    arena_init(&row, 0);
    struct check_batch *b = calloc(1, sizeof *b);
    enum status status = b ? staff_hire(&staff, s, e) : error_memory(e);
    if (status == STATUS_OK)
        status = staff_ready(&staff, e);
    if (status == STATUS_OK && !(b->results = calloc((size_t)staff.n, sizeof *b->results)))
        status = error_memory(e);
    if (status == STATUS_OK) {
        b->staff = &staff;
        b->store = s;
        b->out = out;
        b->error = e;
        status = store_each_revision(s, &row, take_revision, b, e);
        if (status == STATUS_OK)
            status = b->status;
        if (status == STATUS_OK)
            status = run_batch(b);
        arena_clear(&b->arena);
    }
    for (int w = 0; b && b->results && w < staff.n; w++)
        arena_clear(&b->results[w]);
    if (b)
        free(b->results);
    free(b);
    staff_dismiss(&staff);
    arena_clear(&row);
    return status;
}
