/* GeoJSON and sequences of it, GeoPackage, FlatGeobuf and GPX. */
#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/geojson_seq.h"
#include "importers/import.h"
#include "importers/text.h"

/* ---- GeoJSON ---- */

static size_t read_text(void *arg, char *buffer, size_t n)
{
    return VSIFReadL(buffer, 1, n, arg);
}

/* The guard has read the whole text before GDAL opens it. */
static enum status guard(struct import *im, const char *vsi_path, bool sequence,
                         struct geojson_facts *facts, struct error *e)
{
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    if (!f)
        return error_set(e, STATUS_IO, "file_unreadable", NULL, "%.80s cannot be read",
                         im->file_name);
    enum status s = sequence ? geojson_seq_guard(read_text, f, facts, e)
                             : geojson_guard(read_text, f, facts, e);
    VSIFCloseL(f);
    return s;
}

/* The one layer that such a file has; closes the dataset. */
static enum status import_only(struct import *im, GDALDatasetH dataset, struct layer layer,
                               struct error *e)
{
    layer.ogr = GDALDatasetGetLayer(dataset, 0);
    enum status s = layer.ogr
                        ? layer_import(im, &layer, e)
                        : error_set(e, STATUS_INVALID, "file_damaged", "export the file again",
                                    "%.80s has no layer", im->file_name);
    GDALClose(dataset);
    return s;
}

