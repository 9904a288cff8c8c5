/* Faces of overlapping plots after a change; see faces.h.
 *
 * A face belongs to its lowest member (its owner), lowest by geometry hash and not by number, so that the cuts, and with them the
 * last digits, do not depend on the order in which plots were imported. All faces of an owner can be computed from the owner's
 * boundary and those whose boxes meet it, so the work is local and parallel, one owner an item, in batches whose boundaries are
 * loaded once. */
#include "service/registry/faces.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/base/key_set.h"

enum { ONLY_TELL = -1 }; /* in place of a change: nothing is written */
enum { FACES_BATCH = 512, FACES_GRAIN = 32, MEMBERS_FEW = 16 };

bool touched_add(struct touched *t, int64_t revision_id, struct box box)
{
    if (t->n == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 1024;
        int64_t *revisions = realloc(t->revisions, capacity * sizeof *revisions);
        if (revisions)
            t->revisions = revisions;
        struct box *boxes = realloc(t->boxes, capacity * sizeof *boxes);
        if (boxes)
            t->boxes = boxes;
        if (!revisions || !boxes)
            return false;
        t->capacity = capacity;
    }
    t->revisions[t->n] = revision_id;
    t->boxes[t->n++] = box;
    return true;
}

void touched_clear(struct touched *t)
{
    free(t->revisions);
    free(t->boxes);
    *t = (struct touched){0};
}

/* All current boxes near the change, and which of them are owners to renew. */
struct neighbourhood {
    struct touched all; /* current revisions */
    bool ordered;       /* all there are, by ascending id; else `slots` finds them */
    struct key_set slots; /* revision id -> its place in all */
    struct box_index *index;
    bool failed;
};

