/* Built tiles by address: a hash table with its entries in the order of use. One mutex, held for a
 * few pointer moves; bodies are reference counted, so a reply may outlive its place in the cache.
 */
#include <stdlib.h>
#include <string.h>

#include "service/tiles/private.h"

struct body *body_new(const struct tile_key *key, const char *etag, const void *plain,
                      size_t plain_n, const void *gzip, size_t gzip_n)
{
    struct body *b = malloc(sizeof *b + plain_n + gzip_n);
    if (!b)
        return NULL;
    *b = (struct body){.key = *key, .bytes = sizeof *b + plain_n + gzip_n};
    unsigned char *bytes = (unsigned char *)(b + 1);
    memcpy(bytes, plain, plain_n);
    if (gzip_n)
        memcpy(bytes + plain_n, gzip, gzip_n);
    b->public.plain = bytes;
    b->public.plain_n = plain_n;
    b->public.gzip = gzip_n ? bytes + plain_n : NULL;
    b->public.gzip_n = gzip_n;
    strncpy(b->public.etag, etag, sizeof b->public.etag - 1);
    atomic_init(&b->references, 1);
    return b;
}

void tile_body_release(const struct tile_body *body)
{
    struct body *b = (struct body *)(uintptr_t)body; /* const to its readers; the count is ours */
    if (b && atomic_fetch_sub_explicit(&b->references, 1, memory_order_acq_rel) == 1)
        free(b);
}

static struct body *keep(struct body *b)
{
    atomic_fetch_add_explicit(&b->references, 1, memory_order_relaxed);
    return b;
}

static size_t bucket_of(const struct tile_key *k)
{
    uint64_t h = ((uint64_t)k->x << 32 | k->y) ^ (uint64_t)(k->z * 4u + k->layer) << 27;
    for (const char *p = k->level; *p; p++)
        h = (h ^ (unsigned char)*p) * 0x100000001B3u;
    h *= 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 40) & (CACHE_BUCKETS - 1);
}

static bool key_equal(const struct tile_key *a, const struct tile_key *b)
{
    return a->x == b->x && a->y == b->y && a->z == b->z && a->layer == b->layer &&
           strcmp(a->level, b->level) == 0;
}

static struct body **slot_of(struct cache *c, const struct tile_key *key)
{
    struct body **slot = &c->buckets[bucket_of(key)];
    while (*slot && !key_equal(&(*slot)->key, key))
        slot = &(*slot)->chain;
    return slot;
}

static void unlink_use(struct cache *c, struct body *b)
{
    *(b->newer ? &b->newer->older : &c->newest) = b->older;
    *(b->older ? &b->older->newer : &c->oldest) = b->newer;
}

static void link_newest(struct cache *c, struct body *b)
{
    b->newer = NULL;
    b->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = b;
    c->newest = b;
}

static void drop(struct cache *c, struct body **slot)
{
    struct body *b = *slot;
    *slot = b->chain;
    unlink_use(c, b);
    c->bytes -= b->bytes;
    tile_body_release(&b->public);
}

void cache_init(struct cache *c, size_t bytes_max)
{
    *c = (struct cache){.bytes_max = bytes_max};
    pthread_mutex_init(&c->lock, NULL);
}

void cache_clear(struct cache *c)
{
    while (c->oldest)
        drop(c, slot_of(c, &c->oldest->key));
    pthread_mutex_destroy(&c->lock);
}

struct body *cache_find(struct cache *c, const struct tile_key *key, const char *etag)
{
    pthread_mutex_lock(&c->lock);
    struct body *b = *slot_of(c, key);
    if (b && strcmp(b->public.etag, etag) == 0) {
        unlink_use(c, b);
        link_newest(c, b);
        keep(b);
    } else {
        b = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    return b;
}

void cache_put(struct cache *c, struct body *body)
{
    if (body->bytes > c->bytes_max)
        return;
    pthread_mutex_lock(&c->lock);
    struct body **slot = slot_of(c, &body->key);
    if (*slot)
        drop(c, slot);
    while (c->bytes + body->bytes > c->bytes_max)
        drop(c, slot_of(c, &c->oldest->key));
    slot = slot_of(c, &body->key); /* the chain may have changed */
    body->chain = NULL;
    *slot = keep(body);
    link_newest(c, body);
    c->bytes += body->bytes;
    pthread_mutex_unlock(&c->lock);
}
