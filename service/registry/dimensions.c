/* Dimensions of hectares; see dimensions.h. */
#include "service/registry/dimensions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const PLOT_DIMENSIONS[] = {"programme", "organisation", "crop", "practice", "year", "survey", "status"};
static const char *const GROUND_DIMENSIONS[] = {"slope_class", "corridor", "corridor_name"};
static const char *const SURVEY_NAMES[] = {"imported", "walked", "digitised", "cadastral"};

static bool note_region_set(const struct store_region_set *set, void *arg)
{
    struct dimensions *d = arg;
    if (d->region_sets_n == d->region_sets_capacity) {
        size_t capacity = d->region_sets_capacity ? d->region_sets_capacity * 2 : 64;
        struct store_region_set *more = realloc(d->region_sets, capacity * sizeof *more);
        if (!more)
            return !(d->failed = true);
        d->region_sets = more;
        d->region_sets_capacity = capacity;
    }
    struct store_region_set *out = &d->region_sets[d->region_sets_n++];
    *out = *set;
    for (int i = 0; i < set->levels_n; i++) {
        out->level[i].level = arena_strdup(d->arena, set->level[i].level);
        out->level[i].key = arena_strdup(d->arena, set->level[i].key);
        out->level[i].name = arena_strdup(d->arena, set->level[i].name);
    }
    return true;
}

struct level_list {
    char text[256];
    const char *wanted;
    bool found;
};

static bool note_level(const struct store_layer *l, void *arg)
{
    struct level_list *list = arg;
    if (l->kind != LAYER_REGIONS)
        return true;
    size_t used = strlen(list->text);
    snprintf(list->text + used, sizeof list->text - used, "%s, ", l->level);
    list->found = list->found || strcmp(l->level, list->wanted) == 0;
    return true;
}

static enum status resolve(struct store *s, const char *what, struct dimension *out, struct error *e)
{
    *out = (struct dimension){.what = what, .level = -1};
    for (size_t i = 0; i < sizeof PLOT_DIMENSIONS / sizeof *PLOT_DIMENSIONS; i++)
        if (strcmp(what, PLOT_DIMENSIONS[i]) == 0)
            return STATUS_OK;
    out->of_ground = true;
    out->of_class = strcmp(what, "slope_class") == 0;
    for (size_t i = 0; i < sizeof GROUND_DIMENSIONS / sizeof *GROUND_DIMENSIONS; i++)
        if (strcmp(what, GROUND_DIMENSIONS[i]) == 0)
            return STATUS_OK;
    struct level_list levels = {.wanted = what};
    enum status status = store_each_layer(s, note_level, &levels, e);
    if (status != STATUS_OK)
        return status;
    out->level = 0;
    return levels.found ? STATUS_OK
                        : error_set(e, STATUS_USAGE, "unknown_dimension", "region levels are added with parcela layer add REGISTRY regions",
                                    "cannot group by \"%.40s\"; there are: %sprogramme, organisation, crop, practice, year, survey, "
                                    "status, slope_class, corridor, corridor_name", what, levels.text);
}

static bool add_key(struct dimensions *d, struct dimension *dim, const char *key, const char *name, uint32_t *slot)
{
    if (dim->keys_n == dim->keys_capacity) {
        uint32_t capacity = dim->keys_capacity ? dim->keys_capacity * 2 : 64;
        struct dimension_key *more = realloc(dim->keys, capacity * sizeof *more);
        if (!more)
            return !(d->failed = true);
        dim->keys = more;
        dim->keys_capacity = capacity;
    }
    *slot = dim->keys_n;
    dim->keys[dim->keys_n++] = (struct dimension_key){arena_strdup(d->arena, key), arena_strdup(d->arena, name)};
    return true;
}

/* The slot of a key text (NULL = none), made when new. */
static bool slot_of_text(struct dimensions *d, struct dimension *dim, const char *key, const char *name, uint32_t *slot)
{
    uint64_t hash = key ? identity_key(0, key) : 1;
    const uint64_t *there = key_set_find(&dim->by_text, hash);
    if (there) {
        *slot = (uint32_t)*there;
        return true;
    }
    bool ok = add_key(d, dim, key, name, slot);
    if (ok)
        key_set_add(&dim->by_text, hash, *slot, &ok);
    d->failed = d->failed || !ok;
    return ok;
}

/* The slot of a number that stands for a key text: looked up once, then remembered. */
static bool slot_of_number(struct dimensions *d, struct dimension *dim, int64_t number, const char *key, const char *name, uint32_t *slot)
{
    bool ok = slot_of_text(d, dim, key, name, slot);
    if (ok)
        key_set_add(&dim->by_number, (uint64_t)number + 2, *slot, &ok);
    return ok;
}

