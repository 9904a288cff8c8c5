/* The computed figures of a revision: parts and corridor hits as rows, and what a revision weighs
 * in the overview cells. */
#include <stdlib.h>

#include "service/store/private.h"

static int by_key(const void *a, const void *b)
{
    const struct part_row *x = a, *y = b;
    if (x->region_set != y->region_set)
        return x->region_set < y->region_set ? -1 : 1;
    if (x->corridor_set != y->corridor_set)
        return x->corridor_set < y->corridor_set ? -1 : 1;
    return x->slope_class < y->slope_class ? -1 : x->slope_class > y->slope_class;
}

enum status parts_to_rows(struct store *s, int64_t owner_id, const struct store_part *parts,
                          size_t *n, struct part_row *rows, struct error *e)
{
    size_t kept = 0, all = *n;
    for (size_t i = 0; i < all; i++) {
        const struct store_part *p = &parts[i];
        rows[i] = (struct part_row){
            .owner_id = owner_id, .slope_class = p->slope_class, .area_mm2 = p->area_mm2};
        TRY(sets_region(s, p->regions, p->levels_n, &rows[i].region_set, e));
        TRY(sets_corridor(s, p->corridors, p->corridors_n, &rows[i].corridor_set, e));
    }
    if (all > 1)
        qsort(rows, all, sizeof *rows, by_key);
    for (size_t i = 0; i < all; i++) {
        if (kept && by_key(&rows[kept - 1], &rows[i]) == 0)
            rows[kept - 1].area_mm2 += rows[i].area_mm2;
        else
            rows[kept++] = rows[i];
    }
    *n = kept;
    return STATUS_OK;
}

enum status part_add(struct store *s, enum rows_table table, const struct part_row *row,
                     struct error *e)
{
    struct pending_rows *p = row_begin(s, table);
    row_int(p, row->owner_id);
    row_int(p, row->region_set);
    row_int(p, row->corridor_set);
    row_int(p, row->slope_class);
    row_int(p, row->area_mm2);
    return row_end(s, p, e);
}

static enum status parts_write(struct store *s, int64_t revision_id, const struct store_figures *f,
                               struct error *e)
{
    size_t n = f->parts_n;
    struct part_row *rows = store_scratch(s, n * sizeof *rows);
    if (!rows)
        return error_memory(e);
    TRY(parts_to_rows(s, revision_id, f->parts, &n, rows, e));
    for (size_t i = 0; i < n; i++)
        TRY(part_add(s, ROWS_PART, &rows[i], e));
    return STATUS_OK;
}

static enum status error_insert(struct store *s, int64_t revision_id, int epsg,
                                const struct store_figures *f, size_t piece, struct error *e)
{
    const struct store_part_error *p = &f->errors[piece];
    int64_t region_set, corridor_set;
    TRY(sets_region(s, p->regions, p->levels_n, &region_set, e));
    TRY(sets_corridor(s, p->corridors, p->corridors_n, &corridor_set, e));
    struct pending_rows *row = row_begin(s, ROWS_PART_ERROR);
    row_int(row, revision_id);
    row_int(row, region_set);
    row_int(row, corridor_set);
    row_int(row, (int64_t)piece);
    row_real(row, p->east_m);
    row_real(row, p->north_m);
    row_blob(row, p->covariance, f->errors_n * sizeof *p->covariance);
    row_int(row, epsg);
    return row_end(s, row, e);
}

enum status figures_write(struct store *s, int64_t revision_id, int epsg,
                          const struct store_figures *f, struct error *e)
{
    TRY(parts_write(s, revision_id, f, e));
    for (size_t i = 0; i < f->corridors_n; i++) {
        struct pending_rows *p = row_begin(s, ROWS_CORRIDOR);
        row_int(p, revision_id);
        row_int(p, f->corridors[i].feature_id);
        row_int(p, f->corridors[i].area_mm2);
        row_int(p, f->corridors[i].verdict);
        TRY(row_end(s, p, e));
    }
    for (size_t i = 0; i < f->errors_n; i++)
        TRY(error_insert(s, revision_id, epsg, f, i, e));
    return f->expected_n ? expected_write(s, revision_id, f, e) : STATUS_OK;
}

