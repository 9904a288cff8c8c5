/* Cuts one plot by every layer at once: each level splits the pieces of the levels before it.
 *
 * near.c says for each layer which features' borders meet the plot; only those cut it, without GEOS
 * where all crossings are proper (clip_pair.c). Pieces are brought to normal form, and the plot
 * before GEOS cuts it, so that they do not depend on where its rings start or how they turn. */
#include "geo/overlay/canonical.h"
#include "geo/overlay/clip_pair.h"
#include "geo/overlay/convert.h"
#include "geo/overlay/near.h"
#include "geo/overlay/split.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"

/* Of the plot's area: less is no piece of its own. */
#define PARTITION_NEGLIGIBLE 1e-9
/* Of a feature that is not there in pieces as small as the plot: more are for GEOS, which keeps the
 * piece that it cuts. */
enum { CUTTER_VERTICES_MAX = 5000 };

struct work_piece {
    struct partition_piece key; /* weight is filled at the end */
    bool cut;                   /* not the whole plot */
    /* all of the plot but this piece lies in that feature; index NULL = not known */
    struct {
        const struct layer_index *index;
        uint32_t feature;
    } outside;
    double deg2;
};

/* What cuts: the ground of a feature around the plot. */
struct cutter {
    const struct layer_index *index;
    const struct layer_place *place;
    uint32_t feature;
};

struct work {
    struct geo_context *g;
    const struct boundary *plot;
    const struct box *box; /* of the plot */
    struct arena *a;
    double whole_deg2; /* 0 = not measured yet */
    struct work_piece *pieces;
    size_t n, room;
    struct error *e;
};

static enum status work_start(struct work *w)
{
    w->room = 8;
    w->pieces = arena_array(w->a, w->room, sizeof *w->pieces);
    if (!w->pieces)
        return error_memory(w->e);
    w->n = 1;
    for (int l = 0; l < PARTITION_LEVELS_MAX; l++)
        w->pieces[0].key.region[l] = LAYER_NONE;
    w->pieces[0].key.geometry = *w->plot;
    return STATUS_OK;
}

static void measure_whole(struct work *w)
{
    if (w->whole_deg2 == 0)
        w->pieces[0].deg2 = w->whole_deg2 = boundary_deg2(w->plot);
}

/* A copy of piece i at the end of the list; NULL = no memory. */
static struct work_piece *add_piece(struct work *w, size_t i)
{
    if (w->n == w->room) {
        struct work_piece *more = arena_array(w->a, w->room * 2, sizeof *more);
        if (!more)
            return NULL;
        memcpy(more, w->pieces, w->n * sizeof *more);
        w->pieces = more;
        w->room *= 2;
    }
    struct work_piece *p = &w->pieces[w->n++];
    *p = w->pieces[i];
    return p;
}

/* Piece i becomes `in`; `out` is a new piece at the end. */
static enum status replace_piece(struct work *w, size_t i, const struct boundary *in,
                                 const struct boundary *out)
{
    struct work_piece *rest = add_piece(w, i);
    struct work_piece *both[2] = {&w->pieces[i], rest};
    if (!rest || !boundary_canonical(in, w->a, &both[0]->key.geometry) ||
        !boundary_canonical(out, w->a, &rest->key.geometry))
        return error_memory(w->e);
    rest->outside.index = NULL;
    for (int k = 0; k < 2; k++) {
        both[k]->cut = true;
        both[k]->deg2 = boundary_deg2(&both[k]->key.geometry);
    }
    return STATUS_OK;
}

static enum status cut_by_geos(struct work *w, size_t i, const struct cutter *by, enum split *how)
{
    struct work_piece *p = &w->pieces[i];
    GEOSGeometry *in = NULL, *out = NULL, *piece = geos_from_boundary(w->g, &p->key.geometry);
    const GEOSGeometry *ground;
    struct boundary inside, outside;
    enum status s = STATUS_OK;
    if (!piece || (!p->cut && GEOSNormalize_r(w->g->geos, piece) != 0))
        s = geos_failed(w->g, "overlay_failed", "reading a plot's boundary", w->e);
    if (s == STATUS_OK)
        s = layer_piece(w->g, by->index, by->place->cell, &by->place->box, by->feature, &ground,
                        w->e);
    *how = SPLIT_NONE;
    if (s == STATUS_OK && ground)
        s = geos_split(w->g, piece, p->deg2, ground, PARTITION_NEGLIGIBLE * w->whole_deg2, how, &in,
                       &out, w->e);
    if (s == STATUS_OK && *how == SPLIT_BOTH) {
        s = geos_to_boundary(w->g, in, w->a, &inside, w->e);
        if (s == STATUS_OK)
            s = geos_to_boundary(w->g, out, w->a, &outside, w->e);
        if (s == STATUS_OK)
            s = replace_piece(w, i, &inside, &outside);
    }
    GEOSGeom_destroy_r(w->g->geos, piece);
    GEOSGeom_destroy_r(w->g->geos, in);
    GEOSGeom_destroy_r(w->g->geos, out);
    return s;
}

