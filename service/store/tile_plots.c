/* Plots for drawing a tile: box index, then one row each by id, ascending, so that the same registry gives the same bytes. */
#include <stdlib.h>

#include "service/store/private.h"

static enum status read_plot(struct store *s, struct statement *q, struct store_tile_plot *out, struct error *e)
{
    *out = (struct store_tile_plot){
        .revision_id = column_int(q, 0),
        .plot_id = column_int(q, 1),
        .code = column_text(q, 2),
        .crop = column_text(q, 5),
        .practice = column_text(q, 6),
        .adoption_year = (int)column_int(q, 7),
        .slope_class = (int)column_int(q, 8),
        .corridor_verdict = (int)column_int(q, 9),
        .slope_mean_pct = column_real(q, 10),
        .area_mm2 = column_int(q, 11),
        .corridor_mm2 = column_int(q, 12),
        .anchor = {sqlite3_column_double(q->stmt, 13), sqlite3_column_double(q->stmt, 14)},
        .drawing = sqlite3_column_blob(q->stmt, 15),
        .drawing_n = (size_t)sqlite3_column_bytes(q->stmt, 15),
    };
    if (!blob_box(sqlite3_column_blob(q->stmt, 16), (size_t)sqlite3_column_bytes(q->stmt, 16), &out->box))
        return error_set(e, STATUS_CORRUPT, "geometry_corrupt", "Restore the registry from a backup.", "A stored boundary cannot be read.");
    TRY(word_programme(s, column_int(q, 3), &out->programme, e));
    return word_organisation(s, column_int(q, 4), &out->organisation, e);
}

enum status store_each_tile_plot(struct store *s, const struct box *box, bool (*each)(const struct store_tile_plot *, void *), void *arg,
                                 struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    if (s->transaction)
        TRY(boxes_flush(s, e));
    TRY(statement_take(s, TILE_PLOTS_SQL, &q, e));
    bind_box(q, box);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_tile_plot plot;
        status = read_plot(s, q, &plot, e);
        if (status == STATUS_OK && box_overlaps(&plot.box, box)) /* the index rounds outwards */
            go = each(&plot, arg);
    }
    statement_done(q);
    return status;
}
