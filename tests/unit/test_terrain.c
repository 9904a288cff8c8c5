/* Slope statistics read from terrain files that the test makes: true ground distances in degrees
 * and in metres, holes, seams, plots that stick out, strips, units. */
#include "tests/unit/terrain_make.h"

#include "geo/area.h"

static const double second = 1.0 / 3600;

/* Planes that rise 30 % in ground metres near 92 W 16.7 N. */
static double plane_east(double lon, double lat)
{
    (void)lat;
    double east, north;
    ground_m_per_degree(16.7, &east, &north);
    return 4000 + 0.3 * (lon + 92) * east;
}

static double plane_north(double lon, double lat)
{
    (void)lon;
    double east, north;
    ground_m_per_degree(16.7, &east, &north);
    return 4000 + 0.3 * (lat - 16.7) * north;
}

static double hills(double lon, double lat)
{
    return 900 + 200 * sin(lon * 300) * cos(lat * 240);
}

static const struct raster degrees = {.epsg = 4326,
                                      .west = -92.1,
                                      .north = 16.8,
                                      .cell = 1.0 / 3600,
                                      .cols = 600,
                                      .rows = 600,
                                      .type = GDT_Float32,
                                      .height = plane_east};

/* A plot of a hectare or two around a place. */
static void plot_at(double lon, double lat, struct lonlat *ring)
{
    static const double shape[7][2] = {{-6, -5}, {2, -6}, {7, -1}, {5, 5},
                                       {-1, 3},  {-5, 6}, {-6, -5}};
    for (int i = 0; i < 7; i++)
        ring[i] = (struct lonlat){lon + shape[i][0] * 1e-4, lat + shape[i][1] * 1e-4};
}

static double plot_m2(const struct lonlat *ring, uint32_t n)
{
    return fabs(area_ring_m2(ring, n));
}

static void true_slope_on_degrees(void **state)
{
    (void)state;
    double (*const planes[])(double, double) = {plane_east, plane_north};
    for (int i = 0; i < 2; i++) {
        struct raster r = degrees;
        struct terrain_info info;
        struct lonlat ring[7];
        r.height = planes[i];
        struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
        assert_string_equal(info.crs, "EPSG:4326");
        assert_true(info.geographic && info.epsg == 4326 && info.cols == 600 && info.rows == 600);
        CHECK_NEAR(info.cell_m, sqrt(106653.8 * 110666.0) / 3600, 0.01);
        CHECK_NEAR(info.west, -92.1, 1e-12);
        CHECK_NEAR(info.south, 16.8 - 600 * second, 1e-9);
        plot_at(-92.0123, 16.7004, ring);
        struct slope_stats s = slope_of(t, ring, 7);
        CHECK_NEAR(s.mean_pct, 30, 2e-3); /* heights are floats: 2e-4 m at 4000 m, on 30 m cells */
        CHECK_NEAR(s.p50_pct, 30, 2e-3);
        CHECK_NEAR(s.surface_factor, sqrt(1.09), 1e-5);
        CHECK_RELATIVE(s.covered, plot_m2(ring, 7), 1e-6);
        assert_true(s.nodata == 0);
        terrain_close(t);
        folder_empty();
    }
}

static double utm_foot = 500000; /* where the plane below has 500 m */

static double utm_plane(double x, double y)
{
    (void)y;
    return 500 + 0.3 * (x - utm_foot);
}

/* UTM 15N: a grid metre is 1/k metres of ground, so the plane is steeper by k: 0.9996 on the
 * meridian, more beside it. */
static void true_slope_on_utm(void **state)
{
    (void)state;
    static const double eastings[] = {500000, 650000, 330000};
    for (int i = 0; i < 3; i++) {
        struct raster r = {.epsg = 32615,
                           .west = eastings[i] - 3000,
                           .north = 1853000,
                           .cell = 30,
                           .cols = 200,
                           .rows = 200,
                           .type = GDT_Float64,
                           .height = utm_plane};
        struct terrain_info info;
        struct lonlat ring[7];
        double offset = eastings[i] - 500000;
        utm_foot = eastings[i];
        struct terrain *t = terrain_of((const char *const[]){raster_make("utm.tif", &r)}, 1, &info);
        assert_string_equal(info.crs, "EPSG:32615");
        assert_false(info.geographic);
        /* The middle of the grid in longitude and latitude: within metres of 93 W + offset. */
        double east, north;
        ground_m_per_degree(16.735, &east, &north);
        plot_at(-93 + offset / 0.9996 / east, 16.733, ring);
        struct slope_stats s = slope_of(t, ring, 7);
        double k = 0.9996 * (1 + offset * offset / 0.9996 / 0.9996 / (2 * 6352000.0 * 6352000.0));
        CHECK_NEAR(s.mean_pct, 30 * k, 2e-3);
        CHECK_RELATIVE(s.covered, plot_m2(ring, 7), 3e-6);
        assert_true(s.nodata_share == 0);
        terrain_close(t);
        folder_empty();
    }
}

