/* Where a walk crosses itself: finding the crossings, and leaving out loops too small to be ground.
 *
 * At a crossing the ring falls into two rings. The smaller is left out when its area is below max(1
 * % of the larger, sigma x its own perimeter): a border drawn with that noise makes such loops by
 * itself. Shortest loops go first, so that a loop within a loop is judged before the one around it.
 * Larger loops stay: whether they are ground is for a person to say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/walk_work.h"

enum { ROUNDS_MAX = 100, PAIRS_MAX = 20000000 };

/* ---- finding ---- */

struct edge {
    double west, east, south, north;
    uint32_t i;
};

static int by_west(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->west != y->west ? (x->west < y->west ? -1 : 1) : (x->i > y->i) - (x->i < y->i);
}

static int by_edges(const void *a, const void *b)
{
    const struct walk_crossing *x = a, *y = b;
    return x->i != y->i ? (x->i < y->i ? -1 : 1) : (x->j > y->j) - (x->j < y->j);
}

static double side(const struct walk_vertex *a, const struct walk_vertex *b,
                   const struct walk_vertex *p)
{
    return (b->x - a->x) * (p->y - a->y) - (p->x - a->x) * (b->y - a->y);
}

/* p, known to lie on the line ab, lies on the segment. */
static bool within(const struct walk_vertex *a, const struct walk_vertex *b,
                   const struct walk_vertex *p)
{
    return fmin(a->x, b->x) <= p->x && p->x <= fmax(a->x, b->x) && fmin(a->y, b->y) <= p->y &&
           p->y <= fmax(a->y, b->y);
}

static bool meet(const struct walk_vertex *a, const struct walk_vertex *b,
                 const struct walk_vertex *c, const struct walk_vertex *d,
                 struct walk_crossing *out)
{
    double ca = side(c, d, a), cb = side(c, d, b), ac = side(a, b, c), ad = side(a, b, d);
    if (((ca > 0 && cb < 0) || (ca < 0 && cb > 0)) && ((ac > 0 && ad < 0) || (ac < 0 && ad > 0))) {
        double t = ca / (ca - cb);
        out->x = a->x + t * (b->x - a->x);
        out->y = a->y + t * (b->y - a->y);
        return true;
    }
    const struct walk_vertex *touch = ca == 0 && within(c, d, a)   ? a
                                      : cb == 0 && within(c, d, b) ? b
                                      : ac == 0 && within(a, b, c) ? c
                                      : ad == 0 && within(a, b, d) ? d
                                                                   : NULL;
    if (touch) {
        out->x = touch->x;
        out->y = touch->y;
    }
    return touch != NULL;
}

uint32_t walk_crossings(struct walk_work *w, struct walk_crossing *out, uint32_t max,
                        bool *complete)
{
    uint32_t n = w->n, found = 0;
    uint64_t pairs = 0;
    struct edge *edges = malloc((size_t)n * sizeof *edges);
    *complete = edges != NULL;
    if (!edges) {
        w->memory = true;
        return 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct walk_vertex *a = &w->v[i], *b = &w->v[(i + 1) % n];
        edges[i] = (struct edge){fmin(a->x, b->x), fmax(a->x, b->x), fmin(a->y, b->y),
                                 fmax(a->y, b->y), i};
    }
    qsort(edges, n, sizeof *edges, by_west);
    for (uint32_t k = 0; k < n && *complete; k++)
        for (uint32_t m = k + 1; m < n && edges[m].west <= edges[k].east; m++) {
            if (++pairs > PAIRS_MAX || found == max) {
                *complete = false;
                break;
            }
            if (edges[m].south > edges[k].north || edges[m].north < edges[k].south)
                continue;
            uint32_t i = edges[k].i < edges[m].i ? edges[k].i : edges[m].i,
                     j = edges[k].i + edges[m].i - i;
            if (j == i + 1 || (i == 0 && j == n - 1))
                continue;
            struct walk_crossing *c = &out[found];
            if (meet(&w->v[i], &w->v[i + 1], &w->v[j], &w->v[(j + 1) % n], c)) {
                c->i = i;
                c->j = j;
                found++;
            }
        }
    free(edges);
    qsort(out, found, sizeof *out, by_edges);
    return found;
}

/* ---- leaving out ---- */

