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

/* How far the renewing is: an owner's faces are its own and those of owners whose boxes meet its box. */
struct faces_done {
    const struct neighbourhood *around;
    size_t below;         /* owners at lower places are done */
    uint32_t *last_place; /* by place: the highest of its neighbours and itself; UINT32_MAX = nobody looked */
};

bool faces_pair_done(const struct faces_done *done, int64_t a, int64_t b)
{
    size_t places[] = {neighbourhood_place(done->around, a), neighbourhood_place(done->around, b)};
    uint32_t last = UINT32_MAX;
    for (int i = 0; i < 2; i++) {
        if (places[i] >= done->below)
            return false;
        if (done->last_place[places[i]] < last)
            last = done->last_place[places[i]];
    }
    return last < done->below; /* an owner of both is a neighbour of either */
}

static bool note_owner(uint32_t place, void *arg)
{
    unsigned char *is_owner = arg;
    is_owner[place] = 1;
    return true;
}

/* Touched plots that still count, and all that meet a touched one; by place. */
static void find_owners(const struct neighbourhood *around, const struct touched *touched, unsigned char *is_owner)
{
    if (around->all_touched) {
        memset(is_owner, 1, around->all.n);
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < touched->n; i++) {
        size_t place = neighbourhood_place(around, touched->revisions[i]);
        if (place < around->all.n)
            is_owner[place] = 1;
    }
    for (size_t i = 0; i < around->all.n; i++)
        n += is_owner[i];
    for (size_t i = 0; n < around->all.n && i < touched->n; i++) /* not when all are touched */
        box_index_query(around->index, &touched->boxes[i], note_owner, is_owner);
}

/* One owner with its neighbours: their places in the neighbourhood, then in the batch's `loaded`. */
struct owner_job {
    uint32_t place, own; /* own: in loaded */
    uint32_t *neighbours;
    size_t neighbours_n, neighbours_capacity;
    bool failed;
    struct overlap_faces faces; /* members are places in loaded, the owner first */
    struct store_figures *figures; /* one per face */
    struct face_shape *shapes;     /* the same */
    enum status status;
    struct error error;
};

struct faces_batch {
    struct owner_job jobs[FACES_BATCH];
    size_t n;
    struct key_set slots;        /* place in the neighbourhood + 1 -> place in loaded */
    struct store_ground *loaded; /* in arena */
    int64_t *ids;                /* the same */
    const struct faces_done *done;
    struct arena arena;          /* boundaries, read by all workers */
    struct arena *results;       /* one per worker */
    struct figures_worker *const *workers;
};

/* ---- in the workers ---- */

struct looking {
    struct owner_job *job;
    struct arena *keep;
    size_t last;
};

static bool note_neighbour(uint32_t place, void *arg)
{
    struct looking *l = arg;
    struct owner_job *job = l->job;
    if (place == job->place)
        return true;
    if (job->neighbours_n == job->neighbours_capacity) {
        size_t capacity = job->neighbours_capacity ? job->neighbours_capacity * 2 : 8;
        uint32_t *more = arena_array(l->keep, capacity, sizeof *more);
        if (!more)
            return !(job->failed = true);
        if (job->neighbours_n)
            memcpy(more, job->neighbours, job->neighbours_n * sizeof *more);
        job->neighbours = more;
        job->neighbours_capacity = capacity;
    }
    job->neighbours[job->neighbours_n++] = place;
    l->last = place > l->last ? place : l->last;
    return true;
}

/* All plots whose box meets the owner's. */
static void look_around(int worker, struct owner_job *job, struct faces_batch *b)
{
    const struct neighbourhood *around = b->done->around;
    struct looking l = {job, &b->results[worker], job->place};
    box_index_query(around->index, &around->all.boxes[job->place], note_neighbour, &l);
    b->done->last_place[job->place] = (uint32_t)l.last;
}

