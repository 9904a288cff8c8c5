/* Declared against computed; see declared.h. */
#include "service/registry/declared.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "importers/text.h"

enum { UNKNOWN_TOLD_MAX = 200, SAME_NAME_MAX = 40, STATE = 0, MUNICIPALITY = 1 };

struct region {
    int64_t id;
    const char *key, *name; /* as the layer has them */
    const char *name_key;   /* text_key of the name */
};

struct level {
    int place; /* among the levels of a part's regions; -1 = no such layer */
    int64_t layer_id;
    double accuracy_m;
    struct region *list; /* by key */
    struct region **by_name;
    size_t n, capacity;
};

struct declared_regions {
    struct level levels[2];
    int levels_n; /* region layers there are */
    struct arena arena;
    struct key_set unknown; /* what was told already */
    bool failed;
};

/* ---- the regions by key and name ---- */

static bool note_layer(const struct store_layer *layer, void *arg)
{
    struct declared_regions *r = arg;
    if (layer->kind != LAYER_REGIONS)
        return true;
    int which = strcmp(layer->level, "state") == 0          ? STATE
                : strcmp(layer->level, "municipality") == 0 ? MUNICIPALITY
                                                            : -1;
    if (which >= 0)
        r->levels[which] = (struct level){
            .place = r->levels_n,
            .layer_id = layer->id,
            .accuracy_m = layer->accuracy_m > 0 ? layer->accuracy_m : DECLARED_LINE_ACCURACY_M};
    r->levels_n++;
    return true;
}

struct filling {
    struct declared_regions *all;
    struct level *level;
};

static bool note_feature(const struct store_layer_feature *f, void *arg)
{
    struct filling *fill = arg;
    struct declared_regions *all = fill->all;
    struct level *l = fill->level;
    char key[TEXT_KEY_MAX];
    if (l->n == l->capacity) {
        size_t capacity = l->capacity ? l->capacity * 2 : 256;
        struct region *more = realloc(l->list, capacity * sizeof *more);
        if (!more)
            return !(all->failed = true);
        l->list = more;
        l->capacity = capacity;
    }
    text_key(f->name ? f->name : "", key);
    struct region *out = &l->list[l->n++];
    *out = (struct region){f->id, arena_strdup(&all->arena, f->key ? f->key : ""),
                           arena_strdup(&all->arena, f->name ? f->name : ""),
                           arena_strdup(&all->arena, key)};
    all->failed = all->failed || !out->key || !out->name || !out->name_key;
    return !all->failed;
}

