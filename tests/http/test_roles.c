/* Who may do what: every operation of the OpenAPI document against every kind of caller. An
 * operation without a row here fails, so that no new address comes without somebody thinking about
 * who may use it. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/http/client.h"

/* method and path as documented; the address to ask, or NULL for the same */
static const struct {
    const char *method, *path, *address;
} rows[] = {
    {"get", "/", NULL},
    {"get", "/assets/{path}", "/assets/app.js"},
    {"get", "/conformance", NULL},
    {"get", "/api", NULL},
    {"get", "/limits", NULL},
    {"get", "/healthz", NULL},
    {"get", "/readyz", NULL},
    {"get", "/layers", NULL},
    {"get", "/hectares", "/hectares?by=crop"},
    {"get", "/milpa", NULL},
    {"get", "/collections", NULL},
    {"get", "/collections/{collection}", "/collections/plots"},
    {"get", "/collections/{collection}/items", "/collections/plots/items"},
    {"get", "/collections/{collection}/items/{plot}", "/collections/plots/items/1"},
    {"get", "/tiles/{layer}.json", "/tiles/plots.json"},
    {"get", "/tiles/{layer}/{z}/{x}/{y}.geojson", "/tiles/plots/9/123/232.geojson"},
    {"get", "/imports", NULL},
    {"post", "/imports", "/imports?programme=A"},
    {"get", "/imports/{import}", "/imports/1"},
    {"delete", "/imports/{import}", "/imports/1"},
    {"get", "/imports/jobs", NULL},
    {"get", "/imports/jobs/{job}", "/imports/jobs/job-1"},
    {"delete", "/imports/jobs/{job}", "/imports/jobs/job-1"},
    {"post", "/imports/jobs/{job}/commit", "/imports/jobs/job-1/commit"},
};

static const char *const roles[] = {"public", "viewer", "editor", "admin"};
static const struct {
    const char *header; /* NULL = none */
    int role;           /* position in roles; -1 = refused whatever it asks */
} callers[] = {
    {NULL, 0},
    {"Bearer parcela_viewer", 1},
    {"bearer parcela_editor", 2},
    {"Bearer parcela_admin", 3},
    {"Bearer parcela_nobody", -1},
    {"Bearer ", -1},
    {"Basic cGFyY2VsYTplZGl0b3I=", -1},
};

static int ask(const struct server *s, const char *method, const char *address,
               const char *authorization, struct answer *a)
{
    char request[600], upper[8] = "";
    for (size_t i = 0; method[i] && i < 7; i++)
        upper[i] = (char)(method[i] - 32);
    bool body = !strcmp(method, "post") && !strstr(address, "commit");
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s%s%s\r\n%s", upper,
             address, authorization ? "Authorization: " : "", authorization ? authorization : "",
             authorization ? "\r\n" : "", body ? "Content-Length: 3\r\n" : "", body ? "abc" : "");
    int fd = client_connect(s);
    assert_true(fd >= 0);
    client_send_text(fd, request);
    client_read(fd, false, a, CLIENT_TIMEOUT_MS);
    close(fd);
    return a->status;
}

static int needed(json_t *operation)
{
    const char *role = json_string_value(json_object_get(operation, "x-role"));
    for (int i = 0; role && i < 4; i++)
        if (!strcmp(role, roles[i]))
            return i;
    return -1;
}

static void check_row(const struct server *s, bool loopback, size_t row, int need)
{
    const char *address = rows[row].address ? rows[row].address : rows[row].path;
    for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
        struct answer a;
        int role = callers[i].role >= 0 && loopback && callers[i].role < 1 ? 1 : callers[i].role;
        int status = ask(s, rows[row].method, address, callers[i].header, &a);
        bool named = callers[i].role > 0;
        int refusal = role < 0 ? 401 : role >= need ? 0 : named ? 403 : 401;
        bool as_expected = refusal ? status == refusal : status >= 200 && status < 300;
        if (!as_expected)
            fail_msg("%s %s by \"%s\": %d, expected %d (0 = any success)\n%s", rows[row].method,
                     address, callers[i].header ? callers[i].header : "nobody", status, refusal,
                     a.body ? a.body : "");
        if (refusal == 401)
            assert_non_null(answer_field(&a, "WWW-Authenticate"));
        answer_clear(&a);
    }
}

