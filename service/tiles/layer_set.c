/* The features of a layer in memory: a layer never changes once it is in the registry (a new
 * edition has a new id), so it is read once and shared by all threads. What is kept is the drawing
 * form, about 5 bytes a vertex. */
#include <stdlib.h>
#include <string.h>

#include "service/tiles/private.h"

enum { LAYER_SET_BYTES_MAX = 512 * 1024 * 1024 };

struct loading {
    struct layer_set *set;
    struct arena scratch; /* one decoded feature at a time */
    enum status status;
    struct error *e;
};

static void set_free(struct layer_set *set)
{
    arena_clear(&set->arena);
    free(set->shapes);
    free(set);
}

void layer_set_release(struct layer_set *set)
{
    if (set && atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) == 1)
        set_free(set);
}

static struct layer_shape *shape_add(struct layer_set *set)
{
    if (set->shapes_n == set->shapes_max) {
        size_t max = set->shapes_max ? set->shapes_max * 2 : 64;
        struct layer_shape *shapes = realloc(set->shapes, max * sizeof *shapes);
        if (!shapes)
            return NULL;
        set->shapes = shapes;
        set->shapes_max = max;
    }
    return &set->shapes[set->shapes_n++];
}

static void shape_boxes(struct layer_shape *shape, const struct drawing *d)
{
    shape->x0 = shape->y0 = INT32_MAX;
    shape->x1 = shape->y1 = 0;
    for (uint32_t i = 0; i < d->points_n; i++) {
        struct drawing_point p = d->points[i];
        shape->x0 = p.x < shape->x0 ? p.x : shape->x0;
        shape->x1 = p.x > shape->x1 ? p.x : shape->x1;
        shape->y0 = p.y < shape->y0 ? p.y : shape->y0;
        shape->y1 = p.y > shape->y1 ? p.y : shape->y1;
    }
    if (!d->points_n)
        return;
    struct lonlat nw = drawing_unproject((struct drawing_point){shape->x0, shape->y0});
    struct lonlat se = drawing_unproject((struct drawing_point){shape->x1, shape->y1});
    shape->box = (struct box){nw.lon, se.lat, se.lon, nw.lat};
}

static bool shape_load(const struct store_layer_feature *f, void *arg)
{
    struct loading *l = arg;
    struct layer_set *set = l->set;
    struct drawing d;
    struct layer_shape *shape = shape_add(set);
    if (!shape) {
        l->status = error_memory(l->e);
        return false;
    }
    *shape = (struct layer_shape){.id = (uint32_t)f->id,
                                  .key = arena_strdup(&set->arena, f->key),
                                  .name = arena_strdup(&set->arena, f->name),
                                  .area_mm2 = f->area_mm2,
                                  .anchor = boundary_anchor(&f->boundary),
                                  .drawing = arena_memdup(&set->arena, f->drawing, f->drawing_n),
                                  .drawing_n = f->drawing_n};
    if (!shape->drawing || (f->key && !shape->key) || (f->name && !shape->name))
        l->status = error_memory(l->e);
    else
        l->status =
            drawing_decode(f->drawing, f->drawing_n, DRAWING_ZOOM_MAX, &l->scratch, &d, l->e);
    if (!l->status)
        shape_boxes(shape, &d);
    arena_reset(&l->scratch);
    return !l->status;
}

static enum status set_load(struct store *reader, int64_t layer_id, struct layer_set **out,
                            struct error *e)
{
    struct loading l = {.set = calloc(1, sizeof *l.set), .e = e};
    if (!l.set)
        return error_memory(e);
    l.set->layer_id = layer_id;
    atomic_init(&l.set->references, 1);
    arena_init(&l.set->arena, LAYER_SET_BYTES_MAX);
    arena_init(&l.scratch, 0);
    enum status status =
        store_each_layer_feature(reader, layer_id, NULL, true, true, shape_load, &l, e);
    arena_clear(&l.scratch);
    if (!status)
        status = l.status;
    if (status)
        set_free(l.set);
    else
        *out = l.set;
    return status;
}

enum status layer_set_get(struct tiles *t, struct store *reader, int64_t layer_id,
                          struct layer_set **out, struct error *e)
{
    enum status status = STATUS_OK;
    int slot = 0;
    pthread_mutex_lock(&t->sets_lock);
    for (int i = 0; i < LAYER_SETS; i++) {
        if (t->sets[i] && t->sets[i]->layer_id == layer_id) {
            slot = i;
            break;
        }
        /* an empty slot, else the oldest edition, makes room */
        if (!t->sets[i] || (t->sets[slot] && t->sets[i]->layer_id < t->sets[slot]->layer_id))
            slot = i;
    }
    if (!t->sets[slot] || t->sets[slot]->layer_id != layer_id) {
        struct layer_set *set = NULL;
        status = set_load(reader, layer_id, &set, e);
        if (!status) {
            layer_set_release(t->sets[slot]);
            t->sets[slot] = set;
        }
    }
    if (!status) {
        *out = t->sets[slot];
        atomic_fetch_add_explicit(&(*out)->references, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&t->sets_lock);
    return status;
}
