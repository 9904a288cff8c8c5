/* A growing set of 64-bit keys with a 64-bit value each: from ids to places in arrays, from hashes to ids. */
#ifndef GEO_BASE_KEY_SET_H
#define GEO_BASE_KEY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of 64-bit keys, each with a 64-bit value; grows; used by one thread. */
struct key_slot { /* both in one line of memory: a look-up in a large set is one miss */
    uint64_t key, value;
};
struct key_set {
    struct key_slot *slots; /* key 0 = free */
    size_t used, capacity;
};
void key_set_clear(struct key_set *set);
void key_set_empty(struct key_set *set); /* forgets all keys, keeps its memory */
/* Adds (key, value) and returns NULL, or returns the value already there. *ok = false when out of memory. */
uint64_t *key_set_add(struct key_set *set, uint64_t key, uint64_t value, bool *ok);
/* The value of the key, or NULL. */
uint64_t *key_set_find(const struct key_set *set, uint64_t key);

#endif
