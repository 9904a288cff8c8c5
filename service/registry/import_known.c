/* Rows that come again; see import_known.h. */
#include "service/registry/import_known.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void say_known(struct importing *im, struct import_row *row, enum finding_code code,
                      const char *text)
{
    struct finding f = {.code = code,
                        .row = row->candidate.row,
                        .plot = row->code,
                        .place = row->held_spot,
                        .message = text,
                        .effect_m2 = NAN};
    row->action = ROW_UNCHANGED;
    import_say(&f, im);
}

static void say_held(struct importing *im, struct import_row *row,
                     const struct store_known_row *known)
{
    char text[200];
    if (!*known->decision) {
        snprintf(text, sizeof text, "import %" PRId64 " holds it as row %" PRIu64, known->import_id,
                 known->row);
        say_known(im, row, FINDING_HELD_ALREADY, text);
    } else if (strcmp(known->decision, "drop") == 0) {
        snprintf(text, sizeof text,
                 "import %" PRId64 " held it as row %" PRIu64 " and it was dropped",
                 known->import_id, known->row);
        say_known(im, row, FINDING_HELD_DROPPED, text);
    } else {
        snprintf(text, sizeof text,
                 "import %" PRId64 " held it as row %" PRIu64
                 "; it was decided: %s, with import %" PRId64,
                 known->import_id, known->row, known->decision, known->decided_import_id);
        say_known(im, row, FINDING_HELD_DECIDED, text);
    }
}

/* The same row twice in one file is held once. */
static enum status twice(struct importing *im, struct import_row *row, struct error *e)
{
    uint64_t key;
    bool ok;
    char text[100];
    memcpy(&key, row->content_hash, sizeof key);
    const uint64_t *earlier =
        key_set_add(&im->held_seen, key ^ (uint64_t)row->programme_id, row->candidate.row, &ok);
    if (!ok)
        return error_memory(e);
    if (earlier && row->action == ROW_HELD) {
        snprintf(text, sizeof text, "import %" PRId64 " holds it as row %" PRIu64,
                 im->report->import.id, *earlier);
        say_known(im, row, FINDING_HELD_ALREADY, text);
    }
    return STATUS_OK;
}

static enum status held_or_rejected(struct importing *im, struct import_row *row, struct error *e)
{
    const struct candidate *c = &row->candidate;
    struct store_known_row known = {0};
    if (c->outcome != CANDIDATE_READY) {
        identity_geometry(&c->boundary, row->geometry_hash);
        identity_content(c, row->geometry_hash, row->content_hash);
    }
    enum status status = STATUS_OK;
    if (im->held_n)
        status = store_held_known(im->store, row->programme_id, row->content_hash, &known, e);
    if (status != STATUS_OK || !known.import_id)
        return status == STATUS_OK ? twice(im, row, e) : status;
    if (row->action == ROW_HELD && !known.rejected) {
        say_held(im, row, &known);
    } else if (row->action == ROW_REJECTED && known.rejected) {
        row->known = true;
        im->rejected_known_n++;
        im->rejected_known_by = known.import_id;
    }
    return STATUS_OK;
}

static enum status decided_over(struct importing *im, struct import_row *row, struct error *e)
{
    bool over = false;
    char text[120];
    enum status status =
        store_decided_over(im->store, row->ended_revision, row->content_hash, &over, e);
    if (status != STATUS_OK || !over)
        return status;
    struct store_brief brief;
    status = store_brief(im->store, row->ended_revision, &im->report->arena, &brief, e);
    if (status != STATUS_OK)
        return status;
    snprintf(text, sizeof text, "a decision about a held row took its place with import %" PRId64,
             brief.import_id);
    say_known(im, row, FINDING_HELD_DECIDED, text);
    return STATUS_OK;
}

enum status import_known_row(struct importing *im, struct import_row *row, struct error *e)
{
    if (im->given)
        return STATUS_OK;
    if (row->action == ROW_HELD || row->action == ROW_REJECTED)
        return held_or_rejected(im, row, e);
    return row->action == ROW_REVISED && im->held_n ? decided_over(im, row, e) : STATUS_OK;
}

void import_known_say(struct importing *im)
{
    char text[120];
    if (!im->rejected_known_n)
        return;
    snprintf(text, sizeof text, "%" PRId64 " rows were rejected by import %" PRId64 " already",
             im->rejected_known_n, im->rejected_known_by);
    struct finding f = {.code = FINDING_REJECTED_ALREADY,
                        .file = "",
                        .place = {NAN, NAN},
                        .message = text,
                        .effect_m2 = NAN};
    im->current = NULL;
    import_say(&f, im);
}
