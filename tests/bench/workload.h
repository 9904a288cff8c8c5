/* The invented state that tests/bench measures with: how chance and the bending of its map work,
 * shared by the vector layers (workload.c, workload_plots.c) and the elevation model
 * (workload_terrain.c). Everything is a function of the seed and of what is drawn, never of a clock
 * or of an order, so the same arguments give the same numbers on every machine. */
#ifndef TESTS_BENCH_WORKLOAD_H
#define TESTS_BENCH_WORKLOAD_H

#include <gdal.h>
#include <ogr_api.h>
#include <stdbool.h>
#include <stdint.h>

/* The state before it is bent: a rectangle, cut into rows of bricks. */
#define STATE_WEST (-93.9)
#define STATE_SOUTH 14.9
#define CELL_DEG 0.24
enum { STATE_COLS = 12, STATE_ROWS = 10 };

struct xy {
    double x, y;
};

/* One stream of chance per thing that is drawn. */
struct chance {
    uint64_t state;
};
struct chance chance_for(uint64_t seed, uint64_t what, uint64_t index);
double chance_unit(struct chance *c); /* 0 <= u < 1 */
double chance_between(struct chance *c, double low, double high);
int chance_below(struct chance *c, int n);
double chance_normal(struct chance *c);
/* -1..1, fixed for a place: the value of a lattice point. */
double hash_signed(uint64_t seed, int64_t a, int64_t b);

/* Bends the rectangle into a map: three shears, so that no two lines can cross that did not cross
 * before, and no area changes (in square degrees). */
struct xy bend(uint64_t seed, struct xy p);
double round7(double degrees);

/* What a brick of the state is: its box before bending and its key. */
struct brick {
    double x0, y0, x1, y1;
    char key[6];
};
int bricks_make(struct brick *out, int max); /* how many */

OGRSpatialReferenceH wgs84(void); /* longitude first; the caller releases it */
void field_add(OGRLayerH layer, const char *name, OGRFieldType type, int width, int decimals);
/* "folder/name", in static memory until the next call (GDAL's own CPLSPrintf is overwritten by its
 * drivers). */
const char *path_in(const char *folder, const char *name);
/* Replaces what is at path. Exits with a message when it cannot be made. */
GDALDatasetH dataset_new(const char *driver, const char *path);
void die(const char *message) __attribute__((noreturn));

void plots_write(const char *folder, uint64_t seed, long n);
void terrain_write(const char *folder, uint64_t seed, double cell_arcsec);

#endif
