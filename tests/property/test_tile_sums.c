/* Promise 3 on a real registry: at every zoom the tiles together carry the plots and hectares of
 * the registry, exactly; also after plots were added and revised. And every tile is JSON whose
 * rings are closed and, from zoom 12 on, simple. */
#include "tests/check.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/area.h"
#include "geo/drawing.h"
#include "geo/overlay/overlay.h"
#include "service/tiles/tiles.h"
#include "tests/unit/drawing_help.h"

enum { TOWN = 4100, SPREAD = 400, ZOOM_MAX = 14 };

static struct sums {
    int64_t plots, area_mm2, corridor_mm2;
} total;

struct kept {
    int64_t plot_id, area_mm2, corridor_mm2;
};
static struct kept kept[TOWN + SPREAD + 100];
static int kept_n;

static uint64_t seed = 20240607;
static uint32_t regions[2]; /* the state all plots lie in, and no municipality */
static struct slope_class_table classes;

/* A wiggly plot, sometimes with a hole or a second part, sometimes across a tile border. */
static void make_shape(struct shape *s, double lon, double lat, double radius)
{
    int n = 8 + (int)(help_unit(&seed) * 30);
    shape_init(s, 120, 4);
    shape_star(s, lon, lat, radius, 0.6, n, &seed);
    bool hole = help_unit(&seed) < 0.2;
    shape_close(s, !hole);
    if (hole) {
        shape_star(s, lon, lat, radius * 0.3, 0.3, 8, &seed);
        shape_close(s, true);
    }
    if (help_unit(&seed) < 0.2) {
        shape_star(s, lon + 2.2 * radius, lat, radius, 0.6, n, &seed);
        shape_close(s, true);
    }
}

static void write_plot(struct store *store, struct arena *arena, int64_t import, int64_t change,
                       int64_t programme, struct kept *k, double lon, double lat)
{
    struct error e = {0};
    struct shape s;
    unsigned char *drawing;
    size_t drawing_n;
    make_shape(&s, lon, lat, 0.0003 * pow(10, help_unit(&seed)));
    CHECK_OK(drawing_encode(&s.b, arena, &drawing, &drawing_n, &e), e);
    int64_t area = area_to_mm2(area_boundary_m2(&s.b)),
            corridor = (int64_t)((double)area * help_unit(&seed));
    int class = (int)(help_unit(&seed) * (classes.classes_n + 1)) - 1;
    struct store_part parts[2] = {
        {.regions = regions, .levels_n = 2, .slope_class = class, .area_mm2 = area - area / 3},
        {.regions = regions, .levels_n = 2, .slope_class = -1, .area_mm2 = area / 3}};
    static int number;
    struct store_revision r = {
        .plot_id = k->plot_id,
        .programme_id = programme,
        .code = k->plot_id ? NULL : arena_printf(arena, "P-%d", ++number),
        .declared_ha = NAN,
        .accuracy_m = NAN,
        .boundary = s.b,
        .anchor = boundary_anchor(&s.b),
        .area_mm2 = area,
        .drawing = drawing,
        .drawing_n = drawing_n,
        .figures = {.corridor_mm2 = corridor,
                    .slope_mean_pct = NAN,
                    .slope_max_pct = NAN,
                    .slope_p10_pct = NAN,
                    .slope_p50_pct = NAN,
                    .slope_p90_pct = NAN,
                    .slope_class = class,
                    .parts = parts,
                    .parts_n = class < 0 ? 1 : 2},
        .file = "plots.shp",
        .row = (uint64_t)number,
        .source_epsg = 4326,
    };
    if (class < 0)
        parts[0].area_mm2 = area;
    memcpy(r.geometry_hash, &number, sizeof number);
    memcpy(r.content_hash, &number, sizeof number);
    CHECK_OK(store_revision_add(store, import, change, &r, &e), e);
    total.plots += k->plot_id == 0;
    total.area_mm2 += area - k->area_mm2;
    total.corridor_mm2 += corridor - k->corridor_mm2;
    *k = (struct kept){r.plot_id, area, corridor};
    shape_clear(&s);
    arena_reset(arena);
}

