/* No zoom may show a ring that crosses itself or a hole outside its exterior: ranks are lowered
 * until that holds.
 *
 * Zooms are looked at from coarse to fine; a vertex lowered at zoom z changes only z and finer
 * ones, so one pass over the zooms is enough. At each zoom the drawn segments of a feature are
 * swept along the axis on which they overlap less; where two of them meet (other than at a common
 * end), the farthest hidden vertex of each is drawn from this zoom on, and the feature is looked at
 * again. In the end a segment hides nothing: it is the boundary's own, and where the boundary
 * itself touches (after its projection to the grid) nothing more can be done. Rings that change
 * sides without crossing are found by a ray from one fixed vertex of each ring, the witness: which
 * rings lie around it must be what it is with all vertices. The work is bounded: a feature that
 * takes too many comparisons is drawn whole from that zoom on.
 *
 * Most plots are seen to be simple at a glance: from one point inside, their vertices go round
 * once. */
#include <stdlib.h>

#include "geo/drawing_work.h"

enum { PASSES_MAX = 100 };

/* A drawn segment between two positions of a ring, or (from == DRAWING_NONE) a witness. u is the
 * axis of the sweep. */
struct segment {
    int32_t u0, u1, w0, w1; /* its box */
    uint32_t ring, from, to;
};

struct sweep {
    struct drawing_work *w;
    uint32_t feature;
    int zoom;
    bool swap; /* u is y */
    struct segment *segments;
    uint32_t segments_n;
    bool changed;
    uint64_t budget;
    struct feature_state *features;
    uint64_t *around, *expected; /* per ring: the names of the rings around its witness, xor-ed */
};

struct feature_state {
    uint32_t levels; /* bit r: some vertex has rank r */
    bool prepared, swap;
    uint64_t budget; /* comparisons left */
};

