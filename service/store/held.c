/* Rows that became no plot: kept whole until someone decides, and what was decided. */
#include <stdlib.h>

#include "service/store/private.h"

static void attributes_json(struct buf *b, const struct candidate *c)
{
    buf_putc(b, '{');
    for (size_t i = 0; i < c->attributes_n; i++) {
        buf_json_key(b, c->attributes[i].name ? c->attributes[i].name : "");
        buf_json_string(b, c->attributes[i].value);
    }
    buf_putc(b, '}');
}

static unsigned char *encoded(struct arena *a, const struct boundary *b, size_t *n)
{
    *n = b->points_n ? blob_size(b) : 0;
    unsigned char *bytes = arena_alloc(a, *n);
    if (bytes && *n)
        blob_encode(b, bytes);
    return bytes;
}

/* Words one a line; NULL for none, *failed without memory. */
static const char *lines_of(const char *const *words, int n, struct arena *a, bool *failed)
{
    const char *text = n ? words[0] : NULL;
    for (int i = 1; i < n && !*failed; i++)
        *failed = !(text = arena_printf(a, "%s\n%s", text, words[i]));
    return text;
}

static int lines_to(const char *text, const char **words, int most, struct arena *a, bool *failed)
{
    int n = 0;
    while (text && *text && n < most) {
        size_t length = strcspn(text, "\n");
        *failed = !(words[n++] = arena_strndup(a, text, length)) || *failed;
        text += length + (text[length] == '\n');
    }
    return n;
}

/* ---- writing ---- */

static void bind_fields(struct statement *q, const struct candidate *c, const char *crops, const char *practices)
{
    static const char *const genders[] = {"f", "m", "x"};
    const char *gender = NULL;
    for (size_t i = 0; i < sizeof genders / sizeof *genders; i++)
        if (c->producer_gender == *genders[i])
            gender = genders[i];
    bind_text(q, 13, c->name);
    bind_text(q, 14, c->organisation);
    bind_text(q, 15, c->producer_code);
    bind_text(q, 16, c->producer_name);
    bind_text(q, 17, gender);
    bind_int_or_null(q, 18, c->producer_birth_year);
    bind_text(q, 19, crops);
    bind_text(q, 20, practices);
    bind_int_or_null(q, 21, c->adoption_year);
    bind_text(q, 22, c->observed_date);
    bind_int(q, 23, (int64_t)c->survey);
    bind_real(q, 24, c->declared_ha);
    bind_real(q, 25, c->accuracy_m);
}

static enum status held_insert(struct store *s, int64_t import_id, const struct candidate *c, const struct store_held_reason *why,
                               const char *json, struct arena *a, struct error *e)
{
    static const struct store_held_reason unknown = {.spot = {NAN, NAN}};
    struct statement *q;
    size_t linework_n, structure_n;
    bool failed = false;
    unsigned char *linework = encoded(a, &c->boundary, &linework_n), *structure = encoded(a, &c->alternative, &structure_n);
    const char *crops = lines_of(c->crops, c->crops_n, a, &failed), *practices = lines_of(c->practices, c->practices_n, a, &failed);
    if (!linework || !structure || failed)
        return error_memory(e);
    why = why ? why : &unknown;
    TRY(statement_take(s,
                       "INSERT INTO held_row (import_id, outcome, file, layer, row, programme, code, attributes, linework, structure, "
                       "source_wkb, source_epsg, name, organisation, producer_code, producer_name, producer_gender, producer_birth_year, "
                       "crops, practices, adoption_year, observed_date, survey, declared_ha, accuracy_m, file_name, programme_id, reason, "
                       "lon, lat, ready, repaired, datum_accuracy_m) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
                       "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)",
                       &q, e));
    bind_int(q, 1, import_id);
    bind_text(q, 2, c->outcome == CANDIDATE_REJECTED ? "rejected" : "held");
    bind_int(q, 3, c->file);
    bind_text(q, 4, c->layer);
    bind_int(q, 5, (int64_t)c->row);
    bind_text(q, 6, c->programme);
    bind_text(q, 7, c->code);
    bind_text(q, 8, json);
    bind_blob(q, 9, linework, linework_n);
    bind_blob(q, 10, structure, structure_n);
    bind_blob(q, 11, c->source_wkb, c->source_wkb_n);
    bind_int(q, 12, c->source_epsg);
    bind_fields(q, c, crops, practices);
    bind_text(q, 26, why->file_name);
    bind_int_or_null(q, 27, why->programme_id);
    bind_text(q, 28, why->code);
    bind_real(q, 29, why->spot.lon);
    bind_real(q, 30, why->spot.lat);
    bind_int(q, 31, c->outcome == CANDIDATE_READY);
    bind_int(q, 32, c->repaired);
    bind_real(q, 33, c->datum_accuracy_m > 0 ? c->datum_accuracy_m : NAN);
    TRY(statement_run(s, q, e));
    if (!why->content)
        return STATUS_OK;
    int64_t id = sqlite3_last_insert_rowid(s->db);
    TRY(statement_take(
        s, "INSERT INTO held_content (held_id, programme_id, hash) VALUES (?1, ?2, ?3)", &q, e));
    bind_int(q, 1, id);
    bind_int(q, 2, why->programme_id);
    bind_blob(q, 3, why->content, 16);
    return statement_run(s, q, e);
}

