/* Reading frames on the trusted side; see frame.h. Strings and coordinates point into one copy of
 * the frame. */
#include "importers/curp.h"
#include "importers/frame.h"
#include "importers/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What rows of a source share; kept by the decoder, copied into each row's arena as one block. */
struct frame_source {
    uint32_t file;
    size_t names_n; /* columns */
    size_t block_n; /* bytes of layer name and column names, each NUL-terminated */
    char *block;
};

/* A position in a frame; `bad` is sticky and everything read after it is zero. */
struct cursor {
    unsigned char *bytes;
    size_t at, n;
    bool bad;
    bool any_bytes; /* strings need not be UTF-8: paths of our own side */
};

static const void *take(struct cursor *c, size_t n)
{
    static const unsigned char zeros[8];
    if (c->bad || n > c->n - c->at) {
        c->bad = true;
        return n <= sizeof zeros ? zeros : NULL;
    }
    const void *p = c->bytes + c->at;
    c->at += n;
    return p;
}

static uint32_t take_u32(struct cursor *c)
{
    uint32_t v;
    memcpy(&v, take(c, sizeof v), sizeof v);
    return v;
}

static uint64_t take_u64(struct cursor *c)
{
    uint64_t v;
    memcpy(&v, take(c, sizeof v), sizeof v);
    return v;
}

static double take_f64(struct cursor *c)
{
    double v;
    memcpy(&v, take(c, sizeof v), sizeof v);
    return v;
}

/* A count of things that take at least `each` bytes in the frame. */
static uint32_t take_count(struct cursor *c, uint32_t max, size_t each)
{
    uint32_t n = take_u32(c);
    if (n > max || n > (c->n - c->at) / each)
        c->bad = true;
    return c->bad ? 0 : n;
}

static const char *take_string(struct cursor *c)
{
    uint32_t n = take_u32(c);
    if (n == UINT32_MAX || c->bad)
        return NULL;
    const char *text = take(c, (size_t)n + 1);
    if (!c->bad && (text[n] || (c->any_bytes ? strlen(text) != n : !text_utf8_valid(text, n))))
        c->bad = true;
    return c->bad ? NULL : text;
}

static uint32_t take_below(struct cursor *c, uint32_t limit)
{
    uint32_t v = take_u32(c);
    if (v >= limit)
        c->bad = true;
    return c->bad ? 0 : v;
}

/* NaN stands for unknown; anything else must lie in the range. */
static double take_range_or_nan(struct cursor *c, double low, double high)
{
    double v = take_f64(c);
    if (!isnan(v) && !(v >= low && v <= high))
        c->bad = true;
    return c->bad ? NAN : v;
}

static void skip_pad8(struct cursor *c)
{
    take(c, (8 - c->at % 8) % 8);
}

/* Read in place: the frame's copy is aligned like its head, and the writer padded to that. */
static void take_boundary(struct cursor *c, struct boundary *b)
{
    skip_pad8(c);
    b->points_n = take_u32(c);
    b->rings_n = take_u32(c);
    b->parts_n = take_u32(c);
    b->ring_end = (uint32_t *)(uintptr_t)take(c, (size_t)b->rings_n * sizeof *b->ring_end);
    b->part_end = (uint32_t *)(uintptr_t)take(c, (size_t)b->parts_n * sizeof *b->part_end);
    skip_pad8(c);
    b->points = (struct lonlat *)(uintptr_t)take(c, (size_t)b->points_n * sizeof *b->points);
    if (c->bad)
        *b = (struct boundary){0};
    else if (b->points_n == 0 && (b->rings_n || b->parts_n))
        c->bad = true;
    else if (b->points_n && !boundary_well_formed(b, NULL))
        c->bad = true;
}

static void take_finding(struct cursor *c, struct finding *f)
{
    f->code = (enum finding_code)take_below(c, FINDING_CODES_N);
    f->row = take_u64(c);
    f->place.lon = take_range_or_nan(c, -180, 180);
    f->place.lat = take_range_or_nan(c, -90, 90);
    f->effect_m2 = take_range_or_nan(c, -1e15, 1e15);
    f->file = take_string(c);
    f->plot = take_string(c);
    f->message = take_string(c);
    if (!f->message)
        c->bad = true;
}

