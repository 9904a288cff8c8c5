/* Open held rows that came without a code: where they lie, and what tells which they are. */
#include <math.h>

#include "service/store/private.h"

static struct box both_boxes(struct statement *q)
{
    struct box all = {1, 1, -1, -1}, one;
    for (int column = 6; column <= 7; column++) {
        if (!blob_box(sqlite3_column_blob(q->stmt, column),
                      (size_t)sqlite3_column_bytes(q->stmt, column), &one))
            continue;
        bool first = all.west > all.east;
        all.west = first ? one.west : fmin(all.west, one.west);
        all.south = first ? one.south : fmin(all.south, one.south);
        all.east = first ? one.east : fmax(all.east, one.east);
        all.north = first ? one.north : fmax(all.north, one.north);
    }
    return all;
}

enum status store_each_nameless(struct store *s,
                                bool (*each)(const struct store_nameless *, void *), void *arg,
                                struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        s,
        "SELECT h.id, h.import_id, h.row, h.programme_id, h.file_name, h.layer, h.linework, "
        "h.structure FROM held_row h JOIN import i ON i.id = h.import_id WHERE h.decision IS NULL "
        "AND h.outcome = 'held' AND h.code IS NULL AND h.programme_id IS NOT NULL AND i.status = "
        "'committed' ORDER BY h.id",
        &q, e));
    while (go && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_nameless held = {
            .id = column_int(q, 0),
            .import_id = column_int(q, 1),
            .row = (uint64_t)column_int(q, 2),
            .programme_id = column_int(q, 3),
            .file_name = column_text(q, 4),
            .layer = column_text(q, 5),
            .box = both_boxes(q),
        };
        go = each(&held, arg);
    }
    statement_done(q);
    return status;
}

static enum status read_blob(struct statement *q, int column, struct arena *a, struct boundary *out,
                             struct error *e)
{
    return blob_decode(sqlite3_column_blob(q->stmt, column),
                       (size_t)sqlite3_column_bytes(q->stmt, column), a, out, e);
}

enum status store_nameless_get(struct store *s, int64_t held_id, struct arena *a,
                               struct boundary *linework, struct boundary *structure,
                               const char **attributes_json, struct error *e)
{
    struct statement *q;
    bool row = false, failed = false;
    TRY(statement_take(s, "SELECT linework, structure, attributes FROM held_row WHERE id = ?1", &q,
                       e));
    bind_int(q, 1, held_id);
    enum status status = statement_next(s, q, &row, e);
    if (status == STATUS_OK && !row)
        status = error_set(e, STATUS_CORRUPT, "held_row_missing", NULL, "a held row is gone");
    if (status == STATUS_OK)
        status = read_blob(q, 0, a, linework, e);
    if (status == STATUS_OK)
        status = read_blob(q, 1, a, structure, e);
    if (status == STATUS_OK)
        *attributes_json = column_strdup(q, 2, a, &failed);
    statement_done(q);
    return status == STATUS_OK && failed ? error_memory(e) : status;
}
