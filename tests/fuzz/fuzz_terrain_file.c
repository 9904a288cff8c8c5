/* An elevation file's frame: where it lies, its reference system, the metres of its cells. Text
 * grids, which reach every line of ours; the first byte chooses a .prj (PROJ is not under test, and
 * takes seconds over an invented datum). */
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

#define DEGREES                                                                                    \
    "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS "                                         \
    "84\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]"
static const char *const systems[] = {
    NULL, DEGREES,
    "PROJCS[\"x\"," DEGREES ",PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\","
    "0],PARAMETER[\"central_meridian\",-93],"
    "PARAMETER[\"scale_factor\",0.9996],PARAMETER[\"false_easting\",500000],PARAMETER[\"false_"
    "northing\",0],UNIT[\"metre\",1]]",
    "LOCAL_CS[\"x\",UNIT[\"metre\",1]]", "GEOGCS[\"cut"};

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
        struct slope_bend bend;
        memset(&info, 0, sizeof info);
        terrain_frame_info(&f, &info);
        if (!(f.cell_x > 0) || !(f.cell_y > 0) || f.cols < 3 || f.rows < 3)
            __builtin_trap();
        if (terrain_frame_units(&f, 0, f.rows < 4 ? f.rows : 4, 0, f.cols, x, y, &bend) &&
            (isnan(x[0]) || isnan(y[0]) || !(fabs(bend.skew) < 1) || !isfinite(bend.unit_x) ||
             !(fabs(bend.unit_x * f.cols) <= 1)))
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
    const char *prj = systems[bytes[0] % (sizeof systems / sizeof *systems)];
    put("/vsimem/fuzz.asc", bytes + 1, n - 1);
    if (prj)
        put("/vsimem/fuzz.prj", (const uint8_t *)prj, strlen(prj));
    CPLPushErrorHandler(CPLQuietErrorHandler);
    GDALDatasetH dataset = GDALOpenEx("/vsimem/fuzz.asc", GDAL_OF_RASTER | GDAL_OF_READONLY,
                                      terrain_input_drivers, NULL, NULL);
    CPLPopErrorHandler();
    if (dataset) {
        look(dataset);
        GDALClose(dataset);
    }
    VSIUnlink("/vsimem/fuzz.asc");
    VSIUnlink("/vsimem/fuzz.prj");
    return 0;
}
