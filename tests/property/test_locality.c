/* One vertex of a plot, of a corridor, one cell of an elevation tile: exactly the figures that it can move do, as a dump of everything that is
 * stored shows; the registry afterwards is the one that would have been made from the new files; `check` proves the rest, and finds any
 * figure that was tampered with in the database, of every kind. */
#include "tests/check.h"

#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/reader.h"
#include "service/registry/check.h"
#include "service/registry/import.h"
#include "service/registry/layers.h"

enum { PLOTS_N = 90, CORNERS = 9, LINE_N = 240, TILE = 1201 };
#define MIDDLE_LON (-93.0)
#define MIDDLE_LAT 16.31
#define ACCURACY_M 60.0

static char folder[64];
static uint64_t seed = 20260411;
static double plots[PLOTS_N][CORNERS][2];
static double line[LINE_N][2]; /* of the corridor */

static double random_unit(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static char *path_of(const char *name)
{
    static char paths[16][160];
    static int next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* ---- files ---- */

static void invent(void)
{
    for (int i = 0; i < PLOTS_N; i++) {
        double lon = MIDDLE_LON + 0.02 * (random_unit() - 0.5), lat = MIDDLE_LAT + 0.02 * (random_unit() - 0.5), radius = 0.0005 + 0.0006 * random_unit();
        for (int k = 0; k < CORNERS; k++) {
            double angle = 2 * M_PI * k / CORNERS, r = radius * (0.7 + 0.3 * random_unit());
            plots[i][k][0] = lon + r * cos(angle);
            plots[i][k][1] = lat + r * sin(angle);
        }
    }
    for (int i = 0; i < LINE_N; i++) {
        double angle = 2 * M_PI * i / LINE_N, r = 0.006 + 0.0005 * sin(17 * angle);
        line[i][0] = MIDDLE_LON + 0.002 + r * cos(angle);
        line[i][1] = MIDDLE_LAT + r * sin(angle);
    }
}

static void write_plots(const char *path, int first, int last)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[\n", f);
    for (int i = first; i < last; i++) {
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"clave\":\"P-%03d\",\"levantamiento\":\"%s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[",
                i > first ? ",\n" : "", i, i % 3 ? "gps" : "catastral");
        for (int k = 0; k <= CORNERS; k++)
            fprintf(f, "%s[%.9f,%.9f]", k ? "," : "", plots[i][k % CORNERS][0], plots[i][k % CORNERS][1]);
        fputs("]]}}", f);
    }
    fputs("\n]}\n", f);
    fclose(f);
}

static void write_corridors(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"clave\":\"C0\",\"nombre\":\"Corredor\"},\"geometry\":{\"type\":"
          "\"Polygon\",\"coordinates\":[[", f);
    for (int i = 0; i <= LINE_N; i++)
        fprintf(f, "%s[%.9f,%.9f]", i ? "," : "", line[i % LINE_N][0], line[i % LINE_N][1]);
    fprintf(f, "]]}},{\"type\":\"Feature\",\"properties\":{\"clave\":\"C1\",\"nombre\":\"Otro\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,%.6f],[%.6f,%.6f],"
               "[%.6f,%.6f],[%.6f,%.6f]]]}}]}\n",
            MIDDLE_LON - 0.012, MIDDLE_LAT - 0.002, MIDDLE_LON + 0.002, MIDDLE_LAT - 0.002, MIDDLE_LON + 0.002, MIDDLE_LAT + 0.002, MIDDLE_LON - 0.012,
            MIDDLE_LAT - 0.002);
    fclose(f);
}

static void write_regions(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    for (int i = 0; i < 3; i++) {
        double w = MIDDLE_LON - 0.012 + 0.008 * i;
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"CVEGEO\":\"0700%d\",\"NOMGEO\":\"M %d\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,16.2],[%.6f,16.2],[%.6f,16.4],[%.6f,16.4],[%.6f,16.2]]]}}",
                i ? "," : "", i, i, w, w + 0.008, w + 0.008, w, w);
    }
    fputs("]}\n", f);
    fclose(f);
}

