/* Outlines of random grids, from sparse to checkerboards: valid, the cells and nothing else, every
 * side an edge. */
#include "tests/check.h"

#include <stdlib.h>

#include "geo/grid_outline.h"
#include "geo/overlay/overlay.h"
#include "tests/property/random.h"

enum { SIDE = 24, GRIDS = 400 };

static double cells_area(const struct boundary *b)
{
    double sum = 0;
    for (uint32_t part = 0; part < b->parts_n; part++)
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            double area = fabs(ring_signed_deg2(b->points + start, b->ring_end[ring] - start));
            sum += ring == boundary_part_start(b, part) ? area : -area;
        }
    return sum;
}

/* Sides between the value and something else. */
static int sides(const int32_t *cells, int cols, int rows)
{
    int n = 0;
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++) {
            if (cells[row * cols + col] != 1)
                continue;
            n += col == 0 || cells[row * cols + col - 1] != 1;
            n += col == cols - 1 || cells[row * cols + col + 1] != 1;
            n += row == 0 || cells[(row - 1) * cols + col] != 1;
            n += row == rows - 1 || cells[(row + 1) * cols + col] != 1;
        }
    return n;
}

static void check_grid(struct geo_context *g, struct arena *a, const int32_t *cells, int cols,
                       int rows)
{
    struct value_grid grid = {cells, cols, rows};
    struct boundary b;
    struct error e = {0};
    struct validity v;
    int count = 0;
    arena_reset(a);
    CHECK_OK(grid_outline(&grid, 1, a, &b, &e), e);
    for (int i = 0; i < cols * rows; i++)
        count += cells[i] == 1;
    if (!count) {
        assert_int_equal(b.points_n, 0);
        return;
    }
    assert_int_equal(b.points_n, (uint32_t)sides(cells, cols, rows) + b.rings_n);
    CHECK_NEAR(cells_area(&b), count, 0);
    CHECK_OK(validity_test(g, &b, &v, &e), e);
    if (!v.valid)
        print_error("%s at %g %g\n", v.reason, v.spot.lon, v.spot.lat);
    assert_true(v.valid);
    for (int i = 0; i < cols * rows; i++)
        assert_int_equal(boundary_contains(&b, (struct lonlat){i % cols + 0.5, i / cols + 0.5}),
                         cells[i] == 1);
    for (uint32_t i = 0; i + 1 < b.points_n; i++)
        if (b.points[i + 1].lon != b.points[i].lon || b.points[i + 1].lat != b.points[i].lat)
            for (uint32_t r = 0; r < b.rings_n; r++)
                if (i >= boundary_ring_start(&b, r) && i + 1 < b.ring_end[r])
                    CHECK_NEAR(fabs(b.points[i + 1].lon - b.points[i].lon) +
                                   fabs(b.points[i + 1].lat - b.points[i].lat),
                               1, 0);
}

static void random_grids(void **state)
{
    (void)state;
    struct geo_context *g = geo_context_new();
    struct arena a;
    int32_t cells[SIDE * SIDE];
    arena_init(&a, 0);
    random_seed(20260411);
    for (int n = 0; n < GRIDS; n++) {
        int cols = 1 + (int)random_below(SIDE), rows = 1 + (int)random_below(SIDE);
        double share = random_between(0.02, 0.98);
        for (int i = 0; i < cols * rows; i++)
            cells[i] = random_between(0, 1) < share ? 1 : (int32_t)random_below(2) * 2;
        check_grid(g, &a, cells, cols, rows);
    }
    for (int i = 0; i < SIDE * SIDE; i++)
        cells[i] = (i % SIDE + i / SIDE) % 2;
    check_grid(g, &a, cells, SIDE, SIDE);
    arena_clear(&a);
    geo_context_free(g);
}

/* Two holes that touch, a hole that touches the outside, an island in a hole. */
static void by_hand(void **state)
{
    (void)state;
    static const char *const drawn[] = {"#######", "#.#####", "##.##.#", "#######", "####...",
                                        "####.#.", "####...", "#.#####", "#######", ".######"};
    struct geo_context *g = geo_context_new();
    struct arena a;
    int32_t cells[70];
    struct boundary b;
    struct error e = {0};
    arena_init(&a, 0);
    for (int i = 0; i < 70; i++)
        cells[i] = drawn[i / 7][i % 7] == '#';
    check_grid(g, &a, cells, 7, 10);
    struct value_grid grid = {cells, 7, 10};
    CHECK_OK(grid_outline(&grid, 1, &a, &b, &e), e);
    assert_int_equal(b.parts_n, 2); /* the ground and the island */
    assert_int_equal(b.rings_n, 2 + 4);
    arena_clear(&a);
    geo_context_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_grids), cmocka_unit_test(by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
