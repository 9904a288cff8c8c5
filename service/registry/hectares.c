/* Totals from stored parts and faces; see hectares.h.
 *
 * One pass over the parts of all selected plots fills the groups; one pass over the faces (ground that several plots share)
 * takes off what a group counts more than once: (members of the face in the group - 1) x the face's area. */
#include "service/registry/hectares.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/dimensions.h"
#include "service/registry/method.h"

struct group {
    uint32_t slots[LIMIT_GROUP_BY];
    struct hectares_figures figures;
    int64_t last_revision; /* counted already */
    int64_t last_mm2;      /* what is counted of it */
};

/* What the face pass needs to know of a selected plot. */
struct selected {
    int64_t revision_id;
    uint32_t slots[LIMIT_GROUP_BY];
};

struct totalling {
    struct dimensions dimensions;
    struct group *groups;
    uint32_t groups_n, groups_capacity;
    struct key_set by_slots;  /* hash of slots -> group */
    struct key_set producers; /* (group, producer) pairs met; group 0 = total */
    struct group total;
    struct selected *selected; /* ascending revision id */
    size_t selected_n, selected_capacity;
    bool failed;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9E3779B97F4A7C15) ^ (b + UINT64_C(0x7F4A7C15) + (a << 6));
    h ^= h >> 29;
    h *= UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ h >> 32;
}

/* Slots are packed exactly (21 bits each), so two groups never share a key. */
static uint64_t group_key(const struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    uint64_t key = 1;
    for (int i = 0; i < t->dimensions.n; i++)
        key = key << 21 | (slots[i] & 0x1FFFFF);
    return key;
}

static struct group *group_find(struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    const uint64_t *there = key_set_find(&t->by_slots, group_key(t, slots));
    return there ? &t->groups[*there] : NULL;
}

static struct group *group_of(struct totalling *t, const uint32_t slots[LIMIT_GROUP_BY])
{
    uint64_t key = group_key(t, slots);
    struct group *there = group_find(t, slots);
    if (there)
        return there;
    if (t->groups_n == t->groups_capacity) {
        uint32_t capacity = t->groups_capacity ? t->groups_capacity * 2 : 256;
        struct group *more = realloc(t->groups, capacity * sizeof *more);
        if (!more)
            return NULL;
        t->groups = more;
        t->groups_capacity = capacity;
    }
    bool ok;
    key_set_add(&t->by_slots, key, t->groups_n, &ok);
    if (!ok)
        return NULL;
    struct group *g = &t->groups[t->groups_n++];
    *g = (struct group){0};
    memcpy(g->slots, slots, sizeof g->slots);
    return g;
}

static void count_holder(struct totalling *t, struct hectares_figures *f, uint64_t group, const struct store_total_row *row)
{
    bool ok;
    if (!row->producer_id || key_set_add(&t->producers, mix(group, (uint64_t)row->producer_id), 1, &ok))
        return;
    t->failed = t->failed || !ok;
    f->producers++;
    f->women += row->producer_gender == 'f';
}

/* A plot whose share s is in the group adds s^2 times its variance; its parts come one by one. */
static void add_variance(struct group *g, const struct store_total_row *row)
{
    double whole = (double)row->plot_mm2, before = (double)g->last_mm2 / whole, more = (double)row->area_mm2 / whole;
    if (row->plot_mm2 > 0)
        g->figures.variance_m4 += (2 * before + more) * more * row->plot_se_m2 * row->plot_se_m2;
    g->last_mm2 += row->area_mm2;
}

static void add_part(struct totalling *t, struct group *g, uint64_t number, const struct store_total_row *row)
{
    struct hectares_figures *f = &g->figures;
    f->sum_mm2 += row->area_mm2;
    f->class_mm2[row->slope_class >= 0 ? row->slope_class : SLOPE_CLASSES_MAX] += row->area_mm2;
    if (row->corridor_set)
        f->corridor_mm2 += row->area_mm2;
    if (g->last_revision != row->revision_id) {
        g->last_revision = row->revision_id;
        g->last_mm2 = 0;
        f->plots++;
        count_holder(t, f, number, row);
    }
    add_variance(g, row);
}

static bool remember(struct totalling *t, int64_t revision_id, const uint32_t slots[LIMIT_GROUP_BY])
{
    if (t->selected_n == t->selected_capacity) {
        size_t capacity = t->selected_capacity ? t->selected_capacity * 2 : 4096;
        struct selected *more = realloc(t->selected, capacity * sizeof *more);
        if (!more)
            return false;
        t->selected = more;
        t->selected_capacity = capacity;
    }
    struct selected *out = &t->selected[t->selected_n++];
    out->revision_id = revision_id;
    memcpy(out->slots, slots, sizeof out->slots);
    return true;
}

