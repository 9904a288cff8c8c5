/* One opened layer: announce it, read every row, and account for every row that was announced. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"

enum { LOGGED_ROWS_MAX = 100, GAP_ROWS_MAX = 100000 };

static const struct lonlat NOWHERE = {NAN, NAN};

void layer_rewind(const struct layer *layer)
{
    if (layer->ogr)
        OGR_L_ResetReading(layer->ogr);
    else
        layer->rows->rewind(layer->rows->arg);
}

OGRFeatureH layer_next(const struct layer *layer)
{
    return layer->ogr ? OGR_L_GetNextFeature(layer->ogr) : layer->rows->next(layer->rows->arg);
}

OGRFeatureDefnH layer_definition(const struct layer *layer)
{
    return layer->ogr ? OGR_L_GetLayerDefn(layer->ogr) : layer->rows->definition;
}

struct reading {
    struct import *im;
    const struct layer *layer;
    struct row_plan plan;
    struct crs_transform *crs;
    int epsg;
    int64_t announced;
    double datum_accuracy_m, worst_accuracy_m; /* of the last row, and of all */
    int cell;                                  /* where it was asked for */
    uint64_t rows;                             /* sent */
    uint64_t deleted;
};

static void begin_row(struct reading *r, uint64_t row)
{
    struct import *im = r->im;
    im->row = (struct candidate){.file = im->file,
                                 .row = row,
                                 .layer = r->layer->name,
                                 .source_epsg = r->epsg,
                                 .declared_ha = NAN,
                                 .accuracy_m = NAN,
                                 .datum_accuracy_m = NAN};
}

/* What a frame cannot carry is turned into a rejected row, so that the row is still accounted for.
 */
static void keep_frame_small(struct import *im)
{
    size_t points = (size_t)im->row.boundary.points_n + im->row.alternative.points_n;
    size_t bytes = points * 24 + im->row.source_wkb_n;
    if (bytes < FRAME_PAYLOAD_MAX / 4 * 3)
        return;
    import_row_finding(im, FINDING_TOO_LARGE, NOWHERE, NAN, "the boundary has %zu vertices",
                       points);
    im->row.outcome = CANDIDATE_REJECTED;
    im->row.boundary = im->row.alternative = (struct boundary){0};
    im->row.source_wkb = NULL;
    im->row.source_wkb_n = 0;
}

static enum status end_row(struct reading *r, struct error *e)
{
    struct import *im = r->im;
    keep_frame_small(im);
    for (size_t i = 0; i < im->row.findings_n; i++)
        im->findings[i].plot = im->row.code;
    frame_put_candidate(&im->out, &im->row, im->sources_n - 1);
    arena_reset(&im->row_arena);
    r->rows++;
    return import_flush_some(im, e);
}

/* What GDAL said while reading this row. The same words on very many rows are counted after the
 * first hundred. */
static void report_log(struct reading *r)
{
    struct import *im = r->im;
    if (im->log.n && im->tally.log_rows++ < LOGGED_ROWS_MAX)
        for (size_t i = 0; i < im->log.n; i++)
            import_row_finding(im, FINDING_ROW_WARNING, NOWHERE, NAN, "%s",
                               im->log.entries[i].text);
}

/* PROJ chooses the shift by the place; asking which costs more than the shift, so it is asked once
 * for every square of a degree. */
static void note_datum(struct reading *r)
{
    struct candidate *c = &r->im->row;
    const struct boundary *b = c->boundary.points_n ? &c->boundary : &r->im->rings.b;
    if (c->outcome == CANDIDATE_REJECTED || !b->points_n || r->epsg == CRS_WGS84)
        return;
    int cell = 1 + (int)floor(b->points[0].lon + 180) * 181 + (int)floor(b->points[0].lat + 90);
    if (cell != r->cell) {
        double m = crs_transform_accuracy_m(r->crs);
        r->cell = cell;
        r->datum_accuracy_m = m > 0 ? m : NAN;
        r->worst_accuracy_m = fmax(r->worst_accuracy_m, r->datum_accuracy_m);
    }
    c->datum_accuracy_m = r->datum_accuracy_m;
}

