/* What `parcela check` asks of the stored data itself: SQLite's own checks, the box index, and that
 * everything that is kept twice (overview cells, parts, current pointers) says the same. */
#include <stdlib.h>

#include "service/store/private.h"

struct checking {
    struct store *s;
    void (*report)(const char *name, bool ok, const char *detail, void *arg);
    void *arg;
    struct error *e;
};

/* A statement whose rows are complaints; "ok" and no row at all are none. */
static enum status complaints(struct checking *c, const char *name, const char *sql)
{
    struct statement *q;
    char detail[256] = "";
    int64_t n = 0;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(c->s, sql, &q, c->e));
    while ((status = statement_next(c->s, q, &row, c->e)) == STATUS_OK && row) {
        const char *text = column_text(q, 0);
        if (text && sqlite3_stricmp(text, "ok") == 0)
            continue;
        if (!n++)
            snprintf(detail, sizeof detail, "%s", text ? text : "");
    }
    statement_done(q);
    if (status == STATUS_CORRUPT) { /* the check itself fell over the damage: that is an answer, not
                                       a failure */
        c->report(name, false, c->e ? c->e->message : "damaged", c->arg);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        c->report(name, n == 0, detail, c->arg);
    return status;
}

/* A statement that counts what is wrong. */
static enum status none(struct checking *c, const char *name, const char *what, const char *sql)
{
    char detail[128];
    int64_t n;
    enum status status = store_int(c->s, sql, 0, 0, &n, c->e);
    if (status == STATUS_CORRUPT) {
        c->report(name, false, c->e ? c->e->message : "damaged", c->arg);
        return STATUS_OK;
    }
    snprintf(detail, sizeof detail, "%lld %s", (long long)n, what);
    if (status == STATUS_OK)
        c->report(name, n == 0, n ? detail : "", c->arg);
    return status;
}

static enum status equal(struct checking *c, const char *name, const char *left,
                         const char *left_sql, const char *right, const char *right_sql)
{
    char detail[160];
    int64_t a, b;
    TRY(store_int(c->s, left_sql, 0, 0, &a, c->e));
    TRY(store_int(c->s, right_sql, 0, 0, &b, c->e));
    snprintf(detail, sizeof detail, "%lld %s, %lld %s", (long long)a, left, (long long)b, right);
    c->report(name, a == b, detail, c->arg);
    return STATUS_OK;
}

/* ---- the box index holds every boundary ---- */

static enum status boxes(struct checking *c)
{
    struct statement *q, *box;
    int64_t outside = 0;
    bool row = true, found;
    enum status status = STATUS_OK;
    char detail[80];
    TRY(statement_take(c->s, "SELECT id, geom FROM revision NOT INDEXED ORDER BY id", &q, c->e));
    status = statement_take(
        c->s, "SELECT xmin, ymin, xmax, ymax FROM idx_revision_geom WHERE pkid = ?1", &box, c->e);
    while (status == STATUS_OK && (status = statement_next(c->s, q, &row, c->e)) == STATUS_OK &&
           row) {
        struct box b;
        bool ok =
            blob_box(sqlite3_column_blob(q->stmt, 1), (size_t)sqlite3_column_bytes(q->stmt, 1), &b);
        sqlite3_reset(box->stmt);
        bind_int(box, 1, column_int(q, 0));
        status = statement_next(c->s, box, &found, c->e);
        ok = ok && found && sqlite3_column_double(box->stmt, 0) <= b.west &&
             sqlite3_column_double(box->stmt, 1) <= b.south &&
             sqlite3_column_double(box->stmt, 2) >= b.east &&
             sqlite3_column_double(box->stmt, 3) >= b.north;
        outside += !ok;
    }
    statement_done(q);
    statement_done(box);
    snprintf(detail, sizeof detail, "%lld boundaries are not in the box index", (long long)outside);
    if (status == STATUS_OK)
        c->report("box_index", outside == 0, outside ? detail : "", c->arg);
    return status;
}

/* ---- overview cells ---- */

struct sums {
    int64_t v[4 + SLOPE_CLASSES_MAX]; /* plots, area, corridor, no data, classes */
};

