/* Ranking reference systems by where they would put the rows of a file; see evidence.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/crs/evidence.h"

/* In the order in which they are met in Mexico: the south first, where the programmes are. Systems
 * of one family share their numbers but for the datum, so regions cannot tell them apart. */
static const struct {
    int epsg, family;
} SYSTEMS[] = {
    {4326, 0},  {4267, 0},  {6372, 1},  {3857, 2},  {32615, 3}, {26715, 3}, {32614, 4}, {26714, 4},
    {32616, 5}, {26716, 5}, {32613, 6}, {26713, 6}, {32612, 7}, {26712, 7}, {32611, 8}, {26711, 8},
};
enum { SYSTEMS_N = sizeof SYSTEMS / sizeof *SYSTEMS, FAMILIES_N = 9 };
_Static_assert((int)SYSTEMS_N <= (int)CRS_RANKS_MAX, "every system may be a candidate");

enum { SECONDS_LEAST = 3 };
#define FITS 0.9
#define RIVAL 0.1
#define NEAR_SHARE 0.4 /* of the distance between two datums */

/* All of a family's positions are tried in its first system; the other datum is 200 m away. */
struct family {
    size_t first; /* in the list of ranks */
    size_t members;
    double fit, any; /* shares */
    size_t order;
};

static double distance_m(struct lonlat a, struct lonlat b)
{
    double north = (a.lat - b.lat) * 110700;
    double east = (a.lon - b.lon) * 111320 * cos((a.lat + b.lat) * M_PI / 360);
    return hypot(east, north);
}

static bool place(struct crs_set *set, int epsg, struct lonlat raw, struct lonlat *out)
{
    struct crs_transform *t = crs_set_get(set, epsg);
    *out = raw;
    if (!t || (crs_transform_geographic(t) && (fabs(raw.lon) > 180 || fabs(raw.lat) > 90)))
        return false;
    if (crs_transform_points(t, out, 1) != 1)
        return false;
    struct box b = {out->lon, out->lat, out->lon, out->lat};
    return crs_transform_plausible(t, &b);
}

static void count(struct crs_set *set, const struct crs_sample *s, const struct crs_world *world,
                  struct crs_rank *rank, uint32_t *mexico_n)
{
    struct lonlat p, other;
    rank->n++;
    rank->keyed_n += s->key != NULL;
    if (!place(set, rank->epsg, s->raw, &p))
        return;
    enum crs_home home = world              ? world->locate(p, s->key, world->arg)
                         : crs_in_mexico(p) ? CRS_HOME_SOME
                                            : CRS_HOME_NOWHERE;
    if (isnan(rank->example.lon))
        rank->example = p;
    rank->any_n += home != CRS_HOME_NOWHERE;
    rank->own_n += s->key && home == CRS_HOME_OWN;
    *mexico_n += crs_in_mexico(p) || home != CRS_HOME_NOWHERE;
    int twin = crs_datum_twin(rank->epsg);
    if (isfinite(s->second.lon) && twin && place(set, twin, s->raw, &other)) {
        rank->second_n++;
        rank->near_n += distance_m(p, s->second) < NEAR_SHARE * distance_m(p, other);
    }
}

static double share(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / whole : 0;
}

/* Do enough rows say where they belong? */
static bool keyed(const struct crs_rank *r)
{
    return r->keyed_n * 2 >= r->n;
}

static double fit_of(const struct crs_rank *r)
{
    return keyed(r) ? share(r->own_n, r->keyed_n) : share(r->any_n, r->n);
}

/* Shares that differ by a row or two at a border are the same. */
static int steps(double x)
{
    return (int)lrint(x * 20);
}

static bool better(const struct family *a, const struct family *b)
{
    if (steps(a->fit) != steps(b->fit))
        return a->fit > b->fit;
    if (steps(a->any) != steps(b->any))
        return a->any > b->any;
    return a->order < b->order;
}

/* WGS84 before NAD27, unless other boundaries say otherwise. */
static void order_members(struct crs_rank *first)
{
    if (first[0].near_n < first[1].near_n) {
        struct crs_rank r = first[0];
        first[0] = first[1];
        first[1] = r;
    }
}

static bool tells_datum(const struct crs_rank *first)
{
    return first[0].second_n >= SECONDS_LEAST &&
           share(first[0].near_n, first[0].second_n) >= FITS &&
           share(first[1].near_n, first[1].second_n) <= RIVAL;
}

static size_t count_all(struct crs_set *set, const struct crs_sample *samples, size_t n,
                        const struct crs_world *world, struct crs_rank *ranks,
                        struct family *families)
{
    size_t ranks_n = 0, families_n = 0;
    int last = -1;
    for (size_t i = 0; i < SYSTEMS_N; i++) {
        struct crs_rank *r = &ranks[ranks_n];
        uint32_t mexico_n = 0;
        *r = (struct crs_rank){.epsg = SYSTEMS[i].epsg, .example = {NAN, NAN}};
        for (size_t k = 0; k < n; k++)
            count(set, &samples[k], world, r, &mexico_n);
        if ((size_t)mexico_n * 2 < n)
            continue;
        snprintf(r->name, sizeof r->name, "%s", crs_transform_name(crs_set_get(set, r->epsg)));
        if (SYSTEMS[i].family != last)
            families[families_n++] = (struct family){.first = ranks_n, .order = i};
        last = SYSTEMS[i].family;
        struct family *f = &families[families_n - 1];
        f->members++;
        f->fit = fmax(f->fit, fit_of(r));
        f->any = fmax(f->any, share(r->any_n, r->n));
        ranks_n++;
    }
    for (size_t i = 0; i < families_n; i++)
        if (families[i].members == 2)
            order_members(&ranks[families[i].first]);
    return families_n;
}

size_t crs_rank(struct crs_set *set, const struct crs_sample *samples, size_t n,
                const struct crs_world *world, struct crs_rank out[CRS_RANKS_MAX], bool *certain)
{
    struct crs_rank ranks[SYSTEMS_N];
    struct family families[FAMILIES_N];
    *certain = false;
    if (n == 0)
        return 0;
    size_t families_n = count_all(set, samples, n, world, ranks, families), out_n = 0;
    for (size_t i = 1; i < families_n; i++)
        for (size_t k = i; k > 0 && better(&families[k], &families[k - 1]); k--) {
            struct family f = families[k];
            families[k] = families[k - 1];
            families[k - 1] = f;
        }
    *certain = families_n > 0 && families[0].fit >= FITS;
    for (size_t i = 0; i < families_n; i++) {
        const struct crs_rank *first = &ranks[families[i].first];
        if (i > 0 && families[i].fit > RIVAL)
            *certain = false;
        if (i == 0 && families[i].members == 2 && !tells_datum(first))
            *certain = false;
        for (size_t k = 0; k < families[i].members; k++)
            out[out_n++] = first[k];
    }
    return out_n;
}
