/* The repair of the ordinary slip: corners of a plot were taken in the wrong order, so that its
 * ring crosses itself once or a few times, like an eight. Both of GEOS' methods make the loops of
 * it, as is done here in a hundredth of the time; whatever is not certain is left to them. */
#include "geo/overlay/convert.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/overlay/canonical.h"
#include "geo/overlay/ring_simple.h"
#include "geo/overlay/segment.h"

#define LOOP_LEAST_DEG2 1e-12 /* about 0.01 m2 */

enum { CROSSINGS_MAX = 4, NODES_MAX = RING_SIMPLE_POINTS_MAX + 2 * CROSSINGS_MAX };

/* A vertex, or a crossing where the ring comes by (each is passed twice). */
struct node {
    struct lonlat p;
    int crossing; /* -1 = a vertex */
};

/* points: the first repeated at the end. */
struct loop {
    const struct lonlat *p;
    uint32_t n;
    int sense; /* +1 counter-clockwise */
};

struct loops {
    struct loop list[CROSSINGS_MAX + 1];
    uint32_t n, points_n;
    struct lonlat points[NODES_MAX + CROSSINGS_MAX + 1];
};

/* Where two edges cross, as GEOS' overlay computes it. It takes them in whatever order it comes
 * upon them, so all must give the same. */
static bool crossing_of(struct geo_context *g, struct lonlat a, struct lonlat b, struct lonlat c,
                        struct lonlat d, struct lonlat *out)
{
    const struct lonlat first[2] = {a, b}, second[2] = {c, d};
    for (int way = 0; way < 8; way++) {
        const struct lonlat *e = way & 4 ? second : first, *f = way & 4 ? first : second;
        struct lonlat p = e[way & 1], q = e[!(way & 1)], u = f[way >> 1 & 1], v = f[!(way & 2)], x;
        if (GEOSSegmentIntersection_r(g->geos, p.lon, p.lat, q.lon, q.lat, u.lon, u.lat, v.lon,
                                      v.lat, &x.lon, &x.lat) != 1 ||
            (way && memcmp(&x, out, sizeof x) != 0))
            return false;
        *out = x;
    }
    return true;
}

/* Puts crossings of an edge into their order from `start` on; false when two are too close to tell.
 */
static bool in_order(struct lonlat start, struct node *nodes, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = i; j; j--) {
            double x = nodes[j].p.lon - start.lon, y = nodes[j].p.lat - start.lat,
                   before_x = nodes[j - 1].p.lon - start.lon,
                   before_y = nodes[j - 1].p.lat - start.lat;
            double far = x * x + y * y, before = before_x * before_x + before_y * before_y;
            if (fabs(far - before) <= 1e-12 * before)
                return false;
            if (far > before)
                break;
            struct node kept = nodes[j];
            nodes[j] = nodes[j - 1];
            nodes[j - 1] = kept;
        }
    return true;
}

/* The ring with its crossings among its vertices, not closed; 0 when it has none, more than
 * CROSSINGS_MAX, or one that is not certain. */
static uint32_t nodes_of(struct geo_context *g, const struct lonlat *p, uint32_t n,
                         struct node nodes[NODES_MAX])
{
    struct ring_crossing crossings[CROSSINGS_MAX];
    struct lonlat places[CROSSINGS_MAX];
    uint32_t nodes_n = 0, crossings_n = ring_certain_crossings(p, n, crossings, CROSSINGS_MAX);
    for (uint32_t k = 0; k < crossings_n; k++)
        if (!crossing_of(g, p[crossings[k].first], p[crossings[k].first + 1],
                         p[crossings[k].second], p[crossings[k].second + 1], &places[k]))
            return 0;
    for (uint32_t i = 0; crossings_n && i + 1 < n; i++) {
        nodes[nodes_n++] = (struct node){p[i], -1};
        uint32_t from = nodes_n;
        for (uint32_t k = 0; k < crossings_n; k++)
            if (crossings[k].first == i || crossings[k].second == i)
                nodes[nodes_n++] = (struct node){places[k], (int)k};
        if (!in_order(p[i], nodes + from, nodes_n - from))
            return 0;
    }
    return nodes_n;
}