/* raised: column and row of a cell to raise by 40 m; -1 none. */
static void write_tile(const char *path, int raised_col, int raised_row)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int row = 0; row < TILE; row++)
        for (int col = 0; col < TILE; col++) {
            int z = (int)(800 + 100 * sin(row / 7.0) + 90 * cos(col / 5.0)) + (row == raised_row && col == raised_col ? 40 : 0);
            fputc(z >> 8 & 0xFF, f);
            fputc(z & 0xFF, f);
        }
    fclose(f);
}

/* ---- the registry ---- */

static int64_t add_layer(const char *registry, enum layer_kind kind, const char *file, const char *other)
{
    struct error e;
    struct layer_report r;
    const char *files[] = {file, other};
    CHECK_OK(layer_add(&(struct layer_request){.registry = registry, .kind = kind, .files = files, .files_n = other ? 2 : 1, .level = kind == LAYER_REGIONS ? "municipality" : NULL,
                                               .accuracy_m = ACCURACY_M},
                       &r, &e), e);
    int64_t renewed = r.plots_recomputed;
    layer_report_clear(&r);
    return renewed;
}

static void add_plots(const char *registry, const char *file)
{
    struct error e;
    struct import_report report;
    const char *files[] = {file};
    CHECK_OK(import_run(&(struct import_request){.registry = registry, .files = files, .files_n = 1, .programme = "PP"}, &report, &e), e);
    assert_int_equal(report.import.held_n + report.import.rejected_n, 0);
    import_report_clear(&report);
}

static char *make_registry(const char *name)
{
    struct error e;
    char *registry = strdup(path_of(name));
    CHECK_OK(store_create(registry, &e), e);
    add_layer(registry, LAYER_REGIONS, path_of("regions.geojson"), NULL);
    add_layer(registry, LAYER_CORRIDORS, path_of("corridors.geojson"), NULL);
    add_layer(registry, LAYER_TERRAIN, path_of("N16W094.hgt"), path_of("N16W093.hgt"));
    add_plots(registry, path_of("plots.geojson"));
    return registry;
}

static void note_check(const char *name, bool ok, const char *detail, void *arg)
{
    if (ok)
        return;
    snprintf(arg, 400, "%s: %s", name, detail);
}

static bool check_ok(const char *registry, char detail[400])
{
    struct store *s;
    struct error e;
    bool ok = false;
    detail[0] = 0;
    CHECK_OK(store_open(registry, STORE_READ, &s, &e), e);
    enum status status = check_run(s, note_check, NULL, detail, &ok, &e);
    store_close(s);
    return status == STATUS_OK && ok;
}

static void check_green(const char *registry)
{
    char detail[400];
    if (!check_ok(registry, detail))
        print_error("check: %s\n", detail);
    assert_string_equal(detail, "");
}

/* ---- a dump of all figures, each line beginning with the plot it belongs to ---- */

#define REGIONS_OF(p) "coalesce((SELECT group_concat(l.level || '=' || coalesce(f.key, '-')) FROM region_set_level l LEFT JOIN layer_feature f ON f.id = l.feature_id WHERE l.region_set_id = " p ".region_set), '')"
#define CORRIDORS_OF(p) "coalesce((SELECT group_concat(key) FROM (SELECT f.key AS key FROM corridor_set_member m JOIN layer_feature f ON f.id = m.feature_id WHERE m.corridor_set_id = " p ".corridor_set ORDER BY f.key)), '')"

static const char *const DUMPS[] = {
    "SELECT code, 'plot', area_mm2, area_se_m2, perimeter_m, anchor_lon, anchor_lat, surface_mm2, slope_class, slope_mean_pct, slope_max_pct, slope_p10_pct, slope_p50_pct, slope_p90_pct, slope_nodata, "
    "corridor_mm2, corridor_verdict FROM revision WHERE to_change IS NULL",
    "SELECT r.code, 'part', " REGIONS_OF("p") ", " CORRIDORS_OF("p") ", p.slope_class, p.area_mm2 FROM revision r JOIN part p ON p.revision_id = r.id WHERE r.to_change IS NULL",
    "SELECT r.code, 'hit', f.key, h.area_mm2, h.verdict FROM revision r JOIN corridor_hit h ON h.revision_id = r.id JOIN layer_feature f ON f.id = h.feature_id WHERE r.to_change IS NULL",
    "SELECT r.code, 'error', " REGIONS_OF("p") ", " CORRIDORS_OF("p") ", p.east_m, p.north_m, hex(p.covariance) FROM revision r JOIN part_error p ON p.revision_id = r.id WHERE r.to_change IS NULL",
    "SELECT r.code, 'face', (SELECT group_concat(code) FROM (SELECT x.code AS code FROM face_member o JOIN revision x ON x.id = o.revision_id WHERE o.face_id = a.id ORDER BY x.code)), a.area_mm2, " REGIONS_OF("p") ", " CORRIDORS_OF("p") ", p.slope_class, p.area_mm2 "
    "FROM face a JOIN face_member m ON m.face_id = a.id JOIN revision r ON r.id = m.revision_id JOIN face_part p ON p.face_id = a.id WHERE a.to_change IS NULL",
};