static void add_layer(struct store *store, const char *level, double west, double south,
                      double size, int n, uint32_t *id)
{
    struct error e = {0};
    struct arena arena;
    struct shape s[4];
    struct boundary b[4];
    unsigned char *bytes[4];
    size_t bytes_n[4];
    int64_t change, layer_id;
    arena_init(&arena, 0);
    for (int i = 0; i < n; i++) {
        shape_init(&s[i], 400, 1);
        shape_star(&s[i], west + i * size, south, size / 2, 0.3, 300, &seed);
        shape_close(&s[i], true);
        b[i] = s[i].b;
    }
    CHECK_OK(drawing_encode_layer(b, (size_t)n, &arena, bytes, bytes_n, &e), e);
    CHECK_OK(store_change_new(store, "layer", &change, &e), e);
    struct store_layer layer = {.kind = LAYER_REGIONS,
                                .level = level,
                                .source = "regions.gpkg",
                                .sha256 = "",
                                .edition = "",
                                .added_at = "2024-06-07T00:00:00Z",
                                .features_n = n,
                                .box = boundary_box(&b[0]),
                                .file = "",
                                .crs = ""};
    CHECK_OK(store_layer_add(store, &layer, change, &layer_id, &e), e);
    for (int i = 0; i < n; i++) {
        struct store_layer_feature f = {.key = arena_printf(&arena, "%02d", i),
                                        .name = "Región",
                                        .boundary = b[i],
                                        .area_mm2 = 10000000007 * (i + 1),
                                        .drawing = bytes[i],
                                        .drawing_n = bytes_n[i]};
        CHECK_OK(store_layer_feature_add(store, layer_id, &f, &e), e);
        *id = (uint32_t)f.id;
        shape_clear(&s[i]);
    }
    arena_clear(&arena);
}

static void add_layers(const char *folder)
{
    struct error e = {0};
    struct store *store;
    CHECK_OK(store_open(folder, STORE_WRITE, &store, &e), e);
    CHECK_OK(store_begin(store, false, &e), e);
    add_layer(store, "state", -92.5, 15.3, 4, 1, &regions[0]);
    add_layer(store, "municipality", -95, 20, 0.5, 4, &regions[1]);
    regions[1] = LAYER_NONE;
    CHECK_OK(store_commit(store, &e), e);
    store_close(store);
}

/* One import: `town` plots close together, `spread` over a degree, and every eleventh plot so far
 * drawn anew elsewhere. */
static void import(const char *folder, int town, int spread)
{
    struct error e = {0};
    struct store *store;
    struct arena arena;
    int64_t change, import_id, programme;
    arena_init(&arena, 0);
    CHECK_OK(store_open(folder, STORE_WRITE, &store, &e), e);
    CHECK_OK(store_slope_table(store, &classes, &e), e);
    CHECK_OK(store_begin(store, false, &e), e);
    CHECK_OK(store_change_new(store, "import", &change, &e), e);
    CHECK_OK(store_programme(store, "PP", "Pequeño Productor", &programme, &e), e);
    struct store_import record = {.change = change,
                                  .status = "committed",
                                  .programme = "PP",
                                  .files = "[]",
                                  .committed_at = "2024-06-07T00:00:00Z"};
    CHECK_OK(store_import_new(store, &record, &import_id, &e), e);
    for (int i = 0; i < kept_n; i += 11)
        write_plot(store, &arena, import_id, change, programme, &kept[i],
                   -92.8 + 0.5 * help_unit(&seed), 15 + 0.5 * help_unit(&seed));
    for (int i = 0; i < town; i++)
        write_plot(store, &arena, import_id, change, programme, &kept[kept_n++],
                   -92.5 + 0.03 * help_unit(&seed), 15.2 + 0.03 * help_unit(&seed));
    for (int i = 0; i < spread; i++)
        write_plot(store, &arena, import_id, change, programme, &kept[kept_n++],
                   -92.8 + 0.6 * help_unit(&seed), 15 + 0.6 * help_unit(&seed));
    record.id = import_id;
    CHECK_OK(store_import_finish(store, &record, &e), e);
    CHECK_OK(store_commit(store, &e), e);
    store_close(store);
    arena_clear(&arena);
}

/* ---- what a tile says ---- */

