/* Parts add up (promise 2): apportioning whole square millimetres. */
#include "tests/check.h"

#include "geo/area.h"

static void known_shares(void **state)
{
    (void)state;
    int64_t out[4];
    area_apportion(100, (double[]){1, 1, 1}, 3, out);
    assert_int_equal(out[0], 34); /* ties go to the lower index */
    assert_int_equal(out[1], 33);
    assert_int_equal(out[2], 33);
    area_apportion(10, (double[]){0.55, 0.25, 0.2}, 3, out);
    assert_int_equal(
        out[0], 6); /* 5.5 and 2.5 share a remainder: the first wins, and takes the one unit left */
    assert_int_equal(out[1], 2);
    assert_int_equal(out[2], 2);
    area_apportion(7, (double[]){0, 3, 0}, 3, out);
    assert_int_equal(out[0], 0);
    assert_int_equal(out[1], 7);
    assert_int_equal(out[2], 0);
}

static void no_weight_at_all(void **state)
{
    (void)state;
    int64_t out[3] = {9, 9, 9};
    area_apportion(42, (double[]){0, 0, 0}, 3, out);
    assert_int_equal(out[0], 0);
    assert_int_equal(out[1], 0);
    assert_int_equal(out[2], 42);
    area_apportion(42, (double[]){NAN, -1, INFINITY}, 3, out);
    assert_int_equal(out[0] + out[1], 0);
    assert_int_equal(out[2], 42);
}

static void one_part_and_large_totals(void **state)
{
    (void)state;
    int64_t out[2];
    area_apportion(INT64_MAX, (double[]){1e-300}, 1, out);
    assert_true(out[0] == INT64_MAX);
    area_apportion(INT64_MAX, (double[]){1e300, 1e300}, 2, out);
    assert_true(out[0] - 1 == out[1] && out[0] + out[1] == INT64_MAX);
    area_apportion(0, (double[]){1, 2}, 2, out);
    assert_true(out[0] == 0 && out[1] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_shares),
                                       cmocka_unit_test(no_weight_at_all),
                                       cmocka_unit_test(one_part_and_large_totals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
