/* The first steps of cleaning a walk: points that are no positions, that the receiver itself
 * doubts, standing still, jumps. */
#include <math.h>
#include <string.h>

#include "geo/slope.h"
#include "geo/walk_work.h"

static const struct lonlat NOWHERE = {NAN, NAN};

/* ---- range and accuracy ---- */

static bool usable(const struct walk_point *p)
{
    return fabs(p->at.lon) <= 180 && fabs(p->at.lat) <= 90 && !(p->at.lon == 0 && p->at.lat == 0);
}

static double sigma_of(const struct walk_work *w, const struct walk_point *p)
{
    double sigma = p->accuracy_m > 0 ? sigma_of_radius68_m(p->accuracy_m)
                   : p->hdop > 0     ? sigma_of_hdop_m(p->hdop)
                                     : w->rules->model.sigma_m;
    return fmin(fmax(sigma, 0.02), 1000);
}

static bool doubtful(const struct walk_rules *r, const struct walk_point *p)
{
    /* Receivers write 0 satellites and HDOP 0 or 99 for "not known". */
    return p->accuracy_m > r->accuracy_drop_m || (p->hdop > r->hdop_drop && p->hdop < 99) ||
           (p->satellites > 0 && p->satellites < r->satellites_min);
}

static bool middling(const struct walk_rules *r, const struct walk_point *p)
{
    return p->accuracy_m > r->accuracy_flag_m || (p->hdop > r->hdop_flag && p->hdop < 99);
}

struct tally {
    uint32_t n;
    struct lonlat place;
    double worst;
};

static void count(struct tally *t, const struct walk_point *p)
{
    double figure = p->accuracy_m > 0 ? p->accuracy_m : p->hdop;
    if (!t->n++) {
        t->place = p->at;
        t->worst = figure;
    }
    t->worst = fmax(t->worst, figure);
}

static void set_plane(struct walk_work *w, const struct walk_point *points, size_t n)
{
    double south = INFINITY, north = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (usable(&points[i])) {
            if (south == INFINITY)
                w->origin = points[i].at;
            south = fmin(south, points[i].at.lat);
            north = fmax(north, points[i].at.lat);
        }
    ground_m_per_degree(south <= north ? (south + north) / 2 : 0, &w->east_m, &w->north_m);
    w->east_m = fmax(w->east_m, 1e-3); /* at a pole */
}

/* Area of the closed ring of all usable points, to tell what leaving some out does. */
static double area_of_all(struct walk_work *w, const struct walk_point *points, size_t n)
{
    double sum = 0, x0 = 0, y0 = 0;
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if (!usable(&points[i]))
            continue;
        double x = (points[i].at.lon - w->origin.lon) * w->east_m,
               y = (points[i].at.lat - w->origin.lat) * w->north_m;
        if (begun)
            sum += x0 * y - x * y0;
        begun = true;
        x0 = x;
        y0 = y;
    }
    return fabs(sum) / 2; /* the origin is the first point: the closing edge adds nothing */
}

static void take_point(struct walk_work *w, const struct walk_point *p)
{
    struct walk_vertex *v = &w->v[w->n];
    v->at = p->at;
    v->x = (p->at.lon - w->origin.lon) * w->east_m;
    v->y = (p->at.lat - w->origin.lat) * w->north_m;
    v->sigma_m = sigma_of(w, p);
    v->time_s = p->time_s;
    if (w->n && v[-1].at.lon == v->at.lon && v[-1].at.lat == v->at.lat) {
        v[-1].sigma_m = fmin(v[-1].sigma_m, v->sigma_m);
        return; /* the same fix again */
    }
    w->n++;
}

void walk_filter_points(struct walk_work *w, const struct walk_point *points, size_t n)
{
    struct tally range = {0, NOWHERE, NAN}, bad = range, poor = range, zero = range;
    size_t reported = 0;
    double accuracy = 0;
    set_plane(w, points, n);
    for (size_t i = 0; i < n; i++) {
        const struct walk_point *p = &points[i];
        if (!usable(p))
            range.n++;
        else if (doubtful(w->rules, p))
            count(&bad, p);
        else if (middling(w->rules, p))
            count(&poor, p);
        if (p->accuracy_m == 0)
            count(&zero, p);
    }
    /* Where most of a walk is doubtful there is nothing better to keep. */
    bool drop = bad.n && (size_t)bad.n * 2 < n - range.n;
    for (size_t i = 0; i < n; i++) {
        const struct walk_point *p = &points[i];
        if (!usable(p) || (drop && doubtful(w->rules, p)))
            continue;
        if (p->accuracy_m > 0 || p->hdop > 0) {
            accuracy += sigma_of(w, p);
            reported++;
        }
        take_point(w, p);
    }
    if (reported)
        w->out->accuracy_m = 1.515 * accuracy / (double)reported;
    if (range.n)
        walk_note(w, WALK_RANGE, range.n, NOWHERE, NAN, NAN);
    if (drop)
        walk_note(w, WALK_ACCURACY, bad.n, bad.place, bad.worst,
                  walk_area_m2(w) - area_of_all(w, points, n));
    else if (bad.n)
        poor = (struct tally){poor.n + bad.n, bad.place, fmax(poor.worst, bad.worst)};
    if (poor.n)
        walk_note(w, WALK_ACCURACY_POOR, poor.n, poor.place, poor.worst, NAN);
    if (zero.n)
        walk_note(w, WALK_ACCURACY_ZERO, zero.n, zero.place, NAN, NAN);
}

