/* The geometry of a plot, a region or a corridor: a multipolygon in WGS84 longitude/latitude.
 *
 * Plain arrays, so that it can be copied, framed over a pipe and hashed without a library. Ring i covers
 * points[ring_start(i) .. ring_end[i]); every ring is closed (first point repeated last). Part j covers rings
 * [part_start(j) .. part_end[j]); its first ring is the exterior, the rest are holes. Orientation is free on input;
 * boundary_orient() makes exteriors counter-clockwise and holes clockwise (RFC 7946, section 3.1.6). */
#ifndef GEO_BOUNDARY_H
#define GEO_BOUNDARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/base/arena.h"
#include "geo/base/error.h"

struct lonlat {
    double lon, lat; /* degrees */
};

struct box {
    double west, south, east, north; /* degrees; west <= east (boundaries that cross the antimeridian are split) */
};

struct boundary {
    struct lonlat *points;
    uint32_t *ring_end; /* exclusive end of each ring in points */
    uint32_t *part_end; /* exclusive end of each part in rings */
    uint32_t points_n, rings_n, parts_n;
};

static inline uint32_t boundary_ring_start(const struct boundary *b, uint32_t ring)
{
    return ring ? b->ring_end[ring - 1] : 0;
}

static inline uint32_t boundary_part_start(const struct boundary *b, uint32_t part)
{
    return part ? b->part_end[part - 1] : 0;
}

/* Room for so many points, rings and parts from the arena (all counts set, contents zero); false = no memory. */
bool boundary_alloc(struct boundary *b, struct arena *a, uint32_t points_n, uint32_t rings_n, uint32_t parts_n);
bool boundary_copy(struct boundary *out, const struct boundary *in, struct arena *a);
/* West > east (inverted, empty) when there are no points. */
struct box boundary_box(const struct boundary *b);
struct box points_box(const struct lonlat *points, uint32_t n); /* without points: west > east */
bool box_overlaps(const struct box *a, const struct box *b); /* touching counts */
/* Counts consistent, rings closed with at least 4 points, all coordinates finite and within +-180 / +-90. */
bool boundary_well_formed(const struct boundary *b, struct error *e);
/* Exteriors counter-clockwise, holes clockwise, in place. */
void boundary_orient(struct boundary *b);
/* Planar signed area of a closed ring in square degrees (positive = counter-clockwise), relative to its first point. */
double ring_signed_deg2(const struct lonlat *points, uint32_t n);
/* Even-odd point in multipolygon test. Points on an edge may fall either way. */
bool boundary_contains(const struct boundary *b, struct lonlat p);
/* A point well inside the largest part (mid of the widest chord near its middle latitude), for labels and for deciding
 * which tile a plot belongs to. Deterministic, independent of ring start and direction. */
struct lonlat boundary_anchor(const struct boundary *b);

/* A place without a boundary (a plot whose hectares are declared, not measured) as a boundary: a
 * square of 4e-9 degrees (0.4 mm) round it, whose area is 0 in whole square millimetres, so that all
 * that is done with boundaries can be done with it and no figure grows. */
enum { BOUNDARY_SPECK_POINTS = 5 };
void boundary_speck(struct lonlat place, struct lonlat points[BOUNDARY_SPECK_POINTS]);
bool boundary_is_speck(const struct boundary *b);

/* Hilbert index (32 bits) of a position on the world's lon/lat square, order 16: for locality, not for identity. */
uint32_t hilbert_index(struct lonlat p);

#endif
