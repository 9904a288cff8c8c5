/* The resources, black box, over the invented data of serve_fake: status, headers, bodies, caching,
 * freshness, access. */
#include "tests/check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/http/client.h"

static struct server server;

#define TILE "/tiles/plots/10/240/460.geojson"

static void get_status(const char *path, int status, const char *code)
{
    struct answer a;
    client_get(&server, path, NULL, &a);
    if (a.status != status || (code && !strstr(a.body, code)))
        print_error("%s: %d %s\n", path, a.status, a.body);
    assert_int_equal(a.status, status);
    if (code)
        assert_non_null(strstr(a.body, code));
    answer_clear(&a);
}

static json_t *get_json(const char *path, const char *headers)
{
    struct answer a;
    json_error_t why;
    client_get(&server, path, headers, &a);
    if (a.status != 200)
        print_error("%s: %d %s\n", path, a.status, a.body);
    assert_int_equal(a.status, 200);
    json_t *json = json_loadb(a.body, a.body_n, JSON_REJECT_DUPLICATES, &why);
    if (!json)
        print_error("%s: %s: %s\n", path, why.text, a.body);
    assert_non_null(json);
    answer_clear(&a);
    return json;
}

static void tile_headers(void **state)
{
    (void)state;
    struct answer a;
    client_get(&server, TILE, NULL, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(answer_field(&a, "Content-Type"), "application/geo+json");
    assert_string_equal(answer_field(&a, "Access-Control-Allow-Origin"), "*");
    assert_string_equal(answer_field(&a, "Cache-Control"), "no-cache");
    assert_string_equal(answer_field(&a, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(answer_field(&a, "Vary"), "Accept-Encoding");
    assert_null(answer_field(&a, "Content-Encoding"));
    assert_int_equal(a.body_n, 10000);
    answer_clear(&a);
}

static void tile_gzip(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        bool gzip;
    } cases[] = {{"gzip, deflate, br", true}, {"GZIP;q=0.5", true}, {"*", true},
                 {"gzip;q=0", false},         {"br", false},        {"identity;q=1, *;q=0", false}};
    for (int twice = 0; twice < 2; twice++) /* built and kept */
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct answer a;
            char header[100];
            snprintf(header, sizeof header, "Accept-Encoding: %s\r\n", cases[i].accept);
            client_get(&server, TILE, header, &a);
            assert_int_equal(a.status, 200);
            if (cases[i].gzip) {
                assert_string_equal(answer_field(&a, "Content-Encoding"), "gzip");
                assert_memory_equal(a.body, "\x1f\x8b", 2);
                assert_memory_equal(answer_field(&a, "ETag"), "W/\"",
                                    3); /* other bytes, so not the strong tag */
            } else {
                assert_null(answer_field(&a, "Content-Encoding"));
                assert_int_equal(a.body[0], '{');
            }
            answer_clear(&a);
        }
}

static void tile_conditional(void **state)
{
    (void)state;
    struct answer a;
    char etag[100], header[400];
    client_get(&server, TILE, NULL, &a);
    snprintf(etag, sizeof etag, "%s", answer_field(&a, "ETag"));
    answer_clear(&a);
    static const struct {
        const char *format;
        int status;
    } cases[] = {{"If-None-Match: %s\r\n", 304},
                 {"If-None-Match: W/%s\r\n", 304},
                 {"If-None-Match: \"a\", %s ,\"b\"\r\n", 304},
                 {"If-None-Match: *\r\n", 304},
                 {"If-None-Match: \"x\"\r\n", 200},
                 {"If-None-Match: \"a\", W/\"b\"\r\n", 200},
                 {"If-None-Match: junk\r\n", 200},
                 {"If-None-Match:\r\n", 200}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(header, sizeof header, cases[i].format, etag);
#pragma GCC diagnostic pop
        client_get(&server, TILE, header, &a);
        if (a.status != cases[i].status)
            print_error("%s", header);
        assert_int_equal(a.status, cases[i].status);
        assert_string_equal(answer_field(&a, "ETag"), etag);
        assert_string_equal(answer_field(&a, "Access-Control-Allow-Origin"), "*");
        if (a.status == 304)
            assert_null(answer_field(&a, "Content-Type"));
        answer_clear(&a);
    }
}

/* A 304 must leave the connection clean for what follows. */
static void not_modified_then_more(void **state)
{
    (void)state;
    struct answer a;
    int fd = client_connect(&server);
    for (int i = 0; i < 3; i++) {
        client_send_text(fd,
                         "GET " TILE " HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n");
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        assert_int_equal(a.status, 304);
        answer_clear(&a);
        client_send_text(fd, "GET " TILE " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body_n, 10000);
        answer_clear(&a);
    }
    close(fd);
}

static int64_t change_in_tile(const char *path, char etag[100])
{
    struct answer a;
    client_get(&server, path, NULL, &a);
    assert_int_equal(a.status, 200);
    snprintf(etag, 100, "%s", answer_field(&a, "ETag"));
    const char *change = strstr(a.body, "\"change\":");
    int64_t value = change ? atoll(change + 9) : -1;
    answer_clear(&a);
    return value;
}

/* Promise 7: the request after a commit sees it; a tile that did not change keeps its ETag. */
static void fresh_after_commit(void **state)
{
    (void)state;
    char before[100], after[100], still[100];
    if (!server.pid)
        skip();
    for (int i = 0; i < 20; i++) {
        int64_t was = change_in_tile(TILE, before);
        assert_int_equal(change_in_tile(TILE, after), was); /* the kept one */
        assert_string_equal(before, after);
        change_in_tile("/tiles/plots/9/1/1.geojson", still);
        kill(server.pid, SIGUSR1);
        for (int tries = 0; change_in_tile(TILE, after) == was;
             tries++) /* the signal takes its own time */
            assert_in_range(tries, 0, 1000);
        assert_int_equal(change_in_tile(TILE, after), was + 1);
        assert_string_not_equal(before, after);
        change_in_tile("/tiles/plots/9/1/1.geojson", after);
        assert_string_equal(still, after);
    }
}

static void tile_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"/tiles/plots/0/0/0.geojson", 200},
        {"/tiles/plots/18/262143/0.geojson", 200},
        {"/tiles/regions/5/1/1.geojson?level=state", 200},
        {"/tiles/plots/19/0/0.geojson", 404},
        {"/tiles/plots/31/0/0.geojson", 404},
        {"/tiles/plots/-1/0/0.geojson", 404},
        {"/tiles/plots/3/8/0.geojson", 404},
        {"/tiles/plots/3/0/8.geojson", 404},
        {"/tiles/plots/3/-1/0.geojson", 404},
        {"/tiles/plots/3/1.0/0.geojson", 404},
        {"/tiles/plots/3/0x1/0.geojson", 404},
        {"/tiles/plots/3/01/0.geojson", 404},
        {"/tiles/plots/3/99999999999999999999/0.geojson", 404},
        {"/tiles/plots/3/+1/0.geojson", 404},
        {"/tiles/plots/3/1/0.mvt", 404},
        {"/tiles/plots/3/1/.geojson", 404},
        {"/tiles/people/3/1/1.geojson", 404},
        {"/tiles/plots/3/1/1.geojson?level=state", 400},
        {"/tiles/regions/5/1/1.geojson?level=none", 404},
        {"/tiles/plots/3/1/1.geojson?z=3", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        get_status(cases[i].path, cases[i].status, NULL);
}

static void internals_stay_inside(void **state)
{
    (void)state;
    struct answer a;
    if (!server.pid)
        skip();
    client_get(&server, "/tiles/plots/17/1/1.geojson", NULL, &a);
    assert_int_equal(a.status, 500);
    assert_null(strstr(a.body, "Topology"));
    assert_null(strstr(a.body, "/usr"));
    assert_non_null(strstr(a.body, "\"code\":\"internal\""));
    assert_string_equal(answer_field(&a, "Cache-Control"), "no-store");
    answer_clear(&a);
    get_status("/healthz", 200, NULL);
    kill(server.pid, SIGUSR2);
    for (int tries = 0;; tries++) {
        client_get(&server, "/healthz", NULL, &a);
        int status = a.status;
        assert_null(strstr(a.body, "SELECT"));
        assert_null(strstr(a.body, "/srv"));
        answer_clear(&a);
        if (status == 503)
            break;
        assert_in_range(tries, 0, 1000);
    }
    get_status("/readyz", 503, "unavailable");
    get_status("/layers", 500, "internal");
    get_status(TILE, 500, "internal"); /* nothing kept is given when it cannot be checked */
    kill(server.pid, SIGUSR2);
    for (int tries = 0;; tries++) {
        client_get(&server, "/healthz", NULL, &a);
        int status = a.status;
        answer_clear(&a);
        if (status == 200)
            break;
        assert_in_range(tries, 0, 1000);
    }
    get_status(TILE, 200, NULL);
}

static void tilejson(void **state)
{
    (void)state;
    json_t *json = get_json("/tiles/plots.json", "");
    const char *url = json_string_value(json_array_get(json_object_get(json, "tiles"), 0));
    assert_memory_equal(url, server.url, strlen(server.url));
    json_decref(json);
    get_status("/tiles/people.json", 404, "no_such_layer");
}

static void landing(void **state)
{
    (void)state;
    struct answer a;
    client_get(&server, "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(answer_field(&a, "Content-Type"), "text/html; charset=utf-8");
    assert_non_null(strstr(answer_field(&a, "Content-Security-Policy"), "default-src 'self'"));
    assert_null(strstr(answer_field(&a, "Content-Security-Policy"), "unsafe"));
    assert_string_equal(answer_field(&a, "Vary"), "Accept, Accept-Encoding");
    answer_clear(&a);
    get_status("/?f=html", 200, "<!doctype");
    get_status("/?f=xml", 400, "bad_parameter");
    json_t *json = get_json("/", "Accept: application/json\r\n");
    static const char *const wanted[] = {"self", "service-desc", "conformance", "data"};
    json_t *link;
    size_t i, found = 0;
    json_array_foreach(json_object_get(json, "links"), i, link)
    {
        struct answer there;
        const char *href = json_string_value(json_object_get(link, "href"));
        assert_memory_equal(href, server.url, strlen(server.url));
        client_get(&server, href + strlen(server.url), NULL,
                   &there); /* every link leads somewhere */
        assert_int_equal(there.status, 200);
        assert_memory_equal(answer_field(&there, "Content-Type"),
                            json_string_value(json_object_get(link, "type")),
                            strlen(json_string_value(json_object_get(link, "type"))));
        answer_clear(&there);
        for (size_t w = 0; w < 4; w++)
            found += !strcmp(json_string_value(json_object_get(link, "rel")), wanted[w]);
    }
    assert_int_equal(found, 4);
    json_decref(json);
}

static void assets(void **state)
{
    (void)state;
    struct answer a;
    client_get(&server, "/assets/app.js", NULL, &a);
    assert_int_equal(a.status, 200);
    assert_string_equal(answer_field(&a, "ETag"), "\"s1\"");
    assert_non_null(strstr(answer_field(&a, "Cache-Control"), "no-cache"));
    answer_clear(&a);
    client_get(&server, "/assets/app.js", "If-None-Match: \"s1\"\r\n", &a);
    assert_int_equal(a.status, 304);
    answer_clear(&a);
}

static void hectares(void **state)
{
    (void)state;
    struct answer a;
    json_t *json = get_json("/hectares?by=municipality,crop&programme=A,B", "");
    assert_int_equal(json_integer_value(json_object_get(json, "by_n")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "programmes_n")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "holders_min")), 0);
    json_decref(json);
    static const char *const csv[][2] = {
        {"/hectares?f=csv", ""},
        {"/hectares", "Accept: text/csv\r\n"},
        {"/hectares", "Accept: text/csv, application/json;q=0.5\r\n"}};
    for (size_t i = 0; i < sizeof csv / sizeof *csv; i++) {
        client_get(&server, csv[i][0], csv[i][1], &a);
        assert_string_equal(answer_field(&a, "Content-Type"), "text/csv; charset=utf-8");
        assert_string_equal(answer_field(&a, "Vary"), "Accept, Accept-Encoding");
        assert_memory_equal(a.body, "by_n,", 5);
        answer_clear(&a);
    }
    client_get(&server, "/hectares", NULL,
               &a); /* the CSV kept for the same address must not come back here */
    assert_string_equal(answer_field(&a, "Content-Type"), "application/json");
    char header[200];
    snprintf(header, sizeof header, "If-None-Match: %s\r\n", answer_field(&a, "ETag"));
    answer_clear(&a);
    client_get(&server, "/hectares", header, &a);
    assert_int_equal(a.status, 304);
    answer_clear(&a);
    strcat(header, "Accept: text/csv\r\n");
    client_get(&server, "/hectares", header, &a);
    assert_int_equal(a.status, 200);
    answer_clear(&a);
    get_status("/hectares?by=colour", 400, "unknown_dimension");
    get_status("/hectares?by=crop,crop,crop,crop", 400, "too_many_values");
    get_status("/hectares?by=crop,", 400, "bad_parameter");
    get_status("/hectares?by=", 400, "bad_parameter");
    get_status("/hectares?f=ods", 400, "bad_parameter");
    static const char *const xlsx[][2] = {
        {"/hectares?f=xlsx", ""},
        {"/hectares", "Accept: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\r\n"}};
    for (size_t i = 0; i < 2; i++) {
        client_get(&server, xlsx[i][0], xlsx[i][1], &a);
        assert_string_equal(answer_field(&a, "Content-Type"),
                            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        assert_non_null(strstr(answer_field(&a, "Content-Disposition"), "hectares.xlsx"));
        assert_int_equal(a.body_n, 6);
        assert_memory_equal(a.body, "PK\3\4\0x", 6);
        answer_clear(&a);
    }
    get_status("/hectares?by=crop&colour=red&f=json", 400,
               "\"parameters\":[\"colour\"],\"allowed\":[\"by\",\"programme\",\"f\",\"filter\",\"filter-lang\",\"as_of\"]");
    json = get_json("/hectares?filter=crop%20%3D%20%27a%27%27b%27&filter-lang=cql2-text&as_of=2026-01-31", "");
    assert_string_equal(json_string_value(json_object_get(json, "where")), "crop = 'a''b'");
    assert_string_equal(json_string_value(json_object_get(json, "as_of")), "2026-01-31");
    json_decref(json);
    get_status("/hectares?filter=", 400, "bad_parameter");
    get_status("/hectares?filter=year=1&filter-lang=cql2-json", 400, "bad_parameter");
}

static void milpa(void **state)
{
    (void)state;
    struct answer a;
    json_t *json = get_json("/milpa?plot=P-1&k=0.02", "");
    assert_string_equal(json_string_value(json_object_get(json, "plot")), "P-1");
    CHECK_NEAR(json_number_value(json_object_get(json, "k")), 0.02, 1e-12);
    json_decref(json);
    json = get_json("/milpa?filter=year%3D2020&limit=20000&after=7", "");
    assert_string_equal(json_string_value(json_object_get(json, "where")), "year=2020");
    assert_int_equal(json_integer_value(json_object_get(json, "limit")), 10000);
    assert_int_equal(json_integer_value(json_object_get(json, "after")), 7);
    json_decref(json);
    client_get(&server, "/milpa?f=csv", NULL, &a);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(answer_field(&a, "Content-Type"), "text/csv"));
    answer_clear(&a);
    client_get(&server, "/milpa?f=xlsx", NULL, &a);
    assert_non_null(strstr(answer_field(&a, "Content-Disposition"), "milpa.xlsx"));
    answer_clear(&a);
    get_status("/milpa?plot=P-2", 404, "plot_not_found");
    get_status("/milpa?plot=P-1&filter=year%3D2020", 400, "bad_parameter");
    get_status("/milpa?k=lots", 400, "bad_parameter");
    get_status("/milpa?limit=0", 400, "bad_parameter");
    get_status("/milpa?f=ods", 400, "bad_parameter");
    get_status("/milpa?filter=", 400, "bad_parameter");
    get_status("/milpa?trees=5", 400, "\"parameters\":[\"trees\"]");
}