struct lines {
    char **list;
    size_t n;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static sqlite3 *open_raw(const char *registry, int flags)
{
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/registry.sqlite", registry);
    assert_int_equal(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    return db;
}

static struct lines dump(const char *registry)
{
    struct lines out = {NULL, 0};
    sqlite3 *db = open_raw(registry, SQLITE_OPEN_READONLY);
    for (size_t i = 0; i < sizeof DUMPS / sizeof *DUMPS; i++) {
        sqlite3_stmt *q;
        if (sqlite3_prepare_v2(db, DUMPS[i], -1, &q, NULL) != SQLITE_OK)
            print_error("%s\n", sqlite3_errmsg(db));
        while (sqlite3_step(q) == SQLITE_ROW) {
            char text[4000];
            size_t used = 0;
            for (int c = 0; c < sqlite3_column_count(q); c++) {
                double v = sqlite3_column_double(q, c);
                bool real = sqlite3_column_type(q, c) == SQLITE_FLOAT;
                const char *word = (const char *)sqlite3_column_text(q, c);
                used += (size_t)(real ? snprintf(text + used, sizeof text - used, "%.17g|", v) : snprintf(text + used, sizeof text - used, "%s|", word ? word : "-"));
            }
            out.list = realloc(out.list, (out.n + 1) * sizeof *out.list);
            out.list[out.n++] = strdup(text);
        }
        assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    }
    sqlite3_close(db);
    qsort(out.list, out.n, sizeof *out.list, compare_lines);
    return out;
}

static void forget(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->list[i]);
    free(l->list);
}

/* Which plots have a line that the other dump has not; kind NULL = any. */
static void differences(const struct lines *a, const struct lines *b, const char *kind, bool changed[PLOTS_N])
{
    memset(changed, 0, PLOTS_N * sizeof *changed);
    for (int side = 0; side < 2; side++) {
        const struct lines *x = side ? b : a, *y = side ? a : b;
        for (size_t i = 0; i < x->n; i++)
            if (!bsearch(&x->list[i], y->list, y->n, sizeof *y->list, compare_lines) && (!kind || strncmp(x->list[i] + 6, kind, strlen(kind)) == 0))
                changed[atoi(x->list[i] + 2)] = true;
    }
}

static void same_dump(const struct lines *a, const struct lines *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->list[i], b->list[i]) != 0) {
            print_error("  %s\n  %s\n", a->list[i], b->list[i]);
            break;
        }
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        assert_string_equal(a->list[i], b->list[i]);
}

/* Distance in metres between a plot's box and a place, at least. */
static double away_m(int plot, double lon, double lat)
{
    double west = 180, east = -180, south = 90, north = -90;
    for (int k = 0; k < CORNERS; k++) {
        west = fmin(west, plots[plot][k][0]);
        east = fmax(east, plots[plot][k][0]);
        south = fmin(south, plots[plot][k][1]);
        north = fmax(north, plots[plot][k][1]);
    }
    double dx = fmax(fmax(west - lon, lon - east), 0) * 106900, dy = fmax(fmax(south - lat, lat - north), 0) * 110660;
    return hypot(dx, dy);
}

static bool boxes_meet(int a, int b)
{
    double box[2][4] = {{180, 90, -180, -90}, {180, 90, -180, -90}};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < CORNERS; k++) {
            const double *p = plots[i ? b : a][k];
            box[i][0] = fmin(box[i][0], p[0]);
            box[i][1] = fmin(box[i][1], p[1]);
            box[i][2] = fmax(box[i][2], p[0]);
            box[i][3] = fmax(box[i][3], p[1]);
        }
    return box[0][0] <= box[1][2] && box[1][0] <= box[0][2] && box[0][1] <= box[1][3] && box[1][1] <= box[0][3];
}

