/* Regions by key and place; see homes.h. */
#include "service/registry/homes.h"

#include <stdlib.h>
#include <string.h>

struct home {
    uint32_t id;
    const char *key;
};

struct homes {
    const struct figures_setup *setup;
    struct arena arena;
    struct home *by_id, *by_key;
    size_t n, capacity;
    int64_t layers[PARTITION_LEVELS_MAX];
    int layers_n;
    bool mexico, failed;
};

static bool note_layer(const struct store_layer *l, void *arg)
{
    struct homes *h = arg;
    if (l->kind != LAYER_REGIONS || h->layers_n == PARTITION_LEVELS_MAX)
        return true;
    h->layers[h->layers_n++] = l->id;
    h->mexico |= crs_in_mexico(
        (struct lonlat){(l->box.west + l->box.east) / 2, (l->box.south + l->box.north) / 2});
    return true;
}

static bool note_region(const struct store_layer_feature *f, void *arg)
{
    struct homes *h = arg;
    if (h->n == h->capacity) {
        size_t capacity = h->capacity ? h->capacity * 2 : 256;
        struct home *more = realloc(h->by_id, capacity * sizeof *more);
        if (!more)
            return !(h->failed = true);
        h->by_id = more;
        h->capacity = capacity;
    }
    const char *key = arena_strdup(&h->arena, f->key ? f->key : "");
    h->by_id[h->n++] = (struct home){(uint32_t)f->id, key};
    return !(h->failed = !key);
}

static int compare_ids(const void *a, const void *b)
{
    const struct home *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct home *)a)->key, ((const struct home *)b)->key);
}

enum status homes_load(struct store *s, const struct figures_setup *setup, struct homes **out,
                       struct error *e)
{
    struct homes *h = calloc(1, sizeof *h);
    if (!h)
        return error_memory(e);
    h->setup = setup;
    arena_init(&h->arena, 0);
    enum status status = store_each_layer(s, note_layer, h, e);
    for (int i = 0; status == STATUS_OK && i < h->layers_n; i++)
        status = store_each_layer_feature(s, h->layers[i], NULL, false, false, note_region, h, e);
    if (status == STATUS_OK && (h->failed || !(h->by_key = calloc(h->n + 1, sizeof *h->by_key))))
        status = error_memory(e);
    if (status != STATUS_OK) {
        homes_free(h);
        return status;
    }
    if (h->n) {
        memcpy(h->by_key, h->by_id, h->n * sizeof *h->by_key);
        qsort(h->by_id, h->n, sizeof *h->by_id, compare_ids);
        qsort(h->by_key, h->n, sizeof *h->by_key, compare_keys);
    }
    *out = h;
    return STATUS_OK;
}

void homes_free(struct homes *h)
{
    if (!h)
        return;
    free(h->by_id);
    free(h->by_key);
    arena_clear(&h->arena);
    free(h);
}

bool homes_any(const struct homes *h)
{
    return h->n > 0;
}

static const char *find_key(const struct homes *h, const char *key)
{
    struct home wanted = {0, key};
    const struct home *found =
        h->n ? bsearch(&wanted, h->by_key, h->n, sizeof *h->by_key, compare_keys) : NULL;
    return found ? found->key : NULL;
}

const char *homes_key(const struct homes *h, const char *key)
{
    const char *found = find_key(h, key);
    if (found || strlen(key) < 3)
        return found;
    char state[3] = {key[0], key[1], 0};
    return find_key(h, state);
}

bool homes_is(const struct homes *h, uint32_t region, const char *key)
{
    struct home wanted = {region, NULL};
    const struct home *found =
        h->n ? bsearch(&wanted, h->by_id, h->n, sizeof *h->by_id, compare_ids) : NULL;
    return found && strcmp(found->key, key) == 0;
}

enum { REGIONS_AT_MOST = 16 };

static enum crs_home locate(struct lonlat p, const char *key, void *arg)
{
    const struct homes *h = arg;
    struct box box = {p.lon, p.lat, p.lon, p.lat};
    enum crs_home home = CRS_HOME_NOWHERE;
    for (int level = 0; level < h->layers_n; level++) {
        const struct layer_index *index = figures_setup_regions(h->setup, level);
        uint32_t ids[REGIONS_AT_MOST];
        size_t n = index ? layer_index_query(index, &box, ids, REGIONS_AT_MOST) : 0;
        if (n)
            home = CRS_HOME_SOME;
        for (size_t i = 0; key && i < n; i++)
            if (homes_is(h, ids[i], key))
                return CRS_HOME_OWN;
    }
    return home;
}

struct crs_world homes_world(const struct homes *h)
{
    return (struct crs_world){.locate = locate, .arg = (void *)(uintptr_t)h, .mexico = h->mexico};
}
