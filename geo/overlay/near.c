/* How the features of a layer lie to one plot: nineteen plots of twenty are settled here, in a
 * microsecond or two.
 *
 * Where no border segment touches the plot and none lies within it, all of a part lies on one side
 * of every border, so that one of its points speaks for it. Distances are taken on a plane scaled
 * to metres at the plot's middle. */
#include "geo/overlay/near.h"
#include "geo/overlay/segment.h"

#include <stdlib.h>
#include <string.h>

#include "geo/slope.h"

struct near_query {
    struct geo_context *g;
    const struct boundary *plot;
    const struct box *box; /* of the plot */
    struct box reach;      /* widened by the accuracy */
    double accuracy_m;
    struct lonlat margin;        /* the accuracy in degrees */
    struct lonlat origin, scale; /* of the plane in metres */
    bool blocked, scaled;        /* g->blocks and g->scaled are the plot's */
    bool failed;                 /* no memory */
};

static struct near_feature *near_of(struct near_query *q, uint32_t feature)
{
    struct geo_context *g = q->g;
    for (size_t i = g->near_n; i-- > 0;)
        if (g->near[i].feature == feature)
            return &g->near[i];
    if (g->near_n == g->near_room) {
        size_t room = g->near_room ? g->near_room * 2 : 32;
        struct near_feature *bigger = realloc(g->near, room * sizeof *bigger);
        if (!bigger) {
            q->failed = true;
            return NULL;
        }
        g->near = bigger;
        g->near_room = room;
    }
    g->near[g->near_n] = (struct near_feature){.feature = feature};
    return &g->near[g->near_n++];
}

static bool room_for(void *array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    void *bigger = realloc(*(void **)array, need * size);
    if (!bigger)
        return false;
    *(void **)array = bigger;
    *room = need;
    return true;
}

/* Blocks of about sqrt(n) edges: a border segment then looks at 2 sqrt(n) things, not at n. */
static bool block_edges(struct near_query *q)
{
    struct geo_context *g = q->g;
    const struct boundary *plot = q->plot;
    uint32_t length = 16;
    while ((uint64_t)length * length < plot->points_n)
        length *= 2;
    if (!room_for(&g->blocks, &g->blocks_room, plot->points_n / length + plot->rings_n,
                  sizeof *g->blocks))
        return false;
    g->blocks_n = 0;
    for (uint32_t ring = 0; ring < plot->rings_n; ring++) {
        uint32_t start = boundary_ring_start(plot, ring), last = plot->ring_end[ring] - 1;
        for (; start < last; start += length) {
            uint32_t n = last - start < length ? last - start : length;
            g->blocks[g->blocks_n++] =
                (struct edge_block){points_box(plot->points + start, n + 1), start, n};
        }
    }
    return q->blocked = true;
}

/* Does the border segment meet the plot's border? */
static bool touches_plot(const struct near_query *q, struct lonlat a, struct lonlat b)
{
    const struct lonlat *plot = q->plot->points;
    for (size_t k = 0; k < q->g->blocks_n; k++) {
        const struct edge_block *block = &q->g->blocks[k];
        if (segment_box_apart(a, b, &block->box))
            continue;
        for (uint32_t i = block->start; i < block->start + block->n; i++)
            if (segments_may_touch(a, b, plot[i], plot[i + 1]))
                return true;
    }
    return false;
}

static struct lonlat to_metres(const struct near_query *q, struct lonlat p)
{
    return (struct lonlat){(p.lon - q->origin.lon) * q->scale.lon,
                           (p.lat - q->origin.lat) * q->scale.lat};
}

static bool scale_plot(struct near_query *q)
{
    struct geo_context *g = q->g;
    if (!room_for(&g->scaled, &g->scaled_room, q->plot->points_n, sizeof *g->scaled))
        return false;
    for (uint32_t i = 0; i < q->plot->points_n; i++)
        g->scaled[i] = to_metres(q, q->plot->points[i]);
    return q->scaled = true;
}

static struct box widened(const struct box *box, struct lonlat by)
{
    return (struct box){box->west - by.lon, box->south - by.lat, box->east + by.lon,
                        box->north + by.lat};
}

