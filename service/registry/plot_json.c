/* A plot as a GeoJSON Feature; see plot_json.h. */
#include "service/registry/plot_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "geo/uncertainty.h"
#include "service/registry/identity.h"
#include "service/registry/layers.h"

enum { PLOT_COORDINATE_DECIMALS = 7 };

struct word {
    char *key, *name;
};

struct plot_words {
    struct slope_class_table classes;
    struct arena arena;
    const char *levels[PARTITION_LEVELS_MAX];
    int levels_n;
    int64_t layers[PARTITION_LEVELS_MAX + 1];
    int layers_n;
    struct key_set features; /* feature id -> place in words */
    struct word *words;
    size_t words_n, words_capacity;
    struct buf terrain; /* the members of slope_method that tell of it */
    bool failed;
};

static void key_string(struct buf *out, const char *key, const char *value);
static void key_number(struct buf *out, const char *key, double value, int decimals);

static bool note_layer(const struct store_layer *l, void *arg)
{
    struct plot_words *w = arg;
    if (l->kind == LAYER_TERRAIN) {
        key_string(&w->terrain, "model", *l->model ? l->model : NULL);
        key_string(&w->terrain, "source", l->source);
        key_string(&w->terrain, "edition", l->edition);
        key_number(&w->terrain, "cell_m", l->cell_m, 3);
        layer_slope_json(l, &w->terrain);
    }
    if (l->kind == LAYER_REGIONS && w->levels_n < PARTITION_LEVELS_MAX)
        w->levels[w->levels_n++] = arena_strdup(&w->arena, l->level);
    if (l->kind != LAYER_TERRAIN && w->layers_n <= PARTITION_LEVELS_MAX)
        w->layers[w->layers_n++] = l->id;
    return true;
}

static bool note_feature(const struct store_layer_feature *f, void *arg)
{
    struct plot_words *w = arg;
    if (w->words_n == w->words_capacity) {
        size_t capacity = w->words_capacity ? w->words_capacity * 2 : 256;
        struct word *more = realloc(w->words, capacity * sizeof *more);
        if (!more)
            return !(w->failed = true);
        w->words = more;
        w->words_capacity = capacity;
    }
    bool ok;
    key_set_add(&w->features, (uint64_t)f->id, w->words_n, &ok);
    w->failed = w->failed || !ok;
    w->words[w->words_n++] = (struct word){arena_strdup(&w->arena, f->key), arena_strdup(&w->arena, f->name)};
    return !w->failed;
}

enum status plot_words_load(struct store *s, struct plot_words **out, struct error *e)
{
    struct plot_words *w = calloc(1, sizeof *w);
    if (!w)
        return error_memory(e);
    arena_init(&w->arena, 0);
    buf_init(&w->terrain, 0);
    buf_putc(&w->terrain, '{');
    enum status status = store_slope_table(s, &w->classes, e);
    key_string(&w->terrain, "table", w->classes.code);
    key_string(&w->terrain, "table_source", w->classes.source);
    if (status == STATUS_OK)
        status = store_each_layer(s, note_layer, w, e);
    for (int i = 0; status == STATUS_OK && i < w->layers_n; i++)
        status = store_each_layer_feature(s, w->layers[i], NULL, false, false, note_feature, w, e);
    buf_putc(&w->terrain, '}');
    if (status == STATUS_OK && (w->failed || w->terrain.failed))
        status = error_memory(e);
    if (status != STATUS_OK) {
        plot_words_free(w);
        return status;
    }
    *out = w;
    return STATUS_OK;
}

void plot_words_free(struct plot_words *w)
{
    if (!w)
        return;
    key_set_clear(&w->features);
    buf_clear(&w->terrain);
    free(w->words);
    arena_clear(&w->arena);
    free(w);
}

static const struct word *word_of(const struct plot_words *w, int64_t feature_id)
{
    const uint64_t *place = key_set_find(&w->features, (uint64_t)feature_id);
    return place ? &w->words[*place] : NULL;
}

static void key_string(struct buf *out, const char *key, const char *value)
{
    buf_json_key(out, key);
    buf_json_string(out, value);
}

