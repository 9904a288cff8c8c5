/* Plots through OGR drivers into a temporary folder, then renamed; see export_ogr.h. */
#include "importers/export_ogr.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <dirent.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_PATH = 4096, EXPORT_TRANSACTION_ROWS = 50000, EXPORT_TEXT_WIDTH = 254 };

struct export_file {
    char path[EXPORT_PATH];   /* where it shall stand */
    char folder[EXPORT_PATH]; /* temporary, beside it */
    const struct format *format;
    GDALDatasetH dataset;
    OGRLayerH layer;
    const struct export_field *fields;
    size_t fields_n;
    bool transactions, spreadsheet;
    int64_t rows;
};

/* GDAL exports these without a public header; no other driver is wanted for writing. */
extern void RegisterOGRShape(void);
extern void RegisterOGRCSV(void);
extern void RegisterOGRGeoPackage(void);

static const struct format {
    const char *extension, *driver;
    bool short_names, transactions;
    const char *const options[4];
} FORMATS[] = {
    {".gpkg", "GPKG", false, true, {"GEOMETRY_NAME=geom", NULL}},
    {".shp.zip", "ESRI Shapefile", true, false, {"ENCODING=UTF-8", NULL}},
    {".shp", "ESRI Shapefile", true, false, {"ENCODING=UTF-8", NULL}},
    {".csv", "CSV", false, false, {"GEOMETRY=AS_WKT", "STRING_QUOTING=IF_NEEDED", NULL}},
};

static const struct format *format_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        size_t n = strlen(FORMATS[i].extension);
        if (length > n && strcasecmp(path + length - n, FORMATS[i].extension) == 0)
            return &FORMATS[i];
    }
    return NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum status failed(struct export_file *x, struct error *e)
{
    return error_set(e, STATUS_IO, "export_failed",
                     "check that the disk has room and the folder can be written",
                     "%.200s could not be written", base_name(x->path));
}

static OGRSpatialReferenceH reference(int epsg)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(srs, epsg) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

