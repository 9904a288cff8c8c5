/* Rings and boundaries that are certainly valid, or certainly cross themselves; see ring_simple.h.
 * Coordinates are finite here. */
#include "geo/overlay/ring_simple.h"

#include "geo/overlay/segment.h"

struct edge {
    struct lonlat a, b;
    struct box box;
};

static bool apart(const struct box *a, const struct box *b)
{
    return a->west > b->east || b->west > a->east || a->south > b->north || b->south > a->north;
}

static struct edge edge_of(struct lonlat p, struct lonlat q)
{
    return (struct edge){
        p, q, {least(p.lon, q.lon), least(p.lat, q.lat), most(p.lon, q.lon), most(p.lat, q.lat)}};
}

static bool certainly_disjoint(const struct edge *e, const struct edge *f)
{
    if (apart(&e->box, &f->box))
        return true;
    int s = orientation(e->a, e->b, f->a);
    if (s && s == orientation(e->a, e->b, f->b))
        return true;
    s = orientation(f->a, f->b, e->a);
    return s && s == orientation(f->a, f->b, e->b);
}

static bool certainly_crosses(struct lonlat a, struct lonlat b, struct lonlat c, struct lonlat d)
{
    int abc = orientation(a, b, c), abd = orientation(a, b, d), cda = orientation(c, d, a),
        cdb = orientation(c, d, b);
    return abc && abd && cda && cdb && abc != abd && cda != cdb;
}

/* ---- one ring ---- */

static bool above(struct lonlat p, struct lonlat c)
{
    return p.lat > c.lat || (p.lat == c.lat && p.lon > c.lon);
}

/* Does the ring go round its middle once, every edge in the same sense? It is simple then. An edge
 * turns by less than half a circle, so it passes the horizontal through the middle twice a round.
 */
static bool goes_round(const struct lonlat *p, uint32_t n)
{
    struct lonlat c = {0, 0};
    for (uint32_t i = 1; i < n; i++) {
        c.lon += p[i].lon;
        c.lat += p[i].lat;
    }
    c.lon /= n - 1;
    c.lat /= n - 1;
    int sense = orientation(p[0], p[1], c);
    uint32_t passes = 0;
    bool up = above(p[0], c);
    for (uint32_t i = 1; sense && i < n; i++) {
        bool next = above(p[i], c);
        passes += up != next;
        up = next;
        if (orientation(p[i - 1], p[i], c) != sense)
            return false;
    }
    return sense && passes == 2;
}

/* The edges of a ring without repeated vertices and sharp turns back on itself; false = it has
 * such, or too many. A turn back cannot be told from a spike when the three vertices lie on a line.
 */
static bool plain_edges(const struct lonlat *p, uint32_t n, struct edge *edges)
{
    if (n < 4 || n > RING_SIMPLE_POINTS_MAX)
        return false;
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (p[i].lon == p[i + 1].lon && p[i].lat == p[i + 1].lat)
            return false; /* repeated vertices have neighbours that are not next to each other */
        edges[i] = edge_of(p[i], p[i + 1]);
    }
    for (uint32_t i = 0; i + 1 < n; i++) {
        struct lonlat a = p[i], b = p[i + 1], c = p[i + 2 < n ? i + 2 : 1];
        if (orientation(a, b, c) == 0 &&
            (b.lon - a.lon) * (c.lon - b.lon) + (b.lat - a.lat) * (c.lat - b.lat) <= 0)
            return false;
    }
    return true;
}

bool ring_certainly_simple(const struct lonlat *p, uint32_t n)
{
    struct edge edges[RING_SIMPLE_POINTS_MAX];
    if (n < 4)
        return false;
    if (goes_round(p, n))
        return true;
    if (!plain_edges(p, n, edges))
        return false;
    for (uint32_t i = 0; i + 1 < n; i++)
        for (uint32_t j = i + 2; j + (i == 0) + 1 < n; j++)
            if (!certainly_disjoint(&edges[i], &edges[j]))
                return false;
    return true;
}

uint32_t ring_certain_crossings(const struct lonlat *p, uint32_t n, struct ring_crossing *out,
                                uint32_t max)
{
    struct edge edges[RING_SIMPLE_POINTS_MAX];
    uint32_t crossings = 0;
    if (!plain_edges(p, n, edges))
        return 0;
    for (uint32_t i = 0; i + 1 < n; i++)
        for (uint32_t j = i + 2; j + (i == 0) + 1 < n; j++) {
            if (certainly_disjoint(&edges[i], &edges[j]))
                continue;
            if (crossings == max || !certainly_crosses(p[i], p[i + 1], p[j], p[j + 1]))
                return 0;
            out[crossings++] = (struct ring_crossing){i, j};
        }
    return crossings;
}

/* ---- rings and rings ---- */

