/* Writing plots through OGR; see export_ogr.h. */
#include "importers/export_ogr.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <errno.h>
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void RegisterOGRShape(void);
extern void RegisterOGRGeoJSON(void);
extern void RegisterOGRCSV(void);
extern void RegisterOGRGeoPackage(void);

struct format {
    const char *extension, *driver, *written; /* extension of the file that OGR writes */
    const char *options[5];
    bool zip;
};

static const struct format FORMATS[] = {
    {".shp.zip", "ESRI Shapefile", ".shp", {"ENCODING=UTF-8"}, true},
    {".zip", "ESRI Shapefile", ".shp", {"ENCODING=UTF-8"}, true},
    {".shp", "ESRI Shapefile", ".shp", {"ENCODING=UTF-8"}, false},
    {".gpkg", "GPKG", ".gpkg", {"GEOMETRY_NAME=geom"}, false},
    {".geojson", "GeoJSON", ".geojson", {"RFC7946=YES", "COORDINATE_PRECISION=7"}, false},
    {".json", "GeoJSON", ".json", {"RFC7946=YES", "COORDINATE_PRECISION=7"}, false},
    {".csv", "CSV", ".csv", {"GEOMETRY=AS_WKT"}, false},
};

struct export {
    const struct format *format;
    char *target, *folder; /* the final path; the folder beside it in which is written */
    char *stem;            /* of the written files, without extension */
    GDALDatasetH dataset;
    OGRLayerH layer;
    OGRFeatureDefnH definition;
    const struct export_field *fields;
    size_t fields_n;
};

static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void register_drivers(void)
{
    RegisterOGRShape();
    RegisterOGRGeoJSON();
    RegisterOGRCSV();
    RegisterOGRGeoPackage();
}

static const struct format *format_of(const char *path)
{
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        size_t m = strlen(FORMATS[i].extension);
        if (n > m && strcasecmp(path + n - m, FORMATS[i].extension) == 0)
            return &FORMATS[i];
    }
    return NULL;
}

static enum status failed(struct error *e, const char *what)
{
    return error_set(e, STATUS_IO, "export_failed", "check the free space and the permissions of the folder", "%s", what);
}

/* "dir/plots.gpkg" -> folder "dir/.plots.gpkg.XXXXXX" */
static char *make_folder(const char *target)
{
    const char *slash = strrchr(target, '/');
    char *folder = NULL;
    if (asprintf(&folder, "%.*s.%s.XXXXXX", slash ? (int)(slash - target + 1) : 0, target, slash ? slash + 1 : target) < 0)
        return NULL;
    if (!mkdtemp(folder)) {
        free(folder);
        return NULL;
    }
    return folder;
}

static bool create_layer(struct export *x, const char *layer_name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", x->folder, x->stem, x->format->written) < 0)
        return false;
    GDALDriverH driver = GDALGetDriverByName(x->format->driver);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    bool good = driver && OSRImportFromEPSG(srs, 4326) == OGRERR_NONE;
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    x->dataset = good ? GDALCreate(driver, path, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    x->layer = x->dataset ? GDALDatasetCreateLayer(x->dataset, x->format->zip ? x->stem : layer_name, srs, wkbMultiPolygon,
                                                   (char **)(uintptr_t)x->format->options)
                          : NULL;
    OSRDestroySpatialReference(srs);
    free(path);
    for (size_t i = 0; x->layer && i < x->fields_n; i++) {
        static const OGRFieldType types[] = {OFTString, OFTInteger64, OFTReal, OFTDate};
        OGRFieldDefnH field = OGR_Fld_Create(x->fields[i].name, types[x->fields[i].type]);
        if (OGR_L_CreateField(x->layer, field, 1) != OGRERR_NONE)
            x->layer = NULL;
        OGR_Fld_Destroy(field);
    }
    if (x->layer)
        x->definition = OGR_L_GetLayerDefn(x->layer);
    /* One transaction: GeoPackage writes a row at a time otherwise. Other formats do not know them. */
    if (x->layer && GDALDatasetTestCapability(x->dataset, ODsCTransactions))
        GDALDatasetStartTransaction(x->dataset, 0);
    return x->layer != NULL;
}

/* Base name without the format's extension; a shapefile in an archive is called like the layer. */
static char *make_stem(const char *path, const struct format *f, const char *layer)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base) - strlen(f->extension);
    return f->zip || n == 0 ? strdup(layer) : strndup(base, n);
}

enum status export_open(const char *path, const char *layer, const struct export_field *fields, size_t fields_n,
                        struct export **out, struct error *e)
{
    const struct format *format = format_of(path);
    if (!format)
        return error_set(e, STATUS_USAGE, "export_format", "end the name in .gpkg, .shp, .shp.zip, .geojson or .csv",
                         "the format of '%.100s' is not known", path);
    pthread_once(&registered, register_drivers);
    struct export *x = calloc(1, sizeof *x);
    if (!x)
        return error_memory(e);
    x->format = format;
    x->fields = fields;
    x->fields_n = fields_n;
    x->target = strdup(path);
    x->stem = make_stem(path, format, layer);
    x->folder = x->target && x->stem ? make_folder(path) : NULL;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool good = x->folder && create_layer(x, layer);
    CPLPopErrorHandler();
    if (!good) {
        enum status s = error_set(e, STATUS_IO, "export_failed", "check that the folder exists and may be written",
                                  "the file cannot be written: %s", x->folder ? "it could not be created" : strerror(errno));
        export_abort(x);
        return s;
    }
    *out = x;
    return STATUS_OK;
}

