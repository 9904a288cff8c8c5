/* Plots in the store: a revision with everything comes back as it was; history, reverts, faces, layers, held rows, pages. */
#include "tests/check.h"

#include <stdlib.h>

#include "tests/unit/store_fixture.h"

static struct error e;

static void add(struct fixture *f, int64_t import_id, int64_t change, struct store_revision *r)
{
    CHECK_OK(store_revision_add(f->s, import_id, change, r, &e), e);
}

/* ---- round trip ---- */

struct round_trip {
    struct store_revision *want;
    bool personal;
    int n;
};

static bool compare_plot(const struct store_plot *p, void *arg)
{
    struct round_trip *t = arg;
    const struct store_revision *got = &p->revision, *want = t->want;
    t->n++;
    assert_int_equal(got->id, want->id);
    assert_int_equal(got->plot_id, want->plot_id);
    assert_string_equal(got->code, want->code);
    assert_int_equal(got->crops_n, 2);
    assert_string_equal(got->crops[0], "maize");
    assert_string_equal(got->crops[1], "bean");
    assert_int_equal(got->practices_n, 1);
    assert_string_equal(got->practices[0], "miaf");
    assert_int_equal(got->adoption_year, 2018);
    assert_string_equal(got->observed_date, "2024-03-01");
    assert_int_equal(got->survey, 1);
    assert_true(isnan(got->declared_ha));
    CHECK_NEAR(got->accuracy_m, 4.5, 0);
    assert_int_equal(got->area_mm2, want->area_mm2);
    CHECK_NEAR(got->perimeter_m, 440, 0);
    CHECK_NEAR(got->anchor.lon, want->anchor.lon, 0);
    assert_memory_equal(got->geometry_hash, want->geometry_hash, 16);
    assert_memory_equal(got->content_hash, want->content_hash, 16);
    assert_int_equal(got->drawing_n, 7);
    assert_memory_equal(got->drawing, "drawing", 7);
    assert_int_equal(got->boundary.points_n, 5);
    assert_memory_equal(got->boundary.points, want->boundary.points, 5 * sizeof *want->boundary.points);
    const struct store_figures *f = &got->figures, *g = &want->figures;
    assert_int_equal(f->corridor_mm2, g->corridor_mm2);
    assert_int_equal(f->corridor_verdict, 1);
    CHECK_NEAR(f->slope_mean_pct, 12.5, 0);
    assert_true(isnan(f->slope_max_pct));
    CHECK_NEAR(f->slope_nodata_share, 0.25, 0);
    assert_int_equal(f->surface_mm2, g->surface_mm2);
    assert_int_equal(f->slope_class, 1);
    assert_int_equal(f->corridors_n, 1);
    assert_int_equal(f->corridors[0].feature_id, g->corridors[0].feature_id);
    assert_int_equal(f->parts_n, g->parts_n);
    int64_t sum = 0;
    for (size_t i = 0; i < f->parts_n; i++) {
        const struct store_part *a = &f->parts[i], *b = &g->parts[i]; /* the fixture's order is the order of the sets */
        assert_int_equal(a->levels_n, 2);
        assert_memory_equal(a->regions, b->regions, 8);
        assert_int_equal(a->corridors_n, b->corridors_n);
        assert_memory_equal(a->corridors, b->corridors, (size_t)b->corridors_n * 4);
        assert_int_equal(a->slope_class, b->slope_class);
        assert_int_equal(a->area_mm2, b->area_mm2);
        sum += a->area_mm2;
    }
    assert_int_equal(sum, want->area_mm2);
    assert_string_equal(p->programme, "MIAF-D");
    assert_string_equal(p->programme_name, "Milpa intercalada");
    assert_string_equal(p->organisation, "RAYEN");
    assert_int_equal(p->revisions_n, 1);
    assert_non_null(p->from_date);
    if (t->personal) {
        assert_string_equal(p->producer_name, "Rosa Hernández");
        assert_string_equal(p->producer_code, "P1");
        assert_int_equal(p->producer_gender, 'f');
        assert_int_equal(p->producer_birth_year, 1980);
        assert_string_equal(got->name, "La Esperanza de Rosa");
        assert_string_equal(got->file, "rosa.gpx");
        assert_int_equal(got->row, 7);
        assert_string_equal(got->attributes_json, "{\"PRODUCTOR\":\"Rosa\"}");
        assert_int_equal(got->source_wkb_n, 3);
        assert_int_equal(got->source_epsg, 32615);
        assert_non_null(strstr(p->import_files, "rosa.gpx"));
    } else {
        assert_true(!p->producer_name && !p->producer_code && !p->producer_gender && !p->producer_birth_year);
        assert_true(!got->name && !got->file && !got->attributes_json && !got->source_wkb && !p->import_files);
    }
    return true;
}

