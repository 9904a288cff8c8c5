/* Intersection and difference of polygons without holes, ring by ring, proper crossings only; see clip_pair.h. */
#include "geo/overlay/clip_pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CROSSINGS_MAX = 64, EDGES_MAX = 1024, PAIR_POINTS_MAX = 100000 };
/* Crossings nearer to each other along an edge, or to its ends, than this share of it are not told apart. */
#define PARAMETER_LEAST 1e-9
/* (3 + 16 eps) eps with eps = 2^-53: the bound of the first stage of Shewchuk's orient2d. */
#define ORIENT_BOUND 3.3306690738754716e-16

/* A ring without its closing point, counter-clockwise. */
struct ring {
    const struct lonlat *points;
    uint32_t n;
    bool reversed;
};

static struct lonlat ring_at(const struct ring *r, uint32_t i)
{
    i %= r->n;
    return r->points[r->reversed ? r->n - 1 - i : i];
}

static struct ring ring_of(const struct boundary *b, uint32_t ring)
{
    uint32_t from = boundary_ring_start(b, ring), n = b->ring_end[ring] - from;
    return (struct ring){b->points + from, n - 1, ring_signed_deg2(b->points + from, n) < 0};
}

/* Even-odd; used only where no edges meet, so that p is not on the ring. */
static bool ring_contains(const struct ring *r, struct lonlat p)
{
    bool in = false;
    for (uint32_t i = 0; i < r->n; i++) {
        struct lonlat a = ring_at(r, i), b = ring_at(r, i + 1);
        if ((a.lat > p.lat) != (b.lat > p.lat) && p.lon < a.lon + (p.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon))
            in = !in;
    }
    return in;
}

/* Twice the signed area of a, b, c; *sure = false when its sign is not certain. */
static double orient(struct lonlat a, struct lonlat b, struct lonlat c, bool *sure)
{
    double left = (a.lon - c.lon) * (b.lat - c.lat), right = (a.lat - c.lat) * (b.lon - c.lon);
    double det = left - right;
    if (fabs(det) <= ORIENT_BOUND * (fabs(left) + fabs(right)))
        *sure = false;
    return det;
}

struct crossing {
    uint32_t edge[2];    /* of ring 0 and ring 1 */
    double along[2];     /* 0..1 on that edge */
    uint32_t next[2];    /* the next crossing along ring 0 / ring 1 */
    uint32_t before[2];  /* the one before */
    bool entering;       /* ring 0 enters ring 1 here */
    bool visited;
    struct lonlat place;
};

struct crossings {
    struct ring rings[2];
    struct crossing items[CROSSINGS_MAX];
    uint32_t n;
};

static bool boxes_apart(struct lonlat a, struct lonlat b, struct lonlat c, struct lonlat d)
{
    return fmax(a.lon, b.lon) < fmin(c.lon, d.lon) || fmax(c.lon, d.lon) < fmin(a.lon, b.lon) || fmax(a.lat, b.lat) < fmin(c.lat, d.lat) ||
           fmax(c.lat, d.lat) < fmin(a.lat, b.lat);
}

/* Notes the crossing of edge i of ring 0 with edge j of ring 1, if there is one; false = not sure. */
static bool cross_edges(struct crossings *x, uint32_t i, uint32_t j)
{
    struct lonlat a0 = ring_at(&x->rings[0], i), a1 = ring_at(&x->rings[0], i + 1);
    struct lonlat b0 = ring_at(&x->rings[1], j), b1 = ring_at(&x->rings[1], j + 1);
    if (boxes_apart(a0, a1, b0, b1))
        return true;
    bool sure = true;
    double a0_side = orient(b0, b1, a0, &sure), a1_side = orient(b0, b1, a1, &sure);
    double b0_side = orient(a0, a1, b0, &sure), b1_side = orient(a0, a1, b1, &sure);
    if (!sure)
        return false;
    if ((a0_side > 0) == (a1_side > 0) || (b0_side > 0) == (b1_side > 0))
        return true;
    if (x->n == CROSSINGS_MAX)
        return false;
    double t = a0_side / (a0_side - a1_side), u = b0_side / (b0_side - b1_side);
    x->items[x->n++] = (struct crossing){
        .edge = {i, j}, .along = {t, u}, .entering = a1_side > 0, .place = {a0.lon + t * (a1.lon - a0.lon), a0.lat + t * (a1.lat - a0.lat)}};
    return fmin(t, u) > PARAMETER_LEAST && fmax(t, u) < 1 - PARAMETER_LEAST;
}

static struct box ring_box(const struct ring *r)
{
    struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (uint32_t i = 0; i < r->n; i++) {
        box.west = fmin(box.west, r->points[i].lon);
        box.south = fmin(box.south, r->points[i].lat);
        box.east = fmax(box.east, r->points[i].lon);
        box.north = fmax(box.north, r->points[i].lat);
    }
    return box;
}

