/* The datum of a CRS and the accuracy of its way to WGS84; see crs.h. */
#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>

#include "geo/crs/crs.h"

/* EPSG code of the geographic CRS under `epsg`; 0 = none. */
static int datum_of(int epsg)
{
    char code[16];
    snprintf(code, sizeof code, "%d", epsg);
    PJ_CONTEXT *c = proj_context_create();
    if (!c)
        return 0;
    proj_log_level(c, PJ_LOG_NONE);
    proj_context_set_enable_network(c, 0);
    PJ *crs = proj_create_from_database(c, "EPSG", code, PJ_CATEGORY_CRS, 0, NULL);
    PJ *geodetic = crs ? proj_crs_get_geodetic_crs(c, crs) : NULL;
    const char *id = geodetic ? proj_get_id_code(geodetic, 0) : NULL;
    int datum = id ? atoi(id) : 0;
    proj_destroy(geodetic);
    proj_destroy(crs);
    proj_context_destroy(c);
    return datum;
}

enum status crs_shift_of(int epsg, struct lonlat near, struct crs_shift *out, struct error *e)
{
    struct crs_transform *t = NULL;
    *out = (struct crs_shift){.datum = datum_of(epsg)};
    if (!out->datum)
        return error_set(e, STATUS_NOT_FOUND, "crs_unknown", NULL, "EPSG:%d has no datum", epsg);
    enum status s = crs_transform_open(out->datum, &t, e);
    if (s != STATUS_OK)
        return s;
    /* the degrees of the two datums are close enough to tell which operation is used there */
    if (crs_transform_points(t, &near, 1) == 1)
        out->accuracy_m = crs_transform_accuracy_m(t);
    if (isnan(out->accuracy_m))
        out->accuracy_m = 0;
    crs_transform_close(t);
    return STATUS_OK;
}
