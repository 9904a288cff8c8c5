/* Overview cells: sums of the current plots by web-mercator tile of their anchor, kept exact with every commit.
 *
 * During a transaction each change of a plot is a few records (cell of zoom 17 and field, whole-number delta) in a log. At its
 * end, or when the log is long, the log is sorted, folded and added to the table, one stored zoom after the other, each in the
 * order of the table. Only odd zooms are stored: half the rows, and an even cell is the sum of at most four consecutive ones. */
#include <stdlib.h>

#include "service/store/private.h"

enum { FIELD_PLOTS, FIELD_AREA, FIELD_CORRIDOR, FIELD_NODATA, FIELD_CLASS_0, FIELDS_N = FIELD_CLASS_0 + SLOPE_CLASSES_MAX, FIELD_BITS = 5 };
_Static_assert(FIELDS_N <= 1 << FIELD_BITS, "a field fits its bits");

#define LATITUDE_MAX 85.05112877980659

void mercator_unit(struct lonlat p, double *x, double *y)
{
    double lat = fmax(-LATITUDE_MAX, fmin(LATITUDE_MAX, p.lat));
    double sine = sin(lat * M_PI / 180);
    *x = fmax(0, fmin(1, p.lon / 360 + 0.5));
    *y = fmax(0, fmin(1, 0.5 - log((1 + sine) / (1 - sine)) / (4 * M_PI)));
}

void mercator_tile(struct lonlat p, int zoom, uint32_t *x, uint32_t *y)
{
    double ux, uy, n = (double)(1u << zoom);
    mercator_unit(p, &ux, &uy);
    *x = (uint32_t)fmin(floor(ux * n), n - 1);
    *y = (uint32_t)fmin(floor(uy * n), n - 1);
}

static uint64_t spread(uint32_t v)
{
    uint64_t x = v;
    x = (x | x << 16) & 0x0000FFFF0000FFFF;
    x = (x | x << 8) & 0x00FF00FF00FF00FF;
    x = (x | x << 4) & 0x0F0F0F0F0F0F0F0F;
    x = (x | x << 2) & 0x3333333333333333;
    return (x | x << 1) & 0x5555555555555555;
}

static uint32_t gather(uint64_t x)
{
    x &= 0x5555555555555555;
    x = (x | x >> 1) & 0x3333333333333333;
    x = (x | x >> 2) & 0x0F0F0F0F0F0F0F0F;
    x = (x | x >> 4) & 0x00FF00FF00FF00FF;
    x = (x | x >> 8) & 0x0000FFFF0000FFFF;
    return (uint32_t)(x | x >> 16);
}

uint64_t morton(uint32_t x, uint32_t y)
{
    return spread(x) | spread(y) << 1;
}

void morton_split(uint64_t code, uint32_t *x, uint32_t *y)
{
    *x = gather(code);
    *y = gather(code >> 1);
}

/* ---- the log ---- */

static enum status reserve(struct overview_log *log, size_t more, struct error *e)
{
    if (log->n + more <= log->capacity)
        return STATUS_OK;
    size_t capacity = log->capacity ? log->capacity * 2 : 8192;
    struct overview_delta *deltas = realloc(log->deltas, capacity * sizeof *deltas);
    if (!deltas)
        return error_memory(e);
    log->deltas = deltas;
    log->capacity = capacity;
    return STATUS_OK;
}

static void put(struct overview_log *log, uint64_t cell, uint64_t field, int64_t value)
{
    if (value)
        log->deltas[log->n++] = (struct overview_delta){cell << FIELD_BITS | field, value};
}