static void take_strings(struct cursor *c, const char **out, int *n, uint32_t max)
{
    *n = (int)take_count(c, max, 4);
    for (int i = 0; i < *n; i++)
        if (!(out[i] = take_string(c)))
            c->bad = true;
}

/* "2024-03-01", nothing else: it is compared and sorted as text later. */
static bool is_date(const char *t)
{
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? t[i] != '-' : t[i] < '0' || t[i] > '9')
            return false;
    return t[10] == 0 && memcmp(t + 5, "12", 2) <= 0 && memcmp(t + 8, "31", 2) <= 0;
}

static enum status take_attributes(struct cursor *c, const struct frame_source *s, struct arena *a,
                                   struct candidate *out, struct error *e)
{
    uint32_t n = take_count(c, FRAME_COLUMNS_MAX, 4);
    if (n != s->names_n)
        c->bad = true;
    char *names = c->bad ? NULL : arena_memdup(a, s->block, s->block_n);
    struct candidate_attribute *list = c->bad ? NULL : arena_array(a, n, sizeof *list);
    if (c->bad)
        return STATUS_OK;
    if (!names || !list)
        return error_memory(e);
    out->layer = names;
    for (uint32_t i = 0; i < n; i++) {
        names += strlen(names) + 1;
        list[i].name = names;
        list[i].value = take_string(c);
    }
    out->attributes = list;
    out->attributes_n = n;
    return STATUS_OK;
}

static enum status take_findings(struct cursor *c, struct arena *a, struct candidate *out,
                                 struct error *e)
{
    uint32_t n = take_count(c, FRAME_FINDINGS_MAX, 44);
    struct finding *list = arena_array(a, n, sizeof *list);
    if (!list)
        return error_memory(e);
    for (uint32_t i = 0; i < n; i++)
        take_finding(c, &list[i]);
    out->findings = list;
    out->findings_n = n;
    return STATUS_OK;
}

static enum status take_candidate(struct frame_decoder *d, struct cursor *c, struct arena *a,
                                  struct candidate *out, struct error *e)
{
    uint32_t source = take_below(c, (uint32_t)d->sources_n);
    if (c->bad)
        return STATUS_OK;
    out->file = take_below(c, d->files_n);
    out->row = take_u64(c);
    out->outcome = (enum candidate_outcome)take_below(c, CANDIDATE_REJECTED + 1);
    out->survey = (enum survey_method)take_below(c, SURVEY_CADASTRAL + 1);
    uint32_t gender = take_below(c, 128);
    if (gender && gender != 'f' && gender != 'm' && gender != 'x')
        c->bad = true;
    out->producer_gender = (char)gender;
    out->repaired = take_below(c, 2);
    out->producer_birth_year = (int)take_below(c, 10000);
    out->adoption_year = (int)take_below(c, 10000);
    out->source_epsg = (int)take_below(c, 1000000);
    out->declared_ha = take_range_or_nan(c, 0, 1e9);
    out->accuracy_m = take_range_or_nan(c, 0, CANDIDATE_ACCURACY_MOST_M);
    out->datum_accuracy_m = take_range_or_nan(c, 0, 1e6);
    out->code = take_string(c);
    out->name = take_string(c);
    out->programme = take_string(c);
    out->organisation = take_string(c);
    out->producer_code = take_string(c);
    out->producer_name = take_string(c);
    out->producer_curp = take_string(c);
    if (out->producer_curp && !curp_is_mark(out->producer_curp))
        c->bad = true;
    out->region_key = take_string(c);
    out->municipality = take_string(c);
    out->state = take_string(c);
    out->point = take_below(c, 2) == 1;
    if (out->point && !isfinite(out->declared_ha))
        c->bad = true;
    out->observed_date = take_string(c);
    if (out->observed_date && !is_date(out->observed_date))
        c->bad = true;
    take_strings(c, out->crops, &out->crops_n, CANDIDATE_CROPS_MAX);
    take_strings(c, out->practices, &out->practices_n, CANDIDATE_PRACTICES_MAX);
    enum status s = take_attributes(c, &d->sources[source], a, out, e);
    if (s == STATUS_OK)
        s = take_findings(c, a, out, e);
    if (s != STATUS_OK)
        return s;
    take_boundary(c, &out->boundary);
    take_boundary(c, &out->alternative);
    uint32_t wkb_n = take_u32(c);
    if (wkb_n != UINT32_MAX) {
        out->source_wkb = take(c, wkb_n);
        out->source_wkb_n = wkb_n;
    }
    if (out->file != d->sources[source].file ||
        (out->outcome == CANDIDATE_READY && out->boundary.points_n == 0))
        c->bad = true;
    return STATUS_OK;
}

