/* The pure parts of the HTTP room: target decoding, the guard, negotiation, routes. */
#include "tests/check.h"

#include <string.h>

#include "service/http/http.h"

static void targets_taken_apart(void **state)
{
    (void)state;
    struct error e;
    static struct http_target t;
    assert_int_equal(http_target_parse("/a/%C3%B1/c+d?x=1%202&y=a+b&z&w=%26=", &t, &e), 0);
    assert_int_equal(t.segments_n, 3);
    assert_string_equal(t.segment[0], "a");
    assert_string_equal(t.segment[1], "ñ");
    assert_string_equal(t.segment[2], "c+d"); /* a plus is a space in queries only */
    assert_string_equal(http_target_argument(&t, "x"), "1 2");
    assert_string_equal(http_target_argument(&t, "y"), "a b");
    assert_string_equal(http_target_argument(&t, "z"), "");
    assert_string_equal(http_target_argument(&t, "w"), "&=");
    assert_null(http_target_argument(&t, "q"));
    assert_int_equal(http_target_parse("/", &t, &e), 0);
    assert_int_equal(t.segments_n, 0);
    assert_int_equal(http_target_parse("/?", &t, &e), 0);
    assert_int_equal(t.arguments_n, 0);
    assert_int_equal(http_target_parse("/a/?&&x=1&", &t, &e), 0);
    assert_int_equal(t.segments_n, 1);
    assert_int_equal(t.arguments_n, 1);
    assert_int_equal(http_target_parse("*", &t, &e), 0);
    assert_true(t.asterisk);
    assert_int_equal(http_target_parse("/%25", &t, &e), 0);
    assert_string_equal(t.segment[0], "%"); /* decoded once, never twice */
    assert_int_equal(http_target_parse("/%252e%252e", &t, &e), 0);
    assert_string_equal(t.segment[0], "%2e%2e");
    assert_int_equal(http_target_parse("/...", &t, &e), 0);
}

static void targets_refused(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        int http;
        const char *code;
    } cases[] = {
        {"", 400, "bad_target"},
        {"a", 400, "bad_target"},
        {"http://x/", 400, "bad_target"},
        {"**", 400, "bad_target"},
        {"/%", 400, "bad_percent"},
        {"/%4", 400, "bad_percent"},
        {"/%4g", 400, "bad_percent"},
        {"/%%41", 400, "bad_percent"},
        {"/?a=%", 400, "bad_percent"},
        {"/%00", 400, "control_byte"},
        {"/a%0A", 400, "control_byte"},
        {"/?a%7f", 400, "control_byte"},
        {"/a b", 400, "control_byte"},
        {"/\x01", 400, "control_byte"},
        {"/?a=\t", 400, "control_byte"},
        {"/a%2Fb", 400, "encoded_slash"},
        {"/a%5c", 400, "encoded_slash"},
        {"/a\\b", 400, "encoded_slash"},
        {"/.", 400, "dot_segment"},
        {"/a/../b", 400, "dot_segment"},
        {"/a/%2E.", 400, "dot_segment"},
        {"/a/..?x", 400, "dot_segment"},
        {"/\xFF", 400, "invalid_utf8"},
        {"/%ED%A0%80", 400, "invalid_utf8"},
        {"/%F4%90%80%80", 400, "invalid_utf8"},
        {"/%C3", 400, "invalid_utf8"},
        {"/?a=%C0%AF", 400, "invalid_utf8"},
        {"/?%E0%80%AF=1", 400, "invalid_utf8"},
        {"/a#b", 400, "fragment"},
        {"/?a#b", 400, "fragment"},
        {"/?a=1&a=2", 400, "repeated_parameter"},
        {"/?a&%61", 400, "repeated_parameter"},
        {"/?a=1&b=2&c=3&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&A&B&C&D&E&F&G", 400,
         "too_many_arguments"},
        {"/1/2/3/4/5/6/7/8/9/10/11/12/13", 404, "not_found"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e;
        static struct http_target t;
        int http = http_target_parse(cases[i].raw, &t, &e);
        if (http != cases[i].http || strcmp(e.code, cases[i].code))
            print_error("%s: %d %s\n", cases[i].raw, http, http ? e.code : "");
        assert_int_equal(http, cases[i].http);
        assert_string_equal(e.code, cases[i].code);
    }
}

