/* What hectares can be grouped by. Private to service/registry.
 *
 * A dimension turns a total row into a small number (its slot in a table of keys met so far). Dimensions of a plot (programme,
 * crop, ...) are the same for all its parts; dimensions of the ground (region level, slope class, corridor) differ by part, and
 * a face has only those. */
#ifndef SERVICE_REGISTRY_DIMENSIONS_H
#define SERVICE_REGISTRY_DIMENSIONS_H

#include "service/registry/hectares.h"
#include "service/registry/identity.h"
#include "service/store/totals.h"

enum { DIMENSION_RECENT = 64 };

struct dimension_key {
    const char *key, *name; /* key NULL = none / not stated */
};

struct dimension {
    const char *what; /* as asked for */
    bool of_ground;   /* else of the plot */
    bool of_class;    /* slope_class */
    int level;        /* region dimensions: index into store_region_set.level; else -1 */
    struct dimension_key *keys;
    uint32_t keys_n, keys_capacity;
    struct key_set by_number; /* store id, year, ... -> slot */
    struct key_set by_text;   /* hash of key text -> slot */
    uint32_t recent[DIMENSION_RECENT]; /* texts met before, by a coarse hash: slot + 1; 0 = none */
};

struct dimensions {
    struct dimension by[LIMIT_GROUP_BY];
    int n;
    struct arena *arena;
    struct slope_class_table classes;
    struct store_region_set *region_sets; /* ascending id */
    size_t region_sets_n, region_sets_capacity;
    bool failed; /* out of memory in a callback */
};

/* Resolves the names asked for; STATUS_USAGE unknown_dimension names those there are. */
enum status dimensions_open(struct store *s, const struct hectares_query *q, struct arena *a, struct dimensions *out, struct error *e) MUST_USE;
void dimensions_close(struct dimensions *d);
/* The slot of each dimension for a row: dimension i's slot in slots[i]; those not of the kind asked for are left alone. */
bool dimensions_of_plot(struct dimensions *d, const struct store_total_row *row, uint32_t slots[LIMIT_GROUP_BY]);
bool dimensions_of_ground(struct dimensions *d, int64_t region_set, int64_t corridor_set, int slope_class, uint32_t slots[LIMIT_GROUP_BY]);

#endif
