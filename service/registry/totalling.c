/* Rows to groups; see totalling.h. */
#include "service/registry/totalling_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/rows_apart.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9E3779B97F4A7C15) ^ (b + UINT64_C(0x7F4A7C15) + (a << 6));
    h ^= h >> 29;
    h *= UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ h >> 32;
}

/* ---- groups ---- */

/* Slots are packed exactly (21 bits each), so two groups never share a key. */
static uint64_t group_key(const struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    uint64_t key = 1;
    for (int i = 0; i < t->dimensions.n; i++)
        key = key << 21 | (slots[i] & 0x1FFFFF);
    return key;
}

static struct total_group *group_find(struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    const uint64_t *there = key_set_find(&t->by_slots, group_key(t, slots));
    return there ? &t->groups[*there] : NULL;
}

static struct total_group *group_new(struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY],
                                     uint64_t key)
{
    bool ok;
    if (t->groups_n == t->groups_capacity) {
        uint32_t capacity = t->groups_capacity ? t->groups_capacity * 2 : 256;
        struct total_group *more = realloc(t->groups, capacity * sizeof *more);
        if (!more)
            return NULL;
        t->groups = more;
        t->groups_capacity = capacity;
    }
    key_set_add(&t->by_slots, key, t->groups_n, &ok);
    if (!ok)
        return NULL;
    struct total_group *g = &t->groups[t->groups_n++];
    memset(g, 0, sizeof *g);
    memcpy(g->slots, slots, sizeof g->slots);
    return g;
}

/* The group of the slots, made when new; most parts are of the group of the one before. */
static struct total_group *group_of(struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    uint64_t key = group_key(t, slots);
    if (key == t->last_key)
        return &t->groups[t->last_group];
    const uint64_t *there = key_set_find(&t->by_slots, key);
    struct total_group *g = there ? &t->groups[*there] : group_new(t, slots, key);
    if (g) {
        t->last_key = key;
        t->last_group = (uint32_t)(g - t->groups);
    }
    return g;
}

/* ---- producers ---- */

static bool holders_reserve(struct holders *h, uint64_t id)
{
    enum {
        BEYOND = 1 << 26
    }; /* ids are dense; one that is not would cost the memory of all below it */
    if (id < h->first_n || id >= BEYOND)
        return true;
    size_t n = (size_t)id + (size_t)id / 8 + 1024; /* there is one of these for each total that is asked at once */
    uint32_t *more = realloc(h->first, n * sizeof *more);
    if (!more)
        return false;
    memset(more + h->first_n, 0, (n - h->first_n) * sizeof *more);
    h->first = more;
    h->first_n = n;
    return true;
}

/* Whether the producer was met in the group before; now it was. */
static bool met_before(struct holders *h, uint32_t group, uint64_t id, bool *ok)
{
    *ok = holders_reserve(h, id);
    if (!*ok)
        return false;
    if (id < h->first_n) {
        if (!h->first[id])
            h->first[id] = group + 1;
        else if (h->first[id] != group + 1)
            return key_set_add(&h->further, mix(group, id), 1, ok) != NULL;
        else
            return true;
        return false;
    }
    return key_set_add(&h->further, mix(group, id), 1, ok) != NULL;
}

static void count_holder(struct totalling *t, struct holders *h, struct hectares_figures *f,
                         uint32_t group, const struct store_total_row *row)
{
    bool ok;
    if (!row->producer_id || met_before(h, group, (uint64_t)row->producer_id, &ok))
        return;
    t->failed = t->failed || !ok;
    f->producers++;
    f->women += row->producer_gender == 'f';
}

/* ---- parts ---- */

static void add_part(struct totalling *t, struct total_group *g, struct holders *h, uint32_t number,
                     const struct store_total_row *row, bool cut)
{
    struct hectares_figures *f = &g->figures;
    f->sum_mm2 += row->area_mm2;
    f->class_mm2[row->slope_class >= 0 ? row->slope_class : SLOPE_CLASSES_MAX] += row->area_mm2;
    if (row->slope_class < 0) /* ground without elevation data is the same in both */
        f->expected_mm2[SLOPE_CLASSES_MAX] += row->area_mm2;
    if (row->corridor_set)
        f->corridor_mm2 += row->area_mm2;
    if (row->corridor_verdict == LAYER_EDGE)
        f->edge_mm2 += row->area_mm2;
    if (g->last_revision != row->revision_id) {
        g->last_revision = row->revision_id;
        g->last_mm2 = g->last_corridor_mm2 = 0;
        f->plots++;
        f->points += t->point_mm2 >= 0;
        f->declared_mm2 += t->point_mm2 > 0 ? t->point_mm2 : 0;
        count_holder(t, h, f, number, row);
    }
    if (!cut)
        totalling_add_variance(g, row);
}

