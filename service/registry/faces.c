/* Faces of overlapping plots after a change; see faces.h.
 *
 * A face belongs to its lowest member (its owner), lowest by geometry hash and not by number, so that the cuts, and with them the
 * last digits, do not depend on the order in which plots were imported. All faces of an owner can be computed from the owner's
 * boundary and those whose boxes meet it, so the work is local and parallel, one owner an item, in batches whose boundaries are
 * loaded once. Owners are taken along the curve of the box index: who is near in space is near in time, so that few boundaries
 * are loaded for two batches, and a pair of plots is soon complete. */
#include "service/registry/faces.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/base/key_set.h"

enum { ONLY_TELL = -1 }; /* in place of a change: nothing is written */
enum { FACES_BATCH = 1024, FACES_GRAIN = 32, MEMBERS_FEW = 16 };

/* How far the renewing is: an owner's faces are its own and those of owners whose boxes meet its box. A turn is a place on the
 * curve. */
struct faces_done {
    const struct neighbourhood *around;
    size_t below;        /* owners with lower turns are done */
    uint32_t *turn;      /* by place in the neighbourhood */
    uint32_t *last_turn; /* by place: of its neighbours and itself; UINT32_MAX = nobody looked */
};

bool faces_pair_done(const struct faces_done *done, int64_t a, int64_t b)
{
    size_t places[] = {neighbourhood_place(done->around, a), neighbourhood_place(done->around, b)};
    uint32_t last = UINT32_MAX;
    for (int i = 0; i < 2; i++) {
        if (places[i] == done->around->all.n || done->turn[places[i]] >= done->below)
            return false;
        if (done->last_turn[places[i]] < last)
            last = done->last_turn[places[i]];
    }
    return last < done->below; /* an owner of both is a neighbour of either */
}

static bool turns_init(struct faces_done *done, const struct neighbourhood *around)
{
    done->around = around;
    done->turn = malloc((around->all.n + 1) * sizeof *done->turn);
    done->last_turn = malloc((around->all.n + 1) * sizeof *done->last_turn);
    if (!done->turn || !done->last_turn)
        return false;
    for (size_t i = 0; i < around->all.n; i++)
        done->turn[box_index_place(around->index, i)] = (uint32_t)i;
    memset(done->last_turn, 0xFF, around->all.n * sizeof *done->last_turn);
    return true;
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
    const struct error *error; /* of a status other than STATUS_OK */
};

struct faces_batch {
    struct owner_job jobs[FACES_BATCH];
    size_t n;
    struct key_set slots;        /* place in the neighbourhood + 1 -> place in loaded */
    struct store_ground *loaded; /* in arena */
    int64_t *ids;                /* the same */
    const struct faces_done *done;
    struct pool_job look, compute;
    size_t next_turn;            /* behind its last owner */
    struct arena arena;          /* boundaries, read by all workers */
    struct arena *results;       /* one per worker */
    struct figures_worker *const *workers;
};

/* ---- in the workers ---- */

struct looking {
    struct owner_job *job;
    struct arena *keep;
    const uint32_t *turn;
    uint32_t last;
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
    l->last = l->turn[place] > l->last ? l->turn[place] : l->last;
    return true;
}

/* All plots whose box meets the owner's. */
static void look_around(int worker, size_t item, void *arg)
{
    struct faces_batch *b = arg;
    struct owner_job *job = &b->jobs[item];
    const struct neighbourhood *around = b->done->around;
    struct looking l = {job, &b->results[worker], b->done->turn, b->done->turn[job->place]};
    box_index_query(around->index, &around->all.boxes[job->place], note_neighbour, &l);
    b->done->last_turn[job->place] = l.last;
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
                                 struct arena *keep, struct error *e)
{
    struct overlap_plot *plots = arena_array(scratch, n, sizeof *plots), own = {0};
    size_t others = 0;
    if (!plots)
        return error_memory(e);
    for (size_t i = 0; i < n; i++) {
        struct overlap_plot plot = {(int64_t)i, &ranks[i].plot->boundary};
        if (ranks[i].place == job->own)
            own = plot;
        else
            plots[others++] = plot;
    }
    enum status status = overlap_faces_of(g, own, plots, others, keep, &job->faces, e);
    for (size_t f = 0; status == STATUS_OK && f < job->faces.faces_n; f++)
        for (size_t m = 0; m < job->faces.faces[f].members_n; m++)
            job->faces.faces[f].members[m] = ranks[job->faces.faces[f].members[m]].place;
    return status;
}

