/* Coverage fractions: the vectors C1-C5 of GEO.md 3.7 and vertices and edges on cell borders and
 * corners. */
#include "tests/check.h"

#include <string.h>

#include "geo/slope.h"

enum { CELLS_MAX = 64 };

static void cover(const struct boundary *b, int cols, int rows, double *out)
{
    struct arena a;
    struct error e;
    arena_init(&a, 0);
    CHECK_OK(coverage_fractions(b, cols, rows, out, &a, &e), e);
    arena_clear(&a);
}

/* One ring in both directions: expected cells row by row from the top; exact = no tolerance at all.
 */
static void check_ring(struct lonlat *ring, uint32_t n, int cols, int rows, const double *expected,
                       double tolerance)
{
    for (int direction = 0; direction < 2; direction++) {
        struct boundary b = {ring, (uint32_t[]){n}, (uint32_t[]){1}, n, 1, 1};
        double out[CELLS_MAX];
        cover(&b, cols, rows, out);
        for (int i = 0; i < cols * rows; i++)
            CHECK_NEAR(out[i], expected[i], tolerance);
        for (uint32_t i = 0; i < n / 2; i++) {
            struct lonlat p = ring[i];
            ring[i] = ring[n - 1 - i];
            ring[n - 1 - i] = p;
        }
    }
}

static void c1_rectangle(void **state)
{
    (void)state;
    struct lonlat ring[] = {{0.5, 0.5}, {2.5, 0.5}, {2.5, 1.5}, {0.5, 1.5}, {0.5, 0.5}};
    check_ring(ring, 5, 3, 2, (double[]){0.25, 0.5, 0.25, 0.25, 0.5, 0.25}, 0);
}

static void c2_triangle_through_corners(void **state)
{
    (void)state;
    /* The vector has its origin at the bottom; rows here run down. */
    struct lonlat ring[] = {{0, 3}, {3, 3}, {0, 0}, {0, 3}};
    check_ring(ring, 4, 3, 3, (double[]){0.5, 0, 0, 1, 0.5, 0, 1, 1, 0.5}, 0);
}

static void c3_inside_one_cell(void **state)
{
    (void)state;
    struct lonlat ring[] = {{0.25, 0.25}, {0.5, 0.25}, {0.5, 0.75}, {0.25, 0.75}, {0.25, 0.25}};
    check_ring(ring, 5, 2, 2, (double[]){0.125, 0, 0, 0}, 0);
}

static void c4_hole_of_any_direction(void **state)
{
    (void)state;
    struct lonlat points[] = {{0, 0}, {3, 0}, {3, 3}, {0, 3}, {0, 0},
                              {1, 1}, {2, 1}, {2, 2}, {1, 2}, {1, 1}};
    struct lonlat turned[10];
    memcpy(turned, points, sizeof points);
    for (int i = 0; i < 5; i++)
        turned[5 + i] = points[9 - i];
    struct lonlat *both[] = {points, turned};
    for (int k = 0; k < 2; k++) {
        struct boundary b = {both[k], (uint32_t[]){5, 10}, (uint32_t[]){2}, 10, 2, 1};
        double out[9];
        cover(&b, 3, 3, out);
        for (int i = 0; i < 9; i++)
            assert_true(out[i] == (i == 4 ? 0 : 1));
    }
}

static void c5_cell_aligned(void **state)
{
    (void)state;
    struct lonlat ring[] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {1, 1}};
    check_ring(ring, 5, 3, 3, (double[]){0, 0, 0, 0, 1, 0, 0, 0, 0}, 0);
    /* The same with vertices in the middle of its edges, at thirds that no double holds. */
    struct lonlat many[] = {{1, 1},   {4.0 / 3, 1}, {2, 1},   {2, 5.0 / 3}, {2, 2},
                            {1.1, 2}, {1, 2},       {1, 1.7}, {1, 1}};
    check_ring(many, 9, 3, 3, (double[]){0, 0, 0, 0, 1, 0, 0, 0, 0}, 0);
}

static void no_dust_beside_a_slanted_plot(void **state)
{
    (void)state;
    /* Edges with slopes that never come out even; every cell not touched must be exactly 0, every
     * inner one exactly 1. */
    struct lonlat ring[] = {{1.1, 0.3}, {6.7, 1.2}, {5.9, 6.9}, {0.4, 5.3}, {1.1, 0.3}};
    struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
    double out[64], sum = 0;
    cover(&b, 8, 8, out);
    int zeros = 0, ones = 0;
    for (int i = 0; i < 64; i++) {
        zeros += out[i] == 0;
        ones += out[i] == 1;
        assert_true(out[i] == 0 || out[i] > 1e-6);
        sum += out[i];
    }
    assert_int_equal(zeros, 19); /* counted in exact fractions */
    assert_int_equal(ones, 21);
    CHECK_RELATIVE(sum, fabs(ring_signed_deg2(ring, 5)), 1e-13);
}

static void larger_than_the_grid(void **state)
{
    (void)state;
    struct lonlat all[] = {{-5, -7}, {9, -7}, {9, 8}, {-5, 8}, {-5, -7}};
    check_ring(all, 5, 2, 2, (double[]){1, 1, 1, 1}, 0);
    struct lonlat wedge[] = {
        {-2, 1}, {4, -2}, {4, 4}, {-2, 1}}; /* y = 1 -+ (x + 2) / 2: all of the grid */
    check_ring(wedge, 4, 2, 2, (double[]){1, 1, 1, 1}, 1e-14);
    struct lonlat slice[] = {{-1, 0.5}, {3, 0.5}, {3, 1.25}, {-1, 1.25}, {-1, 0.5}};
    check_ring(slice, 5, 2, 2, (double[]){0.5, 0.5, 0.25, 0.25}, 0);
    struct lonlat beside[] = {{2, 0}, {3, 0}, {3, 2}, {2, 2}, {2, 0}};
    check_ring(beside, 5, 2, 2, (double[]){0, 0, 0, 0}, 0);
}

static void not_finite_is_left_out(void **state)
{
    (void)state;
    struct lonlat ring[] = {{NAN, 0},         {1, INFINITY},  {1, 1},
                            {-INFINITY, 1.5}, {1e300, 1e300}, {NAN, 0}};
    struct boundary b = {ring, (uint32_t[]){6}, (uint32_t[]){1}, 6, 1, 1};
    double out[4];
    cover(&b, 2, 2, out);
    for (int i = 0; i < 4; i++)
        assert_true(out[i] >= 0 && out[i] <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c1_rectangle),         cmocka_unit_test(c2_triangle_through_corners),
        cmocka_unit_test(c3_inside_one_cell),   cmocka_unit_test(c4_hole_of_any_direction),
        cmocka_unit_test(c5_cell_aligned),      cmocka_unit_test(no_dust_beside_a_slanted_plot),
        cmocka_unit_test(larger_than_the_grid), cmocka_unit_test(not_finite_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