static int64_t turn(struct drawing_point a, struct drawing_point b, struct drawing_point c)
{
    return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

static struct drawing_point point_at(const struct sweep *s, uint32_t ring, uint32_t position)
{
    const struct drawing_work *w = s->w;
    return w->vertex[w->at[w->rings[ring].start + position]];
}

static uint32_t vertex_at(const struct sweep *s, uint32_t ring, uint32_t position)
{
    return s->w->at[s->w->rings[ring].start + position];
}

/* ---- lowering ---- */

static void lower(struct sweep *s, uint32_t vertex)
{
    struct drawing_work *w = s->w;
    w->rank[vertex] = (uint8_t)s->zoom;
    s->changed = true;
    if (w->use_end)
        for (uint32_t i = vertex ? w->use_end[vertex - 1] : 0; i < w->use_end[vertex]; i++)
            w->dirty[w->use_feature[i]] = 1;
}

/* Draws the hidden vertex farthest from the segment; nothing when none is hidden (any more). */
static void refine(struct sweep *s, const struct segment *g)
{
    const uint32_t n = s->w->rings[g->ring].n;
    const struct drawing_point a = point_at(s, g->ring, g->from), b = point_at(s, g->ring, g->to);
    const double dx = b.x - a.x, dy = b.y - a.y;
    double best = -1;
    uint32_t vertex = DRAWING_NONE;
    for (uint32_t k = g->from + 1 < n ? g->from + 1 : 0; k != g->to; k = k + 1 < n ? k + 1 : 0) {
        struct drawing_point p = point_at(s, g->ring, k);
        if (s->w->rank[vertex_at(s, g->ring, k)] <= s->zoom)
            return; /* refined already in this pass */
        double px = p.x - a.x, py = p.y - a.y, qx = p.x - b.x, qy = p.y - b.y, d;
        double along = px * dx + py * dy, length2 = dx * dx + dy * dy, across = px * dy - py * dx;
        if (along <= 0)
            d = px * px + py * py;
        else
            d = along >= length2 ? qx * qx + qy * qy : across * across / length2;
        if (d > best) {
            best = d;
            vertex = vertex_at(s, g->ring, k);
        }
    }
    if (vertex != DRAWING_NONE)
        lower(s, vertex);
}

static void draw_whole(struct sweep *s)
{
    for (uint32_t r = drawing_feature_start(s->w, s->feature); r < s->w->feature_end[s->feature];
         r++)
        for (uint32_t i = 0; i < s->w->rings[r].n; i++)
            if (s->w->rank[vertex_at(s, r, i)] > s->zoom)
                lower(s, vertex_at(s, r, i));
}

/* ---- crossings ---- */

static bool on_segment(struct drawing_point a, struct drawing_point b, struct drawing_point p)
{
    return (a.x < b.x ? a.x <= p.x && p.x <= b.x : b.x <= p.x && p.x <= a.x) &&
           (a.y < b.y ? a.y <= p.y && p.y <= b.y : b.y <= p.y && p.y <= a.y);
}

static bool meet(struct drawing_point a, struct drawing_point b, struct drawing_point c,
                 struct drawing_point d)
{
    int64_t abc = turn(a, b, c), abd = turn(a, b, d), cda = turn(c, d, a), cdb = turn(c, d, b);
    if (((abc > 0 && abd < 0) || (abc < 0 && abd > 0)) &&
        ((cda > 0 && cdb < 0) || (cda < 0 && cdb > 0)))
        return true;
    return (abc == 0 && on_segment(a, b, c)) || (abd == 0 && on_segment(a, b, d)) ||
           (cda == 0 && on_segment(c, d, a)) || (cdb == 0 && on_segment(c, d, b));
}

/* Segments that leave a common end the same way lie on each other. */
static bool overlap_from(struct drawing_point common, struct drawing_point p,
                         struct drawing_point q)
{
    int64_t along =
        (int64_t)(p.x - common.x) * (q.x - common.x) + (int64_t)(p.y - common.y) * (q.y - common.y);
    return along > 0 && turn(common, p, q) == 0;
}

static bool conflict(const struct sweep *s, const struct segment *g, const struct segment *h)
{
    const uint32_t a = vertex_at(s, g->ring, g->from), b = vertex_at(s, g->ring, g->to);
    const uint32_t c = vertex_at(s, h->ring, h->from), d = vertex_at(s, h->ring, h->to);
    const struct drawing_point *p = s->w->vertex;
    if ((a == c && b == d) || (a == d && b == c))
        return true; /* harmless when neither hides anything: then refine() does nothing */
    if (a == c)
        return overlap_from(p[a], p[b], p[d]);
    if (a == d)
        return overlap_from(p[a], p[b], p[c]);
    if (b == c)
        return overlap_from(p[b], p[a], p[d]);
    if (b == d)
        return overlap_from(p[b], p[a], p[c]);
    return meet(p[a], p[b], p[c], p[d]);
}

/* ---- sides ---- */

static uint64_t ring_name(uint32_t ring)
{
    uint64_t h = (ring + 1) * 0x9E3779B97F4A7C15u;
    h ^= h >> 31;
    return (h * 0xD6E8FEB86659FD93u) ^ (h >> 27);
}

/* Whether the ray from p towards greater y (greater x when swapped) crosses the segment a-b. */
static bool ray_crosses(struct drawing_point p, struct drawing_point a, struct drawing_point b,
                        bool swap)
{
    if (swap) {
        p = (struct drawing_point){p.y, p.x};
        a = (struct drawing_point){a.y, a.x};
        b = (struct drawing_point){b.y, b.x};
    }
    if ((a.x > p.x) == (b.x > p.x))
        return false;
    return a.x < b.x ? turn(a, b, p) < 0 : turn(b, a, p) < 0;
}

/* The witness of ring `of` is on the other side of ring `ring` than with all vertices: refines
 * where it changed sides. */
static void refine_side(struct sweep *s, uint32_t of, uint32_t ring)
{
    const struct drawing_ring *r = &s->w->rings[ring];
    const struct drawing_point p = s->w->vertex[s->w->rings[of].witness];
    for (uint32_t g = 0; g < s->segments_n; g++) {
        const struct segment *seg = &s->segments[g];
        if (seg->from == DRAWING_NONE || seg->ring != ring)
            continue;
        /* inside what lies between the segment and the boundary it stands for? */
        bool odd =
            ray_crosses(p, point_at(s, ring, seg->from), point_at(s, ring, seg->to), s->swap);
        for (uint32_t k = seg->from; k != seg->to;) {
            uint32_t next = k + 1 < r->n ? k + 1 : 0;
            odd ^= ray_crosses(p, point_at(s, ring, k), point_at(s, ring, next), s->swap);
            k = next;
        }
        if (odd)
            refine(s, seg);
    }
    s->budget -= s->budget < r->n + s->segments_n ? s->budget : r->n + s->segments_n;
}

static void refine_sides(struct sweep *s)
{
    uint32_t first = drawing_feature_start(s->w, s->feature), end = s->w->feature_end[s->feature];
    for (uint32_t of = first; of < end && s->budget; of++) {
        if (s->w->rings[of].witness == DRAWING_NONE || s->around[of] == s->expected[of])
            continue;
        for (uint32_t ring = first; ring < end && s->budget; ring++)
            if (ring != of && !s->w->rings[ring].flat)
                refine_side(s, of, ring);
    }
}

/* ---- the sweep ---- */

static void segment_add(struct sweep *s, uint32_t ring, uint32_t from, uint32_t to,
                        struct drawing_point a, struct drawing_point b)
{
    if (s->swap) {
        a = (struct drawing_point){a.y, a.x};
        b = (struct drawing_point){b.y, b.x};
    }
    s->segments[s->segments_n++] = (struct segment){.u0 = a.x < b.x ? a.x : b.x,
                                                    .u1 = a.x < b.x ? b.x : a.x,
                                                    .w0 = a.y < b.y ? a.y : b.y,
                                                    .w1 = a.y < b.y ? b.y : a.y,
                                                    .ring = ring,
                                                    .from = from,
                                                    .to = to};
}

/* Everything drawn of the feature at the zoom, and the witnesses. */
static void segments_fill(struct sweep *s)
{
    const struct drawing_work *w = s->w;
    s->segments_n = 0;
    for (uint32_t r = drawing_feature_start(w, s->feature); r < w->feature_end[s->feature]; r++) {
        const struct drawing_ring *ring = &w->rings[r];
        uint32_t first = DRAWING_NONE, last = DRAWING_NONE;
        for (uint32_t i = 0; i < ring->n && !ring->flat; i++) {
            if (w->rank[vertex_at(s, r, i)] > s->zoom)
                continue;
            if (last == DRAWING_NONE)
                first = i;
            else
                segment_add(s, r, last, i, point_at(s, r, last), point_at(s, r, i));
            last = i;
        }
        if (last != first)
            segment_add(s, r, last, first, point_at(s, r, last), point_at(s, r, first));
        if (ring->witness != DRAWING_NONE)
            segment_add(s, r, DRAWING_NONE, 0, w->vertex[ring->witness], w->vertex[ring->witness]);
    }
}

static int by_start(const void *a, const void *b)
{
    const struct segment *g = a, *h = b;
    if (g->u0 != h->u0)
        return g->u0 < h->u0 ? -1 : 1;
    if (g->ring != h->ring)
        return g->ring < h->ring ? -1 : 1;
    return g->from < h->from ? -1 : g->from > h->from;
}

static void pair(struct sweep *s, const struct segment *g, const struct segment *h)
{
    if (g->from == DRAWING_NONE) {
        const struct segment *t = g;
        g = h;
        h = t;
    }
    if (h->from != DRAWING_NONE) {
        if (g->w0 <= h->w1 && h->w0 <= g->w1 && conflict(s, g, h)) {
            refine(s, g);
            refine(s, h);
        }
    } else if (g->from != DRAWING_NONE && g->ring != h->ring && g->w1 >= h->w0) {
        struct drawing_point p = s->w->vertex[s->w->rings[h->ring].witness];
        if (ray_crosses(p, point_at(s, g->ring, g->from), point_at(s, g->ring, g->to), s->swap))
            s->around[h->ring] ^= ring_name(g->ring);
    }
}

/* Every pair of segments that overlap along u, once. False when the budget is used up. */
static bool sweep_pairs(struct sweep *s)
{
    qsort(s->segments, s->segments_n, sizeof *s->segments, by_start);
    for (uint32_t i = 0; i < s->segments_n; i++) {
        const struct segment *g = &s->segments[i];
        uint32_t j = i + 1;
        for (; j < s->segments_n && s->segments[j].u0 <= g->u1; j++)
            pair(s, g, &s->segments[j]);
        if (s->budget < j - i)
            return false;
        s->budget -= j - i;
    }
    return true;
}

/* The middle of the ring's vertices that are drawn at a zoom (at least one is), and how many. */
static struct drawing_point middle_of(const struct drawing_work *w, const struct drawing_ring *ring,
                                      int zoom, uint32_t *drawn_n)
{
    int64_t x = 0, y = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < ring->n; i++) {
        uint32_t v = w->at[ring->start + i];
        if (w->rank[v] > zoom)
            continue;
        x += w->vertex[v].x;
        y += w->vertex[v].y;
        n++;
    }
    *drawn_n = n;
    return (struct drawing_point){(int32_t)(x / n), (int32_t)(y / n)};
}