/* ---- reading ---- */

void figures_read(struct statement *q, int first, struct store_figures *f)
{
    f->corridor_mm2 = column_int(q, first);
    f->corridor_verdict = (int)column_int(q, first + 1);
    f->slope_class = (int)column_int(q, first + 2);
    f->slope_mean_pct = column_real(q, first + 3);
    f->slope_max_pct = column_real(q, first + 4);
    f->slope_p10_pct = column_real(q, first + 5);
    f->slope_p50_pct = column_real(q, first + 6);
    f->slope_p90_pct = column_real(q, first + 7);
    f->slope_nodata_share = column_real(q, first + 8);
    f->surface_mm2 = column_int(q, first + 9);
    f->layers_change = column_int(q, first + 10);
}

static enum status count_rows(struct store *s, const char *sql, int64_t id, size_t *n,
                              struct error *e)
{
    int64_t rows;
    TRY(store_int(s, sql, id, 0, &rows, e));
    *n = (size_t)rows;
    return STATUS_OK;
}

static enum status hits_read(struct store *s, int64_t revision_id, struct arena *a,
                             struct store_figures *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(count_rows(s, "SELECT count(*) FROM corridor_hit WHERE revision_id = ?1", revision_id,
                   &out->corridors_n, e));
    struct store_corridor_hit *hits = arena_array(a, out->corridors_n, sizeof *hits);
    if (!hits)
        return error_memory(e);
    out->corridors = hits;
    TRY(statement_take(s,
                       "SELECT feature_id, area_mm2, verdict FROM corridor_hit WHERE revision_id = "
                       "?1 ORDER BY feature_id",
                       &q, e));
    bind_int(q, 1, revision_id);
    for (size_t i = 0;
         i < out->corridors_n && (status = statement_next(s, q, &row, e)) == STATUS_OK && row; i++)
        hits[i] =
            (struct store_corridor_hit){column_int(q, 0), column_int(q, 1), (int)column_int(q, 2)};
    statement_done(q);
    return status;
}

static enum status errors_read(struct store *s, int64_t revision_id, struct arena *a,
                               struct store_figures *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    size_t n;
    enum status status = STATUS_OK;
    TRY(count_rows(s, "SELECT count(*) FROM part_error WHERE revision_id = ?1", revision_id, &n,
                   e));
    out->errors_n = 0;
    if (!n)
        return STATUS_OK;
    struct store_part_error *errors = arena_array(a, n, sizeof *errors);
    if (!errors)
        return error_memory(e);
    out->errors = errors;
    TRY(statement_take(s,
                       "SELECT region_set, corridor_set, east_m, north_m, covariance FROM "
                       "part_error WHERE revision_id = ?1 ORDER BY piece",
                       &q, e));
    bind_int(q, 1, revision_id);
    while (out->errors_n < n && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_part_error *p = &errors[out->errors_n++];
        size_t bytes = (size_t)sqlite3_column_bytes(q->stmt, 4);
        p->east_m = column_real(q, 2);
        p->north_m = column_real(q, 3);
        if (bytes != n * sizeof(double))
            status = error_set(e, STATUS_CORRUPT, "part_error_damaged", NULL,
                               "The errors of revision %lld are damaged.", (long long)revision_id);
        else if (!(p->covariance = arena_memdup(a, sqlite3_column_blob(q->stmt, 4), bytes)))
            status = error_memory(e);
        if (status == STATUS_OK)
            status = sets_region_features(s, column_int(q, 0), a, &p->regions, &p->levels_n, e);
        if (status == STATUS_OK)
            status =
                sets_corridor_features(s, column_int(q, 1), a, &p->corridors, &p->corridors_n, e);
        if (status != STATUS_OK)
            break;
    }
    statement_done(q);
    return status;
}

enum status store_figures_parts(struct store *s, int64_t revision_id, struct arena *a,
                                struct store_figures *f, struct error *e)
{
    return figures_read_parts(s, revision_id, a, f, e);
}

