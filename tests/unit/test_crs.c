/* Identification of reference systems by what they state, and transformation to WGS84
 * (GEO.md 6.2, 6.4, 6.5). */
#include "geo/crs/crs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/check.h"

#define DEGREE "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]"
#define GEOGCS(datum, spheroid) "GEOGCS[\"any\",DATUM[\"" datum "\",SPHEROID[" spheroid "]]," DEGREE
#define WGS "\"WGS 84\",6378137,298.257223563"
#define GRS "\"GRS80\",6378137,298.257222101"
#define CLARKE "\"Clarke 1866\",6378206.4,294.9786982138982"
#define UTM(geogcs, meridian, northing)                                                            \
    "PROJCS[\"any\"," geogcs                                                                       \
    ",PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],PARAMETER["          \
    "\"central_meridian\"," meridian                                                               \
    "],PARAMETER[\"scale_factor\",0.9996],PARAMETER[\"false_easting\",500000],PARAMETER["          \
    "\"false_northing\"," northing "],UNIT[\"metre\",1]]"
#define LCC(geogcs, first, second)                                                                 \
    "PROJCS[\"any\"," geogcs                                                                       \
    ",PROJECTION[\"Lambert_Conformal_Conic_2SP\"],PARAMETER[\"standard_parallel_1\"," first        \
    "],PARAMETER[\"standard_parallel_2\"," second                                                  \
    "],PARAMETER[\"latitude_of_origin\",12],PARAMETER[\"central_meridian\",-102],"                 \
    "PARAMETER[\"false_easting\",2500000],PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]]"

static void identified(const char *wkt, int epsg, bool by_parameters)
{
    struct crs_identity id;
    struct error e = {0};
    enum status s = crs_identify(wkt, &id, &e);
    if (s != STATUS_OK || id.epsg != epsg || id.by_parameters != by_parameters) {
        print_error("expected EPSG:%d%s, obtained EPSG:%d%s (%s) for %s\n", epsg,
                    by_parameters ? " by parameters" : "", id.epsg,
                    id.by_parameters ? " by parameters" : "", e.message, wkt);
        fail();
    }
}

static void refused(const char *wkt)
{
    struct crs_identity id;
    struct error e = {0};
    assert_int_equal(crs_identify(wkt, &id, &e), STATUS_INVALID);
    assert_string_equal(e.code, "crs_unknown");
}

static void geographic(void **state)
{
    (void)state;
    identified(GEOGCS("D_WGS_1984", WGS), 4326, false);
    identified(GEOGCS("World Geodetic System 1984", WGS), 4326, false);
    identified(GEOGCS("D_Mexico_ITRF2008", GRS), 6365, false);
    identified(GEOGCS("D_ITRF_1992", GRS), 4483, false);
    identified(GEOGCS("North_American_Datum_1927", CLARKE), 4267, false);
    identified(GEOGCS("D_North_American_1983", GRS), 4269, false);
    identified(GEOGCS("D_unknown", GRS), 4326, true);
    refused(GEOGCS("D_Clarke_1866", CLARKE));
    refused(GEOGCS("D_mine", "\"mine\",6370000,0"));
    refused("GEOGCS[\"any\",DATUM[\"D_WGS_1984\",SPHEROID[" WGS
            "]],PRIMEM[\"Paris\",2.33722917],UNIT[\"degree\",0.0174532925199433]]");
    refused("not a reference system");
    refused("");
}

static void projected(void **state)
{
    (void)state;
    identified(UTM(GEOGCS("D_WGS_1984", WGS), "-93", "0"), 32615, false);
    identified(UTM(GEOGCS("D_WGS_1984", WGS), "-99", "0"), 32614, false);
    identified(UTM(GEOGCS("D_WGS_1984", WGS), "33", "10000000"), 32736, false);
    identified(UTM(GEOGCS("D_Mexico_ITRF2008", GRS), "-93", "0"), 6370, false);
    identified(UTM(GEOGCS("D_ITRF_1992", GRS), "-117", "0"), 4484, false);
    identified(UTM(GEOGCS("D_North_American_1927", CLARKE), "-87", "0"), 26716, false);
    identified(UTM(GEOGCS("D_unknown", GRS), "-93", "0"), 32615, true);
    identified(LCC(GEOGCS("D_Mexico_ITRF2008", GRS), "17.5", "29.5"), 6372, false);
    identified(LCC(GEOGCS("D_Mexico_ITRF92", GRS), "29.5", "17.5"), 6362, false);
    identified(LCC(GEOGCS("D_unknown", GRS), "17.5", "29.5"), 6372, true);
    refused(UTM(GEOGCS("D_unknown", CLARKE), "-93", "0"));
    refused(UTM(GEOGCS("D_WGS_1984", WGS), "-92", "0"));
    refused(LCC(GEOGCS("D_unknown", GRS), "17", "29"));
}

