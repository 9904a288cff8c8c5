/* The head of a request, field by field, and the words of a query that are parsed further. Input:
 * lines; the first is the method, the second the version, the others are fields ("Name: value")
 * until an empty one; then values of parameters. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "service/api/query.h"
#include "service/http/internal.h"
#include "service/registry/as_of.h"
#include "service/registry/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void demand(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static void value(const char *text)
{
    struct arena a;
    struct error e;
    char moment[AS_OF_MAX];
    struct http_address address;
    const char *const *list;
    size_t count;
    arena_init(&a, 1 << 20);
    if (as_of_parse(text, moment, &e) == STATUS_OK)
        demand(strlen(moment) == 20 && moment[19] == 'Z');
    if (query_list("x", text, &a, 16, &list, &count, &e) == STATUS_OK) {
        demand(count >= 1 && count <= 16);
        for (size_t i = 0; i < count; i++)
            demand(*list[i] != 0);
    }
    if (http_address_parse(text, &address, &e) == STATUS_OK)
        demand(address.port >= 0 && address.port <= 65535);
    demand(token_role_parse(text) <= TOKEN_ADMIN);
    http_form_boundary_ok(text);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {"127.0.0.1", "[::1]", "finca.example"};
    const struct http_hosts hosts = {names, 3};
    struct http_guard g;
    struct error e = {0};
    enum http_method method = HTTP_METHODS_N;
    char *text = malloc(n + 1), *lines[64];
    size_t lines_n = 0, i;
    memcpy(text, bytes, n);
    text[n] = 0;
    for (char *at = text; lines_n < 64; at++) {
        lines[lines_n++] = at;
        at += strcspn(at, "\n");
        if (!*at)
            break;
        *at = 0;
    }
    http_guard_begin(&g, &e);
    for (i = 2; i < lines_n && *lines[i]; i++) {
        char *colon = strchr(lines[i], ':'),
             *from = colon ? colon + 1 + (colon[1] == ' ') : lines[i] + strlen(lines[i]);
        http_guard_field(&g, lines[i], colon ? (size_t)(colon - lines[i]) : strlen(lines[i]), from,
                         strlen(from));
    }
    bool known = g.host && http_host_allowed(g.host, &hosts);
    int http = http_guard_end(&g, lines[0], lines_n > 1 ? lines[1] : "", known, &method);
    demand(http == 0 || (http >= 400 && http <= 505 && *e.code));
    if (!http) {
        demand(method < HTTP_METHODS_N && g.hosts_n == 1 && known && g.lengths_n <= 1 &&
               g.length >= -1);
        demand(!g.body || method == HTTP_POST);
    }
    for (; i < lines_n; i++)
        value(lines[i]);
    free(text);
    return 0;
}
