/* A tile's rectangle, its grid, and the text of its coordinates.
 *
 * Up to zoom 14 coordinates are snapped to the 4096 grid of the tile. All tiles of a zoom lie on
 * one grid, so a border that two plots or two tiles share is printed with the same digits; and as a
 * tile has no more than 4,225 columns and rows, each is printed once. Decimals: 10^-d degrees stay
 * under a quarter of a pixel (2 at z0, 5 at z10, 6 at z14), 7 from z15 on. */
#include <math.h>
#include <string.h>

#include "service/tiles/private.h"

#define WORLD ((double)(1 << DRAWING_WORLD_BITS))
#define SMALL_PX 1.5

static int decimals_of(int z)
{
    /* 360 / 2^(z+10) degrees are a quarter pixel */
    return z > GRID_ZOOM_MAX ? 7 : (int)ceil((z + 10) * M_LN2 / M_LN10) - 2;
}

void grid_fine(struct tile_grid *g, bool fine)
{
    g->decimals = fine ? 7 : decimals_of(g->z);
    g->shift = fine || g->z > GRID_ZOOM_MAX ? 0 : DRAWING_WORLD_BITS - 12 - g->z;
}

void grid_begin(struct tile_grid *g, int z, uint32_t x, uint32_t y)
{
    g->z = z;
    g->x = x;
    g->y = y;
    grid_fine(g, false);
    g->size = (int64_t)1 << (DRAWING_WORLD_BITS - z);
    g->west = (int64_t)x * g->size;
    g->north = (int64_t)y * g->size;
    const int64_t buffer = g->size * GRID_BUFFER / GRID_EXTENT;
    g->x0 = g->west - buffer;
    g->y0 = g->north - buffer;
    g->x1 = g->west + g->size + buffer;
    g->y1 = g->north + g->size + buffer;
    memset(g->lon->length, 0, sizeof g->lon->length);
    memset(g->lat->length, 0, sizeof g->lat->length);
}

static struct lonlat corner(int64_t x, int64_t y)
{
    const int64_t world = 1 << DRAWING_WORLD_BITS;
    return drawing_unproject((struct drawing_point){(int32_t)(x < 0       ? 0
                                                              : x > world ? world
                                                                          : x),
                                                    (int32_t)(y < 0       ? 0
                                                              : y > world ? world
                                                                          : y)});
}

struct box grid_box(const struct tile_grid *g)
{
    struct lonlat nw = corner(g->x0, g->y0), se = corner(g->x1, g->y1);
    if (g->y == 0)
        nw.lat = 90;
    if (g->y == (1u << g->z) - 1)
        se.lat = -90;
    return (struct box){nw.lon, se.lat, se.lon, nw.lat};
}

bool grid_is_home(const struct tile_grid *g, struct lonlat anchor)
{
    uint32_t x, y;
    drawing_cell(anchor, g->z, &x, &y);
    return x == g->x && y == g->y;
}

bool grid_too_small(const struct tile_grid *g, const struct box *box)
{
    const double pixels = 256.0 * (double)(1u << g->z);
    if ((box->east - box->west) / 360 * pixels >= SMALL_PX)
        return false;
    struct drawing_point nw = drawing_project((struct lonlat){box->west, box->north});
    struct drawing_point se = drawing_project((struct lonlat){box->east, box->south});
    return (se.y - nw.y) / WORLD * pixels < SMALL_PX;
}

/* ---- snapping ---- */

static int32_t snapped(int32_t v, int64_t origin, int shift)
{
    const int64_t step = (int64_t)1 << shift;
    return (int32_t)(((v - origin + step / 2) >> shift) * step +
                     origin); /* >> rounds down, also left of the tile */
}

/* Positive when counter-clockwise on the map; p closed. Exact: within a tile the terms stay small.
 */
static bool ring_turns_right_way(const struct drawing_point *p, uint32_t n, bool hole)
{
    double sum = 0;
    for (uint32_t i = 1; i + 2 < n; i++)
        sum += ((double)p[i].y - p[0].y) * ((double)p[i + 1].x - p[0].x) -
               ((double)p[i].x - p[0].x) * ((double)p[i + 1].y - p[0].y);
    return hole ? sum < 0 : sum > 0;
}

