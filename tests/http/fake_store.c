/* A store of 45 invented plots, as far as the API asks for one. Plot i has id i, code "P-i",
 * programme A for odd ids, and lies at 93 W; plot 45 has its code twice (id 46). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/store/totals.h"
#include "tests/http/fake_rooms.h"

_Atomic int64_t fake_change = 7;
_Atomic int fake_broken;

struct store {
    bool in_snapshot;
};

static enum status broken(struct error *e)
{
    return error_set(e, STATUS_CORRUPT, "sqlite_corrupt", "run parcela check",
                     "SELECT secret FROM /srv/registry.sqlite: malformed");
}

enum status store_open(const char *folder, enum store_mode mode, struct store **out,
                       struct error *e)
{
    if (mode == STORE_WRITE || !strcmp(folder, "missing"))
        return error_set(e, STATUS_NOT_FOUND, "no_registry", NULL, "no registry in %s", folder);
    *out = calloc(1, sizeof **out);
    return *out ? STATUS_OK : error_memory(e);
}

void store_close(struct store *s)
{
    free(s);
}

const char *store_uuid(const struct store *s)
{
    (void)s;
    return "00112233445566778899aabbccddeeff";
}

enum status store_change(struct store *s, int64_t *out, struct error *e)
{
    (void)s;
    *out = fake_change;
    return fake_broken ? broken(e) : STATUS_OK;
}

enum status store_snapshot_begin(struct store *s, struct error *e)
{
    if (fake_broken)
        return broken(e);
    if (s->in_snapshot)
        abort(); /* one snapshot per request */
    s->in_snapshot = true;
    return STATUS_OK;
}

void store_snapshot_end(struct store *s)
{
    s->in_snapshot = false;
}

enum status store_each_layer(struct store *s, bool (*each)(const struct store_layer *, void *),
                             void *arg, struct error *e)
{
    (void)s;
    (void)e;
    struct store_layer l = {.kind = LAYER_REGIONS,
                            .level = "municipality",
                            .source = "mun.gpkg",
                            .sha256 = "ab",
                            .edition = "2025",
                            .added_at = "2026-01-02T03:04:05Z",
                            .features_n = 3,
                            .area_mm2 = 12500000000,
                            .box = {-94, 14, -90, 18},
                            .from_change = 2};
    if (each(&l, arg)) {
        l.kind = LAYER_CORRIDORS;
        l.level = "";
        l.accuracy_m = 125;
        each(&l, arg);
    }
    return STATUS_OK;
}

enum status store_each_overview_cell(struct store *s, int zoom, uint32_t x0, uint32_t y0,
                                     uint32_t x1, uint32_t y1,
                                     bool (*each)(const struct store_overview_cell *, void *),
                                     void *arg, struct error *e)
{
    (void)s;
    (void)e;
    (void)zoom;
    struct store_overview_cell cell = {.x = 247, .y = 464, .plots = FAKE_PLOTS};
    if (cell.x >= x0 && cell.x <= x1 && cell.y >= y0 && cell.y <= y1)
        each(&cell, arg);
    return STATUS_OK;
}

static bool give(int64_t id, const char *code, bool (*each)(const struct store_plot *, void *),
                 void *arg)
{
    struct store_plot p = {.programme = id % 2 ? "A" : "B"};
    p.revision.plot_id = id;
    p.revision.code = code;
    return each(&p, arg);
}

enum status store_each_plot(struct store *s, const char *code, int64_t plot_id, struct arena *a,
                            bool (*each)(const struct store_plot *, void *), void *arg,
                            struct error *e)
{
    (void)s;
    (void)a;
    (void)e;
    for (int64_t id = 1; id <= FAKE_PLOTS + 1; id++) {
        char own[16];
        snprintf(own, sizeof own, "P-%d", (int)(id > FAKE_PLOTS ? FAKE_PLOTS : id));
        if ((code ? !strcmp(code, own) : id == plot_id) && !give(id, own, each, arg))
            break;
    }
    return STATUS_OK;
}

/* Plot i lies at longitude -93 + i/100; the box is looked at east-west only. */
enum status store_each_item(struct store *s, const struct box *box, const char *programme,
                            const struct where *where, int64_t after, int64_t limit,
                            struct arena *a, bool (*each)(const struct store_plot *, void *),
                            void *arg, int64_t *matched, struct error *e)
{
    (void)s;
    (void)a;
    (void)e;
    int64_t all = 0, given = 0;
    int64_t least =
        where ? (int64_t)where->values[0].number : 0; /* "hectares > 40": ids above 40 */
    for (int64_t id = 1; id <= FAKE_PLOTS; id++) {
        double lon = -93 + (double)id / 100;
        if ((box && (lon < box->west || lon > box->east)) ||
            (programme && strcmp(programme, id % 2 ? "A" : "B")) || id <= least)
            continue;
        all++;
        if (id > after && given < limit) {
            char code[16];
            given++;
            snprintf(code, sizeof code, "P-%d", (int)id);
            give(id, code, each, arg);
        }
    }
    if (matched)
        *matched = where && !box ? -1 : all;
    return STATUS_OK;
}

enum status store_each_import(struct store *s, bool (*each)(const struct store_import *, void *),
                              void *arg, struct error *e)
{
    (void)s;
    (void)e;
    each(&(struct store_import){.id = 1, .status = "committed"}, arg);
    return STATUS_OK;
}

enum status store_import_get(struct store *s, int64_t id, struct arena *a, struct store_import *out,
                             struct error *e)
{
    (void)s;
    (void)a;
    *out = (struct store_import){.id = id, .status = "committed"};
    return id == 1 ? STATUS_OK
                   : error_set(e, STATUS_NOT_FOUND, "import_not_found", NULL, "no such import");
}

enum status store_each_finding(struct store *s, int64_t import_id,
                               bool (*each)(const struct finding *, void *), void *arg,
                               struct error *e)
{
    (void)s;
    (void)import_id;
    (void)e;
    each(&(struct finding){.code = 0}, arg);
    return STATUS_OK;
}
