/* Rows of the tables that an import fills, inserted some at a time: half the cost of one by one.
 *
 * Rows wait in memory, with copies of their texts, and are written when enough are there and before
 * anything but an INSERT is taken (statement_take), so that no reader inside the transaction misses
 * one. OR FAIL: without it SQLite keeps a journal per statement of several rows. A failure ends the
 * transaction anyway. */
#include <stdlib.h>

#include "service/store/private.h"

static const struct {
    const char *insert;
    unsigned columns, at_once;
} TABLES[ROWS_TABLES_N] = {
    [ROWS_PRODUCER] = {"producer (id, programme_id, code, name, gender, birth_year)", 6, 32},
    [ROWS_PLOT] = {"plot (id, programme_id, current_revision_id, code)", 4, 32},
    [ROWS_REVISION] =
        {"revision (id, corridor_mm2, corridor_verdict, slope_class, slope_mean_pct, "
         "slope_max_pct, "
         "slope_p10_pct, slope_p50_pct, slope_p90_pct, slope_nodata, surface_mm2, layers_change, "
         "plot_id, from_change, previous_id, number, programme_id, organisation_id, producer_id, "
         "code, crop, practice, adoption_year, survey, area_mm2, anchor_lon, anchor_lat, "
         "perimeter_m, name, observed_date, declared_ha, accuracy_m, repaired, geometry_hash, "
         "content_hash, drawing, area_se_m2, geom, import_id)",
         39, 8},
    [ROWS_SOURCE] = {"source_row (revision_id, file, row, attributes, epsg, wkb, datum_accuracy_m)",
                     7, 32},
    [ROWS_PART] = {"part (revision_id, region_set, corridor_set, slope_class, area_mm2)", 5, 32},
    [ROWS_CORRIDOR] = {"corridor_hit (revision_id, feature_id, area_mm2, verdict)", 4, 32},
    [ROWS_EXPECTED] = {"slope_expected (revision_id, pieces)", 2, 32},
    [ROWS_PART_ERROR] = {"part_error (revision_id, region_set, corridor_set, piece, east_m, "
                         "north_m, covariance, epsg)",
                         8, 16},
    [ROWS_FINDING] = {"finding (import_id, code, file, row, plot, lon, lat, message, effect_m2)", 9, 32},
    [ROWS_FACE] = {"face (id, owner_id, from_change, area_mm2, geom, coarse)", 6, 32},
    [ROWS_FACE_MEMBER] = {"face_member (face_id, revision_id)", 2, 32},
    [ROWS_FACE_PART] = {"face_part (face_id, region_set, corridor_set, slope_class, area_mm2)", 5,
                        32},
    [ROWS_OVERVIEW] = {"overview_cell (zoom, cell, plots, area_mm2, corridor_mm2, classes)", 6, 32},
    [ROWS_BOX] = {"idx_revision_geom_rowid (rowid, nodeno)", 2, 32},
};

/* ---- the row at hand ---- */

struct pending_rows *row_begin(struct store *s, enum rows_table table)
{
    struct pending_rows *p = &s->rows[table];
    p->table = table;
    if (!p->values)
        p->values =
            calloc((size_t)TABLES[table].columns * TABLES[table].at_once, sizeof *p->values);
    p->next = p->values ? p->values + p->n * TABLES[table].columns : NULL;
    return p;
}

/* Statements keep what was bound. Half of an import's numbers are those of the row that stood here
 * before (its change, its programme, nothing): they are not bound again. */
static void put(struct pending_rows *p, struct row_value value)
{
    struct row_value *at = p->next;
    if (!at)
        return;
    p->next++;
    bool number = value.type == SQLITE_INTEGER || value.type == SQLITE_FLOAT;
    bool same = at->type == value.type &&
                (value.type == SQLITE_NULL || (number && at->integer == value.integer));
    if (same)
        return;
    value.fresh = true;
    *at = value;
}

void row_int(struct pending_rows *p, int64_t value)
{
    put(p, (struct row_value){.type = SQLITE_INTEGER, .integer = value});
}

void row_int_or_null(struct pending_rows *p, int64_t value)
{
    put(p, (struct row_value){.type = value ? SQLITE_INTEGER : SQLITE_NULL, .integer = value});
}

void row_real(struct pending_rows *p, double value)
{
    put(p, (struct row_value){.type = isnan(value) ? SQLITE_NULL : SQLITE_FLOAT, .real = value});
}

void row_text(struct pending_rows *p, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    put(p, (struct row_value){
               .type = text ? SQLITE_TEXT : SQLITE_NULL, .at = p->bytes.length, .n = n});
    if (text)
        buf_put(&p->bytes, text, n);
}