/* The longest target there may be fills the text without running over; one byte more is refused. */
static void target_length(void **state)
{
    (void)state;
    struct error e;
    static struct http_target t;
    static const char *const patterns[] = {"/", "a", "/a", "/?"};
    for (size_t p = 0; p < 4; p++) {
        char raw[LIMIT_URL_BYTES + 2] = "/";
        for (size_t i = 1; i <= LIMIT_URL_BYTES; i++)
            raw[i] = patterns[p][i % strlen(patterns[p])];
        assert_int_equal(http_target_parse(raw, &t, &e), 414);
        raw[LIMIT_URL_BYTES] = 0;
        assert_int_not_equal(http_target_parse(raw, &t, &e), 414);
    }
    char raw[LIMIT_URL_BYTES + 1] = "/?a&b&c=";
    memset(raw + 8, 'x', LIMIT_URL_BYTES - 8);
    raw[LIMIT_URL_BYTES] = 0;
    assert_int_equal(http_target_parse(raw, &t, &e), 0);
    assert_int_equal(strlen(http_target_argument(&t, "c")), LIMIT_URL_BYTES - 8);
}

struct head {
    const char *method, *version, *fields[8]; /* "Name: value" */
};

static int guard(const struct head *h, struct error *e, enum http_method *method)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    const struct http_hosts hosts = {names, 3};
    struct http_guard g;
    http_guard_begin(&g, e);
    for (int i = 0; i < 8 && h->fields[i]; i++) {
        const char *colon = strchr(h->fields[i], ':'), *value = colon + 1 + strspn(colon + 1, " ");
        http_guard_field(&g, h->fields[i], (size_t)(colon - h->fields[i]), value, strlen(value));
    }
    return http_guard_end(&g, h->method, h->version,
                          g.hosts_n == 1 && http_host_allowed(g.host, &hosts), method);
}

