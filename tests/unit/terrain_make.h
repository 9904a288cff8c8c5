/* Makes small elevation files for the terrain tests, in a folder of the test's own. */
#ifndef TESTS_UNIT_TERRAIN_MAKE_H
#define TESTS_UNIT_TERRAIN_MAKE_H

#include "tests/check.h"

#include <dirent.h>
#include <gdal.h>
#include <ogr_srs_api.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "importers/terrain.h"

static char folder[64];

static inline int folder_make(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/parcela-terrain-XXXXXX");
    GDALAllRegister();
    return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_count(void)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *f; d && (f = readdir(d));)
        n += f->d_name[0] != '.';
    closedir(d);
    return n;
}

static inline void folder_empty(void)
{
    DIR *d = opendir(folder);
    char path[512];
    for (struct dirent *f; d && (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        if (f->d_name[0] != '.')
            unlink(path);
    }
    closedir(d);
}

static inline int folder_remove(void **state)
{
    (void)state;
    folder_empty();
    return rmdir(folder);
}

/* "name" inside the folder; a few at a time. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][256];
    static int turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* What a test file is like; zero means: 1 band, no nodata declared, no unit. */
struct raster {
    const char *driver; /* NULL: GTiff */
    int epsg;           /* 0: none */
    double west, north, cell;
    int cols, rows, bands;
    GDALDataType type;
    double (*height)(double x, double y); /* at the centre of a cell, in CRS units */
    bool has_nodata;
    double nodata, scale, rotation;
    const char *unit;
};

static inline const char *raster_make(const char *name, const struct raster *r)
{
    const char *path = in_folder(name);
    GDALDatasetH d = GDALCreate(GDALGetDriverByName(r->driver ? r->driver : "GTiff"), path, r->cols,
                                r->rows, r->bands ? r->bands : 1, r->type, NULL);
    assert_non_null(d);
    double gt[6] = {r->west, r->cell, r->rotation, r->north, 0, -r->cell};
    GDALSetGeoTransform(d, gt);
    if (r->epsg) {
        OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
        OSRImportFromEPSG(srs, r->epsg);
        GDALSetSpatialRef(d, srs);
        OSRDestroySpatialReference(srs);
    }
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    if (r->has_nodata)
        GDALSetRasterNoDataValue(band, r->nodata);
    if (r->scale != 0)
        GDALSetRasterScale(band, r->scale);
    if (r->unit)
        GDALSetRasterUnitType(band, r->unit);
    double *line = malloc(sizeof *line * (size_t)r->cols);
    for (int row = 0; row < r->rows; row++) {
        for (int col = 0; col < r->cols; col++)
            line[col] =
                r->height(r->west + (col + 0.5) * r->cell, r->north - (row + 0.5) * r->cell);
        assert_int_equal(
            GDALRasterIO(band, GF_Write, 0, row, r->cols, 1, line, r->cols, 1, GDT_Float64, 0, 0),
            CE_None);
    }
    free(line);
    GDALClose(d);
    return path;
}

/* Builds a terrain of so many files and opens it. */
static inline struct terrain *terrain_of(const char *const *files, size_t n,
                                         struct terrain_info *info)
{
    struct error e;
    struct terrain *t = NULL;
    struct terrain_info written;
    const char *out = in_folder("terrain.tif");
    CHECK_OK(terrain_build(files, n, out, NULL, NULL, &written, &e), e);
    CHECK_OK(terrain_open(out, 1, &t, info, &e), e);
    assert_memory_equal(&written, info, sizeof written);
    return t;
}

static inline struct slope_stats slope_of(struct terrain *t, const struct lonlat *ring, uint32_t n)
{
    struct error e;
    struct arena a;
    struct slope_stats s;
    struct slope_class_table table;
    arena_init(&a, 16 << 20);
    CHECK_OK(slope_table_shipped("FAO_2006", &table, &e), e);
    struct boundary b = {(struct lonlat *)ring, &n, (uint32_t[]){1}, n, 1, 1};
    CHECK_OK(terrain_slope(t, &b, &table, &a, &s, &e), e);
    arena_clear(&a);
    return s;
}

#endif
