/* See store_fixture.h. */
#include "tests/unit/store_fixture.h"

#include <stdlib.h>

#include "geo/area.h"
#include "tests/check.h"

static struct error e;

void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    snprintf(f->top, sizeof f->top, "/tmp/parcela-store-XXXXXX");
    assert_non_null(mkdtemp(f->top));
    snprintf(f->folder, sizeof f->folder, "%s/reg", f->top);
    arena_init(&f->arena, 0);
    area_init();
    CHECK_OK(store_create(f->folder, &e), e);
    CHECK_OK(store_open(f->folder, STORE_WRITE, &f->s, &e), e);
}

void fixture_close(struct fixture *f)
{
    char command[160];
    store_close(f->s);
    arena_clear(&f->arena);
    snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", f->top, f->top);
    assert_int_equal(system(command), 0);
}

struct boundary fixture_square(struct arena *a, double lon, double lat, double side)
{
    struct boundary b;
    assert_true(boundary_alloc(&b, a, 5, 1, 1));
    const struct lonlat corners[5] = {
        {lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}};
    memcpy(b.points, corners, sizeof corners);
    b.ring_end[0] = 5;
    b.part_end[0] = 1;
    return b;
}

static void add_features(struct fixture *f, enum layer_kind kind, const char *level, int64_t change,
                         uint32_t *ids, int n)
{
    struct store_layer layer = {.kind = kind,
                                .level = level,
                                .source = "layer.gpkg",
                                .sha256 = "00",
                                .accuracy_m = 125,
                                .features_n = n,
                                .box = {-93, 15, -89, 19}};
    int64_t id;
    CHECK_OK(store_layer_add(f->s, &layer, change, &id, &e), e);
    for (int i = 0; i < n; i++) {
        char key[16];
        snprintf(key, sizeof key, "%02d", i + 1);
        struct store_layer_feature feature = {
            .key = key,
            .name = kind == LAYER_CORRIDORS ? "Corredor" : "Región",
            .area_mm2 = 5,
            .drawing = (const unsigned char *)"abc",
            .drawing_n = 3,
            .boundary = fixture_square(&f->arena, -93 + i, 15, 1)};
        CHECK_OK(store_layer_feature_add(f->s, id, &feature, &e), e);
        ids[i] = (uint32_t)feature.id;
    }
}

void fixture_layers(struct fixture *f)
{
    int64_t change;
    CHECK_OK(store_begin(f->s, false, &e), e);
    CHECK_OK(store_change_new(f->s, "layer", &change, &e), e);
    add_features(f, LAYER_REGIONS, "municipality", change, f->municipalities, 4);
    add_features(f, LAYER_REGIONS, "state", change, f->states, 2);
    add_features(f, LAYER_CORRIDORS, "", change, f->corridors, 3);
    CHECK_OK(store_commit(f->s, &e), e);
}

