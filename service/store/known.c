/* Knowing again: people by the hash of their CURP, rows that were held or rejected by what they
 * say, and what was decided about them. */
#include "service/store/private.h"

/* ---- people ---- */

static enum status link_curp(struct store *s, int64_t programme_id, const char *hash, int64_t id,
                             struct error *e)
{
    struct statement *q;
    TRY(statement_take(s,
                       "INSERT INTO producer_curp (programme_id, hash, producer_id) VALUES (?1, "
                       "?2, ?3)",
                       &q, e));
    bind_int(q, 1, programme_id);
    bind_text(q, 2, hash);
    bind_int(q, 3, id);
    return statement_run(s, q, e);
}

enum status store_producer_by_curp(struct store *s, int64_t programme_id, const char *hash,
                                   const char *code, const char *name, char gender, int birth_year,
                                   int64_t *id, struct error *e)
{
    struct statement *q;
    struct arena a;
    bool row = false, failed = false;
    const char *known = NULL;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s,
                       "SELECT p.code FROM producer_curp c JOIN producer p ON p.id = c.producer_id "
                       "WHERE c.programme_id = ?1 AND c.hash = ?2",
                       &q, e));
    bind_int(q, 1, programme_id);
    bind_text(q, 2, hash);
    enum status status = statement_next(s, q, &row, e);
    arena_init(&a, 0);
    if (status == STATUS_OK && row)
        known = column_strdup(q, 0, &a, &failed);
    statement_done(q);
    if (status == STATUS_OK && failed)
        status = error_memory(e);
    if (status == STATUS_OK) /* always with a code: names are not enough to know a person by */
        status = store_producer(s, programme_id,
                                known           ? known
                                : code && *code ? code
                                                : hash,
                                name, gender, birth_year, id, e);
    if (status == STATUS_OK && !row)
        status = link_curp(s, programme_id, hash, *id, e);
    arena_clear(&a);
    return status;
}

/* ---- rows ---- */

enum status store_held_n(struct store *s, int64_t *n, struct error *e)
{
    return store_int(s, "SELECT count(*) FROM held_content", 0, 0, n, e);
}

enum status store_held_known(struct store *s, int64_t programme_id, const unsigned char content[16],
                             struct store_known_row *out, struct error *e)
{
    struct statement *q;
    bool row = false;
    *out = (struct store_known_row){0};
    TRY(statement_take(
        s,
        "SELECT h.import_id, h.row, h.outcome = 'rejected', h.decision, "
        "h.decided_import_id FROM held_content c JOIN held_row h ON h.id = c.held_id "
        "JOIN import i ON i.id = h.import_id WHERE c.hash = ?1 AND c.programme_id = "
        "?2 AND i.status = 'committed' ORDER BY h.id DESC LIMIT 1",
        &q, e));
    bind_blob(q, 1, content, 16);
    bind_int(q, 2, programme_id);
    enum status status = statement_next(s, q, &row, e);
    if (status == STATUS_OK && row) {
        const char *decision = column_text(q, 3);
        out->import_id = column_int(q, 0);
        out->row = (uint64_t)column_int(q, 1);
        out->rejected = column_int(q, 2) != 0;
        snprintf(out->decision, sizeof out->decision, "%s", decision ? decision : "");
        out->decided_import_id = column_int(q, 4);
    }
    statement_done(q);
    return status;
}

enum status store_decided_over(struct store *s, int64_t revision_id,
                               const unsigned char content[16], bool *out, struct error *e)
{
    struct statement *q;
    *out = false;
    TRY(statement_take(s,
                       "SELECT 1 FROM revision r JOIN revision before ON before.id = r.previous_id "
                       "WHERE r.id = ?1 AND before.content_hash = ?2 AND EXISTS (SELECT 1 FROM "
                       "held_row h WHERE h.decided_import_id = r.import_id AND h.decision <> "
                       "'corrected')",
                       &q, e));
    bind_int(q, 1, revision_id);
    bind_blob(q, 2, content, 16);
    enum status status = statement_next(s, q, out, e);
    statement_done(q);
    return status;
}

enum status store_decisions_of(struct store *s, int64_t import_id, int64_t *imports, size_t max,
                               size_t *n, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    *n = 0;
    TRY(statement_take(
        s,
        "SELECT DISTINCT h.decided_import_id FROM held_row h JOIN import i ON i.id = "
        "h.decided_import_id WHERE h.import_id = ?1 AND h.decision IN ('linework', "
        "'structure', 'original') AND i.status = 'committed' ORDER BY 1 DESC",
        &q, e));
    bind_int(q, 1, import_id);
    while (*n < max && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        imports[(*n)++] = column_int(q, 0);
    statement_done(q);
    return status;
}

/* ---- plots that are points ---- */

enum status store_each_point(struct store *s,
                             bool (*each)(int64_t revision_id, double declared_ha, void *),
                             void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT id, declared_ha FROM revision WHERE area_mm2 = 0 ORDER BY id", &q,
                       e));
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        go = each(column_int(q, 0), column_real(q, 1), arg);
    statement_done(q);
    return status;
}
