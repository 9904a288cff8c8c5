/* A packed Hilbert R-tree: places of boxes sorted along a Hilbert curve through their centres,
 * sixteen to a node, level upon level in one array. The boxes themselves stay with whoever made
 * them, so that a million cost five megabytes. No insertion, no removal; whoever needs them builds
 * a new one. Kamel & Faloutsos 1993, "On packing R-trees". */
#include "geo/overlay/overlay.h"

#include <math.h>
#include <stdlib.h>

enum { BOX_FANOUT = 16, BOX_LEVELS_MAX = 20 };

struct box_index {
    const struct small_box *boxes;
    uint32_t *places;        /* level 0: of boxes, in Hilbert order */
    struct small_box *nodes; /* each higher level; the last is the root */
    size_t level_start[BOX_LEVELS_MAX + 1],
        level_n[BOX_LEVELS_MAX + 1]; /* in nodes; [0] is of places */
    int levels_n;                    /* 0 = empty */
};

/* ---- small boxes ---- */

#define STEPS_PER_DEGREE (4294967296.0 / 360)

static int32_t whole_steps(double steps)
{
    return steps >= INT32_MAX ? INT32_MAX : steps <= INT32_MIN ? INT32_MIN : (int32_t)steps;
}

struct small_box small_box_of(const struct box *box)
{
    return (struct small_box){whole_steps(floor(box->west * STEPS_PER_DEGREE)),
                              whole_steps(floor(box->south * STEPS_PER_DEGREE)),
                              whole_steps(ceil(box->east * STEPS_PER_DEGREE)),
                              whole_steps(ceil(box->north * STEPS_PER_DEGREE))};
}

struct box small_box_degrees(const struct small_box *box)
{
    return (struct box){box->west / STEPS_PER_DEGREE, box->south / STEPS_PER_DEGREE,
                        box->east / STEPS_PER_DEGREE, box->north / STEPS_PER_DEGREE};
}

static void join(struct small_box *to, const struct small_box *b)
{
    to->west = to->west < b->west ? to->west : b->west;
    to->south = to->south < b->south ? to->south : b->south;
    to->east = to->east > b->east ? to->east : b->east;
    to->north = to->north > b->north ? to->north : b->north;
}

/* ---- order ---- */

/* By place on the curve, then by the order given, so that the tree is the same everywhere: the key
 * in the upper half, the place in the lower. Digit by digit in place ("American flag", McIlroy,
 * Bostic and McIlroy 1993), which needs no second array. */
static void sort_keys(uint64_t *keys, size_t n, unsigned shift)
{
    enum { DIGITS = 256, FEW = 32 };
    if (n <= FEW) {
        for (size_t i = 1; i < n; i++) {
            uint64_t key = keys[i];
            size_t k = i;
            for (; k > 0 && keys[k - 1] > key; k--)
                keys[k] = keys[k - 1];
            keys[k] = key;
        }
        return;
    }
    size_t next[DIGITS] = {0}, end[DIGITS], at = 0;
    for (size_t i = 0; i < n; i++)
        next[keys[i] >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t count = next[d];
        next[d] = at;
        end[d] = at += count;
    }
    for (size_t d = 0; d < DIGITS; d++)
        while (next[d] < end[d]) {
            uint64_t key = keys[next[d]];
            for (size_t to; (to = key >> shift & (DIGITS - 1)) != d;) {
                uint64_t other = keys[next[to]];
                keys[next[to]++] = key;
                key = other;
            }
            keys[next[d]++] = key;
        }
    for (size_t d = 0, from = 0; shift && d < DIGITS; from = end[d++])
        if (end[d] - from > 1)
            sort_keys(keys + from, end[d] - from, shift - 8);
}

/* The curve is laid over the ground the boxes really cover: on the whole world's it would be 600 m
 * coarse. */