enum status store_held_add(struct store *s, int64_t import_id, const struct candidate *c, const struct store_held_reason *why, struct error *e)
{
    struct buf json;
    struct arena a;
    TRY(store_need_transaction(s, e));
    buf_init(&json, 0);
    arena_init(&a, 0);
    attributes_json(&json, c);
    enum status status = json.failed ? error_memory(e) : held_insert(s, import_id, c, why, json.bytes, &a, e);
    buf_clear(&json);
    arena_clear(&a);
    return status;
}

enum status store_held_decide(struct store *s, int64_t held_id, const char *decision, int64_t import_id, struct error *e)
{
    struct statement *q;
    char now[24];
    TRY(store_need_transaction(s, e));
    store_now(now);
    TRY(statement_take(s, "UPDATE held_row SET decision = ?2, decided_at = ?3, decided_import_id = ?4 WHERE id = ?1", &q, e));
    bind_int(q, 1, held_id);
    bind_text(q, 2, decision);
    bind_text(q, 3, now);
    bind_int_or_null(q, 4, import_id);
    return statement_run(s, q, e);
}

enum status store_held_close(struct store *s, int64_t programme_id, const char *code, int64_t import_id, int64_t *n, struct error *e)
{
    struct statement *q;
    char now[24];
    TRY(store_need_transaction(s, e));
    store_now(now);
    TRY(statement_take(s,
                       "UPDATE held_row SET decision = 'corrected', decided_at = ?3, decided_import_id = ?4 WHERE programme_id = ?1 AND "
                       "code = ?2 AND decision IS NULL AND outcome = 'held' AND import_id <> ?4",
                       &q, e));
    bind_int(q, 1, programme_id);
    bind_text(q, 2, code);
    bind_text(q, 3, now);
    bind_int(q, 4, import_id);
    enum status status = statement_run(s, q, e);
    *n = status == STATUS_OK ? sqlite3_changes(s->db) : 0;
    return status;
}

enum status store_held_open_n(struct store *s, int64_t *n, struct error *e)
{
    return store_int(s, "SELECT count(*) FROM held_row WHERE decision IS NULL AND outcome = 'held'", 0, 0, n, e);
}

bool store_held_open(const struct store_held *held)
{
    return !held->decision && strcmp(held->outcome, "held") == 0 && strcmp(held->import_status, "committed") == 0;
}

/* ---- reading ---- */