static void round_trip(void **state)
{
    (void)state;
    struct fixture f;
    struct arena a;
    int64_t import_id, change, producer, again;
    fixture_open(&f);
    fixture_layers(&f);
    arena_init(&a, 0);
    fixture_import_begin(&f, true, &import_id, &change);
    CHECK_OK(store_producer(f.s, f.programme, "P1", "Rosa", 0, 0, &producer, &e), e);
    CHECK_OK(store_producer(f.s, f.programme, "P1", "Rosa Hernández", 'f', 1980, &again, &e), e);
    assert_int_equal(producer, again);
    CHECK_OK(store_producer(f.s, f.programme, NULL, "Rosa", 0, 0, &again, &e), e);
    assert_int_not_equal(producer, again); /* a name alone is another person than one with a code */
    CHECK_OK(store_producer(f.s, f.programme, NULL, NULL, 0, 0, &again, &e), e);
    assert_int_equal(again, 0);
    struct store_revision r = fixture_revision(&f, &f.arena, "A-1", -92.5, 16, 1000000000003, 4);
    r.producer_id = producer;
    add(&f, import_id, change, &r);
    fixture_import_end(&f, import_id, change);
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        struct store *s = f.s;
        struct round_trip t = {&r, mode != STORE_PUBLIC, 0};
        if (mode != STORE_WRITE)
            CHECK_OK(store_open(f.folder, (enum store_mode)mode, &s, &e), e);
        CHECK_OK(store_each_plot(s, "A-1", 0, &a, compare_plot, &t, &e), e);
        CHECK_OK(store_each_plot(s, NULL, r.plot_id, &a, compare_plot, &t, &e), e);
        CHECK_OK(store_each_item(s, NULL, NULL, NULL, 0, 10, &a, compare_plot, &t, NULL, &e), e);
        CHECK_OK(store_each_plot(s, "nobody", 0, &a, compare_plot, &t, &e), e);
        assert_int_equal(t.n, 3);
        if (mode != STORE_WRITE)
            store_close(s);
    }
    fixture_check(f.s);
    arena_clear(&a);
    fixture_close(&f);
}

/* ---- finding ---- */

static bool count_current(const struct store_current *current, void *arg)
{
    (void)current;
    ++*(int *)arg;
    return true;
}

static void finding_plots(void **state)
{
    (void)state;
    struct fixture f;
    int64_t import_id, change;
    struct store_current current;
    bool found;
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, true, &import_id, &change);
    struct store_revision r = fixture_revision(&f, &f.arena, "A-1", -92.5, 16, 1000, 1);
    add(&f, import_id, change, &r);
    for (int inside = 1; inside >= 0; inside--) { /* within the bulk transaction and after it */
        int n = 0;
        struct box box = {-92.4995, 16.0005, -92, 17}, elsewhere = {-90, 16, -89, 17};
        CHECK_OK(store_plot_find(f.s, f.programme, "A-1", &current, &found, &e), e);
        assert_true(found);
        assert_int_equal(current.revision_id, r.id);
        CHECK_NEAR(current.box.east, -92.499, 0);
        CHECK_OK(store_plot_find(f.s, 0, "A-1", &current, &found, &e), e); /* another programme */
        assert_false(found);
        assert_int_equal(current.plot_id, 0);
        CHECK_OK(store_each_current(f.s, f.programme, r.geometry_hash, NULL, count_current, &n, &e), e);
        CHECK_OK(store_each_current(f.s, f.programme, NULL, &box, count_current, &n, &e), e);
        assert_int_equal(n, 2);
        CHECK_OK(store_each_current(f.s, 0, r.geometry_hash, NULL, count_current, &n, &e), e);
        CHECK_OK(store_each_current(f.s, 0, NULL, &box, count_current, &n, &e), e);
        CHECK_OK(store_each_current(f.s, f.programme, NULL, &elsewhere, count_current, &n, &e), e);
        assert_int_equal(n, 2);
        if (inside)
            fixture_import_end(&f, import_id, change);
    }
    fixture_check(f.s);
    fixture_close(&f);
}

