/* Decides the coordinate reference system of a layer: --crs, else what the file says unless its
 * numbers contradict it, else what the evidence leaves no doubt about, else an error that names the
 * candidates. Only the identified EPSG code goes on (geo/crs). The evidence is in the registry (its
 * regions, its plots): it is asked; without an answer only Mexico's outline counts. */
#include <cpl_conv.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>

#include "importers/crs_words.h"
#include "importers/import.h"
#include "importers/place_key.h"
#include "importers/text.h"

enum { SAMPLE_ROWS = 200 };

/* Some rows of the layer; the header's extent is not to be trusted. Texts in the row arena. */
struct sample {
    struct reader_probe_row rows[SAMPLE_ROWS];
    size_t rows_n;
    struct box box;
    double mean_size; /* of a row's own box */
    bool whole_numbers;
};

/* Which fields of the layer name the municipality and the plot. */
struct sample_fields {
    int municipality, state, code;
};

static void find_fields(struct import *im, const struct layer *layer, struct sample_fields *out)
{
    OGRFeatureDefnH d = layer_definition(layer);
    int n = d ? OGR_FD_GetFieldCount(d) : 0;
    struct mapping m;
    struct error ignored = {0};
    *out = (struct sample_fields){-1, -1, -1};
    if (n <= 0 || n > FRAME_COLUMNS_MAX)
        return;
    const char **names = arena_array(&im->row_arena, (size_t)n, sizeof *names);
    if (!names)
        return;
    for (int i = 0; i < n; i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(d, i));
        names[i] = text_clean(&im->row_arena, name ? name : "", 100);
        if (!names[i])
            return;
    }
    if (mapping_make(READER_PLOTS, names, (size_t)n, layer->names_cut, im->request->mappings,
                     im->request->mappings_n, &m, &ignored) != STATUS_OK)
        return;
    out->municipality = m.column[FIELD_MUNICIPALITY][0];
    out->state = m.column[FIELD_STATE][0];
    out->code = m.column[FIELD_CODE][0];
}

static const char *field_text(OGRFeatureH f, int field)
{
    return field >= 0 && OGR_F_IsFieldSetAndNotNull(f, field) ? OGR_F_GetFieldAsString(f, field)
                                                              : NULL;
}

static void sample_row(struct import *im, OGRFeatureH f, const struct sample_fields *fields,
                       struct sample *out)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    OGREnvelope x;
    if (!g || OGR_G_IsEmpty(g))
        return;
    OGR_G_GetEnvelope(g, &x);
    if (!isfinite(x.MinX) || !isfinite(x.MinY) || !isfinite(x.MaxX) || !isfinite(x.MaxY))
        return;
    struct reader_probe_row *row = &out->rows[out->rows_n++];
    char key[PLACE_KEY_MAX];
    *row = (struct reader_probe_row){.raw = {(x.MinX + x.MaxX) / 2, (x.MinY + x.MaxY) / 2}};
    if (place_key_read(field_text(f, fields->municipality), field_text(f, fields->state), key))
        row->key = arena_strdup(&im->row_arena, key);
    if (fields->code >= 0)
        row->code = text_clean(&im->row_arena, field_text(f, fields->code), 100);
    out->box.west = fmin(out->box.west, x.MinX);
    out->box.south = fmin(out->box.south, x.MinY);
    out->box.east = fmax(out->box.east, x.MaxX);
    out->box.north = fmax(out->box.north, x.MaxY);
    out->mean_size += fmax(x.MaxX - x.MinX, x.MaxY - x.MinY);
    out->whole_numbers &= x.MinX == floor(x.MinX) && x.MinY == floor(x.MinY);
}

/* Spread over the layer where that costs nothing (shapefiles), else the first rows. */
static void sample_layer(struct import *im, const struct layer *layer, bool spread,
                         struct sample *out)
{
    struct sample_fields fields;
    int64_t n = 0, step = 1;
    *out =
        (struct sample){.box = {INFINITY, INFINITY, -INFINITY, -INFINITY}, .whole_numbers = true};
    find_fields(im, layer, &fields);
    if (spread && layer->ogr && OGR_L_TestCapability(layer->ogr, OLCFastSetNextByIndex) &&
        OGR_L_TestCapability(layer->ogr, OLCFastFeatureCount))
        n = OGR_L_GetFeatureCount(layer->ogr, 0);
    int64_t most = layer->cut_after ? layer->cut_after : INT64_MAX;
    if (n > most)
        n = most;
    if (n > SAMPLE_ROWS)
        step = n / SAMPLE_ROWS;
    layer_rewind(layer);
    for (int i = 0; i < SAMPLE_ROWS && i * step < most; i++) {
        if (step > 1 && OGR_L_SetNextByIndex(layer->ogr, i * step) != OGRERR_NONE)
            break;
        OGRFeatureH f = layer_next(layer);
        if (!f)
            break;
        sample_row(im, f, &fields, out);
        OGR_F_Destroy(f);
    }
    layer_rewind(layer);
    if (out->rows_n)
        out->mean_size /= (double)out->rows_n;
}

/* In range, and rows so small that they could be nothing else: no plot is half a metre wide.
 * Swapped axes (x 14..33, y -118..-86) count, so that the rows can be told so. */
static bool plainly_degrees(const struct sample *s)
{
    const struct box *b = &s->box;
    if (s->rows_n == 0 || s->whole_numbers)
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
    return s->rows_n && (b->west > 1000 || b->east < -1000 || b->south > 1000 || b->north < -1000);
}

