/* Boundaries -> drawing bytes: project, join, put rings into their canonical order, rank, check,
 * write. A layer is one call for all its features, a plot a layer of one. */
#include <math.h>
#include <string.h>

#include "geo/drawing_work.h"

/* ---- rings on the grid ---- */

static bool same(struct drawing_point a, struct drawing_point b)
{
    return a.x == b.x && a.y == b.y;
}

static bool before(struct drawing_point a, struct drawing_point b)
{
    return a.x != b.x ? a.x < b.x : a.y < b.y;
}

/* Twice the area, positive when counter-clockwise seen with north up (y grows to the south). */
static double ring_area2(const struct drawing_point *p, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 1; i + 1 < n; i++)
        sum += (double)(p[i].y - p[0].y) * (double)(p[i + 1].x - p[0].x) -
               (double)(p[i].x - p[0].x) * (double)(p[i + 1].y - p[0].y);
    return sum;
}

/* Projects a closed ring, without its closing point and without repeats; returns how many points
 * are left. */
static uint32_t ring_project(const struct lonlat *from, uint32_t n, struct drawing_point *to)
{
    uint32_t m = 0;
    struct drawing_frame frame = drawing_frame(from[0].lat);
    for (uint32_t i = 0; i < n; i++) {
        struct drawing_point p = drawing_project_near(&frame, from[i]);
        if (m == 0 || !same(p, to[m - 1]))
            to[m++] = p;
    }
    while (m > 1 && same(to[m - 1], to[0]))
        m--;
    return m;
}

static void ring_reverse(struct drawing_point *p, uint32_t n)
{
    for (uint32_t i = 0, j = n; i + 1 < j; i++) {
        struct drawing_point t = p[i];
        p[i] = p[--j];
        p[j] = t;
    }
}

/* Index of the smallest point; where it comes twice (rings that touch themselves), of the smaller
 * way on from it. */
static uint32_t ring_first(const struct drawing_point *p, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++) {
        if (same(p[i], p[best])) {
            uint32_t k = 1;
            while (k < n && same(p[(i + k) % n], p[(best + k) % n]))
                k++;
            if (k < n && before(p[(i + k) % n], p[(best + k) % n]))
                best = i;
        } else if (before(p[i], p[best])) {
            best = i;
        }
    }
    return best;
}

/* ---- distinct vertices ---- */

struct vertex_table {
    uint32_t *slots; /* vertex + 1, 0 = free */
    uint32_t mask;
};

static uint32_t vertex_of(struct drawing_work *w, struct vertex_table *t, struct drawing_point p)
{
    uint64_t h = ((uint64_t)(uint32_t)p.x << 32 | (uint32_t)p.y) * 0x9E3779B97F4A7C15u;
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    for (uint32_t i = (uint32_t)(h >> 32) & t->mask;; i = (i + 1) & t->mask) {
        if (!t->slots[i]) {
            w->vertex[w->vertices_n] = p;
            w->beside[w->vertices_n][0] = w->beside[w->vertices_n][1] = DRAWING_NONE;
            t->slots[i] = ++w->vertices_n;
            return w->vertices_n - 1;
        }
        if (same(w->vertex[t->slots[i] - 1], p))
            return t->slots[i] - 1;
    }
}

/* A vertex with other than two different neighbours over all rings is a node: there arcs begin and
 * end. */
static void beside_add(struct drawing_work *w, uint32_t v, uint32_t neighbour)
{
    uint32_t *beside = w->beside[v];
    if (beside[0] == neighbour || beside[1] == neighbour)
        return;
    if (beside[0] == DRAWING_NONE)
        beside[0] = neighbour;
    else if (beside[1] == DRAWING_NONE)
        beside[1] = neighbour;
    else
        w->flags[v] |= VERTEX_NODE;
}

