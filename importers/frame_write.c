/* Writing frames; see frame.h. Runs in the reader process for every row, so it is plain appending.
 */
#include "importers/curp.h"
#include "importers/frame.h"

#include <string.h>

static size_t begin(struct buf *out, enum frame_type type)
{
    size_t start = out->length;
    uint32_t head[2] = {0, (uint32_t)type};
    buf_put(out, head, sizeof head);
    return start;
}

static void end(struct buf *out, size_t start)
{
    if (out->failed)
        return;
    uint32_t n = (uint32_t)(out->length - start - FRAME_HEAD);
    memcpy(out->bytes + start, &n, sizeof n);
}

static void put_u32(struct buf *out, uint32_t v)
{
    buf_put(out, &v, sizeof v);
}

static void put_u64(struct buf *out, uint64_t v)
{
    buf_put(out, &v, sizeof v);
}

static void put_f64(struct buf *out, double v)
{
    buf_put(out, &v, sizeof v);
}

/* Length, bytes, NUL; UINT32_MAX alone is NULL. */
static void put_string(struct buf *out, const char *text)
{
    if (!text) {
        put_u32(out, UINT32_MAX);
        return;
    }
    size_t n = strlen(text);
    put_u32(out, (uint32_t)n);
    buf_put(out, text, n + 1);
}

/* To a multiple of 8 from the frame's own head. */
static void pad8(struct buf *out, size_t start)
{
    static const char zero[8];
    buf_put(out, zero, (8 - (out->length - start) % 8) % 8);
}

static void put_boundary(struct buf *out, size_t start, const struct boundary *b)
{
    pad8(out, start); /* the reader points into the frame: rings aligned to 4, points to 8 */
    put_u32(out, b->points_n);
    put_u32(out, b->rings_n);
    put_u32(out, b->parts_n);
    buf_put(out, b->ring_end, b->rings_n * sizeof *b->ring_end);
    buf_put(out, b->part_end, b->parts_n * sizeof *b->part_end);
    pad8(out, start);
    buf_put(out, b->points, b->points_n * sizeof *b->points);
}

static void put_finding(struct buf *out, const struct finding *f)
{
    put_u32(out, (uint32_t)f->code);
    put_u64(out, f->row);
    put_f64(out, f->place.lon);
    put_f64(out, f->place.lat);
    put_f64(out, f->effect_m2);
    put_string(out, f->file);
    put_string(out, f->plot);
    put_string(out, f->message);
}

static void put_column(struct buf *out, const struct reader_column *c)
{
    put_string(out, c->name);
    put_string(out, c->field);
    put_u32(out, (uint32_t)c->how);
    for (int k = 0; k < COLUMN_SAMPLES; k++) {
        put_string(out, c->samples[k]);
        put_string(out, c->becomes[k]);
    }
}

void frame_put_source(struct buf *out, const struct reader_source *s, const char *const *columns,
                      size_t columns_n)
{
    size_t start = begin(out, FRAME_SOURCE);
    put_u32(out, s->file);
    put_u32(out, (uint32_t)s->epsg);
    put_u64(out, (uint64_t)s->rows_announced);
    put_u64(out, s->bytes);
    put_string(out, s->layer);
    put_string(out, s->format);
    put_string(out, s->crs_name);
    put_string(out, s->encoding);
    put_f64(out, s->cell_m);
    put_u32(out, (uint32_t)s->mapped_n);
    for (size_t i = 0; i < s->mapped_n; i++) {
        put_string(out, s->mapped[i].field);
        put_string(out, s->mapped[i].column);
    }
    put_u32(out, (uint32_t)columns_n);
    for (size_t i = 0; i < columns_n; i++)
        put_string(out, columns[i]);
    put_string(out, s->accents);
    put_u32(out, (uint32_t)s->columns_n);
    for (size_t i = 0; i < s->columns_n; i++)
        put_column(out, &s->columns[i]);
    end(out, start);
}

