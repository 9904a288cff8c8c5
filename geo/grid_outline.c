/* Outlines of cells; see grid_outline.h.
 *
 * Sides are walked with the value on the right (rows count downwards). Where two of its cells touch
 * in a corner the walk turns right, around the same cell, so that shells never touch themselves; a
 * walk that comes through a corner twice all the same has gone around a hole that touches the
 * outside or another hole, and is cut there into simple rings. Whether a ring is a shell or a hole
 * its direction says; which shell a hole belongs to, the cells that hang together by their sides.
 */
#include "geo/grid_outline.h"

#include <stdlib.h>
#include <string.h>

enum { EAST, SOUTH, WEST, NORTH };
static const int STEP_COL[] = {1, 0, -1, 0}, STEP_ROW[] = {0, 1, 0, -1};

struct corner {
    int32_t col, row;
};

struct ring_found {
    size_t first, n;    /* corners, the first not repeated */
    struct corner cell; /* one that has the value beside its first side */
    bool shell;
    int32_t part;
};

struct outline {
    const struct value_grid *grid;
    int32_t value;
    int west, north, cols, rows; /* box of the value, in cells */
    unsigned char *sides;        /* by corner: bit d = a side leaves it in direction d */
    int32_t *met;        /* by corner: place on the walk + 1, for corners where cells touch */
    int32_t *part;       /* by cell: part + 1 */
    struct corner *walk; /* the corners of the walk at hand */
    size_t walk_n, walk_capacity;
    struct corner *corners;
    size_t corners_n, corners_capacity;
    struct ring_found *rings;
    size_t rings_n, rings_capacity;
};

static bool has_value(const struct outline *o, int col, int row)
{
    return col >= 0 && row >= 0 && col < o->cols && row < o->rows &&
           o->grid->cells[(size_t)(row + o->north) * (size_t)o->grid->cols +
                          (size_t)(col + o->west)] == o->value;
}

static bool find_box(struct outline *o)
{
    int west = o->grid->cols, east = -1, north = -1, south = -1;
    for (int row = 0; row < o->grid->rows; row++) {
        const int32_t *line = o->grid->cells + (size_t)row * (size_t)o->grid->cols;
        for (int col = 0; col < o->grid->cols; col++) {
            if (line[col] != o->value)
                continue;
            west = col < west ? col : west;
            east = col > east ? col : east;
            north = north < 0 ? row : north;
            south = row;
        }
    }
    *o = (struct outline){.grid = o->grid,
                          .value = o->value,
                          .west = west,
                          .north = north,
                          .cols = east - west + 1,
                          .rows = south - north + 1};
    return east >= 0;
}

static size_t corner_at(const struct outline *o, struct corner c)
{
    return (size_t)c.row * (size_t)(o->cols + 1) + (size_t)c.col;
}

static void mark_sides(struct outline *o)
{
    for (int row = 0; row < o->rows; row++)
        for (int col = 0; col < o->cols; col++) {
            if (!has_value(o, col, row))
                continue;
            if (!has_value(o, col, row - 1))
                o->sides[corner_at(o, (struct corner){col, row})] |= 1 << EAST;
            if (!has_value(o, col + 1, row))
                o->sides[corner_at(o, (struct corner){col + 1, row})] |= 1 << SOUTH;
            if (!has_value(o, col, row + 1))
                o->sides[corner_at(o, (struct corner){col + 1, row + 1})] |= 1 << WEST;
            if (!has_value(o, col - 1, row))
                o->sides[corner_at(o, (struct corner){col, row + 1})] |= 1 << NORTH;
        }
}

/* Cells touch in this corner: two sides leave it. */
static bool touching(unsigned char sides)
{
    return (sides & (sides - 1)) != 0;
}

/* The items with room for one more; NULL = no memory, and they stay as they were. */
static void *with_room(void *items, size_t *capacity, size_t n, size_t each)
{
    if (n < *capacity)
        return items;
    size_t more = *capacity ? *capacity * 2 : 1024;
    void *bigger = realloc(items, more * each);
    if (bigger)
        *capacity = more;
    return bigger;
}

