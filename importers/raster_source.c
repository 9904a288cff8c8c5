/* A GeoTIFF as a layer of polygons: corridors that come as a grid of cells (CONABIO's are 1 km).
 *
 * Every value is a feature (or one feature for the cells of one value, or for all from a threshold
 * on), its outline the cells' own sides, so that the hectares of a raster layer are those of its
 * cells and go the same way as any other polygon. Names come from the file's attribute table or
 * category names, or from a CSV (value, name). */
#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/grid_outline.h"
#include "geo/slope.h"
#include "importers/csv.h"
#include "importers/import.h"
#include "importers/text.h"

enum { CATEGORIES_MAX = 1000, NOTHING = INT32_MIN, CORNERS_MAX = 1000000 };

struct category {
    int32_t value;
    const char *name; /* NULL = none given */
};

struct raster {
    struct import *im;
    GDALDatasetH dataset;
    GDALRasterBandH band;
    double to_file[6]; /* column, row -> coordinates */
    int32_t *cells;
    struct value_grid grid;
    struct category categories[CATEGORIES_MAX];
    size_t categories_n, at;
    OGRFeatureDefnH definition;
    struct error *error;
    enum status status;
};

/* ---- cells ---- */

static enum status open_band(struct raster *r, const char *vsi_path, struct error *e)
{
    static const char *const drivers[] = {"GTiff", NULL};
    struct import *im = r->im;
    /* the attribute table and the category names stand in a .aux.xml beside the file */
    CPLSetConfigOption("GDAL_PAM_ENABLED", "YES");
    gdal_log_reset(&im->log);
    r->dataset = GDALOpenEx(vsi_path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    gdal_log_reset(&im->log);
    if (!r->dataset)
        return error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                         "%.80s cannot be read as GeoTIFF", im->file_name);
    if (GDALGetRasterCount(r->dataset) != 1)
        return error_set(e, STATUS_INVALID, "bands_not_one",
                         "take the band out with gdal_translate -b 1 in.tif out.tif",
                         "%.80s has %d bands; a layer is one", im->file_name,
                         GDALGetRasterCount(r->dataset));
    if (GDALGetGeoTransform(r->dataset, r->to_file) != CE_None)
        return error_set(e, STATUS_INVALID, "raster_not_placed",
                         "save it with its place and coordinate system, for example with "
                         "gdal_translate -a_ullr -a_srs",
                         "%.80s does not say where its cells lie", im->file_name);
    r->band = GDALGetRasterBand(r->dataset, 1);
    int cols = GDALGetRasterXSize(r->dataset), rows = GDALGetRasterYSize(r->dataset);
    if ((double)cols * rows > GRID_CELLS_MAX)
        return error_set(e, STATUS_LIMIT, "raster_too_large",
                         "cut out what is needed with gdal_translate -projwin",
                         "%.80s has %d x %d cells; at most %d are read", im->file_name, cols, rows,
                         GRID_CELLS_MAX);
    if (GDALDataTypeIsComplex(GDALGetRasterDataType(r->band)))
        return error_set(e, STATUS_INVALID, "raster_values", NULL, "%.80s holds complex numbers",
                         im->file_name);
    r->cells = malloc((size_t)cols * (size_t)rows * sizeof *r->cells);
    r->grid = (struct value_grid){r->cells, cols, rows};
    return r->cells ? STATUS_OK : error_memory(e);
}

/* Which category a cell belongs to: 0 and no data are none, unless --value asks for 0. */
static enum status value_of(const struct raster *r, double v, int32_t *out, struct error *e)
{
    const struct reader_request *q = r->im->request;
    *out = NOTHING;
    if (isnan(v))
        return STATUS_OK;
    if (q->raster_rule == RASTER_THRESHOLD) {
        *out = v >= q->raster_number ? 1 : NOTHING;
    } else if (q->raster_rule == RASTER_VALUE) {
        *out = v == q->raster_number ? 1 : NOTHING;
    } else if (v != 0) {
        if (v != floor(v) || fabs(v) > 1e9)
            return error_set(e, STATUS_INVALID, "raster_no_categories",
                             "say which cells are inside: --threshold 0.5, or --value 1",
                             "%.80s holds numbers such as %.6g, which are no categories",
                             r->im->file_name, v);
        *out = (int32_t)v;
    }
    return STATUS_OK;
}

static enum status read_cells(struct raster *r, struct error *e)
{
    int has_nodata = 0;
    double nodata = GDALGetRasterNoDataValue(r->band, &has_nodata);
    double *line = malloc((size_t)r->grid.cols * sizeof *line);
    enum status s = line ? STATUS_OK : error_memory(e);
    for (int row = 0; s == STATUS_OK && row < r->grid.rows; row++) {
        if (GDALRasterIO(r->band, GF_Read, 0, row, r->grid.cols, 1, line, r->grid.cols, 1,
                         GDT_Float64, 0, 0) != CE_None)
            s = error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                          "row %d of %.80s cannot be read", row + 1, r->im->file_name);
        int32_t *cells = r->cells + (size_t)row * (size_t)r->grid.cols;
        for (int col = 0; s == STATUS_OK && col < r->grid.cols; col++)
            s = value_of(r, has_nodata && line[col] == nodata ? NAN : line[col], &cells[col], e);
    }
    free(line);
    return s;
}