/* The tag of one question says nothing about another one. */
static void hectares_conditional(void **state)
{
    (void)state;
    static const char *const paths[] = {"/hectares", "/hectares?filter=year%3D2020", "/hectares?as_of=2026-01-31"};
    for (size_t i = 0; i < 3; i++) {
        struct answer a;
        char header[200];
        client_get(&server, paths[i], NULL, &a);
        assert_int_equal(a.status, 200);
        snprintf(header, sizeof header, "If-None-Match: %s\r\n", answer_field(&a, "ETag"));
        char *body = strdup(a.body);
        answer_clear(&a);
        client_get(&server, paths[i], header, &a);
        assert_int_equal(a.status, 304);
        answer_clear(&a);
        client_get(&server, paths[(i + 1) % 3], NULL, &a); /* nor is it kept for another address */
        assert_string_not_equal(a.body, body);
        answer_clear(&a);
        free(body);
    }
}

static const char *link_of(json_t *json, const char *rel)
{
    json_t *link;
    size_t i;
    json_array_foreach(json_object_get(json, "links"), i, link)
    {
        if (!strcmp(json_string_value(json_object_get(link, "rel")), rel))
            return json_string_value(json_object_get(link, "href"));
    }
    return NULL;
}

/* Follows next to the end: the ids must be 1.. in order, each once, and add up to numberMatched. */
static void walk(const char *path, int64_t first, int64_t step, size_t n)
{
    char at[300];
    snprintf(at, sizeof at, "%s", path);
    size_t seen = 0;
    for (int pages = 0;; pages++) {
        assert_in_range(pages, 0, 100);
        json_t *json = get_json(at, ""), *feature, *features = json_object_get(json, "features");
        size_t i;
        json_array_foreach(features, i, feature)
        {
            assert_int_equal(json_integer_value(json_object_get(feature, "id")),
                             first + (int64_t)seen * step);
            seen++;
        }
        assert_int_equal(json_integer_value(json_object_get(json, "numberReturned")),
                         json_array_size(features));
        json_t *matched = json_object_get(json, "numberMatched");
        if (matched)
            assert_int_equal(json_integer_value(matched), n);
        assert_int_equal(strlen(json_string_value(json_object_get(json, "timeStamp"))), 20);
        assert_non_null(link_of(json, "self"));
        const char *next = link_of(json, "next");
        if (next)
            snprintf(at, sizeof at, "%s", next + strlen(server.url));
        json_decref(json);
        if (!next)
            break;
    }
    assert_int_equal(seen, n);
}

