/* A store in memory for the tests of service/tiles; see the header. */
#include "tests/unit/fake_store_tiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/drawing.h"

void fake_store_init(struct store *s)
{
    *s = (struct store){0};
    arena_init(&s->arena, 0);
    s->classes = (struct slope_class_table){.code = "TEST",
                                            .classes = {{.code = "00", .from_pct = 0},
                                                        {.code = "05", .from_pct = 5},
                                                        {.code = "30", .from_pct = 30}},
                                            .classes_n = 3};
}

void fake_store_clear(struct store *s)
{
    for (int i = 0; i < s->layers_n; i++)
        free(s->layers[i].features);
    free(s->plots);
    arena_clear(&s->arena);
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

struct fake_plot *fake_store_plot(struct store *s, const struct boundary *b, int64_t mm2,
                                  int64_t change)
{
    s->plots = realloc(s->plots, (s->plots_n + 1) * sizeof *s->plots);
    must(s->plots);
    struct fake_plot *f = &s->plots[s->plots_n++];
    *f = (struct fake_plot){.change = change};
    f->plot = (struct store_tile_plot){.plot_id = (int64_t)s->plots_n,
                                       .revision_id = (int64_t)s->plots_n,
                                       .code = arena_printf(&s->arena, "P-%zu", s->plots_n),
                                       .programme = "PP",
                                       .slope_class = (int)(s->plots_n % 4) - 1,
                                       .slope_mean_pct = NAN,
                                       .area_mm2 = mm2,
                                       .anchor = boundary_anchor(b),
                                       .box = boundary_box(b)};
    struct error e;
    unsigned char *bytes;
    must(!drawing_encode(b, &s->arena, &bytes, &f->plot.drawing_n, &e));
    f->plot.drawing = bytes;
    return f;
}

void fake_store_layer(struct store *s, enum layer_kind kind, const char *level,
                      const struct boundary *features, size_t n, int64_t change)
{
    struct fake_layer *l = &s->layers[s->layers_n++];
    must(s->layers_n <= FAKE_LAYERS_MAX);
    *l = (struct fake_layer){.layer = {.id = 100 + s->layers_n,
                                       .kind = kind,
                                       .level = level,
                                       .features_n = (int64_t)n,
                                       .from_change = change},
                             .features = calloc(n, sizeof *l->features),
                             .features_n = n};
    unsigned char **bytes = arena_array(&s->arena, n, sizeof *bytes);
    size_t *bytes_n = arena_array(&s->arena, n, sizeof *bytes_n);
    struct error e;
    must(l->features && bytes && bytes_n &&
         !drawing_encode_layer(features, n, &s->arena, bytes, bytes_n, &e));
    l->layer.box = boundary_box(&features[0]);
    for (size_t i = 0; i < n; i++)
        l->features[i] =
            (struct store_layer_feature){.id = (int64_t)(1000 * s->layers_n + (int)i),
                                         .key = arena_printf(&s->arena, "%02zu", i + 1),
                                         .name = arena_printf(&s->arena, "Región \"%zu\"", i + 1),
                                         .boundary = features[i],
                                         .area_mm2 = (int64_t)(i + 1) * 12345678901,
                                         .drawing = bytes[i],
                                         .drawing_n = bytes_n[i]};
}

/* ---- store.h ---- */

const char *store_uuid(const struct store *s)
{
    (void)s;
    return "0123456789abcdef0123456789abcdef";
}

enum status store_slope_table(struct store *s, struct slope_class_table *out, struct error *e)
{
    (void)e;
    *out = s->classes;
    return STATUS_OK;
}

enum status store_each_layer(struct store *s, bool (*each)(const struct store_layer *, void *),
                             void *arg, struct error *e)
{
    (void)e;
    for (int i = 0; i < s->layers_n; i++)
        if (!each(&s->layers[i].layer, arg))
            break;
    return STATUS_OK;
}

enum status store_each_layer_feature(struct store *s, int64_t layer_id, const struct box *box,
                                     bool with_boundary, bool with_drawing,
                                     bool (*each)(const struct store_layer_feature *, void *),
                                     void *arg, struct error *e)
{
    (void)e;
    must(!box && with_boundary && with_drawing);
    s->feature_loads++;
    for (int i = 0; i < s->layers_n; i++)
        for (size_t k = 0; s->layers[i].layer.id == layer_id && k < s->layers[i].features_n; k++)
            if (!each(&s->layers[i].features[k], arg))
                return STATUS_OK;
    return STATUS_OK;
}

enum status store_each_tile_plot(struct store *s, const struct box *box,
                                 bool (*each)(const struct store_tile_plot *, void *), void *arg,
                                 struct error *e)
{
    (void)e;
    s->plot_reads++;
    for (size_t i = 0; i < s->plots_n; i++)
        if (box_overlaps(box, &s->plots[i].plot.box) && !each(&s->plots[i].plot, arg))
            break;
    return STATUS_OK;
}

static int by_cell(const void *a, const void *b)
{
    const struct store_overview_cell *c = a, *d = b;
    if (c->x != d->x)
        return c->x < d->x ? -1 : 1;
    return c->y < d->y ? -1 : c->y > d->y;
}

static struct store_overview_cell cell_of(const struct store_tile_plot *p, int zoom)
{
    struct store_overview_cell c = {
        .plots = 1, .area_mm2 = p->area_mm2, .corridor_mm2 = p->corridor_mm2};
    drawing_cell(p->anchor, zoom, &c.x, &c.y);
    *(p->slope_class < 0 ? &c.nodata_mm2 : &c.class_mm2[p->slope_class]) = p->area_mm2;
    return c;
}

static void cell_add(struct store_overview_cell *to, const struct store_overview_cell *c)
{
    to->plots += c->plots;
    to->area_mm2 += c->area_mm2;
    to->corridor_mm2 += c->corridor_mm2;
    to->nodata_mm2 += c->nodata_mm2;
    for (int i = 0; i < SLOPE_CLASSES_MAX; i++)
        to->class_mm2[i] += c->class_mm2[i];
}

enum status store_each_overview_cell(struct store *s, int zoom, uint32_t x0, uint32_t y0,
                                     uint32_t x1, uint32_t y1,
                                     bool (*each)(const struct store_overview_cell *, void *),
                                     void *arg, struct error *e)
{
    (void)e;
    must(zoom >= OVERVIEW_ZOOM_MIN && zoom <= OVERVIEW_ZOOM_MAX && x0 <= x1 && y0 <= y1 &&
         !(x1 >> zoom) && !(y1 >> zoom));
    struct store_overview_cell *cells = calloc(s->plots_n + 1, sizeof *cells);
    size_t n = 0, m = 0;
    must(cells);
    for (size_t i = 0; i < s->plots_n; i++) {
        struct store_overview_cell c = cell_of(&s->plots[i].plot, zoom);
        if (c.x >= x0 && c.x <= x1 && c.y >= y0 && c.y <= y1)
            cells[n++] = c;
    }
    qsort(cells, n, sizeof *cells, by_cell);
    for (size_t i = 0; i < n; i++) {
        if (m && by_cell(&cells[m - 1], &cells[i]) == 0)
            cell_add(&cells[m - 1], &cells[i]);
        else
            cells[m++] = cells[i];
    }
    for (size_t i = 0; i < m && each(&cells[i], arg); i++)
        ;
    free(cells);
    return STATUS_OK;
}

enum status store_tile_version(struct store *s, int z, uint32_t x, uint32_t y, int64_t *change,
                               struct error *e)
{
    (void)e;
    int up = z > TILE_VERSION_ZOOM_MAX ? z - TILE_VERSION_ZOOM_MAX : 0;
    *change = 0;
    for (size_t i = 0; i < s->plots_n; i++) {
        uint32_t px, py, qx, qy;
        const struct box *b = &s->plots[i].plot.box;
        drawing_cell((struct lonlat){b->west, b->north}, z - up, &px, &py);
        drawing_cell((struct lonlat){b->east, b->south}, z - up, &qx, &qy);
        if (px <= x >> up && x >> up <= qx && py <= y >> up && y >> up <= qy &&
            s->plots[i].change > *change)
            *change = s->plots[i].change;
    }
    return STATUS_OK;
}
