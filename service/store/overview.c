/* Overview cells: sums of the current plots by web-mercator tile of their anchor, kept exact with
 * every commit.
 *
 * During a transaction each change of a plot is a few records (cell of zoom 17 and field,
 * whole-number delta) in a log. At its end, or when the log is long, the log is sorted, folded and
 * added to the table, one stored zoom after the other, each in the order of the table. Only odd
 * zooms are stored: half the rows, and an even cell is the sum of at most four consecutive ones. */
#include <stdlib.h>

#include "service/store/private.h"

enum {
    FIELD_PLOTS,
    FIELD_AREA,
    FIELD_CORRIDOR,
    FIELD_NODATA,
    FIELD_CLASS_0,
    FIELDS_N = FIELD_CLASS_0 + SLOPE_CLASSES_MAX,
    FIELD_BITS = 5
};
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

/* Least digit first, four digits of 10 bits: keys have 34 bits of cell and 5 of field. Ten times as
 * fast as qsort. */
static enum status sort_log(struct overview_log *log, struct error *e)
{
    enum { DIGIT = 10, DIGITS = 1 << DIGIT };
    struct overview_delta *from = log->deltas, *to = malloc(log->capacity * sizeof *to);
    if (!to)
        return error_memory(e);
    for (unsigned shift = 0; shift < 4 * DIGIT; shift += DIGIT) {
        size_t starts[DIGITS] = {0}, sum = 0;
        for (size_t i = 0; i < log->n; i++)
            starts[from[i].key >> shift & (DIGITS - 1)]++;
        for (size_t d = 0; d < DIGITS; d++) {
            size_t n = starts[d];
            starts[d] = sum;
            sum += n;
        }
        for (size_t i = 0; i < log->n; i++)
            to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
        struct overview_delta *other = from;
        from = to;
        to = other;
    }
    free(to); /* an even number of passes: `from` is the log's own memory again */
    log->deltas = from;
    return STATUS_OK;
}
_Static_assert(2 * OVERVIEW_ZOOM_MAX + FIELD_BITS <= 40, "a key fits four digits");

/* ---- the table ---- */

enum { CLASSES_BYTES_MAX = CLASSES_N * 10 };

/* classes column: no data, class 0, class 1, ... */
static size_t classes_encode(const int64_t fields[FIELDS_N], unsigned char out[CLASSES_BYTES_MAX])
{
    size_t n = 0, used = 0;
    for (int f = FIELD_NODATA; f < FIELDS_N; f++) {
        uint64_t v = (uint64_t)fields[f];
        for (; v > 0x7F; v >>= 7)
            out[n++] = (unsigned char)(v | 0x80);
        out[n++] = (unsigned char)v;
        if (fields[f])
            used = n;
    }
    return used;
}

static bool classes_decode(const unsigned char *at, size_t n, int64_t fields[FIELDS_N])
{
    const unsigned char *end = at + n;
    for (int f = FIELD_NODATA; f < FIELDS_N && at < end; f++) {
        uint64_t v = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (at == end || shift > 63)
                return false;
            v |= (uint64_t)(*at & 0x7F) << shift;
            if (*at++ < 0x80)
                break;
        }
        fields[f] += (int64_t)v;
    }
    return at == end;
}

static enum status negative(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "overview_corrupt",
                     "Run parcela check; restore the registry from a backup.",
                     "The overview cells do not agree with the plots.");
}

/* What the table has, added to `fields`. */
static enum status read_cell(struct store *s, int zoom, uint64_t cell, int64_t fields[FIELDS_N],
                             struct error *e)
{
    struct statement *q;
    bool row, ok = true;
    TRY(statement_take(s,
                       "SELECT plots, area_mm2, corridor_mm2, classes FROM overview_cell WHERE "
                       "zoom = ?1 AND cell = ?2",
                       &q, e));
    bind_int(q, 1, zoom);
    bind_int(q, 2, (int64_t)cell);
    enum status status = statement_next(s, q, &row, e);
    for (int f = 0; row && f < FIELD_NODATA; f++)
        fields[f] += column_int(q, f);
    if (row)
        ok = classes_decode(sqlite3_column_blob(q->stmt, 3),
                            (size_t)sqlite3_column_bytes(q->stmt, 3), fields);
    statement_done(q);
    return status ? status : ok ? STATUS_OK : negative(e);
}

static enum status add_cell(struct store *s, int zoom, uint64_t cell,
                            const int64_t fields[FIELDS_N], const unsigned char *classes,
                            size_t classes_n, struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_OVERVIEW);
    row_int(p, zoom);
    row_int(p, (int64_t)cell);
    row_int(p, fields[FIELD_PLOTS]);
    row_int(p, fields[FIELD_AREA]);
    row_int(p, fields[FIELD_CORRIDOR]);
    row_blob(p, classes, classes_n);
    return row_end(s, p, e);
}

