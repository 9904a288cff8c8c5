/* Private to geo/overlay: segments against segments and boxes, in plain arithmetic.
 *
 * The tests answer "may touch": true when they touch or when double precision cannot tell
 * (orientation error bound of Shewchuk 1997, "Adaptive precision floating-point arithmetic", stage
 * A). What may touch is then given to GEOS, which decides. */
#ifndef GEO_OVERLAY_SEGMENT_H
#define GEO_OVERLAY_SEGMENT_H

#include <math.h>

#include "geo/boundary.h"

/* Inlined, unlike fmin() and fmax(), which must mind NaN; coordinates are finite here. */
static inline double least(double a, double b)
{
    return a < b ? a : b;
}

static inline double most(double a, double b)
{
    return a > b ? a : b;
}

static inline bool point_in_box(struct lonlat p, const struct box *box)
{
    return p.lon >= box->west && p.lon <= box->east && p.lat >= box->south && p.lat <= box->north;
}

/* +1 c is left of a->b, -1 right, 0 on it or too close to tell. */
static inline int orientation(struct lonlat a, struct lonlat b, struct lonlat c)
{
    double l = (a.lon - c.lon) * (b.lat - c.lat), r = (a.lat - c.lat) * (b.lon - c.lon);
    double bound = 3.3306690738754716e-16 * (fabs(l) + fabs(r));
    return l - r > bound ? 1 : l - r < -bound ? -1 : 0;
}

static inline bool segment_box_apart(struct lonlat a, struct lonlat b, const struct box *box)
{
    return (a.lon < box->west && b.lon < box->west) || (a.lon > box->east && b.lon > box->east) ||
           (a.lat < box->south && b.lat < box->south) || (a.lat > box->north && b.lat > box->north);
}

static inline bool segment_may_touch_box(struct lonlat a, struct lonlat b, const struct box *box)
{
    if (segment_box_apart(a, b, box))
        return false;
    if (point_in_box(a, box) || point_in_box(b, box))
        return true;
    int s = orientation(a, b, (struct lonlat){box->west, box->south});
    return s == 0 || s != orientation(a, b, (struct lonlat){box->east, box->south}) ||
           s != orientation(a, b, (struct lonlat){box->east, box->north}) ||
           s != orientation(a, b, (struct lonlat){box->west, box->north});
}

static inline bool segments_may_touch(struct lonlat a, struct lonlat b, struct lonlat c,
                                      struct lonlat d)
{
    if (most(a.lon, b.lon) < least(c.lon, d.lon) || most(c.lon, d.lon) < least(a.lon, b.lon) ||
        most(a.lat, b.lat) < least(c.lat, d.lat) || most(c.lat, d.lat) < least(a.lat, b.lat))
        return false;
    if (orientation(a, b, c) * orientation(a, b, d) > 0)
        return false;
    return orientation(c, d, a) * orientation(c, d, b) <= 0;
}

/* Squared distance of p from the segment a-b, all in the same plane. */
static inline double point_segment_d2(struct lonlat p, struct lonlat a, struct lonlat b)
{
    double dx = b.lon - a.lon, dy = b.lat - a.lat, length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? ((p.lon - a.lon) * dx + (p.lat - a.lat) * dy) / length2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double x = a.lon + t * dx - p.lon, y = a.lat + t * dy - p.lat;
    return x * x + y * y;
}

/* Squared distance of two segments that do not cross. */
static inline double segments_d2(struct lonlat a, struct lonlat b, struct lonlat c, struct lonlat d)
{
    return least(least(point_segment_d2(a, c, d), point_segment_d2(b, c, d)),
                 least(point_segment_d2(c, a, b), point_segment_d2(d, a, b)));
}

#endif
