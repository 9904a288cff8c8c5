/* Questions to the world: where a community fits, and what lies under a field. */
#include "maker.h"

#include <math.h>
#include <string.h>

static bool holds(const struct world *w, const GEOSPreparedGeometry *shape, struct position p)
{
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(w->geos, p.x, p.y);
    bool yes = GEOSPreparedContains_r(w->geos, shape, point) == 1;
    GEOSGeom_destroy_r(w->geos, point);
    return yes;
}

/* How many of the middle and 24 points round it lie in the shape. */
enum { PROBES_N = 25 };
static int probes_in(const struct world *w, const GEOSGeometry *shape, struct position centre,
                     double radius_m)
{
    const GEOSPreparedGeometry *prepared = GEOSPrepare_r(w->geos, shape);
    int n = holds(w, prepared, centre);
    for (int k = 0; k < PROBES_N - 1; k++) {
        double angle = 2 * M_PI * k / (PROBES_N - 1);
        n += holds(w, prepared,
                   offset_position(centre, radius_m * cos(angle), radius_m * sin(angle)));
    }
    GEOSPreparedGeom_destroy_r(w->geos, prepared);
    return n;
}

static bool far_from_others(const struct world *w, struct position p, double distance_m)
{
    for (int i = 0; i < w->communities_n; i++) {
        double dx = (w->community[i].x - p.x) * 106000, dy = (w->community[i].y - p.y) * 110600;
        if (hypot(dx, dy) < distance_m)
            return false;
    }
    return true;
}

static const GEOSGeometry *municipality_shape(const struct world *w, const char *key)
{
    for (int i = 0; i < MUNICIPALITIES_N; i++)
        if (strcmp(w->municipality[i].key, key) == 0)
            return w->municipality[i].shape;
    give_up("no municipality %s", key);
}

bool world_community(struct world *w, struct rng *r, const char *municipality, double radius_m,
                     enum corridor_wish wish, struct position *out)
{
    const GEOSGeometry *shape = municipality_shape(w, municipality);
    double west, south, east, north;
    GEOSGeom_getExtent_r(w->geos, shape, &west, &south, &east, &north);
    for (int attempt = 0; attempt < 3000; attempt++) {
        struct position p = {rng_between(r, west, east), rng_between(r, south, north)};
        if (!far_from_others(w, p, 2.2 * radius_m) ||
            probes_in(w, shape, p, radius_m * 1.1) < PROBES_N)
            continue;
        int in = wish == CORRIDOR_ANY
                     ? 0
                     : probes_in(w, w->corridors, p,
                                 wish == CORRIDOR_EDGE ? radius_m * 0.3 : radius_m * 1.1);
        bool fits = wish == CORRIDOR_ANY || (wish == CORRIDOR_IN && in == PROBES_N) ||
                    (wish == CORRIDOR_OUT && in == 0) ||
                    (wish == CORRIDOR_EDGE && in > 0 && in < PROBES_N);
        if (!fits)
            continue;
        if (w->communities_n == (int)(sizeof w->community / sizeof w->community[0]))
            give_up("too many communities");
        w->community[w->communities_n++] = *out = p;
        return true;
    }
    return false;
}

void world_border(struct world *w, const char *one, const char *other, struct position *out)
{
    GEOSContextHandle_t g = w->geos;
    GEOSGeometry *pieces =
        GEOSIntersection_r(g, municipality_shape(w, one), municipality_shape(w, other));
    GEOSGeometry *line = GEOSLineMerge_r(g, pieces);
    GEOSGeometry *middle = line && GEOSGeomTypeId_r(g, line) == GEOS_LINESTRING
                               ? GEOSInterpolateNormalized_r(g, line, 0.5)
                               : NULL;
    if (!middle || GEOSGeomGetX_r(g, middle, &out->x) != 1 ||
        GEOSGeomGetY_r(g, middle, &out->y) != 1)
        give_up("%s and %s have no common border", one, other);
    if (w->communities_n == (int)(sizeof w->community / sizeof w->community[0]))
        give_up("too many communities");
    w->community[w->communities_n++] = *out;
    GEOSGeom_destroy_r(g, middle);
    GEOSGeom_destroy_r(g, line);
    GEOSGeom_destroy_r(g, pieces);
}

GEOSGeometry *world_polygon(const struct world *w, const struct field *f)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(w->geos, (unsigned)f->n + 1, 2);
    for (int i = 0; i <= f->n; i++)
        GEOSCoordSeq_setXY_r(w->geos, s, (unsigned)i, f->ring[i % f->n].x, f->ring[i % f->n].y);
    return GEOSGeom_createPolygon_r(w->geos, GEOSGeom_createLinearRing_r(w->geos, s), NULL, 0);
}

static double share_in(const struct world *w, const GEOSGeometry *polygon,
                       const GEOSGeometry *shape)
{
    double whole = 0, inside = 0;
    GEOSGeometry *part = GEOSIntersection_r(w->geos, polygon, shape);
    GEOSArea_r(w->geos, polygon, &whole);
    GEOSArea_r(w->geos, part, &inside);
    GEOSGeom_destroy_r(w->geos, part);
    return inside / whole;
}

double world_corridor_share(const struct world *w, const struct field *f)
{
    GEOSGeometry *polygon = world_polygon(w, f);
    double share = share_in(w, polygon, w->corridors);
    GEOSGeom_destroy_r(w->geos, polygon);
    return share;
}

const char *world_municipality_of(const struct world *w, const struct field *f)
{
    GEOSGeometry *polygon = world_polygon(w, f);
    const char *key = NULL;
    for (int i = 0; i < MUNICIPALITIES_N && !key; i++)
        if (share_in(w, polygon, w->municipality[i].shape) > 0.5)
            key = w->municipality[i].key;
    GEOSGeom_destroy_r(w->geos, polygon);
    return key;
}

bool world_valid(const struct world *w, const struct field *f)
{
    GEOSGeometry *polygon = world_polygon(w, f);
    bool valid = GEOSisValid_r(w->geos, polygon) == 1;
    GEOSGeom_destroy_r(w->geos, polygon);
    return valid;
}
