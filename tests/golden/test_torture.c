/* Every broken and odd file of the data folder ends in rows or in a clear error; the real plot sets
 * have every row accounted for. Skips where the data are absent. */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/area.h"
#include "tests/check.h"
#include "tests/golden/dump.h"

enum { FILES_MAX = 4000 };

static char *files[FILES_MAX];
static int files_n;

static int add_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)ftw;
    if (type == FTW_F && st->st_size < 50 << 20 && files_n < FILES_MAX)
        files[files_n++] = strdup(path);
    return 0;
}

static const char *data(const char *path)
{
    static char whole[1024];
    const char *root = getenv("PARCELA_DATA");
    snprintf(whole, sizeof whole, "%s/%s", root ? root : "../shared/data", path);
    if (access(whole, R_OK) != 0) {
        print_message("skipped: %s is absent\n", whole);
        skip();
    }
    return whole;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Codes that mean that the reader itself failed. */
static bool is_failure(const char *code)
{
    return strncmp(code, "reader_", 7) == 0 || strcmp(code, "sandbox") == 0 ||
           strcmp(code, "repair_helper") == 0 || strcmp(code, "out_of_memory") == 0 || !*code;
}

static void every_file(const char *path)
{
    int bad = 0, rows = 0, errors = 0;
    files_n = 0;
    assert_int_equal(nftw(data(path), add_file, 16, FTW_PHYS), 0);
    qsort(files, (size_t)files_n, sizeof *files, by_name);
    for (int i = 0; i < files_n; i++) {
        const char *one[] = {files[i]};
        struct reader_request r = {.files = one, .files_n = 1};
        struct dump_counts c;
        struct error e = {0};
        enum status s = count_request(&r, &c, &e);
        rows += (int)c.rows;
        errors += s != STATUS_OK;
        if (s != STATUS_OK && (is_failure(e.code) || !*e.message)) {
            print_error("%s: %s: %s\n", files[i], e.code, e.message);
            bad++;
        }
        free(files[i]);
    }
    print_message("%s: %d files, %d rows, %d refused with a reason\n", path, files_n, rows, errors);
    assert_int_equal(bad, 0);
}

static void gdal_files(void **state)
{
    (void)state;
    every_file("06-torture/gdal-ogr");
}

static void json_files(void **state)
{
    (void)state;
    every_file("06-torture/check-geojson");
    every_file("06-torture/shapelib");
    every_file("06-torture/zip-slip");
}

static void gps_files(void **state)
{
    (void)state;
    every_file("05-gps");
}

static void plot_files(void **state)
{
    (void)state;
    every_file("04-plots");
}

/* What a planar UTM 28N area must be multiplied by: 1.0008 on the meridian 15 W, less away from it
 * (Snyder 1987, eq. 8-11). */
static double utm_inverse_area_scale(struct lonlat p)
{
    double a = (p.lon + 15) * M_PI / 180 * cos(p.lat * M_PI / 180), k = 0.9996 * (1 + a * a / 2);
    return 1 / (k * k);
}

/* 722 of the 1,775 walks cross themselves; the column ARAE is the planar area in UTM 28N, an oracle
 * for the valid ones. */
static void kolda(void **state)
{
    (void)state;
    const char *path = data("04-plots/senegal-kolda/Parcelles Kolda 21 Décembre.shp");
    struct reader_request request = {.files = &path, .files_n = 1};
    struct reader *r = NULL;
    struct arena a;
    struct error e = {0};
    struct reader_event event = {0};
    int ready = 0, repaired = 0, held = 0, rejected = 0;
    arena_init(&a, 0);
    CHECK_OK(reader_start(&request, &r, &e), e);
    while (event.kind != READER_DONE) {
        arena_reset(&a);
        CHECK_OK(reader_next(r, &a, &event, &e), e);
        const struct candidate *c = &event.candidate;
        if (event.kind != READER_CANDIDATE)
            continue;
        ready += c->outcome == CANDIDATE_READY && !c->repaired;
        repaired += c->repaired;
        held += c->outcome == CANDIDATE_HELD;
        rejected += c->outcome == CANDIDATE_REJECTED;
        assert_non_null(c->code);
        assert_non_null(c->source_wkb); /* its polygons have heights */
        if (c->outcome == CANDIDATE_READY && !c->repaired)
            CHECK_NEAR(area_boundary_m2(&c->boundary) / atof(c->attributes[4].value),
                       utm_inverse_area_scale(c->boundary.points[0]), 3e-5);
    }
    assert_int_equal(event.rows_n, 1775);
    assert_int_equal(ready + repaired + held + rejected, 1775);
    assert_int_equal(repaired + held + rejected, 722);
    assert_int_equal(rejected, 1);
    assert_int_equal(held, 0); /* eleven repairs differ by 0.2 to 1.5 %, all within the noise of a survey */
    reader_stop(r);
    arena_clear(&a);
}

/* ---- the same walks in four formats ---- */

struct walked {
    char code[32];
    double m2;
};

/* The area of every row of a file, by code (or the KEY of a form). */
static int read_walks(const char *path, struct walked *out, int n)
{
    struct reader_request request = {.files = &path, .files_n = 1};
    struct reader *r = NULL;
    struct arena a;
    struct error e = {0};
    struct reader_event event = {0};
    arena_init(&a, 0);
    CHECK_OK(reader_start(&request, &r, &e), e);
    while (event.kind != READER_DONE) {
        arena_reset(&a);
        CHECK_OK(reader_next(r, &a, &event, &e), e);
        const struct candidate *c = &event.candidate;
        if (event.kind != READER_CANDIDATE)
            continue;
        const char *code = c->code ? c->code : c->attributes[0].value, *colon = strchr(code, ':');
        assert_true(c->boundary.points_n > 0 && n < 100);
        snprintf(out[n].code, sizeof out[n].code, "%s", colon ? colon + 1 : code);
        out[n++].m2 = area_boundary_m2(&c->boundary);
    }
    reader_stop(r);
    arena_clear(&a);
    return n;
}

static double area_of(const struct walked *list, int n, const char *code)
{
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].code, code) == 0)
            return list[i].m2;
    fail_msg("no plot %s", code);
    return 0;
}

