/* Reading slope statistics of plots from the registry's terrain file; see terrain.h.
 * A plot's window is read with a rim of one cell, so that the kernel sees its neighbours; very
 * large plots go through in strips of rows, so that memory stays the same for any size. */
#include "importers/terrain.h"

#include <cpl_error.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importers/terrain_blocks.h"
#include "importers/terrain_frame.h"

enum { STRIP_CELLS = 1 << 18 };

struct terrain {
    GDALDatasetH dataset;
    struct terrain_frame frame;
    struct terrain_blocks *blocks;
    struct arena scratch; /* of one strip */
    const struct slope_error *error;
    enum slope_kernel kernel;
};

enum status terrain_open(const char *path, size_t cache_mb, struct terrain **out,
                         struct terrain_info *info, struct error *e)
{
    static const char *const drivers[] = {"GTiff", NULL};
    terrain_gdal_init();
    struct terrain *t = calloc(1, sizeof *t);
    if (!t)
        return error_memory(e);
    arena_init(&t->scratch, 0);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    t->dataset = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    CPLPopErrorHandler();
    enum status status = STATUS_OK;
    if (!t->dataset || GDALGetRasterCount(t->dataset) < 1)
        status = error_set(e, STATUS_CORRUPT, "terrain_unreadable", "add the terrain files again",
                           "the terrain file cannot be opened");
    if (!status)
        status = terrain_frame_read(t->dataset, "the terrain file", &t->frame, e);
    if (!status)
        status = terrain_blocks_open(t->dataset, cache_mb, &t->blocks, e);
    if (status) {
        terrain_close(t);
        return status;
    }
    if (info)
        terrain_frame_info(&t->frame, info);
    *out = t;
    return STATUS_OK;
}

void terrain_close(struct terrain *t)
{
    if (!t)
        return;
    terrain_blocks_close(t->blocks);
    terrain_frame_clear(&t->frame);
    if (t->dataset)
        GDALClose(t->dataset);
    arena_clear(&t->scratch);
    free(t);
}

/* Cells of the grid that a boundary's box touches; empty where it lies outside. */
struct cells {
    int col, row, cols, rows;
};

static void cell_range(double low, double high, int cells, int *first, int *n)
{
    double from = fmax(floor(low), 0), to = fmin(floor(high) + 1, cells);
    *first = from < cells ? (int)from : 0;
    *n = to > from ? (int)(to - from) : 0;
}

static struct cells boundary_cells(const struct terrain_frame *f, const struct boundary *b)
{
    struct box box = boundary_box(b);
    struct cells c;
    cell_range((box.west - f->west) / f->cell_x, (box.east - f->west) / f->cell_x, f->cols, &c.col,
               &c.cols);
    cell_range((f->north - box.north) / f->cell_y, (f->north - box.south) / f->cell_y, f->rows,
               &c.row, &c.rows);
    if (!c.cols || !c.rows)
        c.cols = c.rows = 0;
    return c;
}

/* Adds rows row .. row+rows of the window to the sum. */
static enum status strip_add(struct terrain *t, struct slope_sum *sum, const struct boundary *b,
                             struct cells c, int row, int rows, double *cell_m2, struct error *e)
{
    const struct terrain_frame *f = &t->frame;
    int z_cols = c.cols + 2, z_rows = rows + 2;
    arena_reset(&t->scratch);
    float *z = arena_array(&t->scratch, (size_t)z_cols * (size_t)z_rows, sizeof *z);
    double *unit_x = arena_array(&t->scratch, (size_t)z_rows * 2, sizeof *unit_x);
    if (!z || !unit_x)
        return error_memory(e);
    double *unit_y = unit_x + z_rows;
    struct slope_bend bend; /* its column 0 is that of the grid, the rim */
    enum status status = terrain_blocks_read(t->blocks, c.col - 1, row - 1, z_cols, z_rows, z, e);
    if (status)
        return status;
    if (!terrain_frame_units(f, row - 1, z_rows, c.col - 1, z_cols, unit_x, unit_y, &bend))
        return error_set(e, STATUS_CORRUPT, "terrain_scale",
                         "add the terrain in another projection",
                         "the terrain's coordinate system has no scale at row %d", row);
    struct slope_grid grid = {f->west + (c.col - 1) * f->cell_x,
                              f->north - (row - 1) * f->cell_y,
                              f->cell_x,
                              f->cell_y,
                              z_cols,
                              z_rows,
                              z,
                              unit_x,
                              unit_y,
                              f->geographic ? NULL : &bend};
    *cell_m2 = f->cell_x * unit_x[1 + rows / 2] * (f->cell_y * unit_y[1 + rows / 2]);
    return slope_sum_add(sum, &grid, b, &t->scratch, e);
}

