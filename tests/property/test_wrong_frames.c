/* Clean plots spoiled in each known way: what share is recognised for what it is, and how often
 * clean plots are taken for spoiled (GEO.md 2.5 and 7, item 11).
 *
 * Two worlds: squares as large as a municipality of Oaxaca (13 km) over the south of Mexico, and,
 * where the data folder is there, the real municipalities of Chiapas, Oaxaca and Puebla. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "importers/reader.h"
#include "tests/check.h"
#include "tests/property/wrong_frames.h"

enum { PLOTS = 10000 };
#define FALSE_ALARMS_MOST 0.001
#define SIGMA_M 3.0

static const struct box SOUTH = {-99.1, 14.5, -90.3, 20.9};

struct setting {
    const char *name;
    struct crs_world world;
    struct town *towns;
    size_t towns_n;
};

/* ---- squares ---- */

enum { SQUARES_ACROSS = 73, SQUARES_UP = 53 };
static const double SQUARE_DEG = 0.12;

static void square_key(struct lonlat p, char out[8])
{
    int column = (int)floor((p.lon - SOUTH.west) / SQUARE_DEG);
    int row = (int)floor((p.lat - SOUTH.south) / SQUARE_DEG);
    *out = 0;
    if (column >= 0 && column < SQUARES_ACROSS && row >= 0 && row < SQUARES_UP)
        snprintf(out, 8, "%02d%03d", row, column);
}

static enum crs_home in_squares(struct lonlat p, const char *key, void *arg)
{
    char found[8];
    (void)arg;
    square_key(p, found);
    return !*found                          ? CRS_HOME_NOWHERE
           : key && strcmp(key, found) == 0 ? CRS_HOME_OWN
                                            : CRS_HOME_SOME;
}

static struct setting squares(void)
{
    struct setting s = {.name = "squares of 13 km",
                        .world = {.locate = in_squares, .mexico = true}};
    s.towns = calloc((size_t)SQUARES_ACROSS * SQUARES_UP, sizeof *s.towns);
    for (int row = 0; s.towns && row < SQUARES_UP; row++)
        for (int column = 0; column < SQUARES_ACROSS; column++) {
            struct town *t = &s.towns[s.towns_n++];
            t->middle = (struct lonlat){SOUTH.west + (column + 0.5) * SQUARE_DEG,
                                        SOUTH.south + (row + 0.5) * SQUARE_DEG};
            t->reach_deg = SQUARE_DEG * 0.48;
            square_key(t->middle, t->key);
        }
    return s;
}

/* ---- real municipalities ---- */

enum { TOWNS_MAX = 1200 };

struct real {
    struct arena arena;
    struct geo_context *geo;
    struct layer_index *index;
    struct layer_feature features[TOWNS_MAX];
    char keys[TOWNS_MAX][8];
    size_t n;
};

static enum crs_home in_real(struct lonlat p, const char *key, void *arg)
{
    struct real *r = arg;
    struct box box = {p.lon, p.lat, p.lon, p.lat};
    uint32_t ids[8];
    size_t n = layer_index_query(r->index, &box, ids, 8);
    for (size_t i = 0; key && i < n; i++)
        if (strcmp(r->keys[ids[i]], key) == 0)
            return CRS_HOME_OWN;
    return n ? CRS_HOME_SOME : CRS_HOME_NOWHERE;
}

static bool read_towns(struct real *r)
{
    const char *root = getenv("PARCELA_DATA");
    char path[1024];
    snprintf(path, sizeof path, "%s/01-admin-mx/inegi2025-mun-07-15-20-21/mun_07_15_20_21.shp",
             root ? root : "../shared/data");
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is absent\n", path);
        return false;
    }
    const char *files[] = {path};
    struct reader_request q = {.purpose = READER_REGIONS, .files = files, .files_n = 1};
    struct reader *reader = NULL;
    struct reader_event event = {0};
    struct error e = {0};
    CHECK_OK(reader_start(&q, &reader, &e), e);
    while (event.kind != READER_DONE) {
        CHECK_OK(reader_next(reader, &r->arena, &event, &e), e);
        const struct candidate *c = &event.candidate;
        if (event.kind != READER_CANDIDATE || !c->code || c->outcome != CANDIDATE_READY)
            continue;
        r->features[r->n] = (struct layer_feature){.id = (uint32_t)r->n, .boundary = c->boundary};
        snprintf(r->keys[r->n++], sizeof *r->keys, "%s", c->code);
        assert_true(r->n < TOWNS_MAX);
    }
    reader_stop(reader);
    CHECK_OK(layer_index_build(r->geo, r->features, r->n, &r->index, &e), e);
    return true;
}

