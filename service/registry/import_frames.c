/* Reference systems against the registry's regions and plots; see import_frames.h. */
#include "service/registry/import_frames.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/registry/import_work.h"

enum { REFUSE_FROM_ROWS = 10 };

/* Boundaries of one plot whose middles lie nearer than this are one walk and another; farther away
 * than that, another place. */
#define DATUM_LEAST_M 40.0
#define DATUM_MOST_M 400.0
#define BESIDE_HOME_M 500.0

enum status frames_watch_start(struct importing *im, struct error *e)
{
    struct frames_watch *w = &im->frames;
    arena_init(&w->arena, 0);
    if (im->given)
        return STATUS_OK;
    w->files = calloc(im->request->files_n, sizeof *w->files);
    return w->files ? homes_load(im->store, im->staff.setup, &w->homes, e) : error_memory(e);
}

void frames_watch_stop(struct importing *im)
{
    homes_free(im->frames.homes);
    crs_set_free(im->frames.set);
    free(im->frames.files);
    arena_clear(&im->frames.arena);
}

/* ---- rows as they come ---- */

void frames_take(struct importing *im, struct import_row *row)
{
    struct frames_watch *w = &im->frames;
    const struct candidate *c = &row->candidate;
    if (!w->files)
        return;
    w->files[c->file].rows++;
    if (c->region_key)
        row->home = homes_key(w->homes, c->region_key);
}

static bool is_wrong_frame(enum finding_code code)
{
    switch (code) {
    case FINDING_AXES_SWAPPED:
    case FINDING_SIGN_LOST:
    case FINDING_METRES_AS_DEGREES:
    case FINDING_DEGREES_AS_METRES:
    case FINDING_WRONG_ZONE:
    case FINDING_NAD27_SHIFT:
    case FINDING_DMS_AS_DECIMALS:
        return true;
    default:
        return false;
    }
}

void frames_note(struct importing *im, const struct finding *f)
{
    if (!im->frames.files || !im->current || !is_wrong_frame(f->code))
        return;
    im->frames.files[im->current->file].by_code[f->code]++;
}

static struct crs_set *transformations(struct frames_watch *w)
{
    if (!w->set)
        w->set = crs_set_new();
    return w->set;
}

/* ---- a file that names no system ---- */

static struct lonlat middle_of(const struct box *b)
{
    return (struct lonlat){(b->west + b->east) / 2, (b->south + b->north) / 2};
}

static enum status gather(struct importing *im, const struct reader_probe *probe,
                          struct crs_sample *out, struct error *e)
{
    enum status status = STATUS_OK;
    int64_t programme = 0;
    if (im->request->programme)
        status = store_programme(im->store, im->request->programme, NULL, &programme, e);
    for (size_t i = 0; status == STATUS_OK && i < probe->rows_n; i++) {
        const struct reader_probe_row *row = &probe->rows[i];
        struct store_current current;
        bool found = false;
        out[i] = (struct crs_sample){.raw = row->raw, .second = {NAN, NAN}};
        if (row->key)
            out[i].key = homes_key(im->frames.homes, row->key);
        if (row->code && programme)
            status = store_plot_find(im->store, programme, row->code, &current, &found, e);
        if (found)
            out[i].second = middle_of(&current.box);
    }
    return status;
}

enum status frames_answer(struct importing *im, const struct reader_probe *probe, struct error *e)
{
    struct frames_watch *w = &im->frames;
    struct crs_candidates *c = arena_alloc(&im->report->arena, sizeof *c);
    struct crs_sample *samples = arena_array(&im->report->arena, probe->rows_n, sizeof *samples);
    struct crs_set *set = transformations(w);
    if (!c || !samples || !set)
        return error_memory(e);
    struct crs_world world = homes_world(w->homes), *regions = homes_any(w->homes) ? &world : NULL;
    *c = (struct crs_candidates){.regions = regions != NULL, .declared = probe->declared};
    enum status status = gather(im, probe, samples, e);
    if (status != STATUS_OK)
        return status;
    c->n = crs_rank(set, samples, probe->rows_n, regions, c->ranks, &c->certain);
    const char *file = import_file_of(im, probe->file);
    if (c->n == 0 && probe->rows_n) {
        struct crs_suspect suspect = {
            .epsg = CRS_WGS84, .raw = &samples[0].raw, .raw_n = 1, .key = samples[0].key};
        struct crs_verdict v;
        c->fault = crs_diagnose(set, &suspect, regions, &v);
        c->place = v.place;
    }
    if (!c->certain || c->declared) {
        if (im->request->candidates)
            *im->request->candidates = *c;
        struct error refusal;
        (void)!crs_candidates_error(c, file ? file : probe->layer, probe->degrees, &refusal);
        return reader_answer(im->reader, 0, &refusal, e);
    }
    char words[200];
    crs_rank_words(&c->ranks[0], c->regions, words, sizeof words);
    struct finding f = {.code = FINDING_CRS_ASSUMED,
                        .file = file,
                        .place = c->ranks[0].example,
                        .message = words,
                        .effect_m2 = NAN};
    import_say(&f, im);
    return reader_answer(im->reader, c->ranks[0].epsg, NULL, e);
}

