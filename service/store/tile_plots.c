/* Plots for drawing a tile: box index, then one row each by id, ascending, so that the same registry gives the same bytes. */
#include <stdlib.h>

#include "service/store/private.h"

static enum status read_plot(struct store *s, struct statement *q, int64_t id, struct store_tile_plot *out, struct error *e)
{
    *out = (struct store_tile_plot){
        .plot_id = column_int(q, 0),
        .revision_id = id,
        .code = column_text(q, 1),
        .crop = column_text(q, 4),
        .practice = column_text(q, 5),
        .adoption_year = (int)column_int(q, 6),
        .slope_class = (int)column_int(q, 7),
        .corridor_verdict = (int)column_int(q, 8),
        .slope_mean_pct = column_real(q, 9),
        .area_mm2 = column_int(q, 10),
        .corridor_mm2 = column_int(q, 11),
        .anchor = {sqlite3_column_double(q->stmt, 12), sqlite3_column_double(q->stmt, 13)},
        .drawing = sqlite3_column_blob(q->stmt, 14),
        .drawing_n = (size_t)sqlite3_column_bytes(q->stmt, 14),
    };
    if (!blob_box(sqlite3_column_blob(q->stmt, 15), (size_t)sqlite3_column_bytes(q->stmt, 15), &out->box))
        return error_set(e, STATUS_CORRUPT, "geometry_corrupt", "Restore the registry from a backup.", "A stored boundary cannot be read.");
    TRY(word_programme(s, column_int(q, 2), &out->programme, e));
    return word_organisation(s, column_int(q, 3), &out->organisation, e);
}

static enum status each_of(struct store *s, const struct box *box, const int64_t *ids, size_t n,
                           bool (*each)(const struct store_tile_plot *, void *), void *arg, struct error *e)
{
    struct statement *q;
    bool go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, TILE_PLOT_SQL, &q, e));
    for (size_t i = 0; go && status == STATUS_OK && i < n; i++) {
        struct store_tile_plot plot;
        bool row;
        sqlite3_reset(q->stmt);
        bind_int(q, 1, ids[i]);
        status = statement_next(s, q, &row, e);
        if (status != STATUS_OK || !row) /* ended revisions stay in the index */
            continue;
        status = read_plot(s, q, ids[i], &plot, e);
        if (status == STATUS_OK && box_overlaps(&plot.box, box))
            go = each(&plot, arg);
    }
    statement_done(q);
    return status;
}

enum status store_each_tile_plot(struct store *s, const struct box *box, bool (*each)(const struct store_tile_plot *, void *), void *arg,
                                 struct error *e)
{
    int64_t *ids;
    size_t n;
    bool own = !s->snapshot && !s->transaction; /* index and rows of one state */
    if (own)
        TRY(store_snapshot_begin(s, e));
    enum status status = boxes_query(s, box, &ids, &n, e);
    if (status == STATUS_OK)
        status = each_of(s, box, ids, n, each, arg, e);
    free(ids);
    if (own)
        store_snapshot_end(s);
    return status;
}
