/* Coordinate reference systems: what a file's CRS is (an EPSG code), and transformation to WGS84
 * longitude/latitude.
 *
 * The text of a CRS that came with a file is only looked at, never used to transform: the
 * transformation is rebuilt from the identified EPSG code (a WKT may name grids and files to open,
 * PLATFORM 1.5). proj.h is included in geo/crs only. Every call makes or uses its own PROJ context:
 * a struct crs_transform belongs to one thread. */
#ifndef GEO_CRS_CRS_H
#define GEO_CRS_CRS_H

#include "geo/boundary.h"

enum { CRS_WGS84 = 4326 };

struct crs_identity {
    int epsg;
    bool by_parameters; /* the datum was not named: matched by ellipsoid and projection parameters
                           alone */
    char name[96];      /* "WGS 84 / UTM zone 15N" */
    char found[200];    /* what the text said, for messages */
};

/* The EPSG code of a CRS given as WKT (1, 2 or ESRI), by parameters first (GEO.md 6.4,
 * DOMAIN.md 6.1), else by PROJ's database when the code it names and the parameters it states
 * agree. STATUS_INVALID "crs_unknown" names what was found. */
enum status crs_identify(const char *wkt, struct crs_identity *out, struct error *e) MUST_USE;

/* "EPSG:32615", "32615", "OGC:CRS84", "CRS84" -> code. STATUS_USAGE "crs_code" when PROJ does not
 * know a horizontal CRS of it. */
enum status crs_parse_code(const char *text, int *out_epsg, struct error *e) MUST_USE;

struct crs_transform;
/* From `epsg` (axes in file order: east or longitude first) to WGS84. STATUS_NOT_FOUND
 * "crs_unknown" when PROJ has no such CRS or no transformation other than a ballpark one. */
enum status crs_transform_open(int epsg, struct crs_transform **out, struct error *e) MUST_USE;
void crs_transform_close(struct crs_transform *t); /* NULL is allowed */
const char *crs_transform_name(const struct crs_transform *t);
/* Are coordinates of this CRS degrees? */
bool crs_transform_geographic(const struct crs_transform *t);
/* In place, n points; result in degrees. Returns how many points were transformed before one
 * failed: n = all well. */
size_t crs_transform_points(struct crs_transform *t, struct lonlat *points, size_t n);
/* The other way, from degrees to coordinates of this CRS: the inverse of the operation that PROJ
 * chooses there. Returns as above. */
size_t crs_transform_back(struct crs_transform *t, struct lonlat *points, size_t n);
/* Accuracy of the transformation used last in metres (12 for NAD27 in Mexico); 0 when none was
 * needed, NaN unknown. */
double crs_transform_accuracy_m(struct crs_transform *t);
/* What the coordinates of a CRS have in common: its datum, and how well that datum's place on WGS84
 * is known around `near`. All plots of one datum are off by the same, whatever their files. */
struct crs_shift {
    int datum;         /* EPSG code of its geographic CRS; CRS_WGS84 when there is nothing to shift */
    double accuracy_m; /* 12 for NAD27 in Mexico; 0 = none known */
};
enum status crs_shift_of(int epsg, struct lonlat near, struct crs_shift *out,
                         struct error *e) MUST_USE;
/* Does the WGS84 box lie in the area of use of the CRS, widened by 3 degrees? UTM gives plausible
 * numbers anywhere, so what falls outside was read in the wrong zone or with swapped axes. */
bool crs_transform_plausible(const struct crs_transform *t, const struct box *wgs84);

/* Would these positions be in Mexico (its bounding box)? */
bool crs_in_mexico(struct lonlat p);

#endif
