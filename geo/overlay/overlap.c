/* Ground that plots share: faces of the arrangement inside one plot, and the common area of a pair.
 *
 * Most pairs whose boxes meet share no ground, and most that do share it with nobody else: the
 * first are told apart without GEOS, the second cost one intersection. */
#include "geo/overlay/canonical.h"
#include "geo/overlay/clip_pair.h"
#include "geo/overlay/convert.h"
#include "geo/overlay/segment.h"
#include "geo/overlay/split.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/slope.h"

/* Less shared ground than this is the noise of a common border. */
#define FACE_NEGLIGIBLE_M2 1e-6 /* the store counts whole mm2; rounding makes 1e-7 m2 along 100 m */
/* EDGE_PAIRS_MAX: pairs of edges that are compared before GEOS is asked instead.
 * CROWD_SPLITS: cuts after which the ground of lower neighbours is taken away first, so that an arrangement of many plots is made
 * once and not by each of them.
 * DEPTH_SPOTS: where the depth of a crowd is tried out. */
enum { EDGE_PAIRS_MAX = 200000, CROWD_SPLITS = 32, DEPTH_SPOTS = 8 };

/* ---- telling plots apart without GEOS ---- */

static bool any_part_starts_in(const struct boundary *a, const struct boundary *b)
{
    for (uint32_t part = 0; part < a->parts_n; part++)
        if (boundary_contains(b, a->points[boundary_ring_start(a, boundary_part_start(a, part))]))
            return true;
    return false;
}

/* Does the segment p-q meet an edge of b? */
static bool meets_edge(struct lonlat p, struct lonlat q, const struct boundary *b)
{
    for (uint32_t ring = 0; ring < b->rings_n; ring++)
        for (uint32_t i = boundary_ring_start(b, ring) + 1; i < b->ring_end[ring]; i++)
            if (segments_may_touch(p, q, b->points[i - 1], b->points[i]))
                return true;
    return false;
}

/* True also when it would take long to find out. */
static bool may_overlap(const struct boundary *a, const struct boundary *b, const struct box *box_b)
{
    size_t tried = 0;
    for (uint32_t ring = 0; ring < a->rings_n; ring++)
        for (uint32_t i = boundary_ring_start(a, ring) + 1; i < a->ring_end[ring]; i++) {
            struct lonlat p = a->points[i - 1], q = a->points[i];
            if (segment_box_apart(p, q, box_b))
                continue;
            if ((tried += b->points_n) > EDGE_PAIRS_MAX || meets_edge(p, q, b))
                return true;
        }
    /* No borders meet: one lies in the other, or they are apart. */
    return any_part_starts_in(a, b) || any_part_starts_in(b, a);
}

/* ---- the arrangement inside one plot ---- */

struct face {
    struct boundary boundary; /* in normal form */
    struct box box;
    double deg2;
    GEOSGeometry *geometry; /* the same ground; NULL = nobody needed it yet */
    int64_t *members;       /* ascending; the plot itself first */
    size_t members_n;
    bool coarse;
};

struct arrangement {
    struct geo_context *g;
    struct arena *a; /* scratch */
    struct overlap_plot plot;
    GEOSGeometry *whole; /* the plot; NULL = nobody needed it yet */
    double whole_deg2, negligible_deg2; /* 0 = not computed yet */
    struct face *faces; /* so far: ground in the plot and in at least one neighbour */
    size_t n, room;
    size_t first;           /* of the faces that a neighbour can meet: those before belong to another crowd */
    size_t cuts, cuts_most; /* made with faces; beyond `cuts_most` adding stops */
    struct error *e;
};

/* Forgets all faces from `first` on. */
static void drop_faces(struct arrangement *w, size_t first)
{
    while (w->n > first)
        GEOSGeom_destroy_r(w->g->geos, w->faces[--w->n].geometry);
}

static void arrangement_end(struct arrangement *w)
{
    drop_faces(w, 0);
    GEOSGeom_destroy_r(w->g->geos, w->whole);
}

static void measure_whole(struct arrangement *w)
{
    double east_m, north_m;
    if (w->negligible_deg2 > 0)
        return;
    ground_m_per_degree(w->plot.boundary->points[0].lat, &east_m, &north_m);
    w->negligible_deg2 = FACE_NEGLIGIBLE_M2 / (most(east_m, 1) * north_m);
    w->whole_deg2 = boundary_deg2(w->plot.boundary);
}