/* ---- the walk's own measures ---- */

void walk_paces(struct walk_work *w)
{
    double *values = arena_array(w->arena, (size_t)w->n + 1, sizeof *values);
    w->step_m = w->speed_m_s = NAN;
    w->sigma_m = w->rules->model.sigma_m;
    if (!values) {
        w->memory = true;
        return;
    }
    for (uint32_t i = 0; i < w->n; i++)
        values[i] = w->v[i].sigma_m;
    if (w->n)
        w->sigma_m = walk_median(values, w->n);
    for (uint32_t i = 1; i < w->n; i++)
        values[i - 1] = walk_distance(&w->v[i - 1], &w->v[i]);
    w->step_m = walk_median(values, w->n ? w->n - 1 : 0);
    size_t timed = 0;
    for (uint32_t i = 1; i < w->n; i++) {
        double dt = w->v[i].time_s - w->v[i - 1].time_s;
        if (dt > 0)
            values[timed++] = walk_distance(&w->v[i - 1], &w->v[i]) / dt;
    }
    if (timed * 2 >= w->n) /* else most have no time of their own */
        w->speed_m_s = walk_median(values, timed);
}

/* ---- stops ---- */

/* How many points from i on lie together as one stop does; 0 or 1 = none. */
static uint32_t stop_at(const struct walk_work *w, uint32_t i, double radius)
{
    const struct walk_rules *r = w->rules;
    double sx = w->v[i].x, sy = w->v[i].y;
    uint32_t k = 1;
    while (i + k < w->n) {
        const struct walk_vertex *p = &w->v[i + k];
        if (hypot(p->x - sx / k, p->y - sy / k) > radius || walk_distance(p, &w->v[i]) > 2 * radius)
            break;
        sx += p->x;
        sy += p->y;
        k++;
    }
    if (k < 2 || k == w->n)
        return 0;
    if (isfinite(w->speed_m_s)) {
        double dwell = w->v[i + k - 1].time_s - w->v[i].time_s,
               through = 2 * radius / fmax(w->speed_m_s, 0.1);
        return dwell >= r->stop_s && dwell >= r->stop_slower * through ? k : 0;
    }
    double through = 2 * radius / fmax(w->step_m, 0.1);
    return k >= (uint32_t)r->stop_points && k >= r->stop_slower * through ? k : 0;
}

/* Inverse-variance mean of k fixes. They share most of their error: k fixes in a span count as span
 * / tau (at most k). */
static struct walk_vertex mean_of(const struct walk_work *w, const struct walk_vertex *v,
                                  uint32_t k)
{
    struct walk_vertex m = {.time_s = v[0].time_s};
    double weights = 0;
    for (uint32_t i = 0; i < k; i++) {
        double weight = 1 / (v[i].sigma_m * v[i].sigma_m);
        weights += weight;
        m.x += weight * v[i].x;
        m.y += weight * v[i].y;
    }
    m.x /= weights;
    m.y /= weights;
    double span = v[k - 1].time_s - v[0].time_s, tau = w->rules->model.correlation_s;
    double effective = span > 0 && tau > 0 ? fmin(fmax(span / tau, 1), k) : 1;
    m.sigma_m = sqrt(k / weights / effective);
    m.at = walk_lonlat(w, m.x, m.y);
    return m;
}

void walk_stops(struct walk_work *w)
{
    double radius = fmax(w->sigma_m, w->rules->stop_radius_m), before = walk_area_m2(w);
    uint32_t kept = 0, merged = 0;
    struct lonlat place = NOWHERE;
    for (uint32_t i = 0; i < w->n;) {
        uint32_t k = stop_at(w, i, radius);
        if (k < 2) {
            w->v[kept++] = w->v[i++];
            continue;
        }
        struct walk_vertex mean = mean_of(w, &w->v[i], k);
        if (!merged)
            place = mean.at;
        merged += k;
        w->v[kept++] = mean;
        i += k;
    }
    w->n = kept;
    if (merged)
        walk_note(w, WALK_STOPS, merged, place, NAN, walk_area_m2(w) - before);
}