/* All of the plot but piece i lies in one feature. Where that has the border of the next one too,
 * the piece lies in that or out of it as a whole: true with *how. */
static bool is_beside(const struct work *w, size_t i, const struct cutter *by, enum split *how)
{
    uint32_t first = w->pieces[i].outside.feature;
    if (w->pieces[i].outside.index != by->index)
        return false;
    const struct boundary *a = layer_ground(by->index, by->place->cell, first),
                          *b = layer_ground(by->index, by->place->cell, by->feature);
    if (!a || !b || !layer_border_shared(by->index, by->place, w->box, first, by->feature))
        return false;
    for (uint32_t k = 0; k < w->plot->points_n; k++) {
        bool sure = true, in_a = clip_contains(a, w->plot->points[k], &sure),
             in_b = clip_contains(b, w->plot->points[k], &sure);
        if (!sure)
            continue;
        *how = in_a != in_b ? SPLIT_ALL : SPLIT_NONE;
        return true;
    }
    return false;
}

/* Parts piece i by a feature: afterwards piece i is what lies inside, and what lies outside is a
 * new piece at the end. */
static enum status cut_piece(struct work *w, size_t i, const struct cutter *by, enum split *how)
{
    const struct boundary *ground = layer_ground(by->index, by->place->cell, by->feature);
    struct work_piece *p = &w->pieces[i];
    struct boundary in, out;
    *how = SPLIT_NONE;
    if (!ground || is_beside(w, i, by, how))
        return STATUS_OK;
    measure_whole(w);
    switch (ground->points_n > CUTTER_VERTICES_MAX
                ? CLIP_UNSURE
                : clip_split(&p->key.geometry, ground, w->a, &in, &out)) {
    case CLIP_APART:
        return STATUS_OK;
    case CLIP_FIRST_INSIDE:
        *how = SPLIT_ALL;
        return STATUS_OK;
    case CLIP_UNSURE:
        return cut_by_geos(w, i, by, how);
    case CLIP_SHARED:
        break;
    }
    double in_deg2 = boundary_deg2(&in), negligible = PARTITION_NEGLIGIBLE * w->whole_deg2;
    *how = in_deg2 <= negligible             ? SPLIT_NONE
           : in_deg2 >= p->deg2 - negligible ? SPLIT_ALL
                                             : SPLIT_BOTH;
    return *how == SPLIT_BOTH ? replace_piece(w, i, &in, &out) : STATUS_OK;
}

static enum status split_by_level(struct work *w, const struct layer_index *index, int level)
{
    struct layer_place place;
    enum status s = layer_near(w->g, index, w->plot, w->box, 0, &place, w->e);
    for (size_t k = 0; s == STATUS_OK && k < w->g->near_n; k++) {
        const struct near_feature *f = &w->g->near[k];
        const struct cutter by = {index, &place, f->feature};
        for (size_t i = 0, n = w->n; s == STATUS_OK && i < n && (f->cut || f->contains); i++) {
            enum split how = SPLIT_ALL;
            if (w->pieces[i].key.region[level] != LAYER_NONE)
                continue;
            bool whole = !w->pieces[i].cut;
            if (f->cut)
                s = cut_piece(w, i, &by, &how);
            if (whole && how == SPLIT_BOTH) {
                w->pieces[n].outside.index = index;
                w->pieces[n].outside.feature = f->feature;
            }
            if (s == STATUS_OK && how != SPLIT_NONE)
                w->pieces[i].key.region[level] = index->ids[f->feature];
        }
    }
    return s;
}

static enum status put_in_corridor(struct work *w, struct partition_piece *key, uint32_t id)
{
    if (key->corridors_n == PARTITION_CORRIDORS_MAX)
        return error_set(w->e, STATUS_LIMIT, "corridors_too_many",
                         "join corridors that cover the same ground",
                         "more than %d corridors lie on the same ground", PARTITION_CORRIDORS_MAX);
    key->corridor[key->corridors_n++] = id;
    return STATUS_OK;
}

