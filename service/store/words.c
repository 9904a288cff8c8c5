/* Words of the domain that rows point to: programmes, organisations, producers; and their text kept
 * in memory by id. */
#include <sodium.h>
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

/* FNV-1a */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static struct known_word *known(struct known_word words[KNOWN_WORDS], const char *text)
{
    uint64_t hash = hash_text(UINT64_C(14695981039346656037), text);
    return &words[(hash ^ hash >> 32) % KNOWN_WORDS];
}

static int64_t known_id(struct known_word words[KNOWN_WORDS], const char *text)
{
    const struct known_word *word = known(words, text);
    return word->text && strcmp(word->text, text) == 0 ? word->id : 0;
}

static void know(struct known_word words[KNOWN_WORDS], const char *text, int64_t id)
{
    struct known_word *word = known(words, text);
    free(word->text);
    *word = (struct known_word){strdup(text), id};
}

static void know_nothing(struct known_word words[KNOWN_WORDS])
{
    for (size_t i = 0; i < KNOWN_WORDS; i++) {
        free(words[i].text);
        words[i] = (struct known_word){.text = NULL};
    }
}

enum status store_programme(struct store *s, const char *code, const char *name, int64_t *id,
                            struct error *e)
{
    struct statement *q;
    *id = 0;
    if (!code || !*code)
        return STATUS_OK;
    TRY(store_need_transaction(s, e));
    if (!name && (*id = known_id(s->known_programmes, code)))
        return STATUS_OK;
    TRY(statement_take(s, "SELECT id FROM programme WHERE code = ?1", &q, e));
    bind_text(q, 1, code);
    TRY(found(s, q, id, e));
    if (*id)
        know(s->known_programmes, code, *id);
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
    if ((*id = known_id(s->known_organisations, name)))
        return STATUS_OK;
    TRY(statement_take(s, "SELECT id FROM organisation WHERE name = ?1", &q, e));
    bind_text(q, 1, name);
    TRY(found(s, q, id, e));
    if (*id)
        know(s->known_organisations, name, *id);
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

/* What names the producer in the programme, hashed with a key nobody knows: no file can be made in
 * which two names have one. */
static enum status producer_hash(struct store *s, int64_t programme_id,
                                 const struct producer_words *w, uint64_t out[2], struct error *e)
{
    const char *name = w->code ? w->code : w->name;
    size_t n = strlen(name);
    unsigned char *bytes = store_scratch(s, n + 9);
    if (!bytes)
        return error_memory(e);
    memcpy(bytes, &programme_id, 8);
    bytes[8] = w->code ? 'c' : 'n';
    memcpy(bytes + 9, name, n);
    crypto_shorthash_siphashx24((unsigned char *)out, bytes, n + 9, s->hash_key);
    return STATUS_OK;
}

static enum status find_producer(struct store *s, int64_t programme_id,
                                 const struct producer_words *w, int64_t *id, struct error *e)
{
    struct statement *q;
    if (!w->code)
        TRY(store_index_now(s, INDEX_BY_NAME, e));
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

/* new_producers keeps an id (40 bits) beside 24 bits more of the hash: 88 bits tell producers
 * apart. */
enum { PRODUCER_ID_BITS = 40 };

static enum status insert_producer(struct store *s, int64_t programme_id,
                                   const struct producer_words *w, int64_t *id, struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_PRODUCER);
    *id = s->next_producer++;
    row_int(p, *id);
    row_int(p, programme_id);
    row_text(p, w->code);
    row_text(p, w->name);
    row_text(p, *w->gender ? w->gender : NULL);
    row_int_or_null(p, w->birth_year);
    return row_end(s, p, e);
}

/* A first import brings mostly producers never seen: a hash says so without a search. */
static enum status new_producer(struct store *s, int64_t programme_id,
                                const struct producer_words *w, int64_t *id, bool *known_before,
                                struct error *e)
{
    uint64_t hash[2] = {0}, mark;
    bool ok;
    TRY(producer_hash(s, programme_id, w, hash, e));
    mark = hash[1] << PRODUCER_ID_BITS;
    for (uint64_t key = hash[0];; key++) { /* the next key where another producer has this one */
        const uint64_t *seen =
            key_set_add(&s->new_producers, key, mark | (uint64_t)s->next_producer, &ok);
        if (!ok)
            return error_memory(e);
        *known_before = seen != NULL;
        if (!seen)
            return insert_producer(s, programme_id, w, id, e);
        *id = (int64_t)(*seen & ((UINT64_C(1) << PRODUCER_ID_BITS) - 1));
        if (*seen >> PRODUCER_ID_BITS == mark >> PRODUCER_ID_BITS)
            return STATUS_OK;
    }
}

enum status store_producer(struct store *s, int64_t programme_id, const char *code,
                           const char *name, char gender, int birth_year, int64_t *id,
                           struct error *e)
{
    struct producer_words w = {
        code && *code ? code : NULL, name && *name ? name : NULL, {gender, 0}, birth_year};
    *id = 0;
    if (!strchr("fmx", gender))
        w.gender[0] = 0;
    if (!w.code && !w.name)
        return STATUS_OK;
    TRY(store_need_transaction(s, e));
    bool there = true;
    if (s->producers_all_new)
        TRY(new_producer(s, programme_id, &w, id, &there, e));
    else
        TRY(find_producer(s, programme_id, &w, id, e));
    if (!*id)
        return insert_producer(s, programme_id, &w, id, e);
    bool news = *w.gender || w.birth_year || (w.code && w.name); /* beside what it was found by */
    return there && news ? update_producer(s, *id, &w, e) : STATUS_OK;
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
    know_nothing(s->known_programmes);
    know_nothing(s->known_organisations);
    list_clear(&s->programmes);
    list_clear(&s->organisations);
}
