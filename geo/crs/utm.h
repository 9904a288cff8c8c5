/* Private to geo/crs: UTM codes by zone. */
#ifndef GEO_CRS_UTM_H
#define GEO_CRS_UTM_H

/* The zone of a UTM code in WGS84, ITRF2008, ITRF92, NAD83 or NAD27; 0 = no UTM code. */
int utm_zone(int epsg);
/* The code of the same datum in another zone; 0 = there is none. */
int utm_other_zone(int epsg, int zone);

#endif
