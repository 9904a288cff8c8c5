/* The import pipeline; see import.h.
 *
 * Two batches take turns: while the workers compute the figures of one, this thread stores the one before and reads the next. A
 * batch is given to the workers as soon as it is read, also when they have not done with the one before.
 * Decisions and storing happen here in row order, so the result does not depend on the number of workers. */
#include "service/registry/import_work.h"

#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "geo/area.h"
#include "geo/drawing.h"
#include "importers/batch.h"
#include "importers/text.h"
#include "service/registry/answers.h"
#include "service/registry/area_error.h"
#include "service/registry/curp_key.h"
#include "service/registry/held_match.h"
#include "service/registry/import_known.h"
#include "service/registry/import_names.h"
#include "service/registry/pool.h"
#include "service/registry/profiles.h"
#include "service/registry/report_file.h"

static const char PROGRAMME_UNASSIGNED[] = "UNASSIGNED";

/* ---- reading ---- */

static enum status row_programme(struct importing *im, struct import_row *row, struct error *e)
{
    const char *code = im->request->programme ? im->request->programme : row->candidate.programme;
    if (!code || !*code) {
        code = PROGRAMME_UNASSIGNED;
        if (!im->programme_missing)
            import_say_about(im, row, FINDING_PROGRAMME_MISSING, NULL);
        im->programme_missing = true;
    }
    return store_programme(im->store, code, NULL, &row->programme_id, e);
}

static enum status take_candidate(struct importing *im, struct import_batch *b, const struct candidate *c, struct error *e)
{
    struct import_row *row = &b->rows[b->n++];
    *row = (struct import_row){.candidate = *c};
    im->report->import.rows++;
    im->current = c;
    frames_take(im, row);
    for (size_t i = 0; i < c->findings_n; i++)
        import_say(&c->findings[i], im);
    enum status status = row_programme(im, row, e);
    if (status == STATUS_OK)
        status = row_decide(im->store, &im->memory, row, &b->arena, import_say, im, e);
    if (status == STATUS_OK)
        status = import_known_row(im, row, e);
    if (status == STATUS_OK && !im->given)
        status = declared_wanted(im->store, &im->regions, c, e);
    return status;
}

static enum status still_wanted(const struct importing *im, struct error *e)
{
    if (!im->request->cancelled || !atomic_load(im->request->cancelled))
        return STATUS_OK;
    return error_set(e, STATUS_CANCELLED, "import_cancelled", NULL, "The import was cancelled; nothing was written.");
}

static enum status take_given(struct importing *im, struct import_batch *b, struct error *e)
{
    struct candidate c;
    im->read_all = true;
    enum status status = im->given->take(im->store, &b->arena, &c, &im->given_file, &im->given_attributes, im->given->arg, e);
    if (status != STATUS_OK)
        return status;
    im->report->import.programme = c.programme ? arena_strdup(&im->report->arena, c.programme) : "";
    buf_puts(&im->sources, im->given->source_json);
    return take_candidate(im, b, &c, e);
}

static enum status indexes_ready(struct importing *im, struct error *e)
{
    if (im->indexes_ready)
        return STATUS_OK;
    im->indexes_ready = true;
    return staff_ready(&im->staff, e);
}

static enum status fill_batch(struct importing *im, struct import_batch *b, struct error *e)
{
    enum status status = still_wanted(im, e);
    if (status == STATUS_OK && im->given && !im->read_all)
        return take_given(im, b, e);
    while (status == STATUS_OK && !im->read_all && b->n < BATCH_ROWS && b->arena.total < BATCH_BYTES) {
        struct reader_event event;
        if ((status = reader_next(im->reader, &b->arena, &event, e)) != STATUS_OK)
            break;
        im->current = NULL;
        switch (event.kind) {
        case READER_PROBE:
            if ((status = indexes_ready(im, e)) == STATUS_OK)
                status = frames_answer(im, &event.probe, e);
            break;
        case READER_SOURCE:
            import_say_source(im, &event.source);
            break;
        case READER_DIGEST:
            import_say_digest(im, event.sha256);
            break;
        case READER_FINDING:
            import_say(&event.finding, im);
            break;
        case READER_CANDIDATE:
            status = take_candidate(im, b, &event.candidate, e);
            break;
        case READER_OPENING:
            break;
        case READER_DONE:
            im->read_all = true;
            break;
        }
    }
    if (im->request->progress && im->report->import.rows)
        im->request->progress("reading", (uint64_t)im->report->import.rows, (uint64_t)im->rows_announced, im->request->progress_arg);
    return status == STATUS_OK ? im->status : status;
}

