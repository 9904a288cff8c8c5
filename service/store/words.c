/* Words of the domain that rows point to: programmes, organisations, producers; and their text kept
 * in memory by id. */
#include <stdlib.h>

#include "service/store/private.h"

/* The id a statement finds, or 0; the statement is given back. */
static enum status found(struct store *s, struct statement *q, int64_t *id, struct error *e)
{
    bool row;
    enum status status = statement_next(s, q, &row, e);
    *id = row ? column_int(q, 0) : 0;
    statement_done(q);
    return status;
}

static enum status rename_programme(struct store *s, int64_t id, const char *name, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, "UPDATE programme SET name = ?2 WHERE id = ?1 AND name <> ?2", &q, e));
    bind_int(q, 1, id);
    bind_text(q, 2, name);
    return statement_run(s, q, e);
}

enum status store_programme(struct store *s, const char *code, const char *name, int64_t *id,
                            struct error *e)
{
    struct statement *q;
    *id = 0;
    if (!code || !*code)
        return STATUS_OK;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s, "SELECT id FROM programme WHERE code = ?1", &q, e));
    bind_text(q, 1, code);
    TRY(found(s, q, id, e));
    if (*id)
        return name ? rename_programme(s, *id, name, e) : STATUS_OK;
    TRY(statement_take(s, "INSERT INTO programme (code, name) VALUES (?1, ?2)", &q, e));
    bind_text(q, 1, code);
    bind_text(q, 2, name ? name : code);
    TRY(statement_run(s, q, e));
    *id = sqlite3_last_insert_rowid(s->db);
    return STATUS_OK;
}

enum status store_organisation(struct store *s, const char *name, int64_t *id, struct error *e)
{
    struct statement *q;
    *id = 0;
    if (!name || !*name)
        return STATUS_OK;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s, "SELECT id FROM organisation WHERE name = ?1", &q, e));
    bind_text(q, 1, name);
    TRY(found(s, q, id, e));
    if (*id)
        return STATUS_OK;
    TRY(statement_take(s, "INSERT INTO organisation (name) VALUES (?1)", &q, e));
    bind_text(q, 1, name);
    TRY(statement_run(s, q, e));
    *id = sqlite3_last_insert_rowid(s->db);
    return STATUS_OK;
}

struct producer_words {
    const char *code, *name;
    char gender[2]; /* "" unknown */
    int birth_year;
};

static void bind_producer(struct statement *q, int64_t first, const struct producer_words *w)
{
    bind_int(q, 1, first);
    bind_text(q, 2, w->code);
    bind_text(q, 3, w->name);
    bind_text(q, 4, *w->gender ? w->gender : NULL);
    bind_int_or_null(q, 5, w->birth_year);
}

/* What is given replaces what is known; the row is written only when that changes it. */
static enum status update_producer(struct store *s, int64_t id, const struct producer_words *w,
                                   struct error *e)
{
    struct statement *q;
    TRY(statement_take(
        s,
        "UPDATE producer SET code = coalesce(?2, code), name = coalesce(?3, name), "
        "gender = coalesce(?4, gender), birth_year = coalesce(?5, birth_year) WHERE id = ?1 AND ("
        "code IS NOT coalesce(?2, code) OR name IS NOT coalesce(?3, name) OR "
        "gender IS NOT coalesce(?4, gender) OR birth_year IS NOT coalesce(?5, birth_year))",
        &q, e));
    bind_producer(q, id, w);
    return statement_run(s, q, e);
}

/* FNV-1a of the programme and what names the producer in it. */
static uint64_t producer_key(int64_t programme_id, const struct producer_words *w)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)programme_id;
    hash = (hash ^ (w->code ? 1 : 2)) * UINT64_C(1099511628211);
    for (const char *p = w->code ? w->code : w->name; *p; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
    return hash;
}

static enum status find_producer(struct store *s, int64_t programme_id,
                                 const struct producer_words *w, int64_t *id, struct error *e)
{
    struct statement *q;
    if (w->code)
        TRY(statement_take(s, "SELECT id FROM producer WHERE programme_id = ?1 AND code = ?2", &q,
                           e));
    else
        TRY(statement_take(s,
                           "SELECT id FROM producer WHERE programme_id = ?1 AND name = ?2 AND code "
                           "IS NULL ORDER BY id LIMIT 1",
                           &q, e));
    bind_int(q, 1, programme_id);
    bind_text(q, 2, w->code ? w->code : w->name);
    return found(s, q, id, e);
}

