/* Tiles on a store in memory: what a tile holds, that tiles add up, ETags, the cache, TileJSON. */
#include "tests/check.h"

#include <jansson.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "service/limits.h"
#include "service/tiles/tiles.h"
#include "tests/unit/drawing_help.h"
#include "tests/unit/fake_store_tiles.h"

static struct store store;
static struct tiles *tiles;
static uint64_t seed;

static int setup(void **state)
{
    (void)state;
    seed = 42;
    fake_store_init(&store);
    tiles = tiles_new(8);
    return tiles ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tiles_free(tiles);
    fake_store_clear(&store);
    return 0;
}

static struct fake_plot *add_plot(double lon, double lat, double radius, int64_t change)
{
    struct shape s;
    shape_init(&s, 40, 1);
    shape_star(&s, lon, lat, radius, 0.4, 22, &seed);
    shape_close(&s, true);
    struct fake_plot *p =
        fake_store_plot(&store, &s.b, (int64_t)(help_random(&seed) % 50000000001), change);
    p->plot.corridor_mm2 = p->plot.area_mm2 / 3;
    shape_clear(&s);
    return p;
}

static const struct tile_body *get(enum tile_layer layer, int z, uint32_t x, uint32_t y,
                                   bool *built)
{
    struct error e = {0};
    const struct tile_body *body;
    bool was_built;
    struct tile_address at = {.layer = layer, .z = z, .x = x, .y = y};
    CHECK_OK(tiles_get(tiles, &store, &at, &body, built ? built : &was_built, &e), e);
    return body;
}

static json_t *parse(const struct tile_body *body)
{
    json_error_t error;
    json_t *j =
        json_loadb((const char *)body->plain, body->plain_n, JSON_REJECT_DUPLICATES, &error);
    if (!j)
        fail_msg("%s at %d in %.200s", error.text, error.position, body->plain);
    return j;
}

static json_t *tile(enum tile_layer layer, int z, uint32_t x, uint32_t y)
{
    const struct tile_body *body = get(layer, z, x, y, NULL);
    json_t *j = parse(body);
    tile_body_release(body);
    return j;
}

/* The exact mm2 of a figure in hectares as it is printed in the text. */
static int64_t mm2_after(const char *text, const char *key)
{
    const char *p = strstr(text, key);
    assert_non_null(p);
    p += strlen(key);
    int64_t v = 0;
    int decimals = -1;
    for (; (*p >= '0' && *p <= '9') || *p == '.'; p++) {
        if (*p == '.') {
            decimals = 0;
            continue;
        }
        v = v * 10 + *p - '0';
        decimals += decimals >= 0;
    }
    for (int d = decimals < 0 ? 0 : decimals; d < 10; d++)
        v *= 10;
    return v;
}

static char *text_of(const struct tile_body *body)
{
    char *text = calloc(1, body->plain_n + 1);
    memcpy(text, body->plain, body->plain_n);
    return text;
}

static void empty_tiles(void **state)
{
    (void)state;
    const struct tile_body *body = get(TILE_PLOTS, 0, 0, 0, NULL);
    static const char expected[] =
        "{\"type\":\"FeatureCollection\",\"features\":[],\"parcela\":{\"layer\":\"plots\",\"z\":0,"
        "\"x\":0,\"y\":0,"
        "\"change\":0,\"plots\":0,\"hectares\":0,\"corridor_hectares\":0,\"aggregated\":false}}";
    assert_int_equal(body->plain_n, sizeof expected - 1);
    assert_memory_equal(body->plain, expected, sizeof expected - 1);
    assert_string_equal(body->etag, "\"01234567-plots-0-1\"");
    assert_null(body->gzip);
    tile_body_release(body);
    body = get(TILE_REGIONS, 18, (1 << 18) - 1, (1 << 18) - 1, NULL);
    static const char regions[] =
        "{\"type\":\"FeatureCollection\",\"features\":[],\"parcela\":{\"layer\":\"regions\","
        "\"level\":null,\"z\":18,"
        "\"x\":262143,\"y\":262143,\"change\":0,\"features\":0,\"hectares\":0}}";
    assert_int_equal(body->plain_n, sizeof regions - 1);
    assert_memory_equal(body->plain, regions, sizeof regions - 1);
    tile_body_release(body);
}