static enum status read_row(struct reading *r, OGRFeatureH feature, uint64_t row, struct error *e)
{
    struct import *im = r->im;
    begin_row(r, row);
    enum status s = row_fields(im, r->layer, &r->plan, feature, OGR_F_GetFID(feature), e);
    if (s == STATUS_OK)
        s = geometry_read(im, OGR_F_GetGeometryRef(feature), r->layer, r->crs, e);
    if (s != STATUS_OK)
        return s;
    note_datum(r);
    report_log(r);
    gdal_log_reset(&im->log);
    return end_row(r, e);
}

/* A row of the file that GDAL did not give: marked as deleted, or unreadable. */
static enum status missing_row(struct reading *r, int64_t fid, struct error *e)
{
    if (r->layer->deleted && r->layer->deleted(r->layer->deleted_arg, fid)) {
        r->deleted++;
        return STATUS_OK;
    }
    begin_row(r, (uint64_t)fid + 1);
    enum status s = row_fields(r->im, r->layer, &r->plan, NULL, fid, e);
    if (s != STATUS_OK)
        return s;
    import_row_finding(r->im, FINDING_ROW_UNREADABLE, NOWHERE, NAN,
                       "row %lld of the file could not be read", (long long)fid + 1);
    r->im->row.outcome = CANDIDATE_REJECTED;
    return end_row(r, e);
}

static enum status read_rows(struct reading *r, struct error *e)
{
    enum status s = STATUS_OK;
    int64_t expected = 0; /* the FID that comes next when none is missing */
    layer_rewind(r->layer);
    gdal_log_reset(&r->im->log);
    for (OGRFeatureH f; s == STATUS_OK && (f = layer_next(r->layer)); OGR_F_Destroy(f)) {
        int64_t fid = OGR_F_GetFID(f);
        if (r->layer->rows_by_fid && fid >= expected && fid - expected <= GAP_ROWS_MAX)
            for (; s == STATUS_OK && expected < fid; expected++)
                s = missing_row(r, expected, e);
        if (s == STATUS_OK)
            s = read_row(r, f, r->layer->rows_by_fid ? (uint64_t)fid + 1 : r->rows + 1, e);
        expected = fid + 1;
        if (s == STATUS_OK && r->im->log.out_of_memory)
            s = error_set(e, STATUS_MEMORY, "reader_memory", "split the file",
                          "the file needs more memory than is allowed");
    }
    if (s == STATUS_OK && !r->layer->ogr)
        s = r->layer->rows->ended(r->layer->rows->arg, e);
    if (s == STATUS_OK && r->layer->rows_by_fid && r->announced - expected <= GAP_ROWS_MAX)
        for (; s == STATUS_OK && expected < r->announced; expected++)
            s = missing_row(r, expected, e);
    return s;
}

static void account(struct reading *r)
{
    struct import *im = r->im;
    const struct gdal_log_entry *said = gdal_log_worst(&im->log);
    im->tally.deleted_rows += r->deleted;
    if (r->announced >= 0 && (uint64_t)r->announced != r->rows + r->deleted)
        import_file_finding(im, FINDING_ROWS_MISSING,
                            "layer %.60s announces %lld rows, %llu could be read%s%s",
                            r->layer->name, (long long)r->announced, (unsigned long long)r->rows,
                            said ? "; " : "", said ? said->text : "");
    else if (said)
        import_file_finding(im, FINDING_FILE_WARNING, "%s", said->text);
    if (im->tally.log_rows > LOGGED_ROWS_MAX)
        import_file_finding(im, FINDING_FILE_WARNING,
                            "%llu rows were read with warnings; the first %d are listed",
                            (unsigned long long)im->tally.log_rows, LOGGED_ROWS_MAX);
    tally_report(im);
}

