/* Private to geo/walk*.c: a walk being cleaned, in metres on the local plane. */
#ifndef GEO_WALK_WORK_H
#define GEO_WALK_WORK_H

#include "geo/walk.h"

struct walk_vertex {
    double x, y; /* m */
    struct lonlat at;
    double sigma_m, time_s;
};

struct walk_work {
    const struct walk_rules *rules;
    struct arena *arena;
    struct walk *out;
    struct walk_vertex *v;
    uint32_t n;
    double sigma_m;           /* the walk's: median over points */
    double step_m, speed_m_s; /* medians; speed NaN without times */
    double east_m, north_m;   /* metres per degree */
    struct lonlat origin;
    bool memory; /* ran out */
};

void walk_note(struct walk_work *w, enum walk_step step, uint32_t count, struct lonlat place,
               double figure, double effect_m2);
double walk_distance(const struct walk_vertex *a, const struct walk_vertex *b);
/* |area| of the closed ring, and twice the signed area. */
double walk_area_m2(const struct walk_work *w);
double walk_signed2(const struct walk_vertex *v, uint32_t n);
double walk_length_m(const struct walk_work *w); /* without the closing edge */
struct lonlat walk_lonlat(const struct walk_work *w, double x, double y);
/* Distance from p to segment ab; *along (NULL allowed) gets 0..1. */
double walk_segment_distance(const struct walk_vertex *p, const struct walk_vertex *a,
                             const struct walk_vertex *b, double *along);
/* Median of n values, which are reordered; NaN when n = 0. */
double walk_median(double *values, size_t n);

/* walk_filter.c */
void walk_filter_points(struct walk_work *w, const struct walk_point *points, size_t n);
void walk_paces(struct walk_work *w);
void walk_stops(struct walk_work *w);
void walk_spikes(struct walk_work *w);
/* walk_close.c */
void walk_overlap(struct walk_work *w);
void walk_close(struct walk_work *w);
/* walk_loops.c */
struct walk_crossing {
    uint32_t i, j; /* edges, i < j */
    double x, y;
};
/* Crossings and touches of edges that are not neighbours, at most `max`; *complete = false when
 * there are more or the search grew too long. Ordered by (i, j). */
uint32_t walk_crossings(struct walk_work *w, struct walk_crossing *out, uint32_t max,
                        bool *complete);
void walk_loops(struct walk_work *w);
/* walk_simplify.c; simple: the ring has no crossings. */
void walk_simplify(struct walk_work *w);

#endif
