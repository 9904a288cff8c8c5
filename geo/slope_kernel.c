/* The gradient of one cell; see slope_kernel.h. Ground distances are in ellipsoid.c, sums over a
 * plot in slope_zonal.c. */
#include "geo/slope_kernel.h"

#include <math.h>
#include <stddef.h>
#include <strings.h>

static const struct {
    const char *code, *dashed, *shorthand, *name;
} kernels[SLOPE_KERNELS_N] = {
    {"horn", "horn", "horn", "Horn 1981"},
    {"zevenbergen_thorne", "zevenbergen-thorne", "zt", "Zevenbergen and Thorne 1987"},
};

const char *slope_kernel_code(enum slope_kernel kernel)
{
    return kernels[kernel].code;
}

const char *slope_kernel_name(enum slope_kernel kernel)
{
    return kernels[kernel].name;
}

bool slope_kernel_parse(const char *text, enum slope_kernel *out)
{
    for (int k = 0; k < SLOPE_KERNELS_N; k++)
        if (strcasecmp(text, kernels[k].code) == 0 || strcasecmp(text, kernels[k].dashed) == 0 ||
            strcasecmp(text, kernels[k].shorthand) == 0) {
            *out = (enum slope_kernel)k;
            return true;
        }
    return false;
}

double slope_gradient(enum slope_kernel kernel, const double z[9], double dx_m, double dy_m,
                      double *east_pct, double *north_pct)
{
    double east, north;
    if (kernel == SLOPE_HORN) {
        east = ((z[2] + 2 * z[5] + z[8]) - (z[0] + 2 * z[3] + z[6])) / (8 * dx_m);
        north = ((z[0] + 2 * z[1] + z[2]) - (z[6] + 2 * z[7] + z[8])) / (8 * dy_m);
    } else {
        east = (z[5] - z[3]) / (2 * dx_m);
        north = (z[1] - z[7]) / (2 * dy_m);
    }
    *east_pct = 100 * east;
    *north_pct = 100 * north;
    /* Both kernels leave the middle cell out; a hole there is still a hole. */
    return 100 * sqrt(east * east + north * north) + 0 * z[4];
}

double slope_horn_pct(const double z[9], double dx_m, double dy_m)
{
    double east, north;
    return slope_gradient(SLOPE_HORN, z, dx_m, dy_m, &east, &north);
}