static void out_of_range(void **state)
{
    (void)state;
    static const struct tile_address bad[] = {{TILE_PLOTS, NULL, 0, 1, 0},
                                              {TILE_PLOTS, NULL, 0, 0, 1},
                                              {TILE_PLOTS, NULL, -1, 0, 0},
                                              {TILE_PLOTS, NULL, 19, 0, 0},
                                              {TILE_REGIONS, NULL, 4, 16, 0},
                                              {TILE_LAYERS_N, NULL, 0, 0, 0},
                                              {TILE_CORRIDORS, NULL, 3, 0, UINT32_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = {0};
        char etag[80];
        const struct tile_body *body;
        bool built;
        assert_int_equal(tiles_etag(tiles, &store, &bad[i], etag, &e), STATUS_INVALID);
        assert_string_equal(e.code, "tile_out_of_range");
        assert_int_equal(tiles_get(tiles, &store, &bad[i], &body, &built, &e), STATUS_INVALID);
    }
}

static void a_plot_in_full(void **state)
{
    (void)state;
    struct shape s;
    shape_init(&s, 10, 1);
    shape_point(&s, -92.105001, 14.900001);
    shape_point(&s, -92.105, 14.902);
    shape_point(&s, -92.103, 14.902);
    shape_point(&s, -92.103, 14.9);
    shape_close(&s, true);
    struct fake_plot *p = fake_store_plot(&store, &s.b, 47612345678, 7);
    p->plot.code = "TAP-\"1\" ñ";
    p->plot.organisation = "RAYEN";
    p->plot.crop = "cafe";
    p->plot.adoption_year = 2016;
    p->plot.slope_class = 1;
    p->plot.slope_mean_pct = 12.346;
    p->plot.corridor_mm2 = 10000000000;
    p->plot.corridor_verdict = 1;
    uint32_t x, y;
    drawing_cell(p->plot.anchor, 15, &x, &y);
    const struct tile_body *body = get(TILE_PLOTS, 15, x, y, NULL);
    char *text = text_of(body), expected[1024];
    /* counter-clockwise from the westernmost vertex, 7 decimals of the 2^30 grid */
    snprintf(
        expected, sizeof expected,
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":1,\"geometry\":"
        "{\"type\":\"Polygon\",\"coordinates\":"
        "[[[-92.105001,14.900001],[-92.103,14.9],[-92.103,14.902],[-92.105,14.902],[-92.105001,14."
        "900001]]]},"
        "\"properties\":{\"code\":\"TAP-\\\"1\\\" "
        "ñ\",\"programme\":\"PP\",\"organisation\":\"RAYEN\",\"crop\":\"cafe\",\"practice\":null,"
        "\"year\":2016,\"ha\":4.7612345678,\"slope_class\":\"05\",\"slope_mean_pct\":12.35,"
        "\"corridor_ha\":1,\"corridor\":\"edge\","
        "\"home\":true}}],\"parcela\":{\"layer\":\"plots\",\"z\":15,\"x\":%u,\"y\":%u,\"change\":7,"
        "\"plots\":1,"
        "\"hectares\":4.7612345678,\"corridor_hectares\":1,\"aggregated\":false}}",
        x, y);
    /* the grid is 3.4e-7 degrees wide: compare with that slack by parsing the numbers */
    const char *a = text, *b = expected;
    while (*a && *b) {
        if (*a == *b) {
            a++;
            b++;
            continue;
        }
        while (a > text && ((a[-1] >= '0' && a[-1] <= '9') || a[-1] == '.' || a[-1] == '-')) {
            a--;
            b--;
        }
        char *a_end, *b_end;
        double u = strtod(a, &a_end), v = strtod(b, &b_end);
        if (a_end == a || b_end == b || fabs(u - v) > 4e-7)
            fail_msg("obtained %s\nexpected %s\nfrom %s", text, expected, a);
        a = a_end;
        b = b_end;
    }
    assert_true(*a == 0 && *b == 0);
    free(text);
    tile_body_release(body);
    shape_clear(&s);
}

/* Visits every tile of a zoom that can hold something. */
static void check_zoom(int z, int64_t plots, int64_t area, int64_t corridor)
{
    int64_t got_plots = 0, got_area = 0, got_corridor = 0;
    uint32_t x0, y0, x1, y1;
    drawing_cell((struct lonlat){-93.2, 15.2}, z, &x0, &y0);
    drawing_cell((struct lonlat){-92.8, 14.8}, z, &x1, &y1);
    for (uint32_t x = x0; x <= x1; x++)
        for (uint32_t y = y0; y <= y1; y++) {
            const struct tile_body *body = get(TILE_PLOTS, z, x, y, NULL);
            char *text = text_of(body);
            const char *end = strstr(text, "\"parcela\":");
            assert_non_null(end);
            got_plots += atoll(strstr(end, "\"plots\":") + 8);
            got_area += mm2_after(end, "\"hectares\":");
            got_corridor += mm2_after(end, "\"corridor_hectares\":");
            int64_t feature_area = 0,
                    feature_plots = 0; /* and the features say the same as the collection */
            json_t *j = parse(body), *f;
            size_t i;
            json_array_foreach(json_object_get(j, "features"), i, f)
            {
                json_t *p = json_object_get(f, "properties");
                if (!json_is_true(json_object_get(p, "home")))
                    continue;
                feature_plots += json_is_true(json_object_get(p, "cell"))
                                     ? json_integer_value(json_object_get(p, "plots"))
                                     : 1;
                feature_area += llround(json_number_value(json_object_get(p, "ha")) * 1e10);
            }
            assert_int_equal(feature_plots, atoll(strstr(end, "\"plots\":") + 8));
            assert_true(llabs(feature_area - mm2_after(end, "\"hectares\":")) <= feature_plots);
            json_decref(j);
            free(text);
            tile_body_release(body);
        }
    assert_int_equal(got_plots, plots);
    assert_int_equal(got_area, area);
    assert_int_equal(got_corridor, corridor);
}

static void tiles_of_a_zoom_add_up(void **state)
{
    (void)state;
    int64_t area = 0, corridor = 0;
    for (int i = 0; i < 4100; i++) { /* enough for cells at low zooms */
        /* most in a small town, so that some tiles of a zoom are aggregated and others not */
        double near = i % 10 ? 0.01 : 0.15;
        struct fake_plot *p = add_plot(-93 + near * (2 * help_unit(&seed) - 1),
                                       15 + near * (2 * help_unit(&seed) - 1), 0.0005, 1);
        area += p->plot.area_mm2;
        corridor += p->plot.corridor_mm2;
    }
    for (int z = 0; z <= 12; z += 3)
        check_zoom(z, 4100, area, corridor);
    json_t *j = tile(TILE_PLOTS, 4, 3, 7);
    assert_true(json_is_true(json_object_get(json_object_get(j, "parcela"), "aggregated")));
    json_t *p = json_object_get(json_array_get(json_object_get(j, "features"), 0), "properties");
    double classes = 0;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(p, "slope_class_hectares"), key, value) classes +=
        json_number_value(value);
    CHECK_RELATIVE(classes, json_number_value(json_object_get(p, "ha")), 1e-12);
    json_decref(j);
}

