/* Snapping to the tile's grid moves a vertex by up to a 32nd of a pixel, so a narrow neck may
 * close: is a small drawing still simple? (Large ones, regions and corridors, keep their common
 * grid, for the sake of their neighbours.) */
#include "service/tiles/private.h"

enum { CHECKED_POINTS_MAX = 256 };

static int64_t turn(struct drawing_point a, struct drawing_point b, struct drawing_point c)
{
    return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

/* Seen from its middle, the ring goes round once and always forward: simple, in one pass. Most
 * plots are. */
static bool star_shaped(const struct drawing_point *p, uint32_t n)
{
    int64_t x = 0, y = 0;
    int rounds = 0;
    for (uint32_t i = 0; i + 1 < n; i++) {
        x += p[i].x;
        y += p[i].y;
    }
    struct drawing_point middle = {(int32_t)(x / (n - 1)), (int32_t)(y / (n - 1))};
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (turn(middle, p[i], p[i + 1]) >= 0)
            return false;
        rounds += p[i].y <= middle.y && p[i + 1].y > middle.y;
    }
    return rounds == 1;
}

static bool apart(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return (a > b ? a : b) < (c < d ? c : d) || (c > d ? c : d) < (a < b ? a : b);
}

static bool sides_differ(int64_t s, int64_t t)
{
    return (s <= 0 && t >= 0) || (s >= 0 && t <= 0);
}

/* Touching counts. Segments on one line whose boxes meet count as touching. */
static bool meet(struct drawing_point a, struct drawing_point b, struct drawing_point c,
                 struct drawing_point d)
{
    if (apart(a.x, b.x, c.x, d.x) || apart(a.y, b.y, c.y, d.y))
        return false;
    return sides_differ(turn(a, b, c), turn(a, b, d)) && sides_differ(turn(c, d, a), turn(c, d, b));
}

/* Neighbours in a ring share p[1]: they touch otherwise only when the ring turns back on itself. */
static bool turns_back(const struct drawing_point *p, struct drawing_point next)
{
    int64_t along = (int64_t)(p[0].x - p[1].x) * (next.x - p[1].x) +
                    (int64_t)(p[0].y - p[1].y) * (next.y - p[1].y);
    return along > 0 && turn(p[0], p[1], next) == 0;
}

bool drawing_is_simple(const struct drawing *d)
{
    if (d->points_n > CHECKED_POINTS_MAX ||
        (d->rings_n == 1 && star_shaped(d->points, d->points_n)))
        return true;
    for (uint32_t r = 0, start = 0; r < d->rings_n; start = d->ring_end[r++]) {
        const uint32_t end = d->ring_end[r];
        for (uint32_t i = start; i + 1 < end; i++) {
            const struct drawing_point *p = &d->points[i];
            if (turns_back(p, i + 2 < end ? p[2] : d->points[start + 1]))
                return false;
            for (uint32_t q = r, j = i + 2; q < d->rings_n; j = d->ring_end[q++])
                for (; j + 1 < d->ring_end[q]; j++)
                    if (!(q == r && i == start && j + 2 == end) &&
                        meet(p[0], p[1], d->points[j], d->points[j + 1]))
                        return false;
        }
    }
    return true;
}
