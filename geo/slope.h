/* Slope of the ground under a plot from an elevation grid: a kernel with true ground distances, exact coverage
 * fractions of every cell, class shares, mean, percentiles, maximum and the share without data.
 *
 * Pure computation on arrays; reading elevation files is importers/terrain.h. Formulas: GEO.md sections 3.1-3.7 (Horn 1981;
 * mid-point weighted percentiles; signed-area accumulation for coverage). Thread-safe: no state. */
#ifndef GEO_SLOPE_H
#define GEO_SLOPE_H

#include "geo/boundary.h"
#include "geo/slope_kernel.h"
#include "geo/slope_noise.h"

enum { SLOPE_CLASSES_MAX = 16, SLOPE_CLASS_NAME_MAX = 48 };

/* One row of a class table: from <= slope_pct < next row's from (the last is open). */
struct slope_class {
    char code[16];                    /* stable key, "08" */
    char name_en[SLOPE_CLASS_NAME_MAX];
    char name_es[SLOPE_CLASS_NAME_MAX];
    double from_pct;
    char colour[8]; /* "#3b528b" of a user's table, else "" */
};

struct slope_class_table {
    char code[24];     /* "FAO_2006" */
    char source[160];  /* citation */
    struct slope_class classes[SLOPE_CLASSES_MAX];
    int classes_n;
};

/* Parses a class table from CSV text (see geo/data/slope_classes.csv: table,code,from_pct,name_en,name_es,source),
 * taking the rows of table `code`. STATUS_NOT_FOUND when there is no such table, STATUS_INVALID with the line otherwise. */
enum status slope_table_parse(const char *csv, const char *code, struct slope_class_table *out, struct error *e) MUST_USE;
/* The shipped tables: FAO_2006 (default), GAEZ_2000, MIAF_20. */
enum status slope_table_shipped(const char *code, struct slope_class_table *out, struct error *e) MUST_USE;
/* A user's table from a CSV file whose first line names the columns: code, from_pct and, if wanted, to_pct (then gaps and overlaps are
 * found), name_en or name, name_es, colour (#rrggbb), source, table. `name` is the table's where no column says it. STATUS_INVALID with
 * the line and what is wrong: slope_table_columns, _line, _number, _gap, _overlap, _order, _duplicate, _colour, _code, _name, _many,
 * _several, _empty. */
enum status slope_table_user(const char *csv, const char *name, struct slope_class_table *out, struct error *e) MUST_USE;
int slope_class_of(const struct slope_class_table *t, double slope_pct);

/* Metres of ground per degree at a latitude on WGS84: east-west N(phi)cos(phi), north-south M(phi), times pi/180. */
void ground_m_per_degree(double lat_deg, double *east_m, double *north_m);

/* How the ground under a projected grid is not like its rows say: scale changes along a row as well, and where the projection does
 * not keep angles the grid's axes do not meet at right angles on the ground. */
struct slope_bend {
    double middle_col;                 /* where the units hold, in columns: 0 = centre of column 0 */
    double unit_x, unit_y;             /* relative change for each column to the east of it */
    double skew, skew_col, skew_row;   /* cosine of the angle between the axes there in row 0; its change for each column and row */
};

/* Elevations around a plot: rows x cols cells including a rim of one cell on each side, row 0 northernmost, NaN = no data.
 * x, y are in the grid's own CRS; (west, north) is the outer corner of cell (0,0). */
struct slope_grid {
    double west, north;
    double cell_x, cell_y; /* both positive, CRS units */
    int cols, rows;
    const float *z;
    /* ground metres for one CRS unit at the centre of each row (rows entries each): from ground_m_per_degree() for a
     * geographic grid; unit/scale factor of the projection for a projected one, in the middle column. */
    const double *unit_x_m, *unit_y_m;
    const struct slope_bend *bend; /* NULL for a geographic grid */
};

