/* The drawing form: projection to the 2^30 world and decoding at a zoom. Encoding is
 * drawing_encode.c, clipping drawing_clip.c.
 *
 * Bytes: version (1), then as varints: parts, rings, points (all rings, closing points not
 * counted); per part its number of rings; per ring its number of points and the points. A point is
 * its rank byte and two zigzag varints, the step from the point before it in the stream (the first
 * from 0,0). Nothing may follow. */
#include "geo/drawing.h"

#include <math.h>

#include "geo/drawing_work.h"

#define WORLD ((double)(1 << DRAWING_WORLD_BITS))

static int32_t world_clamp(double v)
{
    if (!(v > 0)) /* also NaN */
        return 0;
    return v >= WORLD ? 1 << DRAWING_WORLD_BITS : (int32_t)lrint(v);
}

struct drawing_point drawing_project(struct lonlat p)
{
    /* sin and log once each: ln tan(pi/4 + phi/2) = ln((1 + s) / (1 - s)) / 2. The poles become
     * infinite and are clamped. */
    double s = sin(p.lat * (M_PI / 180));
    double y = 0.5 - log((1 + s) / (1 - s)) / (4 * M_PI);
    return (struct drawing_point){world_clamp((p.lon / 360 + 0.5) * WORLD), world_clamp(y * WORLD)};
}

struct drawing_frame drawing_frame(double lat)
{
    /* Up to 70 degrees the sixth term is under 1e-8 units within the reach. */
    struct drawing_frame f = {.lat = lat, .reach_deg = fabs(lat) <= 70 ? 0.05 : -1};
    double phi = lat * (M_PI / 180), s = sin(phi), secant = 1 / cos(phi), t = s * secant,
           t2 = t * t;
    f.y = (0.5 - log((1 + s) / (1 - s)) / (4 * M_PI)) * WORLD;
    /* derivatives of the inverse Gudermannian function: sec, sec tan, sec (1 + 2 tan^2), ... */
    double w = M_PI / 180, unit = -WORLD / (2 * M_PI) * secant * w;
    f.c[0] = unit;
    f.c[1] = (unit *= w) * t / 2;
    f.c[2] = (unit *= w) * (1 + 2 * t2) / 6;
    f.c[3] = (unit *= w) * t * (5 + 6 * t2) / 24;
    f.c[4] = (unit * w) * (5 + t2 * (28 + 24 * t2)) / 120;
    return f;
}

double drawing_longitude(int32_t x)
{
    return (x / WORLD - 0.5) * 360;
}

double drawing_latitude(int32_t y)
{
    return atan(sinh(M_PI * (1 - 2 * (y / WORLD)))) * (180 / M_PI);
}

struct lonlat drawing_unproject(struct drawing_point p)
{
    return (struct lonlat){drawing_longitude(p.x), drawing_latitude(p.y)};
}

void drawing_cell(struct lonlat p, int zoom, uint32_t *x, uint32_t *y)
{
    /* Not by way of the grid: what would round there to the line between two cells must not change
     * sides. */
    double lat = fmax(-85.05112877980659, fmin(85.05112877980659, p.lat)),
           s = sin(lat * M_PI / 180);
    double u = fmax(0, fmin(1, p.lon / 360 + 0.5)),
           v = fmax(0, fmin(1, 0.5 - log((1 + s) / (1 - s)) / (4 * M_PI)));
    double n = (double)(1u << zoom); /* 180 E and the southern rim belong to the last cell */
    *x = (uint32_t)fmin(floor(u * n), n - 1);
    *y = (uint32_t)fmin(floor(v * n), n - 1);
}

struct reader {
    const unsigned char *p, *end;
};

/* Strict: at most 5 bytes, at most 32 bits, no needless last byte; false otherwise. */
static inline bool read_varint(struct reader *r, uint32_t *out)
{
    uint32_t v = 0;
    for (int shift = 0; shift <= 28; shift += 7) {
        if (r->p == r->end)
            return false;
        unsigned char byte = *r->p++;
        if (shift == 28 && byte > 0x0F)
            return false;
        v |= (uint32_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *out = v;
            return byte != 0 || shift == 0;
        }
    }
    return false;
}

static inline bool read_step(struct reader *r, int32_t *value)
{
    uint32_t v;
    if (!read_varint(r, &v))
        return false;
    int64_t next = *value + (int64_t)((int32_t)(v >> 1) ^ -(int32_t)(v & 1));
    if (next < 0 || next > 1 << DRAWING_WORLD_BITS)
        return false;
    *value = (int32_t)next;
    return true;
}

/* One ring of n points; appends those of rank <= zoom and the closing point. */
static bool read_ring(struct reader *r, uint32_t n, int zoom, struct drawing_point *at,
                      struct drawing *out)
{
    uint32_t start = out->points_n;
    for (uint32_t i = 0; i < n; i++) {
        if (r->p == r->end)
            return false;
        int rank = *r->p++;
        if (rank > DRAWING_ZOOM_MAX || !read_step(r, &at->x) || !read_step(r, &at->y))
            return false;
        if (rank <= zoom)
            out->points[out->points_n++] = *at;
    }
    if (out->points_n - start < 3)
        return false;
    out->points[out->points_n] = out->points[start];
    out->ring_end[out->rings_n++] = ++out->points_n;
    return true;
}

static enum status corrupt(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "drawing_corrupt", "Import the layer or the plots again.",
                     "A stored drawing is not in the form this program writes.");
}

enum status drawing_decode(const unsigned char *bytes, size_t bytes_n, int zoom, struct arena *a,
                           struct drawing *out, struct error *e)
{
    struct reader r = {bytes, bytes + bytes_n};
    uint32_t parts, rings, points;
    *out = (struct drawing){0};
    if (bytes_n == 0 || *r.p++ != DRAWING_FORMAT || !read_varint(&r, &parts) ||
        !read_varint(&r, &rings) || !read_varint(&r, &points))
        return corrupt(e);
    /* A point takes three bytes at least, a ring three points: what is allotted is bounded by what
     * was given. */
    if (points > bytes_n / 3 || rings > points / 3 || parts > rings || (rings && !parts))
        return corrupt(e);
    out->points = arena_array(a, (size_t)points + rings, sizeof *out->points);
    out->ring_end = arena_array(a, rings, sizeof *out->ring_end);
    out->part_end = arena_array(a, parts, sizeof *out->part_end);
    if (!out->points || !out->ring_end || !out->part_end)
        return error_memory(e);

    struct drawing_point at = {0, 0};
    uint32_t points_left = points;
    for (uint32_t part = 0; part < parts; part++) {
        uint32_t part_rings, n;
        if (!read_varint(&r, &part_rings) || part_rings == 0 || part_rings > rings - out->rings_n)
            return corrupt(e);
        for (uint32_t i = 0; i < part_rings; i++) {
            if (!read_varint(&r, &n) || n > points_left || !read_ring(&r, n, zoom, &at, out))
                return corrupt(e);
            points_left -= n;
        }
        out->part_end[out->parts_n++] = out->rings_n;
    }
    return r.p == r.end && points_left == 0 && out->rings_n == rings ? STATUS_OK : corrupt(e);
}