static enum status make_dataset(struct export_file *x, struct error *e)
{
    char file[2 * EXPORT_PATH];
    snprintf(file, sizeof file, "%s/%s", x->folder, base_name(x->path));
    GDALDriverH driver = GDALGetDriverByName(x->format->driver);
    x->dataset = driver ? GDALCreate(driver, file, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    return x->dataset ? STATUS_OK : failed(x, e);
}

static enum status make_layer(struct export_file *x, const char *name, OGRwkbGeometryType type, struct error *e)
{
    const struct format *format = x->format;
    OGRSpatialReferenceH wgs84 = reference(4326);
    x->layer = GDALDatasetCreateLayer(x->dataset, name, wgs84, type, (char **)(uintptr_t)format->options);
    OSRDestroySpatialReference(wgs84);
    for (size_t i = 0; x->layer && i < x->fields_n; i++) {
        static const OGRFieldType types[] = {OFTString, OFTInteger64, OFTReal};
        OGRFieldDefnH field =
            OGR_Fld_Create(format->short_names ? x->fields[i].short_name : x->fields[i].name,
                           types[x->fields[i].kind]);
        if (format->short_names && x->fields[i].kind == EXPORT_TEXT)
            OGR_Fld_SetWidth(field, EXPORT_TEXT_WIDTH);
        if (OGR_L_CreateField(x->layer, field, TRUE) != OGRERR_NONE)
            x->layer = NULL;
        OGR_Fld_Destroy(field);
    }
    return x->layer ? STATUS_OK : failed(x, e);
}

static void abandon(struct export_file *x)
{
    struct error ignored;
    (void)!export_close(x, false, &ignored);
}

static enum status begin(const char *path, struct export_file **out, struct error *e)
{
    const struct format *format = format_of(path);
    if (!format)
        return error_set(e, STATUS_USAGE, "export_format",
                         "end the name in .geojson, .gpkg, .shp, .shp.zip or .csv",
                         "%.200s has no known ending", base_name(path));
    if (access(path, F_OK) == 0)
        return error_set(e, STATUS_CONFLICT, "file_exists",
                         "choose another name or remove it first", "%.200s exists already",
                         base_name(path));
    struct export_file *x = calloc(1, sizeof *x);
    if (!x)
        return error_memory(e);
    x->format = format;
    snprintf(x->path, sizeof x->path, "%s", path);
    snprintf(x->folder, sizeof x->folder, "%s", path);
    char *slash = strrchr(x->folder, '/');
    snprintf(slash ? slash + 1 : x->folder,
             sizeof x->folder - (slash ? (size_t)(slash + 1 - x->folder) : 0),
             ".parcela-export-XXXXXX");
    if (!mkdtemp(x->folder)) {
        enum status status = failed(x, e);
        free(x);
        return status;
    }
    RegisterOGRShape();
    RegisterOGRCSV();
    RegisterOGRGeoPackage();
    x->spreadsheet = strcmp(format->driver, "CSV") == 0;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    enum status status = make_dataset(x, e);
    CPLPopErrorHandler();
    if (status != STATUS_OK)
        abandon(x);
    else
        *out = x;
    return status;
}

static enum status add_layer(struct export_file *x, const char *name, OGRwkbGeometryType type, const struct export_field *fields, size_t fields_n,
                             struct error *e)
{
    x->fields = fields;
    x->fields_n = fields_n;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    enum status status = make_layer(x, name, type, e);
    CPLPopErrorHandler();
    return status;
}

static void start(struct export_file *x)
{
    x->transactions = x->format->transactions && GDALDatasetStartTransaction(x->dataset, FALSE) == OGRERR_NONE;
}

enum status export_open(const char *path, const struct export_field *fields, size_t fields_n, struct export_file **out, struct error *e)
{
    char name[256];
    struct export_file *x;
    enum status status = begin(path, &x, e);
    if (status != STATUS_OK)
        return status;
    snprintf(name, sizeof name, "%.250s", base_name(path));
    name[strlen(name) - strlen(x->format->extension)] = 0;
    status = add_layer(x, name, wkbMultiPolygon, fields, fields_n, e);
    if (status != STATUS_OK) {
        abandon(x);
        return status;
    }
    start(x);
    *out = x;
    return STATUS_OK;
}

enum status export_begin(const char *path, struct export_file **out, struct error *e)
{
    const struct format *format = format_of(path);
    if (format && strcmp(format->driver, "GPKG") != 0)
        return error_set(e, STATUS_USAGE, "export_format", "end the name in .gpkg", "%.200s cannot hold several layers", base_name(path));
    enum status status = begin(path, out, e);
    if (status == STATUS_OK)
        start(*out);
    return status;
}

enum status export_layer(struct export_file *x, const char *name, enum export_geometry geometry, const struct export_field *fields, size_t fields_n,
                         struct error *e)
{
    return add_layer(x, name, geometry == EXPORT_POINTS ? wkbPoint : wkbUnknown, fields, fields_n, e);
}

static OGRGeometryH ring_to_ogr(const struct boundary *b, uint32_t ring)
{
    uint32_t from = boundary_ring_start(b, ring), n = b->ring_end[ring] - from;
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPoints(line, (int)n, &b->points[from].lon, sizeof *b->points, &b->points[from].lat,
                    sizeof *b->points, NULL, 0);
    return line;
}

static OGRGeometryH to_ogr(const struct boundary *b)
{
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++)
            OGR_G_AddGeometryDirectly(polygon, ring_to_ogr(b, ring));
        OGR_G_AddGeometryDirectly(multi, polygon);
    }
    return multi;
}

/* A spreadsheet runs a cell that begins like a formula; an apostrophe in front makes it text
 * (RELIABILITY I11). */
static void set_text(const struct export_file *x, OGRFeatureH feature, int i, const char *text)
{
    char *safe = NULL;
    if (x->spreadsheet && *text && strchr("=+-@\t\r", *text) && asprintf(&safe, "'%s", text) > 0)
        text = safe;
    OGR_F_SetFieldString(feature, i, text);
    free(safe);
}

/* Takes the geometry, which may be NULL. */
static enum status put_feature(struct export_file *x, OGRGeometryH geometry, const struct export_value *values, struct error *e)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(x->layer));
    for (size_t i = 0; i < x->fields_n; i++) {
        if (x->fields[i].kind == EXPORT_INTEGER)
            OGR_F_SetFieldInteger64(feature, (int)i, values[i].integer);
        else if (x->fields[i].kind == EXPORT_REAL && !isnan(values[i].real))
            OGR_F_SetFieldDouble(feature, (int)i, values[i].real);
        else if (x->fields[i].kind == EXPORT_TEXT && values[i].text)
            set_text(x, feature, (int)i, values[i].text);
        else
            OGR_F_SetFieldNull(feature, (int)i);
    }
    if (geometry)
        OGR_F_SetGeometryDirectly(feature, geometry);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool ok = OGR_L_CreateFeature(x->layer, feature) == OGRERR_NONE;
    CPLPopErrorHandler();
    OGR_F_Destroy(feature);
    if (ok && x->transactions && ++x->rows % EXPORT_TRANSACTION_ROWS == 0)
        ok = GDALDatasetCommitTransaction(x->dataset) == OGRERR_NONE &&
             GDALDatasetStartTransaction(x->dataset, FALSE) == OGRERR_NONE;
    return ok ? STATUS_OK : failed(x, e);
}