/* Copies layer and column names into the decoder, for the rows to come. */
static bool remember_source(struct frame_decoder *d, const struct reader_source *s,
                            const char *const *columns, size_t n)
{
    if (d->sources_n == d->sources_capacity) {
        size_t capacity = d->sources_capacity ? d->sources_capacity * 2 : 4;
        struct frame_source *grown = realloc(d->sources, capacity * sizeof *grown);
        if (!grown)
            return false;
        d->sources = grown;
        d->sources_capacity = capacity;
    }
    struct frame_source *f = &d->sources[d->sources_n];
    *f = (struct frame_source){.file = s->file, .names_n = n, .block_n = strlen(s->layer) + 1};
    for (size_t i = 0; i < n; i++)
        f->block_n += strlen(columns[i]) + 1;
    char *p = f->block = malloc(f->block_n);
    if (!p)
        return false;
    p = stpcpy(p, s->layer) + 1;
    for (size_t i = 0; i < n; i++)
        p = stpcpy(p, columns[i]) + 1;
    d->sources_n++;
    return true;
}

/* The table of columns: one for each, or none. */
static enum status take_columns(struct cursor *c, uint32_t columns_n, struct arena *a,
                                struct reader_source *out, struct error *e)
{
    out->accents = take_string(c);
    out->columns_n = take_count(c, FRAME_COLUMNS_MAX, 12 + 8 * COLUMN_SAMPLES);
    out->columns = arena_array(a, out->columns_n, sizeof *out->columns);
    if (!out->columns)
        return error_memory(e);
    if (out->columns_n && out->columns_n != columns_n)
        c->bad = true;
    for (size_t i = 0; i < out->columns_n; i++) {
        struct reader_column *column = &out->columns[i];
        if (!(column->name = take_string(c)))
            c->bad = true;
        column->field = take_string(c);
        column->how = (enum column_how)take_below(c, COLUMN_HOWS_N);
        for (int k = 0; k < COLUMN_SAMPLES; k++) {
            column->samples[k] = take_string(c);
            column->becomes[k] = take_string(c);
        }
    }
    return STATUS_OK;
}

static enum status take_source(struct frame_decoder *d, struct cursor *c, struct arena *a,
                               struct reader_source *out, struct error *e)
{
    out->file = take_below(c, d->files_n);
    out->epsg = (int)take_below(c, 1000000);
    out->rows_announced = (int64_t)take_u64(c);
    out->bytes = take_u64(c);
    out->layer = take_string(c);
    out->format = take_string(c);
    out->crs_name = take_string(c);
    out->encoding = take_string(c);
    out->cell_m = take_range_or_nan(c, 0, 1e7);
    if (!out->layer || !out->format || out->rows_announced < -1 || isnan(out->cell_m))
        c->bad = true;
    out->mapped_n = take_count(c, FRAME_MAPPINGS_MAX, 8);
    out->mapped = arena_array(a, out->mapped_n, sizeof *out->mapped);
    if (!out->mapped)
        return error_memory(e);
    for (size_t i = 0; i < out->mapped_n; i++) {
        out->mapped[i].field = take_string(c);
        out->mapped[i].column = take_string(c);
        if (!out->mapped[i].field || !out->mapped[i].column)
            c->bad = true;
    }
    uint32_t n = take_count(c, FRAME_COLUMNS_MAX, 5);
    const char **columns = arena_array(a, n, sizeof *columns);
    if (!columns)
        return error_memory(e);
    for (uint32_t i = 0; i < n; i++)
        if (!(columns[i] = take_string(c)))
            c->bad = true;
    enum status s = take_columns(c, n, a, out, e);
    if (s != STATUS_OK)
        return s;
    if (d->sources_n == FRAME_SOURCES_MAX)
        c->bad = true;
    if (!c->bad && !remember_source(d, out, columns, n))
        return error_memory(e);
    return STATUS_OK;
}