/* The GEOS form of a boundary, made when it is first asked for. */
static enum status need_geos(struct arrangement *w, const struct boundary *b, GEOSGeometry **geometry)
{
    if (*geometry)
        return STATUS_OK;
    *geometry = geos_from_boundary(w->g, b);
    if (!*geometry || GEOSNormalize_r(w->g->geos, *geometry) != 0)
        return geos_failed(w->g, "overlay_failed", "reading a boundary", w->e);
    return STATUS_OK;
}

/* Gives a face its ground. */
static enum status set_ground(struct arrangement *w, struct face *f, const struct boundary *ground)
{
    GEOSGeom_destroy_r(w->g->geos, f->geometry);
    f->geometry = NULL;
    if (!boundary_canonical(ground, w->a, &f->boundary))
        return error_memory(w->e);
    f->box = boundary_box(&f->boundary);
    f->deg2 = boundary_deg2(&f->boundary);
    return STATUS_OK;
}

static bool face_may_meet(const struct face *f, const struct overlap_plot *neighbour)
{
    struct box box = boundary_box(neighbour->boundary);
    return box_overlaps(&f->box, &box);
}

/* A new face with the members of `like` (NULL = the plot alone) and one more (NULL = none). */
static enum status add_face(struct arrangement *w, const struct boundary *ground, const struct face *like,
                            const int64_t *more)
{
    size_t room = w->n < w->room ? w->room : w->room ? w->room * 2 : 8;
    size_t members_n = (like ? like->members_n : 1) + (more ? 1 : 0);
    int64_t *members = arena_array(w->a, members_n, sizeof *members);
    struct face *faces = room == w->room ? w->faces : arena_array(w->a, room, sizeof *faces);
    if (!members || !faces)
        return error_memory(w->e);
    memcpy(members, like ? like->members : &w->plot.id,
           (members_n - (more ? 1 : 0)) * sizeof *members);
    if (more)
        members[members_n - 1] = *more;
    if (faces != w->faces && w->n)
        memcpy(faces, w->faces, w->n * sizeof *faces);
    w->faces = faces;
    w->room = room;
    w->faces[w->n] = (struct face){.members = members, .members_n = members_n};
    return set_ground(w, &w->faces[w->n++], ground);
}

/* Ground to be parted: a face, or what is left of shared ground. `geometry`: where its GEOS form is kept. */
struct ground {
    const struct boundary *boundary;
    double deg2;
    GEOSGeometry **geometry;
};

/* Parts p by a neighbour, whose GEOS form *by is made when needed; *in and *out (NULL = not wanted) are set when *how is
 * SPLIT_BOTH. What is certain is done without GEOS. */
static enum status split_ground(struct arrangement *w, struct ground p, const struct overlap_plot *neighbour, GEOSGeometry **by,
                                enum split *how, struct boundary *in, struct boundary *out)
{
    struct boundary inside, outside;
    enum clip_answer answer = clip_split(p.boundary, neighbour->boundary, w->a, &inside, &outside);
    measure_whole(w);
    *how = answer == CLIP_FIRST_INSIDE ? SPLIT_ALL : SPLIT_NONE;
    struct box box = boundary_box(neighbour->boundary);
    if (answer == CLIP_APART || (answer == CLIP_UNSURE && !may_overlap(p.boundary, neighbour->boundary, &box)))
        return STATUS_OK;
    w->cuts++;
    if (answer == CLIP_SHARED) {
        double in_deg2 = boundary_deg2(&inside);
        *how = in_deg2 <= w->negligible_deg2 ? SPLIT_NONE : p.deg2 - in_deg2 <= w->negligible_deg2 ? SPLIT_ALL : SPLIT_BOTH;
        if (in)
            *in = inside;
        if (out)
            *out = outside;
    }
    if (answer != CLIP_UNSURE)
        return STATUS_OK;
    GEOSGeometry *first = NULL, *second = NULL;
    enum status s = need_geos(w, neighbour->boundary, by);
    if (s == STATUS_OK)
        s = need_geos(w, p.boundary, p.geometry);
    if (s == STATUS_OK)
        s = geos_split(w->g, *p.geometry, p.deg2, *by, w->negligible_deg2, how, in ? &first : NULL, out ? &second : NULL, w->e);
    if (s == STATUS_OK && first)
        s = geos_to_boundary(w->g, first, w->a, in, w->e);
    if (s == STATUS_OK && second)
        s = geos_to_boundary(w->g, second, w->a, out, w->e);
    GEOSGeom_destroy_r(w->g->geos, first);
    GEOSGeom_destroy_r(w->g->geos, second);
    return s;
}

