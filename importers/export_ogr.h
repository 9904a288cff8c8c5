/* Writing plots to the files other tools open: GeoPackage, shapefile (also zipped), CSV with WKT. GDAL only; what a column means is
 * the caller's business. The file appears complete or not at all: everything is written beside it and renamed at the end. */
#ifndef IMPORTERS_EXPORT_OGR_H
#define IMPORTERS_EXPORT_OGR_H

#include "geo/boundary.h"

enum export_kind { EXPORT_TEXT, EXPORT_INTEGER, EXPORT_REAL };

struct export_field {
    const char *name;       /* as in GeoPackage and CSV */
    const char *short_name; /* at most 10 bytes, for DBF */
    enum export_kind kind;
};
struct export_value {
    const char *text; /* NULL = null, for EXPORT_TEXT */
    int64_t integer;
    double real; /* NaN = null */
};

struct export_file;
/* By extension: .gpkg, .shp, .shp.zip, .csv. STATUS_USAGE export_format otherwise; STATUS_CONFLICT when the file exists. */
enum status export_open(const char *path, const struct export_field *fields, size_t fields_n, struct export_file **out, struct error *e) MUST_USE;
/* values[i] belongs to fields[i]. */
enum status export_row(struct export_file *x, const struct boundary *b, const struct export_value *values, struct error *e) MUST_USE;
/* Completes the file (`keep`) or leaves nothing behind; frees in both cases. */
enum status export_close(struct export_file *x, bool keep, struct error *e) MUST_USE;

#endif