static bool known_number(const struct dimension *dim, int64_t number, uint32_t *slot)
{
    const uint64_t *there = key_set_find(&dim->by_number, (uint64_t)number + 2);
    if (there)
        *slot = (uint32_t)*there;
    return there != NULL;
}

/* slot_of_text for the few words of a plot, again and again: one comparison where a hash costs three. */
static bool slot_of_word(struct dimensions *d, struct dimension *dim, const char *key, uint32_t *slot)
{
    if (!key || !*key)
        return slot_of_text(d, dim, key, NULL, slot);
    uint32_t *recent = &dim->recent[((unsigned char)key[0] * 7u + (unsigned char)key[1] * 3u + (unsigned char)key[strlen(key) - 1]) % DIMENSION_RECENT];
    if (*recent && strcmp(dim->keys[*recent - 1].key, key) == 0) {
        *slot = *recent - 1;
        return true;
    }
    bool ok = slot_of_text(d, dim, key, NULL, slot);
    if (ok)
        *recent = *slot + 1;
    return ok;
}

struct word_loading {
    struct dimensions *d;
    struct dimension *dim;
};

static bool note_word(int64_t id, const char *code, const char *name, void *arg)
{
    struct word_loading *w = arg;
    uint32_t slot;
    return slot_of_number(w->d, w->dim, id, code, name, &slot);
}

static enum status load_words(struct store *s, struct dimensions *d, struct dimension *dim, struct error *e)
{
    if (strcmp(dim->what, "programme") != 0 && strcmp(dim->what, "organisation") != 0)
        return STATUS_OK;
    struct word_loading w = {d, dim};
    return store_each_word(s, dim->what, note_word, &w, e);
}

/* ---- corridors by name ---- */

struct corridor_words {
    struct arena arena;
    struct key_set places; /* feature id -> place */
    struct dimension_key *words;
    size_t n, capacity;
    int64_t layer;
    struct dimensions *d;
    struct dimension *dim;
    bool failed;
};

static bool note_corridors(const struct store_layer *l, void *arg)
{
    struct corridor_words *w = arg;
    if (l->kind == LAYER_CORRIDORS)
        w->layer = l->id;
    return true;
}

static bool note_corridor(const struct store_layer_feature *f, void *arg)
{
    struct corridor_words *w = arg;
    bool ok = true;
    if (w->n == w->capacity) {
        size_t capacity = w->capacity ? w->capacity * 2 : 64;
        struct dimension_key *more = realloc(w->words, capacity * sizeof *more);
        if (!more)
            return !(w->failed = true);
        w->words = more;
        w->capacity = capacity;
    }
    key_set_add(&w->places, (uint64_t)f->id, w->n, &ok);
    w->words[w->n++] = (struct dimension_key){arena_strdup(&w->arena, f->key), arena_strdup(&w->arena, f->name)};
    w->failed = !ok;
    return ok;
}

static bool note_corridor_set(const struct store_corridor_set *set, void *arg)
{
    struct corridor_words *w = arg;
    const char *key = NULL, *name = NULL;
    uint32_t slot;
    for (int i = 0; i < set->features_n; i++) {
        const uint64_t *place = key_set_find(&w->places, set->features[i]);
        if (!place) /* of a layer that was replaced */
            return true;
        const struct dimension_key *word = &w->words[*place];
        key = key ? arena_printf(&w->arena, "%s + %s", key, word->key) : word->key;
        name = name ? arena_printf(&w->arena, "%s + %s", name, word->name) : word->name;
    }
    w->failed = !slot_of_number(w->d, w->dim, set->id, key, name, &slot);
    return !w->failed;
}

static enum status load_corridors(struct store *s, struct dimensions *d, struct dimension *dim, struct error *e)
{
    if (strcmp(dim->what, "corridor_name") != 0)
        return STATUS_OK;
    struct corridor_words w = {.d = d, .dim = dim};
    arena_init(&w.arena, 0);
    enum status status = store_each_layer(s, note_corridors, &w, e);
    if (status == STATUS_OK && w.layer)
        status = store_each_layer_feature(s, w.layer, NULL, false, false, note_corridor, &w, e);
    if (status == STATUS_OK && !w.failed)
        status = store_each_corridor_set(s, note_corridor_set, &w, e);
    if (status == STATUS_OK && w.failed)
        status = error_memory(e);
    key_set_clear(&w.places);
    free(w.words);
    arena_clear(&w.arena);
    return status;
}

