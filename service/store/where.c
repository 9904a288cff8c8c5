/* A condition tree as SQL over "revision r". The text is put together from the pieces in this file
 * alone: names are looked up in a table (region levels are values like any other), values are
 * bound, never written. See where.h for what the words mean. */
#include "service/store/private.h"

/* How a property is asked of revision r. */
struct property {
    const char *name;
    enum where_kind kind;
    const char *column;        /* one value per plot */
    const char *main, *some;   /* lists: the first one, NULL when there is none; SQL before the
                                  comparison of a further one with a value */
    const char *words[5];      /* the only values there are; none = any */
};

static const struct property PROPERTIES[] = {
    {.name = "programme",
     .kind = WHERE_TEXT,
     .column = "(SELECT nullif(g.code, '') FROM programme g WHERE g.id = r.programme_id)"},
    {.name = "organisation",
     .kind = WHERE_TEXT,
     .column = "(SELECT o.name FROM organisation o WHERE o.id = r.organisation_id)"},
    {.name = "crop",
     .kind = WHERE_TEXT,
     .main = "r.crop",
     .some = "SELECT 1 FROM revision_crop v WHERE v.revision_id = r.id AND v.crop"},
    {.name = "practice",
     .kind = WHERE_TEXT,
     .main = "r.practice",
     .some = "SELECT 1 FROM revision_practice v WHERE v.revision_id = r.id AND v.practice"},
    {.name = "year", .kind = WHERE_NUMBER, .column = "r.adoption_year"},
    {.name = "survey",
     .kind = WHERE_TEXT,
     .column = "CASE r.survey WHEN 1 THEN 'walked' WHEN 2 THEN 'digitised' WHEN 3 THEN 'cadastral' "
               "ELSE 'imported' END",
     .words = {"imported", "walked", "digitised", "cadastral"}},
    {.name = "code", .kind = WHERE_TEXT, .column = "r.code"},
    {.name = "hectares", .kind = WHERE_NUMBER, .column = "r.area_mm2 / 10000000000.0"},
    {.name = "declared_ha", .kind = WHERE_NUMBER, .column = "r.declared_ha"},
    {.name = "slope_mean_pct", .kind = WHERE_NUMBER, .column = "r.slope_mean_pct"},
    {.name = "slope_p90_pct", .kind = WHERE_NUMBER, .column = "r.slope_p90_pct"},
    {.name = "slope_max_pct", .kind = WHERE_NUMBER, .column = "r.slope_max_pct"},
    {.name = "slope_class",
     .kind = WHERE_TEXT,
     .column = "(SELECT k.code FROM slope_class k WHERE k.position = r.slope_class AND r.layers_change >= "
               "coalesce((SELECT CAST(value AS INTEGER) FROM registry WHERE key = 'slope_change'), 0))"},
    {.name = "corridor",
     .kind = WHERE_TEXT,
     .column = "CASE r.corridor_verdict WHEN 1 THEN 'edge' WHEN 2 THEN 'inside' ELSE 'outside' END",
     .words = {"inside", "edge", "outside"}},
    {.name = "corridor_hectares", .kind = WHERE_NUMBER, .column = "r.corridor_mm2 / 10000000000.0"},
    {.name = "repaired", .kind = WHERE_BOOLEAN, .column = "r.repaired"},
};

/* A region level: the sets of regions are few, so which of them match is asked once for the whole
 * statement. */
#define REGION_SETS                                                                                \
    "SELECT 1 FROM part p WHERE p.revision_id = r.id AND p.region_set IN (SELECT v.region_set_id " \
    "FROM region_set_level v "                                                                     \
    "JOIN layer_feature f ON f.id = v.feature_id WHERE v.level = "

enum { DEPTH_MAX = 64 }; /* of a tree that nobody bounded */

struct compiling {
    struct store *s;
    struct where_sql *out;
    struct arena *arena;
    struct error *e;
    int depth;
};

static enum status bad(struct compiling *c, size_t at, const char *remedy, const char *what,
                       const char *word)
{
    return error_set(c->e, STATUS_USAGE, "bad_filter", remedy,
                     "character %zu of the filter: %s \"%.60s\"", at, what, word);
}

static void put(struct compiling *c, const char *text)
{
    buf_puts(&c->out->text, text);
}

/* "?7" for a new bound value. */
static enum status put_value(struct compiling *c, const struct where_value *v)
{
    struct where_sql *out = c->out;
    if (out->values_n == WHERE_VALUES_MAX)
        return error_set(c->e, STATUS_LIMIT, "filter_too_large", "Ask with a shorter filter.",
                         "The filter has too many values.");
    out->values[out->values_n++] = *v;
    buf_printf(&out->text, "?%d", out->first + out->values_n - 1);
    return STATUS_OK;
}

/* ---- names ---- */

struct level_search {
    const char *wanted;
    char levels[256];
    bool found;
};