static void key_boxes(uint64_t *keys, const struct small_box *boxes, size_t n)
{
    struct small_box all = boxes[0];
    for (size_t i = 1; i < n; i++)
        join(&all, &boxes[i]);
    double width = (double)all.east - all.west, height = (double)all.north - all.south;
    for (size_t i = 0; i < n; i++) {
        double x =
            (((double)boxes[i].west + boxes[i].east) / 2 - all.west) / (width > 0 ? width : 1);
        double y =
            (((double)boxes[i].south + boxes[i].north) / 2 - all.south) / (height > 0 ? height : 1);
        keys[i] = (uint64_t)hilbert_index((struct lonlat){x * 360 - 180, y * 180 - 90}) << 32 | i;
    }
}

/* ---- building ---- */

static void build_levels(struct box_index *index, size_t n)
{
    size_t at = 0;
    index->level_n[0] = n;
    for (index->levels_n = 1; index->levels_n == 1 || index->level_n[index->levels_n - 1] > 1;
         index->levels_n++) {
        size_t below_n = index->level_n[index->levels_n - 1];
        const struct small_box *below = index->nodes + index->level_start[index->levels_n - 1];
        index->level_start[index->levels_n] = at;
        for (size_t i = 0; i < below_n; i += BOX_FANOUT) {
            struct small_box box = index->levels_n == 1 ? index->boxes[index->places[i]] : below[i];
            for (size_t k = i + 1; k < i + BOX_FANOUT && k < below_n; k++)
                join(&box, index->levels_n == 1 ? &index->boxes[index->places[k]] : &below[k]);
            index->nodes[at++] = box;
        }
        index->level_n[index->levels_n] = at - index->level_start[index->levels_n];
    }
}

struct box_index *box_index_build(const struct small_box *boxes, size_t n)
{
    struct box_index *index = calloc(1, sizeof *index);
    if (!index || n == 0)
        return index;
    size_t nodes = 1;
    for (size_t level = n; level > 1; level = (level + BOX_FANOUT - 1) / BOX_FANOUT)
        nodes += (level + BOX_FANOUT - 1) / BOX_FANOUT;
    uint64_t *keys = n <= UINT32_MAX ? malloc(n * sizeof *keys) : NULL;
    index->boxes = boxes;
    index->nodes = malloc(nodes * sizeof *index->nodes);
    index->places = malloc(n * sizeof *index->places);
    if (!keys || !index->nodes || !index->places) {
        free(keys);
        box_index_free(index);
        return NULL;
    }
    key_boxes(keys, boxes, n);
    sort_keys(keys, n, 56);
    for (size_t i = 0; i < n; i++)
        index->places[i] = (uint32_t)keys[i];
    free(keys);
    build_levels(index, n);
    return index;
}

void box_index_free(struct box_index *index)
{
    if (!index)
        return;
    free(index->nodes);
    free(index->places);
    free(index);
}

uint32_t box_index_place(const struct box_index *index, size_t i)
{
    return index->places[i];
}

/* ---- searching ---- */

struct box_query {
    const struct box_index *index;
    const struct small_box *box;
    bool (*visit)(uint32_t place, void *arg);
    void *arg;
};

/* Visits the items below node `at` of `level`; false = stop. Recursion is as deep as the tree: 8
 * levels for 4e9 boxes. */
static bool query_below(const struct box_query *q, int level, size_t at)
{
    const struct box_index *index = q->index;
    size_t to = (at + 1) * BOX_FANOUT, below_n = index->level_n[level - 1];
    to = to < below_n ? to : below_n;
    for (size_t i = at * BOX_FANOUT; i < to; i++) {
        uint32_t place = level == 1 ? index->places[i] : 0;
        const struct small_box *box =
            level == 1 ? &index->boxes[place] : &index->nodes[index->level_start[level - 1] + i];
        if (small_boxes_meet(box, q->box) &&
            !(level == 1 ? q->visit(place, q->arg) : query_below(q, level - 1, i)))
            return false;
    }
    return true;
}

void box_index_query(const struct box_index *index, const struct small_box *box,
                     bool (*visit)(uint32_t place, void *arg), void *arg)
{
    struct box_query q = {index, box, visit, arg};
    if (index->levels_n)
        query_below(&q, index->levels_n - 1, 0);
}
