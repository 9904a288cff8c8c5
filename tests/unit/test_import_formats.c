/* The parsers of our own formats: coordinates, points of forms, text tables, receivers,
 * submissions, kinds of files, folders. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "importers/batch.h"
#include "importers/coordinates.h"
#include "importers/csv.h"
#include "importers/kind.h"
#include "importers/mapping.h"
#include "importers/nmea.h"
#include "importers/submission.h"
#include "tests/check.h"

static void coordinates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        char axis;
    } good[] = {{"-92.637", -92.637, 0},
                {" 16,7370 ", 16.737, 0},
                {"532000.25", 532000.25, 0},
                {"-1e2", -100, 0},
                {"16°44'13.2\"N", 16 + 44 / 60.0 + 13.2 / 3600, 'n'},
                {"16 44 13.2", 16 + 44 / 60.0 + 13.2 / 3600, 0},
                {"16º 44’ 13,2” n", 16 + 44 / 60.0 + 13.2 / 3600, 'n'},
                {"92° 38′ 14.5″ O", -(92 + 38 / 60.0 + 14.5 / 3600), 'e'},
                {"92 38 14.5 W", -(92 + 38 / 60.0 + 14.5 / 3600), 'e'},
                {"W92:38.25", -(92 + 38.25 / 60), 'e'},
                {"-92 38 14.5", -(92 + 38 / 60.0 + 14.5 / 3600), 0},
                {"16\xB0 44' 13.2'' N", 16 + 44 / 60.0 + 13.2 / 3600, 'n'},
                {"0 0 36 S", -0.01, 'n'},
                {"15.1 N", 15.1, 'n'},
                {"5 E", 5, 'e'}};
    static const char *const bad[] = {"",           "abc",        "16 60 0", "16 44 60",
                                      "16.5 44 10", "16'44\"13°", "-16 N",   "16 44 13 N W",
                                      "1,234,5",    "1e400",      "nan",     "0x10",
                                      "200 10 10",  "--5",        "16\"44",  "N"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double v = NAN;
        char axis;
        if (!coordinate_parse(good[i].text, &v, &axis))
            fail_msg("'%s' was refused", good[i].text);
        CHECK_NEAR(v, good[i].value, 1e-12);
        assert_int_equal(axis, good[i].axis);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double v;
        char axis;
        if (coordinate_parse(bad[i], &v, &axis))
            fail_msg("'%s' was taken as %g", bad[i], v);
    }
}

static void points_of_forms(void **state)
{
    (void)state;
    struct form_point p[4];
    assert_int_equal(form_points("15.1 -92.3 820 4.5; 15.2 -92.4 0 0;15.3 -92.5;; ", p, 4), 3);
    CHECK_NEAR(p[0].lat, 15.1, 0);
    CHECK_NEAR(p[0].lon, -92.3, 0);
    CHECK_NEAR(p[0].alt, 820, 0);
    CHECK_NEAR(p[0].accuracy, 4.5, 0);
    assert_true(isnan(p[2].alt) && isnan(p[2].accuracy));
    static const char *const bad[] = {"",
                                      ";",
                                      "hola",
                                      "15.1",
                                      "91 0",
                                      "15.1 -192.3",
                                      "15.1 -92.3 1 2 3",
                                      "15.1 -92.3;x",
                                      "nan nan",
                                      "15.1,-92.3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(form_points(bad[i], NULL, 0), 0);
}

struct text {
    const char *at;
    size_t left, step;
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    struct text *t = arg;
    size_t take = t->left < n ? t->left : n;
    take = take > t->step ? t->step : take;
    memcpy(buffer, t->at, take);
    t->at += take;
    t->left -= take;
    return take;
}

static void tables(void **state)
{
    (void)state;
    static const char sheet[] = "\xEF\xBB\xBF"
                                "a;b;\"c;\n d\"\r\n\r\n1;\"dos \"\"2\"\"\";3;4\r5;;\n";
    struct csv *c = calloc(1, sizeof *c);
    struct error e;
    struct text t = {sheet, sizeof sheet - 1, 4096};
    csv_start(c, read_text, &t);
    assert_int_equal(c->delimiter, ';');
    assert_true(csv_next(c));
    assert_int_equal(c->cells_n, 3);
    assert_string_equal(csv_cell(c, 2), "c;\n d");
    assert_true(csv_next(c));
    assert_int_equal(c->line, 4);
    assert_int_equal(c->cells_n, 4);
    assert_string_equal(csv_cell(c, 1), "dos \"2\"");
    assert_true(csv_next(c));
    assert_string_equal(csv_cell(c, 0), "5");
    assert_string_equal(csv_cell(c, 7), "");
    assert_false(csv_next(c));
    CHECK_OK(csv_ended(c, &e), e);
    csv_clear(c);
    static const struct {
        const char *text;
        size_t n;
        const char *why;
    } bad[] = {{"a,b\n1,\"x", 8, "not closed"}, {"a,b\n1,\0x", 8, "zero bytes"}};
    for (size_t i = 0; i < 2; i++) {
        struct text broken = {bad[i].text, bad[i].n, 3};
        csv_start(c, read_text, &broken);
        while (csv_next(c))
            ;
        assert_int_equal(csv_ended(c, &e), STATUS_INVALID);
        assert_non_null(strstr(e.message, bad[i].why));
        csv_clear(c);
    }
    free(c);
}

static enum nmea_answer line(const char *text, struct nmea_fix *out)
{
    return nmea_line(text, strlen(text), out);
}

static void receivers(void **state)
{
    (void)state;
    struct nmea_fix f;
    assert_int_equal(line("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47", &f),
                     NMEA_FIX);
    CHECK_NEAR(f.lat, 48.1173, 1e-9);
    CHECK_NEAR(f.lon, 11 + 31 / 60.0, 1e-9);
    CHECK_NEAR(f.time_s, 12 * 3600 + 35 * 60 + 19, 0);
    CHECK_NEAR(f.hdop, 0.9, 0);
    assert_int_equal(f.satellites, 8);
    assert_int_equal(
        line("$GPRMC,123519,A,4807.038,S,01131.000,W,022.4,084.4,230394,003.1,W*65", &f), NMEA_FIX);
    CHECK_NEAR(f.lat, -48.1173, 1e-9);
    assert_int_equal(f.date, 19940323);
    assert_int_equal(line("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48", &f),
                     NMEA_BAD);
    assert_int_equal(line("$GNGGA,123519,4867.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,", &f),
                     NMEA_BAD);
    assert_int_equal(line("$GNGGA,123519,,,,,0,00,,,M,,M,,", &f), NMEA_NO_FIX);
    assert_int_equal(line("$GPRMC,123519,V,4807.038,N,01131.000,E,022.4,084.4,230394,,", &f),
                     NMEA_NO_FIX);
    assert_int_equal(line("$GPGSV,3,1,11,03,03,111,00*74", &f), NMEA_OTHER);
    assert_int_equal(line("$GPGGA,", &f), NMEA_BAD);
}

static void submissions(void **state)
{
    (void)state;
    static const char xml[] = "<data id='f'><g><codigo> A-1 </codigo></g><v><p>1 2 0 "
                              "3</p></v><v><p>1 3 0 3</p></v><x>a</x><x>b</x></data>";
    struct text t = {xml, sizeof xml - 1, 5};
    struct submission s;
    struct arena a;
    struct error e = {0};
    arena_init(&a, 0);
    CHECK_OK(submission_read(read_text, &t, &a, &s, &e), e);
    assert_true(s.is_form);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.paths[0], "g/codigo");
    assert_string_equal(s.texts[0], "A-1");
    assert_string_equal(s.texts[1], "1 2 0 3;1 3 0 3");
    assert_string_equal(s.texts[2], "a; b");
    static const struct {
        const char *xml, *code;
    } bad[] = {{"<a><b></a>", "xml_damaged"},
               {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "xml_doctype"},
               {"", "xml_damaged"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct text broken = {bad[i].xml, strlen(bad[i].xml), 4096};
        assert_int_equal(submission_read(read_text, &broken, &a, &s, &e), STATUS_INVALID);
        assert_string_equal(e.code, bad[i].code);
    }
    char *deep = calloc(1, 400);
    for (int i = 0; i < 100; i++)
        strcat(deep, "<a>");
    struct text nested = {deep, strlen(deep), 4096};
    assert_int_equal(submission_read(read_text, &nested, &a, &s, &e), STATUS_LIMIT);
    free(deep);
    arena_clear(&a);
}

static enum kind kind_named(const char *text, size_t n, const char *name)
{
    char head[KIND_HEAD + 1] = {0};
    memcpy(head, text, n);
    return kind_of_bytes(head, n, name);
}

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        enum kind kind;
    } cases[] = {{"<?xml version='1.0'?><!-- <gpx> --><kml xmlns='x'>", "a.gpx", KIND_KML},
                 {"<gpx:gpx>", "a.txt", KIND_GPX},
                 {"<data id='kml'><kml/>", "a.kml", KIND_XML},
                 {"\xEF\xBB\xBF {\"type\":", "a.csv", KIND_JSON},
                 {"\x1E{\"type\":", "a", KIND_JSON_SEQUENCE},
                 {"$GPGSV,1\r\n$GNRMC,1,A", "a.txt", KIND_NMEA},
                 {"a;b\n1;2\n", "a.kml", KIND_TABLE},
                 {"  \n", "a.csv", KIND_EMPTY},
                 {"\x01\x02", "a.csv", KIND_UNKNOWN},
                 {"fgb\3fgb\1", "a.bin", KIND_FLATGEOBUF},
                 {"a,b", "a.prj", KIND_PART}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(kind_named(cases[i].text, strlen(cases[i].text), cases[i].name),
                         cases[i].kind);
    static const char *const one = "{\"a\":\"}{\\\"\"}\n \n", *const two = "{\"a\":[1]}\n{\"b\":2}";
    struct text t = {one, strlen(one), 2}, u = {two, strlen(two), 2};
    assert_false(kind_json_sequence(read_text, &t));
    assert_true(kind_json_sequence(read_text, &u));
}

static void groups(void **state)
{
    (void)state;
    static const char *const columns[] = {"datos/cultivo", "cultivo", "datos/codigo",
                                          "otro/fecha/fecha"};
    struct mapping m;
    struct error e = {0};
    CHECK_OK(mapping_make(READER_PLOTS, columns, 4, false, NULL, 0, &m, &e), e);
    assert_int_equal(m.column[FIELD_CROP][0], 1); /* the whole name first */
    assert_int_equal(m.column[FIELD_CODE][0], 2);
    assert_int_equal(m.column[FIELD_DATE][0], 3);
}

