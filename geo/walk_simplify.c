/* Leaving out vertices that say less than the noise: Douglas-Peucker (1973) on the closed ring,
 * from two anchors that do not depend on where the walk began, with a tolerance halved until the
 * area moves by no more than the rules allow. */
#include <math.h>
#include <string.h>

#include "geo/walk_work.h"

enum { HALVINGS = 12, VERTICES_MAX = 20000 /* the worst case is quadratic */ };

struct span {
    uint32_t from, to; /* vertices counted round the ring from the anchor */
};

struct simplify {
    const struct walk_vertex *v;
    uint32_t n, anchor;
    bool *keep; /* by place from the anchor */
    struct span *stack;
};

static const struct walk_vertex *place(const struct simplify *s, uint32_t k)
{
    return &s->v[(s->anchor + k) % s->n];
}

static uint32_t farthest_from(const struct simplify *s, const struct walk_vertex *p)
{
    uint32_t best = 0;
    double most = -1;
    for (uint32_t k = 0; k < s->n; k++) {
        double d = walk_distance(p, place(s, k));
        if (d > most) {
            most = d;
            best = k;
        }
    }
    return best;
}

static void split(struct simplify *s, struct span first, double tolerance)
{
    uint32_t top = 0;
    s->stack[top++] = first;
    while (top) {
        struct span span = s->stack[--top];
        double most = tolerance;
        uint32_t at = 0;
        for (uint32_t k = span.from + 1; k < span.to; k++) {
            double d =
                walk_segment_distance(place(s, k), place(s, span.from), place(s, span.to), NULL);
            if (d > most) {
                most = d;
                at = k;
            }
        }
        if (!at)
            continue;
        s->keep[at] = true;
        s->stack[top++] = (struct span){span.from, at};
        s->stack[top++] = (struct span){at, span.to};
    }
}

/* The ring with this tolerance, in the order of the walk. */
static uint32_t simplified(struct simplify *s, uint32_t opposite, double tolerance,
                           struct walk_vertex *out)
{
    memset(s->keep, 0, s->n * sizeof *s->keep);
    s->keep[0] = s->keep[opposite] = true;
    split(s, (struct span){0, opposite}, tolerance);
    split(s, (struct span){opposite, s->n}, tolerance);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->keep[(i + s->n - s->anchor) % s->n])
            out[n++] = s->v[i];
    return n;
}

static double budget_m2(struct walk_work *w, double area)
{
    struct lonlat *ring = arena_array(w->arena, (size_t)w->n + 1, sizeof *ring);
    double *sigma = arena_array(w->arena, w->n, sizeof *sigma),
           *time = arena_array(w->arena, w->n, sizeof *time);
    struct uncertainty u = {0, 0};
    if (!ring || !sigma || !time) {
        w->memory = true;
        return 0;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        ring[i] = w->v[i].at;
        sigma[i] = w->v[i].sigma_m;
        time[i] = w->v[i].time_s;
    }
    ring[w->n] = ring[0];
    uncertainty_add_ring(&u, ring, w->n + 1, sigma, time, &w->rules->model);
    return fmin(w->rules->simplify_se_share * uncertainty_se_measured_m2(&u),
                w->rules->simplify_area_share * area);
}

static bool crosses_itself(struct walk_work *w)
{
    struct walk_crossing c;
    bool complete;
    return walk_crossings(w, &c, 1, &complete) || !complete;
}

void walk_simplify(struct walk_work *w)
{
    double area = walk_area_m2(w);
    struct simplify s = {.v = w->v, .n = w->n};
    if (!(w->rules->simplify_sigmas > 0) || w->n < 5 || w->n > VERTICES_MAX || crosses_itself(w))
        return;
    s.keep = arena_array(w->arena, (size_t)w->n + 1, sizeof *s.keep);
    s.stack = arena_array(w->arena, 2 * ((size_t)w->n + 2), sizeof *s.stack);
    struct walk_vertex *all = w->v, *out = arena_array(w->arena, w->n, sizeof *out);
    if (!s.keep || !s.stack || !out) {
        w->memory = true;
        return;
    }
    for (uint32_t i = 1; i < w->n; i++)
        if (all[i].x < all[s.anchor].x ||
            (all[i].x == all[s.anchor].x && all[i].y < all[s.anchor].y))
            s.anchor = i;
    uint32_t opposite = farthest_from(&s, place(&s, 0)), before = w->n;
    double budget = budget_m2(w, area), tolerance = w->rules->simplify_sigmas * w->sigma_m;
    for (int i = 0; i < HALVINGS && !w->memory; i++, tolerance /= 2) {
        uint32_t n = simplified(&s, opposite, tolerance, out);
        if (n == before)
            return;
        w->v = out;
        w->n = n;
        double moved = walk_area_m2(w) - area;
        if (n >= 4 && fabs(moved) <= budget && !crosses_itself(w)) {
            walk_note(w, WALK_SIMPLIFIED, before - n, (struct lonlat){NAN, NAN}, tolerance, moved);
            return;
        }
        w->v = all;
        w->n = before;
    }
}
