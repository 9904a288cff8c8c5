/* Writing plots to the files other tools open: GeoPackage, shapefile (also zipped), CSV with WKT. GDAL only; what a column means is
 * the caller's business. The file appears complete or not at all: everything is written beside it and renamed at the end. */
#ifndef IMPORTERS_EXPORT_OGR_H
#define IMPORTERS_EXPORT_OGR_H

#include "geo/base/buf.h"
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
/* Several layers in one file (.gpkg only): begin, then export_layer before the rows of each. */
enum export_geometry { EXPORT_POLYGONS, EXPORT_POINTS };
enum status export_begin(const char *path, struct export_file **out, struct error *e) MUST_USE;
enum status export_layer(struct export_file *x, const char *name, enum export_geometry geometry, const struct export_field *fields, size_t fields_n,
                         struct error *e) MUST_USE;
enum status export_point(struct export_file *x, struct lonlat p, const struct export_value *values, struct error *e) MUST_USE;
/* A geometry as it was kept (WKB in the CRS EPSG:epsg), moved to WGS84; without a geometry when that cannot be done. */
enum status export_wkb(struct export_file *x, const unsigned char *wkb, size_t wkb_n, int epsg, const struct export_value *values, struct error *e) MUST_USE;
/* The same as GeoJSON, 7 decimals; "null" when it cannot be done. */
void export_wkb_geojson(const unsigned char *wkb, size_t wkb_n, int epsg, struct buf *out);
void export_boundary_geojson(const struct boundary *b, struct buf *out);
/* By extension: .gpkg, .shp, .shp.zip, .csv. STATUS_USAGE export_format otherwise; STATUS_CONFLICT when the file exists. */
enum status export_open(const char *path, const struct export_field *fields, size_t fields_n, struct export_file **out, struct error *e) MUST_USE;
/* values[i] belongs to fields[i]. */
enum status export_row(struct export_file *x, const struct boundary *b, const struct export_value *values, struct error *e) MUST_USE;
/* Completes the file (`keep`) or leaves nothing behind; frees in both cases. */
enum status export_close(struct export_file *x, bool keep, struct error *e) MUST_USE;

#endif
