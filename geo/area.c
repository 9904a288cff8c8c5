/* A plot's hectares: which method measures a ring, how rings add up, and the stored whole square
 * millimetres; see area.h. The sums themselves are in area_authalic.c and area_geodesic.c. */
#include "geo/area.h"

#include <math.h>

#include "geo/area_units.h"

static struct area_units ring_units(const struct lonlat *points, uint32_t n)
{
    struct area_units units;
    if (area_local_units(points, n, &units) &&
        (units.bad || fabs(area_units_m2(units)) <= AREA_GEODESIC_ABOVE_M2))
        return units;
    return area_geodesic_units(points, n);
}

double area_ring_m2(const struct lonlat *points, uint32_t n)
{
    return area_units_m2(ring_units(points, n));
}

double area_ring_authalic_m2(const struct lonlat *points, uint32_t n)
{
    return area_units_m2(area_authalic_units(points, n));
}

double area_ring_geodesic_m2(const struct lonlat *points, uint32_t n)
{
    return area_units_m2(area_geodesic_units(points, n));
}

/* |exterior| - |holes| over all parts, with any ring measure. */
static double boundary_m2(const struct boundary *b,
                          struct area_units (*measure)(const struct lonlat *, uint32_t))
{
    struct area_units total = {0};
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t first = boundary_part_start(b, part);
        for (uint32_t ring = first; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            struct area_units units = measure(b->points + start, b->ring_end[ring] - start);
            __int128 size = units.n < 0 ? -units.n : units.n;
            total.n += ring == first ? size : -size;
            total.bad |= units.bad;
        }
    }
    return area_units_m2(total);
}

double area_boundary_m2(const struct boundary *b)
{
    return boundary_m2(b, ring_units);
}

double area_equal_area_m2(const struct boundary *b)
{
    return boundary_m2(b, area_cylinder_units);
}

int64_t area_to_mm2(double area_m2)
{
    /* The ellipsoid has 5.1e20 mm2, more than 63 bits hold: what is larger than 9.2e12 m2 is not a
     * boundary of land. */
    double mm2 = area_m2 * MM2_PER_M2;
    if (!(mm2 > 0) || mm2 >= 9.2e18)
        return 0;
    return llround(mm2);
}
