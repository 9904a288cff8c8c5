/* Reading plots: finding the current revision, boxes and boundaries, everything known of a plot,
 * pages of items. */
#include <stdlib.h>

#include "service/store/private.h"

/* ---- current revisions ---- */

static bool same_width(struct statement *q, int at, unsigned char out[16])
{
    const void *bytes = sqlite3_column_blob(q->stmt, at);
    if (!bytes || sqlite3_column_bytes(q->stmt, at) != 16)
        return false;
    memcpy(out, bytes, 16);
    return true;
}

static enum status damaged(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "revision_corrupt", "Restore the registry from a backup.",
                     "A stored revision cannot be read.");
}

/* Columns: two ids (read by the caller), geometry_hash, content_hash, area_mm2, geom. */
static enum status read_current(struct statement *q, struct store_current *out, struct error *e)
{
    out->area_mm2 = column_int(q, 4);
    bool ok = same_width(q, 2, out->geometry_hash) && same_width(q, 3, out->content_hash) &&
              blob_box(sqlite3_column_blob(q->stmt, 5), (size_t)sqlite3_column_bytes(q->stmt, 5),
                       &out->box);
    return ok ? STATUS_OK : damaged(e);
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

enum status each_in_box(struct store *s, const struct current_query *c, struct error *e)
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
    if (geometry_hash) {
        TRY(store_index_now(s, INDEX_BY_GEOMETRY, e));
        return each_same_geometry(s, programme_id, geometry_hash, each, arg, e);
    }
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
            status = damaged(e);
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

static enum status read_ground(struct statement *q, struct arena *a, struct store_ground *out,
                               struct error *e)
{
    out->programme_id = column_int(q, 1);
    out->area_mm2 = column_int(q, 2);
    out->accuracy_m = column_real(q, 3);
    if (!same_width(q, 4, out->geometry_hash))
        return damaged(e);
    return blob_decode(sqlite3_column_blob(q->stmt, 5), (size_t)sqlite3_column_bytes(q->stmt, 5), a,
                       &out->boundary, e);
}

/* The ids of one go; those between them are passed over. */
static enum status read_grounds(struct store *s, const int64_t *ids, size_t n, struct arena *a,
                                struct store_ground *const *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    size_t found = 0;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT id, programme_id, area_mm2, accuracy_m, geometry_hash, geom FROM "
                       "revision WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
                       &q, e));
    bind_int(q, 1, ids[0]);
    bind_int(q, 2, ids[n - 1]);
    while (found < n && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        if (column_int(q, 0) == ids[found] &&
            (status = read_ground(q, a, out[found++], e)) != STATUS_OK)
            break;
    statement_done(q);
    if (status == STATUS_OK && found < n)
        return error_set(e, STATUS_NOT_FOUND, "revision_not_found", NULL,
                         "There is no revision %lld.", (long long)ids[found]);
    return status;
}

enum status store_grounds(struct store *s, const int64_t *ids, size_t n, struct arena *a,
                          struct store_ground *const *out, struct error *e)
{
    enum { APART = 4 };
    enum status status = STATUS_OK;
    for (size_t i = 0, k; i < n && status == STATUS_OK; i = k) {
        for (k = i + 1; k < n && ids[k] - ids[k - 1] <= APART;)
            k++;
        status = read_grounds(s, ids + i, k - i, a, out + i, e);
    }
    return status;
}

/* ---- a whole revision ---- */

#define REVISION_COLUMNS                                                                           \
    "r.id, r.plot_id, r.programme_id, r.organisation_id, r.producer_id, r.code, r.adoption_year, " \
    "r.observed_date, r.survey, "                                                                  \
    "r.declared_ha, r.accuracy_m, r.repaired, r.anchor_lon, r.anchor_lat, r.area_mm2, "            \
    "r.perimeter_m, r.geometry_hash, "                                                             \
    "r.content_hash, r.drawing, r.geom, " FIGURES_COLUMNS("r.") ", r.area_se_m2"
enum { FIGURES_AT = 20, REVISION_COLUMNS_N = FIGURES_AT + FIGURES_COLUMNS_N + 1 };

