/* Storing the rows of an import: plots with their figures, held rows whole. See import_work.h. */
#include "service/registry/import_work.h"

#include <math.h>
#include <string.h>

#include "service/registry/held_match.h"
#include "service/registry/import_names.h"

static enum status fill_people(struct importing *im, const struct import_row *row, struct store_revision *r, struct error *e)
{
    const struct candidate *c = &row->candidate;
    enum status status = STATUS_OK;
    if (c->organisation)
        status = store_organisation(im->store, c->organisation, &r->organisation_id, e);
    /* a held row keeps its person's CURP where others have a code */
    const char *curp = c->producer_curp ? c->producer_curp : curp_is_mark(c->producer_code) ? c->producer_code : NULL;
    if (status == STATUS_OK && curp)
        status = store_producer_by_curp(im->store, row->programme_id, curp, c->producer_code, c->producer_name, c->producer_gender,
                                        c->producer_birth_year, &r->producer_id, e);
    else if (status == STATUS_OK && (c->producer_code || c->producer_name))
        status = store_producer(im->store, row->programme_id, c->producer_code, c->producer_name, c->producer_gender,
                                c->producer_birth_year, &r->producer_id, e);
    return status;
}

static enum status store_plot_row(struct importing *im, struct import_row *row, struct error *e)
{
    const struct candidate *c = &row->candidate;
    struct store_revision r = {
        .plot_id = row->plot_id, .programme_id = row->programme_id, .code = row->code, .name = c->name,
        .crops = c->crops, .crops_n = c->crops_n, .practices = c->practices, .practices_n = c->practices_n,
        .adoption_year = c->adoption_year, .observed_date = c->observed_date, .survey = (int)c->survey,
        .declared_ha = c->declared_ha, .accuracy_m = c->accuracy_m, .repaired = c->repaired,
        .boundary = c->boundary, .anchor = row->anchor, .area_mm2 = row->area_mm2, .area_se_m2 = row->area_se_m2, .perimeter_m = row->perimeter_m,
        .drawing = row->drawing, .drawing_n = row->drawing_n, .figures = row->figures,
        .file = import_file_of(im, c->file), .row = c->row, .attributes_json = im->given ? im->given_attributes : row->attributes,
        .source_wkb = c->source_wkb, .source_wkb_n = c->source_wkb_n, .source_epsg = c->source_epsg,
        .datum_accuracy_m = c->datum_accuracy_m,
    };
    memcpy(r.geometry_hash, row->geometry_hash, sizeof r.geometry_hash);
    memcpy(r.content_hash, row->content_hash, sizeof r.content_hash);
    enum status status = fill_people(im, row, &r, e);
    if (status == STATUS_OK)
        status = store_revision_add(im->store, im->report->import.id, im->change, &r, e);
    if (status == STATUS_OK && im->held_open_n)
        status = held_match_close(im, row, r.attributes_json, e);
    if (status != STATUS_OK)
        return status;
    if (!im->overlaps.from_revision)
        im->overlaps.from_revision = r.id; /* later ones have higher ids */
    /* a point covers no ground that others could have too */
    if ((!c->point && !touched_add(&im->touched, r.id, boundary_box(&c->boundary))) ||
        (row->ended_revision && !touched_add(&im->touched, row->ended_revision, row->ended_box)))
        return error_memory(e);
    im->report->import.added_mm2 += row->area_mm2 - row->ended_mm2;
    return STATUS_OK;
}

/* A level of regions in which no part of the plot lies, as a finding. */
static void note_outside(struct importing *im, const struct import_row *row)
{
    const struct store_figures *f = &row->figures;
    for (int level = 0; f->parts_n && level < f->parts[0].levels_n; level++) {
        bool any = false;
        for (size_t i = 0; i < f->parts_n && !any; i++)
            any = f->parts[i].regions[level] != LAYER_NONE;
        if (!any) {
            import_say_about(im, row, FINDING_OUTSIDE_REGIONS, NULL);
            return;
        }
    }
}

static enum status keep_row(struct importing *im, const struct import_row *row, struct error *e)
{
    struct store_held_reason why = {.file_name = import_file_of(im, row->candidate.file), .programme_id = row->programme_id, .spot = row->held_spot};
    if (row->held_for != FINDING_CODES_N)
        why.code = finding_entry(row->held_for)->code;
    struct candidate kept = row->candidate;
    why.content = row->content_hash;
    if (kept.producer_curp && !kept.producer_code)
        kept.producer_code = kept.producer_curp;
    kept.layer = import_layer_name(im->request, &im->report->arena, kept.file, kept.layer);
    return store_held_add(im->store, im->report->import.id, &kept, &why, e);
}

static enum status store_row(struct importing *im, struct import_row *row, struct error *e)
{
    struct store_import *totals = &im->report->import;
    bool computed = row->action == ROW_NEW || row->action == ROW_REVISED;
    if (computed && row->status != STATUS_OK) {
        if (row->status == STATUS_MEMORY)
            return error_memory(e);
        import_say_about(im, row, FINDING_FIGURES_FAILED, row->failure);
        row->action = ROW_HELD;
        row->held_for = FINDING_FIGURES_FAILED;
    }
    if (row->action == ROW_NEW || row->action == ROW_REVISED) {
        enum status status = frames_check(im, row, e);
        if (status != STATUS_OK)
            return status;
    }
    im->given_action = row->action;
    switch (row->action) {
    case ROW_NEW:
        totals->new_n++;
        break;
    case ROW_REVISED:
        totals->revised_n++;
        break;
    case ROW_UNCHANGED:
        totals->unchanged_n++;
        return STATUS_OK;
    case ROW_HELD:
        totals->held_n++;
        return keep_row(im, row, e);
    case ROW_REJECTED:
        totals->rejected_n++;
        return row->known ? STATUS_OK : keep_row(im, row, e);
    }
    totals->repaired_n += row->candidate.repaired;
    note_outside(im, row);
    im->current = &row->candidate;
    if (!im->given)
        declared_check(im->regions, row, import_say, im);
    return store_plot_row(im, row, e);
}

enum status import_finish_batch(struct importing *im, struct import_batch *b, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < b->n; i++) {
        if (i % LISTEN_ROWS == 0)
            reader_listen(im->reader);
        status = store_row(im, &b->rows[i], e);
    }
    if (status == STATUS_OK && im->status != STATUS_OK)
        status = im->status;
    b->n = 0;
    b->pending = false;
    arena_reset(&b->arena);
    for (int w = 0; w < im->staff.n; w++)
        arena_reset(&b->results[w]);
    return status;
}
