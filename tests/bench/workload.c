/* Makes the workload of tests/bench: an invented state with plots, municipalities, corridors and an
 * elevation model.
 *
 *   bench_workload --plots N [--seed S] --out DIR [--dem-arcsec A | --no-dem]
 *
 * plots.shp, regions.gpkg, corridors.gpkg and dem.tif in DIR; README.md says what they are like.
 * This file has chance, the bending of the map, regions and corridors; workload_plots.c the plots,
 * workload_terrain.c the elevations. */
#include "tests/bench/workload.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <errno.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SUBJECT_BEND = 1, SUBJECT_EDGE, SUBJECT_CORRIDOR };

/* ---- chance ---- */

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u; /* splitmix64 (Steele, Lea and Flood 2014) */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct chance chance_for(uint64_t seed, uint64_t what, uint64_t index)
{
    return (struct chance){mix(mix(mix(seed) ^ what) ^ index)};
}

double chance_unit(struct chance *c)
{
    c->state += 0x9e3779b97f4a7c15u;
    return (double)(mix(c->state) >> 11) * 0x1p-53;
}

double chance_between(struct chance *c, double low, double high)
{
    return low + (high - low) * chance_unit(c);
}

int chance_below(struct chance *c, int n)
{
    return (int)(chance_unit(c) * n);
}

