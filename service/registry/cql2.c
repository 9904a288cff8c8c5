/* CQL2 text by recursive descent; see cql2.h. Depth, length and number of values are bounded, so
 * the stack is too. */
#include "service/registry/cql2.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "service/limits.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_QUOTED,
    TOKEN_TEXT,
    TOKEN_NUMBER,
    TOKEN_SIGN,
    TOKEN_BAD
};

struct token {
    enum token_kind kind;
    const char *start;
    size_t length;
    const char *text; /* WORD, QUOTED, TEXT: the contents */
    double number;
};

struct parser {
    const char *all, *rest;
    struct token token; /* the one to be looked at */
    struct arena *arena;
    struct error *error;
    enum status status; /* the first failure */
    int depth, values;
};

/* Characters, not bytes: what a person counts. */
static size_t position(const struct parser *p, const char *at)
{
    size_t n = 1;
    for (const char *c = p->all; c < at; c++)
        n += ((unsigned char)*c & 0xC0) != 0x80;
    return n;
}

static void fail(struct parser *p, const char *expected)
{
    if (p->status != STATUS_OK)
        return;
    const struct token *t = &p->token;
    int shown = t->length > 24 ? 24 : (int)t->length;
    while (shown > 0 && shown < (int)t->length && ((unsigned char)t->start[shown] & 0xC0) == 0x80)
        shown--; /* no half character */
    static const char remedy[] = "write for instance: practice = 'MIAF' AND slope_mean_pct > 20";
    if (t->kind == TOKEN_END)
        p->status = error_set(p->error, STATUS_USAGE, "bad_filter", remedy,
                              "the filter ends at character %zu, where %s was expected",
                              position(p, t->start), expected);
    else
        p->status = error_set(p->error, STATUS_USAGE, "bad_filter", remedy,
                              "character %zu of the filter: %s was expected, not %.*s",
                              position(p, t->start), expected, shown, t->start);
}

static void fail_limit(struct parser *p, int limit, const char *what)
{
    if (p->status == STATUS_OK)
        p->status = error_set(p->error, STATUS_LIMIT, "filter_too_large",
                              "ask with a shorter filter; see /limits",
                              "the filter has more than %d %s", limit, what);
}

static void *need(struct parser *p, void *memory)
{
    if (!memory && p->status == STATUS_OK)
        p->status = error_memory(p->error);
    return memory;
}

/* ---- tokens ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80 || (!first && (is_digit(c) || c == '.'));
}

/* The end of a number at `s`, or `s` when there is none. */
static const char *number_end(const char *s)
{
    const char *c = s + (*s == '+' || *s == '-'), *digits = c;
    while (is_digit(*c))
        c++;
    size_t n = (size_t)(c - digits);
    if (*c == '.') {
        const char *fraction = ++c;
        while (is_digit(*c))
            c++;
        n += (size_t)(c - fraction);
    }
    if (!n)
        return s;
    if (*c == 'e' || *c == 'E') {
        const char *exponent = c + 1 + (c[1] == '+' || c[1] == '-');
        if (is_digit(*exponent)) {
            for (c = exponent; is_digit(*c);)
                c++;
        }
    }
    return is_word(*c, true) ? s : c; /* 12abc is nothing */
}

/* 'text' or "name": the quote twice is the quote itself. */
static void take_quoted(struct parser *p, char quote, enum token_kind kind)
{
    struct token *t = &p->token;
    const char *c = t->start + 1;
    char *out = need(p, arena_alloc(p->arena, strlen(c) + 1)), *to = out;
    if (!out)
        return;
    for (; *c; c++) {
        if (*c == quote && *++c != quote) {
            t->kind = kind;
            t->text = out;
            t->length = (size_t)(c - t->start);
            return;
        }
        *to++ = *c;
    }
    t->kind = TOKEN_BAD;
    t->length = (size_t)(c - t->start);
    fail(p, quote == '\'' ? "a text that ends with an apostrophe"
                          : "a name that ends with a double quote");
}

static void take_sign(struct parser *p)
{
    struct token *t = &p->token;
    const char *c = t->start;
    t->kind = strchr("=<>(),", *c) ? TOKEN_SIGN : TOKEN_BAD;
    t->length = (*c == '<' && (c[1] == '=' || c[1] == '>')) || (*c == '>' && c[1] == '=') ? 2 : 1;
    while (t->kind == TOKEN_BAD && ((unsigned char)c[t->length] & 0xC0) == 0x80)
        t->length++;
}