static int count(const bool *changed)
{
    int n = 0;
    for (int i = 0; i < PLOTS_N; i++)
        n += changed[i];
    return n;
}

/* ---- one vertex of one plot ---- */

static void one_vertex_of_a_plot(void **state)
{
    (void)state;
    char *registry = make_registry("vertex");
    struct lines before = dump(registry);
    int moved = 0, neighbours = 0;
    for (int i = 0; i < PLOTS_N; i++) { /* one that others lie on */
        int n = 0;
        for (int k = 0; k < PLOTS_N; k++)
            n += k != i && boxes_meet(i, k);
        if (n > neighbours) {
            moved = i;
            neighbours = n;
        }
    }
    assert_true(neighbours > 1);
    bool near[PLOTS_N], changed[PLOTS_N];
    for (int k = 0; k < PLOTS_N; k++)
        near[k] = boxes_meet(moved, k);
    plots[moved][2][0] += 0.00004;
    plots[moved][2][1] += 0.00003;
    write_plots(path_of("one.geojson"), moved, moved + 1);
    add_plots(registry, path_of("one.geojson"));
    struct lines after = dump(registry);
    static const char *const own[] = {"plot", "part", "hit", "error"};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        differences(&before, &after, own[k], changed);
        assert_int_equal(count(changed), changed[moved]); /* no other plot's */
        assert_true(changed[moved] || k >= 2);
    }
    differences(&before, &after, "face", changed);
    for (int k = 0; k < PLOTS_N; k++)
        assert_true(!changed[k] || k == moved || near[k]);
    check_green(registry);
    write_plots(path_of("plots.geojson"), 0, PLOTS_N);
    char *fresh = make_registry("vertex_fresh");
    struct lines anew = dump(fresh);
    same_dump(&after, &anew);
    forget(&before);
    forget(&after);
    forget(&anew);
    free(registry);
    free(fresh);
}

/* ---- one vertex of one corridor ---- */

static void one_vertex_of_a_corridor(void **state)
{
    (void)state;
    char *registry = make_registry("corridor");
    struct lines before = dump(registry);
    /* the vertex nearest to a plot's middle, so that something must change */
    int vertex = 0;
    double least = 1e9;
    for (int i = 0; i < LINE_N; i++)
        for (int p = 0; p < PLOTS_N; p++)
            if (away_m(p, line[i][0], line[i][1]) < 1 && fabs(line[i][0] - plots[p][0][0]) + fabs(line[i][1] - plots[p][0][1]) < least) {
                least = fabs(line[i][0] - plots[p][0][0]) + fabs(line[i][1] - plots[p][0][1]);
                vertex = i;
            }
    double reach = 0, old[2] = {line[vertex][0], line[vertex][1]};
    for (int side = -1; side <= 1; side += 2) {
        const double *n = line[(vertex + side + LINE_N) % LINE_N];
        reach = fmax(reach, hypot((n[0] - old[0]) * 106900, (n[1] - old[1]) * 110660));
    }
    line[vertex][0] += 0.00005;
    line[vertex][1] += 0.00002;
    write_corridors(path_of("corridors.geojson"));
    add_layer(registry, LAYER_CORRIDORS, path_of("corridors.geojson"), NULL);
    struct lines after = dump(registry);
    bool changed[PLOTS_N];
    differences(&before, &after, NULL, changed);
    assert_true(count(changed) > 0 && count(changed) < PLOTS_N / 2);
    for (int p = 0; p < PLOTS_N; p++)
        if (away_m(p, old[0], old[1]) > reach + 10 + ACCURACY_M * 1.01)
            assert_false(changed[p]);
    check_green(registry);
    char *fresh = make_registry("corridor_fresh");
    struct lines anew = dump(fresh);
    same_dump(&after, &anew);
    forget(&before);
    forget(&after);
    forget(&anew);
    free(registry);
    free(fresh);
}

/* ---- one cell of one elevation tile ---- */

