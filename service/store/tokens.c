/* Tokens, and which job made which import. */
#include "service/store/private.h"

/* A change of this table is no change of the registry: it has no change number, and answers stay as
 * they are. */
static enum status alone(struct store *s,
                         enum status (*work)(struct store *, void *, struct error *), void *arg,
                         struct error *e)
{
    TRY(store_begin(s, false, e));
    enum status status = work(s, arg, e);
    if (status == STATUS_OK)
        return store_commit(s, e);
    store_rollback(s);
    return status;
}

struct adding {
    const struct store_token *token;
    int64_t *id;
};

static enum status add(struct store *s, void *arg, struct error *e)
{
    struct adding *a = arg;
    struct statement *q;
    char now[24];
    store_now(now);
    TRY(store_int(s, "SELECT coalesce(max(id), 0) + 1 FROM token", 0, 1, a->id, e));
    TRY(statement_take(s,
                       "INSERT INTO token (id, hash, role, name, created_at, expires_at) VALUES "
                       "(?1, ?2, ?3, ?4, ?5, ?6)",
                       &q, e));
    bind_int(q, 1, *a->id);
    bind_blob(q, 2, a->token->hash, sizeof a->token->hash);
    bind_text(q, 3, a->token->role);
    bind_text(q, 4, a->token->name ? a->token->name : "");
    bind_text(q, 5, now);
    bind_text(q, 6, a->token->expires_at);
    return statement_run(s, q, e);
}

enum status store_token_add(struct store *s, const struct store_token *token, int64_t *id,
                            struct error *e)
{
    struct adding a = {.token = token, .id = id};
    return alone(s, add, &a, e);
}

static enum status revoke(struct store *s, void *arg, struct error *e)
{
    const int64_t *id = arg;
    struct statement *q;
    char now[24];
    int64_t revoked;
    store_now(now);
    TRY(store_int(s, "SELECT revoked_at IS NOT NULL FROM token WHERE id = ?1", *id, -1, &revoked,
                  e));
    if (revoked < 0)
        return error_set(e, STATUS_NOT_FOUND, "token_not_found",
                         "List them with parcela token list.", "There is no token %lld.",
                         (long long)*id);
    if (revoked)
        return error_set(e, STATUS_CONFLICT, "token_revoked", NULL,
                         "Token %lld is revoked already.", (long long)*id);
    TRY(statement_take(s, "UPDATE token SET revoked_at = ?2 WHERE id = ?1", &q, e));
    bind_int(q, 1, *id);
    bind_text(q, 2, now);
    return statement_run(s, q, e);
}

enum status store_token_revoke(struct store *s, int64_t id, struct error *e)
{
    return alone(s, revoke, &id, e);
}

struct using
{
    int64_t id;
    const char *day;
};

static enum status use(struct store *s, void *arg, struct error *e)
{
    const struct using *u = arg;
    struct statement *q;
    TRY(statement_take(s, "UPDATE token SET last_used = ?2 WHERE id = ?1", &q, e));
    bind_int(q, 1, u->id);
    bind_text(q, 2, u->day);
    return statement_run(s, q, e);
}

enum status store_token_used(struct store *s, int64_t id, const char *day, struct error *e)
{
    struct using u = {.id = id, .day = day};
    return alone(s, use, &u, e);
}

enum status store_each_token(struct store *s, bool (*each)(const struct store_token *, void *),
                             void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT id, hash, role, name, created_at, expires_at, revoked_at, last_used "
                       "FROM token ORDER BY id",
                       &q, e));
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_token t = {
            .id = column_int(q, 0),
            .role = column_text(q, 2),
            .name = column_text(q, 3),
            .created_at = column_text(q, 4),
            .expires_at = column_text(q, 5),
            .revoked_at = column_text(q, 6),
            .last_used = column_text(q, 7),
        };
        memcpy(t.hash, sqlite3_column_blob(q->stmt, 1),
               sizeof t.hash); /* its length is checked by the table */
        go = each(&t, arg);
    }
    statement_done(q);
    return status;
}

/* ---- jobs ---- */

enum status store_import_job_set(struct store *s, int64_t import_id, const char *job,
                                 struct error *e)
{
    struct statement *q;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s, "INSERT INTO import_job (job, import_id) VALUES (?1, ?2)", &q, e));
    bind_text(q, 1, job);
    bind_int(q, 2, import_id);
    return statement_run(s, q, e);
}

enum status store_import_of_job(struct store *s, const char *job, int64_t *import_id,
                                struct error *e)
{
    struct statement *q;
    bool row;
    *import_id = 0;
    TRY(statement_take(s, "SELECT import_id FROM import_job WHERE job = ?1", &q, e));
    bind_text(q, 1, job);
    enum status status = statement_next(s, q, &row, e);
    if (status == STATUS_OK && row)
        *import_id = column_int(q, 0);
    statement_done(q);
    return status;
}
