/* Tile versions: the newest change that touched a plot of a web-mercator tile, zooms 0..12, for
 * ETags.
 *
 * A plot touches every tile that its box meets, the box widened by 1/64 of a tile (tiles are drawn
 * with a margin). Touched tiles are gathered in a hash set during a transaction and written at its
 * end. */
#include <stdlib.h>

#include "service/store/private.h"

static uint64_t slot_of(int zoom, uint64_t tile)
{
    return ((uint64_t)zoom << 40 | tile) + 1;
}

static size_t find(const struct tile_touches *t, uint64_t slot)
{
    size_t at = slot * 0x9E3779B97F4A7C15u >> 20 & (t->capacity - 1);
    while (t->slots[at] && t->slots[at] != slot)
        at = (at + 1) & (t->capacity - 1);
    return at;
}

static enum status grow(struct tile_touches *t, struct error *e)
{
    struct tile_touches more = *t;
    more.capacity = t->capacity ? t->capacity * 2 : 4096;
    more.slots = calloc(more.capacity, sizeof *more.slots);
    if (!more.slots)
        return error_memory(e);
    for (size_t i = 0; i < t->capacity; i++)
        if (t->slots[i])
            more.slots[find(&more, t->slots[i])] = t->slots[i];
    free(t->slots);
    *t = more;
    return STATUS_OK;
}

static enum status touch(struct store *s, int zoom, uint64_t tile, struct error *e)
{
    struct tile_touches *t = &s->touches;
    uint64_t slot = slot_of(zoom, tile);
    if (t->last[zoom] == slot)
        return STATUS_OK;
    if (t->n >= TOUCHES_PENDING_MAX)
        TRY(tile_touches_flush(s, e));
    if ((t->n + 1) * 2 > t->capacity)
        TRY(grow(t, e));
    size_t at = find(t, slot);
    if (!t->slots[at]) {
        t->slots[at] = slot;
        t->n++;
    }
    t->last[zoom] = slot;
    return STATUS_OK;
}

static uint32_t tile_at(double unit, double n)
{
    return !(unit > 0) ? 0 : unit >= n ? (uint32_t)n - 1 : (uint32_t)unit;
}

enum status tile_touch(struct store *s, const struct box *box, int64_t change, struct error *e)
{
    enum { MARGIN = 64 };
    double west, north, east, south;
    if (s->touches.n && s->touches.change != change)
        TRY(tile_touches_flush(s, e));
    s->touches.change = change;
    mercator_unit((struct lonlat){box->west, box->north}, &west, &north);
    mercator_unit((struct lonlat){box->east, box->south}, &east, &south);
    for (int zoom = 0; zoom <= TILE_VERSION_ZOOM_MAX; zoom++) {
        double n = (double)(1u << zoom), margin = 1.0 / MARGIN;
        uint32_t x0 = tile_at(west * n - margin, n), x1 = tile_at(east * n + margin, n);
        uint32_t y0 = tile_at(north * n - margin, n), y1 = tile_at(south * n + margin, n);
        for (uint32_t y = y0; y <= y1; y++)
            for (uint32_t x = x0; x <= x1; x++)
                TRY(touch(s, zoom, morton(x, y), e));
    }
    return STATUS_OK;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

enum status tile_touches_flush(struct store *s, struct error *e)
{
    struct tile_touches *t = &s->touches;
    size_t n = 0;
    for (size_t i = 0; i < t->capacity; i++) /* together at the front, in the order of the table */
        if (t->slots[i])
            t->slots[n++] = t->slots[i];
    if (n)
        qsort(t->slots, n, sizeof *t->slots, by_value);
    for (size_t i = 0; i < n; i++) {
        struct statement *q;
        uint64_t code = t->slots[i] - 1;
        TRY(statement_take(
            s,
            "INSERT INTO tile_version (zoom, tile, change) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (zoom, tile) DO UPDATE SET change = max(change, excluded.change)",
            &q, e));
        bind_int(q, 1, (int64_t)(code >> 40));
        bind_int(q, 2, (int64_t)(code & 0xFFFFFFFFFF));
        bind_int(q, 3, t->change);
        TRY(statement_run(s, q, e));
    }
    if (t->capacity)
        memset(t->slots, 0, t->capacity * sizeof *t->slots);
    memset(t->last, 0, sizeof t->last);
    t->n = 0;
    return STATUS_OK;
}

enum status store_tile_version(struct store *s, int z, uint32_t x, uint32_t y, int64_t *change,
                               struct error *e)
{
    struct statement *q;
    bool row;
    *change = 0;
    if (z < 0 || z > 30 || x >> z || y >> z)
        return error_set(e, STATUS_INVALID, "bad_tile", NULL, "There is no tile %d/%u/%u.", z, x,
                         y);
    int up = z > TILE_VERSION_ZOOM_MAX ? z - TILE_VERSION_ZOOM_MAX : 0;
    TRY(statement_take(s, "SELECT change FROM tile_version WHERE zoom = ?1 AND tile = ?2", &q, e));
    bind_int(q, 1, z - up);
    bind_int(q, 2, (int64_t)morton(x >> up, y >> up));
    enum status status = statement_next(s, q, &row, e);
    if (row)
        *change = column_int(q, 0);
    statement_done(q);
    return status;
}
