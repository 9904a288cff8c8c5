/* The outline of all cells of a grid that have one value, cell by cell: every side of a cell
 * between the value and something else is an edge of its own, so that the outline is the cells'
 * union vertex for vertex, in whatever way its corners are projected afterwards.
 *
 * Cells that touch in a corner only are apart (parts and holes may touch each other in a point,
 * which is valid). Pure. */
#ifndef GEO_GRID_OUTLINE_H
#define GEO_GRID_OUTLINE_H

#include "geo/boundary.h"

enum { GRID_CELLS_MAX = 1 << 25 };

struct value_grid {
    const int32_t *cells; /* cols x rows, row by row */
    int cols, rows;       /* cols x rows <= GRID_CELLS_MAX */
};
/* Positions are corners of the grid: lon = column 0..cols, lat = row 0..rows. The parts come in the
 * order of their first cell, row by row. points_n 0 when no cell has the value. Memory from `a`;
 * working memory is about 10 bytes a cell of the value's box. STATUS_MEMORY only. */
enum status grid_outline(const struct value_grid *grid, int32_t value, struct arena *a,
                         struct boundary *out, struct error *e) MUST_USE;

#endif
