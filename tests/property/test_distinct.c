/* Distinct hectares against the union that GEOS makes of the selected plots: random selections, filters and groupings of a crowded registry.
 * In the plane of the overlay both are the same to 1e-12, measured in the plane or on the ellipsoid; the stored figure is the same sum over
 * areas within geodesics, to the square millimetre. Also any three dimensions together: every combination is answered, and its lines add up. */
#include "tests/check.h"

#include <ftw.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/area.h"
#include "geo/overlay/convert.h"
#include "importers/reader.h"
#include "service/registry/hectares.h"
#include "service/registry/import.h"
#include "service/registry/layers.h"
#include "tests/property/random.h"

enum { PLOTS_N = 160, SELECTIONS = 60, FACES_MAX = 4000, MEMBERS_MAX = 12 };

static char folder[64], registry[128];

struct stored {
    char code[16], crop[16];
    int64_t id, area_mm2;
    int64_t plot_id;
    struct boundary b;
    bool chosen;
};
struct kept_face {
    int64_t members[MEMBERS_MAX];
    size_t members_n;
    int64_t area_mm2;
    double deg2, straight_m2;
};
static struct stored plots[PLOTS_N];
static struct kept_face faces[FACES_MAX];
static size_t plots_n, faces_n;
static double straight_m2(const struct boundary *b);
#define CUT_EDGES 4e-7 /* of the overlapping ground; plots of 100 to 200 m at 16 degrees */
#define CUT_EDGE_M2 0.01 /* the most that one edge of theirs can make */
static struct arena kept;
static struct geo_context *geo;

