/* Reference systems of real files: INEGI's own Lambert without a name, a layer without .prj, closed
 * lines in UTM 36 S. Skips where the data folder is absent. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/reader.h"
#include "tests/check.h"

static void data(const char *path, char out[1024])
{
    const char *root = getenv("PARCELA_DATA");
    snprintf(out, 1024, "%s/%s", root ? root : "../shared/data", path);
    if (access(out, R_OK) != 0) {
        print_message("skipped: %s is absent\n", out);
        skip();
    }
}

enum { TOWNS_MAX = 1200 };

struct town {
    char key[8];
    struct boundary boundary;
};

static size_t read_towns(const char *path, int epsg, struct arena *a, struct town *out)
{
    struct reader_request q = {.purpose = READER_REGIONS, .files = &path, .files_n = 1};
    struct reader *r = NULL;
    struct reader_event event = {0};
    struct error e = {0};
    size_t n = 0;
    CHECK_OK(reader_start(&q, &r, &e), e);
    while (event.kind != READER_DONE) {
        CHECK_OK(reader_next(r, a, &event, &e), e);
        const struct candidate *c = &event.candidate;
        if (event.kind == READER_SOURCE)
            assert_int_equal(event.source.epsg, epsg);
        if (event.kind != READER_CANDIDATE)
            continue;
        assert_true(n < TOWNS_MAX && c->outcome == CANDIDATE_READY && c->code);
        CHECK_NEAR(c->datum_accuracy_m, 1, 0);
        snprintf(out[n].key, sizeof out[n].key, "%s", c->code);
        out[n++].boundary = c->boundary;
    }
    reader_stop(r);
    return n;
}

/* Metres from p to the nearest border of b. */
static double from_border_m(struct lonlat p, const struct boundary *b)
{
    double least = INFINITY, per_lon = 111320 * cos(p.lat * M_PI / 180), per_lat = 110700;
    for (uint32_t r = 0; r < b->rings_n; r++)
        for (uint32_t i = boundary_ring_start(b, r); i + 1 < b->ring_end[r]; i++) {
            double ax = (b->points[i].lon - p.lon) * per_lon;
            double ay = (b->points[i].lat - p.lat) * per_lat;
            double dx = (b->points[i + 1].lon - b->points[i].lon) * per_lon;
            double dy = (b->points[i + 1].lat - b->points[i].lat) * per_lat;
            double length2 = dx * dx + dy * dy;
            double t = length2 > 0 ? fmin(fmax(-(ax * dx + ay * dy) / length2, 0), 1) : 0;
            least = fmin(least, hypot(ax + t * dx, ay + t * dy));
        }
    return least;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Every 20th vertex of the 118 municipalities of an old edition whose .prj names no datum, against
 * the same municipality of INEGI's newest. */
static void chiapas(void **state)
{
    (void)state;
    static struct town old[TOWNS_MAX], now[TOWNS_MAX];
    static double distances[20000];
    char old_path[1024], now_path[1024];
    data("01-admin-mx/chiapas-shp/chiapas.shp", old_path);
    data("01-admin-mx/inegi2025-mun-07-15-20-21/mun_07_15_20_21.shp", now_path);
    struct arena a;
    arena_init(&a, 0);
    size_t old_n = read_towns(old_path, 6372, &a, old), now_n = read_towns(now_path, 6372, &a, now);
    size_t n = 0, matched = 0;
    for (size_t i = 0; i < old_n; i++)
        for (size_t k = 0; k < now_n; k++) {
            if (strcmp(old[i].key, now[k].key) != 0)
                continue;
            matched++;
            for (uint32_t p = 0; p < old[i].boundary.points_n && n < 20000; p += 20)
                distances[n++] = from_border_m(old[i].boundary.points[p], &now[k].boundary);
        }
    qsort(distances, n, sizeof *distances, by_size);
    print_message("%zu of %zu municipalities, %zu vertices: median %.2f m, 90 %% under %.1f m\n",
                  matched, old_n, n, distances[n / 2], distances[n * 9 / 10]);
    assert_int_equal(old_n, 118);
    assert_true(matched >= 115);
    assert_true(distances[n / 2] < 20);
    arena_clear(&a);
}

/* Degrees that may be WGS84 or NAD27, 80 m apart: refused with both, WGS84 first. */
static void oaxaca(void **state)
{
    (void)state;
    char path[1024];
    const char *files[] = {path};
    data("04-plots/oaxaca-agric/agric-oaxg.shp", path);
    struct reader_request q = {.files = files, .files_n = 1};
    struct reader *r = NULL;
    struct reader_event event = {0};
    struct arena a;
    struct error e = {0};
    enum status s;
    arena_init(&a, 0);
    CHECK_OK(reader_start(&q, &r, &e), e);
    while ((s = reader_next(r, &a, &event, &e)) == STATUS_OK)
        assert_true(event.kind == READER_PROBE || event.kind == READER_FINDING);
    reader_stop(r);
    assert_int_equal(s, STATUS_INVALID);
    assert_string_equal(e.code, "crs_missing");
    assert_non_null(strstr(e.remedy, "--crs EPSG:4326"));
    assert_non_null(strstr(e.message, "candidates: EPSG:4326 "));
    assert_non_null(strstr(e.message, ", EPSG:4267 "));

    q.crs = "EPSG:4326";
    int rows = 0;
    CHECK_OK(reader_start(&q, &r, &e), e);
    for (event.kind = READER_SOURCE; event.kind != READER_DONE;) {
        CHECK_OK(reader_next(r, &a, &event, &e), e);
        rows += event.kind == READER_CANDIDATE && event.candidate.outcome == CANDIDATE_READY;
    }
    reader_stop(r);
    assert_int_equal(rows, 1122);
    arena_clear(&a);
}

/* Rice plots drawn as closed lines. */
static void kenya(void **state)
{
    (void)state;
    char path[1024];
    const char *files[] = {path};
    data("04-plots/kenya-ahero/parcels.shp", path);
    struct reader_request q = {.files = files, .files_n = 1};
    struct reader *r = NULL;
    struct reader_event event = {0};
    struct arena a;
    struct error e = {0};
    int rows = 0, lines = 0;
    double ha = 0;
    arena_init(&a, 0);
    CHECK_OK(reader_start(&q, &r, &e), e);
    while (event.kind != READER_DONE) {
        arena_reset(&a);
        CHECK_OK(reader_next(r, &a, &event, &e), e);
        const struct candidate *c = &event.candidate;
        if (event.kind != READER_CANDIDATE)
            continue;
        rows += c->outcome == CANDIDATE_READY;
        for (size_t i = 0; i < c->findings_n; i++)
            lines += c->findings[i].code == FINDING_LINE_AS_POLYGON;
        ha += area_boundary_m2(&c->boundary) / 1e4;
        assert_int_equal(c->source_epsg, 32736);
        CHECK_NEAR(c->boundary.points[0].lon, 34.9, 0.1);
        CHECK_NEAR(c->boundary.points[0].lat, -0.15, 0.1);
    }
    reader_stop(r);
    arena_clear(&a);
    print_message("%d plots, %.1f ha\n", rows, ha);
    assert_int_equal(rows, 2314);
    assert_int_equal(lines, 2314);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    area_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(chiapas), cmocka_unit_test(oaxaca),
                                       cmocka_unit_test(kenya)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