static struct ground ground_of(struct face *f)
{
    return (struct ground){&f->boundary, f->deg2, &f->geometry};
}

/* Splits face i by the neighbour: what lies inside stays face i and has the neighbour as a member,
 * *met = true; what lies outside is a new face. */
static enum status split_face(struct arrangement *w, size_t i, const struct overlap_plot *neighbour,
                              GEOSGeometry **by, bool *met)
{
    struct boundary in, out;
    enum split how;
    struct face *f = &w->faces[i];
    enum status s = split_ground(w, ground_of(f), neighbour, by, &how, &in, &out);
    *met = s == STATUS_OK && how != SPLIT_NONE;
    if (!*met)
        return s;
    if (how == SPLIT_BOTH) {
        s = set_ground(w, f, &in);
        if (s == STATUS_OK)
            s = add_face(w, &out, f, NULL);
        if (s != STATUS_OK)
            return s;
    }
    f = &w->faces[i];
    int64_t *members = arena_array(w->a, f->members_n + 1, sizeof *members);
    if (!members)
        return error_memory(w->e);
    memcpy(members, f->members, f->members_n * sizeof *members);
    members[f->members_n++] = neighbour->id;
    f->members = members;
    return STATUS_OK;
}

/* *rest without the ground of an earlier neighbour, which the faces have already; *any = false when nothing is left. The neighbour
 * and not its faces is taken off, because its border crosses the rest's properly where those of faces would run along it. */
static enum status subtract_earlier(struct arrangement *w, struct boundary *rest, bool *any, const struct overlap_plot *earlier)
{
    GEOSGeometry *by = NULL, *geometry = NULL;
    struct boundary out;
    enum split how = SPLIT_NONE;
    struct box box = boundary_box(rest), other = boundary_box(earlier->boundary);
    if (!box_overlaps(&box, &other))
        return STATUS_OK;
    enum status s = split_ground(w, (struct ground){rest, boundary_deg2(rest), &geometry}, earlier, &by, &how, NULL, &out);
    GEOSGeom_destroy_r(w->g->geos, by);
    GEOSGeom_destroy_r(w->g->geos, geometry);
    if (s == STATUS_OK && how == SPLIT_BOTH)
        *rest = out;
    *any = how != SPLIT_ALL;
    return s;
}

/* What the plot shares with the neighbour, in *rest; *any = false when it is nothing. */
static enum status share_with(struct arrangement *w, const struct overlap_plot *neighbour, struct boundary *rest, bool *any,
                              GEOSGeometry **by)
{
    enum clip_answer answer = clip_pair(w->plot.boundary, neighbour->boundary, w->a, rest);
    *any = false;
    if (answer == CLIP_APART)
        return STATUS_OK;
    measure_whole(w);
    *any = true;
    if (answer == CLIP_SHARED)
        *any = boundary_deg2(rest) > w->negligible_deg2;
    if (answer == CLIP_FIRST_INSIDE)
        *rest = *w->plot.boundary;
    if (answer != CLIP_UNSURE)
        return STATUS_OK;
    struct box box = boundary_box(neighbour->boundary);
    GEOSGeometry *shared = NULL;
    enum split how = SPLIT_NONE;
    enum status s = STATUS_OK;
    *any = may_overlap(w->plot.boundary, neighbour->boundary, &box);
    if (*any && (s = need_geos(w, neighbour->boundary, by)) == STATUS_OK && (s = need_geos(w, w->plot.boundary, &w->whole)) == STATUS_OK)
        s = geos_split(w->g, w->whole, w->whole_deg2, *by, w->negligible_deg2, &how, &shared, NULL, w->e);
    *any = how != SPLIT_NONE;
    if (how == SPLIT_ALL)
        *rest = *w->plot.boundary;
    if (s == STATUS_OK && how == SPLIT_BOTH)
        s = geos_to_boundary(w->g, shared, w->a, rest, w->e);
    GEOSGeom_destroy_r(w->g->geos, shared);
    return s;
}

/* The faces there are already are split by the neighbour; what it shares with the plot alone is a
 * new face. */
