/* Partition, slope and apportioning of one boundary; see figures.h. */
#include "service/registry/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/slope.h"
#include "importers/terrain.h"
#include "service/registry/pool.h"

enum { FIGURES_TERRAIN_CACHE_MB = 48 }; /* a worker; plots come in Hilbert order */

struct feature_list {
    struct arena *arena;
    struct layer_feature *features;
    size_t n, capacity;
    bool failed;
};

/* One layer on its way to an index: read by the owner of the store, built by a worker. */
struct index_job {
    int64_t layer_id;
    struct arena arena;
    struct feature_list features;
    struct geo_context *geo;
    struct layer_index **out;
    enum status status;
    struct error error;
};

struct figures_setup {
    struct partition_layers layers;
    struct layer_index *indexes[PARTITION_LEVELS_MAX + 1]; /* owned; the last is the corridors' */
    struct index_job jobs[PARTITION_LEVELS_MAX + 1];       /* until figures_setup_finish */
    size_t jobs_n;
    int regions_n;
    struct slope_class_table table;
    char terrain_path[STORE_PATH_MAX + 300]; /* "" = no terrain layer */
    struct slope_error error;  /* of the terrain; noise NULL = not stated */
    struct slope_noise *noise; /* owned */
    enum slope_kernel kernel;  /* of the terrain */
    int64_t change;
};

struct figures_worker {
    const struct figures_setup *setup;
    struct geo_context *geo;
    struct terrain *terrain;
    struct arena scratch;
};

/* ---- setup ---- */

struct layer_list {
    struct figures_setup *setup;
    const char *folder;
    int64_t regions[PARTITION_LEVELS_MAX];
    int regions_n;
    int64_t corridors;
    bool too_many;
};

struct slope_error figures_error_of(const struct store_layer *terrain)
{
    struct slope_error error = {0};
    if (!(terrain->vertical_error_m > 0)) /* also when it is NaN: not stated */
        return error;
    error.sigma_m = terrain->vertical_error_m;
    error.sigma_steep_m = terrain->vertical_error_steep_m > 0 ? terrain->vertical_error_steep_m : error.sigma_m;
    error.share = slope_noise_kernel(terrain->slope_kernel, terrain->vertical_error_correlation >= 0 ? terrain->vertical_error_correlation : 0);
    return error;
}

static bool note_layer(const struct store_layer *layer, void *arg)
{
    struct layer_list *list = arg;
    if (layer->from_change > list->setup->change)
        list->setup->change = layer->from_change;
    switch (layer->kind) {
    case LAYER_REGIONS:
        if (list->regions_n == PARTITION_LEVELS_MAX)
            list->too_many = true;
        else
            list->regions[list->regions_n++] = layer->id;
        break;
    case LAYER_CORRIDORS:
        list->corridors = layer->id;
        list->setup->layers.corridor_accuracy_m = layer->accuracy_m;
        break;
    case LAYER_TERRAIN:
        snprintf(list->setup->terrain_path, sizeof list->setup->terrain_path, "%s/terrain/%s", list->folder, layer->file);
        list->setup->error = figures_error_of(layer);
        list->setup->kernel = layer->slope_kernel;
        break;
    }
    return true;
}

static bool note_feature(const struct store_layer_feature *f, void *arg)
{
    struct feature_list *list = arg;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        struct layer_feature *more = realloc(list->features, capacity * sizeof *more);
        if (!more)
            return !(list->failed = true);
        list->features = more;
        list->capacity = capacity;
    }
    struct layer_feature *out = &list->features[list->n++];
    out->id = (uint32_t)f->id;
    list->failed = !boundary_copy(&out->boundary, &f->boundary, list->arena);
    return !list->failed;
}

static void build_job(int worker, size_t item, void *arg)
{
    (void)worker;
    struct index_job *job = (struct index_job *)arg + item;
    job->status = layer_index_build(job->geo, job->features.features, job->features.n, job->out, &job->error);
}

static enum status read_job(struct store *s, struct index_job *job, struct error *e)
{
    job->features.arena = &job->arena;
    if (!(job->geo = geo_context_new())) /* serially: see overlay.h */
        return error_memory(e);
    enum status status = store_each_layer_feature(s, job->layer_id, NULL, true, false, note_feature, &job->features, e);
    return status == STATUS_OK && job->features.failed ? error_memory(e) : status;
}

