/* /tiles/{layer}/{z}/{x}/{y}.geojson and /tiles/{layer}.json. */
#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"

static enum status no_tile(struct api_call *call)
{
    return error_set(&call->error, STATUS_NOT_FOUND, "no_such_tile",
                     "take addresses from /tiles/{layer}.json; zooms, columns and rows begin at 0",
                     "there is no tile at this address");
}

/* The layer, or STATUS_NOT_FOUND; *out is a 401 when only a viewer may see it. */
static enum status take_layer(struct api_call *call, enum tile_layer *layer,
                              struct http_reply **out)
{
    if (!tile_layer_parse(call->q->capture[0], layer))
        return error_set(&call->error, STATUS_NOT_FOUND, "no_such_layer",
                         "use plots, corridors or regions", "there is no such tile layer");
    if (*layer == TILE_PLOTS && call->role < TOKEN_VIEWER)
        *out = problem_unauthorized(false, call->q);
    return STATUS_OK;
}

static enum status take_address(struct api_call *call, struct tile_address *at)
{
    int64_t z, x, y;
    if (!query_parse_integer(call->q->capture[1], 0, LIMIT_TILE_ZOOM_MAX, &z))
        return no_tile(call);
    int64_t last = ((int64_t)1 << z) - 1;
    if (!query_parse_integer(call->q->capture[2], 0, last, &x) ||
        !query_parse_integer(call->q->capture[3], 0, last, &y))
        return no_tile(call);
    at->z = (int)z;
    at->x = (uint32_t)x;
    at->y = (uint32_t)y;
    at->level = api_argument(call, "level");
    if (at->level && at->layer != TILE_REGIONS)
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "leave it out",
                         "level is a parameter of the regions layer only");
    return STATUS_OK;
}

static void release_body(void *body)
{
    tile_body_release(body);
}

enum status tile_build(struct api_call *call, struct http_reply **out)
{
    struct tile_address at = {0};
    struct tiles *tiles = call->context->api->tiles;
    struct store *store = call->context->store;
    enum status status = take_layer(call, &at.layer, out);
    if (status != STATUS_OK || *out)
        return status;
    char etag[80];
    const struct tile_body *body;
    bool built;
    status = take_address(call, &at);
    if (status == STATUS_OK &&
        call->q->if_none_match) { /* a conditional request costs a lookup, not a tile */
        status = tiles_etag(tiles, store, &at, etag, &call->error);
        if (status == STATUS_OK && api_not_modified(call, etag, out))
            return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = tiles_get(tiles, store, &at, &body, &built, &call->error);
    if (status != STATUS_OK)
        return status;
    struct http_reply *r = api_reply(call, 200);
    http_reply_body(r, "application/geo+json", body->plain, body->plain_n, release_body,
                    (void *)(uintptr_t)body);
    http_reply_gzip(r, body->gzip, body->gzip_n);
    http_reply_etag(r, body->etag);
    http_reply_keep(r, call->change);
    *out = r;
    return r ? STATUS_OK : error_memory(&call->error);
}

enum status tilejson_build(struct api_call *call, struct http_reply **out)
{
    enum tile_layer layer;
    enum status status = take_layer(call, &layer, out);
    if (status != STATUS_OK || *out)
        return status;
    char etag[80];
    api_change_etag(call, "tj", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf base, b;
    buf_init(&base, 0);
    buf_init(&b, 0);
    buf_printf(&base, "http://%s", call->q->host);
    status = base.failed ? error_memory(&call->error)
                         : tiles_json(call->context->store, layer, base.bytes, &b, &call->error);
    buf_clear(&base);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return status;
    }
    return api_reply_text(call, "application/json", etag, &b, out);
}