enum status dimensions_open(struct store *s, const struct hectares_query *q, struct arena *a, struct dimensions *d, struct error *e)
{
    *d = (struct dimensions){.arena = a};
    enum status status = store_slope_table(s, &d->classes, e);
    for (; status == STATUS_OK && d->n < q->by_n; d->n++) {
        for (int i = 0; i < d->n; i++)
            if (strcmp(q->by[i], q->by[d->n]) == 0)
                return error_set(e, STATUS_USAGE, "repeated_dimension", "name each dimension once", "\"%.40s\" is named twice", q->by[i]);
        status = resolve(s, q->by[d->n], &d->by[d->n], e);
        if (status == STATUS_OK)
            status = load_words(s, d, &d->by[d->n], e);
        if (status == STATUS_OK)
            status = load_corridors(s, d, &d->by[d->n], e);
    }
    if (status == STATUS_OK)
        status = store_each_region_set(s, note_region_set, d, e);
    if (status == STATUS_OK && d->failed)
        status = error_memory(e);
    return status;
}

void dimensions_close(struct dimensions *d)
{
    for (int i = 0; i < LIMIT_GROUP_BY; i++) {
        free(d->by[i].keys);
        key_set_clear(&d->by[i].by_number);
        key_set_clear(&d->by[i].by_text);
    }
    free(d->region_sets);
    *d = (struct dimensions){0};
}

static bool plot_slot(struct dimensions *d, struct dimension *dim, const struct store_total_row *row, uint32_t *slot)
{
    char text[16];
    switch (dim->what[0]) {
    case 'p':
        if (dim->what[3] == 'c') /* practice */
            return slot_of_word(d, dim, row->practice, slot);
        return known_number(dim, row->programme_id, slot) || slot_of_number(d, dim, row->programme_id, NULL, NULL, slot);
    case 'o':
        return known_number(dim, row->organisation_id, slot) || slot_of_number(d, dim, row->organisation_id, NULL, NULL, slot);
    case 'c':
        return slot_of_word(d, dim, row->crop, slot);
    case 's':
        if (dim->what[1] == 't') /* status */
            return slot_of_word(d, dim, row->repaired ? "repaired" : "measured", slot);
        return slot_of_word(d, dim, SURVEY_NAMES[row->survey & 3], slot);
    default: /* year */
        if (known_number(dim, row->adoption_year, slot))
            return true;
        snprintf(text, sizeof text, "%d", row->adoption_year);
        return slot_of_number(d, dim, row->adoption_year, row->adoption_year ? text : NULL, NULL, slot);
    }
}

bool dimensions_of_plot(struct dimensions *d, const struct store_total_row *row, uint32_t slots[LIMIT_GROUP_BY])
{
    for (int i = 0; i < d->n; i++)
        if (!d->by[i].of_ground && !plot_slot(d, &d->by[i], row, &slots[i]))
            return false;
    return true;
}

static const struct store_region_set *region_set_of(const struct dimensions *d, int64_t id)
{
    size_t low = 0, high = d->region_sets_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->region_sets[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < d->region_sets_n && d->region_sets[low].id == id ? &d->region_sets[low] : NULL;
}

static bool region_slot(struct dimensions *d, struct dimension *dim, int64_t region_set, uint32_t *slot)
{
    if (known_number(dim, region_set, slot))
        return true;
    const struct store_region_set *set = region_set_of(d, region_set);
    const char *key = NULL, *name = NULL;
    for (int i = 0; set && i < set->levels_n; i++)
        if (strcmp(set->level[i].level, dim->what) == 0) {
            key = set->level[i].key;
            name = set->level[i].name;
        }
    return slot_of_number(d, dim, region_set, key, name, slot);
}

/* Ground in several corridors is a group of its own, "A + B": so that the groups add up. Their slots are there from the beginning. */
static bool corridor_slot(struct dimensions *d, struct dimension *dim, int64_t corridor_set, uint32_t *slot)
{
    return known_number(dim, corridor_set, slot) || slot_of_number(d, dim, corridor_set, NULL, NULL, slot);
}

bool dimensions_of_ground(struct dimensions *d, int64_t region_set, int64_t corridor_set, int slope_class, uint32_t slots[LIMIT_GROUP_BY])
{
    for (int i = 0; i < d->n; i++) {
        struct dimension *dim = &d->by[i];
        bool ok = true;
        if (!dim->of_ground)
            continue;
        if (dim->level >= 0)
            ok = region_slot(d, dim, region_set, &slots[i]);
        else if (strcmp(dim->what, "corridor_name") == 0)
            ok = corridor_slot(d, dim, corridor_set, &slots[i]);
        else if (strcmp(dim->what, "corridor") == 0)
            ok = slot_of_word(d, dim, corridor_set ? "inside" : "outside", &slots[i]);
        else if (!known_number(dim, slope_class, &slots[i]))
            ok = slot_of_number(d, dim, slope_class, slope_class >= 0 ? d->classes.classes[slope_class].code : NULL,
                                slope_class >= 0 ? d->classes.classes[slope_class].name_en : NULL, &slots[i]);
        if (!ok)
            return false;
    }
    return true;
}