static void key_number(struct buf *out, const char *key, double value, int decimals)
{
    buf_json_key(out, key);
    buf_double(out, value, decimals);
}

static void key_ha(struct buf *out, const char *key, int64_t mm2)
{
    buf_json_key(out, key);
    buf_fixed(out, mm2, 10, true);
}

static void key_strings(struct buf *out, const char *key, const char *const *values, int n)
{
    buf_json_key(out, key);
    buf_putc(out, '[');
    for (int i = 0; i < n; i++) {
        buf_json_comma(out);
        buf_json_string(out, values[i]);
    }
    buf_putc(out, ']');
}

/* ---- geometry ---- */

static void put_ring(const struct boundary *b, uint32_t ring, struct buf *out)
{
    buf_putc(out, '[');
    for (uint32_t i = boundary_ring_start(b, ring); i < b->ring_end[ring]; i++) {
        buf_json_comma(out);
        buf_putc(out, '[');
        buf_double(out, b->points[i].lon, PLOT_COORDINATE_DECIMALS);
        buf_putc(out, ',');
        buf_double(out, b->points[i].lat, PLOT_COORDINATE_DECIMALS);
        buf_putc(out, ']');
    }
    buf_putc(out, ']');
}

static void put_point(const struct boundary *speck, struct buf *out)
{
    struct lonlat p = boundary_anchor(speck);
    buf_puts(out, "{\"type\":\"Point\",\"coordinates\":[");
    buf_double(out, p.lon, PLOT_COORDINATE_DECIMALS);
    buf_putc(out, ',');
    buf_double(out, p.lat, PLOT_COORDINATE_DECIMALS);
    buf_puts(out, "]}");
}

static void put_geometry(const struct boundary *b, struct buf *out)
{
    if (boundary_is_speck(b)) {
        put_point(b, out);
        return;
    }
    bool multi = b->parts_n != 1;
    buf_puts(out, multi ? "{\"type\":\"MultiPolygon\",\"coordinates\":[" : "{\"type\":\"Polygon\",\"coordinates\":");
    for (uint32_t part = 0; part < b->parts_n; part++) {
        buf_json_comma(out);
        buf_putc(out, '[');
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            buf_json_comma(out);
            put_ring(b, ring, out);
        }
        buf_putc(out, ']');
    }
    buf_puts(out, multi ? "]}" : "}");
}

/* ---- figures ---- */

static void put_classes(const struct store_figures *f, const struct plot_words *w, struct buf *out)
{
    int64_t mm2[SLOPE_CLASSES_MAX + 1] = {0};
    for (size_t i = 0; i < f->parts_n; i++)
        mm2[f->parts[i].slope_class >= 0 ? f->parts[i].slope_class : SLOPE_CLASSES_MAX] += f->parts[i].area_mm2;
    buf_json_key(out, "slope_class_hectares");
    buf_putc(out, '{');
    for (int c = 0; c < w->classes.classes_n; c++)
        key_ha(out, w->classes.classes[c].code, mm2[c]);
    key_ha(out, "no_data", mm2[SLOPE_CLASSES_MAX]);
    buf_putc(out, '}');
    buf_json_key(out, "slope_class_expected_hectares");
    if (!f->expected_n) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '{');
    for (int c = 0; c < w->classes.classes_n; c++)
        key_ha(out, w->classes.classes[c].code, f->expected->class_mm2[c]);
    key_ha(out, "no_data", mm2[SLOPE_CLASSES_MAX]);
    buf_putc(out, '}');
}

