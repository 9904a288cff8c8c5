/* Identification of reference systems by what they state, and transformation to WGS84
 * (GEO.md 6.2, 6.4, 6.5). */
#include "geo/crs/evidence.h"

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

/* Every system that Mexican files come in (DOMAIN.md 6.1): there and back, and how good the shift
 * is: 0 none, 1 m between ITRF and WGS84, 12 m from NAD27 (GEO.md 6.4). */
static void systems(void **state)
{
    (void)state;
    static const struct {
        int epsg;
        double accuracy_m;
    } all[] = {{4326, 0},  {6365, 1},  {4483, 1},   {4267, 12},  {6372, 1},  {6362, 1}, {3857, 0},
               {32614, 0}, {32615, 0}, {32616, 0},  {6369, 1},   {6370, 1},  {6371, 1}, {4487, 1},
               {4488, 1},  {4489, 1},  {26714, 12}, {26715, 12}, {26716, 12}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct crs_transform *t = NULL;
        struct error e = {0};
        struct lonlat p = {-92.637, 16.737};
        CHECK_OK(crs_transform_open(all[i].epsg, &t, &e), e);
        assert_int_equal(crs_transform_back(t, &p, 1), 1);
        assert_int_equal(crs_transform_points(t, &p, 1), 1);
        CHECK_NEAR(p.lon, -92.637, 1e-8); /* the three-parameter shift is inverted to 3e-9 */
        CHECK_NEAR(p.lat, 16.737, 1e-8);
        if (crs_transform_accuracy_m(t) != all[i].accuracy_m)
            fail_msg("EPSG:%d: expected an accuracy of %g m, obtained %g m", all[i].epsg,
                     all[i].accuracy_m, crs_transform_accuracy_m(t));
        crs_transform_close(t);
    }
}

/* The two Lambert codes and WGS84 hold the same numbers to within the metre that is stated. */
static void lambert_twins(void **state)
{
    (void)state;
    struct crs_set *set = crs_set_new();
    struct lonlat a = {3512345.6, 512345.6}, b = a;
    assert_int_equal(crs_transform_points(crs_set_get(set, 6372), &a, 1), 1);
    assert_int_equal(crs_transform_points(crs_set_get(set, 6362), &b, 1), 1);
    CHECK_NEAR(a.lon, b.lon, 1e-8);
    CHECK_NEAR(a.lat, b.lat, 1e-8);
    crs_set_free(set);
}

/* Where PROJ has only a guess (GEO.md 6.5) it is not taken: not for a datum, not off the coast. */
static void no_ballpark(void **state)
{
    (void)state;
    struct crs_transform *t = NULL;
    struct error e = {0};
    assert_int_equal(crs_transform_open(4001, &t, &e), STATUS_NOT_FOUND); /* an ellipsoid only */
    assert_string_equal(e.code, "crs_unknown");
    assert_non_null(strstr(e.message, "no known transformation"));
    CHECK_OK(crs_transform_open(4267, &t, &e), e);
    struct lonlat swapped = {16.737, -92.637}, same = swapped;
    if (crs_transform_points(t, &swapped, 1) == 1)
        assert_true(swapped.lon != same.lon || swapped.lat != same.lat);
    crs_transform_close(t);
}

/* ---- ranking ---- */

/* The world is one municipality "07059" around the place, and one "20001" six degrees west. */
static enum crs_home two_towns(struct lonlat p, const char *key, void *arg)
{
    (void)arg;
    const char *town = fabs(p.lat - 16.7) > 0.2   ? NULL
                       : fabs(p.lon + 92.6) < 0.2 ? "07059"
                       : fabs(p.lon + 98.6) < 0.2 ? "20001"
                                                  : NULL;
    return !town ? CRS_HOME_NOWHERE : key && strcmp(key, town) == 0 ? CRS_HOME_OWN : CRS_HOME_SOME;
}

static const struct crs_world TOWNS = {two_towns, NULL, true};