/* A first import drops two indexes, the first that searches by them makes them again. */
static void indexes_when_searched(void **state)
{
    static const char count[] = "SELECT count(*) FROM sqlite_schema WHERE name IN ('revision_by_geometry', 'producer_by_name')";
    (void)state;
    struct fixture f;
    int64_t import_id, change, producer, again;
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, true, &import_id, &change);
    struct store_revision r = fixture_revision(&f, &f.arena, "A-1", -92.5, 16, 1000, 1);
    CHECK_OK(store_producer(f.s, f.programme, NULL, "Ana", 0, 0, &producer, &e), e);
    CHECK_OK(store_producer(f.s, f.programme, NULL, "Ana", 'f', 0, &again, &e), e);
    assert_int_equal(producer, again);
    assert_true(store_plots_all_new(f.s));
    add(&f, import_id, change, &r);
    fixture_import_end(&f, import_id, change);
    assert_int_equal(fixture_int(f.s, count), 0);
    for (int kept = 0; kept < 2; kept++) {
        int n = 0;
        fixture_import_begin(&f, true, &import_id, &change);
        assert_false(store_plots_all_new(f.s));
        CHECK_OK(store_producer(f.s, f.programme, NULL, "Ana", 0, 0, &again, &e), e);
        assert_int_equal(producer, again);
        CHECK_OK(store_each_current(f.s, f.programme, r.geometry_hash, NULL, count_current, &n, &e), e);
        assert_int_equal(n, 1);
        assert_int_equal(fixture_int(f.s, count), 2);
        if (kept)
            fixture_import_end(&f, import_id, change);
        else
            store_rollback(f.s);
        assert_int_equal(fixture_int(f.s, count), kept ? 2 : 0);
    }
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM producer WHERE gender = 'f'"), 1);
    assert_int_not_equal(sqlite3_exec(f.s->db, "UPDATE producer SET gender = 'y'", NULL, NULL, NULL), SQLITE_OK);
    fixture_check(f.s);
    fixture_close(&f);
}

/* ---- history ---- */

struct sum {
    int64_t rows, area_mm2, women;
};

static bool add_row(const struct store_total_row *row, void *arg)
{
    struct sum *sum = arg;
    sum->rows++;
    sum->area_mm2 += row->area_mm2;
    sum->women += row->producer_gender == 'f';
    return true;
}

static int64_t total(struct store *s, int64_t as_of, int64_t *rows)
{
    struct sum sum = {0};
    struct store_totals_filter filter = {.as_of_change = as_of};
    CHECK_OK(store_each_total_row(s, &filter, add_row, &sum, &e), e);
    if (rows)
        *rows = sum.rows;
    return sum.area_mm2;
}

struct touched {
    int64_t ids[8];
    bool current[8];
    int n;
};

static bool note(int64_t revision_id, struct box box, bool current, void *arg)
{
    struct touched *t = arg;
    assert_true(box.west < box.east);
    t->ids[t->n] = revision_id;
    t->current[t->n++] = current;
    return true;
}

static enum status revert(struct fixture *f, int64_t import_id, struct touched *t)
{
    int64_t change;
    memset(t, 0, sizeof *t);
    CHECK_OK(store_begin(f->s, false, &e), e);
    CHECK_OK(store_change_new(f->s, "revert", &change, &e), e);
    enum status status = store_import_revert(f->s, import_id, change, note, t, &e);
    if (status == STATUS_OK)
        CHECK_OK(store_commit(f->s, &e), e);
    else
        store_rollback(f->s);
    return status;
}

