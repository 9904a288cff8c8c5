/* Undoing an import: its revisions and faces never counted (to_change = from_change), what they replaced is current again.
 * Only the newest word about a plot can be undone: when a later import revised one of its plots, nothing is changed. */
#include <stdlib.h>

#include "service/store/private.h"

struct undone {
    int64_t revision_id, plot_id, previous_id;
    bool current;
};
struct undone_list {
    struct undone *items;
    size_t n;
};

/* Ids of the revisions made by a change: [first, after). */
static enum status id_range(struct store *s, int64_t change, int64_t *first, int64_t *after, struct error *e)
{
    int64_t newest;
    TRY(store_int(s, "SELECT max(id) FROM revision", 0, 0, &newest, e));
    TRY(store_int(s, "SELECT first_revision_id FROM change WHERE number = ?1", change, 0, first, e));
    return store_int(s, "SELECT first_revision_id FROM change WHERE number > ?1 ORDER BY number LIMIT 1", change, newest + 1, after, e);
}

static enum status blocked(struct store *s, int64_t import_id, int64_t first, int64_t after, int64_t change, struct error *e)
{
    struct statement *q;
    char names[256] = "";
    size_t n = 0;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        s, "SELECT code, plot_id FROM revision WHERE id >= ?1 AND id < ?2 AND from_change = ?3 AND to_change > ?3 ORDER BY id LIMIT 6", &q, e));
    bind_int(q, 1, first);
    bind_int(q, 2, after);
    bind_int(q, 3, change);
    for (; (status = statement_next(s, q, &row, e)) == STATUS_OK && row; n++) {
        size_t used = strlen(names);
        if (n == 5)
            snprintf(names + used, sizeof names - used, ", ...");
        else if (column_text(q, 0))
            snprintf(names + used, sizeof names - used, "%s%.40s", n ? ", " : "", column_text(q, 0));
        else
            snprintf(names + used, sizeof names - used, "%s#%lld", n ? ", " : "", (long long)column_int(q, 1));
    }
    statement_done(q);
    if (status == STATUS_OK && n)
        return error_set(e, STATUS_CONFLICT, "revert_blocked", "Revert the later imports first.",
                         "Import %lld cannot be undone: a later import revised its plots (%s).", (long long)import_id, names);
    return status;
}

static enum status list_undone(struct store *s, int64_t first, int64_t after, int64_t change, struct undone_list *list, struct error *e)
{
    struct statement *q;
    size_t capacity = 0;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT id, plot_id, previous_id, to_change IS NULL FROM revision WHERE id >= ?1 AND id < ?2 AND from_change = ?3 "
                       "ORDER BY id",
                       &q, e));
    bind_int(q, 1, first);
    bind_int(q, 2, after);
    bind_int(q, 3, change);
    while ((status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        if (list->n == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            struct undone *more = realloc(list->items, capacity * sizeof *more);
            if (!more) {
                status = error_memory(e);
                break;
            }
            list->items = more;
        }
        list->items[list->n++] = (struct undone){column_int(q, 0), column_int(q, 1), column_int(q, 2), column_int(q, 3) != 0};
    }
    statement_done(q);
    return status;
}

/* The revision before this import: a code that came twice in one import has revised the plot twice. */
static enum status before_import(struct store *s, int64_t change, int64_t *revision_id, struct error *e)
{
    for (int64_t from = change; *revision_id;) {
        TRY(store_int(s, "SELECT from_change FROM revision WHERE id = ?1", *revision_id, 0, &from, e));
        if (from != change)
            break;
        TRY(store_int(s, "SELECT previous_id FROM revision WHERE id = ?1", *revision_id, 0, revision_id, e));
    }
    return STATUS_OK;
}

static enum status undo(struct store *s, const struct undone *u, int64_t import_change, int64_t change,
                        bool (*touched)(int64_t, struct box, bool, void *), void *arg, struct error *e)
{
    struct weight w;
    int64_t previous = u->previous_id;
    if (!u->current)
        return STATUS_OK;
    TRY(weight_load(s, u->revision_id, &w, e));
    TRY(revision_end(s, u->revision_id, import_change, change, e));
    bool go = touched(u->revision_id, w.box, false, arg);
    TRY(before_import(s, import_change, &previous, e));
    TRY(plot_set_current(s, u->plot_id, previous, e));
    if (!previous || !go)
        return go ? STATUS_OK : error_set(e, STATUS_CANCELLED, "cancelled", NULL, "Stopped on request.");
    TRY(weight_load(s, previous, &w, e));
    TRY(revision_end(s, previous, 0, change, e));
    if (!touched(previous, w.box, true, arg))
        return error_set(e, STATUS_CANCELLED, "cancelled", NULL, "Stopped on request.");
    return STATUS_OK;
}