/* A plot across a tile border is drawn in both tiles and counted in one; the shared corners are the
 * same text. */
static void neighbours_and_home(void **state)
{
    (void)state;
    add_plot(-90, 15, 0.01, 1); /* 90 W is a tile border at every zoom from 2 on */
    uint32_t x, y;
    drawing_cell((struct lonlat){-90.0001, 15}, 12, &x, &y);
    json_t *west = tile(TILE_PLOTS, 12, x, y), *east = tile(TILE_PLOTS, 12, x + 1, y);
    json_t *a = json_array_get(json_object_get(west, "features"), 0),
           *b = json_array_get(json_object_get(east, "features"), 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(json_integer_value(json_object_get(a, "id")),
                     json_integer_value(json_object_get(b, "id")));
    int homes = json_is_true(json_object_get(json_object_get(a, "properties"), "home")) +
                json_is_true(json_object_get(json_object_get(b, "properties"), "home"));
    assert_int_equal(homes, 1);
    json_decref(west);
    json_decref(east);
}

static void small_plots_become_points(void **state)
{
    (void)state;
    struct fake_plot *p = add_plot(-92.11, 14.9, 0.0005, 1);
    for (int z = 0; z <= 18; z++) {
        uint32_t x, y;
        drawing_cell(p->plot.anchor, z, &x, &y);
        json_t *j = tile(TILE_PLOTS, z, x, y),
               *f = json_array_get(json_object_get(j, "features"), 0);
        const char *type =
            json_string_value(json_object_get(json_object_get(f, "geometry"), "type"));
        /* 0.001 degrees are 1.5 px at zoom 11.05, and the star is smaller */
        assert_string_equal(type, z < 12 ? "Point" : "Polygon");
        if (z < 12) {
            json_t *at = json_object_get(json_object_get(f, "geometry"), "coordinates");
            CHECK_NEAR(json_number_value(json_array_get(at, 0)), p->plot.anchor.lon,
                       360.0 / 256 / (1 << z) / 8);
            CHECK_NEAR(json_number_value(json_array_get(at, 1)), p->plot.anchor.lat,
                       360.0 / 256 / (1 << z) / 8);
        }
        json_decref(j);
    }
}

static void etags_change_only_where_something_changed(void **state)
{
    (void)state;
    char before[80], after[80], far_before[80], far_after[80];
    struct error e = {0};
    add_plot(-92.11, 14.9, 0.001, 1);
    add_plot(-91.11, 14.9, 0.001, 2);
    struct tile_address here = {.layer = TILE_PLOTS, .z = 10}, far = here;
    drawing_cell((struct lonlat){-92.11, 14.9}, 10, &here.x, &here.y);
    drawing_cell((struct lonlat){-91.11, 14.9}, 10, &far.x, &far.y);
    CHECK_OK(tiles_etag(tiles, &store, &here, before, &e), e);
    CHECK_OK(tiles_etag(tiles, &store, &far, far_before, &e), e);
    bool built;
    tile_body_release(get(TILE_PLOTS, 10, here.x, here.y, &built));
    assert_true(built);
    const struct tile_body *peeked = tiles_peek(tiles, &here, before);
    assert_non_null(peeked);
    assert_null(tiles_peek(tiles, &here, far_before));
    assert_null(tiles_peek(tiles, &far, far_before));
    add_plot(-92.111, 14.9, 0.001, 3);
    CHECK_OK(tiles_etag(tiles, &store, &here, after, &e), e);
    CHECK_OK(tiles_etag(tiles, &store, &far, far_after, &e), e);
    assert_string_not_equal(before, after);
    assert_string_equal(far_before, far_after);
    assert_string_equal(after, "\"01234567-plots-3-1\"");
    const struct tile_body *body = get(TILE_PLOTS, 10, here.x, here.y, &built);
    assert_true(built);
    assert_string_equal(body->etag, after);
    assert_null(tiles_peek(tiles, &here, before));
    json_t *j = parse(peeked); /* a body in use outlives its place in the cache */
    assert_int_equal(json_array_size(json_object_get(j, "features")), 1);
    json_decref(j);
    tile_body_release(peeked);
    tile_body_release(body);
    int reads = store.plot_reads;
    tile_body_release(get(TILE_PLOTS, 10, here.x, here.y, &built));
    assert_false(built);
    assert_int_equal(store.plot_reads, reads);
}

static void gzip_is_the_same_tile(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++)
        add_plot(-92.11 + 0.01 * help_unit(&seed), 14.9 + 0.01 * help_unit(&seed), 0.0005, 1);
    for (int z = 12; z <= 16; z += 4) { /* one above and one below the size for the fast level */
        uint32_t x, y;
        drawing_cell((struct lonlat){-92.105, 14.905}, z, &x, &y);
        const struct tile_body *body = get(TILE_PLOTS, z, x, y, NULL);
        assert_non_null(body->gzip);
        assert_true(body->gzip_n < body->plain_n / 2);
        char *plain = malloc(body->plain_n);
        struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
        size_t n = 0;
        assert_int_equal(
            libdeflate_gzip_decompress(d, body->gzip, body->gzip_n, plain, body->plain_n, &n),
            LIBDEFLATE_SUCCESS);
        assert_int_equal(n, body->plain_n);
        assert_memory_equal(plain, body->plain, n);
        libdeflate_free_decompressor(d);
        free(plain);
        tile_body_release(body);
    }
}