/* Does the border segment, which does not touch the plot's border, come within the accuracy of it?
 */
static bool comes_near(struct near_query *q, struct lonlat a, struct lonlat b)
{
    const struct lonlat *plot = q->g->scaled;
    double limit2 = q->accuracy_m * q->accuracy_m;
    struct lonlat p = to_metres(q, a), r = to_metres(q, b);
    for (size_t k = 0; k < q->g->blocks_n; k++) {
        const struct edge_block *block = &q->g->blocks[k];
        struct box reach = widened(&block->box, q->margin);
        if (segment_box_apart(a, b, &reach))
            continue;
        for (uint32_t i = block->start; i < block->start + block->n; i++)
            if (segments_d2(p, r, plot[i], plot[i + 1]) < limit2)
                return true;
    }
    return false;
}

static bool prepare_plot(struct near_query *q)
{
    bool ready =
        (q->blocked || block_edges(q)) && (q->accuracy_m <= 0 || q->scaled || scale_plot(q));
    q->failed = q->failed || !ready;
    return ready;
}

static void look_at_run(struct near_query *q, const struct layer_index *index,
                        const struct layer_run *run)
{
    struct near_feature *f = NULL;
    const struct lonlat *inside = NULL; /* a point of the run within the plot's box */
    for (uint32_t i = run->start; i < run->start + run->n; i++) {
        struct lonlat a = index->points[i], b = index->points[i + 1];
        if (segment_box_apart(a, b, &q->reach))
            continue;
        if (!f && (!prepare_plot(q) || !(f = near_of(q, run->feature))))
            return;
        if (f->cut)
            return;
        if (!segment_box_apart(a, b, q->box) && touches_plot(q, a, b)) {
            f->cut = true;
            f->edge = q->accuracy_m > 0;
            return;
        }
        if (point_in_box(a, q->box))
            inside = &index->points[i];
        if (q->accuracy_m > 0 && !f->edge)
            f->edge = comes_near(q, a, b);
    }
    /* A run that does not touch the plot's border is in it or out of it as a whole. */
    if (inside && boundary_contains(q->plot, *inside)) {
        f->cut = true;
        f->edge = q->accuracy_m > 0;
    }
}

static bool look_at_leaf(const struct layer_index *index, const struct layer_place *leaf, void *arg)
{
    struct near_query *q = arg;
    const struct layer_cell *c = &index->cells[leaf->cell];
    for (uint32_t r = c->runs_start; r < c->runs_start + c->runs_n && !q->failed; r++)
        if (box_overlaps(&index->runs[r].box, &q->reach))
            look_at_run(q, index, &index->runs[r]);
    return !q->failed;
}

/* Counts a part of the plot for every feature that holds its point p and does not cut the plot. */
static void look_at_point(struct near_query *q, const struct layer_index *index, uint32_t leaf,
                          struct lonlat p)
{
    const struct layer_cell *c = &index->cells[leaf];
    for (uint32_t i = c->entries_start; i < c->entries_start + c->entries_n; i++) {
        const struct layer_entry *entry = &index->entries[i];
        if (entry->piece != PIECE_WHOLE && !boundary_contains(&index->pieces[entry->piece], p))
            continue;
        struct near_feature *f = near_of(q, entry->feature);
        if (!f)
            return;
        f->parts_inside++;
    }
}

/* Settles contains and cut, keeps what matters, in ascending order. */
static void settle(struct geo_context *g, uint32_t parts_n)
{
    size_t n = 0;
    for (size_t i = 0; i < g->near_n; i++) {
        struct near_feature f = g->near[i];
        f.contains = !f.cut && f.parts_inside == parts_n;
        f.cut = f.cut || (f.parts_inside > 0 && f.parts_inside < parts_n);
        if (!f.cut && !f.contains && !f.edge)
            continue;
        size_t at = n++;
        for (; at > 0 && g->near[at - 1].feature > f.feature; at--)
            g->near[at] = g->near[at - 1];
        g->near[at] = f;
    }
    g->near_n = n;
}

