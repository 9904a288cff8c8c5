/* The gradient of one cell; see slope.h. Ground distances are in ellipsoid.c, sums over a plot in
 * slope_zonal.c. */
#include "geo/slope.h"

#include <math.h>

double slope_horn_gradient(const double z[9], double dx_m, double dy_m, double *east_pct,
                           double *north_pct)
{
    double east = ((z[2] + 2 * z[5] + z[8]) - (z[0] + 2 * z[3] + z[6])) / (8 * dx_m);
    double north = ((z[0] + 2 * z[1] + z[2]) - (z[6] + 2 * z[7] + z[8])) / (8 * dy_m);
    *east_pct = 100 * east;
    *north_pct = 100 * north;
    /* Horn's kernel leaves the middle cell out; a hole there is still a hole. */
    return 100 * sqrt(east * east + north * north) + 0 * z[4];
}

double slope_horn_pct(const double z[9], double dx_m, double dy_m)
{
    double east, north;
    return slope_horn_gradient(z, dx_m, dy_m, &east, &north);
}