static enum status take_probe(struct frame_decoder *d, struct cursor *c, struct arena *a,
                              struct reader_probe *out, struct error *e)
{
    out->file = take_below(c, d->files_n);
    out->declared = (int)take_below(c, 1000000);
    out->degrees = take_below(c, 2);
    out->layer = take_string(c);
    if (!out->layer)
        c->bad = true;
    out->rows_n = take_count(c, FRAME_PROBE_ROWS_MAX, 24);
    struct reader_probe_row *rows = arena_array(a, out->rows_n, sizeof *rows);
    if (!rows)
        return error_memory(e);
    for (size_t i = 0; i < out->rows_n; i++) {
        rows[i].raw.lon = take_f64(c);
        rows[i].raw.lat = take_f64(c);
        rows[i].key = take_string(c);
        rows[i].code = take_string(c);
        if (!isfinite(rows[i].raw.lon) || !isfinite(rows[i].raw.lat))
            c->bad = true;
    }
    out->rows = rows;
    return STATUS_OK;
}

static enum status corrupt(struct error *e, const char *what)
{
    return error_set(e, STATUS_CORRUPT, "reader_protocol",
                     "the import was stopped; please report the file", "the reader process sent %s",
                     what);
}

static enum status take_error(struct cursor *c, struct error *e)
{
    uint32_t status = take_below(c, STATUS_INTERNAL + 1);
    const char *code = take_string(c), *message = take_string(c), *remedy = take_string(c);
    if (c->bad || status == STATUS_OK || !code || !message || !remedy || c->at != c->n)
        return corrupt(e, "a malformed error");
    for (const char *p = code; *p; p++)
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') && *p != '_')
            return corrupt(e, "a malformed error");
    return error_set(e, (enum status)status, code, remedy, "%s", message);
}

void frame_decoder_init(struct frame_decoder *d, uint32_t files_n)
{
    *d = (struct frame_decoder){.files_n = files_n};
}

void frame_decoder_clear(struct frame_decoder *d)
{
    for (size_t i = 0; i < d->sources_n; i++)
        free(d->sources[i].block);
    free(d->sources);
    *d = (struct frame_decoder){0};
}

enum status frame_head(const unsigned char head[FRAME_HEAD], size_t *payload_n, struct error *e)
{
    uint32_t n, type;
    memcpy(&n, head, sizeof n);
    memcpy(&type, head + sizeof n, sizeof type);
    if (n > FRAME_PAYLOAD_MAX || type < FRAME_REQUEST || type > FRAME_DIGEST)
        return corrupt(e, "something that is not a frame");
    *payload_n = n;
    return STATUS_OK;
}

/* The frame in `a`, the cursor after its head. */
static enum status open_frame(const unsigned char *frame, size_t frame_n, struct arena *a,
                              struct cursor *c, uint32_t *type, struct error *e)
{
    size_t payload_n = 0;
    if (frame_n < FRAME_HEAD)
        return corrupt(e, "a frame cut short");
    enum status s = frame_head(frame, &payload_n, e);
    if (s != STATUS_OK)
        return s;
    if (payload_n != frame_n - FRAME_HEAD)
        return corrupt(e, "a frame cut short");
    *c = (struct cursor){.bytes = arena_memdup(a, frame, frame_n), .at = FRAME_HEAD, .n = frame_n};
    memcpy(type, frame + 4, sizeof *type);
    return c->bytes ? STATUS_OK : error_memory(e);
}

