/* Held rows and their decisions; see resolve.h. */
#include "service/registry/resolve.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/import_rows.h"

struct resolving {
    const struct resolve_request *request;
    int64_t held_id;
    size_t matches;
    char files[200]; /* of the matches, for the message */
    struct arena *arena;
    struct candidate candidate;
    const char *file_name, *attributes_json;
    enum status status;
    struct error *error;
};

/* ---- choosing a candidate ---- */

static enum status no_candidate(const struct store_held *held, const char *accept, struct error *e)
{
    return error_set(e, STATUS_INVALID, "no_such_candidate", "parcela imports REGISTRY held shows what there is", "row %" PRIu64 " has no %s candidate",
                     held->row, accept);
}

static enum status choose(const struct store_held *held, const char *accept, const struct boundary **out, struct error *e)
{
    const struct boundary *linework = &held->linework, *structure = &held->structure;
    if (strcmp(accept, "original") == 0) {
        if (!held->ready || held->repaired)
            return error_set(e, STATUS_INVALID, "original_invalid", "accept linework or structure, or import a corrected boundary",
                             "the original boundary of row %" PRIu64 " is not valid (%s)", held->row, held->why.code ? held->why.code : "it crosses itself");
        *out = linework;
    } else {
        *out = strcmp(accept, "linework") == 0 ? linework : structure;
    }
    return (*out)->points_n ? STATUS_OK : no_candidate(held, accept, e);
}

static enum status may_decide(const struct store_held *held, struct error *e)
{
    if (strcmp(held->outcome, "held") != 0)
        return error_set(e, STATUS_NOT_FOUND, "held_row_not_found", "import a corrected boundary", "row %" PRIu64 " was rejected, not held: it has no usable boundary",
                         held->row);
    if (strcmp(held->import_status, "committed") != 0)
        return error_set(e, STATUS_CONFLICT, "import_reverted", NULL, "import %" PRId64 " is undone, and its held rows with it", held->import_id);
    if (held->decision && strcmp(held->decision, "drop") != 0)
        return error_set(e, STATUS_CONFLICT, "held_row_decided", "revert that import to open the row again", "row %" PRIu64 " is decided already: %s, with import %" PRId64,
                         held->row, held->decision, held->decided_import_id);
    return STATUS_OK;
}

static bool copy_words(const char *const *from, int n, const char **to, struct arena *a)
{
    for (int i = 0; i < n; i++)
        if (!(to[i] = arena_strdup(a, from[i])))
            return false;
    return true;
}

/* The held row as a row that is ready, with the chosen boundary; texts and geometry copied to `a`. */
static enum status make_candidate(struct resolving *r, const struct store_held *held, const struct boundary *chosen, struct error *e)
{
    struct candidate *c = &r->candidate;
    struct arena *a = r->arena;
    *c = held->fields;
    const char **texts[] = {&c->name, &c->organisation, &c->producer_code, &c->producer_name, &c->observed_date, &c->programme, &c->code, &c->layer};
    c->programme = held->programme;
    c->code = held->code;
    c->layer = held->layer;
    c->row = held->row;
    c->repaired = held->ready ? held->repaired : true;
    c->source_epsg = held->source_epsg;
    c->source_wkb_n = held->source_wkb_n;
    bool ok = boundary_copy(&c->boundary, chosen, a) && copy_words(held->fields.crops, c->crops_n, c->crops, a) &&
              copy_words(held->fields.practices, c->practices_n, c->practices, a);
    for (size_t i = 0; ok && i < sizeof texts / sizeof *texts; i++)
        ok = !*texts[i] || (*texts[i] = arena_strdup(a, *texts[i]));
    if (ok && held->source_wkb_n)
        ok = (c->source_wkb = arena_memdup(a, held->source_wkb, held->source_wkb_n)) != NULL;
    r->file_name = arena_strdup(a, held->why.file_name);
    r->attributes_json = arena_strdup(a, held->attributes_json);
    /* one attribute that stands for all, so that the content's hash has them */
    c->attributes = arena_alloc(a, sizeof *c->attributes);
    if (!ok || !c->attributes || !r->attributes_json)
        return error_memory(e);
    *c->attributes = (struct candidate_attribute){"attributes", r->attributes_json};
    c->attributes_n = 1;
    boundary_orient(&c->boundary);
    return STATUS_OK;
}

