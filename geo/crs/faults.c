/* What is wrong with the coordinates of one row; see evidence.h.
 *
 * Every fault is a guess that is tried: undo it, and see whether the row comes home. */
#include <math.h>
#include <stddef.h>

#include "geo/crs/evidence.h"
#include "geo/crs/utm.h"

/* SPOTS: the middle and a few vertices, so that a plot on a border is at home on both sides. */
enum { VERTICES_TRIED = 256, SPOTS = 9 };

/* Two datums against another boundary of the plot: how near the middles must come, as a share of
 * the distance between the datums (75..200 m) and in metres (the shift itself is good to 12..25 m,
 * GEO.md 6.4), and how much the borders must gain. */
#define DATUM_NEAR 0.4
#define DATUM_NEAR_M 45.0
#define DATUM_GAIN 0.6
#define SIZE_RATIO 0.6
#define SIZE_SLACK_M 25.0

struct doctor {
    struct crs_set *set;
    const struct crs_suspect *suspect;
    const struct crs_world *world;
    struct crs_transform *as_read;
    struct lonlat middle; /* of the file's coordinates */
    struct lonlat spots[SPOTS];
    size_t spots_n;
    double size;            /* of their box, the longer side */
    bool degrees, in_range; /* a system of degrees; numbers that degrees can have */
    bool in_mexico;
    enum crs_home home; /* as read */
};

const char *crs_fault_name(enum crs_fault fault)
{
    static const char *const names[] = {
        "",           "axes_swapped", "sign_lost",      "metres_as_degrees", "degrees_as_metres",
        "wrong_zone", "nad27_shift",  "dms_as_decimals"};
    return names[fault];
}

static bool degrees_can_be(struct lonlat p)
{
    return fabs(p.lon) <= 180 && fabs(p.lat) <= 90;
}

static enum crs_home home_at(const struct doctor *d, struct lonlat p)
{
    if (!degrees_can_be(p))
        return CRS_HOME_NOWHERE;
    if (d->world)
        return d->world->locate(p, d->suspect->key, d->world->arg);
    return crs_in_mexico(p) ? CRS_HOME_SOME : CRS_HOME_NOWHERE;
}

static struct lonlat middle_of(const struct box *b)
{
    return (struct lonlat){(b->west + b->east) / 2, (b->south + b->north) / 2};
}

/* How a number of the file is to be read instead. */
struct undo {
    bool swap;
    int sign_lon, sign_lat; /* 1 or -1 */
};
static const struct undo AS_IT_IS = {false, 1, 1};

static struct lonlat undone(struct lonlat p, struct undo u)
{
    if (u.swap)
        p = (struct lonlat){p.lat, p.lon};
    p.lon *= u.sign_lon;
    p.lat *= u.sign_lat;
    return p;
}

/* Position p of the file read in the system; false = nowhere. */
static bool place_one(struct crs_transform *t, struct lonlat p, struct lonlat *out)
{
    if ((crs_transform_geographic(t) && !degrees_can_be(p)) ||
        crs_transform_points(t, &p, 1) != 1 || !degrees_can_be(p))
        return false;
    struct box b = {p.lon, p.lat, p.lon, p.lat};
    *out = p;
    return crs_transform_plausible(t, &b);
}

/* The row read in `epsg`: where its middle is, and the best home of its spots; false = nowhere. */
static bool place(const struct doctor *d, int epsg, struct undo u, struct lonlat *out,
                  enum crs_home *home)
{
    struct crs_transform *t = crs_set_get(d->set, epsg);
    const enum crs_home best = d->suspect->key ? CRS_HOME_OWN : CRS_HOME_SOME;
    *home = CRS_HOME_NOWHERE;
    if (!t || !place_one(t, undone(d->middle, u), out))
        return false;
    *home = home_at(d, *out);
    for (size_t i = 0; i < d->spots_n && *home < best; i++) {
        struct lonlat p;
        enum crs_home there =
            place_one(t, undone(d->spots[i], u), &p) ? home_at(d, p) : CRS_HOME_NOWHERE;
        if (there > *home)
            *home = there;
    }
    return true;
}