enum status export_row(struct export_file *x, const struct boundary *b, const struct export_value *values, struct error *e)
{
    return put_feature(x, to_ogr(b), values, e);
}

enum status export_point(struct export_file *x, struct lonlat p, const struct export_value *values, struct error *e)
{
    OGRGeometryH point = NULL;
    if (isfinite(p.lon) && isfinite(p.lat)) {
        point = OGR_G_CreateGeometry(wkbPoint);
        OGR_G_SetPoint_2D(point, 0, p.lon, p.lat);
    }
    return put_feature(x, point, values, e);
}

/* NULL when it is no WKB or cannot be moved to WGS84. */
static OGRGeometryH kept_geometry(const unsigned char *wkb, size_t wkb_n, int epsg)
{
    OGRGeometryH geometry = NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (wkb_n > INT32_MAX || OGR_G_CreateFromWkb(wkb, NULL, &geometry, (int)wkb_n) != OGRERR_NONE)
        geometry = NULL;
    OGRSpatialReferenceH from = geometry && epsg != 4326 ? reference(epsg) : NULL, to = from ? reference(4326) : NULL;
    OGRCoordinateTransformationH move = to ? OCTNewCoordinateTransformation(from, to) : NULL;
    if (geometry && epsg != 4326 && (!move || OGR_G_Transform(geometry, move) != OGRERR_NONE)) {
        OGR_G_DestroyGeometry(geometry);
        geometry = NULL;
    }
    if (geometry)
        OGR_G_FlattenTo2D(geometry);
    OCTDestroyCoordinateTransformation(move);
    if (from)
        OSRDestroySpatialReference(from);
    if (to)
        OSRDestroySpatialReference(to);
    CPLPopErrorHandler();
    return geometry;
}

enum status export_wkb(struct export_file *x, const unsigned char *wkb, size_t wkb_n, int epsg, const struct export_value *values, struct error *e)
{
    return put_feature(x, kept_geometry(wkb, wkb_n, epsg), values, e);
}

static void put_geojson(OGRGeometryH geometry, struct buf *out)
{
    char *options[] = {(char[]){"COORDINATE_PRECISION=7"}, NULL};
    CPLPushErrorHandler(CPLQuietErrorHandler);
    char *text = geometry ? OGR_G_ExportToJsonEx(geometry, options) : NULL;
    CPLPopErrorHandler();
    buf_puts(out, text ? text : "null");
    CPLFree(text);
    OGR_G_DestroyGeometry(geometry);
}

void export_wkb_geojson(const unsigned char *wkb, size_t wkb_n, int epsg, struct buf *out)
{
    put_geojson(kept_geometry(wkb, wkb_n, epsg), out);
}

void export_boundary_geojson(const struct boundary *b, struct buf *out)
{
    put_geojson(to_ogr(b), out);
}

/* Moves every file of the temporary folder beside the target (a shapefile is several), or removes them. */
static bool empty_folder(struct export_file *x, bool keep)
{
    DIR *dir = opendir(x->folder);
    bool ok = dir != NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char from[2 * EXPORT_PATH], to[2 * EXPORT_PATH];
        snprintf(from, sizeof from, "%s/%s", x->folder, entry->d_name);
        snprintf(to, sizeof to, "%.*s%s", (int)(base_name(x->path) - x->path), x->path,
                 entry->d_name);
        if (keep ? rename(from, to) : unlink(from))
            ok = false;
    }
    if (dir)
        closedir(dir);
    return rmdir(x->folder) == 0 && ok;
}

enum status export_close(struct export_file *x, bool keep, struct error *e)
{
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool ok = true;
    if (x->dataset && x->transactions)
        ok = GDALDatasetCommitTransaction(x->dataset) == OGRERR_NONE;
    CPLErrorReset();
    if (x->dataset)
        GDALClose(x->dataset);
    ok = ok &&
         CPLGetLastErrorType() < CE_Failure; /* a full disk shows when the last pages are flushed */
    CPLPopErrorHandler();
    ok = empty_folder(x, keep && ok) && ok;
    enum status status = ok ? STATUS_OK : failed(x, e);
    free(x);
    return status;
}