/* Another datum: the boundary must move, here 100 m or so with NAD27. */
static void datum_is_transformed(void **state)
{
    (void)state;
    struct raster r = degrees;
    struct terrain_info info;
    struct lonlat ring[7];
    r.epsg = 4267;
    struct terrain *t = terrain_of((const char *const[]){raster_make("nad27.tif", &r)}, 1, &info);
    assert_string_equal(info.crs, "EPSG:4267");
    /* The grid's west edge lies 92.1 W in NAD27, some 5 m further west and 90 m further north in
     * WGS84. */
    CHECK_NEAR(info.north, 16.8008, 3e-4);
    plot_at(-92.0, 16.8005, ring); /* outside if the datum were ignored */
    assert_true(slope_of(t, ring, 7).covered > 0);
    terrain_close(t);
    folder_empty();
}

static double with_hole(double lon, double lat)
{
    return fabs(lon + 92.0123) < 0.6 / 3600 && fabs(lat - 16.7004) < 0.6 / 3600
               ? 32767
               : nearbyint(plane_east(lon, lat));
}

/* A hole in an Int16 file, declared (as a positive number) and not. */
static void holes_are_no_data(void **state)
{
    (void)state;
    for (int declared = 0; declared < 2; declared++) {
        struct raster r = degrees;
        struct terrain_info info;
        struct lonlat ring[7];
        r.type = GDT_Int16;
        r.height = with_hole;
        r.has_nodata = declared;
        r.nodata = 32767;
        struct terrain *t =
            terrain_of((const char *const[]){raster_make("hole.tif", &r)}, 1, &info);
        plot_at(-92.0123, 16.7004, ring);
        struct slope_stats s = slope_of(t, ring, 7);
        assert_true(s.nodata_share > 0.3 && s.nodata_share < 1);
        assert_true(s.max_pct < 60);
        CHECK_RELATIVE(s.covered + s.nodata, plot_m2(ring, 7), 1e-6);
        terrain_close(t);
        folder_empty();
    }
}

/* Two files side by side, and two that share a row and a column as SRTM tiles do, read as the one
 * they were cut from. */
static void seams_are_not_seen(void **state)
{
    (void)state;
    struct raster whole = degrees, west, east, north, south;
    struct terrain_info info, joined_info;
    struct lonlat ring[7];
    whole.height = hills;
    struct terrain *t =
        terrain_of((const char *const[]){raster_make("whole.tif", &whole)}, 1, &info);
    double lon = whole.west + 301 * second, lat = whole.north - 270 * second;
    plot_at(lon, lat, ring);
    struct slope_stats one = slope_of(t, ring, 7);
    terrain_close(t);
    assert_true(one.max_pct > one.p10_pct);
    west = east = north = south = whole;
    west.cols = 300;
    east.cols = 300;
    east.west = whole.west + 300 * second;
    t = terrain_of(
        (const char *const[]){raster_make("east.tif", &east), raster_make("west.tif", &west)}, 2,
        &joined_info);
    assert_true(joined_info.cols == 600 && joined_info.rows == 600);
    CHECK_NEAR(joined_info.west, info.west, 1e-9);
    struct slope_stats two = slope_of(t, ring, 7);
    terrain_close(t);
    CHECK_RELATIVE(two.mean_pct, one.mean_pct, 1e-9);
    CHECK_RELATIVE(two.p90_pct, one.p90_pct, 1e-9);
    assert_true(two.nodata == 0);
    north.rows = 271;
    south.rows = 330;
    south.north = whole.north - 270 * second;
    north.has_nodata = true; /* declared in one only */
    north.nodata = -9999;
    t = terrain_of(
        (const char *const[]){raster_make("n.tif", &north), raster_make("s.tif", &south)}, 2,
        &joined_info);
    assert_int_equal(joined_info.rows, 600);
    two = slope_of(t, ring, 7);
    terrain_close(t);
    CHECK_RELATIVE(two.mean_pct, one.mean_pct, 1e-9);
    CHECK_RELATIVE(two.covered, one.covered, 1e-9);
    folder_empty();
}

