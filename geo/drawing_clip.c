/* Clipping a drawing to a rectangle, so that what remains is again made of simple rings.
 *
 * The lines that cut are thought half a unit inside the rectangle, so no vertex ever lies on one,
 * and inside is a plain comparison; what is cut is then drawn on the rectangle itself, so no vertex
 * inside touches the border that is added. A ring falls into chains from where it enters to where
 * it leaves; from each exit the border of the rectangle is followed, with the ground on the same
 * side, to the next entry (Weiler and Atherton 1977, for a rectangle). Exteriors run
 * counter-clockwise in longitude/latitude, and so does the walk along the border: from (x0,y0) by
 * (x0,y1), (x1,y1) and (x1,y0), for y grows to the south. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/drawing_work.h"

struct rect {
    int64_t x0, y0, x1, y1;          /* where border points are drawn */
    double left, top, right, bottom; /* where is cut: half a unit farther in */
};

/* Where a chain enters or leaves: its place along the border. */
struct gate {
    double along;
    uint32_t chain;
    bool entry;
};

struct range {
    uint32_t start, end;
};

/* Room for one part at a time; sized for the largest. */
struct clip {
    struct rect rect;
    const struct drawing *in;
    struct drawing_point *points; /* the chains' points, then the joined rings' */
    uint32_t points_n;
    struct range *chains;
    uint32_t *exit_gate; /* per chain, index in gates */
    bool *used;
    uint32_t chains_n;
    struct gate *gates; /* two per chain */
    struct range *exteriors;
    uint32_t exteriors_n;
    uint32_t *holes; /* rings of `in` wholly inside */
    uint32_t holes_n;
};

static bool inside(const struct rect *r, struct drawing_point p)
{
    return p.x > r->x0 && p.x < r->x1 && p.y > r->y0 && p.y < r->y1;
}

static double corner_along(const struct rect *r, int corner)
{
    double w = r->right - r->left, h = r->bottom - r->top;
    return corner == 0 ? 0 : corner == 1 ? h : corner == 2 ? h + w : h + w + h;
}

static struct drawing_point corner_point(const struct rect *r, int corner)
{
    return (struct drawing_point){(int32_t)(corner == 0 || corner == 1 ? r->x0 : r->x1),
                                  (int32_t)(corner == 0 || corner == 3 ? r->y0 : r->y1)};
}

/* ---- where a segment meets the rectangle ---- */

struct crossing {
    double t, along;
    struct drawing_point point;
};

static int32_t bounded(double v, int64_t from, int64_t to)
{
    int64_t i = (int64_t)llrint(v);
    return (int32_t)(i < from ? from : i > to ? to : i);
}

static struct crossing crossing_at(const struct rect *r, struct drawing_point a, double dx,
                                   double dy, double t, int side)
{
    struct crossing c = {.t = t};
    double w = r->right - r->left, h = r->bottom - r->top;
    if (side == 0 || side == 2) {
        double y = a.y + t * dy;
        c.point =
            (struct drawing_point){(int32_t)(side == 0 ? r->x0 : r->x1), bounded(y, r->y0, r->y1)};
        y = fmin(fmax(y, r->top), r->bottom);
        c.along = side == 0 ? y - r->top : h + w + (r->bottom - y);
    } else {
        double x = a.x + t * dx;
        c.point =
            (struct drawing_point){bounded(x, r->x0, r->x1), (int32_t)(side == 1 ? r->y1 : r->y0)};
        x = fmin(fmax(x, r->left), r->right);
        c.along = side == 1 ? h + (x - r->left) : h + w + h + (r->right - x);
    }
    return c;
}

/* The stretch of a-b inside the rectangle (Liang and Barsky 1984): true with its ends; an end is
 * only a crossing when that end of the segment is outside. */
