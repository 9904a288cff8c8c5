/* The rows that totals are made of: current revisions in id order merged with their parts in the
 * same order, two scans side by side without a lookup per plot. */
#include <stdlib.h>

#include "service/store/private.h"

struct totalling {
    struct store *s;
    struct statement *revisions, *parts, *errors;
    struct statement chosen; /* revisions, when there is a condition */
    struct where_sql *where;
    int64_t error_key[3]; /* of the row of errors at hand */
    bool past;          /* as of a moment: the statement has the column of COLUMNS_THEN */
    struct arena arena; /* of its values */
    char *genders;      /* by producer id */
    int64_t genders_n;
    int64_t *repaired; /* ids, ascending */
    size_t repaired_n, repaired_at;
    int64_t *programmes; /* ids of the filter */
    size_t programmes_n;
    bool (*each)(const struct store_total_row *, void *);
    void *arg;
    struct error *e;
};

static enum status genders_read(struct totalling *t)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(store_int(t->s, "SELECT max(id) FROM producer", 0, 0, &t->genders_n, t->e));
    t->genders = calloc((size_t)++t->genders_n, 1);
    if (!t->genders)
        return error_memory(t->e);
    TRY(statement_take(t->s, "SELECT id, gender FROM producer WHERE gender IS NOT NULL", &q, t->e));
    while ((status = statement_next(t->s, q, &row, t->e)) == STATUS_OK && row)
        if (column_int(q, 0) > 0 && column_int(q, 0) < t->genders_n)
            t->genders[column_int(q, 0)] = *column_text(q, 1);
    statement_done(q);
    return status;
}

static enum status repaired_read(struct totalling *t)
{
    struct statement *q;
    bool row = true;
    int64_t n;
    enum status status = STATUS_OK;
    TRY(store_int(t->s, "SELECT count(*) FROM revision INDEXED BY revision_repaired WHERE repaired = 1", 0, 0, &n, t->e));
    if (!(t->repaired = calloc((size_t)n + 1, sizeof *t->repaired)))
        return error_memory(t->e);
    TRY(statement_take(t->s,
                       "SELECT id FROM revision INDEXED BY revision_repaired WHERE repaired = 1 "
                       "ORDER BY id",
                       &q, t->e));
    while (t->repaired_n < (size_t)n && (status = statement_next(t->s, q, &row, t->e)) == STATUS_OK &&
           row)
        t->repaired[t->repaired_n++] = column_int(q, 0);
    statement_done(q);
    return status;
}

/* Revisions come in ascending order. */
static bool is_repaired(struct totalling *t, int64_t revision_id)
{
    while (t->repaired_at < t->repaired_n && t->repaired[t->repaired_at] < revision_id)
        t->repaired_at++;
    return t->repaired_at < t->repaired_n && t->repaired[t->repaired_at] == revision_id;
}

/* Codes that do not exist select nothing. */
static enum status filter_read(struct totalling *t, const struct store_totals_filter *filter)
{
    if (!filter || !filter->programmes_n)
        return STATUS_OK;
    t->programmes = calloc(filter->programmes_n, sizeof *t->programmes);
    if (!t->programmes)
        return error_memory(t->e);
    for (size_t i = 0; i < filter->programmes_n; i++) {
        struct statement *q;
        bool row;
        TRY(statement_take(t->s, "SELECT id FROM programme WHERE code = ?1", &q, t->e));
        bind_text(q, 1, filter->programmes[i]);
        enum status status = statement_next(t->s, q, &row, t->e);
        t->programmes[t->programmes_n++] = row ? column_int(q, 0) : -1;
        statement_done(q);
        TRY(status);
    }
    return STATUS_OK;
}

static bool wanted(const struct totalling *t, int64_t programme_id)
{
    for (size_t i = 0; i < t->programmes_n; i++)
        if (t->programmes[i] == programme_id)
            return true;
    return t->programmes_n == 0;
}

/* With a condition the index still drives: a plot's row is read only where the condition asks for
 * more than the index has. */
#define COLUMNS                                                                                    \
    "SELECT r.id, r.plot_id, r.programme_id, r.organisation_id, r.producer_id, r.crop, "           \
    "r.practice, r.adoption_year, r.survey, r.corridor_verdict, r.area_mm2, r.area_se_m2 FROM "    \
    "revision r "
/* The last column: figures of an earlier table of slope classes, whose classes mean nothing today.
 */
#define COLUMNS_THEN                                                                               \
    "SELECT r.id, r.plot_id, r.programme_id, r.organisation_id, r.producer_id, r.crop, "           \
    "r.practice, r.adoption_year, r.survey, r.corridor_verdict, r.area_mm2, r.area_se_m2, "        \
    "r.layers_change < (SELECT CAST(value AS INTEGER) FROM registry WHERE key = 'slope_change') "  \
    "FROM revision r "
#define THEN "NOT INDEXED WHERE r.from_change <= ?1 AND (r.to_change IS NULL OR r.to_change > ?1)"
#define NOW "INDEXED BY revision_current WHERE r.to_change IS NULL"
#define ORDER " ORDER BY r.id"

static enum status begin_where(struct totalling *t, const struct store_totals_filter *filter)
{
    if (!(t->where = malloc(sizeof *t->where)))
        return error_memory(t->e);
    TRY(where_compile(t->s, filter->where,
                      filter->as_of_change ? COLUMNS_THEN THEN " AND " : COLUMNS NOW " AND ", ORDER,
                      2, &t->arena, t->where, t->e));
    TRY(statement_make(t->s, t->where->text.bytes, &t->chosen, t->e));
    where_bind(&t->chosen, t->where);
    t->revisions = &t->chosen;
    return STATUS_OK;
}

