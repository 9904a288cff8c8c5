/* Slopes: the vectors S1-S3 of GEO.md 3.3, percentiles of 3.6, statistics of 3.7 C6, class tables,
 * and grids with holes. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "geo/slope.h"

enum { SIDE = 12 };

/* A square grid of SIDE cells in metres with its south-west corner at 0,0. */
struct field {
    float z[SIDE * SIDE];
    double unit[SIDE];
    struct slope_grid grid;
};

static void field_init(struct field *f, double cell_m)
{
    for (int i = 0; i < SIDE; i++)
        f->unit[i] = 1;
    f->grid = (struct slope_grid){0,    SIDE * cell_m, cell_m,  cell_m,  SIDE,
                                  SIDE, f->z,          f->unit, f->unit, NULL};
}

static double cell_x(const struct field *f, int col)
{
    return f->grid.west + (col + 0.5) * f->grid.cell_x;
}

static double cell_y(const struct field *f, int row)
{
    return f->grid.north - (row + 0.5) * f->grid.cell_y;
}

static struct slope_stats zonal_by(enum slope_kernel kernel, const struct slope_grid *grid,
                                   struct lonlat *ring, uint32_t n)
{
    struct slope_class_table table;
    struct error e;
    struct arena a;
    struct slope_stats stats;
    struct slope_sum sum;
    arena_init(&a, 0);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    struct boundary b = {ring, &n, (uint32_t[]){1}, n, 1, 1};
    CHECK_OK(slope_sum_init(&sum, &table, (size_t)grid->cols * (size_t)grid->rows, &a, &e), e);
    sum.kernel = kernel;
    CHECK_OK(slope_sum_add(&sum, grid, &b, &a, &e), e);
    CHECK_OK(slope_sum_end(&sum, slope_plot_cells(&b, grid->cell_x, grid->cell_y),
                           grid->cell_x * grid->cell_y, &a, &stats, &e),
             e);
    if (kernel == SLOPE_HORN) { /* the short way is the same */
        struct slope_stats whole;
        CHECK_OK(slope_zonal(grid, &b, &table, &a, &whole, &e), e);
        assert_true(whole.covered == stats.covered);
        assert_true(whole.mean_pct == stats.mean_pct ||
                    (isnan(whole.mean_pct) && isnan(stats.mean_pct)));
    }
    arena_clear(&a);
    double classes = 0;
    for (int i = 0; i < table.classes_n; i++)
        classes += stats.class_weight[i];
    CHECK_RELATIVE(classes, stats.covered, 1e-14);
    return stats;
}

static struct slope_stats zonal(const struct slope_grid *grid, struct lonlat *ring, uint32_t n)
{
    return zonal_by(SLOPE_HORN, grid, ring, n);
}

static void s1_plane(void **state)
{
    (void)state;
    struct field f;
    field_init(&f, 30);
    for (int i = 0; i < SIDE * SIDE; i++)
        f.z[i] = (float)(0.3 * cell_x(&f, i % SIDE) + 0.4 * cell_y(&f, i / SIDE));
    struct lonlat ring[] = {{47, 51}, {250, 66}, {233, 190}, {120, 130}, {61, 240}, {47, 51}};
    for (int kernel = 0; kernel < SLOPE_KERNELS_N; kernel++) {
        struct slope_stats s = zonal_by((enum slope_kernel)kernel, &f.grid, ring, 6);
        CHECK_NEAR(s.mean_pct, 50, 1e-4);
        CHECK_NEAR(s.max_pct, 50, 1e-4);
        CHECK_NEAR(s.p10_pct, 50, 1e-4);
        CHECK_NEAR(s.p90_pct, 50, 1e-4);
        CHECK_NEAR(s.surface_factor, sqrt(1.25), 1e-6);
        CHECK_RELATIVE(s.covered, fabs(ring_signed_deg2(ring, 6)), 1e-12);
        assert_true(s.nodata == 0 && s.nodata_share == 0);
        CHECK_RELATIVE(s.class_weight[8], s.covered, 1e-14); /* 30-60 % */
    }
}

