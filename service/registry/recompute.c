/* Renewing figures; see recompute.h. */
#include "service/registry/recompute.h"

#include <stdlib.h>
#include <string.h>

#include "service/registry/identity.h"

enum { RECOMPUTE_BATCH = 1024, RECOMPUTE_GRAIN = 16 };

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

enum status recompute_select(struct store *s, const struct box *box, struct key_set *seen,
                             struct touched *touched, struct error *e)
{
    struct selection sel = {seen, touched, false};
    enum status status = store_each_box(s, box, note_selected, &sel, e);
    return status == STATUS_OK && sel.failed ? error_memory(e) : status;
}

struct nearness {
    const struct figures_setup *setup;
    const struct touched *touched;
    unsigned char *near; /* by place in touched */
};

static void look_for_corridor(int worker, size_t item, void *arg)
{
    const struct nearness *n = arg;
    struct box box = small_box_degrees(&n->touched->boxes[item]);
    (void)worker;
    n->near[item] = figures_setup_near_corridor(n->setup, &box);
}

enum status recompute_near_corridors(struct staff *staff, struct touched *touched, struct error *e)
{
    enum { GRAIN = 1024 };
    struct nearness n = {staff->setup, touched, malloc(touched->n + 1)};
    size_t kept = 0;
    if (!n.near)
        return error_memory(e);
    pool_start(staff->pool, touched->n, GRAIN, look_for_corridor, &n);
    pool_wait(staff->pool);
    for (size_t i = 0; i < touched->n; i++)
        if (n.near[i]) {
            touched->revisions[kept] = touched->revisions[i];
            touched->boxes[kept++] = touched->boxes[i];
        }
    touched->n = kept;
    free(n.near);
    return STATUS_OK;
}

/* ---- batches of ground whose figures are computed anew ---- */

struct recompute_item {
    int64_t id, area_mm2;
    const struct boundary *boundary;
    struct area_noise noise; /* of a plot */
    struct store_figures figures;
    enum status status;
    struct error error;
};

struct recompute_batch {
    struct recompute_item items[RECOMPUTE_BATCH];
    struct store_standing standing[RECOMPUTE_BATCH]; /* of plots */
    struct store_face_ground faces[RECOMPUTE_BATCH];
    size_t n;
    struct arena arena, *results; /* results: one per worker */
    struct recomputing *of;
};

/* Two batches take turns: while the workers compute one, this thread stores the one before and
 * loads the next. */
struct recomputing {
    struct store *s;
    struct staff *staff;
    int64_t change;
    struct recompute_batch *batches[2];
    enum status (*load)(struct recomputing *r, struct recompute_batch *b, struct error *e);
    enum status (*keep)(struct recomputing *r, const struct store_renewed *items, size_t n,
                        struct error *e);
    bool plots; /* else faces */
    const struct touched *touched;
    size_t next; /* of touched */
    const struct box *boxes;
    size_t boxes_n;
    bool near_corridors;
    int64_t after; /* the face before the next */
    recompute_progress *progress;
    void *progress_arg;
};

static void compute_item(int worker, size_t i, void *arg)
{
    struct recompute_batch *b = arg;
    struct recompute_item *item = &b->items[i];
    struct figures_worker *w = b->of->staff->workers[worker];
    struct arena *keep = &b->results[worker];
    item->status = b->of->plots ? figures_of_plot(w, item->boundary, item->area_mm2, &item->noise,
                                                  keep, &item->figures, &item->error)
                                : figures_parts_of(w, item->boundary, item->area_mm2, keep,
                                                   &item->figures, &item->error);
}

static enum status keep_batch(struct recomputing *r, struct recompute_batch *b, struct error *e)
{
    struct store_renewed *renewed = arena_array(&b->arena, b->n, sizeof *renewed);
    enum status status = renewed ? STATUS_OK : error_memory(e);
    for (size_t i = 0; status == STATUS_OK && i < b->n; i++) {
        renewed[i] = (struct store_renewed){b->items[i].id, &b->items[i].figures,
                                            r->plots ? &b->standing[i] : NULL};
        if ((status = b->items[i].status) != STATUS_OK)
            *e = b->items[i].error;
    }
    if (status == STATUS_OK)
        status = r->keep(r, renewed, b->n, e);
    b->n = 0;
    arena_reset(&b->arena);
    for (int w = 0; w < r->staff->n; w++)
        arena_reset(&b->results[w]);
    return status;
}

static enum status take_turns(struct recomputing *r, struct error *e)
{
    int turn = 0;
    enum status status = r->load(r, r->batches[0], e);
    while (status == STATUS_OK && r->batches[turn]->n) {
        struct recompute_batch *now = r->batches[turn], *other = r->batches[1 - turn];
        pool_start(r->staff->pool, now->n, RECOMPUTE_GRAIN, compute_item, now);
        if (other->n)
            status = keep_batch(r, other, e);
        if (status == STATUS_OK)
            status = r->load(r, other, e);
        pool_wait(r->staff->pool);
        turn = 1 - turn;
    }
    if (status == STATUS_OK && r->batches[1 - turn]->n)
        status = keep_batch(r, r->batches[1 - turn], e);
    return status;
}