static void touch(const char *folder, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
}

static void folders(void **state)
{
    (void)state;
    char folder[] = "/tmp/parcela-batch-XXXXXX", sub[64], command[128];
    struct batch b;
    struct arena a;
    struct error e = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(sub, sizeof sub, "%s/m", folder);
    assert_int_equal(mkdir(sub, 0700), 0);
    const char *paths[] = {"absent.shp", folder}, *empty[] = {sub};
    arena_init(&a, 0);
    assert_int_equal(batch_expand(empty, 1, &a, &b, &e), STATUS_INVALID);
    assert_string_equal(e.code, "folder_empty");
    touch(folder, "z.gpx");
    touch(folder, "a.csv");
    touch(folder, ".hidden");
    touch(sub, "b.kml");
    CHECK_OK(batch_expand(paths, 2, &a, &b, &e), e);
    assert_true(b.folders);
    assert_int_equal(b.n, 4);
    assert_string_equal(b.files[0], "absent.shp");
    assert_non_null(strstr(b.files[1], "/a.csv"));
    assert_non_null(strstr(b.files[2], "/m/b.kml"));
    assert_non_null(strstr(b.files[3], "/z.gpx"));
    CHECK_OK(batch_expand(paths, 1, &a, &b, &e), e);
    assert_false(b.folders);
    arena_clear(&a);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)!system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coordinates), cmocka_unit_test(points_of_forms), cmocka_unit_test(tables),
        cmocka_unit_test(receivers),   cmocka_unit_test(submissions),     cmocka_unit_test(kinds),
        cmocka_unit_test(groups),      cmocka_unit_test(folders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