static bool take_row(const struct store_total_row *row, void *arg)
{
    struct totalling *t = arg;
    uint32_t slots[LIMIT_GROUP_BY] = {0};
    bool first = t->total.last_revision != row->revision_id;
    if (!first)
        memcpy(slots, t->selected[t->selected_n - 1].slots, sizeof slots);
    else if (!dimensions_of_plot(&t->dimensions, row, slots) || !remember(t, row->revision_id, slots))
        return !(t->failed = true);
    struct group *g = NULL;
    if (dimensions_of_ground(&t->dimensions, row->region_set, row->corridor_set, row->slope_class, slots))
        g = group_of(t, slots);
    if (!g)
        return !(t->failed = true);
    add_part(t, g, (uint64_t)(g - t->groups) + 1, row);
    add_part(t, &t->total, 0, row);
    return !t->failed;
}

static const struct selected *selected_of(const struct totalling *t, int64_t revision_id)
{
    size_t low = 0, high = t->selected_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (t->selected[mid].revision_id < revision_id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->selected_n && t->selected[low].revision_id == revision_id ? &t->selected[low] : NULL;
}

static void add_double(struct group *g, const struct store_face_row *row)
{
    g->figures.double_mm2 += row->area_mm2;
    if (row->corridor_set)
        g->figures.corridor_double_mm2 += row->area_mm2;
}

/* Each member of a face beyond the first in its group (and in the total) counts the ground once more than it is there. */
static bool take_face(const struct store_face_row *row, void *arg)
{
    struct totalling *t = arg;
    enum { MET_MAX = 64 };
    const struct group *met[MET_MAX];
    size_t met_n = 0, members = 0;
    for (size_t i = 0; i < row->members_n; i++) {
        const struct selected *s = selected_of(t, row->members[i]);
        if (!s)
            continue;
        if (members++)
            add_double(&t->total, row);
        uint32_t slots[LIMIT_GROUP_BY];
        memcpy(slots, s->slots, sizeof slots);
        if (!dimensions_of_ground(&t->dimensions, row->region_set, row->corridor_set, row->slope_class, slots))
            return !(t->failed = true);
        struct group *g = group_find(t, slots);
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

static int compare_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a == NULL) - (b == NULL); /* NULL last */
}

static int compare_groups(const void *a, const void *b)
{
    const struct hectares_group *x = a, *y = b;
    for (int i = 0; i < LIMIT_GROUP_BY; i++) {
        int c = compare_text(x->key[i], y->key[i]);
        if (c)
            return c;
    }
    return 0;
}

static void suppress_small(struct hectares_figures *f, int holders_min)
{
    if (f->producers < holders_min)
        *f = (struct hectares_figures){.suppressed = true};
}

static enum status present(struct totalling *t, const struct hectares_query *q, struct arena *a, struct hectares *out, struct error *e)
{
    out->groups = arena_array(a, t->groups_n, sizeof *out->groups);
    if (!out->groups)
        return error_memory(e);
    out->groups_n = q->by_n ? t->groups_n : 0;
    for (size_t i = 0; i < out->groups_n; i++) {
        struct hectares_group *g = &out->groups[i];
        g->figures = t->groups[i].figures;
        for (int k = 0; k < q->by_n; k++) {
            const struct dimension_key *key = &t->dimensions.by[k].keys[t->groups[i].slots[k]];
            g->key[k] = key->key;
            g->name[k] = key->name;
        }
        suppress_small(&g->figures, q->holders_min);
    }
    out->total = t->total.figures;
    suppress_small(&out->total, q->holders_min);
    qsort(out->groups, out->groups_n, sizeof *out->groups, compare_groups);
    return STATUS_OK;
}

static enum status compute(struct store *s, const struct hectares_query *q, struct totalling *t, struct arena *a, struct hectares *out, struct error *e)
{
    enum status status = dimensions_open(s, q, a, &t->dimensions, e);
    struct store_totals_filter filter = {.programmes = q->programmes, .programmes_n = q->programmes_n};
    if (status == STATUS_OK)
        status = store_each_total_row(s, &filter, take_row, t, e);
    if (status == STATUS_OK && !t->failed)
        status = store_each_face_row(s, 0, take_face, t, e);
    if (status == STATUS_OK && t->failed)
        status = error_memory(e);
    out->classes = t->dimensions.classes;
    if (status == STATUS_OK)
        status = present(t, q, a, out, e);
    if (status == STATUS_OK)
        status = method_json(s, &out->classes, a, &out->method_json, e);
    return status;
}

enum status hectares_compute(struct store *s, const struct hectares_query *q, struct arena *a, struct hectares *out, struct error *e)
{
    *out = (struct hectares){.query = *q};
    struct totalling *t = calloc(1, sizeof *t);
    if (!t)
        return error_memory(e);
    enum status status = compute(s, q, t, a, out, e);
    dimensions_close(&t->dimensions);
    key_set_clear(&t->by_slots);
    key_set_clear(&t->producers);
    free(t->groups);
    free(t->selected);
    free(t);
    return status;
}