enum status geojson_import(struct import *im, const char *vsi_path, const char *layer_name,
                           struct error *e)
{
    struct geojson_facts facts;
    GDALDatasetH dataset = NULL;
    enum status s = guard(im, vsi_path, false, &facts, e);
    if (s == STATUS_OK)
        s = dataset_open(im, vsi_path, "GeoJSON", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    /* Without a crs it is WGS84 longitude/latitude (RFC 7946, section 4). */
    struct layer layer = {.name = layer_name,
                          .format = "GeoJSON",
                          .epsg = facts.epsg ? facts.epsg : CRS_WGS84,
                          .epsg_assumed = !facts.epsg,
                          .announced =
                              strcmp(facts.type, "FeatureCollection") == 0 ? facts.features_n : 1};
    return import_only(im, dataset, layer, e);
}

enum status geojson_seq_import(struct import *im, const char *vsi_path, const char *layer_name,
                               struct error *e)
{
    struct geojson_facts facts;
    GDALDatasetH dataset = NULL;
    /* With its prefix the driver does not look at the text to decide whether it is one. */
    char *path = arena_printf(&im->file_arena, "GeoJSONSeq:%s", vsi_path);
    enum status s = path ? guard(im, vsi_path, true, &facts, e) : error_memory(e);
    if (s == STATUS_OK)
        s = dataset_open(im, path, "GeoJSONSeq", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    struct layer layer = {.name = layer_name,
                          .format = "GeoJSONSeq",
                          .epsg = facts.epsg ? facts.epsg : CRS_WGS84,
                          .announced = facts.features_n};
    return import_only(im, dataset, layer, e);
}

/* ---- FlatGeobuf ---- */

enum status flatgeobuf_import(struct import *im, const char *vsi_path, const char *layer_name,
                              struct error *e)
{
    GDALDatasetH dataset = NULL;
    struct layer layer = {.name = layer_name, .format = "FlatGeobuf", .announced = -1};
    enum status s = dataset_open(im, vsi_path, "FlatGeobuf", NULL, &dataset, e);
    return s == STATUS_OK ? import_only(im, dataset, layer, e) : s;
}

/* ---- GeoPackage ---- */

enum layer_shape { SHAPE_POLYGONS, SHAPE_LINES, SHAPE_POINTS, SHAPE_OTHER };

static enum layer_shape shape_of(const struct import *im, OGRLayerH layer)
{
    switch (wkbFlatten(OGR_L_GetGeomType(layer))) {
    case wkbPolygon:
    case wkbMultiPolygon:
    case wkbCurvePolygon:
    case wkbMultiSurface:
    case wkbSurface:
    case wkbGeometryCollection:
    case wkbUnknown:
        return SHAPE_POLYGONS;
    case wkbLineString:
    case wkbMultiLineString:
    case wkbMultiCurve:
    case wkbCompoundCurve:
        return SHAPE_LINES;
    case wkbPoint:
    case wkbMultiPoint:
        return points_declare(im, layer) ? SHAPE_POINTS : SHAPE_OTHER;
    default:
        return SHAPE_OTHER;
    }
}

/* The stored count may be stale, so the table is counted. -1 = unknown. */
static int64_t count_rows(GDALDatasetH dataset, const char *table)
{
    int64_t n = -1;
    struct buf sql;
    buf_init(&sql, 4096);
    buf_puts(&sql, "SELECT COUNT(*) FROM \"");
    for (const char *p = table; *p; p++) {
        if (*p == '"')
            buf_putc(&sql, '"');
        buf_putc(&sql, *p);
    }
    buf_putc(&sql, '"');
    OGRLayerH result = sql.failed ? NULL : GDALDatasetExecuteSQL(dataset, sql.bytes, NULL, NULL);
    OGRFeatureH f = result ? OGR_L_GetNextFeature(result) : NULL;
    if (f) {
        n = OGR_F_GetFieldAsInteger64(f, 0);
        OGR_F_Destroy(f);
    }
    if (result)
        GDALDatasetReleaseResultSet(dataset, result);
    buf_clear(&sql);
    return n;
}

static enum status import_table(struct import *im, GDALDatasetH dataset, OGRLayerH ogr,
                                struct error *e)
{
    const char *archive = im->file_name;
    char *name = text_clean(&im->file_arena, OGR_L_GetName(ogr), 120);
    if (!name)
        return error_memory(e);
    struct layer layer = {.ogr = ogr,
                          .name = name,
                          .format = "GPKG",
                          .announced = count_rows(dataset, OGR_L_GetName(ogr))};
    enum status s = layer_import(im, &layer, e);
    im->file_name = archive;
    return s;
}

enum status geopackage_import(struct import *im, const char *vsi_path, struct error *e)
{
    GDALDatasetH dataset = NULL;
    enum status s = dataset_open(im, vsi_path, "GPKG", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    int n = GDALDatasetGetLayerCount(dataset), taken = 0;
    enum layer_shape best = SHAPE_OTHER;
    for (int i = 0; i < n; i++) {
        enum layer_shape shape = shape_of(im, GDALDatasetGetLayer(dataset, i));
        best = shape < best ? shape : best;
    }
    for (int i = 0; i < n && s == STATUS_OK; i++) {
        OGRLayerH ogr = GDALDatasetGetLayer(dataset, i);
        if (best != SHAPE_OTHER && shape_of(im, ogr) == best) {
            taken++;
            s = import_table(im, dataset, ogr, e);
        } else {
            char *name = text_clean(&im->file_arena, OGR_L_GetName(ogr), 80);
            import_file_finding(im, FINDING_LAYER_IGNORED, "layer %s (%s): %lld rows",
                                name ? name : "", OGRGeometryTypeToName(OGR_L_GetGeomType(ogr)),
                                (long long)count_rows(dataset, OGR_L_GetName(ogr)));
        }
    }
    if (s == STATUS_OK && !taken)
        s = error_set(e, STATUS_INVALID, "no_polygons",
                      "send a GeoPackage with a layer of polygons",
                      "%.80s has no layer of polygons among its %d layers", im->file_name, n);
    GDALClose(dataset);
    return s;
}

/* ---- GPX ---- */

/* The driver gives what it had when the XML broke; a walk cut short is a wrong boundary. */
static enum status whole_xml(struct import *im, OGRLayerH layer, int64_t *rows, struct error *e)
{
    *rows = OGR_L_GetFeatureCount(layer, 1);
    const struct gdal_log_entry *said = gdal_log_worst(&im->log);
    if (said && said->failure)
        return error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                         "%.80s cannot be read as GPX: %.160s", im->file_name, said->text);
    return STATUS_OK;
}

static enum status import_walks(struct import *im, GDALDatasetH dataset, const char *name,
                                uint64_t *walks, struct error *e)
{
    struct track_points *points = NULL;
    struct layer layer = {.ogr = GDALDatasetGetLayerByName(dataset, name),
                          .name = name,
                          .format = "GPX",
                          .epsg = CRS_WGS84,
                          .tracks = true};
    if (!layer.ogr)
        return STATUS_OK;
    gdal_log_reset(&im->log);
    enum status s = whole_xml(im, layer.ogr, &layer.announced, e);
    if (s != STATUS_OK || layer.announced <= 0)
        return s;
    *walks += (uint64_t)layer.announced;
    if (strcmp(name, "tracks") == 0) {
        points = track_points_open(dataset);
        layer.walk = track_points_walk(points);
    }
    if (points) {
        layer.extra_column = "time";
        layer.extra_value = track_points_time;
        layer.extra_arg = points;
    }
    s = layer_import(im, &layer, e);
    track_points_close(points);
    return s;
}

enum status gpx_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e)
{
    GDALDatasetH dataset = NULL;
    uint64_t walks = 0;
    enum status s = dataset_open(im, vsi_path, "GPX", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    s = import_walks(im, dataset, "tracks", &walks, e);
    if (s == STATUS_OK)
        s = import_walks(im, dataset, "routes", &walks, e);
    OGRLayerH waypoints = s == STATUS_OK ? GDALDatasetGetLayerByName(dataset, "waypoints") : NULL;
    int64_t points = waypoints ? OGR_L_GetFeatureCount(waypoints, 1) : 0;
    bool corners = false; /* beside walks they are places worth remembering */
    if (points > 0 && walks == 0)
        s = waypoints_import(im, waypoints, layer_name, "GPX", &corners, e);
    if (s == STATUS_OK && points > 0 && !corners)
        import_file_finding(im, FINDING_LAYER_IGNORED, "%lld waypoints", (long long)points);
    if (s == STATUS_OK && walks == 0 && !corners)
        s = error_set(e, STATUS_INVALID, "gpx_no_tracks",
                      "record the walk round the plot as a track, or number its corners",
                      "%.80s has no tracks or routes", im->file_name);
    GDALClose(dataset);
    return s;
}