static void guard_table(void **state)
{
    (void)state;
#define V "HTTP/1.1"
#define HOST "Host: localhost"
    static const struct {
        struct head head;
        int http;
        const char *code;
    } cases[] = {
        {{"GET", V, {HOST}}, 0, ""},
        {{"HEAD", V, {"hOsT: LOCALHOST:8080"}}, 0, ""},
        {{"OPTIONS", "HTTP/1.0", {HOST, "Content-Length: 00"}}, 0, ""},
        {{"GET", V, {NULL}}, 400, "host_count"},
        {{"GET", V, {HOST, HOST}}, 400, "host_count"},
        {{"GET", V, {"Host: localhost, localhost"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: localhost.evil.example"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: 127.0.0.1:"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: 127.0.0.1:123456"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: [::1"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: [::1]x"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: []"}}, 403, "host_not_allowed"},
        {{"GET", V, {"Host: ::1"}}, 403, "host_not_allowed"},
        {{"GET", V, {HOST, "Content-Length: 1"}}, 413, "body_not_accepted"},
        {{"GET", V, {HOST, "Content-Length: -1"}}, 400, "content_length"},
        {{"GET", V, {HOST, "Content-Length: 0x0"}}, 400, "content_length"},
        {{"GET", V, {HOST, "Content-Length: 0, 0"}}, 400, "content_length"},
        {{"GET", V, {HOST, "Content-Length:"}}, 400, "content_length"},
        {{"GET", V, {HOST, "Content-Length: 0", "content-length: 0"}}, 400, "two_content_lengths"},
        {{"GET", V, {HOST, "Content-Length: 0", "Transfer-Encoding: chunked"}},
         400,
         "length_and_coding"},
        {{"GET", V, {HOST, "Transfer-Encoding: identity"}}, 413, "body_not_accepted"},
        {{"PUT", V, {HOST}}, 405, "method_not_allowed"},
        {{"POST", V, {HOST, "Content-Length: 5"}}, 0, ""},
        {{"POST", V, {HOST, "Content-Length: 99999999999999999999"}}, 0, ""},
        {{"POST", V, {HOST, "Transfer-Encoding: Chunked"}}, 0, ""},
        {{"POST", V, {HOST, "Transfer-Encoding: gzip, chunked"}}, 400, "transfer_encoding"},
        {{"POST", V, {HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: x"}},
         400,
         "transfer_encoding"},
        {{"POST", V, {HOST, "Content-Type: a/b", "Content-Type: a/c"}}, 400, "repeated_header"},
        {{"GET", V, {HOST, "Authorization: Bearer a", "authorization: Bearer b"}},
         400,
         "repeated_header"},
        {{"DELETE", V, {HOST, "Content-Length: 5"}}, 413, "body_not_accepted"},
        {{"Get", V, {HOST}}, 405, "method_not_allowed"},
        {{"", V, {HOST}}, 405, "method_not_allowed"},
        {{"GET", "HTTP/2.0", {HOST}}, 505, "http_version"},
        {{"GET", "http/1.1", {HOST}}, 505, "http_version"},
        {{"GET", V, {HOST, "X y: 1"}}, 400, "header_name"},
        {{"GET", V, {HOST, "X\x80: 1"}}, 400, "header_name"},
        {{"GET", V, {HOST, ": 1"}}, 400, "header_name"},
        {{"GET", V, {HOST, "X: a\rb"}}, 400, "header_value"},
        {{"GET", V, {HOST, "X: \x7f"}}, 400, "header_value"},
        {{"GET", V, {HOST, "X: a\tb \xC3\xB1"}}, 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        enum http_method method;
        int http = guard(&cases[i].head, &e, &method);
        if (http != cases[i].http || strcmp(e.code, cases[i].code))
            print_error("case %zu: %d %s\n", i, http, e.code);
        assert_int_equal(http, cases[i].http);
        assert_string_equal(e.code, cases[i].code);
    }
}

static void guard_counts_fields(void **state)
{
    (void)state;
    struct error e = {0};
    struct http_guard g;
    http_guard_begin(&g, &e);
    for (int i = 0; i < LIMIT_HEADER_COUNT; i++)
        http_guard_field(&g, "X", 1, "", 0);
    assert_int_equal(g.http, 0);
    http_guard_field(&g, "X", 1, "", 0);
    assert_int_equal(g.http, 431);
    http_guard_begin(&g, &e); /* a NUL inside a value, where the library lets us see it */
    http_guard_field(&g, "X", 1, "a\0b", 3);
    assert_int_equal(g.http, 400);
}

static void accept_header(void **state)
{
    (void)state;
    static const char *const offered[] = {"application/json", "text/html",
                                          "text/csv; charset=utf-8"};
    static const struct {
        const char *accept;
        int pick;
    } cases[] = {
        {NULL, 0},
        {"", 0},
        {"*/*", 0},
        {"text/html", 1},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 1},
        {"text/*", 1},
        {"text/csv", 2},
        {"TEXT/CSV", 2},
        {"text/csv;q=0.4, application/json;q=0.5", 0},
        {"text/csv ; q=0.6 , application/json;q=0.5", 2},
        {"application/json;q=0, */*", 1},
        {"image/png", -1},
        {"application/geo+json, application/json", 0},
        {"text/html;q=0", -1},
        {"text/html;level=1;q=0.3, */*;q=0.2", 1},
        {"text/html;q=abc", -1},
        {";;,,q=1", -1},
        {"text", -1},
        {"*/json", -1},
        {"text/html;q=1.000,application/json;q=0.999", 1},
        {"text/html;q=5, application/json", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int pick = http_accept_pick(cases[i].accept, offered, 3);
        if (pick != cases[i].pick)
            print_error("%s: %d\n", cases[i].accept, pick);
        assert_int_equal(pick, cases[i].pick);
    }
}

static void accept_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool gzip;
    } cases[] = {{NULL, false},
                 {"", false},
                 {"gzip", true},
                 {"deflate, GZip", true},
                 {"x-gzip", true},
                 {"gzip;q=0", false},
                 {"gzip;q=0.000", false},
                 {"gzip;q=0.001", true},
                 {"*", true},
                 {"*;q=0", false},
                 {"gzip;q=0, *", false},
                 {"gzipx", false},
                 {"identity", false},
                 {"br;q=1.0, gzip;q=0.8", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(http_accepts_gzip(cases[i].text), cases[i].gzip);
}

static void entity_tags(void **state)
{
    (void)state;
    static const struct {
        const char *list, *etag;
        bool listed;
    } cases[] = {
        {NULL, "\"a\"", false},
        {"\"a\"", "\"a\"", true},
        {"W/\"a\"", "\"a\"", true},
        {"\"a\"", "W/\"a\"", true},
        {" \"b\" ,\t\"a\"", "\"a\"", true},
        {"\"b\",\"c\"", "\"a\"", false},
        {"*", "\"a\"", true},
        {"a", "\"a\"", false},
        {"\"a", "\"a\"", false},
        {"\"ab\"", "\"a\"", false},
        {"\"b, \"a\"", "\"a\"", false},
        {"w/\"a\"", "\"a\"", false},
        {"", "\"a\"", false},
        {",,\"a\"", "\"a\"", true},
        {"\"x,y\", \"a\"", "\"a\"", true},
        {"\"a\"", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (http_etag_listed(cases[i].list, cases[i].etag) != cases[i].listed)
            print_error("case %zu\n", i);
        assert_int_equal(http_etag_listed(cases[i].list, cases[i].etag), cases[i].listed);
    }
}

static void routes(void **state)
{
    (void)state;
    static const struct http_route table[] = {{.pattern = "/tiles/{layer}/{z}/{x}/{y}.geojson"},
                                              {.pattern = "/tiles/{layer}.json"},
                                              {.pattern = "/"},
                                              {.pattern = "/assets/{path...}"},
                                              {.pattern = "/limits"}};
    static const struct {
        const char *raw;
        int route;
        const char *capture;
    } cases[] = {{"/tiles/plots/1/2/3.geojson", 0, "plots"},
                 {"/tiles/plots.json", 1, "plots"},
                 {"/", 2, NULL},
                 {"/assets/a/b.js", 3, "a/b.js"},
                 {"/limits", 4, NULL},
                 {"/limits/", 4, NULL},
                 {"/limitsx", -1, NULL},
                 {"/limit", -1, NULL},
                 {"/tiles/plots/1/2/3", -1, NULL},
                 {"/tiles/plots/1/2/.geojson", -1, NULL},
                 {"/tiles/.json", -1, NULL},
                 {"/assets", -1, NULL},
                 {"/limits/more", -1, NULL},
                 {"/tiles/a/1/2/3.geojson/4", -1, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e;
        static struct http_request q;
        assert_int_equal(http_target_parse(cases[i].raw, &q.target, &e), 0);
        const struct http_route *r = http_route_find(table, 5, &q, NULL);
        if ((r ? (int)(r - table) : -1) != cases[i].route)
            print_error("%s\n", cases[i].raw);
        assert_int_equal(r ? (int)(r - table) : -1, cases[i].route);
        if (cases[i].capture)
            assert_string_equal(q.capture[0], cases[i].capture);
    }
    char raw[400] = "/assets/";
    memset(raw + 8, 'a', 300);
    struct error e;
    static struct http_request q;
    assert_int_equal(http_target_parse(raw, &q.target, &e), 0);
    assert_null(http_route_find(table, 5, &q, NULL)); /* longer than a capture: nothing there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_taken_apart),
        cmocka_unit_test(targets_refused),
        cmocka_unit_test(target_length),
        cmocka_unit_test(guard_table),
        cmocka_unit_test(guard_counts_fields),
        cmocka_unit_test(accept_header),
        cmocka_unit_test(accept_encoding),
        cmocka_unit_test(entity_tags),
        cmocka_unit_test(routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
