/* Intersection and difference of polygons, proper crossings only; see clip_pair.h. */
#include "geo/overlay/clip_pair.h"

#include <math.h>
#include <string.h>

#include "geo/overlay/segment.h"

enum { CROSSINGS_MAX = 128, NEAR_MAX = 1024, RINGS_MAX = 256, EDGE_PAIRS_MAX = 1000000 };
/* Crossings nearer to each other along an edge, or to its ends, than this share of it are not told
 * apart. */
#define PARAMETER_LEAST 1e-9
/* (3 + 16 eps) eps with eps = 2^-53: the bound of the first stage of Shewchuk's orient2d. */
#define ORIENT_BOUND 3.3306690738754716e-16

/* A ring without its closing point. Walked forward it has the polygon's ground on its left: shells
 * counter-clockwise, holes clockwise. */
struct ring {
    const struct lonlat *points;
    uint32_t n;
    bool reversed;
    uint32_t crossings;
};

struct operand {
    const struct boundary *boundary;
    struct box box;
    struct ring *rings; /* boundary->rings_n */
};

static struct lonlat ring_at(const struct ring *r, uint32_t i)
{
    i = i < r->n ? i : i - r->n;
    return r->points[r->reversed ? r->n - 1 - i : i];
}

static bool operand_init(struct operand *o, const struct boundary *b, struct arena *scratch)
{
    o->boundary = b;
    o->box = boundary_box(b);
    o->rings = b->rings_n <= RINGS_MAX ? arena_array(scratch, b->rings_n, sizeof *o->rings) : NULL;
    if (!o->rings)
        return false;
    for (uint32_t part = 0; part < b->parts_n; part++)
        for (uint32_t k = boundary_part_start(b, part), first = k; k < b->part_end[part]; k++) {
            uint32_t from = boundary_ring_start(b, k), n = b->ring_end[k] - from;
            bool clockwise = ring_signed_deg2(b->points + from, n) < 0;
            o->rings[k] = (struct ring){b->points + from, n - 1, clockwise != (k > first), 0};
        }
    return true;
}

/* Twice the signed area of a, b, c; *sure = false when its sign is not certain. */
static inline double orient(struct lonlat a, struct lonlat b, struct lonlat c, bool *sure)
{
    double left = (a.lon - c.lon) * (b.lat - c.lat), right = (a.lat - c.lat) * (b.lon - c.lon);
    double det = left - right;
    if (fabs(det) <= ORIENT_BOUND * (fabs(left) + fabs(right)))
        *sure = false;
    return det;
}

/* Adds to *odd the edges of a ring that a ray from p to the east meets. */
static void count_ring(const struct lonlat *points, uint32_t n, struct lonlat p, bool *odd,
                       bool *sure)
{
    for (uint32_t i = 1; i < n; i++) {
        struct lonlat a = points[i - 1], b = points[i];
        if ((a.lat > p.lat) == (b.lat > p.lat) || (a.lon < p.lon && b.lon < p.lon))
            continue;
        if ((a.lon > p.lon && b.lon > p.lon) || (orient(a, b, p, sure) > 0) == (b.lat > a.lat))
            *odd = !*odd;
    }
}

bool clip_contains(const struct boundary *b, struct lonlat p, bool *sure)
{
    bool odd = false;
    for (uint32_t k = 0; k < b->rings_n; k++) {
        uint32_t start = boundary_ring_start(b, k);
        count_ring(b->points + start, b->ring_end[k] - start, p, &odd, sure);
    }
    return odd;
}

/* ---- crossings ---- */

struct crossing {
    uint32_t ring[2], edge[2]; /* of operands 0 and 1 */
    double along[2];           /* 0..1 on that edge */
    uint32_t next[2];          /* the next crossing along ring 0 / ring 1 */
    uint32_t before[2];        /* the one before */
    bool entering;             /* ring 0 enters operand 1 here */
    bool visited;
    struct lonlat place;
};

struct crossings {
    struct operand operands[2];
    struct crossing items[CROSSINGS_MAX];
    uint32_t n;
};

struct near_edge {
    struct lonlat a, b;
    struct box box;
    uint32_t ring, edge;
};