/* The plot's hectares in each region of one level, in the order met; what lies in none has key null. */
static void put_level(const struct store_figures *f, const struct plot_words *w, int level, struct buf *out)
{
    buf_json_key(out, w->levels[level]);
    buf_putc(out, '[');
    for (size_t i = 0; i < f->parts_n; i++) {
        uint32_t region = level < f->parts[i].levels_n ? f->parts[i].regions[level] : LAYER_NONE;
        bool met = false;
        int64_t mm2 = 0;
        for (size_t k = 0; k < f->parts_n; k++) {
            uint32_t other = level < f->parts[k].levels_n ? f->parts[k].regions[level] : LAYER_NONE;
            if (other != region)
                continue;
            met = met || k < i;
            mm2 += f->parts[k].area_mm2;
        }
        if (met)
            continue;
        const struct word *word = region == LAYER_NONE ? NULL : word_of(w, region);
        buf_json_comma(out);
        buf_putc(out, '{');
        key_string(out, "key", word ? word->key : NULL);
        key_string(out, "name", word ? word->name : NULL);
        key_ha(out, "hectares", mm2);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static const char *verdict_name(int verdict)
{
    return verdict == LAYER_INSIDE ? "inside" : verdict == LAYER_EDGE ? "edge" : "outside";
}

/* Standard error of what lies inside corridors, m2; NaN = not known. */
double plot_corridor_se_m2(const struct store_revision *r)
{
    const struct store_figures *f = &r->figures;
    double sum = 0;
    if (f->corridor_mm2 == 0)
        return isnan(r->area_se_m2) ? NAN : 0;
    if (f->corridor_mm2 == r->area_mm2)
        return r->area_se_m2;
    for (size_t i = 0; i < f->errors_n; i++)
        for (size_t k = 0; k < f->errors_n; k++)
            if (f->errors[i].corridors_n && f->errors[k].corridors_n)
                sum += f->errors[i].covariance[k];
    return f->errors_n ? sqrt(fmax(sum, 0)) : r->area_se_m2 * (double)f->corridor_mm2 / (double)r->area_mm2;
}

static void put_corridors(const struct store_revision *r, const struct plot_words *w, int64_t area_mm2, struct buf *out)
{
    const struct store_figures *f = &r->figures;
    double se_m2 = plot_corridor_se_m2(r);
    key_ha(out, "corridor_hectares", f->corridor_mm2);
    if (!isnan(se_m2))
        key_number(out, "corridor_hectares_se", se_m2 / 1e4, 8);
    key_number(out, "corridor_share", area_mm2 ? (double)f->corridor_mm2 / (double)area_mm2 : 0, 9);
    key_string(out, "corridor_verdict", verdict_name(f->corridor_verdict));
    buf_json_key(out, "corridors");
    buf_putc(out, '[');
    for (size_t i = 0; i < f->corridors_n; i++) {
        const struct word *word = word_of(w, f->corridors[i].feature_id);
        buf_json_comma(out);
        buf_putc(out, '{');
        key_string(out, "key", word ? word->key : NULL);
        key_string(out, "name", word ? word->name : NULL);
        key_ha(out, "hectares", f->corridors[i].area_mm2);
        key_string(out, "verdict", verdict_name(f->corridors[i].verdict));
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_slope(const struct store_figures *f, const struct plot_words *w, struct buf *out)
{
    key_string(out, "slope_class", f->slope_class >= 0 ? w->classes.classes[f->slope_class].code : NULL);
    key_string(out, "slope_class_name", f->slope_class >= 0 ? w->classes.classes[f->slope_class].name_en : NULL);
    key_number(out, "slope_mean_pct", f->slope_mean_pct, 4);
    key_number(out, "slope_p10_pct", f->slope_p10_pct, 4);
    key_number(out, "slope_p50_pct", f->slope_p50_pct, 4);
    key_number(out, "slope_p90_pct", f->slope_p90_pct, 4);
    key_number(out, "slope_max_pct", f->slope_max_pct, 4);
    key_number(out, "slope_no_data_share", f->slope_nodata_share, 6);
    if (f->surface_mm2)
        key_ha(out, "surface_hectares", f->surface_mm2);
    put_classes(f, w, out);
    buf_json_key(out, "slope_method");
    buf_puts(out, w->terrain.bytes);
}

/* ---- who, and where it came from ---- */

/* How sure the hectares are; nothing where it was not computed. */
static void put_error(const struct store_revision *r, struct buf *out)
{
    if (isnan(r->area_se_m2))
        return;
    struct uncertainty_interval i = uncertainty_interval95((double)r->area_mm2 / MM2_PER_HA, r->area_se_m2 / 1e4);
    key_number(out, "hectares_se", r->area_se_m2 / 1e4, 8);
    buf_json_key(out, "hectares_ci95");
    buf_putc(out, '[');
    buf_double(out, i.low, 8);
    buf_putc(out, ',');
    buf_double(out, i.high, 8);
    buf_putc(out, ']');
}

static void put_words(const struct store_plot *p, struct buf *out)
{
    static const char *const surveys[] = {"imported", "walked", "digitised", "cadastral"};
    const struct store_revision *r = &p->revision;
    key_string(out, "code", r->code);
    if (r->name)
        key_string(out, "name", r->name);
    key_string(out, "programme", p->programme);
    key_string(out, "programme_name", p->programme_name);
    key_string(out, "organisation", p->organisation);
    key_strings(out, "crops", r->crops, r->crops_n);
    key_strings(out, "practices", r->practices, r->practices_n);
    buf_json_key(out, "adoption_year");
    if (r->adoption_year)
        buf_int(out, r->adoption_year);
    else
        buf_puts(out, "null");
    key_string(out, "observed_date", r->observed_date);
    key_string(out, "survey", surveys[r->survey & 3]);
}

static void put_origin(const struct store_plot *p, struct buf *out)
{
    const struct store_revision *r = &p->revision;
    buf_json_key(out, "revision");
    buf_int(out, r->id);
    buf_json_key(out, "revisions");
    buf_int(out, p->revisions_n);
    key_string(out, "since", p->from_date);
    buf_json_key(out, "import");
    buf_int(out, p->import_id);
    buf_json_key(out, "repaired");
    buf_puts(out, r->repaired ? "true" : "false");
}

static void put_personal(const struct store_plot *p, struct buf *out)
{
    const struct store_revision *r = &p->revision;
    const char gender[2] = {p->producer_gender, 0};
    key_string(out, "file", r->file);
    buf_json_key(out, "row");
    buf_int(out, (int64_t)r->row);
    buf_json_key(out, "source_epsg");
    buf_int(out, r->source_epsg);
    key_number(out, "datum_accuracy_m", r->datum_accuracy_m, 3);
    buf_json_key(out, "producer");
    buf_putc(out, '{');
    key_string(out, "code", p->producer_code);
    key_string(out, "name", p->producer_name);
    key_string(out, "gender", p->producer_gender ? gender : NULL);
    buf_json_key(out, "birth_year");
    if (p->producer_birth_year)
        buf_int(out, p->producer_birth_year);
    else
        buf_puts(out, "null");
    buf_putc(out, '}');
    buf_json_key(out, "source_attributes");
    buf_puts(out, r->attributes_json && *r->attributes_json ? r->attributes_json : "{}");
}

void plot_feature_json(const struct store_plot *p, const struct plot_words *w, bool personal, struct buf *out)
{
    const struct store_revision *r = &p->revision;
    buf_puts(out, "{\"type\":\"Feature\",\"id\":");
    buf_int(out, r->plot_id);
    buf_puts(out, ",\"geometry\":");
    put_geometry(&r->boundary, out);
    buf_puts(out, ",\"properties\":{");
    put_words(p, out);
    key_ha(out, "hectares", r->area_mm2);
    put_error(r, out);
    key_number(out, "perimeter_m", r->perimeter_m, 3);
    key_number(out, "declared_ha", r->declared_ha, 6);
    if (boundary_is_speck(&r->boundary)) /* nothing is measured: hectares are 0, what is declared stands beside */
        buf_puts(out, ",\"declared_only\":true");
    key_number(out, "accuracy_m", r->accuracy_m, 3);
    put_slope(&r->figures, w, out);
    put_corridors(r, w, r->area_mm2, out);
    buf_json_key(out, "regions");
    buf_putc(out, '{');
    for (int level = 0; level < w->levels_n; level++)
        put_level(&r->figures, w, level, out);
    buf_putc(out, '}');
    put_origin(p, out);
    if (personal)
        put_personal(p, out);
    buf_puts(out, "}}");
}
