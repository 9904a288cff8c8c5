/* Faces: ground covered by two or more current plots, with their own parts, so that distinct totals need no geometry. */
#include <stdlib.h>

#include "service/store/private.h"

static enum status face_insert(struct store *s, int64_t change, const struct store_face *f, int64_t *id, struct error *e)
{
    struct pending_rows *p = row_begin(s, ROWS_FACE);
    *id = s->next_face++;
    row_int(p, *id);
    row_int(p, f->members[0]);
    row_int(p, change);
    row_int(p, f->area_mm2);
    row_boundary(p, &f->geometry);
    row_int(p, f->coarse);
    return row_end(s, p, e);
}

enum status face_parts_write(struct store *s, int64_t face_id, const struct store_part *parts, size_t parts_n, struct error *e)
{
    size_t n = parts_n;
    struct part_row *rows = store_scratch(s, n * sizeof *rows);
    if (!rows)
        return error_memory(e);
    TRY(parts_to_rows(s, face_id, parts, &n, rows, e));
    for (size_t i = 0; i < n; i++)
        TRY(part_add(s, ROWS_FACE_PART, &rows[i], e));
    return STATUS_OK;
}

enum status store_face_add(struct store *s, int64_t change, const struct store_face *f, struct error *e)
{
    int64_t id = 0;
    TRY(store_need_transaction(s, e));
    if (f->members_n < 2)
        return error_set(e, STATUS_INTERNAL, "bad_face", NULL, "A face needs two members.");
    TRY(face_insert(s, change, f, &id, e));
    for (size_t i = 0; i < f->members_n; i++) {
        struct pending_rows *p = row_begin(s, ROWS_FACE_MEMBER);
        row_int(p, id);
        row_int(p, f->members[i]);
        TRY(row_end(s, p, e));
    }
    return face_parts_write(s, id, f->parts, f->parts_n, e);
}

enum status store_faces_any(struct store *s, bool *any, struct error *e)
{
    int64_t there = 0;
    enum status status = store_int(s, "SELECT EXISTS (SELECT 1 FROM face INDEXED BY face_current WHERE to_change IS NULL)", 0, 0, &there, e);
    *any = there != 0;
    return status;
}

enum status store_faces_end(struct store *s, int64_t change, const int64_t *owners, size_t owners_n, struct error *e)
{
    TRY(store_need_transaction(s, e));
    for (size_t i = 0; i < owners_n; i++) {
        struct statement *q;
        TRY(statement_take(s, "UPDATE face SET to_change = ?2 WHERE owner_id = ?1 AND to_change IS NULL", &q, e));
        bind_int(q, 1, owners[i]);
        bind_int(q, 2, change);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}

/* ---- reading ---- */

struct members {
    struct statement *q; /* all members of all faces by face id, at a row while `more` */
    bool more;
    int64_t *ids; /* of the face at hand */
    size_t n, capacity;
};

static enum status member_add(struct members *m, int64_t id, struct error *e)
{
    if (m->n == m->capacity) {
        size_t capacity = m->capacity ? m->capacity * 2 : 16;
        int64_t *more = realloc(m->ids, capacity * sizeof *more);
        if (!more)
            return error_memory(e);
        m->ids = more;
        m->capacity = capacity;
    }
    m->ids[m->n++] = id;
    return STATUS_OK;
}

/* Faces come in id order, so their members are one more scan beside theirs and not a lookup for each. */
static enum status members_read(struct store *s, int64_t face_id, struct members *m, struct error *e)
{
    m->n = 0;
    while (m->more && column_int(m->q, 0) < face_id)
        TRY(statement_next(s, m->q, &m->more, e));
    while (m->more && column_int(m->q, 0) == face_id) {
        TRY(member_add(m, column_int(m->q, 1), e));
        TRY(statement_next(s, m->q, &m->more, e));
    }
    return STATUS_OK;
}

static enum status members_begin(struct store *s, struct members *m, struct error *e)
{
    TRY(statement_take(s, "SELECT face_id, revision_id FROM face_member ORDER BY face_id, revision_id", &m->q, e));
    return statement_next(s, m->q, &m->more, e);
}

static enum status rows_statement(struct store *s, int64_t as_of_change, struct statement **q, struct error *e)
{
    if (!as_of_change)
        return statement_take(s,
                              "SELECT f.id, p.region_set, p.corridor_set, p.slope_class, p.area_mm2 FROM face f "
                              "CROSS JOIN face_part p ON p.face_id = f.id WHERE f.to_change IS NULL "
                              "ORDER BY f.id, p.region_set, p.corridor_set, p.slope_class",
                              q, e);
    TRY(statement_take(s,
                       "SELECT f.id, p.region_set, p.corridor_set, "
                       "CASE WHEN f.from_change < (SELECT CAST(value AS INTEGER) FROM registry WHERE key = 'slope_change') THEN -1 "
                       "ELSE p.slope_class END, p.area_mm2 FROM face f "
                       "CROSS JOIN face_part p ON p.face_id = f.id WHERE f.from_change <= ?1 AND (f.to_change IS NULL OR f.to_change > ?1) "
                       "ORDER BY f.id, p.region_set, p.corridor_set, p.slope_class",
                       q, e));
    bind_int(*q, 1, as_of_change);
    return STATUS_OK;
}

static enum status each_row(struct store *s, struct statement *q, struct members *members, bool (*each)(const struct store_face_row *, void *),
                            void *arg, struct error *e)
{
    struct store_face_row face = {0};
    bool row = true, go = true;
    enum status status = members_begin(s, members, e);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        if (column_int(q, 0) != face.face_id)
            status = members_read(s, column_int(q, 0), members, e);
        face = (struct store_face_row){column_int(q, 0), members->ids,      members->n,      column_int(q, 1),
                                       column_int(q, 2), (int)column_int(q, 3), column_int(q, 4)};
        go = status == STATUS_OK && each(&face, arg);
    }
    return status;
}