/* ---- categories ---- */

static int by_value(const void *a, const void *b)
{
    const struct category *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static struct category *category_of(struct raster *r, int32_t value)
{
    struct category key = {.value = value};
    return bsearch(&key, r->categories, r->categories_n, sizeof key, by_value);
}

static enum status find_categories(struct raster *r, struct error *e)
{
    size_t n = (size_t)r->grid.cols * (size_t)r->grid.rows;
    int32_t last = NOTHING;
    for (size_t i = 0; i < n; i++) {
        int32_t v = r->cells[i];
        if (v == NOTHING || v == last)
            continue;
        last = v;
        if (category_of(r, v))
            continue;
        if (r->categories_n == CATEGORIES_MAX)
            return error_set(e, STATUS_LIMIT, "raster_categories",
                             "say which cells are inside: --threshold 0.5, or --value 1",
                             "%.80s has more than %d different values", r->im->file_name,
                             CATEGORIES_MAX);
        r->categories[r->categories_n++] = (struct category){.value = v};
        qsort(r->categories, r->categories_n, sizeof *r->categories, by_value);
    }
    if (!r->categories_n)
        return error_set(e, STATUS_INVALID, "no_polygons",
                         "look at its values with gdalinfo -hist; --value or --threshold chooses",
                         "%.80s has no cell that is inside", r->im->file_name);
    return STATUS_OK;
}

/* ---- names ---- */

static void name_category(struct raster *r, double value, const char *name)
{
    const struct reader_request *q = r->im->request;
    double wanted = q->raster_rule == RASTER_VALUE ? q->raster_number : value;
    if (q->raster_rule == RASTER_VALUE && value != wanted)
        return;
    double own = q->raster_rule == RASTER_VALUE ? 1 : value;
    struct category *c =
        own == floor(own) && fabs(own) <= 1e9 ? category_of(r, (int32_t)own) : NULL;
    if (c && !c->name && name && *name)
        c->name = text_clean(&r->im->file_arena, name, 200);
}

static void names_of_table(struct raster *r)
{
    GDALRasterAttributeTableH table = GDALGetDefaultRAT(r->band);
    int value = table ? GDALRATGetColOfUsage(table, GFU_MinMax) : -1,
        name = table ? GDALRATGetColOfUsage(table, GFU_Name) : -1;
    if (table && value < 0)
        value = GDALRATGetColOfUsage(table, GFU_Min);
    for (int i = 0; table && i < GDALRATGetColumnCount(table); i++) {
        if (value < 0 && strcasecmp(GDALRATGetNameOfCol(table, i), "value") == 0)
            value = i;
        if (name < 0 && GDALRATGetTypeOfCol(table, i) == GFT_String)
            name = i;
    }
    for (int i = 0; value >= 0 && name >= 0 && i < GDALRATGetRowCount(table); i++)
        name_category(r, GDALRATGetValueAsDouble(table, i, value),
                      GDALRATGetValueAsString(table, i, name));
    char **words = GDALGetRasterCategoryNames(r->band);
    for (int i = 0; words && words[i]; i++)
        name_category(r, i, words[i]);
}

static size_t read_text(void *arg, char *buffer, size_t n)
{
    return VSIFReadL(buffer, 1, n, arg);
}

/* Lines of value, name; a first line that is no number is a header. */
static enum status names_of_csv(struct raster *r, const char *path, struct error *e)
{
    VSILFILE *f = VSIFOpenL(path, "rb");
    struct csv *csv = f ? calloc(1, sizeof *csv) : NULL;
    if (!csv) {
        if (f)
            VSIFCloseL(f);
        return f ? error_memory(e)
                 : error_set(e, STATUS_NOT_FOUND, "file_missing", "check the name of the file",
                             "the file of --names cannot be read");
    }
    csv_start(csv, read_text, f);
    while (csv_next(csv)) {
        char *end;
        double value = strtod(csv_cell(csv, 0), &end);
        if (end != csv_cell(csv, 0) && !*end)
            name_category(r, value, csv_cell(csv, 1));
    }
    enum status s = csv_ended(csv, e);
    csv_clear(csv);
    free(csv);
    VSIFCloseL(f);
    return s;
}

/* ---- rows ---- */

static struct lonlat placed(const struct raster *r, struct lonlat corner)
{
    const double *t = r->to_file;
    return (struct lonlat){t[0] + corner.lon * t[1] + corner.lat * t[2],
                           t[3] + corner.lon * t[4] + corner.lat * t[5]};
}

static OGRGeometryH geometry_of(const struct raster *r, const struct boundary *b)
{
    OGRGeometryH all = OGR_G_CreateGeometry(wkbMultiPolygon);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        OGRGeometryH polygon = OGR_G_CreateGeometry(wkbPolygon);
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            OGRGeometryH line = OGR_G_CreateGeometry(wkbLinearRing);
            uint32_t start = boundary_ring_start(b, ring), n = b->ring_end[ring] - start;
            OGR_G_SetPointCount(line, (int)n);
            for (uint32_t i = 0; i < n; i++) {
                struct lonlat p = placed(r, b->points[start + i]);
                OGR_G_SetPoint_2D(line, (int)i, p.lon, p.lat);
            }
            OGR_G_AddGeometryDirectly(polygon, line);
        }
        OGR_G_AddGeometryDirectly(all, polygon);
    }
    return all;
}

