/* From a walk with a GPS receiver to a boundary: the cleaning pipeline of GEO.md 2.3 and 2.4.
 *
 * Points go in as recorded; a closed ring comes out, with the accuracy of each vertex and a list of
 * what was done, each step with its count, place and effect in m2, so that nothing is silent.
 * Vertices that stay keep their recorded coordinates bit for bit, and a clean walk comes out as it
 * went in. What cannot be decided here (a large loop, a tangle) is left in the ring and noted: the
 * caller tests validity afterwards. Deterministic; all memory from the caller's arena; no state. */
#ifndef GEO_WALK_H
#define GEO_WALK_H

#include "geo/boundary.h"
#include "geo/uncertainty.h"

struct walk_point {
    struct lonlat at;
    double time_s;     /* any epoch; NaN = not known */
    double accuracy_m; /* 68 % radius as the device says; NaN */
    double hdop;       /* NaN */
    double altitude_m; /* NaN; kept by nobody here */
    int satellites;    /* -1 = not known */
};

/* Thresholds. walk_rules_default is the commented table with their sources. */
struct walk_rules {
    double accuracy_flag_m, accuracy_drop_m;
    double hdop_flag, hdop_drop;
    int satellites_min;
    double stop_s, stop_radius_m;
    int stop_points;
    double stop_slower; /* a stop takes this many times as long (or as many points) as walking
                           through */
    double speed_m_s, speed_times_median;
    double turn_deg, leg_sigmas, leg_times_median, crosstrack_m, crosstrack_sigmas,
        neighbour_sigmas;
    double close_sigmas, close_share, overlap_share;
    double loop_share, loop_share_most;
    double simplify_sigmas /* 0 = never */, simplify_se_share, simplify_area_share;
    double precision_share;
    struct uncertainty_model
        model; /* sigma of points that say nothing, correlation along the walk */
};
extern const struct walk_rules walk_rules_default;

enum walk_step {
    WALK_RANGE,    /* points without a usable position were left out */
    WALK_ACCURACY, /* points the receiver called inaccurate (accuracy, HDOP, satellites) were left
                      out */
    WALK_ACCURACY_POOR, /* points with doubtful accuracy, kept; figure: the worst accuracy in m (or
                           HDOP) */
    WALK_ACCURACY_ZERO, /* points with accuracy 0: a mock provider or placed by hand */
    WALK_STOPS,         /* points taken while standing became one vertex each stop */
    WALK_SPIKES,        /* single jumps were left out */
    WALK_OVERLAP,       /* the end ran past the start and was cut; figure: metres walked twice */
    WALK_CLOSED,        /* a gap within the noise was closed; figure: metres */
    WALK_OPEN,          /* a gap beyond it was closed with a straight line; figure: metres */
    WALK_LOOPS, /* small loops where the walk crosses itself were left out; figure: largest in m2 */
    WALK_LOOPS_LARGE, /* larger ones remain in the ring; figure: largest in m2 */
    WALK_TANGLED, /* crossings were not searched to the end: too many edges lie over each other */
    WALK_SIMPLIFIED,   /* vertices within the noise of their neighbours' line were left out; figure:
                          tolerance in m */
    WALK_LOW_PRECISION /* the standard error is over a tenth of the area; figure: per cent */
};
struct walk_note {
    enum walk_step step;
    uint32_t count;
    struct lonlat place; /* where, NaN when nowhere */
    double figure;       /* as the step says, NaN when none */
    double effect_m2;    /* change of the enclosed area, NaN when none */
};
enum { WALK_NOTES_MAX = 16 };

struct walk {
    struct lonlat *
        ring; /* closed, ring_n points; ring_n 0 = fewer than three different positions were left */
    uint32_t ring_n;
    double *sigma_m;   /* per axis, of each of the ring_n - 1 vertices */
    double *time_s;    /* of each vertex; NULL when the walk has no times */
    double accuracy_m; /* mean 68 % radius of the vertices as the receiver said; NaN = it said
                          nothing */
    double area_m2, area_se_m2; /* planar, of the ring as it is: for judging, not for reporting */
    struct walk_note notes[WALK_NOTES_MAX];
    size_t notes_n;
};

/* rules NULL = walk_rules_default. n points, at most UINT32_MAX / 4. STATUS_MEMORY only. About 1 us
 * a point for clean walks. */
enum status walk_boundary(const struct walk_point *points, size_t n, const struct walk_rules *rules,
                          struct arena *a, struct walk *out, struct error *e) MUST_USE;

#endif
