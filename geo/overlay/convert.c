/* boundary <-> GEOS geometry. Coordinates are copied whole sequences at a time: struct lonlat is
 * laid out as GEOS' x,y pairs. */
#include "geo/overlay/convert.h"

#include <math.h>
#include <stdlib.h>

_Static_assert(sizeof(struct lonlat) == 2 * sizeof(double),
               "struct lonlat must be a bare x,y pair");

static GEOSGeometry *ring_from_points(struct geo_context *g, const struct boundary *b,
                                      uint32_t ring)
{
    uint32_t start = boundary_ring_start(b, ring);
    GEOSCoordSequence *s = GEOSCoordSeq_copyFromBuffer_r(g->geos, &b->points[start].lon,
                                                         b->ring_end[ring] - start, 0, 0);
    return s ? GEOSGeom_createLinearRing_r(g->geos, s) : NULL;
}

static void destroy_all(struct geo_context *g, GEOSGeometry **list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        GEOSGeom_destroy_r(g->geos, list[i]);
}

static GEOSGeometry *polygon_from_part(struct geo_context *g, const struct boundary *b,
                                       uint32_t part)
{
    uint32_t first = boundary_part_start(b, part), n = b->part_end[part] - first;
    if (n == 0)
        return GEOSGeom_createEmptyPolygon_r(g->geos);
    GEOSGeometry *few[16], **rings = n <= 16 ? few : malloc(n * sizeof *rings), *out = NULL;
    uint32_t made = 0;
    while (rings && made < n && (rings[made] = ring_from_points(g, b, first + made)))
        made++;
    if (rings && made == n)
        out = GEOSGeom_createPolygon_r(g->geos, rings[0], rings + 1, n - 1);
    else if (rings)
        destroy_all(g, rings, made);
    if (rings != few)
        free(rings);
    return out;
}

GEOSGeometry *geos_from_boundary(struct geo_context *g, const struct boundary *b)
{
    if (b->parts_n == 1)
        return polygon_from_part(g, b, 0);
    if (b->parts_n == 0)
        return GEOSGeom_createEmptyCollection_r(g->geos, GEOS_MULTIPOLYGON);
    GEOSGeometry *few[16], **parts = b->parts_n <= 16 ? few : malloc(b->parts_n * sizeof *parts),
                           *out = NULL;
    uint32_t made = 0;
    while (parts && made < b->parts_n && (parts[made] = polygon_from_part(g, b, made)))
        made++;
    if (parts && made == b->parts_n)
        out = GEOSGeom_createCollection_r(g->geos, GEOS_MULTIPOLYGON, parts, made);
    else if (parts)
        destroy_all(g, parts, made);
    if (parts != few)
        free(parts);
    return out;
}

GEOSGeometry *geos_from_box(struct geo_context *g, const struct box *box)
{
    struct lonlat corners[5] = {{box->west, box->south},
                                {box->east, box->south},
                                {box->east, box->north},
                                {box->west, box->north},
                                {box->west, box->south}};
    uint32_t points_n = 5, rings_n = 1;
    struct boundary b = {corners, &points_n, &rings_n, 5, 1, 1};
    return geos_from_boundary(g, &b);
}

static uint32_t ring_points(struct geo_context *g, const GEOSGeometry *ring)
{
    unsigned int n = 0;
    const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(g->geos, ring);
    return s && GEOSCoordSeq_getSize_r(g->geos, s, &n) ? n : 0;
}

static const GEOSGeometry *polygon_ring(struct geo_context *g, const GEOSGeometry *polygon,
                                        int ring)
{
    return ring == 0 ? GEOSGetExteriorRing_r(g->geos, polygon)
                     : GEOSGetInteriorRingN_r(g->geos, polygon, ring - 1);
}

static void count_polygons(struct geo_context *g, const GEOSGeometry *geometry,
                           struct boundary *counts)
{
    int type = GEOSGeomTypeId_r(g->geos, geometry);
    if (type >= GEOS_MULTIPOINT) {
        int n = GEOSGetNumGeometries_r(g->geos, geometry);
        for (int i = 0; i < n; i++)
            count_polygons(g, GEOSGetGeometryN_r(g->geos, geometry, i), counts);
    } else if (type == GEOS_POLYGON && GEOSisEmpty_r(g->geos, geometry) == 0) {
        int holes = GEOSGetNumInteriorRings_r(g->geos, geometry);
        counts->parts_n++;
        counts->rings_n += (uint32_t)holes + 1;
        for (int r = 0; r <= holes; r++)
            counts->points_n += ring_points(g, polygon_ring(g, geometry, r));
    }
}