static void s2_burrough(void **state)
{
    (void)state;
    double z[] = {50, 45, 50, 30, 30, 30, 8, 10, 10};
    CHECK_NEAR(slope_horn_pct(z, 5, 5), 380.0329, 5e-5);
    for (int i = 0; i < 9; i++) {
        double hole[9];
        memcpy(hole, z, sizeof z);
        hole[i] = NAN;
        assert_true(isnan(slope_horn_pct(hole, 5, 5)));
        /* Zevenbergen and Thorne do not look at the corners. */
        double east, north;
        bool corner = i != 4 && i % 2 == 0;
        assert_int_equal(
            !isnan(slope_gradient(SLOPE_ZEVENBERGEN_THORNE, hole, 5, 5, &east, &north)), corner);
    }
    double east, north;
    CHECK_NEAR(slope_gradient(SLOPE_HORN, z, 5, 5, &east, &north), 380.0329, 5e-5);
    CHECK_NEAR(atan(slope_horn_pct(z, 5, 5) / 100) * 180 / M_PI, 75.2576, 1e-4);
    CHECK_NEAR(slope_gradient(SLOPE_ZEVENBERGEN_THORNE, z, 5, 5, &east, &north), 350, 1e-12);
    assert_true(east == 0 && north == 350);
}

/* The same neighbourhood through a grid and a plot of one cell. */
static void s2_through_a_plot(void **state)
{
    (void)state;
    const float z[] = {50, 45, 50, 30, 30, 30, 8, 10, 10};
    const double unit[] = {1, 1, 1};
    struct slope_grid g = {0, 15, 5, 5, 3, 3, z, unit, unit, NULL};
    struct lonlat cell[] = {{5, 5}, {10, 5}, {10, 10}, {5, 10}, {5, 5}};
    CHECK_NEAR(zonal_by(SLOPE_HORN, &g, cell, 5).mean_pct, 380.0329, 5e-5);
    CHECK_NEAR(zonal_by(SLOPE_ZEVENBERGEN_THORNE, &g, cell, 5).mean_pct, 350, 1e-12);
}

static void kernels_by_name(void **state)
{
    (void)state;
    enum slope_kernel k;
    for (int i = 0; i < SLOPE_KERNELS_N; i++) {
        assert_true(slope_kernel_parse(slope_kernel_code((enum slope_kernel)i), &k));
        assert_int_equal(k, i);
    }
    assert_true(slope_kernel_parse("Zevenbergen-Thorne", &k) && k == SLOPE_ZEVENBERGEN_THORNE);
    assert_true(slope_kernel_parse("zt", &k) && k == SLOPE_ZEVENBERGEN_THORNE);
    assert_true(slope_kernel_parse("HORN", &k) && k == SLOPE_HORN);
    assert_false(slope_kernel_parse("", &k) || slope_kernel_parse("horn1", &k));
    assert_string_equal(slope_kernel_name(SLOPE_ZEVENBERGEN_THORNE), "Zevenbergen and Thorne 1987");
}

/* S3: a plane rising 30 % in ground metres on a 1" geographic grid, at many azimuths and latitudes.
 * Heights are doubles rounded to float relative to the middle, as the grid stores them. */
static void s3_geographic_plane(void **state)
{
    (void)state;
    static const double latitudes[] = {0, 10, 16.7, 30, 45, 60, 70, 80, -33};
    for (size_t l = 0; l < sizeof latitudes / sizeof *latitudes; l++) {
        for (int azimuth = 0; azimuth < 360; azimuth += 30) {
            struct field f;
            double unit_x[SIDE], unit_y[SIDE], cell = 1.0 / 3600;
            f.grid = (struct slope_grid){
                -92, latitudes[l] + SIDE / 2 * cell, cell, cell, SIDE, SIDE, f.z, unit_x, unit_y,
                NULL};
            double east0, north0;
            ground_m_per_degree(latitudes[l], &east0, &north0);
            for (int row = 0; row < SIDE; row++)
                ground_m_per_degree(cell_y(&f, row), &unit_x[row], &unit_y[row]);
            /* The rise itself in metres along the middle parallel and the meridian. */
            for (int i = 0; i < SIDE * SIDE; i++) {
                double east = (cell_x(&f, i % SIDE) + 92) * east0,
                       north = (cell_y(&f, i / SIDE) - latitudes[l]) * north0;
                f.z[i] = (float)(0.3 * (east * sin(azimuth * M_PI / 180) +
                                        north * cos(azimuth * M_PI / 180)));
            }
            int middle = SIDE / 2;
            double z[9];
            for (int i = 0; i < 9; i++)
                z[i] = (double)f.z[(middle + i / 3 - 1) * SIDE + middle + i % 3 - 1];
            double slope = slope_horn_pct(z, cell * unit_x[middle], cell * unit_y[middle]);
            /* The middle row lies half a cell below the reference: cos(lat) differs by 2.4e-6
             * tan(lat). */
            CHECK_NEAR(slope, 30, 1e-4 + 30 * 2.5e-6 * fabs(tan(latitudes[l] * M_PI / 180)));
        }
    }
}