/* A loop: the vertices i+1..j (inner), or all others. */
struct loop {
    const struct walk_crossing *at;
    uint32_t span; /* vertices that would go */
    bool inner;
    double area_m2;
    bool small;
};

struct sums {
    double *twice, *metres; /* of edges 0..k-1, from the first vertex as origin */
};

static bool sums_make(struct walk_work *w, struct sums *s)
{
    const struct walk_vertex *v = w->v;
    for (uint32_t i = 0; i < w->n; i++) {
        const struct walk_vertex *a = &v[i], *b = &v[(i + 1) % w->n];
        s->twice[i + 1] =
            s->twice[i] + (a->x - v->x) * (b->y - v->y) - (b->x - v->x) * (a->y - v->y);
        s->metres[i + 1] = s->metres[i] + walk_distance(a, b);
    }
    return true;
}

static struct loop loop_of(const struct walk_work *w, const struct sums *s,
                           const struct walk_crossing *c)
{
    const struct walk_rules *r = w->rules;
    const struct walk_vertex *o = w->v, *first = &w->v[c->i + 1], *last = &w->v[c->j];
    double x = c->x - o->x, y = c->y - o->y;
    double inner2 = s->twice[c->j] - s->twice[c->i + 1] + (last->x - o->x) * y -
                    x * (last->y - o->y) + x * (first->y - o->y) - (first->x - o->x) * y;
    double whole2 = s->twice[w->n];
    double inner = fabs(inner2) / 2,
           outer = fabs(whole2 - inner2) / 2; /* cutting at the crossing loses nothing */
    double inner_m = s->metres[c->j] - s->metres[c->i + 1] + hypot(c->x - last->x, c->y - last->y) +
                     hypot(c->x - first->x, c->y - first->y);
    struct loop l = {.at = c, .inner = inner <= outer};
    uint32_t between = c->j - c->i;
    l.span = l.inner ? between : w->n - between;
    l.area_m2 = l.inner ? inner : outer;
    double whole = l.inner ? outer : inner, metres = l.inner ? inner_m : s->metres[w->n] - inner_m;
    double noise = fmin(w->sigma_m * metres, r->loop_share_most * whole);
    l.small = l.area_m2 < fmax(r->loop_share * whole, noise) || l.area_m2 == 0;
    return l;
}

static int by_span(const void *a, const void *b)
{
    const struct loop *x = a, *y = b;
    if (x->span != y->span)
        return x->span < y->span ? -1 : 1;
    return by_edges(x->at, y->at);
}

/* What one round has to work with; arrays from the heap, freed at the end of walk_loops. */
struct round {
    struct walk_crossing *crossings;
    struct loop *loops;
    bool *gone;      /* vertices */
    bool *taken;     /* edges that end at a crossing already used */
    uint32_t *joint; /* edge -> 1 + loop whose crossing point follows vertex i */
    struct walk_vertex *next;
    double *twice, *metres;
    uint32_t max;
};

/* Takes the loop out unless an earlier one of this round touches it. */
static bool take_out(const struct walk_work *w, struct round *r, uint32_t number)
{
    const struct loop *l = &r->loops[number];
    uint32_t i = l->at->i, j = l->at->j, n = w->n;
    uint32_t from = l->inner ? i + 1 : (j + 1) % n;
    if (r->taken[i] || r->taken[j])
        return false;
    for (uint32_t k = 0, v = from; k < l->span; k++, v = v + 1 == n ? 0 : v + 1)
        if (r->gone[v] || (k + 1 < l->span && r->taken[v]))
            return false;
    if (r->gone[l->inner ? i : j] || r->gone[l->inner ? (j + 1) % n : i + 1])
        return false;
    for (uint32_t k = 0, v = from; k < l->span; k++, v = v + 1 == n ? 0 : v + 1) {
        r->gone[v] = true;
        if (k + 1 < l->span)
            r->taken[v] = true;
    }
    r->taken[i] = r->taken[j] = true;
    r->joint[l->inner ? i : j] = number + 1;
    return true;
}