static enum status run_two(struct store *s, const char *sql, int64_t a, int64_t b, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, a);
    if (sqlite3_bind_parameter_count(q->stmt) > 1)
        bind_int(q, 2, b);
    return statement_run(s, q, e);
}

/* Faces with an undone member never counted or end now; those that the import ended count again while all their members are
 * current and no face has taken their place. The registry computes anew what lies around the touched plots. */
static enum status undo_faces(struct store *s, int64_t import_change, int64_t change, struct error *e)
{
    TRY(run_two(s, "UPDATE face SET to_change = from_change WHERE from_change = ?1 AND to_change IS NULL", import_change, 0, e));
    TRY(run_two(s,
                "UPDATE face SET to_change = max(?2, from_change) WHERE to_change IS NULL AND from_change > ?1 AND EXISTS ("
                "SELECT 1 FROM face_member m JOIN revision r ON r.id = m.revision_id WHERE m.face_id = face.id AND r.to_change IS NOT NULL)",
                import_change, change, e));
    return run_two(s,
                   "UPDATE face SET to_change = NULL WHERE to_change = ?1 AND from_change < ?1 AND NOT EXISTS ("
                   "SELECT 1 FROM face_member m JOIN revision r ON r.id = m.revision_id WHERE m.face_id = face.id AND r.to_change IS NOT NULL) "
                   "AND NOT EXISTS (SELECT 1 FROM face g WHERE g.owner_id = face.owner_id AND g.to_change IS NULL)",
                   import_change, 0, e);
}

static enum status mark(struct store *s, int64_t import_id, int64_t change, struct error *e)
{
    struct statement *q;
    char now[24];
    store_now(now);
    TRY(statement_take(s, "UPDATE import SET status = 'reverted', reverted_at = ?2, reverted_change = ?3 WHERE id = ?1", &q, e));
    bind_int(q, 1, import_id);
    bind_text(q, 2, now);
    bind_int(q, 3, change);
    return statement_run(s, q, e);
}

static enum status may_revert(struct store *s, int64_t import_id, int64_t *import_change, struct error *e)
{
    int64_t reverted;
    TRY(store_int(s, "SELECT change FROM import WHERE id = ?1", import_id, 0, import_change, e));
    if (!*import_change)
        return error_set(e, STATUS_NOT_FOUND, "import_not_found", "List them with parcela imports.", "There is no import %lld.",
                         (long long)import_id);
    TRY(store_int(s, "SELECT status = 'reverted' FROM import WHERE id = ?1", import_id, 0, &reverted, e));
    if (reverted)
        return error_set(e, STATUS_CONFLICT, "already_reverted", NULL, "Import %lld is undone already.", (long long)import_id);
    return STATUS_OK;
}

enum status store_import_revert(struct store *s, int64_t import_id, int64_t change, bool (*touched)(int64_t, struct box, bool, void *), void *arg,
                                struct error *e)
{
    int64_t import_change, first, after;
    struct undone_list list = {0};
    TRY(store_need_transaction(s, e));
    TRY(may_revert(s, import_id, &import_change, e));
    TRY(id_range(s, import_change, &first, &after, e));
    TRY(blocked(s, import_id, first, after, import_change, e));
    enum status status = list_undone(s, first, after, import_change, &list, e);
    for (size_t i = 0; status == STATUS_OK && i < list.n; i++)
        status = undo(s, &list.items[i], import_change, change, touched, arg, e);
    free(list.items);
    if (status == STATUS_OK) /* held rows whose plot it brought are open again */
        status = run_two(s, "UPDATE held_row SET decision = NULL, decided_at = NULL, decided_import_id = NULL WHERE decided_import_id = ?1",
                         import_id, 0, e);
    if (status == STATUS_OK)
        status = undo_faces(s, import_change, change, e);
    return status ? status : mark(s, import_id, change, e);
}
