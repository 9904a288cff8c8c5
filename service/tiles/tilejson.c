/* TileJSON 3.0.0 of a layer (github.com/mapbox/tilejson-spec). Tiles are GeoJSON, which "format"
 * says. */
#include <math.h>
#include <stdio.h>

#include "service/tiles/private.h"

enum { BOUNDS_ZOOM = 10 };

struct field {
    const char *name, *type;
};

static const struct field plot_fields[] = {
    {"code", "String"},        {"programme", "String"},   {"organisation", "String"},
    {"crop", "String"},        {"practice", "String"},    {"year", "Number"},
    {"ha", "Number"},          {"slope_class", "String"}, {"slope_mean_pct", "Number"},
    {"corridor_ha", "Number"}, {"corridor", "String"},    {"home", "Boolean"},
    {"cell", "Boolean"},       {"plots", "Number"},       {NULL, NULL}};
static const struct field corridor_fields[] = {
    {"key", "String"}, {"name", "String"}, {"ha", "Number"}, {"home", "Boolean"}, {NULL, NULL}};
static const struct field region_fields[] = {{"key", "String"},   {"name", "String"},
                                             {"ha", "Number"},    {"level", "String"},
                                             {"home", "Boolean"}, {NULL, NULL}};

struct extent {
    enum tile_layer layer;
    struct box box;
    bool any;
};

static void extent_add(struct extent *x, struct box b)
{
    if (!x->any)
        x->box = b;
    x->any = true;
    x->box.west = fmin(x->box.west, b.west);
    x->box.south = fmin(x->box.south, b.south);
    x->box.east = fmax(x->box.east, b.east);
    x->box.north = fmax(x->box.north, b.north);
}

static bool see_cell(const struct store_overview_cell *c, void *arg)
{
    const int shift = DRAWING_WORLD_BITS - BOUNDS_ZOOM;
    if (!c->plots)
        return true;
    struct lonlat nw = drawing_unproject(
        (struct drawing_point){(int32_t)(c->x << shift), (int32_t)(c->y << shift)});
    struct lonlat se = drawing_unproject(
        (struct drawing_point){(int32_t)((c->x + 1) << shift), (int32_t)((c->y + 1) << shift)});
    extent_add(arg, (struct box){nw.lon, se.lat, se.lon, nw.lat});
    return true;
}

static bool see_layer(const struct store_layer *layer, void *arg)
{
    struct extent *x = arg;
    if (layer->kind == (x->layer == TILE_REGIONS ? LAYER_REGIONS : LAYER_CORRIDORS) &&
        layer->box.west <= layer->box.east)
        extent_add(x, layer->box);
    return true;
}

static enum status extent_of(struct store *reader, struct extent *x, struct error *e)
{
    const uint32_t last = (1u << BOUNDS_ZOOM) - 1;
    enum status status =
        x->layer == TILE_PLOTS
            ? store_each_overview_cell(reader, BOUNDS_ZOOM, 0, 0, last, last, see_cell, x, e)
            : store_each_layer(reader, see_layer, x, e);
    const double rim = 85.05112878;
    if (!x->any)
        x->box = (struct box){-180, -rim, 180, rim};
    x->box.south = fmax(x->box.south, -rim);
    x->box.north = fmin(x->box.north, rim);
    return status;
}

static void write_layer(struct buf *out, enum tile_layer layer)
{
    static const struct field *const fields[TILE_LAYERS_N] = {plot_fields, corridor_fields,
                                                              region_fields};
    static const char *const descriptions[TILE_LAYERS_N] = {
        "Plots; in crowded tiles overview cells (cell: true) that carry plots, ha, corridor_ha and "
        "slope_class_hectares. Features with home: true are "
        "counted in this tile.",
        "Biological corridors", "Regions; level chooses state, municipality, ..."};
    buf_json_key(out, "vector_layers");
    TEXT(out, "[{\"id\":");
    text_string(out, tile_layer_name(layer));
    TEXT(out, ",\"description\":");
    text_string(out, descriptions[layer]);
    buf_printf(out, ",\"minzoom\":0,\"maxzoom\":%d,\"fields\":{", LIMIT_TILE_ZOOM_MAX);
    for (const struct field *f = fields[layer]; f->name; f++) {
        buf_json_key(out, f->name);
        text_string(out, f->type);
    }
    TEXT(out, "}}]");
}

/* A whole-extent view: the zoom at which the longer side fills about four tiles. */
static int center_zoom(const struct box *b)
{
    double span = fmax(b->east - b->west, b->north - b->south);
    int zoom = span > 0 ? (int)floor(log2(4 * 360 / span)) - 1 : 12;
    return zoom < 0 ? 0 : zoom > 14 ? 14 : zoom;
}

enum status tiles_json(struct store *reader, enum tile_layer layer, const char *base_url,
                       struct buf *out, struct error *e)
{
    struct extent x = {.layer = layer};
    if ((unsigned)layer >= TILE_LAYERS_N)
        return error_set(e, STATUS_NOT_FOUND, "unknown_layer", "Layers: plots, corridors, regions.",
                         "There is no such layer.");
    enum status status = extent_of(reader, &x, e);
    if (status)
        return status;
    const char *name = tile_layer_name(layer);
    TEXT(out, "{\"tilejson\":\"3.0.0\",\"scheme\":\"xyz\",\"format\":\"geojson\",\"name\":");
    text_string(out, name);
    TEXT(out, ",\"description\":\"Tiles are GeoJSON FeatureCollections in WGS84 "
              "longitude/latitude.\",\"attribution\":\"\",\"tiles\":[");
    struct buf url;
    buf_init(&url, 0);
    buf_printf(&url, "%s/tiles/%s/{z}/{x}/{y}.geojson", base_url, name);
    text_string(out, url.failed ? NULL : url.bytes);
    buf_clear(&url);
    TEXT(out, "],\"bounds\":[");
    const double bounds[4] = {x.box.west, x.box.south, x.box.east, x.box.north};
    for (int i = 0; i < 4; i++) {
        buf_json_comma(out);
        buf_double(out, bounds[i], 6);
    }
    TEXT(out, "],\"center\":[");
    buf_double(out, (x.box.west + x.box.east) / 2, 6);
    buf_putc(out, ',');
    buf_double(out, (x.box.south + x.box.north) / 2, 6);
    buf_printf(out, ",%d],\"minzoom\":0,\"maxzoom\":%d", center_zoom(&x.box), LIMIT_TILE_ZOOM_MAX);
    write_layer(out, layer);
    buf_putc(out, '}');
    return STATUS_OK;
}
