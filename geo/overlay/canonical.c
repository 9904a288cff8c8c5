/* The normal form of a boundary; see canonical.h. */
#include "geo/overlay/canonical.h"

#include <stdlib.h>
#include <string.h>

/* A ring of `in` with its closing point left out. */
struct ring {
    const struct lonlat *points;
    uint32_t n, first; /* vertices, the lowest of them */
    bool turn;         /* it goes the wrong way round */
};

struct part {
    struct ring *rings; /* the shell first */
    uint32_t n;
};

static int compare_points(struct lonlat a, struct lonlat b)
{
    if (a.lon != b.lon)
        return a.lon < b.lon ? -1 : 1;
    return a.lat < b.lat ? -1 : a.lat > b.lat;
}

static struct lonlat vertex(const struct ring *r, uint32_t i)
{
    uint32_t at = r->turn ? r->first + r->n - i : r->first + i;
    return r->points[at < r->n ? at : at - r->n];
}

static struct ring read_ring(const struct boundary *b, uint32_t ring, bool shell)
{
    uint32_t from = boundary_ring_start(b, ring), n = b->ring_end[ring] - from;
    struct ring r = {b->points + from, n - 1, 0,
                     (ring_signed_deg2(b->points + from, n) < 0) == shell};
    for (uint32_t i = 1; i < r.n; i++)
        if (compare_points(r.points[i], r.points[r.first]) < 0)
            r.first = i;
    return r;
}

static int compare_rings(const void *a, const void *b)
{
    const struct ring *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    int c = 0;
    for (uint32_t i = 0; i < x->n && !c; i++) /* backwards, as GEOS has them */
        c = compare_points(vertex(y, i ? x->n - i : 0), vertex(x, i ? x->n - i : 0));
    return c;
}

static int compare_parts(const void *a, const void *b)
{
    return compare_rings(((const struct part *)a)->rings, ((const struct part *)b)->rings);
}

static void put_ring(const struct ring *r, struct boundary *out)
{
    struct lonlat *to = out->points + out->points_n;
    for (uint32_t i = 0; i < r->n; i++)
        to[i] = vertex(r, i);
    to[r->n] = to[0];
    out->points_n += r->n + 1;
    out->ring_end[out->rings_n++] = out->points_n;
}

static void read_part(const struct boundary *in, uint32_t part, struct ring *rings,
                      struct part *out)
{
    uint32_t first = boundary_part_start(in, part);
    *out = (struct part){rings + first, in->part_end[part] - first};
    for (uint32_t k = 0; k < out->n; k++)
        out->rings[k] = read_ring(in, first + k, k == 0);
    if (out->n > 2)
        qsort(out->rings + 1, out->n - 1, sizeof *out->rings, compare_rings);
}

bool boundary_canonical(const struct boundary *in, struct arena *a, struct boundary *out)
{
    struct ring one_ring,
        *rings = in->rings_n == 1 ? &one_ring : arena_array(a, in->rings_n, sizeof *rings);
    struct part one_part,
        *parts = in->parts_n == 1 ? &one_part : arena_array(a, in->parts_n, sizeof *parts);
    struct boundary b;
    if (!rings || !parts || !boundary_alloc(&b, a, in->points_n, in->rings_n, in->parts_n))
        return false;
    b.points_n = b.rings_n = b.parts_n = 0;
    for (uint32_t part = 0; part < in->parts_n; part++)
        read_part(in, part, rings, &parts[part]);
    if (in->parts_n > 1)
        qsort(parts, in->parts_n, sizeof *parts, compare_parts);
    for (uint32_t part = 0; part < in->parts_n; part++) {
        for (uint32_t k = 0; k < parts[part].n; k++)
            put_ring(&parts[part].rings[k], &b);
        b.part_end[b.parts_n++] = b.rings_n;
    }
    *out = b;
    return true;
}