enum status figures_read_parts(struct store *s, int64_t revision_id, struct arena *a,
                               struct store_figures *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(hits_read(s, revision_id, a, out, e));
    TRY(errors_read(s, revision_id, a, out, e));
    TRY(expected_read(s, revision_id, a, out, e));
    TRY(count_rows(s, "SELECT count(*) FROM part WHERE revision_id = ?1", revision_id,
                   &out->parts_n, e));
    struct store_part *parts = arena_array(a, out->parts_n, sizeof *parts);
    if (!parts)
        return error_memory(e);
    out->parts = parts;
    TRY(statement_take(
        s,
        "SELECT region_set, corridor_set, slope_class, area_mm2 FROM part WHERE revision_id = ?1 "
        "ORDER BY region_set, corridor_set, slope_class",
        &q, e));
    bind_int(q, 1, revision_id);
    for (size_t i = 0;
         i < out->parts_n && (status = statement_next(s, q, &row, e)) == STATUS_OK && row; i++) {
        parts[i].slope_class = (int)column_int(q, 2);
        parts[i].area_mm2 = column_int(q, 3);
        status =
            sets_region_features(s, column_int(q, 0), a, &parts[i].regions, &parts[i].levels_n, e);
        if (status == STATUS_OK)
            status = sets_corridor_features(s, column_int(q, 1), a, &parts[i].corridors,
                                            &parts[i].corridors_n, e);
        if (status != STATUS_OK)
            break;
    }
    statement_done(q);
    return status;
}

/* ---- weight ---- */

static int64_t *class_slot(struct weight *w, int64_t slope_class)
{
    return &w->class_mm2[slope_class >= 0 && slope_class < SLOPE_CLASSES_MAX ? slope_class
                                                                             : SLOPE_CLASSES_MAX];
}

void weight_of_figures(const struct store_figures *f, struct weight *w)
{
    memset(w->class_mm2, 0, sizeof w->class_mm2);
    w->corridor_mm2 = f->corridor_mm2;
    for (size_t i = 0; i < f->parts_n; i++)
        *class_slot(w, f->parts[i].slope_class) += f->parts[i].area_mm2;
}

void weight_of_rows(const struct part_row *rows, size_t n, struct weight *w)
{
    memset(w->class_mm2, 0, sizeof w->class_mm2);
    for (size_t i = 0; i < n; i++)
        *class_slot(w, rows[i].slope_class) += rows[i].area_mm2;
}

static enum status classes_load(struct store *s, int64_t revision_id, struct weight *w,
                                struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT slope_class, area_mm2 FROM part WHERE revision_id = ?1", &q, e));
    bind_int(q, 1, revision_id);
    while ((status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        *class_slot(w, column_int(q, 0)) += column_int(q, 1);
    statement_done(q);
    return status;
}

enum status weight_load(struct store *s, int64_t revision_id, struct weight *out, struct error *e)
{
    struct statement *q;
    bool row, ok = false;
    memset(out, 0, sizeof *out);
    TRY(statement_take(
        s,
        "SELECT area_mm2, corridor_mm2, anchor_lon, anchor_lat, geom FROM revision WHERE id = ?1",
        &q, e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    if (row) {
        out->area_mm2 = column_int(q, 0);
        out->corridor_mm2 = column_int(q, 1);
        out->anchor =
            (struct lonlat){sqlite3_column_double(q->stmt, 2), sqlite3_column_double(q->stmt, 3)};
        ok = blob_box(sqlite3_column_blob(q->stmt, 4), (size_t)sqlite3_column_bytes(q->stmt, 4),
                      &out->box);
    }
    statement_done(q);
    if (status == STATUS_OK && !ok)
        return error_set(e, STATUS_CORRUPT, "revision_missing", NULL,
                         "Revision %lld is missing or damaged.", (long long)revision_id);
    return status ? status : classes_load(s, revision_id, out, e);
}

enum status weight_count(struct store *s, const struct weight *w, int sign, int64_t change,
                         struct error *e)
{
    TRY(overview_add(s, w, sign, e));
    return tile_touch(s, &w->box, change, e);
}