/* Seen from `middle`, do the vertices drawn at a zoom go round exactly once, always forward? Then
 * the ring is simple. */
static bool goes_round(const struct drawing_work *w, const struct drawing_ring *ring, int zoom,
                       struct drawing_point middle)
{
    uint32_t i = 0, last = ring->n - 1, rounds = 0;
    while (w->rank[w->at[ring->start + last]] > zoom)
        last--;
    struct drawing_point from = w->vertex[w->at[ring->start + last]];
    for (; i <= last; i++) {
        uint32_t v = w->at[ring->start + i];
        if (w->rank[v] > zoom)
            continue;
        struct drawing_point to = w->vertex[v];
        int64_t t = turn(middle, from, to);
        if (ring->hole ? t <= 0 : t >= 0)
            return false;
        rounds += from.y <= middle.y && to.y > middle.y;
        from = to;
    }
    return rounds == 1;
}

static bool star_shaped(const struct sweep *s, uint32_t r)
{
    const struct drawing_ring *ring = &s->w->rings[r];
    uint32_t n;
    struct drawing_point middle = middle_of(s->w, ring, s->zoom, &n);
    return n <= DRAWING_GLANCE_POINTS && goes_round(s->w, ring, s->zoom, middle);
}

/* From the middle of what zoom 0 draws, all vertices go round once, and the steps of those of zoom
 * 0 are less than half a turn: then the steps of what a zoom between them draws are too. */