static enum status add_higher(struct arrangement *w, const struct overlap_plot *earlier, const struct overlap_plot *neighbour)
{
    GEOSGeometry *by = NULL;
    struct boundary rest;
    bool met_any = false, any;
    enum status s = share_with(w, neighbour, &rest, &any, &by);
    for (size_t i = w->first, n = w->n; s == STATUS_OK && any && i < n && w->cuts <= w->cuts_most; i++) {
        bool met = false;
        if (!face_may_meet(&w->faces[i], neighbour))
            continue;
        s = split_face(w, i, neighbour, &by, &met);
        met_any = met_any || met;
    }
    for (; s == STATUS_OK && met_any && any && earlier < neighbour && w->cuts <= w->cuts_most; earlier++)
        s = subtract_earlier(w, &rest, &any, earlier);
    GEOSGeom_destroy_r(w->g->geos, by);
    return s == STATUS_OK && any ? add_face(w, &rest, NULL, &neighbour->id) : s;
}

static enum status add_all_higher(struct arrangement *w, const struct overlap_plot *neighbours, size_t n)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < n && w->cuts <= w->cuts_most; i++)
        s = add_higher(w, neighbours, &neighbours[i]);
    return s;
}

/* What lies in a lower neighbour is that neighbour's to report. `by` is made when first needed. */
static enum status remove_lower(struct arrangement *w, const struct overlap_plot *neighbour)
{
    GEOSGeometry *by = NULL;
    struct boundary out;
    enum status s = STATUS_OK;
    for (size_t i = w->n; s == STATUS_OK && i-- > 0;) {
        struct face *f = &w->faces[i];
        enum split how = SPLIT_NONE;
        if (!face_may_meet(f, neighbour))
            continue;
        s = split_ground(w, ground_of(f), neighbour, &by, &how, NULL, &out);
        if (s == STATUS_OK && how == SPLIT_BOTH)
            s = set_ground(w, f, &out);
        if (s == STATUS_OK && how == SPLIT_ALL) {
            GEOSGeom_destroy_r(w->g->geos, f->geometry);
            *f = w->faces[--w->n]; /* the last has been dealt with already */
        }
    }
    GEOSGeom_destroy_r(w->g->geos, by);
    return s;
}

/* ---- many plots on the same ground ---- */

/* From here on the plot is only what no lower neighbour covers; *empty when that is nothing. */
static enum status keep_own_ground(struct arrangement *w, const struct overlap_plot *lower, size_t n, bool *empty)
{
    struct boundary *own = arena_alloc(w->a, sizeof *own);
    enum status s = own ? add_face(w, w->plot.boundary, NULL, NULL) : error_memory(w->e);
    for (size_t i = 0; s == STATUS_OK && i < n && w->n; i++)
        s = remove_lower(w, &lower[i]);
    *empty = s == STATUS_OK && !w->n;
    if (s != STATUS_OK || *empty)
        return s;
    GEOSGeom_destroy_r(w->g->geos, w->whole);
    w->whole = w->faces[0].geometry;
    w->whole_deg2 = w->faces[0].deg2;
    *own = w->faces[0].boundary;
    w->plot.boundary = own;
    w->n = 0;
    return STATUS_OK;
}

/* Puts the neighbours whose boxes hang together within the plot's box side by side, still ascending within such a crowd;
 * ends[k] is where the k-th crowd ends. Plots of different crowds share no ground. false = no memory. */
static bool sort_crowds(struct arrangement *w, struct overlap_plot *plots, size_t n, size_t *ends, size_t *crowds)
{
    struct box own = boundary_box(w->plot.boundary), *boxes = arena_array(w->a, n, sizeof *boxes);
    struct overlap_plot *sorted = arena_array(w->a, n, sizeof *sorted);
    size_t *queue = arena_array(w->a, n, sizeof *queue), *crowd = arena_array(w->a, n, sizeof *crowd);
    if (!boxes || !sorted || !queue || !crowd)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct box b = boundary_box(plots[i].boundary);
        boxes[i] = (struct box){most(b.west, own.west), most(b.south, own.south), least(b.east, own.east), least(b.north, own.north)};
    }
    *crowds = 0;
    for (size_t i = 0; i < n; i++) {
        if (crowd[i])
            continue;
        size_t head = 0, tail = 0;
        crowd[i] = ++*crowds;
        for (queue[tail++] = i; head < tail; head++)
            for (size_t k = 0; k < n; k++)
                if (!crowd[k] && box_overlaps(&boxes[queue[head]], &boxes[k])) {
                    crowd[k] = *crowds;
                    queue[tail++] = k;
                }
    }
    size_t at = 0;
    for (size_t c = 0; c < *crowds; c++) {
        for (size_t i = 0; i < n; i++)
            if (crowd[i] == c + 1)
                sorted[at++] = plots[i];
        ends[c] = at;
    }
    memcpy(plots, sorted, n * sizeof *plots);
    return true;
}

