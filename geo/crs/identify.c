/* From the text of a CRS to an EPSG code, by what it states and not by what it is called; see
 * crs.h.
 *
 * Government files carry Lambert and UTM definitions with home-made names (DOMAIN.md 6.1), so the
 * parameters decide. A datum that is only an ellipsoid is accepted when the ellipsoid is WGS84 or
 * GRS80 (1-2 m at most); Clarke 1866 without NAD27's name is refused, because the missing shift
 * would be 95 m. */
#include "geo/crs/crs.h"

#include <ctype.h>
#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum datum {
    DATUM_OTHER,
    DATUM_WGS84,
    DATUM_ITRF2008,
    DATUM_ITRF92,
    DATUM_NAD27,
    DATUM_NAD83,
    DATUM_MODERN_UNNAMED
};

/* What a CRS states: numbers in degrees and metres. */
struct stated {
    bool geographic, projected;
    enum datum datum;
    char datum_name[80], ellipsoid_name[48], name[96], method[64];
    double unit;     /* radians or metres per axis unit */
    int method_code; /* EPSG */
    double lat0, lon0, k, fe, fn, sp1, sp2;
};

static bool near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance;
}

/* Letters and digits only, lower case: "D_North_American_1927" -> "dnorthamerican1927". */
static void squeeze(const char *text, char *out, size_t size)
{
    size_t n = 0;
    for (; text && *text && n + 1 < size; text++)
        if (isalnum((unsigned char)*text))
            out[n++] = (char)tolower((unsigned char)*text);
    out[n] = 0;
}

static enum datum datum_of(const char *name, double a, double inverse_flattening)
{
    char s[96];
    squeeze(name, s, sizeof s);
    bool modern = near(a, 6378137, 0.01) && near(inverse_flattening, 298.2572, 0.0003);
    bool clarke = near(a, 6378206.4, 0.1);
    if (clarke)
        return strstr(s, "nad27") || strstr(s, "northamerican1927") ||
                       strstr(s, "northamericandatum1927")
                   ? DATUM_NAD27
                   : DATUM_OTHER;
    if (!modern)
        return DATUM_OTHER;
    if (strstr(s, "wgs84") || strstr(s, "wgs1984") || strstr(s, "worldgeodeticsystem1984"))
        return DATUM_WGS84;
    if (strstr(s, "itrf2008") || strstr(s, "itrf08") || strstr(s, "referenceframe2008"))
        return DATUM_ITRF2008;
    if (strstr(s, "itrf92") || strstr(s, "itrf1992") || strstr(s, "referenceframe1992"))
        return DATUM_ITRF92;
    if (strstr(s, "nad83") || strcmp(s, "northamericandatum1983") == 0 ||
        strcmp(s, "dnorthamerican1983") == 0)
        return DATUM_NAD83;
    if (!*s || strstr(s, "unknown") || strstr(s, "unnamed") || strstr(s, "notspecified") ||
        strstr(s, "basedon"))
        return DATUM_MODERN_UNNAMED;
    return DATUM_OTHER;
}

static void read_parameters(PJ_CONTEXT *c, const PJ *conversion, struct stated *st)
{
    const char *name = NULL, *code = NULL;
    if (proj_coordoperation_get_method_info(c, conversion, &name, NULL, &code) && name) {
        snprintf(st->method, sizeof st->method, "%s", name);
        st->method_code = code ? atoi(code) : 0;
    }
    st->k = 1;
    int n = proj_coordoperation_get_param_count(c, conversion);
    for (int i = 0; i < n; i++) {
        const char *parameter_code = NULL, *unit = NULL;
        double value = 0, factor = 1;
        if (!proj_coordoperation_get_param(c, conversion, i, NULL, NULL, &parameter_code, &value,
                                           NULL, &factor, NULL, NULL, NULL, &unit))
            continue;
        double deg = value * factor * 180 / M_PI, si = value * factor;
        switch (parameter_code ? atoi(parameter_code) : 0) {
        case 8801:
        case 8821:
            st->lat0 = deg;
            break;
        case 8802:
        case 8822:
            st->lon0 = deg;
            break;
        case 8805:
            st->k = si;
            break;
        case 8806:
        case 8826:
            st->fe = si;
            break;
        case 8807:
        case 8827:
            st->fn = si;
            break;
        case 8823:
            st->sp1 = deg;
            break;
        case 8824:
            st->sp2 = deg;
            break;
        default:
            break;
        }
    }
}

