/* The promises of the design on whole registries made of random plots: parts add up, nothing is counted twice in distinct, the
 * same rows in another order and with other numbers of workers give the same figures, the same file again changes nothing, a
 * revert brings back what was, a dry run writes nothing, every row is accounted for. */
#include "tests/check.h"

#include <ftw.h>
#include <jansson.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/reader.h"
#include "service/registry/check.h"
#include "service/registry/hectares.h"
#include "service/registry/import.h"
#include "service/registry/layers.h"
#include "service/store/totals.h"

static char folder[64];
static uint64_t seed = 20260101;

static double random_unit(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static char *path_of(const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* ---- making files ---- */

struct sample_plot {
    double lon, lat, radius;
    int vertices, crop, programme;
    uint64_t shape_seed;
    bool bow_tie;
};

enum { PLOTS_N = 240 };
static struct sample_plot plots[PLOTS_N];

static void invent_plots(void)
{
    for (int i = 0; i < PLOTS_N; i++) {
        struct sample_plot *p = &plots[i];
        *p = (struct sample_plot){.lon = -92.8 + 0.02 * random_unit(), .lat = 16.3 + 0.02 * random_unit(), .radius = 0.0004 + 0.0008 * random_unit(),
                                  .vertices = 5 + (int)(12 * random_unit()), .crop = (int)(4 * random_unit()), .programme = (int)(3 * random_unit()),
                                  .shape_seed = (uint64_t)(random_unit() * 1e15) + 1, .bow_tie = i % 40 == 7};
    }
}

static void write_ring(FILE *f, const struct sample_plot *p, double grow)
{
    uint64_t kept = seed;
    seed = p->shape_seed;
    double first_lon = 0, first_lat = 0;
    for (int i = 0; i < p->vertices; i++) {
        double angle = 2 * M_PI * i / p->vertices, r = grow * p->radius * (0.6 + 0.4 * random_unit());
        double lon = p->lon + r * cos(angle), lat = p->lat + r * sin(angle);
        if (i == 0) {
            first_lon = lon;
            first_lat = lat;
        }
        fprintf(f, "%s[%.9f,%.9f]", i ? "," : "", lon, lat);
    }
    fprintf(f, ",[%.9f,%.9f]", first_lon, first_lat);
    seed = kept;
}

/* order: which plot stands on which row; grow: size factor of every `grow_every`-th plot (0 = none). */
static void write_plots(const char *path, const int *order, int n, double grow, int grow_every)
{
    static const char *const crops[] = {"maíz", "café", "aguacate", "frijol"};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[\n", f);
    for (int i = 0; i < n; i++) {
        const struct sample_plot *p = &plots[order[i]];
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"clave\":\"P-%04d\",\"programa\":\"PR%d\",\"cultivo\":\"%s\",\"productor\":\"Persona %d\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[",
                i ? ",\n" : "", order[i], p->programme, crops[p->crop], order[i] / 2);
        if (p->bow_tie) {
            double r = p->radius;
            fprintf(f, "[%.9f,%.9f],[%.9f,%.9f],[%.9f,%.9f],[%.9f,%.9f],[%.9f,%.9f]", p->lon, p->lat, p->lon + r, p->lat + r, p->lon + r, p->lat,
                    p->lon, p->lat + r, p->lon, p->lat);
        } else {
            write_ring(f, p, grow_every && order[i] % grow_every == 0 ? grow : 1);
        }
        fputs("]]}}", f);
    }
    fputs("\n]}\n", f);
    fclose(f);
}

/* 3 x 3 municipalities over the plots' square, the last column missing so that some ground lies in none. */
static void write_regions(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    for (int i = 0; i < 8; i++) {
        double w = -92.802 + 0.008 * (i % 3), s = 16.298 + 0.008 * (i / 3);
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"CVEGEO\":\"0700%d\",\"NOMGEO\":\"Municipio %d\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f]]]}}",
                i ? "," : "", i, i, w, s, w + 0.008, s, w + 0.008, s + 0.008, w, s + 0.008, w, s);
    }
    fputs("]}\n", f);
    fclose(f);
}

/* Two corridors that overlap each other, with wiggly borders. */
static void write_corridors(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    for (int c = 0; c < 2; c++) {
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"clave\":\"C%d\",\"nombre\":\"Corredor %d\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[", c ? "," : "", c, c);
        for (int i = 0; i <= 720; i++) {
            double angle = 2 * M_PI * (i % 720) / 720, r = 0.007 + 0.0006 * sin(31 * angle);
            fprintf(f, "%s[%.9f,%.9f]", i ? "," : "", -92.793 + 0.005 * c + r * cos(angle), 16.309 + r * sin(angle));
        }
        fputs("]]}}", f);
    }
    fputs("]}\n", f);
    fclose(f);
}

