/* From a known EPSG code to WGS84 longitude/latitude; see crs.h. Wide-area guesses (ballpark) are
 * never used. */
#include "geo/crs/crs.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct crs_transform {
    PJ_CONTEXT *context;
    PJ *pj; /* NULL: the CRS is WGS84 longitude/latitude itself */
    char name[96];
    bool geographic;
    struct box area; /* of use */
};

enum { AREA_MARGIN_DEG = 3 };

static PJ_CONTEXT *quiet_context(void)
{
    PJ_CONTEXT *c = proj_context_create();
    if (c) {
        proj_log_level(c, PJ_LOG_NONE);
        proj_context_set_enable_network(c, 0);
    }
    return c;
}

static bool is_geographic(PJ_TYPE type)
{
    return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
}

static enum status unknown(int epsg, struct error *e)
{
    return error_set(e, STATUS_NOT_FOUND, "crs_unknown", "give another code with --crs",
                     "EPSG:%d has no known transformation to WGS84", epsg);
}

static enum status build(struct crs_transform *t, PJ *source, int epsg, struct error *e)
{
    static const char *const options[] = {"ALLOW_BALLPARK=NO", NULL};
    PJ *target = proj_create_from_database(t->context, "EPSG", "4326", PJ_CATEGORY_CRS, 0, NULL);
    PJ *raw =
        target ? proj_create_crs_to_crs_from_pj(t->context, source, target, NULL, options) : NULL;
    /* East or longitude first on both sides, whatever the authority's axis order (GEO.md 6.2). */
    t->pj = raw ? proj_normalize_for_visualization(t->context, raw) : NULL;
    proj_destroy(raw);
    proj_destroy(target);
    return t->pj ? STATUS_OK : unknown(epsg, e);
}

enum status crs_transform_open(int epsg, struct crs_transform **out, struct error *e)
{
    char code[16];
    snprintf(code, sizeof code, "%d", epsg);
    struct crs_transform *t = calloc(1, sizeof *t);
    if (!t || !(t->context = quiet_context())) {
        free(t);
        return error_memory(e);
    }
    enum status s = STATUS_OK;
    PJ *source = proj_create_from_database(t->context, "EPSG", code, PJ_CATEGORY_CRS, 0, NULL);
    if (!source) {
        s = unknown(epsg, e);
    } else {
        snprintf(t->name, sizeof t->name, "%s", proj_get_name(source));
        t->geographic = is_geographic(proj_get_type(source));
        t->area = (struct box){-180, -90, 180, 90};
        const char *area_name = NULL;
        if (!proj_get_area_of_use(t->context, source, &t->area.west, &t->area.south, &t->area.east,
                                  &t->area.north, &area_name) ||
            t->area.west < -180)
            t->area = (struct box){-180, -90, 180, 90};
        if (epsg != CRS_WGS84)
            s = build(t, source, epsg, e);
    }
    proj_destroy(source);
    if (s != STATUS_OK) {
        crs_transform_close(t);
        return s;
    }
    *out = t;
    return STATUS_OK;
}

void crs_transform_close(struct crs_transform *t)
{
    if (!t)
        return;
    proj_destroy(t->pj);
    proj_context_destroy(t->context);
    free(t);
}

const char *crs_transform_name(const struct crs_transform *t)
{
    return t->name;
}

bool crs_transform_geographic(const struct crs_transform *t)
{
    return t->geographic;
}

static size_t transform(struct crs_transform *t, PJ_DIRECTION direction, struct lonlat *points,
                        size_t n)
{
    if (!t->pj || n == 0)
        return n;
    proj_trans_generic(t->pj, direction, &points->lon, sizeof *points, n, &points->lat,
                       sizeof *points, n, NULL, 0, 0, NULL, 0, 0);
    /* PROJ marks a point that it cannot do with infinity and goes on. */
    for (size_t i = 0; i < n; i++)
        if (!isfinite(points[i].lon) || !isfinite(points[i].lat))
            return i;
    return n;
}

size_t crs_transform_points(struct crs_transform *t, struct lonlat *points, size_t n)
{
    return transform(t, PJ_FWD, points, n);
}

size_t crs_transform_back(struct crs_transform *t, struct lonlat *points, size_t n)
{
    return transform(t, PJ_INV, points, n);
}

double crs_transform_accuracy_m(struct crs_transform *t)
{
    if (!t->pj)
        return 0;
    PJ *used = proj_trans_get_last_used_operation(t->pj);
    double accuracy = used ? proj_coordoperation_get_accuracy(t->context, used) : -1;
    proj_destroy(used);
    return accuracy < 0 ? NAN : accuracy;
}

bool crs_transform_plausible(const struct crs_transform *t, const struct box *b)
{
    if (b->south < t->area.south - AREA_MARGIN_DEG || b->north > t->area.north + AREA_MARGIN_DEG)
        return false;
    if (t->area.west > t->area.east) /* an area across the antimeridian */
        return b->west >= t->area.west - AREA_MARGIN_DEG ||
               b->east <= t->area.east + AREA_MARGIN_DEG;
    return b->west >= t->area.west - AREA_MARGIN_DEG && b->east <= t->area.east + AREA_MARGIN_DEG;
}

bool crs_in_mexico(struct lonlat p)
{
    return p.lon >= -118.5 && p.lon <= -86.5 && p.lat >= 14.4 && p.lat <= 32.8;
}

enum status crs_parse_code(const char *text, int *out_epsg, struct error *e)
{
    static const char *const crs84[] = {"CRS84", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84"};
    for (size_t i = 0; i < sizeof crs84 / sizeof *crs84; i++)
        if (strcasecmp(text, crs84[i]) == 0) {
            *out_epsg = CRS_WGS84;
            return STATUS_OK;
        }
    const char *digits = strncasecmp(text, "EPSG:", 5) == 0 ? text + 5 : text;
    size_t length = strspn(digits, "0123456789");
    PJ_CONTEXT *c = length && length <= 6 && !digits[length] ? quiet_context() : NULL;
    PJ *pj = c ? proj_create_from_database(c, "EPSG", digits, PJ_CATEGORY_CRS, 0, NULL) : NULL;
    bool good =
        pj && (is_geographic(proj_get_type(pj)) || proj_get_type(pj) == PJ_TYPE_PROJECTED_CRS);
    proj_destroy(pj);
    if (c)
        proj_context_destroy(c);
    if (!good)
        return error_set(e, STATUS_USAGE, "crs_code",
                         "give a code such as EPSG:4326, EPSG:6372 or EPSG:32615",
                         "'%.60s' is not the code of a known coordinate reference system", text);
    *out_epsg = (int)strtol(digits, NULL, 10);
    return STATUS_OK;
}
