/* Fuzz: any text as a CQL2 filter. It is refused with a code, a message and a remedy, or gives a
 * tree that keeps what cql2.h and where.h say; a tree written out again gives the same tree. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "geo/base/buf.h"
#include "service/limits.h"
#include "service/registry/cql2.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void demand(bool ok)
{
    if (!ok)
        abort();
}

static void put_quoted(struct buf *b, char quote, const char *text)
{
    buf_putc(b, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(b, quote);
        buf_putc(b, *text);
    }
    buf_putc(b, quote);
}

static void put_value(struct buf *b, const struct where_value *v)
{
    demand(v->at >= 1 && isfinite(v->number) && (v->kind == WHERE_TEXT) == (v->text != NULL));
    if (v->kind == WHERE_TEXT)
        put_quoted(b, '\'', v->text);
    else if (v->kind == WHERE_NUMBER)
        buf_printf(b, "%.17g", v->number);
    else
        buf_puts(b, v->number == 1 ? "TRUE" : "FALSE");
}

static void put_predicate(struct buf *b, const struct where *w)
{
    static const char *const words[] = {
        [WHERE_EQUAL] = " = ",         [WHERE_NOT_EQUAL] = " <> ", [WHERE_LESS] = " < ",
        [WHERE_LESS_EQUAL] = " <= ",   [WHERE_GREATER] = " > ",    [WHERE_GREATER_EQUAL] = " >= ",
        [WHERE_BETWEEN] = " BETWEEN ", [WHERE_IN] = " IN (",       [WHERE_LIKE] = " LIKE ",
        [WHERE_IS_NULL] = " IS NULL"};
    demand(w->property && !w->children);
    demand(w->op == WHERE_IN ? w->values_n >= 1
                             : w->values_n == (w->op == WHERE_IS_NULL   ? 0u
                                               : w->op == WHERE_BETWEEN ? 2u
                                                                        : 1u));
    demand(w->op != WHERE_LIKE || w->values[0].kind == WHERE_TEXT);
    put_quoted(b, '"', w->property);
    buf_puts(b, words[w->op]);
    for (size_t i = 0; i < w->values_n; i++) {
        buf_puts(b, !i ? "" : w->op == WHERE_BETWEEN ? " AND " : ", ");
        put_value(b, &w->values[i]);
    }
    buf_puts(b, w->op == WHERE_IN ? ")" : "");
}

static void put(struct buf *b, const struct where *w)
{
    demand(w->at >= 1);
    if (w->op != WHERE_AND && w->op != WHERE_OR && w->op != WHERE_NOT) {
        put_predicate(b, w);
        return;
    }
    demand(w->children && !w->property && !w->values_n);
    demand((w->children->next != NULL) == (w->op != WHERE_NOT));
    buf_puts(b, w->op == WHERE_NOT ? "NOT (" : "(");
    for (const struct where *child = w->children; child; child = child->next) {
        put(b, child);
        buf_puts(b, !child->next ? "" : w->op == WHERE_AND ? " AND " : " OR ");
    }
    buf_putc(b, ')');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    struct error e = {.status = STATUS_OK};
    struct buf once, twice;
    const struct where *w;
    char *text = malloc(n + 1);
    if (!text)
        return 0;
    memcpy(text, bytes, n);
    text[n] = 0;
    arena_init(&a, 0);
    buf_init(&once, 0);
    buf_init(&twice, 0);
    enum status status = cql2_parse(text, &a, &w, &e);
    demand(status == STATUS_OK || status == STATUS_USAGE || status == STATUS_LIMIT);
    demand((status == STATUS_OK) == (w != NULL));
    demand(status == STATUS_OK || (e.code[0] && e.message[0] && e.remedy[0]));
    if (w) {
        put(&once, w);
        if (cql2_parse(once.bytes, &a, &w, &e) ==
            STATUS_OK) { /* the parentheses and quotes may pass the limits */
            put(&twice, w);
            demand(strcmp(once.bytes, twice.bytes) == 0);
        } else {
            demand(e.status == STATUS_LIMIT);
        }
    }
    buf_clear(&once);
    buf_clear(&twice);
    arena_clear(&a);
    free(text);
    return 0;
}
