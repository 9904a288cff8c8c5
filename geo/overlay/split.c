/* Parting one polygon by another, with the fallbacks for what double precision cannot overlay. */
#include "geo/overlay/split.h"
#include "geo/overlay/convert.h"

#include <math.h>

static GEOSGeometry *intersect(struct geo_context *g, const GEOSGeometry *a, const GEOSGeometry *b,
                               double grid)
{
    return geos_polygonal(g, grid > 0 ? GEOSIntersectionPrec_r(g->geos, a, b, grid)
                                      : GEOSIntersection_r(g->geos, a, b));
}

static GEOSGeometry *subtract(struct geo_context *g, const GEOSGeometry *a, const GEOSGeometry *b,
                              double grid)
{
    return geos_polygonal(g, grid > 0 ? GEOSDifferencePrec_r(g->geos, a, b, grid)
                                      : GEOSDifference_r(g->geos, a, b));
}

/* One try; false when GEOS gave up or the parts do not add up. */
static bool try_split(struct geo_context *g, const GEOSGeometry *p, double p_deg2,
                      const GEOSGeometry *by, double negligible, double grid, enum split *how,
                      GEOSGeometry **in, GEOSGeometry **out)
{
    double length = 0;
    if (grid > 0 && !GEOSLength_r(g->geos, p, &length))
        return false;
    GEOSGeometry *inside = intersect(g, p, by, grid);
    if (!inside)
        return false;
    double in_deg2 = geos_area_deg2(g, inside);
    if (in_deg2 <= negligible || in_deg2 >= p_deg2 - negligible) {
        *how = in_deg2 <= negligible ? SPLIT_NONE : SPLIT_ALL;
        GEOSGeom_destroy_r(g->geos, inside);
        return true;
    }
    *how = SPLIT_BOTH;
    *in = inside;
    if (!out)
        return true;
    GEOSGeometry *outside = subtract(g, p, by, grid);
    double miss = outside ? fabs(in_deg2 + geos_area_deg2(g, outside) - p_deg2) : INFINITY;
    if (miss > fmax(negligible, 1e-9 * p_deg2) + 4 * grid * length) {
        GEOSGeom_destroy_r(g->geos, inside);
        GEOSGeom_destroy_r(g->geos, outside);
        *in = NULL;
        return false;
    }
    *out = outside;
    return true;
}

enum status geos_split(struct geo_context *g, const GEOSGeometry *p, double p_deg2,
                       const GEOSGeometry *by, double negligible, enum split *how,
                       GEOSGeometry **in, GEOSGeometry **out, struct error *e)
{
    static const double grids[] = {0, 1e-12, 1e-11, 1e-10};
    *in = NULL;
    if (out)
        *out = NULL;
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++)
        if (try_split(g, p, p_deg2, by, negligible, grids[i], how, in, out))
            return STATUS_OK;
    return geos_failed(g, "overlay_failed", "cutting a boundary by another", e);
}