static void rebuild(struct walk_work *w, struct round *r)
{
    uint32_t out = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (r->gone[i])
            continue;
        r->next[out++] = w->v[i];
        if (!r->joint[i])
            continue;
        const struct walk_crossing *c = r->loops[r->joint[i] - 1].at;
        struct walk_vertex x = {
            .x = c->x, .y = c->y, .sigma_m = w->v[i].sigma_m, .time_s = w->v[i].time_s};
        x.at = walk_lonlat(w, x.x, x.y);
        if (hypot(x.x - w->v[i].x, x.y - w->v[i].y) > 1e-6)
            r->next[out++] = x;
    }
    while (out > 1 && r->next[out - 1].x == r->next[0].x && r->next[out - 1].y == r->next[0].y)
        out--;
    memcpy(w->v, r->next, out * sizeof *w->v);
    w->n = out;
}

struct found {
    uint32_t dropped;
    double dropped_most_m2, large_m2;
    struct lonlat dropped_at, large_at;
    uint32_t large;
    bool complete;
};

/* One round: false when nothing could be taken out. */
static bool loops_round(struct walk_work *w, struct round *r, struct found *f)
{
    uint32_t n = walk_crossings(w, r->crossings, r->max, &f->complete), taken = 0;
    struct sums s = {r->twice, r->metres};
    f->large = 0;
    f->large_m2 = 0;
    if (!n || w->memory || !sums_make(w, &s))
        return false;
    memset(r->gone, 0, w->n * sizeof *r->gone);
    memset(r->taken, 0, w->n * sizeof *r->taken);
    memset(r->joint, 0, w->n * sizeof *r->joint);
    for (uint32_t k = 0; k < n; k++)
        r->loops[k] = loop_of(w, &s, &r->crossings[k]);
    qsort(r->loops, n, sizeof *r->loops, by_span);
    for (uint32_t k = 0; k < n; k++) {
        const struct loop *l = &r->loops[k];
        struct lonlat at = walk_lonlat(w, l->at->x, l->at->y);
        if (!l->small) {
            f->large++;
            if (l->area_m2 > f->large_m2) {
                f->large_m2 = l->area_m2;
                f->large_at = at;
            }
        } else if (w->n > l->span + 2 && take_out(w, r, k)) {
            taken++;
            if (l->area_m2 >= f->dropped_most_m2) {
                f->dropped_most_m2 = l->area_m2;
                f->dropped_at = at;
            }
        }
    }
    f->dropped += taken;
    if (taken)
        rebuild(w, r);
    return taken > 0 && w->n >= 4;
}

static bool round_alloc(struct walk_work *w, struct round *r)
{
    /* Each round leaves out at least as many vertices as it adds, so the first round's sizes serve
     * all. */
    size_t n = (size_t)w->n + 2;
    r->max = 4 * w->n + 64;
    r->crossings = arena_array(w->arena, r->max, sizeof *r->crossings);
    r->loops = arena_array(w->arena, r->max, sizeof *r->loops);
    r->gone = arena_array(w->arena, n, sizeof *r->gone);
    r->taken = arena_array(w->arena, n, sizeof *r->taken);
    r->joint = arena_array(w->arena, n, sizeof *r->joint);
    r->next = arena_array(w->arena, 2 * n, sizeof *r->next);
    r->twice = arena_array(w->arena, n, sizeof *r->twice);
    r->metres = arena_array(w->arena, n, sizeof *r->metres);
    return r->crossings && r->loops && r->gone && r->taken && r->joint && r->next && r->twice &&
           r->metres;
}

void walk_loops(struct walk_work *w)
{
    struct round r = {0};
    struct found f = {.complete = true};
    struct walk_crossing probe;
    bool complete;
    if (w->n < 4 || (!walk_crossings(w, &probe, 1, &complete) && complete))
        return;
    if (w->memory || !round_alloc(w, &r)) {
        w->memory = true;
        return;
    }
    double before = walk_area_m2(w);
    for (int round = 0; round < ROUNDS_MAX && loops_round(w, &r, &f); round++)
        ;
    if (f.dropped)
        walk_note(w, WALK_LOOPS, f.dropped, f.dropped_at, f.dropped_most_m2,
                  walk_area_m2(w) - before);
    if (f.large)
        walk_note(w, WALK_LOOPS_LARGE, f.large, f.large_at, f.large_m2, NAN);
    if (!f.complete)
        walk_note(w, WALK_TANGLED, 1, w->v[0].at, NAN, NAN);
}