static bool note_level(const struct store_layer *l, void *arg)
{
    struct level_search *search = arg;
    if (l->kind != LAYER_REGIONS)
        return true;
    size_t used = strlen(search->levels);
    snprintf(search->levels + used, sizeof search->levels - used, ", %s", l->level);
    search->found = search->found || strcmp(l->level, search->wanted) == 0;
    return true;
}

/* The property of that name; NULL in *out = a region level. */
static enum status property_find(struct compiling *c, const struct where *w,
                                 const struct property **out)
{
    struct level_search search = {.wanted = w->property};
    for (size_t i = 0; i < sizeof PROPERTIES / sizeof *PROPERTIES; i++)
        if (strcmp(w->property, PROPERTIES[i].name) == 0) {
            *out = &PROPERTIES[i];
            return STATUS_OK;
        }
    *out = NULL;
    TRY(store_each_layer(c->s, note_level, &search, c->e));
    if (search.found)
        return STATUS_OK;
    char remedy[320];
    size_t used = (size_t)snprintf(remedy, sizeof remedy, "there are: ");
    for (size_t i = 0; i < sizeof PROPERTIES / sizeof *PROPERTIES; i++)
        used += (size_t)snprintf(remedy + used, sizeof remedy - used, "%s%s", i ? ", " : "",
                                 PROPERTIES[i].name);
    if (used < sizeof remedy)
        snprintf(remedy + used, sizeof remedy - used, "%s", search.levels);
    return bad(c, w->at, remedy, "there is no property", w->property);
}

static enum status check_value(struct compiling *c, const struct where *w, const struct property *p,
                               const struct where_value *v)
{
    enum where_kind kind = p ? p->kind : WHERE_TEXT;
    static const char *const remedies[] = {"compare it with a number, without apostrophes",
                                           "compare it with a text in apostrophes, as in '07059'",
                                           "compare it with TRUE or FALSE"};
    if (v->kind != kind)
        return bad(c, v->at, remedies[kind], "the value does not fit the property", w->property);
    if (!p || !p->words[0] ||
        (w->op != WHERE_EQUAL && w->op != WHERE_NOT_EQUAL && w->op != WHERE_IN))
        return STATUS_OK;
    char remedy[128] = "it is one of:";
    for (int i = 0; p->words[i]; i++) {
        if (strcmp(p->words[i], v->text) == 0)
            return STATUS_OK;
        size_t used = strlen(remedy);
        snprintf(remedy + used, sizeof remedy - used, "%s '%s'", i ? "," : "", p->words[i]);
    }
    return bad(c, v->at, remedy, "the property never has the value", v->text);
}

/* What the values must be for the property and the comparison. */
static enum status check(struct compiling *c, const struct where *w, const struct property *p)
{
    enum where_kind kind = p ? p->kind : WHERE_TEXT;
    bool order = w->op == WHERE_LESS || w->op == WHERE_LESS_EQUAL || w->op == WHERE_GREATER ||
                 w->op == WHERE_GREATER_EQUAL;
    if (w->op == WHERE_LIKE && kind != WHERE_TEXT)
        return bad(c, w->at, "use LIKE with a text", "LIKE cannot be asked of", w->property);
    if (w->op == WHERE_BETWEEN && kind != WHERE_NUMBER)
        return bad(c, w->at, "use BETWEEN with a number, >= and <= with a text",
                   "BETWEEN cannot be asked of", w->property);
    if (order && kind == WHERE_BOOLEAN)
        return bad(c, w->at, "use = TRUE or = FALSE", "there is no order in", w->property);
    for (size_t i = 0; i < w->values_n; i++)
        TRY(check_value(c, w, p, &w->values[i]));
    return STATUS_OK;
}

/* ---- comparisons ---- */

/* A LIKE pattern of CQL2 as one of SQLite's GLOB, which minds the letter case as CQL2 does
 * (SQLite's LIKE does not). */
static enum status glob_of(struct compiling *c, const struct where_value *v,
                           struct where_value *out)
{
    char *glob = arena_alloc(c->arena, strlen(v->text) * 3 + 1), *to = glob;
    if (!glob)
        return error_memory(c->e);
    for (const char *p = v->text; *p; p++) {
        if (*p == '%' || *p == '_') {
            *to++ = *p == '%' ? '*' : '?';
            continue;
        }
        p += *p == '\\' && p[1];
        if (strchr("*?[", *p)) {
            *to++ = '[';
            *to++ = *p;
            *to++ = ']';
        } else {
            *to++ = *p;
        }
    }
    *out = *v;
    out->text = glob;
    return STATUS_OK;
}

/* " = ?1", " IN (?1, ?2)"; WHERE_NOT_EQUAL is written as = here for lists, which negate the whole.
 */
