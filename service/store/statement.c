/* Prepared statements by the address of their text, binding and reading of columns, and SQLite's
 * failures as statuses. */
#include <stdlib.h>

#include "service/store/private.h"

enum status store_sql_error(struct store *s, int rc, struct error *e)
{
    const char *word = sqlite3_errstr(rc);
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(e, STATUS_BUSY, "registry_busy", "Try again in a moment.",
                         "The registry is in use by another process.");
    case SQLITE_NOMEM:
        return error_memory(e);
    case SQLITE_FULL:
        return error_set(e, STATUS_IO, "disk_full",
                         "Free space on the disk of the registry and repeat.",
                         "There is no space left for the registry.");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return error_set(e, STATUS_IO, "registry_io",
                         "Check the disk and the rights of the registry's folder.",
                         "The registry could not be read or written (SQLite %d: %s).",
                         s->db ? sqlite3_extended_errcode(s->db) : rc, word);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(e, STATUS_CORRUPT, "registry_corrupt",
                         "Restore the registry from a backup.",
                         "The registry's file is damaged (SQLite %d: %s).", rc, word);
    case SQLITE_AUTH:
        return error_set(e, STATUS_INTERNAL, "not_authorized", NULL,
                         "This connection may not read that.");
    default:
        return error_set(e, STATUS_INTERNAL, "registry_sql", NULL,
                         "The store failed (SQLite %d: %s; %s).", rc, word,
                         s->db ? sqlite3_errmsg(s->db) : "");
    }
}

enum status statement_take(struct store *s, const char *sql, struct statement **out,
                           struct error *e)
{
    if (s->rows_waiting && *sql != 'I') /* what reads or changes must find them */
        TRY(rows_flush(s, e));
    size_t at = ((uintptr_t)sql >> 3) * 0x9E3779B97F4A7C15u >> 56;
    for (size_t probe = 0; probe < STATEMENTS_MAX; probe++, at = (at + 1) % STATEMENTS_MAX) {
        struct statement *q = &s->statements[at];
        if (q->sql && (q->sql != sql || q->busy))
            continue;
        if (!q->sql) {
            int rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
            if (rc != SQLITE_OK)
                return store_sql_error(s, rc, e);
            q->sql = sql;
        }
        q->busy = true;
        q->bind_rc = SQLITE_OK;
        *out = q;
        return STATUS_OK;
    }
    return error_set(e, STATUS_INTERNAL, "too_many_statements", NULL,
                     "The store keeps too many statements.");
}

void statement_done(struct statement *q)
{
    if (!q)
        return;
    sqlite3_reset(q->stmt);
    q->busy = false;
}

enum status statement_next(struct store *s, struct statement *q, bool *row, struct error *e)
{
    int rc = q->bind_rc ? q->bind_rc : sqlite3_step(q->stmt);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? STATUS_OK : store_sql_error(s, rc, e);
}

enum status statement_run(struct store *s, struct statement *q, struct error *e)
{
    bool row = true;
    enum status status = STATUS_OK;
    while (row && status == STATUS_OK)
        status = statement_next(s, q, &row, e);
    statement_done(q);
    return status;
}

void statements_close(struct store *s)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(s->statements[i].stmt);
    memset(s->statements, 0, sizeof s->statements);
}

enum status statement_make(struct store *s, const char *sql, struct statement *out, struct error *e)
{
    *out = (struct statement){.sql = sql};
    if (s->rows_waiting)
        TRY(rows_flush(s, e));
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &out->stmt, NULL);
    return rc == SQLITE_OK ? STATUS_OK : store_sql_error(s, rc, e);
}

void statement_drop(struct statement *q)
{
    sqlite3_finalize(q->stmt);
    *q = (struct statement){0};
}

enum status store_exec(struct store *s, const char *sql, struct error *e)
{
    if (s->rows_waiting)
        TRY(rows_flush(s, e));
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? STATUS_OK : store_sql_error(s, rc, e);
}

enum status store_int(struct store *s, const char *sql, int64_t p1, int64_t absent, int64_t *out,
                      struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    if (sqlite3_bind_parameter_count(q->stmt) > 0)
        bind_int(q, 1, p1);
    bool row;
    enum status status = statement_next(s, q, &row, e);
    *out = row && sqlite3_column_type(q->stmt, 0) != SQLITE_NULL ? column_int(q, 0) : absent;
    statement_done(q);
    return status;
}

static void bound(struct statement *q, int rc)
{
    if (rc != SQLITE_OK)
        q->bind_rc = rc;
}

void bind_int(struct statement *q, int at, int64_t value)
{
    bound(q, sqlite3_bind_int64(q->stmt, at, value));
}

void bind_int_or_null(struct statement *q, int at, int64_t value)
{
    bound(q, value ? sqlite3_bind_int64(q->stmt, at, value) : sqlite3_bind_null(q->stmt, at));
}

void bind_real(struct statement *q, int at, double value)
{
    bound(q, sqlite3_bind_double(q->stmt, at, value)); /* SQLite turns NaN into NULL */
}

void bind_text(struct statement *q, int at, const char *text)
{
    bound(q, sqlite3_bind_text(q->stmt, at, text, -1, SQLITE_STATIC));
}

void bind_blob(struct statement *q, int at, const void *bytes, size_t n)
{
    bound(q, n && bytes ? sqlite3_bind_blob64(q->stmt, at, bytes, n, SQLITE_STATIC)
                        : sqlite3_bind_null(q->stmt, at));
}

double column_real(struct statement *q, int at)
{
    return sqlite3_column_type(q->stmt, at) == SQLITE_NULL ? NAN
                                                           : sqlite3_column_double(q->stmt, at);
}

const char *column_strdup(struct statement *q, int at, struct arena *a, bool *failed)
{
    const char *text = column_text(q, at);
    if (!text)
        return NULL;
    const char *copy = arena_strndup(a, text, (size_t)sqlite3_column_bytes(q->stmt, at));
    if (!copy)
        *failed = true;
    return copy;
}