static enum status begin(struct totalling *t, const struct store_totals_filter *filter)
{
    int64_t as_of = filter ? filter->as_of_change : 0;
    TRY(genders_read(t));
    TRY(repaired_read(t));
    TRY(filter_read(t, filter));
    if (filter && filter->where)
        TRY(begin_where(t, filter));
    else
        TRY(statement_take(t->s, as_of ? COLUMNS_THEN THEN ORDER : TOTALS_SQL, &t->revisions,
                           t->e));
    t->past = as_of != 0;
    if (as_of)
        bind_int(t->revisions, 1, as_of);
    TRY(statement_take(t->s, ERRORS_SQL, &t->errors, t->e));
    return statement_take(t->s, PARTS_SQL, &t->parts, t->e);
}

static void end(struct totalling *t)
{
    if (t->revisions == &t->chosen)
        statement_drop(&t->chosen);
    else
        statement_done(t->revisions);
    statement_done(t->parts);
    statement_done(t->errors);
    if (t->where)
        buf_clear(&t->where->text);
    free(t->where);
    arena_clear(&t->arena);
    free(t->genders);
    free(t->repaired);
    free(t->programmes);
}

static void read_revision(struct totalling *t, struct store_total_row *row)
{
    struct statement *q = t->revisions;
    row->revision_id = column_int(q, 0);
    row->plot_id = column_int(q, 1);
    row->programme_id = column_int(q, 2);
    row->organisation_id = column_int(q, 3);
    row->producer_id = column_int(q, 4);
    row->producer_gender =
        row->producer_id > 0 && row->producer_id < t->genders_n ? t->genders[row->producer_id] : 0;
    row->crop = column_text(q, 5);
    row->practice = column_text(q, 6);
    row->adoption_year = (int)column_int(q, 7);
    row->survey = (int)column_int(q, 8);
    row->corridor_verdict = (int)column_int(q, 9);
    row->repaired = is_repaired(t, row->revision_id);
    row->plot_mm2 = column_int(q, 10);
    row->plot_se_m2 = column_real(q, 11);
}

static enum status next_error(struct totalling *t, bool *errors)
{
    TRY(statement_next(t->s, t->errors, errors, t->e));
    for (int i = 0; *errors && i < 3; i++)
        t->error_key[i] = column_int(t->errors, i);
    return STATUS_OK;
}

/* Is the row of errors before that of the part? */
static int error_order(const struct totalling *t, const struct store_total_row *row)
{
    const int64_t keys[] = {row->revision_id, row->region_set, row->corridor_set};
    for (int i = 0; i < 3; i++)
        if (t->error_key[i] != keys[i])
            return t->error_key[i] < keys[i] ? -1 : 1;
    return 0;
}

/* The errors of the part's piece; those rows are in the order of the parts. */
static enum status read_error(struct totalling *t, bool *errors, struct store_total_row *row)
{
    int order = 1;
    while (*errors && (order = error_order(t, row)) < 0)
        TRY(next_error(t, errors));
    row->piece = -1;
    row->pieces_n = 0;
    row->covariance = NULL;
    if (!*errors || order != 0)
        return STATUS_OK;
    row->pieces_n = (int)((size_t)sqlite3_column_bytes(t->errors->stmt, 6) / sizeof(double));
    row->covariance = sqlite3_column_blob(t->errors->stmt, 6);
    row->east_m = column_real(t->errors, 4);
    row->north_m = column_real(t->errors, 5);
    row->source_epsg = (int)column_int(t->errors, 7);
    if (column_int(t->errors, 3) >= 0 && column_int(t->errors, 3) < row->pieces_n)
        row->piece = (int)column_int(t->errors, 3);
    return STATUS_OK;
}

static enum status merge(struct totalling *t)
{
    bool more = true, parts = true, errors = true, go = true;
    struct store_total_row row = {0};
    TRY(next_error(t, &errors));
    TRY(statement_next(t->s, t->parts, &parts, t->e));
    while (go && parts) {
        TRY(statement_next(t->s, t->revisions, &more, t->e));
        if (!more)
            break;
        if (!wanted(t, column_int(t->revisions, 2)))
            continue;
        read_revision(t, &row);
        bool other_table = t->past && column_int(t->revisions, 12);
        while (parts && column_int(t->parts, 0) < row.revision_id)
            TRY(statement_next(t->s, t->parts, &parts, t->e));
        while (go && parts && column_int(t->parts, 0) == row.revision_id) {
            row.region_set = column_int(t->parts, 1);
            row.corridor_set = column_int(t->parts, 2);
            row.slope_class = other_table ? -1 : (int)column_int(t->parts, 3);
            row.area_mm2 = column_int(t->parts, 4);
            TRY(read_error(t, &errors, &row));
            go = t->each(&row, t->arg);
            TRY(statement_next(t->s, t->parts, &parts, t->e));
        }
    }
    return STATUS_OK;
}

enum status store_each_total_row(struct store *s, const struct store_totals_filter *filter,
                                 bool (*each)(const struct store_total_row *, void *), void *arg,
                                 struct error *e)
{
    struct totalling t = {.s = s, .each = each, .arg = arg, .e = e};
    bool own = !s->snapshot && !s->transaction; /* words and rows of one state */
    if (own)
        TRY(store_snapshot_begin(s, e));
    arena_init(&t.arena, 0);
    enum status status = begin(&t, filter);
    if (status == STATUS_OK)
        status = merge(&t);
    end(&t);
    if (own)
        store_snapshot_end(s);
    return status;
}
