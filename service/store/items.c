/* Pages of plots in id order, everywhere or in a box, with or without a condition. */
#include <stdlib.h>

#include "service/store/private.h"

struct item_query {
    struct store *s;
    int64_t programme_id; /* -1 = all */
    int64_t after, limit, matched;
    const struct where *where;
    struct where_sql *sql; /* with a condition */
    struct arena arena;    /* of its values */
    struct statement chosen;
    struct id_list list;
    enum status status;
    struct error *e;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum status condition_make(struct item_query *c, const char *before, const char *after,
                                  int first)
{
    if (!(c->sql = malloc(sizeof *c->sql)))
        return error_memory(c->e);
    TRY(where_compile(c->s, c->where, before, after, first, &c->arena, c->sql, c->e));
    TRY(statement_make(c->s, c->sql->text.bytes, &c->chosen, c->e));
    where_bind(&c->chosen, c->sql);
    return STATUS_OK;
}

static void condition_drop(struct item_query *c)
{
    statement_drop(&c->chosen);
    if (c->sql)
        buf_clear(&c->sql->text);
    free(c->sql);
    arena_clear(&c->arena);
}

/* Plot by plot in id order until the page is full. */
static enum status items_where(struct item_query *c)
{
    bool row = true;
    enum status status;
    TRY(condition_make(
        c,
        "SELECT p.id FROM plot p CROSS JOIN revision r ON r.id = p.current_revision_id "
        "WHERE p.id > ?1 AND (?2 < 0 OR p.programme_id = ?2) AND ",
        " ORDER BY p.id LIMIT ?3", 4));
    bind_int(&c->chosen, 1, c->after);
    bind_int(&c->chosen, 2, c->programme_id);
    bind_int(&c->chosen, 3, c->limit);
    while ((status = statement_next(c->s, &c->chosen, &row, c->e)) == STATUS_OK && row)
        TRY(id_add(&c->list, column_int(&c->chosen, 0), c->e));
    c->matched = -1;
    return status;
}

static enum status holds(struct item_query *c, int64_t revision_id, bool *out)
{
    sqlite3_reset(c->chosen.stmt);
    bind_int(&c->chosen, 1, revision_id);
    return statement_next(c->s, &c->chosen, out, c->e);
}

static enum status items_of_all(struct store *s, struct item_query *c)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT id FROM plot WHERE id > ?1 AND current_revision_id IS NOT NULL AND "
                       "(?2 < 0 OR programme_id = ?2) "
                       "ORDER BY id LIMIT ?3",
                       &q, c->e));
    bind_int(q, 1, c->after);
    bind_int(q, 2, c->programme_id);
    bind_int(q, 3, c->limit);
    while (status == STATUS_OK && (status = statement_next(s, q, &row, c->e)) == STATUS_OK && row)
        status = id_add(&c->list, column_int(q, 0), c->e);
    statement_done(q);
    return status;
}

static enum status count_all(struct store *s, struct item_query *c)
{
    if (c->programme_id < 0) /* the overview cells know it */
        return store_int(s, "SELECT sum(plots) FROM overview_cell WHERE zoom = 7", 0, 0,
                         &c->matched, c->e);
    return store_int(
        s, "SELECT count(*) FROM plot WHERE current_revision_id IS NOT NULL AND programme_id = ?1",
        c->programme_id, 0, &c->matched, c->e);
}

static bool note_item(const struct store_current *current, void *arg)
{
    struct item_query *c = arg;
    bool wanted = true;
    if (c->where)
        c->status = holds(c, current->revision_id, &wanted);
    if (c->status != STATUS_OK || !wanted)
        return c->status == STATUS_OK;
    c->matched++;
    if (current->plot_id > c->after)
        c->status = id_add(&c->list, current->plot_id, c->e);
    return c->status == STATUS_OK;
}

static enum status items_in_box(struct store *s, const struct box *box, struct item_query *c)
{
    struct current_query current = {c->programme_id, box, note_item, c};
    if (c->where)
        TRY(condition_make(c, "SELECT 1 FROM revision r WHERE r.id = ?1 AND ", "", 2));
    TRY(each_in_box(s, &current, c->e));
    TRY(c->status);
    if (c->list.n)
        qsort(c->list.ids, c->list.n, sizeof *c->list.ids, by_id);
    if ((int64_t)c->list.n > c->limit)
        c->list.n = (size_t)c->limit;
    return STATUS_OK;
}

static enum status programme_of(struct store *s, const char *code, int64_t *id, bool *exists,
                                struct error *e)
{
    struct statement *q;
    *id = -1;
    *exists = true;
    if (!code)
        return STATUS_OK;
    TRY(statement_take(s, "SELECT id FROM programme WHERE code = ?1", &q, e));
    bind_text(q, 1, code);
    enum status status = statement_next(s, q, exists, e);
    if (*exists)
        *id = column_int(q, 0);
    statement_done(q);
    return status;
}

static enum status items(struct store *s, const struct box *box, const char *programme,
                         struct item_query *c, bool count)
{
    bool exists;
    TRY(programme_of(s, programme, &c->programme_id, &exists, c->e));
    if (!exists)
        return STATUS_OK;
    if (box)
        return items_in_box(s, box, c);
    if (c->where)
        return items_where(c);
    if (count)
        TRY(count_all(s, c));
    return items_of_all(s, c);
}

enum status store_each_item(struct store *s, const struct box *box, const char *programme,
                            const struct where *where, int64_t after_plot_id, int64_t limit,
                            struct arena *a, bool (*each)(const struct store_plot *, void *),
                            void *arg, int64_t *matched, struct error *e)
{
    struct item_query c = {
        .s = s, .after = after_plot_id, .limit = limit > 0 ? limit : 0, .where = where, .e = e};
    bool own;
    TRY(own_snapshot(s, &own, e));
    arena_init(&c.arena, 0);
    enum status status = items(s, box, programme, &c, matched != NULL);
    if (matched)
        *matched = c.matched;
    if (status == STATUS_OK)
        status = each_plot_of(s, c.list.ids, c.list.n, a, each, arg, e);
    free(c.list.ids);
    condition_drop(&c);
    if (own)
        store_snapshot_end(s);
    return status;
}