static void cache_is_bounded(void **state)
{
    (void)state;
    struct tiles *small = tiles_new(1);
    struct error e = {0};
    bool built;
    const struct tile_body *body;
    int cached = 0;
    for (uint32_t x = 0; x < 4000; x++) { /* 4,000 empty tiles take some 2 MB */
        struct tile_address at = {.layer = TILE_PLOTS, .z = 12, .x = x, .y = 5};
        CHECK_OK(tiles_get(small, &store, &at, &body, &built, &e), e);
        tile_body_release(body);
    }
    for (uint32_t x = 0; x < 4000; x++) {
        struct tile_address at = {.layer = TILE_PLOTS, .z = 12, .x = x, .y = 5};
        body = tiles_peek(small, &at, "\"01234567-plots-0-1\"");
        cached += body != NULL;
        if (x >= 3900)
            assert_non_null(body); /* the newest stay */
        if (x < 100)
            assert_null(body);
        tile_body_release(body);
    }
    assert_in_range(cached, 1000, 3000);
    tiles_free(small);
}

static void square(struct shape *s, double west, double south, double size)
{
    shape_init(s, 5, 1);
    shape_point(s, west, south);
    shape_point(s, west + size, south);
    shape_point(s, west + size, south + size);
    shape_point(s, west, south + size);
    shape_close(s, true);
}

