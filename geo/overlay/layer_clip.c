/* Cuts a polygon by a rectangle, fast and checked: GEOSClipByRect promises no valid result, so its
 * area is compared with the exact one, which follows from the border alone, and doubtful pieces are
 * cut again by the general intersection. */
#include "geo/overlay/convert.h"
#include "geo/overlay/layer_index.h"
#include "geo/overlay/segment.h"

#include <math.h>

/* Twice the area between the edge a->b, clamped to the rectangle, and the rectangle's west side;
 * signed by the sense of y. */
static double edge_strip2(struct lonlat a, struct lonlat b, const struct box *r)
{
    if ((a.lat <= r->south && b.lat <= r->south) || (a.lat >= r->north && b.lat >= r->north) ||
        (a.lon <= r->west && b.lon <= r->west) || a.lat == b.lat)
        return 0;
    double sign = 1;
    if (a.lat > b.lat) {
        struct lonlat t = a;
        a = b;
        b = t;
        sign = -1;
    }
    double slope = (b.lon - a.lon) / (b.lat - a.lat);
    double y0 = most(a.lat, r->south), y1 = least(b.lat, r->north);
    double x0 = y0 > a.lat ? a.lon + (y0 - a.lat) * slope : a.lon;
    double x1 = y1 < b.lat ? a.lon + (y1 - a.lat) * slope : b.lon;
    double width = r->east - r->west;
    x0 -= r->west;
    x1 -= r->west;
    if (x0 >= width && x1 >= width)
        return sign * 2 * width * (y1 - y0);
    if (x0 >= 0 && x1 >= 0 && x0 <= width && x1 <= width)
        return sign * (x0 + x1) * (y1 - y0);
    /* Clamped: walk from the left end to the right end; share t of the height is spent at x. */
    double low = least(x0, x1), high = most(x0, x1), span = high - low, height = y1 - y0;
    double from = most(low, 0), to = least(high, width);
    double inside = to > from ? (to - from) / span * height : 0;
    double beyond = high > width ? (high - most(width, low)) / span * height : 0;
    return sign * (inside * (from + to) + beyond * 2 * width);
}

static double area_in_rect(const struct boundary *b, const struct box *rect)
{
    double total = 0;
    for (uint32_t part = 0; part < b->parts_n; part++)
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            double sum2 = 0;
            for (uint32_t i = boundary_ring_start(b, ring) + 1; i < b->ring_end[ring]; i++)
                sum2 += edge_strip2(b->points[i - 1], b->points[i], rect);
            total += fabs(sum2) / 2 * (ring == boundary_part_start(b, part) ? 1 : -1);
        }
    return total;
}

/* Takes ownership of `geometry` (NULL allowed); true when it is a sound answer, then *out and
 * *out_b hold it. */
static bool accept(struct geo_context *g, GEOSGeometry *geometry, double expected, double tolerance,
                   bool validate, struct arena *a, GEOSGeometry **out, struct boundary *out_b)
{
    struct error ignored;
    geometry = geos_polygonal(g, geometry);
    if (!geometry)
        return false;
    if (geos_to_boundary(g, geometry, a, out_b, &ignored) == STATUS_OK &&
        fabs(boundary_deg2(out_b) - expected) <= tolerance &&
        (!validate || GEOSisValid_r(g->geos, geometry) == 1)) {
        *out = geometry;
        return true;
    }
    GEOSGeom_destroy_r(g->geos, geometry);
    return false;
}

enum status layer_clip(struct geo_context *g, const GEOSGeometry *geometry,
                       const struct boundary *b, const struct box *rect, bool validate,
                       struct arena *a, GEOSGeometry **out, struct boundary *out_b, struct error *e)
{
    *out = NULL;
    *out_b = (struct boundary){0};
    double whole = (rect->east - rect->west) * (rect->north - rect->south);
    /* A rounded cut vertex moves by up to 3e-14 degrees, along a rim as long as the rectangle's. */
    double rim = 2 * (rect->east - rect->west + rect->north - rect->south);
    double expected = area_in_rect(b, rect), tolerance = 1e-12 * whole + 5e-14 * rim;
    if (expected <= tolerance)
        return STATUS_OK;
    if (accept(
            g,
            GEOSClipByRect_r(g->geos, geometry, rect->west, rect->south, rect->east, rect->north),
            expected, tolerance, validate, a, out, out_b))
        return STATUS_OK;
    GEOSGeometry *box = geos_from_box(g, rect);
    static const double grids[] = {0, 1e-12, 1e-11, 1e-10};
    bool done = false;
    for (size_t i = 0; box && !done && i < sizeof grids / sizeof *grids; i++) {
        GEOSGeometry *cut = i == 0 ? GEOSIntersection_r(g->geos, geometry, box)
                                   : GEOSIntersectionPrec_r(g->geos, geometry, box, grids[i]);
        done = accept(g, cut, expected, fmax(tolerance, grids[i] * 8 * rim), true, a, out, out_b);
    }
    GEOSGeom_destroy_r(g->geos, box);
    return done ? STATUS_OK : geos_failed(g, "layer_cut_failed", "cutting a layer into pieces", e);
}