static void items(void **state)
{
    (void)state;
    walk("/collections/plots/items", 1, 1, 45);
    walk("/collections/plots/items?limit=10", 1, 1, 45);
    walk("/collections/plots/items?limit=45", 1, 1, 45);
    walk("/collections/plots/items?limit=1000000", 1, 1, 45);
    walk("/collections/plots/items?limit=7&programme=A", 1, 2, 23);
    walk("/collections/plots/items?limit=4&bbox=-92.9005,10,-92.7995,20", 10, 1, 11);
    walk("/collections/plots/items?limit=4&bbox=-92.9005,10,0,-92.7995,20,100", 10, 1, 11);
    walk("/collections/plots/items?limit=4&bbox=170,10,-92.9,20", 1, 1,
         10); /* over the antimeridian */
    walk("/collections/plots/items?limit=4&bbox=-92.7905,10,-92.7995,20", 1, 1,
         45); /* both halves hold some */
    walk("/collections/plots/items?limit=2&filter=hectares%20%3E%2040", 41, 1, 5);
    walk("/collections/plots/items?limit=2&filter=hectares%20%3E%2015&bbox=-92.9005,10,-92.7995,20&filter-lang=cql2-text", 16, 1, 5);
    json_t *json = get_json("/collections/plots/items?programme=%22%3Cx%26", "");
    assert_int_equal(json_array_size(json_object_get(json, "features")), 0);
    assert_non_null(strstr(link_of(json, "self"), "programme=%22%3Cx%26"));
    json_decref(json);
    static const char *const bad[] = {"limit=0",        "limit=-1",       "limit=ten",
                                      "limit=1.5",      "limit=",         "after=x",
                                      "bbox=1,2,3",     "bbox=1,2,3,4,5", "bbox=a,b,c,d",
                                      "bbox=nan,0,1,1", "bbox=inf,0,1,1", "bbox=0x1,0,1,1",
                                      "bbox=1,2,3,4,",  "bbox=1,,2,3",    "bbox=-181,0,1,1",
                                      "bbox=0,5,1,4",   "bbox=0,-91,1,4", "bbox=1e999,0,1,1",
                                      "f=gml",          "colour=red",
                                      "filter=",        "filter=hectares",
                                      "filter=hectares%20%3E%20%27", "filter=a%3D1&filter-lang=cql-text"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[120];
        snprintf(path, sizeof path, "/collections/plots/items?%s", bad[i]);
        get_status(path, 400, "\"code\":");
    }
}

