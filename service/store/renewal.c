/* Figures computed anew after a change of layers: of plots, and of the faces where they overlap.
 *
 * Most plots a layer may affect come out as they were, or with other regions alone. So what stands
 * is read with the boundary, what differs is written and nothing else: the long rows of revisions
 * stay untouched unless a column of theirs changes. Reading, deleting and inserting are passes of
 * their own over a batch, so that inserts go out some at a time (rows.c). */
#include <stdlib.h>

#include "service/store/private.h"

#define FIGURES_SET                                                                                \
    "corridor_mm2 = ?2, slope_class = ?3, slope_mean_pct = ?4, slope_max_pct = ?5, slope_p10_pct " \
    "= ?6, "                                                                                       \
    "slope_p50_pct = ?7, slope_p90_pct = ?8, slope_nodata = ?9, surface_mm2 = ?10, layers_change " \
    "= ?11"

/* ---- what stands ---- */

static enum status not_current(int64_t revision_id, struct error *e)
{
    return error_set(e, STATUS_INTERNAL, "revision_ended", NULL, "Revision %lld is not current.",
                     (long long)revision_id);
}

enum status store_standing(struct store *s, int64_t revision_id, struct arena *a,
                           struct store_standing *out, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(
        s,
        "SELECT to_change IS NULL, survey, accuracy_m, area_se_m2, area_mm2, "
        "anchor_lon, anchor_lat, geom, " FIGURES_COLUMNS("") " FROM revision WHERE id = ?1",
        &q, e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    *out = (struct store_standing){.revision_id = revision_id};
    bool current = row && column_int(q, 0) != 0;
    if (current) {
        out->survey =
            (struct store_survey){(int)column_int(q, 1), column_real(q, 2), column_real(q, 3)};
        out->area_mm2 = column_int(q, 4);
        out->anchor =
            (struct lonlat){sqlite3_column_double(q->stmt, 5), sqlite3_column_double(q->stmt, 6)};
        figures_read(q, 8, &out->figures);
        status = blob_decode(sqlite3_column_blob(q->stmt, 7),
                             (size_t)sqlite3_column_bytes(q->stmt, 7), a, &out->boundary, e);
    }
    statement_done(q);
    return status || current ? status : not_current(revision_id, e);
}

/* Rows of some owners, in the order of their table's key. */
struct rows_read {
    struct part_row *rows;
    size_t n, capacity, next;
};

static enum status read_rows(struct store *s, const char *sql, int64_t from, int64_t to,
                             struct rows_read *r, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, from);
    bind_int(q, 2, to);
    while ((status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        if (r->n == r->capacity) {
            size_t capacity = r->capacity ? r->capacity * 2 : 4096;
            struct part_row *more = realloc(r->rows, capacity * sizeof *more);
            if (!more) {
                status = error_memory(e);
                break;
            }
            r->rows = more;
            r->capacity = capacity;
        }
        r->rows[r->n++] = (struct part_row){column_int(q, 0), column_int(q, 1), column_int(q, 2),
                                            column_int(q, 3), column_int(q, 4)};
    }
    statement_done(q);
    return status;
}

/* Rows of ids that lie close together are read in one go; those of others that come along are
 * passed over later. */
static enum status read_rows_of(struct store *s, const char *sql, const struct store_renewed *items,
                                size_t n, struct rows_read *r, struct error *e)
{
    enum { APART = 16 };
    enum status status = STATUS_OK;
    for (size_t i = 0, k; i < n && status == STATUS_OK; i = k) {
        for (k = i + 1; k < n && items[k].id - items[k - 1].id <= APART;)
            k++;
        status = read_rows(s, sql, items[i].id, items[k - 1].id, r, e);
    }
    return status;
}

/* The rows of an owner; owners are asked for in ascending order. */
static const struct part_row *rows_of(struct rows_read *r, int64_t id, size_t *n)
{
    while (r->next < r->n && r->rows[r->next].owner_id < id)
        r->next++;
    const struct part_row *first = r->rows + r->next;
    for (*n = 0; r->next + *n < r->n && first[*n].owner_id == id;)
        ++*n;
    r->next += *n;
    return first;
}

static bool same_rows(const struct part_row *a, size_t a_n, const struct part_row *b, size_t b_n)
{
    for (size_t i = 0; a_n == b_n && i < a_n; i++)
        if (a[i].owner_id != b[i].owner_id || a[i].region_set != b[i].region_set ||
            a[i].corridor_set != b[i].corridor_set || a[i].slope_class != b[i].slope_class ||
            a[i].area_mm2 != b[i].area_mm2)
            return false;
    return a_n == b_n;
}

static bool ascending(const struct store_renewed *items, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (items[i - 1].id >= items[i].id)
            return false;
    return true;
}

static enum status run_on(struct store *s, const char *sql, int64_t id, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, id);
    return statement_run(s, q, e);
}