/* What is told of each face beside its members. */
static enum status describe_faces(struct figures_worker *w, struct owner_job *job, struct arena *keep, struct error *e)
{
    size_t n = job->faces.faces_n;
    job->figures = arena_array(keep, n, sizeof *job->figures);
    job->shapes = arena_array(keep, n, sizeof *job->shapes);
    enum status status = job->figures && job->shapes ? STATUS_OK : error_memory(e);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        const struct overlap_face *face = &job->faces.faces[i];
        job->shapes[i] = (struct face_shape){boundary_anchor(&face->geometry), perimeter_boundary_m(&face->geometry)};
        status = figures_parts_of(w, &face->geometry, area_to_mm2(face->area_m2), keep, &job->figures[i], e);
    }
    return status;
}

/* The faces of one owner and their figures. */
static enum status faces_of_owner(struct figures_worker *w, const struct faces_batch *b, struct owner_job *job, struct arena *keep, struct error *e)
{
    struct arena *scratch = figures_worker_scratch(w);
    size_t n = job->neighbours_n + 1;
    arena_reset(scratch);
    struct ranked *ranks = arena_array(scratch, n, sizeof *ranks);
    if (!ranks)
        return error_memory(e);
    for (size_t i = 0; i < n; i++) {
        uint32_t place = i < job->neighbours_n ? job->neighbours[i] : job->own;
        ranks[i] = (struct ranked){&b->loaded[place], b->ids[place], place};
    }
    qsort(ranks, n, sizeof *ranks, compare_ranked);
    enum status status = faces_by_rank(figures_worker_geo(w), job, ranks, n, scratch, keep, e);
    return status == STATUS_OK ? describe_faces(w, job, keep, e) : status;
}

static const struct error out_of_memory = {.status = STATUS_MEMORY, .code = "out_of_memory"};

static void compute_owner(int worker, size_t item, void *arg)
{
    struct faces_batch *b = arg;
    struct owner_job *job = &b->jobs[item];
    struct error e;
    job->status = faces_of_owner(b->workers[worker], b, job, &b->results[worker], &e);
    if (job->status != STATUS_OK && !(job->error = arena_memdup(&b->results[worker], &e, sizeof e)))
        job->error = &out_of_memory;
}

/* ---- in the writer's thread ---- */

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Puts in *place, a place in the neighbourhood, that in `loaded`. */
static bool give_slot(struct faces_batch *b, uint32_t *place, size_t *used)
{
    bool ok;
    const uint64_t *there = key_set_add(&b->slots, (uint64_t)*place + 1, *used, &ok);
    size_t slot = there ? *there : *used;
    if (!there && ok)
        b->ids[(*used)++] = b->done->around->all.revisions[*place];
    *place = (uint32_t)slot;
    return ok;
}

struct wanted {
    int64_t id;
    struct store_ground *ground;
};

static int compare_wanted(const void *a, const void *b)
{
    return compare_ids(&((const struct wanted *)a)->id, &((const struct wanted *)b)->id);
}

/* Reads all boundaries of `loaded`, in the order in which they are stored. */
static enum status read_loaded(struct store *s, struct faces_batch *b, size_t n, struct error *e)
{
    struct wanted *wanted = arena_array(&b->arena, n, sizeof *wanted);
    int64_t *ids = arena_array(&b->arena, n, sizeof *ids);
    struct store_ground **grounds = arena_array(&b->arena, n, sizeof *grounds);
    if (!wanted || !ids || !grounds)
        return error_memory(e);
    for (size_t i = 0; i < n; i++)
        wanted[i] = (struct wanted){b->ids[i], &b->loaded[i]};
    qsort(wanted, n, sizeof *wanted, compare_wanted);
    for (size_t i = 0; i < n; i++) {
        ids[i] = wanted[i].id;
        grounds[i] = wanted[i].ground;
    }
    return store_grounds(s, ids, n, &b->arena, grounds, e);
}

