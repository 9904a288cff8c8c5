/* Tiles of plots: one feature per plot, or, where there are too many, overview cells that carry
 * their sums.
 *
 * A plot is counted in the tile that holds its anchor ("home"), and in no other; cells are made of
 * anchors too. So the sums of the tiles of a zoom are the registry's, whichever of them are
 * aggregated. */
#include <math.h>

#include "geo/overlay/overlay.h"
#include "service/tiles/private.h"

/* Plots that only reach in are not in the count that decides; past this many features in all the
 * tile is made of cells too. */
enum { FEATURES_MOST = 2 * LIMIT_TILE_FEATURES, CELL_ZOOM_STEP = 6 };

struct sums {
    int64_t plots, area_mm2, corridor_mm2;
};

struct build {
    struct tile_scratch *s;
    struct slope_class_table classes;
    struct sums sums;
    int features;
    bool crowded;
    enum status status;
    struct error *e;
};

static const char *verdict_name(int verdict)
{
    return verdict == LAYER_INSIDE ? "inside" : verdict == LAYER_EDGE ? "edge" : "outside";
}

static void write_class(const struct build *b, int slope_class)
{
    text_string(&b->s->body, slope_class >= 0 && slope_class < b->classes.classes_n
                                 ? b->classes.classes[slope_class].code
                                 : NULL);
}

/* ---- plots one by one ---- */

static void write_plot_properties(struct build *b, const struct store_tile_plot *p, bool home)
{
    struct buf *out = &b->s->body;
    TEXT(out, ",\"properties\":{\"code\":");
    text_string(out, p->code);
    TEXT(out, ",\"programme\":");
    text_string(out, p->programme);
    TEXT(out, ",\"organisation\":");
    text_string(out, p->organisation);
    TEXT(out, ",\"crop\":");
    text_string(out, p->crop);
    TEXT(out, ",\"practice\":");
    text_string(out, p->practice);
    TEXT(out, ",\"year\":");
    if (p->adoption_year)
        buf_int(out, p->adoption_year);
    else
        TEXT(out, "null");
    TEXT(out, ",\"ha\":");
    text_ha(out, p->area_mm2);
    TEXT(out, ",\"slope_class\":");
    write_class(b, p->slope_class);
    TEXT(out, ",\"slope_mean_pct\":");
    buf_double(out, p->slope_mean_pct, 2);
    TEXT(out, ",\"corridor_ha\":");
    text_ha(out, p->corridor_mm2);
    TEXT(out, ",\"corridor\":\"");
    buf_puts(out, verdict_name(p->corridor_verdict));
    buf_puts(out, home ? "\",\"home\":true}}" : "\",\"home\":false}}");
}

static void write_plot(struct build *b, const struct store_tile_plot *p, const struct drawing *d,
                       bool home)
{
    struct buf *out = &b->s->body;
    if (b->features++)
        buf_putc(out, ',');
    TEXT(out, "{\"type\":\"Feature\",\"id\":");
    buf_int(out, p->plot_id);
    TEXT(out, ",\"geometry\":");
    if (d->parts_n)
        grid_polygon(&b->s->grid, d, out);
    else
        grid_point(&b->s->grid, p->anchor, out);
    write_plot_properties(b, p, home);
    if (home) {
        b->sums.plots++;
        b->sums.area_mm2 += p->area_mm2;
        b->sums.corridor_mm2 += p->corridor_mm2;
    }
}

static enum status draw(struct build *b, const struct store_tile_plot *p, struct drawing *d)
{
    struct tile_grid *g = &b->s->grid;
    enum status status = drawing_decode(p->drawing, p->drawing_n, g->z, &b->s->arena, d, b->e);
    if (!status)
        status = drawing_clip(d, g->x0, g->y0, g->x1, g->y1, &b->s->arena, d, b->e);
    if (!status)
        grid_snap(g, d);
    return status;
}

/* A plot that the grid of the zoom would close on itself is drawn with the coordinates as they are
 * stored. */
static enum status draw_simple(struct build *b, const struct store_tile_plot *p, struct drawing *d)
{
    enum status status = draw(b, p, d);
    if (status || drawing_is_simple(d))
        return status;
    grid_fine(&b->s->grid, true);
    return draw(b, p, d);
}

static bool see_plot(const struct store_tile_plot *p, void *arg)
{
    struct build *b = arg;
    struct tile_grid *g = &b->s->grid;
    const bool home = grid_is_home(g, p->anchor), small = grid_too_small(g, &p->box);
    struct drawing d = {0};
    if (!home && small)
        return true;
    if (!small)
        b->status = draw_simple(b, p, &d);
    if (!b->status && (d.parts_n || home))
        write_plot(b, p, &d, home);
    grid_fine(g, false);
    arena_reset(&b->s->arena);
    b->crowded = b->features > FEATURES_MOST && g->z <= OVERVIEW_ZOOM_MAX;
    return !b->status && !b->crowded && !b->s->body.failed;
}

/* ---- overview cells ---- */

static enum status each_cell(const struct tile_grid *g, struct store *reader, int zoom,
                             bool (*each)(const struct store_overview_cell *, void *), void *arg,
                             struct error *e)
{
    const int deeper = zoom - g->z;
    return store_each_overview_cell(reader, zoom, g->x << deeper, g->y << deeper,
                                    ((g->x + 1) << deeper) - 1, ((g->y + 1) << deeper) - 1, each,
                                    arg, e);
}