static void history_and_revert(void **state)
{
    (void)state;
    struct fixture f;
    struct touched t;
    int64_t imports[3], changes[3], rows;
    struct store_current current;
    bool found;
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, true, &imports[0], &changes[0]);
    struct store_revision a = fixture_revision(&f, &f.arena, "A", -92.5, 16, 100, 2), b = fixture_revision(&f, &f.arena, "B", -92.4, 16, 1000, 3);
    add(&f, imports[0], changes[0], &a);
    add(&f, imports[0], changes[0], &b);
    fixture_import_end(&f, imports[0], changes[0]);
    /* A revised twice in one import (a code that came twice), C new */
    fixture_import_begin(&f, true, &imports[1], &changes[1]);
    struct store_revision a2 = fixture_revision(&f, &f.arena, "A", -92.3, 16, 150, 1), a3 = fixture_revision(&f, &f.arena, "A", -92.2, 16, 170, 1);
    struct store_revision c = fixture_revision(&f, &f.arena, "C", -92.1, 16, 5, 1);
    a2.plot_id = a3.plot_id = a.plot_id;
    add(&f, imports[1], changes[1], &a2);
    add(&f, imports[1], changes[1], &a3);
    add(&f, imports[1], changes[1], &c);
    fixture_import_end(&f, imports[1], changes[1]);
    fixture_check(f.s);
    assert_int_equal(total(f.s, 0, &rows), 1175);
    assert_int_equal(rows, 5);
    assert_int_equal(total(f.s, changes[0], &rows), 1100);
    assert_int_equal(rows, 5);
    assert_int_equal(total(f.s, changes[0] - 1, NULL), 0);
    assert_int_equal(total(f.s, changes[1], NULL), 1175);

    fixture_import_begin(&f, false, &imports[2], &changes[2]);
    struct store_revision c2 = fixture_revision(&f, &f.arena, "C", -92.1, 16, 7, 1);
    c2.plot_id = c.plot_id;
    add(&f, imports[2], changes[2], &c2);
    fixture_import_end(&f, imports[2], changes[2]);
    assert_int_equal(revert(&f, imports[1], &t), STATUS_CONFLICT); /* C was revised since */
    assert_string_equal(e.code, "revert_blocked");
    assert_non_null(strstr(e.message, "(C)"));
    assert_int_equal(total(f.s, 0, NULL), 1177);
    CHECK_OK(revert(&f, imports[2], &t), e);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.ids[0], c2.id);
    assert_false(t.current[0]);
    assert_int_equal(t.ids[1], c.id);
    assert_true(t.current[1]);
    CHECK_OK(revert(&f, imports[1], &t), e);
    assert_int_equal(t.n, 3); /* A's last revision undone, its first current again, C undone */
    assert_int_equal(t.ids[0], a3.id);
    assert_int_equal(t.ids[1], a.id);
    assert_true(t.current[1]);
    assert_int_equal(t.ids[2], c.id);
    fixture_check(f.s);
    assert_int_equal(total(f.s, 0, NULL), 1100);
    assert_int_equal(total(f.s, changes[1], NULL), 1100); /* it never counted */
    assert_int_equal(revert(&f, imports[1], &t), STATUS_CONFLICT);
    assert_string_equal(e.code, "already_reverted");
    assert_int_equal(revert(&f, 99, &t), STATUS_NOT_FOUND);
    CHECK_OK(store_plot_find(f.s, f.programme, "C", &current, &found, &e), e);
    assert_false(found);
    assert_int_equal(current.plot_id, c.plot_id); /* the plot is known, nothing of it counts */
    struct store_import import;
    CHECK_OK(store_import_get(f.s, imports[1], &f.arena, &import, &e), e);
    assert_string_equal(import.status, "reverted");
    assert_non_null(import.reverted_at);
    assert_int_equal(store_import_get(f.s, 99, &f.arena, &import, &e), STATUS_NOT_FOUND);
    /* and the plot can come again */
    fixture_import_begin(&f, true, &imports[1], &changes[1]);
    struct store_revision c3 = fixture_revision(&f, &f.arena, "C", -92.1, 16, 9, 1);
    c3.plot_id = c.plot_id;
    add(&f, imports[1], changes[1], &c3);
    fixture_import_end(&f, imports[1], changes[1]);
    assert_int_equal(total(f.s, 0, NULL), 1109);
    fixture_check(f.s);
    fixture_close(&f);
}

static void rollback_leaves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    int64_t import_id, change, before, after;
    fixture_open(&f);
    fixture_layers(&f);
    CHECK_OK(store_change(f.s, &before, &e), e);
    for (int round = 0; round < 2; round++) {
        fixture_import_begin(&f, true, &import_id, &change);
        struct store_revision r = fixture_revision(&f, &f.arena, "A", -92.5, 16, 100, 4);
        add(&f, import_id, change, &r);
        if (round == 0) {
            store_rollback(f.s);
            CHECK_OK(store_change(f.s, &after, &e), e);
            assert_int_equal(after, before);
            assert_int_equal(fixture_int(f.s, "SELECT (SELECT count(*) FROM revision) + (SELECT count(*) FROM overview_cell) + (SELECT count(*) FROM region_set) + (SELECT count(*) FROM programme WHERE id > 0)"), 0);
            fixture_check(f.s);
        }
    }
    fixture_import_end(&f, import_id, change); /* the sets interned before the rollback were forgotten */
    fixture_check(f.s);
    assert_int_equal(store_revision_add(f.s, import_id, change, &(struct store_revision){0}, &e), STATUS_INTERNAL);
    assert_int_equal(store_commit(f.s, &e), STATUS_INTERNAL);
    fixture_close(&f);
}