static bool verdict(struct crs_verdict *v, enum crs_fault fault, bool certain, int epsg,
                    struct lonlat at, enum crs_home home)
{
    *v = (struct crs_verdict){
        .fault = fault, .certain = certain, .epsg = epsg, .place = at, .home = home};
    return true;
}

/* Home again, or at least from nowhere into some region, or into the country of the regions. */
static bool comes_home(const struct doctor *d, struct lonlat at, enum crs_home home)
{
    if (home == CRS_HOME_OWN)
        return true;
    return d->home == CRS_HOME_NOWHERE && !d->in_mexico &&
           (home == CRS_HOME_SOME || (d->world && d->world->mexico && crs_in_mexico(at)));
}

/* Axes exchanged, signs lost, and both. */
static bool try_axes(const struct doctor *d, struct crs_verdict *v)
{
    static const struct undo tries[] = {{true, 1, 1},    {false, -1, 1}, {false, 1, -1},
                                        {false, -1, -1}, {true, -1, 1},  {true, 1, -1},
                                        {true, -1, -1}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct lonlat at;
        enum crs_home home;
        if (!d->degrees && (tries[i].sign_lon < 0 || tries[i].sign_lat < 0))
            continue;
        if (place(d, d->suspect->epsg, tries[i], &at, &home) && comes_home(d, at, home))
            return verdict(v, tries[i].swap ? CRS_FAULT_AXES : CRS_FAULT_SIGN, true,
                           d->suspect->epsg, at, home);
    }
    return false;
}

/* Numbers that no degrees have: projected metres. Certain whether or not we find in which system.
 */
static bool try_metres(const struct doctor *d, struct crs_verdict *v)
{
    static const int systems[] = {6372, 3857, 32615, 32614, 32616, 32613, 32612, 32611};
    if (!d->degrees || d->in_range || (fabs(d->middle.lon) < 1000 && fabs(d->middle.lat) < 1000))
        return false;
    verdict(v, CRS_FAULT_METRES, true, 0, (struct lonlat){NAN, NAN}, CRS_HOME_NOWHERE);
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        struct lonlat at;
        enum crs_home home;
        if (!place(d, systems[i], AS_IT_IS, &at, &home))
            continue;
        if (home > v->home || (v->epsg == 0 && crs_in_mexico(at)))
            verdict(v, CRS_FAULT_METRES, true, systems[i], at, home);
    }
    return true;
}

/* Numbers as small as degrees in a system of metres; no plot is half a metre wide. */
static bool try_degrees(const struct doctor *d, struct crs_verdict *v)
{
    static const struct undo swapped = {true, 1, 1};
    struct lonlat at;
    enum crs_home home;
    if (d->degrees || !degrees_can_be(d->middle) || d->size > 0.5)
        return false;
    if ((!place(d, CRS_WGS84, AS_IT_IS, &at, &home) || !comes_home(d, at, home)) &&
        (!place(d, CRS_WGS84, swapped, &at, &home) || !comes_home(d, at, home)))
        return false;
    return verdict(v, CRS_FAULT_DEGREES, true, CRS_WGS84, at, home);
}

/* The same numbers in another UTM zone. Without a region of its own to compare with, a plot just
 * outside the regions would look the same. */
static bool try_zones(const struct doctor *d, struct crs_verdict *v)
{
    int zone = utm_zone(d->suspect->epsg);
    for (int step = 1; zone && step < 6; step++)
        for (int side = -1; side <= 1; side += 2) {
            int epsg = utm_other_zone(d->suspect->epsg, zone + side * step);
            struct lonlat at;
            enum crs_home home;
            if (!epsg || !place(d, epsg, AS_IT_IS, &at, &home))
                continue;
            if (home == CRS_HOME_OWN)
                return verdict(v, CRS_FAULT_ZONE, true, epsg, at, home);
            if (home == CRS_HOME_SOME && !d->suspect->key && d->home == CRS_HOME_NOWHERE &&
                step == 1)
                return verdict(v, CRS_FAULT_ZONE, false, epsg, at, home);
        }
    return false;
}