static inline struct box edge_box(struct lonlat a, struct lonlat b)
{
    return (struct box){least(a.lon, b.lon), least(a.lat, b.lat), most(a.lon, b.lon),
                        most(a.lat, b.lat)};
}

/* All four are compared: which of them it is cannot be foreseen, and a wrong guess costs more. */
static inline bool boxes_apart(const struct box *a, const struct box *b)
{
    return (a->east < b->west) | (b->east < a->west) | (a->north < b->south) |
           (b->north < a->south);
}

/* The edges that come near a box: usually few, where two neighbours overlap a little. NEAR_MAX + 1
 * when there are more. */
static uint32_t edges_near(const struct operand *o, const struct box *box, struct near_edge *out)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < o->boundary->rings_n; k++) {
        const struct ring *r = &o->rings[k];
        for (uint32_t i = 0; i < r->n; i++) {
            struct lonlat a = ring_at(r, i), b = ring_at(r, i + 1);
            if (segment_box_apart(a, b, box))
                continue;
            if (n == NEAR_MAX)
                return NEAR_MAX + 1;
            out[n++] = (struct near_edge){a, b, edge_box(a, b), k, i};
        }
    }
    return n;
}

/* Notes the crossing of two edges, if there is one; false = not sure. */
static bool cross_edges(struct crossings *x, const struct near_edge *p, const struct near_edge *q)
{
    bool sure = true;
    double a0_side = orient(q->a, q->b, p->a, &sure), a1_side = orient(q->a, q->b, p->b, &sure);
    double b0_side = orient(p->a, p->b, q->a, &sure), b1_side = orient(p->a, p->b, q->b, &sure);
    if (!sure)
        return false;
    if ((a0_side > 0) == (a1_side > 0) || (b0_side > 0) == (b1_side > 0))
        return true;
    if (x->n == CROSSINGS_MAX)
        return false;
    double t = a0_side / (a0_side - a1_side), u = b0_side / (b0_side - b1_side);
    x->items[x->n++] = (struct crossing){
        .ring = {p->ring, q->ring},
        .edge = {p->edge, q->edge},
        .along = {t, u},
        .entering = a1_side > 0,
        .place = {p->a.lon + t * (p->b.lon - p->a.lon), p->a.lat + t * (p->b.lat - p->a.lat)}};
    x->operands[0].rings[p->ring].crossings++;
    x->operands[1].rings[q->ring].crossings++;
    return least(t, u) > PARAMETER_LEAST && most(t, u) < 1 - PARAMETER_LEAST;
}

static bool find_crossings(struct crossings *x)
{
    struct near_edge near[2][NEAR_MAX];
    uint32_t n[2];
    for (int k = 0; k < 2; k++) {
        n[k] = edges_near(&x->operands[k], &x->operands[1 - k].box, near[k]);
        if (n[k] > NEAR_MAX)
            return false;
    }
    if ((uint64_t)n[0] * n[1] > EDGE_PAIRS_MAX)
        return false;
    for (uint32_t i = 0; i < n[0]; i++)
        for (uint32_t j = 0; j < n[1]; j++)
            if (!boxes_apart(&near[0][i].box, &near[1][j].box) &&
                !cross_edges(x, &near[0][i], &near[1][j]))
                return false;
    return true;
}

static int compare_along(const struct crossings *x, int side, uint32_t a, uint32_t b)
{
    const struct crossing *p = &x->items[a], *q = &x->items[b];
    if (p->ring[side] != q->ring[side])
        return p->ring[side] < q->ring[side] ? -1 : 1;
    if (p->edge[side] != q->edge[side])
        return p->edge[side] < q->edge[side] ? -1 : 1;
    return p->along[side] < q->along[side] ? -1 : p->along[side] > q->along[side];
}

/* Links the crossings in their order along the rings of one operand; false when two are too near or
 * do not alternate between in and out. */