/* Mapped columns, for the report; crop and practice may have several. */
static size_t list_mapped(const struct row_plan *plan, struct reader_mapping *out, size_t max)
{
    size_t n = 0;
    for (int f = 0; f < FIELDS_N; f++)
        for (int k = 0; k < MAPPING_SEVERAL_MAX && n < max; k++)
            if (plan->mapping.column[f][k] >= 0) {
                const char *field = mapping_field_name((enum import_field)f);
                out[n++] =
                    (struct reader_mapping){.field = field ? field : "key",
                                            .column = plan->columns[plan->mapping.column[f][k]]};
            }
    return n;
}

static void announce(struct reading *r)
{
    struct import *im = r->im;
    struct reader_mapping mapped[FIELDS_N * MAPPING_SEVERAL_MAX];
    struct reader_source s = {
        .file = im->file,
        .layer = r->layer->name,
        .format = r->layer->format,
        .crs_name = crs_transform_name(r->crs),
        .encoding = r->layer->encoding.raw ? r->layer->encoding.label : "UTF-8",
        .epsg = r->epsg,
        .rows_announced = r->announced,
        .bytes = im->bytes,
        .columns = r->plan.table,
        .columns_n = r->plan.columns_n + (r->layer->extra_column ? 1 : 0),
        .accents = r->plan.accents,
        .mapped = mapped,
        .cell_m = r->layer->cell_m,
        .mapped_n = list_mapped(&r->plan, mapped, sizeof mapped / sizeof *mapped)};
    frame_put_source(&im->out, &s, r->plan.columns,
                     r->plan.columns_n + (r->layer->extra_column ? 1 : 0));
    im->sources_n++;
}

static void note_missing_fields(struct reading *r)
{
    const struct mapping *m = &r->plan.mapping;
    bool joined = m->column[FIELD_KEY_STATE][0] >= 0;
    if (r->im->request->purpose == READER_PLOTS)
        return;
    if (m->column[FIELD_KEY][0] < 0 && !joined)
        import_file_finding(r->im, FINDING_FIELD_MISSING, "no column for the key; %s is used",
                            m->column[FIELD_LAYER_NAME][0] >= 0 ? "the name" : "the row number");
}

enum status layer_import(struct import *im, const struct layer *opened, struct error *e)
{
    struct layer own = *opened;
    const struct layer *layer = &own;
    struct reading r = {.im = im, .layer = layer};
    own.name = import_masked(im, &im->file_arena, own.name); /* a walk may be called by a CURP */
    im->tally = (struct tally){0};
    if (im->sources_n == FRAME_SOURCES_MAX)
        return error_set(e, STATUS_LIMIT, "too_many_layers", "import fewer layers at a time",
                         "more than %d layers", FRAME_SOURCES_MAX);
    enum status s = crs_of_layer(im, layer, &r.crs, &r.epsg, e);
    if (s == STATUS_OK)
        s = row_plan_make(im, layer, &r.plan, e);
    if (s != STATUS_OK) {
        crs_transform_close(r.crs);
        return s;
    }
    r.announced = layer->announced >= 0 || !layer->ogr ? layer->announced
                                                       : OGR_L_GetFeatureCount(layer->ogr, 1);
    announce(&r);
    note_missing_fields(&r);
    s = import_flush_some(im, e);
    if (s == STATUS_OK)
        s = read_rows(&r, e);
    if (s == STATUS_OK && r.worst_accuracy_m > 5)
        import_file_finding(im, FINDING_CRS_SHIFTED,
                            "from %.60s to WGS84 with an accuracy of %.0f m",
                            crs_transform_name(r.crs), r.worst_accuracy_m);
    if (s == STATUS_OK)
        account(&r);
    im->rows_n += r.rows;
    arena_reset(&im->row_arena);
    crs_transform_close(r.crs);
    return s;
}
