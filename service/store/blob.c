/* SpatiaLite's geometry BLOB of a MULTIPOLYGON XY, written and read without the library: no
 * allocation per ring, no WKB.
 *
 *   0x00 | 0x01 little-endian | int32 SRID 4326 | 4 doubles: min x, min y, max x, max y | 0x7C |
 * int32 6 (MULTIPOLYGON) int32 polygons, each: 0x69 | int32 3 (POLYGON) | int32 rings, each: int32
 * points, then x y doubles 0xFE (SpatiaLite "Internal BLOB-Geometry format".) Rings are closed.
 * Decoding trusts nothing. */
#include <stdlib.h>

#include "service/store/private.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "geometry blobs are copied as little-endian");

enum {
    HEAD = 43,
    MARK_START = 0x00,
    MARK_MBR = 0x7C,
    MARK_ENTITY = 0x69,
    MARK_END = 0xFE,
    SRID = 4326,
    POLYGON = 3,
    MULTIPOLYGON = 6
};

size_t blob_size(const struct boundary *b)
{
    return HEAD + 4 + (size_t)b->parts_n * 9 + (size_t)b->rings_n * 4 + (size_t)b->points_n * 16 +
           1;
}

static unsigned char *put_int(unsigned char *at, uint32_t value)
{
    memcpy(at, &value, 4);
    return at + 4;
}

void blob_encode(const struct boundary *b, unsigned char *out)
{
    struct box box = boundary_box(b);
    unsigned char *at = out;
    *at++ = MARK_START;
    *at++ = 1;
    at = put_int(at, SRID);
    memcpy(at, &box, sizeof box); /* west, south, east, north */
    at += sizeof box;
    *at++ = MARK_MBR;
    at = put_int(at, MULTIPOLYGON);
    at = put_int(at, b->parts_n);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t first = boundary_part_start(b, part);
        *at++ = MARK_ENTITY;
        at = put_int(at, POLYGON);
        at = put_int(at, b->part_end[part] - first);
        for (uint32_t ring = first; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring), n = b->ring_end[ring] - start;
            at = put_int(at, n);
            memcpy(at, b->points + start, (size_t)n * 16);
            at += (size_t)n * 16;
        }
    }
    *at = MARK_END;
}

bool blob_box(const void *bytes, size_t n, struct box *out)
{
    const unsigned char *at = bytes;
    if (!at || n < HEAD + 5 || at[0] != MARK_START || at[1] != 1 || at[38] != MARK_MBR)
        return false;
    memcpy(out, at + 6, sizeof *out);
    return true;
}

struct reader {
    const unsigned char *at, *end;
};

static bool get_int(struct reader *r, uint32_t *value)
{
    if (r->end - r->at < 4)
        return false;
    memcpy(value, r->at, 4);
    r->at += 4;
    return true;
}

/* One walk that counts (out NULL) or copies. */
static bool walk(struct reader r, struct boundary *count, struct boundary *out)
{
    uint32_t polygons, type, rings, points;
    *count = (struct boundary){.points = NULL};
    if (!get_int(&r, &polygons))
        return false;
    for (uint32_t i = 0; i < polygons; i++) {
        if (r.at == r.end || *r.at++ != MARK_ENTITY || !get_int(&r, &type) || type != POLYGON ||
            !get_int(&r, &rings))
            return false;
        for (uint32_t j = 0; j < rings; j++) {
            if (!get_int(&r, &points) || (uint64_t)(r.end - r.at) < (uint64_t)points * 16)
                return false;
            if (out) {
                memcpy(out->points + count->points_n, r.at, (size_t)points * 16);
                out->ring_end[count->rings_n] = count->points_n + points;
            }
            count->points_n += points;
            count->rings_n++;
            r.at += (size_t)points * 16;
        }
        if (out)
            out->part_end[count->parts_n] = count->rings_n;
        count->parts_n++;
    }
    return r.at + 1 == r.end && *r.at == MARK_END;
}

enum status blob_decode(const void *bytes, size_t n, struct arena *a, struct boundary *out,
                        struct error *e)
{
    const unsigned char *at = bytes;
    struct box box;
    struct boundary count;
    uint32_t type = 0;
    if (!bytes) { /* a held row without one of its candidates */
        *out = (struct boundary){.points = NULL};
        return STATUS_OK;
    }
    struct reader r = {at + HEAD - 4, at + n};
    if (!blob_box(bytes, n, &box) || !get_int(&r, &type) || type != MULTIPOLYGON ||
        !walk(r, &count, NULL))
        return error_set(e, STATUS_CORRUPT, "geometry_corrupt",
                         "Restore the registry from a backup.",
                         "A stored boundary cannot be read.");
    if (!boundary_alloc(out, a, count.points_n, count.rings_n, count.parts_n))
        return error_memory(e);
    walk(r, &count, out);
    return STATUS_OK;
}

enum status bind_boundary(struct store *s, struct statement *q, int at, const struct boundary *b,
                          struct error *e)
{
    if (!b->points_n) {
        bind_blob(q, at, NULL, 0);
        return STATUS_OK;
    }
    size_t n = blob_size(b);
    unsigned char *bytes = store_scratch(s, n);
    if (!bytes)
        return error_memory(e);
    blob_encode(b, bytes);
    bind_blob(q, at, bytes, n);
    return STATUS_OK;
}