static void write_cell_classes(struct build *b, const struct store_overview_cell *c)
{
    struct buf *out = &b->s->body;
    int best = -1;
    int64_t best_mm2 = c->nodata_mm2;
    TEXT(out, ",\"slope_class_hectares\":{");
    bool first = true;
    for (int i = 0; i < b->classes.classes_n; i++) {
        if (c->class_mm2[i] == 0)
            continue;
        if (c->class_mm2[i] > best_mm2) {
            best_mm2 = c->class_mm2[i];
            best = i;
        }
        if (!first)
            buf_putc(out, ',');
        first = false;
        write_class(b, i);
        buf_putc(out, ':');
        text_ha(out, c->class_mm2[i]);
    }
    if (c->nodata_mm2) {
        buf_puts(out, first ? "\"none\":" : ",\"none\":");
        text_ha(out, c->nodata_mm2);
    }
    TEXT(out, "},\"slope_class\":");
    write_class(b, best);
}

static bool see_cell(const struct store_overview_cell *c, void *arg)
{
    struct build *b = arg;
    struct tile_grid *g = &b->s->grid;
    struct buf *out = &b->s->body;
    const int zoom =
        g->z + CELL_ZOOM_STEP < OVERVIEW_ZOOM_MAX ? g->z + CELL_ZOOM_STEP : OVERVIEW_ZOOM_MAX;
    const int64_t size = (int64_t)1 << (DRAWING_WORLD_BITS - zoom);
    if (c->plots == 0)
        return true;
    if (b->features++)
        buf_putc(out, ',');
    TEXT(out, "{\"type\":\"Feature\",\"geometry\":");
    grid_point(g,
               drawing_unproject((struct drawing_point){(int32_t)(c->x * size + size / 2),
                                                        (int32_t)(c->y * size + size / 2)}),
               out);
    TEXT(out, ",\"properties\":{\"cell\":true,\"plots\":");
    buf_int(out, c->plots);
    TEXT(out, ",\"ha\":");
    text_ha(out, c->area_mm2);
    TEXT(out, ",\"corridor_ha\":");
    text_ha(out, c->corridor_mm2);
    write_cell_classes(b, c);
    TEXT(out, ",\"home\":true}}");
    b->sums.plots += c->plots;
    b->sums.area_mm2 += c->area_mm2;
    b->sums.corridor_mm2 += c->corridor_mm2;
    return !out->failed;
}

static bool count_cell(const struct store_overview_cell *c, void *arg)
{
    *(int64_t *)arg += c->plots;
    return true;
}

/* ---- the collection ---- */

static void begin(struct build *b)
{
    buf_reset(&b->s->body);
    b->features = 0;
    b->sums = (struct sums){0};
    TEXT(&b->s->body, "{\"type\":\"FeatureCollection\",\"features\":[");
}

static enum status write_features(struct build *b, struct store *reader, bool *aggregated,
                                  struct error *e)
{
    const struct tile_grid *g = &b->s->grid;
    int64_t plots = 0;
    enum status status = STATUS_OK;
    if (g->z <= OVERVIEW_ZOOM_MAX) /* at zoom 18 there is nothing coarser to fall back to */
        status = each_cell(g, reader, g->z > OVERVIEW_ZOOM_MIN ? g->z : OVERVIEW_ZOOM_MIN,
                           count_cell, &plots, e);
    if (status)
        return status;
    *aggregated = plots > LIMIT_TILE_FEATURES;
    if (!*aggregated) {
        struct box box = grid_box(g);
        begin(b);
        status = store_each_tile_plot(reader, &box, see_plot, b, e);
        *aggregated = b->crowded;
    }
    if (!status && !b->status && *aggregated) {
        begin(b);
        int zoom =
            g->z + CELL_ZOOM_STEP < OVERVIEW_ZOOM_MAX ? g->z + CELL_ZOOM_STEP : OVERVIEW_ZOOM_MAX;
        status = each_cell(g, reader, zoom, see_cell, b, e);
    }
    return status ? status : b->status;
}

enum status tile_plots_build(struct tile_scratch *s, struct store *reader,
                             const struct tile_source *source, struct error *e)
{
    struct build b = {.s = s, .e = e};
    struct buf *out = &s->body;
    bool aggregated = false;
    enum status status = store_slope_table(reader, &b.classes, e);
    if (!status)
        status = write_features(&b, reader, &aggregated, e);
    if (status)
        return status;
    buf_printf(out,
               "],\"parcela\":{\"layer\":\"plots\",\"z\":%d,\"x\":%u,\"y\":%u,\"change\":%lld,"
               "\"plots\":%lld,\"hectares\":",
               s->grid.z, s->grid.x, s->grid.y, (long long)source->change, (long long)b.sums.plots);
    text_ha(out, b.sums.area_mm2);
    TEXT(out, ",\"corridor_hectares\":");
    text_ha(out, b.sums.corridor_mm2);
    buf_puts(out, aggregated ? ",\"aggregated\":true}}" : ",\"aggregated\":false}}");
    return STATUS_OK;
}