/* fresh: the table was empty. */
static enum status write_cell(struct store *s, int zoom, uint64_t cell,
                              const int64_t fields[FIELDS_N], bool fresh, struct error *e)
{
    struct statement *q;
    unsigned char classes[CLASSES_BYTES_MAX];
    for (int f = 0; f < FIELDS_N; f++)
        if (fields[f] < 0 || (f && fields[f] && !fields[FIELD_PLOTS]))
            return negative(e);
    size_t classes_n = classes_encode(fields, classes);
    if (fresh && fields[FIELD_PLOTS])
        return add_cell(s, zoom, cell, fields, classes, classes_n, e);
    if (!fields[FIELD_PLOTS]) {
        TRY(statement_take(s, "DELETE FROM overview_cell WHERE zoom = ?1 AND cell = ?2", &q, e));
        bind_int(q, 1, zoom);
        bind_int(q, 2, (int64_t)cell);
        return statement_run(s, q, e);
    }
    TRY(statement_take(
        s,
        "INSERT OR REPLACE INTO overview_cell (zoom, cell, plots, area_mm2, corridor_mm2, classes) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &q, e));
    bind_int(q, 1, zoom);
    bind_int(q, 2, (int64_t)cell);
    bind_int(q, 3, fields[FIELD_PLOTS]);
    bind_int(q, 4, fields[FIELD_AREA]);
    bind_int(q, 5, fields[FIELD_CORRIDOR]);
    bind_blob(q, 6, classes, classes_n);
    return statement_run(s, q, e);
}

/* Adds the sorted log to one zoom and folds it in place to what the next lower stored zoom needs.
 */
static enum status flush_zoom(struct store *s, int zoom, bool fresh, struct error *e)
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
                log->deltas[kept++] =
                    (struct overview_delta){(cell >> 4) << FIELD_BITS | f, fields[f]};
            }
        if (any && !fresh)
            TRY(read_cell(s, zoom, cell, fields, e));
        if (any)
            TRY(write_cell(s, zoom, cell, fields, fresh, e));
    }
    log->n = kept;
    return STATUS_OK;
}

enum status overview_flush(struct store *s, struct error *e)
{
    int64_t occupied;
    if (!s->overview.n)
        return STATUS_OK;
    TRY(store_int(s, "SELECT EXISTS (SELECT 1 FROM overview_cell)", 0, 0, &occupied, e));
    TRY(sort_log(&s->overview, e));
    for (int zoom = OVERVIEW_ZOOM_MAX; zoom >= OVERVIEW_ZOOM_MIN; zoom -= 2)
        TRY(flush_zoom(s, zoom, !occupied, e));
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

bool overview_add_row(struct statement *q, int first, struct store_overview_cell *cell)
{
    int64_t fields[FIELDS_N] = {0};
    bool ok = classes_decode(sqlite3_column_blob(q->stmt, first + 3),
                             (size_t)sqlite3_column_bytes(q->stmt, first + 3), fields);
    cell->plots += column_int(q, first);
    cell->area_mm2 += column_int(q, first + 1);
    cell->corridor_mm2 += column_int(q, first + 2);
    cell->nodata_mm2 += fields[FIELD_NODATA];
    for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
        cell->class_mm2[c] += fields[FIELD_CLASS_0 + c];
    return ok;
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
        if (row && !overview_add_row(q, 1, &cell))
            return negative(r->e);
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

/* The rectangle as squares of the quadtree, consecutive squares joined: a tile's block of cells is
 * one range. */
static enum status walk(struct cell_query *r, uint32_t bx, uint32_t by, int level)
{
    uint64_t left = (uint64_t)bx << level, top = (uint64_t)by << level, side = 1ull << level;
    if (left > r->x1 || top > r->y1 || left + side <= r->x0 || top + side <= r->y0)
        return STATUS_OK;
    bool inside =
        left >= r->x0 && top >= r->y0 && left + side - 1 <= r->x1 && top + side - 1 <= r->y1;
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

enum status store_each_overview_cell(struct store *s, int zoom, uint32_t x0, uint32_t y0,
                                     uint32_t x1, uint32_t y1,
                                     bool (*each)(const struct store_overview_cell *, void *),
                                     void *arg, struct error *e)
{
    if (zoom < OVERVIEW_ZOOM_MIN || zoom > OVERVIEW_ZOOM_MAX)
        return error_set(e, STATUS_USAGE, "bad_zoom", NULL,
                         "There are no overview cells of zoom %d.", zoom);
    struct cell_query r = {.s = s,
                           .zoom = zoom,
                           .stored = zoom | 1,
                           .x0 = x0,
                           .y0 = y0,
                           .x1 = x1,
                           .y1 = y1,
                           .each = each,
                           .arg = arg,
                           .go = true,
                           .e = e};
    TRY(walk(&r, 0, 0, zoom));
    return read_range(&r);
}
