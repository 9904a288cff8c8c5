/* The transport, black box: what comes over the wire and what must come back. One table of raw
 * requests, then the cases that need more than one. PARCELA_HTTP_URL runs all of it against a
 * server that is already there. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/http/client.h"

static struct server server;

#define H "Host: 127.0.0.1\r\n"
static const struct {
    const char *name, *request;
    size_t n; /* 0 = strlen */
    int status;
    const char *code; /* in the problem, or NULL */
    bool closes;
} cases[] = {
    {"plain", "GET /healthz HTTP/1.1\r\n" H "\r\n", 0, 200, NULL, false},
    {"HTTP/1.0 closes", "GET /healthz HTTP/1.0\r\n" H "\r\n", 0, 200, NULL, true},
    {"trailing slash", "GET /healthz/ HTTP/1.1\r\n" H "\r\n", 0, 200, NULL, false},
    {"percent-encoded letters", "GET /%68ealthz HTTP/1.1\r\n" H "\r\n", 0, 200, NULL, false},
    {"Host in capitals, with port", "GET /healthz HTTP/1.1\r\nHOST: LocalHost:9\r\n\r\n", 0, 200,
     NULL, false},
    {"IPv6 Host", "GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 0, 200, NULL, false},
    {"Content-Length 0", "GET /healthz HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 0, 200, NULL,
     false},
    {"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 0, 400, "host_count", true},
    {"two Hosts", "GET /healthz HTTP/1.1\r\n" H H "\r\n", 0, 400, "host_count", true},
    {"a stranger's Host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 0, 403,
     "host_not_allowed", true},
    {"Host with user", "GET /healthz HTTP/1.1\r\nHost: x@127.0.0.1\r\n\r\n", 0, 403,
     "host_not_allowed", true},
    {"Host with junk port", "GET /healthz HTTP/1.1\r\nHost: localhost:80x\r\n\r\n", 0, 403,
     "host_not_allowed", true},
    {"empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 0, 403, "host_not_allowed", true},
    {"two Content-Lengths",
     "GET /healthz HTTP/1.1\r\n" H "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 0, 400,
     "two_content_lengths", true},
    {"length and coding",
     "POST /healthz HTTP/1.1\r\n" H
     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     0, 400, "length_and_coding", true},
    {"GET with a body", "GET /healthz HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", 0, 413,
     "body_not_accepted", true},
    {"GET chunked", "GET /healthz HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0,
     413, "body_not_accepted", true},
    {"expect 10 GB",
     "GET /healthz HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 10000000000\r\n\r\n", 0,
     413, "body_not_accepted", true},
    {"POST", "POST /hectares HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 0, 405,
     "method_not_allowed", true},
    {"DELETE", "DELETE /hectares HTTP/1.1\r\n" H "\r\n", 0, 405, "method_not_allowed", true},
    {"unknown method", "BREW /pot HTTP/1.1\r\n" H "\r\n", 0, 405, "method_not_allowed", true},
    {"method in small letters", "get /healthz HTTP/1.1\r\n" H "\r\n", 0, 405, "method_not_allowed",
     true},
    {"HTTP/1.9", "GET /healthz HTTP/1.9\r\n" H "\r\n", 0, 505, "http_version", true},
    {"space in a header name", "GET /healthz HTTP/1.1\r\n" H "X y: 1\r\n\r\n", 0, 400,
     "header_name", true},
    /* The library cuts a value at a NUL before anyone can see it: the Host that is left is judged.
     */
    {"NUL in a header", "GET /healthz HTTP/1.1\r\nHost: evil\000127.0.0.1\r\n\r\n",
     sizeof("GET /healthz HTTP/1.1\r\nHost: evil\000127.0.0.1\r\n\r\n") - 1, 403,
     "host_not_allowed", true},
    {"NUL in the path", "GET /healthz%00.json HTTP/1.1\r\n" H "\r\n", 0, 400, "control_byte", true},
    {"NUL in the query", "GET /hectares?by=%00 HTTP/1.1\r\n" H "\r\n", 0, 400, "control_byte",
     true},
    {"CR LF in the path", "GET /a%0d%0aX:y HTTP/1.1\r\n" H "\r\n", 0, 400, "control_byte", true},
    {"encoded slash", "GET /collections%2fplots HTTP/1.1\r\n" H "\r\n", 0, 400, "encoded_slash",
     true},
    {"encoded backslash", "GET /assets/..%5cetc HTTP/1.1\r\n" H "\r\n", 0, 400, "encoded_slash",
     true},
    {"dot dot", "GET /assets/../../etc/passwd HTTP/1.1\r\n" H "\r\n", 0, 400, "dot_segment", true},
    {"encoded dot dot", "GET /assets/%2e%2e/etc HTTP/1.1\r\n" H "\r\n", 0, 400, "dot_segment",
     true},
    {"overlong UTF-8", "GET /assets/%c0%ae%c0%ae/x HTTP/1.1\r\n" H "\r\n", 0, 400, "invalid_utf8",
     true},
    {"bad percent", "GET /%zz HTTP/1.1\r\n" H "\r\n", 0, 400, "bad_percent", true},
    {"cut percent", "GET /a% HTTP/1.1\r\n" H "\r\n", 0, 400, "bad_percent", true},
    {"absolute form", "GET http://127.0.0.1/healthz HTTP/1.1\r\n" H "\r\n", 0, 400, "bad_target",
     true},
    {"repeated parameter", "GET /hectares?f=json&f=csv HTTP/1.1\r\n" H "\r\n", 0, 400,
     "repeated_parameter", true},
    {"repeated, encoded", "GET /hectares?by=crop&%62y=crop HTTP/1.1\r\n" H "\r\n", 0, 400,
     "repeated_parameter", true},
    {"unknown parameter", "GET /hectares?bye=crop HTTP/1.1\r\n" H "\r\n", 0, 400,
     "unknown_parameter", false},
    {"nothing there", "GET /nowhere HTTP/1.1\r\n" H "\r\n", 0, 404, "not_found", false},
    {"empty segment", "GET //healthz HTTP/1.1\r\n" H "\r\n", 0, 404, "not_found", false},
    {"too deep", "GET /a/b/c/d/e/f/g/h/i/j/k/l/m/n HTTP/1.1\r\n" H "\r\n", 0, 404, "not_found",
     true},
    {"missing asset", "GET /assets/none.js HTTP/1.1\r\n" H "\r\n", 0, 404, "not_found", false},
    {"asterisk with GET", "GET * HTTP/1.1\r\n" H "\r\n", 0, 404, "not_found", false},
};

static void check_problem(struct answer *a, int status, const char *code)
{
    char text[80];
    assert_non_null(answer_field(a, "Content-Type"));
    assert_string_equal(answer_field(a, "Content-Type"), "application/problem+json");
    snprintf(text, sizeof text, "\"status\":%d", status);
    assert_non_null(strstr(a->body, text));
    snprintf(text, sizeof text, "\"code\":\"%s\"", code);
    assert_non_null(strstr(a->body, text));
    assert_non_null(strstr(a->body, "\"remedy\":"));
}

static void raw_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        int fd = client_connect(&server);
        assert_true(fd >= 0);
        client_send(fd, cases[i].request, cases[i].n ? cases[i].n : strlen(cases[i].request));
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        if (a.status != cases[i].status)
            print_error("case \"%s\": %s\n%s\n", cases[i].name, a.head, a.body ? a.body : "");
        assert_int_equal(a.status, cases[i].status);
        if (cases[i].code)
            check_problem(&a, cases[i].status, cases[i].code);
        if (cases[i].closes) {
            if (!client_closed(fd, CLIENT_TIMEOUT_MS))
                fail_msg("case \"%s\": the connection stayed open", cases[i].name);
        } else { /* still good for another request */
            struct answer again;
            client_send_text(fd, "GET /healthz HTTP/1.1\r\n" H "\r\n");
            client_read(fd, false, &again, CLIENT_TIMEOUT_MS);
            if (again.status != 200)
                print_error("case \"%s\": the connection did not go on\n", cases[i].name);
            assert_int_equal(again.status, 200);
            answer_clear(&again);
        }
        close(fd);
        answer_clear(&a);
    }
}

/* A path or query of so many repeated pieces must be answered, not left hanging. */
static void many(const char *start, const char *piece, int n, int status, const char *code)
{
    struct answer a;
    size_t length = strlen(start), piece_n = strlen(piece);
    char *path = calloc(1, length + piece_n * (size_t)n + 1);
    assert_non_null(path);
    strcpy(path, start);
    for (int i = 0; i < n; i++)
        memcpy(path + length + (size_t)i * piece_n, piece, piece_n);
    client_get(&server, path, NULL, &a);
    if (a.status != status)
        print_error("%s + %d x %s: %d %s\n", start, n, piece, a.status, a.head);
    assert_int_equal(a.status, status);
    if (code)
        check_problem(&a, status, code);
    free(path);
    answer_clear(&a);
}

static void long_requests(void **state)
{
    (void)state;
    many("/hectares?", "&", 30, 200, NULL);
    many("/hectares?a=1", "&a", 33, 400, "too_many_arguments");
    many("/hectares?a=1", "&b=2", 500, 400, "too_many_arguments");
    many("/hectares?a=1", "&b", 2000, 400, "too_many_arguments");
    many("/hectares?a=1", "&b", 5000, 414, "url_too_long");
    many("/%zz?", "&b", 1900, 400, "too_many_arguments");
    many("/", "a", 4000, 404, "not_found");
    many("/", "a", 5000, 414, "url_too_long");
    many("/collections/plots/items/", "%41", 1000, 404, NULL);
}

static void many_headers(void **state)
{
    (void)state;
    static const struct {
        int n, status;
    } runs[] = {{60, 200}, {100, 431}, {500, 431}, {5000, 431}};
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct answer a;
        char *headers = calloc(1, (size_t)runs[i].n * 16 + 1);
        assert_non_null(headers);
        for (int j = 0; j < runs[i].n; j++)
            sprintf(headers + strlen(headers), "X-%d: 1\r\n", j);
        client_get(&server, "/healthz", headers, &a);
        assert_int_equal(a.status, runs[i].status);
        free(headers);
        answer_clear(&a);
    }
}