bool drawing_is_round(const struct drawing_work *w)
{
    for (uint32_t r = 0; r < w->rings_n; r++) {
        const struct drawing_ring *ring = &w->rings[r];
        uint32_t n;
        struct drawing_point middle = middle_of(w, ring, 0, &n);
        if (!goes_round(w, ring, 0, middle) || !goes_round(w, ring, DRAWING_ZOOM_MAX, middle))
            return false;
    }
    return true;
}

/* Fills the segments and compares them; false when the budget is used up. */
static bool feature_sweep(struct sweep *s, uint32_t first, uint32_t end)
{
    for (uint32_t r = first; r < end; r++)
        s->around[r] = 0;
    segments_fill(s);
    return sweep_pairs(s);
}

/* What is decided once per feature, from all its vertices: the axis of the sweep and who lies
 * inside whom. */
static bool feature_prepare(struct sweep *s, struct feature_state *f, uint32_t first, uint32_t end)
{
    double u = 0, w = 0;
    int32_t u0 = INT32_MAX, u1 = 0, w0 = INT32_MAX, w1 = 0;
    const int zoom = s->zoom;
    bool enough = true;
    s->zoom = DRAWING_ZOOM_MAX;
    s->swap = false;
    segments_fill(s);
    for (uint32_t i = 0; i < s->segments_n; i++) {
        const struct segment *g = &s->segments[i];
        u += g->u1 - g->u0;
        w += g->w1 - g->w0;
        u0 = g->u0 < u0 ? g->u0 : u0;
        u1 = g->u1 > u1 ? g->u1 : u1;
        w0 = g->w0 < w0 ? g->w0 : w0;
        w1 = g->w1 > w1 ? g->w1 : w1;
    }
    f->swap = s->swap = u * (w1 - w0) > w * (u1 - u0);
    f->prepared = true;
    if (end - first > 1) {
        enough = feature_sweep(s, first, end);
        for (uint32_t r = first; r < end; r++)
            s->expected[r] = s->around[r];
    }
    s->zoom = zoom;
    return enough;
}