/* 16.4530 as 16 degrees 45' 30", or (whole) as 16 degrees 45.30'. false = the digits are none. */
static bool from_dms(double typed, bool whole, double *out)
{
    double size = fabs(typed), degrees = floor(size + 1e-9);
    double minutes = (size - degrees) * 100;
    if (minutes < 0)
        minutes = 0;
    if (whole) {
        *out = copysign(degrees + minutes / 60, typed);
        return minutes < 60 - 1e-6;
    }
    double full = floor(minutes + 1e-5), seconds = fmax(0, (minutes - full) * 100);
    *out = copysign(degrees + full / 60 + seconds / 3600, typed);
    return full < 60 && seconds < 60 - 1e-4;
}

/* Seconds are typed to a tenth, minutes to a thousandth: five decimals. A receiver writes six or
 * more, and then a row that merely names the next municipality may look like typed minutes. */
static bool five_decimals(const struct lonlat *raw, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(raw[i].lon * 1e5 - round(raw[i].lon * 1e5)) > 1e-3 ||
            fabs(raw[i].lat * 1e5 - round(raw[i].lat * 1e5)) > 1e-3)
            return false;
    return true;
}

static bool try_dms(const struct doctor *d, struct crs_verdict *v)
{
    const struct crs_suspect *s = d->suspect;
    for (int whole = 0; s->key && d->degrees && d->in_range && whole < 2; whole++) {
        struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
        bool all = true;
        for (size_t i = 0; i < s->raw_n && all; i++) {
            struct lonlat p;
            all = from_dms(s->raw[i].lon, whole, &p.lon) && from_dms(s->raw[i].lat, whole, &p.lat);
            box.west = fmin(box.west, p.lon);
            box.east = fmax(box.east, p.lon);
            box.south = fmin(box.south, p.lat);
            box.north = fmax(box.north, p.lat);
        }
        struct lonlat at;
        if (all && place_one(d->as_read, middle_of(&box), &at) && home_at(d, at) == CRS_HOME_OWN)
            return verdict(v, CRS_FAULT_DMS, five_decimals(s->raw, s->raw_n), s->epsg, at,
                           CRS_HOME_OWN);
    }
    return false;
}

/* ---- the datum ---- */

/* Metres east and north of `from`, for distances of a plot. */
static struct lonlat metres(struct lonlat p, struct lonlat from)
{
    return (struct lonlat){(p.lon - from.lon) * 111320 * cos(from.lat * M_PI / 180),
                           (p.lat - from.lat) * 110700};
}

static double apart_m(struct lonlat a, struct lonlat b)
{
    struct lonlat m = metres(a, b);
    return hypot(m.lon, m.lat);
}

static double to_segment_m(struct lonlat p, struct lonlat a, struct lonlat b)
{
    struct lonlat q = metres(p, a), e = metres(b, a);
    double length2 = e.lon * e.lon + e.lat * e.lat;
    double t = length2 > 0 ? (q.lon * e.lon + q.lat * e.lat) / length2 : 0;
    t = fmin(fmax(t, 0), 1);
    return hypot(q.lon - t * e.lon, q.lat - t * e.lat);
}

/* Mean distance of the points from the nearest border of b. */
static double from_border_m(const struct lonlat *points, size_t n, const struct boundary *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double least = INFINITY;
        for (uint32_t r = 0; r < b->rings_n; r++)
            for (uint32_t k = boundary_ring_start(b, r); k + 1 < b->ring_end[r]; k++)
                least = fmin(least, to_segment_m(points[i], b->points[k], b->points[k + 1]));
        sum += least;
    }
    return sum / (double)n;
}

static bool alike(double a, double b)
{
    return fmin(a, b) + SIZE_SLACK_M >= SIZE_RATIO * (fmax(a, b) + SIZE_SLACK_M);
}

