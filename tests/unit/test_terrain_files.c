/* Terrain files that must be refused with a reason, cancelling, and real elevation files where they
 * are at hand. */
#include "tests/unit/terrain_make.h"

static double flat(double x, double y)
{
    (void)x;
    (void)y;
    return 100;
}

static const struct raster good = {.epsg = 4326,
                                   .west = -92,
                                   .north = 17,
                                   .cell = 0.001,
                                   .cols = 20,
                                   .rows = 20,
                                   .type = GDT_Int16,
                                   .height = flat};

static void refused(const char *const *files, size_t n, enum status status, const char *code)
{
    struct error e;
    struct terrain_info info;
    int before = folder_count();
    assert_int_equal(terrain_build(files, n, in_folder("out.tif"), NULL, NULL, &info, &e), status);
    assert_string_equal(e.code, code);
    assert_true(*e.message);
    assert_null(strstr(e.message, folder)); /* names, not paths */
    assert_int_equal(folder_count(), before);
}

static void faults_are_named(void **state)
{
    (void)state;
    char *one = strdup(raster_make("good.tif", &good));
    refused(NULL, 0, STATUS_USAGE, "files_count");
    refused((const char *const[]){in_folder("none.tif")}, 1, STATUS_NOT_FOUND, "file_not_found");
    refused((const char *const[]){"/vsicurl/http://127.0.0.1:1/x.tif"}, 1, STATUS_NOT_FOUND,
            "file_not_found");
    FILE *f = fopen(in_folder("text.tif"), "w");
    fputs("not a raster", f);
    fclose(f);
    refused((const char *const[]){in_folder("text.tif")}, 1, STATUS_INVALID, "format_unknown");

    struct raster r = good;
    r.epsg = 0;
    refused((const char *const[]){raster_make("nocrs.tif", &r)}, 1, STATUS_INVALID, "crs_missing");
    r = good;
    r.rotation = 0.0001;
    refused((const char *const[]){raster_make("rotated.tif", &r)}, 1, STATUS_INVALID,
            "grid_rotated");
    r = good;
    r.bands = 3;
    refused((const char *const[]){raster_make("rgb.tif", &r)}, 1, STATUS_INVALID, "bands_not_one");
    r = good;
    r.cols = 2;
    refused((const char *const[]){raster_make("tiny.tif", &r)}, 1, STATUS_INVALID, "grid_tiny");
    r = good;
    r.type = GDT_CFloat32;
    refused((const char *const[]){raster_make("complex.tif", &r)}, 1, STATUS_INVALID,
            "not_elevations");
    r = good;
    r.epsg = 32615;
    refused((const char *const[]){one, raster_make("utm.tif", &r)}, 2, STATUS_INVALID,
            "grids_differ");
    r = good;
    r.cell = 0.002;
    refused((const char *const[]){one, raster_make("coarse.tif", &r)}, 2, STATUS_INVALID,
            "grids_differ");
    r = good;
    r.west += 0.0205;
    refused((const char *const[]){one, raster_make("between.tif", &r)}, 2, STATUS_INVALID,
            "grids_differ");
    r = good;
    r.unit = "ft";
    refused((const char *const[]){one, raster_make("feet.tif", &r)}, 2, STATUS_INVALID,
            "grids_differ");
    r = good;
    r.driver = "PNM"; /* a raster, but of no driver that is allowed */
    r.type = GDT_Byte;
    refused((const char *const[]){raster_make("picture.pgm", &r)}, 1, STATUS_INVALID,
            "format_unknown");
    free(one);
    struct error e;
    struct terrain *t;
    assert_int_equal(terrain_open(in_folder("none.tif"), 1, &t, NULL, &e), STATUS_CORRUPT);
    assert_int_equal(terrain_open(in_folder("text.tif"), 1, &t, NULL, &e), STATUS_CORRUPT);
    folder_empty();
}

static int reports;

static bool stop_early(double done, void *arg)
{
    (void)done;
    return ++reports < *(int *)arg;
}

static void cancelled_leaves_nothing(void **state)
{
    (void)state;
    struct error e;
    struct terrain_info info;
    struct raster r = good;
    r.cols = r.rows = 1500;
    const char *one = raster_make("good.tif", &r);
    int after = 2;
    reports = 0;
    assert_int_equal(terrain_build(&one, 1, in_folder("out.tif"), stop_early, &after, &info, &e),
                     STATUS_CANCELLED);
    assert_int_equal(folder_count(), 1);
    after = 1000000;
    CHECK_OK(terrain_build(&one, 1, in_folder("out.tif"), stop_early, &after, &info, &e), e);
    assert_int_equal(folder_count(), 2);
    assert_true(reports > 2);
    CHECK_OK(terrain_build(&one, 1, in_folder("out.tif"), NULL, NULL, &info, &e),
             e); /* again, in its place */
    folder_empty();
}

