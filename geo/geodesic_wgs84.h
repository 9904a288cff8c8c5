/* The one geodesic object of WGS84, ready to use; shared by areas and lengths. Internal to geo/. */
#ifndef GEO_GEODESIC_WGS84_H
#define GEO_GEODESIC_WGS84_H

struct geod_geodesic;
/* Initialised on first use, read-only afterwards: any thread may use it. */
const struct geod_geodesic *geodesic_wgs84(void);

#endif
