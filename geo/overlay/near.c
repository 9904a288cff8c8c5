/* How the features of a layer lie to one plot: nineteen plots of twenty are settled here, in a
 * microsecond or two.
 *
 * Where no border segment touches the plot and none lies within it, all of a part lies on one side
 * of every border, so that one of its points speaks for it. Distances are taken on a plane scaled
 * to metres at the plot's middle. */
#include "geo/overlay/near.h"
#include "geo/overlay/segment.h"

#include <stdlib.h>

#include "geo/slope.h"

struct near_query {
    struct geo_context *g;
    const struct boundary *plot;
    const struct box *box; /* of the plot */
    struct box reach;      /* widened by the accuracy */
    double accuracy_m;
    struct lonlat origin, scale; /* of the plane in metres */
    bool scaled;                 /* g->scaled holds the plot's points */
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

/* Does the border segment meet the plot's border, or lie within the plot? */
static bool cuts_plot(const struct near_query *q, struct lonlat a, struct lonlat b)
{
    if (segment_box_apart(a, b, q->box))
        return false;
    const struct boundary *plot = q->plot;
    for (uint32_t ring = 0; ring < plot->rings_n; ring++)
        for (uint32_t i = boundary_ring_start(plot, ring) + 1; i < plot->ring_end[ring]; i++)
            if (segments_may_touch(a, b, plot->points[i - 1], plot->points[i]))
                return true;
    return point_in_box(a, q->box) && boundary_contains(plot, a);
}

static struct lonlat to_metres(const struct near_query *q, struct lonlat p)
{
    return (struct lonlat){(p.lon - q->origin.lon) * q->scale.lon,
                           (p.lat - q->origin.lat) * q->scale.lat};
}

static bool scale_plot(struct near_query *q)
{
    struct geo_context *g = q->g;
    if (g->scaled_room < q->plot->points_n) {
        struct lonlat *bigger = realloc(g->scaled, q->plot->points_n * sizeof *bigger);
        if (!bigger)
            return false;
        g->scaled = bigger;
        g->scaled_room = q->plot->points_n;
    }
    for (uint32_t i = 0; i < q->plot->points_n; i++)
        g->scaled[i] = to_metres(q, q->plot->points[i]);
    return q->scaled = true;
}

static bool comes_near(struct near_query *q, struct lonlat a, struct lonlat b)
{
    if (!q->scaled && !scale_plot(q)) {
        q->failed = true;
        return false;
    }
    const struct lonlat *plot = q->g->scaled;
    double limit2 = q->accuracy_m * q->accuracy_m;
    a = to_metres(q, a);
    b = to_metres(q, b);
    for (uint32_t ring = 0; ring < q->plot->rings_n; ring++)
        for (uint32_t i = boundary_ring_start(q->plot, ring) + 1; i < q->plot->ring_end[ring]; i++)
            if (segments_d2(a, b, plot[i - 1], plot[i]) < limit2)
                return true;
    return false;
}

static void look_at_run(struct near_query *q, const struct layer_index *index,
                        const struct layer_run *run)
{
    struct near_feature *f = NULL;
    for (uint32_t i = run->start; i < run->start + run->n; i++) {
        struct lonlat a = index->points[i], b = index->points[i + 1];
        if (segment_box_apart(a, b, &q->reach))
            continue;
        if (!f && !(f = near_of(q, run->feature)))
            return;
        if (f->cut)
            return;
        if (cuts_plot(q, a, b)) {
            f->cut = true;
            f->edge = q->accuracy_m > 0;
        } else if (q->accuracy_m > 0 && !f->edge) {
            f->edge = comes_near(q, a, b);
        }
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
    double lon = fmin(q->accuracy_m / fmax(q->scale.lon, 1), 360),
           lat = q->accuracy_m / q->scale.lat;
    q->reach.west -= lon;
    q->reach.east += lon;
    q->reach.south -= lat;
    q->reach.north += lat;
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
