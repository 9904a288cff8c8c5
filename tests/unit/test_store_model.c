/* Random operations (import, revise, new figures, revert, rollback, reopen) on a registry and on a
 * plain model of it; after each transaction what is kept with every commit must equal what the
 * model computes from scratch: overview cells of every zoom, tile versions, totals now and as of
 * any change. */
#include "tests/check.h"

#include <stdlib.h>

#include "tests/unit/store_fixture.h"

enum { PLOTS = 60, REVISIONS = 4000, CHANGES = 200, EVENTS = 8000, ROUNDS = 60, EVER = INT32_MAX };

static struct error e;

struct model_revision {
    int64_t id, from, to; /* to: EVER = now */
    int plot, previous;   /* index, -1 none */
    int import;
    struct lonlat anchor;
    struct box box;
    int64_t area, corridor, classes[CLASSES_N];
};
struct event {
    struct box box;
    int64_t change;
};
struct model {
    struct model_revision revisions[REVISIONS];
    int revisions_n;
    int current[PLOTS]; /* index of a revision, -1 none */
    int64_t plot_ids[PLOTS];
    struct event events[EVENTS];
    int events_n;
    struct {
        int64_t id, change;
        bool reverted;
    } imports[CHANGES];
    int imports_n;
    int64_t change;
};

static uint64_t seed;