double chance_normal(struct chance *c)
{
    double u = chance_unit(c), v = chance_unit(c);
    return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

double hash_signed(uint64_t seed, int64_t a, int64_t b)
{
    return (double)(mix(mix(mix(seed) ^ (uint64_t)a) ^ (uint64_t)b) >> 11) * 0x1p-52 - 1;
}

/* ---- the map ---- */

/* Smooth noise along a line, period 0 = none; its lattice has the spacing 1. */
static double noise(uint64_t seed, double t, int64_t period)
{
    double f = floor(t), u = t - f, s = u * u * (3 - 2 * u);
    int64_t i = (int64_t)f, j = i + 1;
    if (period > 0) {
        i %= period;
        j %= period;
    }
    double a = hash_signed(seed, i, 0), b = hash_signed(seed, j, 0);
    return a + (b - a) * s;
}

/* Displacement in degrees of a line at t: wiggles from 40 km down to 150 m. */
static double wiggle(uint64_t seed, double t)
{
    double sum = 0, length = 0.38;
    for (uint64_t octave = 0; octave < 9; octave++, length /= 2)
        sum += 0.09 * length * noise(seed * 1009 + octave, t / length + 0.37, 0);
    return sum;
}

struct xy bend(uint64_t seed, struct xy p)
{
    uint64_t s = mix(seed) ^ SUBJECT_BEND;
    p.x += wiggle(s, p.y);
    p.y += wiggle(s + 1, p.x);
    p.x += wiggle(s + 2, p.y);
    return p;
}

double round7(double degrees)
{
    return nearbyint(degrees * 1e7) / 1e7;
}

/* ---- files ---- */

void die(const char *message)
{
    fprintf(stderr, "bench_workload: %s\n", message);
    exit(1);
}

OGRSpatialReferenceH wgs84(void)
{
    OGRSpatialReferenceH s = OSRNewSpatialReference(NULL);
    if (!s || OSRImportFromEPSG(s, 4326) != OGRERR_NONE)
        die("PROJ does not know EPSG:4326");
    OSRSetAxisMappingStrategy(s, OAMS_TRADITIONAL_GIS_ORDER);
    return s;
}

void field_add(OGRLayerH layer, const char *name, OGRFieldType type, int width, int decimals)
{
    OGRFieldDefnH f = OGR_Fld_Create(name, type);
    OGR_Fld_SetWidth(f, width);
    OGR_Fld_SetPrecision(f, decimals);
    if (OGR_L_CreateField(layer, f, TRUE) != OGRERR_NONE)
        die("a field cannot be made");
    OGR_Fld_Destroy(f);
}

const char *path_in(const char *folder, const char *name)
{
    static char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        die("the path is too long");
    return path;
}

GDALDatasetH dataset_new(const char *driver, const char *path)
{
    GDALDriverH d = GDALGetDriverByName(driver);
    struct stat st;
    if (d && stat(path, &st) == 0)
        GDALDeleteDataset(d, path);
    GDALDatasetH ds = d ? GDALCreate(d, path, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    if (!ds)
        die("an output file cannot be made");
    return ds;
}

static OGRLayerH layer_new(GDALDatasetH ds, const char *name)
{
    OGRSpatialReferenceH srs = wgs84();
    OGRLayerH layer = GDALDatasetCreateLayer(ds, name, srs, wkbPolygon, NULL);
    OSRRelease(srs);
    if (!layer || GDALDatasetStartTransaction(ds, FALSE) != OGRERR_NONE)
        die("a layer cannot be made");
    return layer;
}

/* Writes f with geometry g (taken over). The generator promises valid polygons, so it looks. */
static void feature_write(OGRLayerH layer, OGRFeatureH f, OGRGeometryH g)
{
    if (!OGR_G_IsValid(g))
        die("a region or corridor came out invalid: choose another seed");
    OGR_F_SetGeometryDirectly(f, g);
    if (OGR_L_CreateFeature(layer, f) != OGRERR_NONE)
        die("a feature cannot be written");
    OGR_F_Destroy(f);
}

static void dataset_finish(GDALDatasetH ds)
{
    if (GDALDatasetCommitTransaction(ds) != OGRERR_NONE)
        die("a file cannot be completed");
    GDALClose(ds);
}

/* ---- regions ---- */

int bricks_make(struct brick *out, int max)
{
    int n = 0;
    for (int row = 0; row < STATE_ROWS; row++) {
        double shift = row % 2 ? -0.5 : 0; /* every second row is moved by half a brick */
        for (int col = 0; col < STATE_COLS + row % 2; col++) {
            double a = fmax(0, col + shift), b = fmin(STATE_COLS, col + shift + 1);
            if (n == max)
                die("too many bricks");
            out[n] =
                (struct brick){STATE_WEST + a * CELL_DEG, STATE_SOUTH + row * CELL_DEG,
                               STATE_WEST + b * CELL_DEG, STATE_SOUTH + (row + 1) * CELL_DEG, ""};
            snprintf(out[n].key, sizeof out[n].key, "07%03u", (unsigned)(n + 1) % 1000);
            n++;
        }
    }
    return n;
}

/* Borders run along a lattice of 1/400 brick. A lattice point is on its border or left out for both
 * neighbours alike; the points where borders may meet are always there. */
enum { LATTICE = 400 };

static void border_point(OGRGeometryH ring, uint64_t seed, int i, int j)
{
    bool corner = i % (LATTICE / 2) == 0 && j % LATTICE == 0;
    if (!corner && hash_signed(seed ^ SUBJECT_EDGE, i, j) > 0.4)
        return;
    struct xy p = bend(seed, (struct xy){STATE_WEST + i * CELL_DEG / LATTICE,
                                         STATE_SOUTH + j * CELL_DEG / LATTICE});
    OGR_G_AddPoint_2D(ring, round7(p.x), round7(p.y));
}

static OGRGeometryH brick_polygon(uint64_t seed, const struct brick *b)
{
    int i0 = (int)lround((b->x0 - STATE_WEST) / CELL_DEG * LATTICE),
        i1 = (int)lround((b->x1 - STATE_WEST) / CELL_DEG * LATTICE);
    int j0 = (int)lround((b->y0 - STATE_SOUTH) / CELL_DEG * LATTICE), j1 = j0 + LATTICE;
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing),
                 polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (int i = i0; i < i1; i++)
        border_point(ring, seed, i, j0);
    for (int j = j0; j < j1; j++)
        border_point(ring, seed, i1, j);
    for (int i = i1; i > i0; i--)
        border_point(ring, seed, i, j1);
    for (int j = j1; j > j0; j--)
        border_point(ring, seed, i0, j);
    OGR_G_CloseRings(ring);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

static void regions_write(const char *folder, uint64_t seed)
{
    struct brick bricks[256];
    int n = bricks_make(bricks, 256), vertices = 0;
    GDALDatasetH ds = dataset_new("GPKG", path_in(folder, "regions.gpkg"));
    OGRLayerH layer = layer_new(ds, "regions");
    field_add(layer, "mun_key", OFTString, 5, 0);
    field_add(layer, "name", OFTString, 40, 0);
    for (int i = 0; i < n; i++) {
        OGRGeometryH g = brick_polygon(seed, &bricks[i]);
        vertices += OGR_G_GetPointCount(OGR_G_GetGeometryRef(g, 0));
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(f, 0, bricks[i].key);
        OGR_F_SetFieldString(f, 1, CPLSPrintf("Municipio %s", bricks[i].key + 2));
        feature_write(layer, f, g);
    }
    dataset_finish(ds);
    printf("regions: %d polygons, %d vertices\n", n, vertices);
}

/* ---- corridors ---- */

/* A ring around a centre: n vertices at equal angles, their distances a fractal of the angle. Such
 * a ring cannot cross itself however rough it is. */
static OGRGeometryH star_ring(uint64_t seed, uint64_t shape, struct xy centre, struct xy half,
                              double reach, int n)
{
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPointCount(ring, n); /* adding them one by one copies the ring each time */
    for (int k = 0; k < n; k++) {
        double t = (double)k / n, rho = 1, size = 0.22;
        for (int64_t cells = 3; cells * 4 <= n; cells *= 2, size *= 0.55)
            rho += size * noise(shape * 31 + (uint64_t)cells, t * (double)cells, cells);
        rho = fmin(1.45, fmax(0.65, rho)) * reach;
        struct xy p = {centre.x + half.x * rho * cos(2 * M_PI * t),
                       centre.y + half.y * rho * sin(2 * M_PI * t)};
        p = bend(seed, p);
        OGR_G_SetPoint_2D(ring, k, p.x, p.y);
    }
    OGR_G_CloseRings(ring);
    return ring;
}

/* Each of the eight corridors lies in its own eighth of the state, so they cannot meet. Its
 * clearings stand on a circle well inside (0.6 x 0.61 of the box is the nearest that the border
 * comes), far enough from one another. */
static OGRGeometryH corridor_polygon(uint64_t seed, int k, int vertices, int *holes)
{
    double w = STATE_COLS * CELL_DEG / 4, h = STATE_ROWS * CELL_DEG / 2;
    struct xy centre = {STATE_WEST + (k % 4 + 0.5) * w, STATE_SOUTH + (k / 4 + 0.5) * h},
              half = {w / 2, h / 2};
    struct chance c = chance_for(seed, SUBJECT_CORRIDOR, (uint64_t)k);
    uint64_t shape = (uint64_t)(chance_unit(&c) * 0x1p40);
    OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_AddGeometryDirectly(polygon, star_ring(seed, shape, centre, half, 0.61, vertices));
    *holes = 6 + chance_below(&c, 18);
    for (int i = 0; i < *holes; i++) {
        double angle = 2 * M_PI * (i + 0.5) / *holes, far = 0.27;
        double room = fmin(0.05, far * sin(M_PI / *holes)) / 1.5;
        struct xy at = {centre.x + half.x * far * cos(angle), centre.y + half.y * far * sin(angle)};
        OGR_G_AddGeometryDirectly(polygon, star_ring(seed, shape + (uint64_t)i + 1, at, half,
                                                     room * chance_between(&c, 0.3, 0.9),
                                                     40 + chance_below(&c, 400)));
    }
    return polygon;
}

static void corridors_write(const char *folder, uint64_t seed)
{
    static const char *const NAMES[8] = {"Sierra", "Selva",  "Volcán",  "Cuenca",
                                         "Altos",  "Palmar", "Lagunas", "Frontera"};
    GDALDatasetH ds = dataset_new("GPKG", path_in(folder, "corridors.gpkg"));
    OGRLayerH layer = layer_new(ds, "corridors");
    field_add(layer, "corr_id", OFTInteger, 0, 0);
    field_add(layer, "name", OFTString, 40, 0);
    double area = 0;
    long vertices = 0;
    for (int k = 0; k < 8; k++) {
        int outer = 24000 + 74000 * (k * 5 % 8) / 7, holes;
        OGRGeometryH g = corridor_polygon(seed, k, outer, &holes);
        area += OGR_G_Area(g);
        vertices += outer;
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldInteger(f, 0, k + 1);
        OGR_F_SetFieldString(f, 1, NAMES[k]);
        feature_write(layer, f, g);
    }
    dataset_finish(ds);
    printf("corridors: 8 polygons, %ld vertices in their outer rings, %.1f %% of the state\n",
           vertices, 100 * area / (STATE_COLS * STATE_ROWS * CELL_DEG * CELL_DEG));
}

static int usage(void)
{
    fputs("bench_workload --plots N [--seed S] --out DIR [--dem-arcsec A | --no-dem]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    long plots = 0;
    uint64_t seed = 42;
    double arcsec = 1;
    const char *folder = NULL;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--no-dem")) {
            arcsec = 0;
            continue;
        }
        if (!value)
            return usage();
        if (!strcmp(argv[i], "--plots"))
            plots = atol(value);
        else if (!strcmp(argv[i], "--seed"))
            seed = strtoull(value, NULL, 10);
        else if (!strcmp(argv[i], "--out"))
            folder = value;
        else if (!strcmp(argv[i], "--dem-arcsec"))
            arcsec = strtod(value, NULL);
        else
            return usage();
        i++;
    }
    if (plots < 1 || !folder || arcsec < 0)
        return usage();
    if (mkdir(folder, 0777) && errno != EEXIST)
        die("the folder cannot be made");
    CPLSetConfigOption("OGR_CURRENT_DATE",
                       "2025-01-01T00:00:00.000Z"); /* the same bytes at any time */
    GDALAllRegister();
    regions_write(folder, seed);
    corridors_write(folder, seed);
    plots_write(folder, seed, plots);
    if (arcsec > 0)
        terrain_write(folder, seed, arcsec);
    return 0;
}