/* What lies between files that do not touch is a gap, not sea level. */
static void gaps_are_no_data(void **state)
{
    (void)state;
    struct raster west = degrees, east = degrees;
    struct terrain_info info;
    struct lonlat ring[7];
    west.cols = east.cols = 200;
    east.west += 400 * second;
    struct terrain *t = terrain_of(
        (const char *const[]){raster_make("w.tif", &west), raster_make("e.tif", &east)}, 2, &info);
    assert_int_equal(info.cols, 600);
    plot_at(degrees.west + 300 * second, 16.7, ring);
    assert_true(slope_of(t, ring, 7).nodata_share == 1);
    plot_at(degrees.west + 500 * second, 16.7, ring);
    assert_true(slope_of(t, ring, 7).nodata_share == 0);
    terrain_close(t);
    folder_empty();
}

static void outside_is_no_data(void **state)
{
    (void)state;
    struct terrain_info info;
    struct lonlat ring[7];
    struct terrain *t =
        terrain_of((const char *const[]){raster_make("dem.tif", &degrees)}, 1, &info);
    /* Four columns beside the grid, and the outermost one, which has no western neighbours, of ten.
     */
    double west = -92.1 - 4 * second, east = -92.1 + 6 * second;
    struct lonlat edge[] = {
        {west, 16.7}, {east, 16.7}, {east, 16.701}, {west, 16.701}, {west, 16.7}};
    struct slope_stats s = slope_of(t, edge, 5);
    CHECK_NEAR(s.nodata_share, 0.5, 1e-6);
    CHECK_NEAR(s.mean_pct, 30, 2e-3);
    CHECK_RELATIVE(s.covered + s.nodata, plot_m2(edge, 5), 1e-6);
    static const struct lonlat far[] = {{-95, 16.7}, {92, 16.7},    {-92, -16.7},
                                        {0, 0},      {179.9, 89.9}, {-92.05, 16.9}};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        plot_at(far[i].lon, far[i].lat, ring);
        s = slope_of(t, ring, 7);
        assert_true(s.nodata_share == 1 && s.covered == 0 && isnan(s.mean_pct) && isnan(s.p50_pct));
    }
    terrain_close(t);
    utm_foot = 500000;
    struct raster utm = {.epsg = 32615,
                         .west = 497000,
                         .north = 1853000,
                         .cell = 30,
                         .cols = 200,
                         .rows = 200,
                         .type = GDT_Float32,
                         .height = utm_plane};
    t = terrain_of((const char *const[]){raster_make("utm.tif", &utm)}, 1, &info);
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        plot_at(far[i].lon, far[i].lat, ring);
        s = slope_of(t, ring, 7);
        assert_true(s.nodata_share == 1 && s.covered == 0 && isnan(s.mean_pct));
    }
    terrain_close(t);
    folder_empty();
}

/* Grids that count longitudes from 0 to 360. */
static void longitudes_past_180(void **state)
{
    (void)state;
    struct raster r = degrees;
    struct terrain_info info;
    struct lonlat ring[7];
    r.west += 360;
    r.height = plane_north;
    struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
    plot_at(-92.0123, 16.7004, ring);
    struct slope_stats s = slope_of(t, ring, 7);
    CHECK_NEAR(s.mean_pct, 30, 2e-3);
    assert_true(s.nodata == 0);
    terrain_close(t);
    folder_empty();
}

/* A plot of 360,000 cells goes through in strips; its statistics are those of the whole window at
 * once. */
