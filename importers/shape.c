/* Shapes and steps that want a second look; see shape.h. Every vertex of every file passes here, so
 * roots and angles are taken only where cheaper tests leave it open. */
#include "importers/shape.h"

#include <math.h>

/* ---- how coordinates were written ---- */

struct grid {
    double per_unit; /* steps in a degree, or a metre */
    struct shape_precision says;
};

/* Coarsest first. Degrees: 1 decimal is 11 km. */
static const struct grid DEGREES[] = {
    {1, {SHAPE_STEPS_DECIMALS, 0, 110574}},    {10, {SHAPE_STEPS_DECIMALS, 1, 11057}},
    {100, {SHAPE_STEPS_DECIMALS, 2, 1106}},    {1000, {SHAPE_STEPS_DECIMALS, 3, 110.6}},
    {3600, {SHAPE_STEPS_SECONDS, 1, 30.7}},    {10000, {SHAPE_STEPS_DECIMALS, 4, 11.06}},
    {36000, {SHAPE_STEPS_SECONDS, 0.1, 3.07}}, {100000, {SHAPE_STEPS_DECIMALS, 5, 1.106}}};
static const struct grid METRES[] = {{0.01, {SHAPE_STEPS_METRES, 100, 100}},
                                     {0.1, {SHAPE_STEPS_METRES, 10, 10}},
                                     {1, {SHAPE_STEPS_METRES, 1, 1}}};

/* A number typed with so many decimals is within a few 1e-9 of a step; sums of degrees, minutes and
 * seconds as well. */
static bool on_grid(double v, double per_unit)
{
    double steps = v * per_unit;
    return fabs(steps - nearbyint(steps)) < 1e-6;
}

struct shape_precision shape_precision(const struct boundary *b, bool degrees)
{
    const struct grid *grids = degrees ? DEGREES : METRES;
    unsigned n = degrees ? sizeof DEGREES / sizeof *DEGREES : sizeof METRES / sizeof *METRES;
    unsigned left = b->points_n ? (1u << n) - 1 : 0;
    for (uint32_t i = 0; left && i < b->points_n; i++)
        for (unsigned g = 0; g < n; g++)
            if (left & (1u << g) && !(on_grid(b->points[i].lon, grids[g].per_unit) &&
                                      on_grid(b->points[i].lat, grids[g].per_unit)))
                left &= ~(1u << g);
    for (unsigned g = 0; g < n; g++)
        if (left & (1u << g))
            return grids[g].says;
    return (struct shape_precision){SHAPE_STEPS_FINE, 0, 0};
}

/* ---- shape ---- */

struct metric {
    double x_m, y_m; /* of a degree */
};

struct leg {
    double x, y, m2;
};

static struct leg leg_of(struct metric m, struct lonlat from, struct lonlat to)
{
    struct leg l = {(to.lon - from.lon) * m.x_m, (to.lat - from.lat) * m.y_m, 0};
    l.m2 = l.x * l.x + l.y * l.y;
    return l;
}

#define SPIKE_COS2 0.969846310392954 /* of 10 degrees, squared */
#define SPIKE_DETOUR2 25.0           /* five times, squared */
#define SPIKE_LEAST_M2 4.0           /* 2 m, squared */
#define SPIKE_SIDE2_SHARE 0.04       /* a fifth of the side, squared */
#define SPIKE_AREA_SHARE 0.05

/* Legs from a vertex to its neighbours. */
static void try_spike(struct leg a, struct leg c, double ring_m2, struct lonlat place,
                      struct shape_spike *out)
{
    double dot = a.x * c.x + a.y * c.y, shorter2 = fmin(a.m2, c.m2);
    if (dot <= 0 || dot * dot <= SPIKE_COS2 * a.m2 * c.m2 || shorter2 < SPIKE_LEAST_M2 ||
        shorter2 < SPIKE_SIDE2_SHARE * ring_m2)
        return;
    double x = c.x - a.x, y = c.y - a.y, detour = sqrt(a.m2) + sqrt(c.m2);
    double enclosed = fabs(a.x * c.y - a.y * c.x) / 2;
    if (detour * detour <= SPIKE_DETOUR2 * (x * x + y * y) ||
        enclosed >= SPIKE_AREA_SHARE * ring_m2)
        return;
    out->n++;
    double length = sqrt(shorter2);
    if (out->n > 1 && length <= out->length_m)
        return;
    out->place = place;
    out->length_m = length;
    out->effect_m2 = enclosed;
}

/* The next vertex before or after i that is elsewhere; i when there is none. n: of the closed ring.
 */
static uint32_t other(const struct lonlat *p, uint32_t n, uint32_t i, uint32_t step)
{
    uint32_t j = (i + step) % (n - 1);
    while (j != i && p[j].lon == p[i].lon && p[j].lat == p[i].lat)
        j = (j + step) % (n - 1);
    return j;
}

static void look_for_spikes(struct metric m, const struct lonlat *p, uint32_t n, double ring_m2,
                            struct shape_spike *out)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint32_t before = i ? i - 1 : n - 2;
        struct leg a = leg_of(m, p[i], p[before]), c = leg_of(m, p[i], p[i + 1]);
        if (a.m2 == 0) /* the first of repeated vertices stands for them */
            continue;
        if (c.m2 == 0)
            c = leg_of(m, p[i], p[other(p, n, i, 1)]);
        if (a.x * c.x + a.y * c.y > 0)
            try_spike(a, c, ring_m2, p[i], out);
    }
}

static double ring_m2_of(struct metric m, const struct lonlat *p, uint32_t n)
{
    return fabs(ring_signed_deg2(p, n)) * m.x_m * m.y_m;
}

/* Length of a ring; short edges are noted. */
static double walk_edges(struct metric m, const struct lonlat *p, uint32_t n, struct shape *out)
{
    double length = 0;
    for (uint32_t i = 1; i < n; i++) {
        struct leg l = leg_of(m, p[i - 1], p[i]);
        length += sqrt(l.m2);
        if (l.m2 > 0 && l.m2 < SHAPE_SHORT_M * SHAPE_SHORT_M && out->short_n++ == 0)
            out->short_place = p[i];
    }
    return length;
}

void shape_look(const struct boundary *b, struct shape *out)
{
    static const struct lonlat nowhere = {NAN, NAN};
    double largest_m2 = 0;
    *out = (struct shape){.spike = {.place = nowhere}, .short_place = nowhere, .thinness = 1};
    if (!b->points_n)
        return;
    struct metric m = {111320 * cos(b->points[0].lat * (M_PI / 180)), 110574};
    for (uint32_t part = 0, ring = 0; part < b->parts_n; part++)
        for (uint32_t first = ring; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring), n = b->ring_end[ring] - start;
            const struct lonlat *p = b->points + start;
            double m2 = ring_m2_of(m, p, n), length = walk_edges(m, p, n, out);
            look_for_spikes(m, p, n, m2, &out->spike);
            if (ring != first || m2 <= largest_m2)
                continue;
            largest_m2 = m2;
            out->thinness = length > 0 ? 4 * M_PI * m2 / (length * length) : 1;
            out->width_m = length > 0 ? 2 * m2 / length : 0;
        }
}
