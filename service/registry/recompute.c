/* Renewing figures; see recompute.h. */
#include "service/registry/recompute.h"

#include <stdlib.h>

#include "geo/area.h"
#include "service/registry/identity.h"

enum { RECOMPUTE_BATCH = 2048 };

struct selection {
    struct key_set *seen;
    struct touched *touched;
    bool failed;
};

static bool note_selected(const struct store_boxed *boxed, void *arg)
{
    struct selection *sel = arg;
    bool ok;
    if (!key_set_add(sel->seen, (uint64_t)boxed->revision_id, 1, &ok) && ok)
        ok = touched_add(sel->touched, boxed->revision_id, boxed->box);
    sel->failed = !ok;
    return ok;
}

enum status recompute_select(struct store *s, const struct box *box, struct key_set *seen, struct touched *touched, struct error *e)
{
    struct selection sel = {seen, touched, false};
    enum status status = store_each_box(s, box, note_selected, &sel, e);
    return status == STATUS_OK && sel.failed ? error_memory(e) : status;
}

struct recompute_item {
    int64_t revision_id;
    struct boundary boundary;
    struct store_survey survey;
    struct store_figures figures;
    enum status status;
    struct error error;
};

struct recompute_batch {
    struct recompute_item items[RECOMPUTE_BATCH];
    size_t n;
    struct arena arena, *results;
    struct staff *staff;
};

static void compute_item(int worker, size_t i, void *arg)
{
    struct recompute_batch *b = arg;
    struct recompute_item *item = &b->items[i];
    int64_t area_mm2 = area_to_mm2(area_boundary_m2(&item->boundary));
    struct area_noise noise = area_noise_of(item->survey.survey, item->survey.accuracy_m, item->survey.area_se_m2);
    item->status = figures_of_plot(b->staff->workers[worker], &item->boundary, area_mm2, &noise, &b->results[worker], &item->figures, &item->error);
}

static enum status run_batch(struct store *s, struct recompute_batch *b, int64_t change, struct error *e)
{
    pool_start(b->staff->pool, b->n, 32, compute_item, b);
    pool_wait(b->staff->pool);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < b->n; i++) {
        struct recompute_item *item = &b->items[i];
        if ((status = item->status) == STATUS_OK)
            status = store_figures_replace(s, item->revision_id, change, &item->figures, e);
        else
            *e = item->error;
    }
    b->n = 0;
    arena_reset(&b->arena);
    for (int w = 0; w < b->staff->n; w++)
        arena_reset(&b->results[w]);
    return status;
}

static enum status run_all(struct store *s, struct recompute_batch *b, int64_t change, const struct touched *touched,
                           recompute_progress *progress, void *progress_arg, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < touched->n; i++) {
        struct recompute_item *item = &b->items[b->n++];
        *item = (struct recompute_item){.revision_id = touched->revisions[i]};
        status = store_boundary(s, item->revision_id, &b->arena, &item->boundary, e);
        if (status == STATUS_OK)
            status = store_survey_of(s, item->revision_id, &item->survey, e);
        if (status == STATUS_OK && (b->n == RECOMPUTE_BATCH || i + 1 == touched->n)) {
            status = run_batch(s, b, change, e);
            if (progress)
                progress(i + 1, touched->n, progress_arg);
        }
    }
    return status;
}

enum status recompute_run(struct store *s, struct staff *staff, int64_t change, struct touched *touched,
                          recompute_progress *progress, void *progress_arg, struct error *e)
{
    struct recompute_batch *b = calloc(1, sizeof *b);
    struct arena *results = calloc((size_t)staff->n, sizeof *results);
    enum status status = b && results ? STATUS_OK : error_memory(e);
    if (status == STATUS_OK) {
        b->results = results;
        b->staff = staff;
        status = run_all(s, b, change, touched, progress, progress_arg, e);
        arena_clear(&b->arena);
    }
    for (int w = 0; results && w < staff->n; w++)
        arena_clear(&results[w]);
    free(results);
    free(b);
    return status == STATUS_OK ? faces_renew(s, staff->pool, staff->workers, change, touched, NULL, NULL, NULL, NULL, e) : status;
}
