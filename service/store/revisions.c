/* Writing plots: a new revision, and new figures for a revision that stays.
 *
 * A plot row names its current revision, a revision names the one it ended (previous_id): a plot's
 * history is a chain, and finding, revising and reverting need no index on revision.plot_id. */
#include <stdlib.h>

#include "service/store/private.h"

/* ---- the plot ---- */

struct former {
    int64_t revision_id; /* 0 = the plot has no current revision */
    int64_t number;
};

static enum status plot_new(struct store *s, struct store_revision *r, struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_PLOT);
    r->plot_id = s->next_plot++;
    row_int(p, r->plot_id);
    row_int(p, r->programme_id);
    row_int(p, r->id);
    row_text(p, r->code);
    return row_end(s, p, e);
}

static enum status plot_point(struct store *s, int64_t plot_id, int64_t revision_id,
                              struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, "UPDATE plot SET current_revision_id = ?2 WHERE id = ?1", &q, e));
    bind_int(q, 1, plot_id);
    bind_int_or_null(q, 2, revision_id);
    return statement_run(s, q, e);
}

static enum status former_of(struct store *s, int64_t plot_id, struct former *out, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s,
                       "SELECT p.current_revision_id, r.number FROM plot p LEFT JOIN revision r ON "
                       "r.id = p.current_revision_id "
                       "WHERE p.id = ?1",
                       &q, e));
    bind_int(q, 1, plot_id);
    enum status status = statement_next(s, q, &row, e);
    *out = row ? (struct former){column_int(q, 0), column_int(q, 1)} : (struct former){0};
    statement_done(q);
    if (status == STATUS_OK && !row)
        return error_set(e, STATUS_INTERNAL, "plot_missing", NULL, "There is no plot %lld.",
                         (long long)plot_id);
    return status;
}

enum status revision_end(struct store *s, int64_t revision_id, int64_t to_change, int64_t change,
                         struct error *e)
{
    struct weight w;
    struct statement *q;
    TRY(weight_load(s, revision_id, &w, e));
    TRY(statement_take(s, "UPDATE revision SET to_change = ?2 WHERE id = ?1", &q, e));
    bind_int(q, 1, revision_id);
    bind_int_or_null(q, 2, to_change);
    TRY(statement_run(s, q, e));
    return weight_count(s, &w, to_change ? -1 : 1, change, e);
}

enum status plot_set_current(struct store *s, int64_t plot_id, int64_t revision_id, struct error *e)
{
    return plot_point(s, plot_id, revision_id, e);
}

/* Ends the plot's current revision, if there is one. */
static enum status plot_revise(struct store *s, const struct store_revision *r, int64_t change,
                               struct former *former, struct error *e)
{
    TRY(former_of(s, r->plot_id, former, e));
    if (former->revision_id)
        TRY(revision_end(s, former->revision_id, change, change, e));
    return plot_point(s, r->plot_id, r->id, e);
}

/* ---- the revision ---- */

static void put_figures(struct pending_rows *p, const struct store_figures *f)
{
    row_int(p, f->corridor_mm2);
    row_int(p, f->corridor_verdict);
    row_int(p, f->slope_class);
    row_real(p, f->slope_mean_pct);
    row_real(p, f->slope_max_pct);
    row_real(p, f->slope_p10_pct);
    row_real(p, f->slope_p50_pct);
    row_real(p, f->slope_p90_pct);
    row_real(p, f->slope_nodata_share);
    row_int(p, f->surface_mm2);
    row_int(p, f->layers_change);
}

static enum status revision_insert(struct store *s, int64_t import_id, int64_t change,
                                   const struct store_revision *r, const struct former *former,
                                   struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_REVISION);
    row_int(p, r->id);
    put_figures(p, &r->figures);
    row_int(p, r->plot_id);
    row_int(p, change);
    row_int_or_null(p, former->revision_id);
    row_int(p, former->number + 1);
    row_int(p, r->programme_id);
    row_int_or_null(p, r->organisation_id);
    row_int_or_null(p, r->producer_id);
    row_text(p, r->code);
    row_text(p, r->crops_n ? r->crops[0] : NULL);
    row_text(p, r->practices_n ? r->practices[0] : NULL);
    row_int_or_null(p, r->adoption_year);
    row_int(p, r->survey);
    row_int(p, r->area_mm2);
    row_real(p, r->anchor.lon);
    row_real(p, r->anchor.lat);
    row_real(p, r->perimeter_m);
    row_text(p, r->name);
    row_text(p, r->observed_date);
    row_real(p, r->declared_ha);
    row_real(p, r->accuracy_m);
    row_int(p, r->repaired);
    row_blob(p, r->geometry_hash, sizeof r->geometry_hash);
    row_blob(p, r->content_hash, sizeof r->content_hash);
    row_blob(p, r->drawing, r->drawing_n);
    row_real(p, r->area_se_m2);
    row_boundary(p, &r->boundary);
    row_int(p, import_id);
    return row_end(s, p, e);
}

static enum status words_insert(struct store *s, const char *sql, int64_t revision_id,
                                const char *const *words, int n, struct error *e)
{
    for (int i = 1; i < n; i++) { /* the main one stands in the revision */
        struct statement *q;
        TRY(statement_take(s, sql, &q, e));
        bind_int(q, 1, revision_id);
        bind_int(q, 2, i);
        bind_text(q, 3, words[i]);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}

static enum status source_insert(struct store *s, const struct store_revision *r, struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_SOURCE);
    row_int(p, r->id);
    row_text(p, r->file);
    row_int(p, (int64_t)r->row);
    row_text(p, r->attributes_json);
    row_int(p, r->source_epsg);
    row_blob(p, r->source_wkb, r->source_wkb_n);
    row_real(p, r->datum_accuracy_m > 0 ? r->datum_accuracy_m : NAN);
    return row_end(s, p, e);
}

/* What belongs to the revision in other tables. */
static enum status belongings_insert(struct store *s, const struct store_revision *r,
                                     struct error *e)
{
    TRY(words_insert(s,
                     "INSERT INTO revision_crop (revision_id, position, crop) VALUES (?1, ?2, ?3)",
                     r->id, r->crops, r->crops_n, e));
    TRY(words_insert(
        s, "INSERT INTO revision_practice (revision_id, position, practice) VALUES (?1, ?2, ?3)",
        r->id, r->practices, r->practices_n, e));
    TRY(source_insert(s, r, e));
    return figures_write(s, r->id, r->source_epsg, &r->figures, e);
}

enum status store_revision_add(struct store *s, int64_t import_id, int64_t change,
                               struct store_revision *r, struct error *e)
{
    struct former former = {0};
    TRY(store_need_transaction(s, e));
    if (!r->boundary.points_n)
        return error_set(e, STATUS_INTERNAL, "no_boundary", NULL, "A revision needs a boundary.");
    r->id = s->next_revision;
    if (r->plot_id)
        TRY(plot_revise(s, r, change, &former, e));
    else
        TRY(plot_new(s, r, e));
    TRY(revision_insert(s, import_id, change, r, &former, e));
    s->next_revision++;
    TRY(belongings_insert(s, r, e));
    struct weight w = {
        .anchor = r->anchor, .box = boundary_box(&r->boundary), .area_mm2 = r->area_mm2};
    weight_of_figures(&r->figures, &w);
    if (s->bulk)
        TRY(boxes_add(s, r->id, &w.box, e));
    return weight_count(s, &w, 1, change, e);
}