enum status store_each_face_row(struct store *s, int64_t as_of_change, bool (*each)(const struct store_face_row *, void *), void *arg,
                                struct error *e)
{
    struct statement *q;
    struct members members = {0};
    TRY(rows_statement(s, as_of_change, &q, e));
    enum status status = each_row(s, q, &members, each, arg, e);
    statement_done(q);
    statement_done(members.q);
    free(members.ids);
    return status;
}

static enum status parts_of_face(struct store *s, int64_t face_id, struct arena *a, struct store_face *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    int64_t n;
    enum status status = STATUS_OK;
    TRY(store_int(s, "SELECT count(*) FROM face_part WHERE face_id = ?1", face_id, 0, &n, e));
    struct store_part *parts = arena_array(a, (size_t)n, sizeof *parts);
    if (!parts)
        return error_memory(e);
    TRY(statement_take(s, "SELECT region_set, corridor_set, slope_class, area_mm2 FROM face_part WHERE face_id = ?1", &q, e));
    bind_int(q, 1, face_id);
    for (size_t i = 0; i < (size_t)n && (status = statement_next(s, q, &row, e)) == STATUS_OK && row; i++) {
        parts[i].slope_class = (int)column_int(q, 2);
        parts[i].area_mm2 = column_int(q, 3);
        out->parts_n = i + 1;
        status = sets_region_features(s, column_int(q, 0), a, &parts[i].regions, &parts[i].levels_n, e);
        if (status == STATUS_OK)
            status = sets_corridor_features(s, column_int(q, 1), a, &parts[i].corridors, &parts[i].corridors_n, e);
        if (status != STATUS_OK)
            break;
    }
    statement_done(q);
    out->parts = parts;
    return status;
}

static enum status each_face(struct store *s, bool whole, bool (*each)(const struct store_face *, void *), void *arg, struct error *e)
{
    struct statement *q;
    struct members members = {0};
    struct arena a;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT id, area_mm2, coarse, geom FROM face WHERE to_change IS NULL ORDER BY id", &q, e));
    arena_init(&a, 0);
    status = members_begin(s, &members, e);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_face face = {.area_mm2 = column_int(q, 1), .coarse = column_int(q, 2) != 0};
        arena_reset(&a);
        status = members_read(s, column_int(q, 0), &members, e);
        if (status == STATUS_OK)
            status = blob_decode(sqlite3_column_blob(q->stmt, 3), (size_t)sqlite3_column_bytes(q->stmt, 3), &a, &face.geometry, e);
        if (status == STATUS_OK && whole)
            status = parts_of_face(s, column_int(q, 0), &a, &face, e);
        face.members = members.ids;
        face.members_n = members.n;
        go = status == STATUS_OK && each(&face, arg);
    }
    statement_done(q);
    statement_done(members.q);
    arena_clear(&a);
    free(members.ids);
    return status;
}

enum status store_each_face(struct store *s, bool (*each)(const struct store_face *, void *), void *arg, struct error *e)
{
    return each_face(s, false, each, arg, e);
}

enum status store_each_face_whole(struct store *s, bool (*each)(const struct store_face *, void *), void *arg, struct error *e)
{
    return each_face(s, true, each, arg, e);
}