/* *id = candidate when it is the producer named, else 0 (two names with one hash). */
static enum status same_producer(struct store *s, int64_t candidate, int64_t programme_id,
                                 const struct producer_words *w, int64_t *id, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s,
                       "SELECT id FROM producer WHERE id = ?1 AND programme_id = ?2 AND code IS ?3 "
                       "AND (?3 IS NOT NULL OR name = ?4)",
                       &q, e));
    bind_int(q, 1, candidate);
    bind_int(q, 2, programme_id);
    bind_text(q, 3, w->code);
    bind_text(q, 4, w->name);
    return found(s, q, id, e);
}

enum status store_producer(struct store *s, int64_t programme_id, const char *code,
                           const char *name, char gender, int birth_year, int64_t *id,
                           struct error *e)
{
    struct producer_words w = {
        code && *code ? code : NULL, name && *name ? name : NULL, {gender, 0}, birth_year};
    struct statement *q;
    *id = 0;
    if (!strchr("fmx", gender))
        w.gender[0] = 0;
    if (!w.code && !w.name)
        return STATUS_OK;
    TRY(store_need_transaction(s, e));
    /* a first import brings mostly producers never seen: a hash says so without a search */
    uint64_t key = producer_key(programme_id, &w);
    const uint64_t *seen = s->producers_all_new ? key_set_find(&s->new_producers, key) : NULL;
    if (seen)
        TRY(same_producer(s, (int64_t)*seen, programme_id, &w, id, e));
    if (!*id && (seen || !s->producers_all_new))
        TRY(find_producer(s, programme_id, &w, id, e));
    bool news = *w.gender || w.birth_year || (w.code && w.name); /* beside what it was found by */
    if (*id)
        return news ? update_producer(s, *id, &w, e) : STATUS_OK;
    TRY(statement_take(s,
                       "INSERT INTO producer (programme_id, code, name, gender, birth_year) VALUES "
                       "(?1, ?2, ?3, ?4, ?5)",
                       &q, e));
    bind_producer(q, programme_id, &w);
    TRY(statement_run(s, q, e));
    *id = sqlite3_last_insert_rowid(s->db);
    bool ok = true;
    if (s->producers_all_new)
        key_set_add(&s->new_producers, key, (uint64_t)*id, &ok);
    return ok ? STATUS_OK : error_memory(e);
}

enum status store_each_word(struct store *s, const char *kind,
                            bool (*each)(int64_t id, const char *code, const char *name, void *),
                            void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    if (strcmp(kind, "programme") == 0)
        TRY(statement_take(s, "SELECT id, code, name FROM programme WHERE id > 0 ORDER BY id", &q,
                           e));
    else if (strcmp(kind, "organisation") == 0)
        TRY(statement_take(s, "SELECT id, name, name FROM organisation ORDER BY id", &q, e));
    else
        return error_set(e, STATUS_USAGE, "unknown_words", NULL, "There are no words of kind %s.",
                         kind);
    enum status status = STATUS_OK;
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        go = each(column_int(q, 0), column_text(q, 1), column_text(q, 2), arg);
    statement_done(q);
    return status;
}

/* ---- text by id, kept ---- */

struct filling {
    struct word_list *list;
    bool failed;
};

static bool fill(int64_t id, const char *code, const char *name, void *arg)
{
    struct filling *f = arg;
    (void)name;
    if ((size_t)id >= f->list->n) {
        size_t n = (size_t)id + 64;
        char **more = realloc(f->list->text, n * sizeof *more);
        if (!more)
            return f->failed = true, false;
        memset(more + f->list->n, 0, (n - f->list->n) * sizeof *more);
        f->list->text = more;
        f->list->n = n;
    }
    if (!f->list->text[id] && !(f->list->text[id] = strdup(code)))
        f->failed = true;
    return !f->failed;
}

/* Codes never change and ids are never used again, so only an unknown id needs the table. */
static enum status word_of(struct store *s, struct word_list *list, const char *kind, int64_t id,
                           const char **out, struct error *e)
{
    *out = NULL;
    if (id <= 0)
        return STATUS_OK;
    if ((size_t)id >= list->n || !list->text[id]) {
        struct filling f = {list, false};
        TRY(store_each_word(s, kind, fill, &f, e));
        if (f.failed)
            return error_memory(e);
    }
    *out = (size_t)id < list->n ? list->text[id] : NULL;
    return STATUS_OK;
}

enum status word_programme(struct store *s, int64_t id, const char **out, struct error *e)
{
    return word_of(s, &s->programmes, "programme", id, out, e);
}

enum status word_organisation(struct store *s, int64_t id, const char **out, struct error *e)
{
    return word_of(s, &s->organisations, "organisation", id, out, e);
}

static void list_clear(struct word_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->text[i]);
    free(list->text);
    *list = (struct word_list){.text = NULL};
}

void words_forget(struct store *s)
{
    list_clear(&s->programmes);
    list_clear(&s->organisations);
}
