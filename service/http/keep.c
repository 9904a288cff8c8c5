/* Replies kept by the event loop: a hash table with the least recently used at the end of a list,
 * bounded in bytes and entries. Used by the loop thread alone, so there is no lock. The hash is
 * seeded so that no client can aim for one chain. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "service/http/internal.h"

enum { BUCKETS = 4096 }; /* power of two */

struct entry {
    struct entry *chain;         /* next in the bucket */
    struct entry *newer, *older; /* by last use */
    struct http_reply *reply;
    size_t bytes;
    uint64_t hash;
    char key[];
};

struct http_keep {
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes, bytes_max, entries, entries_max;
    uint64_t seed;
};

struct http_keep *http_keep_new(size_t bytes_max, size_t entries_max)
{
    struct http_keep *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->bytes_max = bytes_max;
    k->entries_max = entries_max;
    if (getrandom(&k->seed, sizeof k->seed, GRND_NONBLOCK) != sizeof k->seed)
        k->seed = (uint64_t)(uintptr_t)k;
    return k;
}

/* FNV-1a (Fowler, Noll, Vo) from a random start, folded. */
static uint64_t hash_of(const struct http_keep *k, const char *key)
{
    uint64_t h = 14695981039346656037u ^ k->seed;
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return h ^ h >> 29;
}

static void unlink_use(struct http_keep *k, struct entry *e)
{
    *(e->newer ? &e->newer->older : &k->newest) = e->older;
    *(e->older ? &e->older->newer : &k->oldest) = e->newer;
}

static void link_newest(struct http_keep *k, struct entry *e)
{
    e->newer = NULL;
    e->older = k->newest;
    *(k->newest ? &k->newest->newer : &k->oldest) = e;
    k->newest = e;
}

static void drop(struct http_keep *k, struct entry *e)
{
    struct entry **at = &k->buckets[e->hash % BUCKETS];
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    unlink_use(k, e);
    k->bytes -= e->bytes;
    k->entries--;
    http_reply_unref(e->reply);
    free(e);
}

static struct entry *find(struct http_keep *k, const char *key, uint64_t hash)
{
    for (struct entry *e = k->buckets[hash % BUCKETS]; e; e = e->chain)
        if (e->hash == hash && !strcmp(e->key, key))
            return e;
    return NULL;
}

struct http_reply *http_keep_find(struct http_keep *k, const char *key, int64_t stamp)
{
    struct entry *e = find(k, key, hash_of(k, key));
    if (!e)
        return NULL;
    if (http_reply_stamp(e->reply) != stamp) {
        drop(k, e);
        return NULL;
    }
    if (e != k->newest) {
        unlink_use(k, e);
        link_newest(k, e);
    }
    return e->reply;
}

void http_keep_put(struct http_keep *k, const char *key, struct http_reply *r)
{
    uint64_t hash = hash_of(k, key);
    struct entry *e = find(k, key, hash);
    if (e)
        drop(k, e);
    size_t key_n = strlen(key) + 1, bytes = sizeof *e + key_n + http_reply_bytes(r);
    if (bytes > k->bytes_max / 4 || !(e = malloc(sizeof *e + key_n)))
        return;
    while (k->oldest && (k->bytes + bytes > k->bytes_max || k->entries >= k->entries_max))
        drop(k, k->oldest);
    *e = (struct entry){
        .reply = r, .bytes = bytes, .hash = hash, .chain = k->buckets[hash % BUCKETS]};
    memcpy(e->key, key, key_n);
    http_reply_ref(r);
    k->buckets[hash % BUCKETS] = e;
    link_newest(k, e);
    k->bytes += bytes;
    k->entries++;
}

void http_keep_free(struct http_keep *k)
{
    if (!k)
        return;
    while (k->oldest)
        drop(k, k->oldest);
    free(k);
}
