/* Fuzz: raw request target -> segments and arguments, then the headers that choose an answer and
 * the parameters that are parsed further. Input: target, newline, Accept, newline, If-None-Match,
 * newline, Host. Checks what the rest of the server relies on. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/api/query.h"
#include "service/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void demand(bool ok)
{
    if (!ok)
        abort();
}

static void check_text(const struct http_target *t, const char *text)
{
    demand(text >= t->text && text + strlen(text) < t->text + sizeof t->text);
    demand(http_utf8_valid(text));
    for (; *text; text++)
        demand((unsigned char)*text >= ' ' && *text != 0x7F);
}

static void check_target(struct http_request *q)
{
    static const struct http_route routes[] = {{.pattern = "/tiles/{layer}/{z}/{x}/{y}.geojson"},
                                               {.pattern = "/assets/{path...}"},
                                               {.pattern = "/{a}.json"},
                                               {.pattern = "/"}};
    const struct http_target *t = &q->target;
    demand(t->segments_n <= HTTP_SEGMENTS_MAX && t->arguments_n <= LIMIT_QUERY_ARGUMENTS);
    for (int i = 0; i < t->segments_n; i++) {
        check_text(t, t->segment[i]);
        demand(!strpbrk(t->segment[i], "/\\") && strcmp(t->segment[i], "..") &&
               strcmp(t->segment[i], "."));
    }
    for (int i = 0; i < t->arguments_n; i++) {
        struct box boxes[2];
        struct error e;
        int boxes_n;
        int64_t number;
        check_text(t, t->argument[i].name);
        check_text(t, t->argument[i].value);
        demand(http_target_argument(t, t->argument[i].name) == t->argument[i].value);
        if (query_boxes(t->argument[i].value, boxes, &boxes_n, &e) == STATUS_OK)
            for (int j = 0; j < boxes_n; j++)
                demand(boxes[j].west <= boxes[j].east && boxes[j].west >= -180 &&
                       boxes[j].east <= 180);
        if (query_integer("x", t->argument[i].value, 1, 100, &number, &e) == STATUS_OK)
            demand(number >= 1 && number <= 100);
    }
    const struct http_route *found = http_route_find(routes, 4, q, NULL);
    demand(!found || found->pattern[1] == 0 || strlen(q->capture[0]) < sizeof q->capture[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct http_request q;
    static const char *const offered[] = {"application/json", "text/html"};
    struct error e;
    char *text = malloc(n + 1), *lines[4] = {text};
    if (!text)
        return 0;
    memcpy(text, bytes, n);
    text[n] = 0;
    for (int i = 1; i < 4; i++) {
        lines[i] = lines[i - 1] + strcspn(lines[i - 1], "\n");
        if (*lines[i])
            *lines[i]++ = 0;
    }
    int http = http_target_parse(lines[0], &q.target, &e);
    demand(http == 0 || http == 400 || http == 404 || http == 414);
    if (!http && !q.target.asterisk)
        check_target(&q);
    int pick = http_accept_pick(lines[1], offered, 2);
    demand(pick >= -1 && pick < 2);
    http_accepts_gzip(lines[1]);
    http_etag_listed(lines[2], "\"a\"");
    size_t name_n;
    if (http_host_well_formed(lines[3], &name_n))
        demand(name_n > 0 && name_n <= strlen(lines[3]));
    free(text);
    return 0;
}
