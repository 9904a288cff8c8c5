/* Boundaries as plain arrays: making, measuring their box, checking, orienting, and the even-odd
 * test; see boundary.h. Areas and lengths on the ellipsoid are in area.h; the planar sums here only
 * decide orientation and order. */
#include "geo/boundary.h"

#include <math.h>
#include <string.h>

bool boundary_alloc(struct boundary *b, struct arena *a, uint32_t points_n, uint32_t rings_n,
                    uint32_t parts_n)
{
    *b = (struct boundary){
        .points = arena_array(a, points_n, sizeof *b->points),
        .ring_end = arena_array(a, rings_n, sizeof *b->ring_end),
        .part_end = arena_array(a, parts_n, sizeof *b->part_end),
        .points_n = points_n,
        .rings_n = rings_n,
        .parts_n = parts_n,
    };
    return b->points && b->ring_end && b->part_end;
}

bool boundary_copy(struct boundary *out, const struct boundary *in, struct arena *a)
{
    struct boundary b;
    if (!boundary_alloc(&b, a, in->points_n, in->rings_n, in->parts_n))
        return false;
    if (in->points_n)
        memcpy(b.points, in->points, in->points_n * sizeof *b.points);
    if (in->rings_n)
        memcpy(b.ring_end, in->ring_end, in->rings_n * sizeof *b.ring_end);
    if (in->parts_n)
        memcpy(b.part_end, in->part_end, in->parts_n * sizeof *b.part_end);
    *out = b;
    return true;
}

struct box points_box(const struct lonlat *points, uint32_t n)
{
    struct box box = {HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    for (uint32_t i = 0; i < n; i++) {
        struct lonlat p = points[i];
        box.west = p.lon < box.west ? p.lon : box.west;
        box.east = p.lon > box.east ? p.lon : box.east;
        box.south = p.lat < box.south ? p.lat : box.south;
        box.north = p.lat > box.north ? p.lat : box.north;
    }
    return box;
}

struct box boundary_box(const struct boundary *b)
{
    return points_box(b->points, b->points_n);
}

bool box_overlaps(const struct box *a, const struct box *b)
{
    return a->west <= b->east && b->west <= a->east && a->south <= b->north && b->south <= a->north;
}

/* Ends must rise and the last must be the count, or a reader would run past the arrays. */
static bool ends_rise(const uint32_t *end, uint32_t n, uint32_t total)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (end[i] <= last || end[i] > total)
            return false;
        last = end[i];
    }
    return last == total;
}

static bool ring_well_formed(const struct lonlat *p, uint32_t n, uint32_t ring, struct error *e)
{
    for (uint32_t i = 0; i < n; i++) {
        /* Written so that NaN fails. */
        if (!(fabs(p[i].lon) <= 180.0) || !(fabs(p[i].lat) <= 90.0)) {
            error_set(e, STATUS_INVALID, "coordinate_out_of_range",
                      "check the coordinate system and the order of the axes",
                      "point %u of ring %u (%g, %g) is not a longitude and latitude in degrees",
                      i + 1, ring + 1, p[i].lon, p[i].lat);
            return false;
        }
    }
    if (n < 4) {
        error_set(e, STATUS_INVALID, "ring_too_short",
                  "a boundary needs at least three different points", "ring %u has only %u points",
                  ring + 1, n);
        return false;
    }
    if (p[0].lon != p[n - 1].lon || p[0].lat != p[n - 1].lat) {
        error_set(e, STATUS_INVALID, "ring_open", "repeat the first point at the end",
                  "ring %u is not closed", ring + 1);
        return false;
    }
    return true;
}

bool boundary_well_formed(const struct boundary *b, struct error *e)
{
    if (!b->parts_n) {
        error_set(e, STATUS_INVALID, "boundary_empty", "draw or walk the plot again",
                  "the boundary has no points");
        return false;
    }
    if (!ends_rise(b->ring_end, b->rings_n, b->points_n) ||
        !ends_rise(b->part_end, b->parts_n, b->rings_n)) {
        error_set(e, STATUS_INVALID, "boundary_counts", NULL,
                  "the boundary's counts of points, rings and parts contradict each other");
        return false;
    }
    for (uint32_t ring = 0; ring < b->rings_n; ring++) {
        uint32_t start = boundary_ring_start(b, ring);
        if (!ring_well_formed(b->points + start, b->ring_end[ring] - start, ring, e))
            return false;
    }
    return true;
}

double ring_signed_deg2(const struct lonlat *points, uint32_t n)
{
    double twice = 0;
    for (uint32_t i = 1; i + 1 < n; i++) {
        double ax = points[i].lon - points[0].lon, ay = points[i].lat - points[0].lat;
        double bx = points[i + 1].lon - points[0].lon, by = points[i + 1].lat - points[0].lat;
        twice += ax * by - bx * ay;
    }
    return twice / 2;
}

static void ring_reverse(struct lonlat *points, uint32_t n)
{
    for (uint32_t i = 0, j = n; i + 1 < j; i++) {
        struct lonlat p = points[i];
        points[i] = points[--j];
        points[j] = p;
    }
}

void boundary_orient(struct boundary *b)
{
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t first = boundary_part_start(b, part);
        for (uint32_t ring = first; ring < b->part_end[part]; ring++) {
            struct lonlat *points = b->points + boundary_ring_start(b, ring);
            uint32_t n = b->ring_end[ring] - boundary_ring_start(b, ring);
            double deg2 = ring_signed_deg2(points, n);
            if (ring == first ? deg2 < 0 : deg2 > 0)
                ring_reverse(points, n);
        }
    }
}

bool boundary_contains(const struct boundary *b, struct lonlat p)
{
    bool inside = false;
    for (uint32_t ring = 0; ring < b->rings_n; ring++) {
        for (uint32_t i = boundary_ring_start(b, ring) + 1; i < b->ring_end[ring]; i++) {
            struct lonlat u = b->points[i - 1], v = b->points[i];
            if ((u.lat > p.lat) == (v.lat > p.lat))
                continue;
            if (u.lat > v.lat) { /* the same arithmetic for both directions of an edge */
                struct lonlat w = u;
                u = v;
                v = w;
            }
            if (p.lon < u.lon + (v.lon - u.lon) * ((p.lat - u.lat) / (v.lat - u.lat)))
                inside = !inside;
        }
    }
    return inside;
}

#define SPECK_HALF_DEG 2e-9

void boundary_speck(struct lonlat p, struct lonlat points[BOUNDARY_SPECK_POINTS])
{
    const double h = SPECK_HALF_DEG;
    /* wholly on the earth, also at a pole and at the antimeridian */
    p.lon = fmin(fmax(p.lon, h - 180), 180 - h);
    p.lat = fmin(fmax(p.lat, h - 90), 90 - h);
    points[0] = points[4] = (struct lonlat){p.lon - h, p.lat - h};
    points[1] = (struct lonlat){p.lon + h, p.lat - h};
    points[2] = (struct lonlat){p.lon + h, p.lat + h};
    points[3] = (struct lonlat){p.lon - h, p.lat + h};
}

bool boundary_is_speck(const struct boundary *b)
{
    if (b->points_n != BOUNDARY_SPECK_POINTS || b->rings_n != 1)
        return false;
    struct box box = boundary_box(b);
    return box.east - box.west < 4 * SPECK_HALF_DEG && box.north - box.south < 4 * SPECK_HALF_DEG;
}
