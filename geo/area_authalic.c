/* Area of a ring by the authalic sphere of WGS84: great-circle edges, geodesic edges for rings of a
 * plot's size, and straight edges in the equal-area cylinder.
 *
 * Bessel's excess of the strip between an edge and the equator is E = 2 atan(tan(dl/2) T) with
 * T = (t1+t2)/(1+t1 t2), t = tan(beta/2), which is T = sin(mean beta)/cos(half difference). Over a
 * closed ring that goes round no pole sum(dl T0) is 0 for any T0; so small rings sum E - dl T0 with
 * T0 at the ring's middle latitude, from differences of latitude, where nothing cancels.
 *
 * From great circle to geodesic: in the equal-area plane (longitude, u = sin beta) with G = (N cos
 * phi)^2 Clairaut's constant gives every geodesic u'' = G G'/(2 R^4) + 3 G'/(2 G) u'^2, where G' =
 * dG/du = -2 R^2 sin phi on the ellipsoid and -2 R^2 u on the sphere. Two curves with common ends
 * whose u'' differ by k enclose R^2 k dl^3 / 12: one product per edge, and what is left is of fifth
 * order (below 1e-9 of the area of a plot of 10 ha, 1e-12 of one of 1 ha). */
#include <math.h>

#include "geo/area_units.h"
#include "geo/ellipsoid.h"

/* Up to here the series below are good to 1e-15 of the ring's extent squared. */
static const double local_extent_deg = 0.2;

/* Authalic latitudes near a reference one: beta(lat) - beta(lat0) = d (c0 + c1 d + ...), d = lat -
 * lat0 in radians. */
struct local_frame {
    double lat0_deg, sin0, cos0;
    double c[5];
    double bend_l, bend_h; /* geodesic minus great circle, per l^3 and per l h^2 */
};

static struct local_frame local_frame(double lat0_deg)
{
    struct local_frame f = {.lat0_deg = lat0_deg};
    double s, c;
    sincos_deg(lat0_deg, &s, &c);
    double s2 = 2 * s * c, c2 = (c - s) * (c + s), sk = s2, ck = c2;
    f.c[0] = 1;
    for (int k = 1; k <= AUTHALIC_TERMS; k++) {
        /* Taylor coefficients of a sin(2k lat) */
        double a = authalic_series[k - 1], w = 2 * k;
        f.c[0] += a * w * ck;
        f.c[1] -= a * w * w * sk / 2;
        f.c[2] -= a * w * w * w * ck / 6;
        f.c[3] += a * w * w * w * w * sk / 24;
        f.c[4] += a * w * w * w * w * w * ck / 120;
        double next = sk * c2 + ck * s2;
        ck = ck * c2 - sk * s2;
        sk = next;
    }
    authalic_sincos(lat0_deg, &f.sin0, &f.cos0);
    double g = WGS84_A_M * WGS84_A_M / AUTHALIC_R2_M2 * (c * c) / (1 - WGS84_E2 * s * s);
    double cos2 = f.cos0 * f.cos0;
    f.bend_l = (s * g - f.sin0 * cos2) / 3;
    f.bend_h = cos2 > 0 && g > 0 ? s * cos2 / g - f.sin0 : 0;
    return f;
}

static inline double local_beta(const struct local_frame *f, double lat_deg)
{
    double d = (lat_deg - f->lat0_deg) * DEG_TO_RAD;
    return d * (f->c[0] + d * (f->c[1] + d * (f->c[2] + d * (f->c[3] + d * f->c[4]))));
}

static inline double small_sin(double x)
{
    double x2 = x * x;
    return x * (1 - x2 * (1.0 / 6 - x2 / 120));
}

/* (E - dl T0) / 2 of an edge; l is half the difference of longitude in radians. Odd under reversal,
 * bit for bit. */
static inline double local_edge(const struct local_frame *f, double l, double b1, double b2)
{
    double h = (b2 - b1) / 2, h2 = h * h, inverse_cos = 1 + h2 * (0.5 + h2 * (5.0 / 24));
    double rise = (f->cos0 * small_sin((b1 + b2) / 2) -
                   2 * f->sin0 * (small_sin(b1 / 2) * small_sin(b2 / 2))) *
                  inverse_cos;
    double t = f->sin0 + rise, t2 = t * t, l2 = l * l;
    double bend = t * ((1 - t2) / 3 + l2 * (2.0 / 15 - t2 * (1.0 / 3 - t2 / 5)));
    return l * (rise + l2 * bend);
}

struct ring_extent ring_extent(const struct lonlat *points, uint32_t n)
{
    struct ring_extent x = {.south = HUGE_VAL, .north = -HUGE_VAL};
    double last = n ? points[n - 1].lon : 0, poison = 0;
    for (uint32_t i = 0; i < n; i++) {
        double turn = lon_difference(last, points[i].lon), step = fabs(turn), lat = points[i].lat;
        x.turn_deg += turn;
        last = points[i].lon;
        x.step_deg = step > x.step_deg ? step : x.step_deg;
        x.south = lat < x.south ? lat : x.south;
        x.north = lat > x.north ? lat : x.north;
        poison += (step + lat) * 0; /* NaN once a coordinate is NaN or infinite */
    }
    x.bad = poison != 0 || x.south < -90 || x.north > 90;
    return x;
}

