/* Deciding what a row is: new, revised, unchanged or held. See import_rows.h. */
#include "service/registry/import_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"

/* Between the columns of the table by sigma, between its rows by the logarithm of the area. */
double row_resurvey_iou(double area_m2, double sigma_m)
{
    static const double sigmas[] = {1.5, 3, 5};
    static const struct {
        double area_m2, iou[3];
    } table[] = {{500, {0.66, 0.41, 0.19}},  {1000, {0.73, 0.53, 0.34}},  {2500, {0.81, 0.66, 0.50}},
                 {5000, {0.87, 0.75, 0.62}}, {10000, {0.91, 0.82, 0.72}}, {20000, {0.93, 0.86, 0.79}}};
    enum { N = sizeof table / sizeof *table };
    double s = fmin(fmax(sigma_m, sigmas[0]), sigmas[2]), a = fmin(fmax(area_m2, table[0].area_m2), table[N - 1].area_m2);
    int column = s > sigmas[1], row = 0;
    while (row < N - 2 && a > table[row + 1].area_m2)
        row++;
    double across = (s - sigmas[column]) / (sigmas[column + 1] - sigmas[column]);
    double down = log(a / table[row].area_m2) / log(table[row + 1].area_m2 / table[row].area_m2);
    double upper = table[row].iou[column] + across * (table[row].iou[column + 1] - table[row].iou[column]);
    double lower = table[row + 1].iou[column] + across * (table[row + 1].iou[column + 1] - table[row + 1].iou[column]);
    return upper + down * (lower - upper);
}

struct best_match {
    struct store *store;
    struct geo_context *geo;
    const struct boundary *boundary;
    struct arena *arena;
    double area_m2;
    struct store_current current;
    double iou;
    enum status status;
    struct error *error;
};

enum { CURRENTS_MAX = 256 };

struct current_list {
    struct store_current items[CURRENTS_MAX];
    size_t n;
};

static bool note_current(const struct store_current *current, void *arg)
{
    struct current_list *list = arg;
    list->items[list->n++] = *current;
    return list->n < CURRENTS_MAX;
}

static void consider(struct best_match *best, const struct store_current *current)
{
    struct boundary other;
    double shared_m2 = 0;
    best->status = store_boundary(best->store, current->revision_id, best->arena, &other, best->error);
    if (best->status == STATUS_OK)
        best->status = overlap_pair_m2(best->geo, best->boundary, &other, &shared_m2, best->error);
    if (best->status != STATUS_OK)
        return;
    double other_m2 = (double)current->area_mm2 / MM2_PER_M2;
    double iou = shared_m2 / (best->area_m2 + other_m2 - shared_m2);
    double smaller_m2 = other_m2 < best->area_m2 ? other_m2 : best->area_m2;
    if (iou >= row_resurvey_iou(smaller_m2, ROW_SIGMA_M) && iou > best->iou) {
        best->iou = iou;
        best->current = *current;
    }
}

/* The plot of this programme that the boundary is: the same boundary, or another walk of it. */
static enum status match_by_boundary(struct store *s, struct row_memory *memory, const struct import_row *row, struct arena *a,
                                     struct store_current *out, bool *found, struct error *e)
{
    struct current_list *list = arena_alloc(a, sizeof *list);
    if (!list)
        return error_memory(e);
    *found = false;
    enum status status = store_each_current(s, row->programme_id, row->geometry_hash, NULL, note_current, list, e);
    if (status == STATUS_OK && list->n) {
        *out = list->items[0];
        *found = true;
    }
    if (status != STATUS_OK || *found)
        return status;
    struct box box = boundary_box(&row->candidate.boundary);
    status = store_each_current(s, row->programme_id, NULL, &box, note_current, list, e);
    struct best_match best = {.store = s, .geo = memory->geo, .boundary = &row->candidate.boundary, .arena = a, .error = e};
    best.area_m2 = area_boundary_m2(best.boundary);
    for (size_t i = 0; status == STATUS_OK && i < list->n; i++) {
        consider(&best, &list->items[i]);
        status = best.status;
    }
    if (status == STATUS_OK && best.iou > 0) {
        *out = best.current;
        *found = true;
    }
    return status;
}

