/* Rows of text cells (CSV, a spreadsheet, form submissions) -> features: where in a table the
 * boundaries are, and how to make them. */
#ifndef IMPORTERS_TABLE_H
#define IMPORTERS_TABLE_H

#include "importers/import.h"

enum { TABLE_GEOMETRIES_MAX = 4, TABLE_SAMPLE_ROWS = 200, TABLE_VERTICES_MAX = 5000000 };

struct table {
    const char *format;
    const char *const *columns;
    size_t columns_n;
    /* cells: columns_n texts that stay until the next call; "" = empty. false at the end or after a
     * failure. */
    bool (*next)(void *arg, const char **cells);
    void (*rewind)(void *arg);
    enum status (*ended)(void *arg, struct error *e); /* after next said false */
    void *arg;
    struct encoding encoding;
    int epsg; /* of coordinates whose format says it; 0 = the table must tell */
};

/* What a cell holds. */
enum cell_shape { CELL_OTHER, CELL_POINT, CELL_LINE, CELL_AREA };
/* WKT (with SRID=n; before it), hexadecimal WKB, or the points of a form. Looks at the beginning
 * only of the first two. */
enum cell_shape cell_shape(const char *cell);

/* Where the boundaries are. Column numbers, -1 = none. */
struct table_plan {
    int geometry[TABLE_GEOMETRIES_MAX]; /* columns with shapes, likeliest first */
    int point;                          /* a column with one point of a form per row */
    int lon, lat;
    bool degrees;  /* these two are called longitude and latitude, not x and y */
    bool vertices; /* rows are the corners of plots, in order */
    int code, order;
    int srid; /* of the first EWKT; 4326 for points of forms; 0 = none */
};

/* Looks at the names and at some rows. `code`: column of the plot code by --map or by name, -1 =
 * none. The table is left rewound. */
void table_plan_make(const struct table *t, int code, struct table_plan *out);
bool table_plan_found(const struct table_plan *p);

/* A cell as a geometry, the caller's; NULL with a problem in `extras`, or without one when the cell
 * is empty. */
OGRGeometryH cell_geometry(struct import *im, const char *cell, int srid,
                           struct row_extras *extras);
/* Longitude and latitude of two cells; false = unreadable. Letters (N, W, O) tell swapped columns.
 */
bool cells_lonlat(const char *lon, const char *lat, double *x, double *y);

/* Imports the table as one layer. STATUS_INVALID "table_no_geometry" when no column holds
 * boundaries. */
enum status table_import(struct import *im, const struct table *t, const char *layer_name,
                         struct error *e) MUST_USE;

/* table_vertices.c: corners gathered into plots. */
struct table_vertices;
enum status table_vertices_gather(const struct table *t, const struct table_plan *p,
                                  struct table_vertices **out, struct error *e) MUST_USE;
size_t table_vertices_plots(const struct table_vertices *v);
/* Plot i (in the order of first appearance): its polygon (NULL with extras->problem) and the cells
 * of its first row. */
OGRGeometryH table_vertices_plot(const struct table_vertices *v, size_t i, const char **cells,
                                 struct row_extras *extras);
void table_vertices_free(struct table_vertices *v);

#endif
