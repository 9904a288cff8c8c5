/* Finished answers, kept with the change they belong to. */
#include "service/store/private.h"

enum status store_answers_forget(struct store *s, struct error *e)
{
    struct statement *q;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s, "DELETE FROM answer", &q, e));
    return statement_run(s, q, e);
}

enum status store_answer_put(struct store *s, const char *question, int64_t change,
                             const void *bytes, size_t n, struct error *e)
{
    struct statement *q;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(
        s, "INSERT OR REPLACE INTO answer (question, change, body) VALUES (?1, ?2, ?3)", &q, e));
    bind_text(q, 1, question);
    bind_int(q, 2, change);
    bind_blob(q, 3, bytes, n);
    return statement_run(s, q, e);
}

enum status store_answer_get(struct store *s, const char *question, int64_t change, struct arena *a,
                             const char **bytes, size_t *n, struct error *e)
{
    struct statement *q;
    bool row;
    *bytes = NULL;
    *n = 0;
    TRY(statement_take(s, "SELECT body FROM answer WHERE question = ?1 AND change = ?2", &q, e));
    bind_text(q, 1, question);
    bind_int(q, 2, change);
    enum status status = statement_next(s, q, &row, e);
    if (row) {
        *n = (size_t)sqlite3_column_bytes(q->stmt, 0);
        *bytes = arena_memdup(a, sqlite3_column_blob(q->stmt, 0), *n);
    }
    statement_done(q);
    return row && !*bytes ? error_memory(e) : status;
}

enum status store_plots_about(struct store *s, int64_t *out, struct error *e)
{
    return store_int(s, "SELECT max(id) FROM plot", 0, 0, out, e);
}
