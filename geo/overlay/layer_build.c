/* Builds a layer_index: copies the features, then cuts them quadrant by quadrant until a leaf holds
 * few border segments. */
#include "geo/overlay/convert.h"
#include "geo/overlay/layer_index.h"
#include "geo/overlay/segment.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What a cell on the way down holds of one feature. */
struct held {
    uint32_t feature;
    bool whole;             /* covers the halo; nothing else is set */
    GEOSGeometry *geometry; /* made when first needed; NULL at first */
    struct boundary b;      /* the part in the halo; points_n 0 = border touches without area */
    struct layer_run *runs; /* border segments that meet the halo */
    size_t runs_n;
};

struct builder {
    struct geo_context *g;
    struct layer_index *index;
    struct arena levels[LAYER_DEPTH_MAX + 1]; /* what the cells on the way down hold */
    size_t segments_kept,
        segments_max; /* in leaves: bounds memory for borders that no cutting can part */
    struct error *e;
};

static bool grow(void *array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t more = *room ? *room * 2 : 256;
    while (more < need)
        more *= 2;
    void *bigger = realloc(*(void **)array, more * size);
    if (!bigger)
        return false;
    *(void **)array = bigger;
    *room = more;
    return true;
}

/* ---- the features ---- */

static int compare_features(const void *a, const void *b)
{
    const struct layer_feature *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static void copy_feature(struct layer_index *index, size_t i, const struct layer_feature *from)
{
    struct boundary *b = &index->features[i];
    memcpy(index->points + index->points_n, from->boundary.points,
           from->boundary.points_n * sizeof *index->points);
    memcpy(b->ring_end, from->boundary.ring_end, from->boundary.rings_n * sizeof *b->ring_end);
    memcpy(b->part_end, from->boundary.part_end, from->boundary.parts_n * sizeof *b->part_end);
    b->points = index->points + index->points_n;
    b->points_n = from->boundary.points_n;
    b->rings_n = from->boundary.rings_n;
    b->parts_n = from->boundary.parts_n;
    index->points_n += b->points_n;
    index->ids[i] = from->id;
    index->boxes[i] = boundary_box(b);
}

static enum status copy_features(struct layer_index *index, const struct layer_feature *features,
                                 size_t n, struct error *e)
{
    size_t points = 0;
    for (size_t i = 0; i < n; i++)
        points += features[i].boundary.points_n;
    if (points >= UINT32_MAX / 2 || n >= UINT32_MAX / 2)
        return error_set(e, STATUS_LIMIT, "layer_too_big", "simplify or split the layer",
                         "the layer has %zu vertices, more than can be indexed", points);
    index->features_n = n;
    index->ids = arena_array(&index->memory, n, sizeof *index->ids);
    index->features = arena_array(&index->memory, n, sizeof *index->features);
    index->boxes = arena_array(&index->memory, n, sizeof *index->boxes);
    index->points = arena_array(&index->memory, points, sizeof *index->points);
    const struct layer_feature **sorted = malloc((n + 1) * sizeof(struct layer_feature *));
    if (!index->ids || !index->features || !index->boxes || !index->points || !sorted) {
        free(sorted);
        return error_memory(e);
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = &features[i];
    qsort(sorted, n, sizeof *sorted, compare_features);
    enum status s = STATUS_OK;
    for (size_t i = 0; i < n && s == STATUS_OK; i++) {
        struct boundary *b = &index->features[i];
        if (i > 0 && sorted[i]->id == sorted[i - 1]->id)
            s = error_set(e, STATUS_INVALID, "layer_id_repeated", "give each feature its own id",
                          "two features of the layer have the id %u", (unsigned)sorted[i]->id);
        b->ring_end = arena_array(&index->memory, sorted[i]->boundary.rings_n, sizeof *b->ring_end);
        b->part_end = arena_array(&index->memory, sorted[i]->boundary.parts_n, sizeof *b->part_end);
        if (!b->ring_end || !b->part_end)
            s = error_memory(e);
        if (s == STATUS_OK)
            copy_feature(index, i, sorted[i]);
    }
    free(sorted);
    return s;
}

/* ---- cells ---- */

/* The segments of `from` that meet `halo`, as runs of at most LAYER_RUN_SEGMENTS with their boxes.
 */
static bool runs_within(const struct layer_index *index, const struct held *from,
                        const struct box *halo, struct arena *a, struct held *out)
{
    size_t segments = 0, room;
    for (size_t r = 0; r < from->runs_n; r++)
        segments += from->runs[r].n;
    /* At most one run per two segments when they alternate, plus the splitting of long ones. */
    room = segments / 2 + segments / LAYER_RUN_SEGMENTS + from->runs_n + 1;
    struct layer_run *runs = malloc(room * sizeof *runs);
    if (!runs)
        return false;
    size_t n = 0;
    for (size_t r = 0; r < from->runs_n; r++) {
        const struct layer_run *run = &from->runs[r];
        if (!box_overlaps(&run->box, halo))
            continue;
        bool open = false;
        for (uint32_t i = run->start; i < run->start + run->n; i++) {
            struct lonlat p = index->points[i], q = index->points[i + 1];
            if (!segment_may_touch_box(p, q, halo)) {
                open = false;
                continue;
            }
            if (!open || runs[n - 1].n == LAYER_RUN_SEGMENTS)
                runs[n++] = (struct layer_run){{p.lon, p.lat, p.lon, p.lat}, i, 0, from->feature};
            open = true;
            struct layer_run *last = &runs[n - 1];
            last->n++;
            last->box.west = least(last->box.west, least(p.lon, q.lon));
            last->box.south = least(last->box.south, least(p.lat, q.lat));
            last->box.east = most(last->box.east, most(p.lon, q.lon));
            last->box.north = most(last->box.north, most(p.lat, q.lat));
        }
    }
    out->runs = n ? arena_memdup(a, runs, n * sizeof *runs) : NULL;
    out->runs_n = n;
    free(runs);
    return n == 0 || out->runs;
}

static size_t segments_of(const struct held *held, size_t n)
{
    size_t segments = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < held[i].runs_n; r++)
            segments += held[i].runs[r].n;
    return segments;
}

/* What the child cell holds of one feature; *kept = false when nothing. */
static enum status hold_in_child(struct builder *w, struct held *from, const struct box *child,
                                 struct arena *a, struct held *out, bool *kept)
{
    *kept = true;
    *out = (struct held){.feature = from->feature, .whole = from->whole};
    if (from->whole)
        return STATUS_OK;
    struct box halo = layer_halo(child);
    if (!runs_within(w->index, from, &halo, a, out))
        return error_memory(w->e);
    if (out->runs_n == 0) {
        struct lonlat middle = {(child->west + child->east) / 2, (child->south + child->north) / 2};
        *kept = out->whole = boundary_contains(&from->b, middle);
        return STATUS_OK;
    }
    if (from->b.points_n == 0)
        return STATUS_OK;
    if (!from->geometry && !(from->geometry = geos_from_boundary(w->g, &from->b)))
        return geos_failed(w->g, "layer_cut_failed", "reading a layer's feature", w->e);
    /* Leaves' pieces are validated; what will be cut again need not be. */
    bool validate = segments_of(out, 1) <= LAYER_LEAF_SEGMENTS;
    enum status s = layer_clip(w->g, from->geometry, &from->b, &halo, validate, a, &out->geometry,
                               &out->b, w->e);
    if (s != STATUS_INTERNAL)
        return s;
    /* The parent's piece may be the trouble: once more from the whole feature. */
    const struct boundary *original = &w->index->features[from->feature];
    GEOSGeometry *whole = geos_from_boundary(w->g, original);
    if (!whole)
        return s;
    s = layer_clip(w->g, whole, original, &halo, true, a, &out->geometry, &out->b, w->e);
    GEOSGeom_destroy_r(w->g->geos, whole);
    return s;
}

static void release(struct builder *w, struct held *held, size_t n)
{
    for (size_t i = 0; i < n; i++)
        GEOSGeom_destroy_r(w->g->geos, held[i].geometry);
}

static enum status keep_leaf(struct builder *w, uint32_t cell, const struct held *held, size_t n)
{
    struct layer_index *x = w->index;
    size_t runs = 0;
    for (size_t i = 0; i < n; i++)
        runs += held[i].runs_n;
    if (!grow(&x->entries, &x->entries_room, x->entries_n + n, sizeof *x->entries) ||
        !grow(&x->runs, &x->runs_room, x->runs_n + runs, sizeof *x->runs) ||
        !grow(&x->pieces, &x->pieces_room, x->pieces_n + n, sizeof *x->pieces))
        return error_memory(w->e);
    struct layer_cell *c = &x->cells[cell];
    *c = (struct layer_cell){0, (uint32_t)x->entries_n, 0, (uint32_t)x->runs_n, (uint32_t)runs};
    for (size_t i = 0; i < n; i++) {
        if (held[i].runs_n)
            memcpy(x->runs + x->runs_n, held[i].runs, held[i].runs_n * sizeof *x->runs);
        x->runs_n += held[i].runs_n;
        struct layer_entry entry = {held[i].feature, PIECE_WHOLE};
        if (!held[i].whole) {
            if (held[i].b.points_n == 0)
                continue;
            if (!boundary_copy(&x->pieces[x->pieces_n], &held[i].b, &x->memory))
                return error_memory(w->e);
            entry.piece = (uint32_t)x->pieces_n++;
        }
        x->entries[x->entries_n++] = entry;
        c->entries_n++;
    }
    w->segments_kept += segments_of(held, n);
    return STATUS_OK;
}

static enum status build_cell(struct builder *w, uint32_t cell, const struct box *box, int depth,
                              struct held *held, size_t n);

static enum status build_child(struct builder *w, uint32_t child, const struct box *box, int depth,
                               struct held *from, size_t from_n)
{
    struct arena *a = &w->levels[depth];
    arena_reset(a);
    struct held *held = arena_array(a, from_n, sizeof *held);
    if (!held)
        return error_memory(w->e);
    size_t n = 0;
    enum status s = STATUS_OK;
    for (size_t i = 0; i < from_n && s == STATUS_OK; i++) {
        bool kept = false;
        s = hold_in_child(w, &from[i], box, a, &held[n], &kept);
        n += s == STATUS_OK && kept;
    }
    if (s == STATUS_OK)
        s = build_cell(w, child, box, depth, held, n);
    release(w, held, n);
    return s;
}

static enum status build_cell(struct builder *w, uint32_t cell, const struct box *box, int depth,
                              struct held *held, size_t n)
{
    struct layer_index *x = w->index;
    size_t segments = segments_of(held, n);
    if (segments <= LAYER_LEAF_SEGMENTS || depth == LAYER_DEPTH_MAX ||
        (depth > 0 && w->segments_kept + segments > w->segments_max))
        return keep_leaf(w, cell, held, n);
    if (!grow(&x->cells, &x->cells_room, x->cells_n + 4, sizeof *x->cells))
        return error_memory(w->e);
    uint32_t child = (uint32_t)x->cells_n;
    x->cells_n += 4;
    memset(&x->cells[child], 0, 4 * sizeof *x->cells);
    x->cells[cell] = (struct layer_cell){.child = child};
    enum status s = STATUS_OK;
    for (int k = 0; k < 4 && s == STATUS_OK; k++) {
        struct box quarter = layer_child_box(box, k);
        s = build_child(w, child + (uint32_t)k, &quarter, depth + 1, held, n);
    }
    return s;
}

/* Whole features, their rings as runs. */
static enum status hold_features(struct builder *w, struct held *held)
{
    struct layer_index *x = w->index;
    for (size_t i = 0; i < x->features_n; i++) {
        const struct boundary *b = &x->features[i];
        held[i] = (struct held){.feature = (uint32_t)i, .b = *b, .runs_n = b->rings_n};
        held[i].runs = arena_array(&w->levels[0], b->rings_n, sizeof *held[i].runs);
        if (!held[i].runs)
            return error_memory(w->e);
        for (uint32_t r = 0; r < b->rings_n; r++) {
            uint32_t start = (uint32_t)(b->points - x->points) + boundary_ring_start(b, r);
            held[i].runs[r] = (struct layer_run){
                x->boxes[i], start, b->ring_end[r] - boundary_ring_start(b, r) - 1, (uint32_t)i};
        }
        w->segments_max += 8 * (size_t)b->points_n;
    }
    return STATUS_OK;
}

static enum status build(struct builder *w)
{
    struct layer_index *x = w->index;
    struct box all = {180, 90, -180, -90};
    for (size_t i = 0; i < x->features_n; i++) {
        all.west = fmin(all.west, x->boxes[i].west);
        all.south = fmin(all.south, x->boxes[i].south);
        all.east = fmax(all.east, x->boxes[i].east);
        all.north = fmax(all.north, x->boxes[i].north);
    }
    /* A little wider, by odd numbers: borders on round degrees then do not run along cell lines. */
    double width = fmax(all.east - all.west, 1e-6), height = fmax(all.north - all.south, 1e-6);
    x->root = (struct box){all.west - 0.00731 * width, all.south - 0.00917 * height,
                           all.east + 0.01103 * width, all.north + 0.00853 * height};
    struct held *held = arena_array(&w->levels[0], x->features_n, sizeof *held);
    if (!held || !grow(&x->cells, &x->cells_room, 1, sizeof *x->cells))
        return error_memory(w->e);
    x->cells_n = 1;
    memset(x->cells, 0, sizeof *x->cells);
    w->segments_max = 100000;
    enum status s = hold_features(w, held);
    if (s == STATUS_OK && x->features_n)
        s = build_cell(w, 0, &x->root, 0, held, x->features_n);
    release(w, held, x->features_n);
    return s;
}

enum status layer_index_build(struct geo_context *g, const struct layer_feature *features, size_t n,
                              struct layer_index **out, struct error *e)
{
    static _Atomic uint64_t serial;
    *out = NULL;
    struct layer_index *index = calloc(1, sizeof *index);
    if (!index)
        return error_memory(e);
    index->serial = atomic_fetch_add(&serial, 1) + 1;
    arena_init(&index->memory, 0);
    struct builder w = {.g = g, .index = index, .e = e};
    for (int i = 0; i <= LAYER_DEPTH_MAX; i++)
        arena_init(&w.levels[i], 0);
    enum status s = copy_features(index, features, n, e);
    if (s == STATUS_OK)
        s = build(&w);
    for (int i = 0; i <= LAYER_DEPTH_MAX; i++)
        arena_clear(&w.levels[i]);
    if (s == STATUS_OK)
        *out = index;
    else
        layer_index_free(index);
    return s;
}

void layer_index_free(struct layer_index *index)
{
    if (!index)
        return;
    arena_clear(&index->memory);
    free(index->cells);
    free(index->entries);
    free(index->runs);
    free(index->pieces);
    free(index);
}