static void feature_simple(struct sweep *s)
{
    const uint32_t first = drawing_feature_start(s->w, s->feature),
                   end = s->w->feature_end[s->feature];
    struct feature_state *f = &s->features[s->feature];
    if (end - first == 1 && star_shaped(s, first))
        return;
    s->budget = f->budget;
    s->swap = f->swap;
    bool done = false, enough = f->prepared || feature_prepare(s, f, first, end);
    for (int pass = 0; pass < PASSES_MAX && enough && !done; pass++) {
        s->changed = false;
        enough = feature_sweep(s, first, end);
        if (enough && !s->changed && end - first > 1)
            refine_sides(s);
        done = enough && !s->changed;
    }
    f->budget = s->budget;
    if (!done)
        draw_whole(s);
}

static bool sweep_alloc(struct sweep *s)
{
    struct drawing_work *w = s->w;
    uint32_t most = 0;
    s->features = arena_array(w->a, w->features_n, sizeof *s->features);
    s->around = arena_array(w->a, w->rings_n, sizeof *s->around);
    s->expected = arena_array(w->a, w->rings_n, sizeof *s->expected);
    if (!s->features || !s->around || !s->expected)
        return false;
    for (uint32_t f = 0; f < w->features_n; f++) {
        uint32_t room = 0;
        for (uint32_t r = drawing_feature_start(w, f); r < w->feature_end[f]; r++) {
            const struct drawing_ring *ring = &w->rings[r];
            room += ring->n + 1;
            for (uint32_t i = 0; i < ring->n && !ring->flat; i++)
                s->features[f].levels |= 1u << w->rank[w->at[ring->start + i]];
        }
        s->features[f].budget = 100000 + (uint64_t)room * 2000;
        most = room > most ? room : most;
    }
    s->segments = arena_array(w->a, most, sizeof *s->segments);
    return s->segments;
}

enum status drawing_keep_simple(struct drawing_work *w, struct error *e)
{
    struct sweep s = {.w = w};
    if (!sweep_alloc(&s))
        return error_memory(e);
    for (s.zoom = 0; s.zoom < DRAWING_ZOOM_MAX; s.zoom++) {
        /* a feature is looked at where it draws more than a zoom before and less than everything */
        for (uint32_t f = 0; f < w->features_n; f++)
            w->dirty[f] = s.features[f].levels >> s.zoom > 1 &&
                          (s.zoom == 0 || s.features[f].levels >> s.zoom & 1);
        for (bool again = true; again;) {
            again = false;
            for (s.feature = 0; s.feature < w->features_n; s.feature++) {
                if (!w->dirty[s.feature])
                    continue;
                again = w->features_n > 1;
                feature_simple(&s);
                w->dirty[s.feature] =
                    0; /* it is simple now; what it lowered may have made a neighbour dirty */
            }
        }
    }
    return STATUS_OK;
}