static bool same_boundary(const struct boundary *a, const struct boundary *b)
{
    return a->points_n == b->points_n && a->rings_n == b->rings_n && a->parts_n == b->parts_n &&
           memcmp(a->points, b->points, a->points_n * sizeof *a->points) == 0 &&
           memcmp(a->ring_end, b->ring_end, a->rings_n * sizeof *a->ring_end) == 0;
}

/* Do more than OVERLAP_DEPTH_MAX different boundaries lie over the spot? */
static bool is_deep_at(struct lonlat spot, const struct overlap_plot *plots, size_t n)
{
    const struct boundary *over[OVERLAP_DEPTH_MAX];
    size_t depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (!boundary_contains(plots[i].boundary, spot))
            continue;
        bool again = false;
        for (size_t k = 0; k < depth && !again; k++)
            again = same_boundary(plots[i].boundary, over[k]);
        if (again)
            continue;
        if (depth == OVERLAP_DEPTH_MAX)
            return true;
        over[depth++] = plots[i].boundary;
    }
    return false;
}

/* The same at a few spots of the plot's ground, so that a hopeless arrangement is not begun: its middle, some of its vertices, and
 * the middles of some of the crowd. */
static bool is_deep(const struct arrangement *w, const struct overlap_plot *plots, size_t n)
{
    const struct boundary *own = w->plot.boundary;
    if (n <= OVERLAP_DEPTH_MAX)
        return false;
    if (is_deep_at(boundary_anchor(own), plots, n))
        return true;
    for (size_t i = 0; i < DEPTH_SPOTS; i++) {
        struct lonlat middle = boundary_anchor(plots[i * (n - 1) / (DEPTH_SPOTS - 1)].boundary);
        if (is_deep_at(own->points[i * (own->points_n - 1) / DEPTH_SPOTS], plots, n) ||
            (boundary_contains(own, middle) && is_deep_at(middle, plots, n)))
            return true;
    }
    return false;
}

/* The coarse form: one face for each neighbour, which may lie over one another. */
static enum status add_coarse(struct arrangement *w, const struct overlap_plot *plots, size_t n)
{
    enum status s = STATUS_OK;
    for (size_t i = 0; s == STATUS_OK && i < n; i++) {
        GEOSGeometry *by = NULL;
        struct boundary shared;
        bool any;
        s = share_with(w, &plots[i], &shared, &any, &by);
        GEOSGeom_destroy_r(w->g->geos, by);
        if (s == STATUS_OK && any && (s = add_face(w, &shared, NULL, &plots[i].id)) == STATUS_OK)
            w->faces[w->n - 1].coarse = true;
    }
    return s;
}

/* As add_all_higher and remove_lower, in the order that suits many plots on the same ground. */
static enum status arrange_crowds(struct arrangement *w, struct overlap_plot *sorted, size_t lower_n, size_t n)
{
    bool empty = false;
    size_t crowds = 0, *ends = arena_array(w->a, n, sizeof *ends);
    drop_faces(w, 0);
    enum status s = ends ? keep_own_ground(w, sorted, lower_n, &empty) : error_memory(w->e);
    if (s != STATUS_OK || empty)
        return s;
    sorted += lower_n;
    if (!sort_crowds(w, sorted, n - lower_n, ends, &crowds))
        return error_memory(w->e);
    for (size_t c = 0, from = 0; s == STATUS_OK && c < crowds; from = ends[c++]) {
        size_t members = ends[c] - from;
        bool deep = is_deep(w, sorted + from, members);
        w->first = w->n;
        w->cuts = 0;
        w->cuts_most = OVERLAP_CUTS_BASE + OVERLAP_CUTS_EACH * members;
        if (!deep)
            s = add_all_higher(w, sorted + from, members);
        if (s == STATUS_OK && (deep || w->cuts > w->cuts_most)) {
            drop_faces(w, w->first);
            s = add_coarse(w, sorted + from, members);
        }
    }
    return s;
}

/* ---- the whole ---- */

static int compare_faces(const void *a, const void *b)
{
    const struct face *x = a, *y = b;
    for (size_t i = 0; i < x->members_n && i < y->members_n; i++)
        if (x->members[i] != y->members[i])
            return x->members[i] < y->members[i] ? -1 : 1;
    return x->members_n < y->members_n ? -1 : x->members_n > y->members_n;
}

