/* Placing an elevation grid on the earth; see terrain_frame.h.
 * Every SRS gets the traditional axis order, or GDAL 3 would hand out latitude first; ballpark
 * transformations are refused, because they silently ignore the datum. */
#include "importers/terrain_frame.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal_frmts.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EPSG_WGS84 = 4326, SCALE_POINTS = 8, TERRAIN_CACHE_BYTES = 128 << 20 };

const char *const terrain_input_drivers[] = {"GTiff", "SRTMHGT", "AAIGrid", NULL};

static void gdal_init(void)
{
    GDALRegister_GTiff();
    GDALRegister_COG();
    GDALRegister_SRTMHGT();
    GDALRegister_AAIGrid();
    OSRSetPROJEnableNetwork(0);
    /* GDAL's default is a twentieth of the memory; one row of tiles of a wide mosaic is all that is
     * read at a time. */
    GDALSetCacheMax64(TERRAIN_CACHE_BYTES);
}

void terrain_gdal_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, gdal_init);
}

static enum status frame_geotransform(GDALDatasetH dataset, const char *name,
                                      struct terrain_frame *f, struct error *e)
{
    double gt[6];
    f->cols = GDALGetRasterXSize(dataset);
    f->rows = GDALGetRasterYSize(dataset);
    if (GDALGetGeoTransform(dataset, gt) != CE_None)
        return error_set(e, STATUS_INVALID, "grid_without_place",
                         "add the world file (.tfw) or use the original elevation file",
                         "%s does not say where it lies", name);
    if (gt[2] != 0 || gt[4] != 0 || !(gt[1] > 0) || !(gt[5] < 0))
        return error_set(e, STATUS_INVALID, "grid_rotated",
                         "bring it north up with gdalwarp and add the result",
                         "%s is rotated or not north up", name);
    if (f->cols < 3 || f->rows < 3)
        return error_set(e, STATUS_INVALID, "grid_tiny", NULL,
                         "%s has %d x %d cells; a slope needs at least 3 x 3", name, f->cols,
                         f->rows);
    f->west = gt[0];
    f->north = gt[3];
    f->cell_x = gt[1];
    f->cell_y = -gt[5];
    return STATUS_OK;
}

static enum status frame_srs(GDALDatasetH dataset, const char *name, struct terrain_frame *f,
                             struct error *e)
{
    OGRSpatialReferenceH srs = GDALGetSpatialRef(dataset);
    if (!srs)
        return error_set(
            e, STATUS_INVALID, "crs_missing",
            "put its .prj beside it, or name the system: gdal_translate -a_srs EPSG:4326 "
            "(longitude and latitude) or EPSG:32615 (UTM 15N) in.tif out.tif",
            "%s has no coordinate system", name);
    f->srs = OSRClone(srs);
    OSRSetAxisMappingStrategy(f->srs, OAMS_TRADITIONAL_GIS_ORDER);
    OSRStripVertical(f->srs);
    f->geographic = OSRIsGeographic(f->srs);
    bool degrees = fabs(OSRGetAngularUnits(f->srs, NULL) - M_PI / 180) < 1e-12;
    if ((!f->geographic && !OSRIsProjected(f->srs)) || (f->geographic && !degrees))
        return error_set(e, STATUS_INVALID, "crs_unsupported",
                         "reproject it with gdalwarp -t_srs EPSG:4326 and add the result",
                         "the coordinate system of %s is neither in degrees nor projected", name);
    return STATUS_OK;
}

static OGRCoordinateTransformationH transformation(OGRSpatialReferenceH from,
                                                   OGRSpatialReferenceH to)
{
    OGRCoordinateTransformationOptionsH options = OCTNewCoordinateTransformationOptions();
    OCTCoordinateTransformationOptionsSetBallparkAllowed(options, 0);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformationEx(from, to, options);
    OCTDestroyCoordinateTransformationOptions(options);
    return t;
}

