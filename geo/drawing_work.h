/* Private to geo/drawing*.c: the rings of one encode call, as positions over distinct projected
 * vertices.
 *
 * Rank and importance belong to the vertex, not to its place in a ring: so two rings that share an
 * arc draw the same of it. */
#ifndef GEO_DRAWING_WORK_H
#define GEO_DRAWING_WORK_H

#include "geo/drawing.h"

enum { DRAWING_FORMAT = 1 };
#define DRAWING_NONE UINT32_MAX

struct drawing_ring {
    uint32_t start, n; /* positions, closing point not counted */
    uint32_t
        witness; /* a vertex of rank 0 that no other ring of the feature touches, or DRAWING_NONE */
    bool hole;
    bool flat; /* fewer than three different points on the grid: all of rank 0, never checked */
};

enum { VERTEX_NODE = 1, VERTEX_SHARED = 2 };

struct drawing_work {
    struct arena *a;
    /* distinct vertices */
    struct drawing_point *vertex;
    double *importance; /* squared distance in world units; infinite for nodes */
    uint32_t (*beside)[2];
    uint32_t *seen; /* 1 + the last feature that used it */
    uint8_t *rank, *flags;
    uint32_t vertices_n;
    /* rings */
    uint32_t *at; /* vertex of each position */
    uint32_t positions_n;
    struct drawing_ring *rings;
    uint32_t rings_n;
    uint32_t *feature_end; /* exclusive end in rings of each feature */
    uint32_t features_n;
    /* which features use a vertex: only for layers (features_n > 1) */
    uint32_t *use_end, *use_feature;
    uint8_t *dirty; /* per feature */
};

static inline uint32_t drawing_feature_start(const struct drawing_work *w, uint32_t feature)
{
    return feature ? w->feature_end[feature - 1] : 0;
}

/* Ranks from Douglas-Peucker distances along arcs between nodes; at least three vertices of rank 0
 * in every ring. */
enum status drawing_rank(struct drawing_work *w, struct error *e) MUST_USE;
/* Lowers ranks until no zoom makes rings of a feature cross, touch anew, or change sides. */
enum status drawing_keep_simple(struct drawing_work *w, struct error *e) MUST_USE;

#endif
