/* The wall around read-only connections: SQLite asks here, while a statement is compiled, whether it may do what it says.
 *
 * A STORE_READ connection may select and look; a STORE_PUBLIC one may also not name a personal table or column, so no query
 * of the public side can leak one, whatever its text. Reading through a view asks for the columns beneath it as well. */
#include "service/store/private.h"

/* column NULL: the whole table but the columns of `except`. */
struct personal {
    const char *table, *column, *except[3];
};
static const struct personal PERSONAL[] = {
    {"producer", NULL, {"id", "gender", NULL}}, /* to count producers and women */
    {"source_row", NULL, {NULL}},
    {"held_row", NULL, {NULL}},
    {"token", NULL, {NULL}},
    {"profile", NULL, {NULL}},
    {"producer_curp", NULL, {NULL}},
    {"held_content", NULL, {NULL}},
    {"revision", "name", {NULL}},   /* free text, often the farmer's name */
    {"import", "files", {NULL}},    /* a GPX walk is often named after its farmer */
    {"finding", "file", {NULL}},
    {"finding", "message", {NULL}}, /* may quote the source */
};

static bool may_read(const char *table, const char *column)
{
    for (size_t i = 0; i < sizeof PERSONAL / sizeof *PERSONAL; i++) {
        const struct personal *p = &PERSONAL[i];
        if (sqlite3_stricmp(table, p->table) != 0)
            continue;
        if (p->column && sqlite3_stricmp(column, p->column) == 0)
            return false;
        if (p->column)
            continue;
        /* SQLite names no column ("") when a statement reads at most the row's id */
        bool ok = p->except[0] && !*column;
        for (int k = 0; p->except[k]; k++)
            ok = ok || sqlite3_stricmp(column, p->except[k]) == 0;
        return ok;
    }
    return true;
}

static bool one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (sqlite3_stricmp(name, *list) == 0)
            return true;
    return false;
}

/* Pragmas that only tell; those of the first list also take an argument that only limits what is told. */
static bool may_ask(const char *name, const char *argument)
{
    static const char *const with[] = {"integrity_check", "quick_check", "foreign_key_check", "table_info", "table_xinfo", NULL};
    static const char *const without[] = {"user_version", "application_id", "page_size",    "page_count",
                                          "journal_mode", "data_version",   "freelist_count", NULL};
    return one_of(name, with) || (!argument && one_of(name, without));
}

/* The R*Tree module declares itself (an update of the schema table that is never run) and prepares writes of its own tables
 * when it connects. Nothing comes of it: the connection is read-only and defensive. */
static bool is_rtree_business(int action, const char *table)
{
    static const char *const ends[] = {"_node", "_rowid", "_parent", NULL};
    size_t n = strlen(table);
    if (action == SQLITE_UPDATE && strcmp(table, "sqlite_master") == 0)
        return true;
    if (strncmp(table, "idx_", 4) != 0)
        return false;
    for (int i = 0; ends[i]; i++)
        if (n > strlen(ends[i]) && strcmp(table + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

static int ask(void *arg, int action, const char *first, const char *second, const char *database, const char *inner)
{
    static const char *const never[] = {"load_extension", "fts3_tokenizer", NULL};
    struct store *s = arg;
    (void)database;
    (void)inner;
    bool ok = false;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        ok = true;
        break;
    case SQLITE_READ:
        ok = s->mode != STORE_PUBLIC || may_read(first, second ? second : "");
        break;
    case SQLITE_FUNCTION:
        ok = !one_of(second, never);
        break;
    case SQLITE_PRAGMA:
        ok = may_ask(first, second);
        break;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        ok = is_rtree_business(action, first);
        break;
    default: /* ATTACH, CREATE, DROP, ALTER, REINDEX, ANALYZE, virtual tables, and what a later SQLite may add */
        break;
    }
    return ok ? SQLITE_OK : SQLITE_DENY;
}

void authorizer_install(struct store *s)
{
    sqlite3_set_authorizer(s->db, ask, s);
}
