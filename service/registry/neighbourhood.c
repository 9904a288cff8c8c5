/* The boxes round a change; see neighbourhood.h. */
#include "service/registry/neighbourhood.h"

#include <stdlib.h>

bool touched_add(struct touched *t, int64_t revision_id, struct box box)
{
    if (t->n == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 1024;
        int64_t *revisions = realloc(t->revisions, capacity * sizeof *revisions);
        if (revisions)
            t->revisions = revisions;
        struct small_box *boxes = realloc(t->boxes, capacity * sizeof *boxes);
        if (boxes)
            t->boxes = boxes;
        if (!revisions || !boxes)
            return false;
        t->capacity = capacity;
    }
    t->revisions[t->n] = revision_id;
    t->boxes[t->n++] = small_box_of(&box);
    return true;
}

void touched_clear(struct touched *t)
{
    free(t->revisions);
    free(t->boxes);
    *t = (struct touched){0};
}

size_t neighbourhood_place(const struct neighbourhood *n, int64_t id)
{
    if (!n->ordered) {
        const uint64_t *slot = key_set_find(&n->slots, (uint64_t)id);
        return slot ? *slot : n->all.n;
    }
    size_t low = 0, high = n->all.n,
           guess = high && id >= n->all.revisions[0] ? (size_t)(id - n->all.revisions[0]) : high;
    if (guess < high && n->all.revisions[guess] == id) /* ids mostly follow each other */
        return guess;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->all.revisions[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->all.n && n->all.revisions[low] == id ? low : n->all.n;
}

static bool note_box(const struct store_boxed *boxed, void *arg)
{
    struct neighbourhood *n = arg;
    bool ok = true;
    if (n->ordered || !key_set_add(&n->slots, (uint64_t)boxed->revision_id, n->all.n, &ok))
        ok = ok && touched_add(&n->all, boxed->revision_id, boxed->box);
    n->failed = n->failed || !ok;
    return !n->failed;
}

/* Every revision there is came with this change and none of them ended already: then all that have
 * ground are touched. */
static enum status all_touched(struct store *s, int64_t change, const struct touched *touched,
                               bool *all, struct error *e)
{
    bool before = false;
    enum status status = change < 0 ? STATUS_OK : store_revisions_before(s, change, &before, e);
    *all = status == STATUS_OK && !before;
    for (size_t i = 1; i < touched->n && *all; i++)
        *all = touched->revisions[i - 1] < touched->revisions[i];
    return status;
}

/* For a few touched plots the R*Tree is asked around each, twice as far as needed for neighbours of
 * neighbours; for many, one pass over all boxes is cheaper than so many searches. */
enum { TOUCHED_FEW = 500 };

static enum status load_around(struct store *s, const struct touched *touched,
                               struct neighbourhood *n, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < touched->n; i++) {
        struct box around = small_box_degrees(&touched->boxes[i]);
        status = store_each_box(s, &around, note_box, n, e);
    }
    for (size_t i = 0, direct = n->all.n; status == STATUS_OK && i < direct; i++) {
        struct box around = small_box_degrees(&n->all.boxes[i]);
        status = store_each_box(s, &around, note_box, n, e);
    }
    return status;
}

enum status neighbourhood_load(struct store *s, int64_t change, struct touched *touched,
                               struct neighbourhood *n, struct error *e)
{
    *n = (struct neighbourhood){.ordered = touched->n > TOUCHED_FEW};
    enum status status = n->ordered ? all_touched(s, change, touched, &n->all_touched, e)
                                    : load_around(s, touched, n, e);
    if (n->all_touched) {
        n->all = *touched;
        *touched = (struct touched){0};
    } else if (n->ordered && status == STATUS_OK) {
        status = store_each_box(s, NULL, note_box, n, e);
    }
    if (status == STATUS_OK && n->failed)
        status = error_memory(e);
    if (status == STATUS_OK && !(n->index = box_index_build(n->all.boxes, n->all.n)))
        status = error_memory(e);
    return status;
}

void neighbourhood_clear(struct neighbourhood *n)
{
    box_index_free(n->index);
    key_set_clear(&n->slots);
    touched_clear(&n->all);
}
