/* Certainly simple rings; see ring_simple.h. Orientation with a forward error bound (Shewchuk 1997,
 * the static filter ccwerrboundA): a sign is used only when rounding cannot have changed it. */
#include "importers/ring_simple.h"

#include <math.h>

struct edge {
    struct lonlat a, b;
    struct box box;
};

/* Sign of the turn a -> b -> c; 0 = not certain. */
static int turn(struct lonlat a, struct lonlat b, struct lonlat c)
{
    double left = (a.lon - c.lon) * (b.lat - c.lat), right = (a.lat - c.lat) * (b.lon - c.lon);
    double det = left - right, bound = 3.3306690738754716e-16 * (fabs(left) + fabs(right));
    return det > bound ? 1 : det < -bound ? -1 : 0;
}

static bool apart(const struct box *a, const struct box *b)
{
    return a->west > b->east || b->west > a->east || a->south > b->north || b->south > a->north;
}

static bool certainly_disjoint(const struct edge *e, const struct edge *f)
{
    if (apart(&e->box, &f->box))
        return true;
    int s = turn(e->a, e->b, f->a);
    if (s && s == turn(e->a, e->b, f->b))
        return true;
    s = turn(f->a, f->b, e->a);
    return s && s == turn(f->a, f->b, e->b);
}

bool ring_certainly_simple(const struct boundary *b)
{
    if (b->parts_n != 1 || b->rings_n != 1 || b->points_n < 4 ||
        b->points_n > RING_SIMPLE_POINTS_MAX)
        return false;
    struct edge edges[RING_SIMPLE_POINTS_MAX];
    uint32_t n = b->points_n - 1;
    for (uint32_t i = 0; i < n; i++) {
        struct lonlat p = b->points[i], q = b->points[i + 1];
        if (p.lon == q.lon && p.lat == q.lat)
            return false; /* repeated vertices have neighbours that are not next to each other */
        edges[i] = (struct edge){
            p, q, {fmin(p.lon, q.lon), fmin(p.lat, q.lat), fmax(p.lon, q.lon), fmax(p.lat, q.lat)}};
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t after = i + 1 < n ? i + 1 : 0;
        /* A sharp turn back on itself cannot be told from a spike when the three lie on a line. */
        if (turn(edges[i].a, edges[i].b, edges[after].b) == 0 &&
            (edges[i].b.lon - edges[i].a.lon) * (edges[after].b.lon - edges[after].a.lon) +
                    (edges[i].b.lat - edges[i].a.lat) * (edges[after].b.lat - edges[after].a.lat) <=
                0)
            return false;
        uint32_t last = i == 0 ? n - 1 : n;
        for (uint32_t j = i + 2; j < last; j++)
            if (!certainly_disjoint(&edges[i], &edges[j]))
                return false;
    }
    return true;
}

static bool certainly_crosses(struct lonlat a, struct lonlat b, struct lonlat c, struct lonlat d)
{
    int abc = turn(a, b, c), abd = turn(a, b, d), cda = turn(c, d, a), cdb = turn(c, d, b);
    return abc && abd && cda && cdb && abc != abd && cda != cdb;
}

bool ring_crossings_over(const struct boundary *b, uint32_t limit)
{
    uint32_t count = 0;
    if (b->points_n - b->rings_n > RING_CROSSINGS_EDGES_MAX)
        return false;
    for (uint32_t r = 0; r < b->rings_n; r++)
        for (uint32_t i = boundary_ring_start(b, r); i + 1 < b->ring_end[r]; i++) {
            struct lonlat p = b->points[i], q = b->points[i + 1];
            struct box e = {fmin(p.lon, q.lon), fmin(p.lat, q.lat), fmax(p.lon, q.lon),
                            fmax(p.lat, q.lat)};
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