struct slope_stats {
    double covered;      /* sum of coverage fractions x cell ground area, m2: weight with data */
    double nodata;       /* the same of cells without slope */
    double nodata_share; /* 0..1 of the plot without elevation data */
    double mean_pct, max_pct, p10_pct, p50_pct, p90_pct; /* NaN where no data at all */
    double surface_factor;                               /* sloping / horizontal area, >= 1; NaN where no data at all */
    double class_weight[SLOPE_CLASSES_MAX];              /* m2 of covered ground per class; add up to `covered` */
    double class_expected[SLOPE_CLASSES_MAX]; /* the same in expectation under the vertical error: each cell counts in every class with
                                                 the probability that its true slope lies there; all 0 where no error is stated */
    double noise_pct;                         /* mean standard error of a cell's slope along the gradient; 0 where no error is stated */
};

/* Statistics of the polygon `b` (coordinates in the grid's CRS, inside the grid's inner cells; what lies outside counts
 * as no data). Scratch memory from `a`. STATUS_MEMORY only. */
enum status slope_zonal(const struct slope_grid *grid, const struct boundary *b, const struct slope_class_table *table,
                        struct arena *a, struct slope_stats *out, struct error *e) MUST_USE;

/* The same in pieces, for plots whose grid does not fit in memory: init, add one strip of rows after the other (their inner
 * cells must not overlap), end. slope_zonal() is these three. */
enum { SLOPE_SAMPLES_MAX = 1 << 18 };
/* Cells covered less than this are slivers: they count in every sum, but not for the maximum and the percentiles. */
#define SLOPE_SLIVER 1e-6

struct slope_sample {
    double slope_pct, weight;
};

struct slope_sum {
    const struct slope_class_table *table;
    struct slope_sample *samples; /* of cells with slope; beyond SLOPE_SAMPLES_MAX neighbours in slope are merged */
    size_t samples_n, samples_max;
    double cells; /* sum of coverage fractions so far, cells with and without slope */
    double data_m2, nodata_m2, slope_m2, surface_m2, max_pct;
    double class_m2[SLOPE_CLASSES_MAX];
    enum slope_kernel kernel;        /* SLOPE_HORN (as slope_sum_init leaves it) */
    const struct slope_error *error; /* NULL (as slope_sum_init leaves it) = no expectations */
    double expected_m2[SLOPE_CLASSES_MAX], noise_m2;
};

/* Memory for at most cells_max samples (and never more than SLOPE_SAMPLES_MAX) from `a`, which must outlive the sum. */
enum status slope_sum_init(struct slope_sum *s, const struct slope_class_table *table, size_t cells_max, struct arena *a,
                           struct error *e) MUST_USE;
/* Adds the inner cells (all but the rim) of `grid` that `b` covers. Scratch memory from `a`, free to be reset afterwards. */
enum status slope_sum_add(struct slope_sum *s, const struct slope_grid *grid, const struct boundary *b, struct arena *a,
                          struct error *e) MUST_USE;
/* `plot_cells`: planar area of the whole boundary in cells (slope_plot_cells); what exceeds the cells seen lies outside the
 * grid and counts as no data, at cell_m2 each. Scratch memory from `a`. */
enum status slope_sum_end(struct slope_sum *s, double plot_cells, double cell_m2, struct arena *a, struct slope_stats *out,
                          struct error *e) MUST_USE;
/* Planar area of `b` (in the grid's CRS) in cells of cell_x x cell_y. */
double slope_plot_cells(const struct boundary *b, double cell_x, double cell_y);

/* Exact fraction (0..1) of each of cols x rows unit cells covered by `b`, whose coordinates are already in cell units (x to
 * the right, y DOWN from the top edge of row 0). `out` has rows*cols entries, overwritten. Orientation of rings is free;
 * holes subtract; parts may lie outside the grid; edges with a coordinate that is not finite are left out. Scratch memory
 * from `a`. Sum over cells equals the planar area within 1e-11 of it; a cell not touched is exactly 0, one wholly inside
 * exactly 1. */
enum status coverage_fractions(const struct boundary *b, int cols, int rows, double *out, struct arena *a,
                               struct error *e) MUST_USE;

/* Weighted percentile by the mid-point rule p_k = (C_k - w_k/2)/C_n with linear interpolation, clamped at the ends
 * (GEO.md 3.6 a; Hazen for equal weights). values ascending with weights > 0; q in 0..1; NaN when n = 0. */
double percentile_weighted(const double *values, const double *weights, size_t n, double q);

#endif