/* Plots lie anywhere in a town: a spot is drawn from its box until it is inside. */
static bool town_of(struct real *r, struct shape_random *random, size_t i, struct town *out)
{
    struct box b = boundary_box(&r->features[i].boundary);
    memcpy(out->key, r->keys[i], sizeof out->key);
    out->reach_deg = 0;
    for (int tries = 0; tries < 1000; tries++) {
        out->middle = (struct lonlat){b.west + (b.east - b.west) * random_unit(random),
                                      b.south + (b.north - b.south) * random_unit(random)};
        if (in_real(out->middle, out->key, r) == CRS_HOME_OWN)
            return true;
    }
    return false;
}

static bool real_towns(struct real *r, struct setting *out)
{
    struct shape_random random = {77};
    arena_init(&r->arena, 0);
    r->geo = geo_context_new();
    if (!read_towns(r))
        return false;
    *out = (struct setting){.name = "municipalities of INEGI", .world = {in_real, r, true}};
    out->towns = calloc(PLOTS, sizeof *out->towns);
    while (out->towns && out->towns_n < PLOTS) {
        size_t i = (size_t)(random_unit(&random) * (double)r->n);
        if (strncmp(r->keys[i], "15", 2) != 0 && /* the State of Mexico is beyond the zones */
            town_of(r, &random, i, &out->towns[out->towns_n]))
            out->towns_n++;
    }
    return true;
}

/* ---- the tables ---- */

static const struct town *town_at(const struct setting *s, struct shape_random *r)
{
    return &s->towns[(size_t)(random_unit(r) * (double)s->towns_n)];
}

static bool recognised(struct crs_set *set, const struct setting *s, const struct spoiling *way,
                       const struct true_plot *plot, bool *told)
{
    struct spoiled bad;
    struct crs_verdict v;
    way->spoil(set, plot, &bad);
    assert_true(bad.n > 0);
    struct crs_suspect suspect = {.epsg = bad.epsg,
                                  .raw = bad.raw,
                                  .raw_n = bad.n,
                                  .key = way->key ? plot->key : NULL,
                                  .second = way->second ? &plot->second_boundary : NULL};
    crs_diagnose(set, &suspect, &s->world, &v);
    *told = v.fault != CRS_FAULT_NONE && v.certain && v.fault != way->fault;
    return v.fault == way->fault && v.certain;
}

static int spoil_all(const struct setting *s)
{
    struct crs_set *set = crs_set_new();
    int failed = 0;
    print_message("%s: %d plots for each way\n", s->name, PLOTS);
    for (size_t i = 0; i < SPOILINGS_N; i++) {
        const struct spoiling *way = &SPOILINGS[i];
        struct shape_random r = {4711 + i};
        int good = 0, other = 0;
        for (int k = 0; k < PLOTS; k++) {
            struct true_plot plot;
            bool told;
            true_plot_make(&r, town_at(s, &r), SIGMA_M, &plot);
            good += recognised(set, s, way, &plot, &told);
            other += told;
        }
        double share = (double)good / PLOTS;
        bool low = share < way->least;
        print_message(
            "  %-32s %8.2f %% recognised (%.2f %% as something else), at least %.1f %%%s\n",
            way->name, 100 * share, 100.0 * other / PLOTS, 100 * way->least,
            low ? "  TOO FEW" : "");
        failed += low;
    }
    crs_set_free(set);
    return failed;
}

/* ---- clean plots ---- */

static struct lonlat shifted(struct lonlat p, double east_m, double north_m)
{
    p.lon += east_m / (111320 * cos(p.lat * M_PI / 180));
    p.lat += north_m / 110700;
    return p;
}