static enum status sums_of_plots(struct checking *c, struct sums *out)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(c->s,
                       "SELECT count(*), sum(area_mm2), sum(corridor_mm2) FROM revision NOT "
                       "INDEXED WHERE to_change IS NULL",
                       &q, c->e));
    status = statement_next(c->s, q, &row, c->e);
    for (int i = 0; row && i < 3; i++)
        out->v[i] = column_int(q, i);
    statement_done(q);
    TRY(status);
    TRY(statement_take(c->s,
                       "SELECT slope_class, sum(area_mm2) FROM part WHERE revision_id IN "
                       "(SELECT id FROM revision INDEXED BY revision_current WHERE to_change IS "
                       "NULL) GROUP BY slope_class",
                       &q, c->e));
    while ((status = statement_next(c->s, q, &row, c->e)) == STATUS_OK && row) {
        int64_t k = column_int(q, 0);
        out->v[k >= 0 && k < SLOPE_CLASSES_MAX ? 4 + k : 3] += column_int(q, 1);
    }
    statement_done(q);
    return status;
}

static enum status sums_of_cells(struct checking *c, int zoom, struct sums *out)
{
    struct statement *q;
    struct store_overview_cell sum = {0};
    bool row = true, ok = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        c->s, "SELECT plots, area_mm2, corridor_mm2, classes FROM overview_cell WHERE zoom = ?1",
        &q, c->e));
    bind_int(q, 1, zoom);
    while ((status = statement_next(c->s, q, &row, c->e)) == STATUS_OK && row)
        ok = overview_add_row(q, 0, &sum) && ok;
    statement_done(q);
    out->v[0] = ok ? sum.plots : -1;
    out->v[1] = sum.area_mm2;
    out->v[2] = sum.corridor_mm2;
    out->v[3] = sum.nodata_mm2;
    memcpy(out->v + 4, sum.class_mm2, sizeof sum.class_mm2);
    return status;
}

static enum status overview(struct checking *c)
{
    struct sums plots = {0};
    char detail[160] = "";
    bool ok = true;
    TRY(sums_of_plots(c, &plots));
    for (int zoom = OVERVIEW_ZOOM_MIN | 1; zoom <= OVERVIEW_ZOOM_MAX; zoom += 2) {
        struct sums cells = {0};
        TRY(sums_of_cells(c, zoom, &cells));
        if (ok && memcmp(&plots, &cells, sizeof plots) != 0) {
            ok = false;
            snprintf(detail, sizeof detail,
                     "zoom %d: %lld plots and %lld mm2 in cells, %lld and %lld in the registry",
                     zoom, (long long)cells.v[0], (long long)cells.v[1], (long long)plots.v[0],
                     (long long)plots.v[1]);
        }
    }
    c->report("overview_cells", ok, detail, c->arg);
    return STATUS_OK;
}

/* ---- expected hectares add up as the plain ones do ---- */

struct expected_sums {
    struct checking *c;
    int64_t revision_id, sum_mm2, wrong;
    enum status status;
};

static void compare_expected(struct expected_sums *x)
{
    int64_t plain;
    x->status = store_int(x->c->s,
                          "SELECT coalesce(sum(area_mm2), 0) FROM part WHERE revision_id = ?1 AND "
                          "slope_class >= 0",
                          x->revision_id, 0, &plain, x->c->e);
    x->wrong += plain != x->sum_mm2;
    x->sum_mm2 = 0;
}

static bool add_expected(const struct store_expected_row *row, void *arg)
{
    struct expected_sums *x = arg;
    if (x->revision_id && x->revision_id != row->revision_id)
        compare_expected(x);
    x->revision_id = row->revision_id;
    for (int i = 0; i < SLOPE_CLASSES_MAX; i++)
        x->sum_mm2 += row->class_mm2[i];
    return x->status == STATUS_OK;
}

static enum status expected(struct checking *c)
{
    struct expected_sums x = {.c = c};
    char detail[96] = "";
    enum status status = store_each_expected_row(c->s, false, add_expected, &x, c->e);
    if (status == STATUS_CORRUPT) {
        c->report("slope_expected", false, c->e ? c->e->message : "damaged", c->arg);
        return STATUS_OK;
    }
    if (status == STATUS_OK && x.status == STATUS_OK && x.revision_id)
        compare_expected(&x);
    if (x.wrong)
        snprintf(detail, sizeof detail, "%lld plots whose expected hectares do not add up",
                 (long long)x.wrong);
    if (status == STATUS_OK && x.status == STATUS_OK)
        c->report("slope_expected", x.wrong == 0, detail, c->arg);
    return status ? status : x.status;
}