static void ring_add(struct drawing_work *w, struct vertex_table *t, struct drawing_point *p,
                     uint32_t n, bool hole)
{
    struct drawing_ring *ring = &w->rings[w->rings_n];
    if (n < 3) {
        if (hole || n == 0)
            return;
        while (n < 3) {
            p[n] = p[n - 1];
            n++;
        }
        ring->flat = true;
    }
    double area = ring_area2(p, n);
    if (hole && area == 0)
        return;
    if ((area < 0) != hole)
        ring_reverse(p, n);
    uint32_t first = ring_first(p, n);
    ring->start = w->positions_n;
    ring->n = n;
    ring->hole = hole;
    ring->witness = DRAWING_NONE;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = vertex_of(w, t, p[first + i < n ? first + i : first + i - n]);
        w->at[w->positions_n++] = v;
        if (w->seen[v] == w->features_n + 1)
            w->flags[v] |= VERTEX_SHARED;
        w->seen[v] = w->features_n + 1;
    }
    const uint32_t *at = w->at + ring->start;
    for (uint32_t i = 0; i < n && !ring->flat; i++) {
        beside_add(w, at[i], at[i ? i - 1 : n - 1]);
        beside_add(w, at[i], at[i + 1 < n ? i + 1 : 0]);
    }
    w->rings_n++;
}

static void feature_add(struct drawing_work *w, struct vertex_table *t, const struct boundary *b,
                        struct drawing_point *scratch)
{
    for (uint32_t part = 0, ring = 0; part < b->parts_n; part++) {
        uint32_t first = ring, rings_n = w->rings_n;
        for (; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            uint32_t n = ring_project(b->points + start, b->ring_end[ring] - start, scratch);
            if (ring == first || w->rings_n > rings_n) /* no holes without an exterior */
                ring_add(w, t, scratch, n, ring != first);
        }
    }
    w->feature_end[w->features_n++] = w->rings_n;
}

static bool work_alloc(struct drawing_work *w, size_t points, size_t rings, size_t features,
                       size_t longest, struct vertex_table *t)
{
    size_t room = points + 3 * rings; /* flat rings are padded to three points */
    uint32_t slots = 16;
    while (slots < room + room / 2)
        slots *= 2;
    w->vertex = arena_array(w->a, room, sizeof *w->vertex);
    w->importance = arena_array(w->a, room, sizeof *w->importance);
    w->beside = arena_array(w->a, room, sizeof *w->beside);
    w->seen = arena_array(w->a, room, sizeof *w->seen);
    w->rank = arena_alloc(w->a, room);
    w->flags = arena_alloc(w->a, room);
    w->at = arena_array(w->a, room, sizeof *w->at);
    w->rings = arena_array(w->a, rings, sizeof *w->rings);
    w->feature_end = arena_array(w->a, features, sizeof *w->feature_end);
    w->dirty = arena_alloc(w->a, features);
    w->arc_x = arena_array(w->a, longest + 1, sizeof *w->arc_x);
    w->arc_y = arena_array(w->a, longest + 1, sizeof *w->arc_y);
    w->arc_vertex = arena_array(w->a, longest + 1, sizeof *w->arc_vertex);
    t->slots = arena_array(w->a, slots, sizeof *t->slots);
    t->mask = slots - 1;
    return w->vertex && w->importance && w->beside && w->seen && w->rank && w->flags && w->at &&
           w->rings && w->feature_end && w->dirty && w->arc_x && w->arc_y && w->arc_vertex &&
           t->slots;
}

static enum status work_build(struct drawing_work *w, const struct boundary *features, size_t n,
                              struct error *e)
{
    size_t points = 0, rings = 0, longest = 0;
    for (size_t i = 0; i < n; i++) {
        points += features[i].points_n;
        rings += features[i].rings_n;
        for (uint32_t r = 0; r < features[i].rings_n; r++) {
            size_t length = features[i].ring_end[r] - boundary_ring_start(&features[i], r);
            longest = length > longest ? length : longest;
        }
    }
    if (points + 3 * rings > INT32_MAX / 2 || n > INT32_MAX)
        return error_set(e, STATUS_LIMIT, "drawing_too_big", "Split the layer.",
                         "A layer of %zu points is too big to draw.", points);
    struct vertex_table table;
    struct drawing_point *scratch = arena_array(w->a, longest + 3, sizeof *scratch);
    if (!scratch || !work_alloc(w, points, rings, n, longest + 3, &table))
        return error_memory(e);
    for (size_t i = 0; i < n; i++)
        feature_add(w, &table, &features[i], scratch);
    for (uint32_t v = 0; v < w->vertices_n; v++)
        if (w->beside[v][1] == DRAWING_NONE)
            w->flags[v] |= VERTEX_NODE; /* the tip of a spike */
    return STATUS_OK;
}

/* Features per vertex, so that a rank lowered for one feature is looked at again in its neighbours.
 */
