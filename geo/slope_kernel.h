/* The gradient of one cell of an elevation grid from its 3x3 neighbourhood, by one of two kernels:
 * Horn's (1981, Proc. IEEE 69:14-47), which weighs all eight neighbours and is what Parcela and
 * GDAL take unless told otherwise, or that of Zevenbergen and Thorne (1987, Earth Surf. Process.
 * Landf. 12:47-56), which takes the four nearest: sharper on smooth ground, but 1.63 times the
 * noise. Pure functions. */
#ifndef GEO_SLOPE_KERNEL_H
#define GEO_SLOPE_KERNEL_H

#include <stdbool.h>

enum slope_kernel { SLOPE_HORN, SLOPE_ZEVENBERGEN_THORNE, SLOPE_KERNELS_N };

/* "horn", "zevenbergen_thorne": what files and options call them. */
const char *slope_kernel_code(enum slope_kernel kernel);
/* "Horn 1981", "Zevenbergen and Thorne 1987". */
const char *slope_kernel_name(enum slope_kernel kernel);
/* Takes a code, also with - for _, "zt", and any case; false when it is none. */
bool slope_kernel_parse(const char *text, enum slope_kernel *out);

/* Slope in percent of the middle of a 3x3 neighbourhood z[0..8] (row by row, north first), cell dx
 * east-west and dy north-south in metres of ground, and its two parts, in percent to the east and
 * to the north. NaN when the middle is NaN or a neighbour that the kernel takes. */
double slope_gradient(enum slope_kernel kernel, const double z[9], double dx_m, double dy_m,
                      double *east_pct, double *north_pct);
double slope_horn_pct(const double z[9], double dx_m, double dy_m);

#endif
