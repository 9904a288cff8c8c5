/* Ranks: Douglas-Peucker distances (Douglas and Peucker 1973) along arcs, kept once per vertex, so
 * that a zoom is a threshold.
 *
 * An arc runs between two nodes, or around a ring without nodes from its westernmost vertex; always
 * in one canonical direction, so that the features on its two sides get the same distances to the
 * last bit. A vertex never counts more than the one it hangs from in the Douglas-Peucker tree: so
 * the vertices over a tolerance are those that the algorithm would keep at it. */
#include <math.h>
#include <string.h>

#include "geo/drawing_work.h"

/* Beyond this depth chains are halved instead of split at the farthest vertex: n log n also for
 * spirals made to hurt. */
enum { DEPTH_MAX = 40, STACK_MAX = DEPTH_MAX + 40 };

struct arc {
    double *x, *y;
    uint32_t *vertex;
    uint32_t n;
};

struct span {
    uint32_t from, to, depth;
    double cap;
};

/* Squared distance of the farthest vertex strictly between the ends from the segment between them
 * (the first, of equals). */
static double farthest(const struct arc *arc, uint32_t from, uint32_t to, uint32_t *out)
{
    const double ax = arc->x[from], ay = arc->y[from];
    const double dx = arc->x[to] - ax, dy = arc->y[to] - ay, length2 = dx * dx + dy * dy;
    const double scale = length2 > 0 ? length2 : 1;
    double best = -1;
    for (uint32_t k = from + 1; k < to; k++) {
        double px = arc->x[k] - ax, py = arc->y[k] - ay;
        double along = px * dx + py * dy, across = px * dy - py * dx, d;
        if (along <= 0)
            d = (px * px + py * py) * scale;
        else if (along >= length2)
            d = ((px - dx) * (px - dx) + (py - dy) * (py - dy)) * scale;
        else
            d = across * across;
        if (d > best) {
            best = d;
            *out = k;
        }
    }
    return best / scale;
}

static void rank_arc(struct drawing_work *w, const struct arc *arc)
{
    struct span stack[STACK_MAX];
    uint32_t top = 0;
    stack[top++] = (struct span){0, arc->n - 1, 0, INFINITY};
    while (top) {
        struct span s = stack[--top];
        if (s.to - s.from < 2)
            continue;
        uint32_t split = s.from;
        double d = farthest(arc, s.from, s.to, &split);
        if (s.depth > DEPTH_MAX)
            split = s.from + (s.to - s.from) / 2;
        d = d < s.cap ? d : s.cap;
        double *importance = &w->importance[arc->vertex[split]];
        *importance = d > *importance ? d : *importance;
        stack[top++] = (struct span){s.from, split, s.depth + 1, d};
        stack[top++] = (struct span){split, s.to, s.depth + 1, d};
    }
}

static inline uint32_t wrapped(uint32_t position, uint32_t n)
{
    return position < n ? position : position - n;
}

/* The positions from..from+n-1 (around the ring) of which the last may be the first again, in
 * canonical direction. */
static void arc_fill(const struct drawing_work *w, const struct drawing_ring *ring, uint32_t from,
                     struct arc *arc)
{
    const uint32_t *at = w->at + ring->start;
    const uint32_t last = arc->n - 1, a = at[from], b = at[wrapped(from + last, ring->n)];
    bool reverse;
    if (a == b) /* a loop: counter-clockwise, which only its hole side runs against */
        reverse = ring->hole;
    else
        reverse = w->vertex[b].x != w->vertex[a].x ? w->vertex[b].x < w->vertex[a].x
                                                   : w->vertex[b].y < w->vertex[a].y;
    for (uint32_t i = 0, p = from; i < arc->n; i++, p = p + 1 < ring->n ? p + 1 : 0) {
        uint32_t k = reverse ? last - i : i;
        arc->vertex[k] = at[p];
        arc->x[k] = w->vertex[at[p]].x;
        arc->y[k] = w->vertex[at[p]].y;
    }
}

