/* What the drawing tests share: shapes, areas in grid units, and a plain check that nothing
 * crosses. */
#ifndef TESTS_UNIT_DRAWING_HELP_H
#define TESTS_UNIT_DRAWING_HELP_H

#include <math.h>
#include <stdlib.h>

#include "geo/drawing.h"

static inline uint64_t help_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double help_unit(uint64_t *state)
{
    return (double)(help_random(state) >> 11) * 0x1p-53;
}

/* A boundary that grows ring by ring. */
struct shape {
    struct boundary b;
    uint32_t points_max;
};

static inline void shape_init(struct shape *s, uint32_t points, uint32_t rings)
{
    *s = (struct shape){.points_max = points};
    s->b.points = calloc(points, sizeof *s->b.points);
    s->b.ring_end = calloc(rings, sizeof *s->b.ring_end);
    s->b.part_end = calloc(rings, sizeof *s->b.part_end);
}

static inline void shape_clear(struct shape *s)
{
    free(s->b.points);
    free(s->b.ring_end);
    free(s->b.part_end);
}

static inline void shape_point(struct shape *s, double lon, double lat)
{
    if (s->b.points_n == s->points_max)
        abort();
    s->b.points[s->b.points_n++] = (struct lonlat){lon, lat};
}

/* Ends the ring (repeating its first point); `part` also ends the part. */
static inline void shape_close(struct shape *s, bool part)
{
    struct lonlat first = s->b.points[boundary_ring_start(&s->b, s->b.rings_n)];
    shape_point(s, first.lon, first.lat);
    s->b.ring_end[s->b.rings_n++] = s->b.points_n;
    if (part)
        s->b.part_end[s->b.parts_n++] = s->b.rings_n;
}

/* A wiggly ring around a centre; holes the same with a negative step. */
static inline void shape_star(struct shape *s, double lon, double lat, double radius, double rough,
                              int n, uint64_t *seed)
{
    for (int i = 0; i < n; i++) {
        double r = radius * (1 - rough * help_unit(seed)), t = 2 * M_PI * i / n;
        shape_point(s, lon + r * cos(t), lat + r * sin(t));
    }
}

/* Twice the area of all rings in square grid units, holes negative; exteriors counter-clockwise on
 * the map. */
static inline __int128 drawing_area2(const struct drawing *d)
{
    __int128 sum = 0;
    for (uint32_t r = 0, i = 0; r < d->rings_n; r++)
        for (; i < d->ring_end[r]; i++)
            if (i + 1 < d->ring_end[r])
                sum += (__int128)d->points[i].y * d->points[i + 1].x -
                       (__int128)d->points[i].x * d->points[i + 1].y;
    return sum;
}

static inline int help_turn(struct drawing_point a, struct drawing_point b, struct drawing_point c)
{
    int64_t v = (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
    return (v > 0) - (v < 0);
}

static inline bool help_between(struct drawing_point a, struct drawing_point b,
                                struct drawing_point p)
{
    return p.x >= (a.x < b.x ? a.x : b.x) && p.x <= (a.x > b.x ? a.x : b.x) &&
           p.y >= (a.y < b.y ? a.y : b.y) && p.y <= (a.y > b.y ? a.y : b.y);
}

/* Number of pairs of segments of the drawing that cross, or (touch = true) meet other than as
 * neighbours in their ring. */
static inline int drawing_crossings(const struct drawing *d, bool touch)
{
    int count = 0;
    for (uint32_t r = 0, i = 0; r < d->rings_n; i = d->ring_end[r++])
        for (uint32_t start = i; i + 1 < d->ring_end[r]; i++)
            for (uint32_t q = r, j = i + 1; q < d->rings_n; j = d->ring_end[q++])
                for (; j + 1 < d->ring_end[q]; j++) {
                    struct drawing_point a = d->points[i], b = d->points[i + 1], c = d->points[j],
                                         e = d->points[j + 1];
                    int t1 = help_turn(a, b, c), t2 = help_turn(a, b, e), t3 = help_turn(c, e, a),
                        t4 = help_turn(c, e, b);
                    bool next = q == r && j == i + 1,
                         last = q == r && i == start && j + 2 == d->ring_end[q];
                    if (t1 * t2 < 0 && t3 * t4 < 0)
                        count++;
                    else if (touch && next)
                        count += t2 == 0 && help_between(a, b, e);
                    else if (touch && last)
                        count += t1 == 0 && help_between(a, b, c);
                    else if (touch)
                        count += (t1 == 0 && help_between(a, b, c)) ||
                                 (t2 == 0 && help_between(a, b, e)) ||
                                 (t3 == 0 && help_between(c, e, a)) ||
                                 (t4 == 0 && help_between(c, e, b));
                }
    return count;
}

static inline bool help_contains(const struct drawing *d, uint32_t ring, struct drawing_point p)
{
    bool odd = false;
    for (uint32_t i = ring ? d->ring_end[ring - 1] : 0; i + 1 < d->ring_end[ring]; i++) {
        struct drawing_point a = d->points[i], b = d->points[i + 1];
        if ((a.y > p.y) != (b.y > p.y) && (help_turn(a, b, p) > 0) == (b.y > a.y))
            odd = !odd;
    }
    return odd;
}

#endif