/* ---- a row in its place ---- */

/* In its own region or right beside it; without one, in any, or in Mexico where there are no regions.
 * A wrong frame moves a boundary by 740 m (a minute of arc read as hundredths) or far more; datums
 * are told apart by a second boundary. */
static bool at_home(const struct importing *im, const struct import_row *row)
{
    const struct store_figures *f = &row->figures;
    if (!homes_any(im->frames.homes))
        return crs_in_mexico(row->anchor);
    if (row->declared_share < DECLARED_INSIDE_LEAST && row->declared_reach_m < BESIDE_HOME_M)
        return true;
    for (size_t i = 0; i < f->parts_n; i++)
        for (int level = 0; level < f->parts[i].levels_n; level++) {
            uint32_t region = f->parts[i].regions[level];
            if (region != LAYER_NONE &&
                (!row->home || homes_is(im->frames.homes, region, row->home)))
                return true;
        }
    return false;
}

/* The boundary that the registry has of the plot, when it lies as far away as two datums do. */
static enum status second_boundary(struct importing *im, const struct import_row *row,
                                   struct boundary *out, bool *found, struct error *e)
{
    *found = false;
    if (!row->ended_revision || !crs_datum_twin(row->candidate.source_epsg))
        return STATUS_OK;
    struct box box = boundary_box(&row->candidate.boundary);
    struct lonlat now = middle_of(&box), then = middle_of(&row->ended_box);
    double east_m = (now.lon - then.lon) * 111320 * cos(now.lat * M_PI / 180),
           north_m = (now.lat - then.lat) * 110700;
    double apart_m = hypot(east_m, north_m);
    if (!(apart_m > DATUM_LEAST_M && apart_m < DATUM_MOST_M))
        return STATUS_OK;
    *found = true;
    return store_boundary(im->store, row->ended_revision, &im->frames.arena, out, e);
}

static void describe(const struct crs_verdict *v, const struct import_row *row, char *out,
                     size_t size)
{
    const char *where = v->home == CRS_HOME_OWN    ? " in its own region"
                        : v->home == CRS_HOME_SOME ? " in a region"
                                                   : "";
    char own[40] = "";
    if (row->home)
        snprintf(own, sizeof own, ", not in its own region %s", row->home);
    switch (v->fault) {
    case CRS_FAULT_DATUM:
        snprintf(out, size,
                 "read as EPSG:%d it lies %.0f m beside the boundary that the registry has; with "
                 "--crs EPSG:%d it lies on it",
                 row->candidate.source_epsg, v->shift_m, v->epsg);
        break;
    case CRS_FAULT_ZONE:
    case CRS_FAULT_METRES:
    case CRS_FAULT_DEGREES:
        snprintf(out, size,
                 "read as EPSG:%d it lies at %.5f, %.5f%s; with --crs EPSG:%d it would lie at "
                 "%.5f, %.5f%s",
                 row->candidate.source_epsg, row->anchor.lon, row->anchor.lat, own, v->epsg,
                 v->place.lon, v->place.lat, where);
        break;
    default:
        snprintf(out, size, "it lies at %.5f, %.5f%s; %s it would lie at %.5f, %.5f%s",
                 row->anchor.lon, row->anchor.lat, own,
                 v->fault == CRS_FAULT_AXES   ? "with its axes exchanged"
                 : v->fault == CRS_FAULT_SIGN ? "with the other sign"
                                              : "its digits read as minutes and seconds",
                 v->place.lon, v->place.lat, where);
    }
}

