/* Open addressing with linear probing; key 0 marks a free slot, so a key 0 is kept as 1. See key_set.h. */
#include "geo/base/key_set.h"

#include <stdlib.h>
#include <string.h>

static size_t key_slot(const struct key_set *set, uint64_t key)
{
    size_t mask = set->capacity - 1, i = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15)) & mask;
    while (set->keys[i] && set->keys[i] != key)
        i = (i + 1) & mask;
    return i;
}

static bool key_set_grow(struct key_set *set)
{
    struct key_set more = {.capacity = set->capacity ? set->capacity * 2 : 1024, .used = set->used};
    more.keys = calloc(more.capacity, sizeof *more.keys);
    more.values = calloc(more.capacity, sizeof *more.values);
    if (!more.keys || !more.values) {
        free(more.keys);
        free(more.values);
        return false;
    }
    for (size_t i = 0; i < set->capacity; i++) {
        if (!set->keys[i])
            continue;
        size_t slot = key_slot(&more, set->keys[i]);
        more.keys[slot] = set->keys[i];
        more.values[slot] = set->values[i];
    }
    free(set->keys);
    free(set->values);
    *set = more;
    return true;
}

void key_set_clear(struct key_set *set)
{
    free(set->keys);
    free(set->values);
    *set = (struct key_set){0};
}

void key_set_empty(struct key_set *set)
{
    if (set->used)
        memset(set->keys, 0, set->capacity * sizeof *set->keys);
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
    size_t slot = key_slot(set, key);
    if (set->keys[slot])
        return &set->values[slot];
    set->keys[slot] = key;
    set->values[slot] = value;
    set->used++;
    return NULL;
}

uint64_t *key_set_find(const struct key_set *set, uint64_t key)
{
    if (!set->capacity)
        return NULL;
    size_t slot = key_slot(set, key ? key : 1);
    return set->keys[slot] ? &set->values[slot] : NULL;
}