static void metres_per_degree(void **state)
{
    (void)state;
    double east, north;
    ground_m_per_degree(16.70, &east, &north);
    CHECK_NEAR(east, 106653.795, 5e-4);
    CHECK_NEAR(north, 110666.027, 5e-4);
    ground_m_per_degree(90, &east, &north);
    assert_true(east == 0);
}

/* GEO.md 3.6: a sliver must not move a percentile. */
static void percentiles(void **state)
{
    (void)state;
    double values[] = {1, 3, 4, 10}, weights[] = {0.5, 1, 0.25, 1e-9};
    for (double q = 0.05; q < 0.925; q += 0.05)
        CHECK_NEAR(percentile_weighted(values, weights, 4, q),
                   percentile_weighted(values, weights, 3, q), 9e-8);
    CHECK_NEAR(percentile_weighted(values, weights, 3, 0.5),
               1 + 2 * (0.5 - 0.25 / 1.75) / (0.75 / 1.75), 1e-14);
    assert_true(percentile_weighted(values, weights, 3, 0) == 1);
    assert_true(percentile_weighted(values, weights, 3, 1) == 4);
    assert_true(isnan(percentile_weighted(values, weights, 0, 0.5)));
    /* Hazen (type 5) for equal weights: R quantile(c(1,2,3,4,5), type=5). */
    double five[] = {1, 2, 3, 4, 5}, equal[] = {2, 2, 2, 2, 2};
    CHECK_NEAR(percentile_weighted(five, equal, 5, 0.5), 3, 1e-15);
    CHECK_NEAR(percentile_weighted(five, equal, 5, 0.25), 1.75, 1e-15);
    CHECK_NEAR(percentile_weighted(five, equal, 5, 0.9), 5, 1e-15);
    CHECK_NEAR(percentile_weighted(five, equal, 5, 0.1), 1, 1e-15);
}

/* A plot that only just touches a cliff: the sliver counts in the sums, not in the maximum. */
static void slivers_are_not_the_maximum(void **state)
{
    (void)state;
    struct field f;
    field_init(&f, 10);
    for (int i = 0; i < SIDE * SIDE; i++)
        f.z[i] = i % SIDE >= 8 ? 1000
                               : (float)(i % SIDE); /* 10 %, then a cliff between columns 7 and 8 */
    struct lonlat ring[] = {{20, 20}, {70 + 5e-6, 20}, {70 + 5e-6, 80}, {20, 80}, {20, 20}};
    struct slope_stats s = zonal(&f.grid, ring, 5);
    CHECK_NEAR(s.max_pct, 10, 1e-5);
    CHECK_NEAR(s.p90_pct, 10, 1e-5);
    assert_true(s.class_weight[9] > 0); /* over 60 % */
    ring[1].lon = ring[2].lon = 71;
    assert_true(zonal(&f.grid, ring, 5).max_pct > 1000);
    /* Nothing but a sliver. */
    struct lonlat thin[] = {{30, 20}, {30 + 5e-6, 20}, {30 + 5e-6, 80}, {30, 80}, {30, 20}};
    s = zonal(&f.grid, thin, 5);
    CHECK_NEAR(s.max_pct, 10, 1e-5);
    CHECK_NEAR(s.mean_pct, 10, 1e-5);
}