/* ---- plots ---- */

struct renewing {
    struct store *s;
    int64_t change, slope_change;
    bool any_expected; /* some revision has expected hectares by slope class */
    struct rows_read parts, hits;
    unsigned char *differs; /* per item */
};

static bool same_real(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_columns(const struct store_figures *a, const struct store_figures *b)
{
    return a->corridor_mm2 == b->corridor_mm2 && a->corridor_verdict == b->corridor_verdict &&
           a->slope_class == b->slope_class && same_real(a->slope_mean_pct, b->slope_mean_pct) &&
           same_real(a->slope_max_pct, b->slope_max_pct) &&
           same_real(a->slope_p10_pct, b->slope_p10_pct) &&
           same_real(a->slope_p50_pct, b->slope_p50_pct) &&
           same_real(a->slope_p90_pct, b->slope_p90_pct) &&
           same_real(a->slope_nodata_share, b->slope_nodata_share) &&
           a->surface_mm2 == b->surface_mm2;
}

static bool same_hits(const struct store_figures *f, const struct part_row *rows, size_t n)
{
    bool same = f->corridors_n == n;
    for (size_t i = 0; same && i < n; i++)
        same = f->corridors[i].feature_id == rows[i].region_set &&
               f->corridors[i].verdict == rows[i].slope_class &&
               f->corridors[i].area_mm2 == rows[i].area_mm2;
    return same;
}

static bool several_pieces(const struct part_row *rows, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (rows[i].region_set != rows[0].region_set ||
            rows[i].corridor_set != rows[0].corridor_set)
            return true;
    return false;
}

/* Whether what belongs to the revision in other tables must be written anew. Sums that the overview
 * counts are renewed here too. */
static enum status compare(struct renewing *r, const struct store_renewed *item, bool *differs,
                           struct error *e)
{
    const struct store_figures *f = item->figures;
    const struct store_standing *was = item->standing;
    size_t n = f->parts_n, was_n, hits_n;
    struct part_row *rows = store_scratch(r->s, (n + 1) * sizeof *rows);
    if (!rows)
        return error_memory(e);
    TRY(parts_to_rows(r->s, item->id, f->parts, &n, rows, e));
    const struct part_row *parts = rows_of(&r->parts, item->id, &was_n),
                          *hits = rows_of(&r->hits, item->id, &hits_n);
    bool same = same_rows(rows, n, parts, was_n) && same_hits(f, hits, hits_n);
    *differs =
        !same || f->errors_n || several_pieces(parts, was_n) || f->expected_n || r->any_expected;
    if (same && same_columns(f, &was->figures) && was->figures.layers_change >= r->slope_change)
        return STATUS_OK; /* tiles that show it need not be drawn anew */
    struct weight w = {.anchor = was->anchor,
                       .box = boundary_box(&was->boundary),
                       .area_mm2 = was->area_mm2},
                  now = w;
    weight_of_rows(parts, was_n, &w);
    w.corridor_mm2 = was->figures.corridor_mm2;
    weight_of_figures(f, &now);
    if (w.corridor_mm2 != now.corridor_mm2 ||
        memcmp(w.class_mm2, now.class_mm2, sizeof w.class_mm2) != 0) {
        TRY(overview_add(r->s, &w, -1, e));
        TRY(overview_add(r->s, &now, 1, e));
    }
    return tile_touch(r->s, &w.box, r->change, e);
}

static enum status update_columns(struct renewing *r, const struct store_renewed *item,
                                  struct error *e)
{
    const struct store_figures *f = item->figures, *was = &item->standing->figures;
    struct statement *q;
    if (same_columns(f, was) && was->layers_change >= r->slope_change)
        return STATUS_OK;
    if (f->corridor_verdict != was->corridor_verdict) /* an index has it */
        TRY(statement_take(
            r->s, "UPDATE revision SET " FIGURES_SET ", corridor_verdict = ?12 WHERE id = ?1", &q,
            e));
    else
        TRY(statement_take(r->s, "UPDATE revision SET " FIGURES_SET " WHERE id = ?1", &q, e));
    bind_int(q, 1, item->id);
    bind_int(q, 2, f->corridor_mm2);
    bind_int(q, 3, f->slope_class);
    bind_real(q, 4, f->slope_mean_pct);
    bind_real(q, 5, f->slope_max_pct);
    bind_real(q, 6, f->slope_p10_pct);
    bind_real(q, 7, f->slope_p50_pct);
    bind_real(q, 8, f->slope_p90_pct);
    bind_real(q, 9, f->slope_nodata_share);
    bind_int(q, 10, f->surface_mm2);
    bind_int(q, 11, f->layers_change);
    if (f->corridor_verdict != was->corridor_verdict)
        bind_int(q, 12, f->corridor_verdict);
    return statement_run(r->s, q, e);
}

static enum status forget_belongings(struct renewing *r, int64_t id, struct error *e)
{
    TRY(run_on(r->s, "DELETE FROM part WHERE revision_id = ?1", id, e));
    TRY(run_on(r->s, "DELETE FROM corridor_hit WHERE revision_id = ?1", id, e));
    TRY(run_on(r->s, "DELETE FROM part_error WHERE revision_id = ?1", id, e));
    return r->any_expected
               ? run_on(r->s, "DELETE FROM slope_expected WHERE revision_id = ?1", id, e)
               : STATUS_OK;
}

static enum status renew(struct renewing *r, const struct store_renewed *items, size_t n,
                         struct error *e)
{
    TRY(read_rows_of(r->s,
                     "SELECT revision_id, region_set, corridor_set, slope_class, area_mm2 FROM "
                     "part WHERE revision_id BETWEEN ?1 AND ?2 ORDER BY "
                     "revision_id, region_set, corridor_set, slope_class",
                     items, n, &r->parts, e));
    TRY(read_rows_of(r->s,
                     "SELECT revision_id, feature_id, 0, verdict, area_mm2 FROM corridor_hit WHERE "
                     "revision_id BETWEEN ?1 AND ?2 ORDER BY "
                     "revision_id, feature_id",
                     items, n, &r->hits, e));
    for (size_t i = 0; i < n; i++) {
        bool differs;
        TRY(compare(r, &items[i], &differs, e));
        r->differs[i] = differs;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(update_columns(r, &items[i], e));
        if (r->differs[i])
            TRY(forget_belongings(r, items[i].id, e));
    }
    for (size_t i = 0; i < n; i++) {
        int64_t epsg = 0;
        if (!r->differs[i])
            continue;
        if (items[i].figures->errors_n)
            TRY(store_int(r->s, "SELECT epsg FROM source_row WHERE revision_id = ?1", items[i].id,
                          0, &epsg, e));
        TRY(figures_write(r->s, items[i].id, (int)epsg, items[i].figures, e));
    }
    return STATUS_OK;
}

enum status store_figures_renew(struct store *s, int64_t change, const struct store_renewed *items,
                                size_t n, struct error *e)
{
    struct renewing r = {.s = s, .change = change};
    int64_t expected;
    TRY(store_need_transaction(s, e));
    TRY(store_int(s, "SELECT CAST(value AS INTEGER) FROM registry WHERE key = 'slope_change'", 0, 0,
                  &r.slope_change, e));
    TRY(store_int(s, "SELECT EXISTS (SELECT 1 FROM slope_expected)", 0, 0, &expected, e));
    r.any_expected = expected != 0;
    if (!ascending(items, n))
        return error_set(e, STATUS_INTERNAL, "bad_order", NULL,
                         "Figures must come in the order of their revisions.");
    r.differs = calloc(n + 1, 1);
    enum status status = r.differs ? renew(&r, items, n, e) : error_memory(e);
    free(r.parts.rows);
    free(r.hits.rows);
    free(r.differs);
    return status;
}

enum status store_figures_replace(struct store *s, int64_t revision_id, int64_t change,
                                  const struct store_figures *f, struct error *e)
{
    struct store_standing standing;
    struct arena a;
    arena_init(&a, 0);
    TRY(store_need_transaction(s, e));
    enum status status = store_standing(s, revision_id, &a, &standing, e);
    struct store_renewed item = {revision_id, f, &standing};
    if (status == STATUS_OK)
        status = store_figures_renew(s, change, &item, 1, e);
    arena_clear(&a);
    return status;
}

/* ---- faces ---- */

enum status store_faces_page(struct store *s, int64_t *after,
                             bool (*wanted)(const struct box *, const void *),
                             const void *wanted_arg, struct arena *a, struct store_face_ground *out,
                             size_t max, size_t *n, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    *n = 0;
    TRY(statement_take(
        s, "SELECT id, area_mm2, geom FROM face WHERE id > ?1 AND to_change IS NULL ORDER BY id",
        &q, e));
    bind_int(q, 1, *after);
    while (*n < max && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        const void *bytes = sqlite3_column_blob(q->stmt, 2);
        size_t bytes_n = (size_t)sqlite3_column_bytes(q->stmt, 2);
        struct box box;
        *after = column_int(q, 0);
        if (blob_box(bytes, bytes_n, &box) && !wanted(&box, wanted_arg))
            continue;
        out[*n] = (struct store_face_ground){*after, column_int(q, 1), {0}};
        if ((status = blob_decode(bytes, bytes_n, a, &out[(*n)++].boundary, e)) != STATUS_OK)
            break;
    }
    statement_done(q);
    return status;
}

static enum status renew_faces(struct store *s, const struct store_renewed *items, size_t n,
                               struct rows_read *parts, unsigned char *differs, struct error *e)
{
    TRY(read_rows_of(s,
                     "SELECT face_id, region_set, corridor_set, slope_class, area_mm2 FROM "
                     "face_part WHERE face_id BETWEEN ?1 AND ?2 "
                     "ORDER BY face_id, region_set, corridor_set, slope_class",
                     items, n, parts, e));
    for (size_t i = 0; i < n; i++) {
        size_t rows_n = items[i].figures->parts_n, was_n;
        struct part_row *rows = store_scratch(s, (rows_n + 1) * sizeof *rows);
        if (!rows)
            return error_memory(e);
        TRY(parts_to_rows(s, items[i].id, items[i].figures->parts, &rows_n, rows, e));
        const struct part_row *was = rows_of(parts, items[i].id, &was_n);
        differs[i] = !same_rows(rows, rows_n, was, was_n);
    }
    for (size_t i = 0; i < n; i++)
        if (differs[i])
            TRY(run_on(s, "DELETE FROM face_part WHERE face_id = ?1", items[i].id, e));
    for (size_t i = 0; i < n; i++)
        if (differs[i])
            TRY(face_parts_write(s, items[i].id, items[i].figures->parts, items[i].figures->parts_n,
                                 e));
    return STATUS_OK;
}

enum status store_face_parts_renew(struct store *s, const struct store_renewed *items, size_t n,
                                   struct error *e)
{
    struct rows_read parts = {0};
    TRY(store_need_transaction(s, e));
    if (!ascending(items, n))
        return error_set(e, STATUS_INTERNAL, "bad_order", NULL,
                         "Figures must come in the order of their faces.");
    unsigned char *differs = calloc(n + 1, 1);
    enum status status = differs ? renew_faces(s, items, n, &parts, differs, e) : error_memory(e);
    free(parts.rows);
    free(differs);
    return status;
}
