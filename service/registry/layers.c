/* Layers into the registry; see layers.h. */
#include "service/registry/layers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/area.h"
#include "geo/dem_error.h"
#include "geo/drawing.h"
#include "importers/terrain.h"
#include "service/registry/answers.h"
#include "service/registry/identity.h"
#include "service/registry/layer_frames.h"
#include "service/registry/recompute.h"
#include "service/store/totals.h"

/* ---- regions and corridors ---- */

static const double CORRIDOR_ACCURACY_M = 125;

struct layer_rows {
    struct store_layer_feature *features;
    struct boundary *boundaries;
    size_t n, capacity;
};

static bool rows_add(struct layer_rows *rows, const struct candidate *c, struct arena *a)
{
    if (rows->n == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 64;
        struct store_layer_feature *features = realloc(rows->features, capacity * sizeof *features);
        if (features)
            rows->features = features;
        struct boundary *boundaries = realloc(rows->boundaries, capacity * sizeof *boundaries);
        if (boundaries)
            rows->boundaries = boundaries;
        if (!features || !boundaries)
            return false;
        rows->capacity = capacity;
    }
    const char *key = c->code ? c->code : arena_printf(a, "%" PRIu64, c->row);
    rows->boundaries[rows->n] = c->boundary;
    rows->features[rows->n++] = (struct store_layer_feature){.key = key, .name = c->name ? c->name : key, .boundary = c->boundary,
                                                             .area_mm2 = area_to_mm2(area_boundary_m2(&c->boundary))};
    return true;
}

static enum status report_finding(struct layer_report *r, const struct finding *f, const char *file, struct error *e)
{
    struct finding *more = realloc(r->findings, (r->findings_n + 1) * sizeof *more);
    if (!more)
        return error_memory(e);
    r->findings = more;
    r->findings[r->findings_n] = *f;
    if (!f->file)
        r->findings[r->findings_n].file = file;
    r->findings_n++;
    return STATUS_OK;
}

