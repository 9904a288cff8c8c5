/* Slope statistics of one plot: gradient of every cell it touches, weighted with the exact share of
 * the cell it covers and the cell's area on the ground; see slope.h. The gradient is in slope.c,
 * the shares in coverage.c. */
#include <math.h>
#include <stdlib.h>

#include "geo/slope.h"

/* The part of a grid that a boundary touches, without the rim. */
struct window {
    int col, row, cols, rows;
};

double slope_plot_cells(const struct boundary *b, double cell_x, double cell_y)
{
    double cells = 0;
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t first = boundary_part_start(b, part);
        for (uint32_t ring = first; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            double area = fabs(ring_signed_deg2(b->points + start, b->ring_end[ring] - start));
            cells += ring == first ? area : -area;
        }
    }
    return cells / (cell_x * cell_y);
}

/* First and last+1 inner cell between two positions in cells; an empty range is first = last. */
static void inner_range(double low, double high, int cells, int *first, int *n)
{
    double from = fmax(floor(low), 1), to = fmin(floor(high) + 1, cells - 1);
    *first = from < cells ? (int)from : 1;
    *n = to > from ? (int)(to - from) : 0;
}

static struct window inner_window(const struct slope_grid *g, const struct boundary *b)
{
    struct box box = boundary_box(b);
    struct window w = {0};
    if (!(box.west <= box.east))
        return w;
    inner_range((box.west - g->west) / g->cell_x, (box.east - g->west) / g->cell_x, g->cols, &w.col,
                &w.cols);
    inner_range((g->north - box.north) / g->cell_y, (g->north - box.south) / g->cell_y, g->rows,
                &w.row, &w.rows);
    return w;
}

/* The boundary in cells of the window, y down. */
static bool window_boundary(const struct slope_grid *g, const struct boundary *b, struct window w,
                            struct arena *a, struct boundary *out)
{
    *out = *b;
    out->points = arena_array(a, b->points_n, sizeof *out->points);
    if (!out->points)
        return false;
    for (uint32_t i = 0; i < b->points_n; i++) {
        out->points[i].lon = (b->points[i].lon - g->west) / g->cell_x - w.col;
        out->points[i].lat = (g->north - b->points[i].lat) / g->cell_y - w.row;
    }
    return true;
}

/* Slope of a cell, its parts along the grid's axes, and the cell's ground. */
struct cell_slope {
    double pct, east_pct, north_pct, m2;
};

/* On axes that meet at an angle of cosine `skew` a gradient's parts are not those of a right-angled
 * frame: its length is sqrt(p G^-1 p), G the metric of the axes. */
static void cell_skew(struct cell_slope *s, double skew)
{
    double e = s->east_pct, n = s->north_pct, sine2 = 1 - skew * skew;
    s->pct = sqrt((e * e + n * n - 2 * e * n * skew) / sine2) + 0 * s->pct;
    s->m2 *= sqrt(sine2);
}

static struct cell_slope cell_slope_of(const struct slope_grid *g, enum slope_kernel kernel,
                                       int col, int row)
{
    double z[9], dx_m = g->cell_x * g->unit_x_m[row], dy_m = g->cell_y * g->unit_y_m[row], skew = 0;
    if (g->bend) {
        double east = col - g->bend->middle_col;
        dx_m *= 1 + g->bend->unit_x * east;
        dy_m *= 1 + g->bend->unit_y * east;
        skew = g->bend->skew + g->bend->skew_col * east + g->bend->skew_row * row;
    }
    struct cell_slope s;
    for (int i = 0; i < 9; i++)
        z[i] =
            (double)g->z[(size_t)(row + i / 3 - 1) * (size_t)g->cols + (size_t)(col + i % 3 - 1)];
    s.pct = slope_gradient(kernel, z, dx_m, dy_m, &s.east_pct, &s.north_pct);
    s.m2 = dx_m * dy_m;
    if (skew != 0)
        cell_skew(&s, skew);
    return s;
}

static int sample_compare(const void *a, const void *b)
{
    const struct slope_sample *u = a, *v = b;
    if (u->slope_pct != v->slope_pct)
        return u->slope_pct < v->slope_pct ? -1 : 1;
    return u->weight < v->weight ? -1 : u->weight > v->weight;
}

