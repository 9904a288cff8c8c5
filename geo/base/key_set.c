/* Open addressing with linear probing; key 0 marks a free slot, so a key 0 is kept as 1. See key_set.h. */
#include "geo/base/key_set.h"

#include <stdlib.h>
#include <string.h>

static struct key_slot *slot_of(const struct key_set *set, uint64_t key)
{
    size_t mask = set->capacity - 1, i = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15)) & mask;
    while (set->slots[i].key && set->slots[i].key != key)
        i = (i + 1) & mask;
    return &set->slots[i];
}

static bool key_set_grow(struct key_set *set)
{
    struct key_set more = {.capacity = set->capacity ? set->capacity * 2 : 1024, .used = set->used};
    if (!(more.slots = calloc(more.capacity, sizeof *more.slots)))
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i].key)
            *slot_of(&more, set->slots[i].key) = set->slots[i];
    free(set->slots);
    *set = more;
    return true;
}

void key_set_clear(struct key_set *set)
{
    free(set->slots);
    *set = (struct key_set){0};
}

void key_set_empty(struct key_set *set)
{
    if (set->used)
        memset(set->slots, 0, set->capacity * sizeof *set->slots);
    set->used = 0;
}

uint64_t *key_set_add(struct key_set *set, uint64_t key, uint64_t value, bool *ok)
{
    *ok = true;
    key = key ? key : 1;
    if (set->used * 2 >= set->capacity && !key_set_grow(set)) {
        *ok = false;
        return NULL;
    }
    struct key_slot *slot = slot_of(set, key);
    if (slot->key)
        return &slot->value;
    *slot = (struct key_slot){key, value};
    set->used++;
    return NULL;
}

uint64_t *key_set_find(const struct key_set *set, uint64_t key)
{
    if (!set->capacity)
        return NULL;
    struct key_slot *slot = slot_of(set, key ? key : 1);
    return slot->key ? &slot->value : NULL;
}
