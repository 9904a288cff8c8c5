/* Slopes on analytic planes, right to 1e-4 % of slope at 3 to 12 azimuths and latitudes 0 to 80,
 * on geographic and on projected grids (GEO.md 3.3 S3, section 7 number 5), read from terrain files
 * and computed from numbers. */
#include <geodesic.h>

#include "geo/area.h"
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
                -92, latitude + SIDE / 2.0 * second, second, second, SIDE, SIDE, z, unit_x, unit_y,
                NULL};
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

/* A plane of 30 % on the ground itself: heights are 0.3 s cos(azimuth - towards), s and azimuth
 * those of the geodesic from its foot to the cell's centre, on the grid's own ellipsoid. */
static struct geod_geodesic ellipsoid;
static struct lonlat foot;
static double foot_m, towards_deg;
static OGRCoordinateTransformationH to_degrees;

static double ground_plane(double x, double y)
{
    double s, azimuth;
    assert_true(!to_degrees || OCTTransform(to_degrees, 1, &x, &y, NULL));
    geod_inverse(&ellipsoid, foot.lat, foot.lon, y, x, &s, &azimuth, NULL);
    return foot_m + 0.3 * s * cos((azimuth - towards_deg) * M_PI / 180);
}

/* Takes the foot, and says where in the grid's CRS it lies. */
static struct lonlat stand(int epsg, double lon, double lat)
{
    OGRSpatialReferenceH grid = OSRNewSpatialReference(NULL), degrees;
    OSRImportFromEPSG(grid, epsg);
    OSRSetAxisMappingStrategy(grid, OAMS_TRADITIONAL_GIS_ORDER);
    degrees = OSRCloneGeogCS(grid);
    OSRSetAxisMappingStrategy(degrees, OAMS_TRADITIONAL_GIS_ORDER);
    OGRCoordinateTransformationH forth = OCTNewCoordinateTransformation(degrees, grid);
    geod_init(&ellipsoid, OSRGetSemiMajor(grid, NULL), 1 / OSRGetInvFlattening(grid, NULL));
    OCTDestroyCoordinateTransformation(to_degrees);
    to_degrees = OSRIsProjected(grid) ? OCTNewCoordinateTransformation(grid, degrees) : NULL;
    foot = (struct lonlat){lon, lat};
    struct lonlat at = foot;
    assert_true(OCTTransform(forth, 1, &at.lon, &at.lat, NULL));
    OCTDestroyCoordinateTransformation(forth);
    OSRDestroySpatialReference(grid);
    OSRDestroySpatialReference(degrees);
    return at;
}

/* The slope of a three-cornered plot (so that errors of its sides do not cancel) about the foot of
 * the plane, `half_m` from its middle to its sides, cells of 20 m or so of ground. Heights are
 * doubles. */
static void check_ground_plane(int epsg, double lon, double lat, int azimuth, double half_m)
{
    struct terrain_info info;
    struct lonlat at = stand(epsg, lon, lat);
    double unit = to_degrees ? 1 : 1 / 111e3, east, north;
    towards_deg = azimuth;
    foot_m = 0; /* kept as floats: small heights are exact ones */
    struct raster r = {.epsg = epsg, .type = GDT_Float64, .height = ground_plane};
    r.cell = 20 * unit;
    if (epsg == 3857) /* grid metres grow with latitude */
        r.cell /= cos(lat * M_PI / 180);
    ground_m_per_degree(lat, &east, &north);
    double x = half_m / east, y = half_m / north;
    const struct lonlat corners[] = {
        {lon - x, lat - y}, {lon + x, lat - 0.7 * y}, {lon + 0.3 * x, lat + y}, {lon - x, lat - y}};
    enum { STEPS = 50 };
    struct lonlat ring[3 * STEPS + 1]; /* so dense that edges are the same in every plane */
    uint32_t n = 3 * STEPS + 1;
    for (uint32_t i = 0; i < n; i++) {
        struct lonlat from = corners[i / STEPS], to = corners[i / STEPS + (i < n - 1)];
        double share = i % STEPS / (double)STEPS;
        ring[i] = (struct lonlat){from.lon + share * (to.lon - from.lon),
                                  from.lat + share * (to.lat - from.lat)};
    }
    /* Room on every side, whatever the projection does to lengths and directions. */
    double room = epsg == 6933 ? 12 : 3;
    r.cols = r.rows = (int)(room * half_m / 20) + 12;
    r.west = at.lon - (r.cols / 2 + 0.37) * r.cell;
    r.north = at.lat + (r.rows / 2 + 0.29) * r.cell;
    struct terrain *t = terrain_of((const char *const[]){raster_make("dem.tif", &r)}, 1, &info);
    struct slope_stats s = slope_of(t, ring, n);
    terrain_close(t);
    folder_empty();
    if (s.nodata_share != 0 || fabs(s.mean_pct - 30) > tolerance_pct ||
        fabs(s.p90_pct - 30) > tolerance_pct || fabs(s.p10_pct - 30) > tolerance_pct)
        print_message("EPSG:%d at %g %g towards %d, %g m\n", epsg, lon, lat, azimuth, half_m);
    assert_true(s.nodata_share == 0);
    CHECK_NEAR(s.mean_pct, 30, tolerance_pct);
    CHECK_NEAR(s.p10_pct, 30, tolerance_pct); /* not on average only: in every cell */
    CHECK_NEAR(s.p90_pct, 30, tolerance_pct);
    /* The worst cell of thousands has all its heights rounded the wrong way. */
    double rounding = half_m > 500 ? 100 * (0.3 * 1.5 * half_m * 0x1p-24) / 20 : 0;
    CHECK_NEAR(s.max_pct, 30, tolerance_pct + rounding);
    /* The ground that the cells cover is that of the plot. */
    struct boundary b = {ring, &n, (uint32_t[]){1}, n, 1, 1};
    if (epsg != 4267 && epsg != 26715) /* those degrees are other places on WGS84 */
        CHECK_RELATIVE(s.covered, area_equal_area_m2(&b), 2e-6);
}