static enum status read_revision(struct statement *q, struct arena *a, struct store_revision *r,
                                 struct error *e)
{
    bool failed = false;
    *r = (struct store_revision){
        .id = column_int(q, 0),
        .plot_id = column_int(q, 1),
        .programme_id = column_int(q, 2),
        .organisation_id = column_int(q, 3),
        .producer_id = column_int(q, 4),
        .code = column_strdup(q, 5, a, &failed),
        .adoption_year = (int)column_int(q, 6),
        .observed_date = column_strdup(q, 7, a, &failed),
        .survey = (int)column_int(q, 8),
        .declared_ha = column_real(q, 9),
        .accuracy_m = column_real(q, 10),
        .repaired = column_int(q, 11) != 0,
        .anchor = {sqlite3_column_double(q->stmt, 12), sqlite3_column_double(q->stmt, 13)},
        .area_mm2 = column_int(q, 14),
        .perimeter_m = sqlite3_column_double(q->stmt, 15),
        .area_se_m2 = column_real(q, REVISION_COLUMNS_N - 1),
        .drawing_n = (size_t)sqlite3_column_bytes(q->stmt, 18),
    };
    if (!same_width(q, 16, r->geometry_hash) || !same_width(q, 17, r->content_hash))
        return damaged(e);
    if (r->drawing_n)
        r->drawing = arena_memdup(a, sqlite3_column_blob(q->stmt, 18), r->drawing_n);
    figures_read(q, FIGURES_AT, &r->figures);
    if (failed || (r->drawing_n && !r->drawing))
        return error_memory(e);
    return blob_decode(sqlite3_column_blob(q->stmt, 19), (size_t)sqlite3_column_bytes(q->stmt, 19),
                       a, &r->boundary, e);
}

enum status store_each_revision(struct store *s, struct arena *a,
                                bool (*each)(const struct store_revision *, void *), void *arg,
                                struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s,
                       "SELECT " REVISION_COLUMNS
                       " FROM revision r NOT INDEXED WHERE r.to_change IS NULL ORDER BY r.id",
                       &q, e));
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        struct store_revision r;
        arena_reset(a);
        status = read_revision(q, a, &r, e);
        if (status == STATUS_OK)
            status = expected_read(s, r.id, a, &r.figures, e);
        go = status == STATUS_OK && each(&r, arg);
    }
    statement_done(q);
    return status;
}

/* ---- a whole plot ---- */

/* The columns after a revision's own: public ones, then the personal ones, which a public
 * connection gets as NULL. */
#define PLOT_SQL(name, code, producer, gender, birth, files, file, row, attributes, epsg, wkb,     \
                 datum, joins)                                                                     \
    "SELECT " REVISION_COLUMNS                                                                     \
    ", r.from_change, r.number, r.import_id, c.at, g.code, g.name, o.name, " name ", " code        \
    ", " producer ", " gender ", " birth ", " files ", " file ", " row ", " attributes ", " epsg   \
    ", " wkb ", r.crop, r.practice, " datum                                                        \
    " FROM plot p JOIN revision r ON r.id = p.current_revision_id LEFT JOIN change c ON c.number " \
    "= r.from_change "                                                                             \
    "LEFT JOIN programme g ON g.id = r.programme_id AND g.id > 0 LEFT JOIN organisation o ON "     \
    "o.id = r.organisation_id " joins "WHERE p.id = ?1"

static enum status plot_statement(struct store *s, struct statement **q, struct error *e)
{
    if (s->mode == STORE_PUBLIC)
        return statement_take(s,
                              PLOT_SQL("NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL",
                                       "NULL", "NULL", "NULL", "NULL", "NULL", ""),
                              q, e);
    return statement_take(
        s,
        PLOT_SQL(
            "r.name", "w.code", "w.name", "w.gender", "w.birth_year", "i.files", "x.file", "x.row",
            "x.attributes", "x.epsg", "x.wkb", "x.datum_accuracy_m",
            "LEFT JOIN producer w ON w.id = r.producer_id LEFT JOIN import i ON i.id = r.import_id "
            "LEFT JOIN source_row x ON x.revision_id = r.id "),
        q, e);
}

struct main_words {
    const char *crop, *practice;
};

static enum status read_plot(struct statement *q, struct arena *a, struct store_plot *p,
                             struct main_words *words, struct error *e)
{
    enum { AT = REVISION_COLUMNS_N };
    bool failed = false;
    memset(p, 0, sizeof *p);
    TRY(read_revision(q, a, &p->revision, e));
    p->from_change = column_int(q, AT);
    p->revisions_n = (int)column_int(q, AT + 1);
    p->import_id = column_int(q, AT + 2);
    p->from_date = column_strdup(q, AT + 3, a, &failed);
    p->programme = column_strdup(q, AT + 4, a, &failed);
    p->programme_name = column_strdup(q, AT + 5, a, &failed);
    p->organisation = column_strdup(q, AT + 6, a, &failed);
    p->revision.name = column_strdup(q, AT + 7, a, &failed);
    p->producer_code = column_strdup(q, AT + 8, a, &failed);
    p->producer_name = column_strdup(q, AT + 9, a, &failed);
    p->producer_gender = column_text(q, AT + 10) ? *column_text(q, AT + 10) : 0;
    p->producer_birth_year = (int)column_int(q, AT + 11);
    p->import_files = column_strdup(q, AT + 12, a, &failed);
    p->revision.file = column_strdup(q, AT + 13, a, &failed);
    p->revision.row = (uint64_t)column_int(q, AT + 14);
    p->revision.attributes_json = column_strdup(q, AT + 15, a, &failed);
    p->revision.source_epsg = (int)column_int(q, AT + 16);
    p->revision.source_wkb_n = (size_t)sqlite3_column_bytes(q->stmt, AT + 17);
    if (p->revision.source_wkb_n)
        p->revision.source_wkb =
            arena_memdup(a, sqlite3_column_blob(q->stmt, AT + 17), p->revision.source_wkb_n);
    words->crop = column_strdup(q, AT + 18, a, &failed);
    words->practice = column_strdup(q, AT + 19, a, &failed);
    p->revision.datum_accuracy_m = column_real(q, AT + 20);
    failed = failed || (p->revision.source_wkb_n && !p->revision.source_wkb);
    return failed ? error_memory(e) : STATUS_OK;
}

