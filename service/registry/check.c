/* Checks of the stored data against what computing them anew gives; see check.h. The store's own checks (integrity, indexes, sums)
 * come first; here are those that need geometry. */
#include "service/registry/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "geo/area.h"
#include "service/registry/answers.h"
#include "service/registry/check_faces.h"
#include "service/registry/check_figures.h"
#include "service/registry/hectares.h"

struct checking {
    check_report *report;
    check_progress *progress;
    void *arg;
    bool all_ok;
    struct figures_check figures;
};

static void tell(const char *name, bool ok, const char *detail, void *arg)
{
    struct checking *c = arg;
    c->all_ok = c->all_ok && ok;
    c->report(name, ok, detail, c->arg);
}

static void step(struct checking *c, const char *phase)
{
    if (c->progress)
        c->progress(phase, 0, 0, c->arg);
}

static void tell_count(struct checking *c, const char *name, int which, const char *what)
{
    char detail[256];
    int64_t wrong = c->figures.counts[which].wrong;
    if (wrong)
        snprintf(detail, sizeof detail, "%" PRId64 " of %" PRId64 " plots %s, first %s", wrong, c->figures.plots, what, c->figures.counts[which].first);
    else
        snprintf(detail, sizeof detail, "%" PRId64 " plots", c->figures.plots);
    tell(name, !wrong, detail, c);
}

/* Promise 2 in words, with its numbers: the sum of the parts is the whole. */
static void tell_parts(struct checking *c)
{
    const struct figures_check *f = &c->figures;
    char detail[512], first[96] = "";
    int64_t wrong = f->counts[CHECK_PARTS].wrong;
    if (wrong)
        snprintf(first, sizeof first, "; %" PRId64 " plots do not, first %s", wrong, f->counts[CHECK_PARTS].first);
    snprintf(detail, sizeof detail,
             "%" PRId64 " plots, %" PRId64 " parts: added up by slope class, by region of each of %d levels (or in none), in and out of corridors they are "
             "the plot's hectares; worst difference %" PRId64 " mm2, %.1e of the plot (promised 1e-9; 0 mm2 is equal in every printed digit)%s",
             f->plots, f->parts, f->levels, f->worst_mm2, f->worst_share, first);
    tell("parts_equal_whole", !wrong, detail, c);
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
        bool ok = h.total.sum_mm2 == c->figures.sum_mm2 && classes == c->figures.sum_mm2 && h.total.plots == c->figures.plots && h.total.double_mm2 >= 0 &&
                  h.total.double_mm2 <= h.total.sum_mm2 && h.total.corridor_mm2 <= h.total.sum_mm2;
        char detail[256];
        snprintf(detail, sizeof detail, "plots %.4f ha, totals %.4f ha, slope classes %.4f ha, counted twice %.4f ha",
                 (double)c->figures.sum_mm2 / MM2_PER_HA, (double)h.total.sum_mm2 / MM2_PER_HA, (double)classes / MM2_PER_HA,
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
    step(c, "the file, its indexes and sums");
    enum status status = store_check(s, tell, c, e);
    if (status == STATUS_OK)
        status = check_figures(s, c->progress, c->arg, &c->figures, e);
    if (status != STATUS_OK)
        return status;
    tell_count(c, "one_hectare_truth", CHECK_AREA, "have hectares that their boundary does not give");
    tell_count(c, "boundaries_unchanged", CHECK_HASH, "have a boundary that is not the one imported");
    tell_count(c, "boundaries_valid", CHECK_VALID, "have an invalid boundary");
    tell_count(c, "anchors", CHECK_ANCHOR, "have an anchor that their boundary does not give");
    tell_parts(c);
    tell_count(c, "figures_current", CHECK_COMPUTED,
               "have figures (slope, regions, corridors, errors) that their boundary and today's layers do not give");
    step(c, "ground under several plots");
    if ((status = check_ground(s, c, e)) != STATUS_OK)
        return status;
    step(c, "totals");
    status = check_totals(s, c, e);
    bool kept_ok = true;
    char detail[256] = "";
    if (status == STATUS_OK && (status = answers_check(s, &kept_ok, detail, sizeof detail, e)) == STATUS_OK)
        tell("kept_answers", kept_ok, detail, c);
    void *args[] = {c, (void *)(uintptr_t)store_folder(s)};
    return status == STATUS_OK ? store_each_layer(s, check_terrain_file, args, e) : status;
}

enum status check_run(struct store *s, check_report *report, check_progress *progress, void *arg, bool *all_ok, struct error *e)
{
    struct checking c = {.report = report, .progress = progress, .arg = arg, .all_ok = true};
    enum status status = store_snapshot_begin(s, e);
    if (status == STATUS_OK) {
        status = check_all(s, &c, e);
        store_snapshot_end(s);
    }
    *all_ok = c.all_ok;
    return status;
}