static void samples_sort(struct slope_sample *s, size_t n)
{
    if (n > 48) {
        qsort(s, n, sizeof *s, sample_compare);
        return;
    }
    for (size_t i = 1; i < n; i++) { /* plots have a dozen cells: faster than qsort's calls */
        struct slope_sample sample = s[i];
        size_t j = i;
        for (; j > 0 && sample_compare(&s[j - 1], &sample) > 0; j--)
            s[j] = s[j - 1];
        s[j] = sample;
    }
}

/* Merges neighbours in pairs: half the memory, and ranks stay right to one part in
 * SLOPE_SAMPLES_MAX / 2. */
static void samples_fold(struct slope_sum *s)
{
    samples_sort(s->samples, s->samples_n);
    size_t n = 0;
    for (size_t i = 0; i + 1 < s->samples_n; i += 2) {
        struct slope_sample u = s->samples[i], v = s->samples[i + 1];
        double weight = u.weight + v.weight;
        s->samples[n++] = (struct slope_sample){
            (u.slope_pct * u.weight + v.slope_pct * v.weight) / weight, weight};
    }
    if (s->samples_n % 2)
        s->samples[n++] = s->samples[s->samples_n - 1];
    s->samples_n = n;
}

/* Variances of the gradient of a row's cells in percent, for a height error of 1 m. */
struct row_noise {
    double east2, north2;
};

/* Spreads a cell over the classes by the probability of each (slope_noise.h). */
static void expect_add(struct slope_sum *s, const struct cell_slope *slope, double weight,
                       const struct row_noise *noise)
{
    const struct slope_class_table *table = s->table;
    double sigma = slope->pct > SLOPE_ERROR_STEEP_PCT ? s->error->sigma_steep_m : s->error->sigma_m;
    double east2 = slope->east_pct * slope->east_pct, north2 = slope->north_pct * slope->north_pct,
           all2 = east2 + north2, both = noise->east2 + noise->north2, before = 0;
    double along = all2 > 0 ? (noise->east2 * east2 + noise->north2 * north2) / all2 : noise->east2;
    struct slope_noise_at at;
    int last = table->classes_n - 1, c = 0;
    slope_noise_place(s->error->noise, slope->pct, sigma * sigma * along,
                      sigma * sigma * (both - along), &at);
    s->noise_m2 += weight * at.s;
    /* Most classes lie too far off to matter. */
    double low_pct = at.nu - SLOPE_NOISE_REACH * at.s;
    while (c < last && table->classes[c + 1].from_pct <= low_pct)
        c++;
    for (; c < last && before < 1; c++) {
        double below = slope_noise_at_below(&at, table->classes[c + 1].from_pct);
        if (below <= before)
            continue;
        s->expected_m2[c] += weight * (below - before);
        before = below;
    }
    if (before < 1)
        s->expected_m2[last] += weight * (1 - before);
}

static void cell_add(struct slope_sum *s, const struct cell_slope *slope, double coverage,
                     const struct row_noise *noise)
{
    double weight = coverage * slope->m2, slope_pct = slope->pct;
    s->cells += coverage;
    if (!isfinite(slope_pct)) {
        s->nodata_m2 += weight;
        return;
    }
    s->data_m2 += weight;
    s->slope_m2 += weight * slope_pct;
    s->surface_m2 += weight * sqrt(1 + slope_pct * slope_pct * 1e-4);
    s->class_m2[slope_class_of(s->table, slope_pct)] += weight;
    if (s->error)
        expect_add(s, slope, weight, noise);
    if (coverage < SLOPE_SLIVER)
        return;
    s->max_pct = fmax(s->max_pct, slope_pct);
    if (s->samples_n == s->samples_max)
        samples_fold(s);
    s->samples[s->samples_n++] = (struct slope_sample){slope_pct, weight};
}

enum status slope_sum_init(struct slope_sum *s, const struct slope_class_table *table,
                           size_t cells_max, struct arena *a, struct error *e)
{
    *s = (struct slope_sum){.table = table, .max_pct = -1};
    s->samples_max = cells_max < 8                   ? 8
                     : cells_max > SLOPE_SAMPLES_MAX ? SLOPE_SAMPLES_MAX
                                                     : cells_max;
    s->samples = arena_array(a, s->samples_max, sizeof *s->samples);
    return s->samples ? STATUS_OK : error_memory(e);
}

