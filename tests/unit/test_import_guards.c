/* What stands before GDAL: the GeoJSON guard and the archive check. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "importers/archive.h"
#include "importers/geojson_guard.h"
#include "tests/check.h"
#include "tests/golden/make_files.h"

struct text {
    const char *at;
    size_t left, step;
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    struct text *t = arg;
    size_t take = t->left < n ? t->left : n;
    if (t->step && take > t->step)
        take = t->step;
    memcpy(buffer, t->at, take);
    t->at += take;
    t->left -= take;
    return take;
}

static enum status guard(const char *json, struct geojson_facts *facts, struct error *e)
{
    struct text t = {json, strlen(json), 3}; /* short reads */
    return geojson_guard(read_text, &t, facts, e);
}

static void refused(const char *json, const char *code)
{
    struct geojson_facts facts;
    struct error e = {0};
    assert_int_not_equal(guard(json, &facts, &e), STATUS_OK);
    if (strcmp(e.code, code) != 0)
        print_error("expected %s, obtained %s: %s\n", code, e.code, json);
    assert_string_equal(e.code, code);
}

static void allowed(const char *json, int epsg, int64_t features)
{
    struct geojson_facts facts;
    struct error e = {0};
    CHECK_OK(guard(json, &facts, &e), e);
    assert_int_equal(facts.epsg, epsg);
    assert_int_equal(facts.features_n, features);
}

#define FC "{\"type\":\"FeatureCollection\","
#define LINK "{\"type\":\"link\",\"properties\":{\"href\":\"http://x/\"}}"

static void json_syntax(void **state)
{
    (void)state;
    allowed(FC "\"features\":[]}", 0, 0);
    allowed("\xEF\xBB\xBF " FC "\"features\":[{},{},null]}\n ", 0, 3);
    allowed(FC "\"a\":[1,-2.5e-3,true,false,null,\"\\u00e9\\n\"],\"features\":[[{}],{}]}", 0, 2);
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{}}",
                                      "{\"type\"}",
                                      "{\"type\":}",
                                      FC "}",
                                      FC "\"a\":[1,]}",
                                      FC "\"a\":01x}",
                                      FC "\"a\":NaN}",
                                      FC "\"a\":-Infinity}",
                                      FC "\"a\":1.}",
                                      FC "\"a\":\"\\x\"}",
                                      FC "\"a\":\"\\u0000\"}",
                                      FC "\"a\":\"tab\there\"}",
                                      FC "\"a\":nul}",
                                      FC "\"a\":[}",
                                      FC "\"a\":1} {}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i], "geojson_syntax");
    refused("{\"type\":\"Topology\"}", "geojson_type");
    refused("{}", "geojson_type");
    char deep[4096] = FC "\"a\":";
    memset(deep + strlen(deep), '[', 2000);
    refused(deep, "geojson_syntax");
}