static enum finding_code finding_of(const struct crs_verdict *v)
{
    static const enum finding_code codes[] = {
        [CRS_FAULT_AXES] = FINDING_AXES_SWAPPED,
        [CRS_FAULT_SIGN] = FINDING_SIGN_LOST,
        [CRS_FAULT_METRES] = FINDING_METRES_AS_DEGREES,
        [CRS_FAULT_DEGREES] = FINDING_DEGREES_AS_METRES,
        [CRS_FAULT_ZONE] = FINDING_WRONG_ZONE,
        [CRS_FAULT_DATUM] = FINDING_NAD27_SHIFT,
        [CRS_FAULT_DMS] = FINDING_DMS_AS_DECIMALS,
    };
    return v->certain ? codes[v->fault] : FINDING_CRS_DOUBTFUL;
}

static void tell(struct importing *im, struct import_row *row, const struct crs_verdict *v)
{
    char words[300];
    describe(v, row, words, sizeof words);
    struct finding f = {.code = finding_of(v),
                        .row = row->candidate.row,
                        .plot = row->code,
                        .place = v->place,
                        .message = words,
                        .effect_m2 = NAN};
    struct frames_file *file = &im->frames.files[row->candidate.file];
    im->current = &row->candidate;
    if (v->certain) {
        file->epsg[f.code] = v->epsg != row->candidate.source_epsg ? v->epsg : 0;
        row->action = ROW_HELD;
        row->held_for = f.code;
        row->held_spot = v->place;
    } else if (v->fault == CRS_FAULT_DMS) {
        /* a row that names a town nearby may look so by chance; most rows of a file do not */
        file->by_code[FINDING_DMS_AS_DECIMALS]++;
        return;
    }
    import_say(&f, im);
}

enum status frames_check(struct importing *im, struct import_row *row, struct error *e)
{
    struct frames_watch *w = &im->frames;
    const struct candidate *c = &row->candidate;
    struct boundary second;
    bool found = false;
    if (!w->files)
        return STATUS_OK;
    arena_reset(&w->arena);
    enum status status = second_boundary(im, row, &second, &found, e);
    if (status != STATUS_OK || (!found && at_home(im, row)))
        return status;
    struct crs_set *set = transformations(w);
    struct crs_transform *t = set ? crs_set_get(set, c->source_epsg) : NULL;
    size_t n = c->boundary.points_n;
    struct lonlat *raw = arena_memdup(&w->arena, c->boundary.points, n * sizeof *raw);
    if (!set || !raw)
        return error_memory(e);
    if (!t || crs_transform_back(t, raw, n) != n)
        return STATUS_OK;
    struct crs_suspect suspect = {.epsg = c->source_epsg,
                                  .raw = raw,
                                  .raw_n = n,
                                  .key = row->home,
                                  .second = found ? &second : NULL};
    struct crs_world world = homes_world(w->homes);
    struct crs_verdict v;
    if (crs_diagnose(set, &suspect, homes_any(w->homes) ? &world : NULL, &v) != CRS_FAULT_NONE)
        tell(im, row, &v);
    return STATUS_OK;
}

/* ---- a file of such rows ---- */

enum status frames_refuse(const struct importing *im, struct error *e)
{
    const struct import_report *r = im->report;
    for (size_t i = 0; im->frames.files && !im->request->dry_run && i < im->request->files_n; i++) {
        const struct frames_file *f = &im->frames.files[i];
        enum finding_code code = FINDING_CODES_N;
        for (int k = 0; k < FINDING_CODES_N; k++)
            if (f->by_code[k] >= REFUSE_FROM_ROWS && f->by_code[k] * 2 > f->rows)
                code = (enum finding_code)k;
        if (code == FINDING_CODES_N)
            continue;
        const struct finding_entry *entry = finding_entry(code);
        const char *message = NULL, *name = import_file_of(im, (uint32_t)i);
        for (size_t k = 0; k < r->findings_n && !message; k++)
            if (r->findings[k].code == code)
                message = r->findings[k].message;
        char remedy[200];
        if (f->epsg[code])
            snprintf(remedy, sizeof remedy, "import with --crs EPSG:%d; --dry-run shows every row",
                     f->epsg[code]);
        else
            snprintf(remedy, sizeof remedy, "%s; --dry-run shows every row", entry->remedy_en);
        return error_set(e, STATUS_INVALID, "crs_wrong", remedy,
                         "%.80s, nothing was imported: %" PRIu64 " of %" PRIu64
                         " rows: %s (%s): %.200s",
                         name ? name : "a file", f->by_code[code], f->rows, entry->text_en,
                         entry->code, message ? message : "");
    }
    return STATUS_OK;
}
