/* The two ends of a walk: a tail that runs on past the start is cut where it comes nearest to it,
 * and the gap is closed. */
#include <math.h>

#include "geo/walk_work.h"

/* ---- the tail over the head ---- */

struct head {
    uint32_t n;   /* vertices of the beginning that are looked at */
    double *at_m; /* metres from the start to each */
};

static bool head_measure(struct walk_work *w, struct head *h)
{
    double reach = w->rules->overlap_share * walk_length_m(w);
    h->at_m = arena_array(w->arena, (size_t)w->n + 1, sizeof *h->at_m);
    if (!h->at_m)
        return !(w->memory = true);
    for (h->n = 1; h->n < w->n; h->n++) {
        h->at_m[h->n] = h->at_m[h->n - 1] + walk_distance(&w->v[h->n - 1], &w->v[h->n]);
        if (h->at_m[h->n] > reach)
            break;
    }
    return true;
}

/* Where on the head p lies, in metres from the start; negative when it is farther from it than
 * `near` m. Looks from edge `from` backwards, because the tail is followed backwards, and takes the
 * nearest place. */
static double place_on_head(const struct walk_work *w, const struct head *h,
                            const struct walk_vertex *p, uint32_t *from, double near)
{
    double best = near, place = -1;
    uint32_t found = *from;
    for (uint32_t i = *from; i >= 1; i--) {
        double along, d = walk_segment_distance(p, &w->v[i - 1], &w->v[i], &along);
        if (d < best) {
            best = d;
            place = h->at_m[i - 1] + along * (h->at_m[i] - h->at_m[i - 1]);
            found = i;
        }
        if (place >= 0 && h->at_m[i] < place - 4 * near)
            break; /* the head has moved on */
    }
    *from = found;
    return place;
}

/* Follows the end of the walk backwards while it lies on the head and nearer and nearer to the
 * start. Returns the first vertex of that tail; w->n when there is none. */
static uint32_t tail_over_head(const struct walk_work *w, const struct head *h, double near,
                               double *walked_m)
{
    uint32_t tail = w->n, from = h->n - 1, head_n = h->n;
    double last = INFINITY;
    *walked_m = 0;
    for (uint32_t k = w->n - 1; k >= head_n && from >= 1; k--) {
        double place = place_on_head(w, h, &w->v[k], &from, near);
        if (place < 0 || place > last + near)
            break;
        if (tail == w->n)
            *walked_m = place;
        tail = k;
        last = place;
        if (place <= 0)
            break;
    }
    return tail;
}

void walk_overlap(struct walk_work *w)
{
    double near = w->rules->close_sigmas * w->sigma_m, walked;
    struct head h;
    if (w->n < 8 || !head_measure(w, &h) || h.n < 2)
        return;
    uint32_t tail = tail_over_head(w, &h, near, &walked);
    if (tail >= w->n || walked <= near)
        return;
    /* Nearest approach to the start among the tail and the edge that leads to it. */
    uint32_t cut = w->n - 1;
    double best = INFINITY;
    for (uint32_t k = tail > 1 ? tail - 1 : 1; k < w->n; k++) {
        double d = walk_distance(&w->v[k], &w->v[0]);
        if (d < best) {
            best = d;
            cut = k;
        }
    }
    if (cut + 1 >= w->n || cut < 3)
        return;
    double before = walk_area_m2(w);
    uint32_t dropped = w->n - 1 - cut;
    struct lonlat place = w->v[cut].at;
    w->n = cut + 1;
    walk_note(w, WALK_OVERLAP, dropped, place, walked, walk_area_m2(w) - before);
}

/* ---- closing ---- */

void walk_close(struct walk_work *w)
{
    enum { SAME_MM = 500 }; /* no two vertices of a boundary lie closer (GEO.md 2.4, 8) */
    if (w->n < 3)
        return;
    double gap = walk_distance(&w->v[w->n - 1], &w->v[0]), length = walk_length_m(w);
    struct lonlat place = w->v[w->n - 1].at;
    if (gap * 1000 < SAME_MM) { /* the first stands for both */
        w->n--;
        return;
    }
    bool near = gap <= w->rules->close_sigmas * w->sigma_m || gap <= w->rules->close_share * length;
    walk_note(w, near ? WALK_CLOSED : WALK_OPEN, 1, place, gap, NAN);
}
