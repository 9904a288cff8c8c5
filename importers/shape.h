/* What is odd about the shape of a boundary, or about how its coordinates were written: for
 * findings, never for figures. Works in a flat local metric (0.6 % off), with no library and no
 * memory. */
#ifndef IMPORTERS_SHAPE_H
#define IMPORTERS_SHAPE_H

#include "geo/boundary.h"

/* The steps in which the coordinates of a boundary were written, where they are coarser than a
 * metre or so: all of them lie on such a grid, which the coordinates of a careful survey never do.
 */
enum shape_steps {
    SHAPE_STEPS_FINE,
    SHAPE_STEPS_DECIMALS, /* decimals of a degree: `value` of them, 5 at most */
    SHAPE_STEPS_SECONDS,  /* of arc: 0.1 or 1 */
    SHAPE_STEPS_METRES    /* 1, 10, 100 */
};
struct shape_precision {
    enum shape_steps steps;
    double value;
    double ground_m; /* a step on the ground, along the meridian */
};
/* b: as in the file, degrees or metres. */
struct shape_precision shape_precision(const struct boundary *b, bool degrees);

/* A vertex that the boundary runs out to and back from: the angle is under 10 degrees, the way out
 * and back over five times as long as the direct one (TerraMatch), both legs longer than 2 m and
 * than a fifth of the side of a square of the ring's area, and what they enclose under a twentieth
 * of it (a wedge is no spike). The worst one. */
struct shape_spike {
    struct lonlat place; /* NaN = there is none */
    double length_m;     /* the shorter leg */
    double effect_m2;    /* ground it encloses */
    uint32_t n;          /* all of them */
};

struct shape {
    struct shape_spike spike;
    struct lonlat
        short_place; /* of the first edge shorter than SHAPE_SHORT_M, repeated vertices aside */
    uint32_t short_n;
    double thinness; /* 4 pi A / P^2 of the exterior ring of the largest part: 1 = a circle */
    double width_m;  /* 2 A / P of it: about the width of a strip */
};
#define SHAPE_SHORT_M 0.2
#define SHAPE_SLIVER 0.05 /* thinness of a strip 60 times as long as wide */
/* b: in WGS84, well formed. */
void shape_look(const struct boundary *b, struct shape *out);

#endif
