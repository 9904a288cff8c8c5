/* The API's own rules: openapi.json tells the truth about the routes; parameter parsing; the status
 * mapping. */
#include "tests/check.h"

#include <string.h>

#include <jansson.h>

#include "service/api/internal.h"
#include "service/api/query.h"

extern const unsigned char api_openapi[];
extern const size_t api_openapi_len;

static bool documented(json_t *operation, const char *where, const char *name)
{
    json_t *parameter;
    size_t i;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        if (!strcmp(json_string_value(json_object_get(parameter, "in")), where) &&
            !strcmp(json_string_value(json_object_get(parameter, "name")), name))
            return true;
    }
    return false;
}

static size_t count_in(json_t *operation, const char *where)
{
    json_t *parameter;
    size_t i, n = 0;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter) n +=
        !strcmp(json_string_value(json_object_get(parameter, "in")), where);
    return n;
}

/* Every {name} of the pattern is a path parameter, and there are no others. */
static void check_captures(json_t *operation, const char *pattern)
{
    size_t captures = 0;
    for (const char *p = pattern; (p = strchr(p, '{')); captures++) {
        char name[64];
        size_t n = strcspn(++p, ".}");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        if (!documented(operation, "path", name))
            fail_msg("%s: {%s} is not in openapi.json", pattern, name);
    }
    assert_int_equal(count_in(operation, "path"), captures);
}

static const char *const methods[] = {"get", "head", "options", "post", "delete"};

static void check_operation(json_t *paths, const char *path, const struct http_route *route,
                            const char *method)
{
    json_t *operation = json_object_get(json_object_get(paths, path), method);
    if (!operation)
        fail_msg("%s %s is not in openapi.json", method, path);
    check_captures(operation, route->pattern);
    const struct api_resource *resource = route->data;
    size_t parameters = 0;
    for (; parameters < API_PARAMETERS_MAX && resource->parameters[parameters]; parameters++)
        if (!documented(operation, "query", resource->parameters[parameters]))
            fail_msg("%s: parameter %s is not in openapi.json", path,
                     resource->parameters[parameters]);
    assert_int_equal(count_in(operation, "query"), parameters);
    static const char *const roles[] = {
        [API_PUBLIC] = "public", [API_VIEWER] = "viewer", [API_EDITOR] = "editor"};
    const char *role = json_string_value(json_object_get(operation, "x-role"));
    if (!role)
        fail_msg("%s %s has no x-role", method, path);
    bool layered = strstr(path, "/tiles/") != NULL; /* plots need a viewer, other layers do not */
    assert_string_equal(role, layered ? "viewer" : roles[resource->access]);
    json_t *responses = json_object_get(operation, "responses");
    bool partly = !strcmp(path, "/hectares"); /* filter and as_of need a viewer */
    assert_int_equal(json_object_get(responses, "401") != NULL, strcmp(role, "public") || partly);
    assert_int_equal(json_object_get(responses, "403") != NULL, !strcmp(role, "editor"));
    assert_int_equal(json_object_get(operation, "requestBody") != NULL, route->sink != NULL);
}

static void openapi_tells_the_truth(void **state)
{
    (void)state;
    json_error_t why;
    json_t *doc =
        json_loadb((const char *)api_openapi, api_openapi_len, JSON_REJECT_DUPLICATES, &why);
    if (!doc)
        fail_msg("openapi.json line %d: %s", why.line, why.text);
    json_t *paths = json_object_get(doc, "paths"), *item;
    size_t n, operations = 0;
    const struct http_route *routes = api_routes(&n);
    const char *key;
    json_object_foreach(paths, key, item) operations += json_object_size(item);
    assert_int_equal(operations, n);
    for (size_t i = 0; i < n; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s", routes[i].pattern);
        char *dots = strstr(path, "...}"); /* OpenAPI has no word for "the rest" */
        if (dots)
            memmove(dots, dots + 3, strlen(dots + 3) + 1);
        int method = HTTP_GET;
        while (routes[i].methods && !(routes[i].methods & HTTP_METHOD(method)))
            method++;
        check_operation(paths, path, &routes[i], methods[method]);
    }
    json_t *limit,
        *parameters = json_object_get(
            json_object_get(json_object_get(paths, "/collections/{collection}/items"), "get"),
            "parameters");
    size_t i;
    json_array_foreach(parameters, i, limit)
    {
        if (strcmp(json_string_value(json_object_get(limit, "name")), "limit"))
            continue;
        json_t *schema = json_object_get(limit, "schema");
        assert_int_equal(json_integer_value(json_object_get(schema, "maximum")),
                         LIMIT_ITEMS_PAGE_MAX);
        assert_int_equal(json_integer_value(json_object_get(schema, "default")),
                         LIMIT_ITEMS_PAGE_DEFAULT);
    }
    assert_string_equal(json_string_value(json_object_get(json_object_get(doc, "info"), "version")),
                        PARCELA_VERSION);
    json_decref(doc);
}