/* The edges of a ring that come near a box: usually few, where two neighbours overlap a little. */
static uint32_t edges_near(const struct ring *r, const struct box *box, uint32_t *out)
{
    struct lonlat low = {box->west, box->south}, high = {box->east, box->north};
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (!boxes_apart(ring_at(r, i), ring_at(r, i + 1), low, high))
            out[n++] = i;
    return n;
}

static bool find_crossings(struct crossings *x)
{
    uint32_t near[2][EDGES_MAX], n[2];
    if (x->rings[0].n > EDGES_MAX || x->rings[1].n > EDGES_MAX)
        return false;
    for (int k = 0; k < 2; k++) {
        struct box other = ring_box(&x->rings[1 - k]);
        n[k] = edges_near(&x->rings[k], &other, near[k]);
    }
    for (uint32_t i = 0; i < n[0]; i++)
        for (uint32_t j = 0; j < n[1]; j++)
            if (!cross_edges(x, near[0][i], near[1][j]))
                return false;
    return true;
}

static int compare_along(const struct crossings *x, int ring, uint32_t a, uint32_t b)
{
    const struct crossing *p = &x->items[a], *q = &x->items[b];
    if (p->edge[ring] != q->edge[ring])
        return p->edge[ring] < q->edge[ring] ? -1 : 1;
    return p->along[ring] < q->along[ring] ? -1 : p->along[ring] > q->along[ring];
}

