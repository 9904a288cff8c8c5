/* Stored faces against computed ones; see check_faces.h.
 *
 * A face is taken as a number made of all that is stored of it (members, area, form, parts), the same in any order of members and
 * parts; both sides must be the same bag of numbers. */
#include "service/registry/check_faces.h"

#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/base/key_set.h"
#include "service/registry/faces.h"
#include "service/registry/staff.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ b * UINT64_C(0x9E3779B97F4A7C15)) + UINT64_C(0x7F4A7C15);
    h = (h ^ (h >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94D049BB133111EB);
    return h ^ (h >> 31);
}

static uint64_t part_number(const struct store_part *p)
{
    uint64_t h = mix((uint64_t)(p->slope_class + 1), 17);
    for (int i = 0; i < p->levels_n; i++)
        h = mix(h, p->regions[i]);
    for (int i = 0; i < p->corridors_n; i++)
        h = mix(h, (uint64_t)p->corridors[i] | UINT64_C(1) << 40);
    return h;
}

static uint64_t face_number(const struct store_face *f)
{
    uint64_t members = 0, parts = 0;
    for (size_t i = 0; i < f->members_n; i++)
        members += mix((uint64_t)f->members[i], 3);
    /* a part's area weighs by multiplication, so that two parts of one key are the same as their sum */
    for (size_t i = 0; i < f->parts_n; i++)
        parts += (part_number(&f->parts[i]) | 1) * (uint64_t)f->parts[i].area_mm2;
    return mix(mix(mix(members, (uint64_t)f->area_mm2), parts), f->coarse);
}

struct bag {
    struct key_set numbers; /* -> how often it is stored */
    struct faces_check *out;
    bool failed;
};

static bool note_stored(const struct store_face *f, void *arg)
{
    struct bag *bag = arg;
    bool ok;
    uint64_t *times = key_set_add(&bag->numbers, face_number(f), 1, &ok);
    if (times)
        ++*times;
    bag->failed = bag->failed || !ok;
    bag->out->faces++;
    return !bag->failed;
}

static void note_computed(const struct store_face *f, const struct store_ground *const *members, const struct face_shape *shape,
                          const struct faces_done *done, void *arg)
{
    struct bag *bag = arg;
    (void)members, (void)shape, (void)done;
    uint64_t *times = key_set_find(&bag->numbers, face_number(f));
    if (times && *times)
        --*times;
    else
        bag->out->wrong++; /* not stored like this */
}

enum status check_faces(struct store *s, struct faces_check *out, struct error *e)
{
    struct bag bag = {.out = out};
    struct staff staff = {0};
    enum status status = store_each_face_whole(s, note_stored, &bag, e);
    if (status == STATUS_OK && bag.failed)
        status = error_memory(e);
    if (status == STATUS_OK)
        status = staff_hire(&staff, s, e);
    if (status == STATUS_OK)
        status = staff_ready(&staff, e);
    if (status == STATUS_OK)
        status = faces_compute(s, staff.pool, staff.workers, note_computed, &bag, e);
    staff_dismiss(&staff);
    for (size_t i = 0; i < bag.numbers.capacity; i++)
        if (bag.numbers.slots[i].key)
            out->wrong += (int64_t)bag.numbers.slots[i].value; /* stored, but not computed */
    key_set_clear(&bag.numbers);
    return status;
}

/* ---- layers ---- */

static bool check_feature(const struct store_layer_feature *f, void *arg)
{
    struct faces_check *out = arg;
    out->features++;
    out->wrong_features += area_to_mm2(area_boundary_m2(&f->boundary)) != f->area_mm2;
    return true;
}

struct layer_ids {
    int64_t ids[PARTITION_LEVELS_MAX + 1];
    int n;
};

static bool note_layer(const struct store_layer *l, void *arg)
{
    struct layer_ids *list = arg;
    if (l->kind != LAYER_TERRAIN && list->n <= PARTITION_LEVELS_MAX)
        list->ids[list->n++] = l->id;
    return true;
}

enum status check_layers(struct store *s, struct faces_check *out, struct error *e)
{
    struct layer_ids list = {.n = 0};
    enum status status = store_each_layer(s, note_layer, &list, e);
    for (int i = 0; status == STATUS_OK && i < list.n; i++)
        status = store_each_layer_feature(s, list.ids[i], NULL, true, false, check_feature, out, e);
    return status;
}
