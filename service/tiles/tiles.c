/* What a request for a tile goes through: its source and ETag, the cache, a build, gzip, the cache
 * again.
 *
 * Levels of regions when none is asked for: from zoom 7 on `municipality` where there is one, else
 * the finest there is; below, `state` where there is one, else the coarsest. */
#include "service/tiles/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/tiles/private.h"

enum { TILE_BYTES_MAX = 64 * 1024 * 1024, SCRATCH_KEEP_BYTES = 4 * 1024 * 1024 };

struct tiles *tiles_new(size_t cache_mb)
{
    struct tiles *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    cache_init(&t->cache, cache_mb * 1024 * 1024);
    pthread_mutex_init(&t->scratch_lock, NULL);
    pthread_mutex_init(&t->sets_lock, NULL);
    return t;
}

static void scratch_free(struct tile_scratch *s)
{
    arena_clear(&s->arena);
    buf_clear(&s->body);
    gzip_free(s->gzip);
    free(s->grid.lon);
    free(s->grid.lat);
    free(s);
}

void tiles_free(struct tiles *t)
{
    if (!t)
        return;
    cache_clear(&t->cache);
    for (struct tile_scratch *s = t->scratch, *next; s; s = next) {
        next = s->next;
        scratch_free(s);
    }
    for (int i = 0; i < LAYER_SETS; i++)
        layer_set_release(t->sets[i]);
    pthread_mutex_destroy(&t->scratch_lock);
    pthread_mutex_destroy(&t->sets_lock);
    free(t);
}

static struct tile_scratch *scratch_new(void)
{
    struct tile_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    arena_init(&s->arena, 0);
    buf_init(&s->body, TILE_BYTES_MAX);
    s->gzip = gzip_new();
    s->grid.lon = calloc(1, sizeof *s->grid.lon);
    s->grid.lat = calloc(1, sizeof *s->grid.lat);
    if (s->gzip && s->grid.lon && s->grid.lat)
        return s;
    scratch_free(s);
    return NULL;
}

static struct tile_scratch *scratch_take(struct tiles *t)
{
    pthread_mutex_lock(&t->scratch_lock);
    struct tile_scratch *s = t->scratch;
    if (s)
        t->scratch = s->next;
    pthread_mutex_unlock(&t->scratch_lock);
    return s ? s : scratch_new();
}

static void scratch_give(struct tiles *t, struct tile_scratch *s)
{
    if (s->body.capacity > SCRATCH_KEEP_BYTES)
        buf_clear(&s->body);
    arena_reset(&s->arena);
    if (s->arena.total > SCRATCH_KEEP_BYTES)
        arena_clear(&s->arena);
    pthread_mutex_lock(&t->scratch_lock);
    s->next = t->scratch;
    t->scratch = s;
    pthread_mutex_unlock(&t->scratch_lock);
}

/* False when the level's name is too long to be one of ours. */
static bool key_of(const struct tile_address *at, struct tile_key *key)
{
    *key =
        (struct tile_key){.x = at->x, .y = at->y, .z = (uint8_t)at->z, .layer = (uint8_t)at->layer};
    if (at->layer != TILE_REGIONS || !at->level)
        return true;
    size_t n = strlen(at->level);
    if (n > TILE_LEVEL_MAX)
        return false;
    memcpy(key->level, at->level, n);
    return true;
}

enum status tiles_etag(struct tiles *t, struct store *reader, const struct tile_address *at,
                       char etag[80], struct error *e)
{
    (void)t;
    struct tile_source source;
    enum status status = tile_source_of(reader, at, &source, e);
    if (!status)
        memcpy(etag, source.etag, sizeof source.etag);
    return status;
}

const struct tile_body *tiles_peek(struct tiles *t, const struct tile_address *at, const char *etag)
{
    struct tile_key key;
    struct body *b = key_of(at, &key) ? cache_find(&t->cache, &key, etag) : NULL;
    return b ? &b->public : NULL;
}

static enum status build(struct tiles *t, struct tile_scratch *s, struct store *reader,
                         const struct tile_address *at, const struct tile_source *source,
                         struct error *e)
{
    struct layer_set *set = NULL;
    enum status status = STATUS_OK;
    buf_reset(&s->body);
    grid_begin(&s->grid, at->z, at->x, at->y);
    if (at->layer == TILE_PLOTS) {
        status = tile_plots_build(s, reader, source, e);
    } else {
        if (source->layer_id)
            status = layer_set_get(t, reader, source->layer_id, &set, e);
        if (!status)
            status = tile_layer_build(s, set, at->layer, source, e);
        layer_set_release(set);
    }
    if (!status && s->body.failed)
        status = error_set(e, STATUS_LIMIT, "tile_too_big", "Look at it from a higher zoom.",
                           "Tile %d/%u/%u would be over %d MB.", at->z, at->x, at->y,
                           TILE_BYTES_MAX >> 20);
    return status;
}

static enum status finish(struct tiles *t, struct tile_scratch *s, const struct tile_key *key,
                          const struct tile_source *source, const struct tile_body **out,
                          struct error *e)
{
    unsigned char *gzip;
    size_t gzip_n;
    arena_reset(&s->arena);
    enum status status =
        gzip_bytes(s->gzip, s->body.bytes, s->body.length, &s->arena, &gzip, &gzip_n, e);
    if (status)
        return status;
    struct body *body = body_new(key, source->etag, s->body.bytes, s->body.length, gzip, gzip_n);
    if (!body)
        return error_memory(e);
    cache_put(&t->cache, body);
    *out = &body->public;
    return STATUS_OK;
}

enum status tiles_get(struct tiles *t, struct store *reader, const struct tile_address *at,
                      const struct tile_body **out, bool *built, struct error *e)
{
    struct tile_key key;
    struct tile_source source;
    *built = false;
    enum status status = tile_source_of(reader, at, &source, e);
    if (!status && !key_of(at, &key))
        status = error_set(e, STATUS_NOT_FOUND, "unknown_level", NULL,
                           "There is no level with so long a name.");
    struct body *cached = status ? NULL : cache_find(&t->cache, &key, source.etag);
    if (cached)
        *out = &cached->public;
    if (status || cached)
        return status;
    struct tile_scratch *s = scratch_take(t);
    status = s ? build(t, s, reader, at, &source, e) : error_memory(e);
    if (!status)
        status = finish(t, s, &key, &source, out, e);
    if (s)
        scratch_give(t, s);
    *built = !status;
    return status;
}