static void large_plots_in_strips(void **state)
{
    (void)state;
    struct raster r = degrees;
    struct terrain_info info;
    r.height = hills;
    struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
    double e = r.west + 600 * second, s = r.north - 600 * second;
    struct lonlat ring[] = {{r.west + 2.3 * second, s + 3.1 * second},
                            {e - 4.4 * second, s + 1.7 * second},
                            {e - 2.9 * second, r.north - 2.2 * second},
                            {r.west + 5.5 * second, r.north - 1.1 * second},
                            {r.west + 2.3 * second, s + 3.1 * second}};
    struct slope_stats strips = slope_of(t, ring, 5);
    terrain_close(t);
    float *z = malloc(sizeof *z * 360000);
    double unit_x[600], unit_y[600];
    for (int i = 0; i < 360000; i++)
        z[i] = (float)hills(r.west + (i % 600 + 0.5) * second, r.north - (i / 600 + 0.5) * second);
    for (int row = 0; row < 600; row++)
        ground_m_per_degree(r.north - (row + 0.5) * second, &unit_x[row], &unit_y[row]);
    struct slope_grid grid = {r.west, r.north, second, second, 600, 600, z, unit_x, unit_y, NULL};
    struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
    struct arena a;
    struct error error;
    struct slope_class_table table;
    struct slope_stats whole;
    arena_init(&a, 0);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &error), error);
    CHECK_OK(slope_zonal(&grid, &b, &table, &a, &whole, &error), error);
    arena_clear(&a);
    free(z);
    CHECK_RELATIVE(strips.covered, whole.covered, 1e-9);
    CHECK_RELATIVE(strips.covered, area_equal_area_m2(&b), 1e-6);
    CHECK_RELATIVE(strips.mean_pct, whole.mean_pct, 1e-9);
    CHECK_RELATIVE(strips.max_pct, whole.max_pct, 1e-9);
    CHECK_RELATIVE(strips.p50_pct, whole.p50_pct, 1e-4);
    for (int i = 0; i < table.classes_n; i++)
        CHECK_NEAR(strips.class_weight[i], whole.class_weight[i], whole.covered * 1e-9);
    folder_empty();
}

/* Heights in feet and heights stored as tenths. */
static double plane_feet(double lon, double lat)
{
    return plane_east(lon, lat) / 0.3048;
}

static double plane_tenths(double lon, double lat)
{
    return plane_east(lon, lat) * 10;
}

static void units_of_height(void **state)
{
    (void)state;
    for (int tenths = 0; tenths < 2; tenths++) {
        struct raster r = degrees;
        struct terrain_info info;
        struct lonlat ring[7];
        r.height = tenths ? plane_tenths : plane_feet;
        r.scale = tenths ? 0.1 : 0;
        r.unit = tenths ? "m" : "ft";
        struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
        plot_at(-92.0123, 16.7004, ring);
        CHECK_NEAR(slope_of(t, ring, 7).mean_pct, 30, 3e-3);
        terrain_close(t);
        folder_empty();
    }
}

/* The cache holds eight blocks at least; a walk over all of them must give what a large cache
 * gives. */
static void small_cache_is_only_slower(void **state)
{
    (void)state;
    struct raster r = degrees;
    struct error e;
    struct terrain_info info;
    struct terrain *small, *large;
    r.cols = r.rows = 1200;
    r.north = 16.9;
    r.height = hills;
    small = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
    CHECK_OK(terrain_open(in_folder("terrain.tif"), 64, &large, NULL, &e), e);
    for (int i = 0; i < 400; i++) {
        struct lonlat ring[7];
        plot_at(r.west + (20 + i * 37 % 1160) * second, r.north - (20 + i * 611 % 1160) * second,
                ring);
        struct slope_stats a = slope_of(small, ring, 7), b = slope_of(large, ring, 7);
        assert_memory_equal(&a, &b, sizeof a);
        assert_true(a.nodata == 0);
    }
    terrain_close(small);
    terrain_close(large);
    folder_empty();
}

int main(void)
{
    area_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(true_slope_on_degrees),      cmocka_unit_test(true_slope_on_utm),
        cmocka_unit_test(datum_is_transformed),       cmocka_unit_test(holes_are_no_data),
        cmocka_unit_test(seams_are_not_seen),         cmocka_unit_test(gaps_are_no_data),
        cmocka_unit_test(outside_is_no_data),         cmocka_unit_test(longitudes_past_180),
        cmocka_unit_test(large_plots_in_strips),      cmocka_unit_test(units_of_height),
        cmocka_unit_test(small_cache_is_only_slower),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