static void pipelining(void **state)
{
    (void)state;
    struct answer first, second, third;
    int fd = client_connect(&server);
    client_send_text(fd, "GET /limits HTTP/1.1\r\n" H "\r\nGET /readyz HTTP/1.1\r\n" H
                         "\r\nGET /nowhere HTTP/1.1\r\n" H "\r\n");
    client_read(fd, false, &first, CLIENT_TIMEOUT_MS);
    client_read(fd, false, &second, CLIENT_TIMEOUT_MS);
    client_read(fd, false, &third, CLIENT_TIMEOUT_MS);
    assert_int_equal(first.status, 200);
    assert_non_null(strstr(first.body, "url_bytes"));
    assert_int_equal(second.status, 200);
    assert_non_null(strstr(second.body, "\"status\":\"ok\""));
    assert_int_equal(third.status, 404);
    close(fd);
    answer_clear(&first);
    answer_clear(&second);
    answer_clear(&third);
}

/* A refused request must not let what stands behind it run: exactly one answer comes. */
static void no_second_answer(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "POST /healthz HTTP/1.1\r\n" H
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /limits HTTP/1.1\r\n" H
        "\r\n",
        "GET /healthz HTTP/1.1\r\n" H
        "Content-Length: 40\r\nContent-Length: 0\r\n\r\nGET /limits HTTP/1.1\r\n" H "\r\n",
        "GET /healthz HTTP/1.1\r\n" H
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /limits HTTP/1.1\r\n" H "\r\n",
        "GET /healthz HTTP/1.1\r\n" H "Content-Length : 36\r\n\r\nGET /limits HTTP/1.1\r\n" H
        "\r\n",
        "GET /healthz HTTP/1.1\r\n" H
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /limits HTTP/1.1\r\n" H "\r\n",
        "GET /healthz HTTP/1.1\r\n" H
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /limits HTTP/1.1\r\n" H "\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct answer a, b;
        int fd = client_connect(&server);
        client_send_text(fd, requests[i]);
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        client_read(fd, false, &b, CLIENT_TIMEOUT_MS); /* ended by the server, not by the time */
        if (a.status < 400 || b.status)
            print_error("request %zu: %d then %d\n%s", i, a.status, b.status, a.head);
        assert_in_range(a.status, 400, 499);
        assert_int_equal(b.status, 0);
        close(fd);
        answer_clear(&a);
        answer_clear(&b);
    }
}