/* A reader's snapshot does not move while the writer goes on. */
static void snapshots(void **state)
{
    (void)state;
    struct fixture f;
    struct store *reader;
    int64_t import_id, change, version;
    uint32_t x, y;
    fixture_open(&f);
    fixture_layers(&f);
    CHECK_OK(store_open(f.folder, STORE_PUBLIC, &reader, &e), e);
    CHECK_OK(store_snapshot_begin(reader, &e), e);
    fixture_import_begin(&f, true, &import_id, &change);
    struct store_revision r = fixture_revision(&f, &f.arena, "A", -92.5, 16, 100, 4);
    add(&f, import_id, change, &r);
    fixture_import_end(&f, import_id, change);
    assert_int_equal(total(reader, 0, NULL), 0);
    store_snapshot_end(reader);
    assert_int_equal(total(reader, 0, NULL), 100); /* the next read sees it; its statements survive the writer's DDL */
    mercator_tile(r.anchor, 12, &x, &y);
    CHECK_OK(store_tile_version(reader, 12, x, y, &version, &e), e);
    assert_int_equal(version, change);
    CHECK_OK(store_tile_version(reader, 18, x << 6, y << 6, &version, &e), e);
    assert_int_equal(version, change);
    CHECK_OK(store_tile_version(reader, 12, 0, 0, &version, &e), e);
    assert_int_equal(version, 0);
    assert_int_equal(store_tile_version(reader, 3, 8, 0, &version, &e), STATUS_INVALID);
    assert_int_equal(store_begin(reader, false, &e), STATUS_INTERNAL);
    store_close(reader);
    fixture_close(&f);
}

/* ---- faces ---- */

struct face_sum {
    int64_t rows, area_mm2, members;
};

static bool add_face(const struct store_face_row *row, void *arg)
{
    struct face_sum *sum = arg;
    sum->rows++;
    sum->area_mm2 += row->area_mm2;
    sum->members += (int64_t)row->members_n;
    for (size_t i = 1; i < row->members_n; i++)
        assert_true(row->members[i - 1] < row->members[i]);
    return true;
}

static struct face_sum faces(struct store *s, int64_t as_of)
{
    struct face_sum sum = {0};
    CHECK_OK(store_each_face_row(s, as_of, add_face, &sum, &e), e);
    return sum;
}

static void face_of(struct fixture *f, int64_t change, int64_t one, int64_t other, int64_t area_mm2)
{
    const uint32_t regions[2] = {f->states[0], f->municipalities[0]};
    const struct store_part parts[2] = {{regions, 2, NULL, 0, 0, area_mm2 / 2}, {regions, 2, NULL, 0, 1, area_mm2 - area_mm2 / 2}};
    struct store_face face = {.members = (int64_t[]){one, other}, .members_n = 2, .area_mm2 = area_mm2, .parts = parts, .parts_n = 2, .geometry = fixture_square(&f->arena, -92, 16, 0.0005)};
    CHECK_OK(store_face_add(f->s, change, &face, &e), e);
}

static bool two_members(const struct store_face *face, void *arg)
{
    const int64_t *ids = arg;
    assert_int_equal(face->members_n, 2);
    assert_int_equal(face->members[0], ids[0]);
    assert_int_equal(face->members[1], ids[1]);
    assert_int_equal(face->geometry.points_n, 5);
    return true;
}

static void faces_have_versions(void **state)
{
    (void)state;
    struct fixture f;
    struct touched t;
    int64_t imports[2], changes[2];
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, true, &imports[0], &changes[0]);
    struct store_revision a = fixture_revision(&f, &f.arena, "A", -92, 16, 100, 1), b = fixture_revision(&f, &f.arena, "B", -92, 16, 100, 1);
    add(&f, imports[0], changes[0], &a);
    add(&f, imports[0], changes[0], &b);
    face_of(&f, changes[0], a.id, b.id, 61);
    fixture_import_end(&f, imports[0], changes[0]);
    fixture_check(f.s);
    fixture_import_begin(&f, true, &imports[1], &changes[1]);
    struct store_revision b2 = fixture_revision(&f, &f.arena, "B", -92, 16, 90, 1);
    b2.plot_id = b.plot_id;
    add(&f, imports[1], changes[1], &b2);
    CHECK_OK(store_faces_end(f.s, changes[1], (int64_t[]){a.id}, 1, &e), e);
    face_of(&f, changes[1], a.id, b2.id, 41);
    fixture_import_end(&f, imports[1], changes[1]);
    fixture_check(f.s);
    assert_int_equal(faces(f.s, 0).area_mm2, 41);
    assert_int_equal(faces(f.s, 0).rows, 2);
    assert_int_equal(faces(f.s, 0).members, 4);
    CHECK_OK(store_each_face(f.s, two_members, (int64_t[]){a.id, b2.id}, &e), e);
    assert_int_equal(faces(f.s, changes[0]).area_mm2, 61);
    assert_int_equal(faces(f.s, changes[0] - 1).rows, 0);
    CHECK_OK(revert(&f, imports[1], &t), e);
    fixture_check(f.s);
    assert_int_equal(faces(f.s, 0).area_mm2, 61);
    assert_int_equal(faces(f.s, changes[1]).area_mm2, 61);
    CHECK_OK(revert(&f, imports[0], &t), e);
    fixture_check(f.s);
    assert_int_equal(faces(f.s, 0).rows, 0);
    fixture_close(&f);
}