static enum status take_feature(struct layer_report *r, struct layer_rows *rows, const struct candidate *c, const char *file, struct error *e)
{
    for (size_t i = 0; i < c->findings_n; i++) {
        enum status status = report_finding(r, &c->findings[i], file, e);
        if (status != STATUS_OK)
            return status;
    }
    if (c->outcome == CANDIDATE_HELD)
        r->held++;
    else if (c->outcome == CANDIDATE_REJECTED)
        r->rejected++;
    else if (!rows_add(rows, c, &r->arena))
        return error_memory(e);
    r->repaired += c->outcome == CANDIDATE_READY && c->repaired;
    return STATUS_OK;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The registry's regions tell where a layer without a reference system belongs. */
static enum status answer_probe(struct store *s, struct layer_report *r, struct reader *reader, const struct reader_probe *probe, const char *file, struct error *e)
{
    struct finding f = {.code = FINDING_CRS_ASSUMED, .place = {NAN, NAN}, .effect_m2 = NAN};
    enum status status = layer_frames_answer(s, reader, probe, file, &r->arena, &f.message, e);
    return status == STATUS_OK && f.message ? report_finding(r, &f, file, e) : status;
}

static enum status read_features(struct store *s, const struct layer_request *q, struct layer_report *r, struct layer_rows *rows, struct error *e)
{
    struct reader_mapping mappings[2];
    size_t mappings_n = 0;
    if (q->key)
        mappings[mappings_n++] = (struct reader_mapping){.field = "key", .column = q->key};
    if (q->name)
        mappings[mappings_n++] = (struct reader_mapping){.field = "name", .column = q->name};
    struct reader_request reading = {.purpose = q->kind == LAYER_REGIONS ? READER_REGIONS : READER_CORRIDORS,
                                     .files = q->files, .files_n = q->files_n, .crs = q->crs, .mappings = mappings, .mappings_n = mappings_n};
    reading.raster_rule = q->raster_rule;
    reading.raster_number = q->raster_number;
    reading.raster_names = q->raster_names;
    struct reader *reader = NULL;
    enum status status = reader_start(&reading, &reader, e);
    for (bool done = false; status == STATUS_OK && !done;) {
        struct reader_event event;
        if ((status = reader_next(reader, &r->arena, &event, e)) != STATUS_OK)
            break;
        if (event.kind == READER_SOURCE) {
            r->layer.cell_m = event.source.cell_m;
            if (q->raster_rule != RASTER_CATEGORIES && event.source.cell_m == 0)
                status = error_set(e, STATUS_USAGE, "raster_rule", "leave --value and --threshold out", "%s is not a grid of cells",
                                   base_name(q->files[0]));
        }
        if (event.kind == READER_PROBE)
            status = answer_probe(s, r, reader, &event.probe, base_name(q->files[0]), e);
        else if (event.kind == READER_FINDING)
            status = report_finding(r, &event.finding, base_name(q->files[0]), e);
        else if (event.kind == READER_CANDIDATE)
            status = take_feature(r, rows, &event.candidate, base_name(q->files[0]), e);
        else if (event.kind == READER_DIGEST)
            r->layer.sha256 = event.sha256;
        else if (event.kind == READER_DONE)
            done = true;
        if (q->progress && rows->n % 64 == 0)
            q->progress("reading", rows->n, 0, q->progress_arg);
    }
    reader_stop(reader);
    if (status == STATUS_OK && !rows->n)
        status = error_set(e, STATUS_INVALID, "no_polygons", "choose a layer of polygons", "%s holds no usable polygon", base_name(q->files[0]));
    return status;
}

static enum status draw_features(struct layer_report *r, struct layer_rows *rows, struct error *e)
{
    unsigned char **bytes = arena_array(&r->arena, rows->n, sizeof *bytes);
    size_t *bytes_n = arena_array(&r->arena, rows->n, sizeof *bytes_n);
    if (!bytes || !bytes_n)
        return error_memory(e);
    enum status status = drawing_encode_layer(rows->boundaries, rows->n, &r->arena, bytes, bytes_n, e);
    for (size_t i = 0; status == STATUS_OK && i < rows->n; i++) {
        rows->features[i].drawing = bytes[i];
        rows->features[i].drawing_n = bytes_n[i];
    }
    return status;
}

/* The file, and which of its cells were taken. */
static const char *source_text(const struct layer_request *q, struct layer_report *r)
{
    static const char *const signs[] = {[RASTER_VALUE] = "=", [RASTER_THRESHOLD] = ">="};
    const char *base = base_name(q->files[0]);
    const char *text = q->raster_rule == RASTER_CATEGORIES ? base : arena_printf(&r->arena, "%s, value %s %.10g", base, signs[q->raster_rule], q->raster_number);
    return text ? text : base;
}

static void describe(const struct layer_request *q, struct layer_report *r, const struct layer_rows *rows)
{
    struct store_layer *l = &r->layer;
    l->kind = q->kind;
    l->level = q->level ? q->level : "";
    l->source = source_text(q, r);
    l->edition = q->edition ? q->edition : "";
    l->accuracy_m = !isnan(q->accuracy_m) ? q->accuracy_m : l->cell_m > 0 ? l->cell_m / 2 : CORRIDOR_ACCURACY_M;
    l->features_n = (int64_t)rows->n;
    l->box = (struct box){180, 90, -180, -90};
    for (size_t i = 0; i < rows->n; i++) {
        struct box b = boundary_box(&rows->boundaries[i]);
        l->box.west = fmin(l->box.west, b.west);
        l->box.south = fmin(l->box.south, b.south);
        l->box.east = fmax(l->box.east, b.east);
        l->box.north = fmax(l->box.north, b.north);
        l->area_mm2 += rows->features[i].area_mm2;
    }
    r->features = l->features_n;
    r->area_mm2 = l->area_mm2;
}

/* ---- terrain ---- */

static bool terrain_step(double done, void *arg)
{
    const struct layer_request *q = arg;
    if (q->progress)
        q->progress("terrain", (uint64_t)(done * 1000), 1000, q->progress_arg);
    return true;
}

/* What is known of the elevation model's error: as the request says, else as the model is known for. */
static bool describe_model(const struct layer_request *q, struct layer_report *r)
{
    struct store_layer *l = &r->layer;
    struct dem_error known;
    const char *words = arena_printf(&r->arena, "%s %s %s", q->model ? q->model : "", l->edition, l->source);
    if (!words)
        return false;
    bool found = dem_error_find(words, &known);
    l->model = q->model ? q->model : found ? arena_strdup(&r->arena, known.name) : "";
    l->vertical_error_m = l->vertical_error_steep_m = l->vertical_error_correlation = NAN;
    l->vertical_error_source = "";
    if (!isnan(q->vertical_error_m)) {
        l->vertical_error_m = l->vertical_error_steep_m = q->vertical_error_m;
        l->vertical_error_correlation = isnan(q->vertical_correlation) ? 0 : q->vertical_correlation;
        l->vertical_error_source = "stated when the terrain was added";
    } else if (found) {
        l->vertical_error_m = known.sigma_m;
        l->vertical_error_steep_m = known.sigma_steep_m;
        l->vertical_error_correlation = isnan(q->vertical_correlation) ? known.neighbour_correlation : q->vertical_correlation;
        l->vertical_error_source = arena_strdup(&r->arena, known.source);
    }
    return l->model && l->vertical_error_source;
}

static enum status build_terrain(const struct layer_request *q, struct layer_report *r, char path[STORE_PATH_MAX + 300], struct error *e)
{
    /* a name of its own, so that readers of the former terrain are not disturbed */
    unsigned char seed[IDENTITY_HASH_BYTES];
    identity_random(seed);
    char *name = arena_printf(&r->arena, "terrain-%02x%02x%02x%02x.tif", seed[0], seed[1], seed[2], seed[3]);
    if (!name)
        return error_memory(e);
    snprintf(path, STORE_PATH_MAX + 300, "%s/terrain/%s", q->registry, name);
    struct terrain_info info;
    enum status status = terrain_build(q->files, q->files_n, path, terrain_step, (void *)(uintptr_t)q, &info, e);
    if (status != STATUS_OK)
        return status;
    struct store_layer *l = &r->layer;
    *l = (struct store_layer){.kind = LAYER_TERRAIN, .level = "", .source = base_name(q->files[0]), .sha256 = "",
                              .edition = q->edition ? q->edition : "", .features_n = (int64_t)q->files_n,
                              .box = {info.west, info.south, info.east, info.north}, .file = name,
                              .crs = arena_strdup(&r->arena, info.crs), .cell_m = info.cell_m,
                              .slope_kernel = q->kernel ? *q->kernel : SLOPE_HORN};
    r->features = l->features_n;
    return describe_model(q, r) ? STATUS_OK : error_memory(e);
}

/* ---- the transaction ---- */

/* Where a layer changes figures: a plot near a corridor is told from one that is far from all. */
static struct box reach_of(const struct store_layer *l)
{
    return l->kind == LAYER_CORRIDORS ? figures_reach(&l->box, l->accuracy_m) : l->box;
}

struct former_layer {
    const struct store_layer *now;
    bool found;
    struct box reach;
};

static bool note_former(const struct store_layer *l, void *arg)
{
    struct former_layer *f = arg;
    if (l->kind == f->now->kind && strcmp(l->level, f->now->level) == 0) {
        f->found = true;
        f->reach = reach_of(l);
    }
    return true;
}

static void recompute_step(uint64_t done, uint64_t total, void *arg)
{
    const struct layer_request *q = arg;
    if (q->progress)
        q->progress("recomputing", done, total, q->progress_arg);
}

/* The plots a layer may affect, those of the one it replaces too. */
static enum status select_touched(struct store *s, const struct layer_report *r, const struct former_layer *former, struct touched *touched,
                                  struct error *e)
{
    struct key_set seen = {0};
    struct box reach = reach_of(&r->layer);
    enum status status = recompute_select(s, &reach, &seen, touched, e);
    if (status == STATUS_OK && former->found)
        status = recompute_select(s, &former->reach, &seen, touched, e);
    key_set_clear(&seen);
    return status;
}

static enum status recompute_all(struct store *s, struct staff *staff, const struct layer_request *q, const struct layer_report *r,
                                 const struct former_layer *former, int64_t change, struct touched *touched, struct error *e)
{
    const struct box boxes[] = {reach_of(&r->layer), former->reach};
    if (q->classes) /* faces tell by their change which slope classes they know */
        return recompute_run(s, staff, change, touched, recompute_step, (void *)(uintptr_t)q, e);
    enum status status = recompute_plots(s, staff, change, touched, recompute_step, (void *)(uintptr_t)q, e);
    bool first_corridors = q->kind == LAYER_CORRIDORS && !former->found;
    return status == STATUS_OK ? recompute_faces(s, staff, boxes, former->found ? 2 : 1, first_corridors, e) : status;
}

static enum status recompute_touched(struct store *s, const struct layer_request *q, struct layer_report *r, const struct former_layer *former,
                                     int64_t change, struct error *e)
{
    struct touched touched = {0};
    struct staff staff = {0};
    int64_t plots;
    enum status status = store_plots_about(s, &plots, e);
    if (status != STATUS_OK || !plots)
        return status;
    status = staff_hire(&staff, s, e); /* the indexes are built while the plots are found */
    if (status == STATUS_OK)
        status = select_touched(s, r, former, &touched, e);
    if (status == STATUS_OK)
        status = staff_ready(&staff, e);
    r->plots_recomputed = (int64_t)touched.n;
    if (status == STATUS_OK && q->kind == LAYER_CORRIDORS && !former->found) /* most plots are far from any */
        status = recompute_near_corridors(&staff, &touched, e);
    if (status == STATUS_OK && touched.n)
        status = recompute_all(s, &staff, q, r, former, change, &touched, e);
    staff_dismiss(&staff);
    touched_clear(&touched);
    return status;
}

static enum status add_in_transaction(struct store *s, const struct layer_request *q, struct layer_report *r, const struct layer_rows *rows,
                                      struct error *e)
{
    struct former_layer former = {.now = &r->layer};
    int64_t change;
    enum status status = store_each_layer(s, note_former, &former, e);
    if (status == STATUS_OK)
        status = store_change_new(s, "layer", &change, e);
    if (status == STATUS_OK)
        status = store_layer_add(s, &r->layer, change, &r->layer_id, e);
    if (status == STATUS_OK && q->classes)
        status = store_slope_table_set(s, q->classes, change, e);
    for (size_t i = 0; status == STATUS_OK && i < rows->n; i++)
        status = store_layer_feature_add(s, r->layer_id, &rows->features[i], e);
    return status == STATUS_OK ? recompute_touched(s, q, r, &former, change, e) : status;
}

enum status layer_add(const struct layer_request *q, struct layer_report *r, struct error *e)
{
    *r = (struct layer_report){0};
    arena_init(&r->arena, 0);
    struct layer_rows rows = {0};
    struct store *s = NULL;
    char path[STORE_PATH_MAX + 300] = "";
    enum status status = store_open(q->registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK && q->kind == LAYER_TERRAIN) {
        status = build_terrain(q, r, path, e);
    } else if (status == STATUS_OK) {
        status = read_features(s, q, r, &rows, e);
        if (status == STATUS_OK)
            status = draw_features(r, &rows, e);
        describe(q, r, &rows);
    }
    if (status == STATUS_OK && (status = store_begin(s, true, e)) == STATUS_OK) {
        status = add_in_transaction(s, q, r, &rows, e);
        if (status == STATUS_OK)
            status = answers_keep(s, r->plots_recomputed, e);
        if (status == STATUS_OK)
            status = store_commit(s, e);
        else
            store_rollback(s);
    }
    if (status != STATUS_OK && path[0])
        unlink(path);
    store_close(s);
    free(rows.features);
    free(rows.boundaries);
    if (status != STATUS_OK)
        layer_report_clear(r);
    return status;
}

/* ---- what is known of the terrain, changed later ---- */

struct current_terrain {
    struct layer_report *report;
    bool found, failed;
};

static bool note_terrain(const struct store_layer *l, void *arg)
{
    struct current_terrain *t = arg;
    struct arena *a = &t->report->arena;
    if (l->kind != LAYER_TERRAIN)
        return true;
    struct store_layer *to = &t->report->layer;
    *to = *l;
    to->level = "";
    to->added_at = NULL; /* now */
    to->sha256 = "";
    to->source = arena_strdup(a, l->source);
    to->edition = arena_strdup(a, l->edition);
    to->file = arena_strdup(a, l->file);
    to->crs = arena_strdup(a, l->crs);
    to->model = arena_strdup(a, l->model);
    to->vertical_error_source = arena_strdup(a, l->vertical_error_source);
    t->found = true;
    t->failed = !to->source || !to->edition || !to->file || !to->crs || !to->model || !to->vertical_error_source;
    return false;
}

/* The parts of the description that the request changes; what is not named stays. */
static bool redescribe(const struct layer_request *q, struct layer_report *r)
{
    struct store_layer was = r->layer, *l = &r->layer;
    if (q->edition)
        l->edition = q->edition;
    if (q->kernel)
        l->slope_kernel = *q->kernel;
    if (!q->model && isnan(q->vertical_error_m)) {
        if (!isnan(q->vertical_correlation))
            l->vertical_error_correlation = q->vertical_correlation;
        return true;
    }
    if (!describe_model(q, r))
        return false;
    if (!q->model)
        l->model = was.model;
    return true;
}

static enum status set_in_transaction(struct store *s, const struct layer_request *q, struct layer_report *r, struct error *e)
{
    struct current_terrain t = {.report = r};
    bool description = q->model || q->edition || q->kernel || !isnan(q->vertical_error_m) || !isnan(q->vertical_correlation);
    int64_t change;
    enum status status = store_each_layer(s, note_terrain, &t, e);
    if (status == STATUS_OK && (t.failed || (t.found && !redescribe(q, r))))
        status = error_memory(e);
    if (status == STATUS_OK && !t.found && description)
        status = error_set(e, STATUS_NOT_FOUND, "no_terrain", "add it with parcela layer add REGISTRY terrain FILE...", "the registry has no terrain");
    if (status == STATUS_OK)
        status = store_change_new(s, "layer", &change, e);
    if (status == STATUS_OK && description)
        status = store_layer_add(s, &r->layer, change, &r->layer_id, e);
    if (status == STATUS_OK && q->classes)
        status = store_slope_table_set(s, q->classes, change, e);
    struct former_layer none = {0};
    return status == STATUS_OK && t.found ? recompute_touched(s, q, r, &none, change, e) : status;
}

enum status layer_set(const struct layer_request *q, struct layer_report *r, struct error *e)
{
    *r = (struct layer_report){0};
    arena_init(&r->arena, 0);
    struct store *s = NULL;
    enum status status = store_open(q->registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK && (status = store_begin(s, true, e)) == STATUS_OK) {
        status = set_in_transaction(s, q, r, e);
        if (status == STATUS_OK)
            status = answers_keep(s, r->plots_recomputed, e);
        if (status == STATUS_OK)
            status = store_commit(s, e);
        else
            store_rollback(s);
    }
    store_close(s);
    if (status != STATUS_OK)
        layer_report_clear(r);
    return status;
}

void layer_report_clear(struct layer_report *r)
{
    free(r->findings);
    arena_clear(&r->arena);
    *r = (struct layer_report){0};
}
