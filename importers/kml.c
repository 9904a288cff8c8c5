/* KML, also inside a KMZ: folders are layers, placemarks are rows, ExtendedData are columns. The
 * driver (LIBKML) takes the whole document into memory, about eleven times its size, so the
 * document is limited (PLATFORM 1.6); any document type declaration is refused, because nothing
 * honest needs one. */
#include <cpl_vsi.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"

enum { KML_BYTES_MAX = 20 * 1000 * 1000, CHUNK = 1 << 16 };

/* A word that is looked for byte by byte; it begins with < and has no other <. */
struct needle {
    const char *word;
    size_t matched;
};

static bool met(struct needle *n, char c)
{
    n->matched = c == n->word[n->matched] ? n->matched + 1 : c == n->word[0];
    if (n->word[n->matched])
        return false;
    n->matched = 0;
    return true;
}

struct guard {
    struct needle doctype, track, track_end, when;
    bool in_track, has_when;
};

static enum status look(const struct import *im, struct guard *g, char c, struct error *e)
{
    if (met(&g->doctype, c))
        return error_set(e, STATUS_INVALID, "xml_doctype",
                         "export the file again without a document type declaration",
                         "%.80s has a document type declaration (DOCTYPE)", im->file_name);
    if (met(&g->track, c)) {
        g->in_track = true;
        g->has_when = false;
    }
    g->has_when |= met(&g->when, c);
    bool ended = met(&g->track_end, c);
    if (ended && g->in_track && !g->has_when) /* GDAL 3.6 crashes on it */
        return error_set(e, STATUS_INVALID, "kml_track", "export the walk as GPX, or as a line",
                         "%.80s has a track (gx:Track) without times", im->file_name);
    g->in_track &= !ended;
    return STATUS_OK;
}

/* The bytes of the document, looked through before the driver sees them. */
static enum status guard(struct import *im, const char *vsi_path, struct error *e)
{
    struct guard g = {
        {"<!DOCTYPE", 0}, {"<gx:Track", 0}, {"</gx:Track", 0}, {"<when", 0}, false, false};
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    char chunk[CHUNK];
    size_t n, total = 0;
    enum status s = STATUS_OK;
    if (!f)
        return error_set(e, STATUS_IO, "file_unreadable", NULL, "%.80s cannot be read",
                         im->file_name);
    while (s == STATUS_OK && (n = VSIFReadL(chunk, 1, sizeof chunk, f)) > 0) {
        for (size_t i = 0; i < n && s == STATUS_OK; i++)
            s = look(im, &g, chunk[i], e);
        total += n;
        if (s == STATUS_OK && total > KML_BYTES_MAX)
            s = error_set(e, STATUS_LIMIT, "kml_limit", "split it, or convert it to GeoPackage",
                          "%.80s is larger than %d MB unpacked", im->file_name,
                          KML_BYTES_MAX / 1000000);
    }
    VSIFCloseL(f);
    return s;
}

/* Rows of a layer, and those among them that could be a boundary. */
static int64_t count_rows(OGRLayerH layer, int64_t *shapes)
{
    int64_t rows = 0;
    *shapes = 0;
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f), rows++) {
        OGRGeometryH g = OGR_F_GetGeometryRef(f);
        OGRwkbGeometryType type = g ? wkbFlatten(OGR_G_GetGeometryType(g)) : wkbNone;
        *shapes += type != wkbPoint && type != wkbMultiPoint && type != wkbNone;
    }
    OGR_L_ResetReading(layer);
    return rows;
}

static enum status import_layer(struct import *im, OGRLayerH ogr, const char *name, int64_t rows,
                                int64_t *shapes, struct error *e)
{
    *shapes += *shapes == 0; /* points with declared hectares */
    /* How Google Earth draws it. */
    static const char *const hidden[] = {"altitudeMode", "tessellate", "extrude", "visibility",
                                         "drawOrder",    "icon",       "snippet", NULL};
    struct layer layer = {.ogr = ogr,
                          .name = name,
                          .format = "KML",
                          .epsg = CRS_WGS84,
                          .announced = rows,
                          .name_is_code = true,
                          .hidden = hidden};
    return layer_import(im, &layer, e);
}

static enum status import_folder(struct import *im, OGRLayerH ogr, const char *name,
                                 int64_t *shapes, struct error *e)
{
    gdal_log_reset(&im->log);
    int64_t rows = count_rows(ogr, shapes);
    const struct gdal_log_entry *said = gdal_log_worst(&im->log);
    if (said && said->failure)
        return error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                         "%.80s cannot be read as KML: %.160s", im->file_name, said->text);
    if (*shapes == 0) {
        bool corners = false;
        enum status s = rows ? waypoints_import(im, ogr, name, "KML", &corners, e) : STATUS_OK;
        *shapes = corners;
        if (s != STATUS_OK || corners)
            return s;
        if (rows && points_declare(im, ogr))
            return import_layer(im, ogr, name, rows, shapes, e);
        if (rows)
            import_file_finding(im, FINDING_LAYER_IGNORED,
                                "layer %s: %lld rows without a boundary (points)", name,
                                (long long)rows);
        return STATUS_OK;
    }
    return import_layer(im, ogr, name, rows, shapes, e);
}

enum status kml_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e)
{
    GDALDatasetH dataset = NULL;
    int64_t shapes = 0, all = 0;
    enum status s = guard(im, vsi_path, e);
    if (s == STATUS_OK)
        s = dataset_open(im, vsi_path, "LIBKML", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    int n = GDALDatasetGetLayerCount(dataset);
    for (int i = 0; i < n && s == STATUS_OK; i++, all += shapes) {
        OGRLayerH ogr = GDALDatasetGetLayer(dataset, i);
        const char *own = OGR_L_GetName(ogr);
        char *name = text_clean(&im->file_arena, own && *own ? own : layer_name, 120);
        s = name ? import_folder(im, ogr, name, &shapes, e) : error_memory(e);
    }
    if (s == STATUS_OK && all == 0)
        s = error_set(e, STATUS_INVALID, "no_polygons",
                      "send placemarks that are polygons or lines round the plot",
                      "%.80s has no placemark with a polygon or a line", im->file_name);
    GDALClose(dataset);
    return s;
}