/* Loads each boundary that the batch's owners need, once. */
static enum status load_boundaries(struct store *s, struct faces_batch *b, struct error *e)
{
    size_t most = b->n, used = 0;
    bool ok = true;
    for (size_t i = 0; i < b->n; i++)
        most += b->jobs[i].neighbours_n;
    b->loaded = arena_array(&b->arena, most, sizeof *b->loaded);
    b->ids = arena_array(&b->arena, most, sizeof *b->ids);
    if (!b->loaded || !b->ids)
        return error_memory(e);
    for (size_t i = 0; i < b->n; i++) {
        struct owner_job *job = &b->jobs[i];
        job->own = job->place;
        for (size_t k = 0; ok && k <= job->neighbours_n; k++)
            ok = give_slot(b, k < job->neighbours_n ? &job->neighbours[k] : &job->own, &used);
    }
    return ok ? read_loaded(s, b, used, e) : error_memory(e);
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
            *e = *job->error;
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

/* Batches in a ring, each in another state: the workers look for the neighbours of those that come, and compute those that are
 * loaded, while this thread loads ahead of them and stores what they have done. */
enum { RING = 6, LOADED_MOST = 4 };

struct renewing {
    struct store *store;
    struct pool *pool;
    struct faces_batch *ring[RING];
    const struct neighbourhood *around;
    struct faces_done done;
    const unsigned char *is_owner;
    size_t next_turn;
    size_t looked, loaded, stored; /* batches so far */
    int64_t change;
    struct telling tell;
};

static struct faces_batch *batch_of(const struct renewing *r, size_t number)
{
    return r->ring[number % RING];
}

/* Lets the workers look around the next owners; false when there are none. */
static bool look_ahead(struct renewing *r)
{
    struct faces_batch *b = batch_of(r, r->looked);
    size_t all = r->around->all.n;
    for (; r->next_turn < all && b->n < FACES_BATCH; r->next_turn++) {
        uint32_t place = box_index_place(r->around->index, r->next_turn);
        if (r->is_owner[place])
            b->jobs[b->n++] = (struct owner_job){.place = place};
    }
    if (!b->n)
        return false;
    b->done = &r->done;
    b->next_turn = r->next_turn;
    b->look = (struct pool_job){.run = look_around, .arg = b, .n = b->n, .grain = FACES_GRAIN};
    pool_add(r->pool, &b->look, true);
    r->looked++;
    return true;
}

/* Loads what the owners of the next batch need and lets the workers compute; those without neighbours need nothing. */
static enum status load_next(struct renewing *r, struct error *e)
{
    struct faces_batch *b = batch_of(r, r->loaded);
    size_t kept = 0;
    bool failed = false;
    pool_wait_for(r->pool, &b->look);
    for (size_t i = 0; i < b->n; i++) {
        failed = failed || b->jobs[i].failed;
        if (b->jobs[i].neighbours_n)
            b->jobs[kept++] = b->jobs[i];
    }
    b->n = kept;
    enum status status = failed ? error_memory(e) : load_boundaries(r->store, b, e);
    b->compute = (struct pool_job){.run = compute_owner, .arg = b, .n = b->n, .grain = FACES_GRAIN};
    if (status == STATUS_OK) {
        pool_add(r->pool, &b->compute, false);
        r->loaded++;
    }
    return status;
}

static enum status store_next(struct renewing *r, struct error *e)
{
    struct faces_batch *b = batch_of(r, r->stored);
    pool_wait_for(r->pool, &b->compute);
    enum status status = store_faces(r->store, b, r->change, &r->tell, e);
    r->done.below = b->next_turn;
    batch_reset(b, pool_workers(r->pool));
    r->stored++;
    return status;
}

static enum status renew_owners(struct renewing *r, enum status (*progress)(double, void *, struct error *), void *progress_arg, struct error *e)
{
    enum status status = STATUS_OK;
    bool more = true;
    do {
        while (more && r->looked - r->stored < RING)
            more = look_ahead(r);
        while (status == STATUS_OK && r->loaded < r->looked && r->loaded - r->stored < LOADED_MOST)
            status = load_next(r, e);
        if (status == STATUS_OK && r->stored < r->loaded)
            status = store_next(r, e);
        if (status == STATUS_OK && progress)
            status = progress((double)r->done.below / (double)r->around->all.n, progress_arg, e);
    } while (status == STATUS_OK && r->stored < r->looked);
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
    if (status == STATUS_OK && (!(is_owner = calloc(around.all.n + 1, 1)) || !turns_init(&r->done, &around)))
        status = error_memory(e);
    if (status == STATUS_OK) {
        r->is_owner = is_owner;
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
    free(r->done.turn);
    free(r->done.last_turn);
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