/* The corridors come first: they have most vertices. */
static enum status read_layers(struct store *s, struct figures_setup *setup, const struct layer_list *list, struct error *e)
{
    struct index_job *jobs = setup->jobs;
    enum status status = STATUS_OK;
    if (list->corridors)
        jobs[setup->jobs_n++] = (struct index_job){.layer_id = list->corridors, .out = &setup->indexes[PARTITION_LEVELS_MAX]};
    for (int i = 0; i < list->regions_n; i++)
        jobs[setup->jobs_n++] = (struct index_job){.layer_id = list->regions[i], .out = &setup->indexes[i]};
    setup->regions_n = list->regions_n;
    for (size_t i = 0; status == STATUS_OK && i < setup->jobs_n; i++)
        status = read_job(s, &jobs[i], e);
    return status;
}

static void forget_jobs(struct figures_setup *setup)
{
    for (size_t i = 0; i < setup->jobs_n; i++) {
        free(setup->jobs[i].features.features);
        arena_clear(&setup->jobs[i].arena);
        geo_context_free(setup->jobs[i].geo);
    }
    setup->jobs_n = 0;
}

void figures_setup_build(struct figures_setup *setup, struct pool *pool)
{
    pool_start(pool, setup->jobs_n, 1, build_job, setup->jobs);
}

enum status figures_setup_finish(struct figures_setup *setup, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < setup->jobs_n && status == STATUS_OK; i++)
        if ((status = setup->jobs[i].status) != STATUS_OK)
            *e = setup->jobs[i].error;
    forget_jobs(setup);
    for (int i = 0; i < setup->regions_n; i++)
        setup->layers.regions[i] = setup->indexes[i];
    setup->layers.levels_n = setup->regions_n;
    setup->layers.corridors = setup->indexes[PARTITION_LEVELS_MAX];
    return status;
}

enum status figures_setup_load(struct store *s, struct figures_setup **out, struct error *e)
{
    struct figures_setup *setup = calloc(1, sizeof *setup);
    if (!setup)
        return error_memory(e);
    struct layer_list list = {.setup = setup, .folder = store_folder(s)};
    enum status status = store_each_layer(s, note_layer, &list, e);
    if (status == STATUS_OK && list.too_many)
        status = error_set(e, STATUS_LIMIT, "region_levels", "remove a region layer", "there are more than %d region levels",
                           PARTITION_LEVELS_MAX);
    if (status == STATUS_OK)
        status = store_slope_table(s, &setup->table, e);
    int64_t classes_change = 0;
    if (status == STATUS_OK)
        status = store_slope_table_change(s, &classes_change, e);
    if (classes_change > setup->change)
        setup->change = classes_change;
    if (status == STATUS_OK && setup->error.sigma_m > 0 && !(setup->error.noise = setup->noise = slope_noise_new()))
        status = error_memory(e);
    if (status == STATUS_OK)
        status = read_layers(s, setup, &list, e);
    if (status != STATUS_OK) {
        figures_setup_free(setup);
        return status;
    }
    *out = setup;
    return STATUS_OK;
}

void figures_setup_free(struct figures_setup *setup)
{
    if (!setup)
        return;
    forget_jobs(setup);
    for (int i = 0; i <= PARTITION_LEVELS_MAX; i++)
        layer_index_free(setup->indexes[i]);
    slope_noise_free(setup->noise);
    free(setup);
}

int64_t figures_setup_change(const struct figures_setup *setup)
{
    return setup->change;
}

const struct layer_index *figures_setup_regions(const struct figures_setup *setup, int level)
{
    return level < setup->layers.levels_n ? setup->layers.regions[level] : NULL;
}

bool figures_setup_has_regions(const struct figures_setup *setup)
{
    return setup->regions_n > 0;
}

struct box figures_reach(const struct box *box, double accuracy_m)
{
    const double a_little_more = 1.01, least_east_m = 1; /* a degree of longitude at a pole */
    double more_m = fmax(accuracy_m, 0) * a_little_more, east_m, north_m;
    ground_m_per_degree(fmax(fabs(box->south), fabs(box->north)), &east_m, &north_m); /* where degrees are shortest */
    double east = fmin(more_m / fmax(east_m, least_east_m), 360), north = more_m * a_little_more / north_m;
    return (struct box){box->west - east, box->south - north, box->east + east, box->north + north};
}

bool figures_setup_near_corridor(const struct figures_setup *setup, const struct box *box)
{
    struct box reach = figures_reach(box, setup->layers.corridor_accuracy_m);
    uint32_t id;
    if (!setup->layers.corridors)
        return false;
    return layer_index_query(setup->layers.corridors, &reach, &id, 1) > 0;
}