static void one_item(void **state)
{
    (void)state;
    json_t *json = get_json("/collections/plots/items/7", "");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json, "properties"), "code")), "P-7");
    json_decref(json);
    json = get_json("/collections/plots/items/P-8", "");
    assert_int_equal(json_integer_value(json_object_get(json, "id")), 8);
    json_decref(json);
    get_status("/collections/plots/items/P-45", 409, "ids 45 and 46");
    get_status("/collections/plots/items/999", 404, "no_such_plot");
    get_status("/collections/plots/items/'%20or%201=1--", 404, "no_such_plot");
    get_status("/collections/people/items/1", 404, "no_such_collection");
    get_status("/collections/people/items", 404, "no_such_collection");
    get_status("/collections/people", 404, "no_such_collection");
}

static void descriptions(void **state)
{
    (void)state;
    json_t *json = get_json("/collections", "");
    assert_int_equal(json_array_size(json_object_get(json, "collections")), 1);
    json_decref(json);
    json = get_json("/collections/plots", "");
    assert_int_equal(json_integer_value(json_object_get(json, "itemCount")), 45);
    json_t *box = json_array_get(
        json_object_get(json_object_get(json_object_get(json, "extent"), "spatial"), "bbox"), 0);
    assert_true(json_number_value(json_array_get(box, 0)) < -93 &&
                json_number_value(json_array_get(box, 2)) > -93);
    assert_true(json_number_value(json_array_get(box, 1)) <
                json_number_value(json_array_get(box, 3)));
    json_decref(json);
    json = get_json("/conformance", "");
    assert_int_equal(json_array_size(json_object_get(json, "conformsTo")), 2);
    json_decref(json);
    json = get_json("/api", "");
    assert_string_equal(json_string_value(json_object_get(json, "openapi")), "3.0.3");
    json_decref(json);
    json = get_json("/limits", "");
    assert_int_equal(
        json_integer_value(json_object_get(
            json_object_get(json_object_get(json, "limits"), "tile_zoom_max"), "value")),
        18);
    json_decref(json);
    json = get_json("/layers", "");
    json_t *layer = json_array_get(json_object_get(json, "layers"), 0);
    assert_string_equal(json_string_value(json_object_get(layer, "edition")), "2025");
    CHECK_NEAR(json_number_value(json_object_get(layer, "hectares")), 1.25, 1e-12);
    json_decref(json);
}