/* ---- computing (in workers) ---- */

/* All source columns as one JSON object, in file order. */
static const char *attributes_json(const struct candidate *c, struct buf *scratch, struct arena *keep)
{
    buf_reset(scratch);
    buf_putc(scratch, '{');
    for (size_t i = 0; i < c->attributes_n; i++) {
        buf_json_key(scratch, c->attributes[i].name);
        buf_json_string(scratch, c->attributes[i].value);
    }
    buf_putc(scratch, '}');
    return scratch->failed ? NULL : arena_memdup(keep, scratch->bytes, scratch->length + 1);
}

static void compute_row(int worker, size_t item, void *arg)
{
    struct importing *im = ((void **)arg)[0];
    struct import_batch *b = ((void **)arg)[1];
    struct import_row *row = &b->rows[b->order[item]];
    const struct boundary *boundary = &row->candidate.boundary;
    struct arena *keep = &b->results[worker];
    struct error e;
    row->area_mm2 = area_to_mm2(area_boundary_m2(boundary)); /* of a point: 0 */
    row->area_se_m2 = area_error_m2(boundary, (int)row->candidate.survey, row->candidate.accuracy_m);
    row->perimeter_m = perimeter_boundary_m(boundary);
    row->anchor = boundary_anchor(boundary);
    row->status = drawing_encode(boundary, keep, &row->drawing, &row->drawing_n, &e);
    struct area_noise noise = area_noise_of((int)row->candidate.survey, row->candidate.accuracy_m, row->area_se_m2);
    if (row->status == STATUS_OK)
        row->status = figures_of_plot(im->staff.workers[worker], boundary, row->area_mm2, &noise, keep, &row->figures, &e);
    if (row->status == STATUS_OK && !(row->attributes = attributes_json(&row->candidate, &im->json[worker], keep)))
        row->status = error_memory(&e);
    if (row->status == STATUS_OK)
        declared_measure(b->regions, im->staff.setup, row);
    else
        row->failure = arena_strdup(keep, e.message);
}

struct hilbert_key {
    uint32_t key;
    uint32_t row;
};

static int compare_hilbert(const void *a, const void *b)
{
    const struct hilbert_key *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->row > y->row) - (x->row < y->row);
}

static void start_batch(struct importing *im, struct import_batch *b, void *job[2])
{
    struct hilbert_key keys[BATCH_ROWS];
    b->order_n = 0;
    b->regions = im->regions;
    for (size_t i = 0; i < b->n; i++)
        if (b->rows[i].action == ROW_NEW || b->rows[i].action == ROW_REVISED)
            keys[b->order_n++] = (struct hilbert_key){b->rows[i].place, (uint32_t)i};
    qsort(keys, b->order_n, sizeof *keys, compare_hilbert);
    for (size_t i = 0; i < b->order_n; i++)
        b->order[i] = keys[i].row;
    job[0] = im;
    job[1] = b;
    b->pending = true;
    b->work = (struct pool_job){.run = compute_row, .arg = job, .n = b->order_n, .grain = GRAIN_ROWS};
    pool_add(im->staff.pool, &b->work, false);
}

static enum status finish_batch(struct importing *im, struct import_batch *b, struct error *e)
{
    if (!b->pending)
        return STATUS_OK;
    pool_wait_for(im->staff.pool, &b->work);
    return import_finish_batch(im, b, e);
}

static enum status run_rows(struct importing *im, struct error *e)
{
    void *jobs[2][2];
    int turn = 0;
    enum status status = fill_batch(im, &im->batches[0], e);
    if (status == STATUS_OK) /* the indexes were built meanwhile */
        status = indexes_ready(im, e);
    while (status == STATUS_OK && im->batches[turn].n) {
        struct import_batch *now = &im->batches[turn], *other = &im->batches[1 - turn];
        start_batch(im, now, jobs[turn]);
        status = finish_batch(im, other, e);
        if (status == STATUS_OK)
            status = fill_batch(im, other, e);
        turn = 1 - turn;
    }
    if (status == STATUS_OK)
        status = finish_batch(im, &im->batches[1 - turn], e);
    pool_wait(im->staff.pool);
    return status;
}

/* ---- overlaps ---- */