/* ---- workers ---- */

enum status figures_worker_new(const struct figures_setup *setup, struct figures_worker **out, struct error *e)
{
    struct figures_worker *w = calloc(1, sizeof *w);
    if (!w)
        return error_memory(e);
    w->setup = setup;
    arena_init(&w->scratch, 0);
    w->geo = geo_context_new();
    enum status status = w->geo ? STATUS_OK : error_memory(e);
    struct terrain_info info;
    if (status == STATUS_OK && setup->terrain_path[0])
        status = terrain_open(setup->terrain_path, FIGURES_TERRAIN_CACHE_MB, &w->terrain, &info, e);
    if (status == STATUS_OK && w->terrain)
        terrain_kernel(w->terrain, setup->kernel);
    if (status != STATUS_OK) {
        figures_worker_free(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

void figures_worker_free(struct figures_worker *w)
{
    if (!w)
        return;
    terrain_close(w->terrain);
    geo_context_free(w->geo);
    arena_clear(&w->scratch);
    free(w);
}

struct geo_context *figures_worker_geo(struct figures_worker *w)
{
    return w->geo;
}

struct arena *figures_worker_scratch(struct figures_worker *w)
{
    return &w->scratch;
}

/* ---- figures of one boundary ---- */

static struct slope_stats slope_unknown(void)
{
    struct slope_stats s = {.nodata = 1, .nodata_share = 1, .surface_factor = 1};
    s.mean_pct = s.max_pct = s.p10_pct = s.p50_pct = s.p90_pct = NAN;
    return s;
}

/* With what each class may be under the elevation model's error only where somebody reads it: it is a third of the work. */
static enum status slope_of(struct figures_worker *w, const struct boundary *b, bool expect, struct slope_stats *out, struct error *e)
{
    *out = slope_unknown();
    if (w->terrain)
        terrain_error(w->terrain, expect && w->setup->noise ? &w->setup->error : NULL);
    return w->terrain ? terrain_slope(w->terrain, b, &w->setup->table, &w->scratch, out, e) : STATUS_OK;
}

/* Splits one piece of area piece_mm2 over slope classes and appends its parts; how many (0 also when out of memory). `expected` gets the
 * same ground, but for what has no elevation data, split by expectation. */
static size_t put_parts(const struct figures_setup *setup, const struct partition_piece *piece, const struct slope_stats *slope, int64_t piece_mm2,
                        struct store_part *parts, struct store_expected *expected, struct arena *keep)
{
    double weights[SLOPE_CLASSES_MAX + 1];
    int64_t mm2[SLOPE_CLASSES_MAX + 1];
    size_t classes_n = (size_t)setup->table.classes_n;
    memcpy(weights, slope->class_weight, classes_n * sizeof *weights);
    weights[classes_n] = slope->nodata;
    area_apportion(piece_mm2, weights, classes_n + 1, mm2);
    size_t levels_n = (size_t)setup->layers.levels_n;
    uint32_t *regions = arena_memdup(keep, piece->region, levels_n * sizeof *regions);
    uint32_t *corridors = arena_memdup(keep, piece->corridor, (size_t)piece->corridors_n * sizeof *corridors);
    size_t n = 0;
    for (size_t c = 0; regions && corridors && c <= classes_n; c++) {
        if (mm2[c] == 0)
            continue;
        parts[n++] = (struct store_part){.regions = regions,
                                         .levels_n = (int)levels_n,
                                         .corridors = corridors,
                                         .corridors_n = piece->corridors_n,
                                         .slope_class = c == classes_n ? -1 : (int)c,
                                         .area_mm2 = mm2[c]};
    }
    if (!expected)
        return n;
    *expected = (struct store_expected){.regions = regions, .levels_n = (int)levels_n, .corridors = corridors, .corridors_n = piece->corridors_n};
    if (mm2[classes_n] < piece_mm2)
        area_apportion(piece_mm2 - mm2[classes_n], slope->class_expected, classes_n, expected->class_mm2);
    return n;
}

static void put_slope(const struct slope_stats *slope, int64_t area_mm2, struct store_figures *out)
{
    out->slope_mean_pct = slope->mean_pct;
    out->slope_max_pct = slope->max_pct;
    out->slope_p10_pct = slope->p10_pct;
    out->slope_p50_pct = slope->p50_pct;
    out->slope_p90_pct = slope->p90_pct;
    out->slope_nodata_share = slope->nodata_share;
    out->surface_mm2 = isfinite(slope->mean_pct) ? llround((double)area_mm2 * slope->surface_factor) : 0;
}

/* Totals that follow from the parts, so that they can never disagree with them. */
static void sum_parts(struct store_figures *f, struct store_corridor_hit *hits)
{
    int64_t class_mm2[SLOPE_CLASSES_MAX] = {0}, most = 0;
    f->slope_class = -1;
    for (size_t i = 0; i < f->parts_n; i++) {
        const struct store_part *p = &f->parts[i];
        if (p->slope_class >= 0 && (class_mm2[p->slope_class] += p->area_mm2) > most)
            most = class_mm2[p->slope_class];
        if (p->corridors_n)
            f->corridor_mm2 += p->area_mm2;
        for (size_t h = 0; h < f->corridors_n; h++)
            for (int c = 0; c < p->corridors_n; c++)
                if ((int64_t)p->corridors[c] == hits[h].feature_id)
                    hits[h].area_mm2 += p->area_mm2;
    }
    for (int c = SLOPE_CLASSES_MAX - 1; c >= 0; c--)
        if (class_mm2[c] && class_mm2[c] == most)
            f->slope_class = c;
    for (size_t h = 0; h < f->corridors_n; h++)
        if (hits[h].verdict > f->corridor_verdict)
            f->corridor_verdict = hits[h].verdict;
}

/* PARTS: parts alone; FIGURES: with verdicts; EXPECTED: also with what each slope class may be, which faces and specks have no use for. */
enum wanted { PARTS, FIGURES, EXPECTED };
static enum status figures_compute(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, const struct area_noise *noise,
                                   enum wanted wanted, struct arena *keep, struct store_figures *out, struct error *e);

/* A place without a boundary belongs to what two metres round it mostly belong to: one part of no
 * hectares, so that it is counted where it lies. */
static enum status figures_of_speck(struct figures_worker *w, const struct boundary *speck, struct arena *keep, struct store_figures *out,
                                    struct error *e)
{
    const double half_deg = 1e-5;
    struct lonlat p = boundary_anchor(speck);
    struct lonlat points[BOUNDARY_SPECK_POINTS] = {{p.lon - half_deg, p.lat - half_deg}, {p.lon + half_deg, p.lat - half_deg},
                                                   {p.lon + half_deg, p.lat + half_deg}, {p.lon - half_deg, p.lat + half_deg},
                                                   {p.lon - half_deg, p.lat - half_deg}};
    uint32_t ring_end = BOUNDARY_SPECK_POINTS, part_end = 1;
    const struct boundary square = {points, &ring_end, &part_end, BOUNDARY_SPECK_POINTS, 1, 1};
    enum status status = figures_of(w, &square, (int64_t)MM2_PER_M2, keep, out, e);
    if (status != STATUS_OK || !out->parts_n)
        return status;
    struct store_part *largest = (struct store_part *)(uintptr_t)out->parts;
    for (size_t i = 1; i < out->parts_n; i++)
        if (out->parts[i].area_mm2 > largest->area_mm2)
            *largest = out->parts[i];
    largest->area_mm2 = 0;
    out->parts_n = 1;
    struct store_corridor_hit *hits = (struct store_corridor_hit *)(uintptr_t)out->corridors;
    for (size_t i = 0; i < out->corridors_n; i++)
        hits[i].area_mm2 = 0;
    out->corridor_mm2 = out->surface_mm2 = 0;
    return STATUS_OK;
}

/* The errors of the pieces; none for a whole plot, or one in so many pieces that their shares must do. */
static enum status put_errors(struct figures_worker *w, const struct boundary *b, const struct partition *partition,
                              const struct area_noise *noise, struct arena *keep, struct store_figures *out, struct error *e)
{
    size_t n = partition->pieces_n;
    const struct boundary *pieces[UNCERTAINTY_PIECES_MAX];
    struct uncertainty_pull pulls[UNCERTAINTY_PIECES_MAX];
    if (!noise || !isfinite(noise->se_m2) || n < 2 || n > UNCERTAINTY_PIECES_MAX)
        return STATUS_OK;
    size_t levels_n = (size_t)w->setup->layers.levels_n;
    struct store_part_error *errors = arena_array(keep, n, sizeof *errors);
    double *covariance = arena_array(keep, n * n, sizeof *covariance);
    if (!errors || !covariance)
        return error_memory(e);
    for (size_t i = 0; i < n; i++)
        pieces[i] = &partition->pieces[i].geometry;
    enum status status = uncertainty_of_pieces(b, &noise->model, noise->se_m2, pieces, n, &w->scratch, pulls, covariance, e);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        const struct partition_piece *p = &partition->pieces[i];
        errors[i] = (struct store_part_error){.regions = arena_memdup(keep, p->region, levels_n * sizeof *p->region),
                                              .levels_n = (int)levels_n,
                                              .corridors = arena_memdup(keep, p->corridor, (size_t)p->corridors_n * sizeof *p->corridor),
                                              .corridors_n = p->corridors_n,
                                              .east_m = pulls[i].east_m,
                                              .north_m = pulls[i].north_m,
                                              .covariance = covariance + i * n};
        if (!errors[i].regions || !errors[i].corridors)
            return error_memory(e);
    }
    out->errors = errors;
    out->errors_n = n;
    return status;
}

enum status figures_of(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, struct arena *keep, struct store_figures *out,
                       struct error *e)
{
    return figures_compute(w, b, area_mm2, NULL, FIGURES, keep, out, e);
}

enum status figures_parts_of(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, struct arena *keep, struct store_figures *out,
                             struct error *e)
{
    return figures_compute(w, b, area_mm2, NULL, PARTS, keep, out, e);
}

enum status figures_of_plot(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, const struct area_noise *noise,
                            struct arena *keep, struct store_figures *out, struct error *e)
{
    if (area_mm2 == 0 && boundary_is_speck(b))
        return figures_of_speck(w, b, keep, out, e);
    return figures_compute(w, b, area_mm2, noise, EXPECTED, keep, out, e);
}

static enum status figures_compute(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, const struct area_noise *noise,
                                   enum wanted wanted, struct arena *keep, struct store_figures *out, struct error *e)
{
    const struct figures_setup *setup = w->setup;
    struct partition_layers layers = setup->layers;
    bool expect = wanted == EXPECTED;
    if (wanted == PARTS) /* the accuracy is for verdicts */
        layers.corridor_accuracy_m = 0;
    *out = (struct store_figures){.layers_change = setup->change, .corridor_verdict = LAYER_OUTSIDE};
    arena_reset(&w->scratch);
    struct partition partition;
    enum status status = partition_plot(w->geo, b, &layers, &w->scratch, &partition, e);
    if (status != STATUS_OK)
        return status;
    struct slope_stats whole;
    if ((status = slope_of(w, b, expect && partition.pieces_n == 1, &whole, e)) != STATUS_OK)
        return status;
    put_slope(&whole, area_mm2, out);

    size_t n = partition.pieces_n;
    double *weights = arena_array(&w->scratch, n, sizeof *weights);
    int64_t *mm2 = arena_array(&w->scratch, n, sizeof *mm2);
    size_t each_n = w->terrain ? (size_t)setup->table.classes_n + 1 : 1; /* at most so many parts of a piece */
    struct store_part *parts = arena_array(keep, n * each_n, sizeof *parts);
    struct store_corridor_hit *hits = arena_array(keep, partition.corridors_n, sizeof *hits);
    expect = expect && setup->noise && whole.covered > 0;
    struct store_expected *expected = expect ? arena_array(keep, n, sizeof *expected) : NULL;
    if (!weights || !mm2 || !parts || !hits || (expect && !expected))
        return error_memory(e);
    for (size_t i = 0; i < n; i++)
        weights[i] = partition.pieces[i].weight;
    area_apportion(area_mm2, weights, n, mm2);
    out->expected = expected;
    out->expected_n = expect ? n : 0;
    for (size_t i = 0; i < n; i++) {
        struct slope_stats of_piece;
        if (n > 1 && (status = slope_of(w, &partition.pieces[i].geometry, expect, &of_piece, e)) != STATUS_OK)
            return status;
        size_t put = put_parts(setup, &partition.pieces[i], n > 1 ? &of_piece : &whole, mm2[i], parts + out->parts_n, expect ? &expected[i] : NULL, keep);
        if (!put && mm2[i])
            return error_memory(e);
        out->parts_n += put;
    }
    for (size_t h = 0; h < partition.corridors_n; h++)
        hits[h] = (struct store_corridor_hit){.feature_id = partition.corridors[h].id, .verdict = (int)partition.corridors[h].verdict};
    out->parts = parts;
    out->corridors = hits;
    out->corridors_n = partition.corridors_n;
    sum_parts(out, hits);
    return put_errors(w, b, &partition, noise, keep, out, e);
}