static bool read_fields(struct statement *q, int at, struct arena *a, struct candidate *out)
{
    bool failed = false;
    const char *gender = column_text(q, at + 4);
    *out = (struct candidate){
        .outcome = CANDIDATE_READY,
        .name = column_text(q, at),
        .organisation = column_text(q, at + 1),
        .producer_code = column_text(q, at + 2),
        .producer_name = column_text(q, at + 3),
        .producer_gender = gender ? *gender : 0,
        .producer_birth_year = (int)column_int(q, at + 5),
        .adoption_year = (int)column_int(q, at + 8),
        .observed_date = column_text(q, at + 9),
        .survey = (enum survey_method)column_int(q, at + 10),
        .declared_ha = column_real(q, at + 11),
        .accuracy_m = column_real(q, at + 12),
    };
    out->crops_n = lines_to(column_text(q, at + 6), out->crops, CANDIDATE_CROPS_MAX, a, &failed);
    out->practices_n = lines_to(column_text(q, at + 7), out->practices, CANDIDATE_PRACTICES_MAX, a, &failed);
    return !failed;
}

static enum status held_row(struct statement *q, struct arena *a, struct store_held *out, struct error *e)
{
    *out = (struct store_held){
        .id = column_int(q, 0),
        .import_id = column_int(q, 1),
        .outcome = column_text(q, 2),
        .import_status = column_text(q, 3),
        .file = (uint32_t)column_int(q, 4),
        .layer = column_text(q, 5),
        .row = (uint64_t)column_int(q, 6),
        .programme = column_text(q, 7),
        .code = column_text(q, 8),
        .attributes_json = column_text(q, 9),
        .source_wkb = sqlite3_column_blob(q->stmt, 12),
        .source_wkb_n = (size_t)sqlite3_column_bytes(q->stmt, 12),
        .source_epsg = (int)column_int(q, 13),
        .why = {column_text(q, 27), column_int(q, 28), column_text(q, 29), {column_real(q, 30), column_real(q, 31)}, NULL},
        .ready = column_int(q, 32) != 0,
        .repaired = column_int(q, 33) != 0,
        .decision = column_text(q, 34),
        .decided_at = column_text(q, 35),
        .decided_import_id = column_int(q, 36),
    };
    if (!read_fields(q, 14, a, &out->fields))
        return error_memory(e);
    out->fields.datum_accuracy_m = column_real(q, 37);
    TRY(blob_decode(sqlite3_column_blob(q->stmt, 10), (size_t)sqlite3_column_bytes(q->stmt, 10), a, &out->linework, e));
    return blob_decode(sqlite3_column_blob(q->stmt, 11), (size_t)sqlite3_column_bytes(q->stmt, 11), a, &out->structure, e);
}

enum status store_each_held(struct store *s, int64_t import_id, bool (*each)(const struct store_held *, void *), void *arg, struct error *e)
{
    struct statement *q;
    struct arena a;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT h.id, h.import_id, h.outcome, i.status, h.file, h.layer, h.row, coalesce(nullif(g.code, ''), h.programme), h.code, h.attributes, "
                       "h.linework, h.structure, h.source_wkb, h.source_epsg, h.name, h.organisation, h.producer_code, h.producer_name, "
                       "h.producer_gender, h.producer_birth_year, h.crops, h.practices, h.adoption_year, h.observed_date, h.survey, "
                       "h.declared_ha, h.accuracy_m, h.file_name, h.programme_id, h.reason, h.lon, h.lat, h.ready, h.repaired, "
                       "h.decision, h.decided_at, h.decided_import_id, h.datum_accuracy_m "
                       "FROM held_row h JOIN import i ON i.id = h.import_id LEFT JOIN programme g ON g.id = h.programme_id WHERE (?1 = 0 OR h.import_id = ?1) ORDER BY h.id",
                       &q, e));
    bind_int(q, 1, import_id);
    arena_init(&a, 0);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_held held;
        arena_reset(&a);
        status = held_row(q, &a, &held, e);
        go = status == STATUS_OK && each(&held, arg);
    }
    statement_done(q);
    arena_clear(&a);
    return status;
}