struct ring {
    const struct lonlat *p;
    uint32_t n;
    struct box box;
};

/* No edge of the one touches any of the other. */
static bool edges_disjoint(const struct ring *a, const struct ring *b)
{
    if ((uint64_t)a->n * b->n > RING_SIMPLE_POINTS_MAX * RING_SIMPLE_POINTS_MAX)
        return false;
    for (uint32_t i = 1; i < a->n; i++) {
        struct edge e = edge_of(a->p[i - 1], a->p[i]);
        for (uint32_t j = apart(&e.box, &b->box) ? b->n : 1; j < b->n; j++) {
            struct edge f = edge_of(b->p[j - 1], b->p[j]);
            if (!certainly_disjoint(&e, &f))
                return false;
        }
    }
    return true;
}

/* +1 the point is certainly inside the ring, -1 certainly outside, 0 not certain. */
static int side_of_ring(struct lonlat point, const struct ring *r)
{
    const struct lonlat *p = r->p;
    int side = -1;
    for (uint32_t i = 1; i < r->n; i++) {
        bool rises = p[i].lat > p[i - 1].lat;
        if ((p[i - 1].lat > point.lat) == (p[i].lat > point.lat))
            continue;
        int s = orientation(p[i - 1], p[i], point);
        if (s == 0)
            return 0;
        if ((s > 0) == rises) /* the edge is east of the point */
            side = -side;
    }
    return side;
}

static bool lies_in(const struct ring *hole, const struct ring *shell)
{
    return edges_disjoint(shell, hole) && side_of_ring(hole->p[0], shell) > 0;
}

static bool lie_beside(const struct ring *a, const struct ring *b)
{
    return apart(&a->box, &b->box) ||
           (edges_disjoint(a, b) && side_of_ring(a->p[0], b) < 0 && side_of_ring(b->p[0], a) < 0);
}

bool rings_certainly_beside(const struct lonlat *p, uint32_t n, const struct lonlat *q, uint32_t m)
{
    struct ring a = {p, n, points_box(p, n)}, b = {q, m, points_box(q, m)};
    return lie_beside(&a, &b);
}

/* Holes of one part in its shell and beside each other; parts beside each other. */
static bool well_placed(const struct boundary *b, const struct ring *rings)
{
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t shell = boundary_part_start(b, part);
        for (uint32_t i = shell + 1; i < b->part_end[part]; i++) {
            if (!lies_in(&rings[i], &rings[shell]))
                return false;
            for (uint32_t j = shell + 1; j < i; j++)
                if (!lie_beside(&rings[i], &rings[j]))
                    return false;
        }
        for (uint32_t other = 0; other < part; other++)
            if (!lie_beside(&rings[shell], &rings[boundary_part_start(b, other)]))
                return false;
    }
    return true;
}

bool boundary_certainly_valid(const struct boundary *b)
{
    struct ring rings[RING_SIMPLE_RINGS_MAX];
    if (b->rings_n == 0 || b->rings_n > RING_SIMPLE_RINGS_MAX)
        return false;
    for (uint32_t i = 0; i < b->rings_n; i++) {
        uint32_t from = boundary_ring_start(b, i);
        rings[i].p = b->points + from;
        rings[i].n = b->ring_end[i] - from;
        if (!ring_certainly_simple(rings[i].p, rings[i].n))
            return false;
    }
    for (uint32_t i = 0; b->rings_n > 1 && i < b->rings_n; i++)
        rings[i].box = points_box(rings[i].p, rings[i].n);
    return b->rings_n == 1 || well_placed(b, rings);
}

/* ---- crossings ---- */

bool ring_crossings_over(const struct boundary *b, uint32_t limit)
{
    uint32_t count = 0;
    if (b->points_n - b->rings_n > RING_CROSSINGS_EDGES_MAX)
        return false;
    for (uint32_t r = 0; r < b->rings_n; r++)
        for (uint32_t i = boundary_ring_start(b, r); i + 1 < b->ring_end[r]; i++) {
            struct lonlat p = b->points[i], q = b->points[i + 1];
            struct box e = {least(p.lon, q.lon), least(p.lat, q.lat), most(p.lon, q.lon),
                            most(p.lat, q.lat)};
            for (uint32_t s = r; s < b->rings_n; s++)
                for (uint32_t j = s == r ? i + 2 : boundary_ring_start(b, s);
                     j + 1 < b->ring_end[s]; j++) {
                    struct lonlat u = b->points[j], v = b->points[j + 1];
                    if ((u.lon < e.west && v.lon < e.west) || (u.lon > e.east && v.lon > e.east) ||
                        (u.lat < e.south && v.lat < e.south) ||
                        (u.lat > e.north && v.lat > e.north))
                        continue;
                    if (certainly_crosses(p, q, u, v) && ++count > limit)
                        return true;
                }
        }
    return false;
}