static void rank_ring(struct drawing_work *w, const struct drawing_ring *ring, struct arc *arc)
{
    const uint32_t *at = w->at + ring->start;
    uint32_t first = 0;
    while (first < ring->n && !(w->flags[at[first]] & VERTEX_NODE))
        first++;
    if (first == ring->n) { /* no node: the westernmost vertex is the end of the one arc */
        first = 0;
        w->importance[at[0]] = INFINITY;
    }
    for (uint32_t i = 0; i < ring->n;) {
        uint32_t end = i + 1;
        while (end < ring->n && !(w->flags[at[wrapped(first + end, ring->n)]] & VERTEX_NODE))
            end++;
        arc->n = end - i + 1;
        if (arc->n > 2) {
            arc_fill(w, ring, wrapped(first + i, ring->n), arc);
            rank_arc(w, arc);
        }
        i = end;
    }
}

/* The most important vertex with rank > 0 (and unshared, if asked) gets rank 0. */
static uint32_t promote(struct drawing_work *w, const struct drawing_ring *ring, bool unshared)
{
    uint32_t best = DRAWING_NONE;
    for (uint32_t i = 0; i < ring->n; i++) {
        uint32_t v = w->at[ring->start + i];
        if (w->rank[v] == 0 || (unshared && w->flags[v] & VERTEX_SHARED))
            continue;
        if (best == DRAWING_NONE || w->importance[v] > w->importance[best])
            best = v;
    }
    if (best != DRAWING_NONE)
        w->rank[best] = 0;
    return best;
}

static void ring_base(struct drawing_work *w, struct drawing_ring *ring, bool alone)
{
    uint32_t base = 0;
    for (uint32_t i = 0; i < ring->n && base < 3; i++)
        base += w->rank[w->at[ring->start + i]] == 0;
    while (base < 3 && promote(w, ring, false) != DRAWING_NONE)
        base++;
    if (alone)
        return;
    for (uint32_t i = 0; i < ring->n && ring->witness == DRAWING_NONE; i++) {
        uint32_t v = w->at[ring->start + i];
        if (w->rank[v] == 0 && !(w->flags[v] & VERTEX_SHARED))
            ring->witness = v;
    }
    if (ring->witness == DRAWING_NONE)
        ring->witness = promote(w, ring, true);
}

/* The smallest zoom whose squared tolerance, (0.35 px of 2^(22 - zoom) units)^2, is less than the
 * importance. */
static uint8_t rank_of(double importance)
{
    const double ratio = DRAWING_TOLERANCE_PX * DRAWING_TOLERANCE_PX * 0x1p44 /
                         importance; /* must be under 4^zoom */
    if (ratio < 1)
        return 0;
    if (!(ratio < 0x1p36)) /* 4^DRAWING_ZOOM_MAX; also importance 0 */
        return DRAWING_ZOOM_MAX;
    uint64_t bits; /* of a normal number: its exponent, without ilogb()'s call */
    memcpy(&bits, &ratio, sizeof bits);
    return (uint8_t)(((int)(bits >> 52) - 1023 + 2) / 2);
}

void drawing_rank(struct drawing_work *w)
{
    struct arc arc = {w->arc_x, w->arc_y, w->arc_vertex, 0};
    for (uint32_t v = 0; v < w->vertices_n; v++)
        if (w->flags[v] & VERTEX_NODE)
            w->importance[v] = INFINITY;
    for (uint32_t r = 0; r < w->rings_n; r++)
        if (!w->rings[r].flat)
            rank_ring(w, &w->rings[r], &arc);
    for (uint32_t v = 0; v < w->vertices_n; v++)
        w->rank[v] = rank_of(w->importance[v]);
    for (uint32_t f = 0; f < w->features_n; f++) {
        uint32_t first = drawing_feature_start(w, f), end = w->feature_end[f];
        for (uint32_t r = first; r < end; r++)
            if (!w->rings[r].flat)
                ring_base(w, &w->rings[r], end - first == 1);
    }
}