static bool stretch(const struct rect *r, struct drawing_point a, struct drawing_point b,
                    struct crossing *in, struct crossing *out)
{
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    /* sides 0 left, 1 bottom, 2 right, 3 top, as they follow each other along the border */
    const double q[4] = {a.x - r->left, r->bottom - a.y, r->right - a.x, a.y - r->top};
    const double d[4] = {-dx, dy, dx, -dy};
    double t0 = 0, t1 = 1;
    int side0 = -1, side1 = -1;
    for (int i = 0; i < 4; i++) {
        if (d[i] == 0) {
            if (q[i] < 0)
                return false;
        } else if (d[i] < 0) {
            if (q[i] / d[i] > t0) {
                t0 = q[i] / d[i];
                side0 = i;
            }
        } else if (q[i] / d[i] < t1) {
            t1 = q[i] / d[i];
            side1 = i;
        }
    }
    if (t0 >= t1)
        return false;
    if (side0 >= 0)
        *in = crossing_at(r, a, dx, dy, t0, side0);
    if (side1 >= 0)
        *out = crossing_at(r, a, dx, dy, t1, side1);
    return true;
}

/* The same for both directions of a segment, to the last bit: reckoned from its smaller end. */
static bool stretch_canonical(const struct rect *r, struct drawing_point a, struct drawing_point b,
                              struct crossing *in, struct crossing *out)
{
    bool swap = b.x != a.x ? b.x < a.x : b.y < a.y;
    return swap ? stretch(r, b, a, out, in) : stretch(r, a, b, in, out);
}

static bool beyond_one_side(const struct rect *r, struct drawing_point a, struct drawing_point b)
{
    return (a.x <= r->x0 && b.x <= r->x0) || (a.x >= r->x1 && b.x >= r->x1) ||
           (a.y <= r->y0 && b.y <= r->y0) || (a.y >= r->y1 && b.y >= r->y1);
}

/* ---- chains ---- */

static void put(struct clip *c, struct drawing_point p)
{
    c->points[c->points_n++] = p;
}

static void chain_begin(struct clip *c, const struct crossing *in)
{
    c->chains[c->chains_n].start = c->points_n;
    c->gates[2 * c->chains_n] = (struct gate){in->along, c->chains_n, true};
    put(c, in->point);
}

static void chain_end(struct clip *c, const struct crossing *out)
{
    put(c, out->point);
    c->gates[2 * c->chains_n + 1] = (struct gate){out->along, c->chains_n, false};
    c->chains[c->chains_n].end = c->points_n;
    c->used[c->chains_n++] = false;
}

/* Cuts a ring (closed, n points) that has a vertex outside, p[first], into chains. */
static void ring_cut(struct clip *c, const struct drawing_point *p, uint32_t n, uint32_t first)
{
    const struct rect *r = &c->rect;
    struct crossing in, out;
    bool open = false;
    for (uint32_t k = 0; k + 1 < n; k++) {
        uint32_t i = (first + k) % (n - 1);
        struct drawing_point a = p[i], b = p[i + 1];
        bool a_in = inside(r, a), b_in = inside(r, b);
        if (a_in && b_in) {
            put(c, b);
            continue;
        }
        if (beyond_one_side(r, a, b) || !stretch_canonical(r, a, b, &in, &out))
            continue;
        if (!a_in) {
            chain_begin(c, &in);
            open = true;
        }
        if (b_in)
            put(c, b);
        else if (open) {
            chain_end(c, &out);
            open = false;
        }
    }
}

/* ---- joining chains along the border ---- */

static int by_along(const void *a, const void *b)
{
    const struct gate *g = a, *h = b;
    if (g->along != h->along)
        return g->along < h->along ? -1 : 1;
    if (g->entry != h->entry)
        return g->entry ? 1 : -1;
    return g->chain < h->chain ? -1 : g->chain > h->chain;
}

static void put_new(struct clip *c, uint32_t ring_start, struct drawing_point p)
{
    if (c->points_n > ring_start && c->points[c->points_n - 1].x == p.x &&
        c->points[c->points_n - 1].y == p.y)
        return;
    put(c, p);
}

static void put_corners(struct clip *c, uint32_t ring_start, double from, double to, bool wrap)
{
    for (int i = 0; i < 8; i++) {
        double along = corner_along(&c->rect, i % 4);
        bool passed =
            wrap ? (i < 4 ? along > from : along < to) : i < 4 && along > from && along < to;
        if (passed)
            put_new(c, ring_start, corner_point(&c->rect, i % 4));
    }
}