void frame_put_candidate(struct buf *out, const struct candidate *c, uint32_t source)
{
    size_t start = begin(out, FRAME_CANDIDATE);
    put_u32(out, source);
    put_u32(out, c->file);
    put_u64(out, c->row);
    put_u32(out, (uint32_t)c->outcome);
    put_u32(out, (uint32_t)c->survey);
    put_u32(out, (uint32_t)(unsigned char)c->producer_gender);
    put_u32(out, c->repaired);
    put_u32(out, (uint32_t)c->producer_birth_year);
    put_u32(out, (uint32_t)c->adoption_year);
    put_u32(out, (uint32_t)c->source_epsg);
    put_f64(out, c->declared_ha);
    put_f64(out, c->accuracy_m);
    put_f64(out, c->datum_accuracy_m);
    put_string(out, c->code);
    put_string(out, c->name);
    put_string(out, c->programme);
    put_string(out, c->organisation);
    put_string(out, c->producer_code);
    put_string(out, c->producer_name);
    put_string(out, c->producer_curp);
    put_string(out, c->region_key);
    put_string(out, c->municipality);
    put_string(out, c->state);
    put_u32(out, c->point);
    put_string(out, c->observed_date);
    put_u32(out, (uint32_t)c->crops_n);
    for (int i = 0; i < c->crops_n; i++)
        put_string(out, c->crops[i]);
    put_u32(out, (uint32_t)c->practices_n);
    for (int i = 0; i < c->practices_n; i++)
        put_string(out, c->practices[i]);
    put_u32(out, (uint32_t)c->attributes_n);
    for (size_t i = 0; i < c->attributes_n; i++)
        put_string(out, c->attributes[i].value);
    put_u32(out, (uint32_t)c->findings_n);
    for (size_t i = 0; i < c->findings_n; i++)
        put_finding(out, &c->findings[i]);
    put_boundary(out, start, &c->boundary);
    put_boundary(out, start, &c->alternative);
    put_u32(out, c->source_wkb ? (uint32_t)c->source_wkb_n : UINT32_MAX);
    if (c->source_wkb)
        buf_put(out, c->source_wkb, c->source_wkb_n);
    end(out, start);
}

void frame_put_finding(struct buf *out, const struct finding *f)
{
    size_t start = begin(out, FRAME_FINDING);
    put_finding(out, f);
    end(out, start);
}

void frame_put_probe(struct buf *out, const struct reader_probe *p)
{
    size_t start = begin(out, FRAME_PROBE);
    put_u32(out, p->file);
    put_u32(out, (uint32_t)p->declared);
    put_u32(out, p->degrees);
    put_string(out, p->layer);
    put_u32(out, (uint32_t)p->rows_n);
    for (size_t i = 0; i < p->rows_n; i++) {
        put_f64(out, p->rows[i].raw.lon);
        put_f64(out, p->rows[i].raw.lat);
        put_string(out, p->rows[i].key);
        put_string(out, p->rows[i].code);
    }
    end(out, start);
}

void frame_put_opening(struct buf *out, const char *name)
{
    size_t start = begin(out, FRAME_OPENING);
    put_string(out, name);
    end(out, start);
}

void frame_put_digest(struct buf *out, const char *sha256)
{
    size_t start = begin(out, FRAME_DIGEST);
    put_string(out, sha256);
    end(out, start);
}

void frame_put_done(struct buf *out, uint64_t rows_n)
{
    size_t start = begin(out, FRAME_DONE);
    put_u64(out, rows_n);
    end(out, start);
}

void frame_put_error(struct buf *out, const struct error *e)
{
    size_t start = begin(out, FRAME_ERROR);
    put_u32(out, (uint32_t)e->status);
    put_string(out, e->code);
    put_string(out, e->message);
    put_string(out, e->remedy);
    end(out, start);
}

void frame_put_request(struct buf *out, const struct reader_request *r)
{
    size_t start = begin(out, FRAME_REQUEST);
    put_u32(out, (uint32_t)r->purpose);
    put_f64(out, r->cpu_limit_s);
    put_f64(out, r->repair_limit_s);
    put_string(out, r->crs);
    put_u32(out, (uint32_t)r->files_n);
    for (size_t i = 0; i < r->files_n; i++)
        put_string(out, r->files[i]);
    put_u32(out, (uint32_t)r->mappings_n);
    for (size_t i = 0; i < r->mappings_n; i++) {
        put_string(out, r->mappings[i].field);
        put_string(out, r->mappings[i].column);
        put_u32(out, r->mappings[i].profile);
    }
    put_u32(out, (uint32_t)r->translations_n);
    for (size_t i = 0; i < r->translations_n; i++) {
        put_string(out, r->translations[i].column);
        put_string(out, r->translations[i].value);
        put_string(out, r->translations[i].becomes);
    }
    put_string(out, r->encoding);
    static const unsigned char no_key[CURP_KEY_BYTES];
    buf_put(out, r->curp_key ? r->curp_key : no_key, CURP_KEY_BYTES);
    put_u32(out, r->batch);
    put_u32(out, (uint32_t)r->raster_rule);
    put_f64(out, r->raster_number);
    put_string(out, r->raster_names);
    end(out, start);
}