static void matrix_on(const char *listen, bool loopback)
{
    struct server s;
    struct answer a;
    server_start(&s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), listen, NULL});
    assert_true(s.port > 0);
    client_get(&s, "/api", NULL, &a);
    json_t *doc = json_loadb(a.body, a.body_n, 0, NULL), *path, *operation;
    assert_non_null(doc);
    const char *path_name, *method;
    size_t seen = 0;
    json_object_foreach(json_object_get(doc, "paths"), path_name, path)
    {
        json_object_foreach(path, method, operation)
        {
            size_t row = 0, n = sizeof rows / sizeof *rows;
            while (row < n &&
                   (strcmp(rows[row].path, path_name) || strcmp(rows[row].method, method)))
                row++;
            if (row == n)
                fail_msg("%s %s has no row in this test: who may use it?", method, path_name);
            if (needed(operation) < 0)
                fail_msg("%s %s has no x-role", method, path_name);
            check_row(&s, loopback, row, needed(operation));
            seen++;
        }
    }
    assert_int_equal(seen, sizeof rows / sizeof *rows);
    json_decref(doc);
    answer_clear(&a);
    assert_int_equal(server_stop(&s), 0);
}

static void on_any_address(void **state)
{
    (void)state;
    matrix_on("0.0.0.0:0", false);
}

static void on_loopback(void **state)
{
    (void)state;
    matrix_on("127.0.0.1:0", true);
}

/* What a token opened must not be kept for those without, nor totals of few producers. */
static void nothing_is_kept(void **state)
{
    (void)state;
    struct server s;
    server_start(&s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "0.0.0.0:0", NULL});
    static const char *const addresses[] = {"/collections/plots/items/1",
                                            "/tiles/plots/9/123/232.geojson", "/imports"};
    for (size_t i = 0; i < 3; i++)
        for (int turn = 0; turn < 2; turn++) {
            struct answer a;
            assert_int_equal(ask(&s, "get", addresses[i], "Bearer parcela_viewer", &a), 200);
            answer_clear(&a);
            assert_int_equal(ask(&s, "get", addresses[i], NULL, &a), 401);
            answer_clear(&a);
        }
    struct answer all, few;
    ask(&s, "get", "/hectares?by=crop", "Bearer parcela_viewer", &all);
    ask(&s, "get", "/hectares?by=crop", NULL, &few);
    assert_non_null(strstr(all.body, "\"holders_min\":0"));
    assert_non_null(strstr(few.body, "\"holders_min\":10"));
    assert_string_not_equal(answer_field(&all, "ETag"), answer_field(&few, "ETag"));
    answer_clear(&all);
    answer_clear(&few);
    assert_int_equal(server_stop(&s), 0);
}

/* Findings and files of an import are for editors. */
static void findings_for_editors(void **state)
{
    (void)state;
    struct server s;
    struct answer a;
    server_start(&s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0", NULL});
    ask(&s, "get", "/imports/1", "Bearer parcela_viewer", &a);
    assert_null(strstr(a.body, "findings"));
    answer_clear(&a);
    ask(&s, "get", "/imports/1", "Bearer parcela_editor", &a);
    assert_non_null(strstr(a.body, "\"findings\":[{}],\"findings_total\":1"));
    answer_clear(&a);
    assert_int_equal(server_stop(&s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_any_address), cmocka_unit_test(on_loopback),
        cmocka_unit_test(nothing_is_kept), cmocka_unit_test(findings_for_editors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
