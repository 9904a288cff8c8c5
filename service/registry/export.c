/* Current plots into a file; see export.h. */
#include "service/registry/export.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "importers/export_ogr.h"
#include "service/registry/plot_json.h"

enum { EXPORT_PAGE = 5000 };

/* What receives plots: one of the two ways to write. */
struct exporting {
    const struct export_request *request;
    struct plot_words *words;
    FILE *geojson;
    struct buf line;
    struct export_file *table;
    struct slope_class_table classes;
    int64_t written, last_plot;
    enum status status;
    struct error *error;
};

/* ---- flat columns ---- */

static const struct export_field FIELDS[] = {
    {"code", "code", EXPORT_TEXT}, {"name", "name", EXPORT_TEXT}, {"programme", "programme", EXPORT_TEXT},
    {"organisation", "organisat", EXPORT_TEXT}, {"crops", "crops", EXPORT_TEXT}, {"practices", "practices", EXPORT_TEXT},
    {"adoption_year", "adopt_year", EXPORT_INTEGER}, {"observed_date", "observed", EXPORT_TEXT}, {"hectares", "hectares", EXPORT_REAL},
    {"hectares_se", "ha_se", EXPORT_REAL}, {"surface_hectares", "surface_ha", EXPORT_REAL}, {"survey", "survey", EXPORT_TEXT},
    {"perimeter_m", "perim_m", EXPORT_REAL}, {"declared_ha", "decl_ha", EXPORT_REAL}, {"slope_mean_pct", "slope_mean", EXPORT_REAL},
    {"slope_p90_pct", "slope_p90", EXPORT_REAL}, {"slope_class", "slope_cls", EXPORT_TEXT}, {"corridor_hectares", "corr_ha", EXPORT_REAL},
    {"corridor_hectares_se", "corr_ha_se", EXPORT_REAL},
    {"corridor_verdict", "corr_verd", EXPORT_TEXT}, {"repaired", "repaired", EXPORT_INTEGER}, {"declared_only", "decl_only", EXPORT_INTEGER}, {"producer_code", "prod_code", EXPORT_TEXT},
    {"producer_name", "prod_name", EXPORT_TEXT}, {"producer_gender", "prod_gend", EXPORT_TEXT}, {"producer_birth_year", "prod_birth", EXPORT_INTEGER},
};
enum { FIELDS_N = sizeof FIELDS / sizeof *FIELDS, FIELDS_PERSONAL = 4 };

static const char *joined(const char *const *values, int n, struct arena *a)
{
    const char *text = n ? values[0] : NULL;
    for (int i = 1; text && i < n; i++)
        text = arena_printf(a, "%s; %s", text, values[i]);
    return text;
}

static double hectares_of(int64_t mm2)
{
    return (double)mm2 / MM2_PER_HA;
}

static enum status put_row(struct exporting *x, const struct store_plot *p)
{
    struct arena a;
    arena_init(&a, 0);
    const struct store_revision *r = &p->revision;
    const struct store_figures *f = &r->figures;
    const char gender[2] = {p->producer_gender, 0};
    static const char *const verdicts[] = {[LAYER_OUTSIDE] = "outside", [LAYER_EDGE] = "edge", [LAYER_INSIDE] = "inside"};
    static const char *const surveys[] = {"imported", "walked", "digitised", "cadastral"};
    const struct export_value values[FIELDS_N] = {
        {.text = r->code}, {.text = r->name}, {.text = p->programme}, {.text = p->organisation}, {.text = joined(r->crops, r->crops_n, &a)},
        {.text = joined(r->practices, r->practices_n, &a)}, {.integer = r->adoption_year}, {.text = r->observed_date},
        {.real = hectares_of(r->area_mm2)}, {.real = r->area_se_m2 / 1e4},
        {.real = f->surface_mm2 ? hectares_of(f->surface_mm2) : NAN}, {.text = surveys[r->survey & 3]}, {.real = r->perimeter_m}, {.real = r->declared_ha}, {.real = f->slope_mean_pct},
        {.real = f->slope_p90_pct}, {.text = f->slope_class >= 0 ? x->classes.classes[f->slope_class].code : NULL},
        {.real = hectares_of(f->corridor_mm2)}, {.real = plot_corridor_se_m2(r) / 1e4}, {.text = verdicts[f->corridor_verdict]}, {.integer = r->repaired}, {.integer = boundary_is_speck(&r->boundary)},
        {.text = p->producer_code}, {.text = p->producer_name}, {.text = gender[0] ? gender : NULL}, {.integer = p->producer_birth_year}};
    enum status status = export_row(x->table, &r->boundary, values, x->error);
    arena_clear(&a);
    return status;
}

