/* The registry's small parts by themselves: identity of boundaries, the worker pool, printed digits that add up. */
#include "tests/check.h"

#include <jansson.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/hectares.h"
#include "service/registry/identity.h"
#include "service/registry/import_rows.h"
#include "service/registry/overlaps.h"
#include "service/registry/pool.h"

static void hash_of(const struct lonlat *ring, uint32_t n, unsigned char hash[IDENTITY_HASH_BYTES])
{
    uint32_t ring_end[] = {n}, part_end[] = {1};
    struct boundary b = {.points = (struct lonlat *)(uintptr_t)ring, .ring_end = ring_end, .part_end = part_end, .points_n = n, .rings_n = 1, .parts_n = 1};
    identity_geometry(&b, hash);
}

static void geometry_hash_ignores_ring_start(void **state)
{
    (void)state;
    const struct lonlat a[] = {{-92, 16}, {-91.9, 16}, {-91.9, 16.1}, {-92, 16.1}, {-92, 16}};
    const struct lonlat b[] = {{-91.9, 16.1}, {-92, 16.1}, {-92, 16}, {-91.9, 16}, {-91.9, 16.1}};
    const struct lonlat c[] = {{-92, 16}, {-91.9, 16}, {-91.9, 16.10000001}, {-92, 16.1}, {-92, 16}};
    unsigned char ha[IDENTITY_HASH_BYTES], hb[IDENTITY_HASH_BYTES], hc[IDENTITY_HASH_BYTES];
    hash_of(a, 5, ha);
    hash_of(b, 5, hb);
    hash_of(c, 5, hc);
    assert_memory_equal(ha, hb, sizeof ha);
    assert_memory_not_equal(ha, hc, sizeof ha);
}

