/* CQL2 text into a tree, and what is refused, with the character and the remedy; moments for
 * --as-of. That the trees choose the right plots is tests/property/test_query_model.c. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "geo/base/buf.h"
#include "service/limits.h"
#include "service/registry/as_of.h"
#include "service/registry/cql2.h"

static void show(struct buf *b, const struct where *w)
{
    static const char *const words[] = {
        "AND", "OR", "NOT", "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", "LIKE", "NULL"};
    buf_printf(b, "(%s", words[w->op]);
    if (w->property)
        buf_printf(b, " %s", w->property);
    for (const struct where *child = w->children; child; child = child->next)
        show(b, child);
    for (size_t i = 0; i < w->values_n; i++)
        if (w->values[i].kind == WHERE_TEXT)
            buf_printf(b, " [%s]", w->values[i].text);
        else
            buf_printf(b, w->values[i].kind == WHERE_NUMBER ? " %g" : " b%g", w->values[i].number);
    buf_putc(b, ')');
}

static void trees(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"practice = 'MIAF' AND slope_mean_pct > 20",
         "(AND(= practice [MIAF])(> slope_mean_pct 20))"},
        {"a=1 OR b=2 AND c=3 OR d=4", "(OR(= a 1)(AND(= b 2)(= c 3))(= d 4))"},
        {"(a=1 OR b=2) AND NOT c=3", "(AND(OR(= a 1)(= b 2))(NOT(= c 3)))"},
        {"NOT (a=1 AND b=2)", "(NOT(AND(= a 1)(= b 2)))"},
        {"not a is null and b Is Not Null", "(AND(NOT(NULL a))(NOT(NULL b)))"},
        {"((((a = 'x'))))", "(= a [x])"},
        {"a BETWEEN -1.5 AND +2e1 AND b=1", "(AND(BETWEEN a -1.5 20)(= b 1))"},
        {"a NOT BETWEEN 1 AND 2", "(NOT(BETWEEN a 1 2))"},
        {"a IN ('x','it''s', '')", "(IN a [x] [it's] [])"},
        {"a NOT IN (.5)", "(NOT(IN a 0.5))"},
        {"a LIKE '%\\%_' OR a NOT LIKE ''", "(OR(LIKE a [%\\%_])(NOT(LIKE a [])))"},
        {"a<>1 AND a<=1 AND a>=1", "(AND(<> a 1)(<= a 1)(>= a 1))"},
        {"20 < a", "(> a 20)"},
        {"'x' >= a", "(<= a [x])"},
        {"5 <> a AND TRUE = b AND b = false", "(AND(<> a 5)(= b b1)(= b b0))"},
        {"\"a \"\"b\"\" AND\" = 'c'", "(= a \"b\" AND [c])"},
        {"región='Ñ' AND a.b=1", "(AND(= región [Ñ])(= a.b 1))"},
        {" \t\r\na\n=\t1 ", "(= a 1)"},
        {"a = 'b\\'", "(= a [b\\])"}, /* a backslash is a backslash */
        {"code = '''; DROP TABLE plot; --'", "(= code ['; DROP TABLE plot; --])"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct error e;
        struct buf b;
        const struct where *w;
        arena_init(&a, 0);
        buf_init(&b, 0);
        CHECK_OK(cql2_parse(cases[i][0], &a, &w, &e), e);
        show(&b, w);
        assert_string_equal(b.bytes, cases[i][1]);
        buf_clear(&b);
        arena_clear(&a);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "ends at character 1"},
        {"   ", "ends at character 4"},
        {"a", "ends at character 2"},
        {"a =", "ends at character 4"},
        {"a = 1 AND", "ends at character 10"},
        {"a = 1 b = 2", "character 7 of the filter: AND, OR or the end was expected, not b"},
        {"a = 1)", "character 6 of the filter: AND, OR or the end was expected, not )"},
        {"(a = 1", "ends at character 7, where AND, OR or ) was expected"},
        {"a = b", "character 5"},
        {"1 = 1", "character 5"},
        {"a == 1", "character 4"},
        {"a != 1", "character 3"},
        {"a <=> 1", "character 5"},
        {"a = 1; DROP TABLE plot", "character 6"},
        {"a = 1 -- b", "character 7"},
        {"a = 'x", "character 5"},
        {"a = \"x\"", "character 5"},
        {"\"a = 1", "character 1"},
        {"a = ñ'", "character 5"},
        {"ñandú = 'ñ' ñ", "character 13"}, /* characters, not bytes */
        {"a = 1e999", "character 5"},
        {"a = 0x10", "character 5"},
        {"a = 12abc", "character 5"},
        {"a = +", "character 5"},
        {"a = .", "character 5"},
        {"a + 1 = 2", "character 3"},
        {"casei(a) = 'x'", "character 6"},
        {"a IN ()", "character 7"},
        {"a IN (1,)", "character 9"},
        {"a IN 1", "character 6"},
        {"a LIKE 1", "character 8"},
        {"a LIKE b", "character 8"},
        {"a NOT = 1", "character 7"},
        {"a NOT NULL", "character 7"},
        {"a IS 1", "character 6"},
        {"a BETWEEN 1 OR 2", "character 13"},
        {"a BETWEEN 1", "ends at character 12"},
        {"AND = 1", "character 1"},
        {"a = NULL", "character 5"},
        {"a = 1 AND AND b = 2", "character 11"},
        {"TRUE", "ends at character 5"},
        {"a = DATE('2020-01-01')", "character 5"},
        {"a = 1 AND \x01", "character 11"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct error e;
        const struct where *w;
        arena_init(&a, 0);
        enum status status = cql2_parse(cases[i].text, &a, &w, &e);
        if (status != STATUS_USAGE || !strstr(e.message, cases[i].message))
            print_error("%s: %d %s\n", cases[i].text, status, status ? e.message : "");
        assert_int_equal(status, STATUS_USAGE);
        assert_string_equal(e.code, "bad_filter");
        assert_non_null(strstr(e.message, cases[i].message));
        assert_true(e.remedy[0] && !w);
        arena_clear(&a);
    }
}