/* Whatever shift or grid a text states, it is believed only by its datum's name, and never
 * followed. */
static void stated_shifts(void **state)
{
    (void)state;
    refused("GEOGCS[\"any\",DATUM[\"D_home\",SPHEROID[" CLARKE
            "],EXTENSION[\"PROJ4_GRIDS\",\"/etc/passwd\"]]," DEGREE);
    refused("GEOGCS[\"any\",DATUM[\"D_unknown\",SPHEROID[" GRS
            "],TOWGS84[100,0,0,0,0,0,0]]," DEGREE);
    identified("GEOGCS[\"any\",DATUM[\"D_unknown\",SPHEROID[" GRS
               "],TOWGS84[0,0,0,0,0,0,0]]," DEGREE,
               4326, true);
}

static void codes(void **state)
{
    (void)state;
    int epsg = 0;
    struct error e = {0};
    CHECK_OK(crs_parse_code("EPSG:6372", &epsg, &e), e);
    assert_int_equal(epsg, 6372);
    CHECK_OK(crs_parse_code("32615", &epsg, &e), e);
    assert_int_equal(epsg, 32615);
    CHECK_OK(crs_parse_code("OGC:CRS84", &epsg, &e), e);
    assert_int_equal(epsg, 4326);
    static const char *const bad[] = {"",          "EPSG:",     "EPSG:abc",     "EPSG:999999",
                                      "EPSG:5773", "+proj=utm", "EPSG:43260000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(crs_parse_code(bad[i], &epsg, &e), STATUS_USAGE);
}

static void transformed(int epsg, double x, double y, double lon, double lat)
{
    struct crs_transform *t = NULL;
    struct error e = {0};
    struct lonlat p = {x, y};
    CHECK_OK(crs_transform_open(epsg, &t, &e), e);
    assert_int_equal(crs_transform_points(t, &p, 1), 1);
    CHECK_NEAR(p.lon, lon, 1e-8);
    CHECK_NEAR(p.lat, lat, 1e-8);
    struct box b = {p.lon, p.lat, p.lon, p.lat};
    assert_true(crs_transform_plausible(t, &b));
    crs_transform_close(t);
}

static void transformation(void **state)
{
    (void)state;
    transformed(4326, -92.637, 16.737, -92.637, 16.737);
    transformed(4267, -92.637, 16.737, -92.63716851, 16.73779821); /* GEO.md 6.4 */
    transformed(32615, 538692.599, 1850496.335, -92.637, 16.737);  /* GEO.md 6.2, to a millimetre */
}

static void implausible(void **state)
{
    (void)state;
    struct crs_transform *t = NULL;
    struct error e = {0};
    CHECK_OK(crs_transform_open(32615, &t, &e), e);
    struct lonlat far[2] = {{5e6, 1.8e6}, {INFINITY, 0}};
    struct box b;
    if (crs_transform_points(t, far, 1) == 1) {
        b = (struct box){far[0].lon, far[0].lat, far[0].lon, far[0].lat};
        assert_false(crs_transform_plausible(t, &b));
    }
    assert_int_equal(crs_transform_points(t, far + 1, 1), 0);
    crs_transform_close(t);
    assert_int_equal(crs_transform_open(999999, &t, &e), STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geographic),     cmocka_unit_test(projected),
        cmocka_unit_test(stated_shifts),  cmocka_unit_test(codes),
        cmocka_unit_test(transformation), cmocka_unit_test(implausible)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
