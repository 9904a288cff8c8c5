/* Everything that needs GEOS: validity and repair, cutting plots by regions and corridors, overlap between plots.
 * geos_c.h is included in geo/overlay/ only.
 *
 * A geo_context belongs to one thread (GEOS handle, scratch); make all contexts serially before workers start, because
 * GEOS_init_r writes a global without a lock (GEOS 3.11.1). A layer_index is immutable once built and may be read by many
 * threads, each with its own context. */
#ifndef GEO_OVERLAY_OVERLAY_H
#define GEO_OVERLAY_OVERLAY_H

#include "geo/boundary.h"

struct geo_context;
struct geo_context *geo_context_new(void); /* NULL = no memory */
void geo_context_free(struct geo_context *g);

/* ---- validity and repair (geo/overlay/validity.c) ---- */

struct validity {
    bool valid;
    char reason[96];    /* GEOS' reason, "Self-intersection" */
    struct lonlat spot; /* where; NaN when unknown */
};
/* OGC validity of a well-formed boundary. Cheap (1 ms for 4,000 vertices). */
enum status validity_test(struct geo_context *g, const struct boundary *b, struct validity *out, struct error *e) MUST_USE;

enum repair_verdict {
    REPAIR_AGREED,    /* both methods agree within tolerance: `structure` may be used */
    REPAIR_DISAGREED, /* both candidates are given; a person must choose */
    REPAIR_NOTHING    /* nothing with an area remains (collapsed line) */
};
struct repair {
    enum repair_verdict verdict;
    struct boundary structure, linework; /* empty (points_n 0) when a method left nothing */
    double structure_m2, linework_m2;    /* area_boundary_m2 */
    double drawn_m2;                     /* sum over rings of |signed area|, holes subtracted: what the walk enclosed */
};
/* Both GEOS repairs (MakeValid structure with keepCollapsed=0, and linework), polygonal parts only; agreed when they differ
 * by at most `tolerance` (0.001) of the larger. May run for minutes on a tangled ring and cannot be interrupted: call it
 * only in the reader process, under a CPU limit. Geometry memory from `a`. */
enum status repair_boundary(struct geo_context *g, const struct boundary *b, double tolerance, struct arena *a,
                            struct repair *out, struct error *e) MUST_USE;
/* The same for one ring of up to 96 points that plainly crosses itself a few times and falls into loops beside each other,
 * in microseconds: agreed, and `linework` as repair_boundary has it (`structure` is the same one; GEOS' may differ from it
 * in the last digit of a crossing). false: no such ring, or not certain, or no memory; ask repair_boundary. */
bool repair_loops(struct geo_context *g, const struct boundary *b, struct arena *a, struct repair *out);

/* ---- layers: regions of one level, or corridors (geo/overlay/layer_index.c) ---- */

enum { LAYER_NONE = UINT32_MAX };

struct layer_feature {
    uint32_t id; /* the store's id of the region or corridor */
    struct boundary boundary; /* valid */
};
struct layer_index;
/* Cuts the features into small pieces once (quadtree of GEOSClipByRect pieces, cells wholly inside one feature kept without
 * geometry; pieces validated). Features are copied; each needs its own id (STATUS_INVALID, "layer_id_repeated"). Cost about
 * 0.3 s and 25 MB per 400 k vertices. */
enum status layer_index_build(struct geo_context *g, const struct layer_feature *features, size_t n,
                              struct layer_index **out, struct error *e) MUST_USE;
void layer_index_free(struct layer_index *index);
/* Ids of features whose area meets the box, ascending, without repeats; the lowest `max` of them. Returns how many were written.
 * For deciding which plots a layer change touches. */
size_t layer_index_query(const struct layer_index *index, const struct box *box, uint32_t *ids, size_t max);

/* How far `b` reaches out of the feature: the distance from the feature's border of that of its vertices which lies farthest outside,
 * in metres on a plane that touches the ground there; 0 = all are inside; INFINITY = there is no such feature, or a vertex is farther
 * out than LAYER_REACH_MOST_M. About 0.2 us a vertex. */
double layer_reach_out_m(const struct layer_index *index, uint32_t id, const struct boundary *b);
#define LAYER_REACH_MOST_M 10000.0

enum layer_verdict { LAYER_OUTSIDE, LAYER_EDGE, LAYER_INSIDE };

/* One feature met by a plot. */
struct layer_hit {
    uint32_t id;
    double share;            /* 0..1 of the plot's equal-area-plane area */
    enum layer_verdict verdict; /* certainly inside, or within accuracy_m of the feature's border (EDGE) */
};

/* ---- the partition of a plot by every layer at once (geo/overlay/partition.c) ---- */

enum { PARTITION_LEVELS_MAX = 6, PARTITION_CORRIDORS_MAX = 8 };

struct partition_layers {
    const struct layer_index *regions[PARTITION_LEVELS_MAX]; /* one per region level; NULL = no such layer */
    int levels_n;
    const struct layer_index *corridors; /* NULL = none; features may overlap each other */
    double corridor_accuracy_m;          /* for the verdict */
};