static bool push_corner(struct corner **items, size_t *n, size_t *capacity, struct corner c)
{
    struct corner *list = with_room(*items, capacity, *n, sizeof *list);
    if (!list)
        return false;
    list[(*n)++] = c;
    *items = list;
    return true;
}

/* The cell to the right of a side that leads from a to its neighbour b. */
static struct corner right_of(struct corner a, struct corner b)
{
    if (a.row == b.row)
        return b.col > a.col ? a : (struct corner){b.col, b.row - 1};
    return b.row > a.row ? (struct corner){a.col - 1, a.row} : b;
}

/* The corners from `from` on are a simple ring: it goes from the walk to the rings. */
static bool take_ring(struct outline *o, size_t from)
{
    struct ring_found *rings = with_room(o->rings, &o->rings_capacity, o->rings_n, sizeof *rings);
    if (!rings)
        return false;
    o->rings = rings;
    struct ring_found *r = &rings[o->rings_n++];
    *r = (struct ring_found){.first = o->corners_n, .n = o->walk_n - from, .part = -1};
    int64_t twice = 0;
    for (size_t i = from; i < o->walk_n; i++) {
        struct corner a = o->walk[i], b = o->walk[i + 1 < o->walk_n ? i + 1 : from];
        twice += (int64_t)a.col * b.row - (int64_t)b.col * a.row;
        if (i > from)
            o->met[corner_at(o, a)] = 0;
        if (!push_corner(&o->corners, &o->corners_n, &o->corners_capacity, a))
            return false;
    }
    r->shell = twice > 0; /* rows count downwards */
    r->cell = right_of(o->walk[from], o->walk[from + 1]);
    o->walk_n = from;
    return true;
}

/* Appends a corner; where the walk has been here before, the loop since then is a ring of its own.
 */
static bool walk_to(struct outline *o, struct corner c, bool touches)
{
    int32_t *met = &o->met[corner_at(o, c)];
    if (touches && *met) {
        size_t from = (size_t)*met - 1;
        if (!take_ring(o, from))
            return false;
    }
    if (!push_corner(&o->walk, &o->walk_n, &o->walk_capacity, c))
        return false;
    *met = touches ? (int32_t)o->walk_n : 0;
    return true;
}

/* Where to go on from a corner that was entered in direction d; -1 = the walk is back where it
 * began. */
static int next_direction(const struct outline *o, struct corner at, int d, struct corner start,
                          int start_direction)
{
    static const int turns[] = {1, 0, 3}; /* right, on, left */
    bool home = at.col == start.col && at.row == start.row;
    for (int i = 0; i < 3; i++) {
        int to = (d + turns[i]) & 3;
        if (home && to == start_direction)
            return -1;
        if (o->sides[corner_at(o, at)] & 1 << to)
            return to;
    }
    return -1;
}

/* Walks the sides that hang together from `start`; `all` = the sides as they were before any walk.
 */
static bool trace(struct outline *o, struct corner start, int start_direction,
                  const unsigned char *all)
{
    struct corner at = start;
    o->walk_n = 0;
    for (int d = start_direction; d >= 0; d = next_direction(o, at, d, start, start_direction)) {
        if (!walk_to(o, at, touching(all[corner_at(o, at)])))
            return false;
        o->sides[corner_at(o, at)] &= (unsigned char)~(1 << d);
        at = (struct corner){at.col + STEP_COL[d], at.row + STEP_ROW[d]};
    }
    o->met[corner_at(o, start)] = 0;
    return take_ring(o, 0);
}

static bool trace_all(struct outline *o)
{
    size_t corners_n = (size_t)(o->cols + 1) * (size_t)(o->rows + 1);
    unsigned char *all = malloc(corners_n);
    bool ok = all != NULL;
    if (ok)
        memcpy(all, o->sides, corners_n);
    for (int row = 0; ok && row <= o->rows; row++)
        for (int col = 0; ok && col <= o->cols; col++)
            for (int d = 0; ok && d < 4; d++)
                if (o->sides[corner_at(o, (struct corner){col, row})] & 1 << d)
                    ok = trace(o, (struct corner){col, row}, d, all);
    free(all);
    return ok;
}

