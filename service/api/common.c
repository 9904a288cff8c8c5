/* What every resource's answer has in common; see internal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "service/api/internal.h"

const char *api_argument(const struct api_call *call, const char *name)
{
    return http_target_argument(&call->q->target, name);
}

struct http_reply *api_reply(const struct api_call *call, int status)
{
    struct http_reply *r = http_reply_new(status);
    http_reply_header(r, "Access-Control-Allow-Origin", "*");
    http_reply_header(r, "Cache-Control", "no-cache");
    http_reply_header(r, "Vary",
                      call->q->route->by_accept ? "Accept, Accept-Encoding" : "Accept-Encoding");
    return r;
}

enum status api_reply_text(struct api_call *call, const char *content_type, const char *etag,
                           struct buf *b, struct http_reply **out)
{
    struct http_reply *r = b->failed ? NULL : api_reply(call, 200);
    if (!r) {
        buf_clear(b);
        return error_memory(&call->error);
    }
    http_reply_buf(r, content_type, b);
    if (etag)
        http_reply_etag(r, etag);
    *out = r;
    return STATUS_OK;
}

bool api_not_modified(struct api_call *call, const char *etag, struct http_reply **out)
{
    if (!http_etag_listed(call->q->if_none_match, etag))
        return false;
    struct http_reply *r = api_reply(call, 304);
    http_reply_etag(r, etag);
    *out = r;
    return r != NULL;
}

void api_change_etag(const struct api_call *call, const char *variant, char etag[80])
{
    snprintf(etag, 80, "W/\"%.8s-%lld-%s-" PARCELA_VERSION "\"", store_uuid(call->context->store),
             (long long)call->change, variant);
}

/* Of a list like "es-MX,es;q=0.9,en;q=0.8" the one of ours with the highest q, the first of equals.
 */
enum finding_lang api_accepted_lang(const char *header)
{
    enum finding_lang best = FINDING_EN, one;
    double best_q = 0;
    while (header && *header) {
        header += strspn(header, " \t,");
        size_t n = strcspn(header, ",");
        const char *q = memchr(header, ';', n);
        const char *equals = q ? memchr(q, '=', n - (size_t)(q - header)) : NULL;
        double weight = equals ? strtod(equals + 1, NULL) : 1;
        char name[24];
        size_t length = q ? (size_t)(q - header) : n;
        while (length && (header[length - 1] == ' ' || header[length - 1] == '\t'))
            length--;
        snprintf(name, sizeof name, "%.*s", (int)(length < 23 ? length : 23), header);
        if (weight > best_q && finding_lang_parse(name, &one)) {
            best = one;
            best_q = weight;
        }
        header += n;
    }
    return best;
}

enum finding_lang api_reader_lang(const struct http_request *q)
{
    const struct api_call call = {.q = q};
    const char *text = api_argument(&call, "lang");
    enum finding_lang lang;
    return text && finding_lang_parse(text, &lang) ? lang : api_accepted_lang(q->accept_language);
}

enum status api_lang(struct api_call *call, enum finding_lang *out)
{
    const char *text = api_argument(call, "lang");
    *out = api_reader_lang(call->q);
    if (!text || finding_lang_parse(text, out))
        return STATUS_OK;
    return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use lang=es or lang=en",
                     "lang is \"%.40s\"", text);
}

enum status api_filter(struct api_call *call, const char **out)
{
    const char *language = api_argument(call, "filter-lang");
    *out = api_argument(call, "filter");
    if (language && strcmp(language, "cql2-text") != 0)
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use filter-lang=cql2-text",
                         "filter-lang is \"%.40s\"", language);
    if (*out && !**out)
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "leave filter out for all plots",
                         "filter is empty");
    return STATUS_OK;
}

void api_link(struct buf *b, const struct api_call *call, const char *rel, const char *type,
              const char *title, const char *path)
{
    struct buf href; /* the Host was checked to be one of ours, so it may be repeated */
    buf_init(&href, 0);
    buf_printf(&href, "http://%s%s", call->q->host, path);
    buf_json_comma(b);
    buf_putc(b, '{');
    buf_json_key(b, "rel");
    buf_json_string(b, rel);
    buf_json_key(b, "type");
    buf_json_string(b, type);
    if (title) {
        buf_json_key(b, "title");
        buf_json_string(b, title);
    }
    buf_json_key(b, "href");
    buf_json_string(b, href.failed ? "" : href.bytes);
    buf_putc(b, '}');
    buf_clear(&href);
}

void api_timestamp(char out[24])
{
    struct tm t;
    time_t now = time(NULL);
    gmtime_r(&now, &t);
    strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &t);
}
