/* Transactions of the writer and snapshots of readers.
 *
 * A bulk transaction drops SpatiaLite's triggers on revision and face (they cost more than the rows
 * themselves) and writes the box index directly (boxes.c). Their SQL is read before and run again
 * before COMMIT; in SQLite that is part of the transaction, so a kill or a rollback leaves
 * everything where it was. Of a table that is still empty it also drops the indexes whose keys come
 * in no order and which many registries never search: who searches makes them (store_index_now).
 *
 * A first import may write without the log (store_begin_load). Killed, it leaves a journal, which
 * whoever opens the registry next rolls back (store.c). */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "service/store/private.h"

static const struct {
    const char *name, *sql;
} INDEXES[INDEXES_N] = {
    [INDEX_BY_GEOMETRY] = {"revision_by_geometry",
                           "CREATE INDEX IF NOT EXISTS revision_by_geometry ON revision "
                           "(geometry_hash) WHERE to_change IS NULL"},
    [INDEX_BY_NAME] = {"producer_by_name",
                       "CREATE INDEX IF NOT EXISTS producer_by_name ON producer (programme_id, "
                       "name) WHERE code IS NULL"},
};

enum status store_index_now(struct store *s, enum store_index index, struct error *e)
{
    if (!s->index_there[index])
        TRY(store_exec(s, INDEXES[index].sql, e));
    s->index_there[index] = true;
    return STATUS_OK;
}

static enum status indexes_drop(struct store *s, struct error *e)
{
    memset(s->index_there, 0, sizeof s->index_there);
    if (s->plots_all_new)
        TRY(store_exec(s, "DROP INDEX IF EXISTS revision_by_geometry", e));
    return s->producers_all_new ? store_exec(s, "DROP INDEX IF EXISTS producer_by_name", e)
                                : STATUS_OK;
}

static enum status triggers_drop(struct store *s, struct error *e)
{
    struct statement *q;
    char *drops[TRIGGERS_MAX] = {NULL};
    int n = 0;
    bool row = true, memory = true;
    TRY(statement_take(
        s,
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('revision', "
        "'face') ORDER BY name",
        &q, e));
    enum status status = STATUS_OK;
    while (n < TRIGGERS_MAX && memory && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        s->triggers[n] = strdup(column_text(q, 1));
        drops[n] = sqlite3_mprintf("DROP TRIGGER \"%w\"", column_text(q, 0));
        memory = s->triggers[n] && drops[n];
        s->triggers_n = ++n;
    }
    statement_done(q);
    if (status == STATUS_OK && !memory)
        status = error_memory(e);
    for (int i = 0; i < n; i++) {
        if (status == STATUS_OK)
            status = store_exec(s, drops[i], e);
        sqlite3_free(drops[i]);
    }
    return status;
}

static void triggers_forget(struct store *s)
{
    for (int i = 0; i < s->triggers_n; i++)
        free(s->triggers[i]);
    s->triggers_n = 0;
}

static enum status triggers_restore(struct store *s, struct error *e)
{
    for (int i = 0; i < s->triggers_n; i++)
        TRY(store_exec(s, s->triggers[i], e));
    triggers_forget(s);
    /* what the dropped triggers would have noted, once */
    return store_exec(
        s,
        "UPDATE geometry_columns_time SET last_insert = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
        "WHERE f_table_name IN ('revision', 'face')",
        e);
}

bool store_plots_all_new(const struct store *s)
{
    return s->plots_all_new;
}

enum status store_need_transaction(struct store *s, struct error *e)
{
    return s->transaction ? STATUS_OK
                          : error_set(e, STATUS_INTERNAL, "no_transaction", NULL,
                                      "A change of the registry outside a transaction.");
}

static enum status next_ids(struct store *s, struct error *e)
{
    TRY(store_int(s, "SELECT max(id) + 1 FROM revision", 0, 1, &s->next_revision, e));
    TRY(store_int(s, "SELECT max(id) + 1 FROM plot", 0, 1, &s->next_plot, e));
    TRY(store_int(s, "SELECT max(id) + 1 FROM producer", 0, 1, &s->next_producer, e));
    return store_int(s, "SELECT max(id) + 1 FROM face", 0, 1, &s->next_face, e);
}

enum status store_begin(struct store *s, bool bulk, struct error *e)
{
    if (s->mode != STORE_WRITE || s->transaction)
        return error_set(e, STATUS_INTERNAL, "bad_transaction", NULL,
                         "No transaction can begin here.");
    if (!s->alone) /* else it began already */
        TRY(store_exec(s, "BEGIN IMMEDIATE", e));
    s->transaction = true;
    s->bulk = bulk;
    enum status status = next_ids(s, e);
    s->plots_all_new = s->next_plot == 1; /* ids begin with 1 */
    s->producers_all_new = s->next_producer == 1;
    randombytes_buf(s->hash_key, sizeof s->hash_key);
    if (status == STATUS_OK && bulk)
        status = triggers_drop(s, e);
    if (status == STATUS_OK && bulk)
        status = indexes_drop(s, e);
    if (status != STATUS_OK)
        store_rollback(s);
    return status;
}

static bool journal_mode_is(struct store *s, const char *sql, const char *wanted)
{
    sqlite3_stmt *q = NULL;
    bool is = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK &&
              sqlite3_step(q) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(q, 0), wanted) == 0;
    sqlite3_finalize(q);
    return is;
}