static enum status overlap_progress(double done, void *arg, struct error *e)
{
    struct importing *im = arg;
    if (im->request->progress)
        im->request->progress("overlaps", (uint64_t)(done * 1000), 1000, im->request->progress_arg);
    return still_wanted(im, e);
}

static void note_face(const struct store_face *face, const struct store_ground *const *members, const struct face_shape *shape,
                      const struct faces_done *done, void *arg)
{
    struct importing *im = arg;
    if (members)
        overlaps_add(&im->overlaps, face, members, shape, done);
    else
        im->overlaps.failed = true;
}

/* All rows are stored: what they needed is for the faces to use, also what malloc keeps in the workers' heaps. */
static void give_back_rows(struct importing *im)
{
    key_set_clear(&im->memory.keys);
    for (int i = 0; i < 2; i++) {
        arena_clear(&im->batches[i].arena);
        for (int w = 0; w < im->staff.n; w++)
            arena_clear(&im->batches[i].results[w]);
    }
    malloc_trim(0);
}

static enum status renew_overlaps(struct importing *im, struct error *e)
{
    give_back_rows(im);
    enum status status = store_revisions_done(im->store, e);
    if (status == STATUS_OK)
        status = faces_renew(im->store, im->staff.pool, im->staff.workers, im->change, &im->touched, overlap_progress, im, note_face, im, e);
    if (status == STATUS_OK)
        status = overlaps_finish(&im->overlaps, im->store, true, e);
    im->current = NULL;
    if (status == STATUS_OK)
        status = overlaps_say(&im->overlaps, im->store, import_say, im, e);
    touched_clear(&im->touched); /* the totals that come next need the room */
    overlaps_clear(&im->overlaps);
    malloc_trim(0);
    return status == STATUS_OK ? im->status : status;
}

/* ---- the whole ---- */

/* --map comes first; then what the profile says. */
static enum status take_profile(struct importing *im, struct error *e)
{
    const struct import_request *q = im->request;
    struct import_report *r = im->report;
    enum status status = profiles_find(im->store, q->profile, q->profile_files, q->programme, &r->arena, &im->profile, &r->profile, e);
    size_t n = q->mappings_n + im->profile.mappings_n;
    if (status == STATUS_OK && !(im->mappings = arena_array(&r->arena, n, sizeof *im->mappings)))
        status = error_memory(e);
    if (status != STATUS_OK)
        return status;
    if (q->mappings_n)
        memcpy(im->mappings, q->mappings, q->mappings_n * sizeof *im->mappings);
    if (im->profile.mappings_n)
        memcpy(im->mappings + q->mappings_n, im->profile.mappings, im->profile.mappings_n * sizeof *im->mappings);
    return STATUS_OK;
}

static enum status check_encoding(const char *name, struct error *e)
{
    return !name || text_page_of(name) > 0
               ? STATUS_OK
               : error_set(e, STATUS_USAGE, "encoding_unknown", "utf-8, windows-1252, latin1, cp850 or cp437", "the encoding %.40s is not known", name);
}

static enum status open_reader(struct importing *im, struct error *e)
{
    const struct import_request *q = im->request;
    enum status status = curp_key_load(store_folder(im->store), !q->dry_run, im->curp_key, e);
    if (status == STATUS_OK && !im->given)
        status = take_profile(im, e);
    if (status != STATUS_OK || im->given)
        return status;
    struct reader_request reading = {.purpose = READER_PLOTS, .files = q->files, .files_n = q->files_n, .batch = im->folders, .crs = q->crs,
                                     .mappings = im->mappings, .mappings_n = q->mappings_n + im->profile.mappings_n,
                                     .translations = im->profile.translations, .translations_n = im->profile.translations_n,
                                     .encoding = q->encoding, .curp_key = im->curp_key};
    return reader_start(&reading, &im->reader, e);
}

static enum status open_all(struct importing *im, struct error *e)
{
    const struct import_request *q = im->request;
    enum status status = check_encoding(q->encoding, e);
    if (status == STATUS_OK)
        status = store_open(q->registry, STORE_WRITE, &im->store, e);
    if (status == STATUS_OK) /* first, so that it opens the file while the layers are indexed here */
        status = open_reader(im, e);
    if (status == STATUS_OK)
        status = staff_hire(&im->staff, im->store, e);
    if (status == STATUS_OK)
        status = frames_watch_start(im, e);
    if (status == STATUS_OK && !(im->memory.geo = geo_context_new()))
        status = error_memory(e);
    if (status == STATUS_OK && !(im->json = calloc((size_t)im->staff.n, sizeof *im->json)))
        status = error_memory(e);
    for (int i = 0; status == STATUS_OK && i < 2; i++) {
        arena_init(&im->batches[i].arena, 0);
        if (!(im->batches[i].results = calloc((size_t)im->staff.n, sizeof *im->batches[i].results)))
            status = error_memory(e);
    }
    return status;
}