struct area_units area_units_close(__int128 n, long turns)
{
    __int128 whole = area_units(ELLIPSOID_AREA_M2), half = whole / 2;
    if (turns % 2)
        n += half;
    n %= whole;
    if (n > half)
        n -= whole;
    else if (n < -half)
        n += whole;
    return (struct area_units){.n = n};
}

static bool is_local(struct ring_extent x)
{
    return x.step_deg <= local_extent_deg && x.north - x.south <= local_extent_deg &&
           fabs(x.turn_deg) < 180;
}

static struct area_units local_units(const struct lonlat *points, uint32_t n, struct local_frame f)
{
    __int128 sum = 0;
    double lon = points[n - 1].lon, b = local_beta(&f, points[n - 1].lat);
    for (uint32_t i = 0; i < n; i++) {
        double next = local_beta(&f, points[i].lat);
        double l = lon_difference(lon, points[i].lon) * (DEG_TO_RAD / 2);
        double h = (next - b) / 2;
        double edge = local_edge(&f, l, b, next) + l * (f.bend_l * (l * l) + f.bend_h * (h * h));
        sum += llrint(edge * (-2 * AUTHALIC_R2_M2 * AREA_UNITS_PER_M2));
        lon = points[i].lon;
        b = next;
    }
    return (struct area_units){.n = sum};
}

/* Any ring: whole strips down to the equator, so an error of about 1e-5 m2 per degree of extent is
 * left. */
static struct area_units world_units(const struct lonlat *points, uint32_t n)
{
    __int128 sum = 0;
    double s, c, degrees = 0, lon = points[n - 1].lon;
    authalic_sincos(points[n - 1].lat, &s, &c);
    double t = s / (1 + c);
    for (uint32_t i = 0; i < n; i++) {
        authalic_sincos(points[i].lat, &s, &c);
        double next = s / (1 + c), dl = lon_difference(lon, points[i].lon), half_s, half_c;
        sincos_deg(dl / 2, &half_s, &half_c);
        sum +=
            area_units(-2 * AUTHALIC_R2_M2 * atan2(half_s * (t + next), half_c * (1 + t * next)));
        degrees += dl;
        lon = points[i].lon;
        t = next;
    }
    return area_units_close(sum, lrint(degrees / 360));
}

struct area_units area_authalic_units(const struct lonlat *points, uint32_t n)
{
    struct ring_extent x = ring_extent(points, n);
    if (n < 3 || x.bad)
        return (struct area_units){.bad = x.bad};
    if (!is_local(x))
        return world_units(points, n);
    struct local_frame f = local_frame((x.south + x.north) / 2);
    f.bend_l = f.bend_h = 0;
    return local_units(points, n, f);
}

bool area_local_units(const struct lonlat *points, uint32_t n, struct area_units *out)
{
    struct ring_extent x = ring_extent(points, n);
    *out = (struct area_units){.bad = x.bad};
    if (n < 3 || x.bad)
        return true;
    if (!is_local(x))
        return false;
    *out = local_units(points, n, local_frame((x.south + x.north) / 2));
    return true;
}

/* Straight edges in the cylinder: trapezoids of width dl and height sin(beta), again relative to
 * the middle latitude. */
struct area_units area_cylinder_units(const struct lonlat *points, uint32_t n)
{
    struct ring_extent x = ring_extent(points, n);
    if (n < 3 || x.bad)
        return (struct area_units){.bad = x.bad};
    bool local = x.north - x.south <= local_extent_deg;
    struct local_frame f = local_frame((x.south + x.north) / 2);
    __int128 sum = 0;
    double degrees = 0, lon = 0, rise = 0;
    for (uint32_t i = 0; i <= n; i++) {
        struct lonlat p = points[i ? i - 1 : n - 1];
        double next, s, c;
        if (local) {
            double b = local_beta(&f, p.lat), half = small_sin(b / 2);
            next = f.cos0 * small_sin(b) - 2 * f.sin0 * (half * half);
        } else {
            authalic_sincos(p.lat, &s, &c);
            next = s - f.sin0;
        }
        if (i) {
            double dl = lon_difference(lon, p.lon);
            sum += area_units(-AUTHALIC_R2_M2 * DEG_TO_RAD * (dl * ((rise + next) / 2)));
            degrees += dl;
        }
        lon = p.lon;
        rise = next;
    }
    long turns = lrint(degrees / 360);
    /* Round a pole the reference latitude no longer drops out. */
    sum += area_units(-AUTHALIC_R2_M2 * 2 * M_PI * f.sin0 * (double)turns);
    return area_units_close(sum, turns);
}