static void status_mapping(void **state)
{
    (void)state;
    static const int expected[] = {200, 400, 400, 404, 409, 503, 400, 500, 500, 503, 503, 500};
    for (int s = STATUS_OK; s <= STATUS_INTERNAL; s++)
        assert_int_equal(problem_http((enum status)s), expected[s]);
}

static void integers(void **state)
{
    (void)state;
    int64_t v;
    assert_true(query_parse_integer("0", 0, 5, &v) && v == 0);
    assert_true(query_parse_integer("999999999999999999", 0, INT64_MAX, &v) &&
                v == 999999999999999999);
    static const char *const bad[] = {
        "", "-1", "+1", "01", "1.0", "1e3", " 1", "1 ", "0x1", "6", "9999999999999999999", "٣"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(query_parse_integer(bad[i], 0, 5, &v));
}

static void boxes(void **state)
{
    (void)state;
    struct box b[2];
    int n;
    struct error e;
    CHECK_OK(query_boxes("-93.5,16,-92,17e0", b, &n, &e), e);
    assert_int_equal(n, 1);
    CHECK_NEAR(b[0].west, -93.5, 0);
    CHECK_NEAR(b[0].north, 17, 0);
    CHECK_OK(query_boxes("1,2,-50,3,4,900", b, &n, &e), e);
    CHECK_NEAR(b[0].east, 3, 0);
    CHECK_NEAR(b[0].north, 4, 0);
    CHECK_OK(query_boxes("170,-10,-170,10", b, &n, &e), e);
    assert_int_equal(n, 2);
    CHECK_NEAR(b[0].east, 180, 0);
    CHECK_NEAR(b[1].west, -180, 0);
    CHECK_NEAR(b[1].east, -170, 0);
    CHECK_OK(query_boxes("0,0,0,0", b, &n, &e), e);
    static const char *const bad[] = {
        "",          ",",        "1,2,3",     "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,4,",
        "1;2;3;4",   "1,2,3,4x", "1,2,3,nan", "1,2,3,inf", "1 ,2,3,4",      "1,2,3,0x4",
        "1,2,3,--4", "1,2,3,4e", "1,2,3,91",  "181,2,3,4", "1,5,3,4",       "1,2,3,1e400"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(query_boxes(bad[i], b, &n, &e), STATUS_USAGE);
        assert_string_equal(e.code, "bad_bbox");
    }
}

static void lists(void **state)
{
    (void)state;
    struct arena a;
    struct error e;
    const char *const *list;
    size_t n;
    arena_init(&a, 0);
    CHECK_OK(query_list("by", "a,bc,ñ", &a, 3, &list, &n, &e), e);
    assert_int_equal(n, 3);
    assert_string_equal(list[1], "bc");
    assert_string_equal(list[2], "ñ");
    assert_int_equal(query_list("by", "a,b,c,d", &a, 3, &list, &n, &e), STATUS_LIMIT);
    assert_int_equal(query_list("by", "", &a, 3, &list, &n, &e), STATUS_USAGE);
    assert_int_equal(query_list("by", "a,,b", &a, 3, &list, &n, &e), STATUS_USAGE);
    assert_int_equal(query_list("by", "a,", &a, 3, &list, &n, &e), STATUS_USAGE);
    arena_clear(&a);
}

static void escaping(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    query_escape(&b, "a b&c=ñ,\"<%+");
    assert_string_equal(b.bytes, "a%20b%26c%3D%C3%B1,%22%3C%25%2B");
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(openapi_tells_the_truth),
                                       cmocka_unit_test(status_mapping),
                                       cmocka_unit_test(integers),
                                       cmocka_unit_test(boxes),
                                       cmocka_unit_test(lists),
                                       cmocka_unit_test(escaping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