/* A truncated terrain file is found out when it is read, not by a crash. */
static void truncated_file_is_reported(void **state)
{
    (void)state;
    struct raster r = good;
    struct terrain_info info;
    r.cols = r.rows = 600;
    r.cell = 0.0003;
    struct terrain *t = terrain_of((const char *const[]){raster_make("good.tif", &r)}, 1, &info);
    terrain_close(t);
    FILE *f = fopen(in_folder("terrain.tif"), "rb+");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    assert_int_equal(truncate(in_folder("terrain.tif"), size * 3 / 4), 0);
    struct error e;
    struct arena a;
    arena_init(&a, 0);
    enum status status = terrain_open(in_folder("terrain.tif"), 1, &t, NULL, &e);
    if (!status) {
        struct slope_class_table table;
        struct slope_stats s;
        CHECK_OK(slope_table_shipped("MIAF_20", &table, &e), e);
        struct lonlat ring[] = {
            {-91.99, 16.83}, {-91.83, 16.83}, {-91.83, 16.99}, {-91.99, 16.99}, {-91.99, 16.83}};
        struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
        status = terrain_slope(t, &b, &table, &a, &s, &e);
        /* and again: the failed block must not stay in the cache */
        assert_int_equal(terrain_slope(t, &b, &table, &a, &s, &e), status);
        terrain_close(t);
    }
    assert_int_equal(status, STATUS_CORRUPT);
    assert_string_equal(e.code, "terrain_unreadable");
    arena_clear(&a);
    folder_empty();
}

static const char *data_file(const char *name)
{
    static char path[512];
    const char *data = getenv("PARCELA_DATA");
    snprintf(path, sizeof path, "%s/03-dem/%s", data ? data : "../shared/data", name);
    if (access(path, R_OK) == 0)
        return path;
    print_message("%s is not here: skipped\n", path);
    skip();
    return NULL;
}

/* SRTM of the San Gabriel mountains, UTM 11N, Int16 with 32767 for holes. */
static void real_utm(void **state)
{
    (void)state;
    const char *file = data_file("bigtujunga-30m/srtm_bigtujunga30m_utm11.tif");
    struct terrain_info info;
    struct terrain *t = terrain_of(&file, 1, &info);
    assert_int_equal(info.epsg, 32611);
    CHECK_NEAR(info.cell_m, 30, 0.05);
    double lon = (info.west + info.east) / 2, lat = (info.south + info.north) / 2;
    struct lonlat all[] = {{info.west, info.south},
                           {info.east, info.south},
                           {info.east, info.north},
                           {info.west, info.north},
                           {info.west, info.south}};
    struct slope_stats s = slope_of(t, all, 5);
    print_message("mean %.2f %%, p50 %.2f %%, max %.2f %%, no data %.3f\n", s.mean_pct, s.p50_pct,
                  s.max_pct, s.nodata_share);
    /* Its published mean is 21.5 degrees (39 %), its steepest cell 64 degrees (205 %). */
    CHECK_NEAR(s.mean_pct, 42, 5);
    CHECK_NEAR(s.p50_pct, 39, 6);
    assert_true(s.max_pct > 150 && s.max_pct < 260);
    assert_true(s.nodata_share > 0 && s.nodata_share < 0.1);
    struct lonlat plot[] = {
        {lon, lat}, {lon + 0.002, lat}, {lon + 0.002, lat + 0.002}, {lon, lat + 0.002}, {lon, lat}};
    s = slope_of(t, plot, 5);
    assert_true(s.nodata == 0 && s.p10_pct > 1 && s.max_pct < 200);
    terrain_close(t);
    folder_empty();
}

static void real_hgt(void **state)
{
    (void)state;
    const char *file = data_file("derived-hgt/N17W097.hgt");
    struct terrain_info info;
    struct terrain *t = terrain_of(&file, 1, &info);
    assert_int_equal(info.epsg, 4326);
    assert_true(info.cols == 1201 && info.rows == 1201);
    CHECK_NEAR(info.west, -97 - 1.0 / 2400, 1e-9);
    struct lonlat plot[] = {
        {-96.5, 17.5}, {-96.49, 17.5}, {-96.49, 17.51}, {-96.5, 17.51}, {-96.5, 17.5}};
    struct slope_stats s = slope_of(t, plot, 5);
    assert_true(s.nodata_share == 0 && s.mean_pct >= 0);
    terrain_close(t);
    folder_empty();
}

static void real_grid_without_crs(void **state)
{
    (void)state;
    const char *file = data_file("bigtujunga-30m/exampleDEM.txt");
    refused(&file, 1, STATUS_INVALID, "crs_missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(cancelled_leaves_nothing),
        cmocka_unit_test(truncated_file_is_reported),
        cmocka_unit_test(real_utm),
        cmocka_unit_test(real_hgt),
        cmocka_unit_test(real_grid_without_crs),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