static void advance(struct parser *p)
{
    struct token *t = &p->token;
    const char *c = p->rest, *end;
    while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r')
        c++;
    *t = (struct token){.kind = TOKEN_END, .start = c};
    if (*c == '\'')
        take_quoted(p, '\'', TOKEN_TEXT);
    else if (*c == '"')
        take_quoted(p, '"', TOKEN_QUOTED);
    else if (is_word(*c, true)) {
        t->kind = TOKEN_WORD;
        while (is_word(c[t->length], false))
            t->length++;
        t->text = need(p, arena_strndup(p->arena, c, t->length));
    } else if ((end = number_end(c)) != c) {
        t->kind = TOKEN_NUMBER;
        t->length = (size_t)(end - c);
        const char *digits = need(p, arena_strndup(p->arena, c, t->length));
        t->number = digits ? strtod(digits, NULL) : 0;
        if (!isfinite(t->number)) {
            t->kind = TOKEN_BAD;
            fail(p, "a number that is not larger than 1.7e308");
        }
    } else if (*c) {
        take_sign(p);
    }
    p->rest = c + t->length;
}

static bool at_sign(const struct parser *p, const char *sign)
{
    return p->status == STATUS_OK && p->token.kind == TOKEN_SIGN &&
           p->token.length == strlen(sign) && strncmp(p->token.start, sign, p->token.length) == 0;
}

static bool at_word(const struct parser *p, const char *word)
{
    return p->status == STATUS_OK && p->token.kind == TOKEN_WORD &&
           strcasecmp(p->token.text, word) == 0;
}

static bool take_if_word(struct parser *p, const char *word)
{
    bool there = at_word(p, word);
    if (there)
        advance(p);
    return there;
}

static void expect_sign(struct parser *p, const char *sign, const char *expected)
{
    if (at_sign(p, sign))
        advance(p);
    else
        fail(p, expected);
}

/* ---- values and names ---- */

