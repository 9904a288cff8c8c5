/* An elevation file's frame: where it lies, its reference system, the metres of its cells. As text grids with a .prj, which reach every
 * line of ours; the first byte is the sixteenths of the rest that are the grid. */
#include <cpl_vsi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importers/terrain_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1"; /* GDAL is not under test */
}

static void put(const char *name, const uint8_t *bytes, size_t n)
{
    VSILFILE *f = VSIFOpenL(name, "wb");
    if (f) {
        VSIFWriteL(bytes, 1, n, f);
        VSIFCloseL(f);
    }
}

static void look(GDALDatasetH dataset)
{
    struct terrain_frame f;
    struct error e = {0};
    enum status s = terrain_frame_read(dataset, "fuzz", &f, &e);
    if (s == STATUS_OK) {
        struct terrain_info info;
        double x[4], y[4];
        memset(&info, 0, sizeof info);
        terrain_frame_info(&f, &info);
        if (!(f.cell_x > 0) || !(f.cell_y > 0) || f.cols < 3 || f.rows < 3)
            __builtin_trap();
        if (terrain_frame_units(&f, 0, f.rows < 4 ? f.rows : 4, 0, f.cols, x, y) && (isnan(x[0]) || isnan(y[0])))
            __builtin_trap();
    } else if (!*e.code || !*e.message) {
        __builtin_trap();
    }
    terrain_frame_clear(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 1)
        return 0;
    terrain_gdal_init();
    size_t grid = (n - 1) * (bytes[0] & 15) / 15;
    put("/vsimem/fuzz.asc", bytes + 1, grid);
    if (n - 1 - grid)
        put("/vsimem/fuzz.prj", bytes + 1 + grid, n - 1 - grid);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx("/vsimem/fuzz.asc", GDAL_OF_RASTER | GDAL_OF_READONLY, terrain_input_drivers, NULL, NULL);
    CPLPopErrorHandler();
    if (dataset) {
        look(dataset);
        GDALClose(dataset);
    }
    VSIUnlink("/vsimem/fuzz.asc");
    VSIUnlink("/vsimem/fuzz.prj");
    return 0;
}
