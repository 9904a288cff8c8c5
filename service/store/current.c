/* Current revisions: by code, by boundary, by box; all boxes; the boundary of a revision. */
#include <stdlib.h>

#include "service/store/private.h"

bool column_hash(struct statement *q, int at, unsigned char out[16])
{
    const void *bytes = sqlite3_column_blob(q->stmt, at);
    if (!bytes || sqlite3_column_bytes(q->stmt, at) != 16)
        return false;
    memcpy(out, bytes, 16);
    return true;
}

enum status revision_damaged(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "revision_corrupt", "Restore the registry from a backup.",
                     "A stored revision cannot be read.");
}

/* Columns: two ids (read by the caller), geometry_hash, content_hash, area_mm2, geom. */
static enum status read_current(struct statement *q, struct store_current *out, struct error *e)
{
    out->area_mm2 = column_int(q, 4);
    bool ok = column_hash(q, 2, out->geometry_hash) && column_hash(q, 3, out->content_hash) &&
              blob_box(sqlite3_column_blob(q->stmt, 5), (size_t)sqlite3_column_bytes(q->stmt, 5),
                       &out->box);
    return ok ? STATUS_OK : revision_damaged(e);
}

enum status store_plot_find(struct store *s, int64_t programme_id, const char *code,
                            struct store_current *out, bool *found, struct error *e)
{
    struct statement *q;
    bool row;
    *found = false;
    memset(out, 0, sizeof *out);
    if (!code)
        return STATUS_OK;
    TRY(statement_take(s, PLOT_FIND_SQL, &q, e));
    bind_text(q, 1, code);
    bind_int(q, 2, programme_id);
    enum status status = statement_next(s, q, &row, e);
    if (row) {
        out->plot_id = column_int(q, 0);
        out->revision_id = column_int(q, 1);
        *found = out->revision_id != 0;
        if (*found)
            status = read_current(q, out, e);
    }
    statement_done(q);
    return status;
}

static enum status each_same_geometry(struct store *s, int64_t programme_id,
                                      const unsigned char *hash,
                                      bool (*each)(const struct store_current *, void *), void *arg,
                                      struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, SAME_GEOMETRY_SQL, &q, e));
    bind_blob(q, 1, hash, 16);
    bind_int(q, 2, programme_id);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        struct store_current current = {.revision_id = column_int(q, 0),
                                        .plot_id = column_int(q, 1)};
        status = read_current(q, &current, e);
        go = status == STATUS_OK && each(&current, arg);
    }
    statement_done(q);
    return status;
}

/* Calls each for the current revisions among `ids` whose exact box meets `box`. */
struct current_query {
    int64_t programme_id; /* -1 = all */
    const struct box *box;
    bool (*each)(const struct store_current *, void *);
    void *arg;
};

static enum status each_listed(struct store *s, const struct current_query *c, const int64_t *ids,
                               size_t n, struct error *e)
{
    struct statement *q;
    bool row, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        s,
        "SELECT plot_id, programme_id, geometry_hash, content_hash, area_mm2, geom FROM revision "
        "WHERE id = ?1 AND to_change IS NULL",
        &q, e));
    for (size_t i = 0; go && status == STATUS_OK && i < n; i++) {
        struct store_current current = {.revision_id = ids[i]};
        sqlite3_reset(q->stmt);
        bind_int(q, 1, ids[i]);
        status = statement_next(s, q, &row, e);
        if (status != STATUS_OK || !row ||
            (c->programme_id >= 0 && column_int(q, 1) != c->programme_id))
            continue;
        current.plot_id = column_int(q, 0);
        status = read_current(q, &current, e);
        if (status == STATUS_OK && box_overlaps(&current.box, c->box))
            go = c->each(&current, c->arg);
    }
    statement_done(q);
    return status;
}

static enum status each_in_box(struct store *s, const struct current_query *c, struct error *e)
{
    int64_t *ids;
    size_t n;
    enum status status = boxes_query(s, c->box, &ids, &n, e);
    if (status == STATUS_OK)
        status = each_listed(s, c, ids, n, e);
    free(ids);
    return status;
}

enum status store_each_current(struct store *s, int64_t programme_id,
                               const unsigned char *geometry_hash, const struct box *box,
                               bool (*each)(const struct store_current *, void *), void *arg,
                               struct error *e)
{
    if (geometry_hash)
        return each_same_geometry(s, programme_id, geometry_hash, each, arg, e);
    if (!box)
        return error_set(e, STATUS_INTERNAL, "bad_query", NULL,
                         "Current plots are asked by boundary or by box.");
    struct current_query c = {programme_id, box, each, arg};
    return each_in_box(s, &c, e);
}

/* ---- boxes and boundaries ---- */

struct boxed_call {
    bool (*each)(const struct store_boxed *, void *);
    void *arg;
};

static bool give_box(const struct store_current *current, void *arg)
{
    struct boxed_call *call = arg;
    struct store_boxed boxed = {current->revision_id, current->box};
    return call->each(&boxed, call->arg);
}

static enum status each_box_of_all(struct store *s, struct boxed_call *call, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        s, "SELECT id, geom FROM revision NOT INDEXED WHERE to_change IS NULL ORDER BY id", &q, e));
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        struct store_boxed boxed = {.revision_id = column_int(q, 0)};
        if (!blob_box(sqlite3_column_blob(q->stmt, 1), (size_t)sqlite3_column_bytes(q->stmt, 1),
                      &boxed.box))
            status = revision_damaged(e);
        else
            go = call->each(&boxed, call->arg);
    }
    statement_done(q);
    return status;
}

enum status store_each_box(struct store *s, const struct box *box,
                           bool (*each)(const struct store_boxed *, void *), void *arg,
                           struct error *e)
{
    struct boxed_call call = {each, arg};
    if (!box)
        return each_box_of_all(s, &call, e);
    struct current_query c = {-1, box, give_box, &call};
    return each_in_box(s, &c, e);
}

enum status store_boundary(struct store *s, int64_t revision_id, struct arena *a,
                           struct boundary *out, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT geom FROM revision WHERE id = ?1", &q, e));
    bind_int(q, 1, revision_id);
    enum status status = statement_next(s, q, &row, e);
    if (row)
        status = blob_decode(sqlite3_column_blob(q->stmt, 0),
                             (size_t)sqlite3_column_bytes(q->stmt, 0), a, out, e);
    statement_done(q);
    if (status == STATUS_OK && !row)
        return error_set(e, STATUS_NOT_FOUND, "revision_not_found", NULL,
                         "There is no revision %lld.", (long long)revision_id);
    return status;
}