static const char *level_at(int z, uint32_t x, uint32_t y)
{
    static char level[40];
    json_t *j = tile(TILE_REGIONS, z, x, y);
    const char *text = json_string_value(json_object_get(json_object_get(j, "parcela"), "level"));
    snprintf(level, sizeof level, "%s", text ? text : "none");
    json_decref(j);
    return level;
}

static void regions_by_level(void **state)
{
    (void)state;
    struct shape a, b, c;
    square(&a, -93, 15, 2);
    square(&b, -93, 15, 1);
    square(&c, -92, 15, 1);
    fake_store_layer(&store, LAYER_REGIONS, "state", &a.b, 1, 1);
    assert_string_equal(level_at(4, 3, 7), "state");
    assert_string_equal(level_at(9, 124, 234), "state");
    struct boundary two[2] = {b.b, c.b};
    fake_store_layer(&store, LAYER_REGIONS, "municipality", two, 2, 5);
    fake_store_layer(&store, LAYER_REGIONS, "zone", &a.b, 1, 6);
    fake_store_layer(&store, LAYER_CORRIDORS, "", &b.b, 1, 9);
    assert_string_equal(level_at(6, 15, 29), "state");
    assert_string_equal(level_at(7, 31, 58), "municipality");

    struct error e = {0};
    struct tile_address at = {.layer = TILE_REGIONS, .level = "zone", .z = 7, .x = 31, .y = 58};
    char etag[80];
    CHECK_OK(tiles_etag(tiles, &store, &at, etag, &e), e);
    assert_string_equal(etag, "\"01234567-regions-6-1\"");
    at.level = "parish";
    assert_int_equal(tiles_etag(tiles, &store, &at, etag, &e), STATUS_NOT_FOUND);
    assert_string_equal(e.code, "unknown_level");
    assert_non_null(strstr(e.message, "state, municipality, zone"));

    json_t *j = tile(TILE_REGIONS, 7, 31, 58), *parcela = json_object_get(j, "parcela");
    assert_int_equal(json_integer_value(json_object_get(parcela, "features")), 2);
    json_t *f = json_array_get(json_object_get(j, "features"), 0),
           *p = json_object_get(f, "properties");
    assert_string_equal(json_string_value(json_object_get(p, "name")), "Región \"1\"");
    assert_string_equal(json_string_value(json_object_get(p, "level")), "municipality");
    CHECK_NEAR(json_number_value(json_object_get(p, "ha")), 1.2345678901, 1e-13);
    json_decref(j);

    int loads = store.feature_loads;
    tile_body_release(get(TILE_REGIONS, 8, 61, 116, NULL));
    assert_int_equal(store.feature_loads, loads); /* a layer is read once */
    j = tile(TILE_CORRIDORS, 5, 7, 14);
    f = json_array_get(json_object_get(j, "features"), 0);
    assert_null(json_object_get(json_object_get(f, "properties"), "level"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "parcela"), "features")),
                     1);
    json_decref(j);
    for (int z = 0; z <= 10; z++) { /* every region is at home in one tile of a zoom */
        uint32_t x0, y0, x1, y1;
        int64_t homes = 0;
        drawing_cell((struct lonlat){-93, 17}, z, &x0, &y0);
        drawing_cell((struct lonlat){-91, 15}, z, &x1, &y1);
        for (uint32_t x = x0; x <= x1; x++)
            for (uint32_t y = y0; y <= y1; y++) {
                j = tile(TILE_REGIONS, z, x, y);
                homes +=
                    json_integer_value(json_object_get(json_object_get(j, "parcela"), "features"));
                json_decref(j);
            }
        assert_int_equal(homes, z < 7 ? 1 : 2);
    }
    shape_clear(&a);
    shape_clear(&b);
    shape_clear(&c);
}

