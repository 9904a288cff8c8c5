/* Looks through a GeoJSON text before GDAL sees it, because GDAL's driver fetches whatever URL a
 * "crs" member of type link names, at any level (PLATFORM 1.5), accepts NaN, and reads a damaged
 * file in silence.
 *
 * A strict, streaming JSON reader (RFC 8259) with a bounded nesting depth; it keeps nothing of the
 * text. Thread-safe. */
#ifndef IMPORTERS_GEOJSON_GUARD_H
#define IMPORTERS_GEOJSON_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "geo/base/error.h"

enum { GEOJSON_DEPTH_MAX = 64 };

struct geojson_facts {
    char type[32];      /* of the outermost object: "FeatureCollection" */
    int64_t features_n; /* elements of its "features" */
    int epsg;           /* of its "crs", by name; 0 = none given (RFC 7946: WGS84) */
};

/* read(arg, buffer, n) gives up to n bytes, 0 at the end. Errors (STATUS_INVALID): "geojson_syntax"
 * with the line, "geojson_crs_link" for a crs that is not a known name, "geojson_crs_mixed" when an
 * inner crs differs from the outer, "geojson_type" when the outermost value is no GeoJSON object.
 */
enum status geojson_guard(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                          struct geojson_facts *out, struct error *e) MUST_USE;

/* The EPSG code that a crs name stands for ("urn:ogc:def:crs:EPSG::32615", "EPSG:6372",
 * "urn:ogc:def:crs:OGC:1.3:CRS84"); 0 = not a name of that kind. */
int geojson_crs_name(const char *name);

#endif