static void one_cell_of_a_tile(void **state)
{
    (void)state;
    char *registry = make_registry("terrain");
    struct lines before = dump(registry);
    /* under a plot in the eastern tile: columns count from -93, rows from 17 */
    int plot = 0;
    while (plot < PLOTS_N - 1 && plots[plot][0][0] < MIDDLE_LON + 0.004)
        plot++;
    double lon = plots[plot][0][0] - 0.0003, lat = plots[plot][0][1];
    int col = (int)lround((lon + 93) * 1200), row = (int)lround((17 - lat) * 1200);
    write_tile(path_of("N16W093.hgt"), col, row);
    add_layer(registry, LAYER_TERRAIN, path_of("N16W094.hgt"), path_of("N16W093.hgt"));
    struct lines after = dump(registry);
    bool changed[PLOTS_N];
    differences(&before, &after, NULL, changed);
    assert_true(changed[plot]);
    for (int p = 0; p < PLOTS_N; p++)
        if (away_m(p, -93 + col / 1200.0, 17 - row / 1200.0) > 1.6 * 93 * sqrt(2)) /* a cell is 93 m: the eight around it take from it */
            assert_false(changed[p]);
    differences(&before, &after, "hit", changed);
    assert_int_equal(count(changed), 0); /* hectares in corridors do not know the terrain */
    check_green(registry);
    char *fresh = make_registry("terrain_fresh");
    struct lines anew = dump(fresh);
    same_dump(&after, &anew);
    forget(&before);
    forget(&after);
    forget(&anew);
    free(registry);
    free(fresh);
}

/* ---- tampering ---- */

#define SOME_PLOT "(SELECT r.id FROM revision r JOIN part_error x ON x.revision_id = r.id WHERE r.to_change IS NULL ORDER BY r.id LIMIT 1)"
#define SOME_FACE "(SELECT id FROM face WHERE to_change IS NULL ORDER BY id LIMIT 1)"

static const char *const TAMPERINGS[] = {
    "UPDATE revision SET area_mm2 = area_mm2 + 1 WHERE id = " SOME_PLOT,
    "UPDATE revision SET area_se_m2 = area_se_m2 * 0.99 WHERE id = " SOME_PLOT,
    "UPDATE revision SET perimeter_m = perimeter_m + 0.001 WHERE id = " SOME_PLOT,
    "UPDATE revision SET surface_mm2 = surface_mm2 + 1 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_class = 0 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_mean_pct = slope_mean_pct + 1e-9 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_max_pct = slope_max_pct * 1.000001 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_p10_pct = slope_p10_pct * 1.000001 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_p50_pct = slope_p50_pct * 1.000001 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_p90_pct = slope_p90_pct * 1.000001 WHERE id = " SOME_PLOT,
    "UPDATE revision SET slope_nodata = 0.5 WHERE id = " SOME_PLOT,
    "UPDATE revision SET corridor_mm2 = corridor_mm2 - 1 WHERE corridor_mm2 > 0 AND to_change IS NULL",
    "UPDATE revision SET corridor_verdict = 2 WHERE corridor_verdict = 1 AND to_change IS NULL",
    "UPDATE revision SET anchor_lon = anchor_lon + 0.0001 WHERE id = " SOME_PLOT,
    /* hectares moved to another slope class, region, corridor: every sum stays */
    "UPDATE part SET slope_class = slope_class + 1 WHERE revision_id = " SOME_PLOT " AND NOT EXISTS (SELECT 1 FROM part p WHERE p.revision_id = part.revision_id AND p.slope_class = part.slope_class + 1)",
    "UPDATE OR REPLACE part SET region_set = (SELECT s.id FROM region_set s WHERE s.id <> part.region_set ORDER BY s.id LIMIT 1) WHERE revision_id = (SELECT r.id FROM revision r WHERE "
    "r.to_change IS NULL AND (SELECT count(DISTINCT region_set) FROM part p WHERE p.revision_id = r.id) = 1 LIMIT 1)",
    "UPDATE part SET corridor_set = (SELECT max(id) FROM corridor_set) WHERE revision_id = (SELECT r.id FROM revision r WHERE r.to_change IS NULL AND r.corridor_mm2 = 0 AND "
    "r.corridor_verdict = 0 LIMIT 1)",
    "UPDATE corridor_hit SET area_mm2 = area_mm2 + 1 WHERE revision_id = (SELECT max(revision_id) FROM corridor_hit)",
    "UPDATE corridor_hit SET verdict = 2 - verdict WHERE verdict <> 1",
    "DELETE FROM corridor_hit WHERE revision_id = (SELECT max(h.revision_id) FROM corridor_hit h JOIN revision r ON r.id = h.revision_id WHERE r.to_change IS NULL)",
    "UPDATE part_error SET east_m = east_m + 0.01 WHERE revision_id = " SOME_PLOT,
    "UPDATE part_error SET covariance = zeroblob(length(covariance)) WHERE revision_id = " SOME_PLOT,
    "UPDATE face SET area_mm2 = area_mm2 + 1 WHERE id = " SOME_FACE,
    "UPDATE face SET to_change = from_change WHERE id = " SOME_FACE,
    "UPDATE face_part SET slope_class = slope_class + 1 WHERE face_id = " SOME_FACE " AND slope_class = (SELECT max(slope_class) FROM face_part WHERE face_id = " SOME_FACE ")",
    "DELETE FROM face_member WHERE face_id = " SOME_FACE " AND revision_id = (SELECT max(revision_id) FROM face_member WHERE face_id = " SOME_FACE ")",
    "UPDATE overview_cell SET area_mm2 = area_mm2 + 1 WHERE zoom = 17 AND cell = (SELECT min(cell) FROM overview_cell WHERE zoom = 17)",
    "UPDATE layer_feature SET area_mm2 = area_mm2 + 1 WHERE id = (SELECT max(id) FROM layer_feature)",
    "UPDATE answer SET body = CAST(substr(body, 1, 8) || x'FF' || substr(body, 10) AS BLOB) WHERE question LIKE '% '",
};