/* What an honest second survey may have changed. */
static void same(struct shape_random *r, struct true_plot *p)
{
    (void)r;
    (void)p;
}

static void other_place(struct shape_random *r, struct true_plot *p)
{
    double far = 30 + 300 * random_unit(r), way = 2 * M_PI * random_unit(r);
    for (uint32_t i = 0; i < p->n; i++)
        p->second[i] = shifted(p->second[i], far * cos(way), far * sin(way));
}

/* The row names a town nearby; typed minutes would lie to the north-west, so most often one there
 * (the squares' keys are row and column). */
static void other_key(struct shape_random *r, struct true_plot *p)
{
    static const int steps[] = {999, 998, -1, 1000, 1};
    int town = atoi(p->key) + steps[(int)(5 * random_unit(r))];
    snprintf(p->key, sizeof p->key, "%05d", town % 100000);
}

/* The same, and the coordinates have five decimals only: now and then typed minutes look like it.
 */
static void other_key_short(struct shape_random *r, struct true_plot *p)
{
    other_key(r, p);
    for (uint32_t i = 0; i < p->n; i++)
        p->points[i] = (struct lonlat){round(p->points[i].lon * 1e5) / 1e5,
                                       round(p->points[i].lat * 1e5) / 1e5};
}

static void grown(struct shape_random *r, struct true_plot *p)
{
    double times = 0.5 + 1.5 * random_unit(r);
    for (uint32_t i = 0; i < p->n; i++) {
        p->second[i].lon = p->points[0].lon + times * (p->second[i].lon - p->points[0].lon);
        p->second[i].lat = p->points[0].lat + times * (p->second[i].lat - p->points[0].lat);
    }
}

static const struct clean {
    const char *name;
    double sigma_m;
    bool key, second;
    int epsg; /* -1: UTM of its zone in WGS84, -2: in NAD27 */
    void (*change)(struct shape_random *r, struct true_plot *p);
    double most; /* share of alarms */
} CLEAN[] = {
    {"degrees, with key", 3, true, false, 4326, same, FALSE_ALARMS_MOST},
    {"degrees, no key", 3, false, false, 4326, same, FALSE_ALARMS_MOST},
    {"UTM, with key", 3, true, false, -1, same, FALSE_ALARMS_MOST},
    {"UTM in NAD27, with key", 3, true, false, -2, same, FALSE_ALARMS_MOST},
    {"LCC, with key", 3, true, false, 6372, same, FALSE_ALARMS_MOST},
    {"walked again, 3 m", 3, true, true, 4326, same, FALSE_ALARMS_MOST},
    {"walked again, 5 m, UTM", 5, true, true, -1, same, FALSE_ALARMS_MOST},
    {"walked again, 10 m, no key", 10, false, true, 4326, same, FALSE_ALARMS_MOST},
    {"key of the next town", 3, true, false, 4326, other_key, FALSE_ALARMS_MOST},
    {"key of the next town, UTM", 3, true, false, -1, other_key, FALSE_ALARMS_MOST},
    {"half to twice as large", 3, true, true, -1, grown, FALSE_ALARMS_MOST},
    /* not clean: every key wrong, and so few decimals that typed minutes would look the same */
    {"next town, 5 decimals", 3, true, false, 4326, other_key_short, 0.05},
    /* not clean: a code that was given to another plot. One just where the shift would be cannot be
     * told from the shift, and a person should look anyway. */
    {"another plot within 330 m", 3, true, true, -1, other_place, 0.05},
};

static int write_clean(struct crs_set *set, const struct clean *c, const struct true_plot *p,
                       struct lonlat *out)
{
    int zone = (int)floor((p->points[0].lon + 180) / 6) + 1;
    int epsg = c->epsg == -1 ? 32600 + zone : c->epsg == -2 ? 26700 + zone : c->epsg;
    memcpy(out, p->points, p->n * sizeof *out);
    assert_int_equal(crs_transform_back(crs_set_get(set, epsg), out, p->n), p->n);
    return epsg;
}