void grid_snap(const struct tile_grid *g, struct drawing *d)
{
    uint32_t points_n = 0, rings_n = 0, parts_n = 0, ring = 0, from = 0;
    for (uint32_t part = 0; part < d->parts_n; part++) {
        const uint32_t first = ring, kept = rings_n, end = d->part_end[part];
        for (; ring < end; ring++) {
            const uint32_t start = points_n, to = d->ring_end[ring];
            for (; from < to; from++) {
                struct drawing_point p = {snapped(d->points[from].x, g->west, g->shift),
                                          snapped(d->points[from].y, g->north, g->shift)};
                if (points_n == start || p.x != d->points[points_n - 1].x ||
                    p.y != d->points[points_n - 1].y)
                    d->points[points_n++] = p;
            }
            bool hole = ring != first;
            if (points_n - start < 4 || (hole && rings_n == kept) ||
                !ring_turns_right_way(d->points + start, points_n - start, hole))
                points_n = start;
            else
                d->ring_end[rings_n++] = points_n;
        }
        if (rings_n > kept)
            d->part_end[parts_n++] = rings_n;
    }
    d->points_n = points_n;
    d->rings_n = rings_n;
    d->parts_n = parts_n;
}

/* ---- text ---- */

/* Degrees to so many decimals without trailing zeros, at out; returns the end. At most 12 bytes. */
static char *write_degrees(char *out, double degrees, int decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    int32_t v = (int32_t)lrint(degrees * power[decimals]); /* 180e7 fits */
    uint32_t u = v < 0 ? (uint32_t)-v : (uint32_t)v;
    char text[16], *p = text + sizeof text;
    int left = decimals;
    if (v < 0)
        *out++ = '-';
    for (; left && u % 10 == 0; left--)
        u /= 10;
    if (left) {
        for (; left; left--, u /= 10)
            *--p = (char)('0' + u % 10);
        *--p = '.';
    }
    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    size_t n = (size_t)(text + sizeof text - p);
    memcpy(out, p, n);
    return out + n;
}

static char *write_axis(struct grid_axis *axis, int64_t step, char *out, bool is_lat, int32_t v,
                        int decimals)
{
    char *text = axis->text[step];
    if (!axis->length[step]) {
        double degrees = is_lat ? drawing_latitude(v) : drawing_longitude(v);
        axis->length[step] = (uint8_t)(write_degrees(text, degrees, decimals) - text);
    }
    memcpy(out, text, sizeof axis->text[step]); /* a fixed size is one move */
    return out + axis->length[step];
}

/* "[lon,lat]" at out, which has room for 40 bytes. */
static char *write_position(struct tile_grid *g, struct drawing_point p, char *out)
{
    *out++ = '[';
    if (g->shift) {
        out = write_axis(g->lon, ((p.x - g->west) >> g->shift) + GRID_BUFFER, out, false, p.x,
                         g->decimals);
        *out++ = ',';
        out = write_axis(g->lat, ((p.y - g->north) >> g->shift) + GRID_BUFFER, out, true, p.y,
                         g->decimals);
    } else {
        out = write_degrees(out, drawing_longitude(p.x), g->decimals);
        *out++ = ',';
        out = write_degrees(out, drawing_latitude(p.y), g->decimals);
    }
    *out++ = ']';
    return out;
}

static void write_ring(struct tile_grid *g, const struct drawing_point *p, uint32_t n,
                       struct buf *out)
{
    char *start = buf_reserve(out, 40 * (size_t)n + 2), *at = start;
    if (!start)
        return;
    *at++ = '[';
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            *at++ = ',';
        at = write_position(g, p[i], at);
    }
    *at++ = ']';
    *at = 0;
    out->length += (size_t)(at - start);
}

void grid_polygon(struct tile_grid *g, const struct drawing *d, struct buf *out)
{
    const bool multi = d->parts_n > 1;
    if (multi)
        TEXT(out, "{\"type\":\"MultiPolygon\",\"coordinates\":[");
    else
        TEXT(out, "{\"type\":\"Polygon\",\"coordinates\":");
    for (uint32_t part = 0, ring = 0, start = 0; part < d->parts_n; part++) {
        buf_puts(out, part ? ",[" : "[");
        for (uint32_t first = ring; ring < d->part_end[part]; start = d->ring_end[ring++]) {
            if (ring != first)
                buf_putc(out, ',');
            write_ring(g, d->points + start, d->ring_end[ring] - start, out);
        }
        buf_putc(out, ']');
    }
    buf_puts(out, multi ? "]}" : "}");
}

void grid_point(struct tile_grid *g, struct lonlat at, struct buf *out)
{
    struct drawing_point p = drawing_project(at);
    p = (struct drawing_point){snapped(p.x, g->west, g->shift), snapped(p.y, g->north, g->shift)};
    TEXT(out, "{\"type\":\"Point\",\"coordinates\":");
    char *start = buf_reserve(out, 40);
    if (start) {
        char *end = write_position(g, p, start);
        *end = 0;
        out->length += (size_t)(end - start);
    }
    buf_putc(out, '}');
}
