/* Made-up hills: value noise in four wavelengths, tuned so that slopes run from flat valley floors
 * to about 60 %. Only blocks under plots are kept; the rest of the box is left out of the file (no
 * data), which keeps it small. */
#include "maker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>
#include <ogr_srs_api.h>

enum { BLOCK = 64, CELLS_PER_DEGREE = 3600, MARGIN = 4, NO_DATA = -32768 };

static double fade(double t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

static double noise(double x, double y, int seed)
{
    double fx = floor(x), fy = floor(y), u = fade(x - fx), v = fade(y - fy);
    int64_t i = (int64_t)fx, j = (int64_t)fy;
    double south = hash_unit(i, j, seed) * (1 - u) + hash_unit(i + 1, j, seed) * u;
    double north = hash_unit(i, j + 1, seed) * (1 - u) + hash_unit(i + 1, j + 1, seed) * u;
    return south * (1 - v) + north * v;
}

/* One file each; the boxes' corners are whole arc-seconds, so that all lie on one grid. */
static const struct terrain_area {
    const char *file;
    double west, south, east, north;
    double base_m, relief; /* height in the middle of things; 1 = hillsides, less = gentler */
} AREAS[] = {
    {"norte_chiapas.tif", -92.95, 16.55, -91.65, 17.65, 1250, 1},
    {"soconusco.tif", -92.55, 14.65, -92.00, 15.25, 1150, 0.95},
    {"istmo.tif", -95.35, 16.80, -94.55, 17.30, 300, 0.35},
    {"papaloapan.tif", -96.40, 17.80, -95.70, 18.25, 90, 0.12},
    {"mixteca.tif", -97.90, 17.10, -97.00, 17.60, 2150, 0.7},
    {"atlixco.tif", -98.70, 18.60, -98.30, 19.10, 1950, 0.4},
};
enum { AREAS_N = sizeof AREAS / sizeof AREAS[0] };

static double height_in(const struct terrain_area *area, struct position p)
{
    static const struct {
        double wave_m, height_m;
    } octaves[] = {{5200, 760}, {1900, 240}, {800, 75}, {330, 16}};
    double x = p.x * 106000, y = p.y * 110600, z = 0;
    for (int i = 0; i < 4; i++)
        z += octaves[i].height_m * noise(x / octaves[i].wave_m, y / octaves[i].wave_m, i + 1);
    return area->base_m + area->relief * z;
}

double terrain_height(struct position p)
{
    for (int i = 0; i < AREAS_N; i++)
        if (p.x >= AREAS[i].west && p.x <= AREAS[i].east && p.y >= AREAS[i].south &&
            p.y <= AREAS[i].north)
            return height_in(&AREAS[i], p);
    return 0;
}

struct grid {
    double west, north;
    int blocks_x, blocks_y;
    unsigned char *wanted;
};

static void grid_mark(struct grid *g, const struct field *f)
{
    for (int i = 0; i < f->n; i++)
        for (int dx = -MARGIN; dx <= MARGIN; dx += MARGIN)
            for (int dy = -MARGIN; dy <= MARGIN; dy += MARGIN) {
                double col = (f->ring[i].x - g->west) * CELLS_PER_DEGREE + dx;
                double row = (g->north - f->ring[i].y) * CELLS_PER_DEGREE + dy;
                int bx = (int)floor(col / BLOCK), by = (int)floor(row / BLOCK);
                if (bx >= 0 && by >= 0 && bx < g->blocks_x && by < g->blocks_y)
                    g->wanted[by * g->blocks_x + bx] = 1;
            }
}

static void block_write(GDALRasterBandH band, const struct grid *g, const struct terrain_area *area,
                        int bx, int by)
{
    float cells[BLOCK * BLOCK];
    for (int j = 0; j < BLOCK; j++)
        for (int i = 0; i < BLOCK; i++) {
            struct position p = {g->west + (bx * BLOCK + i + 0.5) / CELLS_PER_DEGREE,
                                 g->north - (by * BLOCK + j + 0.5) / CELLS_PER_DEGREE};
            /* sixteenths of a metre: fine enough for flat land, and they compress */
            cells[j * BLOCK + i] = (float)(round(height_in(area, p) * 16) / 16);
        }
    if (GDALRasterIO(band, GF_Write, bx * BLOCK, by * BLOCK, BLOCK, BLOCK, cells, BLOCK, BLOCK,
                     GDT_Float32, 0, 0) != CE_None)
        give_up("terrain block not written");
}

static void area_write(const char *path, const struct terrain_area *area, const struct plot *plots,
                       int n)
{
    double west = area->west, north = area->north;
    struct grid g = {west, north, (int)ceil((area->east - west) * CELLS_PER_DEGREE / BLOCK),
                     (int)ceil((north - area->south) * CELLS_PER_DEGREE / BLOCK), NULL};
    g.wanted = calloc((size_t)g.blocks_x * (size_t)g.blocks_y, 1);
    for (int i = 0; i < n; i++)
        grid_mark(&g, &plots[i].field);
    char *options[] = {"TILED=YES",   "BLOCKXSIZE=64", "BLOCKYSIZE=64",  "COMPRESS=DEFLATE",
                       "PREDICTOR=3", "ZLEVEL=9",      "SPARSE_OK=TRUE", NULL};
    GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, g.blocks_x * BLOCK,
                                g.blocks_y * BLOCK, 1, GDT_Float32, options);
    if (!d)
        give_up("cannot write %s", path);
    double cell = 1.0 / CELLS_PER_DEGREE, transform[6] = {west, cell, 0, north, 0, -cell};
    GDALSetGeoTransform(d, transform);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, 4326);
    GDALSetSpatialRef(d, srs);
    OSRDestroySpatialReference(srs);
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    GDALSetRasterNoDataValue(band, NO_DATA);
    GDALSetRasterUnitType(band, "m");
    for (int by = 0; by < g.blocks_y; by++)
        for (int bx = 0; bx < g.blocks_x; bx++)
            if (g.wanted[by * g.blocks_x + bx])
                block_write(band, &g, area, bx, by);
    GDALClose(d);
    free(g.wanted);
}

void terrain_write(const char *folder, const struct plot *plots, int n)
{
    for (int i = 0; i < AREAS_N; i++) {
        char path[512];
        path_join(path, folder, AREAS[i].file);
        area_write(path, &AREAS[i], plots, n);
    }
}
