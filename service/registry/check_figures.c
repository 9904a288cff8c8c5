/* Every plot as it is stored against what its boundary gives; see check_figures.h. One thread reads a batch while the workers compute
 * the one before. */
#include "service/registry/check_figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "service/registry/area_error.h"
#include "service/registry/identity.h"
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
    unsigned char geometry_hash[IDENTITY_HASH_BYTES];
    struct lonlat anchor;
    int64_t missing_mm2; /* of the parts */
    bool wrong[CHECK_COUNTS_N];
    enum status status;
    struct error error;
};

struct check_batch {
    struct check_item items[CHECK_BATCH];
    size_t n;
    struct arena arena, *results; /* results: one for each worker */
    struct staff *staff;
    int levels, classes;
};

struct check_work {
    struct check_batch *batches[2], *now; /* now: being filled; the other is computed */
    struct store *store;
    struct figures_check *out;
    check_progress *progress;
    void *progress_arg;
    int64_t total;
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

/* Do the parts add up, and is each in one slope class and in one region of each level, or in none? */
static bool parts_whole(const struct check_batch *b, struct check_item *item)
{
    const struct store_figures *f = &item->stored;
    int64_t sum = 0, corridor = 0;
    bool ok = true;
    for (size_t i = 0; i < f->parts_n; i++) {
        const struct store_part *p = &f->parts[i];
        sum += p->area_mm2;
        corridor += p->corridors_n ? p->area_mm2 : 0;
        ok = ok && p->area_mm2 >= 0 && p->slope_class >= -1 && p->slope_class < b->classes && p->levels_n == b->levels;
    }
    item->missing_mm2 = item->area_mm2 - sum;
    return ok && sum == item->area_mm2 && corridor == f->corridor_mm2;
}

static enum status look_at(struct check_batch *b, int worker, struct check_item *item)
{
    struct figures_worker *w = b->staff->workers[worker];
    unsigned char hash[IDENTITY_HASH_BYTES];
    struct validity validity;
    struct store_figures figures;
    item->wrong[CHECK_AREA] = area_to_mm2(area_boundary_m2(&item->boundary)) != item->area_mm2;
    identity_geometry(&item->boundary, hash);
    item->wrong[CHECK_HASH] = memcmp(hash, item->geometry_hash, sizeof hash) != 0;
    enum status status = validity_test(figures_worker_geo(w), &item->boundary, &validity, &item->error);
    if (status != STATUS_OK)
        return status;
    item->wrong[CHECK_VALID] = !validity.valid;
    struct lonlat anchor = boundary_anchor(&item->boundary);
    item->wrong[CHECK_ANCHOR] = fabs(anchor.lon - item->anchor.lon) > 1e-9 || fabs(anchor.lat - item->anchor.lat) > 1e-9;
    item->wrong[CHECK_PARTS] = !parts_whole(b, item);
    struct area_noise noise = area_noise_of(item->survey, item->accuracy_m, item->area_se_m2);
    status = figures_of_plot(w, &item->boundary, item->area_mm2, &noise, &b->results[worker], &figures, &item->error);
    item->wrong[CHECK_COMPUTED] = status != STATUS_OK || !same_all(item, &figures);
    return status == STATUS_MEMORY ? status : STATUS_OK; /* what cannot be computed is told as not computed */
}

static void compute_item(int worker, size_t i, void *arg)
{
    struct check_batch *b = arg;
    arena_reset(&b->results[worker]);
    b->items[i].status = look_at(b, worker, &b->items[i]);
}

static void count_item(struct figures_check *out, const struct check_item *item)
{
    int64_t missing = item->missing_mm2 < 0 ? -item->missing_mm2 : item->missing_mm2;
    out->plots++;
    out->sum_mm2 += item->area_mm2;
    out->parts += (int64_t)item->stored.parts_n;
    if (missing > out->worst_mm2)
        out->worst_mm2 = missing;
    if (missing)
        out->worst_share = fmax(out->worst_share, item->area_mm2 ? (double)missing / (double)item->area_mm2 : 1);
    for (int k = 0; k < CHECK_COUNTS_N; k++)
        if (item->wrong[k] && !out->counts[k].wrong++)
            snprintf(out->counts[k].first, sizeof out->counts[k].first, "%s", *item->code ? item->code : "?");
}

/* Waits for the batch that is computed, counts it, and lets the workers begin with the one that is filled. */
static enum status turn_over(struct check_work *w)
{
    struct check_batch *done = w->batches[w->now == w->batches[0]];
    struct pool *pool = done->staff->pool;
    pool_wait(pool);
    for (size_t i = 0; i < done->n; i++) {
        if (done->items[i].status != STATUS_OK) {
            *w->error = done->items[i].error;
            return done->items[i].status;
        }
        count_item(w->out, &done->items[i]);
    }
    if (w->progress)
        w->progress("plots", (uint64_t)w->out->plots, (uint64_t)w->total, w->progress_arg);
    done->n = 0;
    arena_reset(&done->arena);
    pool_start(pool, w->now->n, 64, compute_item, w->now);
    w->now = done;
    return STATUS_OK;
}

static bool take_revision(const struct store_revision *r, void *arg)
{
    struct check_work *w = arg;
    struct check_batch *b = w->now;
    struct check_item *item = &b->items[b->n++];
    *item = (struct check_item){.code = arena_strdup(&b->arena, r->code ? r->code : ""), .area_mm2 = r->area_mm2, .survey = r->survey,
                                .accuracy_m = r->accuracy_m, .area_se_m2 = r->area_se_m2, .perimeter_m = r->perimeter_m,
                                .anchor = r->anchor, .stored = r->figures};
    memcpy(item->geometry_hash, r->geometry_hash, sizeof item->geometry_hash);
    if (r->figures.expected_n)
        memcpy(item->expected_mm2, r->figures.expected->class_mm2, sizeof item->expected_mm2);
    struct store_figures parts = {0}; /* its expected figures are the sum that is here already */
    w->status = store_figures_parts(w->store, r->id, &b->arena, &parts, w->error);
    item->stored.parts = parts.parts;
    item->stored.parts_n = parts.parts_n;
    item->stored.corridors = parts.corridors;
    item->stored.corridors_n = parts.corridors_n;
    item->stored.errors = parts.errors;
    item->stored.errors_n = parts.errors_n;
    if (!item->code || !boundary_copy(&item->boundary, &r->boundary, &b->arena))
        w->status = error_memory(w->error);
    if (w->status == STATUS_OK && b->n == CHECK_BATCH)
        w->status = turn_over(w);
    return w->status == STATUS_OK;
}

static bool count_levels(const struct store_layer *l, void *arg)
{
    *(int *)arg += l->kind == LAYER_REGIONS;
    return true;
}

static enum status batch_new(struct store *s, struct staff *staff, struct check_batch **out, struct error *e)
{
    struct slope_class_table table;
    struct check_batch *b = calloc(1, sizeof *b);
    *out = b;
    if (!b || !(b->results = calloc((size_t)staff->n, sizeof *b->results)))
        return error_memory(e);
    b->staff = staff;
    enum status status = store_slope_table(s, &table, e);
    b->classes = status == STATUS_OK ? table.classes_n : 0;
    return status == STATUS_OK ? store_each_layer(s, count_levels, &b->levels, e) : status;
}

static void batch_free(struct check_batch *b)
{
    if (!b)
        return;
    for (int w = 0; b->results && w < b->staff->n; w++)
        arena_clear(&b->results[w]);
    arena_clear(&b->arena);
    free(b->results);
    free(b);
}

static enum status check_each(struct check_work *w, struct error *e)
{
    struct arena row;
    arena_init(&row, 0);
    w->now = w->batches[0];
    enum status status = store_each_revision(w->store, &row, take_revision, w, e);
    arena_clear(&row);
    for (int i = 0; i < 2 && status == STATUS_OK; i++) { /* what is filled, then what is computed */
        status = w->status;
        if (status == STATUS_OK)
            status = turn_over(w);
    }
    pool_wait(w->batches[0]->staff->pool);
    return status;
}

static bool count_box(const struct store_boxed *boxed, void *arg)
{
    (void)boxed;
    ++*(int64_t *)arg;
    return true;
}

enum status check_figures(struct store *s, check_progress *progress, void *progress_arg, struct figures_check *out, struct error *e)
{
    *out = (struct figures_check){0};
    struct staff staff = {0};
    struct check_work w = {.store = s, .out = out, .progress = progress, .progress_arg = progress_arg, .error = e};
    enum status status = staff_hire(&staff, s, e);
    if (status == STATUS_OK)
        status = staff_ready(&staff, e);
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = batch_new(s, &staff, &w.batches[i], e);
    if (status == STATUS_OK && progress)
        status = store_each_box(s, NULL, count_box, &w.total, e);
    if (status == STATUS_OK) {
        out->levels = w.batches[0]->levels;
        status = check_each(&w, e);
    }
    batch_free(w.batches[0]);
    batch_free(w.batches[1]);
    staff_dismiss(&staff);
    return status;
}