static void assert_hash(const unsigned char hash[IDENTITY_HASH_BYTES], const char *expected)
{
    char text[2 * IDENTITY_HASH_BYTES + 1];
    for (int i = 0; i < IDENTITY_HASH_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(text, expected);
}

/* Registries keep hashes: they are what they were, also of what is longer than what is hashed at once. */
static void hashes_stay(void **state)
{
    (void)state;
    enum { N = 1001, LONG = 10000 };
    static struct lonlat ring[N];
    static char note[LONG + 1];
    unsigned char of_ring[IDENTITY_HASH_BYTES], hash[IDENTITY_HASH_BYTES];
    for (int i = 0; i < N; i++) {
        int k = i % (N - 1);
        ring[i].lon = -92 + (k < 500 ? k : 1000 - k) * 1e-4;
        ring[i].lat = 16 + (k < 250 ? k : k < 750 ? 500 - k : k - 1000) * 1e-4;
    }
    hash_of(ring, N, of_ring);
    assert_hash(of_ring, "5f994e6272cc1944244aaac4db06c625");
    memset(note, 'x', LONG);
    struct candidate_attribute attributes[] = {{"note", note}, {"year", "2020"}};
    struct candidate c = {.code = "A-1", .crops = {"maize"}, .crops_n = 1, .declared_ha = 1.5, .accuracy_m = NAN, .attributes = attributes, .attributes_n = 2};
    identity_content(&c, of_ring, hash);
    assert_hash(hash, "94541416b2c0a66af61acbe7e697ca59");
    c.attributes_n = 0;
    identity_content(&c, of_ring, hash);
    assert_hash(hash, "cc85ab9c942fc50111b8cedcaeee5fca");
}

static void codes_are_speakable_and_stable(void **state)
{
    (void)state;
    unsigned char hash[IDENTITY_HASH_BYTES] = {0, 1, 2, 3, 4, 5, 6, 7};
    char code[IDENTITY_CODE_MAX], again[IDENTITY_CODE_MAX];
    identity_code(hash, code);
    identity_code(hash, again);
    assert_string_equal(code, again);
    assert_int_equal(strlen(code), strlen("P-00000-00000-0"));
    assert_null(strpbrk(code + 2, "ILO"));
}

static void key_sets_keep_what_they_are_given(void **state)
{
    (void)state;
    struct key_set set = {0};
    bool ok;
    for (uint64_t i = 0; i < 10000; i++)
        assert_null(key_set_add(&set, i * i + 7, i, &ok));
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(*key_set_find(&set, i * i + 7), i);
    assert_int_equal(*key_set_add(&set, 7, 99, &ok), 0);
    assert_null(key_set_find(&set, 9)); /* no square plus 7 */
    key_set_clear(&set);
}

static void mark(int worker, size_t item, void *arg)
{
    (void)worker;
    atomic_fetch_add(&((atomic_int *)arg)[item], 1);
}

static void pool_runs_each_item_once(void **state)
{
    (void)state;
    enum { N = 1000 };
    static atomic_int done[N];
    struct pool *pool;
    struct error e;
    CHECK_OK(pool_new(4, &pool, &e), e);
    for (int round = 1; round <= 20; round++) {
        pool_start(pool, N, 7, mark, done);
        pool_wait(pool);
        for (int i = 0; i < N; i++)
            assert_int_equal(atomic_load(&done[i]), round);
    }
    pool_start(pool, 0, 1, mark, done);
    pool_free(pool);
}

/* Jobs wait for each other or go first, and each is waited for alone. */
static void pool_runs_jobs_in_turn(void **state)
{
    (void)state;
    enum { N = 300, JOBS = 5 };
    static atomic_int done[JOBS][N];
    struct pool_job jobs[JOBS];
    struct pool *pool;
    struct error e;
    CHECK_OK(pool_new(3, &pool, &e), e);
    for (int j = 0; j < JOBS; j++) {
        jobs[j] = (struct pool_job){.run = mark, .arg = done[j], .n = j == 3 ? 0 : N, .grain = 7};
        pool_add(pool, &jobs[j], j == 4);
    }
    for (int j = 0; j < JOBS; j++) {
        pool_wait_for(pool, &jobs[j]);
        for (int i = 0; i < N; i++)
            assert_int_equal(atomic_load(&done[j][i]), j == 3 ? 0 : 1);
    }
    pool_free(pool);
}

static void resurvey_threshold_grows_with_the_plot(void **state)
{
    (void)state;
    CHECK_NEAR(row_resurvey_iou(500, 3), 0.41, 1e-12);
    CHECK_NEAR(row_resurvey_iou(2500, 1.5), 0.81, 1e-12);
    CHECK_NEAR(row_resurvey_iou(5000, 5), 0.62, 1e-12);
    CHECK_NEAR(row_resurvey_iou(5000, 4), (0.75 + 0.62) / 2, 1e-12);
    CHECK_NEAR(row_resurvey_iou(100, 50), 0.19, 1e-12);
    CHECK_NEAR(row_resurvey_iou(1e9, 0.1), 0.93, 1e-12);
    CHECK_NEAR(row_resurvey_iou(10000, 3), 0.82, 1e-12);
    CHECK_NEAR(row_resurvey_iou(1e6, 3), 0.86, 1e-12);
    for (double m2 = 100; m2 < 1e5; m2 *= 1.1)
        assert_true(row_resurvey_iou(m2, 3) <= row_resurvey_iou(m2 * 1.1, 3));
}

/* ---- hectares: made-up groups ---- */

static struct hectares made_up(struct hectares_group *groups, size_t n)
{
    struct hectares h = {.groups = groups, .groups_n = n, .method_json = "{}"};
    h.query.by[0] = "municipality";
    h.query.by_n = 1;
    h.classes.classes_n = 1;
    strcpy(h.classes.classes[0].code, "01");
    for (size_t i = 0; i < n; i++) {
        h.total.sum_mm2 += groups[i].figures.sum_mm2;
        h.total.class_mm2[0] += groups[i].figures.class_mm2[0];
    }
    return h;
}

/* The number in column `column` (0 = plots) of each table line, in printed units of 1e-4 ha: groups first, TOTAL last. */
static size_t table_column(const char *table, int column, int64_t *out)
{
    size_t n = 0;
    const char *line = strchr(table, '\n') + 1;
    for (; *line && *line != '\n'; line = strchr(line, '\n') + 1) { /* the origin comes after an empty line */
        const char *p = line;
        for (int c = 0; c <= column; c++) {
            p = strchr(p, ' ');
            p += strspn(p, " ");
        }
        out[n++] = llrint(strtod(p, NULL) * 1e4);
    }
    return n;
}

static void printed_digits_add_up(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 500; round++) {
        struct hectares_group groups[17] = {0};
        static char keys[17][8];
        int64_t corridor = 0;
        for (int i = 0; i < 17; i++) {
            struct hectares_figures *f = &groups[i].figures;
            snprintf(keys[i], sizeof keys[i], "070%02d", i);
            groups[i].key[0] = keys[i];
            f->sum_mm2 = f->class_mm2[0] = (int64_t)rand() * 1000 + rand() % 1000;
            f->corridor_mm2 = i % 3 == 0 ? f->sum_mm2 : i % 3 == 1 ? 0 : f->sum_mm2 / (2 + rand() % 5);
            corridor += f->corridor_mm2;
        }
        struct hectares h = made_up(groups, 17);
        h.total.corridor_mm2 = corridor;
        struct buf table;
        buf_init(&table, 0);
        hectares_table(&h, &table);
        int64_t sum[18], inside[18], sums = 0, insides = 0;
        assert_int_equal(table_column(table.bytes, 2, sum), 18);
        assert_int_equal(table_column(table.bytes, 6, inside), 18);
        for (int i = 0; i < 17; i++) {
            sums += sum[i];
            insides += inside[i];
            assert_true(llabs(sum[i] * 1000000 - groups[i].figures.sum_mm2) < 2000000); /* two cells, each within one unit */
            assert_true(i % 3 == 0 ? inside[i] == sum[i] : inside[i] <= sum[i]);
            assert_true(llabs(inside[i] - groups[i].figures.corridor_mm2 / 1000000) <= 1);
        }
        assert_int_equal(sums, sum[17]);
        assert_int_equal(insides, inside[17]);
        assert_int_equal(sum[17], (h.total.sum_mm2 + 500000) / 1000000);
        buf_clear(&table);
    }
}

