/* The "method" object of answers; see method.h. */
#include "service/registry/method.h"

#include "geo/area.h"
#include "geo/uncertainty.h"
#include "service/registry/layers.h"

static bool note_kernel(const struct store_layer *l, void *arg)
{
    if (l->kind == LAYER_TERRAIN)
        *(enum slope_kernel *)arg = l->slope_kernel;
    return l->kind != LAYER_TERRAIN;
}

enum status method_json(struct store *s, const struct slope_class_table *classes, struct arena *a, const char **out, struct error *e)
{
    struct buf b;
    buf_init(&b, 0);
    int64_t change = 0;
    enum slope_kernel kernel = SLOPE_HORN;
    enum status status = store_change(s, &change, e);
    if (status == STATUS_OK)
        status = store_each_layer(s, note_kernel, &kernel, e);
    buf_putc(&b, '{');
    buf_json_key(&b, "parcela");
    buf_json_string(&b, PARCELA_VERSION);
    buf_json_key(&b, "change");
    buf_int(&b, change);
    buf_json_key(&b, "area");
    buf_json_string(&b, AREA_METHOD);
    buf_json_key(&b, "area_version");
    buf_int(&b, AREA_METHOD_VERSION);
    buf_json_key(&b, "uncertainty");
    buf_json_string(&b, UNCERTAINTY_METHOD);
    buf_json_key(&b, "slope");
    buf_json_string(&b, kernel == SLOPE_HORN ? "Horn 1981 with true ground distances; exact cell coverage"
                                             : "Zevenbergen and Thorne 1987 with true ground distances; exact cell coverage");
    buf_json_key(&b, "slope_expected");
    buf_json_string(&b, SLOPE_EXPECTED_METHOD);
    buf_json_key(&b, "slope_table");
    buf_json_string(&b, classes->code);
    buf_json_key(&b, "slope_table_source");
    buf_json_string(&b, classes->source);
    buf_json_key(&b, "slope_classes");
    buf_putc(&b, '[');
    for (int i = 0; i < classes->classes_n; i++) {
        buf_json_comma(&b);
        buf_putc(&b, '{');
        buf_json_key(&b, "code");
        buf_json_string(&b, classes->classes[i].code);
        buf_json_key(&b, "from_pct");
        buf_double(&b, classes->classes[i].from_pct, 6);
        buf_json_key(&b, "name_en");
        buf_json_string(&b, classes->classes[i].name_en);
        buf_json_key(&b, "name_es");
        buf_json_string(&b, classes->classes[i].name_es);
        if (*classes->classes[i].colour) {
            buf_json_key(&b, "colour");
            buf_json_string(&b, classes->classes[i].colour);
        }
        buf_putc(&b, '}');
    }
    buf_putc(&b, ']');
    buf_json_key(&b, "layers");
    if (status == STATUS_OK)
        status = layers_json(s, &b, e);
    buf_putc(&b, '}');
    if (status == STATUS_OK && (b.failed || !(*out = arena_strdup(a, b.bytes))))
        status = error_memory(e);
    buf_clear(&b);
    return status;
}
