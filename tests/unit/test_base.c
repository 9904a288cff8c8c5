/* The base that everything stands on: buffers, number text, JSON strings, arenas, errors. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "geo/base/arena.h"
#include "geo/base/buf.h"
#include "geo/base/error.h"

static void fixed_numbers(void **state)
{
    (void)state;
    static const struct { int64_t value; int decimals; int trim; const char *text; } cases[] = {
        {1250, 3, 1, "1.25"}, {1000, 3, 1, "1"}, {-5, 1, 0, "-0.5"}, {0, 4, 0, "0.0000"}, {0, 4, 1, "0"},
        {-1, 10, 1, "-0.0000000001"}, {INT64_MIN, 0, 0, "-9223372036854775808"}, {7, 0, 1, "7"}, {1200, 0, 1, "1200"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_fixed(&b, cases[i].value, cases[i].decimals, cases[i].trim);
        assert_string_equal(b.bytes, cases[i].text);
        buf_clear(&b);
    }
}

static void json_text(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_putc(&b, '{');
    buf_json_key(&b, "a");
    buf_json_string(&b, "ñ\"\\\n<\xFF");
    buf_json_key(&b, "b");
    buf_double(&b, NAN, 3);
    buf_putc(&b, '}');
    assert_string_equal(b.bytes, "{\"a\":\"ñ\\\"\\\\\\u000a\\u003c\xEF\xBF\xBD\",\"b\":null}");
    buf_clear(&b);
}

static void buffer_limit(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_puts(&b, "1234");
    assert_false(b.failed);
    buf_putc(&b, '5');
    assert_true(b.failed);
    assert_string_equal(b.bytes, "1234");
    buf_clear(&b);
}

static void arena_memory(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int i = 0; i < 100; i++) {
        char *p = arena_alloc(&a, (size_t)i * 37);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        memset(p, i, (size_t)i * 37);
    }
    assert_null(arena_alloc(&a, 2 << 20));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 10));
    arena_clear(&a);
}

static void errors(void **state)
{
    (void)state;
    struct error e;
    assert_int_equal(error_set(&e, STATUS_LIMIT, "too_big", "make it smaller", "%d is too big", 7), STATUS_LIMIT);
    assert_string_equal(e.message, "7 is too big");
    assert_string_equal(e.remedy, "make it smaller");
    assert_int_equal(error_set(NULL, STATUS_IO, "x", NULL, "y"), STATUS_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixed_numbers), cmocka_unit_test(json_text),
                                       cmocka_unit_test(buffer_limit), cmocka_unit_test(arena_memory),
                                       cmocka_unit_test(errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