/* ---- all of it ---- */

static enum status sqlite_checks(struct checking *c)
{
    TRY(complaints(c, "integrity", "PRAGMA integrity_check(10)"));
    TRY(complaints(c, "foreign_keys", "PRAGMA foreign_key_check"));
    TRY(complaints(c, "box_index_structure",
                   "SELECT rtreecheck('idx_revision_geom') UNION ALL SELECT "
                   "rtreecheck('idx_layer_feature_geom')"));
    TRY(equal(c, "box_index_rows", "boxes", "SELECT count(*) FROM idx_revision_geom_rowid",
              "revisions", "SELECT count(*) FROM revision"));
    TRY(boxes(c));
    return equal(c, "triggers", "spatial triggers",
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN "
                 "('revision', 'face', 'layer_feature') AND "
                 "substr(name, 1, 3) IN ('ggi', 'ggu', 'gii', 'giu', 'gid')",
                 "expected", "SELECT 12");
}

static enum status plot_checks(struct checking *c)
{
    TRY(none(c, "parts_add_up", "plots whose parts do not add up to their area",
             "SELECT count(*) FROM revision r NOT INDEXED WHERE to_change IS NULL AND area_mm2 <> "
             "(SELECT coalesce(sum(area_mm2), 0) FROM part WHERE revision_id = r.id)"));
    TRY(none(c, "current_revisions", "plots whose current revision is not the one that counts",
             "SELECT (SELECT count(*) FROM plot p JOIN revision r ON r.id = p.current_revision_id "
             "WHERE r.to_change IS NOT NULL OR "
             "r.plot_id <> p.id) + (SELECT count(*) FROM revision r NOT INDEXED WHERE r.to_change "
             "IS NULL AND "
             "(SELECT current_revision_id FROM plot WHERE id = r.plot_id) IS NOT r.id)"));
    TRY(none(
        c, "region_sets", "parts name regions that do not exist",
        "SELECT (SELECT count(*) FROM part WHERE region_set NOT IN (SELECT id FROM region_set)) + "
        "(SELECT count(*) FROM region_set_level WHERE feature_id NOT IN (SELECT id FROM "
        "layer_feature))"));
    TRY(none(c, "corridor_sets", "parts name corridors that do not exist",
             "SELECT (SELECT count(*) FROM part WHERE corridor_set <> 0 AND corridor_set NOT IN "
             "(SELECT id FROM corridor_set)) + "
             "(SELECT count(*) FROM corridor_set_member WHERE feature_id NOT IN (SELECT id FROM "
             "layer_feature))"));
    return none(
        c, "faces", "current overlaps name plots that are not current, or do not add up",
        "SELECT count(*) FROM face f WHERE f.to_change IS NULL AND (EXISTS (SELECT 1 FROM "
        "face_member m LEFT JOIN revision r "
        "ON r.id = m.revision_id WHERE m.face_id = f.id AND (r.id IS NULL OR r.to_change IS NOT "
        "NULL)) OR "
        "NOT EXISTS (SELECT 1 FROM face_member WHERE face_id = f.id AND revision_id = f.owner_id) "
        "OR "
        "f.area_mm2 <> (SELECT coalesce(sum(area_mm2), 0) FROM face_part WHERE face_id = f.id))");
}

enum status store_check(struct store *s,
                        void (*report)(const char *name, bool ok, const char *detail, void *arg),
                        void *arg, struct error *e)
{
    struct checking c = {s, report, arg, e};
    bool own = !s->snapshot;
    if (s->transaction) /* what is gathered until commit would look missing */
        return error_set(e, STATUS_INTERNAL, "bad_transaction", NULL,
                         "A check runs outside transactions.");
    if (own)
        TRY(store_snapshot_begin(s, e));
    enum status status = sqlite_checks(&c);
    if (status == STATUS_OK)
        status = plot_checks(&c);
    if (status == STATUS_OK)
        status = overview(&c);
    if (status == STATUS_OK)
        status = expected(&c);
    if (own)
        store_snapshot_end(s);
    return status;
}
