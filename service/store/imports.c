/* Imports and their findings. */
#include <stdlib.h>

#include "service/store/private.h"

/* Codes as text, from the same table that importers/finding.c is made of. */
static const char *const CODES[] = {
#define FINDING(id, code, severity, text_en, text_es, remedy_en, remedy_es) code,
#include "importers/finding_codes.def"
#undef FINDING
};

static enum finding_code code_of(const char *text)
{
    int i = 0;
    while (i < FINDING_CODES_N && strcmp(CODES[i], text) != 0)
        i++;
    return (enum finding_code)i;
}

/* ---- imports ---- */

static void bind_import(struct statement *q, const struct store_import *import)
{
    bind_int(q, 1, import->change);
    bind_text(q, 2, import->status ? import->status : "committed");
    bind_text(q, 3, import->programme ? import->programme : "");
    bind_text(q, 4, import->files ? import->files : "[]");
    bind_int(q, 5, import->rows);
    bind_int(q, 6, import->new_n);
    bind_int(q, 7, import->revised_n);
    bind_int(q, 8, import->unchanged_n);
    bind_int(q, 9, import->held_n);
    bind_int(q, 10, import->rejected_n);
    bind_int(q, 11, import->repaired_n);
    bind_int(q, 12, import->added_mm2);
    bind_real(q, 13, isfinite(import->seconds) ? import->seconds : 0);
}

enum status store_import_new(struct store *s, const struct store_import *import, int64_t *import_id, struct error *e)
{
    struct statement *q;
    char now[24];
    TRY(store_need_transaction(s, e));
    store_now(now);
    TRY(statement_take(s,
                       "INSERT INTO import (change, status, programme, files, rows, new_n, revised_n, unchanged_n, held_n, rejected_n, "
                       "repaired_n, added_mm2, seconds, committed_at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                       &q, e));
    bind_import(q, import);
    bind_text(q, 14, import->committed_at ? import->committed_at : now);
    TRY(statement_run(s, q, e));
    *import_id = sqlite3_last_insert_rowid(s->db);
    return STATUS_OK;
}

enum status store_import_finish(struct store *s, const struct store_import *import, struct error *e)
{
    struct statement *q;
    char now[24];
    TRY(store_need_transaction(s, e));
    store_now(now);
    TRY(statement_take(s,
                       "UPDATE import SET change = ?1, status = ?2, programme = ?3, files = ?4, rows = ?5, new_n = ?6, revised_n = ?7, "
                       "unchanged_n = ?8, held_n = ?9, rejected_n = ?10, repaired_n = ?11, added_mm2 = ?12, seconds = ?13, "
                       "committed_at = ?14 WHERE id = ?15",
                       &q, e));
    bind_import(q, import);
    bind_text(q, 14, import->committed_at ? import->committed_at : now);
    bind_int(q, 15, import->id);
    return statement_run(s, q, e);
}

/* The file names are personal: a public connection reads an empty list. */
#define IMPORT_COLUMNS(files)                                                                                                     \
    "SELECT id, change, status, programme, " files ", committed_at, reverted_at, rows, new_n, revised_n, unchanged_n, held_n, "   \
    "rejected_n, repaired_n, added_mm2, seconds FROM import "

static void import_row(struct statement *q, struct store_import *out)
{
    *out = (struct store_import){
        .id = column_int(q, 0),
        .change = column_int(q, 1),
        .status = column_text(q, 2),
        .programme = column_text(q, 3),
        .files = column_text(q, 4),
        .committed_at = column_text(q, 5),
        .reverted_at = column_text(q, 6),
        .rows = column_int(q, 7),
        .new_n = column_int(q, 8),
        .revised_n = column_int(q, 9),
        .unchanged_n = column_int(q, 10),
        .held_n = column_int(q, 11),
        .rejected_n = column_int(q, 12),
        .repaired_n = column_int(q, 13),
        .added_mm2 = column_int(q, 14),
        .seconds = sqlite3_column_double(q->stmt, 15),
    };
}

enum status store_each_import(struct store *s, bool (*each)(const struct store_import *, void *), void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    if (s->mode == STORE_PUBLIC)
        TRY(statement_take(s, IMPORT_COLUMNS("'[]'") "ORDER BY id", &q, e));
    else
        TRY(statement_take(s, IMPORT_COLUMNS("files") "ORDER BY id", &q, e));
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_import import;
        import_row(q, &import);
        go = each(&import, arg);
    }
    statement_done(q);
    return status;
}

enum status store_import_get(struct store *s, int64_t id, struct arena *a, struct store_import *out, struct error *e)
{
    struct statement *q;
    bool row, failed = false;
    if (s->mode == STORE_PUBLIC)
        TRY(statement_take(s, IMPORT_COLUMNS("'[]'") "WHERE id = ?1", &q, e));
    else
        TRY(statement_take(s, IMPORT_COLUMNS("files") "WHERE id = ?1", &q, e));
    bind_int(q, 1, id);
    enum status status = statement_next(s, q, &row, e);
    if (row) {
        import_row(q, out);
        out->status = column_strdup(q, 2, a, &failed);
        out->programme = column_strdup(q, 3, a, &failed);
        out->files = column_strdup(q, 4, a, &failed);
        out->committed_at = column_strdup(q, 5, a, &failed);
        out->reverted_at = column_strdup(q, 6, a, &failed);
    }
    statement_done(q);
    if (status == STATUS_OK && !row)
        return error_set(e, STATUS_NOT_FOUND, "import_not_found", "List them with parcela imports.", "There is no import %lld.",
                         (long long)id);
    return status ? status : failed ? error_memory(e) : STATUS_OK;
}

/* ---- findings ---- */

enum status store_finding_add(struct store *s, int64_t import_id, const struct finding *f, struct error *e)
{
    TRY(store_need_transaction(s, e));
    if ((unsigned)f->code >= FINDING_CODES_N)
        return error_set(e, STATUS_INTERNAL, "unknown_finding", NULL, "A finding has an unknown code.");
    struct pending_rows *p = row_begin(s, ROWS_FINDING);
    row_int(p, import_id);
    row_text(p, CODES[f->code]);
    row_text(p, f->file);
    row_int(p, (int64_t)f->row);
    row_text(p, f->plot);
    row_real(p, f->place.lon);
    row_real(p, f->place.lat);
    row_text(p, f->message);
    row_real(p, f->effect_m2);
    return row_end(s, p, e);
}

#define FINDING_COLUMNS(file, message)                                                                                            \
    "SELECT code, " file ", row, plot, lon, lat, " message ", effect_m2 FROM finding WHERE import_id = ?1 ORDER BY id"

enum status store_each_finding(struct store *s, int64_t import_id, bool (*each)(const struct finding *, void *), void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    if (s->mode == STORE_PUBLIC)
        TRY(statement_take(s, FINDING_COLUMNS("NULL", "NULL"), &q, e));
    else
        TRY(statement_take(s, FINDING_COLUMNS("file", "message"), &q, e));
    bind_int(q, 1, import_id);
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct finding f = {
            .code = code_of(column_text(q, 0)),
            .file = column_text(q, 1),
            .row = (uint64_t)column_int(q, 2),
            .plot = column_text(q, 3),
            .place = {column_real(q, 4), column_real(q, 5)},
            .message = column_text(q, 6),
            .effect_m2 = column_real(q, 7),
        };
        if (f.code != FINDING_CODES_N) /* a code that a newer Parcela wrote */
            go = each(&f, arg);
    }
    statement_done(q);
    return status;
}
