/* Exports: each format is written, read back with OGR, and put in place whole or not at all. */
#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "importers/export_ogr.h"
#include "tests/check.h"

static const struct export_field FIELDS[] = {{"code", "code", EXPORT_TEXT},
                                             {"hectares", "ha", EXPORT_REAL},
                                             {"year", "year", EXPORT_INTEGER}};
static struct lonlat POINTS[] = {{-92.7, 15.9},   {-92.6, 15.9},   {-92.6, 16.0},   {-92.7, 16.0},
                                 {-92.7, 15.9},   {-92.68, 15.92}, {-92.68, 15.98}, {-92.62, 15.98},
                                 {-92.62, 15.92}, {-92.68, 15.92}};
static uint32_t RING_END[] = {5, 10}, PART_END[] = {2};

static enum status write_all(const char *path, bool keep, struct error *e)
{
    const struct boundary b = {POINTS, RING_END, PART_END, 10, 2, 1};
    const struct export_value rows[2][3] = {{{.text = "=café"}, {.real = 1.25}, {.integer = 2019}},
                                            {{.text = NULL}, {.real = NAN}, {.integer = 0}}};
    struct export_file *x = NULL;
    enum status s = export_open(path, FIELDS, 3, &x, e);
    for (int i = 0; i < 2 && s == STATUS_OK; i++)
        s = export_row(x, &b, rows[i], e);
    enum status closed = x ? export_close(x, keep && s == STATUS_OK, e) : s;
    return s != STATUS_OK ? s : closed;
}

static void read_back(const char *path, bool csv)
{
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(d);
    OGRLayerH l = GDALDatasetGetLayer(d, 0);
    assert_int_equal(OGR_L_GetFeatureCount(l, 1), 2);
    OGRFeatureH f = OGR_L_GetNextFeature(l);
    assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "code")),
                        csv ? "'=café" : "=café");
    CHECK_NEAR(OGR_F_GetFieldAsDouble(f, 1 + csv), 1.25,
               0); /* a CSV has the WKT as its first column */
    OGREnvelope x;
    assert_non_null(OGR_F_GetGeometryRef(f));
    OGR_G_GetEnvelope(OGR_F_GetGeometryRef(f), &x);
    CHECK_NEAR(x.MinX, -92.7, 1e-9);
    CHECK_NEAR(x.MaxY, 16.0, 1e-9);
    CHECK_RELATIVE(OGR_G_Area(OGR_F_GetGeometryRef(f)), 0.01 - 0.0036, 1e-6);
    OGR_F_Destroy(f);
    GDALClose(d);
}

static void formats(void **state)
{
    (void)state;
    static const char *const names[] = {"a.gpkg", "a.csv", "a.shp", "b.shp.zip"};
    char folder[] = "/tmp/parcela-export-XXXXXX", path[128], command[160];
    GDALAllRegister();
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error e = {0};
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        CHECK_OK(write_all(path, true, &e), e);
        read_back(path, strstr(path, ".csv") != NULL);
        assert_int_equal(write_all(path, true, &e), STATUS_CONFLICT);
    }
    snprintf(command, sizeof command, "test -z \"$(find %s -mindepth 1 -name '.*')\"", folder);
    assert_int_equal(system(command), 0); /* nothing temporary is left */
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static void failures(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(write_all("/tmp/a.docx", true, &e), STATUS_USAGE);
    assert_string_equal(e.code, "export_format");
    assert_int_equal(write_all("/nowhere/at/all/a.gpkg", true, &e), STATUS_IO);
    char folder[] = "/tmp/parcela-export-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.gpkg", folder);
    CHECK_OK(write_all(path, false, &e), e);
    assert_int_equal(rmdir(folder), 0); /* empty again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(formats), cmocka_unit_test(failures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
