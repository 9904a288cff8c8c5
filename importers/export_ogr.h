/* Plots out to files that other programs open: GeoPackage, shapefile (also zipped), GeoJSON (RFC 7946) and CSV with WKT.
 *
 * The format follows the extension: .gpkg .shp .shp.zip (or .zip) .geojson .json .csv. Everything is written into a folder beside the
 * target and renamed into place at the end, so a reader sees the old file or the new one. One struct export belongs to one
 * thread. Runs in the caller's process: it reads nothing from outside. */
#ifndef IMPORTERS_EXPORT_OGR_H
#define IMPORTERS_EXPORT_OGR_H

#include "geo/boundary.h"

enum export_type { EXPORT_TEXT, EXPORT_INTEGER, EXPORT_REAL, EXPORT_DATE /* "2024-03-01" */ };

struct export_field {
    const char *name; /* at most 10 ASCII characters survive in a shapefile */
    enum export_type type;
};

struct export_value {
    bool null;
    const char *text; /* EXPORT_TEXT and EXPORT_DATE, UTF-8 */
    int64_t integer;
    double real; /* NaN = null */
};

struct export;
/* `layer` names the layer (GeoPackage) or the files in the archive. STATUS_USAGE "export_format" for another extension; STATUS_IO. */
enum status export_open(const char *path, const char *layer, const struct export_field *fields, size_t fields_n,
                        struct export **out, struct error *e) MUST_USE;
/* values in the order of the fields; `b` in WGS84, empty or NULL = no geometry. */
enum status export_row(struct export *x, const struct export_value *values, const struct boundary *b, struct error *e) MUST_USE;
/* Finishes the file, puts it in place, and frees; on an error nothing is left behind. */
enum status export_close(struct export *x, struct error *e) MUST_USE;
/* Gives up: removes what was written. NULL is allowed. */
void export_abort(struct export *x);

#endif
