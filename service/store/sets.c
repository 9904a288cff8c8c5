/* Region sets and corridor sets: which regions (one per level) and which corridors a piece of ground lies in, as one small id.
 *
 * A registry has thousands of sets and millions of parts, so ids are looked up in a hash table in memory; a set is written
 * when it is first seen. A set is never changed. The same table answers the way back, by id. */
#include <stdlib.h>

#include "geo/overlay/overlay.h" /* LAYER_NONE */
#include "service/store/private.h"

enum { LEVELS_MAX = 8, FEATURES_MAX = 256 };

static uint64_t hash_of(const uint32_t *values, uint32_t n)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ n;
    for (uint32_t i = 0; i < n; i++)
        h = (h ^ values[i]) * 0xD6E8FEB86659FD93u, h ^= h >> 32;
    return h;
}

static bool same(const struct set_cache *c, const struct set_slot *slot, const uint32_t *values, uint32_t n)
{
    return slot->n == n && (n == 0 || memcmp(c->values + slot->at, values, n * sizeof *values) == 0);
}

static int64_t cache_find(const struct set_cache *c, uint64_t hash, const uint32_t *values, uint32_t n)
{
    if (!c->capacity)
        return 0;
    for (size_t at = hash & (c->capacity - 1); c->slots[at].id; at = (at + 1) & (c->capacity - 1))
        if (c->slots[at].hash == hash && same(c, &c->slots[at], values, n))
            return c->slots[at].id;
    return 0;
}

static void place(struct set_slot *slots, size_t capacity, struct set_slot slot)
{
    size_t at = slot.hash & (capacity - 1);
    while (slots[at].id)
        at = (at + 1) & (capacity - 1);
    slots[at] = slot;
}

static bool grow(struct set_cache *c, uint32_t n)
{
    if ((c->n + 1) * 2 > c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 1024;
        struct set_slot *slots = calloc(capacity, sizeof *slots);
        if (!slots)
            return false;
        for (size_t i = 0; i < c->capacity; i++)
            if (c->slots[i].id)
                place(slots, capacity, c->slots[i]);
        free(c->slots);
        c->slots = slots;
        c->capacity = capacity;
    }
    if (c->values_n + n > c->values_capacity) {
        size_t capacity = (c->values_n + n) * 2;
        uint32_t *values = realloc(c->values, capacity * sizeof *values);
        if (!values)
            return false;
        c->values = values;
        c->values_capacity = capacity;
    }
    return true;
}

static enum status cache_add(struct set_cache *c, uint64_t hash, int64_t id, const uint32_t *values, uint32_t n, struct error *e)
{
    if (!grow(c, n))
        return error_memory(e);
    if (n)
        memcpy(c->values + c->values_n, values, n * sizeof *values);
    place(c->slots, c->capacity, (struct set_slot){hash, id, (uint32_t)c->values_n, n});
    c->values_n += n;
    c->n++;
    return STATUS_OK;
}

static void cache_clear(struct set_cache *c)
{
    free(c->slots);
    free(c->values);
    *c = (struct set_cache){.slots = NULL};
}

void sets_forget(struct store *s)
{
    cache_clear(&s->sets.regions);
    cache_clear(&s->sets.corridors);
    cache_clear(&s->sets.region_features);
    cache_clear(&s->sets.corridor_features);
    s->sets.levels_n = -1;
}

/* ---- levels ---- */

static enum status levels_read(struct store *s, char levels[LEVELS_MAX][64], int *n, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT level FROM layer WHERE kind = 'regions' AND to_change IS NULL ORDER BY " LAYER_ORDER, &q, e));
    for (*n = 0; *n < LEVELS_MAX && (status = statement_next(s, q, &row, e)) == STATUS_OK && row; ++*n)
        snprintf(levels[*n], 64, "%s", column_text(q, 0));
    statement_done(q);
    return status;
}

enum status sets_refresh(struct store *s, struct error *e)
{
    char levels[LEVELS_MAX][64] = {{0}};
    int n;
    TRY(levels_read(s, levels, &n, e));
    if (n == s->sets.levels_n && memcmp(levels, s->sets.levels, sizeof levels) == 0)
        return STATUS_OK;
    sets_forget(s);
    memcpy(s->sets.levels, levels, sizeof levels);
    s->sets.levels_n = n;
    return STATUS_OK;
}

/* ---- features -> id ---- */

static enum status find_words(struct store *s, const char *sql, const char *words, int64_t *id, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, sql, &q, e));
    bind_text(q, 1, words);
    enum status status = statement_next(s, q, &row, e);
    *id = row ? column_int(q, 0) : 0;
    statement_done(q);
    return status;
}

static enum status insert_words(struct store *s, const char *sql, const char *words, int64_t *id, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    bind_text(q, 1, words);
    TRY(statement_run(s, q, e));
    *id = sqlite3_last_insert_rowid(s->db);
    return STATUS_OK;
}

