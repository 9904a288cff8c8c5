/* Where a grid of elevations lies: its geotransform, its CRS, and the ways between it, WGS84 and
 * metres of ground. Internal to the terrain files of importers/. One thread per frame. */
#ifndef IMPORTERS_TERRAIN_FRAME_H
#define IMPORTERS_TERRAIN_FRAME_H

#include <gdal.h>
#include <ogr_srs_api.h>

#include "importers/terrain.h"

struct terrain_frame {
    double west, north, cell_x,
        cell_y; /* outer corner of cell 0,0; both cells positive; CRS units */
    int cols, rows;
    bool geographic;
    struct box wgs84;         /* with a margin of a cell */
    OGRSpatialReferenceH srs; /* owned; axes in traditional GIS order */
    OGRCoordinateTransformationH to_grid,
        to_wgs84;                            /* owned; NULL for WGS84 longitude and latitude */
    OGRCoordinateTransformationH to_degrees; /* of a projected grid: off its projection, on its own
                                                ellipsoid; owned */
    double semi_major_m, e2;                 /* of that ellipsoid */
};

/* Registers the few raster drivers that terrain needs, once; no network, a modest block cache. Any
 * thread. */
void terrain_gdal_init(void);
/* Drivers an elevation file may be read with, for GDALOpenEx. */
extern const char *const terrain_input_drivers[];

/* Reads the frame of a dataset; `name` is what messages call the file. STATUS_INVALID: crs_missing,
 * crs_unsupported, grid_rotated, grid_tiny. Free with terrain_frame_clear, also after an error. */
enum status terrain_frame_read(GDALDatasetH dataset, const char *name, struct terrain_frame *out,
                               struct error *e) MUST_USE;
void terrain_frame_clear(struct terrain_frame *f);
void terrain_frame_info(const struct terrain_frame *f, struct terrain_info *out);

/* The boundary in the grid's CRS, from `a` or, where nothing changes, the given arrays themselves.
 * *placed = false when it does not lie where the CRS is valid: outside. */
enum status terrain_frame_boundary(const struct terrain_frame *f, const struct boundary *wgs84,
                                   struct arena *a, struct boundary *out, bool *placed,
                                   struct error *e) MUST_USE;
/* Metres of ground per CRS unit, east-west and north-south, at the centres of `rows` rows from
 * `row` on, in the middle of columns col .. col+cols; `bend` (may be NULL) gets how they change
 * along a row and the angle of the axes, its column 0 being `col`. Linear over the window: right to
 * 1e-6 up to TERRAIN_UNITS_ROWS rows of any usual cell. Returns false where the CRS has no answer.
 */
enum { TERRAIN_UNITS_ROWS = 512 };
bool terrain_frame_units(const struct terrain_frame *f, int row, int rows, int col, int cols,
                         double *unit_x_m, double *unit_y_m, struct slope_bend *bend);

#endif
