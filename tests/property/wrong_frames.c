/* Clean plots and the ways to spoil them; see wrong_frames.h. */
#include "tests/property/wrong_frames.h"

#include <math.h>
#include <stdio.h>

static const double METRES_A_DEGREE = 110700;

double random_normal(struct shape_random *r)
{
    double u = random_unit(r), v = random_unit(r);
    return sqrt(-2 * log(u + 1e-300)) * cos(2 * M_PI * v);
}

static struct lonlat moved(struct lonlat p, double east_m, double north_m)
{
    p.lon += east_m / (111320 * cos(p.lat * M_PI / 180));
    p.lat += north_m / METRES_A_DEGREE;
    return p;
}

static double rounded(double v, double step)
{
    return round(v / step) * step;
}

/* A second walk: an error that drifts along the way, new at a third of the steps. */
static void walk_again(struct shape_random *r, double sigma_m, struct true_plot *p)
{
    const double rho = 0.9, fresh = sqrt(1 - rho * rho);
    double east = sigma_m * random_normal(r), north = sigma_m * random_normal(r);
    for (uint32_t i = 0; i + 1 < p->n; i++) {
        p->second[i] = moved(p->points[i], east, north);
        east = rho * east + fresh * sigma_m * random_normal(r);
        north = rho * north + fresh * sigma_m * random_normal(r);
    }
    p->second[p->n - 1] = p->second[0];
}

void true_plot_make(struct shape_random *r, const struct town *town, double sigma_m,
                    struct true_plot *out)
{
    double area_m2 = 500 * pow(100, random_unit(r)); /* 0.05 to 5 ha */
    double stretch = 0.6 + 0.8 * random_unit(r), turn = 2 * M_PI * random_unit(r);
    double radius = sqrt(area_m2 / M_PI);
    uint32_t corners = 4 + (uint32_t)(random_unit(r) * (FRAME_VERTICES_MAX - 6));
    struct lonlat middle = {town->middle.lon + town->reach_deg * (2 * random_unit(r) - 1),
                            town->middle.lat + town->reach_deg * (2 * random_unit(r) - 1)};
    memcpy(out->key, town->key, sizeof out->key);
    out->n = corners + 1;
    for (uint32_t i = 0; i < corners; i++) {
        double at = 2 * M_PI * i / corners, far = radius * (0.75 + 0.5 * random_unit(r));
        double x = far * stretch * cos(at), y = far / stretch * sin(at);
        struct lonlat p =
            moved(middle, x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn));
        out->points[i] = (struct lonlat){rounded(p.lon, 1e-7), rounded(p.lat, 1e-7)};
    }
    out->points[corners] = out->points[0];
    walk_again(r, sigma_m, out);
    out->ring_end = out->n;
    out->part_end = 1;
    out->second_boundary = (struct boundary){.points = out->second,
                                             .ring_end = &out->ring_end,
                                             .part_end = &out->part_end,
                                             .points_n = out->n,
                                             .rings_n = 1,
                                             .parts_n = 1};
}

/* ---- the ways ---- */

static void keep(const struct true_plot *p, struct spoiled *out)
{
    *out = (struct spoiled){.epsg = CRS_WGS84, .n = p->n, .right_epsg = CRS_WGS84};
    memcpy(out->raw, p->points, p->n * sizeof *p->points);
}

/* The true places written in the coordinates of `epsg`, to the centimetre. */
static void write_in(struct crs_set *set, int epsg, const struct true_plot *p, struct spoiled *out)
{
    keep(p, out);
    struct crs_transform *t = crs_set_get(set, epsg);
    if (!t || crs_transform_back(t, out->raw, out->n) != out->n)
        out->n = 0;
    for (size_t i = 0; i < out->n && !crs_transform_geographic(t); i++)
        out->raw[i] =
            (struct lonlat){rounded(out->raw[i].lon, 0.01), rounded(out->raw[i].lat, 0.01)};
    out->epsg = out->right_epsg = epsg;
}

static int zone_of(const struct true_plot *p)
{
    return (int)floor((p->points[0].lon + 180) / 6) + 1;
}

static void exchange(struct spoiled *out)
{
    for (size_t i = 0; i < out->n; i++)
        out->raw[i] = (struct lonlat){out->raw[i].lat, out->raw[i].lon};
}

static void swap_degrees(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    (void)set;
    keep(p, out);
    exchange(out);
}

static void swap_metres(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 32600 + zone_of(p), p, out);
    exchange(out);
}

static void lose_sign(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    (void)set;
    keep(p, out);
    for (size_t i = 0; i < out->n; i++)
        out->raw[i].lon = -out->raw[i].lon;
}

static void sign_and_axes(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    lose_sign(set, p, out);
    exchange(out);
}

static void utm_as_degrees(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 32600 + zone_of(p), p, out);
    out->epsg = CRS_WGS84;
}

static void lambert_as_degrees(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 6372, p, out);
    out->epsg = CRS_WGS84;
}

static void degrees_as_utm(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    (void)set;
    keep(p, out);
    out->epsg = 32615;
}

