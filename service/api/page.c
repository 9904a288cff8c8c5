/* / as page or JSON by Accept, and the page's files under /assets/. */
#include <string.h>

#include "service/api/internal.h"
#include "service/web/web.h"

/* Everything comes from this server; no script or style stands in the page itself. */
static const char page_policy[] =
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

static enum status asset_reply(struct api_call *call, const struct web_asset *asset,
                               const char *cache, struct http_reply **out)
{
    struct http_reply *r = http_reply_new(200);
    http_reply_body(r, asset->content_type, asset->bytes, asset->size, NULL, NULL);
    http_reply_gzip(r, asset->gzip, asset->gzip_size);
    http_reply_etag(r, asset->etag);
    http_reply_header(r, "Cache-Control", cache);
    http_reply_header(r, "Vary",
                      call->q->route->by_accept ? "Accept, Accept-Encoding" : "Accept-Encoding");
    http_reply_header(r, "Content-Security-Policy", page_policy);
    http_reply_header(r, "Referrer-Policy", "no-referrer");
    *out = r;
    return r ? STATUS_OK : error_memory(&call->error);
}

static enum status landing_json(struct api_call *call, struct http_reply **out)
{
    static const char openapi_type[] = "application/vnd.oai.openapi+json;version=3.0";
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"title\":\"Parcela\",\"description\":\"Plots of regenerative land: boundaries, "
                 "hectares, slope classes, corridors\",");
    buf_puts(&b, "\"version\":\"" PARCELA_VERSION "\",\"links\":[");
    api_link(&b, call, "self", "application/json", "this document", "/?f=json");
    api_link(&b, call, "alternate", "text/html", "the map", "/?f=html");
    api_link(&b, call, "service-desc", openapi_type, "what can be asked", "/api");
    api_link(&b, call, "conformance", "application/json", "the standards kept", "/conformance");
    api_link(&b, call, "data", "application/json", "the collections", "/collections");
    api_link(&b, call, "tilejson", "application/json", "tiles of plots", "/tiles/plots.json");
    api_link(&b, call, "tilejson", "application/json", "tiles of corridors",
             "/tiles/corridors.json");
    api_link(&b, call, "tilejson", "application/json", "tiles of regions", "/tiles/regions.json");
    api_link(&b, call, "related", "application/json", "hectares by municipality",
             "/hectares?by=municipality");
    api_link(&b, call, "related", "application/json", "plans of milpa between fruit trees",
             "/milpa");
    api_link(&b, call, "related", "application/json", "the layers the figures rest on", "/layers");
    api_link(&b, call, "related", "application/json", "the limits of this service", "/limits");
    buf_puts(&b, "]}\n");
    return api_reply_text(call, "application/json", NULL, &b, out);
}

enum status landing_build(struct api_call *call, struct http_reply **out)
{
    static const char *const offered[] = {"application/json", "text/html"};
    const char *f = api_argument(call, "f");
    if (f && strcmp(f, "json") && strcmp(f, "html"))
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use f=json or f=html",
                         "f is \"%.40s\"", f);
    bool html = f ? f[0] == 'h' : http_accept_pick(call->q->accept, offered, 2) == 1;
    const struct web_asset *page = html ? web_asset_find("/") : NULL;
    return page ? asset_reply(call, page, "no-cache", out) : landing_json(call, out);
}

enum status asset_build(struct api_call *call, struct http_reply **out)
{
    char path[300];
    size_t n = strlen(call->q->capture[0]);
    memcpy(path, "/assets/", 8);
    memcpy(path + 8, call->q->capture[0], n + 1); /* captures hold at most 255 bytes */
    const struct web_asset *asset = web_asset_find(path);
    if (!asset)
        return error_set(&call->error, STATUS_NOT_FOUND, "not_found", "see / for what there is",
                         "there is nothing at this address");
    return asset_reply(call, asset, "public, no-cache", out);
}