/* Links the crossings in their order along one ring; false when two are too near or do not alternate between in and out. */
static bool link_along(struct crossings *x, int ring)
{
    uint32_t order[CROSSINGS_MAX];
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t k = i;
        for (; k > 0 && compare_along(x, ring, order[k - 1], i) > 0; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (uint32_t i = 0; i < x->n; i++) {
        struct crossing *here = &x->items[order[i]], *after = &x->items[order[(i + 1) % x->n]];
        here->next[ring] = order[(i + 1) % x->n];
        after->before[ring] = order[i];
        if (here->entering == after->entering)
            return false;
        if (i + 1 < x->n && here->edge[ring] == after->edge[ring] && after->along[ring] - here->along[ring] < PARAMETER_LEAST)
            return false;
    }
    return true;
}

/* Appends the vertices of a ring strictly between two crossings, going forward. */
static uint32_t put_between(const struct crossings *x, int ring, const struct crossing *from, const struct crossing *to, struct lonlat *out)
{
    uint32_t n = 0, size = x->rings[ring].n, i = from->edge[ring];
    bool same_edge_ahead = from->edge[ring] == to->edge[ring] && from->along[ring] < to->along[ring];
    if (same_edge_ahead)
        return 0;
    do {
        i = (i + 1) % size;
        out[n++] = ring_at(&x->rings[ring], i);
    } while (i != to->edge[ring]);
    return n;
}

/* One ring of shared ground, from an entering crossing on: inside along ring 0, then along ring 1, until it closes. */
static uint32_t trace(struct crossings *x, uint32_t start, struct lonlat *out)
{
    uint32_t n = 0;
    int ring = 0;
    uint32_t at = start;
    do {
        struct crossing *here = &x->items[at];
        here->visited = here->visited || here->entering; /* leaving ones start the rings of the rest */
        out[n++] = here->place;
        n += put_between(x, ring, here, &x->items[here->next[ring]], out + n);
        at = here->next[ring];
        ring = 1 - ring;
    } while (at != start);
    out[n] = out[0];
    return n + 1;
}

/* One ring of a's ground outside b, from a leaving crossing on: forward along ring 0, back along ring 1, until it closes. */
static uint32_t trace_outside(struct crossings *x, uint32_t start, struct lonlat *out)
{
    uint32_t n = 0, at = start;
    do {
        struct crossing *leaving = &x->items[at];
        uint32_t entering = leaving->next[0];
        leaving->visited = true;
        out[n++] = leaving->place;
        n += put_between(x, 0, leaving, &x->items[entering], out + n);
        out[n++] = x->items[entering].place;
        at = x->items[entering].before[1];
        uint32_t back = put_between(x, 1, &x->items[at], &x->items[entering], out + n);
        for (uint32_t i = 0; i < back / 2; i++) {
            struct lonlat swap = out[n + i];
            out[n + i] = out[n + back - 1 - i];
            out[n + back - 1 - i] = swap;
        }
        n += back;
    } while (at != start);
    out[n] = out[0];
    return n + 1;
}

/* Room for the shared ground of all pairs of rings; counts are what is used so far. */
static bool out_room(const struct boundary *a, const struct boundary *b, struct arena *scratch, struct boundary *out)
{
    /* a pair of rings with k crossings gives at most its vertices, once, and two points a crossing */
    uint64_t points = (uint64_t)a->points_n * b->rings_n + (uint64_t)b->points_n * a->rings_n + (uint64_t)3 * CROSSINGS_MAX * a->rings_n * b->rings_n;
    uint64_t rings = (uint64_t)CROSSINGS_MAX * a->rings_n * b->rings_n + 1;
    if (points > PAIR_POINTS_MAX || !boundary_alloc(out, scratch, (uint32_t)points, (uint32_t)rings, (uint32_t)rings))
        return false;
    out->points_n = out->rings_n = out->parts_n = 0;
    return true;
}

static void out_close_ring(struct boundary *out, uint32_t points)
{
    out->points_n += points;
    out->ring_end[out->rings_n++] = out->points_n;
    out->part_end[out->parts_n++] = out->rings_n;
}

static void out_ring(struct boundary *out, const struct ring *ring)
{
    for (uint32_t i = 0; i <= ring->n; i++)
        out->points[out->points_n + i] = ring_at(ring, i);
    out_close_ring(out, ring->n + 1);
}

/* Appends what the rings of x share; *inside counts rings of a that lie wholly in b. false = not sure. */
static bool share_rings(struct crossings *x, struct boundary *out, uint32_t *inside)
{
    if (!find_crossings(x) || !link_along(x, 0) || !link_along(x, 1))
        return false;
    if (x->n == 0) {
        if (ring_contains(&x->rings[1], ring_at(&x->rings[0], 0))) {
            out_ring(out, &x->rings[0]);
            ++*inside;
        } else if (ring_contains(&x->rings[0], ring_at(&x->rings[1], 0))) {
            out_ring(out, &x->rings[1]);
        }
        return true;
    }
    for (uint32_t i = 0; i < x->n; i++)
        if (x->items[i].entering && !x->items[i].visited)
            out_close_ring(out, trace(x, i, out->points + out->points_n));
    return true;
}

enum clip_answer clip_pair(const struct boundary *a, const struct boundary *b, struct arena *scratch, struct boundary *out)
{
    if (a->rings_n != a->parts_n || b->rings_n != b->parts_n || !out_room(a, b, scratch, out))
        return CLIP_UNSURE;
    uint32_t inside = 0;
    struct crossings x;
    for (uint32_t i = 0; i < a->rings_n; i++)
        for (uint32_t j = 0; j < b->rings_n; j++) {
            x.n = 0;
            x.rings[0] = ring_of(a, i);
            x.rings[1] = ring_of(b, j);
            if (!share_rings(&x, out, &inside))
                return CLIP_UNSURE;
        }
    return !out->parts_n ? CLIP_APART : inside == a->rings_n ? CLIP_FIRST_INSIDE : CLIP_SHARED;
}

/* Appends ring 0 with ring 1 as a hole in it (clockwise). */
static void out_with_hole(struct boundary *out, const struct ring *shell, const struct ring *hole)
{
    for (uint32_t i = 0; i <= shell->n; i++)
        out->points[out->points_n + i] = ring_at(shell, i);
    out->points_n += shell->n + 1;
    out->ring_end[out->rings_n++] = out->points_n;
    for (uint32_t i = 0; i <= hole->n; i++)
        out->points[out->points_n + i] = ring_at(hole, hole->n - i);
    out_close_ring(out, hole->n + 1);
}

/* Appends what lies in ring 0 and not in ring 1, after share_rings. */
static void rest_rings(struct crossings *x, struct boundary *out)
{
    if (x->n == 0) {
        if (ring_contains(&x->rings[1], ring_at(&x->rings[0], 0)))
            return;
        if (ring_contains(&x->rings[0], ring_at(&x->rings[1], 0)))
            out_with_hole(out, &x->rings[0], &x->rings[1]);
        else
            out_ring(out, &x->rings[0]);
        return;
    }
    for (uint32_t i = 0; i < x->n; i++)
        if (!x->items[i].entering && !x->items[i].visited)
            out_close_ring(out, trace_outside(x, i, out->points + out->points_n));
}

enum clip_answer clip_split(const struct boundary *a, const struct boundary *b, struct arena *scratch, struct boundary *in,
                            struct boundary *out)
{
    if (a->rings_n != a->parts_n || b->rings_n != 1 || !out_room(a, b, scratch, in) || !out_room(a, b, scratch, out))
        return CLIP_UNSURE;
    uint32_t inside = 0;
    struct crossings x;
    for (uint32_t i = 0; i < a->rings_n; i++) {
        x.n = 0;
        x.rings[0] = ring_of(a, i);
        x.rings[1] = ring_of(b, 0);
        if (!share_rings(&x, in, &inside))
            return CLIP_UNSURE;
        rest_rings(&x, out);
    }
    return !in->parts_n ? CLIP_APART : !out->parts_n ? CLIP_FIRST_INSIDE : CLIP_SHARED;
}
