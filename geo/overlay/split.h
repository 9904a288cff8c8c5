/* Private to geo/overlay: parting one polygon by another. */
#ifndef GEO_OVERLAY_SPLIT_H
#define GEO_OVERLAY_SPLIT_H

#include "geo/overlay/context.h"

enum split { SPLIT_NONE, SPLIT_ALL, SPLIT_BOTH };

/* Parts valid polygon `p` (area p_deg2) into *in, inside `by`, and *out. What is no larger than
 * `negligible` (deg2) does not count: SPLIT_NONE when all of p is out, SPLIT_ALL when all is in;
 * then nothing is made. SPLIT_BOTH: *in and *out are polygonal and the caller's. One of in and out
 * may be NULL, not wanted, and costs nothing; with both the areas are checked to add up. Where
 * plain overlay fails it is done again on ever coarser grids (1e-12 to 1e-10 degrees: 0.1 to 10
 * micrometres). */
enum status geos_split(struct geo_context *g, const GEOSGeometry *p, double p_deg2,
                       const GEOSGeometry *by, double negligible, enum split *how,
                       GEOSGeometry **in, GEOSGeometry **out, struct error *e) MUST_USE;

#endif
