/* Repairs an invalid boundary by both of GEOS' methods and says whether they agree.
 *
 * One method alone is not to be trusted: a figure-eight walked twice in one sense is 24 or 28 of
 * the same units, a hole drawn on its shell is 100 or 0 (GEO.md 6.3). Where both give the same
 * ground the answer does not depend on the method. */
#include "geo/overlay/convert.h"

#include <math.h>

#include "geo/area.h"

static GEOSGeometry *make_valid(struct geo_context *g, const GEOSGeometry *geometry,
                                enum GEOSMakeValidMethods method)
{
    GEOSMakeValidParams *params = GEOSMakeValidParams_create_r(g->geos);
    if (!params)
        return NULL;
    GEOSGeometry *out = NULL;
    if (GEOSMakeValidParams_setMethod_r(g->geos, params, method) &&
        GEOSMakeValidParams_setKeepCollapsed_r(g->geos, params, method == GEOS_MAKE_VALID_LINEWORK))
        out = geos_polygonal(g, GEOSMakeValidWithParams_r(g->geos, geometry, params));
    GEOSMakeValidParams_destroy_r(g->geos, params);
    /* The structure method has been seen to leave invalid output on hard input; such an answer is
     * none. */
    if (out && GEOSisValid_r(g->geos, out) != 1) {
        GEOSGeom_destroy_r(g->geos, out);
        out = NULL;
    }
    return out;
}

/* One method's candidate; a method that fails leaves an empty one. */
static enum status candidate(struct geo_context *g, const GEOSGeometry *geometry,
                             enum GEOSMakeValidMethods method, struct arena *a,
                             struct boundary *out, double *area_m2, struct error *e)
{
    *out = (struct boundary){0};
    *area_m2 = 0;
    GEOSGeometry *valid = make_valid(g, geometry, method);
    if (!valid)
        return STATUS_OK;
    GEOSNormalize_r(g->geos, valid);
    enum status s = geos_to_boundary(g, valid, a, out, e);
    GEOSGeom_destroy_r(g->geos, valid);
    if (s == STATUS_OK)
        *area_m2 = area_boundary_m2(out);
    return s;
}

enum status repair_boundary(struct geo_context *g, const struct boundary *b, double tolerance,
                            struct arena *a, struct repair *out, struct error *e)
{
    *out = (struct repair){.verdict = REPAIR_NOTHING, .drawn_m2 = area_boundary_m2(b)};
    GEOSGeometry *geometry = geos_from_boundary(g, b);
    if (!geometry)
        return geos_failed(g, "repair_failed", "repairing a boundary", e);
    enum status s = candidate(g, geometry, GEOS_MAKE_VALID_STRUCTURE, a, &out->structure,
                              &out->structure_m2, e);
    if (s == STATUS_OK)
        s = candidate(g, geometry, GEOS_MAKE_VALID_LINEWORK, a, &out->linework, &out->linework_m2,
                      e);
    GEOSGeom_destroy_r(g->geos, geometry);
    if (s != STATUS_OK)
        return s;
    double larger = fmax(out->structure_m2, out->linework_m2);
    if (larger <= 0)
        out->verdict = REPAIR_NOTHING;
    else if (out->structure_m2 > 0 && out->linework_m2 > 0 &&
             fabs(out->structure_m2 - out->linework_m2) <= tolerance * larger)
        out->verdict = REPAIR_AGREED;
    else
        out->verdict = REPAIR_DISAGREED;
    g->message[0] = 0;
    return STATUS_OK;
}