/* Exact mm2 of a figure printed in hectares. */
static int64_t mm2_after(const char *text, const char *key)
{
    const char *p = strstr(text, key);
    assert_non_null(p);
    int64_t v = 0;
    int decimals = -1;
    for (p += strlen(key); (*p >= '0' && *p <= '9') || *p == '.'; p++) {
        if (*p == '.') {
            decimals = 0;
        } else {
            v = v * 10 + *p - '0';
            decimals += decimals >= 0;
        }
    }
    for (int d = decimals < 0 ? 0 : decimals; d < 10; d++)
        v *= 10;
    return v;
}

static void check_polygon(json_t *rings, bool simple)
{
    struct drawing_point points[400];
    uint32_t ring_end[8], part_end = 0;
    struct drawing d = {points, ring_end, &part_end, 0, 0, 1};
    json_t *ring, *at;
    size_t i, k;
    json_array_foreach(rings, i, ring)
    {
        assert_true(json_array_size(ring) >= 4);
        assert_true(
            json_equal(json_array_get(ring, 0), json_array_get(ring, json_array_size(ring) - 1)));
        assert_true(d.rings_n < 8 && d.points_n + json_array_size(ring) <= 400);
        double area = 0;
        uint32_t first = d.points_n;
        json_array_foreach(ring, k, at) points[d.points_n++] = (struct drawing_point){
            (int32_t)lround(json_number_value(json_array_get(at, 0)) * 1e7),
            (int32_t)lround(-json_number_value(json_array_get(at, 1)) * 1e7)};
        ring_end[d.rings_n++] = d.points_n;
        part_end = d.rings_n;
        for (uint32_t p = first; p + 1 < d.points_n; p++)
            area += (double)points[p].y * points[p + 1].x - (double)points[p].x * points[p + 1].y;
        assert_true(i ? area < 0 : area > 0); /* RFC 7946, 3.1.6 */
    }
    if (simple && drawing_crossings(&d, true))
        fail_msg("rings meet: %s", json_dumps(rings, JSON_COMPACT));
}

static void check_feature(json_t *f, bool simple, struct sums *home)
{
    json_t *geometry = json_object_get(f, "geometry"),
           *coordinates = json_object_get(geometry, "coordinates"), *polygon;
    json_t *p = json_object_get(f, "properties");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    size_t i;
    assert_non_null(type);
    if (strcmp(type, "Polygon") == 0)
        check_polygon(coordinates, simple);
    else if (strcmp(type, "MultiPolygon") == 0)
        json_array_foreach(coordinates, i, polygon) check_polygon(polygon, simple);
    else
        assert_string_equal(type, "Point");
    if (!json_is_true(json_object_get(p, "home")))
        return;
    home->plots += json_is_true(json_object_get(p, "cell"))
                       ? json_integer_value(json_object_get(p, "plots"))
                       : 1;
    /* exact as a double up to 900 ha: the parts of a feature have no more than 2^53 mm2 */
    home->area_mm2 += llround(json_number_value(json_object_get(p, "ha")) * MM2_PER_HA);
    home->corridor_mm2 +=
        llround(json_number_value(json_object_get(p, "corridor_ha")) * MM2_PER_HA);
}

static void check_tile(const struct tile_body *body, int z, struct sums *sums, int *aggregated)
{
    char *text = calloc(1, body->plain_n + 1);
    memcpy(text, body->plain, body->plain_n);
    const char *tail = strstr(text, "\"parcela\":{");
    assert_non_null(tail);
    struct sums said = {atoll(strstr(tail, "\"plots\":") + 8), mm2_after(tail, "\"hectares\":"),
                        mm2_after(tail, "\"corridor_hectares\":")};
    json_error_t error;
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &error), *f;
    if (!j)
        fail_msg("%s: %.300s", error.text, text);
    struct sums home = {0};
    size_t i;
    json_array_foreach(json_object_get(j, "features"), i, f) check_feature(f, z >= 12, &home);
    assert_int_equal(home.plots, said.plots);
    assert_int_equal(home.area_mm2, said.area_mm2);
    assert_int_equal(home.corridor_mm2, said.corridor_mm2);
    *aggregated += json_is_true(json_object_get(json_object_get(j, "parcela"), "aggregated"));
    sums->plots += said.plots;
    sums->area_mm2 += said.area_mm2;
    sums->corridor_mm2 += said.corridor_mm2;
    json_decref(j);
    free(text);
}

