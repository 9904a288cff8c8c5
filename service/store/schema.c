/* Schema and migrations: schema.sql is embedded, cut at its "-- migration N" lines, and what a
 * registry lacks is applied in one transaction. PRAGMA user_version holds N, application_id says
 * that the file is a registry at all. */
#include <stdlib.h>

#include "service/store/private.h"

extern const unsigned char store_schema_sql[];

#define APPLICATION_ID 1347567436 /* "PRCL" */
#define MARK "\n-- migration "

/* Start of migration n, NULL when there is none. */
static const char *migration(int n)
{
    for (const char *at = (const char *)store_schema_sql; (at = strstr(at, MARK)); at++)
        if (strtol(at + strlen(MARK), NULL, 10) == n)
            return at + 1;
    return NULL;
}

int schema_version(void)
{
    int n = 0;
    while (migration(n + 1))
        n++;
    return n;
}

/* One statement; a SELECT calls SpatiaLite and must give 1. */
static enum status step_all(struct store *s, sqlite3_stmt *stmt, struct error *e)
{
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
        if (sqlite3_column_int(stmt, 0) != 1)
            return error_set(e, STATUS_INTERNAL, "schema_failed", NULL,
                             "A spatial table could not be made.");
    return rc == SQLITE_DONE ? STATUS_OK : store_sql_error(s, rc, e);
}

static enum status apply(struct store *s, const char *sql, const char *end, struct error *e)
{
    while (sql < end) {
        sqlite3_stmt *stmt;
        const char *tail;
        int rc = sqlite3_prepare_v2(s->db, sql, (int)(end - sql), &stmt, &tail);
        if (rc != SQLITE_OK)
            return store_sql_error(s, rc, e);
        enum status status = stmt ? step_all(s, stmt, e) : STATUS_OK;
        sqlite3_finalize(stmt);
        if (status != STATUS_OK)
            return status;
        sql = tail;
    }
    return STATUS_OK;
}

static enum status apply_after(struct store *s, int version, struct error *e)
{
    char pragma[64];
    for (int n = version + 1; n <= schema_version(); n++) {
        const char *start = migration(n), *end = migration(n + 1);
        TRY(apply(s, start, end ? end : start + strlen(start), e));
        snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", n);
        TRY(store_exec(s, pragma, e));
    }
    return STATUS_OK;
}

enum status schema_create(struct store *s, struct error *e)
{
    char pragma[64];
    snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d", APPLICATION_ID);
    TRY(store_exec(
        s, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", e));
    TRY(store_exec(s, "BEGIN IMMEDIATE", e));
    TRY(store_exec(s, pragma, e));
    static const char init[] =
        "SELECT InitSpatialMetaData(0, 'WGS84_ONLY')"; /* 0: it is in our transaction */
    TRY(apply(s, init, init + sizeof init - 1, e));
    TRY(apply_after(s, 0, e));
    return store_exec(s, "COMMIT", e);
}

static enum status migrate_now(struct store *s, int version, struct error *e)
{
    TRY(store_exec(s, "BEGIN IMMEDIATE", e));
    enum status status = apply_after(s, version, e);
    if (status == STATUS_OK)
        status = store_exec(s, "COMMIT", e);
    if (status != STATUS_OK)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

enum status schema_migrate(struct store *s, struct error *e)
{
    int64_t application, version;
    TRY(store_int(s, "PRAGMA application_id", 0, 0, &application, e));
    TRY(store_int(s, "PRAGMA user_version", 0, 0, &version, e));
    if (application != APPLICATION_ID || version < 1)
        return error_set(e, STATUS_INVALID, "not_a_registry", "Choose the folder of a registry.",
                         "The file registry.sqlite in %s was not made by Parcela.", s->folder);
    if (version > schema_version())
        return error_set(
            e, STATUS_CONFLICT, "registry_newer", "Use the newer Parcela.",
            "The registry %s was made by a newer Parcela (schema %d, this program knows %d).",
            s->folder, (int)version, schema_version());
    if (version == schema_version())
        return STATUS_OK;
    if (s->mode != STORE_WRITE)
        return error_set(
            e, STATUS_CONFLICT, "registry_older",
            "Open it once for writing, for instance with parcela import.",
            "The registry %s was made by an older Parcela and must be brought up to date first.",
            s->folder);
    return migrate_now(s, (int)version, e);
}
