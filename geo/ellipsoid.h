/* The WGS84 ellipsoid and its authalic sphere: constants and the few functions that areas, lengths
 * and slopes share. */
#ifndef GEO_ELLIPSOID_H
#define GEO_ELLIPSOID_H

#include <math.h>

#define DEG_TO_RAD 0.017453292519943295769
#define WGS84_A_M 6378137.0
#define WGS84_F (1 / 298.257223563)
#define WGS84_E2 (WGS84_F * (2 - WGS84_F))
/* Square of the authalic radius, a^2 q(90)/2 (Snyder 1987, eq. 3-13), and the whole surface, 4 pi
 * R^2. */
#define AUTHALIC_R2_M2 4.0589732499314759978e13
#define ELLIPSOID_AREA_M2 5.1006562172408850929e14

/* Coefficients of beta - phi = sum c[k] sin(2 (k+1) phi), the authalic minus the geodetic latitude,
 * for WGS84: the series in the third flattening summed for this ellipsoid (Karney 2024, "On
 * auxiliary latitudes", Survey Review 56, eq. A21; recomputed in 113-bit arithmetic from Snyder
 * 1987, eq. 3-11 and 3-12). */
enum { AUTHALIC_TERMS = 6 };
extern const double authalic_series[AUTHALIC_TERMS];

/* Sine and cosine of an angle in degrees, both to full relative precision up to the poles and at
 * multiples of 90. */
void sincos_deg(double deg, double *sine, double *cosine);
/* Sine and cosine of the authalic latitude of a geodetic latitude in degrees. */
void authalic_sincos(double lat_deg, double *sine, double *cosine);
/* Difference to - from of two longitudes in degrees, the short way round: -180 .. 180, odd in its
 * arguments. */
static inline double lon_difference(double from_deg, double to_deg)
{
    double d = to_deg - from_deg;
    return fabs(d) <= 180.0 ? d : remainder(d, 360.0);
}

#endif
