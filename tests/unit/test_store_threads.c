/* Many readers beside the one writer: each reader sees whole imports only, whatever it asks, and opening and closing
 * connections at the same time breaks nothing. Meant for the tsan preset as well. */
#include "tests/check.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/store_fixture.h"

enum { READERS = 4, IMPORTS = 12, PLOTS_PER_IMPORT = 40, AREA = 1000 };

static struct error e;

struct reader {
    const char *folder;
    atomic_bool *stop;
    int64_t answers;
    char wrong[600]; /* asserts belong to the main thread */
};

static bool add_area(const struct store_total_row *row, void *arg)
{
    *(int64_t *)arg += row->area_mm2;
    return true;
}

static bool add_plot(const struct store_tile_plot *plot, void *arg)
{
    *(int64_t *)arg += plot->area_mm2;
    return true;
}

static bool add_cell(const struct store_overview_cell *cell, void *arg)
{
    *(int64_t *)arg += cell->area_mm2;
    return true;
}

static enum status ask(struct store *s, int64_t sums[3], int64_t *change, struct error *error)
{
    struct box all = {-180, -90, 180, 90};
    enum status status = store_snapshot_begin(s, error);
    if (status == STATUS_OK)
        status = store_change(s, change, error);
    if (status == STATUS_OK)
        status = store_each_total_row(s, NULL, add_area, &sums[0], error);
    if (status == STATUS_OK)
        status = store_each_tile_plot(s, &all, add_plot, &sums[1], error);
    if (status == STATUS_OK)
        status = store_each_overview_cell(s, 9, 0, 0, 511, 511, add_cell, &sums[2], error);
    store_snapshot_end(s);
    return status;
}

static void *read_on(void *arg)
{
    struct reader *r = arg;
    struct error error;
    struct store *s = NULL;
    while (!atomic_load(r->stop) && !*r->wrong) {
        int64_t sums[3] = {0}, change = 0;
        if (!s && store_open(r->folder, STORE_PUBLIC, &s, &error) != STATUS_OK) {
            snprintf(r->wrong, sizeof r->wrong, "open: %s", error.message);
            break;
        }
        if (ask(s, sums, &change, &error) != STATUS_OK)
            snprintf(r->wrong, sizeof r->wrong, "read: %s", error.message);
        else if (sums[0] != (change - 1) * PLOTS_PER_IMPORT * AREA || sums[0] != sums[1] || sums[0] != sums[2])
            snprintf(r->wrong, sizeof r->wrong, "change %lld: %lld, %lld, %lld", (long long)change, (long long)sums[0], (long long)sums[1],
                     (long long)sums[2]);
        if (++r->answers % 7 == 0) {
            store_close(s);
            s = NULL;
        }
    }
    store_close(s);
    return NULL;
}

static void readers_and_writer(void **state)
{
    (void)state;
    struct fixture f;
    struct reader readers[READERS];
    pthread_t threads[READERS];
    atomic_bool stop = false;
    fixture_open(&f);
    fixture_layers(&f); /* change 1 */
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.folder = f.folder, .stop = &stop};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    for (int n = 0; n < IMPORTS; n++) {
        int64_t import_id, change;
        fixture_import_begin(&f, n % 2 == 0, &import_id, &change); /* bulk ones change the schema under the readers */
        for (int i = 0; i < PLOTS_PER_IMPORT; i++) {
            struct store_revision r = fixture_revision(&f, &f.arena, arena_printf(&f.arena, "%d-%d", n, i), -92.9 + i * 0.01, 15 + n * 0.1, AREA, 4);
            CHECK_OK(store_revision_add(f.s, import_id, change, &r, &e), e);
        }
        fixture_import_end(&f, import_id, change);
        if (n % 3 == 0) { /* another writer's turn */
            store_close(f.s);
            CHECK_OK(store_open(f.folder, STORE_WRITE, &f.s, &e), e);
        }
    }
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_string_equal(readers[i].wrong, "");
        assert_true(readers[i].answers > 0);
    }
    fixture_check(f.s);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(readers_and_writer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