static bool add_loop(struct loops *out, const struct node *nodes, uint32_t n)
{
    struct lonlat *p = out->points + out->points_n;
    if (out->n > CROSSINGS_MAX)
        return false;
    for (uint32_t i = 0; i < n; i++)
        p[i] = nodes[i].p;
    p[n] = p[0];
    double deg2 = ring_signed_deg2(p, n + 1);
    out->points_n += n + 1;
    out->list[out->n++] = (struct loop){p, n + 1, deg2 > 0 ? 1 : -1};
    return fabs(deg2) > LOOP_LEAST_DEG2 && ring_certainly_simple(p, n + 1);
}

/* Follows the ring; what lies between the two passings of a crossing is a loop and is left out from
 * then on. */
static bool cut_loops(struct node *nodes, uint32_t n, struct loops *out)
{
    uint32_t kept = 0;
    out->n = out->points_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = kept;
        while (nodes[i].crossing >= 0 && at && nodes[at - 1].crossing != nodes[i].crossing)
            at--;
        if (nodes[i].crossing < 0 || !at)
            nodes[kept++] = nodes[i];
        else if (add_loop(out, nodes + at - 1, kept - at + 1))
            kept = at;
        else
            return false;
    }
    return add_loop(out, nodes, kept);
}

static bool same(struct lonlat a, struct lonlat b)
{
    return a.lon == b.lon && a.lat == b.lat;
}

/* Two loops meet in a crossing, vertex i of the one and j of the other: do they lie beside each
 * other there? The edges of the one lie outside the angle of the other, and both angles inside the
 * loops are less than half a circle. */
static bool beside_at(const struct loop *a, uint32_t i, const struct loop *b, uint32_t j)
{
    struct lonlat x = a->p[i], a1 = a->p[i + 1], a2 = a->p[i ? i - 1 : a->n - 2], b1 = b->p[j + 1],
                  b2 = b->p[j ? j - 1 : b->n - 2];
    int s = a->sense;
    return b->sense == -s && orientation(a1, a2, x) == s && orientation(a2, b2, x) == s &&
           orientation(a1, b1, x) == -s && orientation(b1, b2, x) == -s;
}

/* Do two loops, simple each, lie beside each other and meet in a crossing at most? */
static bool beside(const struct loop *a, const struct loop *b)
{
    uint32_t met = 0;
    for (uint32_t i = 0; i + 1 < a->n; i++)
        for (uint32_t j = 0; j + 1 < b->n; j++) {
            struct lonlat p = a->p[i], q = a->p[i + 1], u = b->p[j], v = b->p[j + 1];
            if (same(p, u)) {
                if (met++ || !beside_at(a, i, b, j))
                    return false;
            } else if (!same(p, v) && !same(q, u) && !same(q, v) && segments_may_touch(p, q, u, v))
                return false;
        }
    return met || rings_certainly_beside(a->p, a->n, b->p, b->n);
}

static bool all_beside(const struct loops *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (!beside(&l->list[i], &l->list[j]))
                return false;
    return true;
}

bool repair_loops(struct geo_context *g, const struct boundary *b, struct arena *a,
                  struct repair *out)
{
    struct node nodes[NODES_MAX];
    struct loops loops;
    uint32_t ring_end[CROSSINGS_MAX + 1], part_end[CROSSINGS_MAX + 1];
    uint32_t n = b->rings_n == 1 ? nodes_of(g, b->points, b->points_n, nodes) : 0;
    if (!n || !cut_loops(nodes, n, &loops) || !all_beside(&loops))
        return false;
    for (uint32_t i = 0; i < loops.n; i++) {
        ring_end[i] = (i ? ring_end[i - 1] : 0) + loops.list[i].n;
        part_end[i] = i + 1;
    }
    struct boundary parts = {loops.points, ring_end, part_end, loops.points_n, loops.n, loops.n};
    *out = (struct repair){.verdict = REPAIR_AGREED, .drawn_m2 = area_boundary_m2(b)};
    if (!boundary_canonical(&parts, a, &out->linework))
        return false;
    out->structure = out->linework;
    out->structure_m2 = out->linework_m2 = area_boundary_m2(&out->linework);
    return true;
}