static bool transform(OGRCoordinateTransformationH t, int n, double *x, double *y)
{
    if (!OCTTransform(t, n, x, y, NULL))
        return false;
    for (int i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return false;
    return true;
}

static enum status frame_transformations(const char *name, struct terrain_frame *f, struct error *e)
{
    static const char *const same[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES",
                                       "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS", NULL};
    double east = f->west + f->cols * f->cell_x, south = f->north - f->rows * f->cell_y;
    struct box box = {f->west, south, east, f->north};
    OGRSpatialReferenceH wgs84 = OSRNewSpatialReference(NULL);
    bool ok = OSRImportFromEPSG(wgs84, EPSG_WGS84) == OGRERR_NONE;
    OSRSetAxisMappingStrategy(wgs84, OAMS_TRADITIONAL_GIS_ORDER);
    if (ok && !OSRIsSameEx(f->srs, wgs84, same)) {
        f->to_grid = transformation(wgs84, f->srs);
        f->to_wgs84 = transformation(f->srs, wgs84);
        double x = (f->west + east) / 2, y = (south + f->north) / 2;
        ok = f->to_grid && f->to_wgs84 && transform(f->to_wgs84, 1, &x, &y) &&
             transform(f->to_grid, 1, &x, &y) &&
             OCTTransformBounds(f->to_wgs84, f->west, south, east, f->north, &box.west, &box.south,
                                &box.east, &box.north, 21);
    }
    OSRDestroySpatialReference(wgs84);
    if (!ok)
        return error_set(e, STATUS_INVALID, "crs_unsupported",
                         "reproject it with gdalwarp -t_srs EPSG:4326 and add the result",
                         "there is no exact way from the coordinate system of %s to WGS84", name);
    f->wgs84 = box;
    return STATUS_OK;
}

enum status terrain_frame_read(GDALDatasetH dataset, const char *name, struct terrain_frame *out,
                               struct error *e)
{
    memset(out, 0, sizeof *out);
    enum status status = frame_geotransform(dataset, name, out, e);
    if (!status)
        status = frame_srs(dataset, name, out, e);
    CPLPushErrorHandler(CPLQuietErrorHandler); /* PROJ's own words go nowhere useful */
    if (!status)
        status = frame_transformations(name, out, e);
    CPLPopErrorHandler();
    return status;
}

void terrain_frame_clear(struct terrain_frame *f)
{
    OCTDestroyCoordinateTransformation(f->to_grid);
    OCTDestroyCoordinateTransformation(f->to_wgs84);
    OSRDestroySpatialReference(f->srs);
    memset(f, 0, sizeof *f);
}

void terrain_frame_info(const struct terrain_frame *f, struct terrain_info *out)
{
    *out = (struct terrain_info){.geographic = f->geographic,
                                 .cell_x = f->cell_x,
                                 .cell_y = f->cell_y,
                                 .cols = f->cols,
                                 .rows = f->rows,
                                 .west = f->wgs84.west,
                                 .south = f->wgs84.south,
                                 .east = f->wgs84.east,
                                 .north = f->wgs84.north};
    double unit_x, unit_y;
    if (terrain_frame_units(f, f->rows / 2, 1, f->cols / 2, 1, &unit_x, &unit_y))
        out->cell_m = sqrt(f->cell_x * unit_x * (f->cell_y * unit_y));
    const char *authority = OSRGetAuthorityName(f->srs, NULL);
    const char *code = OSRGetAuthorityCode(f->srs, NULL);
    if (authority && code && strcmp(authority, "EPSG") == 0) {
        out->epsg = (int)strtol(code, NULL, 10);
        snprintf(out->crs, sizeof out->crs, "EPSG:%d", out->epsg);
    } else {
        const char *name = OSRGetName(f->srs);
        snprintf(out->crs, sizeof out->crs, "%s", name ? name : "");
    }
}

enum status terrain_frame_boundary(const struct terrain_frame *f, const struct boundary *wgs84,
                                   struct arena *a, struct boundary *out, bool *placed,
                                   struct error *e)
{
    *placed = true;
    struct box all = boundary_box(wgs84);
    double middle = f->west + f->cols * f->cell_x / 2;
    *out = *wgs84;
    if (!f->to_grid && fabs(middle - (all.west + all.east) / 2) < 180)
        return STATUS_OK; /* the usual case: the grid is in WGS84 degrees already */
    if (!boundary_copy(out, wgs84, a))
        return error_memory(e);
    if (f->to_grid) {
        double *x = arena_array(a, (size_t)out->points_n * 2, sizeof *x), *y = x + out->points_n;
        if (!x)
            return error_memory(e);
        for (uint32_t i = 0; i < out->points_n; i++) {
            x[i] = out->points[i].lon;
            y[i] = out->points[i].lat;
        }
        CPLPushErrorHandler(CPLQuietErrorHandler);
        *placed = transform(f->to_grid, (int)out->points_n, x, y);
        CPLPopErrorHandler();
        for (uint32_t i = 0; i < out->points_n; i++)
            out->points[i] = (struct lonlat){x[i], y[i]};
    }
    if (f->geographic && *placed) { /* grids that count longitudes 0..360 */
        struct box box = boundary_box(out);
        double turns = nearbyint((middle - (box.west + box.east) / 2) / 360);
        for (uint32_t i = 0; i < out->points_n && turns != 0; i++)
            out->points[i].lon += 360 * turns;
    }
    return STATUS_OK;
}

/* Ground lengths of four short steps about a place on the grid, by the inverse projection and the
 * radii of curvature there: the local scale of any projection, without knowing its kind. */
static bool local_scale(const double *lon, const double *lat, double step, double *unit_x_m,
                        double *unit_y_m)
{
    double east, north, length[2];
    ground_m_per_degree((lat[0] + lat[1] + lat[2] + lat[3]) / 4, &east, &north);
    for (int axis = 0; axis < 2; axis++) {
        double dx = remainder(lon[2 * axis + 1] - lon[2 * axis], 360) * east;
        double dy = (lat[2 * axis + 1] - lat[2 * axis]) * north;
        length[axis] = sqrt(dx * dx + dy * dy) / (2 * step);
    }
    *unit_x_m = length[0];
    *unit_y_m = length[1];
    return isfinite(length[0]) && isfinite(length[1]) && length[0] > 0 && length[1] > 0;
}

static bool projected_units(const struct terrain_frame *f, int row, int rows, int col, int cols,
                            double *unit_x_m, double *unit_y_m)
{
    double x = f->west + (col + cols / 2.0) * f->cell_x;
    double y[2] = {f->north - (row + 0.5) * f->cell_y, f->north - (row + rows - 0.5) * f->cell_y};
    double step = fmax(f->cell_x, f->cell_y), px[SCALE_POINTS], py[SCALE_POINTS];
    for (int i = 0; i < SCALE_POINTS; i++) {
        px[i] = x + (i % 4 == 0 ? -step : i % 4 == 1 ? step : 0);
        py[i] = y[i / 4] + (i % 4 == 2 ? -step : i % 4 == 3 ? step : 0);
    }
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool ok = transform(f->to_wgs84, SCALE_POINTS, px, py);
    CPLPopErrorHandler();
    double ux[2], uy[2];
    for (int end = 0; end < 2 && ok; end++)
        ok = local_scale(px + 4 * end, py + 4 * end, step, &ux[end], &uy[end]);
    for (int i = 0; i < rows && ok;
         i++) { /* scale changes so slowly that a straight line between the ends does */
        double share = rows > 1 ? i / (rows - 1.0) : 0;
        unit_x_m[i] = ux[0] + share * (ux[1] - ux[0]);
        unit_y_m[i] = uy[0] + share * (uy[1] - uy[0]);
    }
    return ok;
}

bool terrain_frame_units(const struct terrain_frame *f, int row, int rows, int col, int cols,
                         double *unit_x_m, double *unit_y_m)
{
    if (!f->geographic)
        return projected_units(f, row, rows, col, cols, unit_x_m, unit_y_m);
    for (int i = 0; i < rows; i++) {
        double lat = f->north - (row + i + 0.5) * f->cell_y;
        ground_m_per_degree(fmin(fmax(lat, -90), 90), &unit_x_m[i], &unit_y_m[i]);
    }
    return true;
}