static void close_all(struct importing *im)
{
    reader_stop(im->reader);
    frames_watch_stop(im);
    for (int i = 0; i < 2; i++) {
        arena_clear(&im->batches[i].arena);
        for (int w = 0; im->batches[i].results && w < im->staff.n; w++)
            arena_clear(&im->batches[i].results[w]);
        free(im->batches[i].results);
    }
    for (int w = 0; im->json && w < im->staff.n; w++)
        buf_clear(&im->json[w]);
    free(im->json);
    staff_dismiss(&im->staff);
    geo_context_free(im->memory.geo);
    key_set_clear(&im->memory.keys);
    touched_clear(&im->touched);
    overlaps_clear(&im->overlaps);
    declared_regions_free(im->regions);
    key_set_clear(&im->held_seen);
    held_match_free(im->held_match);
    buf_clear(&im->mapping_json);
    buf_clear(&im->mapping_text);
    buf_clear(&im->finding_json);
    buf_clear(&im->sources);
    buf_clear(&im->undigested);
    sodium_memzero(im->curp_key, sizeof im->curp_key);
    store_close(im->store);
}

/* The findings of these two codes in words: "a.gpx: reason; b.zip/c.shp: reason; and 3 more". */
static void list_bad_files(const struct import_report *r, bool unreadable, char *out, size_t size)
{
    enum { REASON = 110 };
    size_t at = 0;
    uint64_t named = 0, all = r->findings_by_code[FINDING_ROWS_MISSING] + (unreadable ? r->findings_by_code[FINDING_FILE_UNREADABLE] : 0);
    out[0] = 0;
    for (size_t i = 0; i < r->findings_n && at + 2 * REASON < size; i++) {
        const struct finding *f = &r->findings[i];
        if (f->code != FINDING_ROWS_MISSING && (f->code != FINDING_FILE_UNREADABLE || !unreadable))
            continue;
        const char *message = f->message ? f->message : finding_entry(f->code)->text_en;
        bool told = f->file && strstr(message, f->file);
        at += (size_t)snprintf(out + at, size - at, "%s%.60s%s%.*s%s", named++ ? "; " : "", told || !f->file ? "" : f->file, told || !f->file ? "" : ": ",
                               REASON, message, strlen(message) > REASON ? "..." : "");
    }
    if (named < all)
        snprintf(out + at, size - at, "; and %" PRIu64 " more", all - named);
}

/* A file that gave fewer rows than it announces is damaged: what is missing must not look imported. A file of several that could not
 * be read at all is left out only when that was asked for. A dry run shows its report. */
static enum status refuse_bad_files(const struct importing *im, struct error *e)
{
    const struct import_report *r = im->report;
    bool missing = r->findings_by_code[FINDING_ROWS_MISSING] > 0;
    bool unreadable = r->findings_by_code[FINDING_FILE_UNREADABLE] > 0 && (!im->request->skip_bad_files || im->sources.length < 2);
    char list[440];
    if (im->request->dry_run || (!missing && !unreadable))
        return STATUS_OK;
    list_bad_files(r, unreadable, list, sizeof list);
    return error_set(e, STATUS_INVALID, missing ? "rows_missing" : "files_unreadable",
                     missing ? "export or copy the file again; --dry-run shows what could be read"
                             : "export or copy them again, or import the others with --skip-bad-files; --dry-run shows what each file gives",
                     "%s: %s", missing ? "the file is damaged, nothing was imported" : "nothing was imported, some files cannot be read", list);
}

