/* Stored figures against computed ones; see check_figures.h. */
#include "service/registry/check_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/registry/area_error.h"
#include "service/registry/staff.h"

enum { CHECK_BATCH = 4096 };

struct check_item {
    const char *code;
    struct boundary boundary;
    int64_t area_mm2;
    int survey;
    double accuracy_m, area_se_m2;
    struct store_figures stored; /* without parts */
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

static void compute_item(int worker, size_t i, void *arg)
{
    struct check_batch *b = arg;
    struct check_item *item = &b->items[i];
    struct store_figures figures;
    arena_reset(&b->results[worker]);
    item->status = figures_of(b->staff->workers[worker], &item->boundary, item->area_mm2, &b->results[worker], &figures, &item->error);
    item->same = item->status == STATUS_OK && same_figures(&figures, &item->stored) && same_expected(item, &figures) && same_error(item);
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
    *item = (struct check_item){.code = arena_strdup(&b->arena, r->code), .area_mm2 = r->area_mm2, .survey = r->survey, .accuracy_m = r->accuracy_m, .area_se_m2 = r->area_se_m2, .stored = r->figures};
    if (r->figures.expected_n)
        memcpy(item->expected_mm2, r->figures.expected->class_mm2, sizeof item->expected_mm2);
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