enum status overview_add(struct store *s, const struct weight *w, int sign, struct error *e)
{
    struct overview_log *log = &s->overview;
    uint32_t x, y;
    if (log->n >= OVERVIEW_PENDING_MAX)
        TRY(overview_flush(s, e));
    TRY(reserve(log, FIELDS_N, e));
    mercator_tile(w->anchor, OVERVIEW_ZOOM_MAX, &x, &y);
    uint64_t cell = morton(x, y);
    put(log, cell, FIELD_PLOTS, sign);
    put(log, cell, FIELD_AREA, sign * w->area_mm2);
    put(log, cell, FIELD_CORRIDOR, sign * w->corridor_mm2);
    put(log, cell, FIELD_NODATA, sign * w->class_mm2[SLOPE_CLASSES_MAX]);
    for (unsigned c = 0; c < SLOPE_CLASSES_MAX; c++)
        put(log, cell, FIELD_CLASS_0 + c, sign * w->class_mm2[c]);
    return STATUS_OK;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct overview_delta *)a)->key, y = ((const struct overview_delta *)b)->key;
    return x < y ? -1 : x > y;
}

static enum status add_to_cell(struct store *s, int zoom, uint64_t cell, const int64_t fields[FIELDS_N], struct error *e)
{
    struct statement *q;
    TRY(statement_take(
        s,
        "INSERT INTO overview_cell VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
        "?20, ?21, ?22) ON CONFLICT (zoom, cell) DO UPDATE SET plots = plots + ?3, area_mm2 = area_mm2 + ?4, "
        "corridor_mm2 = corridor_mm2 + ?5, nodata_mm2 = nodata_mm2 + ?6, class_0 = class_0 + ?7, class_1 = class_1 + ?8, "
        "class_2 = class_2 + ?9, class_3 = class_3 + ?10, class_4 = class_4 + ?11, class_5 = class_5 + ?12, class_6 = class_6 + ?13, "
        "class_7 = class_7 + ?14, class_8 = class_8 + ?15, class_9 = class_9 + ?16, class_10 = class_10 + ?17, "
        "class_11 = class_11 + ?18, class_12 = class_12 + ?19, class_13 = class_13 + ?20, class_14 = class_14 + ?21, "
        "class_15 = class_15 + ?22",
        &q, e));
    bind_int(q, 1, zoom);
    bind_int(q, 2, (int64_t)cell);
    for (int f = 0; f < FIELDS_N; f++)
        bind_int(q, 3 + f, fields[f]);
    TRY(statement_run(s, q, e));
    if (fields[FIELD_PLOTS] >= 0)
        return STATUS_OK;
    TRY(statement_take(s, "DELETE FROM overview_cell WHERE zoom = ?1 AND cell = ?2 AND plots = 0", &q, e));
    bind_int(q, 1, zoom);
    bind_int(q, 2, (int64_t)cell);
    return statement_run(s, q, e);
}

/* Adds the sorted log to one zoom and folds it in place to what the next lower stored zoom needs. */
static enum status flush_zoom(struct store *s, int zoom, struct error *e)
{
    struct overview_log *log = &s->overview;
    size_t kept = 0;
    for (size_t i = 0; i < log->n;) {
        uint64_t cell = log->deltas[i].key >> FIELD_BITS;
        int64_t fields[FIELDS_N] = {0};
        bool any = false;
        for (; i < log->n && log->deltas[i].key >> FIELD_BITS == cell; i++)
            fields[log->deltas[i].key & ((1 << FIELD_BITS) - 1)] += log->deltas[i].value;
        for (uint64_t f = 0; f < FIELDS_N; f++)
            if (fields[f]) {
                any = true;
                log->deltas[kept++] = (struct overview_delta){(cell >> 4) << FIELD_BITS | f, fields[f]};
            }
        if (any)
            TRY(add_to_cell(s, zoom, cell, fields, e));
    }
    log->n = kept;
    return STATUS_OK;
}

enum status overview_flush(struct store *s, struct error *e)
{
    if (!s->overview.n)
        return STATUS_OK;
    qsort(s->overview.deltas, s->overview.n, sizeof *s->overview.deltas, by_key);
    for (int zoom = OVERVIEW_ZOOM_MAX; zoom >= OVERVIEW_ZOOM_MIN; zoom -= 2)
        TRY(flush_zoom(s, zoom, e));
    s->overview.n = 0;
    return STATUS_OK;
}