static void too_many_reaching_in(void **state)
{
    (void)state;
    /* a tile in which no plot is at home, but over which eight thousand lie */
    for (int i = 0; i < 2 * LIMIT_TILE_FEATURES + 10; i++)
        add_plot(-91.0 + i * 1e-6, 15, 0.5, 1);
    uint32_t x, y;
    drawing_cell((struct lonlat){-91.2, 15.1}, 12, &x, &y);
    json_t *j = tile(TILE_PLOTS, 12, x, y);
    assert_true(json_is_true(json_object_get(json_object_get(j, "parcela"), "aggregated")));
    assert_int_equal(json_array_size(json_object_get(j, "features")), 0);
    json_decref(j);
}

/* Threads share the cache and the loaded layers, each with a reader of its own; all get the same
 * bytes. */
struct visitor {
    pthread_t thread;
    struct store store;
    struct tiles *tiles;
    uint64_t seed, digest;
    int built, failed;
};

static void *visit(void *arg)
{
    struct visitor *v = arg;
    for (uint32_t i = 0; i < 600; i++) {
        struct tile_address at = {.layer = (enum tile_layer)(i % TILE_LAYERS_N),
                                  .z = 9,
                                  .x = 122 + i % 7,
                                  .y = 232 + i / 7 % 5};
        const struct tile_body *body, *peeked;
        struct error e;
        bool built;
        if (tiles_get(v->tiles, &v->store, &at, &body, &built, &e)) {
            v->failed++;
            continue;
        }
        v->built += built;
        for (size_t k = 0; k < body->plain_n; k += 97)
            v->digest = v->digest * 31 + body->plain[k];
        peeked = tiles_peek(v->tiles, &at, body->etag);
        tile_body_release(body);
        if (peeked && peeked->plain[0] != '{') /* still there, whoever else drops it */
            v->failed++;
        tile_body_release(peeked);
    }
    return NULL;
}