static const char *path_of(const char *name)
{
    static char path[4][160];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static void write_plots(const char *path)
{
    static const char *const crops[] = {"cafe", "maiz", "aguacate"};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[\n", f);
    for (int i = 0; i < PLOTS_N; i++) {
        double lon = random_between(-92.71, -92.69), lat = random_between(16.29, 16.31), radius = random_between(0.0004, 0.0011), first[2] = {0, 0};
        int n = 5 + (int)random_below(10);
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"clave\":\"P-%03d\",\"programa\":\"PR%u\",\"cultivo\":\"%s\",\"practica\":\"terrazas\",\"organizacion\":\"Org %u\",\"anio\":%u,\"productor\":\"Persona %d\"},"
                   "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[",
                i ? ",\n" : "", i, random_below(3), crops[i % 3], random_below(4), 2015 + random_below(3), i / 2);
        for (int k = 0; k < n; k++) {
            double angle = 2 * M_PI * k / n, r = radius * random_between(0.6, 1), p[2] = {lon + r * cos(angle), lat + r * sin(angle)};
            if (!k)
                memcpy(first, p, sizeof p);
            fprintf(f, "%s[%.9f,%.9f]", k ? "," : "", p[0], p[1]);
        }
        fprintf(f, ",[%.9f,%.9f]]]}}", first[0], first[1]);
    }
    fputs("]}\n", f);
    fclose(f);
}

static void write_layer(const char *path, const char *key, int n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    for (int i = 0; i < n; i++) {
        double w = -92.712 + 0.007 * i, e = w + (n == 2 ? 0.012 : 0.007); /* the two corridors overlap */
        fprintf(f, "%s{\"type\":\"Feature\",\"properties\":{\"%s\":\"%02d\",\"nombre\":\"N %d\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.6f,16.28],[%.6f,16.283],[%.6f,16.32],[%.6f,16.318],[%.6f,16.28]]]}}",
                i ? "," : "", key, i, i, w, e, e + 0.0007, w + 0.0003, w);
    }
    fputs("]}\n", f);
    fclose(f);
}

static void add_layer(enum layer_kind kind, const char *file, const char *level)
{
    struct error e;
    struct layer_report r;
    const char *files[] = {file};
    CHECK_OK(layer_add(&(struct layer_request){.registry = registry, .kind = kind, .files = files, .files_n = 1, .level = level, .accuracy_m = 125}, &r, &e), e);
    layer_report_clear(&r);
}

static bool note_plot(const struct store_revision *r, void *arg)
{
    (void)arg;
    struct stored *p = &plots[plots_n++];
    snprintf(p->code, sizeof p->code, "%s", r->code);
    snprintf(p->crop, sizeof p->crop, "%s", r->crops_n ? r->crops[0] : "");
    p->id = r->id;
    p->area_mm2 = r->area_mm2;
    return boundary_copy(&p->b, &r->boundary, &kept);
}

static double deg2_of(const struct boundary *b)
{
    GEOSGeometry *g = geos_from_boundary(geo, b);
    double area = geos_area_deg2(geo, g);
    GEOSGeom_destroy_r(geo->geos, g);
    return area;
}

static bool note_face(const struct store_face *f, void *arg)
{
    (void)arg;
    assert_true(faces_n < FACES_MAX && f->members_n <= MEMBERS_MAX);
    assert_false(f->coarse);
    struct kept_face *k = &faces[faces_n++];
    k->members_n = f->members_n;
    memcpy(k->members, f->members, f->members_n * sizeof *f->members);
    k->area_mm2 = f->area_mm2;
    k->deg2 = deg2_of(&f->geometry);
    k->straight_m2 = straight_m2(&f->geometry);
    return true;
}

static struct stored *plot_of(int64_t id)
{
    for (size_t i = 0; i < plots_n; i++)
        if (plots[i].id == id)
            return &plots[i];
    return NULL;
}

/* Ground of WGS84 inside edges that are straight in longitude and latitude, the plane of the overlay: the area's own integral (Snyder 1987,
 * eq. 3-12, as a difference from a parallel amid the plots) along each edge, by Gauss' rule. A vertex more on an edge changes nothing. */
enum { GAUSS = 5 };
static const double gauss_at[GAUSS] = {-0.90617984593866399, -0.53846931010568309, 0, 0.53846931010568309, 0.90617984593866399};
static const double gauss_weight[GAUSS] = {0.23692688505618909, 0.47862867049936647, 0.56888888888888889, 0.47862867049936647, 0.23692688505618909};
static const struct lonlat amid = {-92.7, 16.3};

/* m2 for each radian of longitude between a parallel and the one amid. */
static double zone(double lat_deg)
{
    const double rad = M_PI / 180, f = 1 / 298.257223563, e2 = f * (2 - f), a = 6378137;
    double half = (lat_deg - amid.lat) / 2 * rad, sum = 0;
    for (int i = 0; i < GAUSS; i++) {
        double s = sin(amid.lat * rad + half * (1 + gauss_at[i])), w = 1 - e2 * s * s;
        sum += gauss_weight[i] * sqrt(1 - s * s) * (1 - e2) / (w * w);
    }
    return a * a * half * sum;
}

static double ring_straight_m2(const struct lonlat *p, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 1; i < n; i++)
        for (int k = 0; k < GAUSS; k++)
            sum -= gauss_weight[k] / 2 * zone(p[i - 1].lat + (p[i].lat - p[i - 1].lat) * (1 + gauss_at[k]) / 2) *
                   (p[i].lon - p[i - 1].lon) * M_PI / 180;
    return fabs(sum);
}

static double straight_m2(const struct boundary *b)
{
    double m2 = 0;
    for (uint32_t part = 0; part < b->parts_n; part++)
        for (uint32_t first = boundary_part_start(b, part), ring = first; ring < b->part_end[part]; ring++) {
            uint32_t start = boundary_ring_start(b, ring);
            m2 += (ring == first ? 1 : -1) * ring_straight_m2(b->points + start, b->ring_end[ring] - start);
        }
    return m2;
}

/* In the plane, in square degrees; the same ground on the ellipsoid; and on it along geodesics between the union's vertices. */
static double union_deg2(double *straight, double *m2)
{
    GEOSGeometry *list[PLOTS_N];
    unsigned n = 0;
    struct arena a;
    struct boundary b;
    struct error e;
    arena_init(&a, 0);
    for (size_t i = 0; i < plots_n; i++)
        if (plots[i].chosen)
            list[n++] = geos_from_boundary(geo, &plots[i].b);
    GEOSGeometry *all = GEOSGeom_createCollection_r(geo->geos, GEOS_GEOMETRYCOLLECTION, list, n), *joined = GEOSUnaryUnion_r(geo->geos, all);
    double deg2 = geos_area_deg2(geo, joined);
    CHECK_OK(geos_to_boundary(geo, joined, &a, &b, &e), e);
    *m2 = area_boundary_m2(&b);
    *straight = straight_m2(&b);
    GEOSGeom_destroy_r(geo->geos, all);
    GEOSGeom_destroy_r(geo->geos, joined);
    arena_clear(&a);
    return deg2;
}