static void csv_is_exact(void **state)
{
    (void)state;
    struct hectares_group groups[1] = {0};
    groups[0].key[0] = "07059";
    groups[0].figures.sum_mm2 = 12345678901;
    struct hectares h = made_up(groups, 1);
    struct buf b;
    buf_init(&b, 0);
    hectares_csv(&h, &b);
    assert_non_null(strstr(b.bytes, "07059,,0,0,0,1.2345678901,1.2345678901,0,0,0,"));
    assert_non_null(strstr(b.bytes, "TOTAL,,0,0,0,1.2345678901,"));
    buf_clear(&b);
}

static void json_is_exact_and_parses(void **state)
{
    (void)state;
    struct hectares_group groups[2] = {0};
    groups[0].key[0] = "07059";
    groups[0].name[0] = "Ocosingo \"x\"";
    groups[0].figures.sum_mm2 = 12345678901;
    groups[1].figures.sum_mm2 = 1;
    struct hectares h = made_up(groups, 2);
    struct buf b;
    buf_init(&b, 0);
    hectares_json(&h, &b);
    assert_non_null(strstr(b.bytes, "\"hectares\":1.2345678901"));
    assert_non_null(strstr(b.bytes, "\"hectares\":0.0000000001"));
    json_error_t error;
    json_t *root = json_loads(b.bytes, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    json_t *second = json_array_get(json_object_get(root, "groups"), 1);
    assert_true(json_is_null(json_object_get(second, "municipality")));
    json_decref(root);
    buf_clear(&b);
}

static void csv_defuses_formulas(void **state)
{
    (void)state;
    struct hectares_group groups[1] = {0};
    groups[0].key[0] = "=cmd()";
    groups[0].name[0] = "a,\"b\"";
    struct hectares h = made_up(groups, 1);
    struct buf b;
    buf_init(&b, 0);
    hectares_csv(&h, &b);
    assert_non_null(strstr(b.bytes, "\"'=cmd()\",\"a,\"\"b\"\"\","));
    buf_clear(&b);
}

static void overlaps_are_classified(void **state)
{
    (void)state;
    static const struct {
        double a_m2, b_m2, shared_m2, edge_m, sigma_m;
        bool one_programme;
        enum overlap_class class;
    } cases[] = {
        {10000, 10000, 9900, 200, 3, true, OVERLAP_DUPLICATE},
        {10000, 10000, 9900, 200, 3, false, OVERLAP_CLAIMED_TWICE},
        {10000, 10000, 9100, 200, 3, true, OVERLAP_RESURVEY},      /* IoU 0.835 */
        {10000, 10000, 8900, 200, 3, true, OVERLAP_PARTIAL},       /* 0.80: not at 3 m, */
        {10000, 10000, 8900, 200, 5, true, OVERLAP_RESURVEY},      /* at 5 m it is */
        {10000, 10000, 599, 100, 3, true, OVERLAP_NEIGHBOUR},      /* 2 x 3 m x 100 m */
        {10000, 10000, 601, 100, 3, true, OVERLAP_PARTIAL},
        {10000, 10000, 601, 100, 3, false, OVERLAP_CLAIMED_TWICE},
        {10000, 10000, 601, 100, 5, false, OVERLAP_NEIGHBOUR},
        {80, 10000, 70, 20, 3, false, OVERLAP_CLAIMED_TWICE},      /* a small plot that lies in another is no strip */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(overlap_classify(cases[i].a_m2, cases[i].b_m2, cases[i].shared_m2, cases[i].edge_m, cases[i].sigma_m, cases[i].one_programme),
                         cases[i].class);
    for (int c = 0; c < OVERLAP_CLASSES_N; c++)
        assert_int_equal(overlap_class_parse(overlap_class_name((enum overlap_class)c)), c);
    assert_int_equal(overlap_class_parse(""), OVERLAP_CLASSES_N);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geometry_hash_ignores_ring_start), cmocka_unit_test(hashes_stay), cmocka_unit_test(codes_are_speakable_and_stable),
        cmocka_unit_test(key_sets_keep_what_they_are_given), cmocka_unit_test(pool_runs_each_item_once), cmocka_unit_test(pool_runs_jobs_in_turn),
        cmocka_unit_test(resurvey_threshold_grows_with_the_plot), cmocka_unit_test(printed_digits_add_up), cmocka_unit_test(csv_is_exact),
        cmocka_unit_test(overlaps_are_classified),
        cmocka_unit_test(json_is_exact_and_parses), cmocka_unit_test(csv_defuses_formulas)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