static enum status put_comparison(struct compiling *c, const struct where *w, enum where_op op)
{
    static const char *const signs[] = {
        [WHERE_EQUAL] = " = ",         [WHERE_NOT_EQUAL] = " <> ", [WHERE_LESS] = " < ",
        [WHERE_LESS_EQUAL] = " <= ",   [WHERE_GREATER] = " > ",    [WHERE_GREATER_EQUAL] = " >= ",
        [WHERE_BETWEEN] = " BETWEEN ", [WHERE_IN] = " IN (",       [WHERE_LIKE] = " GLOB "};
    struct where_value glob;
    put(c, signs[op]);
    if (op == WHERE_LIKE) {
        TRY(glob_of(c, &w->values[0], &glob));
        return put_value(c, &glob);
    }
    for (size_t i = 0; i < w->values_n; i++) {
        put(c, !i ? "" : op == WHERE_BETWEEN ? " AND " : ", ");
        TRY(put_value(c, &w->values[i]));
    }
    put(c, op == WHERE_IN ? ")" : "");
    return STATUS_OK;
}

static enum status put_column(struct compiling *c, const struct where *w, const struct property *p)
{
    put(c, p->column);
    if (w->op != WHERE_IS_NULL)
        return put_comparison(c, w, w->op);
    put(c, " IS NULL");
    return STATUS_OK;
}

static enum status put_level(struct compiling *c, const struct where *w)
{
    const struct where_value level = {.kind = WHERE_TEXT, .text = w->property};
    put(c, REGION_SETS);
    TRY(put_value(c, &level));
    put(c, " AND f.key");
    return STATUS_OK;
}

static enum status put_stated(struct compiling *c, const struct where *w, const struct property *p)
{
    if (p) {
        put(c, p->main);
        put(c, " IS NOT NULL");
        return STATUS_OK;
    }
    put(c, "EXISTS (");
    TRY(put_level(c, w));
    put(c, " IS NOT NULL))");
    return STATUS_OK;
}

/* CASE without ELSE: NULL, neither true nor false, when nothing is stated. */
static enum status put_list(struct compiling *c, const struct where *w, const struct property *p)
{
    if (w->op == WHERE_IS_NULL) {
        put(c, "NOT (");
        TRY(put_stated(c, w, p));
        put(c, ")");
        return STATUS_OK;
    }
    put(c, "CASE WHEN ");
    TRY(put_stated(c, w, p));
    enum where_op op = w->op == WHERE_NOT_EQUAL ? WHERE_EQUAL : w->op;
    put(c, w->op == WHERE_NOT_EQUAL ? " THEN NOT (" : " THEN (");
    if (p) {
        put(c, p->main);
        TRY(put_comparison(c, w, op));
        put(c, " OR ");
    }
    put(c, "EXISTS (");
    if (p)
        put(c, p->some);
    else
        TRY(put_level(c, w));
    TRY(put_comparison(c, w, op));
    put(c, p ? ")) END" : "))) END");
    return STATUS_OK;
}

static enum status compile(struct compiling *c, const struct where *w);

static enum status put_children(struct compiling *c, const struct where *w)
{
    for (const struct where *child = w->children; child; child = child->next) {
        if (child != w->children)
            put(c, w->op == WHERE_AND ? " AND " : " OR ");
        TRY(compile(c, child));
    }
    return STATUS_OK;
}

static enum status compile(struct compiling *c, const struct where *w)
{
    const struct property *p;
    if (++c->depth > DEPTH_MAX)
        return error_set(c->e, STATUS_LIMIT, "filter_too_large", "Ask with a shorter filter.",
                         "The filter is nested too deeply.");
    put(c, w->op == WHERE_NOT ? "NOT (" : "(");
    if (w->op == WHERE_AND || w->op == WHERE_OR || w->op == WHERE_NOT) {
        TRY(put_children(c, w));
    } else {
        TRY(property_find(c, w, &p));
        TRY(check(c, w, p));
        TRY(p && p->column ? put_column(c, w, p) : put_list(c, w, p));
    }
    put(c, ")");
    c->depth--;
    return STATUS_OK;
}

enum status where_compile(struct store *s, const struct where *w, const char *before,
                          const char *after, int first, struct arena *a, struct where_sql *out,
                          struct error *e)
{
    struct compiling c = {.s = s, .out = out, .arena = a, .e = e};
    out->first = first;
    out->values_n = 0;
    buf_init(&out->text, 0);
    put(&c, before);
    TRY(compile(&c, w));
    put(&c, after);
    return out->text.failed ? error_memory(e) : STATUS_OK;
}

void where_bind(struct statement *q, const struct where_sql *sql)
{
    for (int i = 0; i < sql->values_n; i++) {
        if (sql->values[i].kind == WHERE_TEXT)
            bind_text(q, sql->first + i, sql->values[i].text);
        else
            bind_real(q, sql->first + i, sql->values[i].number);
    }
}