static void batch_free(struct recompute_batch *b, int workers)
{
    if (!b)
        return;
    arena_clear(&b->arena);
    for (int w = 0; b->results && w < workers; w++)
        arena_clear(&b->results[w]);
    free(b->results);
    free(b);
}

static enum status run(struct recomputing *r, struct error *e)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < 2; i++) {
        struct recompute_batch *b = r->batches[i] = calloc(1, sizeof *b);
        if (!b || !(b->results = calloc((size_t)r->staff->n, sizeof *b->results)))
            status = error_memory(e);
        else
            b->of = r;
    }
    if (status == STATUS_OK)
        status = take_turns(r, e);
    for (int i = 0; i < 2; i++)
        batch_free(r->batches[i], r->staff->n);
    return status;
}

/* ---- plots ---- */

static enum status load_plots(struct recomputing *r, struct recompute_batch *b, struct error *e)
{
    enum status status = STATUS_OK;
    for (b->n = 0; status == STATUS_OK && b->n < RECOMPUTE_BATCH && r->next < r->touched->n;
         r->next++, b->n++) {
        struct store_standing *plot = &b->standing[b->n];
        status = store_standing(r->s, r->touched->revisions[r->next], &b->arena, plot, e);
        b->items[b->n] = (struct recompute_item){
            .id = plot->revision_id, .area_mm2 = plot->area_mm2, .boundary = &plot->boundary};
        if (status == STATUS_OK)
            b->items[b->n].noise = area_noise_of(plot->survey.survey, plot->survey.accuracy_m,
                                                 plot->survey.area_se_m2);
    }
    if (r->progress && b->n)
        r->progress(r->next, r->touched->n, r->progress_arg);
    return status;
}

static enum status keep_plots(struct recomputing *r, const struct store_renewed *items, size_t n,
                              struct error *e)
{
    return store_figures_renew(r->s, r->change, items, n, e);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

enum status recompute_plots(struct store *s, struct staff *staff, int64_t change,
                            const struct touched *touched, recompute_progress *progress,
                            void *progress_arg, struct error *e)
{
    struct touched sorted = {.revisions = malloc((touched->n + 1) * sizeof *sorted.revisions),
                             .n = touched->n};
    struct recomputing r = {.s = s,
                            .staff = staff,
                            .change = change,
                            .load = load_plots,
                            .keep = keep_plots,
                            .plots = true,
                            .touched = &sorted,
                            .progress = progress,
                            .progress_arg = progress_arg};
    if (!sorted.revisions)
        return error_memory(e);
    if (touched->n) {
        memcpy(sorted.revisions, touched->revisions, touched->n * sizeof *sorted.revisions);
        qsort(sorted.revisions, sorted.n, sizeof *sorted.revisions, compare_ids);
    }
    enum status status = run(&r, e);
    free(sorted.revisions);
    return status;
}

/* ---- faces ---- */

static bool face_wanted(const struct box *box, const void *arg)
{
    const struct recomputing *r = arg;
    for (size_t i = 0; i < r->boxes_n; i++)
        if (box_overlaps(box, &r->boxes[i]))
            return !r->near_corridors || figures_setup_near_corridor(r->staff->setup, box);
    return false;
}

static enum status load_faces(struct recomputing *r, struct recompute_batch *b, struct error *e)
{
    enum status status = store_faces_page(r->s, &r->after, face_wanted, r, &b->arena, b->faces,
                                          RECOMPUTE_BATCH, &b->n, e);
    for (size_t i = 0; i < b->n; i++)
        b->items[i] = (struct recompute_item){.id = b->faces[i].id,
                                              .area_mm2 = b->faces[i].area_mm2,
                                              .boundary = &b->faces[i].boundary};
    return status;
}

static enum status keep_faces(struct recomputing *r, const struct store_renewed *items, size_t n,
                              struct error *e)
{
    return store_face_parts_renew(r->s, items, n, e);
}

enum status recompute_faces(struct store *s, struct staff *staff, const struct box *boxes,
                            size_t boxes_n, bool near_corridors, struct error *e)
{
    struct recomputing r = {.s = s,
                            .staff = staff,
                            .load = load_faces,
                            .keep = keep_faces,
                            .boxes = boxes,
                            .boxes_n = boxes_n,
                            .near_corridors = near_corridors};
    return run(&r, e);
}

enum status recompute_run(struct store *s, struct staff *staff, int64_t change,
                          struct touched *touched, recompute_progress *progress, void *progress_arg,
                          struct error *e)
{
    enum status status = recompute_plots(s, staff, change, touched, progress, progress_arg, e);
    return status == STATUS_OK ? faces_renew(s, staff->pool, staff->workers, change, touched, NULL,
                                             NULL, NULL, NULL, e)
                               : status;
}