static bool link_along(struct crossings *x, int side)
{
    uint32_t order[CROSSINGS_MAX];
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t k = i;
        for (; k > 0 && compare_along(x, side, order[k - 1], i) > 0; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (uint32_t i = 0, first = 0; i < x->n; i++) {
        struct crossing *here = &x->items[order[i]];
        bool last = i + 1 == x->n || x->items[order[i + 1]].ring[side] != here->ring[side];
        uint32_t next = last ? first : i + 1;
        struct crossing *after = &x->items[order[next]];
        here->next[side] = order[next];
        after->before[side] = order[i];
        if (here->entering == after->entering)
            return false;
        if (!last && here->edge[side] == after->edge[side] &&
            after->along[side] - here->along[side] < PARAMETER_LEAST)
            return false;
        if (last)
            first = i + 1;
    }
    return true;
}

/* ---- rings of the result ---- */

/* Where rings are put. `mixed`: one was made of two rings of that operand, which may touch each
 * other where the operand's own did. */
struct tracing {
    struct crossings *x;
    struct boundary *out;
    uint32_t part[2];
    bool mixed[2];
};

static void put(struct tracing *t, struct lonlat p)
{
    t->out->points[t->out->points_n++] = p;
}

static void close_ring(struct tracing *t, uint32_t start)
{
    put(t, t->out->points[start]);
    t->out->ring_end[t->out->rings_n++] = t->out->points_n;
}

/* Appends the vertices of a ring strictly between two crossings, going forward. */
static void put_between(struct tracing *t, int side, const struct crossing *from,
                        const struct crossing *to)
{
    const struct ring *r = &t->x->operands[side].rings[from->ring[side]];
    uint32_t i = from->edge[side];
    if (t->part[side] != UINT32_MAX && t->part[side] != from->ring[side])
        t->mixed[side] = true;
    t->part[side] = from->ring[side];
    if (from->edge[side] == to->edge[side] && from->along[side] < to->along[side])
        return;
    do {
        i = i + 1 < r->n ? i + 1 : 0;
        put(t, ring_at(r, i));
    } while (i != to->edge[side]);
}

static void reverse(struct lonlat *points, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        struct lonlat swap = points[i];
        points[i] = points[n - 1 - i];
        points[n - 1 - i] = swap;
    }
}

/* One ring of shared ground, from an entering crossing on: inside along operand 0, then along
 * operand 1, until it closes. */
static void trace(struct tracing *t, uint32_t start)
{
    uint32_t begin = t->out->points_n, at = start;
    t->part[0] = t->part[1] = UINT32_MAX;
    for (int side = 0;; side = 1 - side) {
        struct crossing *here = &t->x->items[at];
        here->visited =
            here->visited || here->entering; /* leaving ones start the rings of the rest */
        put(t, here->place);
        put_between(t, side, here, &t->x->items[here->next[side]]);
        at = here->next[side];
        if (at == start)
            break;
    }
    close_ring(t, begin);
}

/* One ring of ground of operand 0 outside operand 1, from a leaving crossing on: forward along 0,
 * back along 1, until it closes. */
static void trace_outside(struct tracing *t, uint32_t start)
{
    uint32_t begin = t->out->points_n, at = start;
    t->part[0] = t->part[1] = UINT32_MAX;
    do {
        struct crossing *leaving = &t->x->items[at];
        struct crossing *entering = &t->x->items[leaving->next[0]];
        leaving->visited = true;
        put(t, leaving->place);
        put_between(t, 0, leaving, entering);
        put(t, entering->place);
        at = entering->before[1];
        uint32_t back = t->out->points_n;
        put_between(t, 1, &t->x->items[at], entering);
        reverse(t->out->points + back, t->out->points_n - back);
    } while (at != start);
    close_ring(t, begin);
}

static void put_ring(struct tracing *t, const struct ring *r, bool backwards)
{
    uint32_t begin = t->out->points_n;
    for (uint32_t i = 0; i < r->n; i++)
        put(t, ring_at(r, backwards ? r->n - 1 - i : i));
    close_ring(t, begin);
}

/* ---- rings to parts ---- */

static bool ring_holds(const struct boundary *b, uint32_t ring, struct lonlat p, bool *sure)
{
    uint32_t from = boundary_ring_start(b, ring);
    bool odd = false;
    count_ring(b->points + from, b->ring_end[ring] - from, p, &odd, sure);
    return odd;
}