/* ---- GeoJSON ---- */

static enum status put_feature(struct exporting *x, const struct store_plot *p)
{
    buf_reset(&x->line);
    buf_puts(&x->line, x->written ? ",\n" : "\n");
    plot_feature_json(p, x->words, x->request->personal, &x->line);
    if (x->line.failed)
        return error_memory(x->error);
    if (fwrite(x->line.bytes, 1, x->line.length, x->geojson) != x->line.length)
        return error_set(x->error, STATUS_IO, "export_failed", "check that the disk has room", "the file could not be written");
    return STATUS_OK;
}

static bool take_plot(const struct store_plot *p, void *arg)
{
    struct exporting *x = arg;
    x->status = x->geojson ? put_feature(x, p) : put_row(x, p);
    x->last_plot = p->revision.plot_id;
    x->written += x->status == STATUS_OK;
    return x->status == STATUS_OK;
}

static enum status put_all(struct store *s, struct exporting *x, struct error *e)
{
    struct arena page;
    arena_init(&page, 0);
    enum status status = STATUS_OK;
    int64_t matched = 0, before = -1;
    while (status == STATUS_OK && before != x->written) {
        before = x->written;
        status = store_each_item(s, NULL, x->request->programme, NULL, x->last_plot, EXPORT_PAGE, &page, take_plot, x, before ? NULL : &matched, e);
        if (status == STATUS_OK)
            status = x->status;
        if (x->request->progress)
            x->request->progress("exporting", (uint64_t)x->written, (uint64_t)matched, x->request->progress_arg);
        arena_reset(&page);
    }
    arena_clear(&page);
    return status;
}

static bool is_geojson(const char *path)
{
    size_t n = strlen(path);
    return (n > 8 && strcasecmp(path + n - 8, ".geojson") == 0) || (n > 5 && strcasecmp(path + n - 5, ".json") == 0);
}

static enum status export_geojson(struct store *s, struct exporting *x, struct error *e)
{
    char part[STORE_PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", x->request->path) >= (int)sizeof part)
        return error_set(e, STATUS_USAGE, "path_too_long", "choose a shorter path", "the path is too long");
    if (access(x->request->path, F_OK) == 0)
        return error_set(e, STATUS_CONFLICT, "file_exists", "choose another name or remove it first", "the file exists already");
    if (!(x->geojson = fopen(part, "w")))
        return error_set(e, STATUS_IO, "export_failed", "check that the folder exists and can be written", "the file could not be made: %s", strerror(errno));
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", x->geojson);
    enum status status = put_all(s, x, e);
    fputs("\n]}\n", x->geojson);
    bool ok = !ferror(x->geojson) && fflush(x->geojson) == 0 && fsync(fileno(x->geojson)) == 0;
    ok = fclose(x->geojson) == 0 && ok;
    if (status == STATUS_OK && (!ok || rename(part, x->request->path)))
        status = error_set(e, STATUS_IO, "export_failed", "check that the disk has room", "the file could not be written");
    if (status != STATUS_OK)
        unlink(part);
    return status;
}

static enum status export_table(struct store *s, struct exporting *x, struct error *e)
{
    size_t fields_n = x->request->personal ? FIELDS_N : FIELDS_N - FIELDS_PERSONAL;
    enum status status = export_open(x->request->path, FIELDS, fields_n, &x->table, e);
    if (status != STATUS_OK)
        return status;
    status = put_all(s, x, e);
    if (status == STATUS_OK)
        return export_close(x->table, true, e);
    struct error ignored;
    (void)!export_close(x->table, false, &ignored);
    return status;
}

enum status export_plots(const struct export_request *q, int64_t *plots, struct error *e)
{
    struct exporting x = {.request = q, .error = e};
    struct store *s = NULL;
    buf_init(&x.line, 0);
    enum status status = store_open(q->registry, STORE_READ, &s, e);
    if (status == STATUS_OK)
        status = store_snapshot_begin(s, e);
    if (status == STATUS_OK) {
        status = store_slope_table(s, &x.classes, e);
        if (status == STATUS_OK)
            status = plot_words_load(s, &x.words, e);
        if (status == STATUS_OK)
            status = is_geojson(q->path) ? export_geojson(s, &x, e) : export_table(s, &x, e);
        store_snapshot_end(s);
    }
    plot_words_free(x.words);
    buf_clear(&x.line);
    store_close(s);
    *plots = x.written;
    return status;
}