static void copy_file(const char *from, const char *to)
{
    char buffer[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
        assert_int_equal(fwrite(buffer, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void tampering_is_found(void **state)
{
    (void)state;
    char *registry = make_registry("tampered"), file[300], kept[300], detail[400];
    snprintf(file, sizeof file, "%s/registry.sqlite", registry);
    snprintf(kept, sizeof kept, "%s/kept.sqlite", folder);
    sqlite3 *db = open_raw(registry, SQLITE_OPEN_READWRITE);
    sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(db);
    copy_file(file, kept);
    check_green(registry);
    int done = 0;
    for (size_t i = 0; i < sizeof TAMPERINGS / sizeof *TAMPERINGS; i++) {
        char *why = NULL;
        db = open_raw(registry, SQLITE_OPEN_READWRITE);
        if (sqlite3_exec(db, TAMPERINGS[i], NULL, NULL, &why) != SQLITE_OK)
            print_error("%s: %s\n", TAMPERINGS[i], why);
        assert_null(why);
        int rows = sqlite3_changes(db);
        sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
        sqlite3_close(db);
        bool ok = check_ok(registry, detail);
        if (ok || !rows)
            print_error("%s by %s (%d rows)\n", rows ? "not found" : "nothing was changed", TAMPERINGS[i], rows);
        assert_true(!ok && rows);
        done++;
        char other[320];
        snprintf(other, sizeof other, "%s-wal", file);
        unlink(other);
        snprintf(other, sizeof other, "%s-shm", file);
        unlink(other);
        copy_file(kept, file);
    }
    assert_int_equal(done, sizeof TAMPERINGS / sizeof *TAMPERINGS);
    check_green(registry);
    free(registry);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int make_files(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/parcela-test-XXXXXX");
    if (!mkdtemp(folder) || sodium_init() < 0)
        return -1;
    area_init();
    invent();
    write_regions(path_of("regions.geojson"));
    write_corridors(path_of("corridors.geojson"));
    write_tile(path_of("N16W094.hgt"), -1, -1);
    write_tile(path_of("N16W093.hgt"), -1, -1);
    write_plots(path_of("plots.geojson"), 0, PLOTS_N);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_vertex_of_a_plot), cmocka_unit_test(one_vertex_of_a_corridor), cmocka_unit_test(one_cell_of_a_tile),
                                       cmocka_unit_test(tampering_is_found)};
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