/* ---- reading ---- */

struct cell_query {
    struct store *s;
    int zoom, stored; /* asked, and the odd zoom that is read */
    uint32_t x0, y0, x1, y1;
    uint64_t from, to; /* cells of `zoom` that are wanted and not yet read: [from, to) */
    bool (*each)(const struct store_overview_cell *, void *);
    void *arg;
    bool go;
    struct error *e;
};

static void add_row(struct statement *q, struct store_overview_cell *cell)
{
    cell->plots += column_int(q, 1);
    cell->area_mm2 += column_int(q, 2);
    cell->corridor_mm2 += column_int(q, 3);
    cell->nodata_mm2 += column_int(q, 4);
    for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
        cell->class_mm2[c] += column_int(q, 5 + c);
}

static enum status read_cells(struct cell_query *r, struct statement *q)
{
    struct store_overview_cell cell = {0};
    uint64_t open = UINT64_MAX;
    int shift = 2 * (r->stored - r->zoom);
    bool row = true;
    enum status status = STATUS_OK;
    while (r->go && row && (status = statement_next(r->s, q, &row, r->e)) == STATUS_OK) {
        uint64_t code = row ? (uint64_t)column_int(q, 0) >> shift : UINT64_MAX;
        if (code != open && open != UINT64_MAX)
            r->go = r->each(&cell, r->arg);
        if (code != open) {
            cell = (struct store_overview_cell){0};
            morton_split(code, &cell.x, &cell.y);
            open = code;
        }
        if (row)
            add_row(q, &cell);
    }
    return status;
}

static enum status read_range(struct cell_query *r)
{
    struct statement *q;
    int shift = 2 * (r->stored - r->zoom);
    if (r->from == r->to || !r->go)
        return STATUS_OK;
    TRY(statement_take(r->s, OVERVIEW_QUERY_SQL, &q, r->e));
    bind_int(q, 1, r->stored);
    bind_int(q, 2, (int64_t)(r->from << shift));
    bind_int(q, 3, (int64_t)((r->to << shift) - 1));
    r->from = r->to = 0;
    enum status status = read_cells(r, q);
    statement_done(q);
    return status;
}

/* The rectangle as squares of the quadtree, consecutive squares joined: a tile's block of cells is one range. */
static enum status walk(struct cell_query *r, uint32_t bx, uint32_t by, int level)
{
    uint64_t left = (uint64_t)bx << level, top = (uint64_t)by << level, side = 1ull << level;
    if (left > r->x1 || top > r->y1 || left + side <= r->x0 || top + side <= r->y0)
        return STATUS_OK;
    bool inside = left >= r->x0 && top >= r->y0 && left + side - 1 <= r->x1 && top + side - 1 <= r->y1;
    if (!inside && level > 0) {
        for (uint32_t k = 0; k < 4; k++)
            TRY(walk(r, bx * 2 + (k & 1), by * 2 + (k >> 1), level - 1));
        return STATUS_OK;
    }
    uint64_t from = morton(bx, by) << (2 * level), to = from + (1ull << (2 * level));
    if (r->to != from) {
        TRY(read_range(r));
        r->from = from;
    }
    r->to = to;
    return STATUS_OK;
}

enum status store_each_overview_cell(struct store *s, int zoom, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1,
                                     bool (*each)(const struct store_overview_cell *, void *), void *arg, struct error *e)
{
    if (zoom < OVERVIEW_ZOOM_MIN || zoom > OVERVIEW_ZOOM_MAX)
        return error_set(e, STATUS_USAGE, "bad_zoom", NULL, "There are no overview cells of zoom %d.", zoom);
    struct cell_query r = {.s = s, .zoom = zoom, .stored = zoom | 1, .x0 = x0, .y0 = y0, .x1 = x1, .y1 = y1, .each = each, .arg = arg, .go = true, .e = e};
    TRY(walk(&r, 0, 0, zoom));
    return read_range(&r);
}
