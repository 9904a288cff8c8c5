/* Mapping profiles as they were saved. */
#include "service/store/private.h"

struct saving {
    const struct store_profile *profile;
    const char *removed;
};

static enum status write_profile(struct store *s, const struct saving *w, struct error *e)
{
    struct statement *q;
    char now[24];
    int64_t there = 1;
    if (w->removed) {
        TRY(statement_take(s, "DELETE FROM profile WHERE name = ?1", &q, e));
        bind_text(q, 1, w->removed);
        TRY(statement_run(s, q, e));
        there = sqlite3_changes(s->db);
    } else {
        store_now(now);
        TRY(statement_take(
            s,
            "INSERT INTO profile (name, body, saved_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO "
            "UPDATE SET name = excluded.name, body = excluded.body, saved_at = excluded.saved_at",
            &q, e));
        bind_text(q, 1, w->profile->name);
        bind_text(q, 2, w->profile->body);
        bind_text(q, 3, now);
        TRY(statement_run(s, q, e));
    }
    return there ? STATUS_OK
                 : error_set(e, STATUS_NOT_FOUND, "profile_not_found",
                             "parcela profile list REGISTRY names those there are",
                             "There is no profile %.60s.", w->removed);
}

/* No change of the registry: it has no change number. */
static enum status alone(struct store *s, const struct saving *w, struct error *e)
{
    TRY(store_begin(s, false, e));
    enum status status = write_profile(s, w, e);
    if (status == STATUS_OK)
        return store_commit(s, e);
    store_rollback(s);
    return status;
}

enum status store_profile_save(struct store *s, const struct store_profile *profile,
                               struct error *e)
{
    return alone(s, &(struct saving){.profile = profile}, e);
}

enum status store_profile_remove(struct store *s, const char *name, struct error *e)
{
    return alone(s, &(struct saving){.removed = name}, e);
}

enum status store_profile_get(struct store *s, const char *name, struct arena *a,
                              struct store_profile *out, struct error *e)
{
    struct statement *q;
    bool row = false, failed = false;
    *out = (struct store_profile){0};
    TRY(statement_take(s, "SELECT name, body, saved_at FROM profile WHERE name = ?1", &q, e));
    bind_text(q, 1, name);
    enum status status = statement_next(s, q, &row, e);
    if (status == STATUS_OK && row)
        *out =
            (struct store_profile){column_strdup(q, 0, a, &failed), column_strdup(q, 1, a, &failed),
                                   column_strdup(q, 2, a, &failed)};
    statement_done(q);
    return status == STATUS_OK && failed ? error_memory(e) : status;
}

enum status store_each_profile(struct store *s, bool (*each)(const struct store_profile *, void *),
                               void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT name, body, saved_at FROM profile ORDER BY name", &q, e));
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        const struct store_profile p = {column_text(q, 0), column_text(q, 1), column_text(q, 2)};
        go = each(&p, arg);
    }
    statement_done(q);
    return status;
}