static enum status split_by_corridors(struct work *w, const struct layer_index *index,
                                      const struct layer_place *place)
{
    enum status s = STATUS_OK;
    for (size_t k = 0; s == STATUS_OK && k < w->g->near_n; k++) {
        const struct near_feature *f = &w->g->near[k];
        const struct cutter by = {index, place, f->feature};
        for (size_t i = 0, n = w->n; s == STATUS_OK && i < n && (f->cut || f->contains); i++) {
            enum split how = SPLIT_ALL;
            if (f->cut)
                s = cut_piece(w, i, &by, &how);
            if (s == STATUS_OK && how != SPLIT_NONE)
                s = put_in_corridor(w, &w->pieces[i].key, index->ids[f->feature]);
        }
    }
    return s;
}

static int compare_ids(const uint32_t *a, int an, const uint32_t *b, int bn)
{
    for (int i = 0; i < an && i < bn; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return an - bn;
}

static int compare_pieces(const void *a, const void *b)
{
    const struct partition_piece *x = &((const struct work_piece *)a)->key,
                                 *y = &((const struct work_piece *)b)->key;
    int order = compare_ids(x->region, PARTITION_LEVELS_MAX, y->region, PARTITION_LEVELS_MAX);
    return order ? order : compare_ids(x->corridor, x->corridors_n, y->corridor, y->corridors_n);
}

/* Every piece was larger than PARTITION_NEGLIGIBLE when it was cut off, so that there is nothing
 * left to join here. */
static enum status finish(struct work *w, struct partition *out)
{
    qsort(w->pieces, w->n, sizeof *w->pieces, compare_pieces);
    out->pieces_n = w->n;
    out->pieces = arena_array(w->a, w->n, sizeof *out->pieces);
    if (!out->pieces)
        return error_memory(w->e);
    for (size_t i = 0; i < w->n; i++) {
        struct partition_piece *piece = &out->pieces[i];
        *piece = w->pieces[i].key;
        piece->weight = w->n > 1 ? area_equal_area_m2(&piece->geometry) : 1;
    }
    return STATUS_OK;
}

static double share_in(const struct partition *p, uint32_t id)
{
    double in = 0, all = 0;
    bool outside = false;
    for (size_t i = 0; i < p->pieces_n; i++) {
        bool here = false;
        for (int k = 0; k < p->pieces[i].corridors_n; k++)
            here = here || p->pieces[i].corridor[k] == id;
        all += p->pieces[i].weight;
        in += here ? p->pieces[i].weight : 0;
        outside = outside || !here;
    }
    return outside ? in / all : 1;
}

/* g->near still is the corridors'. */
static enum status corridor_hits(struct work *w, const struct layer_index *index,
                                 struct partition *out)
{
    out->corridors = arena_array(w->a, w->g->near_n, sizeof *out->corridors);
    if (!out->corridors)
        return error_memory(w->e);
    for (size_t k = 0; k < w->g->near_n; k++) {
        const struct near_feature *f = &w->g->near[k];
        struct layer_hit hit = {index->ids[f->feature], share_in(out, index->ids[f->feature]),
                                LAYER_EDGE};
        if (hit.share >= 1 && !f->edge)
            hit.verdict = LAYER_INSIDE;
        if (hit.share > 0 || f->edge)
            out->corridors[out->corridors_n++] = hit;
    }
    return STATUS_OK;
}

enum status partition_plot(struct geo_context *g, const struct boundary *b,
                           const struct partition_layers *layers, struct arena *a,
                           struct partition *out, struct error *e)
{
    struct layer_place place;
    struct box box = boundary_box(b);
    struct work w = {.g = g, .plot = b, .box = &box, .a = a, .e = e};
    *out = (struct partition){0};
    g->near_n = 0;
    enum status s = work_start(&w);
    for (int l = 0; s == STATUS_OK && l < layers->levels_n; l++)
        if (layers->regions[l])
            s = split_by_level(&w, layers->regions[l], l);
    g->near_n = 0;
    if (s == STATUS_OK && layers->corridors)
        s = layer_near(g, layers->corridors, b, &box, layers->corridor_accuracy_m, &place, e);
    if (s == STATUS_OK && layers->corridors)
        s = split_by_corridors(&w, layers->corridors, &place);
    if (s == STATUS_OK)
        s = finish(&w, out);
    if (s == STATUS_OK && layers->corridors)
        s = corridor_hits(&w, layers->corridors, out);
    return s;
}