enum status slope_sum_add(struct slope_sum *s, const struct slope_grid *g, const struct boundary *b,
                          struct arena *a, struct error *e)
{
    struct window w = inner_window(g, b);
    if (w.cols <= 0 || w.rows <= 0)
        return STATUS_OK;
    struct boundary local;
    double *coverage = arena_array(a, (size_t)w.cols * (size_t)w.rows, sizeof *coverage);
    if (!coverage || !window_boundary(g, b, w, a, &local))
        return error_memory(e);
    enum status status = coverage_fractions(&local, w.cols, w.rows, coverage, a, e);
    if (status)
        return status;
    for (int row = 0; row < w.rows; row++) {
        int r = w.row + row;
        double dx_m = g->cell_x * g->unit_x_m[r], dy_m = g->cell_y * g->unit_y_m[r];
        double share = s->error ? 100 * s->error->share : 0;
        struct row_noise noise = {share * share / (dx_m * dx_m), share * share / (dy_m * dy_m)};
        for (int col = 0; col < w.cols; col++) {
            double covered = coverage[(size_t)row * (size_t)w.cols + (size_t)col];
            if (!(covered > 0))
                continue;
            struct cell_slope slope = cell_slope_of(g, s->kernel, w.col + col, r);
            cell_add(s, &slope, covered, &noise);
        }
    }
    return STATUS_OK;
}

static enum status sum_percentiles(struct slope_sum *s, struct arena *a, struct slope_stats *out,
                                   struct error *e)
{
    double *values = arena_array(a, s->samples_n * 2, sizeof *values);
    if (!values)
        return error_memory(e);
    double *weights = values + s->samples_n;
    samples_sort(s->samples, s->samples_n);
    for (size_t i = 0; i < s->samples_n; i++) {
        values[i] = s->samples[i].slope_pct;
        weights[i] = s->samples[i].weight;
    }
    out->max_pct = s->max_pct;
    out->p10_pct = percentile_weighted(values, weights, s->samples_n, 0.1);
    out->p50_pct = percentile_weighted(values, weights, s->samples_n, 0.5);
    out->p90_pct = percentile_weighted(values, weights, s->samples_n, 0.9);
    return STATUS_OK;
}

enum status slope_sum_end(struct slope_sum *s, double plot_cells, double cell_m2, struct arena *a,
                          struct slope_stats *out, struct error *e)
{
    /* Less than this is the rounding of two sums, not ground outside the grid. */
    if (plot_cells - s->cells > 1e-9 * plot_cells)
        s->nodata_m2 += (plot_cells - s->cells) * cell_m2;
    *out = (struct slope_stats){.covered = s->data_m2, .nodata = s->nodata_m2};
    double all = s->data_m2 + s->nodata_m2;
    out->nodata_share = all > 0 ? s->nodata_m2 / all : 1;
    for (int i = 0; i < s->table->classes_n; i++) {
        out->class_weight[i] = s->class_m2[i];
        out->class_expected[i] = s->expected_m2[i];
    }
    bool data = s->data_m2 > 0;
    out->mean_pct = data ? s->slope_m2 / s->data_m2 : NAN;
    out->surface_factor = data ? s->surface_m2 / s->data_m2 : NAN;
    out->noise_pct = data ? s->noise_m2 / s->data_m2 : 0;
    out->max_pct = out->p10_pct = out->p50_pct = out->p90_pct = out->mean_pct;
    /* A plot of slivers only has its mean. */
    return s->samples_n ? sum_percentiles(s, a, out, e) : STATUS_OK;
}

enum status slope_zonal(const struct slope_grid *g, const struct boundary *b,
                        const struct slope_class_table *table, struct arena *a,
                        struct slope_stats *out, struct error *e)
{
    struct window w = inner_window(g, b);
    struct slope_sum sum;
    enum status status = slope_sum_init(&sum, table, (size_t)w.cols * (size_t)w.rows, a, e);
    if (!status)
        status = slope_sum_add(&sum, g, b, a, e);
    if (status)
        return status;
    int row = w.rows ? w.row + w.rows / 2 : g->rows / 2;
    double cell_m2 = g->cell_x * g->unit_x_m[row] * (g->cell_y * g->unit_y_m[row]);
    return slope_sum_end(&sum, slope_plot_cells(b, g->cell_x, g->cell_y), cell_m2, a, out, e);
}