static void crs_members(void **state)
{
    (void)state;
    allowed(FC "\"crs\":null,\"features\":[]}", 0, 0);
    allowed(FC "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:OGC:1.3:"
               "CRS84\"}},\"features\":[]}",
            4326, 0);
    allowed(FC "\"crs\":{\"properties\":{\"name\":\"EPSG:6372\"},\"type\":\"name\"}}", 6372, 0);
    allowed(FC "\"crs\":{\"type\":\"EPSG\",\"properties\":{\"code\":32615}}}", 32615, 0);
    allowed(FC "\"features\":[{\"type\":\"Feature\",\"properties\":{\"crs\":" LINK "}}]}", 0, 1);
    static const char *const bad[] = {
        FC "\"crs\":" LINK "}",
        FC "\"CRS\":" LINK "}",
        FC "\"\\u0063rs\":" LINK "}",
        FC "\"crs\":{\"type\":\"url\",\"properties\":{\"url\":\"http://x/\"}}}",
        FC "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"http://x/\"}}}",
        FC "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4326\",\"href\":\"http://x/"
           "\"}}}",
        FC "\"crs\":{\"type\":\"name\",\"properties\":[]}}",
        FC "\"crs\":\"EPSG:4326\"}",
        FC "\"crs\":[]}",
        FC "\"crs\":true}",
        FC "\"features\":[{\"type\":\"Feature\",\"crs\":" LINK "}]}",
        FC "\"features\":[{\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[{"
           "\"crs\":" LINK "}]}}]}",
        FC "\"features\":[{\"Properties\":{\"crs\":" LINK "}}]}",
        FC
        "\"crs\":{\"type\":\"name\",\"type\":\"link\",\"properties\":{\"name\":\"EPSG:4326\"}}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i], "geojson_crs_link");
    refused(FC "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4326\"}},\"features\":[{"
               "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
               "\"EPSG:32615\"}}}]}",
            "geojson_crs_mixed");
}

static void crs_names(void **state)
{
    (void)state;
    assert_int_equal(geojson_crs_name("urn:ogc:def:crs:EPSG::32615"), 32615);
    assert_int_equal(geojson_crs_name("urn:ogc:def:crs:EPSG:9.9:32615"), 32615);
    assert_int_equal(geojson_crs_name("http://www.opengis.net/def/crs/EPSG/0/4326"), 4326);
    assert_int_equal(geojson_crs_name("epsg:4326"), 4326);
    assert_int_equal(geojson_crs_name("EPSG:4326x"), 0);
    assert_int_equal(geojson_crs_name("EPSG:"), 0);
    assert_int_equal(geojson_crs_name("http://example.org/4326"), 0);
}

/* ---- archives ---- */

static size_t read_file(void *arg, uint64_t offset, void *buffer, size_t n)
{
    FILE *f = arg;
    return fseek(f, (long)offset, SEEK_SET) == 0 ? fread(buffer, 1, n, f) : 0;
}

static enum status check(const struct make_member *members, int n, long cut,
                         struct archive_facts *facts, struct error *e)
{
    char folder[] = "/tmp/parcela-guards-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.zip", folder);
    make_zip(path, members, n);
    FILE *f = fopen(path, "rb");
    fseek(f, 0, SEEK_END);
    enum status s = archive_check(read_file, f, (uint64_t)(ftell(f) - cut), facts, e);
    fclose(f);
    unlink(path);
    rmdir(folder);
    return s;
}

static void archives(void **state)
{
    (void)state;
    struct archive_facts facts;
    struct error e = {0};
    const struct make_member good[] = {{.name = "a/b.shp", .bytes = "xyz"},
                                       {.name = "c..d", .bytes = "x"}};
    CHECK_OK(check(good, 2, 0, &facts, &e), e);
    assert_int_equal(facts.entries_n, 2);
    assert_int_equal(facts.unpacked_bytes, 4);
    assert_int_equal(check(good, 2, 1, &facts, &e), STATUS_INVALID);
    assert_string_equal(e.code, "archive_damaged");
    static const char *const names[] = {"../a", "a/../b", "/etc/x", "a\\..\\b", "C:x", "a/.."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct make_member bad = {.name = names[i], .bytes = "x"};
        assert_int_equal(check(&bad, 1, 0, &facts, &e), STATUS_INVALID);
        assert_string_equal(e.code, "archive_names");
    }
    const struct make_member bomb = {.name = "a", .bytes = "x", .claimed = 20u << 20},
                             grown = {.name = "a", .bytes = "x", .claimed = 5u << 20},
                             locked = {.name = "a", .bytes = "x", .encrypted = 1};
    assert_int_equal(check(&bomb, 1, 0, &facts, &e), STATUS_LIMIT);
    CHECK_OK(check(&grown, 1, 0, &facts, &e), e); /* small files may be packed well */
    assert_int_equal(check(&locked, 1, 0, &facts, &e), STATUS_INVALID);
    assert_string_equal(e.code, "archive_encrypted");
    struct make_member *many = calloc(1001, sizeof *many);
    for (int i = 0; i < 1001; i++)
        many[i] = (struct make_member){.name = "n", .bytes = "x"};
    assert_int_equal(check(many, 1001, 0, &facts, &e), STATUS_LIMIT);
    CHECK_OK(check(many, 1000, 0, &facts, &e), e);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(json_syntax), cmocka_unit_test(crs_members),
                                       cmocka_unit_test(crs_names), cmocka_unit_test(archives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