static OGRGeometryH geometry_of(const struct boundary *b)
{
    OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
        for (uint32_t r = boundary_part_start(b, part); r < b->part_end[part]; r++) {
            uint32_t start = boundary_ring_start(b, r), n = b->ring_end[r] - start;
            OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
            OGR_G_SetPoints(ring, (int)n, &b->points[start].lon, sizeof *b->points, &b->points[start].lat, sizeof *b->points,
                            NULL, 0);
            OGR_G_AddGeometryDirectly(polygon, ring);
        }
        OGR_G_AddGeometryDirectly(multi, polygon);
    }
    return multi;
}

/* A spreadsheet runs a cell that begins like a formula; an apostrophe in front makes it text. */
static void set_csv_text(OGRFeatureH f, int i, const char *text)
{
    char *safe = NULL;
    if (text && *text && strchr("=+-@\t\r", *text) && asprintf(&safe, "'%s", text) > 0)
        text = safe;
    OGR_F_SetFieldString(f, i, text);
    free(safe);
}

static void set_value(const struct export *x, OGRFeatureH f, int i, const struct export_value *v)
{
    enum export_type type = x->fields[i].type;
    int year, month, day;
    if (v->null || (type == EXPORT_REAL && isnan(v->real)) || ((type == EXPORT_TEXT || type == EXPORT_DATE) && !v->text)) {
        OGR_F_SetFieldNull(f, i);
        return;
    }
    switch (type) {
    case EXPORT_TEXT:
        if (strcmp(x->format->driver, "CSV") == 0)
            set_csv_text(f, i, v->text);
        else
            OGR_F_SetFieldString(f, i, v->text);
        break;
    case EXPORT_INTEGER:
        OGR_F_SetFieldInteger64(f, i, v->integer);
        break;
    case EXPORT_REAL:
        OGR_F_SetFieldDouble(f, i, v->real);
        break;
    case EXPORT_DATE:
        if (sscanf(v->text, "%d-%d-%d", &year, &month, &day) == 3)
            OGR_F_SetFieldDateTime(f, i, year, month, day, 0, 0, 0, 0);
        break;
    }
}

enum status export_row(struct export *x, const struct export_value *values, const struct boundary *b, struct error *e)
{
    OGRFeatureH f = OGR_F_Create(x->definition);
    if (!f)
        return error_memory(e);
    for (size_t i = 0; i < x->fields_n; i++)
        set_value(x, f, (int)i, &values[i]);
    if (b && b->points_n)
        OGR_F_SetGeometryDirectly(f, geometry_of(b));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    OGRErr result = OGR_L_CreateFeature(x->layer, f);
    CPLPopErrorHandler();
    OGR_F_Destroy(f);
    return result == OGRERR_NONE ? STATUS_OK : failed(e, "a row could not be written");
}

/* Closes the data set; GDAL reports what a full disk did to it only through the error state. */
static bool finish_dataset(struct export *x)
{
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (GDALDatasetTestCapability(x->dataset, ODsCTransactions))
        GDALDatasetCommitTransaction(x->dataset);
    GDALFlushCache(x->dataset);
    GDALClose(x->dataset);
    CPLPopErrorHandler();
    x->dataset = NULL;
    return CPLGetLastErrorType() < CE_Failure;
}

/* Puts all files of the folder into one archive in it. */
static bool zip_folder(struct export *x, char **archive)
{
    char **files = VSIReadDir(x->folder);
    bool good = asprintf(archive, "%s/archive.zip", x->folder) > 0;
    int n = CSLCount(files);
    for (int i = 0; good && i < n; i++) {
        char *from = NULL, *to = NULL;
        if (*files[i] == '.')
            continue;
        good = asprintf(&from, "%s/%s", x->folder, files[i]) > 0 && asprintf(&to, "/vsizip/{%s}/%s", *archive, files[i]) > 0 &&
               CPLCopyFile(to, from) == 0;
        free(from);
        free(to);
    }
    CSLDestroy(files);
    return good && n > 0;
}

/* Renames what was written to where it belongs; a shapefile is several files. */
static bool move_into_place(struct export *x)
{
    char *archive = NULL;
    if (x->format->zip) {
        bool good = zip_folder(x, &archive) && rename(archive, x->target) == 0;
        free(archive);
        return good;
    }
    const char *slash = strrchr(x->target, '/');
    char **files = VSIReadDir(x->folder);
    bool good = CSLCount(files) > 0;
    for (int i = 0; good && files[i]; i++) {
        char *from = NULL, *to = NULL;
        if (strcmp(files[i], ".") == 0 || strcmp(files[i], "..") == 0)
            continue;
        good = asprintf(&from, "%s/%s", x->folder, files[i]) > 0 &&
               asprintf(&to, "%.*s%s", slash ? (int)(slash - x->target + 1) : 0, x->target, files[i]) > 0 &&
               rename(from, to) == 0;
        free(from);
        free(to);
    }
    CSLDestroy(files);
    return good;
}

enum status export_close(struct export *x, struct error *e)
{
    enum status s = STATUS_OK;
    if (!finish_dataset(x))
        s = failed(e, "the file could not be completed");
    else if (!move_into_place(x))
        s = error_set(e, STATUS_IO, "export_failed", "check the free space and the permissions of the folder",
                      "the file could not be put in place: %s", strerror(errno));
    export_abort(x);
    return s;
}

void export_abort(struct export *x)
{
    if (!x)
        return;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (x->dataset)
        GDALClose(x->dataset);
    if (x->folder)
        VSIRmdirRecursive(x->folder);
    CPLPopErrorHandler();
    free(x->folder);
    free(x->target);
    free(x->stem);
    free(x);
}