/* GEO.md 3.7 C6 with its weights: the ground of a cell in row 1 .. 4 is 5 .. 8 m2. */
static void c6_cells_of_other_sizes(void **state)
{
    (void)state;
    struct field f;
    double unit_x[SIDE], unit_y[SIDE];
    field_init(&f, 1);
    f.grid.unit_x_m = unit_x;
    f.grid.unit_y_m = unit_y;
    for (int row = 0; row < SIDE; row++) {
        unit_x[row] = 4 + row;
        unit_y[row] = 1;
        for (int col = 0; col < SIDE; col++) /* row r rises r % of ground to the east; every row at
                                                0 in column 5, Zevenbergen-Thorne in column 5 */
            f.z[row * SIDE + col] = (float)((col - 5) * unit_x[row] * row / 100.0);
    }
    /* Half of row 1, nothing of 2, all of 3, a quarter of 4, in column 5. */
    double top = SIDE;
    struct lonlat points[] = {{5, top - 1.5}, {6, top - 1.5},  {6, top - 1},    {5, top - 1},
                              {5, top - 1.5}, {5, top - 4.25}, {6, top - 4.25}, {6, top - 3},
                              {5, top - 3},   {5, top - 4.25}};
    struct boundary b = {points, (uint32_t[]){5, 10}, (uint32_t[]){1, 2}, 10, 2, 2};
    struct slope_class_table table;
    struct slope_sum sum;
    struct slope_stats s;
    struct error e;
    struct arena a;
    arena_init(&a, 0);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    CHECK_OK(slope_sum_init(&sum, &table, 4, &a, &e), e);
    sum.kernel = SLOPE_ZEVENBERGEN_THORNE;
    CHECK_OK(slope_sum_add(&sum, &f.grid, &b, &a, &e), e);
    CHECK_NEAR(sum.cells, 1.75, 1e-14);
    CHECK_NEAR(sum.data_m2, 11.5, 1e-13);
    CHECK_NEAR(sum.slope_m2, 31.5, 1e-6);
    CHECK_OK(slope_sum_end(&sum, slope_plot_cells(&b, 1, 1), 1, &a, &s, &e), e);
    CHECK_NEAR(s.mean_pct, 2.7391, 5e-5);
    CHECK_NEAR(s.mean_pct, 31.5 / 11.5, 1e-6);
    arena_clear(&a);
}

/* GEO.md 3.7 C6 by its means: values 1 2 3 4 as slopes, coverage .5 0 1 .25 with cells of equal
 * size. */
static void c6_weighted_mean(void **state)
{
    (void)state;
    double values[] = {1, 3, 4}, weights[] = {0.5, 1, 0.25}, sum = 0, weight = 0;
    for (int i = 0; i < 3; i++) {
        sum += values[i] * weights[i];
        weight += weights[i];
    }
    CHECK_NEAR(sum, 4.5, 0);
    CHECK_NEAR(weight, 1.75, 0);
    /* The spread of the vector, though no figure of Parcela's shows it. */
    double mean = sum / weight, spread = 0;
    for (int i = 0; i < 3; i++)
        spread += weights[i] * (values[i] - mean) * (values[i] - mean) / weight;
    CHECK_NEAR(spread, 1.10, 5e-3);
    CHECK_NEAR(sqrt(spread), 1.05, 5e-3);
    CHECK_NEAR(sqrt(spread) / mean, 0.41, 5e-3);
    /* The same through slope_zonal: columns that rise by 1, 2, 3, 4 % per cell pair, one row thick
     * plot. */
    struct field f;
    field_init(&f, 10);
    double height = 0;
    for (int col = 0; col < SIDE; col++) {
        /* central differences: z[c+1] - z[c-1] = 20 m x slope, with slope = c % in column c */
        for (int row = 0; row < SIDE; row++)
            f.z[row * SIDE + col] =
                (float)(0.05 * col * col); /* slope in column c = 0.1 c / 10 m = c % */
        height += 1;
    }
    (void)height;
    /* Columns 1..4 have 1..4 %: half of column 1, nothing of 2, all of 3, a quarter of 4, on a
     * row's height. */
    struct lonlat points[] = {{15, 50}, {20, 50},   {20, 60},   {15, 60}, {15, 50},
                              {30, 50}, {42.5, 50}, {42.5, 60}, {30, 60}, {30, 50}};
    struct boundary b = {points, (uint32_t[]){5, 10}, (uint32_t[]){1, 2}, 10, 2, 2};
    struct slope_class_table table;
    struct error e;
    struct arena a;
    struct slope_stats s;
    arena_init(&a, 0);
    CHECK_OK(slope_table_shipped("GAEZ_2000", &table, &e), e);
    CHECK_OK(slope_zonal(&f.grid, &b, &table, &a, &s, &e), e);
    CHECK_NEAR(s.covered, 175, 1e-12);
    CHECK_NEAR(s.mean_pct, 2.571429, 1e-6);
    CHECK_NEAR(s.max_pct, 4, 1e-5);
    CHECK_NEAR(s.class_weight[0], 50, 1e-12);
    CHECK_NEAR(s.class_weight[1], 125, 1e-12);
    arena_clear(&a);
}