void row_blob(struct pending_rows *p, const void *bytes, size_t n)
{
    bool any = n && bytes;
    put(p,
        (struct row_value){.type = any ? SQLITE_BLOB : SQLITE_NULL, .at = p->bytes.length, .n = n});
    if (any)
        buf_put(&p->bytes, bytes, n);
}

void row_boundary(struct pending_rows *p, const struct boundary *b)
{
    size_t n = b->points_n ? blob_size(b) : 0;
    char *bytes = buf_reserve(&p->bytes, n);
    put(p, (struct row_value){.type = n ? SQLITE_BLOB : SQLITE_NULL, .at = p->bytes.length, .n = n});
    if (!bytes || !n)
        return;
    blob_encode(b, (unsigned char *)bytes);
    p->bytes.length += n;
}

enum status row_end(struct store *s, struct pending_rows *p, struct error *e)
{
    if (!p->next || p->bytes.failed)
        return error_memory(e);
    s->rows_waiting = true;
    return ++p->n == TABLES[p->table].at_once ? rows_write(s, p, e) : STATUS_OK;
}

/* ---- writing ---- */

static bool make_statements(struct pending_rows *p)
{
    unsigned columns = TABLES[p->table].columns;
    struct buf b[2];
    for (int many = 0; many < 2; many++) {
        buf_init(&b[many], 0);
        buf_printf(&b[many], "INSERT OR FAIL INTO %s VALUES ", TABLES[p->table].insert);
        for (unsigned row = 0; row < (many ? TABLES[p->table].at_once : 1); row++)
            for (unsigned c = 0; c < columns; c++)
                buf_puts(&b[many], c ? ",?" : row ? "),(?" : "(?");
        buf_putc(&b[many], ')');
    }
    bool ok = !b[0].failed && !b[1].failed;
    for (int many = 0; many < 2; many++) {
        if (ok)
            p->insert[many] = buf_steal(&b[many]);
        buf_clear(&b[many]);
    }
    return ok;
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct row_value *v,
                      const struct buf *bytes)
{
    switch (v->type) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(stmt, at, v->integer);
    case SQLITE_FLOAT:
        return sqlite3_bind_double(stmt, at, v->real);
    case SQLITE_TEXT:
        return sqlite3_bind_text64(stmt, at, v->n ? bytes->bytes + v->at : "", v->n, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case SQLITE_BLOB:
        return sqlite3_bind_blob64(stmt, at, bytes->bytes + v->at, v->n, SQLITE_STATIC);
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

static enum status insert(struct store *s, struct pending_rows *p, size_t first, bool many,
                          struct error *e)
{
    struct statement *q;
    size_t columns = TABLES[p->table].columns, n = columns * (many ? TABLES[p->table].at_once : 1);
    TRY(statement_take(s, p->insert[many], &q, e));
    struct row_value *values = p->values + first * columns;
    for (size_t i = 0; i < n && q->bind_rc == SQLITE_OK; i++) {
        if (!values[i].fresh && many)
            continue;
        q->bind_rc = bind_value(q->stmt, (int)i + 1, &values[i], &p->bytes);
        if (many && q->bind_rc == SQLITE_OK)
            values[i].fresh = false;
    }
    return statement_run(s, q, e);
}

enum status rows_write(struct store *s, struct pending_rows *p, struct error *e)
{
    size_t n = p->n;
    enum status status = STATUS_OK;
    p->n = 0;
    if (!n)
        return STATUS_OK;
    if (!p->insert[0] && !make_statements(p))
        return error_memory(e);
    if (n == TABLES[p->table].at_once)
        status = insert(s, p, 0, true, e);
    else
        for (size_t i = 0; i < n && status == STATUS_OK; i++)
            status = insert(s, p, i, false, e);
    buf_reset(&p->bytes);
    return status;
}

enum status rows_flush(struct store *s, struct error *e)
{
    enum status status = STATUS_OK;
    s->rows_waiting = false;
    for (int t = 0; t < ROWS_TABLES_N && status == STATUS_OK; t++)
        status = rows_write(s, &s->rows[t], e);
    return status;
}

void rows_forget(struct store *s)
{
    s->rows_waiting = false;
    for (int t = 0; t < ROWS_TABLES_N; t++) {
        s->rows[t].n = 0;
        buf_reset(&s->rows[t].bytes);
    }
}

void rows_close(struct store *s)
{
    for (int t = 0; t < ROWS_TABLES_N; t++) {
        free(s->rows[t].values);
        free(s->rows[t].insert[0]);
        free(s->rows[t].insert[1]);
        buf_clear(&s->rows[t].bytes);
    }
}