/* Another plot: its id once for all, its slots for each totalling. */
static bool select_plot(struct scan *scan, const struct store_total_row *row)
{
    bool grow = scan->selected_n == scan->selected_capacity;
    size_t capacity = !grow                     ? scan->selected_capacity
                      : scan->selected_capacity ? scan->selected_capacity * 2
                                                : 4096;
    int64_t *ids = grow ? realloc(scan->selected, capacity * sizeof *ids) : scan->selected;
    if (!ids)
        return false;
    scan->selected = ids;
    scan->selected_capacity = capacity;
    for (int i = 0; i < scan->n; i++) {
        struct totalling *t = &scan->list[i];
        uint32_t *slots =
            grow && t->plot_dimensions
                ? realloc(t->plot_slots, capacity * (size_t)t->plot_dimensions * sizeof *slots)
                : t->plot_slots;
        if ((t->plot_dimensions && !slots) || !dimensions_of_plot(&t->dimensions, row, t->slots))
            return false;
        t->plot_slots = slots;
        for (int k = 0, to = 0; k < t->dimensions.n; k++)
            if (!t->dimensions.by[k].of_ground)
                slots[scan->selected_n * (size_t)t->plot_dimensions + (size_t)to++] = t->slots[k];
    }
    scan->selected[scan->selected_n++] = row->revision_id;
    return true;
}

static bool take_row(const struct store_total_row *row, void *arg)
{
    struct scan *scan = arg;
    bool first = !scan->selected_n || scan->selected[scan->selected_n - 1] != row->revision_id;
    if (first && (!totalling_settle_cut(scan) || !select_plot(scan, row)))
        return !(scan->failed = true);
    if (first)
        totalling_begin_cut(scan, row);
    totalling_note_piece(scan, row);
    bool cut = scan->cut.pieces_n > 0 && row->piece >= 0;
    const uint64_t *declared = row->plot_mm2 ? NULL : key_set_find(&scan->points, (uint64_t)row->revision_id);
    for (int i = 0; i < scan->n; i++) {
        struct totalling *t = &scan->list[i];
        struct total_group *g = NULL;
        t->point_mm2 = declared ? (int64_t)*declared : -1;
        if (dimensions_of_ground(&t->dimensions, row->region_set, row->corridor_set,
                                 row->slope_class, t->slots))
            g = group_of(t, t->slots);
        if (!g)
            return !(scan->failed = true);
        add_part(t, g, &t->holders, (uint32_t)(g - t->groups), row, cut);
        if (i == 0) /* the total of all questions is one */
            add_part(t, &t->total, &t->total_holders, 0, row, cut);
        if (cut && !totalling_keep_part(t, (uint32_t)(g - t->groups), row))
            return !(scan->failed = true);
        scan->failed = scan->failed || t->failed;
    }
    return !scan->failed;
}

/* ---- expected hectares by slope class ---- */

static void plot_slots(const struct totalling *t, size_t place, uint32_t slots[LIMIT_GROUP_BY]);

/* Grouped by slope class, each class's hectares go to that class's group; else all to the group of the ground. */
static bool add_expected(struct totalling *t, struct total_group *total, size_t place, const struct store_expected_row *row)
{
    bool by_class = false;
    for (int k = 0; k < t->dimensions.n; k++)
        by_class = by_class || t->dimensions.by[k].of_class;
    struct total_group *g = NULL;
    for (int c = 0; c < t->dimensions.classes.classes_n; c++) {
        if (!row->class_mm2[c])
            continue;
        uint32_t slots[LIMIT_GROUP_BY] = {0};
        if (by_class || !g) {
            plot_slots(t, place, slots);
            if (!dimensions_of_ground(&t->dimensions, row->region_set, row->corridor_set, c, slots) || !(g = group_of(t, slots)))
                return false;
        }
        g->figures.expected_mm2[c] += row->class_mm2[c];
        if (total)
            total->figures.expected_mm2[c] += row->class_mm2[c];
    }
    return true;
}

static bool take_expected(const struct store_expected_row *row, void *arg)
{
    struct scan *scan = arg;
    size_t place = scan->next_expected; /* rows come in the order of the plots */
    while (place < scan->selected_n && scan->selected[place] < row->revision_id)
        place++;
    scan->next_expected = place;
    if (place == scan->selected_n)
        return false;
    for (int i = 0; scan->selected[place] == row->revision_id && i < scan->n && !scan->failed; i++)
        scan->failed = !add_expected(&scan->list[i], i ? NULL : &scan->list[0].total, place, row);
    return !scan->failed;
}

/* ---- faces ---- */

