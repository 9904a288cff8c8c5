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
    struct statement *q;
    TRY(statement_take(
        s, "INSERT INTO plot (programme_id, current_revision_id, code) VALUES (?1, ?2, ?3)", &q,
        e));
    bind_int(q, 1, r->programme_id);
    bind_int(q, 2, r->id);
    bind_text(q, 3, r->code);
    TRY(statement_run(s, q, e));
    r->plot_id = sqlite3_last_insert_rowid(s->db);
    return STATUS_OK;
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

#define FIGURES_SET                                                                                \
    "corridor_mm2 = ?2, corridor_verdict = ?3, slope_class = ?4, slope_mean_pct = ?5, "            \
    "slope_max_pct = ?6, slope_p10_pct = ?7, "                                                     \
    "slope_p50_pct = ?8, slope_p90_pct = ?9, slope_nodata = ?10, surface_mm2 = ?11, "              \
    "layers_change = ?12"

/* ?1 is the revision, ?2..?12 its figures, in the insert as in the update. */
static void bind_figures(struct statement *q, int64_t revision_id, const struct store_figures *f)
{
    bind_int(q, 1, revision_id);
    bind_int(q, 2, f->corridor_mm2);
    bind_int(q, 3, f->corridor_verdict);
    bind_int(q, 4, f->slope_class);
    bind_real(q, 5, f->slope_mean_pct);
    bind_real(q, 6, f->slope_max_pct);
    bind_real(q, 7, f->slope_p10_pct);
    bind_real(q, 8, f->slope_p50_pct);
    bind_real(q, 9, f->slope_p90_pct);
    bind_real(q, 10, f->slope_nodata_share);
    bind_int(q, 11, f->surface_mm2);
    bind_int(q, 12, f->layers_change);
}

static void bind_revision(struct statement *q, const struct store_revision *r)
{
    bind_int(q, 17, r->programme_id);
    bind_int_or_null(q, 18, r->organisation_id);
    bind_int_or_null(q, 19, r->producer_id);
    bind_text(q, 20, r->code);
    bind_text(q, 21, r->crops_n ? r->crops[0] : NULL);
    bind_text(q, 22, r->practices_n ? r->practices[0] : NULL);
    bind_int_or_null(q, 23, r->adoption_year);
    bind_int(q, 24, r->survey);
    bind_int(q, 25, r->area_mm2);
    bind_real(q, 26, r->anchor.lon);
    bind_real(q, 27, r->anchor.lat);
    bind_real(q, 28, r->perimeter_m);
    bind_text(q, 29, r->name);
    bind_text(q, 30, r->observed_date);
    bind_real(q, 31, r->declared_ha);
    bind_real(q, 32, r->accuracy_m);
    bind_int(q, 33, r->repaired);
    bind_blob(q, 34, r->geometry_hash, sizeof r->geometry_hash);
    bind_blob(q, 35, r->content_hash, sizeof r->content_hash);
    bind_blob(q, 36, r->drawing, r->drawing_n);
    bind_real(q, 39, r->area_se_m2);
}

static enum status revision_insert(struct store *s, int64_t import_id, int64_t change,
                                   const struct store_revision *r, const struct former *former,
                                   struct error *e)
{
    struct statement *q;
    TRY(statement_take(
        s,
        "INSERT INTO revision (id, corridor_mm2, corridor_verdict, slope_class, slope_mean_pct, "
        "slope_max_pct, "
        "slope_p10_pct, slope_p50_pct, slope_p90_pct, slope_nodata, surface_mm2, layers_change, "
        "plot_id, from_change, "
        "previous_id, number, programme_id, organisation_id, producer_id, code, crop, practice, "
        "adoption_year, survey, "
        "area_mm2, anchor_lon, anchor_lat, perimeter_m, name, observed_date, declared_ha, "
        "accuracy_m, repaired, "
        "geometry_hash, content_hash, drawing, geom, import_id, area_se_m2) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
        "?19, ?20, ?21, ?22, "
        "?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39)",
        &q, e));
    bind_figures(q, r->id, &r->figures);
    bind_int(q, 13, r->plot_id);
    bind_int(q, 14, change);
    bind_int_or_null(q, 15, former->revision_id);
    bind_int(q, 16, former->number + 1);
    bind_revision(q, r);
    enum status status = bind_boundary(s, q, 37, &r->boundary, e);
    if (status != STATUS_OK) {
        statement_done(q);
        return status;
    }
    bind_int(q, 38, import_id);
    return statement_run(s, q, e);
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
    struct statement *q;
    TRY(statement_take(s,
                       "INSERT INTO source_row (revision_id, file, row, attributes, epsg, wkb, "
                       "datum_accuracy_m) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                       &q, e));
    bind_int(q, 1, r->id);
    bind_text(q, 2, r->file);
    bind_int(q, 3, (int64_t)r->row);
    bind_text(q, 4, r->attributes_json);
    bind_int(q, 5, r->source_epsg);
    bind_blob(q, 6, r->source_wkb, r->source_wkb_n);
    bind_real(q, 7, r->datum_accuracy_m > 0 ? r->datum_accuracy_m : NAN);
    return statement_run(s, q, e);
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
    return figures_write(s, r->id, &r->figures, e);
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

/* ---- new figures ---- */

static enum status run_on(struct store *s, const char *sql, int64_t id, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, id);
    return statement_run(s, q, e);
}

enum status store_figures_replace(struct store *s, int64_t revision_id, int64_t change,
                                  const struct store_figures *f, struct error *e)
{
    struct weight w;
    struct statement *q;
    int64_t current;
    TRY(store_need_transaction(s, e));
    TRY(store_int(s, "SELECT to_change IS NULL FROM revision WHERE id = ?1", revision_id, 0,
                  &current, e));
    if (!current)
        return error_set(e, STATUS_INTERNAL, "revision_ended", NULL,
                         "Revision %lld is not current.", (long long)revision_id);
    TRY(weight_load(s, revision_id, &w, e));
    TRY(overview_add(s, &w, -1, e));
    TRY(run_on(s, "DELETE FROM part WHERE revision_id = ?1", revision_id, e));
    TRY(run_on(s, "DELETE FROM corridor_hit WHERE revision_id = ?1", revision_id, e));
    TRY(run_on(s, "DELETE FROM part_error WHERE revision_id = ?1", revision_id, e));
    TRY(run_on(s, "DELETE FROM slope_expected WHERE revision_id = ?1", revision_id, e));
    TRY(statement_take(s, "UPDATE revision SET " FIGURES_SET " WHERE id = ?1", &q, e));
    bind_figures(q, revision_id, f);
    TRY(statement_run(s, q, e));
    TRY(figures_write(s, revision_id, f, e));
    weight_of_figures(f, &w);
    return weight_count(s, &w, 1, change, e);
}

enum status store_survey_of(struct store *s, int64_t revision_id, struct store_survey *out,
                            struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT survey, accuracy_m, area_se_m2 FROM revision WHERE id = ?1", &q,
                       e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    *out = (struct store_survey){.accuracy_m = NAN, .area_se_m2 = NAN};
    if (row)
        *out = (struct store_survey){(int)column_int(q, 0), column_real(q, 1), column_real(q, 2)};
    statement_done(q);
    return status;
}