enum { WORDS_MAX = 64 };

/* The main word, then the further ones of the statement. */
static enum status read_words(struct store *s, const char *sql, int64_t revision_id,
                              const char *first, struct arena *a, const char *const **out, int *n,
                              struct error *e)
{
    struct statement *q;
    bool row = true, failed = false;
    enum status status = STATUS_OK;
    const char **words = arena_array(a, WORDS_MAX, sizeof *words);
    if (!words)
        return error_memory(e);
    *out = words;
    *n = 0;
    if (!first)
        return STATUS_OK;
    words[(*n)++] = first;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, revision_id);
    for (; *n < WORDS_MAX && (status = statement_next(s, q, &row, e)) == STATUS_OK && row; ++*n)
        words[*n] = column_strdup(q, 0, a, &failed);
    statement_done(q);
    return status ? status : failed ? error_memory(e) : STATUS_OK;
}

/* *found = false when the plot has no current revision. */
static enum status load_plot(struct store *s, int64_t plot_id, struct arena *a,
                             struct store_plot *p, bool *found, struct error *e)
{
    struct statement *q;
    struct store_revision *r = &p->revision;
    struct main_words words = {NULL, NULL};
    TRY(plot_statement(s, &q, e));
    bind_int(q, 1, plot_id);
    enum status status = statement_next(s, q, found, e);
    if (*found)
        status = read_plot(q, a, p, &words, e);
    statement_done(q);
    if (status != STATUS_OK || !*found)
        return status;
    TRY(read_words(s, "SELECT crop FROM revision_crop WHERE revision_id = ?1 ORDER BY position",
                   r->id, words.crop, a, &r->crops, &r->crops_n, e));
    TRY(read_words(
        s, "SELECT practice FROM revision_practice WHERE revision_id = ?1 ORDER BY position", r->id,
        words.practice, a, &r->practices, &r->practices_n, e));
    return figures_read_parts(s, r->id, a, &r->figures, e);
}

/* ---- lists of plots ---- */

enum status id_add(struct id_list *list, int64_t id, struct error *e)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        int64_t *more = realloc(list->ids, capacity * sizeof *more);
        if (!more)
            return error_memory(e);
        list->ids = more;
        list->capacity = capacity;
    }
    list->ids[list->n++] = id;
    return STATUS_OK;
}

enum status each_plot_of(struct store *s, const int64_t *ids, size_t n, struct arena *a,
                         bool (*each)(const struct store_plot *, void *), void *arg,
                         struct error *e)
{
    bool go = true;
    TRY(sets_refresh(s, e));
    for (size_t i = 0; go && i < n; i++) {
        struct store_plot plot;
        bool found;
        arena_reset(a);
        TRY(load_plot(s, ids[i], a, &plot, &found, e));
        if (found)
            go = each(&plot, arg);
    }
    return STATUS_OK;
}

static enum status ids_by_code(struct store *s, const char *code, struct id_list *list,
                               struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT id FROM plot WHERE code = ?1 ORDER BY id", &q, e));
    bind_text(q, 1, code);
    while (status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        status = id_add(list, column_int(q, 0), e);
    statement_done(q);
    return status;
}

enum status own_snapshot(struct store *s, bool *own, struct error *e)
{
    *own = !s->snapshot && !s->transaction;
    return *own ? store_snapshot_begin(s, e) : STATUS_OK;
}

enum status store_each_plot(struct store *s, const char *code, int64_t plot_id, struct arena *a,
                            bool (*each)(const struct store_plot *, void *), void *arg,
                            struct error *e)
{
    struct id_list list = {0};
    bool own;
    TRY(own_snapshot(s, &own, e));
    enum status status = code ? ids_by_code(s, code, &list, e) : id_add(&list, plot_id, e);
    if (status == STATUS_OK)
        status = each_plot_of(s, list.ids, list.n, a, each, arg, e);
    free(list.ids);
    if (own)
        store_snapshot_end(s);
    return status;
}