static void same_walks(void **state)
{
    (void)state;
    static struct walked kml[100], kmz[100], shapes[100], gpx[100];
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", data("05-gps/derived-walked-plots"));
    int n = read_walks(data("05-gps/derived-walked-plots/plots.kml"), kml, 0), gpx_n = 0;
    assert_int_equal(n, 26);
    assert_int_equal(read_walks(data("05-gps/derived-walked-plots/plots.kmz"), kmz, 0), n);
    assert_int_equal(read_walks(data("05-gps/derived-walked-plots/plots_geoshape.csv"), shapes, 0),
                     n);
    files_n = 0;
    assert_int_equal(nftw(folder, add_file, 16, FTW_PHYS), 0);
    for (int i = 0; i < files_n; i++) {
        if (strstr(files[i], ".gpx"))
            gpx_n = read_walks(files[i], gpx, gpx_n);
        free(files[i]);
    }
    assert_int_equal(gpx_n, n);
    for (int i = 0; i < n; i++) {
        CHECK_NEAR(area_of(kmz, n, kml[i].code) / kml[i].m2, 1, 1e-4);
        CHECK_NEAR(area_of(shapes, n, kml[i].code) / kml[i].m2, 1, 1e-4);
        CHECK_NEAR(area_of(gpx, n, kml[i].code) / kml[i].m2, 1, 1e-4);
    }
}

/* Plots stored as closed lines. */
static void kenya(void **state)
{
    (void)state;
    const char *path = data("04-plots/kenya-ahero/parcels.shp");
    struct reader_request request = {.files = &path, .files_n = 1};
    struct dump_counts c;
    struct error e = {0};
    CHECK_OK(count_request(&request, &c, &e), e);
    assert_int_equal(c.rows, 2314);
    assert_int_equal(c.outcomes[CANDIDATE_READY], 2314);
}

static void layers(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum reader_purpose purpose;
        uint64_t rows;
    } sets[] = {
        {"01-admin-mx/inegi2025-mun-07-15-20-21/mun_07_15_20_21.shp", READER_REGIONS, 1036},
        {"01-admin-mx/chiapas-shp/chiapas.shp", READER_REGIONS, 118},
        {"02-corridors-anp/costarica-corredores/corredores_biologicos.zip", READER_CORRIDORS, 151}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const char *path = data(sets[i].path);
        struct reader_request request = {.files = &path, .files_n = 1, .purpose = sets[i].purpose};
        struct dump_counts c;
        struct error e = {0};
        CHECK_OK(count_request(&request, &c, &e), e);
        assert_int_equal(c.outcomes[CANDIDATE_READY], sets[i].rows);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    area_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(kolda),      cmocka_unit_test(same_walks),
                                       cmocka_unit_test(kenya),      cmocka_unit_test(layers),
                                       cmocka_unit_test(gdal_files), cmocka_unit_test(json_files),
                                       cmocka_unit_test(gps_files),  cmocka_unit_test(plot_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
