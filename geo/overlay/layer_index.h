/* Private to geo/overlay: the inside of a layer_index.
 *
 * A quadtree over the layer's box. Every leaf knows a little more than its cell, its halo (the cell
 * widened by HALO of its size on each side), so that a plot that crosses a cell's line still meets
 * one leaf only and no artificial line ever cuts a plot. Of the halo a leaf keeps: the pieces of
 * the features there (or that a feature covers it wholly), and runs of the features' ORIGINAL
 * border segments, by which everything is decided without GEOS unless a border really crosses the
 * plot. */
#ifndef GEO_OVERLAY_LAYER_INDEX_H
#define GEO_OVERLAY_LAYER_INDEX_H

#include "geo/overlay/context.h"

enum { LAYER_LEAF_SEGMENTS = 256, LAYER_DEPTH_MAX = 16, LAYER_RUN_SEGMENTS = 32 };
#define LAYER_HALO 0.125

/* Segments points[start+i] -> points[start+i+1], i < n, of one ring of one feature. */
struct layer_run {
    struct box box;
    uint32_t start, n, feature;
};

enum { PIECE_WHOLE = UINT32_MAX };

struct layer_entry {
    uint32_t feature;
    uint32_t piece; /* in pieces, or PIECE_WHOLE: the feature covers the halo */
};

struct layer_cell {
    uint32_t child; /* first of four (SW, SE, NW, NE); 0 = leaf */
    uint32_t entries_start, entries_n;
    uint32_t runs_start, runs_n;
};

struct layer_index {
    uint64_t serial;
    struct box root; /* the root's cell */
    size_t features_n;
    uint32_t *ids;             /* ascending; a feature's number is its place here */
    struct boundary *features; /* parts of one array of points */
    struct box *boxes;         /* of the features */
    struct lonlat *points;
    uint32_t points_n;
    struct layer_cell *cells;
    struct layer_entry *entries;
    struct layer_run *runs;
    struct boundary *pieces;
    size_t cells_n, entries_n, runs_n, pieces_n;
    size_t cells_room, entries_room, runs_room, pieces_room;
    struct arena memory; /* features, pieces */
};

/* A cell met on the way down. */
struct layer_place {
    uint32_t cell;
    struct box box;
};

struct box layer_child_box(const struct box *cell, int quadrant);
struct box layer_halo(const struct box *cell);
static inline bool box_covers(const struct box *a, const struct box *b)
{
    return a->west <= b->west && a->south <= b->south && a->east >= b->east && a->north >= b->north;
}

/* The deepest cell on the way to the middle of `box` whose halo covers it; the root when none does.
 */
struct layer_place layer_place_of(const struct layer_index *index, const struct box *box);
/* The leaf whose cell holds p; cell UINT32_MAX when p is outside the layer. */
struct layer_place layer_leaf_at(const struct layer_index *index, struct lonlat p);
/* Calls visit for every leaf whose cell meets `box`; stops when it returns false. */
bool layer_each_leaf(const struct layer_index *index, const struct box *box,
                     bool (*visit)(const struct layer_index *index, const struct layer_place *leaf,
                                   void *arg),
                     void *arg);

/* The same ground as layer_piece(), or more of the feature, as it is in the index; NULL = nothing
 * there. */
const struct boundary *layer_ground(const struct layer_index *index, uint32_t cell,
                                    uint32_t feature);
/* Feature `feature` in the halo of a cell as a GEOS geometry that stays the context's (valid until
 * the next call); NULL = nothing there. A leaf's stored piece, or cut from the original for an
 * inner cell. */
enum status layer_piece(struct geo_context *g, const struct layer_index *index, uint32_t cell,
                        const struct box *cell_box, uint32_t feature, const GEOSGeometry **out,
                        struct error *e) MUST_USE;

/* The part of a valid polygon inside `rect`. `geometry` and `b` are the same polygon. The result's
 * area is checked against the exact area (GEOSClipByRect may be wrong), with `validate` also its
 * validity; the general intersection is the fallback. *out NULL and out_b->points_n 0 when nothing
 * with an area is left. *out is the caller's; out_b in `a`. STATUS_INTERNAL when no way gives a
 * sound piece. */
enum status layer_clip(struct geo_context *g, const GEOSGeometry *geometry,
                       const struct boundary *b, const struct box *rect, bool validate,
                       struct arena *a, GEOSGeometry **out, struct boundary *out_b,
                       struct error *e) MUST_USE;

#endif
