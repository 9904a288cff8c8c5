/* Hectares alone: reads the boundaries of the plots that count from a registry with GDAL, computes
 * the area of each, and prints their sum in hectares. What PostGIS's `SELECT
 * ST_Area(geom::geography)` from a table is held against; one thread, nothing is written.
 *
 *   bench_area_alone REGISTRY */
#include <gdal.h>
#include <ogr_api.h>
#include <stdio.h>
#include <stdlib.h>

#include "geo/area.h"

static void ring_points(OGRGeometryH ring, struct boundary *b)
{
    uint32_t n = (uint32_t)OGR_G_GetPointCount(ring);
    OGR_G_GetPoints(ring, &b->points[b->points_n].lon, sizeof *b->points,
                    &b->points[b->points_n].lat, sizeof *b->points, NULL, 0);
    b->points_n += n;
    b->ring_end[b->rings_n++] = b->points_n;
}

/* The boundary of a multipolygon, in `a`. */
static struct boundary boundary_of(OGRGeometryH g, struct arena *a)
{
    uint32_t points = 0, rings = 0, parts = (uint32_t)OGR_G_GetGeometryCount(g);
    for (int p = 0; p < (int)parts; p++) {
        OGRGeometryH part = OGR_G_GetGeometryRef(g, p);
        rings += (uint32_t)OGR_G_GetGeometryCount(part);
        for (int r = 0; r < OGR_G_GetGeometryCount(part); r++)
            points += (uint32_t)OGR_G_GetPointCount(OGR_G_GetGeometryRef(part, r));
    }
    struct boundary b;
    if (!boundary_alloc(&b, a, points, rings, parts))
        exit(1);
    b.points_n = b.rings_n = b.parts_n = 0;
    for (int p = 0; p < (int)parts; p++) {
        OGRGeometryH part = OGR_G_GetGeometryRef(g, p);
        for (int r = 0; r < OGR_G_GetGeometryCount(part); r++)
            ring_points(OGR_G_GetGeometryRef(part, r), &b);
        b.part_end[b.parts_n++] = b.rings_n;
    }
    return b;
}

int main(int argc, char **argv)
{
    char path[4096];
    struct arena a;
    if (argc != 2)
        return 2;
    GDALAllRegister();
    area_init();
    arena_init(&a, 0);
    snprintf(path, sizeof path, "%s/registry.sqlite", argv[1]);
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY,
                                (const char *const[]){"SQLite", NULL}, NULL, NULL);
    OGRLayerH layer = d ? GDALDatasetExecuteSQL(
                              d, "SELECT geom FROM revision WHERE to_change IS NULL", NULL, NULL)
                        : NULL;
    if (!layer)
        return 1;
    int64_t sum_mm2 = 0;
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f)) {
        OGRGeometryH g = OGR_F_GetGeometryRef(f);
        arena_reset(&a);
        if (g) {
            struct boundary b = boundary_of(g, &a);
            sum_mm2 += area_to_mm2(area_boundary_m2(&b));
        }
    }
    GDALDatasetReleaseResultSet(d, layer);
    GDALClose(d);
    arena_clear(&a);
    printf("%.10f\n", (double)sum_mm2 / MM2_PER_HA);
    return 0;
}