/* An SRTM tile (3 arc-seconds, big-endian 16-bit metres) with hills and a hole without data. */
static void write_terrain(const char *path)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int row = 0; row < 1201; row++)
        for (int col = 0; col < 1201; col++) {
            int z = (int)(800 + 200 * sin(row / 7.0) + 150 * cos(col / 5.0));
            if (row > 836 && row < 839 && col > 242 && col < 248)
                z = -32768;
            fputc(z >> 8 & 0xFF, f);
            fputc(z & 0xFF, f);
        }
    fclose(f);
}

/* ---- using the registry ---- */

static void make_registry(const char *registry)
{
    struct error e;
    struct layer_report r;
    CHECK_OK(store_create(registry, &e), e);
    const char *regions[] = {path_of("regions.geojson")}, *corridors[] = {path_of("corridors.geojson")}, *terrain[] = {path_of("N16W093.hgt")};
    CHECK_OK(layer_add(&(struct layer_request){.registry = registry, .kind = LAYER_REGIONS, .files = regions, .files_n = 1, .level = "municipality"}, &r, &e), e);
    assert_int_equal(r.features, 8);
    layer_report_clear(&r);
    CHECK_OK(layer_add(&(struct layer_request){.registry = registry, .kind = LAYER_CORRIDORS, .files = corridors, .files_n = 1, .accuracy_m = 125}, &r, &e), e);
    layer_report_clear(&r);
    CHECK_OK(layer_add(&(struct layer_request){.registry = registry, .kind = LAYER_TERRAIN, .files = terrain, .files_n = 1}, &r, &e), e);
    layer_report_clear(&r);
}

static struct store_import import_file(const char *registry, const char *file, bool dry_run)
{
    struct error e;
    struct import_report report;
    const char *files[] = {file};
    CHECK_OK(import_run(&(struct import_request){.registry = registry, .files = files, .files_n = 1, .dry_run = dry_run}, &report, &e), e);
    struct store_import i = report.import;
    assert_int_equal(i.rows, i.new_n + i.revised_n + i.unchanged_n + i.held_n + i.rejected_n);
    import_report_clear(&report);
    return i;
}

static json_t *hectares(const char *registry, const char *by1, const char *by2, const char *by3)
{
    struct store *s;
    struct error e;
    struct arena a;
    struct hectares h;
    struct buf b;
    arena_init(&a, 0);
    buf_init(&b, 0);
    struct hectares_query q = {.by = {by1, by2, by3}, .by_n = !!by1 + !!by2 + !!by3};
    CHECK_OK(store_open(registry, STORE_READ, &s, &e), e);
    CHECK_OK(hectares_compute(s, &q, &a, &h, &e), e);
    int64_t sum = 0, corridor = 0, classes[SLOPE_CLASSES_MAX + 1] = {0};
    for (size_t i = 0; i < h.groups_n; i++) {
        sum += h.groups[i].figures.sum_mm2;
        corridor += h.groups[i].figures.corridor_mm2;
        for (int c = 0; c <= SLOPE_CLASSES_MAX; c++)
            classes[c] += h.groups[i].figures.class_mm2[c];
    }
    if (by1) { /* parts add up, to the square millimetre */
        assert_int_equal(sum, h.total.sum_mm2);
        assert_int_equal(corridor, h.total.corridor_mm2);
        assert_memory_equal(classes, h.total.class_mm2, sizeof classes);
    }
    hectares_json(&h, &b);
    store_close(s);
    json_error_t error;
    json_t *root = json_loads(b.bytes, JSON_DECODE_ANY, &error);
    assert_non_null(root);
    json_object_del(root, "method"); /* holds times and change numbers, as does */
    json_object_del(root, "ask_again");
    buf_clear(&b);
    arena_clear(&a);
    return root;
}

