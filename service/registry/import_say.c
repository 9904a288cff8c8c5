/* What an import says: its findings, kept and stored, and the layers it read. See import_work.h. */
#include "service/registry/import_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importers/batch.h"
#include "service/registry/curp_key.h"
#include "service/registry/import_names.h"
#include "service/registry/import_table.h"

const char *import_file_of(const struct importing *im, uint32_t file)
{
    if (im->given)
        return im->given_file;
    return curp_key_masked(im->curp_key, &im->report->arena, import_file_name(im->request, file));
}

/* The first of each code, for the report. */
static void keep(struct import_report *r, struct finding f)
{
    if (r->findings_by_code[f.code] > IMPORT_FINDINGS_EACH)
        return;
    if (r->findings_n == r->findings_capacity) {
        size_t capacity = r->findings_n ? r->findings_n * 2 : 16;
        struct finding *more = realloc(r->findings, capacity * sizeof *more);
        if (!more)
            return;
        r->findings = more;
        r->findings_capacity = capacity;
    }
    f.file = arena_strdup(&r->arena, f.file);
    f.plot = arena_strdup(&r->arena, f.plot);
    f.message = arena_strdup(&r->arena, f.message);
    r->findings[r->findings_n++] = f;
}

static enum status spool(struct importing *im, const struct finding *f)
{
    struct buf *line = &im->finding_json;
    buf_reset(line);
    if (im->report->findings_total > 1)
        buf_putc(line, ',');
    finding_json(f, im->request->lang, line);
    if (line->failed)
        return error_memory(im->error);
    if (fwrite(line->bytes, 1, line->length, im->request->findings) == line->length)
        return STATUS_OK;
    return error_set(im->error, STATUS_IO, "findings_unwritten", "make room on the disk of temporary files", "the findings cannot be written");
}

/* Keeps the finding in the report and the store; fills in file and plot where the finder left them open. */
void import_say(const struct finding *given, void *arg)
{
    struct importing *im = arg;
    struct import_report *r = im->report;
    struct finding f = *given;
    if (!f.file && im->current)
        f.file = import_file_of(im, im->current->file);
    f.file = import_member_name(im->request, &r->arena, f.file);
    if (!f.plot && im->current)
        f.plot = im->current->code;
    frames_note(im, &f);
    r->findings_by_code[f.code]++;
    r->findings_total++;
    if (im->status == STATUS_OK)
        im->status = store_finding_add(im->store, r->import.id, &f, im->error);
    if (im->status == STATUS_OK && im->request->findings)
        im->status = spool(im, &f);
    keep(r, f);
}

void import_say_about(struct importing *im, const struct import_row *row, enum finding_code code, const char *message)
{
    struct finding f = {.code = code, .row = row->candidate.row, .plot = row->code, .place = {NAN, NAN}, .message = message, .effect_m2 = NAN};
    if (row->candidate.boundary.points_n)
        f.place = row->candidate.boundary.points[0];
    im->current = &row->candidate;
    import_say(&f, im);
}

void import_say_source(struct importing *im, const struct reader_source *s)
{
    struct buf *out = &im->undigested;
    buf_putc(out, '{');
    buf_json_key(out, "file");
    buf_json_string(out, import_file_of(im, s->file));
    buf_json_key(out, "layer");
    buf_json_string(out, import_layer_name(im->request, &im->report->arena, s->file, s->layer));
    buf_json_key(out, "format");
    buf_json_string(out, s->format);
    buf_json_key(out, "crs");
    buf_json_string(out, s->crs_name);
    buf_json_key(out, "epsg");
    buf_int(out, s->epsg);
    buf_json_key(out, "encoding");
    buf_json_string(out, s->encoding);
    buf_json_key(out, "rows_announced");
    buf_int(out, s->rows_announced);
    buf_json_key(out, "mapped");
    buf_putc(out, '{');
    for (size_t i = 0; i < s->mapped_n; i++) {
        buf_json_key(out, s->mapped[i].field);
        buf_json_string(out, s->mapped[i].column);
    }
    buf_putc(out, '}');
    import_columns_json(s, out);
    if (im->report->profile) {
        buf_json_key(out, "profile");
        buf_json_string(out, im->report->profile);
    }
    buf_putc(out, 0); /* its end comes with the hash of its file */
    const char *file = import_file_of(im, s->file), *layer = import_layer_name(im->request, &im->report->arena, s->file, s->layer);
    import_mapping_json(s, file, layer, &im->mapping_json);
    import_mapping_text(s, file, layer, im->request->lang, &im->mapping_text);
    if (s->rows_announced > 0)
        im->rows_announced += s->rows_announced;
}

void import_say_digest(struct importing *im, const char *sha256)
{
    struct buf *out = &im->sources;
    for (size_t at = 0; at < im->undigested.length; at += strlen(im->undigested.bytes + at) + 1) {
        buf_json_comma(out);
        buf_puts(out, im->undigested.bytes + at);
        buf_json_key(out, "sha256");
        buf_json_string(out, sha256);
        buf_putc(out, '}');
    }
    if (im->undigested.failed)
        im->status = error_memory(im->error);
    buf_reset(&im->undigested);
}