static void holes_and_outside_are_no_data(void **state)
{
    (void)state;
    struct field f;
    field_init(&f, 10);
    for (int i = 0; i < SIDE * SIDE; i++)
        f.z[i] = (float)(i % SIDE); /* 10 % */
    f.z[5 * SIDE + 5] = NAN;        /* spoils 3 x 3 cells: 40..70 x 50..80 */
    struct lonlat square[] = {{20, 20}, {100, 20}, {100, 100}, {20, 100}, {20, 20}};
    struct slope_stats s = zonal(&f.grid, square, 5);
    CHECK_NEAR(s.nodata, 900, 1e-9);
    CHECK_NEAR(s.covered, 5500, 1e-9);
    CHECK_NEAR(s.nodata_share, 900.0 / 6400, 1e-14);
    CHECK_NEAR(s.mean_pct, 10, 1e-5);
    /* The rim has no slope and counts as outside. */
    struct lonlat partly[] = {{100, 20}, {130, 20}, {130, 30}, {100, 30}, {100, 20}};
    s = zonal(&f.grid, partly, 5);
    CHECK_NEAR(s.covered, 100, 1e-9);
    CHECK_NEAR(s.nodata, 200, 1e-9);
    struct lonlat away[] = {{500, 500}, {530, 500}, {530, 510}, {500, 510}, {500, 500}};
    s = zonal(&f.grid, away, 5);
    assert_true(s.covered == 0 && s.nodata_share == 1 && isnan(s.mean_pct) && isnan(s.p50_pct) &&
                isnan(s.max_pct));
    CHECK_NEAR(s.nodata, 300, 1e-9);
}

static void class_tables(void **state)
{
    (void)state;
    struct slope_class_table t;
    struct error e;
    CHECK_OK(slope_table_shipped("FAO_2006", &t, &e), e);
    assert_int_equal(t.classes_n, 10);
    assert_string_equal(t.classes[7].code, "08");
    assert_string_equal(t.classes[7].name_en, "moderately steep");
    assert_non_null(strstr(t.source, "FAO 2006, Guidelines"));
    assert_int_equal(slope_class_of(&t, 0), 0);
    assert_int_equal(slope_class_of(&t, 15), 7);
    assert_int_equal(slope_class_of(&t, 14.999999), 6);
    assert_int_equal(slope_class_of(&t, 1e9), 9);
    assert_int_equal(slope_class_of(&t, NAN), 0);
    CHECK_OK(slope_table_shipped("GAEZ_2000", &t, &e), e);
    assert_int_equal(t.classes_n, 7);
    assert_string_equal(t.classes[6].name_es, "más de 45 %");
    CHECK_OK(slope_table_shipped("MIAF_20", &t, &e), e);
    assert_int_equal(t.classes_n, 2);
    assert_int_equal(slope_table_shipped("USDA", &t, &e), STATUS_NOT_FOUND);
    assert_string_equal(e.code, "slope_table_unknown");
}

static void class_tables_of_users(void **state)
{
    (void)state;
    struct slope_class_table t;
    struct error e;
    CHECK_OK(slope_table_parse(
                 "h\r\nT,a,0,\"one, \"\"flat\"\"\",uno,src\r\n\r\nU,x,0,,,\nT,b,7.5,two,dos,src",
                 "T", &t, &e),
             e);
    assert_int_equal(t.classes_n, 2);
    assert_string_equal(t.classes[0].name_en, "one, \"flat\"");
    assert_string_equal(t.source, "src");
    CHECK_NEAR(t.classes[1].from_pct, 7.5, 0);
    static const char *const bad[] = {
        "h\nT,a,0,one,uno\n",
        "h\nT,a,0,\"one,uno,src\n",
        "h\nT,a,1,one,uno,src\n",
        "h\nT,a,zero,one,uno,src\n",
        "h\nT,a,0,,,\nT,b,0,,,\n",
        "h\nT,,0,,,\n",
        "h\nT,a-code-that-is-too-long,0,,,\n",
        "h\nT\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(slope_table_parse(bad[i], "T", &t, &e), STATUS_INVALID);
        assert_non_null(strstr(e.message, "line"));
    }
    assert_int_equal(slope_table_parse("", "T", &t, &e), STATUS_NOT_FOUND);
    assert_int_equal(slope_table_parse("", "a-table-name-that-is-far-too-long", &t, &e),
                     STATUS_NOT_FOUND);
}

