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

#include "geo/ellipsoid.h"

enum { EPSG_WGS84 = 4326, PLACES = 3, TERRAIN_CACHE_BYTES = 128 << 20 };
/* Less is the rounding of a projection that keeps angles. */
#define SKEW_MIN 1e-9

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
    double inverse = OSRGetInvFlattening(f->srs, NULL), flattening = inverse > 0 ? 1 / inverse : 0;
    f->semi_major_m = OSRGetSemiMajor(f->srs, NULL);
    f->e2 = flattening * (2 - flattening);
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
    if (ok && !f->geographic) {
        OGRSpatialReferenceH degrees = OSRCloneGeogCS(f->srs);
        if (degrees)
            OSRSetAxisMappingStrategy(degrees, OAMS_TRADITIONAL_GIS_ORDER);
        ok = degrees && fabs(OSRGetAngularUnits(degrees, NULL) - M_PI / 180) < 1e-12 &&
             (f->to_degrees = transformation(f->srs, degrees));
        OSRDestroySpatialReference(degrees);
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
    OCTDestroyCoordinateTransformation(f->to_degrees);
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
    if (terrain_frame_units(f, f->rows / 2, 1, f->cols / 2, 1, &unit_x, &unit_y, NULL))
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

/* What the ground under one place of the grid is like. */
struct place {
    double unit_x_m, unit_y_m, skew;
};

/* As ground_m_per_degree(), on the grid's own ellipsoid: its metres are those of the ground,
 * whatever WGS84 calls the place. NAD27's are 1e-5 of them other than WGS84's. */
static void metres_per_degree(const struct terrain_frame *f, double lat_deg, double *east_m,
                              double *north_m)
{
    double s, c;
    sincos_deg(lat_deg, &s, &c);
    double w2 = 1 - f->e2 * s * s, n = f->semi_major_m / sqrt(w2);
    *east_m = n * c * DEG_TO_RAD;
    *north_m = n * (1 - f->e2) / w2 * DEG_TO_RAD;
}

/* From four short steps about the place, by the inverse projection and the radii of curvature
 * there: the local scale of any projection, without knowing its kind. */
static bool place_of(const struct terrain_frame *f, const double *lon, const double *lat,
                     double step, struct place *out)
{
    double east, north, length[2], dx[2], dy[2];
    metres_per_degree(f, (lat[0] + lat[1] + lat[2] + lat[3]) / 4, &east, &north);
    for (int axis = 0; axis < 2; axis++) {
        dx[axis] = remainder(lon[2 * axis + 1] - lon[2 * axis], 360) * east;
        dy[axis] = (lat[2 * axis + 1] - lat[2 * axis]) * north;
        length[axis] = sqrt(dx[axis] * dx[axis] + dy[axis] * dy[axis]);
    }
    *out = (struct place){length[0] / (2 * step), length[1] / (2 * step),
                          (dx[0] * dx[1] + dy[0] * dy[1]) / (length[0] * length[1])};
    if (fabs(out->skew) < SKEW_MIN)
        out->skew = 0;
    return isfinite(length[0]) && isfinite(length[1]) && length[0] > 0 && length[1] > 0 &&
           fabs(out->skew) < 1;
}

/* How the ground changes over the window; not at all where it changes so much that no line follows
 * it. */
static struct slope_bend bend_of(const struct place p[PLACES], const struct place *first,
                                 double steps_x, double steps_y)
{
    struct slope_bend b = {.middle_col = steps_x / 2,
                           .unit_x = (p[1].unit_x_m - p[0].unit_x_m) / (steps_x * first->unit_x_m),
                           .unit_y = (p[1].unit_y_m - p[0].unit_y_m) / (steps_x * first->unit_y_m),
                           .skew = first->skew,
                           .skew_col = (p[1].skew - p[0].skew) / steps_x,
                           .skew_row = (p[2].skew - first->skew) / steps_y};
    if (fabs(b.unit_x * steps_x) > 0.5 || fabs(b.unit_y * steps_x) > 0.5)
        b.unit_x = b.unit_y = 0;
    if (fabs(b.skew) + fabs(b.skew_col * steps_x) + fabs(b.skew_row * steps_y) > 0.99)
        b.skew = b.skew_col = b.skew_row = 0;
    return b;
}

/* Three places say how the ground changes: both ends of the first row and the middle of the last.
 */
static bool projected_units(const struct terrain_frame *f, int row, int rows, int col, int cols,
                            double *unit_x_m, double *unit_y_m, struct slope_bend *bend)
{
    double west = f->west + (col + 0.5) * f->cell_x, across = (cols - 1) * f->cell_x,
           north = f->north - (row + 0.5) * f->cell_y, down = (rows - 1) * f->cell_y;
    const double x[PLACES] = {west, west + across, west + across / 2},
                 y[PLACES] = {north, north, north - down};
    double step = fmax(f->cell_x, f->cell_y), px[4 * PLACES], py[4 * PLACES];
    for (int i = 0; i < 4 * PLACES; i++) {
        px[i] = x[i / 4] + (i % 4 == 0 ? -step : i % 4 == 1 ? step : 0);
        py[i] = y[i / 4] + (i % 4 == 2 ? -step : i % 4 == 3 ? step : 0);
    }
    CPLPushErrorHandler(CPLQuietErrorHandler);
    bool ok = transform(f->to_degrees, 4 * PLACES, px, py);
    CPLPopErrorHandler();
    struct place p[PLACES];
    for (int i = 0; i < PLACES && ok; i++)
        ok = place_of(f, px + 4 * i, py + 4 * i, step, &p[i]);
    if (!ok)
        return false;
    double steps_x = cols > 1 ? cols - 1 : 1, steps_y = rows > 1 ? rows - 1 : 1;
    struct place first = {(p[0].unit_x_m + p[1].unit_x_m) / 2, (p[0].unit_y_m + p[1].unit_y_m) / 2,
                          (p[0].skew + p[1].skew) / 2};
    for (int i = 0; i < rows; i++) {
        unit_x_m[i] = first.unit_x_m + i / steps_y * (p[2].unit_x_m - first.unit_x_m);
        unit_y_m[i] = first.unit_y_m + i / steps_y * (p[2].unit_y_m - first.unit_y_m);
    }
    if (bend)
        *bend = bend_of(p, &first, steps_x, steps_y);
    return true;
}

bool terrain_frame_units(const struct terrain_frame *f, int row, int rows, int col, int cols,
                         double *unit_x_m, double *unit_y_m, struct slope_bend *bend)
{
    if (bend)
        *bend = (struct slope_bend){0};
    if (!f->geographic)
        return projected_units(f, row, rows, col, cols, unit_x_m, unit_y_m, bend);
    for (int i = 0; i < rows; i++) {
        double lat = f->north - (row + i + 0.5) * f->cell_y;
        metres_per_degree(f, fmin(fmax(lat, -90), 90), &unit_x_m[i], &unit_y_m[i]);
    }
    return true;
}
