/* The exact share of each grid cell that a boundary covers, by signed-area accumulation (as in font
 * rasterisers: every edge adds the area to its right in the cells it crosses, and its height to all
 * cells further right). GEO.md 3.5, 3.7.
 *
 * Heights are whole numbers of 2^-46 of a cell, so that what enters a row and leaves it again
 * cancels exactly: a cell that is not touched is exactly 0, one that is wholly inside exactly 1,
 * also when edges lie on cell borders or pass through corners. Each edge is walked from its upper
 * end, so an edge walked back cancels too. */
#include <math.h>
#include <string.h>

#include "geo/slope.h"

static const double height_one = 0x1p46; /* leaves room for 2^17 windings */
static const double dust = 0x1p-44;

/* One row of cells: `height` is what the edges in a cell add to all cells right of it, `area` to
 * the cell itself. */
struct coverage_sum {
    int64_t *height;
    double *area;
    int cols, rows;
    int64_t sign; /* of the ring being added */
};

static inline int64_t height_units(double y_in_row)
{
    return llrint(y_in_row * height_one);
}

static inline int clamp_int(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

/* A piece within one cell: from x0 to x1 (columns as reals), `height` units high. */
static inline void cell_add(struct coverage_sum *s, size_t row_start, int col, double x0, double x1,
                            int64_t height)
{
    if (!height)
        return;
    double right = (double)(col + 1) - (x0 + x1) / 2;
    right = right < 0 ? 0 : right > 1 ? 1 : right;
    s->height[row_start + (size_t)col] += height;
    s->area[row_start + (size_t)col] += (double)height * right;
}

/* A piece within one row, from (x0, top) to (x1, bottom), heights in units of the row; 0 <= x <=
 * cols. */
static void row_add(struct coverage_sum *s, int row, double x0, int64_t top, double x1,
                    int64_t bottom)
{
    size_t row_start = (size_t)row * (size_t)s->cols;
    int col0 = clamp_int((int)x0, 0, s->cols - 1), col1 = clamp_int((int)x1, 0, s->cols - 1);
    if (col0 == col1) {
        cell_add(s, row_start, col0, x0, x1, s->sign * (bottom - top));
        return;
    }
    double rise = (double)(bottom - top) / (x1 - x0), at = x0;
    int64_t last = top;
    int step = col1 > col0 ? 1 : -1;
    for (int col = col0; col != col1; col += step) {
        double border = step > 0 ? col + 1 : col;
        int64_t y = top + llrint(rise * (border - x0));
        y = y < last ? last : y > bottom ? bottom : y;
        cell_add(s, row_start, col, at, border, s->sign * (y - last));
        at = border;
        last = y;
    }
    cell_add(s, row_start, col1, at, x1, s->sign * (bottom - last));
}

/* The same with any x: what is left of the grid counts in full from column 0 on, what is right of
 * it not at all. */
static void row_clip_add(struct coverage_sum *s, int row, double x0, int64_t top, double x1,
                         int64_t bottom)
{
    double cols = s->cols;
    if (x0 >= 0 && x1 >= 0 && x0 <= cols && x1 <= cols) {
        row_add(s, row, x0, top, x1, bottom);
        return;
    }
    if (x0 >= cols && x1 >= cols)
        return;
    if (x0 <= 0 && x1 <= 0) {
        row_add(s, row, 0, top, 0, bottom);
        return;
    }
    /* Cut at the nearer border crossed and go on with both parts. */
    double border = (x0 < 0) != (x1 < 0) ? 0 : cols;
    double height = (double)(bottom - top) * ((border - x0) / (x1 - x0));
    int64_t y = top + llrint(height);
    y = y < top ? top : y > bottom ? bottom : y;
    row_clip_add(s, row, x0, top, border, y);
    row_clip_add(s, row, border, y, x1, bottom);
}

/* An edge whose upper end is u (u.lat < v.lat; y runs down). */
static void edge_add(struct coverage_sum *s, struct lonlat u, struct lonlat v)
{
    if (!(v.lat > 0) || !(u.lat < s->rows) || !isfinite(u.lon - v.lon) || !isfinite(v.lat - u.lat))
        return;
    double per_row = (v.lon - u.lon) / (v.lat - u.lat);
    double low = fmin(u.lon, v.lon), high = fmax(u.lon, v.lon);
    int first = u.lat <= 0 ? 0 : (int)u.lat;
    double x = u.lon;
    if (u.lat < 0)
        x = fmin(fmax(u.lon - u.lat * per_row, low), high);
    for (int row = first; row < s->rows && row < v.lat; row++) {
        int64_t top = row >= u.lat ? 0 : height_units(u.lat - row);
        bool last = v.lat <= row + 1;
        int64_t bottom = last ? height_units(v.lat - row) : height_units(1);
        double next = last ? v.lon : fmin(fmax(u.lon + (row + 1 - u.lat) * per_row, low), high);
        row_clip_add(s, row, x, top, next, bottom);
        x = next;
    }
}

static void ring_add(struct coverage_sum *s, const struct lonlat *p, uint32_t n, bool exterior)
{
    /* With y down a positive planar sum is clockwise on the ground; an edge going down has its
     * inside on the left then, so the area to its right counts against it. */
    bool positive = ring_signed_deg2(p, n) > 0;
    int64_t sign = positive == exterior ? -1 : 1;
    for (uint32_t i = 1; i < n; i++) {
        struct lonlat u = p[i - 1], v = p[i];
        if (u.lat == v.lat)
            continue;
        bool down = u.lat < v.lat;
        s->sign = down ? sign : -sign;
        edge_add(s, down ? u : v, down ? v : u);
    }
}

static double coverage_clean(double share)
{
    if (!(share > dust))
        return 0;
    return share > 1 - dust ? 1 : share;
}

enum status coverage_fractions(const struct boundary *b, int cols, int rows, double *out,
                               struct arena *a, struct error *e)
{
    size_t cells = (size_t)cols * (size_t)rows;
    struct coverage_sum s = {arena_array(a, cells, sizeof *s.height), out, cols, rows, 1};
    if (!s.height)
        return error_memory(e);
    memset(out, 0, cells * sizeof *out);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t first = boundary_part_start(b, part);
        for (uint32_t ring = first; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            ring_add(&s, b->points + start, b->ring_end[ring] - start, ring == first);
        }
    }
    for (int row = 0; row < rows; row++) {
        int64_t height = 0;
        for (int col = 0; col < cols; col++) {
            size_t i = (size_t)row * (size_t)cols + (size_t)col;
            out[i] = coverage_clean(((double)height + out[i]) / height_one);
            height += s.height[i];
        }
    }
    return STATUS_OK;
}
