/* A few words about a revision: for a line about two plots, and for showing repairs beside the original. */
#include "service/store/private.h"

#define BRIEF_SQL(file)                                                                                                           \
    "SELECT r.plot_id, r.programme_id, r.import_id, r.code, g.code, r.area_mm2, r.accuracy_m, " file " WHERE r.id = ?1"

enum status store_brief(struct store *s, int64_t revision_id, struct arena *a, struct store_brief *out, struct error *e)
{
    struct statement *q;
    bool row, failed = false;
    if (s->mode == STORE_PUBLIC)
        TRY(statement_take(s, BRIEF_SQL("NULL, 0 FROM revision r LEFT JOIN programme g ON g.id = r.programme_id"), &q, e));
    else
        TRY(statement_take(s,
                           BRIEF_SQL("s.file, s.row FROM revision r LEFT JOIN programme g ON g.id = r.programme_id "
                                     "LEFT JOIN source_row s ON s.revision_id = r.id"),
                           &q, e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    if (status == STATUS_OK && row)
        *out = (struct store_brief){
            .revision_id = revision_id,
            .plot_id = column_int(q, 0),
            .programme_id = column_int(q, 1),
            .import_id = column_int(q, 2),
            .code = column_strdup(q, 3, a, &failed),
            .programme = column_strdup(q, 4, a, &failed),
            .area_mm2 = column_int(q, 5),
            .accuracy_m = column_real(q, 6),
            .file = column_strdup(q, 7, a, &failed),
            .row = (uint64_t)column_int(q, 8),
        };
    statement_done(q);
    if (status == STATUS_OK && !row)
        return error_set(e, STATUS_NOT_FOUND, "revision_not_found", NULL, "There is no revision %lld.", (long long)revision_id);
    return status ? status : failed ? error_memory(e) : STATUS_OK;
}

enum status store_each_repaired(struct store *s, int64_t change, bool (*each)(const struct store_repaired *, void *), void *arg, struct error *e)
{
    struct statement *q;
    struct arena a;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    /* by id, which is known from the changes: revision has no index on the import */
    TRY(statement_take(s,
                       "SELECT r.code, s.file, s.row, r.geom, s.wkb, s.epsg FROM revision r JOIN source_row s ON s.revision_id = r.id "
                       "WHERE r.id >= (SELECT first_revision_id FROM change WHERE number = ?1) AND r.id < coalesce((SELECT first_revision_id "
                       "FROM change WHERE number > ?1 ORDER BY number LIMIT 1), 9223372036854775807) AND r.repaired AND r.from_change = ?1 ORDER BY r.id",
                       &q, e));
    bind_int(q, 1, change);
    arena_init(&a, 0);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_repaired r = {
            .code = column_text(q, 0),
            .file = column_text(q, 1),
            .row = (uint64_t)column_int(q, 2),
            .source_wkb = sqlite3_column_blob(q->stmt, 4),
            .source_wkb_n = (size_t)sqlite3_column_bytes(q->stmt, 4),
            .source_epsg = (int)column_int(q, 5),
        };
        arena_reset(&a);
        status = blob_decode(sqlite3_column_blob(q->stmt, 3), (size_t)sqlite3_column_bytes(q->stmt, 3), &a, &r.boundary, e);
        go = status == STATUS_OK && each(&r, arg);
    }
    statement_done(q);
    arena_clear(&a);
    return status;
}