enum status frame_decode(struct frame_decoder *d, const unsigned char *frame, size_t frame_n,
                         struct arena *a, struct reader_event *out, struct error *e)
{
    struct cursor c;
    uint32_t type = 0;
    *out = (struct reader_event){0};
    enum status s = open_frame(frame, frame_n, a, &c, &type, e);
    if (s != STATUS_OK)
        return s;
    switch (type) {
    case FRAME_SOURCE:
        out->kind = READER_SOURCE;
        s = take_source(d, &c, a, &out->source, e);
        break;
    case FRAME_CANDIDATE:
        out->kind = READER_CANDIDATE;
        s = take_candidate(d, &c, a, &out->candidate, e);
        break;
    case FRAME_FINDING:
        out->kind = READER_FINDING;
        take_finding(&c, &out->finding);
        break;
    case FRAME_PROBE:
        out->kind = READER_PROBE;
        s = take_probe(d, &c, a, &out->probe, e);
        break;
    case FRAME_OPENING:
        out->kind = READER_OPENING;
        if (!(out->opening = take_string(&c)))
            c.bad = true;
        break;
    case FRAME_DIGEST:
        out->kind = READER_DIGEST;
        out->sha256 = take_string(&c);
        if (!out->sha256 || strlen(out->sha256) != 64)
            c.bad = true;
        break;
    case FRAME_DONE:
        out->kind = READER_DONE;
        out->rows_n = take_u64(&c);
        break;
    case FRAME_ERROR:
        return take_error(&c, e);
    default:
        return corrupt(e, "a frame of an unknown kind");
    }
    if (s == STATUS_OK && (c.bad || c.at != c.n)) {
        *out = (struct reader_event){0};
        return corrupt(e, "a malformed frame");
    }
    return s;
}

static enum status take_mappings(struct cursor *c, struct arena *a, struct reader_request *out,
                                 struct error *e)
{
    out->mappings_n = take_count(c, FRAME_MAPPINGS_MAX, 12);
    struct reader_mapping *mappings = arena_array(a, out->mappings_n, sizeof *mappings);
    if (!mappings)
        return error_memory(e);
    for (size_t i = 0; i < out->mappings_n; i++) {
        mappings[i].field = take_string(c);
        mappings[i].column = take_string(c);
        mappings[i].profile = take_below(c, 2) == 1;
        if (!mappings[i].field || !mappings[i].column)
            c->bad = true;
    }
    out->mappings = mappings;
    out->translations_n = take_count(c, FRAME_TRANSLATIONS_MAX, 15);
    struct reader_translation *translations =
        arena_array(a, out->translations_n, sizeof *translations);
    if (!translations)
        return error_memory(e);
    for (size_t i = 0; i < out->translations_n; i++) {
        translations[i].column = take_string(c);
        translations[i].value = take_string(c);
        translations[i].becomes = take_string(c);
        if (!translations[i].column || !translations[i].value || !translations[i].becomes)
            c->bad = true;
    }
    out->translations = translations;
    out->encoding = take_string(c);
    out->curp_key = take(c, CURP_KEY_BYTES);
    return STATUS_OK;
}

enum status frame_decode_request(const unsigned char *frame, size_t frame_n, struct arena *a,
                                 struct reader_request *out, struct error *e)
{
    struct cursor c;
    uint32_t type = 0;
    *out = (struct reader_request){0};
    enum status s = open_frame(frame, frame_n, a, &c, &type, e);
    if (s != STATUS_OK)
        return s;
    c.any_bytes = true;
    out->purpose = (enum reader_purpose)take_below(&c, READER_CORRIDORS + 1);
    out->cpu_limit_s = take_range_or_nan(&c, 0, 1e6);
    out->repair_limit_s = take_range_or_nan(&c, 0, 1e6);
    out->crs = take_string(&c);
    out->files_n = take_count(&c, FRAME_FILES_MAX, 5);
    const char **files = arena_array(a, out->files_n, sizeof *files);
    if (!files)
        return error_memory(e);
    for (size_t i = 0; i < out->files_n; i++)
        if (!(files[i] = take_string(&c)))
            c.bad = true;
    out->files = files;
    enum status taken = take_mappings(&c, a, out, e);
    if (taken != STATUS_OK)
        return taken;
    out->batch = take_below(&c, 2) == 1;
    out->raster_rule = (enum raster_rule)take_below(&c, RASTER_THRESHOLD + 1);
    out->raster_number = take_f64(&c);
    out->raster_names = take_string(&c);
    if (type != FRAME_REQUEST || c.bad || c.at != c.n)
        return corrupt(e, "a malformed request");
    return STATUS_OK;
}
