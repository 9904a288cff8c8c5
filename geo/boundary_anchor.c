/* The anchor of a boundary: the middle of the widest west-east chord of its largest part, tried at
 * a few heights. Sorting and comparing only, with each edge always taken from south to north, so
 * that where a ring starts and which way it runs cannot change a bit of the answer. */
#include "geo/boundary.h"

#include <math.h>

/* Heights within the part's box; the middle first, so that it wins a tie. */
static const double anchor_heights[] = {0.5,  0.4375, 0.5625, 0.34375, 0.65625,
                                        0.25, 0.75,   0.125,  0.875};

enum { ANCHOR_CROSSINGS = 128 };
#define MUCH_WIDER 1.25

struct part_rank {
    double deg2;
    struct box box;
};

static struct part_rank part_rank(const struct boundary *b, uint32_t part)
{
    uint32_t ring = boundary_part_start(b, part), start = boundary_ring_start(b, ring);
    struct boundary exterior = {.points = b->points + start, .points_n = b->ring_end[ring] - start};
    return (struct part_rank){fabs(ring_signed_deg2(exterior.points, exterior.points_n)),
                              boundary_box(&exterior)};
}

/* Larger first. Sums depend on the ring's start in their last bits, so nearly equal parts are told
 * apart by place. */
static bool part_before(const struct part_rank *a, const struct part_rank *b)
{
    if (fabs(a->deg2 - b->deg2) > 1e-9 * (a->deg2 + b->deg2))
        return a->deg2 > b->deg2;
    if (a->box.west != b->box.west)
        return a->box.west < b->box.west;
    if (a->box.south != b->box.south)
        return a->box.south < b->box.south;
    return a->box.east + a->box.north > b->box.east + b->box.north;
}

/* Keeps the `limit` westernmost crossings in order; a part with more on one line is beyond need. */
static int insert_sorted(double *sorted, int n, double value)
{
    if (n == ANCHOR_CROSSINGS) {
        if (value >= sorted[n - 1])
            return n;
        n--;
    }
    int i = n;
    for (; i > 0 && sorted[i - 1] > value; i--)
        sorted[i] = sorted[i - 1];
    sorted[i] = value;
    return n + 1;
}

static int part_crossings(const struct boundary *b, uint32_t part, double lat, double *sorted)
{
    int n = 0;
    for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
        for (uint32_t i = boundary_ring_start(b, ring) + 1; i < b->ring_end[ring]; i++) {
            struct lonlat u = b->points[i - 1], v = b->points[i];
            if ((u.lat > lat) == (v.lat > lat))
                continue;
            if (u.lat > v.lat) {
                struct lonlat w = u;
                u = v;
                v = w;
            }
            n = insert_sorted(sorted, n,
                              u.lon + (v.lon - u.lon) * ((lat - u.lat) / (v.lat - u.lat)));
        }
    }
    return n;
}

struct lonlat boundary_anchor(const struct boundary *b)
{
    if (!b->parts_n)
        return (struct lonlat){NAN, NAN};
    uint32_t largest = 0;
    struct part_rank best =
        b->parts_n > 1 ? part_rank(b, 0) : (struct part_rank){.box = boundary_box(b)};
    for (uint32_t part = 1; part < b->parts_n; part++) {
        struct part_rank rank = part_rank(b, part);
        if (part_before(&rank, &best)) {
            best = rank;
            largest = part;
        }
    }
    struct box box = best.box;
    struct lonlat anchor = {(box.west + box.east) / 2, (box.south + box.north) / 2};
    double widest = 0;
    for (size_t h = 0; h < sizeof anchor_heights / sizeof *anchor_heights; h++) {
        if (box.east - box.west <= widest * MUCH_WIDER)
            break; /* no chord can be that wide */
        double lat = box.south + (box.north - box.south) * anchor_heights[h];
        double lon[ANCHOR_CROSSINGS];
        int n = part_crossings(b, largest, lat, lon);
        for (int i = 0; i + 1 < n; i += 2) {
            /* A chord must beat the middle one clearly, so that anchors stay near the middle of
             * ordinary plots. */
            if (lon[i + 1] - lon[i] > widest * MUCH_WIDER) {
                widest = lon[i + 1] - lon[i];
                anchor = (struct lonlat){(lon[i] + lon[i + 1]) / 2, lat};
            }
        }
    }
    return anchor;
}
