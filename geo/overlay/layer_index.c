/* Reads a layer_index: the way down the quadtree, which features meet a box, pieces as GEOS
 * geometries. */
#include "geo/overlay/layer_index.h"
#include "geo/overlay/convert.h"
#include "geo/overlay/segment.h"

#include <string.h>

/* One formula for building and for finding, so that both see the same lines. */
struct box layer_child_box(const struct box *cell, int quadrant)
{
    double x = cell->west + (cell->east - cell->west) / 2,
           y = cell->south + (cell->north - cell->south) / 2;
    struct box child = *cell;
    if (quadrant & 1)
        child.west = x;
    else
        child.east = x;
    if (quadrant & 2)
        child.south = y;
    else
        child.north = y;
    return child;
}

struct box layer_halo(const struct box *cell)
{
    double x = LAYER_HALO * (cell->east - cell->west), y = LAYER_HALO * (cell->north - cell->south);
    return (struct box){cell->west - x, cell->south - y, cell->east + x, cell->north + y};
}

static int quadrant_of(const struct box *cell, struct lonlat p)
{
    double x = cell->west + (cell->east - cell->west) / 2,
           y = cell->south + (cell->north - cell->south) / 2;
    return (p.lon >= x) | (p.lat >= y) << 1;
}

struct layer_place layer_place_of(const struct layer_index *index, const struct box *box)
{
    struct layer_place at = {0, index->root};
    struct lonlat middle = {(box->west + box->east) / 2, (box->south + box->north) / 2};
    while (index->cells[at.cell].child) {
        int k = quadrant_of(&at.box, middle);
        struct box child = layer_child_box(&at.box, k), halo = layer_halo(&child);
        if (!box_covers(&halo, box))
            break;
        at = (struct layer_place){index->cells[at.cell].child + (uint32_t)k, child};
    }
    return at;
}

struct layer_place layer_leaf_at(const struct layer_index *index, struct lonlat p)
{
    struct layer_place at = {0, index->root};
    if (p.lon < at.box.west || p.lon > at.box.east || p.lat < at.box.south || p.lat > at.box.north)
        return (struct layer_place){UINT32_MAX, at.box};
    while (index->cells[at.cell].child) {
        int k = quadrant_of(&at.box, p);
        at = (struct layer_place){index->cells[at.cell].child + (uint32_t)k,
                                  layer_child_box(&at.box, k)};
    }
    return at;
}

static bool
each_leaf_below(const struct layer_index *index, struct layer_place at, const struct box *box,
                bool (*visit)(const struct layer_index *, const struct layer_place *, void *),
                void *arg)
{
    if (!box_overlaps(&at.box, box))
        return true;
    uint32_t child = index->cells[at.cell].child;
    if (!child)
        return visit(index, &at, arg);
    for (int k = 0; k < 4; k++)
        if (!each_leaf_below(index,
                             (struct layer_place){child + (uint32_t)k, layer_child_box(&at.box, k)},
                             box, visit, arg))
            return false;
    return true;
}

bool layer_each_leaf(const struct layer_index *index, const struct box *box,
                     bool (*visit)(const struct layer_index *index, const struct layer_place *leaf,
                                   void *arg),
                     void *arg)
{
    return each_leaf_below(index, (struct layer_place){0, index->root}, box, visit, arg);
}

/* ---- which features meet a box ---- */

struct id_list {
    const struct box *box;
    uint32_t *ids;
    size_t n, max;
};

/* Keeps the list ascending and without repeats; when it is full the highest fall out. */
static void add_id(struct id_list *list, uint32_t id)
{
    size_t at = list->n;
    while (at > 0 && list->ids[at - 1] > id)
        at--;
    if ((at > 0 && list->ids[at - 1] == id) || at == list->max)
        return;
    if (list->n < list->max)
        list->n++;
    memmove(list->ids + at + 1, list->ids + at, (list->n - 1 - at) * sizeof *list->ids);
    list->ids[at] = id;
}

static bool query_leaf(const struct layer_index *index, const struct layer_place *leaf, void *arg)
{
    struct id_list *list = arg;
    const struct layer_cell *c = &index->cells[leaf->cell];
    /* A corner of what box and cell share: where no border meets the box, it speaks for all of that
     * ground. */
    struct lonlat corner = {fmax(list->box->west, leaf->box.west),
                            fmax(list->box->south, leaf->box.south)};
    for (uint32_t i = c->entries_start; i < c->entries_start + c->entries_n; i++) {
        const struct layer_entry *entry = &index->entries[i];
        if (entry->piece == PIECE_WHOLE || boundary_contains(&index->pieces[entry->piece], corner))
            add_id(list, index->ids[entry->feature]);
    }
    for (uint32_t r = c->runs_start; r < c->runs_start + c->runs_n; r++) {
        const struct layer_run *run = &index->runs[r];
        if (!box_overlaps(&run->box, list->box))
            continue;
        for (uint32_t i = run->start; i < run->start + run->n; i++)
            if (segment_may_touch_box(index->points[i], index->points[i + 1], list->box)) {
                add_id(list, index->ids[run->feature]);
                break;
            }
    }
    return true;
}