/* Two walks of one plot, both as wide and as high. */
static bool same_size(const struct box *a, const struct box *b)
{
    double width = apart_m((struct lonlat){a->west, a->south}, (struct lonlat){a->east, a->south});
    double height = apart_m((struct lonlat){a->west, a->south}, (struct lonlat){a->west, a->north});
    return alike(width,
                 apart_m((struct lonlat){b->west, b->south}, (struct lonlat){b->east, b->south})) &&
           alike(height,
                 apart_m((struct lonlat){b->west, b->south}, (struct lonlat){b->west, b->north}));
}

struct reading {
    struct lonlat points[VERTICES_TRIED];
    size_t n;
    struct box box;
};

/* The vertices, evenly thinned, read in `epsg`. */
static bool read_in(const struct doctor *d, int epsg, struct reading *out)
{
    const struct crs_suspect *s = d->suspect;
    struct crs_transform *t = crs_set_get(d->set, epsg);
    out->n = s->raw_n < VERTICES_TRIED ? s->raw_n : VERTICES_TRIED;
    for (size_t i = 0; i < out->n; i++)
        out->points[i] = s->raw[i * s->raw_n / out->n];
    if (!t || crs_transform_points(t, out->points, out->n) != out->n)
        return false;
    out->box = points_box(out->points, (uint32_t)out->n);
    return true;
}

static bool try_datum(const struct doctor *d, struct crs_verdict *v)
{
    const struct boundary *second = d->suspect->second;
    int twin = crs_datum_twin(d->suspect->epsg);
    struct reading now, then;
    if (!second || !second->points_n || !twin || (d->degrees && !d->in_range) ||
        !read_in(d, d->suspect->epsg, &now) || !read_in(d, twin, &then))
        return false;
    struct box box = boundary_box(second);
    struct lonlat here = middle_of(&now.box), there = middle_of(&then.box), at = middle_of(&box);
    double shift = apart_m(here, there), off = apart_m(here, at), near = apart_m(there, at);
    double near_enough = fmin(DATUM_NEAR * shift, DATUM_NEAR_M);
    if (near > near_enough || off < (1 - DATUM_NEAR) * shift || !same_size(&then.box, &box))
        return false;
    double gap = from_border_m(then.points, then.n, second);
    if (gap > near_enough || gap > DATUM_GAIN * from_border_m(now.points, now.n, second))
        return false;
    verdict(v, CRS_FAULT_DATUM, true, twin, there, home_at(d, there));
    v->shift_m = shift;
    return true;
}

/* ---- the row ---- */

static void look(struct doctor *d)
{
    const struct crs_suspect *s = d->suspect;
    struct box box = points_box(s->raw, (uint32_t)s->raw_n);
    struct lonlat at;
    d->as_read = crs_set_get(d->set, s->epsg);
    d->degrees = d->as_read && crs_transform_geographic(d->as_read);
    d->middle = middle_of(&box);
    d->size = fmax(box.east - box.west, box.north - box.south);
    d->in_range = degrees_can_be(d->middle);
    for (; d->spots_n < SPOTS - 1 && d->spots_n < s->raw_n; d->spots_n++)
        d->spots[d->spots_n] =
            s->raw[d->spots_n * s->raw_n / (SPOTS - 1 < s->raw_n ? SPOTS - 1 : s->raw_n)];
    d->in_mexico = place(d, s->epsg, AS_IT_IS, &at, &d->home) && crs_in_mexico(at);
}

enum crs_fault crs_diagnose(struct crs_set *set, const struct crs_suspect *suspect,
                            const struct crs_world *world, struct crs_verdict *out)
{
    struct doctor d = {.set = set, .suspect = suspect, .world = world};
    *out = (struct crs_verdict){.place = {NAN, NAN}};
    if (suspect->raw_n == 0)
        return CRS_FAULT_NONE;
    look(&d);
    if (!d.as_read)
        return CRS_FAULT_NONE;
    bool at_home = suspect->key ? d.home == CRS_HOME_OWN : d.home != CRS_HOME_NOWHERE;
    if (!at_home && (try_metres(&d, out) || try_degrees(&d, out) || try_axes(&d, out) ||
                     try_zones(&d, out) || try_dms(&d, out)))
        return out->fault;
    return try_datum(&d, out) ? out->fault : CRS_FAULT_NONE;
}