/* Compares the figures with the union of the chosen plots. */
static void same_as_union(const struct hectares_figures *f)
{
    double deg2 = 0, straight = 0, union_straight, m2 = 0;
    int64_t sum_mm2 = 0, double_mm2 = 0;
    for (size_t i = 0; i < plots_n; i++)
        if (plots[i].chosen) {
            deg2 += deg2_of(&plots[i].b);
            straight += straight_m2(&plots[i].b);
            sum_mm2 += plots[i].area_mm2;
        }
    for (size_t i = 0; i < faces_n; i++) {
        int members = 0;
        for (size_t m = 0; m < faces[i].members_n; m++)
            members += plot_of(faces[i].members[m])->chosen;
        if (members > 1) {
            deg2 -= (members - 1) * faces[i].deg2;
            straight -= (members - 1) * faces[i].straight_m2;
            double_mm2 += (members - 1) * faces[i].area_mm2;
        }
    }
    CHECK_RELATIVE(deg2, union_deg2(&union_straight, &m2), 1e-12);
    CHECK_RELATIVE(straight, union_straight, 1e-12);
    assert_int_equal(f->sum_mm2, sum_mm2);
    assert_int_equal(f->double_mm2, double_mm2);
    /* Plots are bounded by geodesics. A cut puts a vertex on an edge of the plane, beside its geodesic: the area between is all that the
     * figure and the geodesic area of the union's own vertices differ by. */
    double cut_m2 = fabs((double)(f->sum_mm2 - f->double_mm2) / MM2_PER_M2 - m2), overlapping_m2 = (double)f->double_mm2 / MM2_PER_M2;
    CHECK_NEAR(cut_m2, 0, CUT_EDGES * overlapping_m2 + CUT_EDGE_M2);
}

static void compute(struct store *s, struct hectares_query q, struct arena *a, struct hectares *h)
{
    struct error e;
    CHECK_OK(hectares_compute(s, &q, a, h, &e), e);
}

static void random_selections(void **state)
{
    struct store *s = *state;
    struct arena a;
    arena_init(&a, 0);
    for (int round = 0; round < SELECTIONS; round++) {
        char where[PLOTS_N * 10 + 32] = "code IN (";
        size_t chosen = 0, wanted = 2 + random_below(PLOTS_N - 2);
        for (size_t i = 0; i < plots_n; i++) {
            plots[i].chosen = random_below((uint32_t)plots_n) < wanted;
            if (plots[i].chosen)
                sprintf(where + strlen(where), "%s'%s'", chosen++ ? "," : "", plots[i].code);
        }
        strcat(where, ")");
        struct hectares h;
        struct hectares_query q = {.where = where};
        struct error e;
        arena_reset(&a);
        enum status status = hectares_compute(s, &q, &a, &h, &e);
        if (status != STATUS_OK) { /* a condition has a longest length: a range then */
            int64_t limit = plots[random_below((uint32_t)plots_n)].area_mm2;
            snprintf(where, sizeof where, "hectares >= %.10f", (double)limit / MM2_PER_HA);
            for (size_t i = 0; i < plots_n; i++)
                plots[i].chosen = plots[i].area_mm2 >= limit;
            compute(s, q, &a, &h);
        }
        same_as_union(&h.total);
    }
    arena_clear(&a);
}