static void many_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct visitor v[THREADS];
    struct tiles *shared = tiles_new(1);
    struct shape region;
    square(&region, -94, 15, 2);
    for (int i = 0; i < THREADS; i++) {
        fake_store_init(&v[i].store);
        seed = 42;
        for (int k = 0; k < 400; k++) {
            struct shape s;
            shape_init(&s, 30, 1);
            shape_star(&s, -94 + 3 * help_unit(&seed), 14 + 3 * help_unit(&seed), 0.02, 0.4, 22,
                       &seed);
            shape_close(&s, true);
            fake_store_plot(&v[i].store, &s.b, 1000000 * k, 1);
            shape_clear(&s);
        }
        fake_store_layer(&v[i].store, LAYER_REGIONS, "state", &region.b, 1, 1);
        fake_store_layer(&v[i].store, LAYER_CORRIDORS, "", &region.b, 1, 2);
        v[i].tiles = shared;
        v[i].digest = 0;
        v[i].built = v[i].failed = 0;
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
    int loads = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(v[i].thread, NULL);
        loads += v[i].store.feature_loads;
        assert_int_equal(v[i].failed, 0);
        assert_true(v[i].digest == v[0].digest);
        fake_store_clear(&v[i].store);
    }
    assert_int_equal(loads, 2); /* each layer once, by whoever came first */
    shape_clear(&region);
    tiles_free(shared);
}

static void tilejson(void **state)
{
    (void)state;
    struct error e = {0};
    struct buf out;
    buf_init(&out, 0);
    add_plot(-92.11, 14.9, 0.001, 1);
    for (int layer = 0; layer < TILE_LAYERS_N; layer++) {
        static const char *const names[] = {"plots", "corridors", "regions"};
        enum tile_layer parsed;
        assert_true(tile_layer_parse(names[layer], &parsed));
        assert_int_equal(parsed, layer);
        CHECK_OK(tiles_json(&store, parsed, "http://127.0.0.1:8080", &out, &e), e);
        json_t *j = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(j);
        assert_string_equal(json_string_value(json_object_get(j, "tilejson")), "3.0.0");
        char url[100];
        snprintf(url, sizeof url, "http://127.0.0.1:8080/tiles/%s/{z}/{x}/{y}.geojson",
                 names[layer]);
        assert_string_equal(json_string_value(json_array_get(json_object_get(j, "tiles"), 0)), url);
        assert_string_equal(json_string_value(json_object_get(j, "format")), "geojson");
        assert_int_equal(json_array_size(json_object_get(j, "bounds")), 4);
        assert_int_equal(json_array_size(json_object_get(j, "center")), 3);
        assert_int_equal(json_integer_value(json_object_get(j, "maxzoom")), LIMIT_TILE_ZOOM_MAX);
        json_t *fields =
            json_object_get(json_array_get(json_object_get(j, "vector_layers"), 0), "fields");
        assert_string_equal(json_string_value(json_object_get(fields, "ha")), "Number");
        if (layer == TILE_PLOTS) {
            CHECK_NEAR(json_number_value(json_array_get(json_object_get(j, "bounds"), 0)), -92.11,
                       0.36);
            CHECK_NEAR(json_number_value(json_array_get(json_object_get(j, "center"), 1)), 14.9,
                       0.36);
        }
        json_decref(j);
        buf_reset(&out);
    }
    enum tile_layer parsed;
    assert_false(tile_layer_parse("plot", &parsed));
    assert_int_equal(tiles_json(&store, TILE_LAYERS_N, "", &out, &e), STATUS_NOT_FOUND);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(empty_tiles, setup, teardown),
        cmocka_unit_test_setup_teardown(out_of_range, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plot_in_full, setup, teardown),
        cmocka_unit_test_setup_teardown(tiles_of_a_zoom_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(neighbours_and_home, setup, teardown),
        cmocka_unit_test_setup_teardown(small_plots_become_points, setup, teardown),
        cmocka_unit_test_setup_teardown(etags_change_only_where_something_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(gzip_is_the_same_tile, setup, teardown),
        cmocka_unit_test_setup_teardown(cache_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(regions_by_level, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_reaching_in, setup, teardown),
        cmocka_unit_test_setup_teardown(many_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(tilejson, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
