/* Elevations of any window of an open grid, through a bounded cache of decoded blocks. Internal to
 * the terrain files. */
#ifndef IMPORTERS_TERRAIN_BLOCKS_H
#define IMPORTERS_TERRAIN_BLOCKS_H

#include <gdal.h>

#include "geo/base/error.h"

struct terrain_blocks;

/* `dataset` stays the caller's and must outlive the cache; one thread. `cache_mb` bounds the
 * decoded blocks (at least eight are kept). */
enum status terrain_blocks_open(GDALDatasetH dataset, size_t cache_mb, struct terrain_blocks **out,
                                struct error *e) MUST_USE;
void terrain_blocks_close(struct terrain_blocks *b);
/* Fills z (rows x cols, row by row) with metres; NaN without data and outside the grid. */
enum status terrain_blocks_read(struct terrain_blocks *b, int col, int row, int cols, int rows,
                                float *z, struct error *e) MUST_USE;

#endif