static void head_requests(void **state)
{
    (void)state;
    static const char *const paths[] = {"/healthz", "/limits", "/tiles/corridors/9/120/230.geojson",
                                        "/hectares?by=municipality", "/nowhere"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct answer get, head, next;
        char request[200];
        client_get(&server, paths[i], NULL, &get);
        int fd = client_connect(&server);
        snprintf(request, sizeof request, "HEAD %s HTTP/1.1\r\n" H "\r\n", paths[i]);
        client_send_text(fd, request);
        client_read(fd, true, &head, CLIENT_TIMEOUT_MS);
        assert_int_equal(head.status, get.status);
        assert_string_equal(answer_field(&head, "Content-Length"),
                            answer_field(&get, "Content-Length"));
        assert_string_equal(answer_field(&head, "Content-Type"),
                            answer_field(&get, "Content-Type"));
        if (head.status == 200) { /* no byte of a body may stand in the way of the next answer */
            client_send_text(fd, "GET /healthz HTTP/1.1\r\n" H "\r\n");
            client_read(fd, false, &next, CLIENT_TIMEOUT_MS);
            assert_int_equal(next.status, 200);
            answer_clear(&next);
        }
        close(fd);
        answer_clear(&get);
        answer_clear(&head);
    }
}

static void options_requests(void **state)
{
    (void)state;
    static const char *const targets[] = {"/tiles/plots/9/120/230.geojson", "*", "/hectares"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct answer a;
        char request[200];
        int fd = client_connect(&server);
        snprintf(request, sizeof request,
                 "OPTIONS %s HTTP/1.1\r\n" H "Origin: http://map.example\r\n\r\n", targets[i]);
        client_send_text(fd, request);
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        assert_int_equal(a.status, 204);
        assert_non_null(strstr(answer_field(&a, "Allow"), "GET"));
        assert_string_equal(answer_field(&a, "Access-Control-Allow-Origin"), "*");
        close(fd);
        answer_clear(&a);
    }
}

/* Half a request and a closed socket, an answer nobody reads: the server goes on. */
static void rude_clients(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        int fd = client_connect(&server);
        client_send_text(fd, i % 2 ? "GET /hea"
                                   : "GET /readyz HTTP/1.1\r\n" H "\r\nGET /readyz HTTP/1.1\r\n" H
                                     "\r\n");
        close(fd);
    }
    struct answer a;
    client_get(&server, "/readyz", NULL, &a);
    assert_int_equal(a.status, 200);
    answer_clear(&a);
}

static int begin(void **state)
{
    (void)state;
    const char *url = getenv("PARCELA_HTTP_URL");
    if (url) {
        server_use(&server, url);
        return 0;
    }
    server_start(&server, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0", NULL});
    return server.port ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return server_stop(&server); /* a leak or a data race makes this not 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_requests),     cmocka_unit_test(long_requests),
        cmocka_unit_test(many_headers),     cmocka_unit_test(pipelining),
        cmocka_unit_test(no_second_answer), cmocka_unit_test(head_requests),
        cmocka_unit_test(options_requests), cmocka_unit_test(rude_clients),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