static void groups(void **state)
{
    struct store *s = *state;
    struct arena a;
    struct hectares h;
    arena_init(&a, 0);
    compute(s, (struct hectares_query){.by_n = 0}, &a, &h);
    for (size_t i = 0; i < plots_n; i++)
        plots[i].chosen = true;
    same_as_union(&h.total);
    assert_true(h.total.double_mm2 > h.total.sum_mm2 / 20);
    compute(s, (struct hectares_query){.by = {"crop"}, .by_n = 1}, &a, &h);
    assert_int_equal(h.groups_n, 3);
    for (size_t g = 0; g < h.groups_n; g++) {
        for (size_t i = 0; i < plots_n; i++)
            plots[i].chosen = atoi(plots[i].code + 2) % 3 == (strcmp(h.groups[g].key[0], "coffee") == 0 || strcmp(h.groups[g].key[0], "cafe") == 0 ? 0 : strcmp(h.groups[g].key[0], "maize") == 0 || strcmp(h.groups[g].key[0], "maiz") == 0 ? 1 : 2);
        same_as_union(&h.groups[g].figures);
    }
    arena_clear(&a);
}

static void any_three(void **state)
{
    struct store *s = *state;
    static const char *const by[] = {"state", "municipality", "programme", "organisation", "crop", "practice", "year", "survey", "status", "slope_class", "corridor", "corridor_name"};
    enum { N = sizeof by / sizeof *by };
    struct arena a;
    struct hectares total, h;
    int combinations = 0;
    arena_init(&a, 0);
    struct arena t;
    arena_init(&t, 0);
    compute(s, (struct hectares_query){.by_n = 0}, &t, &total);
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++)
            for (int k = j + 1; k < N; k++) {
                int64_t sum = 0, inside = 0;
                arena_reset(&a);
                compute(s, (struct hectares_query){.by = {by[k], by[i], by[j]}, .by_n = 3}, &a, &h);
                for (size_t g = 0; g < h.groups_n; g++) {
                    sum += h.groups[g].figures.sum_mm2;
                    inside += h.groups[g].figures.corridor_mm2;
                    assert_true(h.groups[g].figures.double_mm2 >= 0 && h.groups[g].figures.double_mm2 <= h.groups[g].figures.sum_mm2);
                }
                assert_int_equal(sum, total.total.sum_mm2);
                assert_int_equal(inside, total.total.corridor_mm2);
                combinations++;
            }
    assert_int_equal(combinations, 220);
    arena_clear(&a);
    arena_clear(&t);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int make(void **state)
{
    struct error e;
    struct import_report report;
    struct store *s;
    struct arena row;
    strcpy(folder, "/tmp/parcela-test-XXXXXX");
    if (!mkdtemp(folder) || sodium_init() < 0)
        return -1;
    area_init();
    random_seed(20260412);
    arena_init(&kept, 0);
    geo = geo_context_new();
    snprintf(registry, sizeof registry, "%s/registry", folder);
    write_plots(path_of("plots.geojson"));
    write_layer(path_of("states.geojson"), "CVE_ENT", 1);
    write_layer(path_of("regions.geojson"), "CVEGEO", 3);
    write_layer(path_of("corridors.geojson"), "clave", 2);
    CHECK_OK(store_create(registry, &e), e);
    add_layer(LAYER_REGIONS, path_of("states.geojson"), "state");
    add_layer(LAYER_REGIONS, path_of("regions.geojson"), "municipality");
    add_layer(LAYER_CORRIDORS, path_of("corridors.geojson"), NULL);
    const char *files[] = {path_of("plots.geojson")};
    CHECK_OK(import_run(&(struct import_request){.registry = registry, .files = files, .files_n = 1}, &report, &e), e);
    assert_int_equal(report.import.new_n, PLOTS_N);
    import_report_clear(&report);
    CHECK_OK(store_open(registry, STORE_READ, &s, &e), e);
    arena_init(&row, 0);
    CHECK_OK(store_each_revision(s, &row, note_plot, NULL, &e), e);
    CHECK_OK(store_each_face(s, note_face, NULL, &e), e);
    arena_clear(&row);
    assert_true(faces_n > 50);
    *state = s;
    return 0;
}

static int forget(void **state)
{
    store_close(*state);
    geo_context_free(geo);
    arena_clear(&kept);
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_selections), cmocka_unit_test(groups), cmocka_unit_test(any_three)};
    return cmocka_run_group_tests(tests, make, forget);
}
