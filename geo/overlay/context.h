/* Private to geo/overlay: what a geo_context holds. */
#ifndef GEO_OVERLAY_CONTEXT_H
#define GEO_OVERLAY_CONTEXT_H

#include "geo/overlay/overlay.h"

#include <geos_c.h>

struct geo_context {
    GEOSContextHandle_t geos;
};

#endif
