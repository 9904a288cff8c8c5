/* Hectares: the one place where a plot's area is computed (promise 1), and its perimeter.
 *
 * Edges are geodesics. Rings to AREA_GEODESIC_ABOVE_M2 (and 0.2 degrees) are summed on the authalic
 * sphere of WGS84 (Snyder 1987 eq. 3-11 to 3-18; Bessel's spherical excess per edge) with a
 * third-order term per edge from great circle to geodesic (area_authalic.c), larger ones by PROJ's
 * geodesic routines (Karney 2013). For a plot the first is about 50 times as fast and closer:
 * Karney's in double precision is off by up to 3e-4 m2 at any size. Areas are stored as whole
 * square millimetres so that sums are exact in any order. */
#ifndef GEO_AREA_H
#define GEO_AREA_H

#include "geo/boundary.h"

#define AREA_METHOD                                                                                \
    "WGS84 ellipsoid, geodesic edges: authalic sphere series to 100 ha, geodesic polygon above"
#define AREA_METHOD_VERSION 1
#define AREA_GEODESIC_ABOVE_M2 1e6
#define MM2_PER_M2 1000000.0
#define MM2_PER_HA 10000000000.0

/* Fills PROJ's static geodesic tables; call once in main (and in each test) before any thread
 * starts. */
void area_init(void);

/* Signed ellipsoidal area of one closed ring in m2, positive counter-clockwise. Handles the
 * antimeridian and poles. */
double area_ring_m2(const struct lonlat *points, uint32_t n);
/* Two methods by themselves, for cross-checks in tests and in `parcela check`: great circles on the
 * authalic sphere (2e-8 of the area from geodesics at 100 ha, up to 1e-7 in thin shapes), and
 * PROJ's geodesics for any size. */
double area_ring_authalic_m2(const struct lonlat *points, uint32_t n);
double area_ring_geodesic_m2(const struct lonlat *points, uint32_t n);
/* Area of a multipolygon: sum over parts of |exterior| minus |holes|, in m2; any ring orientation.
 * Independent of ring start and direction to the last digit that is stored. The boundary should be
 * valid: a bow-tie cancels itself. */
double area_boundary_m2(const struct boundary *b);
/* Length of all rings along geodesics, in m. */
double perimeter_boundary_m(const struct boundary *b);

/* Area on the equal-area cylinder with straight edges (GEO.md 1.3-A), in m2: additive when pieces
 * are cut along common lines, so it is the measure for shares, never for a plot's own hectares. */
double area_equal_area_m2(const struct boundary *b);

/* m2 -> whole mm2, half away from zero; 0 for not finite or negative. */
int64_t area_to_mm2(double area_m2);
/* Splits total_mm2 over n parts in proportion to weights[i] >= 0 so that the parts add up exactly
 * (largest remainder, ties to the lower index). All weights 0: everything goes to out[n-1]. n >= 1.
 */
void area_apportion(int64_t total_mm2, const double *weights, size_t n, int64_t *out);

#endif