/* One piece of a plot with the same region on every level and the same set of corridors. */
struct partition_piece {
    uint32_t region[PARTITION_LEVELS_MAX]; /* feature id or LAYER_NONE */
    uint32_t corridor[PARTITION_CORRIDORS_MAX]; /* ascending ids */
    int corridors_n;
    double weight;            /* area on the equal-area plane, m2, > 0; 1 when it is the whole plot */
    struct boundary geometry; /* the piece; when it is the whole plot, the plot's own arrays (not a copy) */
};
struct partition {
    struct partition_piece *pieces; /* at least one; ordered by (region ids, corridor ids): the same for any ring order */
    size_t pieces_n;
    struct layer_hit *corridors; /* per corridor met or within accuracy_m of the plot, ascending id; EDGE hits may have share 0 */
    size_t corridors_n;
};
/* Splits plot `b` (valid) so that pieces do not overlap and add up to it: where regions of one level overlap each other the
 * lower id wins. What is under 1e-9 of the plot is no piece of its own but stays with the ground it was to be cut from. About 4 us
 * for a plot of 22 vertices and one level and corridors; all memory from `a`. STATUS_LIMIT ("corridors_too_many") when more than
 * PARTITION_CORRIDORS_MAX corridors share ground. The plot must be valid: test it first. */
enum status partition_plot(struct geo_context *g, const struct boundary *b, const struct partition_layers *layers,
                           struct arena *a, struct partition *out, struct error *e) MUST_USE;

/* ---- overlap between plots (geo/overlay/overlap.c, box_index.c) ---- */

/* A box in whole steps of 360 / 2^32 degrees (8.4e-8, 9 mm), rounded outwards: boxes that meet still do, others may by two steps. */
struct small_box {
    int32_t west, south, east, north;
};
struct small_box small_box_of(const struct box *box);
struct box small_box_degrees(const struct small_box *box);
/* Touching counts. All four are compared: which of them tells two boxes apart cannot be foreseen, and a wrong guess costs more. */
static inline bool small_boxes_meet(const struct small_box *a, const struct small_box *b)
{
    return (a->west <= b->east) & (b->west <= a->east) & (a->south <= b->north) & (b->south <= a->north);
}
/* A packed Hilbert R-tree over boxes that stay where they are: 5 bytes a box, built in well under a second; immutable, shared by
 * threads. */
struct box_index;
struct box_index *box_index_build(const struct small_box *boxes, size_t n); /* n < 2^32; NULL = no memory */
void box_index_free(struct box_index *index);
/* The boxes in the order of the curve, i < n: those that follow each other lie close together. */
uint32_t box_index_place(const struct box_index *index, size_t i);
/* Calls visit(place in boxes, arg) for every box that meets `box`; stops when visit returns false. */
void box_index_query(const struct box_index *index, const struct small_box *box, bool (*visit)(uint32_t place, void *arg), void *arg);

struct overlap_plot {
    int64_t id;
    const struct boundary *boundary;
};
/* A face: ground covered by the same set of two or more plots. Over all plots the faces do not overlap, so for any selection
 *   distinct area = sum of areas - sum over faces of (selected members - 1, if positive) x face area.
 *
 * Copies of plots that lie a few metres apart cut each other into a number of faces that grows with the square of the copies, each
 * with half of them as members. So the cuts are bounded: where more than OVERLAP_DEPTH_MAX different boundaries are found over a
 * spot of an owner's ground (a few spots are tried), or faces of a crowd (plots whose boxes hang together) need more than OVERLAP_CUTS_BASE +
 * OVERLAP_CUTS_EACH x plots cuts, that crowd gets coarse faces: one for each neighbour, members {owner, neighbour}, the ground
 * of the owner (less its lower neighbours) that lies in it. Coarse faces may lie over one another. A spot under m plots is then
 * in m - 1 of them, so that the formula above still holds for all plots together, within any region as well. For a selection
 * without the owner it takes off too little, at most what its members share on the owner's ground; pairs of neighbours are
 * not told. Boundaries that are the same to the last digit count as one for the depth. */
enum { OVERLAP_DEPTH_MAX = 8, OVERLAP_CUTS_BASE = 160, OVERLAP_CUTS_EACH = 8 };

struct overlap_face {
    int64_t *members; /* ascending plot ids, members_n >= 2 */
    size_t members_n;
    struct boundary geometry;
    double area_m2; /* area_boundary_m2(geometry) */
    bool coarse;    /* of the coarse form above; two members */
};
struct overlap_faces {
    struct overlap_face *faces;
    size_t faces_n, coarse_n;
};
/* The faces whose lowest member is `plot`: `neighbours` are all plots (except itself) whose box meets its box. The arrangement
 * inside `plot` minus every neighbour with a lower id; so calling it for each plot of a registry gives every face once.
 * Touching plots and slivers under 1e-6 m2 give none. Cost is bounded by
 * the number of neighbours times OVERLAP_CUTS_EACH overlays of two plots. Memory from `a`. */
enum status overlap_faces_of(struct geo_context *g, struct overlap_plot plot, const struct overlap_plot *neighbours,
                             size_t neighbours_n, struct arena *a, struct overlap_faces *out, struct error *e) MUST_USE;

/* Shared area of two valid boundaries in m2 (for matching a boundary without a code): intersection, and union through areas. */
enum status overlap_pair_m2(struct geo_context *g, const struct boundary *a, const struct boundary *b, double *out_m2,
                            struct error *e) MUST_USE;

#endif
