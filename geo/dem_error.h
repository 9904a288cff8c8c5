/* The stated vertical error of well-known elevation models: geo/data/dem_errors.csv, compiled in.
 */
#ifndef GEO_DEM_ERROR_H
#define GEO_DEM_ERROR_H

#include <stdbool.h>

struct dem_error {
    char name[64];                /* "Copernicus GLO-30" */
    double sigma_m;               /* 1 sigma of the relative vertical error, m */
    double sigma_steep_m;         /* the same on slopes above SLOPE_ERROR_STEEP_PCT */
    double neighbour_correlation; /* of the errors of cells side by side, 0 .. 1 */
    char source[320];
};

/* Finds the model that `words` (name, edition, file name, in any case) speak of; false when none is
 * recognised. */
bool dem_error_find(const char *words, struct dem_error *out);

#endif
