/* /layers: which layers the figures rest on, with their editions. */
#include <math.h>

#include "service/api/internal.h"

static void text_member(struct buf *b, const char *key, const char *value)
{
    buf_json_key(b, key);
    buf_json_string(b, value && *value ? value : NULL);
}

static void number_member(struct buf *b, const char *key, double value, int decimals)
{
    buf_json_key(b, key);
    buf_double(b, value, decimals);
}

static bool write_layer(const struct store_layer *l, void *arg)
{
    static const char *const kinds[] = {"regions", "corridors", "terrain"};
    struct buf *b = arg;
    buf_json_comma(b);
    buf_putc(b, '{');
    text_member(b, "kind", kinds[l->kind]);
    text_member(b, "level", l->level);
    text_member(b, "source", l->source);
    text_member(b, "edition", l->edition);
    text_member(b, "sha256", l->sha256);
    text_member(b, "added", l->added_at);
    buf_json_key(b, "change");
    buf_int(b, l->from_change);
    if (l->kind == LAYER_TERRAIN) {
        text_member(b, "crs", l->crs);
        number_member(b, "cell_m", l->cell_m, 3);
        text_member(b, "model", l->model);
        text_member(b, "slope_kernel", slope_kernel_code(l->slope_kernel));
        number_member(b, "vertical_error_m", l->vertical_error_m > 0 ? l->vertical_error_m : NAN,
                      3);
        number_member(b, "vertical_error_steep_m",
                      l->vertical_error_steep_m > 0 ? l->vertical_error_steep_m : NAN, 3);
        number_member(b, "vertical_error_correlation",
                      l->vertical_error_m > 0 ? l->vertical_error_correlation : NAN, 3);
        text_member(b, "vertical_error_source", l->vertical_error_source);
    } else {
        buf_json_key(b, "features");
        buf_int(b, l->features_n);
        buf_json_key(b, "hectares");
        buf_fixed(b, l->area_mm2, 10, true); /* 1 ha = 10^10 mm2 */
    }
    if (l->kind == LAYER_CORRIDORS)
        number_member(b, "accuracy_m", l->accuracy_m, 3);
    buf_json_key(b, "bbox");
    buf_putc(b, '[');
    const double corners[] = {l->box.west, l->box.south, l->box.east, l->box.north};
    for (int i = 0; i < 4; i++) {
        buf_json_comma(b);
        buf_double(b, corners[i], 7);
    }
    buf_puts(b, "]}");
    return !b->failed;
}

enum status layers_build(struct api_call *call, struct http_reply **out)
{
    char etag[80];
    api_change_etag(call, "ly", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "{\"layers\":[");
    enum status status = store_each_layer(call->context->store, write_layer, &b, &call->error);
    buf_puts(&b, "]");
    buf_json_key(&b, "change");
    buf_int(&b, call->change);
    buf_puts(&b, "}\n");
    if (status != STATUS_OK) {
        buf_clear(&b);
        return status;
    }
    status = api_reply_text(call, "application/json", etag, &b, out);
    if (status == STATUS_OK)
        http_reply_keep(*out, call->change);
    return status;
}