static void first_row(void *arg)
{
    ((struct raster *)arg)->at = 0;
}

static OGRFeatureH next_row(void *arg)
{
    struct raster *r = arg;
    if (r->status != STATUS_OK || r->at == r->categories_n)
        return NULL;
    const struct category *c = &r->categories[r->at++];
    struct arena a;
    struct boundary b;
    char key[32];
    arena_init(&a, 0);
    r->status = grid_outline(&r->grid, c->value, &a, &b, r->error);
    if (r->status == STATUS_OK && b.points_n > CORNERS_MAX)
        r->status =
            error_set(r->error, STATUS_LIMIT, "raster_too_large",
                      "cut out what is needed with gdal_translate -projwin, or take larger cells",
                      "the outline of value %d has %u corners; at most %d are read", c->value,
                      b.points_n, CORNERS_MAX);
    OGRFeatureH f = r->status == STATUS_OK ? OGR_F_Create(r->definition) : NULL;
    if (f) {
        snprintf(key, sizeof key, "%.10g",
                 r->im->request->raster_rule == RASTER_VALUE ? r->im->request->raster_number
                                                             : c->value);
        OGR_F_SetFID(f, (GIntBig)r->at);
        OGR_F_SetFieldString(f, 0, key);
        OGR_F_SetFieldString(f, 1, c->name ? c->name : key);
        OGR_F_SetGeometryDirectly(f, geometry_of(r, &b));
    }
    arena_clear(&a);
    return f;
}

static enum status rows_ended(void *arg, struct error *e)
{
    struct raster *r = arg;
    if (r->status != STATUS_OK && e != r->error)
        *e = *r->error;
    return r->status;
}

/* ---- the layer ---- */

/* The side of a cell in metres of ground, for the accuracy of the outline. */
static double cell_m(const struct raster *r)
{
    const double *t = r->to_file;
    OGRSpatialReferenceH srs = GDALGetSpatialRef(r->dataset);
    double cell = sqrt(fabs(t[1] * t[5] - t[2] * t[4]));
    if (srs && OSRIsProjected(srs))
        return cell * OSRGetLinearUnits(srs, NULL);
    double east, north, middle = t[3] + t[5] * r->grid.rows / 2 + t[4] * r->grid.cols / 2;
    ground_m_per_degree(fmin(fmax(middle, -89), 89), &east, &north);
    return cell * sqrt(east * north);
}

static enum status import_rows(struct raster *r, const char *layer_name, struct error *e)
{
    static const char *const columns[] = {"key", "name"};
    struct error failed = {0};
    r->definition = OGR_FD_Create(layer_name);
    OGR_FD_Reference(r->definition);
    for (int i = 0; i < 2; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(columns[i], OFTString);
        OGR_FD_AddFieldDefn(r->definition, field);
        OGR_Fld_Destroy(field);
    }
    r->error = &failed;
    const struct layer_rows rows = {.definition = r->definition,
                                    .rewind = first_row,
                                    .next = next_row,
                                    .ended = rows_ended,
                                    .arg = r,
                                    .srs = GDALGetSpatialRef(r->dataset)};
    struct layer layer = {.rows = &rows,
                          .name = layer_name,
                          .format = "GeoTIFF",
                          .cell_m = cell_m(r),
                          .announced = (int64_t)r->categories_n};
    enum status s = layer_import(r->im, &layer, e);
    OGR_FD_Release(r->definition);
    return s;
}

enum status raster_import(struct import *im, const char *vsi_path, const char *layer_name,
                          struct error *e)
{
    if (im->request->purpose == READER_PLOTS)
        return error_set(e, STATUS_INVALID, "format_unknown",
                         "plots are polygons; a grid of corridors is added with parcela layer add "
                         "REGISTRY corridors FILE",
                         "%.80s is a grid of cells", im->file_name);
    struct raster *r = calloc(1, sizeof *r);
    if (!r)
        return error_memory(e);
    r->im = im;
    enum status s = open_band(r, vsi_path, e);
    if (s == STATUS_OK)
        s = read_cells(r, e);
    if (s == STATUS_OK)
        s = find_categories(r, e);
    if (s == STATUS_OK && im->request->raster_names)
        s = names_of_csv(r, im->request->raster_names, e);
    if (s == STATUS_OK) {
        names_of_table(r);
        s = import_rows(r, layer_name, e);
    }
    if (r->dataset)
        GDALClose(r->dataset);
    free(r->cells);
    free(r);
    return s;
}
