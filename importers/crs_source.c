/* Decides the coordinate reference system of a layer: --crs, else what the file says, else degrees
 * if the numbers plainly are degrees, else an error that names the candidates. Only the identified
 * EPSG code goes on (geo/crs). */
#include <cpl_conv.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>

#include "importers/import.h"

enum { SAMPLE_ROWS = 200 };

/* The box of the first rows' coordinates, and the mean size of a row's own box; the header's extent
 * is not to be trusted. */
struct sample {
    struct box box;
    double mean_size;
    int rows;
    bool whole_numbers;
};

static void sample_layer(const struct layer *layer, struct sample *out)
{
    *out =
        (struct sample){.box = {INFINITY, INFINITY, -INFINITY, -INFINITY}, .whole_numbers = true};
    layer_rewind(layer);
    for (int i = 0; i < SAMPLE_ROWS; i++) {
        OGRFeatureH f = layer_next(layer);
        OGRGeometryH g = f ? OGR_F_GetGeometryRef(f) : NULL;
        OGREnvelope x;
        if (g && !OGR_G_IsEmpty(g)) {
            OGR_G_GetEnvelope(g, &x);
            if (isfinite(x.MinX) && isfinite(x.MinY) && isfinite(x.MaxX) && isfinite(x.MaxY)) {
                out->box.west = fmin(out->box.west, x.MinX);
                out->box.south = fmin(out->box.south, x.MinY);
                out->box.east = fmax(out->box.east, x.MaxX);
                out->box.north = fmax(out->box.north, x.MaxY);
                out->mean_size += fmax(x.MaxX - x.MinX, x.MaxY - x.MinY);
                out->whole_numbers &= x.MinX == floor(x.MinX) && x.MinY == floor(x.MinY);
                out->rows++;
            }
        }
        if (f)
            OGR_F_Destroy(f);
        else
            break;
    }
    layer_rewind(layer);
    if (out->rows)
        out->mean_size /= out->rows;
}

/* In range, and either where Mexico and Central America lie, or rows so small that they could be
 * nothing else: no plot is half a metre wide. Swapped axes (x 14..33, y -118..-86) count, so that
 * the rows can be told so. */
static bool plainly_degrees(const struct sample *s)
{
    const struct box *b = &s->box;
    if (s->rows == 0 || s->whole_numbers)
        return false;
    if (b->west >= 5 && b->east <= 35 && b->south >= -120 && b->north <= -75)
        return true;
    if (b->west < -180 || b->east > 180 || b->south < -90 || b->north > 90)
        return false;
    return (b->west >= -120 && b->east <= -75 && b->south >= 5 && b->north <= 35) ||
           s->mean_size < 0.5;
}

/* Every row lies where no degrees are. */
static bool plainly_metres(const struct sample *s)
{
    const struct box *b = &s->box;
    return b->west > 1000 || b->east < -1000 || b->south > 1000 || b->north < -1000;
}

static enum status crs_missing(const struct import *im, const struct sample *s, struct error *e)
{
    struct crs_candidate list[CRS_CANDIDATES_MAX];
    size_t n = s->rows ? crs_candidates(&s->box, list) : 0, used = 0;
    char text[300] = "";
    for (size_t i = 0; i < n && i < 5; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%sEPSG:%d (would lie at %.2f, %.2f)",
                             i ? ", " : "", list[i].epsg, list[i].place.lon, list[i].place.lat);
    char remedy[320];
    snprintf(remedy, sizeof remedy, "give the EPSG code with --crs, for example --crs EPSG:%d",
             n ? list[0].epsg : 32615);
    return error_set(e, STATUS_INVALID, "crs_missing", remedy,
                     "%.80s names no coordinate reference system%s%s", im->file_name,
                     n ? "; candidates: " : " and its numbers fit none in use in Mexico", text);
}

/* The layer's SRS as an EPSG code; 0 = it has none. */
static enum status identify(struct import *im, const struct layer *layer, struct crs_identity *id,
                            struct error *e)
{
    static const char *const options[] = {"FORMAT=WKT2_2019", NULL};
    OGRSpatialReferenceH srs = layer->ogr ? OGR_L_GetSpatialRef(layer->ogr) : layer->rows->srs;
    char *wkt = NULL;
    *id = (struct crs_identity){0};
    if (!srs && layer->prj_present)
        return error_set(e, STATUS_INVALID, "crs_unknown", "give the EPSG code with --crs",
                         "the .prj file of %.80s cannot be understood", im->file_name);
    const char *name = srs ? OSRGetName(srs) : NULL;
    /* GeoPackage's srs_id 0 and -1 */
    if (!srs || (name && strncasecmp(name, "undefined", 9) == 0))
        return STATUS_OK;
    if (OSRExportToWktEx(srs, &wkt, options) != OGRERR_NONE || !wkt) {
        CPLFree(wkt);
        wkt = NULL;
        if (OSRExportToWkt(srs, &wkt) != OGRERR_NONE || !wkt) {
            CPLFree(wkt);
            return error_set(e, STATUS_INVALID, "crs_unknown", "give the EPSG code with --crs",
                             "the coordinate reference system of %.80s cannot be understood",
                             im->file_name);
        }
    }
    enum status s = crs_identify(wkt, id, e);
    CPLFree(wkt);
    return s;
}

static enum status decide(struct import *im, const struct layer *layer, int *epsg, struct error *e)
{
    struct crs_identity id = {.epsg = layer->epsg};
    struct error own = {0};
    enum status s = layer->epsg ? STATUS_OK : identify(im, layer, &id, &own);
    const char *wanted = im->request->crs;
    if (wanted) {
        enum status parsed = crs_parse_code(wanted, epsg, e);
        if (parsed == STATUS_OK && (s != STATUS_OK || (id.epsg && id.epsg != *epsg)))
            import_file_finding(im, FINDING_CRS_OVERRIDDEN, "EPSG:%d was used; the file says %s",
                                *epsg,
                                s != STATUS_OK ? "something unknown"
                                : id.name[0]   ? id.name
                                               : "another one");
        return parsed;
    }
    if (s != STATUS_OK) {
        *e = own;
        return s;
    }
    struct sample sample;
    if (layer->epsg_assumed) {
        sample_layer(layer, &sample);
        if (sample.rows && plainly_metres(&sample))
            return crs_missing(im, &sample, e);
    }
    if (id.epsg) {
        *epsg = id.epsg;
        if (id.by_parameters)
            import_file_finding(im, FINDING_CRS_BY_PARAMETERS,
                                "recognised as EPSG:%d (%s) from: %s", id.epsg, id.name, id.found);
        return STATUS_OK;
    }
    sample_layer(layer, &sample);
    if (sample.rows && !plainly_degrees(&sample))
        return crs_missing(im, &sample, e);
    *epsg = CRS_WGS84;
    if (sample.rows)
        import_file_finding(im, FINDING_CRS_ASSUMED,
                            "coordinates from %.4f, %.4f to %.4f, %.4f were taken as WGS84 degrees",
                            sample.box.west, sample.box.south, sample.box.east, sample.box.north);
    return STATUS_OK;
}

enum status crs_of_layer(struct import *im, const struct layer *layer, struct crs_transform **out,
                         int *epsg, struct error *e)
{
    enum status s = decide(im, layer, epsg, e);
    return s == STATUS_OK ? crs_transform_open(*epsg, out, e) : s;
}
