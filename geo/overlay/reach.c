/* How far a plot reaches out of one feature of a layer: what tells a plot across the border from one
 * in another place. */
#include <math.h>

#include "geo/overlay/layer_index.h"
#include "geo/overlay/segment.h"
#include "geo/slope.h"

/* Rings of search around a vertex: most plots that reach out do so by less than the first. */
static const double SEARCH_M[] = {300, 1500, LAYER_REACH_MOST_M};

struct search {
    uint32_t feature;
    struct box box;
    struct lonlat p, scale; /* of a plane that touches the ground at p */
    double least2;
};

static struct lonlat to_metres(const struct search *s, struct lonlat q)
{
    return (struct lonlat){(q.lon - s->p.lon) * s->scale.lon, (q.lat - s->p.lat) * s->scale.lat};
}

static bool look_at_leaf(const struct layer_index *index, const struct layer_place *leaf, void *arg)
{
    struct search *s = arg;
    const struct layer_cell *c = &index->cells[leaf->cell];
    for (uint32_t r = c->runs_start; r < c->runs_start + c->runs_n; r++) {
        const struct layer_run *run = &index->runs[r];
        if (run->feature != s->feature || !box_overlaps(&run->box, &s->box))
            continue;
        struct lonlat a = to_metres(s, index->points[run->start]);
        for (uint32_t i = run->start + 1; i <= run->start + run->n; i++) {
            struct lonlat b = to_metres(s, index->points[i]);
            s->least2 = least(s->least2, point_segment_d2((struct lonlat){0, 0}, a, b));
            a = b;
        }
    }
    return true;
}

static double to_border_m(const struct layer_index *index, uint32_t feature, struct lonlat p)
{
    struct search s = {.feature = feature, .p = p, .least2 = INFINITY};
    ground_m_per_degree(p.lat, &s.scale.lon, &s.scale.lat);
    for (size_t i = 0; i < sizeof SEARCH_M / sizeof *SEARCH_M; i++) {
        double lon = SEARCH_M[i] / most(s.scale.lon, 1), lat = SEARCH_M[i] / s.scale.lat;
        s.box = (struct box){p.lon - lon, p.lat - lat, p.lon + lon, p.lat + lat};
        layer_each_leaf(index, &s.box, look_at_leaf, &s);
        if (s.least2 <= SEARCH_M[i] * SEARCH_M[i])
            return sqrt(s.least2);
    }
    return INFINITY;
}

static bool is_inside(const struct layer_index *index, uint32_t feature, struct lonlat p)
{
    uint32_t leaf = layer_leaf_at(index, p).cell;
    if (leaf == UINT32_MAX)
        return false;
    const struct layer_cell *c = &index->cells[leaf];
    for (uint32_t i = c->entries_start; i < c->entries_start + c->entries_n; i++) {
        const struct layer_entry *entry = &index->entries[i];
        if (entry->feature == feature)
            return entry->piece == PIECE_WHOLE ||
                   boundary_contains(&index->pieces[entry->piece], p);
    }
    return false;
}

static bool number_of(const struct layer_index *index, uint32_t id, uint32_t *out)
{
    size_t low = 0, high = index->features_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (index->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    *out = (uint32_t)low;
    return low < index->features_n && index->ids[low] == id;
}

double layer_reach_out_m(const struct layer_index *index, uint32_t id, const struct boundary *b)
{
    uint32_t feature;
    double farthest = 0;
    if (!number_of(index, id, &feature))
        return INFINITY;
    for (uint32_t i = 0; i < b->points_n && farthest < INFINITY; i++)
        if (!is_inside(index, feature, b->points[i]))
            farthest = most(farthest, to_border_m(index, feature, b->points[i]));
    return farthest;
}
