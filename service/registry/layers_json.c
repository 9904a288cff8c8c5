/* The layers of a registry as JSON; apart from layers.c, so that what only lists them needs no
 * GDAL. See layers.h. */
#include "service/registry/layers.h"

static void key_string(struct buf *out, const char *key, const char *value)
{
    buf_json_key(out, key);
    buf_json_string(out, value);
}

void layer_slope_json(const struct store_layer *l, struct buf *out)
{
    key_string(out, "slope_kernel", slope_kernel_code(l->slope_kernel));
    buf_json_key(out, "vertical_error_m");
    if (!(l->vertical_error_m > 0)) {
        buf_puts(out, "null");
        return;
    }
    buf_double(out, l->vertical_error_m, 3);
    buf_json_key(out, "vertical_error_steep_m");
    buf_double(out, l->vertical_error_steep_m, 3);
    buf_json_key(out, "vertical_error_correlation");
    buf_double(out, l->vertical_error_correlation, 3);
    key_string(out, "vertical_error_source", l->vertical_error_source);
}

static bool put_layer(const struct store_layer *l, void *arg)
{
    static const char *const kinds[] = {"regions", "corridors", "terrain"};
    struct buf *out = arg;
    buf_json_comma(out);
    buf_putc(out, '{');
    key_string(out, "kind", kinds[l->kind]);
    key_string(out, "level", l->level);
    key_string(out, "source", l->source);
    key_string(out, "edition", l->edition);
    key_string(out, "added_at", l->added_at);
    buf_json_key(out, "features");
    buf_int(out, l->features_n);
    if (l->kind == LAYER_TERRAIN) {
        key_string(out, "crs", l->crs);
        buf_json_key(out, "cell_m");
        buf_double(out, l->cell_m, 3);
        key_string(out, "model", *l->model ? l->model : NULL);
        layer_slope_json(l, out);
    } else {
        buf_json_key(out, "hectares");
        buf_fixed(out, l->area_mm2, 10, true);
        key_string(out, "sha256", l->sha256);
    }
    if (l->kind == LAYER_CORRIDORS) {
        buf_json_key(out, "accuracy_m");
        buf_double(out, l->accuracy_m, 3);
    }
    if (l->kind != LAYER_TERRAIN && l->cell_m > 0) {
        buf_json_key(out, "cell_m");
        buf_double(out, l->cell_m, 3);
    }
    buf_json_key(out, "bbox");
    buf_putc(out, '[');
    const double box[] = {l->box.west, l->box.south, l->box.east, l->box.north};
    for (int i = 0; i < 4; i++) {
        buf_json_comma(out);
        buf_double(out, box[i], 7);
    }
    buf_puts(out, "]}");
    return true;
}

enum status layers_json(struct store *s, struct buf *out, struct error *e)
{
    buf_putc(out, '[');
    enum status status = store_each_layer(s, put_layer, out, e);
    buf_putc(out, ']');
    return status;
}