struct ranked {
    const struct store_ground *plot;
    int64_t id;
    uint32_t place; /* in loaded */
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int c = memcmp(x->plot->geometry_hash, y->plot->geometry_hash, sizeof x->plot->geometry_hash);
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* The faces owned by one plot: ranks 0.. stand for plots while they are computed. */
static enum status faces_by_rank(struct geo_context *g, struct owner_job *job, const struct ranked *ranks, size_t n, struct arena *scratch,
                                 struct arena *keep)
{
    struct overlap_plot *plots = arena_array(scratch, n, sizeof *plots), own = {0};
    size_t others = 0;
    if (!plots)
        return error_memory(&job->error);
    for (size_t i = 0; i < n; i++) {
        struct overlap_plot plot = {(int64_t)i, &ranks[i].plot->boundary};
        if (ranks[i].place == job->own)
            own = plot;
        else
            plots[others++] = plot;
    }
    enum status status = overlap_faces_of(g, own, plots, others, keep, &job->faces, &job->error);
    for (size_t f = 0; status == STATUS_OK && f < job->faces.faces_n; f++)
        for (size_t m = 0; m < job->faces.faces[f].members_n; m++)
            job->faces.faces[f].members[m] = ranks[job->faces.faces[f].members[m]].place;
    return status;
}

/* What is told of each face beside its members. */
static enum status describe_faces(struct figures_worker *w, struct owner_job *job, struct arena *keep)
{
    size_t n = job->faces.faces_n;
    job->figures = arena_array(keep, n, sizeof *job->figures);
    job->shapes = arena_array(keep, n, sizeof *job->shapes);
    enum status status = job->figures && job->shapes ? STATUS_OK : error_memory(&job->error);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        const struct overlap_face *face = &job->faces.faces[i];
        job->shapes[i] = (struct face_shape){boundary_anchor(&face->geometry), perimeter_boundary_m(&face->geometry)};
        status = figures_of(w, &face->geometry, area_to_mm2(face->area_m2), keep, &job->figures[i], &job->error);
    }
    return status;
}

/* The faces of one owner and their figures. */
static void compute_owner(int worker, struct owner_job *job, struct faces_batch *b)
{
    struct figures_worker *w = b->workers[worker];
    struct arena *keep = &b->results[worker], *scratch = figures_worker_scratch(w);
    size_t n = job->neighbours_n + 1;
    arena_reset(scratch);
    struct ranked *ranks = arena_array(scratch, n, sizeof *ranks);
    if (!ranks) {
        job->status = error_memory(&job->error);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t place = i < job->neighbours_n ? job->neighbours[i] : job->own;
        ranks[i] = (struct ranked){&b->loaded[place], b->ids[place], place};
    }
    qsort(ranks, n, sizeof *ranks, compare_ranked);
    job->status = faces_by_rank(figures_worker_geo(w), job, ranks, n, scratch, keep);
    if (job->status == STATUS_OK)
        job->status = describe_faces(w, job, keep);
}

/* ---- in the writer's thread ---- */

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Puts in *place, a place in the neighbourhood, that in `loaded`, where the boundary comes if it is not there yet. */
static enum status load_place(struct store *s, struct faces_batch *b, uint32_t *place, size_t *used, struct error *e)
{
    bool ok;
    const uint64_t *there = key_set_add(&b->slots, (uint64_t)*place + 1, *used, &ok);
    if (!ok)
        return error_memory(e);
    int64_t id = b->done->around->all.revisions[*place];
    *place = (uint32_t)(there ? *there : *used);
    if (there)
        return STATUS_OK;
    b->ids[*used] = id;
    return store_ground(s, id, &b->arena, &b->loaded[(*used)++], e);
}

/* Loads each boundary that the batch's owners need, once. */
static enum status load_boundaries(struct store *s, struct faces_batch *b, struct error *e)
{
    size_t most = b->n, used = 0;
    for (size_t i = 0; i < b->n; i++)
        most += b->jobs[i].neighbours_n;
    b->loaded = arena_array(&b->arena, most, sizeof *b->loaded);
    b->ids = arena_array(&b->arena, most, sizeof *b->ids);
    enum status status = b->loaded && b->ids ? STATUS_OK : error_memory(e);
    for (size_t i = 0; i < b->n; i++) {
        struct owner_job *job = &b->jobs[i];
        job->own = job->place;
        for (size_t k = 0; status == STATUS_OK && k <= job->neighbours_n; k++)
            status = load_place(s, b, k < job->neighbours_n ? &job->neighbours[k] : &job->own, &used, e);
    }
    return status;
}

/* Who is told of each face, when it is not NULL. */
struct telling {
    faces_report *report;
    void *arg;
};