/* A face that a later import made must not outlive the revert of one of its members. */
static void revert_under_later_faces(void **state)
{
    (void)state;
    struct fixture f;
    struct touched t;
    int64_t imports[3], changes[3];
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, false, &imports[0], &changes[0]);
    struct store_revision a = fixture_revision(&f, &f.arena, "A", -92, 16, 100, 1), b = fixture_revision(&f, &f.arena, "B", -92, 16, 100, 1);
    add(&f, imports[0], changes[0], &a);
    add(&f, imports[0], changes[0], &b);
    face_of(&f, changes[0], a.id, b.id, 61);
    fixture_import_end(&f, imports[0], changes[0]);
    struct store_revision *former[2] = {&a, &b}, next[2];
    for (int i = 0; i < 2; i++) { /* import 1 revises A, import 2 revises B */
        fixture_import_begin(&f, false, &imports[1 + i], &changes[1 + i]);
        next[i] = fixture_revision(&f, &f.arena, i ? "B" : "A", -92, 16, 90, 1);
        next[i].plot_id = former[i]->plot_id;
        add(&f, imports[1 + i], changes[1 + i], &next[i]);
        CHECK_OK(store_faces_end(f.s, changes[1 + i], (int64_t[]){a.id, b.id}, 2, &e), e);
        face_of(&f, changes[1 + i], i ? next[0].id : b.id, i ? next[1].id : next[0].id, 50 + i);
        fixture_import_end(&f, imports[1 + i], changes[1 + i]);
        if (i == 0)
            fixture_check(f.s);
    }
    CHECK_OK(store_begin(f.s, false, &e), e);
    store_rollback(f.s);
    CHECK_OK(revert(&f, imports[1], &t), e);
    fixture_check(f.s); /* no current face names an undone revision; the registry adds {A, B of import 2} itself */
    assert_int_equal(faces(f.s, 0).rows, 0);
    fixture_close(&f);
}

/* ---- layers ---- */

struct layer_count {
    int n;
    char order[64];
};

static bool count_layer(const struct store_layer *layer, void *arg)
{
    struct layer_count *c = arg;
    c->n++;
    strcat(c->order, layer->kind == LAYER_REGIONS ? layer->level : layer->kind == LAYER_CORRIDORS ? "corridors" : "terrain");
    strcat(c->order, " ");
    return true;
}

static bool count_feature(const struct store_layer_feature *feature, void *arg)
{
    assert_non_null(feature->key);
    assert_int_equal(feature->boundary.points_n, 5);
    assert_int_equal(feature->drawing_n, 3);
    ++*(int *)arg;
    return true;
}

static bool last_set(const struct store_region_set *set, void *arg)
{
    struct store_region_set *out = arg;
    *out = *set;
    for (int i = 0; i < set->levels_n; i++)
        assert_true(!set->level[i].key || set->level[i].name);
    return true;
}

static bool first_layer(const struct store_layer *layer, void *arg)
{
    *(int64_t *)arg = layer->id;
    return false;
}