/* A code for a plot that came without one; should another boundary have it already, a counter is added. `out` has the plot's
 * id where an undone import brought it before. */
static enum status make_code(struct store *s, struct import_row *row, struct arena *a, struct store_current *out, struct error *e)
{
    char base[IDENTITY_CODE_MAX];
    identity_code(row->geometry_hash, base);
    for (int n = 1; n < 1000; n++) {
        row->code = n == 1 ? arena_strdup(a, base) : arena_printf(a, "%s-%d", base, n);
        if (!row->code)
            return error_memory(e);
        bool found;
        enum status status = store_plot_find(s, row->programme_id, row->code, out, &found, e);
        if (status != STATUS_OK)
            return status;
        if (!found)
            return STATUS_OK;
    }
    return error_set(e, STATUS_INTERNAL, "code_space", NULL, "no free code for a plot without one");
}

static void hold(struct import_row *row, enum finding_code code, const char *message, void (*say)(const struct finding *, void *), void *say_arg)
{
    struct lonlat place = row->candidate.boundary.points_n ? row->candidate.boundary.points[0] : (struct lonlat){NAN, NAN};
    struct finding f = {.code = code, .row = row->candidate.row, .plot = row->code, .place = place, .message = message, .effect_m2 = NAN};
    row->action = ROW_HELD;
    row->held_for = code;
    row->held_spot = place;
    say(&f, say_arg);
}

enum status row_decide(struct store *s, struct row_memory *memory, struct import_row *row, struct arena *a,
                       void (*say)(const struct finding *, void *), void *say_arg, struct error *e)
{
    const struct candidate *c = &row->candidate;
    row->code = c->code;
    row->held_for = FINDING_CODES_N;
    row->held_spot = (struct lonlat){NAN, NAN};
    for (size_t i = 0; i < c->findings_n && row->held_for == FINDING_CODES_N; i++)
        if (finding_entry(c->findings[i].code)->severity == FINDING_ERROR) {
            row->held_for = c->findings[i].code;
            row->held_spot = c->findings[i].place;
        }
    if (c->outcome != CANDIDATE_READY) {
        row->action = c->outcome == CANDIDATE_HELD ? ROW_HELD : ROW_REJECTED;
        return STATUS_OK;
    }
    identity_geometry(&c->boundary, row->geometry_hash);
    identity_content(c, row->geometry_hash, row->content_hash);
    struct store_current current = {0};
    bool found = false, coded = row->code != NULL;
    enum status status = coded ? STATUS_OK : match_by_boundary(s, memory, row, a, &current, &found, e);
    if (status == STATUS_OK && !coded && !found)
        status = make_code(s, row, a, &current, e);
    if (status != STATUS_OK)
        return status;
    uint64_t key = row->code ? identity_key(row->programme_id, row->code) : (uint64_t)current.plot_id * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t content;
    memcpy(&content, row->content_hash, sizeof content);
    bool ok;
    const uint64_t *earlier = key_set_add(&memory->keys, key, content, &ok);
    if (!ok)
        return error_memory(e);
    /* plots of this import are known by their keys: only earlier ones are looked for */
    if (coded && !earlier && !store_plots_all_new(s))
        status = store_plot_find(s, row->programme_id, row->code, &current, &found, e);
    if (status != STATUS_OK)
        return status;
    if (earlier && *earlier != content) {
        hold(row, FINDING_DUPLICATE_CODE, NULL, say, say_arg);
    } else if (earlier || (found && !memcmp(current.content_hash, row->content_hash, sizeof current.content_hash))) {
        row->action = ROW_UNCHANGED;
    } else {
        row->action = found ? ROW_REVISED : ROW_NEW;
        row->place = hilbert_index(c->boundary.points[0]); /* here, where the points are at hand */
        row->plot_id = current.plot_id;
        if (found) {
            row->ended_revision = current.revision_id;
            row->ended_box = current.box;
            row->ended_mm2 = current.area_mm2;
        }
    }
    return STATUS_OK;
}