/* Ground size of a cell where a plot lies outside the grid: that of the plot's own latitude, or of
 * the nearest row. */
static double outside_cell_m2(const struct terrain_frame *f, const struct boundary *b)
{
    struct box box = boundary_box(b);
    double unit_x, unit_y, row = (f->north - (box.south + box.north) / 2) / f->cell_y;
    row = row >= 0 && row < f->rows ? row : row < 0 ? 0 : f->rows - 1;
    if (!terrain_frame_units(f, (int)row, 1, f->cols / 2, 1, &unit_x, &unit_y, NULL))
        return 0;
    return f->cell_x * unit_x * (f->cell_y * unit_y);
}

/* Where the grid's projection has no answer there is no elevation either. */
static enum status nowhere(struct slope_stats *out)
{
    *out = (struct slope_stats){.nodata_share = 1,
                                .mean_pct = NAN,
                                .max_pct = NAN,
                                .p10_pct = NAN,
                                .p50_pct = NAN,
                                .p90_pct = NAN,
                                .surface_factor = NAN};
    return STATUS_OK;
}

void terrain_error(struct terrain *t, const struct slope_error *error)
{
    t->error = error;
}

void terrain_kernel(struct terrain *t, enum slope_kernel kernel)
{
    t->kernel = kernel;
}

enum status terrain_slope(struct terrain *t, const struct boundary *wgs84,
                          const struct slope_class_table *table, struct arena *a,
                          struct slope_stats *out, struct error *e)
{
    const struct slope_sample *samples;
    size_t n;
    return terrain_slope_samples(t, wgs84, table, a, out, &samples, &n, e);
}

enum status terrain_slope_samples(struct terrain *t, const struct boundary *wgs84,
                                  const struct slope_class_table *table, struct arena *a,
                                  struct slope_stats *out, const struct slope_sample **samples,
                                  size_t *samples_n, struct error *e)
{
    struct boundary b;
    bool placed;
    *samples = NULL;
    *samples_n = 0;
    enum status status = terrain_frame_boundary(&t->frame, wgs84, a, &b, &placed, e);
    if (status)
        return status;
    if (!placed)
        return nowhere(out);
    struct cells c = boundary_cells(&t->frame, &b);
    struct slope_sum sum;
    status = slope_sum_init(&sum, table, (size_t)c.cols * (size_t)c.rows, a, e);
    sum.error = t->error;
    sum.kernel = t->kernel;
    int strip = c.cols ? STRIP_CELLS / c.cols : 0;
    strip = strip < 1 ? 1 : strip;
    if (!t->frame.geographic && strip > TERRAIN_UNITS_ROWS)
        strip = TERRAIN_UNITS_ROWS;
    double cell_m2 = 0;
    for (int row = c.row; row < c.row + c.rows && !status; row += strip) {
        int rows = row + strip <= c.row + c.rows ? strip : c.row + c.rows - row;
        status = strip_add(t, &sum, &b, c, row, rows, &cell_m2, e);
    }
    if (status)
        return status;
    if (cell_m2 == 0)
        cell_m2 = outside_cell_m2(&t->frame, &b);
    double plot_cells = slope_plot_cells(&b, t->frame.cell_x, t->frame.cell_y);
    status = slope_sum_end(&sum, plot_cells, cell_m2, a, out, e);
    *samples = sum.samples;
    *samples_n = sum.samples_n;
    return status;
}