static bool read_datum(PJ_CONTEXT *c, const PJ *crs, struct stated *st)
{
    PJ *geodetic = proj_crs_get_geodetic_crs(c, crs);
    PJ *datum = geodetic ? proj_crs_get_datum_forced(c, geodetic) : NULL;
    PJ *ellipsoid = geodetic ? proj_get_ellipsoid(c, geodetic) : NULL;
    PJ *meridian = geodetic ? proj_get_prime_meridian(c, geodetic) : NULL;
    double a = 0, inverse_flattening = 0, longitude = 1, factor = 1;
    bool good = datum && ellipsoid && meridian &&
                proj_ellipsoid_get_parameters(c, ellipsoid, &a, NULL, NULL, &inverse_flattening) &&
                proj_prime_meridian_get_parameters(c, meridian, &longitude, &factor, NULL);
    if (good) {
        snprintf(st->datum_name, sizeof st->datum_name, "%s", proj_get_name(datum));
        snprintf(st->ellipsoid_name, sizeof st->ellipsoid_name, "%s", proj_get_name(ellipsoid));
        st->datum = longitude == 0 ? datum_of(st->datum_name, a, inverse_flattening) : DATUM_OTHER;
    }
    proj_destroy(meridian);
    proj_destroy(ellipsoid);
    proj_destroy(datum);
    proj_destroy(geodetic);
    return good;
}

static bool read_stated(PJ_CONTEXT *c, const PJ *crs, struct stated *st)
{
    *st = (struct stated){0};
    PJ_TYPE type = proj_get_type(crs);
    st->geographic = type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
    st->projected = type == PJ_TYPE_PROJECTED_CRS;
    snprintf(st->name, sizeof st->name, "%s", proj_get_name(crs) ? proj_get_name(crs) : "");
    if ((!st->geographic && !st->projected) || !read_datum(c, crs, st))
        return false;
    PJ *cs = proj_crs_get_coordinate_system(c, crs);
    bool good =
        cs && proj_cs_get_axis_info(c, cs, 0, NULL, NULL, NULL, &st->unit, NULL, NULL, NULL);
    proj_destroy(cs);
    if (good && st->projected) {
        PJ *conversion = proj_crs_get_coordoperation(c, crs);
        good = conversion != NULL;
        if (good)
            read_parameters(c, conversion, st);
        proj_destroy(conversion);
    }
    return good;
}

static int geographic_code(const struct stated *st)
{
    if (!near(st->unit, M_PI / 180, 1e-9))
        return 0;
    switch (st->datum) {
    case DATUM_WGS84:
    case DATUM_MODERN_UNNAMED:
        return CRS_WGS84;
    case DATUM_ITRF2008:
        return 6365;
    case DATUM_ITRF92:
        return 4483;
    case DATUM_NAD27:
        return 4267;
    case DATUM_NAD83:
        return 4269;
    default:
        return 0;
    }
}

static int utm_code(const struct stated *st)
{
    double zone = (st->lon0 + 183) / 6;
    int z = (int)lrint(zone);
    if (!near(zone, z, 1e-6) || z < 1 || z > 60 || !near(st->k, 0.9996, 1e-7) ||
        !near(st->fe, 500000, 0.01) || !near(st->lat0, 0, 1e-9))
        return 0;
    bool south = near(st->fn, 1e7, 0.01);
    if (!south && !near(st->fn, 0, 0.01))
        return 0;
    bool mexican = z >= 11 && z <= 16 && !south;
    switch (st->datum) {
    case DATUM_WGS84:
    case DATUM_MODERN_UNNAMED:
        return (south ? 32700 : 32600) + z;
    case DATUM_ITRF2008:
        return mexican ? 6366 + z - 11 : 0;
    case DATUM_ITRF92:
        return mexican ? 4484 + z - 11 : 0;
    case DATUM_NAD27:
        return !south && z <= 22 ? 26700 + z : 0;
    case DATUM_NAD83:
        return !south && z <= 23 ? 26900 + z : 0;
    default:
        return 0;
    }
}

/* INEGI's and CONABIO's Lambert conic; the two standard parallels may come in either order. */
static int lambert_code(const struct stated *st)
{
    double low = fmin(st->sp1, st->sp2), high = fmax(st->sp1, st->sp2);
    if (!near(low, 17.5, 1e-6) || !near(high, 29.5, 1e-6) || !near(st->lat0, 12, 1e-6) ||
        !near(st->lon0, -102, 1e-6) || !near(st->fe, 2500000, 0.01) || !near(st->fn, 0, 0.01))
        return 0;
    switch (st->datum) {
    case DATUM_ITRF92:
        return 6362;
    case DATUM_ITRF2008:
    case DATUM_WGS84:
    case DATUM_MODERN_UNNAMED:
        return 6372;
    default:
        return 0;
    }
}

static int projected_code(const struct stated *st)
{
    if (!near(st->unit, 1, 1e-9))
        return 0;
    switch (st->method_code) {
    case 9807:
        return utm_code(st);
    case 9802:
        return lambert_code(st);
    case 1024: /* popular visualisation pseudo-Mercator */
        return st->datum == DATUM_WGS84 && near(st->lon0, 0, 1e-9) && near(st->fe, 0, 0.01) &&
                       near(st->fn, 0, 0.01)
                   ? 3857
                   : 0;
    default:
        return 0;
    }
}

