/* Hectares by slope class in expectation under the elevation model's error: one small row for each
 * revision, beside its parts. The ground without elevation data is not here: it is that of the
 * parts. */
#include <stdlib.h>

#include "service/store/private.h"

enum { PIECE_BYTES_MAX = (3 + SLOPE_CLASSES_MAX) * 10 };

struct piece {
    int64_t region_set, corridor_set;
    int64_t class_mm2[SLOPE_CLASSES_MAX];
};

static size_t put_number(unsigned char *out, int64_t value)
{
    size_t n = 0;
    uint64_t v = (uint64_t)value;
    for (; v > 0x7F; v >>= 7)
        out[n++] = (unsigned char)(v | 0x80);
    out[n++] = (unsigned char)v;
    return n;
}

static size_t put_piece(unsigned char *out, const struct piece *p)
{
    int classes_n = SLOPE_CLASSES_MAX;
    while (classes_n && !p->class_mm2[classes_n - 1])
        classes_n--;
    size_t n = put_number(out, p->region_set);
    n += put_number(out + n, p->corridor_set);
    n += put_number(out + n, classes_n);
    for (int c = 0; c < classes_n; c++)
        n += put_number(out + n, p->class_mm2[c]);
    return n;
}

static bool take_number(const unsigned char **at, const unsigned char *end, int64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (*at == end || shift > 63)
            return false;
        v |= (uint64_t)(**at & 0x7F) << shift;
        if (*(*at)++ < 0x80)
            break;
    }
    *out = (int64_t)v;
    return true;
}

static bool take_piece(const unsigned char **at, const unsigned char *end, struct piece *p)
{
    int64_t n;
    *p = (struct piece){0};
    if (!take_number(at, end, &p->region_set) || !take_number(at, end, &p->corridor_set) ||
        !take_number(at, end, &n) || n < 0 || n > SLOPE_CLASSES_MAX)
        return false;
    for (int64_t c = 0; c < n; c++)
        if (!take_number(at, end, &p->class_mm2[c]))
            return false;
    return true;
}

static enum status damaged(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "expected_corrupt", "Restore the registry from a backup.",
                     "Stored expected hectares cannot be read.");
}

static int by_ground(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->region_set != y->region_set)
        return x->region_set < y->region_set ? -1 : 1;
    return x->corridor_set < y->corridor_set ? -1 : x->corridor_set > y->corridor_set;
}

/* The pieces in order, those of one ground added up. */
static enum status gather(struct store *s, const struct store_figures *f, struct piece *pieces,
                          size_t *n, struct error *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->expected_n; i++) {
        const struct store_expected *x = &f->expected[i];
        TRY(sets_region(s, x->regions, x->levels_n, &pieces[i].region_set, e));
        TRY(sets_corridor(s, x->corridors, x->corridors_n, &pieces[i].corridor_set, e));
        memcpy(pieces[i].class_mm2, x->class_mm2, sizeof pieces[i].class_mm2);
    }
    if (f->expected_n > 1)
        qsort(pieces, f->expected_n, sizeof *pieces, by_ground);
    for (size_t i = 0; i < f->expected_n; i++) {
        if (!kept || by_ground(&pieces[kept - 1], &pieces[i]) != 0)
            pieces[kept++] = pieces[i];
        else
            for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
                pieces[kept - 1].class_mm2[c] += pieces[i].class_mm2[c];
    }
    *n = kept;
    return STATUS_OK;
}

enum status expected_write(struct store *s, int64_t revision_id, const struct store_figures *f,
                           struct error *e)
{
    size_t n = f->expected_n, bytes_n = 0;
    struct piece *pieces = store_scratch(s, n * (sizeof *pieces + PIECE_BYTES_MAX));
    if (!pieces)
        return error_memory(e);
    unsigned char *bytes = (unsigned char *)(pieces + n);
    TRY(gather(s, f, pieces, &n, e));
    for (size_t i = 0; i < n; i++)
        bytes_n += put_piece(bytes + bytes_n, &pieces[i]);
    struct pending_rows *row = row_begin(s, ROWS_EXPECTED);
    row_int(row, revision_id);
    row_blob(row, bytes, bytes_n);
    return row_end(s, row, e);
}

enum status expected_read(struct store *s, int64_t revision_id, struct arena *a,
                          struct store_figures *out, struct error *e)
{
    struct statement *q;
    bool row, ok = true;
    out->expected = NULL;
    out->expected_n = 0;
    TRY(statement_take(s, "SELECT pieces FROM slope_expected WHERE revision_id = ?1", &q, e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    struct store_expected *sum = row ? arena_alloc(a, sizeof *sum) : NULL;
    if (sum) {
        const unsigned char *at = sqlite3_column_blob(q->stmt, 0),
                            *end = at + sqlite3_column_bytes(q->stmt, 0);
        struct piece p;
        while (ok && at < end && (ok = take_piece(&at, end, &p)))
            for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
                sum->class_mm2[c] += p.class_mm2[c];
        out->expected = sum;
        out->expected_n = 1;
    }
    statement_done(q);
    if (status == STATUS_OK && row && !sum)
        return error_memory(e);
    return status ? status : ok ? STATUS_OK : damaged(e);
}

static enum status each_piece(struct statement *q,
                              bool (*each)(const struct store_expected_row *, void *), void *arg,
                              bool *go, struct error *e)
{
    const unsigned char *at = sqlite3_column_blob(q->stmt, 1),
                        *end = at + sqlite3_column_bytes(q->stmt, 1);
    struct store_expected_row row = {.revision_id = column_int(q, 0)};
    struct piece p;
    while (*go && at < end) {
        if (!take_piece(&at, end, &p))
            return damaged(e);
        row.region_set = p.region_set;
        row.corridor_set = p.corridor_set;
        memcpy(row.class_mm2, p.class_mm2, sizeof row.class_mm2);
        *go = each(&row, arg);
    }
    return STATUS_OK;
}

enum status store_each_expected_row(struct store *s, bool past,
                                    bool (*each)(const struct store_expected_row *, void *),
                                    void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    if (past)
        TRY(statement_take(s,
                           "SELECT x.revision_id, x.pieces FROM slope_expected x CROSS JOIN "
                           "revision r ON r.id = x.revision_id WHERE "
                           "r.layers_change >= coalesce((SELECT CAST(value AS INTEGER) FROM "
                           "registry WHERE key = 'slope_change'), 0) "
                           "ORDER BY x.revision_id",
                           &q, e));
    else
        TRY(statement_take(s, "SELECT revision_id, pieces FROM slope_expected ORDER BY revision_id",
                           &q, e));
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row)
        status = each_piece(q, each, arg, &go, e);
    statement_done(q);
    return status;
}