/* The place of a revision in `all`; all.n = it is not there. */
static size_t place_of(const struct neighbourhood *n, int64_t id)
{
    if (!n->ordered) {
        const uint64_t *slot = key_set_find(&n->slots, (uint64_t)id);
        return slot ? *slot : n->all.n;
    }
    size_t low = 0, high = n->all.n, guess = high && id >= n->all.revisions[0] ? (size_t)(id - n->all.revisions[0]) : high;
    if (guess < high && n->all.revisions[guess] == id) /* ids mostly follow each other */
        return guess;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->all.revisions[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->all.n && n->all.revisions[low] == id ? low : n->all.n;
}

static bool note_box(const struct store_boxed *boxed, void *arg)
{
    struct neighbourhood *n = arg;
    bool ok = true;
    if (n->ordered || !key_set_add(&n->slots, (uint64_t)boxed->revision_id, n->all.n, &ok))
        ok = ok && touched_add(&n->all, boxed->revision_id, boxed->box);
    n->failed = n->failed || !ok;
    return !n->failed;
}

/* For a few touched plots the R*Tree is asked around each, twice as far as needed for neighbours of neighbours; for many, one
 * pass over all boxes is cheaper than so many searches. */
enum { FACES_FEW = 500 };

static enum status load_boxes(struct store *s, const struct touched *touched, struct neighbourhood *n, struct error *e)
{
    enum status status = STATUS_OK;
    n->ordered = touched->n > FACES_FEW;
    if (n->ordered) {
        status = store_each_box(s, NULL, note_box, n, e);
    } else {
        for (size_t i = 0; status == STATUS_OK && i < touched->n; i++)
            status = store_each_box(s, &touched->boxes[i], note_box, n, e);
        for (size_t i = 0, direct = n->all.n; status == STATUS_OK && i < direct; i++) {
            struct box around = n->all.boxes[i]; /* copied: the array moves as it grows */
            status = store_each_box(s, &around, note_box, n, e);
        }
    }
    if (status == STATUS_OK && n->failed)
        status = error_memory(e);
    if (status == STATUS_OK && !(n->index = box_index_build(n->all.boxes, n->all.revisions, n->all.n)))
        status = error_memory(e);
    return status;
}

/* How far the renewing is: an owner's faces are its own and those of owners whose boxes meet its box. */
struct faces_done {
    const struct neighbourhood *around;
    size_t below;         /* owners at lower places are done */
    uint32_t *last_place; /* by place: the highest of its neighbours and itself; UINT32_MAX = nobody looked */
};

bool faces_pair_done(const struct faces_done *done, int64_t a, int64_t b)
{
    size_t places[] = {place_of(done->around, a), place_of(done->around, b)};
    uint32_t last = UINT32_MAX;
    for (int i = 0; i < 2; i++) {
        if (places[i] >= done->below)
            return false;
        if (done->last_place[places[i]] < last)
            last = done->last_place[places[i]];
    }
    return last < done->below; /* an owner of both is a neighbour of either */
}

struct owner_list {
    const struct neighbourhood *around;
    unsigned char *is_owner; /* by place in around->all */
};

static bool note_owner(int64_t id, const struct box *box, void *arg)
{
    (void)box;
    struct owner_list *list = arg;
    size_t place = place_of(list->around, id);
    if (place < list->around->all.n)
        list->is_owner[place] = 1;
    return true;
}

/* Touched plots that still count, and all that meet a touched one. */
static void find_owners(struct owner_list *list, const struct touched *touched)
{
    size_t n = 0;
    for (size_t i = 0; i < touched->n; i++)
        note_owner(touched->revisions[i], NULL, list);
    for (size_t i = 0; i < list->around->all.n; i++)
        n += list->is_owner[i];
    for (size_t i = 0; n < list->around->all.n && i < touched->n; i++) /* not in a first import: all are touched */
        box_index_query(list->around->index, &touched->boxes[i], note_owner, list);
}

/* One owner with its neighbours, by places in the batch's boundary table. */
struct owner_job {
    int64_t id;
    size_t place;
    struct box box;
    int64_t *neighbours;
    size_t neighbours_n, neighbours_capacity;
    bool failed;
    struct overlap_faces faces; /* members are ranks until the worker has put revision ids in their place, the owner first */
    struct store_figures *figures; /* one per face */
    enum status status;
    struct error error;
};

static bool note_neighbour(int64_t id, const struct box *box, void *arg)
{
    (void)box;
    struct owner_job *job = arg;
    if (id == job->id)
        return true;
    if (job->neighbours_n == job->neighbours_capacity) {
        size_t capacity = job->neighbours_capacity ? job->neighbours_capacity * 2 : 8;
        int64_t *more = realloc(job->neighbours, capacity * sizeof *more);
        if (!more)
            return !(job->failed = true);
        job->neighbours = more;
        job->neighbours_capacity = capacity;
    }
    job->neighbours[job->neighbours_n++] = id;
    return true;
}

/* Runs in a worker: all plots whose box meets the owner's. */
static void look_around(struct owner_job *job, const struct faces_done *done)
{
    box_index_query(done->around->index, &job->box, note_neighbour, job);
    size_t last = job->place;
    for (size_t i = 0; i < job->neighbours_n; i++) {
        size_t place = place_of(done->around, job->neighbours[i]);
        last = place > last ? place : last;
    }
    done->last_place[job->place] = (uint32_t)last;
}

struct faces_batch {
    struct owner_job jobs[FACES_BATCH];
    size_t n;
    struct key_set slots;        /* revision id -> place in loaded */
    struct store_ground *loaded; /* in arena */
    const struct faces_done *done;
    struct arena arena;          /* boundaries, read by all workers */
    struct arena *results;       /* one per worker */
    struct figures_worker *const *workers;
};

static const struct store_ground *batch_loaded(const struct faces_batch *b, int64_t id)
{
    return &b->loaded[*key_set_find(&b->slots, (uint64_t)id)];
}

struct ranked {
    const struct store_ground *plot;
    int64_t id;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int c = memcmp(x->plot->geometry_hash, y->plot->geometry_hash, sizeof x->plot->geometry_hash);
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* The faces owned by one plot: ranks 0.. stand for ids while they are computed. */
static enum status faces_by_rank(struct geo_context *g, struct owner_job *job, const struct ranked *ranks, size_t n, struct arena *keep)
{
    struct overlap_plot *plots = arena_array(keep, n, sizeof *plots), own = {0};
    size_t others = 0;
    if (!plots)
        return error_memory(&job->error);
    for (size_t i = 0; i < n; i++) {
        struct overlap_plot plot = {(int64_t)i, &ranks[i].plot->boundary};
        if (ranks[i].id == job->id)
            own = plot;
        else
            plots[others++] = plot;
    }
    enum status status = overlap_faces_of(g, own, plots, others, keep, &job->faces, &job->error);
    for (size_t f = 0; status == STATUS_OK && f < job->faces.faces_n; f++)
        for (size_t m = 0; m < job->faces.faces[f].members_n; m++)
            job->faces.faces[f].members[m] = ranks[job->faces.faces[f].members[m]].id;
    return status;
}

/* Runs in a worker: the faces of one owner and their figures. */
static void compute_owner(int worker, size_t item, void *arg)
{
    struct faces_batch *b = arg;
    struct owner_job *job = &b->jobs[item];
    struct figures_worker *w = b->workers[worker];
    struct arena *keep = &b->results[worker];
    size_t n = job->neighbours_n + 1;
    struct ranked *ranks = arena_array(keep, n, sizeof *ranks);
    if (!ranks) {
        job->status = error_memory(&job->error);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t id = i < job->neighbours_n ? job->neighbours[i] : job->id;
        ranks[i] = (struct ranked){batch_loaded(b, id), id};
    }
    qsort(ranks, n, sizeof *ranks, compare_ranked);
    job->status = faces_by_rank(figures_worker_geo(w), job, ranks, n, keep);
    job->figures = arena_array(keep, job->faces.faces_n, sizeof *job->figures);
    for (size_t i = 0; job->status == STATUS_OK && i < job->faces.faces_n; i++)
        job->status = figures_of(w, &job->faces.faces[i].geometry, area_to_mm2(job->faces.faces[i].area_m2), keep, &job->figures[i],
                                 &job->error);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Loads each boundary that the batch's owners need, once. */
static enum status load_boundaries(struct store *s, struct faces_batch *b, struct error *e)
{
    size_t most = b->n;
    for (size_t i = 0; i < b->n; i++)
        most += b->jobs[i].neighbours_n;
    b->loaded = arena_array(&b->arena, most, sizeof *b->loaded);
    if (!b->loaded)
        return error_memory(e);
    size_t used = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct owner_job *job = &b->jobs[i];
        for (size_t k = 0; k <= job->neighbours_n; k++) {
            int64_t id = k < job->neighbours_n ? job->neighbours[k] : job->id;
            bool ok;
            if (key_set_add(&b->slots, (uint64_t)id, used, &ok))
                continue;
            if (!ok)
                return error_memory(e);
            enum status status = store_ground(s, id, &b->arena, &b->loaded[used++], e);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

static void report_face(const struct faces_batch *b, const struct store_face *face, const struct faces_done *done, faces_report *report,
                        void *arg)
{
    const struct store_ground *few[MEMBERS_FEW], **members = few;
    if (face->members_n > MEMBERS_FEW)
        members = calloc(face->members_n, sizeof *members);
    for (size_t i = 0; members && i < face->members_n; i++)
        members[i] = batch_loaded(b, face->members[i]);
    report(face, members, done, arg);
    if (members != few)
        free(members);
}

static enum status store_faces(struct store *s, struct faces_batch *b, int64_t change, const struct faces_done *done, faces_report *report,
                               void *report_arg, struct error *e)
{
    for (size_t i = 0; i < b->n; i++) {
        struct owner_job *job = &b->jobs[i];
        if (job->status != STATUS_OK) {
            *e = job->error;
            return job->status;
        }
        for (size_t k = 0; k < job->faces.faces_n; k++) {
            const struct overlap_face *face = &job->faces.faces[k];
            struct store_face out = {.members = face->members,
                                     .members_n = face->members_n,
                                     .area_mm2 = area_to_mm2(face->area_m2),
                                     .parts = job->figures[k].parts,
                                     .parts_n = job->figures[k].parts_n,
                                     .geometry = face->geometry,
                                     .coarse = face->coarse};
            if (out.area_mm2 == 0)
                continue;
            enum status status = change == ONLY_TELL ? STATUS_OK : store_face_add(s, change, &out, e);
            if (status != STATUS_OK)
                return status;
            if (report)
                report_face(b, &out, done, report, report_arg);
        }
    }
    return STATUS_OK;
}

static void batch_reset(struct faces_batch *b, int workers)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->jobs[i].neighbours);
    b->n = 0;
    key_set_clear(&b->slots);
    arena_reset(&b->arena);
    for (int i = 0; i < workers; i++)
        arena_reset(&b->results[i]);
}

static enum status end_faces(struct store *s, int64_t change, const struct touched *touched, const struct neighbourhood *around,
                             const unsigned char *is_owner, struct error *e)
{
    bool any;
    enum status status = store_faces_any(s, &any, e);
    if (status != STATUS_OK || !any) /* the first import has none */
        return status;
    int64_t *ids = malloc((touched->n + around->all.n + 1) * sizeof *ids);
    if (!ids)
        return error_memory(e);
    size_t n = 0;
    for (size_t i = 0; i < touched->n; i++)
        ids[n++] = touched->revisions[i];
    for (size_t i = 0; i < around->all.n; i++)
        if (is_owner[i])
            ids[n++] = around->all.revisions[i];
    qsort(ids, n, sizeof *ids, compare_ids);
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (!distinct || ids[distinct - 1] != ids[i])
            ids[distinct++] = ids[i];
    status = store_faces_end(s, change, ids, distinct, e);
    free(ids);
    return status;
}

/* Batches in a ring, each in another state: the workers compute one and look for the neighbours of another, while this thread
 * stores the one before and loads the next. */
enum { RING = 4 };

struct renewing {
    struct store *store;
    struct pool *pool;
    struct faces_batch *ring[RING];
    const struct neighbourhood *around;
    struct faces_done done;
    const unsigned char *is_owner;
    size_t next; /* place in around->all */
    int64_t change;
    faces_report *report;
    void *report_arg;
};

/* The next owners. */
static struct faces_batch *choose(struct renewing *r, size_t turn)
{
    struct faces_batch *b = r->ring[turn % RING];
    const struct touched *all = &r->around->all;
    for (; r->next < all->n && b->n < FACES_BATCH; r->next++)
        if (r->is_owner[r->next])
            b->jobs[b->n++] = (struct owner_job){.id = all->revisions[r->next], .place = r->next, .box = all->boxes[r->next]};
    b->done = &r->done;
    return b;
}

/* Loads what the owners need; those without neighbours need nothing. */
static enum status load(struct renewing *r, size_t turn, struct error *e)
{
    struct faces_batch *b = r->ring[turn % RING];
    size_t kept = 0;
    bool failed = false;
    for (size_t i = 0; i < b->n; i++) {
        failed = failed || b->jobs[i].failed;
        if (b->jobs[i].neighbours_n)
            b->jobs[kept++] = b->jobs[i];
    }
    b->n = kept;
    return failed ? error_memory(e) : load_boundaries(r->store, b, e);
}

struct work {
    struct faces_batch *compute, *look; /* compute may be NULL */
};

static void work_on(int worker, size_t item, void *arg)
{
    const struct work *w = arg;
    size_t computed = w->compute ? w->compute->n : 0;
    if (item < computed)
        compute_owner(worker, item, w->compute);
    else
        look_around(&w->look->jobs[item - computed], w->look->done);
}

static enum status finish_batch(struct renewing *r, size_t turn, struct error *e)
{
    struct faces_batch *b = r->ring[turn % RING];
    size_t last = b->n ? b->jobs[b->n - 1].place : r->done.below;
    enum status status = store_faces(r->store, b, r->change, &r->done, r->report, r->report_arg, e);
    r->done.below = last;
    batch_reset(b, pool_workers(r->pool));
    return status;
}

static enum status renew_owners(struct renewing *r, enum status (*progress)(double, void *, struct error *), void *progress_arg, struct error *e)
{
    struct work work = {NULL, choose(r, 0)};
    pool_start(r->pool, work.look->n, FACES_GRAIN, work_on, &work);
    choose(r, 1);
    pool_wait(r->pool);
    work.look = r->ring[1];
    pool_start(r->pool, work.look->n, FACES_GRAIN, work_on, &work);
    enum status status = load(r, 0, e);
    bool more = true;
    for (size_t turn = 0; status == STATUS_OK && more; turn++) {
        pool_wait(r->pool);
        work = (struct work){r->ring[turn % RING], choose(r, turn + 2)};
        more = r->ring[(turn + 1) % RING]->n || work.look->n;
        pool_start(r->pool, work.compute->n + work.look->n, FACES_GRAIN, work_on, &work);
        if (turn)
            status = finish_batch(r, turn - 1, e);
        if (status == STATUS_OK)
            status = load(r, turn + 1, e);
        if (status == STATUS_OK && progress)
            status = progress((double)r->next / (double)r->around->all.n, progress_arg, e);
        if (!more && status == STATUS_OK) {
            pool_wait(r->pool);
            status = finish_batch(r, turn, e);
        }
    }
    pool_wait(r->pool);
    return status;
}

static void batch_free(struct faces_batch *b, int workers)
{
    if (!b)
        return;
    batch_reset(b, b->results ? workers : 0);
    arena_clear(&b->arena);
    for (int i = 0; b->results && i < workers; i++)
        arena_clear(&b->results[i]);
    free(b->results);
    free(b);
}

static struct faces_batch *batch_new(struct figures_worker *const *workers, int workers_n)
{
    struct faces_batch *b = calloc(1, sizeof *b);
    if (b && !(b->results = calloc((size_t)workers_n, sizeof *b->results))) {
        free(b);
        return NULL;
    }
    if (b)
        b->workers = workers;
    return b;
}

/* r: what is to be done with the faces; the rest of it is filled here. */
static enum status run(struct renewing *r, struct figures_worker *const *workers, struct touched *touched,
                       enum status (*progress)(double, void *, struct error *), void *progress_arg, struct error *e)
{
    struct neighbourhood around = {0};
    unsigned char *is_owner = NULL;
    struct store *s = r->store;
    int workers_n = pool_workers(r->pool);
    r->around = &around;
    enum status status = load_boxes(s, touched, &around, e);
    for (int i = 0; status == STATUS_OK && i < RING; i++)
        if (!(r->ring[i] = batch_new(workers, workers_n)))
            status = error_memory(e);
    if (status == STATUS_OK && (!(is_owner = calloc(around.all.n + 1, 1)) || !(r->done.last_place = malloc((around.all.n + 1) * sizeof(uint32_t)))))
        status = error_memory(e);
    if (status == STATUS_OK) {
        r->is_owner = is_owner;
        r->done.around = &around;
        memset(r->done.last_place, 0xFF, around.all.n * sizeof(uint32_t));
        find_owners(&(struct owner_list){&around, is_owner}, touched);
        if (r->change != ONLY_TELL)
            status = end_faces(s, r->change, touched, &around, is_owner, e);
        touched_clear(touched);
    }
    if (status == STATUS_OK)
        status = renew_owners(r, progress, progress_arg, e);
    for (int i = 0; i < RING; i++)
        batch_free(r->ring[i], workers_n);
    free(is_owner);
    free(r->done.last_place);
    box_index_free(around.index);
    key_set_clear(&around.slots);
    touched_clear(&around.all);
    return status;
}

enum status faces_renew(struct store *s, struct pool *pool, struct figures_worker *const *workers, int64_t change,
                        struct touched *touched, enum status (*progress)(double, void *, struct error *), void *progress_arg,
                        faces_report *report, void *report_arg, struct error *e)
{
    struct renewing r = {.store = s, .pool = pool, .change = change, .report = report, .report_arg = report_arg};
    return touched->n ? run(&r, workers, touched, progress, progress_arg, e) : STATUS_OK;
}

static bool note_any(const struct store_boxed *boxed, void *arg)
{
    struct touched *all = arg;
    return touched_add(all, boxed->revision_id, boxed->box);
}

enum status faces_compute(struct store *s, struct pool *pool, struct figures_worker *const *workers, faces_report *report, void *report_arg,
                          struct error *e)
{
    struct touched all = {0};
    struct renewing r = {.store = s, .pool = pool, .change = ONLY_TELL, .report = report, .report_arg = report_arg};
    enum status status = store_each_box(s, NULL, note_any, &all, e);
    if (status == STATUS_OK && all.n)
        status = run(&r, workers, &all, NULL, NULL, e);
    touched_clear(&all);
    return status;
}