static char *all_totals(const char *registry)
{
    static const char *const by[][3] = {{NULL}, {"municipality"}, {"programme"}, {"crop"}, {"slope_class"}, {"corridor"}, {"municipality", "crop", "slope_class"}};
    json_t *all = json_array();
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        json_array_append_new(all, hectares(registry, by[i][0], by[i][1], by[i][2]));
    char *text = json_dumps(all, JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
    json_decref(all);
    return text;
}

static void note_check(const char *name, bool ok, const char *detail, void *arg)
{
    (void)arg;
    if (!ok)
        print_error("check %s: %s\n", name, detail);
}

static void check_green(const char *registry)
{
    struct store *s;
    struct error e;
    bool ok = false;
    CHECK_OK(store_open(registry, STORE_READ, &s, &e), e);
    CHECK_OK(check_run(s, note_check, NULL, NULL, &ok, &e), e);
    store_close(s);
    assert_true(ok);
}

static void shuffle(int *order, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int k = (int)(random_unit() * (i + 1)), t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
}

/* ---- the promises ---- */

static void same_figures_for_any_order_and_workers(void **state)
{
    (void)state;
    static const char *const workers[] = {"1", "2", "8"};
    int order[PLOTS_N];
    char *first = NULL;
    for (int i = 0; i < PLOTS_N; i++)
        order[i] = i;
    for (int round = 0; round < 3; round++) {
        char name[32];
        snprintf(name, sizeof name, "order%d", round);
        char *registry = strdup(path_of(name)), *file = strdup(path_of("shuffled.geojson"));
        setenv("PARCELA_WORKERS", workers[round], 1);
        write_plots(file, order, PLOTS_N, 1, 0);
        make_registry(registry);
        struct store_import i = import_file(registry, file, false);
        assert_int_equal(i.rows, PLOTS_N);
        assert_true(i.repaired_n > 0);
        check_green(registry);
        char *totals = all_totals(registry);
        if (first)
            assert_string_equal(totals, first);
        else
            first = strdup(totals);
        free(totals);
        shuffle(order, PLOTS_N);
        free(registry);
        free(file);
    }
    free(first);
    unsetenv("PARCELA_WORKERS");
}

static void again_revise_revert(void **state)
{
    (void)state;
    int order[PLOTS_N];
    for (int i = 0; i < PLOTS_N; i++)
        order[i] = i;
    char *registry = strdup(path_of("history")), *a = strdup(path_of("a.geojson")), *b = strdup(path_of("b.geojson"));
    write_plots(a, order, PLOTS_N, 1, 0);
    write_plots(b, order, PLOTS_N, 1.3, 3);
    make_registry(registry);
    import_file(registry, a, false);
    char *before = all_totals(registry);
    struct store_import again = import_file(registry, a, false);
    assert_int_equal(again.unchanged_n, PLOTS_N);
    assert_int_equal(again.id, 0);
    struct store_import dry = import_file(registry, b, true);
    assert_true(dry.revised_n > 60);
    char *after_dry = all_totals(registry);
    assert_string_equal(after_dry, before);
    struct store_import revised = import_file(registry, b, false);
    assert_int_equal(revised.revised_n, dry.revised_n);
    assert_int_equal(revised.added_mm2, dry.added_mm2);
    check_green(registry);
    char *after = all_totals(registry);
    assert_string_not_equal(after, before);
    struct error e;
    static struct import_reverted touched;
    CHECK_OK(import_revert(registry, revised.id, &touched, &e), e);
    check_green(registry);
    char *reverted = all_totals(registry);
    assert_string_equal(reverted, before);
    assert_int_equal(import_revert(registry, revised.id, &touched, &e), STATUS_CONFLICT);
    free(before);
    free(after_dry);
    free(after);
    free(reverted);
    free(registry);
    free(a);
    free(b);
}

/* A layer added after the plots gives the same figures as one that was there before them. */
static void layer_order_does_not_matter(void **state)
{
    (void)state;
    int order[PLOTS_N];
    for (int i = 0; i < PLOTS_N; i++)
        order[i] = i;
    char *early = strdup(path_of("early")), *late = strdup(path_of("late")), *a = strdup(path_of("a.geojson"));
    write_plots(a, order, PLOTS_N, 1, 0);
    make_registry(early);
    import_file(early, a, false);
    struct error e;
    CHECK_OK(store_create(late, &e), e);
    import_file(late, a, false);
    static const struct {
        enum layer_kind kind;
        const char *file, *level;
    } layers[] = {{LAYER_TERRAIN, "N16W093.hgt", NULL}, {LAYER_CORRIDORS, "corridors.geojson", NULL}, {LAYER_REGIONS, "regions.geojson", "municipality"}};
    for (int i = 0; i < 3; i++) {
        const char *files[] = {path_of(layers[i].file)};
        struct layer_report r;
        CHECK_OK(layer_add(&(struct layer_request){.registry = late, .kind = layers[i].kind, .files = files, .files_n = 1, .level = layers[i].level, .accuracy_m = 125}, &r, &e), e);
        assert_true(r.plots_recomputed > 0);
        layer_report_clear(&r);
    }
    check_green(late);
    char *x = all_totals(early), *y = all_totals(late);
    assert_string_equal(x, y);
    free(x);
    free(y);
    free(early);
    free(late);
    free(a);
}

/* The variance of a total, made here from the rows of the store in another way: all parts of a plot first, then its share of each
 * piece in each group, then the quadratic form. */
enum { ROWS_MAX = PLOTS_N * 40, PIECES_MAX = 16 };
struct kept_row {
    struct store_total_row row;
    double covariance[PIECES_MAX];
};
struct kept_rows {
    struct kept_row list[ROWS_MAX];
    size_t n;
};

static bool keep_row(const struct store_total_row *row, void *arg)
{
    struct kept_rows *all = arg;
    assert_true(all->n < ROWS_MAX);
    struct kept_row *k = &all->list[all->n++];
    k->row = *row;
    for (int i = 0; row->piece >= 0 && i < row->pieces_n; i++)
        k->covariance[i] = row->covariance[i];
    return true;
}

/* of the plot whose rows are [from, to): group -2 = all of it. */
static double plot_variance(const struct kept_row *rows, size_t n, int group, bool inside_only)
{
    double piece_mm2[PIECES_MAX] = {0}, taken[PIECES_MAX] = {0}, all = 0, sum = 0;
    const double *covariance[PIECES_MAX] = {0};
    for (size_t i = 0; i < n; i++) {
        const struct store_total_row *r = &rows[i].row;
        bool wanted = (group == -2 || group == r->slope_class) && (!inside_only || r->corridor_set);
        all += wanted ? (double)r->area_mm2 / (double)r->plot_mm2 : 0;
        if (r->piece < 0)
            continue;
        piece_mm2[r->piece] += (double)r->area_mm2;
        taken[r->piece] += wanted ? (double)r->area_mm2 : 0;
        covariance[r->piece] = rows[i].covariance;
    }
    if (rows[0].row.piece < 0)
        return all * all * rows[0].row.plot_se_m2 * rows[0].row.plot_se_m2;
    for (int p = 0; p < rows[0].row.pieces_n; p++)
        for (int q = 0; q < rows[0].row.pieces_n; q++)
            if (piece_mm2[p] > 0 && piece_mm2[q] > 0)
                sum += taken[p] / piece_mm2[p] * taken[q] / piece_mm2[q] * covariance[p][q];
    return sum;
}

static void totals_carry_their_error(void **state)
{
    (void)state;
    int order[PLOTS_N];
    for (int i = 0; i < PLOTS_N; i++)
        order[i] = i;
    char *registry = strdup(path_of("sure")), *a = strdup(path_of("sure.geojson"));
    write_plots(a, order, PLOTS_N, 1, 0);
    make_registry(registry);
    import_file(registry, a, false);
    struct store *s;
    struct error e;
    struct arena arena;
    struct hectares h;
    static struct kept_rows all;
    arena_init(&arena, 0);
    CHECK_OK(store_open(registry, STORE_READ, &s, &e), e);
    CHECK_OK(store_each_total_row(s, NULL, keep_row, &all, &e), e);
    CHECK_OK(hectares_compute(s, &(struct hectares_query){.by = {"slope_class"}, .by_n = 1}, &arena, &h, &e), e);
    double expected[SLOPE_CLASSES_MAX + 1] = {0}, total = 0, inside = 0;
    int cut = 0;
    for (size_t from = 0, to; from < all.n; from = to) {
        for (to = from; to < all.n && all.list[to].row.revision_id == all.list[from].row.revision_id; to++)
            ;
        double se = all.list[from].row.plot_se_m2, whole = plot_variance(&all.list[from], to - from, -2, false);
        CHECK_RELATIVE(whole, se * se, 1e-9); /* the pieces together are the plot */
        total += whole;
        inside += plot_variance(&all.list[from], to - from, -2, true);
        cut += all.list[from].row.piece >= 0;
        for (int c = -1; c < h.classes.classes_n; c++)
            expected[c + 1] += plot_variance(&all.list[from], to - from, c, false);
    }
    assert_true(total > 0 && inside > 0 && inside < total && cut > 20);
    /* each plot is rounded to a thousandth of m4, so that sums do not depend on the order */
    CHECK_NEAR(h.total.variance_m4, total, 0.001 * PLOTS_N * 10);
    CHECK_NEAR(h.total.corridor_variance_m4, inside, 0.001 * PLOTS_N * 10);
    assert_true(h.groups_n > 2);
    for (size_t i = 0; i < h.groups_n; i++) {
        int group = 0;
        for (int c = 0; h.groups[i].key[0] && c < h.classes.classes_n; c++)
            if (strcmp(h.groups[i].key[0], h.classes.classes[c].code) == 0)
                group = c + 1;
        CHECK_NEAR(h.groups[i].figures.variance_m4, expected[group], 0.001 * PLOTS_N * 10);
    }
    store_close(s);
    arena_clear(&arena);
    free(registry);
    free(a);
}

/* ---- stopping ---- */

struct stopping {
    const char *phase;
    atomic_bool stop;
    int calls; /* of that phase */
};

static void stop_in_phase(const char *phase, uint64_t done, uint64_t total, void *arg)
{
    struct stopping *s = arg;
    assert_true(!total || done <= total);
    if (strcmp(phase, s->phase) == 0) {
        s->calls++;
        atomic_store(&s->stop, true);
    }
}

/* An import that is cancelled, in whatever phase, leaves nothing; the same file comes in afterwards. */
static void cancelled_anywhere(void **state)
{
    (void)state;
    static const char *const phases[] = {"reading", "overlaps"};
    char *registry = strdup(path_of("cancelled")), *file = strdup(path_of("cancelled.geojson"));
    int order[PLOTS_N];
    struct error e;
    for (int i = 0; i < PLOTS_N; i++)
        order[i] = i;
    write_plots(file, order, PLOTS_N, 1, 0);
    make_registry(registry);
    char *before = all_totals(registry);
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        struct import_report report;
        struct stopping stopping = {.phase = phases[i]};
        const char *files[] = {file};
        enum status status = import_run(&(struct import_request){.registry = registry, .files = files, .files_n = 1, .cancelled = &stopping.stop,
                                                                 .progress = stop_in_phase, .progress_arg = &stopping}, &report, &e);
        assert_int_equal(status, STATUS_CANCELLED);
        assert_in_range(stopping.calls, 1, 2); /* soon, not at the end of the phase's work */
        char *after = all_totals(registry);
        assert_string_equal(before, after);
        check_green(registry);
        free(after);
    }
    assert_int_equal(import_file(registry, file, false).rows, PLOTS_N);
    check_green(registry);
    free(before);
    free(registry);
    free(file);
}

static int make_files(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/parcela-test-XXXXXX");
    if (!mkdtemp(folder) || sodium_init() < 0)
        return -1;
    area_init();
    invent_plots();
    write_regions(path_of("regions.geojson"));
    write_corridors(path_of("corridors.geojson"));
    write_terrain(path_of("N16W093.hgt"));
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_figures_for_any_order_and_workers), cmocka_unit_test(again_revise_revert),
                                       cmocka_unit_test(layer_order_does_not_matter), cmocka_unit_test(totals_carry_their_error),
                                       cmocka_unit_test(cancelled_anywhere)};
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