struct store_revision fixture_revision(struct fixture *f, struct arena *a, const char *code,
                                       double lon, double lat, int64_t area_mm2, int parts_n)
{
    static const char *const crops[] = {"maize", "bean"}, *const practices[] = {"miaf"};
    struct store_part *parts = arena_array(a, (size_t)parts_n, sizeof *parts);
    struct store_corridor_hit *hit = arena_alloc(a, sizeof *hit);
    uint32_t *corridor = arena_memdup(a, f->corridors, sizeof f->corridors);
    int64_t left = area_mm2;
    for (int i = 0; i < parts_n; i++) {
        uint32_t *regions = arena_array(a, 2, sizeof *regions);
        regions[0] = f->states[0];
        regions[1] = i == 3 ? UINT32_MAX : f->municipalities[i];
        int64_t area = i + 1 < parts_n ? area_mm2 / parts_n : left;
        left -= area;
        parts[i] = (struct store_part){regions, 2, corridor, i == 1 ? 2 : 0, i == 2 ? -1 : i, area};
    }
    *hit = (struct store_corridor_hit){f->corridors[0], parts_n > 1 ? parts[1].area_mm2 : 0, 1};
    struct boundary b = fixture_square(a, lon, lat, 0.001);
    struct store_revision r = {
        .programme_id = f->programme,
        .organisation_id = f->organisation,
        .code = code,
        .name = "La Esperanza de Rosa",
        .crops = crops,
        .crops_n = 2,
        .practices = practices,
        .practices_n = 1,
        .adoption_year = 2018,
        .observed_date = "2024-03-01",
        .survey = 1,
        .declared_ha = NAN,
        .accuracy_m = 4.5,
        .boundary = b,
        .anchor = {lon + 0.0005, lat + 0.0005},
        .area_mm2 = area_mm2,
        .area_se_m2 = 123.4567,
        .perimeter_m = 440,
        .drawing = (const unsigned char *)"drawing",
        .drawing_n = 7,
        .figures = {.corridor_mm2 = hit->area_mm2,
                    .corridor_verdict = 1,
                    .slope_mean_pct = 12.5,
                    .slope_max_pct = NAN,
                    .slope_p10_pct = 1,
                    .slope_p50_pct = 2,
                    .slope_p90_pct = 3,
                    .slope_nodata_share = 0.25,
                    .surface_mm2 = area_mm2 + 7,
                    .slope_class = 1,
                    .layers_change = 1,
                    .parts = parts,
                    .parts_n = (size_t)parts_n,
                    .corridors = hit,
                    .corridors_n = parts_n > 1},
        .file = "rosa.gpx",
        .row = 7,
        .attributes_json = "{\"PRODUCTOR\":\"Rosa\"}",
        .source_wkb = (const unsigned char *)"\1\2\3",
        .source_wkb_n = 3,
        .source_epsg = 32615,
    };
    memset(r.geometry_hash, 0x11, 16);
    memcpy(r.geometry_hash, &lon, 8);
    memset(r.content_hash, 0x22, 16);
    return r;
}

void fixture_import_begin(struct fixture *f, bool bulk, int64_t *import_id, int64_t *change)
{
    CHECK_OK(bulk ? store_begin_load(f->s, &e) : store_begin(f->s, false, &e), e);
    CHECK_OK(store_change_new(f->s, "import", change, &e), e);
    struct store_import import = {.change = *change,
                                  .status = "committed",
                                  .programme = "MIAF-D",
                                  .files = "[{\"file\":\"rosa.gpx\"}]"};
    CHECK_OK(store_import_new(f->s, &import, import_id, &e), e);
    CHECK_OK(store_programme(f->s, "MIAF-D", "Milpa intercalada", &f->programme, &e), e);
    CHECK_OK(store_organisation(f->s, "RAYEN", &f->organisation, &e), e);
}

void fixture_import_end(struct fixture *f, int64_t import_id, int64_t change)
{
    struct store_import import = {.id = import_id,
                                  .change = change,
                                  .status = "committed",
                                  .programme = "MIAF-D",
                                  .files = "[{\"file\":\"rosa.gpx\"}]",
                                  .rows = 3,
                                  .new_n = 2,
                                  .held_n = 1,
                                  .added_mm2 = 5,
                                  .seconds = 0.5};
    CHECK_OK(store_import_finish(f->s, &import, &e), e);
    CHECK_OK(store_commit(f->s, &e), e);
}

static void say(const char *name, bool ok, const char *detail, void *arg)
{
    bool *all = arg;
    if (!ok)
        print_error("check %s: %s\n", name, detail);
    *all = *all && ok;
}

void fixture_check(struct store *s)
{
    bool all = true;
    CHECK_OK(store_check(s, say, &all, &e), e);
    assert_true(all);
}

int64_t fixture_int(struct store *s, const char *sql)
{
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        print_error("%s: %s\n", sql, sqlite3_errmsg(s->db));
    assert_int_equal(rc, SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}
