/* A packed Hilbert R-tree: boxes sorted along a Hilbert curve through their centres, sixteen to a
 * node, level upon level in one array. No insertion, no removal; whoever needs them builds a new
 * one. Kamel & Faloutsos 1993, "On packing R-trees". */
#include "geo/overlay/overlay.h"

#include <math.h>
#include <stdlib.h>

enum { BOX_FANOUT = 16, BOX_LEVELS_MAX = 20 };

struct box_index {
    struct box *boxes; /* level 0 (the items, in Hilbert order), then each higher level; the last is
                          the root */
    int64_t *ids;      /* of level 0 */
    size_t level_start[BOX_LEVELS_MAX + 1];
    int levels_n; /* 0 = empty */
};

struct keyed {
    uint32_t key, item;
};

/* By place, then by the order given, so that the tree is the same everywhere. */
static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static struct box box_join(struct box a, const struct box *b)
{
    a.west = fmin(a.west, b->west);
    a.south = fmin(a.south, b->south);
    a.east = fmax(a.east, b->east);
    a.north = fmax(a.north, b->north);
    return a;
}

/* The curve is laid over the ground the boxes really cover: on the whole world's it would be 600 m
 * coarse. */
static void key_boxes(struct keyed *keyed, const struct box *boxes, size_t n)
{
    struct box all = boxes[0];
    for (size_t i = 1; i < n; i++)
        all = box_join(all, &boxes[i]);
    double width = all.east - all.west, height = all.north - all.south;
    for (size_t i = 0; i < n; i++) {
        double x = ((boxes[i].west + boxes[i].east) / 2 - all.west) / (width > 0 ? width : 1);
        double y = ((boxes[i].south + boxes[i].north) / 2 - all.south) / (height > 0 ? height : 1);
        keyed[i] = (struct keyed){hilbert_index((struct lonlat){x * 360 - 180, y * 180 - 90}),
                                  (uint32_t)i};
    }
}

static void build_levels(struct box_index *index, size_t n)
{
    size_t start = 0, end = n;
    index->levels_n = 1;
    while (end - start > 1) {
        size_t at = end;
        for (size_t i = start; i < end; i += BOX_FANOUT) {
            struct box join = index->boxes[i];
            for (size_t k = i + 1; k < i + BOX_FANOUT && k < end; k++)
                join = box_join(join, &index->boxes[k]);
            index->boxes[at++] = join;
        }
        index->level_start[index->levels_n++] = end;
        start = end;
        end = at;
    }
    index->level_start[index->levels_n] = end;
}

struct box_index *box_index_build(const struct box *boxes, const int64_t *ids, size_t n)
{
    struct box_index *index = calloc(1, sizeof *index);
    if (!index || n == 0)
        return index;
    size_t total = n;
    for (size_t level = n; level > 1; level = (level + BOX_FANOUT - 1) / BOX_FANOUT)
        total += (level + BOX_FANOUT - 1) / BOX_FANOUT;
    struct keyed *keyed = n <= UINT32_MAX ? malloc(n * sizeof *keyed) : NULL;
    index->boxes = malloc(total * sizeof *index->boxes);
    index->ids = malloc(n * sizeof *index->ids);
    if (!keyed || !index->boxes || !index->ids) {
        free(keyed);
        box_index_free(index);
        return NULL;
    }
    key_boxes(keyed, boxes, n);
    qsort(keyed, n, sizeof *keyed, compare_keyed);
    for (size_t i = 0; i < n; i++) {
        index->boxes[i] = boxes[keyed[i].item];
        index->ids[i] = ids[keyed[i].item];
    }
    free(keyed);
    build_levels(index, n);
    return index;
}

void box_index_free(struct box_index *index)
{
    if (!index)
        return;
    free(index->boxes);
    free(index->ids);
    free(index);
}

struct box_query {
    const struct box_index *index;
    const struct box *box;
    bool (*visit)(int64_t id, const struct box *box, void *arg);
    void *arg;
};

/* Visits the items below entry `at` of `level`; false = stop. Recursion is as deep as the tree: 8
 * levels for 4e9 boxes. */
static bool query_below(const struct box_query *q, int level, size_t at)
{
    const struct box_index *index = q->index;
    const struct box *box = &index->boxes[index->level_start[level] + at];
    if (!box_overlaps(box, q->box))
        return true;
    if (level == 0)
        return q->visit(index->ids[at], box, q->arg);
    size_t below = index->level_start[level] - index->level_start[level - 1];
    for (size_t i = at * BOX_FANOUT; i < (at + 1) * BOX_FANOUT && i < below; i++)
        if (!query_below(q, level - 1, i))
            return false;
    return true;
}

void box_index_query(const struct box_index *index, const struct box *box,
                     bool (*visit)(int64_t id, const struct box *box, void *arg), void *arg)
{
    if (index->levels_n == 0)
        return;
    struct box_query q = {index, box, visit, arg};
    query_below(&q, index->levels_n - 1, 0);
}
