/* A sequence of GeoJSON objects, one per line (newline-delimited) or each after a record separator
 * (RFC 8142): looked through by the GeoJSON guard record by record before GDAL sees it.
 * Thread-safe. */
#ifndef IMPORTERS_GEOJSON_SEQ_H
#define IMPORTERS_GEOJSON_SEQ_H

#include "importers/geojson_guard.h"

/* read as in geojson_guard. out: type of the first record, features_n = records, epsg. Errors:
 * those of geojson_guard, with the number of the record; "geojson_crs_mixed" when records differ;
 * "geojson_type" for a record that is no feature or geometry. */
enum status geojson_seq_guard(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                              struct geojson_facts *out, struct error *e) MUST_USE;

#endif
