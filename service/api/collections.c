/* /collections and /collections/plots: what the items are, how many and where (OGC API
 * Features 1.0, section 7.13 and 7.14). */
#include <math.h>
#include <string.h>

#include "service/api/internal.h"
#include "service/store/totals.h"

enum {
    EXTENT_ZOOM = 10
}; /* cells of a third of a degree: few, and exact enough for an extent, which may be larger */

struct extent {
    uint32_t x0, y0, x1, y1;
    int64_t plots;
};

static bool add_cell(const struct store_overview_cell *cell, void *arg)
{
    struct extent *e = arg;
    bool first = !e->plots;
    e->x0 = first || cell->x < e->x0 ? cell->x : e->x0;
    e->y0 = first || cell->y < e->y0 ? cell->y : e->y0;
    e->x1 = first || cell->x > e->x1 ? cell->x : e->x1;
    e->y1 = first || cell->y > e->y1 ? cell->y : e->y1;
    e->plots += cell->plots;
    return true;
}

/* Longitude and latitude of the north-west corner of a web-mercator cell. */
static struct lonlat corner(uint32_t x, uint32_t y)
{
    double n = (double)(1 << EXTENT_ZOOM);
    return (struct lonlat){x / n * 360 - 180, atan(sinh(M_PI * (1 - 2 * y / n))) * 180 / M_PI};
}

static void write_extent(struct buf *b, const struct extent *e)
{
    struct lonlat nw = {-180, 90}, se = {180, -90};
    if (e->plots) { /* a plot may reach beyond the cell of its anchor: one cell of margin */
        uint32_t last = (1u << EXTENT_ZOOM) - 1;
        nw = corner(e->x0 ? e->x0 - 1 : 0, e->y0 ? e->y0 - 1 : 0);
        se = corner(e->x1 < last ? e->x1 + 2 : last + 1, e->y1 < last ? e->y1 + 2 : last + 1);
    }
    buf_puts(b, "\"extent\":{\"spatial\":{\"bbox\":[[");
    const double values[] = {nw.lon, se.lat, se.lon, nw.lat};
    for (int i = 0; i < 4; i++) {
        buf_json_comma(b);
        buf_double(b, values[i], 6);
    }
    buf_puts(b, "]],\"crs\":\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"}}");
}

static enum status write_plots(struct api_call *call, struct buf *b)
{
    struct extent extent = {0};
    uint32_t last = (1u << EXTENT_ZOOM) - 1;
    enum status status = store_each_overview_cell(call->context->store, EXTENT_ZOOM, 0, 0, last,
                                                  last, add_cell, &extent, &call->error);
    if (status != STATUS_OK)
        return status;
    buf_puts(b, "{\"id\":\"plots\",\"title\":\"Plots\",\"description\":\"Boundaries of plots with "
                "hectares, slope classes and corridor overlap\","
                "\"itemType\":\"feature\",\"itemCount\":");
    buf_int(b, extent.plots);
    buf_puts(b, ",\"crs\":[\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\"],");
    write_extent(b, &extent);
    buf_puts(b, ",\"links\":[");
    api_link(b, call, "self", "application/json", "this collection", "/collections/plots");
    api_link(b, call, "items", "application/geo+json", "the plots", "/collections/plots/items");
    api_link(b, call, "tilejson", "application/json", "tiles of the plots", "/tiles/plots.json");
    buf_puts(b, "]}");
    return STATUS_OK;
}

static enum status finish(struct api_call *call, enum status status, const char *etag,
                          struct buf *b, struct http_reply **out)
{
    if (status == STATUS_OK)
        return api_reply_text(call, "application/json", etag, b, out);
    buf_clear(b);
    return status;
}

enum status collections_build(struct api_call *call, struct http_reply **out)
{
    char etag[80];
    api_change_etag(call, "cs", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"links\":[");
    api_link(&b, call, "self", "application/json", "the collections", "/collections");
    buf_puts(&b, "],\"collections\":[");
    enum status status = write_plots(call, &b);
    buf_puts(&b, "]}\n");
    return finish(call, status, etag, &b, out);
}

enum status collection_build(struct api_call *call, struct http_reply **out)
{
    char etag[80];
    if (strcmp(call->q->capture[0], "plots"))
        return error_set(&call->error, STATUS_NOT_FOUND, "no_such_collection", "see /collections",
                         "there is no such collection");
    api_change_etag(call, "c", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf b;
    buf_init(&b, 0);
    enum status status = write_plots(call, &b);
    return finish(call, status, etag, &b, out);
}
