/* What the service says of itself: /healthz, /readyz, /limits, /conformance, /api. */
#include "service/api/internal.h"

extern const unsigned char api_openapi[];
extern const size_t api_openapi_len;

/* 200 when the store answers; any failure becomes 503 so that a monitor needs to know one number
 * only. */
static enum status health(struct api_call *call, struct http_reply **out)
{
    int64_t change;
    struct error why;
    if (store_change(call->context->store, &change, &why) != STATUS_OK)
        return error_set(&call->error, STATUS_BUSY, why.code, NULL, "%s", why.message);
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"status\":\"ok\",\"version\":\"" PARCELA_VERSION "\"}\n");
    return api_reply_text(call, "application/json", NULL, &b, out);
}

enum status healthz_build(struct api_call *call, struct http_reply **out)
{
    return health(call, out);
}

/* Goes through a worker, so that it also says whether requests are being worked on. */
enum status readyz_build(struct api_call *call, struct http_reply **out)
{
    return health(call, out);
}

enum status limits_build(struct api_call *call, struct http_reply **out)
{
    static const struct {
        const char *key, *text;
        int value;
    } limits[] = {
#define X(name, key_, value_, text_) {.key = key_, .value = (value_), .text = text_},
        LIMIT_TABLE(X)
#undef X
    };
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"limits\":{");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        buf_json_key(&b, limits[i].key);
        buf_puts(&b, "{\"value\":");
        buf_int(&b, limits[i].value);
        buf_json_key(&b, "description");
        buf_json_string(&b, limits[i].text);
        buf_putc(&b, '}');
    }
    buf_puts(&b, "}}\n");
    return api_reply_text(call, "application/json", NULL, &b, out);
}

enum status conformance_build(struct api_call *call, struct http_reply **out)
{
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"conformsTo\":[\"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core\","
                 "\"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson\"]}\n");
    return api_reply_text(call, "application/json", NULL, &b, out);
}

enum status openapi_build(struct api_call *call, struct http_reply **out)
{
    char etag[80];
    api_change_etag(call, "oa", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct http_reply *r = api_reply(call, 200);
    http_reply_body(r, "application/vnd.oai.openapi+json;version=3.0", api_openapi, api_openapi_len,
                    NULL, NULL);
    http_reply_etag(r, etag);
    http_reply_keep(r, call->change);
    *out = r;
    return r ? STATUS_OK : error_memory(&call->error);
}