static void layers_replaced(void **state)
{
    (void)state;
    struct fixture f;
    struct layer_count count = {0};
    struct store_region_set set = {0};
    int64_t import_id, change, id;
    int n = 0;
    fixture_open(&f);
    fixture_layers(&f);
    CHECK_OK(store_each_layer(f.s, count_layer, &count, &e), e);
    assert_string_equal(count.order, "state municipality corridors ");
    CHECK_OK(store_each_layer(f.s, first_layer, &id, &e), e);
    struct box box = {-92.9, 15.5, -92.8, 15.6};
    CHECK_OK(store_each_layer_feature(f.s, id, &box, true, true, count_feature, &n, &e), e);
    assert_int_equal(n, 1);
    CHECK_OK(store_each_layer_feature(f.s, id, NULL, true, true, count_feature, &n, &e), e);
    assert_int_equal(n, 3);

    fixture_import_begin(&f, true, &import_id, &change);
    struct store_revision r = fixture_revision(&f, &f.arena, "A", -92.5, 16, 100, 4);
    add(&f, import_id, change, &r);
    fixture_import_end(&f, import_id, change);
    struct fixture former = f;
    fixture_layers(&f); /* the same layers again: other features */
    assert_int_not_equal(former.states[0], f.states[0]);
    memset(&count, 0, sizeof count);
    CHECK_OK(store_each_layer(f.s, count_layer, &count, &e), e);
    assert_int_equal(count.n, 3);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM layer WHERE to_change IS NOT NULL"), 3);
    /* the figures renewed with the new layers */
    CHECK_OK(store_begin(f.s, false, &e), e);
    CHECK_OK(store_change_new(f.s, "layer", &change, &e), e);
    struct store_revision renewed = fixture_revision(&f, &f.arena, "A", -92.5, 16, 100, 3);
    CHECK_OK(store_figures_replace(f.s, r.id, change, &renewed.figures, &e), e);
    assert_int_equal(store_figures_replace(f.s, 999, change, &renewed.figures, &e), STATUS_INTERNAL);
    CHECK_OK(store_commit(f.s, &e), e);
    int64_t rows;
    assert_int_equal(total(f.s, 0, &rows), 100);
    assert_int_equal(rows, 3);
    fixture_check(f.s);
    CHECK_OK(store_each_region_set(f.s, last_set, &set, &e), e);
    assert_int_equal(set.levels_n, 2);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM region_set"), 4 + 3);
    /* a third level: old parts have no region there */
    CHECK_OK(store_begin(f.s, false, &e), e);
    CHECK_OK(store_change_new(f.s, "layer", &change, &e), e);
    struct store_layer ejido = {.kind = LAYER_REGIONS, .level = "ejido", .source = "x", .sha256 = ""};
    CHECK_OK(store_layer_add(f.s, &ejido, change, &id, &e), e);
    assert_int_equal(store_layer_add(f.s, &(struct store_layer){.kind = LAYER_REGIONS}, change, &id, &e), STATUS_USAGE);
    assert_int_equal(store_figures_replace(f.s, r.id, change, &renewed.figures, &e), STATUS_INTERNAL); /* two levels of three */
    assert_string_equal(e.code, "levels_differ");
    store_rollback(f.s);
    fixture_close(&f);
}

static void slope_classes(void **state)
{
    (void)state;
    struct fixture f;
    struct slope_class_table table, back;
    fixture_open(&f);
    CHECK_OK(store_slope_table(f.s, &table, &e), e);
    assert_string_equal(table.code, "FAO_2006");
    CHECK_OK(slope_table_shipped("MIAF_20", &table, &e), e);
    CHECK_OK(store_begin(f.s, false, &e), e);
    CHECK_OK(store_slope_table_set(f.s, &table, 0, &e), e);
    CHECK_OK(store_commit(f.s, &e), e);
    CHECK_OK(store_slope_table(f.s, &back, &e), e);
    assert_memory_equal(&table, &back, sizeof table);
    fixture_close(&f);
}

/* ---- held rows, findings, words ---- */

static bool compare_held(const struct store_held *held, void *arg)
{
    const char *status = arg;
    assert_string_equal(held->outcome, "held");
    assert_string_equal(held->import_status, status);
    assert_string_equal(held->attributes_json, "{\"PRODUCTOR\":\"Rosa \\\"la de arriba\\\"\",\"NADA\":null}");
    assert_int_equal(held->linework.points_n, 5);
    assert_int_equal(held->structure.points_n, 0);
    assert_int_equal(held->row, 8);
    return true;
}

static bool compare_finding(const struct finding *finding, void *arg)
{
    assert_int_equal(finding->code, FINDING_SELF_CROSSING);
    assert_int_equal(finding->row, 8);
    CHECK_NEAR(finding->place.lat, 16, 0);
    assert_true(isnan(finding->effect_m2));
    assert_true((finding->message != NULL) == *(bool *)arg);
    return true;
}

static void held_rows(void **state)
{
    (void)state;
    struct fixture f;
    struct touched t;
    struct store *public;
    int64_t import_id, change;
    bool personal = true;
    fixture_open(&f);
    fixture_import_begin(&f, false, &import_id, &change);
    struct candidate_attribute attributes[] = {{"PRODUCTOR", "Rosa \"la de arriba\""}, {"NADA", NULL}};
    struct candidate held = {.outcome = CANDIDATE_HELD, .row = 8, .attributes = attributes, .attributes_n = 2, .source_epsg = 4326};
    held.boundary = fixture_square(&f.arena, -92.4, 16, 0.01);
    CHECK_OK(store_held_add(f.s, import_id, &held, NULL, &e), e);
    struct finding finding = {.code = FINDING_SELF_CROSSING, .row = 8, .place = {-92.4, 16}, .message = "Rosa", .effect_m2 = NAN};
    CHECK_OK(store_finding_add(f.s, import_id, &finding, &e), e);
    fixture_import_end(&f, import_id, change);
    CHECK_OK(store_each_held(f.s, import_id, compare_held, (void *)(uintptr_t) "committed", &e), e);
    CHECK_OK(store_each_finding(f.s, import_id, compare_finding, &personal, &e), e);
    CHECK_OK(revert(&f, import_id, &t), e);
    CHECK_OK(store_each_held(f.s, import_id, compare_held, (void *)(uintptr_t) "reverted", &e), e);
    CHECK_OK(store_open(f.folder, STORE_PUBLIC, &public, &e), e);
    personal = false;
    CHECK_OK(store_each_finding(public, import_id, compare_finding, &personal, &e), e);
    assert_int_not_equal(store_each_held(public, import_id, compare_held, NULL, &e), STATUS_OK);
    struct store_import import;
    CHECK_OK(store_import_get(public, import_id, &f.arena, &import, &e), e);
    assert_string_equal(import.files, "[]");
    store_close(public);
    fixture_close(&f);
}