/* The shell round a hole, of several the smallest; UINT32_MAX = not sure. */
static uint32_t shell_of(const struct boundary *b, const double *deg2, uint32_t hole, bool single)
{
    struct lonlat p = b->points[boundary_ring_start(b, hole)];
    uint32_t found = UINT32_MAX;
    bool sure = true;
    for (uint32_t k = 0; k < b->rings_n; k++)
        if (deg2[k] >= 0 && (single || ring_holds(b, k, p, &sure)) &&
            (found == UINT32_MAX || deg2[k] < deg2[found]))
            found = k;
    return sure ? found : UINT32_MAX;
}

/* Sorts the traced rings into parts: each shell (counter-clockwise) with its holes. false = not
 * sure, or no memory. */
static bool make_parts(struct boundary *b, struct arena *scratch)
{
    double *deg2 = arena_array(scratch, b->rings_n, sizeof *deg2);
    uint32_t *shell = arena_array(scratch, b->rings_n, sizeof *shell), holes = 0;
    if (!deg2 || !shell)
        return false;
    for (uint32_t k = 0; k < b->rings_n; k++) {
        uint32_t from = boundary_ring_start(b, k);
        deg2[k] = ring_signed_deg2(b->points + from, b->ring_end[k] - from);
        holes += deg2[k] < 0;
    }
    if (!holes) {
        for (b->parts_n = 0; b->parts_n < b->rings_n; b->parts_n++)
            b->part_end[b->parts_n] = b->parts_n + 1;
        return true;
    }
    for (uint32_t k = 0; k < b->rings_n; k++) {
        shell[k] = deg2[k] < 0 ? shell_of(b, deg2, k, holes + 1 == b->rings_n) : k;
        if (shell[k] == UINT32_MAX)
            return false;
    }
    struct boundary sorted;
    if (!boundary_alloc(&sorted, scratch, b->points_n, b->rings_n, b->rings_n))
        return false;
    sorted.points_n = sorted.rings_n = sorted.parts_n = 0;
    for (uint32_t s = 0; s < b->rings_n; s++) {
        if (shell[s] != s)
            continue;
        for (uint32_t pass = 0; pass < 2; pass++) /* the shell, then its holes */
            for (uint32_t k = 0; k < b->rings_n; k++) {
                if (shell[k] != s || (k == s) != (pass == 0))
                    continue;
                uint32_t from = boundary_ring_start(b, k), n = b->ring_end[k] - from;
                memcpy(sorted.points + sorted.points_n, b->points + from,
                       n * sizeof *sorted.points);
                sorted.points_n += n;
                sorted.ring_end[sorted.rings_n++] = sorted.points_n;
            }
        sorted.part_end[sorted.parts_n++] = sorted.rings_n;
    }
    *b = sorted;
    return true;
}

/* ---- the whole ---- */

static bool out_room(const struct crossings *x, struct arena *scratch, struct boundary *out)
{
    const struct boundary *a = x->operands[0].boundary, *b = x->operands[1].boundary;
    uint32_t rings = a->rings_n + b->rings_n + x->n;
    if (!boundary_alloc(out, scratch, a->points_n + b->points_n + 3 * x->n, rings, rings))
        return false;
    out->points_n = out->rings_n = out->parts_n = 0;
    return true;
}

/* Does no edge of one ring touch one of the other, for certain? */
static bool rings_apart(const struct ring *a, const struct ring *b)
{
    struct box box = points_box(b->points, b->n);
    for (uint32_t i = 0; i < a->n; i++) {
        struct lonlat p = a->points[i], q = a->points[i + 1];
        for (uint32_t k = 0; k < b->n && !segment_box_apart(p, q, &box); k++)
            if (segments_may_touch(p, q, b->points[k], b->points[k + 1]))
                return false;
    }
    return true;
}

/* Are the rings that came about in order? Those of one ring of each operand are; so are those of
 * several that lie apart from each other. */