/* Copies of what is kept, in the caller's arena: all else is scratch. */
static enum status faces_out(struct arrangement *w, struct arena *keep, struct overlap_faces *out)
{
    if (w->n == 0)
        return STATUS_OK;
    qsort(w->faces, w->n, sizeof *w->faces, compare_faces);
    out->faces = arena_array(keep, w->n, sizeof *out->faces);
    if (!out->faces)
        return error_memory(w->e);
    for (size_t i = 0; i < w->n; i++) {
        struct overlap_face *face = &out->faces[i];
        face->members = arena_memdup(keep, w->faces[i].members, w->faces[i].members_n * sizeof *face->members);
        if (!face->members || !boundary_copy(&face->geometry, &w->faces[i].boundary, keep))
            return error_memory(w->e);
        face->members_n = w->faces[i].members_n;
        face->coarse = w->faces[i].coarse;
        out->coarse_n += face->coarse;
        face->area_m2 = area_boundary_m2(&face->geometry);
    }
    out->faces_n = w->n;
    return STATUS_OK;
}

static int compare_plots(const void *a, const void *b)
{
    const struct overlap_plot *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The neighbours whose boxes really meet the plot's, ascending by id; n becomes their number. NULL
 * = no memory. */
static struct overlap_plot *sort_neighbours(struct overlap_plot plot,
                                            const struct overlap_plot *neighbours, size_t *n,
                                            struct arena *a)
{
    struct overlap_plot *sorted = arena_array(a, *n, sizeof *sorted);
    if (!sorted)
        return NULL;
    struct box box = boundary_box(plot.boundary);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        struct box other = boundary_box(neighbours[i].boundary);
        if (neighbours[i].id != plot.id && box_overlaps(&box, &other))
            sorted[kept++] = neighbours[i];
    }
    qsort(sorted, kept, sizeof *sorted, compare_plots);
    *n = kept;
    return sorted;
}

enum status overlap_faces_of(struct geo_context *g, struct overlap_plot plot,
                             const struct overlap_plot *neighbours, size_t neighbours_n,
                             struct arena *a, struct overlap_faces *out, struct error *e)
{
    struct arrangement w = {.g = g, .a = &g->scratch, .plot = plot, .cuts_most = CROWD_SPLITS, .e = e};
    size_t n = neighbours_n, higher = 0;
    *out = (struct overlap_faces){0};
    arena_reset(w.a);
    struct overlap_plot *sorted = sort_neighbours(plot, neighbours, &n, w.a);
    if (!sorted)
        return error_memory(e);
    while (higher < n && sorted[higher].id < plot.id)
        higher++;
    enum status s = add_all_higher(&w, sorted + higher, n - higher);
    bool crowded = w.cuts > w.cuts_most;
    for (size_t i = 0; s == STATUS_OK && i < higher && w.n && !crowded; i++)
        s = remove_lower(&w, &sorted[i]);
    if (s == STATUS_OK && crowded)
        s = arrange_crowds(&w, sorted, higher, n);
    if (s == STATUS_OK)
        s = faces_out(&w, a, out);
    arrangement_end(&w);
    return s;
}

enum status overlap_pair_m2(struct geo_context *g, const struct boundary *a,
                            const struct boundary *b, double *out_m2, struct error *e)
{
    *out_m2 = 0;
    struct box box_a = boundary_box(a), box_b = boundary_box(b);
    if (!box_overlaps(&box_a, &box_b) || !may_overlap(a, b, &box_b))
        return STATUS_OK;
    GEOSGeometry *x = geos_from_boundary(g, a), *y = geos_from_boundary(g, b), *in = NULL;
    enum split how = SPLIT_NONE;
    enum status s = x && y ? geos_split(g, x, geos_area_deg2(g, x), y, 0, &how, &in, NULL, e)
                           : geos_failed(g, "overlay_failed", "reading a boundary", e);
    struct arena memory;
    struct boundary common = *a;
    arena_init(&memory, 0);
    if (s == STATUS_OK && how == SPLIT_BOTH)
        s = geos_to_boundary(g, in, &memory, &common, e);
    if (s == STATUS_OK && how != SPLIT_NONE)
        *out_m2 = area_boundary_m2(&common);
    arena_clear(&memory);
    GEOSGeom_destroy_r(g->geos, x);
    GEOSGeom_destroy_r(g->geos, y);
    GEOSGeom_destroy_r(g->geos, in);
    return s;
}
