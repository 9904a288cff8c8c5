/* Private to geo/overlay: boundary <-> GEOS geometry. */
#ifndef GEO_OVERLAY_CONVERT_H
#define GEO_OVERLAY_CONVERT_H

#include "geo/overlay/context.h"

/* A GEOS Polygon (one part) or MultiPolygon with the boundary's coordinates, the caller's to
 * destroy; NULL on failure (the reason is in g->message). The boundary must be well formed; it need
 * not be valid. No parts give an empty MultiPolygon. */
GEOSGeometry *geos_from_boundary(struct geo_context *g, const struct boundary *b);
GEOSGeometry *geos_from_box(struct geo_context *g, const struct box *box);

/* The polygons of any geometry, however deep they are nested; lines and points are left out.
 * Exteriors counter-clockwise. points_n 0 when there is no polygon. Memory from `a`. */
enum status geos_to_boundary(struct geo_context *g, const GEOSGeometry *geometry, struct arena *a,
                             struct boundary *out, struct error *e) MUST_USE;

/* Takes ownership of `geometry` and gives back its polygons alone (the same object when it holds
 * nothing else). NULL for NULL. */
GEOSGeometry *geos_polygonal(struct geo_context *g, GEOSGeometry *geometry);

/* Planar area in square degrees; 0 on failure. */
double geos_area_deg2(struct geo_context *g, const GEOSGeometry *geometry);
/* The same of a boundary: |exteriors| minus |holes|. */
double boundary_deg2(const struct boundary *b);

#endif