static bool match(const struct store_held *held, void *arg)
{
    struct resolving *r = arg;
    const struct resolve_request *q = r->request;
    if (held->row != q->row || (q->file && (!held->why.file_name || strcmp(held->why.file_name, q->file) != 0)))
        return true;
    size_t used = strlen(r->files);
    snprintf(r->files + used, sizeof r->files - used, "%s%.60s", used ? ", " : "", held->why.file_name ? held->why.file_name : "?");
    if (r->matches++)
        return true;
    r->held_id = held->id;
    const struct boundary *chosen = NULL;
    r->status = may_decide(held, r->error);
    if (r->status == STATUS_OK && strcmp(q->accept, "drop") != 0) {
        r->status = choose(held, q->accept, &chosen, r->error);
        if (r->status == STATUS_OK)
            r->status = make_candidate(r, held, chosen, r->error);
    }
    return true;
}

/* Finds the one row that is meant and takes its candidate. */
static enum status find(struct store *s, struct resolving *r, struct arena *a, struct error *e)
{
    const struct resolve_request *q = r->request;
    struct store_import import;
    r->arena = a;
    r->error = e;
    enum status status = store_import_get(s, q->import_id, a, &import, e);
    if (status == STATUS_OK)
        status = store_each_held(s, q->import_id, match, r, e);
    if (status == STATUS_OK && r->matches == 0)
        return error_set(e, STATUS_NOT_FOUND, "held_row_not_found", "parcela imports REGISTRY held lists the open ones", "import %" PRId64 " holds no row %" PRIu64 "%s%.60s",
                         q->import_id, q->row, q->file ? " of " : "", q->file ? q->file : "");
    if (status == STATUS_OK && r->matches > 1)
        return error_set(e, STATUS_USAGE, "held_row_ambiguous", "say which with --file", "%zu rows of import %" PRId64 " have the number %" PRIu64 ": in %s", r->matches,
                         q->import_id, q->row, r->files);
    return status == STATUS_OK ? r->status : status;
}

/* ---- the two ways to end ---- */

static enum status take(struct store *s, struct arena *a, struct candidate *out, const char **file_name, const char **attributes_json, void *arg,
                        struct error *e)
{
    struct resolving *r = arg;
    enum status status = find(s, r, a, e);
    *out = r->candidate;
    *file_name = r->file_name;
    *attributes_json = r->attributes_json;
    return status;
}

static enum status done(struct store *s, int64_t import_id, enum row_action action, void *arg, struct error *e)
{
    struct resolving *r = arg;
    if (action == ROW_HELD || action == ROW_REJECTED)
        return error_set(e, STATUS_INVALID, "resolve_failed", "import a corrected boundary", "the figures of that candidate cannot be computed");
    return store_held_decide(s, r->held_id, r->request->accept, import_id, e);
}

static enum status drop(struct resolving *r, struct import_report *report, struct error *e)
{
    struct store *s = NULL;
    *report = (struct import_report){0};
    arena_init(&report->arena, 0);
    enum status status = store_open(r->request->registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK && (status = store_begin(s, false, e)) == STATUS_OK) {
        status = find(s, r, &report->arena, e);
        if (status == STATUS_OK)
            status = store_held_decide(s, r->held_id, "drop", 0, e);
        if (status == STATUS_OK)
            status = store_commit(s, e);
        else
            store_rollback(s);
    }
    store_close(s);
    if (status != STATUS_OK)
        import_report_clear(report);
    return status;
}