/* Twice the area, positive counter-clockwise in longitude/latitude; p closed. */
static double area2(const struct drawing_point *p, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 1; i + 2 < n; i++)
        sum += ((double)p[i].y - p[0].y) * ((double)p[i + 1].x - p[0].x) -
               ((double)p[i].x - p[0].x) * ((double)p[i + 1].y - p[0].y);
    return sum;
}

static void join_from(struct clip *c, uint32_t first)
{
    const uint32_t start = c->points_n, gates_n = 2 * c->chains_n;
    for (uint32_t chain = first;;) {
        c->used[chain] = true;
        for (uint32_t i = c->chains[chain].start; i < c->chains[chain].end; i++)
            put_new(c, start, c->points[i]);
        uint32_t gate = c->exit_gate[chain], next = gate + 1 < gates_n ? gate + 1 : 0;
        const struct gate *to = &c->gates[next];
        if (!to->entry || (c->used[to->chain] && to->chain != first))
            break; /* only where the drawing crosses itself */
        put_corners(c, start, c->gates[gate].along, to->along, next < gate);
        chain = to->chain;
        if (chain == first)
            break;
    }
    put_new(c, start, c->points[start]);
    if (c->points_n - start >= 4 && area2(c->points + start, c->points_n - start) > 0)
        c->exteriors[c->exteriors_n++] = (struct range){start, c->points_n};
    else
        c->points_n = start; /* rounded away */
}

static void join_chains(struct clip *c)
{
    qsort(c->gates, 2 * (size_t)c->chains_n, sizeof *c->gates, by_along);
    for (uint32_t i = 0; i < 2 * c->chains_n; i++)
        if (!c->gates[i].entry)
            c->exit_gate[c->gates[i].chain] = i;
    for (uint32_t i = 0; i < c->chains_n; i++)
        if (!c->used[i])
            join_from(c, i);
}

/* ---- parts ---- */

/* Even-odd; p in half units may be off the grid. */
static bool ring_contains(const struct drawing_point *ring, uint32_t n, double x, double y)
{
    bool odd = false;
    for (uint32_t i = 0; i + 1 < n; i++) {
        double ax = ring[i].x, ay = ring[i].y, bx = ring[i + 1].x, by = ring[i + 1].y;
        if ((ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay))
            odd = !odd;
    }
    return odd;
}

static const struct drawing_point *ring_points(const struct drawing *d, uint32_t ring, uint32_t *n)
{
    uint32_t start = ring ? d->ring_end[ring - 1] : 0;
    *n = d->ring_end[ring] - start;
    return d->points + start;
}

/* Files a ring: cut into chains, wholly inside, or neither (then `around` tells whether the
 * rectangle lies within it). */
static void ring_file(struct clip *c, uint32_t ring, bool hole, bool *around)
{
    uint32_t n, outside = 0, chains_n = c->chains_n;
    const struct drawing_point *p = ring_points(c->in, ring, &n);
    while (outside < n && inside(&c->rect, p[outside]))
        outside++;
    if (outside == n && hole) {
        c->holes[c->holes_n++] = ring;
    } else if (outside == n) {
        uint32_t start = c->points_n;
        memcpy(c->points + start, p, n * sizeof *p);
        c->points_n += n;
        c->exteriors[c->exteriors_n++] = (struct range){start, c->points_n};
    } else {
        ring_cut(c, p, n, outside);
        *around = c->chains_n == chains_n && ring_contains(p, n, c->rect.left, c->rect.top);
    }
}

static void put_rectangle(struct clip *c)
{
    uint32_t start = c->points_n;
    for (int i = 0; i < 5; i++)
        put_new(c, start, corner_point(&c->rect, i % 4));
    if (c->points_n - start == 5)
        c->exteriors[c->exteriors_n++] = (struct range){start, c->points_n};
}

static void emit(struct drawing *out, const struct drawing_point *p, uint32_t n)
{
    memcpy(out->points + out->points_n, p, n * sizeof *p);
    out->points_n += n;
    out->ring_end[out->rings_n++] = out->points_n;
}

