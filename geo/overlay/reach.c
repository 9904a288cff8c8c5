/* How far a plot reaches out of one feature of a layer: what tells a plot across the border from one
 * in another place. */
#include <math.h>
#include <stdlib.h>

#include "geo/overlay/layer_index.h"
#include "geo/overlay/segment.h"
#include "geo/slope.h"

/* Searches around the plot: most plots that reach out do so by less than the first. */
static const double SEARCH_M[] = {300, 1500, LAYER_REACH_MOST_M};
enum { SEARCHES_N = sizeof SEARCH_M / sizeof *SEARCH_M };

/* The feature's border near the plot. */
struct search {
    const struct layer_index *index;
    uint32_t feature;
    struct box plot;
    size_t ring; /* all border within SEARCH_M[ring] of the plot is in runs */
    const struct layer_run **runs; /* from malloc; the first was the nearest to the last vertex */
    size_t runs_n, runs_room;
    bool failed; /* no memory */
};

static bool note_runs(const struct layer_index *index, const struct layer_place *leaf, void *arg)
{
    struct search *s = ((void **)arg)[0];
    const struct box *box = ((void **)arg)[1];
    const struct layer_cell *c = &index->cells[leaf->cell];
    for (uint32_t r = c->runs_start; r < c->runs_start + c->runs_n; r++) {
        const struct layer_run *run = &index->runs[r];
        if (run->feature != s->feature || !box_overlaps(&run->box, box))
            continue;
        if (s->runs_n == s->runs_room) {
            size_t room = s->runs_room ? s->runs_room * 2 : 128;
            const struct layer_run **more = realloc(s->runs, room * sizeof *more);
            if (!more)
                return !(s->failed = true);
            s->runs = more;
            s->runs_room = room;
        }
        s->runs[s->runs_n++] = run;
    }
    return true;
}

static void gather(struct search *s)
{
    /* A little wider than asked, for a degree's metres change with the latitude. */
    double reach = SEARCH_M[s->ring] * 1.001, lon[2], lat[2];
    ground_m_per_degree(s->plot.south, &lon[0], &lat[0]);
    ground_m_per_degree(s->plot.north, &lon[1], &lat[1]);
    double x = reach / most(least(lon[0], lon[1]), 1), y = reach / least(lat[0], lat[1]);
    struct box box = {s->plot.west - x, s->plot.south - y, s->plot.east + x, s->plot.north + y};
    void *arg[] = {s, &box};
    s->runs_n = 0;
    layer_each_leaf(s->index, &box, note_runs, arg);
}

/* Squared distance from p to a box, both in metres from p. */
static double box_d2(struct lonlat p, struct lonlat scale, const struct box *box)
{
    double x = most(most(box->west - p.lon, p.lon - box->east), 0) * scale.lon;
    double y = most(most(box->south - p.lat, p.lat - box->north), 0) * scale.lat;
    return x * x + y * y;
}

static struct lonlat to_metres(struct lonlat p, struct lonlat scale, struct lonlat q)
{
    return (struct lonlat){(q.lon - p.lon) * scale.lon, (q.lat - p.lat) * scale.lat};
}

static double run_d2(const struct layer_index *index, const struct layer_run *run, struct lonlat p,
                     struct lonlat scale)
{
    double least2 = INFINITY;
    struct lonlat a = to_metres(p, scale, index->points[run->start]);
    for (uint32_t i = run->start + 1; i <= run->start + run->n; i++) {
        struct lonlat b = to_metres(p, scale, index->points[i]);
        least2 = least(least2, point_segment_d2((struct lonlat){0, 0}, a, b));
        a = b;
    }
    return least2;
}

/* Squared distance from p to the border that was gathered, on a plane that touches the ground at p;
 * at `enough` the search ends. */
static double gathered_d2(struct search *s, struct lonlat p, double enough)
{
    struct lonlat scale;
    double least2 = INFINITY;
    ground_m_per_degree(p.lat, &scale.lon, &scale.lat);
    for (size_t r = 0; r < s->runs_n && least2 > enough; r++) {
        const struct layer_run *run = s->runs[r];
        if (box_d2(p, scale, &run->box) * (1 - 1e-9) >= least2)
            continue;
        double d2 = run_d2(s->index, run, p, scale);
        if (d2 < least2) {
            least2 = d2;
            s->runs[r] = s->runs[0];
            s->runs[0] = run;
        }
    }
    return least2;
}

/* The distance from p to the border, or something not over `farthest` when that is not. */
static double to_border_m(struct search *s, struct lonlat p, double farthest)
{
    for (;;) {
        double least2 = gathered_d2(s, p, farthest * farthest);
        if (least2 <= farthest * farthest || least2 <= SEARCH_M[s->ring] * SEARCH_M[s->ring])
            return sqrt(least2);
        if (s->failed || s->ring + 1 == SEARCHES_N)
            return INFINITY;
        s->ring++;
        gather(s);
    }
}

/* No border in the plot's box: all of the plot is on one side of it. */
static bool one_side(const struct search *s)
{
    for (size_t r = 0; r < s->runs_n; r++)
        if (box_overlaps(&s->runs[r]->box, &s->plot))
            return false;
    return true;
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
    struct search s = {.index = index, .plot = boundary_box(b)};
    double farthest = 0;
    if (!number_of(index, id, &s.feature))
        return INFINITY;
    gather(&s);
    bool each = !one_side(&s), inside = !each && b->points_n && is_inside(index, s.feature, b->points[0]);
    for (uint32_t i = 0; i < b->points_n && farthest < INFINITY && !inside; i++)
        if (!each || !is_inside(index, s.feature, b->points[i]))
            farthest = most(farthest, to_border_m(&s, b->points[i], farthest));
    free(s.runs);
    return s.failed ? INFINITY : farthest;
}
