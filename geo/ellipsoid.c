/* WGS84: authalic latitude and metres per degree; see ellipsoid.h and slope.h
 * (ground_m_per_degree). */
#include "geo/ellipsoid.h"

#include <math.h>

#include "geo/slope.h"

const double authalic_series[AUTHALIC_TERMS] = {
    -2.2392098386786397982e-03, 2.1308606513250222674e-06,  -2.5592576864191225327e-09,
    3.3701965255422692150e-12,  -4.6675430156255860259e-15, 6.6762882804931336911e-18,
};

void sincos_deg(double deg, double *sine, double *cosine)
{
    /* Taking the quarter turns off in degrees is exact; in radians it would round near the poles.
     */
    double turns = nearbyint(deg / 90.0), s, c;
    sincos((deg - 90.0 * turns) * DEG_TO_RAD, &s, &c);
    int quarter = (int)(turns - 4.0 * floor(turns / 4.0));
    *sine = quarter == 0 ? s : quarter == 1 ? c : quarter == 2 ? -s : -c;
    *cosine = quarter == 0 ? c : quarter == 1 ? -s : quarter == 2 ? -c : s;
}

void authalic_sincos(double lat_deg, double *sine, double *cosine)
{
    double s, c;
    sincos_deg(lat_deg, &s, &c);
    double s2 = 2 * s * c, c2 = (c - s) * (c + s); /* of 2 phi */
    double sk = s2, ck = c2, shift = 0;
    for (int k = 0; k < AUTHALIC_TERMS; k++) {
        shift += authalic_series[k] * sk;
        double next = sk * c2 + ck * s2;
        ck = ck * c2 - sk * s2;
        sk = next;
    }
    double shift_s = sin(shift), shift_c = cos(shift);
    *sine = s * shift_c + c * shift_s;
    *cosine = c * shift_c - s * shift_s;
}

void ground_m_per_degree(double lat_deg, double *east_m, double *north_m)
{
    double s, c;
    sincos_deg(lat_deg, &s, &c);
    double w2 = 1 - WGS84_E2 * s * s, n = WGS84_A_M / sqrt(w2);
    *east_m = n * c * DEG_TO_RAD;
    *north_m = n * (1 - WGS84_E2) / w2 * DEG_TO_RAD;
}