/* INEGI's cone, true at 17.5 and 29.5 N: on it, between, and far from where anybody uses it. */
static void lambert(void **state)
{
    (void)state;
    for (int azimuth = 0; azimuth < 360; azimuth += 30) {
        check_ground_plane(6372, -102, 17.5, azimuth, 50);
        check_ground_plane(6372, -92.6, 16.7, azimuth, 50);
    }
    for (int latitude = 0; latitude <= 80; latitude += 10)
        for (int azimuth = 40; azimuth < 360; azimuth += 120)
            check_ground_plane(6372, -92, latitude == 0 ? 0.01 : latitude, azimuth, 50);
}

/* On its meridian, at the border of the zone and in the neighbour's. */
static void transverse_mercator(void **state)
{
    (void)state;
    for (int latitude = 0; latitude <= 80; latitude += 20)
        for (int azimuth = 40; azimuth < 360; azimuth += 120)
            for (int lon = -93; lon <= -87; lon += 3)
                check_ground_plane(32615, lon, latitude == 0 ? 0.01 : latitude, azimuth, 50);
}

/* True in no direction: 1 / cos(lat) on the sphere, on the ellipsoid different to the east and to
 * the north. */
static void web_mercator(void **state)
{
    (void)state;
    for (int latitude = 0; latitude <= 80; latitude += 20)
        for (int azimuth = 40; azimuth < 360; azimuth += 120)
            check_ground_plane(3857, -93, latitude == 0 ? 0.01 : latitude, azimuth, 50);
}

/* Equal-area grids: away from their true lines their axes do not meet at right angles on the
 * ground. */
static void not_conformal(void **state)
{
    (void)state;
    for (int azimuth = 25; azimuth < 360; azimuth += 90) {
        check_ground_plane(3035, 30, 60, azimuth, 50); /* Lambert azimuthal, Europe */
        check_ground_plane(3035, -8, 38, azimuth, 50);
        check_ground_plane(3577, 115, -21, azimuth, 50);  /* Albers, Australia */
        check_ground_plane(6933, -93, 16.7, azimuth, 50); /* cylinder */
        check_ground_plane(6933, -93, 60, azimuth, 50);
    }
}

/* NAD27 stands on Clarke's ellipsoid of 1866, 69 m larger. */
static void other_ellipsoids(void **state)
{
    (void)state;
    for (int azimuth = 25; azimuth < 360; azimuth += 90) {
        check_ground_plane(26715, -92.6, 16.7, azimuth, 300);
        check_ground_plane(4267, -92.6, 16.7, azimuth, 300);
        check_ground_plane(6365, -92.6, 16.7, azimuth, 50); /* ITRF2008 in degrees */
    }
}

/* A scale that changes under the plot: 4 km of land at a zone's border, where it does so most. */
static void wide_plots(void **state)
{
    (void)state;
    for (int azimuth = 25; azimuth < 360; azimuth += 90) {
        check_ground_plane(32615, -90, 16.7, azimuth, 2000);
        check_ground_plane(6372, -92.6, 16.7, azimuth, 2000);
        check_ground_plane(3857, -93, 60, azimuth, 1000);
        check_ground_plane(3035, 30, 60, azimuth, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geographic_planes),   cmocka_unit_test(lambert),
        cmocka_unit_test(transverse_mercator), cmocka_unit_test(web_mercator),
        cmocka_unit_test(not_conformal),       cmocka_unit_test(other_ellipsoids),
        cmocka_unit_test(wide_plots),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
