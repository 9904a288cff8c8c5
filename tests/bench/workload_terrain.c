/* The elevation model of the workload: a geographic grid over the state, hills from 40 km down to
 * 150 m, plains between them and forty voids. Heights are fractal noise on lattices (octaves),
 * rough where the land is high. */
#include "tests/bench/workload.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBJECT_TERRAIN = 21, SUBJECT_VOID, OCTAVES = 9, STRIP = 256, VOIDS = 40 };
#define MARGIN_DEG 0.15
#define NODATA (-9999.0f)

/* One octave along a row: for each column its lattice cell and the weight of the next one. */
struct octave {
    double length_deg, metres;
    int *cell;
    float *weight, *row;
    int cells;
};

static double smooth(double u)
{
    return u * u * (3 - 2 * u);
}

static void octave_prepare(struct octave *o, int index, int cols, double cell_deg)
{
    o->length_deg = 0.38 / (double)(1 << index);
    o->metres = 800 * pow(0.6, index);
    o->cell = malloc((size_t)cols * sizeof *o->cell);
    o->weight = malloc((size_t)cols * sizeof *o->weight);
    if (!o->cell || !o->weight)
        die("no memory");
    for (int i = 0; i < cols; i++) {
        double t = (i + 0.5) * cell_deg / o->length_deg, f = floor(t);
        o->cell[i] = (int)f;
        o->weight[i] = (float)smooth(t - f);
    }
    o->cells = o->cell[cols - 1] + 2;
    o->row = malloc((size_t)o->cells * sizeof *o->row);
    if (!o->row)
        die("no memory");
}

/* Adds the octave to the heights of one row, `south_deg` from the northern edge. */
static void octave_add(struct octave *o, uint64_t seed, double south_deg, int cols, float *heights)
{
    double t = south_deg / o->length_deg, f = floor(t), s = smooth(t - f);
    for (int i = 0; i < o->cells; i++) {
        double a = hash_signed(seed, i, (int64_t)f), b = hash_signed(seed, i, (int64_t)f + 1);
        o->row[i] = (float)(o->metres * (a + (b - a) * s));
    }
    for (int i = 0; i < cols; i++) {
        float a = o->row[o->cell[i]], b = o->row[o->cell[i] + 1];
        heights[i] += a + (b - a) * o->weight[i];
    }
}

/* How hilly the land is at a latitude: two ranges with plains before, between and behind. */
static float roughness(double lat)
{
    double a = (lat - (STATE_SOUTH + 0.7)) / 0.35, b = (lat - (STATE_SOUTH + 1.8)) / 0.4;
    return (float)(0.06 + 1.3 * exp(-a * a) + 1.1 * exp(-b * b));
}

static void voids_cut(uint64_t seed, double west, double lat, double cell_deg, int cols,
                      float *heights)
{
    for (uint64_t k = 0; k < VOIDS; k++) {
        struct chance c = chance_for(seed, SUBJECT_VOID, k);
        double x = STATE_WEST + chance_unit(&c) * STATE_COLS * CELL_DEG,
               y = STATE_SOUTH + chance_unit(&c) * STATE_ROWS * CELL_DEG;
        double radius = chance_between(&c, 0.0008, 0.006), up = lat - y;
        if (fabs(up) >= radius)
            continue;
        double half = sqrt(radius * radius - up * up);
        int to = (int)((x + half - west) / cell_deg);
        for (int i = (int)((x - half - west) / cell_deg); i <= to; i++)
            if (i >= 0 && i < cols)
                heights[i] = NODATA;
    }
}

static GDALDatasetH terrain_new(const char *folder, int cols, int rows, double west, double north,
                                double cell_deg)
{
    char **options = CSLSetNameValue(NULL, "TILED", "YES");
    options = CSLSetNameValue(options, "BLOCKXSIZE", "256");
    options = CSLSetNameValue(options, "BLOCKYSIZE", "256");
    options = CSLSetNameValue(options, "COMPRESS", "DEFLATE");
    options = CSLSetNameValue(options, "PREDICTOR", "3");
    options = CSLSetNameValue(options, "NUM_THREADS", "ALL_CPUS");
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), path_in(folder, "dem.tif"), cols,
                                 rows, 1, GDT_Float32, options);
    CSLDestroy(options);
    if (!ds)
        die("dem.tif cannot be made");
    double transform[6] = {west, cell_deg, 0, north, 0, -cell_deg};
    OGRSpatialReferenceH srs = wgs84();
    GDALSetGeoTransform(ds, transform);
    GDALSetSpatialRef(ds, srs);
    OSRRelease(srs);
    GDALSetRasterNoDataValue(GDALGetRasterBand(ds, 1), (double)NODATA);
    return ds;
}

void terrain_write(const char *folder, uint64_t seed, double cell_arcsec)
{
    double cell_deg = cell_arcsec / 3600, west = STATE_WEST - MARGIN_DEG;
    double north = STATE_SOUTH + STATE_ROWS * CELL_DEG + MARGIN_DEG;
    int cols = (int)lround((STATE_COLS * CELL_DEG + 2 * MARGIN_DEG) / cell_deg);
    int rows = (int)lround((STATE_ROWS * CELL_DEG + 2 * MARGIN_DEG) / cell_deg);
    GDALDatasetH ds = terrain_new(folder, cols, rows, west, north, cell_deg);
    struct octave octaves[OCTAVES];
    for (int k = 0; k < OCTAVES; k++)
        octave_prepare(&octaves[k], k, cols, cell_deg);
    float *strip = malloc((size_t)cols * STRIP * sizeof *strip);
    if (!strip)
        die("no memory");
    for (int top = 0; top < rows; top += STRIP) {
        int height = rows - top < STRIP ? rows - top : STRIP;
        for (int j = 0; j < height; j++) {
            float *row = strip + (size_t)j * (size_t)cols;
            double south = (top + j + 0.5) * cell_deg, lat = north - south;
            float rough = roughness(lat);
            for (int i = 0; i < cols; i++)
                row[i] = 0;
            for (int k = 0; k < OCTAVES; k++)
                octave_add(&octaves[k], seed ^ (SUBJECT_TERRAIN + 100 * (uint64_t)k), south, cols,
                           row);
            for (int i = 0; i < cols;
                 i++) /* whole 1/64 m: as fine as anyone stores, and it compresses */
                row[i] = nearbyintf((1500 + rough * row[i]) * 64) / 64;
            voids_cut(seed, west, lat, cell_deg, cols, row);
        }
        if (GDALRasterIO(GDALGetRasterBand(ds, 1), GF_Write, 0, top, cols, height, strip, cols,
                         height, GDT_Float32, 0, 0) != CE_None)
            die("dem.tif cannot be written");
    }
    GDALClose(ds);
    free(strip);
    for (int k = 0; k < OCTAVES; k++) {
        free(octaves[k].cell);
        free(octaves[k].weight);
        free(octaves[k].row);
    }
    printf("terrain: %d x %d cells of %g arc-seconds\n", cols, rows, cell_arcsec);
}