/* `n` times `part` between `before` and `after`. */
static enum status repeated(const char *before, const char *part, int n, const char *after,
                            struct error *e)
{
    struct arena a;
    struct buf b;
    const struct where *w;
    arena_init(&a, 0);
    buf_init(&b, 0);
    buf_puts(&b, before);
    for (int i = 0; i < n; i++)
        buf_puts(&b, part);
    buf_puts(&b, after);
    enum status status = cql2_parse(b.bytes, &a, &w, e);
    buf_clear(&b);
    arena_clear(&a);
    return status;
}

static void bounds(void **state)
{
    (void)state;
    struct error e;
    CHECK_OK(repeated("", "(", LIMIT_FILTER_DEPTH - 1, "a=1)))))))))))))))", &e), e);
    assert_int_equal(repeated("", "(", LIMIT_FILTER_DEPTH, "a=1", &e), STATUS_LIMIT);
    assert_int_equal(repeated("", "NOT ", LIMIT_FILTER_DEPTH, "a=1", &e), STATUS_LIMIT);
    assert_string_equal(e.code, "filter_too_large");
    CHECK_OK(repeated("a=0", " OR a=1", LIMIT_FILTER_VALUES - 1, "", &e), e);
    assert_int_equal(repeated("a=0", " OR a=1", LIMIT_FILTER_VALUES, "", &e), STATUS_LIMIT);
    CHECK_OK(repeated("a IN (1", ",1", LIMIT_FILTER_VALUES - 1, ")", &e), e);
    assert_int_equal(repeated("a IN (1", ",1", LIMIT_FILTER_VALUES, ")", &e), STATUS_LIMIT);
    CHECK_OK(repeated("a=1", " ", LIMIT_FILTER_BYTES - 3, "", &e), e);
    assert_int_equal(repeated("a=1", " ", LIMIT_FILTER_BYTES - 2, "", &e), STATUS_LIMIT);
    CHECK_OK(repeated("a=1", " AND (b=2)", 180, "", &e), e); /* wide is not deep */
}

static void moments(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"2026-03-31", "2026-03-31T23:59:59Z"},
                                           {"2024-02-29", "2024-02-29T23:59:59Z"},
                                           {"2026-03-31T18:00:00Z", "2026-03-31T18:00:00Z"},
                                           {"2026-03-31t18:00z", "2026-03-31T18:00:00Z"},
                                           {"2026-03-31 18:00:07.999Z", "2026-03-31T18:00:07Z"},
                                           {"2026-03-31T18:30:00-06:00", "2026-04-01T00:30:00Z"},
                                           {"2026-01-01T00:10:00+05:45", "2025-12-31T18:25:00Z"},
                                           {"1900-01-01", "1900-01-01T23:59:59Z"},
                                           {"9999-12-31", "9999-12-31T23:59:59Z"}};
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-3-1",
                                      "2026-13-01",
                                      "2026-00-10",
                                      "2026-02-29",
                                      "2026-04-31",
                                      "yesterday",
                                      "2026-03-31T",
                                      "2026-03-31T18:00",
                                      "2026-03-31T24:00Z",
                                      "2026-03-31T18:60Z",
                                      "2026-03-31x",
                                      "1899-12-31",
                                      "2026-03-31T18:00+6",
                                      "2026-03-31T18:00:00.Z",
                                      " 2026-03-31",
                                      "2026-03-31T18:00+15:00",
                                      "+026-03-31",
                                      "2026-03-31'",
                                      "9999-12-31T23:00-06:00"};
    char out[AS_OF_MAX];
    struct error e;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_OK(as_of_parse(cases[i][0], out, &e), e);
        assert_string_equal(out, cases[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum status status = as_of_parse(bad[i], out, &e);
        if (status != STATUS_USAGE)
            print_error("%s: %s\n", bad[i], out);
        assert_int_equal(status, STATUS_USAGE);
        assert_string_equal(e.code, "bad_date");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trees), cmocka_unit_test(refused),
                                       cmocka_unit_test(bounds), cmocka_unit_test(moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