static void check_all_zooms(const char *folder)
{
    struct error e = {0};
    struct store *store;
    struct tiles *tiles = tiles_new(16);
    CHECK_OK(store_open(folder, STORE_PUBLIC, &store, &e), e);
    CHECK_OK(store_snapshot_begin(store, &e), e);
    int aggregated = 0, whole = 0;
    for (int z = 0; z <= ZOOM_MAX; z++) {
        struct sums sums = {0};
        uint32_t x0, y0, x1, y1;
        drawing_cell((struct lonlat){-92.9, 15.7}, z, &x0, &y0);
        drawing_cell((struct lonlat){-92.1, 14.9}, z, &x1, &y1);
        int crowded = 0;
        for (uint32_t x = x0; x <= x1; x++)
            for (uint32_t y = y0; y <= y1; y++) {
                const struct tile_body *body;
                bool built;
                CHECK_OK(
                    tiles_get(tiles, store,
                              &(struct tile_address){.layer = TILE_PLOTS, .z = z, .x = x, .y = y},
                              &body, &built, &e),
                    e);
                check_tile(body, z, &sums, &crowded);
                tile_body_release(body);
            }
        assert_int_equal(sums.plots, total.plots);
        assert_int_equal(sums.area_mm2, total.area_mm2);
        assert_int_equal(sums.corridor_mm2, total.corridor_mm2);
        aggregated += crowded > 0;
        whole += crowded == 0;
    }
    assert_true(aggregated && whole); /* both ways were walked */
    store_snapshot_end(store);
    store_close(store);
    tiles_free(tiles);
}

/* Every region is at home in one tile of a zoom. */
static void check_regions(const char *folder)
{
    struct error e = {0};
    struct store *store;
    struct tiles *tiles = tiles_new(16);
    CHECK_OK(store_open(folder, STORE_PUBLIC, &store, &e), e);
    for (int z = 0; z <= 10; z++) {
        int64_t features = 0, area = 0;
        uint32_t x0, y0, x1, y1;
        drawing_cell((struct lonlat){-96, 21}, z, &x0, &y0);
        drawing_cell((struct lonlat){-90, 13}, z, &x1, &y1);
        for (uint32_t x = x0; x <= x1; x++)
            for (uint32_t y = y0; y <= y1; y++) {
                const struct tile_body *body;
                bool built;
                CHECK_OK(
                    tiles_get(tiles, store,
                              &(struct tile_address){.layer = TILE_REGIONS, .z = z, .x = x, .y = y},
                              &body, &built, &e),
                    e);
                json_t *j = json_loadb((const char *)body->plain, body->plain_n,
                                       JSON_REJECT_DUPLICATES, NULL),
                       *f;
                assert_non_null(j);
                size_t i;
                json_array_foreach(json_object_get(j, "features"), i, f)
                    check_feature(f, z >= 14, &(struct sums){0});
                json_t *parcela = json_object_get(j, "parcela");
                features += json_integer_value(json_object_get(parcela, "features"));
                area +=
                    llround(json_number_value(json_object_get(parcela, "hectares")) * MM2_PER_HA);
                json_decref(j);
                tile_body_release(body);
            }
        assert_int_equal(features, z < 7 ? 1 : 4);
        assert_int_equal(area, (z < 7 ? 1 : 10) * 10000000007);
    }
    store_close(store);
    tiles_free(tiles);
}

static void tiles_carry_the_registry(void **state)
{
    (void)state;
    struct error e = {0};
    char folder[] = "/tmp/parcela-tiles-XXXXXX", registry[64], command[80];
    assert_non_null(mkdtemp(folder));
    snprintf(registry, sizeof registry, "%s/registry", folder);
    CHECK_OK(store_create(registry, &e), e);
    add_layers(registry);
    import(registry, TOWN, SPREAD);
    check_regions(registry);
    check_all_zooms(registry);
    import(registry, 40, 50); /* adds, and revises what was there */
    check_all_zooms(registry);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    area_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_carry_the_registry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
