/* Area sums in whole units of 2^-32 m2 (0.23 nm2 of a square metre's 10^9): integer addition is
 * exact and the same in any order, so where a ring starts, which way it runs and how parts are
 * ordered cannot change a stored digit. 128 bits hold 10^14 ellipsoids. Internal to geo/. */
#ifndef GEO_AREA_UNITS_H
#define GEO_AREA_UNITS_H

#include <math.h>
#include <stdint.h>

#include "geo/boundary.h"

#define AREA_UNITS_PER_M2 4294967296.0

struct area_units {
    __int128 n;
    bool bad; /* a coordinate was not finite or not a latitude */
};

/* Ties go to even, so that a term and its opposite stay opposite. */
static inline __int128 area_units(double m2)
{
    double scaled = m2 * AREA_UNITS_PER_M2;
    return fabs(scaled) < 9e18 ? (__int128)llrint(scaled) : (__int128)scaled;
}

static inline double area_units_m2(struct area_units u)
{
    return u.bad ? NAN : (double)u.n / AREA_UNITS_PER_M2;
}

/* What a ring's sum of edges misses when it goes round a pole, and the choice of the smaller side:
 * `n` is the signed sum, `turns` the times it went round eastward. */
struct area_units area_units_close(__int128 n, long turns);

/* Signed sums of one ring, counter-clockwise positive; a repeated last point adds nothing. */
struct area_units area_authalic_units(const struct lonlat *points, uint32_t n);
struct area_units area_geodesic_units(const struct lonlat *points, uint32_t n);
/* Geodesic edges by series, for rings of up to 0.2 degrees; false for larger ones. */
bool area_local_units(const struct lonlat *points, uint32_t n, struct area_units *out);
struct area_units area_cylinder_units(const struct lonlat *points, uint32_t n);

/* The extent of a ring as the sums need it. */
struct ring_extent {
    double south, north;
    double step_deg; /* longest west-east step, the short way round */
    double turn_deg; /* sum of the steps: 0, or 360 for each time round the earth eastward */
    bool bad;
};
struct ring_extent ring_extent(const struct lonlat *points, uint32_t n);

#endif
