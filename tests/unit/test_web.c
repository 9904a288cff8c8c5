/* The embedded page: what is there, that its compressed form is the same, and that it names no
 * other host. */
#include "tests/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "service/web/web.h"

static const char *const paths[] = {"/", "/assets/app.js", "/assets/app.css", "/assets/icon.svg",
                                    "/assets/licences.txt"};
enum { PATHS_N = sizeof paths / sizeof *paths };

static void all_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < PATHS_N; i++) {
        const struct web_asset *a = web_asset_find(paths[i]);
        assert_non_null(a);
        assert_string_equal(a->path, paths[i]);
        assert_true(a->size > 0);
        size_t n = strlen(a->etag);
        assert_true(n > 10 && a->etag[0] == '"' && a->etag[n - 1] == '"');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(a->etag, web_asset_find(paths[j])->etag);
    }
    assert_string_equal(web_asset_find("/")->content_type, "text/html; charset=utf-8");
    assert_string_equal(web_asset_find("/assets/app.js")->content_type,
                        "text/javascript; charset=utf-8");
}

static void unknown_is_null(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",
                                          "/index.html",
                                          "/assets",
                                          "/assets/",
                                          "/assets/app.js/",
                                          "/assets/APP.JS",
                                          "assets/app.js",
                                          "/../web.c"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(web_asset_find(unknown[i]));
}

static void gzip_is_the_same(void **state)
{
    (void)state;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t compressed = 0;
    for (size_t i = 0; i < PATHS_N; i++) {
        const struct web_asset *a = web_asset_find(paths[i]);
        if (!a->gzip)
            continue;
        compressed++;
        assert_true(a->gzip_size < a->size);
        unsigned char *plain = malloc(a->size);
        size_t n = 0;
        assert_int_equal(libdeflate_gzip_decompress(d, a->gzip, a->gzip_size, plain, a->size, &n),
                         LIBDEFLATE_SUCCESS);
        assert_int_equal(n, a->size);
        assert_memory_equal(plain, a->bytes, n);
        free(plain);
    }
    libdeflate_free_decompressor(d);
    assert_true(compressed >= 3); /* page, script, style sheet */
}

static bool contains(const struct web_asset *a, const char *needle)
{
    return memmem(a->bytes, a->size, needle, strlen(needle)) != NULL;
}

/* The page works offline and under a policy without inline code: no address of another host in
 * markup or style, no inline script, style or handler. */
static void no_other_host(void **state)
{
    (void)state;
    const struct web_asset *page = web_asset_find("/"), *style = web_asset_find("/assets/app.css");
    static const char *const banned_page[] = {
        "http:",   "https:",   "src=\"//", "href=\"//",  "<style",
        " style=", " onclick", " onload",  "javascript:"};
    static const char *const banned_style[] = {"http:", "https:", "@import", "url("};
    for (size_t i = 0; i < sizeof banned_page / sizeof *banned_page; i++)
        assert_false(contains(page, banned_page[i]));
    for (size_t i = 0; i < sizeof banned_style / sizeof *banned_style; i++)
        assert_false(contains(style, banned_style[i]));
    assert_true(contains(page, "/assets/app.js"));
    assert_true(contains(page, "/assets/app.css"));
}

/* Libraries inside the script need their licence beside it. */
static void licences_are_inside(void **state)
{
    (void)state;
    const struct web_asset *a = web_asset_find("/assets/licences.txt");
    assert_true(contains(a, "ol "));
    assert_true(contains(a, "BSD"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_there), cmocka_unit_test(unknown_is_null),
        cmocka_unit_test(gzip_is_the_same), cmocka_unit_test(no_other_host),
        cmocka_unit_test(licences_are_inside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
