/* Private to geo/overlay: the normal form of a boundary. */
#ifndef GEO_OVERLAY_CANONICAL_H
#define GEO_OVERLAY_CANONICAL_H

#include "geo/boundary.h"

/* A copy in the arena of which every array is the same for the same ground, wherever its rings
 * began, however they turned and in whatever order they came: rings from their westernmost (of
 * these southernmost) vertex on, shells counter-clockwise, holes clockwise; parts, and holes of a
 * part, by falling number of vertices, then falling first vertex. GEOSNormalize gives the same
 * order. false = no memory. */
bool boundary_canonical(const struct boundary *in, struct arena *a, struct boundary *out);

#endif