static void reach_out(struct near_query *q)
{
    q->reach = *q->box;
    if (q->accuracy_m <= 0)
        return;
    q->origin =
        (struct lonlat){(q->box->west + q->box->east) / 2, (q->box->south + q->box->north) / 2};
    ground_m_per_degree(q->origin.lat, &q->scale.lon, &q->scale.lat);
    q->margin.lon = least(q->accuracy_m / most(q->scale.lon, 1), 360);
    q->margin.lat = q->accuracy_m / q->scale.lat;
    q->reach = widened(q->box, q->margin);
}

enum status layer_near(struct geo_context *g, const struct layer_index *index,
                       const struct boundary *plot, const struct box *plot_box, double accuracy_m,
                       struct layer_place *place, struct error *e)
{
    struct near_query q = {.g = g, .plot = plot, .box = plot_box, .accuracy_m = accuracy_m};
    g->near_n = 0;
    *place = (struct layer_place){0, index->root};
    if (index->features_n == 0)
        return STATUS_OK;
    reach_out(&q);
    *place = layer_place_of(index, plot_box);
    struct box halo = layer_halo(&place->box);
    bool one_leaf = !index->cells[place->cell].child && box_covers(&halo, plot_box);
    if (one_leaf && box_covers(&halo, &q.reach))
        look_at_leaf(index, place, &q);
    else
        layer_each_leaf(index, &q.reach, look_at_leaf, &q);
    for (uint32_t part = 0; part < plot->parts_n && !q.failed; part++) {
        struct lonlat p = plot->points[boundary_ring_start(plot, boundary_part_start(plot, part))];
        uint32_t leaf = one_leaf ? place->cell : layer_leaf_at(index, p).cell;
        if (leaf != UINT32_MAX)
            look_at_point(&q, index, leaf, p);
    }
    if (q.failed)
        return error_memory(e);
    settle(g, plot->parts_n);
    return STATUS_OK;
}

/* ---- neighbours ---- */

enum { BORDER_MAX = 64 };

struct border {
    struct lonlat ends[BORDER_MAX][2]; /* the lower first: neighbours run along it both ways */
    uint32_t n;
};

static bool point_before(struct lonlat a, struct lonlat b)
{
    return a.lon != b.lon ? a.lon < b.lon : a.lat < b.lat;
}

/* The feature's segments that may meet the box; false when there are too many. */
static bool border_in(const struct layer_index *index, const struct layer_cell *leaf,
                      const struct box *box, uint32_t feature, struct border *out)
{
    out->n = 0;
    for (uint32_t r = leaf->runs_start; r < leaf->runs_start + leaf->runs_n; r++) {
        const struct layer_run *run = &index->runs[r];
        if (run->feature != feature || !box_overlaps(&run->box, box))
            continue;
        for (uint32_t i = run->start; i < run->start + run->n; i++) {
            struct lonlat a = index->points[i], b = index->points[i + 1];
            if (segment_box_apart(a, b, box))
                continue;
            if (out->n == BORDER_MAX)
                return false;
            bool turn = point_before(b, a);
            out->ends[out->n][0] = turn ? b : a;
            out->ends[out->n++][1] = turn ? a : b;
        }
    }
    return true;
}

static bool same_point(struct lonlat a, struct lonlat b)
{
    return a.lon == b.lon && a.lat == b.lat;
}

bool layer_border_shared(const struct layer_index *index, const struct layer_place *place,
                         const struct box *box, uint32_t f, uint32_t g)
{
    struct border x, y;
    const struct layer_cell *leaf = &index->cells[place->cell];
    struct box halo = layer_halo(&place->box);
    if (leaf->child || !box_covers(&halo, box) || !border_in(index, leaf, box, f, &x) ||
        !border_in(index, leaf, box, g, &y) || x.n != y.n)
        return false;
    for (uint32_t i = 0; i < x.n; i++) {
        uint32_t k = 0;
        while (k < y.n &&
               !(same_point(x.ends[i][0], y.ends[k][0]) && same_point(x.ends[i][1], y.ends[k][1])))
            k++;
        if (k == y.n)
            return false;
        memcpy(y.ends[k], y.ends[--y.n], sizeof y.ends[k]);
    }
    return true;
}