/* ---- which hole is in which shell ---- */

static bool flood(struct outline *o, struct corner from, int32_t part)
{
    o->walk_n = 0;
    o->part[(size_t)from.row * (size_t)o->cols + (size_t)from.col] = part + 1;
    if (!push_corner(&o->walk, &o->walk_n, &o->walk_capacity, from))
        return false;
    while (o->walk_n) {
        struct corner c = o->walk[--o->walk_n];
        for (int d = 0; d < 4; d++) {
            struct corner to = {c.col + STEP_COL[d], c.row + STEP_ROW[d]};
            if (!has_value(o, to.col, to.row))
                continue;
            int32_t *label = &o->part[(size_t)to.row * (size_t)o->cols + (size_t)to.col];
            if (*label)
                continue;
            *label = part + 1;
            if (!push_corner(&o->walk, &o->walk_n, &o->walk_capacity, to))
                return false;
        }
    }
    return true;
}

static bool assign_parts(struct outline *o, uint32_t *parts_n)
{
    *parts_n = 0;
    for (size_t i = 0; i < o->rings_n; i++)
        if (o->rings[i].shell) {
            o->rings[i].part = (int32_t)(*parts_n)++;
            if (!flood(o, o->rings[i].cell, o->rings[i].part))
                return false;
        }
    for (size_t i = 0; i < o->rings_n; i++)
        if (!o->rings[i].shell)
            o->rings[i].part = o->part[(size_t)o->rings[i].cell.row * (size_t)o->cols +
                                       (size_t)o->rings[i].cell.col] -
                               1;
    return true;
}

/* ---- the result ---- */

static int by_part(const void *a, const void *b)
{
    const struct ring_found *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->shell != y->shell)
        return x->shell ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static bool put_rings(struct outline *o, uint32_t parts_n, struct arena *a, struct boundary *out)
{
    qsort(o->rings, o->rings_n, sizeof *o->rings, by_part);
    if (o->corners_n + o->rings_n > UINT32_MAX ||
        !boundary_alloc(out, a, (uint32_t)(o->corners_n + o->rings_n), (uint32_t)o->rings_n,
                        parts_n))
        return false;
    uint32_t at = 0;
    for (size_t i = 0; i < o->rings_n; i++) {
        const struct ring_found *r = &o->rings[i];
        for (size_t k = 0; k <= r->n; k++) {
            struct corner c = o->corners[r->first + (k < r->n ? k : 0)];
            out->points[at++] = (struct lonlat){c.col + o->west, c.row + o->north};
        }
        out->ring_end[i] = at;
        out->part_end[r->part] = (uint32_t)i + 1;
    }
    return true;
}

enum status grid_outline(const struct value_grid *grid, int32_t value, struct arena *a,
                         struct boundary *out, struct error *e)
{
    struct outline o = {.grid = grid, .value = value};
    *out = (struct boundary){0};
    if (!find_box(&o))
        return STATUS_OK;
    size_t cells_n = (size_t)o.cols * (size_t)o.rows,
           corners_n = (size_t)(o.cols + 1) * (size_t)(o.rows + 1);
    uint32_t parts_n = 0;
    o.sides = calloc(corners_n, 1);
    o.met = calloc(corners_n, sizeof *o.met);
    bool ok = o.sides && o.met;
    if (ok) {
        mark_sides(&o);
        ok = trace_all(&o);
    }
    free(o.met);
    free(o.sides);
    ok = ok && (o.part = calloc(cells_n, sizeof *o.part)) && assign_parts(&o, &parts_n) &&
         put_rings(&o, parts_n, a, out);
    free(o.part);
    free(o.walk);
    free(o.corners);
    free(o.rings);
    return ok ? STATUS_OK : error_memory(e);
}