/* Appends to `out`, whose counts say how far it is filled; its arrays have room. */
static bool fill_polygons(struct geo_context *g, const GEOSGeometry *geometry, struct boundary *out)
{
    int type = GEOSGeomTypeId_r(g->geos, geometry);
    if (type >= GEOS_MULTIPOINT) {
        int n = GEOSGetNumGeometries_r(g->geos, geometry);
        for (int i = 0; i < n; i++)
            if (!fill_polygons(g, GEOSGetGeometryN_r(g->geos, geometry, i), out))
                return false;
    } else if (type == GEOS_POLYGON && GEOSisEmpty_r(g->geos, geometry) == 0) {
        int holes = GEOSGetNumInteriorRings_r(g->geos, geometry);
        for (int r = 0; r <= holes; r++) {
            const GEOSGeometry *ring = polygon_ring(g, geometry, r);
            if (!GEOSCoordSeq_copyToBuffer_r(g->geos, GEOSGeom_getCoordSeq_r(g->geos, ring),
                                             &out->points[out->points_n].lon, 0, 0))
                return false;
            out->points_n += ring_points(g, ring);
            out->ring_end[out->rings_n++] = out->points_n;
        }
        out->part_end[out->parts_n++] = out->rings_n;
    }
    return true;
}

enum status geos_to_boundary(struct geo_context *g, const GEOSGeometry *geometry, struct arena *a,
                             struct boundary *out, struct error *e)
{
    struct boundary counts = {0};
    count_polygons(g, geometry, &counts);
    if (!boundary_alloc(out, a, counts.points_n, counts.rings_n, counts.parts_n))
        return error_memory(e);
    out->points_n = out->rings_n = out->parts_n = 0;
    if (!fill_polygons(g, geometry, out))
        return geos_failed(g, "geometry_unreadable", "reading a computed geometry", e);
    boundary_orient(out);
    return STATUS_OK;
}

static void collect_polygons(struct geo_context *g, const GEOSGeometry *geometry,
                             GEOSGeometry **list, int *n)
{
    int type = GEOSGeomTypeId_r(g->geos, geometry);
    if (type >= GEOS_MULTIPOINT) {
        int parts = GEOSGetNumGeometries_r(g->geos, geometry);
        for (int i = 0; i < parts; i++)
            collect_polygons(g, GEOSGetGeometryN_r(g->geos, geometry, i), list, n);
    } else if (type == GEOS_POLYGON && GEOSisEmpty_r(g->geos, geometry) == 0) {
        if ((list[*n] = GEOSGeom_clone_r(g->geos, geometry)))
            ++*n;
    }
}

GEOSGeometry *geos_polygonal(struct geo_context *g, GEOSGeometry *geometry)
{
    int type = geometry ? GEOSGeomTypeId_r(g->geos, geometry) : GEOS_POLYGON;
    if (type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON)
        return geometry;
    struct boundary counts = {0};
    count_polygons(g, geometry, &counts);
    GEOSGeometry **list = malloc((counts.parts_n + 1) * sizeof *list), *out = NULL;
    int n = 0;
    if (list)
        collect_polygons(g, geometry, list, &n);
    if (list && (uint32_t)n == counts.parts_n)
        out = GEOSGeom_createCollection_r(g->geos, GEOS_MULTIPOLYGON, list, (unsigned)n);
    else if (list)
        destroy_all(g, list, (uint32_t)n);
    free(list);
    GEOSGeom_destroy_r(g->geos, geometry);
    return out;
}

double geos_area_deg2(struct geo_context *g, const GEOSGeometry *geometry)
{
    double area = 0;
    return GEOSArea_r(g->geos, geometry, &area) ? area : 0;
}

double boundary_deg2(const struct boundary *b)
{
    double total = 0;
    for (uint32_t part = 0; part < b->parts_n; part++)
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            double area = fabs(ring_signed_deg2(b->points + start, b->ring_end[ring] - start));
            total += ring == boundary_part_start(b, part) ? area : -area;
        }
    return total;
}