static int by_key(const void *a, const void *b)
{
    const struct region *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static int by_name(const void *a, const void *b)
{
    const struct region *const *x = a, *const *y = b;
    int c = strcmp((*x)->name_key, (*y)->name_key);
    return c ? c : strcmp((*x)->key, (*y)->key);
}

static enum status load_level(struct store *s, struct declared_regions *r, struct level *l,
                              struct error *e)
{
    struct filling fill = {r, l};
    if (l->place < 0)
        return STATUS_OK;
    enum status status =
        store_each_layer_feature(s, l->layer_id, NULL, false, false, note_feature, &fill, e);
    if (status == STATUS_OK && (r->failed || !(l->by_name = calloc(l->n + 1, sizeof *l->by_name))))
        return error_memory(e);
    if (status != STATUS_OK || !l->n)
        return status;
    qsort(l->list, l->n, sizeof *l->list, by_key);
    for (size_t i = 0; i < l->n; i++)
        l->by_name[i] = &l->list[i];
    qsort(l->by_name, l->n, sizeof *l->by_name, by_name);
    return STATUS_OK;
}

static enum status load(struct store *s, struct declared_regions **out, struct error *e)
{
    struct declared_regions *r = calloc(1, sizeof *r);
    if (!r)
        return error_memory(e);
    arena_init(&r->arena, 0);
    r->levels[STATE].place = r->levels[MUNICIPALITY].place = -1;
    *out = r;
    enum status status = store_each_layer(s, note_layer, r, e);
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = load_level(s, r, &r->levels[i], e);
    return status;
}

void declared_regions_free(struct declared_regions *r)
{
    if (!r)
        return;
    for (int i = 0; i < 2; i++) {
        free(r->levels[i].list);
        free(r->levels[i].by_name);
    }
    key_set_clear(&r->unknown);
    arena_clear(&r->arena);
    free(r);
}

/* ---- which regions are meant ---- */

struct meant {
    const struct level *level;
    const struct region *list[SAME_NAME_MAX]; /* several municipalities have one name */
    size_t n;
    const char *said;
    bool asked;
};

static bool names_region(const struct candidate *c)
{
    return c->region_key || c->municipality || c->state;
}

static void find_key(const struct level *l, const char *key, struct meant *out)
{
    struct region wanted = {.key = key};
    const struct region *found =
        l->n ? bsearch(&wanted, l->list, l->n, sizeof wanted, by_key) : NULL;
    if (found)
        out->list[out->n++] = found;
}

static void find_name(const struct level *l, const char *name, const char *state_key,
                      struct meant *out)
{
    char key[TEXT_KEY_MAX];
    size_t low = 0, high = l->n;
    text_key(name, key);
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (strcmp(l->by_name[mid]->name_key, key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < l->n && out->n < SAME_NAME_MAX && strcmp(l->by_name[low]->name_key, key) == 0;
         low++)
        if (!state_key || strncmp(l->by_name[low]->key, state_key, strlen(state_key)) == 0)
            out->list[out->n++] = l->by_name[low];
}

/* A key by its length; a municipality's name, in the state that is named with it where that is
 * known; a state's name alone is often something else (estado = status), so an unknown one says
 * nothing. */
static void find_meant(const struct declared_regions *r, const struct candidate *c,
                       struct meant *out)
{
    const struct level *state = &r->levels[STATE], *municipality = &r->levels[MUNICIPALITY];
    *out = (struct meant){0};
    if (c->region_key) {
        out->level = strlen(c->region_key) == 2 ? state : municipality;
        out->said = c->region_key;
        out->asked = out->level->place >= 0;
        if (out->asked)
            find_key(out->level, c->region_key, out);
        return;
    }
    struct meant in_state = {0};
    if (c->state && state->place >= 0)
        find_name(state, c->state, NULL, &in_state);
    if (c->municipality && municipality->place >= 0) {
        out->level = municipality;
        out->said = c->municipality;
        out->asked = true;
        find_name(municipality, c->municipality, in_state.n ? in_state.list[0]->key : NULL, out);
    } else if (in_state.n) {
        *out = in_state;
        out->level = state;
        out->said = c->state;
        out->asked = true;
    }
}

/* ---- measuring, in a worker ---- */

static double share_inside(const struct meant *m, const struct import_row *row)
{
    const struct store_figures *f = &row->figures;
    int64_t inside = 0, all = 0;
    for (size_t i = 0; i < f->parts_n; i++) {
        int64_t mm2 = row->area_mm2 ? f->parts[i].area_mm2 : 1;
        bool in = false;
        for (size_t k = 0; k < m->n && !in; k++)
            in = m->level->place < f->parts[i].levels_n &&
                 f->parts[i].regions[m->level->place] == (uint64_t)m->list[k]->id;
        inside += in ? mm2 : 0;
        all += mm2;
    }
    return all ? (double)inside / (double)all : 0;
}

void declared_measure(const struct declared_regions *r, const struct figures_setup *setup,
                      struct import_row *row)
{
    struct meant m;
    row->declared_share = 1;
    if (!r || !names_region(&row->candidate))
        return;
    find_meant(r, &row->candidate, &m);
    row->declared_unknown = m.asked && !m.n;
    const struct layer_index *index =
        m.n ? figures_setup_regions(setup, m.level->place) : NULL;
    if (!index)
        return;
    row->declared_share = share_inside(&m, row);
    if (row->declared_share >= DECLARED_INSIDE_LEAST)
        return;
    row->declared_reach_m = INFINITY;
    for (size_t i = 0; i < m.n; i++) { /* of several of one name the nearest */
        double out_m = layer_reach_out_m(index, (uint32_t)m.list[i]->id, &row->candidate.boundary);
        if (out_m < row->declared_reach_m)
            row->declared_reach_m = out_m;
    }
}

/* ---- saying ---- */

static struct finding about(const struct import_row *row, enum finding_code code, const char *text)
{
    return (struct finding){.code = code,
                            .row = row->candidate.row,
                            .plot = row->code,
                            .place = row->anchor,
                            .message = text,
                            .effect_m2 = NAN};
}

static bool told_before(struct declared_regions *r, const char *said)
{
    bool ok;
    if (r->unknown.used >= UNKNOWN_TOLD_MAX)
        return true;
    uint64_t hash = identity_key(0, said);
    return key_set_add(&r->unknown, hash, 1, &ok) != NULL;
}

/* The region of the level where most of the plot lies, "none" when it lies in none. */
static const struct region *lies_in(const struct level *l, const struct store_figures *f)
{
    int64_t most = -1;
    uint32_t id = LAYER_NONE;
    for (size_t i = 0; i < f->parts_n; i++)
        if (l->place < f->parts[i].levels_n && f->parts[i].area_mm2 > most) {
            most = f->parts[i].area_mm2;
            id = f->parts[i].regions[l->place];
        }
    for (size_t i = 0; i < l->n; i++)
        if ((uint64_t)l->list[i].id == id)
            return &l->list[i];
    return NULL;
}

static void check_region(struct declared_regions *r, const struct import_row *row,
                         void (*say)(const struct finding *, void *), void *say_arg)
{
    struct meant m;
    char text[400];
    if (row->declared_share >= DECLARED_INSIDE_LEAST && !row->declared_unknown)
        return;
    find_meant(r, &row->candidate, &m);
    if (m.asked && !m.n && !told_before(r, m.said)) {
        snprintf(text, sizeof text, "no region is called %.80s; the first row with it is %" PRIu64,
                 m.said, row->candidate.row);
        struct finding f = about(row, FINDING_REGION_KEY_UNKNOWN, text);
        say(&f, say_arg);
    }
    double share = row->declared_share, out_m = row->declared_reach_m;
    if (share >= DECLARED_INSIDE_LEAST || out_m <= m.level->accuracy_m)
        return;
    const struct region *in = lies_in(m.level, &row->figures);
    size_t used =
        (size_t)snprintf(text, sizeof text, "the row says %.80s; the plot lies in ", m.said);
    if (in)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%.20s %.60s, ", in->key, in->name);
    else
        used += (size_t)snprintf(text + used, sizeof text - used, "no region, ");
    used +=
        (size_t)snprintf(text + used, sizeof text - used, "%.0f %% of it is inside", 100 * share);
    if (isfinite(out_m) && used < sizeof text)
        snprintf(text + used, sizeof text - used, " and it reaches %.0f m beyond the line", out_m);
    struct finding f = about(row, FINDING_OUTSIDE_DECLARED_REGION, text);
    say(&f, say_arg);
}

static void check_hectares(const struct import_row *row,
                           void (*say)(const struct finding *, void *), void *say_arg)
{
    double declared = row->candidate.declared_ha, ha = (double)row->area_mm2 / MM2_PER_HA,
           se = isfinite(row->area_se_m2) ? row->area_se_m2 / 1e4 : 0;
    char text[300];
    if (row->candidate.point || !(declared > 0) || !(ha > 0) ||
        fabs(declared - ha) <= fmax(DECLARED_TOLERANCE * ha, 2 * se))
        return;
    bool square_metres = fabs(declared / 1e4 - ha) <= fmax(DECLARED_TOLERANCE * ha, 2 * se);
    snprintf(text, sizeof text, "declared %.6g ha, the boundary has %.4f ha ± %.4f (%+.0f %%)%s",
             declared, ha, 2 * se, 100 * (declared - ha) / ha,
             square_metres ? ": the declared figure looks like square metres" : "");
    struct finding f = about(row, FINDING_DECLARED_DIFFERS, text);
    say(&f, say_arg);
}

enum status declared_wanted(struct store *s, struct declared_regions **regions,
                            const struct candidate *c, struct error *e)
{
    return *regions || !names_region(c) ? STATUS_OK : load(s, regions, e);
}

void declared_check(struct declared_regions *regions, const struct import_row *row,
                    void (*say)(const struct finding *, void *), void *say_arg)
{
    check_hectares(row, say, say_arg);
    if (regions && names_region(&row->candidate))
        check_region(regions, row, say, say_arg);
}
