/* Declared against computed; see declared.h. */
#include "service/registry/declared.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "importers/text.h"

enum {
    LEVELS_MAX = 8,
    UNKNOWN_TOLD_MAX = 200,
    SAME_NAME_MAX = 40,
    STATE = 0,
    MUNICIPALITY = 1,
    SHAPES_MAX = 32
};

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

struct shape {
    int64_t id;
    struct boundary boundary;
};

struct declared_regions {
    struct shape shapes[SHAPES_MAX]; /* of regions at whose line plots lie */
    size_t shapes_n;
    struct arena shapes_arena;
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
    arena_init(&r->shapes_arena, 0);
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
    arena_clear(&r->shapes_arena);
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

/* ---- how far out ---- */

struct looking {
    const struct meant *meant;
    struct declared_regions *keep; /* NULL = only which of the regions are near */
    bool near[SAME_NAME_MAX];
    bool failed;
};

static bool look(const struct store_layer_feature *f, void *arg)
{
    struct looking *look = arg;
    struct declared_regions *r = look->keep;
    for (size_t i = 0; i < look->meant->n; i++) {
        if (look->meant->list[i]->id != f->id)
            continue;
        look->near[i] = true;
        if (!r)
            continue;
        struct shape *shape = &r->shapes[r->shapes_n++];
        shape->id = f->id;
        look->failed = !boundary_copy(&shape->boundary, &f->boundary, &r->shapes_arena);
    }
    return !look->failed && !(r && r->shapes_n == SHAPES_MAX);
}

static const struct boundary *shape_of(const struct declared_regions *r, int64_t id)
{
    for (size_t i = 0; i < r->shapes_n; i++)
        if (r->shapes[i].id == id)
            return &r->shapes[i].boundary;
    return NULL;
}

/* Squares of metres on a plane that touches the ground at p: the distances that matter are short.
 * Comparisons in place of fmin: this is called for every vertex with every edge of a municipality. */
static double to_line_m(struct lonlat p, const struct boundary *b)
{
    const double ky = 110574.0, kx = 111320.0 * cos(p.lat * M_PI / 180);
    double least = INFINITY;
    for (uint32_t ring = 0; ring < b->rings_n; ring++) {
        uint32_t i = boundary_ring_start(b, ring);
        double ax = (b->points[i].lon - p.lon) * kx, ay = (b->points[i].lat - p.lat) * ky;
        for (i++; i < b->ring_end[ring]; i++) {
            double bx = (b->points[i].lon - p.lon) * kx, by = (b->points[i].lat - p.lat) * ky;
            double dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy;
            double along = -(ax * dx + ay * dy);
            double t = !(length2 > 0) || along <= 0 ? 0 : along >= length2 ? 1 : along / length2;
            double x = ax + t * dx, y = ay + t * dy, d = x * x + y * y;
            least = d < least ? d : least;
            ax = bx;
            ay = by;
        }
    }
    return sqrt(least);
}

/* all_out: none of the plot is in the region, so that its vertices need not be asked. */
static double farthest_m(const struct boundary *region, const struct boundary *plot, bool all_out)
{
    double farthest = 0;
    for (uint32_t i = 0; i < plot->points_n; i++)
        if (all_out || !boundary_contains(region, plot->points[i]))
            farthest = fmax(farthest, to_line_m(plot->points[i], region));
    return farthest;
}

/* How far the plot reaches out of the regions that are meant (of several the nearest); INFINITY
 * when none of them is near. Regions' boundaries are large and come again: the last ones are kept.
 */
static enum status reach_out(struct store *s, struct declared_regions *r, const struct meant *m,
                             const struct boundary *plot, bool all_out, double *out,
                             struct error *e)
{
    struct box box = boundary_box(plot);
    double around = 2 * m->level->accuracy_m / 100000; /* degrees */
    struct box near = {box.west - around, box.south - around, box.east + around,
                       box.north + around};
    struct looking looking = {.meant = m};
    enum status status =
        store_each_layer_feature(s, m->level->layer_id, &near, false, false, look, &looking, e);
    *out = INFINITY;
    for (size_t i = 0; i < m->n && status == STATUS_OK; i++) {
        if (!looking.near[i])
            continue;
        if (!shape_of(r, m->list[i]->id)) {
            struct meant one = {.list = {m->list[i]}, .n = 1};
            struct looking read = {.meant = &one, .keep = r};
            if (r->shapes_n == SHAPES_MAX) {
                r->shapes_n = 0;
                arena_reset(&r->shapes_arena);
            }
            status =
                store_each_layer_feature(s, m->level->layer_id, &near, true, false, look, &read, e);
            if (status == STATUS_OK && read.failed)
                status = error_memory(e);
        }
        const struct boundary *shape = status == STATUS_OK ? shape_of(r, m->list[i]->id) : NULL;
        if (shape)
            *out = fmin(*out, farthest_m(shape, plot, all_out));
    }
    return status;
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

static enum status check_region(struct store *s, struct declared_regions *r,
                                const struct import_row *row,
                                void (*say)(const struct finding *, void *), void *say_arg,
                                struct error *e)
{
    struct meant m;
    char text[400];
    find_meant(r, &row->candidate, &m);
    if (m.asked && !m.n && !told_before(r, m.said)) {
        snprintf(text, sizeof text, "no region is called %.80s; the first row with it is %" PRIu64,
                 m.said, row->candidate.row);
        struct finding f = about(row, FINDING_REGION_KEY_UNKNOWN, text);
        say(&f, say_arg);
    }
    double share = m.n ? share_inside(&m, row) : 1;
    if (share >= DECLARED_INSIDE_LEAST)
        return STATUS_OK;
    double out_m;
    enum status status = reach_out(s, r, &m, &row->candidate.boundary, share == 0, &out_m, e);
    if (status != STATUS_OK || out_m <= m.level->accuracy_m)
        return status;
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
    return STATUS_OK;
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

enum status declared_check(struct store *s, struct declared_regions **regions,
                           const struct import_row *row,
                           void (*say)(const struct finding *, void *), void *say_arg,
                           struct error *e)
{
    const struct candidate *c = &row->candidate;
    check_hectares(row, say, say_arg);
    if (!c->region_key && !c->municipality && !c->state)
        return STATUS_OK;
    enum status status = *regions ? STATUS_OK : load(s, regions, e);
    return status == STATUS_OK ? check_region(s, *regions, row, say, say_arg, e) : status;
}