static enum status run_transaction(struct importing *im, struct error *e)
{
    struct store_import *totals = &im->report->import;
    totals->status = "committed";
    totals->programme = im->request->programme ? im->request->programme : "";
    totals->files = "[]";
    enum status status = store_change_new(im->store, "import", &im->change, e);
    totals->change = im->change;
    if (status == STATUS_OK)
        status = store_import_new(im->store, totals, &totals->id, e);
    if (status == STATUS_OK && im->request->job)
        status = store_import_job_set(im->store, totals->id, im->request->job, e);
    if (status == STATUS_OK)
        status = store_held_open_n(im->store, &im->held_open_n, e);
    if (status == STATUS_OK)
        status = store_held_n(im->store, &im->held_n, e);
    if (status == STATUS_OK)
        status = run_rows(im, e);
    if (status == STATUS_OK)
        status = refuse_bad_files(im, e);
    if (status == STATUS_OK)
        status = frames_refuse(im, e);
    if (status == STATUS_OK)
        status = renew_overlaps(im, e);
    if (status == STATUS_OK)
        import_known_say(im);
    buf_putc(&im->sources, ']');
    buf_putc(&im->mapping_json, ']');
    if (status == STATUS_OK && !im->given) {
        im->report->mapping_json = arena_strdup(&im->report->arena, im->mapping_json.bytes);
        im->report->mapping_text = arena_strdup(&im->report->arena, im->mapping_text.length ? im->mapping_text.bytes : "");
    }
    if (status == STATUS_OK && !(totals->files = im->report->sources_json = arena_strdup(&im->report->arena, im->sources.bytes)))
        status = error_memory(e);
    if (status == STATUS_OK && im->given)
        status = im->given->done(im->store, totals->id, im->given_action, im->given->arg, e);
    if (status == STATUS_OK && im->request->report)
        status = report_file_write(im->store, totals->id, im->request->dry_run, im->request->report, im->request->lang, e);
    return status;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Commits, or rolls back where there is nothing to keep: a dry run, or a file that changes nothing. */
static enum status conclude(struct importing *im, double started_s, struct error *e)
{
    struct store_import *totals = &im->report->import;
    totals->seconds = now_s() - started_s;
    bool nothing = !totals->new_n && !totals->revised_n && !totals->held_n && totals->rejected_n == im->rejected_known_n;
    if (im->request->dry_run || (nothing && !im->given)) {
        totals->id = 0;
        store_rollback(im->store);
        return STATUS_OK;
    }
    enum status status = still_wanted(im, e);
    if (status != STATUS_OK)
        return status;
    if (im->request->progress)
        im->request->progress("saving", 0, 0, im->request->progress_arg);
    status = store_import_finish(im->store, totals, e);
    if (status == STATUS_OK)
        status = answers_keep(im->store, totals->new_n + totals->revised_n, e);
    if (status == STATUS_OK)
        status = store_commit(im->store, e);
    totals->seconds = now_s() - started_s;
    return status;
}

enum status import_run(const struct import_request *request, struct import_report *report, struct error *e)
{
    return import_run_given(request, NULL, report, e);
}

enum status import_run_given(const struct import_request *request, const struct import_given *given, struct import_report *report, struct error *e)
{
    double started_s = now_s();
    *report = (struct import_report){.dry_run = request->dry_run};
    arena_init(&report->arena, 0);
    struct importing *im = calloc(1, sizeof *im);
    if (!im)
        return error_memory(e);
    struct import_request own = *request;
    struct batch batch = {0};
    im->request = &own;
    im->report = report;
    im->given = given;
    im->error = e;
    buf_init(&im->sources, 0);
    buf_init(&im->undigested, 0);
    buf_putc(&im->sources, '[');
    buf_init(&im->mapping_json, 0);
    buf_init(&im->mapping_text, 0);
    buf_putc(&im->mapping_json, '[');
    report->lang = request->lang;
    enum status status = batch_expand(request->files, request->files_n, &report->arena, &batch, e);
    own.files = batch.files;
    own.files_n = batch.n;
    im->folders = batch.folders;
    if (status == STATUS_OK)
        status = open_all(im, e);
    if (status == STATUS_OK)
        status = request->dry_run ? store_begin(im->store, true, e) : store_begin_load(im->store, e);
    if (status == STATUS_OK) {
        status = run_transaction(im, e);
        if (status == STATUS_OK)
            status = conclude(im, started_s, e);
        if (status != STATUS_OK)
            store_rollback(im->store);
    }
    close_all(im);
    free(im);
    if (status != STATUS_OK)
        import_report_clear(report);
    return status;
}

void import_report_clear(struct import_report *report)
{
    free(report->findings);
    arena_clear(&report->arena);
    *report = (struct import_report){0};
}
