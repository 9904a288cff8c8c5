/* Findings and boundaries into a file; see report_file.h. */
#include "service/registry/report_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/export_ogr.h"
#include "service/registry/import.h"

enum report_format { REPORT_JSON, REPORT_CSV, REPORT_GEOJSON, REPORT_GPKG, REPORT_FORMATS_N };
static const char *const ENDINGS[REPORT_FORMATS_N] = {".json", ".csv", ".geojson", ".gpkg"};

/* A boundary of a row: the original, or one that is proposed for it. */
struct shown {
    const char *layer; /* "original", "proposed" */
    const char *what;  /* "as in the file", "repaired", "linework", "structure" */
    const char *file, *plot, *reason;
    uint64_t row;
    const struct boundary *boundary; /* NULL = the WKB */
    const unsigned char *wkb;
    size_t wkb_n;
    int epsg;
};

struct reporting {
    enum report_format format;
    struct export_file *gpkg;
    FILE *file;
    struct buf line;
    size_t n;
    enum finding_lang lang;
    const char *layer; /* GeoPackage: the one that rows go to now */
    enum status status;
    struct error *error;
};

static enum report_format format_of(const char *path)
{
    size_t n = strlen(path);
    int f = 0;
    for (; f < REPORT_FORMATS_N; f++) {
        size_t k = strlen(ENDINGS[f]);
        if (n > k && strcasecmp(path + n - k, ENDINGS[f]) == 0)
            break;
    }
    return (enum report_format)f;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

enum status report_file_check(const char *path, struct error *e)
{
    if (format_of(path) == REPORT_FORMATS_N)
        return error_set(e, STATUS_USAGE, "report_format", "end the name in .json, .csv, .geojson or .gpkg", "%.200s has no known ending", base_name(path));
    if (access(path, F_OK) == 0)
        return error_set(e, STATUS_CONFLICT, "file_exists", "choose another name or remove it first", "%.200s exists already", base_name(path));
    return STATUS_OK;
}

static bool put_line(struct reporting *r)
{
    if (r->status == STATUS_OK && r->line.failed)
        r->status = error_memory(r->error);
    if (r->status == STATUS_OK && fwrite(r->line.bytes, 1, r->line.length, r->file) != r->line.length)
        r->status = error_set(r->error, STATUS_IO, "report_failed", "check that the disk has room", "the report could not be written");
    r->n++;
    return r->status == STATUS_OK;
}

/* ---- findings ---- */

/* A spreadsheet runs a cell that begins like a formula; an apostrophe in front makes it text. */
static void csv_text(struct buf *out, const char *text)
{
    text = text ? text : "";
    buf_puts(out, *text && strchr("=+-@\t\r", *text) ? "\"'" : "\"");
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

static void csv_number(struct buf *out, double value, int decimals)
{
    buf_putc(out, ',');
    if (isfinite(value))
        buf_double(out, value, decimals);
}

static void finding_csv(const struct finding *f, enum finding_lang lang, struct buf *out)
{
    char text[FINDING_MESSAGE_MAX];
    const struct finding_entry *entry = finding_entry(f->code);
    buf_printf(out, "%s,%s,", entry->code, finding_severity_name(entry->severity));
    csv_text(out, f->file);
    buf_printf(out, ",%" PRIu64 ",", f->row);
    csv_text(out, f->plot);
    csv_number(out, f->place.lon, 7);
    csv_number(out, f->place.lat, 7);
    buf_putc(out, ',');
    csv_text(out, finding_message(f, lang, text));
    buf_putc(out, ',');
    csv_text(out, finding_remedy(f->code, lang));
    csv_number(out, f->effect_m2, 3);
    buf_puts(out, "\r\n");
}

static void finding_geojson(const struct finding *f, size_t n, enum finding_lang lang, struct buf *out)
{
    buf_puts(out, n ? ",\n{\"type\":\"Feature\",\"geometry\":" : "\n{\"type\":\"Feature\",\"geometry\":");
    if (isfinite(f->place.lon) && isfinite(f->place.lat)) {
        buf_puts(out, "{\"type\":\"Point\",\"coordinates\":[");
        buf_double(out, f->place.lon, 7);
        buf_putc(out, ',');
        buf_double(out, f->place.lat, 7);
        buf_puts(out, "]}");
    } else {
        buf_puts(out, "null");
    }
    buf_puts(out, ",\"properties\":");
    finding_json(f, lang, out);
    out->length--; /* reopen the object */
    buf_puts(out, ",\"layer\":\"spots\"}}");
}

static const struct export_field SPOT_FIELDS[] = {
    {"code", "code", EXPORT_TEXT}, {"severity", "severity", EXPORT_TEXT}, {"file", "file", EXPORT_TEXT}, {"row", "row", EXPORT_INTEGER},
    {"plot", "plot", EXPORT_TEXT}, {"message", "message", EXPORT_TEXT}, {"remedy", "remedy", EXPORT_TEXT}, {"effect_m2", "effect_m2", EXPORT_REAL},
};
static const struct export_field SHAPE_FIELDS[] = {
    {"what", "what", EXPORT_TEXT}, {"file", "file", EXPORT_TEXT}, {"row", "row", EXPORT_INTEGER}, {"plot", "plot", EXPORT_TEXT},
    {"reason", "reason", EXPORT_TEXT}, {"hectares", "hectares", EXPORT_REAL},
};
enum { SPOT_FIELDS_N = sizeof SPOT_FIELDS / sizeof *SPOT_FIELDS, SHAPE_FIELDS_N = sizeof SHAPE_FIELDS / sizeof *SHAPE_FIELDS };

static void finding_gpkg(struct reporting *r, const struct finding *f)
{
    const struct finding_entry *entry = finding_entry(f->code);
    char text[FINDING_MESSAGE_MAX];
    const struct export_value values[SPOT_FIELDS_N] = {
        {.text = entry->code}, {.text = finding_severity_name(entry->severity)}, {.text = f->file}, {.integer = (int64_t)f->row},
        {.text = f->plot}, {.text = finding_message(f, r->lang, text)}, {.text = finding_remedy(f->code, r->lang)}, {.real = f->effect_m2}};
    r->status = export_point(r->gpkg, f->place, values, r->error);
}

static bool put_finding(const struct finding *f, void *arg)
{
    struct reporting *r = arg;
    buf_reset(&r->line);
    switch (r->format) {
    case REPORT_JSON:
        buf_puts(&r->line, r->n ? ",\n" : "\n");
        finding_json(f, r->lang, &r->line);
        break;
    case REPORT_CSV:
        finding_csv(f, r->lang, &r->line);
        break;
    case REPORT_GEOJSON:
        finding_geojson(f, r->n, r->lang, &r->line);
        break;
    default:
        finding_gpkg(r, f);
        return r->status == STATUS_OK;
    }
    return put_line(r);
}

/* ---- boundaries ---- */

static void shown_geojson(struct reporting *r, const struct shown *shown)
{
    struct buf *out = &r->line;
    buf_reset(out);
    buf_puts(out, r->n ? ",\n{\"type\":\"Feature\",\"geometry\":" : "\n{\"type\":\"Feature\",\"geometry\":");
    if (shown->boundary)
        export_boundary_geojson(shown->boundary, out);
    else
        export_wkb_geojson(shown->wkb, shown->wkb_n, shown->epsg, out);
    buf_puts(out, ",\"properties\":{");
    buf_json_key(out, "layer");
    buf_json_string(out, shown->layer);
    buf_json_key(out, "what");
    buf_json_string(out, shown->what);
    buf_json_key(out, "file");
    buf_json_string(out, shown->file);
    buf_json_key(out, "row");
    buf_int(out, (int64_t)shown->row);
    buf_json_key(out, "plot");
    buf_json_string(out, shown->plot);
    buf_json_key(out, "reason");
    buf_json_string(out, shown->reason);
    buf_json_key(out, "hectares");
    buf_double(out, shown->boundary ? area_boundary_m2(shown->boundary) / 10000 : NAN, 6);
    buf_puts(out, "}}");
    put_line(r);
}

static void show(struct reporting *r, const struct shown *shown)
{
    if (r->status != STATUS_OK)
        return;
    if (r->format == REPORT_GEOJSON) {
        shown_geojson(r, shown);
    } else if (strcmp(shown->layer, r->layer) == 0) {
        const struct export_value values[SHAPE_FIELDS_N] = {
            {.text = shown->what}, {.text = shown->file}, {.integer = (int64_t)shown->row}, {.text = shown->plot},
            {.text = shown->reason}, {.real = shown->boundary ? area_boundary_m2(shown->boundary) / 10000 : NAN}};
        r->status = shown->boundary ? export_row(r->gpkg, shown->boundary, values, r->error)
                                    : export_wkb(r->gpkg, shown->wkb, shown->wkb_n, shown->epsg, values, r->error);
    }
}

static bool show_held(const struct store_held *held, void *arg)
{
    struct reporting *r = arg;
    struct shown shown = {.layer = "original", .what = "as in the file", .file = held->why.file_name, .plot = held->code, .reason = held->why.code,
                          .row = held->row, .wkb = held->source_wkb, .wkb_n = held->source_wkb_n, .epsg = held->source_epsg};
    if (!held->source_wkb_n)
        shown.boundary = held->linework.points_n ? &held->linework : NULL;
    if (shown.boundary || shown.wkb_n)
        show(r, &shown);
    shown.layer = "proposed";
    for (int i = 0; i < 2; i++) {
        shown.what = i ? "structure" : held->ready ? "usable" : "linework";
        shown.boundary = i ? &held->structure : &held->linework;
        if (shown.boundary->points_n)
            show(r, &shown);
    }
    return r->status == STATUS_OK;
}

static bool show_repaired(const struct store_repaired *p, void *arg)
{
    struct reporting *r = arg;
    struct shown shown = {.layer = "original", .what = "as in the file", .file = p->file, .plot = p->code, .reason = "repaired", .row = p->row,
                          .wkb = p->source_wkb, .wkb_n = p->source_wkb_n, .epsg = p->source_epsg};
    if (p->source_wkb_n)
        show(r, &shown);
    shown.layer = "proposed";
    shown.what = "repaired";
    shown.boundary = &p->boundary;
    show(r, &shown);
    return r->status == STATUS_OK;
}

static enum status put_boundaries(struct reporting *r, struct store *s, const struct store_import *import, struct error *e)
{
    enum status status = store_each_held(s, import->id, show_held, r, e);
    if (status == STATUS_OK && r->status == STATUS_OK)
        status = store_each_repaired(s, import->change, show_repaired, r, e);
    return status == STATUS_OK ? r->status : status;
}

/* ---- files ---- */

static enum status write_gpkg(struct reporting *r, struct store *s, const struct store_import *import, const char *path, struct error *e)
{
    static const char *const layers[] = {"original", "proposed"};
    enum status status = export_begin(path, &r->gpkg, e);
    if (status != STATUS_OK)
        return status;
    status = export_layer(r->gpkg, "spots", EXPORT_POINTS, SPOT_FIELDS, SPOT_FIELDS_N, e);
    if (status == STATUS_OK)
        status = store_each_finding(s, import->id, put_finding, r, e);
    if (status == STATUS_OK)
        status = r->status;
    for (int i = 0; status == STATUS_OK && i < 2; i++) {
        r->layer = layers[i];
        status = export_layer(r->gpkg, layers[i], EXPORT_POLYGONS, SHAPE_FIELDS, SHAPE_FIELDS_N, e);
        if (status == STATUS_OK)
            status = put_boundaries(r, s, import, e);
    }
    if (status == STATUS_OK)
        return export_close(r->gpkg, true, e);
    struct error ignored;
    (void)!export_close(r->gpkg, false, &ignored);
    return status;
}

static void put_head(struct reporting *r, const struct store_import *import, bool dry_run)
{
    if (r->format == REPORT_CSV)
        fputs("code,severity,file,row,plot,lon,lat,message,remedy,effect_m2\r\n", r->file);
    else if (r->format == REPORT_GEOJSON)
        fputs("{\"type\":\"FeatureCollection\",\"features\":[", r->file);
    else if (dry_run)
        fputs("{\"import\":null,\"dry_run\":true,\"findings\":[", r->file);
    else
        fprintf(r->file, "{\"import\":%" PRId64 ",\"dry_run\":false,\"findings\":[", import->id);
}

static enum status write_text(struct reporting *r, struct store *s, const struct store_import *import, bool dry_run, const char *path, struct error *e)
{
    char part[STORE_PATH_MAX];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return error_set(e, STATUS_USAGE, "path_too_long", "choose a shorter path", "the path is too long");
    if (!(r->file = fopen(part, "w")))
        return error_set(e, STATUS_IO, "report_failed", "check that the folder exists and can be written", "the report could not be made: %s", strerror(errno));
    put_head(r, import, dry_run);
    enum status status = store_each_finding(s, import->id, put_finding, r, e);
    if (status == STATUS_OK)
        status = r->status;
    if (status == STATUS_OK && r->format == REPORT_GEOJSON)
        status = put_boundaries(r, s, import, e);
    if (r->format != REPORT_CSV)
        fputs("\n]}\n", r->file);
    bool ok = !ferror(r->file) && fflush(r->file) == 0;
    ok = fclose(r->file) == 0 && ok;
    if (status == STATUS_OK && (!ok || rename(part, path)))
        status = error_set(e, STATUS_IO, "report_failed", "check that the disk has room", "the report could not be written");
    if (status != STATUS_OK)
        unlink(part);
    return status;
}

enum status report_file_write(struct store *s, int64_t import_id, bool dry_run, const char *path, enum finding_lang lang, struct error *e)
{
    struct reporting r = {.format = format_of(path), .lang = lang, .layer = "spots", .error = e};
    struct store_import import;
    struct arena a;
    enum status status = report_file_check(path, e);
    if (status != STATUS_OK)
        return status;
    arena_init(&a, 0);
    buf_init(&r.line, 0);
    status = store_import_get(s, import_id, &a, &import, e);
    if (status == STATUS_OK)
        status = r.format == REPORT_GPKG ? write_gpkg(&r, s, &import, path, e) : write_text(&r, s, &import, dry_run, path, e);
    buf_clear(&r.line);
    arena_clear(&a);
    return status;
}
