/* Any bytes as a drawing: decoded at every zoom, clipped, never a crash; what decodes is well
 * formed and stays inside its clip. */
#include <stdlib.h>

#include "geo/drawing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static void check_rings(const struct drawing *d, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    uint32_t point = 0, ring = 0;
    for (uint32_t part = 0; part < d->parts_n; part++) {
        check(d->part_end[part] > ring);
        for (; ring < d->part_end[part]; ring++) {
            check(d->ring_end[ring] >= point + 4);
            const struct drawing_point first = d->points[point],
                                       last = d->points[d->ring_end[ring] - 1];
            check(first.x == last.x && first.y == last.y);
            for (; point < d->ring_end[ring]; point++)
                check(d->points[point].x >= x0 && d->points[point].x <= x1 &&
                      d->points[point].y >= y0 && d->points[point].y <= y1);
        }
    }
    check(ring == d->rings_n && point == d->points_n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const int64_t world = 1 << DRAWING_WORLD_BITS;
    struct arena a;
    arena_init(&a, 0);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++) {
        struct error e;
        struct drawing d, piece;
        if (drawing_decode(bytes, n, zoom, &a, &d, &e))
            continue;
        check_rings(&d, 0, 0, world, world);
        /* a rectangle about the first vertex, so that something is cut */
        int64_t x = d.points_n ? d.points[0].x : 0, y = d.points_n ? d.points[0].y : 0,
                half = world >> (zoom + 4);
        if (!drawing_clip(&d, x - half, y - half, x + half, y + half, &a, &piece, &e))
            check_rings(&piece, x - half, y - half, x + half, y + half);
    }
    arena_clear(&a);
    return 0;
}