size_t layer_index_query(const struct layer_index *index, const struct box *box, uint32_t *ids,
                         size_t max)
{
    struct id_list list = {box, ids, 0, max};
    if (max && index->features_n)
        layer_each_leaf(index, box, query_leaf, &list);
    return list.n;
}

/* ---- pieces for GEOS ---- */

static void forget(struct geo_context *g, struct cached_piece *p)
{
    GEOSGeom_destroy_r(g->geos, p->geometry);
    g->cached_vertices -= p->vertices;
    *p = (struct cached_piece){0};
}

/* A free place in the cache, the least recently used ones having gone. */
static struct cached_piece *cache_place(struct geo_context *g, uint32_t vertices)
{
    for (;;) {
        struct cached_piece *oldest = NULL, *empty = NULL;
        for (int i = 0; i < PIECE_CACHE_ENTRIES; i++) {
            struct cached_piece *p = &g->pieces[i];
            if (!p->taken)
                empty = p;
            else if (!oldest || p->used < oldest->used)
                oldest = p;
        }
        if (empty && (!oldest || g->cached_vertices + vertices <= PIECE_CACHE_VERTICES_MAX))
            return empty;
        forget(g, oldest);
    }
}

static enum status cut_inner(struct geo_context *g, const struct boundary *feature,
                             const struct box *cell_box, GEOSGeometry **out, uint32_t *vertices,
                             struct error *e)
{
    struct arena a;
    struct boundary piece;
    struct box halo = layer_halo(cell_box);
    GEOSGeometry *whole = geos_from_boundary(g, feature);
    if (!whole)
        return geos_failed(g, "layer_cut_failed", "reading a layer's feature", e);
    arena_init(&a, 0);
    enum status s = layer_clip(g, whole, feature, &halo, true, &a, out, &piece, e);
    *vertices = piece.points_n;
    arena_clear(&a);
    GEOSGeom_destroy_r(g->geos, whole);
    return s;
}

const struct boundary *layer_ground(const struct layer_index *index, uint32_t cell,
                                    uint32_t feature)
{
    const struct layer_cell *c = &index->cells[cell];
    /* The root's halo need not cover the plot, so there it is the feature itself. */
    if (c->child || cell == 0)
        return &index->features[feature];
    for (uint32_t i = c->entries_start; i < c->entries_start + c->entries_n; i++)
        if (index->entries[i].feature == feature)
            return index->entries[i].piece == PIECE_WHOLE ? &index->features[feature]
                                                          : &index->pieces[index->entries[i].piece];
    return NULL;
}

static enum status make_piece(struct geo_context *g, const struct layer_index *index, uint32_t cell,
                              const struct box *cell_box, uint32_t feature, GEOSGeometry **out,
                              uint32_t *vertices, struct error *e)
{
    const struct boundary *b = layer_ground(index, cell, feature);
    *out = NULL;
    *vertices = 0;
    if (!b)
        return STATUS_OK;
    if (index->cells[cell].child && cell != 0)
        return cut_inner(g, b, cell_box, out, vertices, e);
    *out = geos_from_boundary(g, b);
    *vertices = b->points_n;
    return *out ? STATUS_OK : geos_failed(g, "layer_cut_failed", "reading a layer's piece", e);
}

enum status layer_piece(struct geo_context *g, const struct layer_index *index, uint32_t cell,
                        const struct box *cell_box, uint32_t feature, const GEOSGeometry **out,
                        struct error *e)
{
    g->tick++;
    for (int i = 0; i < PIECE_CACHE_ENTRIES; i++) {
        struct cached_piece *p = &g->pieces[i];
        if (p->taken && p->index_serial == index->serial && p->cell == cell &&
            p->feature == feature) {
            p->used = g->tick;
            *out = p->geometry;
            return STATUS_OK;
        }
    }
    GEOSGeometry *geometry;
    uint32_t vertices;
    *out = NULL;
    enum status s = make_piece(g, index, cell, cell_box, feature, &geometry, &vertices, e);
    if (s != STATUS_OK)
        return s;
    struct cached_piece *place = cache_place(g, vertices);
    *place = (struct cached_piece){index->serial, g->tick, cell, feature, vertices, geometry, true};
    g->cached_vertices += vertices;
    *out = geometry;
    return STATUS_OK;
}