static int count_alarms(const struct setting *s)
{
    struct crs_set *set = crs_set_new();
    int alarms = 0, plots = 0;
    print_message("%s: clean, %d plots each\n", s->name, PLOTS);
    for (size_t i = 0; i < sizeof CLEAN / sizeof *CLEAN; i++) {
        const struct clean *c = &CLEAN[i];
        struct shape_random r = {31 + i};
        int before = alarms;
        for (int k = 0; k < PLOTS; k++) {
            struct true_plot plot;
            struct lonlat raw[FRAME_VERTICES_MAX];
            struct crs_verdict v;
            true_plot_make(&r, town_at(s, &r), c->sigma_m, &plot);
            c->change(&r, &plot);
            struct crs_suspect suspect = {.epsg = write_clean(set, c, &plot, raw),
                                          .raw = raw,
                                          .raw_n = plot.n,
                                          .key = c->key ? plot.key : NULL,
                                          .second = c->second ? &plot.second_boundary : NULL};
            alarms += crs_diagnose(set, &suspect, &s->world, &v) != CRS_FAULT_NONE && v.certain;
            plots++;
        }
        int found = alarms - before;
        print_message("  %-32s %8.3f %% alarms\n", c->name, 100.0 * found / PLOTS);
        if (found > PLOTS * c->most)
            return -1;
        if (c->most > FALSE_ALARMS_MOST) {
            alarms = before;
            plots -= PLOTS;
        }
    }
    print_message("  %-32s %8.4f %% alarms in %d\n", "all clean ones", 100.0 * alarms / plots,
                  plots);
    crs_set_free(set);
    return alarms <= plots * FALSE_ALARMS_MOST ? 0 : -1;
}

static void in_world(const struct setting *s)
{
    assert_non_null(s->towns);
    int low = spoil_all(s), alarms = count_alarms(s);
    assert_int_equal(low, 0);
    assert_int_equal(alarms, 0);
}

static void squares_world(void **state)
{
    (void)state;
    struct setting s = squares();
    in_world(&s);
    free(s.towns);
}

static void real_world(void **state)
{
    (void)state;
    static struct real r;
    struct setting s = {0};
    if (!real_towns(&r, &s)) {
        geo_context_free(r.geo);
        arena_clear(&r.arena);
        skip();
    }
    in_world(&s);
    free(s.towns);
    layer_index_free(r.index);
    geo_context_free(r.geo);
    arena_clear(&r.arena);
}

/* Without regions Mexico is home. */
static void no_world(void **state)
{
    (void)state;
    static const struct {
        struct lonlat raw;
        int epsg;
        enum crs_fault fault;
    } cases[] = {
        {{-92.637, 16.737}, 4326, CRS_FAULT_NONE},     {{16.737, -92.637}, 4326, CRS_FAULT_AXES},
        {{92.637, 16.737}, 4326, CRS_FAULT_SIGN},      {{16.737, 92.637}, 4326, CRS_FAULT_AXES},
        {{538692, 1850496}, 4326, CRS_FAULT_METRES},   {{1850496, 538692}, 32615, CRS_FAULT_AXES},
        {{-92.637, 16.737}, 32615, CRS_FAULT_DEGREES}, {{34.84, -0.14}, 4326, CRS_FAULT_NONE},
        {{-14.95, 12.88}, 4326, CRS_FAULT_NONE},       {{538692, 1850496}, 32614, CRS_FAULT_NONE},
    };
    struct crs_set *set = crs_set_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct crs_suspect s = {.epsg = cases[i].epsg, .raw = &cases[i].raw, .raw_n = 1};
        struct crs_verdict v;
        if (crs_diagnose(set, &s, NULL, &v) != cases[i].fault)
            fail_msg("%g %g in EPSG:%d: expected %s, obtained %s", cases[i].raw.lon,
                     cases[i].raw.lat, cases[i].epsg, crs_fault_name(cases[i].fault),
                     crs_fault_name(v.fault));
    }
    crs_set_free(set);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    area_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_world), cmocka_unit_test(squares_world),
                                       cmocka_unit_test(real_world)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
