/* Tiles of corridors and regions: features of a loaded layer, drawn for the zoom and cut to the
 * tile. */
#include "service/tiles/private.h"

struct layer_sums {
    int64_t features, area_mm2;
};

static enum status shape_write(struct tile_scratch *s, const struct layer_shape *shape,
                               const struct tile_source *source, bool regions,
                               struct layer_sums *sums, struct error *e)
{
    struct tile_grid *g = &s->grid;
    struct buf *out = &s->body;
    const bool home = grid_is_home(g, shape->anchor), small = grid_too_small(g, &shape->box);
    struct drawing d = {0};
    if (!home &&
        (small || shape->x1 < g->x0 || shape->x0 > g->x1 || shape->y1 < g->y0 || shape->y0 > g->y1))
        return STATUS_OK;
    if (!small) {
        enum status status =
            drawing_decode(shape->drawing, shape->drawing_n, g->z, &s->arena, &d, e);
        if (!status)
            status = drawing_clip(&d, g->x0, g->y0, g->x1, g->y1, &s->arena, &d, e);
        if (status)
            return status;
        grid_snap(g, &d);
    }
    if (!d.parts_n && !home)
        return STATUS_OK;

    buf_json_comma(out);
    TEXT(out, "{\"type\":\"Feature\",\"id\":");
    buf_int(out, shape->id);
    TEXT(out, ",\"geometry\":");
    if (d.parts_n)
        grid_polygon(g, &d, out);
    else
        grid_point(g, shape->anchor, out);
    TEXT(out, ",\"properties\":{\"key\":");
    text_string(out, shape->key);
    TEXT(out, ",\"name\":");
    text_string(out, shape->name);
    TEXT(out, ",\"ha\":");
    text_ha(out, shape->area_mm2);
    if (regions) {
        TEXT(out, ",\"level\":");
        text_string(out, source->level);
    }
    buf_puts(out, home ? ",\"home\":true}}" : ",\"home\":false}}");
    if (home) {
        sums->features++;
        sums->area_mm2 += shape->area_mm2;
    }
    return STATUS_OK;
}

enum status tile_layer_build(struct tile_scratch *s, const struct layer_set *set,
                             enum tile_layer layer, const struct tile_source *source,
                             struct error *e)
{
    struct buf *out = &s->body;
    struct layer_sums sums = {0};
    TEXT(out, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (size_t i = 0; set && i < set->shapes_n; i++) {
        enum status status =
            shape_write(s, &set->shapes[i], source, layer == TILE_REGIONS, &sums, e);
        if (status)
            return status;
        arena_reset(&s->arena);
    }
    TEXT(out, "],\"parcela\":{\"layer\":");
    text_string(out, tile_layer_name(layer));
    if (layer == TILE_REGIONS) {
        TEXT(out, ",\"level\":");
        text_string(out, source->layer_id ? source->level : NULL);
    }
    buf_printf(out, ",\"z\":%d,\"x\":%u,\"y\":%u,\"change\":%lld,\"features\":%lld,\"hectares\":",
               s->grid.z, s->grid.x, s->grid.y, (long long)source->change,
               (long long)sums.features);
    text_ha(out, sums.area_mm2);
    TEXT(out, "}}");
    return STATUS_OK;
}
