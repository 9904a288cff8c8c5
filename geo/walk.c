/* The order of the cleaning steps, their thresholds, and what they share; see walk.h. */
#include "geo/walk_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/slope.h"

/* Thresholds. "sourced" means used by a field tool or published (GEO.md 2.2, 2.3); the others are
 * proposals of GEO.md 2.4, from the error theory of 2.1, to be moved when field data say so. */
const struct walk_rules walk_rules_default = {
    .accuracy_flag_m = 15, /* upper end of phones in open terrain, 3-15 m (CyberTracker/SMART
                              guideline; sourced) */
    .accuracy_drop_m =
        100,        /* ODK Collect warns from 100 m on: no satellite fix (getodk/docs; sourced) */
    .hdop_flag = 2, /* a public GPSBabel recipe discards from 2 on (sourced) */
    .hdop_drop = 5, /* half of GPSBabel's example of 10 */
    .satellites_min = 4, /* fewer are suspicious (ODK Collect; sourced); 3 give no height and a
                            doubtful position */
    .stop_s = 20,        /* within the correlation time of 20-60 s the fixes are one fix */
    .stop_radius_m = 3,  /* or sigma, if larger */
    .stop_points = 5,
    .stop_slower = 3,        /* or a slow walker's ordinary track would be a chain of stops */
    .speed_m_s = 2.5,        /* walking; GPSBabel's Kalman filter takes 2.0 */
    .speed_times_median = 3, /* a border driven round on a motorcycle is no spike */
    .turn_deg = 150,
    .leg_sigmas = 4,
    .leg_times_median =
        4, /* in a walk of corners alone every leg is long, and a sharp corner is a corner */
    .crosstrack_m = 15,
    .crosstrack_sigmas = 4,
    .neighbour_sigmas = 2,
    .close_sigmas =
        2.8284271247461903, /* 2 sqrt 2: two fixes of one place differ by less in 98 of 100 cases */
    .close_share = 0.03,
    .overlap_share = 0.3, /* the end is looked for along this much of the beginning */
    .loop_share = 0.01,
    .loop_share_most =
        0.1, /* sigma x perimeter never takes more: the precision asked of a plot at all */
    .simplify_sigmas = 0.5,
    .simplify_se_share = 0.1,
    .simplify_area_share =
        5e-5, /* so that one walk has the same hectares to 0.01 % in every format, cleaned or not */
    .precision_share = 0.1,
    .model = {.sigma_m = 3,
              .correlation_s = 40,
              .correlation_m = 40}, /* "walked" of geo/data/survey_accuracy.csv */
};

void walk_note(struct walk_work *w, enum walk_step step, uint32_t count, struct lonlat place,
               double figure, double effect_m2)
{
    if (w->out->notes_n < WALK_NOTES_MAX)
        w->out->notes[w->out->notes_n++] =
            (struct walk_note){step, count, place, figure, effect_m2};
}

double walk_distance(const struct walk_vertex *a, const struct walk_vertex *b)
{
    return hypot(b->x - a->x, b->y - a->y);
}

double walk_signed2(const struct walk_vertex *v, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 2; i < n; i++) /* relative to the first vertex, against cancellation */
        sum +=
            (v[i - 1].x - v[0].x) * (v[i].y - v[0].y) - (v[i].x - v[0].x) * (v[i - 1].y - v[0].y);
    return sum;
}

double walk_area_m2(const struct walk_work *w)
{
    return fabs(walk_signed2(w->v, w->n)) / 2;
}

double walk_length_m(const struct walk_work *w)
{
    double sum = 0;
    for (uint32_t i = 1; i < w->n; i++)
        sum += walk_distance(&w->v[i - 1], &w->v[i]);
    return sum;
}

struct lonlat walk_lonlat(const struct walk_work *w, double x, double y)
{
    return (struct lonlat){w->origin.lon + x / w->east_m, w->origin.lat + y / w->north_m};
}

double walk_segment_distance(const struct walk_vertex *p, const struct walk_vertex *a,
                             const struct walk_vertex *b, double *along)
{
    double dx = b->x - a->x, dy = b->y - a->y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((p->x - a->x) * dx + (p->y - a->y) * dy) / square : 0;
    t = fmin(fmax(t, 0), 1);
    if (along)
        *along = t;
    return hypot(p->x - a->x - t * dx, p->y - a->y - t * dy);
}

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double walk_median(double *values, size_t n)
{
    if (!n)
        return NAN;
    qsort(values, n, sizeof *values, compare_double);
    return values[n / 2];
}

/* ---- the result ---- */

static bool all_timed(const struct walk_work *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (!isfinite(w->v[i].time_s))
            return false;
    return w->n > 0;
}

static bool put_ring(struct walk_work *w)
{
    struct walk *out = w->out;
    bool timed = all_timed(w);
    out->ring_n = 0;
    out->ring = arena_array(w->arena, (size_t)w->n + 1, sizeof *out->ring);
    out->sigma_m = arena_array(w->arena, w->n, sizeof *out->sigma_m);
    out->time_s = timed ? arena_array(w->arena, w->n, sizeof *out->time_s) : NULL;
    if (!out->ring || !out->sigma_m || (timed && !out->time_s))
        return false;
    for (uint32_t i = 0; i < w->n; i++) {
        out->ring[i] = w->v[i].at;
        out->sigma_m[i] = w->v[i].sigma_m;
        if (timed)
            out->time_s[i] = w->v[i].time_s;
    }
    out->ring[w->n] = out->ring[0];
    out->ring_n = w->n + 1;
    return true;
}

static void judge(struct walk_work *w)
{
    struct walk *out = w->out;
    struct uncertainty u = {0, 0};
    uncertainty_add_ring(&u, out->ring, out->ring_n, out->sigma_m, out->time_s, &w->rules->model);
    out->area_m2 = walk_area_m2(w);
    out->area_se_m2 = uncertainty_se_measured_m2(&u);
    if (out->area_m2 > 0 && out->area_se_m2 > w->rules->precision_share * out->area_m2)
        walk_note(w, WALK_LOW_PRECISION, 1, out->ring[0], 100 * out->area_se_m2 / out->area_m2,
                  NAN);
}

enum status walk_boundary(const struct walk_point *points, size_t n, const struct walk_rules *rules,
                          struct arena *a, struct walk *out, struct error *e)
{
    struct walk_work w = {.rules = rules ? rules : &walk_rules_default, .arena = a, .out = out};
    *out = (struct walk){.accuracy_m = NAN, .area_m2 = NAN, .area_se_m2 = NAN};
    w.v = arena_array(a, n + 1, sizeof *w.v);
    if (!w.v || n >= UINT32_MAX / 4)
        return error_memory(e);
    walk_filter_points(&w, points, n);
    walk_paces(&w);
    walk_stops(&w);
    walk_spikes(&w);
    walk_overlap(&w);
    walk_close(&w);
    walk_loops(&w);
    if (w.memory)
        return error_memory(e);
    if (w.n < 3)
        return STATUS_OK;
    walk_simplify(&w);
    if (w.memory || !put_ring(&w))
        return error_memory(e);
    judge(&w);
    return STATUS_OK;
}