static uint32_t next(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static void touch(struct model *m, const struct model_revision *r, int64_t change)
{
    assert_true(m->events_n < EVENTS);
    m->events[m->events_n++] = (struct event){r->box, change};
}

/* ---- operations ---- */

static struct store_revision random_revision(struct fixture *f, struct arena *a, int plot)
{
    char *code = arena_printf(a, "plot %d", plot);
    double lon = -92.9 + next(2000) * 0.001,
           lat = 15.1 + next(1000) * 0.001; /* clustered: cells hold several plots */
    if (next(20) == 0)
        lon = next(2) ? -180 : 179.999, lat = next(2) ? -89.9 : 84 + next(5);
    return fixture_revision(f, a, code, lon, lat, 1000 + next(100000), 1 + (int)next(4));
}

static void model_figures(struct model_revision *to, const struct store_figures *from)
{
    struct weight w;
    weight_of_figures(from, &w);
    to->corridor = from->corridor_mm2;
    memcpy(to->classes, w.class_mm2, sizeof to->classes);
    int64_t classes = 0, parts = 0; /* weight_of_figures itself, checked by hand */
    for (int c = 0; c < CLASSES_N; c++)
        classes += to->classes[c];
    for (size_t i = 0; i < from->parts_n; i++)
        parts += from->parts[i].area_mm2;
    assert_int_equal(classes, parts);
}

static void add_one(struct fixture *f, struct model *m, struct arena *a, int64_t import_id,
                    int64_t change)
{
    int plot = (int)next(PLOTS);
    struct store_revision r = random_revision(f, a, plot);
    r.plot_id = m->plot_ids[plot];
    CHECK_OK(store_revision_add(f->s, import_id, change, &r, &e), e);
    m->plot_ids[plot] = r.plot_id;
    int before = m->current[plot];
    if (before >= 0) {
        m->revisions[before].to = change;
        touch(m, &m->revisions[before], change);
    }
    assert_true(m->revisions_n < REVISIONS);
    struct model_revision *x = &m->revisions[m->revisions_n];
    *x = (struct model_revision){.id = r.id,
                                 .from = change,
                                 .to = EVER,
                                 .plot = plot,
                                 .previous = before,
                                 .import = m->imports_n,
                                 .anchor = r.anchor,
                                 .area = r.area_mm2,
                                 .box = boundary_box(&r.boundary)};
    model_figures(x, &r.figures);
    touch(m, x, change);
    m->current[plot] = m->revisions_n++;
}

static void do_import(struct fixture *f, struct model *m, struct arena *a, bool keep)
{
    int64_t import_id, change;
    fixture_import_begin(f, next(2), &import_id, &change);
    int n = 1 + (int)next(30);
    for (int i = 0; i < n; i++)
        add_one(f, m, a, import_id, change);
    if (!keep)
        return;
    fixture_import_end(f, import_id, change);
    m->imports[m->imports_n].id = import_id;
    m->imports[m->imports_n++].change = change;
    m->change = change;
}

static void do_figures(struct fixture *f, struct model *m, struct arena *a)
{
    int64_t change;
    CHECK_OK(store_begin(f->s, next(2), &e), e);
    CHECK_OK(store_change_new(f->s, "layer", &change, &e), e);
    for (int p = 0; p < PLOTS; p++) {
        if (m->current[p] < 0 || next(3))
            continue;
        struct model_revision *x = &m->revisions[m->current[p]];
        struct store_revision r = fixture_revision(f, a, "x", 0, 0, x->area, 1 + (int)next(4));
        struct model_revision was = *x;
        CHECK_OK(store_figures_replace(f->s, x->id, change, &r.figures, &e), e);
        model_figures(x, &r.figures);
        if (was.corridor != x->corridor || memcmp(was.classes, x->classes, sizeof was.classes) != 0)
            touch(m, x, change); /* what comes out as it was leaves its tiles alone */
    }
    CHECK_OK(store_commit(f->s, &e), e);
    m->change = change;
}

static bool ignore(int64_t revision_id, struct box box, bool current, void *arg)
{
    (void)box;
    (void)revision_id;
    arg = current ? arg : NULL;
    return true;
}

static bool may_revert(const struct model *m, int import)
{
    for (int i = 0; i < m->revisions_n; i++)
        if (m->revisions[i].import == import && m->revisions[i].to != EVER &&
            m->revisions[i].to > m->imports[import].change)
            return false;
    return !m->imports[import].reverted;
}

static void model_revert(struct model *m, int import, int64_t change)
{
    m->imports[import].reverted = true;
    for (int i = 0; i < m->revisions_n; i++) {
        struct model_revision *r = &m->revisions[i];
        if (r->import != import || r->to != EVER)
            continue;
        r->to = r->from;
        touch(m, r, change);
        int p = r->previous;
        while (p >= 0 && m->revisions[p].import == import)
            p = m->revisions[p].previous;
        m->current[r->plot] = p;
        if (p >= 0) {
            m->revisions[p].to = EVER;
            touch(m, &m->revisions[p], change);
        }
    }
}

static void do_revert(struct fixture *f, struct model *m)
{
    int64_t change;
    if (!m->imports_n)
        return;
    int import = m->imports_n - 1 - (int)next(m->imports_n < 5 ? (uint32_t)m->imports_n : 5);
    bool may = may_revert(m, import);
    CHECK_OK(store_begin(f->s, next(2), &e), e);
    CHECK_OK(store_change_new(f->s, "revert", &change, &e), e);
    assert_int_equal(store_import_revert(f->s, m->imports[import].id, change, ignore, NULL, &e),
                     may ? STATUS_OK : STATUS_CONFLICT);
    if (!may) {
        store_rollback(f->s);
        return;
    }
    model_revert(m, import, change);
    CHECK_OK(store_commit(f->s, &e), e);
    m->change = change;
}

/* ---- comparison ---- */

struct cells {
    struct store_overview_cell *cells;
    int n;
};

static bool keep_cell(const struct store_overview_cell *cell, void *arg)
{
    struct cells *c = arg;
    c->cells[c->n++] = *cell;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct store_overview_cell *x = a, *y = b;
    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x->x < y->x ? -1 : x->x > y->x;
}

/* The model's own projection (Snyder 1987, eq. 7-7), not the store's. */
static void tile_of(struct lonlat p, int zoom, uint32_t *x, uint32_t *y)
{
    double lat = fmin(fmax(p.lat, -85.0511287798066), 85.0511287798066) * M_PI / 180,
           n = pow(2, zoom);
    double tx = floor((p.lon + 180) / 360 * n),
           ty = floor((1 - log(tan(M_PI / 4 + lat / 2)) / M_PI) / 2 * n);
    *x = (uint32_t)fmin(fmax(tx, 0), n - 1);
    *y = (uint32_t)fmin(fmax(ty, 0), n - 1);
}

static void model_cells(const struct model *m, int zoom, const uint32_t window[4],
                        struct cells *out)
{
    for (int p = 0; p < PLOTS; p++) {
        if (m->current[p] < 0)
            continue;
        const struct model_revision *r = &m->revisions[m->current[p]];
        struct store_overview_cell cell = {.plots = 1,
                                           .area_mm2 = r->area,
                                           .corridor_mm2 = r->corridor,
                                           .nodata_mm2 = r->classes[SLOPE_CLASSES_MAX]};
        memcpy(cell.class_mm2, r->classes, sizeof cell.class_mm2);
        tile_of(r->anchor, zoom, &cell.x, &cell.y);
        if (cell.x < window[0] || cell.y < window[1] || cell.x > window[2] || cell.y > window[3])
            continue;
        int at = 0;
        while (at < out->n && by_place(&out->cells[at], &cell) != 0)
            at++;
        if (at == out->n) {
            out->cells[out->n++] = cell;
            continue;
        }
        struct store_overview_cell *sum = &out->cells[at];
        sum->plots++;
        sum->area_mm2 += cell.area_mm2;
        sum->corridor_mm2 += cell.corridor_mm2;
        sum->nodata_mm2 += cell.nodata_mm2;
        for (int c = 0; c < SLOPE_CLASSES_MAX; c++)
            sum->class_mm2[c] += cell.class_mm2[c];
    }
    qsort(out->cells, (size_t)out->n, sizeof *out->cells, by_place);
}

static void compare_cells(struct store *s, const struct model *m)
{
    struct store_overview_cell want_cells[PLOTS], got_cells[PLOTS + 8];
    for (int zoom = OVERVIEW_ZOOM_MIN; zoom <= OVERVIEW_ZOOM_MAX; zoom++) {
        uint32_t last = (1u << zoom) - 1, x, y;
        tile_of((struct lonlat){-91.9, 15.6}, zoom, &x,
                &y); /* the whole world; a window whose edges fall anywhere */
        uint32_t windows[2][4] = {{0, 0, last, last},
                                  {x - next(x < 99 ? x : 99), y - next(y < 99 ? y : 99),
                                   x + next(last - x < 99 ? last - x : 99),
                                   y + next(5) % (last - y + 1)}};
        for (int w = 0; w < 2; w++) {
            struct cells want = {want_cells, 0}, got = {got_cells, 0};
            model_cells(m, zoom, windows[w], &want);
            CHECK_OK(store_each_overview_cell(s, zoom, windows[w][0], windows[w][1], windows[w][2],
                                              windows[w][3], keep_cell, &got, &e),
                     e);
            qsort(got.cells, (size_t)got.n, sizeof *got.cells, by_place);
            assert_int_equal(got.n, want.n);
            assert_memory_equal(got_cells, want_cells, (size_t)want.n * sizeof *want_cells);
        }
    }
}

/* Tiles around a random event: the newest event whose box, widened by 1/64 tile, meets the tile. */
static void compare_versions(struct store *s, const struct model *m)
{
    if (!m->events_n)
        return;
    for (int zoom = 0; zoom <= TILE_VERSION_ZOOM_MAX; zoom++) {
        double n = pow(2, zoom);
        uint32_t x, y;
        const struct event *near = &m->events[next((uint32_t)m->events_n)];
        tile_of((struct lonlat){near->box.west, near->box.south}, zoom, &x, &y);
        x = (uint32_t)fmax(0, fmin(n - 1, (double)x + next(3) - 1.0));
        int64_t want = 0, got;
        for (int i = 0; i < m->events_n; i++) {
            const struct box *b = &m->events[i].box;
            double south, north;
            mercator_unit((struct lonlat){0, b->south}, &(double){0}, &south);
            mercator_unit((struct lonlat){0, b->north}, &(double){0}, &north);
            double west = (b->west + 180) / 360 * n - 1.0 / 64,
                   east = (b->east + 180) / 360 * n + 1.0 / 64;
            bool meets = (west < x + 1 || x + 1 == n) && (east >= x || x == 0) &&
                         (north * n - 1.0 / 64 < y + 1 || y + 1 == n) &&
                         (south * n + 1.0 / 64 >= y || y == 0);
            if (meets && m->events[i].change > want)
                want = m->events[i].change;
        }
        CHECK_OK(store_tile_version(s, zoom, x, y, &got, &e), e);
        assert_int_equal(got, want);
    }
}

struct sum {
    int64_t rows, area, last;
};

static bool add_row(const struct store_total_row *row, void *arg)
{
    struct sum *sum = arg;
    assert_true(row->revision_id >= sum->last);
    sum->last = row->revision_id;
    sum->rows++;
    sum->area += row->area_mm2;
    return true;
}

static void compare_totals(struct store *s, const struct model *m)
{
    for (int64_t as_of = 0; as_of <= m->change; as_of += 1 + (int64_t)next(5)) {
        struct sum got = {0};
        struct store_totals_filter filter = {.as_of_change = as_of};
        int64_t want = 0;
        for (int i = 0; i < m->revisions_n; i++) {
            const struct model_revision *r = &m->revisions[i];
            if (as_of ? r->from <= as_of && r->to > as_of : r->to == EVER)
                want += r->area;
        }
        CHECK_OK(store_each_total_row(s, &filter, add_row, &got, &e), e);
        assert_int_equal(got.area, want);
    }
}

static void compare(struct fixture *f, const struct model *m)
{
    struct store *reader;
    CHECK_OK(store_open(f->folder, STORE_PUBLIC, &reader, &e), e);
    compare_cells(reader, m);
    compare_versions(reader, m);
    compare_totals(reader, m);
    store_close(reader);
}

static void random_life(uint64_t start)
{
    struct fixture f;
    struct arena a;
    struct model *m = calloc(1, sizeof *m), *kept = calloc(1, sizeof *m);
    assert_true(m && kept);
    for (int p = 0; p < PLOTS; p++)
        m->current[p] = -1;
    seed = start;
    arena_init(&a, 0);
    fixture_open(&f);
    fixture_layers(&f);
    m->change = 1;
    for (int round = 0; round < ROUNDS; round++) {
        arena_reset(&a);
        switch (next(8)) {
        case 0:
            *kept = *m;
            do_import(&f, m, &a, false);
            store_rollback(f.s);
            *m = *kept;
            break;
        case 1:
        case 2:
            do_revert(&f, m);
            break;
        case 3:
            do_figures(&f, m, &a);
            break;
        case 4:
            store_close(f.s);
            CHECK_OK(store_open(f.folder, STORE_WRITE, &f.s, &e), e);
            break;
        default:
            do_import(&f, m, &a, true);
        }
        compare(&f, m);
    }
    assert_true(m->imports_n > 5);
    fixture_check(f.s);
    assert_int_equal(fixture_int(f.s, "SELECT CheckSpatialIndex('revision', 'geom')"), 1);
    fixture_close(&f);
    arena_clear(&a);
    free(m);
    free(kept);
}

static void random_lives(void **state)
{
    (void)state;
    for (uint64_t start = 1; start <= 5; start++) {
        print_message("seed %llu\n", (unsigned long long)start);
        random_life(start);
    }
}

/* More deltas and boxes than one flush takes is not reachable here; that a flush in the middle
 * changes nothing is. */
static void flush_in_the_middle(void **state)
{
    (void)state;
    struct fixture f;
    struct model *m = calloc(1, sizeof *m);
    int64_t import_id, change;
    assert_non_null(m);
    for (int p = 0; p < PLOTS; p++)
        m->current[p] = -1;
    seed = 7;
    fixture_open(&f);
    fixture_layers(&f);
    fixture_import_begin(&f, true, &import_id, &change);
    for (int i = 0; i < 400; i++) {
        add_one(&f, m, &f.arena, import_id, change);
        if (i % 37 == 0)
            CHECK_OK(overview_flush(f.s, &e), e);
        if (i % 41 == 0)
            CHECK_OK(tile_touches_flush(f.s, &e), e);
        if (i == 250)
            CHECK_OK(boxes_flush(f.s, &e), e);
    }
    fixture_import_end(&f, import_id, change);
    m->change = change;
    compare(&f, m);
    fixture_check(f.s);
    fixture_close(&f);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_lives),
                                       cmocka_unit_test(flush_in_the_middle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