enum status resolve_run(const struct resolve_request *q, struct import_report *report, struct error *e)
{
    static const char *const choices[] = {"linework", "structure", "original", "drop"};
    struct resolving r = {.request = q};
    bool known = false;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        known = known || strcmp(q->accept, choices[i]) == 0;
    if (!known)
        return error_set(e, STATUS_USAGE, "resolve_choice", "accept linework, structure, original or drop", "there is no choice \"%.40s\"", q->accept);
    if (strcmp(q->accept, "drop") == 0)
        return drop(&r, report, e);
    char source[160];
    snprintf(source, sizeof source, "{\"resolves_import\":%" PRId64 ",\"row\":%" PRIu64 ",\"accepted\":\"%s\"}", q->import_id, q->row, q->accept);
    struct import_given given = {.take = take, .done = done, .source_json = source, .arg = &r};
    struct import_request request = {.registry = q->registry};
    return import_run_given(&request, &given, report, e);
}

/* ---- listing ---- */

struct listing {
    struct buf *out;
    bool json;
    size_t n;
};

static double hectares_or_nan(const struct boundary *b)
{
    return b->points_n ? area_boundary_m2(b) / 10000 : NAN;
}

static void list_json(const struct store_held *held, struct buf *out)
{
    buf_json_comma(out);
    buf_puts(out, "\n{");
    buf_json_key(out, "import");
    buf_int(out, held->import_id);
    buf_json_key(out, "row");
    buf_int(out, (int64_t)held->row);
    buf_json_key(out, "file");
    buf_json_string(out, held->why.file_name);
    buf_json_key(out, "layer");
    buf_json_string(out, held->layer);
    buf_json_key(out, "code");
    buf_json_string(out, held->code);
    buf_json_key(out, "reason");
    buf_json_string(out, held->why.code);
    buf_json_key(out, "lon");
    buf_double(out, held->why.spot.lon, 7);
    buf_json_key(out, "lat");
    buf_double(out, held->why.spot.lat, 7);
    buf_json_key(out, "linework_ha");
    buf_double(out, hectares_or_nan(&held->linework), 6);
    buf_json_key(out, "structure_ha");
    buf_double(out, hectares_or_nan(&held->structure), 6);
    buf_json_key(out, "original_valid");
    buf_puts(out, held->ready && !held->repaired ? "true" : "false");
    buf_putc(out, '}');
}

static void list_ha(const char *name, const struct boundary *b, struct buf *out)
{
    if (b->points_n)
        buf_printf(out, "  %s %.4f ha", name, hectares_or_nan(b));
}

static bool list_one(const struct store_held *held, void *arg)
{
    struct listing *l = arg;
    if (!store_held_open(held))
        return true;
    l->n++;
    if (l->json) {
        list_json(held, l->out);
        return true;
    }
    buf_printf(l->out, "import %" PRId64 " row %" PRIu64 "  %s  plot %s  %s", held->import_id, held->row, held->why.file_name ? held->why.file_name : "",
               held->code ? held->code : "without code", held->why.code ? held->why.code : "held");
    list_ha(held->ready && !held->repaired ? "original" : "linework", &held->linework, l->out);
    list_ha("structure", &held->structure, l->out);
    if (isfinite(held->why.spot.lon))
        buf_printf(l->out, "  at %.6f %.6f", held->why.spot.lon, held->why.spot.lat);
    buf_putc(l->out, '\n');
    return true;
}

enum status resolve_list(struct store *s, int64_t import_id, bool json, struct buf *out, struct error *e)
{
    struct listing l = {out, json, 0};
    struct store_import import;
    struct arena a;
    arena_init(&a, 0);
    enum status status = import_id ? store_import_get(s, import_id, &a, &import, e) : STATUS_OK;
    arena_clear(&a);
    if (json)
        buf_putc(out, '[');
    if (status == STATUS_OK)
        status = store_each_held(s, import_id, list_one, &l, e);
    if (json)
        buf_puts(out, "]\n");
    else if (status == STATUS_OK && !l.n)
        buf_puts(out, "No held rows are open.\n");
    else if (status == STATUS_OK)
        buf_puts(out, "Decide with: parcela resolve REGISTRY IMPORT ROW --accept linework|structure|original|drop\n");
    return status;
}