static void zone_before(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 32600 + zone_of(p), p, out);
    out->epsg--;
}

static void zone_after(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 32600 + zone_of(p), p, out);
    out->epsg++;
}

static void itrf_zone(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 6369 + zone_of(p) - 14, p, out);
    out->epsg += zone_of(p) == 14 ? 1 : -1;
}

static void nad27_utm(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 26700 + zone_of(p), p, out);
    out->epsg = 32600 + zone_of(p);
}

/* Where the real NAD27 is 12 m beside what the three parameters say. */
static void nad27_utm_off(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    nad27_utm(set, p, out);
    for (size_t i = 0; i < out->n; i++)
        out->raw[i] = (struct lonlat){out->raw[i].lon + 8.5, out->raw[i].lat - 8.5};
}

static void nad27_degrees(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 4267, p, out);
    out->epsg = CRS_WGS84;
}

static void wgs84_as_nad27(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    write_in(set, 32600 + zone_of(p), p, out);
    out->epsg = 26700 + zone_of(p);
}

/* 16.758333 degrees = 16 45' 30.0" -> 16.45300 */
static double dms_typed(double v)
{
    double tenths = round(fabs(v) * 36000), seconds = fmod(tenths, 600) / 10;
    double minutes = fmod(floor(tenths / 600), 60), degrees = floor(tenths / 36000);
    return copysign(degrees + minutes / 100 + seconds / 10000, v);
}

/* 16.758333 degrees = 16 45.500' -> 16.45500 */
static double minutes_typed(double v)
{
    double thousandths = round(fabs(v) * 60000);
    return copysign(floor(thousandths / 60000) + fmod(thousandths, 60000) / 1e5, v);
}

static void type_dms(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    (void)set;
    keep(p, out);
    for (size_t i = 0; i < out->n; i++)
        out->raw[i] = (struct lonlat){dms_typed(out->raw[i].lon), dms_typed(out->raw[i].lat)};
}

static void type_minutes(struct crs_set *set, const struct true_plot *p, struct spoiled *out)
{
    (void)set;
    keep(p, out);
    for (size_t i = 0; i < out->n; i++)
        out->raw[i] =
            (struct lonlat){minutes_typed(out->raw[i].lon), minutes_typed(out->raw[i].lat)};
}

/* What GEO.md asks for; of typed minutes what can be: those that still lie in their own town are
 * not seen. */
const struct spoiling SPOILINGS[] = {
    {"axes swapped, degrees", CRS_FAULT_AXES, swap_degrees, true, false, 1},
    {"axes swapped, degrees, no key", CRS_FAULT_AXES, swap_degrees, false, false, 1},
    {"axes swapped, metres", CRS_FAULT_AXES, swap_metres, true, false, 1},
    {"axes swapped, metres, no key", CRS_FAULT_AXES, swap_metres, false, false, 1},
    {"minus sign lost", CRS_FAULT_SIGN, lose_sign, true, false, 1},
    {"minus sign lost, no key", CRS_FAULT_SIGN, lose_sign, false, false, 1},
    {"sign lost and axes swapped", CRS_FAULT_AXES, sign_and_axes, true, false, 1},
    {"UTM metres as degrees", CRS_FAULT_METRES, utm_as_degrees, true, false, 1},
    {"UTM metres as degrees, no key", CRS_FAULT_METRES, utm_as_degrees, false, false, 1},
    {"LCC metres as degrees", CRS_FAULT_METRES, lambert_as_degrees, true, false, 1},
    {"degrees as UTM metres", CRS_FAULT_DEGREES, degrees_as_utm, true, false, 1},
    {"degrees as UTM metres, no key", CRS_FAULT_DEGREES, degrees_as_utm, false, false, 1},
    {"UTM zone one too low", CRS_FAULT_ZONE, zone_before, true, false, 0.999},
    {"UTM zone one too high", CRS_FAULT_ZONE, zone_after, true, false, 0.999},
    {"ITRF2008 UTM of another zone", CRS_FAULT_ZONE, itrf_zone, true, false, 0.999},
    {"NAD27 UTM as WGS84", CRS_FAULT_DATUM, nad27_utm, true, true, 0.95},
    {"NAD27 UTM as WGS84, no key", CRS_FAULT_DATUM, nad27_utm, false, true, 0.95},
    {"NAD27 UTM as WGS84, 12 m off", CRS_FAULT_DATUM, nad27_utm_off, true, true, 0.95},
    {"NAD27 degrees as WGS84", CRS_FAULT_DATUM, nad27_degrees, true, true, 0.95},
    {"WGS84 UTM as NAD27", CRS_FAULT_DATUM, wgs84_as_nad27, true, true, 0.95},
    {"DMS typed as decimals", CRS_FAULT_DMS, type_dms, true, false, 0.95},
    {"minutes typed as decimals", CRS_FAULT_DMS, type_minutes, true, false, 0.95},
};
const size_t SPOILINGS_N = sizeof SPOILINGS / sizeof *SPOILINGS;