/* Strips give what one window gives, also when samples are merged. */
static void strips_are_one(void **state)
{
    (void)state;
    enum { W = 700, H = 700 };
    float *z = malloc(sizeof *z * W * H);
    double *unit = malloc(sizeof *unit * H);
    struct arena a;
    struct error e;
    struct slope_class_table table;
    arena_init(&a, 0);
    for (int i = 0; i < H; i++)
        unit[i] = 1;
    for (int i = 0; i < W * H; i++)
        z[i] = (float)(300 * sin(i % W * 0.02) * cos(i / W * 0.013));
    struct slope_grid grid = {0, H, 1, 1, W, H, z, unit, unit, NULL};
    struct lonlat ring[] = {{5.5, 7.1}, {690.3, 2.2}, {650.1, 695.4}, {20.8, 655.5}, {5.5, 7.1}};
    struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
    struct slope_stats whole, pieces;
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    CHECK_OK(slope_zonal(&grid, &b, &table, &a, &whole, &e), e);
    struct slope_sum sum;
    CHECK_OK(slope_sum_init(&sum, &table, (size_t)W * H, &a, &e), e);
    assert_int_equal(sum.samples_max, SLOPE_SAMPLES_MAX);
    for (int row = 1; row < H - 1; row += 100) {
        int rows = row + 100 < H - 1 ? 102 : H - row + 1;
        struct slope_grid strip = {0,    H - (row - 1), 1,   1, W, rows, z + (size_t)(row - 1) * W,
                                   unit, unit,          NULL};
        CHECK_OK(slope_sum_add(&sum, &strip, &b, &a, &e), e);
    }
    CHECK_OK(slope_sum_end(&sum, slope_plot_cells(&b, 1, 1), 1, &a, &pieces, &e), e);
    CHECK_RELATIVE(pieces.covered, whole.covered, 1e-12);
    CHECK_RELATIVE(pieces.mean_pct, whole.mean_pct, 1e-12);
    CHECK_RELATIVE(pieces.max_pct, whole.max_pct, 0);
    CHECK_NEAR(pieces.nodata_share, whole.nodata_share, 1e-12);
    CHECK_RELATIVE(pieces.p50_pct, whole.p50_pct, 1e-5);
    /* Against all samples, unmerged. */
    size_t n = 0;
    struct slope_sum all = {.table = &table, .max_pct = -1, .samples_max = (size_t)W * H};
    all.samples = arena_array(&a, all.samples_max, sizeof *all.samples);
    CHECK_OK(slope_sum_add(&all, &grid, &b, &a, &e), e);
    n = all.samples_n;
    assert_true(n > SLOPE_SAMPLES_MAX);
    struct slope_stats exact;
    CHECK_OK(slope_sum_end(&all, slope_plot_cells(&b, 1, 1), 1, &a, &exact, &e), e);
    CHECK_RELATIVE(whole.p10_pct, exact.p10_pct, 1e-4);
    CHECK_RELATIVE(whole.p50_pct, exact.p50_pct, 1e-5);
    CHECK_RELATIVE(whole.p90_pct, exact.p90_pct, 1e-5);
    arena_clear(&a);
    free(z);
    free(unit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s1_plane),
        cmocka_unit_test(s2_burrough),
        cmocka_unit_test(s2_through_a_plot),
        cmocka_unit_test(kernels_by_name),
        cmocka_unit_test(s3_geographic_plane),
        cmocka_unit_test(metres_per_degree),
        cmocka_unit_test(percentiles),
        cmocka_unit_test(slivers_are_not_the_maximum),
        cmocka_unit_test(c6_weighted_mean),
        cmocka_unit_test(c6_cells_of_other_sizes),
        cmocka_unit_test(holes_and_outside_are_no_data),
        cmocka_unit_test(class_tables),
        cmocka_unit_test(class_tables_of_users),
        cmocka_unit_test(strips_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
