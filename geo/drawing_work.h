/* Private to geo/drawing*.c: the rings of one encode call, as positions over distinct projected
 * vertices.
 *
 * Rank and importance belong to the vertex, not to its place in a ring: so two rings that share an
 * arc draw the same of it. */
#ifndef GEO_DRAWING_WORK_H
#define GEO_DRAWING_WORK_H

#include <math.h>

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
    /* room for the longest arc of drawing_rank: longest ring + 1 */
    double *arc_x, *arc_y;
    uint32_t *arc_vertex;
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

/* The projection near one latitude: a Taylor series in place of a sine and a logarithm. */
struct drawing_frame {
    double lat, y, c[5];
    double reach_deg; /* so far from lat it is good; < 0: nowhere */
};
struct drawing_frame drawing_frame(double lat);
/* drawing_project(p), the same integers: the series is right to 1e-6 units, and so is
 * drawing_project; what comes within DRAWING_DOUBT of where rounding changes is given to that. */
#define DRAWING_DOUBT 1e-4
static inline struct drawing_point drawing_project_near(const struct drawing_frame *f,
                                                        struct lonlat p)
{
    const double world = 1 << DRAWING_WORLD_BITS;
    double d = p.lat - f->lat, x = (p.lon / 360 + 0.5) * world;
    if (!(fabs(d) <= f->reach_deg) || !(x > 0 && x < world))
        return drawing_project(p);
    double y = f->y + d * (f->c[0] + d * (f->c[1] + d * (f->c[2] + d * (f->c[3] + d * f->c[4]))));
    int32_t whole = (int32_t)lrint(y);
    if (fabs(y - whole) > 0.5 - DRAWING_DOUBT)
        return drawing_project(p);
    return (struct drawing_point){(int32_t)lrint(x), whole};
}

static inline uint32_t drawing_feature_start(const struct drawing_work *w, uint32_t feature)
{
    return feature ? w->feature_end[feature - 1] : 0;
}

/* Ranks from Douglas-Peucker distances along arcs between nodes; at least three vertices of rank 0
 * in every ring. Importances and flags are to be 0 but for VERTEX_NODE and VERTEX_SHARED. */
void drawing_rank(struct drawing_work *w);
/* Lowers ranks until no zoom makes rings of a feature cross, touch anew, or change sides. */
enum status drawing_keep_simple(struct drawing_work *w, struct error *e) MUST_USE;
/* Exteriors whose boxes lie apart, of at most DRAWING_GLANCE_POINTS vertices together: true when it
 * is certain at a glance that the vertices of each differ and that no zoom makes it cross itself,
 * so that nothing is to be lowered. */
enum { DRAWING_GLANCE_POINTS = 128 };
bool drawing_is_round(const struct drawing_work *w);

#endif
