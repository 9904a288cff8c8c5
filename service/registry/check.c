/* Checks of the stored data against what computing them anew gives; see check.h. The store's own checks (integrity, indexes, sums)
 * come first; here are those that need geometry. */
#include "service/registry/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "service/registry/answers.h"
#include "service/registry/check_faces.h"
#include "service/registry/check_figures.h"
#include "service/registry/hectares.h"
#include "service/registry/identity.h"

struct checking {
    check_report *report;
    void *arg;
    bool all_ok;
    struct geo_context *geo;
    int64_t plots, wrong_area, wrong_hash, invalid, wrong_anchor;
    int64_t sum_mm2;
    char first[5][64]; /* a code to look at for each count */
    enum status status;
    struct error *error;
};

static void tell(const char *name, bool ok, const char *detail, void *arg)
{
    struct checking *c = arg;
    c->all_ok = c->all_ok && ok;
    c->report(name, ok, detail, c->arg);
}

static void count_wrong(struct checking *c, int which, int64_t *counter, const char *code)
{
    if (!(*counter)++)
        snprintf(c->first[which], sizeof c->first[which], "%s", code ? code : "?");
}

static bool check_revision(const struct store_revision *r, void *arg)
{
    struct checking *c = arg;
    c->plots++;
    c->sum_mm2 += r->area_mm2;
    if (area_to_mm2(area_boundary_m2(&r->boundary)) != r->area_mm2)
        count_wrong(c, 0, &c->wrong_area, r->code);
    unsigned char hash[IDENTITY_HASH_BYTES];
    identity_geometry(&r->boundary, hash);
    if (memcmp(hash, r->geometry_hash, sizeof hash) != 0)
        count_wrong(c, 1, &c->wrong_hash, r->code);
    struct validity validity;
    if ((c->status = validity_test(c->geo, &r->boundary, &validity, c->error)) != STATUS_OK)
        return false;
    if (!validity.valid)
        count_wrong(c, 2, &c->invalid, r->code);
    struct lonlat anchor = boundary_anchor(&r->boundary);
    if (fabs(anchor.lon - r->anchor.lon) > 1e-9 || fabs(anchor.lat - r->anchor.lat) > 1e-9)
        count_wrong(c, 3, &c->wrong_anchor, r->code);
    return true;
}

static void tell_count(struct checking *c, const char *name, int which, int64_t wrong, const char *what)
{
    char detail[256];
    if (wrong)
        snprintf(detail, sizeof detail, "%" PRId64 " of %" PRId64 " plots %s, first %s", wrong, c->plots, what, c->first[which]);
    else
        snprintf(detail, sizeof detail, "%" PRId64 " plots", c->plots);
    tell(name, !wrong, detail, c);
}

/* The total of `parcela hectares` is the sum over plots, its slope classes add up to it, distinct is not more than the sum. */
static enum status check_totals(struct store *s, struct checking *c, struct error *e)
{
    struct arena a;
    arena_init(&a, 0);
    struct hectares h;
    struct hectares_query query = {.by_n = 0, .fresh = true};
    enum status status = hectares_compute(s, &query, &a, &h, e);
    if (status == STATUS_OK) {
        int64_t classes = 0;
        for (int i = 0; i <= SLOPE_CLASSES_MAX; i++)
            classes += h.total.class_mm2[i];
        bool ok = h.total.sum_mm2 == c->sum_mm2 && classes == c->sum_mm2 && h.total.plots == c->plots && h.total.double_mm2 >= 0 &&
                  h.total.double_mm2 <= h.total.sum_mm2 && h.total.corridor_mm2 <= h.total.sum_mm2;
        char detail[256];
        snprintf(detail, sizeof detail, "plots %.4f ha, totals %.4f ha, slope classes %.4f ha, counted twice %.4f ha",
                 (double)c->sum_mm2 / MM2_PER_HA, (double)h.total.sum_mm2 / MM2_PER_HA, (double)classes / MM2_PER_HA,
                 (double)h.total.double_mm2 / MM2_PER_HA);
        tell("totals_agree", ok, detail, c);
    }
    arena_clear(&a);
    return status;
}