static enum status work_uses(struct drawing_work *w, struct error *e)
{
    w->use_end = arena_array(w->a, w->vertices_n, sizeof *w->use_end);
    w->use_feature = arena_array(w->a, w->positions_n, sizeof *w->use_feature);
    if (!w->use_end || !w->use_feature)
        return error_memory(e);
    for (uint32_t i = 0; i < w->positions_n; i++)
        w->use_end[w->at[i]]++;
    for (uint32_t v = 0, sum = 0; v < w->vertices_n; v++) {
        uint32_t count = w->use_end[v];
        w->use_end[v] = sum; /* its start; filling moves it to its end */
        sum += count;
    }
    for (uint32_t f = 0; f < w->features_n; f++)
        for (uint32_t r = drawing_feature_start(w, f); r < w->feature_end[f]; r++)
            for (uint32_t i = 0; i < w->rings[r].n; i++)
                w->use_feature[w->use_end[w->at[w->rings[r].start + i]]++] = f;
    return STATUS_OK;
}

/* ---- writing ---- */

/* Version and three counts; a ring's two counts; a point's rank and two steps of five bytes. */
enum { FEATURE_BYTES_MAX = 16, RING_BYTES_MAX = 10, POINT_BYTES_MAX = 11 };

static unsigned char *write_varint(unsigned char *p, uint32_t v)
{
    while (v >= 0x80) {
        *p++ = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    *p++ = (unsigned char)v;
    return p;
}

static unsigned char *write_step(unsigned char *p, int32_t step)
{
    return write_varint(p, (uint32_t)step << 1 ^ (uint32_t)(step >> 31));
}

static unsigned char *write_ring(unsigned char *p, const struct drawing_work *w,
                                 const struct drawing_ring *ring, struct drawing_point *last)
{
    p = write_varint(p, ring->n);
    for (uint32_t i = 0; i < ring->n; i++) {
        uint32_t v = w->at[ring->start + i];
        struct drawing_point at = w->vertex[v];
        *p++ = ring->flat ? 0 : w->rank[v];
        p = write_step(p, at.x - last->x);
        p = write_step(p, at.y - last->y);
        *last = at;
    }
    return p;
}

static enum status feature_write(const struct drawing_work *w, uint32_t feature,
                                 unsigned char *scratch, unsigned char **bytes, size_t *bytes_n,
                                 struct error *e)
{
    uint32_t first = drawing_feature_start(w, feature), end = w->feature_end[feature], parts = 0,
             points = 0;
    for (uint32_t r = first; r < end; r++) {
        parts += !w->rings[r].hole;
        points += w->rings[r].n;
    }
    struct drawing_point last = {0, 0};
    unsigned char *p = scratch;
    *p++ = DRAWING_FORMAT;
    p = write_varint(p, parts);
    p = write_varint(p, end - first);
    p = write_varint(p, points);
    for (uint32_t r = first; r < end;) {
        uint32_t next = r + 1;
        while (next < end && w->rings[next].hole)
            next++;
        p = write_varint(p, next - r);
        for (; r < next; r++)
            p = write_ring(p, w, &w->rings[r], &last);
    }
    *bytes_n = (size_t)(p - scratch);
    *bytes = arena_memdup(w->a, scratch, *bytes_n);
    return *bytes ? STATUS_OK : error_memory(e);
}

enum status drawing_encode_layer(const struct boundary *features, size_t n, struct arena *a,
                                 unsigned char **bytes, size_t *bytes_n, struct error *e)
{
    struct drawing_work w = {.a = a};
    enum status status = work_build(&w, features, n, e);
    if (!status && n > 1)
        status = work_uses(&w, e);
    if (status)
        return status;
    drawing_rank(&w);
    if ((status = drawing_keep_simple(&w, e)) != STATUS_OK)
        return status;
    size_t most = 0;
    for (uint32_t f = 0; f < w.features_n; f++) {
        size_t need = FEATURE_BYTES_MAX;
        for (uint32_t r = drawing_feature_start(&w, f); r < w.feature_end[f]; r++)
            need += RING_BYTES_MAX + POINT_BYTES_MAX * (size_t)w.rings[r].n;
        most = need > most ? need : most;
    }
    unsigned char *scratch = arena_alloc(a, most);
    if (n && !scratch)
        return error_memory(e);
    for (uint32_t f = 0; f < w.features_n && !status; f++)
        status = feature_write(&w, f, scratch, &bytes[f], &bytes_n[f], e);
    return status;
}

/* ---- a few rings without holes, as most plots are ---- */

/* Everything on the stack, and without the table of vertices: they all differ when the rings lie
 * apart and each goes round some point once. */
enum { FEW_RINGS = 4, FEW_POINTS = DRAWING_GLANCE_POINTS };
struct few {
    struct drawing_work work;
    struct drawing_ring rings[FEW_RINGS];
    struct grid_box {
        int32_t x0, y0, x1, y1;
    } boxes[FEW_RINGS];
    struct drawing_point projected[FEW_POINTS], vertex[FEW_POINTS];
    double importance[FEW_POINTS], arc_x[FEW_POINTS + 1], arc_y[FEW_POINTS + 1];
    uint32_t at[FEW_POINTS], arc_vertex[FEW_POINTS + 1], feature_end;
    uint8_t rank[FEW_POINTS], flags[FEW_POINTS];
    unsigned char
        bytes[FEATURE_BYTES_MAX + RING_BYTES_MAX * FEW_RINGS + POINT_BYTES_MAX * FEW_POINTS];
};

/* Is the ring's box apart from those before it? */
static bool few_apart(struct few *f, uint32_t ring, const struct drawing_point *p, uint32_t n)
{
    struct grid_box *box = &f->boxes[ring];
    *box = (struct grid_box){p[0].x, p[0].y, p[0].x, p[0].y};
    for (uint32_t i = 1; i < n; i++) {
        box->x0 = p[i].x < box->x0 ? p[i].x : box->x0;
        box->y0 = p[i].y < box->y0 ? p[i].y : box->y0;
        box->x1 = p[i].x > box->x1 ? p[i].x : box->x1;
        box->y1 = p[i].y > box->y1 ? p[i].y : box->y1;
    }
    for (uint32_t i = 0; i < ring; i++) {
        const struct grid_box *other = &f->boxes[i];
        if (box->x0 <= other->x1 && other->x0 <= box->x1 && box->y0 <= other->y1 &&
            other->y0 <= box->y1)
            return false;
    }
    return true;
}

/* What ring_add() makes of a ring whose vertices differ; false when it has no area. */
static bool few_add(struct few *f, struct drawing_point *p, uint32_t n)
{
    struct drawing_work *w = &f->work;
    double area = ring_area2(p, n);
    if (n < 3 || area == 0)
        return false;
    if (area < 0)
        ring_reverse(p, n);
    f->rings[w->rings_n++] =
        (struct drawing_ring){.start = w->positions_n, .n = n, .witness = DRAWING_NONE};
    for (uint32_t i = 0, first = ring_first(p, n); i < n; i++) {
        uint32_t v = w->positions_n++;
        f->vertex[v] = p[first + i < n ? first + i : first + i - n];
        f->at[v] = v;
        f->importance[v] = 0;
        f->flags[v] = 0;
    }
    w->vertices_n = w->positions_n;
    return true;
}

/* The same bytes as those of drawing_encode_layer; false where that has to look closer. */
static bool few_build(struct few *f, const struct boundary *b)
{
    if (b->rings_n > FEW_RINGS || b->parts_n != b->rings_n || b->points_n > FEW_POINTS)
        return false;
    f->work = (struct drawing_work){.vertex = f->vertex,
                                    .importance = f->importance,
                                    .rank = f->rank,
                                    .flags = f->flags,
                                    .arc_x = f->arc_x,
                                    .arc_y = f->arc_y,
                                    .arc_vertex = f->arc_vertex,
                                    .at = f->at,
                                    .rings = f->rings,
                                    .feature_end = &f->feature_end,
                                    .features_n = 1};
    for (uint32_t ring = 0; ring < b->rings_n; ring++) {
        uint32_t start = boundary_ring_start(b, ring);
        uint32_t n = ring_project(b->points + start, b->ring_end[ring] - start, f->projected);
        if ((b->rings_n > 1 && !few_apart(f, ring, f->projected, n)) ||
            !few_add(f, f->projected, n))
            return false;
    }
    f->feature_end = f->work.rings_n;
    drawing_rank(&f->work);
    return drawing_is_round(&f->work);
}

enum status drawing_encode(const struct boundary *b, struct arena *a, unsigned char **bytes,
                           size_t *bytes_n, struct error *e)
{
    struct few few;
    if (!few_build(&few, b))
        return drawing_encode_layer(b, 1, a, bytes, bytes_n, e);
    few.work.a = a;
    return feature_write(&few.work, 0, few.bytes, bytes, bytes_n, e);
}