static bool rings_sound(const struct tracing *t)
{
    for (int side = 0; side < 2; side++) {
        const struct operand *o = &t->x->operands[side];
        for (uint32_t k = 1; t->mixed[side] && k < o->boundary->rings_n; k++)
            for (uint32_t i = 0; i < k; i++)
                if ((uint64_t)o->rings[i].n * o->rings[k].n > EDGE_PAIRS_MAX ||
                    !rings_apart(&o->rings[i], &o->rings[k]))
                    return false;
    }
    return true;
}

/* What both share. A ring without crossings is in the other operand, or out, as a whole. */
static bool put_shared(struct tracing *t, const bool *ring_inside[2])
{
    for (uint32_t i = 0; i < t->x->n; i++)
        if (t->x->items[i].entering && !t->x->items[i].visited)
            trace(t, i);
    for (int side = 0; side < 2; side++)
        for (uint32_t k = 0; k < t->x->operands[side].boundary->rings_n; k++)
            if (ring_inside[side][k])
                put_ring(t, &t->x->operands[side].rings[k], false);
    return rings_sound(t);
}

/* What operand 0 has alone. */
static bool put_rest(struct tracing *t, const bool *ring_inside[2])
{
    for (uint32_t i = 0; i < t->x->n; i++)
        if (!t->x->items[i].entering && !t->x->items[i].visited)
            trace_outside(t, i);
    for (int side = 0; side < 2; side++)
        for (uint32_t k = 0; k < t->x->operands[side].boundary->rings_n; k++) {
            const struct ring *r = &t->x->operands[side].rings[k];
            if (side == 0 ? !r->crossings && !ring_inside[0][k] : ring_inside[1][k])
                put_ring(t, r, side == 1);
        }
    return rings_sound(t);
}

/* Which rings without crossings lie in the other operand; NULL = not sure. */
static const bool *find_inside(const struct crossings *x, int side, struct arena *scratch)
{
    const struct operand *own = &x->operands[side], *other = &x->operands[1 - side];
    bool sure = true, *inside = arena_array(scratch, own->boundary->rings_n, sizeof *inside);
    for (uint32_t k = 0; inside && k < own->boundary->rings_n; k++)
        if (!own->rings[k].crossings && point_in_box(own->rings[k].points[0], &other->box))
            inside[k] = clip_contains(other->boundary, own->rings[k].points[0], &sure);
    return sure ? inside : NULL;
}

static enum clip_answer clip(const struct boundary *a, const struct boundary *b,
                             struct arena *scratch, struct boundary *in, struct boundary *out)
{
    struct crossings x;
    x.n = 0;
    if (!operand_init(&x.operands[0], a, scratch) || !operand_init(&x.operands[1], b, scratch) ||
        !find_crossings(&x) || !link_along(&x, 0) || !link_along(&x, 1))
        return CLIP_UNSURE;
    const bool *inside[2] = {find_inside(&x, 0, scratch), find_inside(&x, 1, scratch)};
    if (!inside[0] || !inside[1])
        return CLIP_UNSURE;
    bool any = x.n > 0, all = x.n == 0;
    for (uint32_t k = 0; k < a->rings_n; k++) {
        any = any || inside[0][k];
        all = all && inside[0][k];
    }
    for (uint32_t k = 0; k < b->rings_n; k++) {
        any = any || inside[1][k];
        all = all && !inside[1][k];
    }
    if (!any || all)
        return all ? CLIP_FIRST_INSIDE : CLIP_APART;
    struct tracing t = {.x = &x, .out = in};
    if (!out_room(&x, scratch, in) || !put_shared(&t, inside) || !make_parts(in, scratch))
        return CLIP_UNSURE;
    t.out = out;
    t.mixed[0] = t.mixed[1] = false;
    if (out && (!out_room(&x, scratch, out) || !put_rest(&t, inside) || !make_parts(out, scratch)))
        return CLIP_UNSURE;
    return CLIP_SHARED;
}

enum clip_answer clip_pair(const struct boundary *a, const struct boundary *b,
                           struct arena *scratch, struct boundary *out)
{
    return clip(a, b, scratch, out, NULL);
}

enum clip_answer clip_split(const struct boundary *a, const struct boundary *b,
                            struct arena *scratch, struct boundary *in, struct boundary *out)
{
    return clip(a, b, scratch, in, out);
}
