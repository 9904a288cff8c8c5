/* Horn's slope on analytic planes, right to 1e-4 % of slope at 12 azimuths and latitudes 0 to 80,
 * on geographic and on projected grids (GEO.md 3.3 S3, section 7 number 5), read from terrain files
 * and computed from numbers. */
#include "tests/unit/terrain_make.h"

enum { SIDE = 9 };
static const double second = 1.0 / 3600, tolerance_pct = 1e-4;

/* A plane that rises 30 % of ground distance: along the parallel of each row, and along the
 * meridian by the arc from the middle. */
static double meridian_m(double from_deg, double to_deg)
{
    double sum = 0, step = (to_deg - from_deg) / 64, east,
           north; /* midpoint rule: 1e-12 over seconds */
    for (int i = 0; i < 64; i++) {
        ground_m_per_degree(from_deg + (i + 0.5) * step, &east, &north);
        sum += north * step;
    }
    return sum;
}

static void geographic_planes(void **state)
{
    (void)state;
    for (int latitude = -80; latitude <= 80; latitude += 10)
        for (int azimuth = 0; azimuth < 360; azimuth += 30) {
            float z[SIDE * SIDE];
            double unit_x[SIDE], unit_y[SIDE], a = azimuth * M_PI / 180;
            struct slope_grid g = {
                -92, latitude + SIDE / 2.0 * second, second, second, SIDE, SIDE, z, unit_x, unit_y};
            for (int row = 0; row < SIDE; row++) {
                double lat = g.north - (row + 0.5) * second;
                ground_m_per_degree(lat, &unit_x[row], &unit_y[row]);
                for (int col = 0; col < SIDE; col++)
                    z[row * SIDE + col] =
                        (float)(0.3 * ((col - SIDE / 2) * second * unit_x[row] * sin(a) +
                                       meridian_m(latitude, lat) * cos(a)));
            }
            double w = g.west + 2.3 * second, e = g.west + 6.1 * second, n = g.north - 2.2 * second,
                   s = g.north - 6.4 * second;
            struct lonlat ring[] = {{w, s}, {e, s}, {e, n}, {w, n}, {w, s}};
            struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
            struct slope_class_table table;
            struct slope_stats stats;
            struct error error;
            struct arena arena;
            double middle[9], dx = second * unit_x[SIDE / 2], dy = second * unit_y[SIDE / 2];
            arena_init(&arena, 0);
            for (int i = 0; i < 9; i++)
                middle[i] = (double)z[(SIDE / 2 + i / 3 - 1) * SIDE + SIDE / 2 + i % 3 - 1];
            CHECK_NEAR(slope_horn_pct(middle, dx, dy), 30, tolerance_pct);
            double east, north;
            CHECK_NEAR(slope_gradient(SLOPE_HORN, middle, dx, dy, &east, &north), 30,
                       tolerance_pct);
            CHECK_NEAR(east, 30 * sin(a), tolerance_pct);
            CHECK_NEAR(north, 30 * cos(a), tolerance_pct);
            CHECK_OK(slope_table_shipped("FAO_2006", &table, &error), error);
            CHECK_OK(slope_zonal(&g, &b, &table, &arena, &stats, &error), error);
            /* Away from the middle meridian the plane itself is steeper: rows get shorter towards
             * the pole. */
            double shear = 30 * 4 * second * M_PI / 180 * fabs(tan(latitude * M_PI / 180));
            CHECK_NEAR(stats.mean_pct, 30, tolerance_pct + shear);
            CHECK_NEAR(stats.surface_factor, sqrt(1.09), 1e-5);
            arena_clear(&arena);
        }
}

/* ---- projected ---- */

static double foot_x, foot_y, rise_x, rise_y;

static double plane(double x, double y)
{
    return rise_x * (x - foot_x) + rise_y * (y - foot_y);
}

static void place(int epsg, double lon, double lat)
{
    OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL), grid = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(wgs84, 4326);
    OSRImportFromEPSG(grid, epsg);
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    OSRSetAxisMappingStrategy(grid, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(wgs84, grid);
    foot_x = lon;
    foot_y = lat;
    assert_true(OCTTransform(t, 1, &foot_x, &foot_y, NULL));
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(wgs84);
    OSRDestroySpatialReference(grid);
}

/* The mean slope of a plot at the foot of a plane that rises 30 % of grid distance towards
 * `azimuth`. */
static double projected_slope(int epsg, double lon, double lat, int azimuth)
{
    struct terrain_info info;
    struct raster r = {
        .epsg = epsg, .cell = 20, .cols = 40, .rows = 40, .type = GDT_Float32, .height = plane};
    double size = 3e-4;
    struct lonlat ring[] = {{lon - size, lat - size},
                            {lon + size, lat - size},
                            {lon + size, lat + size},
                            {lon - size, lat + size},
                            {lon - size, lat - size}};
    place(epsg, lon, lat);
    rise_x = 0.3 * sin(azimuth * M_PI / 180);
    rise_y = 0.3 * cos(azimuth * M_PI / 180);
    r.west = foot_x - 410;
    r.north = foot_y + 390;
    if (epsg == 3857) { /* grid metres grow with latitude */
        r.cell = 20 / cos(lat * M_PI / 180);
        r.west = foot_x - 20.5 * r.cell;
        r.north = foot_y + 19.5 * r.cell;
    }
    struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
    struct slope_stats s = slope_of(t, ring, 5);
    terrain_close(t);
    folder_empty();
    assert_true(s.nodata_share == 0);
    return s.mean_pct;
}

static void transverse_mercator(void **state)
{
    (void)state;
    for (int latitude = 0; latitude <= 80; latitude += 20)
        for (int azimuth = 0; azimuth < 360;
             azimuth += 60) /* on the meridian a grid metre is 1 / 0.9996 m of ground */
            CHECK_NEAR(projected_slope(32615, -93, latitude == 0 ? 0.01 : latitude, azimuth),
                       30 * 0.9996, tolerance_pct);
}

/* Web Mercator is true in no direction: 1 / cos(lat) on the sphere, on the ellipsoid different to
 * the east and to the north. */
static void web_mercator(void **state)
{
    (void)state;
    const double a = 6378137;
    for (int latitude = 0; latitude <= 80; latitude += 20) {
        double east, north, c = cos(latitude * M_PI / 180);
        ground_m_per_degree(latitude, &east, &north);
        double east_m = east * 180 / M_PI, north_m = north * 180 / M_PI; /* per radian */
        /* The scale changes over the plot: 66 m either way of its middle. */
        double drift = 30 / c * 1.1e-5 * fabs(tan(latitude * M_PI / 180));
        CHECK_NEAR(projected_slope(3857, -93, latitude, 90) * c, 30 * a / east_m * c,
                   tolerance_pct + drift * c);
        CHECK_NEAR(projected_slope(3857, -93, latitude, 0) * c, 30 * (a / c) / north_m * c,
                   tolerance_pct + drift * c);
    }
}

/* INEGI's Lambert cone has its true parallels at 17.5 and 29.5 N. */
static void lambert(void **state)
{
    (void)state;
    for (int azimuth = 0; azimuth < 360; azimuth += 60)
        CHECK_NEAR(projected_slope(6372, -102, 17.5, azimuth), 30, 2e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geographic_planes),
        cmocka_unit_test(transverse_mercator),
        cmocka_unit_test(web_mercator),
        cmocka_unit_test(lambert),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