/* ---- spikes ---- */

static double speed(const struct walk_vertex *a, const struct walk_vertex *b)
{
    return walk_distance(a, b) / fmax(b->time_s - a->time_s, 1); /* NaN without times */
}

/* Points i..i+k-1 are reached and left faster than anybody walks, and without them the pace is
 * ordinary. */
static bool jumps(const struct walk_work *w, uint32_t i, uint32_t k)
{
    double limit = fmax(w->rules->speed_m_s, w->rules->speed_times_median * w->speed_m_s),
           leg = w->rules->leg_sigmas * w->sigma_m;
    if (!isfinite(w->speed_m_s) || i == 0 || i + k >= w->n)
        return false;
    const struct walk_vertex *before = &w->v[i - 1], *first = &w->v[i], *last = &w->v[i + k - 1],
                             *after = &w->v[i + k];
    return walk_distance(before, first) > leg && walk_distance(last, after) > leg &&
           speed(before, first) > limit && speed(last, after) > limit &&
           speed(before, after) <= limit;
}

/* Without times: a leg out and back that is long for this receiver and for this walk. */
static bool turns_back(const struct walk_work *w, uint32_t i)
{
    const struct walk_rules *r = w->rules;
    if (i == 0 || i + 1 >= w->n)
        return false;
    const struct walk_vertex *a = &w->v[i - 1], *b = &w->v[i], *c = &w->v[i + 1];
    double in = walk_distance(a, b), out = walk_distance(b, c),
           least = fmax(r->leg_sigmas * w->sigma_m, r->leg_times_median * w->step_m);
    if (!(in > least && out > least))
        return false;
    double cosine = ((b->x - a->x) * (c->x - b->x) + (b->y - a->y) * (c->y - b->y)) / (in * out);
    return cosine < cos(r->turn_deg * 0.017453292519943295);
}

/* A single point far off the line on which both its neighbours and theirs lie. */
static bool off_line(const struct walk_work *w, uint32_t i)
{
    const struct walk_rules *r = w->rules;
    if (i < 2 || i + 2 >= w->n)
        return false;
    const struct walk_vertex *v = &w->v[i];
    double off = walk_segment_distance(v, v - 1, v + 1, NULL),
           near = r->neighbour_sigmas * w->sigma_m;
    if (!(off > fmax(r->crosstrack_m, r->crosstrack_sigmas * w->sigma_m)) ||
        !(fmin(walk_distance(v - 1, v), walk_distance(v, v + 1)) > r->leg_times_median * w->step_m))
        return false;
    return walk_segment_distance(v - 1, v - 2, v + 2, NULL) <= near &&
           walk_segment_distance(v + 1, v - 2, v + 2, NULL) <= near;
}

static uint32_t spike_at(const struct walk_work *w, uint32_t i)
{
    for (uint32_t k = 1; k <= 3; k++)
        if (jumps(w, i, k))
            return k;
    return turns_back(w, i) || off_line(w, i) ? 1 : 0;
}

/* One pass; how many points were left out. Two kept points are carried along before v[i], so that
 * the tests see what is kept. */
static uint32_t spikes_pass(struct walk_work *w, struct walk_vertex *kept, struct lonlat *place)
{
    struct walk_vertex *v = w->v;
    uint32_t kept_n = 1, i = 1;
    kept[0] = v[0];
    while (i < w->n) {
        uint32_t k = spike_at(w, i);
        if (!k) {
            kept[kept_n++] = v[i++];
            continue;
        }
        if (!isfinite(place->lon))
            *place = v[i].at;
        i += k;
        v[i - 1] = kept[kept_n - 1];
        if (i >= 2)
            v[i - 2] = kept[kept_n >= 2 ? kept_n - 2 : 0];
    }
    uint32_t dropped = w->n - kept_n;
    memcpy(v, kept, kept_n * sizeof *v);
    w->n = kept_n;
    return dropped;
}

void walk_spikes(struct walk_work *w)
{
    enum { PASSES = 4, POINTS_MIN = 5 };
    double before = walk_area_m2(w);
    struct lonlat place = NOWHERE;
    struct walk_vertex *kept = arena_array(w->arena, (size_t)w->n + 1, sizeof *kept);
    if (!kept) {
        w->memory = true;
        return;
    }
    uint32_t dropped = 0, now = 1;
    for (int pass = 0; pass < PASSES && now && w->n >= POINTS_MIN; pass++)
        dropped += now = spikes_pass(w, kept, &place);
    if (dropped)
        walk_note(w, WALK_SPIKES, dropped, place, NAN, walk_area_m2(w) - before);
}