static enum status region_words(struct store *s, const uint32_t *features, int n, struct buf *words, struct error *e)
{
    for (int i = 0; i < n; i++) {
        buf_printf(words, "%s%s=", i ? ";" : "", s->sets.levels[i]);
        if (features[i] == LAYER_NONE)
            buf_putc(words, '-');
        else
            buf_int(words, features[i]);
    }
    buf_puts(words, "");
    return words->failed ? error_memory(e) : STATUS_OK;
}

static enum status region_write(struct store *s, const char *words, const uint32_t *features, int n, int64_t *id, struct error *e)
{
    struct statement *q;
    TRY(insert_words(s, "INSERT INTO region_set (words) VALUES (?1)", words, id, e));
    for (int i = 0; i < n; i++) {
        TRY(statement_take(
            s, "INSERT INTO region_set_level (region_set_id, position, level, feature_id) VALUES (?1, ?2, ?3, ?4)", &q, e));
        bind_int(q, 1, *id);
        bind_int(q, 2, i);
        bind_text(q, 3, s->sets.levels[i]);
        bind_int_or_null(q, 4, features[i] == LAYER_NONE ? 0 : features[i]);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}

static enum status region_intern(struct store *s, const uint32_t *features, int n, int64_t *id, struct error *e)
{
    struct buf words;
    buf_init(&words, 0);
    enum status status = region_words(s, features, n, &words, e);
    const char *text = words.bytes ? words.bytes : "";
    if (status == STATUS_OK)
        status = find_words(s, "SELECT id FROM region_set WHERE words = ?1", text, id, e);
    if (status == STATUS_OK && !*id)
        status = region_write(s, text, features, n, id, e);
    buf_clear(&words);
    return status;
}

enum status sets_region(struct store *s, const uint32_t *features, int levels_n, int64_t *id, struct error *e)
{
    if (s->sets.levels_n < 0)
        TRY(sets_refresh(s, e));
    if (levels_n != s->sets.levels_n)
        return error_set(e, STATUS_INTERNAL, "levels_differ", NULL, "A part names %d region levels, the registry has %d.", levels_n,
                         s->sets.levels_n);
    uint64_t hash = hash_of(features, (uint32_t)levels_n);
    if ((*id = cache_find(&s->sets.regions, hash, features, (uint32_t)levels_n)))
        return STATUS_OK;
    TRY(region_intern(s, features, levels_n, id, e));
    return cache_add(&s->sets.regions, hash, *id, features, (uint32_t)levels_n, e);
}

static enum status corridor_write(struct store *s, const char *words, const uint32_t *features, int n, int64_t *id, struct error *e)
{
    struct statement *q;
    TRY(insert_words(s, "INSERT INTO corridor_set (words) VALUES (?1)", words, id, e));
    for (int i = 0; i < n; i++) {
        TRY(statement_take(s, "INSERT INTO corridor_set_member (corridor_set_id, feature_id) VALUES (?1, ?2)", &q, e));
        bind_int(q, 1, *id);
        bind_int(q, 2, features[i]);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}

static enum status corridor_intern(struct store *s, const uint32_t *features, int n, int64_t *id, struct error *e)
{
    struct buf words;
    buf_init(&words, 0);
    for (int i = 0; i < n; i++) {
        if (i)
            buf_putc(&words, ';');
        buf_int(&words, features[i]);
    }
    enum status status = words.failed ? error_memory(e) : STATUS_OK;
    if (status == STATUS_OK)
        status = find_words(s, "SELECT id FROM corridor_set WHERE words = ?1", words.bytes, id, e);
    if (status == STATUS_OK && !*id)
        status = corridor_write(s, words.bytes, features, n, id, e);
    buf_clear(&words);
    return status;
}

enum status sets_corridor(struct store *s, const uint32_t *features, int n, int64_t *id, struct error *e)
{
    *id = 0;
    if (n <= 0)
        return STATUS_OK;
    uint64_t hash = hash_of(features, (uint32_t)n);
    if ((*id = cache_find(&s->sets.corridors, hash, features, (uint32_t)n)))
        return STATUS_OK;
    TRY(corridor_intern(s, features, n, id, e));
    return cache_add(&s->sets.corridors, hash, *id, features, (uint32_t)n, e);
}

/* ---- id -> features ---- */

static uint64_t hash_id(int64_t id)
{
    return (uint64_t)id * 0x9E3779B97F4A7C15u >> 20;
}

static const struct set_slot *by_id(const struct set_cache *c, int64_t id)
{
    if (!c->capacity)
        return NULL;
    for (size_t at = hash_id(id) & (c->capacity - 1); c->slots[at].id; at = (at + 1) & (c->capacity - 1))
        if (c->slots[at].id == id)
            return &c->slots[at];
    return NULL;
}

static enum status give(const struct set_cache *c, int64_t id, struct arena *a, const uint32_t **features, int *n, struct error *e)
{
    const struct set_slot *slot = by_id(c, id);
    *n = slot ? (int)slot->n : 0;
    *features = arena_memdup(a, slot && slot->n ? (const void *)(c->values + slot->at) : "", (size_t)*n * sizeof **features);
    return *features ? STATUS_OK : error_memory(e);
}

/* In the order of the current levels: a set made before a level was added has no region there. */
static enum status load_region(struct store *s, int64_t id, struct error *e)
{
    uint32_t features[LEVELS_MAX];
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    for (int i = 0; i < LEVELS_MAX; i++)
        features[i] = LAYER_NONE;
    TRY(statement_take(s, "SELECT level, feature_id FROM region_set_level WHERE region_set_id = ?1 ORDER BY position", &q, e));
    bind_int(q, 1, id);
    while ((status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        for (int i = 0; i < s->sets.levels_n; i++)
            if (strcmp(s->sets.levels[i], column_text(q, 0)) == 0 && column_int(q, 1))
                features[i] = (uint32_t)column_int(q, 1);
    statement_done(q);
    return status ? status : cache_add(&s->sets.region_features, hash_id(id), id, features, (uint32_t)s->sets.levels_n, e);
}

enum status sets_region_features(struct store *s, int64_t id, struct arena *a, const uint32_t **features, int *n, struct error *e)
{
    if (s->sets.levels_n < 0)
        TRY(sets_refresh(s, e));
    if (!by_id(&s->sets.region_features, id))
        TRY(load_region(s, id, e));
    return give(&s->sets.region_features, id, a, features, n, e);
}

static enum status load_corridor(struct store *s, int64_t id, struct error *e)
{
    uint32_t features[FEATURES_MAX], n = 0;
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT feature_id FROM corridor_set_member WHERE corridor_set_id = ?1 ORDER BY feature_id", &q, e));
    bind_int(q, 1, id);
    while (n < FEATURES_MAX && (status = statement_next(s, q, &row, e)) == STATUS_OK && row)
        features[n++] = (uint32_t)column_int(q, 0);
    statement_done(q);
    return status ? status : cache_add(&s->sets.corridor_features, hash_id(id), id, features, n, e);
}

enum status sets_corridor_features(struct store *s, int64_t id, struct arena *a, const uint32_t **features, int *n, struct error *e)
{
    if (id && !by_id(&s->sets.corridor_features, id))
        TRY(load_corridor(s, id, e));
    return give(&s->sets.corridor_features, id, a, features, n, e);
}

/* ---- listing ---- */

/* One set's levels; rows of the joined statement come ordered by set and position. */
enum status store_each_region_set(struct store *s, bool (*each)(const struct store_region_set *, void *), void *arg, struct error *e)
{
    struct store_region_set set = {0};
    struct statement *q;
    struct arena a;
    bool row = true, go = true, failed = false, open = false;
    TRY(statement_take(s,
                       "SELECT r.id, l.level, f.key, f.name FROM region_set r LEFT JOIN region_set_level l ON l.region_set_id = r.id "
                       "LEFT JOIN layer_feature f ON f.id = l.feature_id ORDER BY r.id, l.position",
                       &q, e));
    arena_init(&a, 0);
    enum status status = STATUS_OK;
    while (go && !failed && (status = statement_next(s, q, &row, e)) == STATUS_OK) {
        if (open && (!row || column_int(q, 0) != set.id)) {
            go = each(&set, arg);
            open = false;
        }
        if (!row || !go)
            break;
        if (!open) {
            arena_reset(&a);
            set.id = column_int(q, 0);
            set.levels_n = 0;
            open = true;
        }
        if (column_text(q, 1) && set.levels_n < LEVELS_MAX) {
            int i = set.levels_n++;
            set.level[i].level = column_strdup(q, 1, &a, &failed);
            set.level[i].key = column_strdup(q, 2, &a, &failed);
            set.level[i].name = column_strdup(q, 3, &a, &failed);
        }
    }
    statement_done(q);
    arena_clear(&a);
    return status ? status : failed ? error_memory(e) : STATUS_OK;
}

enum status store_each_corridor_set(struct store *s, bool (*each)(const struct store_corridor_set *, void *), void *arg, struct error *e)
{
    struct statement *q;
    struct arena a;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(s, "SELECT id FROM corridor_set ORDER BY id", &q, e));
    arena_init(&a, 0);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct store_corridor_set set = {.id = column_int(q, 0)};
        arena_reset(&a);
        status = sets_corridor_features(s, set.id, &a, &set.features, &set.features_n, e);
        go = status == STATUS_OK && each(&set, arg);
    }
    statement_done(q);
    arena_clear(&a);
    return status;
}