/* SQLite leaves the log only when no other connection is there, whatever its process. The lock is
 * taken at once: pages that leave the cache in the middle of an import could not wait for a reader.
 */
static void try_alone(struct store *s)
{
    sqlite3_busy_timeout(s->db, 0);
    if (journal_mode_is(s, "PRAGMA journal_mode = DELETE", "delete")) {
        s->alone = sqlite3_exec(s->db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK;
        if (!s->alone)
            journal_mode_is(s, "PRAGMA journal_mode = WAL", "wal");
    }
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
}

/* Back to the log. Should a reader be in the way, the next writer does it. */
static void end_alone(struct store *s)
{
    if (s->alone)
        journal_mode_is(s, "PRAGMA journal_mode = WAL", "wal");
    s->alone = false;
}

enum status store_begin_load(struct store *s, struct error *e)
{
    int64_t any;
    if (s->mode == STORE_WRITE && !s->transaction) {
        TRY(store_int(s, "SELECT EXISTS (SELECT 1 FROM revision)", 0, 0, &any, e));
        if (!any)
            try_alone(s);
    }
    enum status status = store_begin(s, true, e);
    if (status != STATUS_OK)
        end_alone(s);
    return status;
}

/* Back to nothing gathered. */
static void forget_gathered(struct store *s)
{
    triggers_forget(s);
    rows_forget(s);
    free(s->boxes.rows);
    s->boxes = (struct pending_boxes){.rows = NULL};
    free(s->overview.deltas);
    s->overview = (struct overview_log){.deltas = NULL};
    free(s->touches.slots);
    s->touches = (struct tile_touches){.slots = NULL};
    key_set_clear(&s->new_producers);
    s->producers_all_new = s->plots_all_new = false;
    memset(s->index_there, 0, sizeof s->index_there);
    s->transaction = s->bulk = false;
}

enum status store_revisions_done(struct store *s, struct error *e)
{
    TRY(store_need_transaction(s, e));
    TRY(boxes_flush(s, e));
    TRY(overview_flush(s, e));
    free(s->boxes.rows);
    s->boxes = (struct pending_boxes){.rows = NULL};
    free(s->overview.deltas);
    s->overview = (struct overview_log){.deltas = NULL};
    key_set_clear(&s->new_producers);
    s->producers_all_new = false;
    return STATUS_OK;
}

void store_rollback(struct store *s)
{
    if (!s->transaction)
        return;
    for (size_t i = 0; i < STATEMENTS_MAX; i++)
        if (s->statements[i].stmt)
            statement_done(&s->statements[i]);
    if (!sqlite3_get_autocommit(s->db)) /* SQLite rolls back by itself after some failures */
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    forget_gathered(s);
    end_alone(s);
    sets_forget(s); /* ids that were never committed */
    words_forget(s);
}

/* Everything goes back into the main file, and the log is emptied when no reader is in the way. */
static void checkpoint(struct store *s)
{
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    sqlite3_busy_timeout(s->db, 0); /* a long reader must not stop the writer */
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
}

enum status store_commit(struct store *s, struct error *e)
{
    TRY(store_need_transaction(s, e));
    enum status status = boxes_flush(s, e);
    if (status == STATUS_OK)
        status = overview_flush(s, e);
    if (status == STATUS_OK)
        status = tile_touches_flush(s, e);
    if (status == STATUS_OK)
        status = rows_flush(s, e);
    if (status == STATUS_OK && s->bulk)
        status = triggers_restore(s, e);
    if (status == STATUS_OK)
        status = store_exec(s, "COMMIT", e);
    if (status != STATUS_OK) {
        store_rollback(s);
        return status;
    }
    forget_gathered(s);
    if (s->alone)
        end_alone(s);
    else
        checkpoint(s);
    return STATUS_OK;
}

enum status store_snapshot_begin(struct store *s, struct error *e)
{
    int64_t change;
    if (s->snapshot || s->transaction)
        return error_set(e, STATUS_INTERNAL, "bad_transaction", NULL,
                         "No snapshot can begin here.");
    TRY(store_exec(s, "BEGIN DEFERRED", e));
    s->snapshot = true;
    enum status status = store_change(s, &change, e); /* the first read fixes what is seen */
    if (status != STATUS_OK)
        store_snapshot_end(s);
    return status;
}

void store_snapshot_end(struct store *s)
{
    if (s->snapshot)
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    s->snapshot = false;
}

enum status store_change(struct store *s, int64_t *out, struct error *e)
{
    return store_int(s, "SELECT max(number) FROM change", 0, 0, out, e);
}

enum status store_change_time(struct store *s, int64_t change, char out[24], struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT at FROM change WHERE number = ?1", &q, e));
    bind_int(q, 1, change);
    enum status status = statement_next(s, q, &row, e);
    snprintf(out, 24, "%s", row ? column_text(q, 0) : "");
    statement_done(q);
    return status;
}

enum status store_change_at(struct store *s, const char *at, int64_t *out, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT coalesce(max(number), -1) FROM change WHERE at <= ?1", &q, e));
    bind_text(q, 1, at);
    enum status status = statement_next(s, q, &row, e);
    *out = row ? column_int(q, 0) : -1;
    statement_done(q);
    return status;
}

enum status store_change_new(struct store *s, const char *kind, int64_t *change, struct error *e)
{
    char now[24];
    struct statement *q;
    TRY(store_need_transaction(s, e));
    TRY(store_change(s, change, e));
    ++*change;
    store_now(now);
    TRY(statement_take(
        s, "INSERT INTO change (number, kind, at, first_revision_id) VALUES (?1, ?2, ?3, ?4)", &q,
        e));
    bind_int(q, 1, *change);
    bind_text(q, 2, kind);
    bind_text(q, 3, now);
    bind_int(q, 4, s->next_revision);
    return statement_run(s, q, e);
}

enum status store_revisions_before(struct store *s, int64_t change, bool *any, struct error *e)
{
    int64_t there = 0;
    enum status status = store_int(
        s, "SELECT EXISTS (SELECT 1 FROM revision WHERE id < (SELECT first_revision_id FROM change WHERE number = ?1))", change, 0,
        &there, e);
    *any = there != 0;
    return status;
}