/* Which of the selected plots the revision is; selected_n = none. */
static size_t place_of(const struct scan *scan, int64_t revision_id)
{
    size_t low = 0, high = scan->selected_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (scan->selected[mid] < revision_id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < scan->selected_n && scan->selected[low] == revision_id ? low : scan->selected_n;
}

static void add_double(struct total_group *g, const struct store_face_row *row)
{
    g->figures.double_mm2 += row->area_mm2;
    if (row->corridor_set)
        g->figures.corridor_double_mm2 += row->area_mm2;
}

/* The slots of a selected plot, with those of the ground left to be filled. */
static void plot_slots(const struct totalling *t, size_t place, uint32_t slots[LIMIT_GROUP_BY])
{
    for (int k = 0, from = 0; k < t->dimensions.n; k++)
        slots[k] = t->dimensions.by[k].of_ground
                       ? 0
                       : t->plot_slots[place * (size_t)t->plot_dimensions + (size_t)from++];
}

enum { MET_MAX = 64 };

/* Each member of a face beyond the first in its group counts the ground once more than it is
 * there. */
static bool add_face(struct totalling *t, const size_t *places, size_t places_n,
                     const struct store_face_row *row)
{
    const struct total_group *met[MET_MAX];
    size_t met_n = 0;
    for (size_t i = 0; i < places_n; i++) {
        uint32_t slots[LIMIT_GROUP_BY] = {0};
        plot_slots(t, places[i], slots);
        if (!dimensions_of_ground(&t->dimensions, row->region_set, row->corridor_set,
                                  row->slope_class, slots))
            return false;
        struct total_group *g = group_find(t, slots);
        if (!g)
            continue; /* less than a square millimetre of this group's ground */
        bool again = false;
        for (size_t k = 0; k < met_n && !again; k++)
            again = met[k] == g;
        if (again)
            add_double(g, row);
        else if (met_n < MET_MAX)
            met[met_n++] = g;
    }
    return true;
}

static bool take_face(const struct store_face_row *row, void *arg)
{
    struct scan *scan = arg;
    size_t few[MET_MAX],
        n = 0, *places = row->members_n <= MET_MAX ? few : malloc(row->members_n * sizeof *places);
    if (!places)
        return !(scan->failed = true);
    for (size_t i = 0; i < row->members_n; i++) {
        places[n] = place_of(scan, row->members[i]);
        n += places[n] < scan->selected_n;
    }
    for (size_t i = 1; i < n; i++) /* and of the total's */
        add_double(&scan->list[0].total, row);
    for (int i = 0; i < scan->n && n > 1 && !scan->failed; i++)
        scan->failed = !add_face(&scan->list[i], places, n, row);
    if (places != few)
        free(places);
    return !scan->failed;
}

/* ---- all of it ---- */

static bool note_point(int64_t revision_id, double declared_ha, void *arg)
{
    struct scan *scan = arg;
    bool ok;
    int64_t mm2 = declared_ha > 0 && declared_ha < 1e6 ? llround(declared_ha * MM2_PER_HA) : 0;
    key_set_add(&scan->points, (uint64_t)revision_id, (uint64_t)mm2, &ok);
    scan->failed = scan->failed || !ok;
    return ok;
}

static bool note_middle(const struct store_layer *l, void *arg)
{
    struct lonlat *middle = arg;
    if (l->kind != LAYER_TERRAIN)
        *middle = (struct lonlat){(l->box.west + l->box.east) / 2, (l->box.south + l->box.north) / 2};
    return true;
}

enum status totalling_run(struct store *s, const struct store_totals_filter *filter,
                          struct totalling *list, int n, struct error *e)
{
    struct scan scan = {.list = list, .n = n};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < list[i].dimensions.n; k++)
            list[i].plot_dimensions += !list[i].dimensions.by[k].of_ground;
    enum status status = store_each_point(s, note_point, &scan, e);
    if (status == STATUS_OK)
        status = store_each_layer(s, note_middle, &scan.middle, e);
    if (status == STATUS_OK)
        status = n > 1 ? rows_apart(s, filter, take_row, &scan, e) : store_each_total_row(s, filter, take_row, &scan, e);
    scan.failed = scan.failed || !totalling_settle_cut(&scan);
    for (int i = 0; i < n; i++)
        totalling_add_shared(&scan, &list[i]);
    if (status == STATUS_OK && !scan.failed)
        status = store_each_expected_row(s, filter->as_of_change != 0, take_expected, &scan, e);
    if (status == STATUS_OK && !scan.failed)
        status = store_each_face_row(s, filter->as_of_change, take_face, &scan, e);
    for (int i = 1; i < n; i++)
        list[i].total = list[0].total;
    free(scan.selected);
    key_set_clear(&scan.points);
    return status == STATUS_OK && scan.failed ? error_memory(e) : status;
}

void totalling_close(struct totalling *t)
{
    dimensions_close(&t->dimensions);
    key_set_clear(&t->by_slots);
    key_set_clear(&t->holders.further);
    key_set_clear(&t->total_holders.further);
    free(t->holders.first);
    free(t->total_holders.first);
    free(t->plot_slots);
    free(t->groups);
    free(t->cut);
    free(t->pulls);
    key_set_clear(&t->by_pull);
}