static bool is_key_word(const char *word)
{
    static const char *const words[] = {"and",  "or", "not",  "between", "in",
                                        "like", "is", "null", "true",    "false"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool at_property(const struct parser *p)
{
    return p->status == STATUS_OK && (p->token.kind == TOKEN_QUOTED ||
                                      (p->token.kind == TOKEN_WORD && !is_key_word(p->token.text)));
}

static bool at_value(const struct parser *p)
{
    return p->token.kind == TOKEN_TEXT || p->token.kind == TOKEN_NUMBER || at_word(p, "true") ||
           at_word(p, "false");
}

static void take_value(struct parser *p, const char *expected, struct where_value *out)
{
    *out = (struct where_value){
        .kind = WHERE_BOOLEAN, .number = at_word(p, "true"), .at = position(p, p->token.start)};
    if (p->status != STATUS_OK || !at_value(p)) {
        fail(p, expected);
        return;
    }
    if (p->token.kind == TOKEN_TEXT) {
        out->kind = WHERE_TEXT;
        out->text = p->token.text;
    } else if (p->token.kind == TOKEN_NUMBER) {
        out->kind = WHERE_NUMBER;
        out->number = p->token.number;
    }
    if (++p->values > LIMIT_FILTER_VALUES)
        fail_limit(p, LIMIT_FILTER_VALUES, "values");
    advance(p);
}

static const char *take_property(struct parser *p)
{
    const char *name = p->token.text;
    if (at_property(p))
        advance(p);
    else
        fail(p, "the name of a property");
    return name;
}

/* ---- predicates ---- */

static struct where *node_new(struct parser *p, enum where_op op, size_t at)
{
    struct where *w = need(p, arena_alloc(p->arena, sizeof *w));
    if (w)
        *w = (struct where){.op = op, .at = at};
    return w;
}

static struct where_value *values_new(struct parser *p, struct where *w, size_t n)
{
    struct where_value *values = need(p, arena_array(p->arena, n, sizeof *values));
    w->values = values;
    w->values_n = values ? n : 0;
    return values;
}

static bool take_comparison(struct parser *p, enum where_op *op)
{
    static const struct {
        const char *sign;
        enum where_op op;
    } signs[] = {{"=", WHERE_EQUAL},       {"<>", WHERE_NOT_EQUAL}, {"<", WHERE_LESS},
                 {"<=", WHERE_LESS_EQUAL}, {">", WHERE_GREATER},    {">=", WHERE_GREATER_EQUAL}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (at_sign(p, signs[i].sign)) {
            *op = signs[i].op;
            advance(p);
            return true;
        }
    return false;
}

/* 20 < slope_mean_pct is slope_mean_pct > 20. */
static enum where_op turned(enum where_op op)
{
    switch (op) {
    case WHERE_LESS:
        return WHERE_GREATER;
    case WHERE_LESS_EQUAL:
        return WHERE_GREATER_EQUAL;
    case WHERE_GREATER:
        return WHERE_LESS;
    case WHERE_GREATER_EQUAL:
        return WHERE_LESS_EQUAL;
    default:
        return op;
    }
}

static void value_first(struct parser *p, struct where *w)
{
    struct where_value *value = values_new(p, w, 1);
    if (!value)
        return;
    take_value(p, "a value", value);
    if (!take_comparison(p, &w->op))
        fail(p, "=, <>, <, <=, > or >=");
    w->op = turned(w->op);
    w->property = take_property(p);
}

static void between(struct parser *p, struct where *w)
{
    struct where_value *values = values_new(p, w, 2);
    w->op = WHERE_BETWEEN;
    if (!values)
        return;
    take_value(p, "a number", &values[0]);
    if (!take_if_word(p, "and"))
        fail(p, "AND and the second number of BETWEEN");
    take_value(p, "a number", &values[1]);
}

static void in_list(struct parser *p, struct where *w)
{
    struct where_value list[LIMIT_FILTER_VALUES];
    size_t n = 0;
    w->op = WHERE_IN;
    expect_sign(p, "(", "( and a list of values");
    do {
        if (n == LIMIT_FILTER_VALUES) {
            fail_limit(p, LIMIT_FILTER_VALUES, "values");
            return;
        }
        take_value(p, "a value", &list[n++]);
    } while (at_sign(p, ",") && (advance(p), true));
    expect_sign(p, ")", ", or )");
    struct where_value *values = p->status == STATUS_OK ? values_new(p, w, n) : NULL;
    if (values)
        memcpy(values, list, n * sizeof *list);
}

static void property_first(struct parser *p, struct where *w, bool *negated)
{
    struct where_value *value;
    w->property = take_property(p);
    if (take_if_word(p, "is")) {
        *negated = take_if_word(p, "not");
        w->op = WHERE_IS_NULL;
        if (!take_if_word(p, "null"))
            fail(p, "NULL");
        return;
    }
    if (take_comparison(p, &w->op)) {
        if ((value = values_new(p, w, 1)))
            take_value(p, "a value ('text', a number, TRUE or FALSE)", value);
        return;
    }
    *negated = take_if_word(p, "not");
    if (take_if_word(p, "between"))
        between(p, w);
    else if (take_if_word(p, "in"))
        in_list(p, w);
    else if (take_if_word(p, "like")) {
        w->op = WHERE_LIKE;
        if (p->token.kind != TOKEN_TEXT)
            fail(p, "a pattern in apostrophes");
        else if ((value = values_new(p, w, 1)))
            take_value(p, "a pattern", value);
    } else {
        fail(p, *negated ? "BETWEEN, IN or LIKE"
                         : "=, <>, <, <=, >, >=, BETWEEN, IN, LIKE or IS NULL");
    }
}

static struct where *negation(struct parser *p, struct where *of)
{
    struct where *w = of ? node_new(p, WHERE_NOT, of->at) : NULL;
    if (w)
        w->children = of;
    return w;
}

static struct where *predicate(struct parser *p)
{
    bool negated = false;
    struct where *w = node_new(p, WHERE_EQUAL, position(p, p->token.start));
    if (!w)
        return NULL;
    if (at_value(p))
        value_first(p, w);
    else if (at_property(p))
        property_first(p, w, &negated);
    else
        fail(p, "a property, a value, NOT or (");
    return negated ? negation(p, w) : w;
}

/* ---- AND, OR, NOT ---- */

static struct where *any_of(struct parser *p);

static struct where *factor(struct parser *p)
{
    struct where *w;
    if (p->status != STATUS_OK)
        return NULL;
    if (++p->depth > LIMIT_FILTER_DEPTH) {
        fail_limit(p, LIMIT_FILTER_DEPTH, "levels of parentheses and NOT");
        return NULL;
    }
    if (take_if_word(p, "not")) {
        w = negation(p, factor(p));
    } else if (at_sign(p, "(")) {
        advance(p);
        w = any_of(p);
        expect_sign(p, ")", "AND, OR or )");
    } else {
        w = predicate(p);
    }
    p->depth--;
    return w;
}

/* One member, or several with the word between them under one node. */
static struct where *chain(struct parser *p, enum where_op op, const char *word,
                           struct where *(*member)(struct parser *))
{
    struct where *first = member(p), *last = first, *all = NULL;
    while (first && take_if_word(p, word)) {
        if (!all) {
            if (!(all = node_new(p, op, first->at)))
                return NULL;
            all->children = first;
        }
        struct where *w = member(p);
        if (!w)
            return NULL;
        last->next = w;
        last = w;
    }
    return all ? all : first;
}

static struct where *all_of(struct parser *p)
{
    return chain(p, WHERE_AND, "and", factor);
}

static struct where *any_of(struct parser *p)
{
    return chain(p, WHERE_OR, "or", all_of);
}

enum status cql2_parse(const char *text, struct arena *a, const struct where **out, struct error *e)
{
    struct parser p = {.all = text, .rest = text, .arena = a, .error = e};
    *out = NULL;
    if (strlen(text) > LIMIT_FILTER_BYTES) {
        fail_limit(&p, LIMIT_FILTER_BYTES, "bytes");
        return p.status;
    }
    advance(&p);
    struct where *w = any_of(&p);
    if (p.status == STATUS_OK && p.token.kind != TOKEN_END)
        fail(&p, "AND, OR or the end");
    if (p.status == STATUS_OK)
        *out = w;
    return p.status;
}