/* ---- pages and tiles ---- */

struct page {
    int64_t ids[64];
    int n;
};

static bool note_item(const struct store_plot *p, void *arg)
{
    struct page *page = arg;
    page->ids[page->n++] = p->revision.plot_id;
    return true;
}

static bool note_tile_plot(const struct store_tile_plot *p, void *arg)
{
    struct page *page = arg;
    assert_string_equal(p->programme, "MIAF-D");
    assert_string_equal(p->organisation, "RAYEN");
    assert_string_equal(p->crop, "maize");
    assert_int_equal(p->drawing_n, 7);
    page->ids[page->n++] = p->plot_id;
    return true;
}

static void pages_and_tiles(void **state)
{
    (void)state;
    struct fixture f;
    struct arena a;
    int64_t import_id, change, matched;
    fixture_open(&f);
    fixture_layers(&f);
    arena_init(&a, 0);
    fixture_import_begin(&f, true, &import_id, &change);
    for (int i = 0; i < 40; i++) { /* every second one from the west */
        char code[8];
        snprintf(code, sizeof code, "%02d", i);
        struct store_revision r = fixture_revision(&f, &f.arena, code, -92.5 + 0.01 * (i * 7 % 40), 16, 100, 1);
        add(&f, import_id, change, &r);
    }
    fixture_import_end(&f, import_id, change);
    struct page page = {.n = 0};
    int64_t after = 0;
    for (int pages = 0; pages < 5; pages++) {
        int before = page.n;
        CHECK_OK(store_each_item(f.s, NULL, "MIAF-D", NULL, after, 9, &a, note_item, &page, &matched, &e), e);
        assert_int_equal(matched, 40);
        assert_int_equal(page.n - before, pages < 4 ? 9 : 4);
        after = page.ids[page.n - 1];
    }
    for (int i = 1; i < page.n; i++)
        assert_true(page.ids[i - 1] < page.ids[i]);
    struct box box = {-92.5, 15, -92.3, 17}; /* 21 squares: the one at -92.3 touches */
    page.n = 0;
    CHECK_OK(store_each_item(f.s, &box, NULL, NULL, 0, 15, &a, note_item, &page, &matched, &e), e);
    assert_int_equal(matched, 21);
    assert_int_equal(page.n, 15);
    CHECK_OK(store_each_item(f.s, &box, NULL, NULL, page.ids[14], 15, &a, note_item, &page, &matched, &e), e);
    assert_int_equal(page.n, 21);
    CHECK_OK(store_each_item(f.s, NULL, "NOBODY", NULL, 0, 15, &a, note_item, &page, &matched, &e), e);
    assert_int_equal(matched, 0);
    CHECK_OK(store_each_item(f.s, NULL, NULL, NULL, 0, 5, &a, note_item, &page, &matched, &e), e);
    assert_int_equal(matched, 40);
    page.n = 0;
    CHECK_OK(store_each_tile_plot(f.s, &box, note_tile_plot, &page, &e), e);
    assert_int_equal(page.n, 21);
    for (int i = 1; i < page.n; i++)
        assert_true(page.ids[i - 1] < page.ids[i]);
    arena_clear(&a);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),          cmocka_unit_test(finding_plots),           cmocka_unit_test(history_and_revert),
        cmocka_unit_test(rollback_leaves_nothing), cmocka_unit_test(snapshots),           cmocka_unit_test(faces_have_versions),
        cmocka_unit_test(revert_under_later_faces), cmocka_unit_test(layers_replaced),    cmocka_unit_test(slope_classes),
        cmocka_unit_test(held_rows),           cmocka_unit_test(pages_and_tiles),    cmocka_unit_test(indexes_when_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
