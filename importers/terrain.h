/* Elevation models: makes the registry's own copy of a terrain layer, and reads slope statistics of plots from it.
 * GDAL raster work lives here; the numbers come from geo/slope.h. */
#ifndef IMPORTERS_TERRAIN_H
#define IMPORTERS_TERRAIN_H

#include "geo/slope.h"

struct terrain_info {
    char crs[64];        /* "EPSG:4326" or a name */
    int epsg;            /* 0 unknown */
    bool geographic;
    double cell_x, cell_y; /* CRS units */
    double cell_m;         /* approximate ground size of a cell in the middle, m */
    int64_t cols, rows;
    double west, south, east, north; /* WGS84 box */
};

/* Checks the files (one CRS, one grid, one band), joins them without seams and writes a cloud-optimised GeoTIFF at `out_path`
 * (written as a temporary beside it, renamed when complete). progress(0..1, arg) may be NULL; returning false cancels.
 * Reading happens in this process: terrain files are added by the registry's administrator only, with the drivers
 * GTiff, SRTMHGT, AAIGrid and COG registered and no others. */
enum status terrain_build(const char *const *files, size_t files_n, const char *out_path,
                          bool (*progress)(double done, void *arg), void *arg, struct terrain_info *info, struct error *e) MUST_USE;

/* One handle per thread (a GDAL dataset is not shared); keeps a bounded cache of decoded blocks (cache_mb; 64 is plenty for plots
 * in Hilbert order, eight blocks of 256 kB are always kept). Heights outside -1000 .. 9000 m are voids, declared or not. */
struct terrain;
enum status terrain_open(const char *path, size_t cache_mb, struct terrain **out, struct terrain_info *info, struct error *e) MUST_USE;
void terrain_close(struct terrain *t);

/* The vertical error that slope_stats.class_expected rests on; NULL = none (as opened). Kept by the caller while the handle is used. */
void terrain_error(struct terrain *t, const struct slope_error *error);
/* The kernel of its slopes; SLOPE_HORN as opened. */
void terrain_kernel(struct terrain *t, enum slope_kernel kernel);

/* Slope statistics of a WGS84 boundary. Ground distances are true ones, on the grid's own ellipsoid: per row for a geographic grid;
 * for a projected one by the local scale of its axes and their angle, linear over 512 rows (the boundary is transformed vertex by vertex). Outside the grid = no data; the outermost
 * cells have no slope. Memory is bounded for any size of plot (about 10 MB: strips of rows, merged percentile samples beyond
 * SLOPE_SAMPLES_MAX). Scratch from `a`, to be reset by the caller between plots. STATUS_CORRUPT when the file cannot be read. */
enum status terrain_slope(struct terrain *t, const struct boundary *wgs84, const struct slope_class_table *table,
                          struct arena *a, struct slope_stats *out, struct error *e) MUST_USE;
/* The same, and the cells themselves: slope and m2 of ground covered, ascending by slope, in `a`; slivers are left out, and beyond
 * SLOPE_SAMPLES_MAX neighbours in slope are merged. */
enum status terrain_slope_samples(struct terrain *t, const struct boundary *wgs84, const struct slope_class_table *table, struct arena *a,
                                  struct slope_stats *out, const struct slope_sample **samples, size_t *samples_n, struct error *e) MUST_USE;

#endif