static bool same_crs(PJ_CONTEXT *c, const PJ *crs, int epsg)
{
    char code[16];
    snprintf(code, sizeof code, "%d", epsg);
    PJ *known = proj_create_from_database(c, "EPSG", code, PJ_CATEGORY_CRS, 0, NULL);
    bool same = known && proj_is_equivalent_to_with_ctx(
                             c, crs, known, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
    proj_destroy(known);
    return same;
}

/* The code it names, if its own numbers agree with that code's; else what PROJ's database finds to
 * be the same. */
static int database_code(PJ_CONTEXT *c, const PJ *crs)
{
    const char *authority = proj_get_id_auth_name(crs, 0), *code = proj_get_id_code(crs, 0);
    if (authority && code && strcmp(authority, "EPSG") == 0 && same_crs(c, crs, atoi(code)))
        return atoi(code);
    int *confidence = NULL, found = 0;
    PJ_OBJ_LIST *list = proj_identify(c, crs, "EPSG", NULL, &confidence);
    for (int i = 0; list && i < proj_list_get_count(list) && !found; i++) {
        if (confidence[i] < 90)
            continue;
        PJ *candidate = proj_list_get(c, list, i);
        const char *candidate_code = candidate ? proj_get_id_code(candidate, 0) : NULL;
        if (candidate_code && same_crs(c, crs, atoi(candidate_code)))
            found = atoi(candidate_code);
        proj_destroy(candidate);
    }
    proj_int_list_destroy(confidence);
    proj_list_destroy(list);
    return found;
}

/* The horizontal CRS inside a compound or bound one; *shifted when the text states its own shift to
 * WGS84. */
static PJ *horizontal(PJ_CONTEXT *c, PJ *crs, bool *shifted)
{
    *shifted = false;
    for (int depth = 0; crs && depth < 4; depth++) {
        PJ_TYPE type = proj_get_type(crs);
        PJ *inner;
        if (type == PJ_TYPE_COMPOUND_CRS) {
            inner = proj_crs_get_sub_crs(c, crs, 0);
        } else if (type == PJ_TYPE_BOUND_CRS) {
            double v[7] = {0};
            PJ *shift = proj_crs_get_coordoperation(c, crs);
            bool known = shift && proj_coordoperation_get_towgs84_values(c, shift, v, 7, 0);
            for (int i = 0; i < 7; i++)
                if (!known || fabs(v[i]) > 1e-9)
                    *shifted = true;
            proj_destroy(shift);
            inner = proj_get_source_crs(c, crs);
        } else {
            return crs;
        }
        proj_destroy(crs);
        crs = inner;
    }
    return crs;
}

static enum status identify(PJ_CONTEXT *c, const char *wkt, struct crs_identity *out,
                            struct error *e)
{
    struct stated st = {0};
    bool shifted = false, read = false;
    int code = 0;
    PJ *crs = horizontal(c, proj_create_from_wkt(c, wkt, NULL, NULL, NULL), &shifted);
    if (crs && (read = read_stated(c, crs, &st))) {
        code = st.geographic ? geographic_code(&st) : projected_code(&st);
        out->by_parameters = code && st.datum == DATUM_MODERN_UNNAMED;
        /* A shift written in the file is believed only by its datum's name. */
        if (shifted && st.datum == DATUM_MODERN_UNNAMED)
            code = 0;
        else if (!code)
            code = database_code(c, crs);
    }
    proj_destroy(crs);
    out->epsg = code;
    if (read)
        snprintf(out->found, sizeof out->found, "%.60s (datum %.40s, ellipsoid %.30s%s%.30s)",
                 st.name, st.datum_name, st.ellipsoid_name, *st.method ? ", " : "", st.method);
    else
        snprintf(out->found, sizeof out->found, "%.100s", wkt);
    for (char *p = out->found; *p; p++) /* it goes into messages: no control or invalid bytes */
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E)
            *p = ' ';
    if (!code)
        return error_set(
            e, STATUS_INVALID, "crs_unknown",
            "give the EPSG code with --crs, for example --crs EPSG:6372 or --crs EPSG:32615",
            "the coordinate reference system is not one with a known code: %s", out->found);
    return STATUS_OK;
}

enum status crs_identify(const char *wkt, struct crs_identity *out, struct error *e)
{
    *out = (struct crs_identity){0};
    PJ_CONTEXT *c = proj_context_create();
    if (!c)
        return error_memory(e);
    proj_log_level(c, PJ_LOG_NONE);
    proj_context_set_enable_network(c, 0);
    enum status s = identify(c, wkt, out, e);
    if (s == STATUS_OK) {
        char code[16];
        snprintf(code, sizeof code, "%d", out->epsg);
        PJ *known = proj_create_from_database(c, "EPSG", code, PJ_CATEGORY_CRS, 0, NULL);
        snprintf(out->name, sizeof out->name, "%s", known ? proj_get_name(known) : "");
        proj_destroy(known);
    }
    proj_context_destroy(c);
    return s;
}
