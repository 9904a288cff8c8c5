/* The compact drawing form of a boundary: what tiles are cut from.
 *
 * Integer web-mercator coordinates (the world is 2^30 units wide: 3.7 cm at the equator),
 * delta-coded, with a rank per vertex computed once: a vertex of rank r is drawn at zooms >= r.
 * Dropping by rank never makes a ring cross itself (checked when encoding; ranks are lowered until
 * it holds) and never removes a ring's three most important vertices; whether a whole ring is too
 * small to draw is the reader's choice. Vertices at which rings of a layer meet, and arcs shared by
 * two features, get the same ranks in both when the layer is encoded as a whole
 * (drawing_encode_layer). Thread-safe. */
#ifndef GEO_DRAWING_H
#define GEO_DRAWING_H

#include "geo/boundary.h"

/* A vertex is drawn at zoom z when its Douglas-Peucker distance is over DRAWING_TOLERANCE_PX pixels
 * (256 to a tile) of that zoom. */
#define DRAWING_TOLERANCE_PX 0.35

enum { DRAWING_WORLD_BITS = 30, DRAWING_ZOOM_MAX = 18 };

struct drawing_point {
    int32_t x, y; /* 0 .. 2^30, y down from 85.0511 N */
};

/* Decoded: same structure as a boundary. Rings closed; exteriors first. */
struct drawing {
    struct drawing_point *points;
    uint32_t *ring_end, *part_end;
    uint32_t points_n, rings_n, parts_n;
};

struct drawing_point drawing_project(struct lonlat p); /* latitude clamped to +-85.05112878 */
struct lonlat drawing_unproject(struct drawing_point p);
double drawing_longitude(int32_t x); /* the same, one axis at a time */
double drawing_latitude(int32_t y);
/* The web-mercator tile of zoom 0..30 that holds a position: the one rule for "in which tile is
 * this plot's anchor". */
void drawing_cell(struct lonlat p, int zoom, uint32_t *x, uint32_t *y);

/* Encodes one boundary: exteriors counter-clockwise in longitude/latitude, holes clockwise, each
 * ring from its westernmost vertex, so the bytes do not depend on where a ring starts or which way
 * it runs. Vertices that meet on the grid are joined; holes that vanish on it are left out,
 * exteriors never. Bytes from `a`, scratch too. STATUS_MEMORY, or STATUS_LIMIT above 2^31 points.
 */
enum status drawing_encode(const struct boundary *b, struct arena *a, unsigned char **bytes,
                           size_t *bytes_n, struct error *e) MUST_USE;
/* All features of a layer together, so that shared borders stay shared at every zoom. out arrays
 * have n entries. */
enum status drawing_encode_layer(const struct boundary *features, size_t n, struct arena *a,
                                 unsigned char **bytes, size_t *bytes_n, struct error *e) MUST_USE;
/* The vertices with rank <= zoom (zoom >= DRAWING_ZOOM_MAX gives all). STATUS_CORRUPT on malformed
 * bytes. */
enum status drawing_decode(const unsigned char *bytes, size_t bytes_n, int zoom, struct arena *a,
                           struct drawing *out, struct error *e) MUST_USE;
/* Clips to the rectangle [x0,x1] x [y0,y1] (at least two units wide and high). Pieces cut apart
 * become parts of their own (no bridges along the border); rings keep their direction; a cut edge
 * gives the same points whichever way it runs. `out` may be `in` and may share its memory. The
 * drawing should be simple with exteriors counter-clockwise, as drawing_encode makes it; anything
 * else gives some answer, but no crash. */
enum status drawing_clip(const struct drawing *in, int64_t x0, int64_t y0, int64_t x1, int64_t y1,
                         struct arena *a, struct drawing *out, struct error *e) MUST_USE;

#endif
