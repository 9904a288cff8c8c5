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
    GEOSGeometry *first = in ? intersect(g, p, by, grid) : subtract(g, p, by, grid);
    if (!first)
        return false;
    double first_deg2 = geos_area_deg2(g, first);
    if (first_deg2 <= negligible || first_deg2 >= p_deg2 - negligible) {
        *how = (first_deg2 <= negligible) == (in != NULL) ? SPLIT_NONE : SPLIT_ALL;
        GEOSGeom_destroy_r(g->geos, first);
        return true;
    }
    GEOSGeometry *second = in && out ? subtract(g, p, by, grid) : NULL;
    double miss = second ? fabs(first_deg2 + geos_area_deg2(g, second) - p_deg2) : INFINITY;
    if (in && out && miss > fmax(negligible, 1e-9 * p_deg2) + 4 * grid * length) {
        GEOSGeom_destroy_r(g->geos, first);
        GEOSGeom_destroy_r(g->geos, second);
        return false;
    }
    *how = SPLIT_BOTH;
    *(in ? in : out) = first;
    if (in && out)
        *out = second;
    return true;
}

enum status geos_split(struct geo_context *g, const GEOSGeometry *p, double p_deg2,
                       const GEOSGeometry *by, double negligible, enum split *how,
                       GEOSGeometry **in, GEOSGeometry **out, struct error *e)
{
    static const double grids[] = {0, 1e-12, 1e-11, 1e-10};
    if (in)
        *in = NULL;
    if (out)
        *out = NULL;
    for (size_t i = 0; i < sizeof grids / sizeof *grids; i++)
        if (try_split(g, p, p_deg2, by, negligible, grids[i], how, in, out))
            return STATUS_OK;
    return geos_failed(g, "overlay_failed", "cutting a boundary by another", e);
}