static bool check_terrain_file(const struct store_layer *l, void *arg)
{
    void **args = arg;
    struct checking *c = args[0];
    if (l->kind != LAYER_TERRAIN)
        return true;
    char path[STORE_PATH_MAX + 300];
    struct stat st;
    snprintf(path, sizeof path, "%s/terrain/%s", (const char *)args[1], l->file);
    bool ok = stat(path, &st) == 0 && st.st_size > 0;
    tell("terrain_present", ok, ok ? l->file : "the terrain file is missing from the registry's folder", c);
    return true;
}

/* Ground on several plots, and the layers' own hectares. */
static enum status check_ground(struct store *s, struct checking *c, struct error *e)
{
    struct faces_check f = {0};
    char detail[128];
    enum status status = check_faces(s, &f, e);
    if (status == STATUS_OK)
        status = check_layers(s, &f, e);
    if (status != STATUS_OK)
        return status;
    snprintf(detail, sizeof detail, f.wrong ? "%" PRId64 " faces are stored, %" PRId64 " are missing or not what the boundaries give" : "%" PRId64 " faces",
             f.faces, f.wrong);
    tell("faces_current", !f.wrong, detail, c);
    snprintf(detail, sizeof detail, f.wrong_features ? "of %" PRId64 " regions and corridors, %" PRId64 " have other hectares than their boundary gives" : "%" PRId64 " regions and corridors",
             f.features, f.wrong_features);
    tell("layer_hectares", !f.wrong_features, detail, c);
    return STATUS_OK;
}

static enum status check_all(struct store *s, struct checking *c, struct error *e)
{
    enum status status = store_check(s, tell, c, e);
    struct arena a;
    arena_init(&a, 0);
    if (status == STATUS_OK)
        status = store_each_revision(s, &a, check_revision, c, e);
    if (status == STATUS_OK)
        status = c->status;
    arena_clear(&a);
    if (status != STATUS_OK)
        return status;
    tell_count(c, "one_hectare_truth", 0, c->wrong_area, "have hectares that their boundary does not give");
    tell_count(c, "boundaries_unchanged", 1, c->wrong_hash, "have a boundary that is not the one imported");
    tell_count(c, "boundaries_valid", 2, c->invalid, "have an invalid boundary");
    tell_count(c, "anchors", 3, c->wrong_anchor, "have an anchor that their boundary does not give");
    struct figures_check figures;
    if ((status = check_figures(s, &figures, e)) != STATUS_OK)
        return status;
    snprintf(c->first[4], sizeof c->first[4], "%s", figures.first);
    tell_count(c, "figures_current", 4, figures.wrong, "have figures (slope, regions, corridors, errors) that their boundary and today's layers do not give");
    if ((status = check_ground(s, c, e)) != STATUS_OK)
        return status;
    status = check_totals(s, c, e);
    bool kept_ok = true;
    char detail[256] = "";
    if (status == STATUS_OK && (status = answers_check(s, &kept_ok, detail, sizeof detail, e)) == STATUS_OK)
        tell("kept_answers", kept_ok, detail, c);
    void *args[] = {c, (void *)(uintptr_t)store_folder(s)};
    return status == STATUS_OK ? store_each_layer(s, check_terrain_file, args, e) : status;
}

enum status check_run(struct store *s, check_report *report, void *arg, bool *all_ok, struct error *e)
{
    struct checking c = {.report = report, .arg = arg, .all_ok = true, .geo = geo_context_new(), .error = e};
    if (!c.geo)
        return error_memory(e);
    enum status status = store_snapshot_begin(s, e);
    if (status == STATUS_OK) {
        status = check_all(s, &c, e);
        store_snapshot_end(s);
    }
    geo_context_free(c.geo);
    *all_ok = c.all_ok;
    return status;
}