/* Rows around the place, written in `epsg`; second: the true places are known. */
static size_t rows_in(struct crs_set *set, int epsg, const char *key, bool second,
                      struct crs_sample *out)
{
    enum { ROWS = 40 };
    for (int i = 0; i < ROWS; i++) {
        struct lonlat p = {-92.7 + 0.005 * i, 16.65 + 0.0021 * i};
        out[i] = (struct crs_sample){.raw = p, .key = key, .second = {NAN, NAN}};
        if (second)
            out[i].second = p;
        assert_int_equal(crs_transform_back(crs_set_get(set, epsg), &out[i].raw, 1), 1);
    }
    return ROWS;
}

static void ranks(void **state)
{
    (void)state;
    static const struct {
        int written;
        const char *key;
        bool world, second;
        int first, next; /* 0 = there is no other */
        bool certain;
    } cases[] = {
        {4326, NULL, false, false, 4326, 4267, false}, /* NAD27 would do as well */
        {4326, "07059", true, false, 4326, 4267, false},
        {4326, "07059", true, true, 4326, 4267, true}, /* unless the plots are known */
        {4267, "07059", true, true, 4267, 4326, true},
        {4267, NULL, false, true, 4267, 4326, true},
        {6372, NULL, false, false, 6372, 0, true}, /* nothing else lies in Mexico */
        {6362, "07059", true, false, 6372, 0, true},
        {3857, "07059", true, false, 3857, 0, true},
        {32615, NULL, false, false, 32615, 26715, false},
        {32615, "07059", true, false, 32615, 26715, false},
        {32615, "20001", true, false, 32614, 26714, false}, /* the row's own region decides */
        {32614, "07059", true, false, 32614, 26714, false},
        {26715, "07059", true, true, 26715, 32615, true},
        {6370, "07059", true, true, 32615, 26715, true}, /* ITRF2008 is within a metre */
    };
    struct crs_set *set = crs_set_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct crs_sample samples[64];
        struct crs_rank out[CRS_RANKS_MAX];
        bool certain;
        size_t n = rows_in(set, cases[i].written, cases[i].key, cases[i].second, samples);
        if (cases[i].written == 32614) /* the same places, six degrees west */
            for (size_t k = 0; k < n; k++) {
                samples[k].raw = (struct lonlat){-98.7 + 0.005 * (double)k, 16.65};
                crs_transform_back(crs_set_get(set, 32614), &samples[k].raw, 1);
                samples[k].key = "20001";
            }
        size_t found = crs_rank(set, samples, n, cases[i].world ? &TOWNS : NULL, out, &certain);
        int next = found > 1 ? out[1].epsg : 0;
        if (!found || out[0].epsg != cases[i].first || next != cases[i].next ||
            certain != cases[i].certain)
            fail_msg("case %zu: expected EPSG:%d, EPSG:%d, %s; obtained EPSG:%d, EPSG:%d, %s", i,
                     cases[i].first, cases[i].next, cases[i].certain ? "certain" : "not certain",
                     found ? out[0].epsg : 0, next, certain ? "certain" : "not certain");
        assert_int_equal(out[0].n, n);
    }
    struct crs_sample nowhere = {.raw = {5, 5}, .second = {NAN, NAN}};
    struct crs_rank out[CRS_RANKS_MAX];
    bool certain = true;
    assert_int_equal(crs_rank(set, &nowhere, 1, NULL, out, &certain), 0);
    assert_false(certain);
    assert_int_equal(crs_rank(set, NULL, 0, NULL, out, &certain), 0);
    crs_set_free(set);
}

static void datum_twins(void **state)
{
    (void)state;
    static const int pairs[][2] = {{4326, 4267},   {6365, 4267},  {4483, 4267},  {4267, 4326},
                                   {32615, 26715}, {6370, 26715}, {4488, 26715}, {26714, 32614},
                                   {26916, 26716}, {6372, 0},     {3857, 0},     {32715, 0}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(crs_datum_twin(pairs[i][0]), pairs[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geographic),     cmocka_unit_test(projected),
        cmocka_unit_test(stated_shifts),  cmocka_unit_test(codes),
        cmocka_unit_test(transformation), cmocka_unit_test(implausible),
        cmocka_unit_test(systems),        cmocka_unit_test(lambert_twins),
        cmocka_unit_test(no_ballpark),    cmocka_unit_test(ranks),
        cmocka_unit_test(datum_twins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