static struct crs_set *transformations(struct import *im)
{
    if (!im->crs_set)
        im->crs_set = crs_set_new();
    return im->crs_set;
}

/* What Mexico's outline alone says. */
static enum status rank_here(struct import *im, const struct sample *s, struct crs_candidates *out,
                             struct error *e)
{
    struct crs_sample samples[SAMPLE_ROWS];
    struct crs_set *set = transformations(im);
    if (!set)
        return error_memory(e);
    *out = (struct crs_candidates){0};
    for (size_t i = 0; i < s->rows_n; i++)
        samples[i] = (struct crs_sample){.raw = s->rows[i].raw, .second = {NAN, NAN}};
    out->n = crs_rank(set, samples, s->rows_n, NULL, out->ranks, &out->certain);
    if (out->n == 0 && s->rows_n) {
        struct crs_suspect suspect = {.epsg = CRS_WGS84, .raw = &s->rows[0].raw, .raw_n = 1};
        struct crs_verdict v;
        out->fault = crs_diagnose(set, &suspect, NULL, &v);
        out->place = v.place;
    }
    return STATUS_OK;
}

/* No system, or (declared) one that the numbers contradict, which is never replaced without being
 * told. */
static enum status look_for_one(struct import *im, const struct layer *layer,
                                const struct sample *s, int declared, int *epsg, struct error *e)
{
    struct reader_probe probe = {.file = im->file,
                                 .layer = layer->name,
                                 .declared = declared,
                                 .degrees = plainly_degrees(s),
                                 .rows = s->rows,
                                 .rows_n = s->rows_n};
    struct crs_candidates c;
    int answer = 0;
    enum status status = import_ask(im, &probe, &answer, e);
    if (status == STATUS_OK && answer && !declared) {
        *epsg = answer;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = rank_here(im, s, &c, e);
    if (status != STATUS_OK)
        return status;
    c.declared = declared;
    if (!c.certain || declared)
        return crs_candidates_error(&c, im->file_name, probe.degrees, e);
    char words[200];
    crs_rank_words(&c.ranks[0], false, words, sizeof words);
    *epsg = c.ranks[0].epsg;
    import_file_finding(im, FINDING_CRS_ASSUMED, "the only one that fits was taken, %s", words);
    return STATUS_OK;
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

static enum status given(struct import *im, const struct crs_identity *id, bool understood,
                         int *epsg, struct error *e)
{
    enum status s = crs_parse_code(im->request->crs, epsg, e);
    if (s == STATUS_OK && (!understood || (id->epsg && id->epsg != *epsg)))
        import_file_finding(im, FINDING_CRS_OVERRIDDEN, "EPSG:%d was used; the file says %s", *epsg,
                            !understood   ? "something unknown"
                            : id->name[0] ? id->name
                                          : "another one");
    return s;
}

/* Degrees where the file says metres, or the other way round, in every row. */
static enum status contradicted(struct import *im, const struct layer *layer, int epsg, bool *out,
                                struct sample *sample, struct error *e)
{
    struct crs_set *set = transformations(im);
    struct crs_transform *t = set ? crs_set_get(set, epsg) : NULL;
    *out = false;
    if (!set)
        return error_memory(e);
    if (!t)
        return STATUS_OK; /* told when it is opened */
    sample_layer(im, layer, false, sample);
    *out = crs_transform_geographic(t) ? plainly_metres(sample)
                                       : plainly_degrees(sample) && sample->mean_size < 0.5;
    return STATUS_OK;
}

static enum status decide(struct import *im, const struct layer *layer, int *epsg, struct error *e)
{
    struct crs_identity id = {.epsg = layer->epsg};
    struct error own = {0};
    struct sample *sample = arena_alloc(&im->row_arena, sizeof *sample);
    if (!sample)
        return error_memory(e);
    enum status s = layer->epsg ? STATUS_OK : identify(im, layer, &id, &own);
    if (im->request->crs)
        return given(im, &id, s == STATUS_OK, epsg, e);
    if (s != STATUS_OK) {
        *e = own;
        return s;
    }
    if (id.epsg) {
        bool wrong = false;
        if (!layer->epsg || (layer->ogr && !layer->tracks))
            s = contradicted(im, layer, id.epsg, &wrong, sample, e);
        if (s != STATUS_OK || wrong)
            return s != STATUS_OK ? s
                                  : look_for_one(im, layer, sample,
                                                 layer->epsg_assumed ? 0 : id.epsg, epsg, e);
        *epsg = id.epsg;
        if (id.by_parameters)
            import_file_finding(im, FINDING_CRS_BY_PARAMETERS,
                                "recognised as EPSG:%d (%s) from: %s", id.epsg, id.name, id.found);
        return STATUS_OK;
    }
    sample_layer(im, layer, true, sample);
    *epsg = CRS_WGS84; /* of no rows */
    return sample->rows_n ? look_for_one(im, layer, sample, 0, epsg, e) : STATUS_OK;
}

enum status crs_of_layer(struct import *im, const struct layer *layer, struct crs_transform **out,
                         int *epsg, struct error *e)
{
    enum status s = decide(im, layer, epsg, e);
    arena_reset(&im->row_arena);
    return s == STATUS_OK ? crs_transform_open(*epsg, out, e) : s;
}