/* Stores one face and tells it. Its members become revision ids. */
static enum status store_face(struct store *s, const struct faces_batch *b, const struct owner_job *job, size_t k, int64_t change,
                              const struct telling *tell, struct error *e)
{
    const struct overlap_face *face = &job->faces.faces[k];
    const struct store_ground *few[MEMBERS_FEW], **grounds = few;
    struct store_face out = {.members = face->members,
                             .members_n = face->members_n,
                             .area_mm2 = area_to_mm2(face->area_m2),
                             .parts = job->figures[k].parts,
                             .parts_n = job->figures[k].parts_n,
                             .geometry = face->geometry,
                             .coarse = face->coarse};
    if (out.area_mm2 == 0)
        return STATUS_OK;
    if (out.members_n > MEMBERS_FEW)
        grounds = calloc(out.members_n, sizeof *grounds);
    for (size_t i = 0; i < out.members_n; i++) {
        if (grounds)
            grounds[i] = &b->loaded[face->members[i]];
        face->members[i] = b->ids[face->members[i]];
    }
    enum status status = change == ONLY_TELL ? STATUS_OK : store_face_add(s, change, &out, e);
    if (status == STATUS_OK && tell->report)
        tell->report(&out, grounds, &job->shapes[k], b->done, tell->arg);
    if (grounds != few)
        free(grounds);
    return status;
}

static enum status store_faces(struct store *s, const struct faces_batch *b, int64_t change, const struct telling *tell, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < b->n; i++) {
        const struct owner_job *job = &b->jobs[i];
        if ((status = job->status) != STATUS_OK)
            *e = job->error;
        for (size_t k = 0; status == STATUS_OK && k < job->faces.faces_n; k++)
            status = store_face(s, b, job, k, change, tell, e);
    }
    return status;
}

static void batch_reset(struct faces_batch *b, int workers)
{
    b->n = 0;
    key_set_empty(&b->slots);
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
    struct telling tell;
};

/* The next owners. */
static struct faces_batch *choose(struct renewing *r, size_t turn)
{
    struct faces_batch *b = r->ring[turn % RING];
    const struct touched *all = &r->around->all;
    for (; r->next < all->n && b->n < FACES_BATCH; r->next++)
        if (r->is_owner[r->next])
            b->jobs[b->n++] = (struct owner_job){.place = (uint32_t)r->next};
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
        compute_owner(worker, &w->compute->jobs[item], w->compute);
    else
        look_around(worker, &w->look->jobs[item - computed], w->look);
}

static enum status finish_batch(struct renewing *r, size_t turn, struct error *e)
{
    struct faces_batch *b = r->ring[turn % RING];
    size_t last = b->n ? b->jobs[b->n - 1].place : r->done.below;
    enum status status = store_faces(r->store, b, r->change, &r->tell, e);
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
    key_set_clear(&b->slots);
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
    enum status status = neighbourhood_load(s, r->change, touched, &around, e);
    for (int i = 0; status == STATUS_OK && i < RING; i++)
        if (!(r->ring[i] = batch_new(workers, workers_n)))
            status = error_memory(e);
    if (status == STATUS_OK && (!(is_owner = calloc(around.all.n + 1, 1)) || !(r->done.last_place = malloc((around.all.n + 1) * sizeof(uint32_t)))))
        status = error_memory(e);
    if (status == STATUS_OK) {
        r->is_owner = is_owner;
        r->done.around = &around;
        memset(r->done.last_place, 0xFF, around.all.n * sizeof(uint32_t));
        find_owners(&around, touched, is_owner);
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
    neighbourhood_clear(&around);
    return status;
}

enum status faces_renew(struct store *s, struct pool *pool, struct figures_worker *const *workers, int64_t change,
                        struct touched *touched, enum status (*progress)(double, void *, struct error *), void *progress_arg,
                        faces_report *report, void *report_arg, struct error *e)
{
    struct renewing r = {.store = s, .pool = pool, .change = change, .tell = {report, report_arg}};
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
    struct renewing r = {.store = s, .pool = pool, .change = ONLY_TELL, .tell = {report, report_arg}};
    enum status status = store_each_box(s, NULL, note_any, &all, e);
    if (status == STATUS_OK && all.n)
        status = run(&r, workers, &all, NULL, NULL, e);
    touched_clear(&all);
    return status;
}