/* A large answer made on demand is compressed when asked for, and only then. */
static void gzip_on_demand(void **state)
{
    (void)state;
    struct answer plain, small;
    client_get(&server, "/collections/plots/items", NULL, &plain);
    client_get(&server, "/collections/plots/items", "Accept-Encoding: gzip\r\n", &small);
    assert_null(answer_field(&plain, "Content-Encoding"));
    assert_string_equal(answer_field(&small, "Content-Encoding"), "gzip");
    assert_in_range(small.body_n, 1, plain.body_n / 2);
    answer_clear(&plain);
    answer_clear(&small);
}

/* On an address that is not loopback only the public policy is answered. */
static void public_address(void **state)
{
    (void)state;
    struct server open;
    if (!server.pid)
        skip();
    server_start(&open, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "0.0.0.0:0", NULL});
    assert_true(open.port > 0);
    static const struct {
        const char *path;
        int status;
    } cases[] = {{"/healthz", 200},
                 {"/readyz", 200},
                 {"/", 200},
                 {"/?f=html", 200},
                 {"/assets/app.js", 200},
                 {"/api", 200},
                 {"/conformance", 200},
                 {"/limits", 200},
                 {"/hectares?by=crop", 200},
                 {"/milpa", 401},
                 {"/hectares?filter=code%20%3C%3E%20%27P-1%27", 401},
                 {"/hectares?as_of=2026-01-01", 401},
                 {"/tiles/corridors/9/1/1.geojson", 200},
                 {"/tiles/regions/9/1/1.geojson", 200},
                 {"/tiles/regions.json", 200},
                 {"/tiles/corridors.json", 200},
                 {"/tiles/plots.json", 401},
                 {TILE, 401},
                 {"/collections", 401},
                 {"/collections/plots", 401},
                 {"/collections/plots/items", 401},
                 {"/collections/plots/items/1", 401},
                 {"/layers", 401}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        client_get(&open, cases[i].path, NULL, &a);
        if (a.status != cases[i].status)
            print_error("%s: %d\n", cases[i].path, a.status);
        assert_int_equal(a.status, cases[i].status);
        if (a.status == 401) {
            assert_non_null(answer_field(&a, "WWW-Authenticate"));
            assert_non_null(strstr(a.body, "\"remedy\":\"send Authorization"));
        }
        if (strstr(cases[i].path, "hectares") && a.status == 200)
            assert_non_null(strstr(a.body, "\"holders_min\":10"));
        answer_clear(&a);
    }
    assert_int_equal(server_stop(&open), 0);
}

static int begin(void **state)
{
    (void)state;
    server_start(&server, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0", NULL});
    return server.port ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tile_headers),
        cmocka_unit_test(tile_gzip),
        cmocka_unit_test(tile_conditional),
        cmocka_unit_test(not_modified_then_more),
        cmocka_unit_test(fresh_after_commit),
        cmocka_unit_test(tile_addresses),
        cmocka_unit_test(internals_stay_inside),
        cmocka_unit_test(tilejson),
        cmocka_unit_test(landing),
        cmocka_unit_test(assets),
        cmocka_unit_test(hectares),
        cmocka_unit_test(milpa),
        cmocka_unit_test(hectares_conditional),
        cmocka_unit_test(items),
        cmocka_unit_test(one_item),
        cmocka_unit_test(descriptions),
        cmocka_unit_test(gzip_on_demand),
        cmocka_unit_test(public_address),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
