/* Is a boundary valid by the OGC rules, and if not, why and where. */
#include "geo/overlay/convert.h"

#include <math.h>
#include <stdio.h>

static struct lonlat point_of(struct geo_context *g, const GEOSGeometry *point)
{
    struct lonlat p = {NAN, NAN};
    if (!point || GEOSisEmpty_r(g->geos, point) != 0 || !GEOSGeomGetX_r(g->geos, point, &p.lon) ||
        !GEOSGeomGetY_r(g->geos, point, &p.lat))
        return (struct lonlat){NAN, NAN};
    return p;
}

enum status validity_test(struct geo_context *g, const struct boundary *b, struct validity *out,
                          struct error *e)
{
    *out = (struct validity){.spot = {NAN, NAN}};
    GEOSGeometry *geometry = geos_from_boundary(g, b);
    if (!geometry)
        return geos_failed(g, "validity_failed", "testing a boundary's validity", e);
    char *reason = NULL;
    GEOSGeometry *spot = NULL;
    char answer = GEOSisValidDetail_r(g->geos, geometry, 0, &reason, &spot);
    enum status s = STATUS_OK;
    if (answer == 2) {
        s = geos_failed(g, "validity_failed", "testing a boundary's validity", e);
    } else {
        out->valid = answer == 1;
        if (!out->valid) {
            snprintf(out->reason, sizeof out->reason, "%s", reason ? reason : "Invalid");
            out->spot = point_of(g, spot);
        }
    }
    if (reason)
        GEOSFree_r(g->geos, reason);
    GEOSGeom_destroy_r(g->geos, spot);
    GEOSGeom_destroy_r(g->geos, geometry);
    return s;
}