static void emit_part(struct clip *c, struct drawing *out)
{
    for (uint32_t i = 0; i < c->exteriors_n; i++) {
        const struct drawing_point *exterior = c->points + c->exteriors[i].start;
        uint32_t exterior_n = c->exteriors[i].end - c->exteriors[i].start;
        emit(out, exterior, exterior_n);
        for (uint32_t h = 0; h < c->holes_n; h++) {
            if (c->holes[h] == DRAWING_NONE)
                continue;
            uint32_t n;
            const struct drawing_point *p = ring_points(c->in, c->holes[h], &n);
            if (c->exteriors_n == 1 || ring_contains(exterior, exterior_n, p[0].x, p[0].y)) {
                emit(out, p, n);
                c->holes[h] = DRAWING_NONE;
            }
        }
        out->part_end[out->parts_n++] = out->rings_n;
    }
}

static void part_clip(struct clip *c, uint32_t first, uint32_t end, struct drawing *out)
{
    bool around = false, hole_around = false;
    c->points_n = c->chains_n = c->exteriors_n = c->holes_n = 0;
    for (uint32_t r = first; r < end; r++) {
        bool this_around = false;
        ring_file(c, r, r != first, &this_around);
        if (r == first)
            around = this_around;
        else
            hole_around |= this_around;
    }
    if (c->chains_n)
        join_chains(c);
    else if (around && !hole_around)
        put_rectangle(c);
    emit_part(c, out);
}

/* ---- the whole ---- */

struct counts {
    size_t inside, cut, rings; /* vertices inside, segments that may meet the border */
};

static struct counts count_rings(const struct rect *r, const struct drawing *in, uint32_t first,
                                 uint32_t end)
{
    struct counts c = {.rings = end - first};
    for (uint32_t ring = first; ring < end; ring++) {
        uint32_t n;
        const struct drawing_point *p = ring_points(in, ring, &n);
        for (uint32_t i = 0; i < n; i++) {
            bool in_a = inside(r, p[i]);
            c.inside += in_a;
            c.cut +=
                i + 1 < n && !(in_a && inside(r, p[i + 1])) && !beyond_one_side(r, p[i], p[i + 1]);
        }
    }
    return c;
}

static bool clip_alloc(struct clip *c, const struct counts *all, struct arena *a,
                       struct drawing *out)
{
    /* A cut segment begins and ends at most one chain; a chain passes at most four corners and
     * closes one ring. */
    size_t joined = all->inside + 7 * all->cut + 5;
    c->points = arena_array(a, joined + all->inside + 2 * all->cut, sizeof *c->points);
    c->chains = arena_array(a, all->cut, sizeof *c->chains);
    c->exit_gate = arena_array(a, all->cut, sizeof *c->exit_gate);
    c->used = arena_alloc(a, all->cut);
    c->gates = arena_array(a, 2 * all->cut, sizeof *c->gates);
    c->exteriors = arena_array(a, all->cut + 2, sizeof *c->exteriors);
    c->holes = arena_array(a, all->rings, sizeof *c->holes);
    out->points = arena_array(a, joined + 5 * all->rings, sizeof *out->points);
    out->ring_end = arena_array(a, all->cut + 2 * all->rings, sizeof *out->ring_end);
    out->part_end = arena_array(a, all->cut + all->rings, sizeof *out->part_end);
    return c->points && c->chains && c->exit_gate && c->used && c->gates && c->exteriors &&
           c->holes && out->points && out->ring_end && out->part_end;
}

enum status drawing_clip(const struct drawing *in, int64_t x0, int64_t y0, int64_t x1, int64_t y1,
                         struct arena *a, struct drawing *out, struct error *e)
{
    const struct drawing all_in = *in; /* `out` may be the same variable */
    struct clip c = {.rect = {x0, y0, x1, y1, (double)x0 + 0.5, (double)y0 + 0.5, (double)x1 - 0.5,
                              (double)y1 - 0.5},
                     .in = &all_in};
    struct counts all = count_rings(&c.rect, &all_in, 0, all_in.rings_n);
    if (all.inside == all_in.points_n) {
        *out = all_in;
        return STATUS_OK;
    }
    *out = (struct drawing){0};
    if (!clip_alloc(&c, &all, a, out))
        return error_memory(e);
    for (uint32_t part = 0, first = 0; part < all_in.parts_n; first = all_in.part_end[part++])
        part_clip(&c, first, all_in.part_end[part], out);
    return STATUS_OK;
}
