/* Memory that dies together: one arena per request, row or worker, reset when it is done.
 * Not thread-safe: one arena belongs to one thread at a time. */
#ifndef GEO_BASE_ARENA_H
#define GEO_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block; /* newest first */
    size_t used;               /* bytes used in the newest block */
    size_t limit;              /* no more than this many bytes in all; 0 = no limit */
    size_t total;              /* bytes held from malloc */
};

/* An empty arena; `limit` in bytes, 0 for none. Nothing is allocated yet. */
void arena_init(struct arena *a, size_t limit);
/* Zeroed memory, 16-byte aligned, or NULL when out of memory or over the limit. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* The same for `count` items of `size` bytes, NULL on overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy of the NUL-terminated text (NULL gives NULL). */
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t length);
void *arena_memdup(struct arena *a, const void *bytes, size_t size);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Gives everything back but one block, which is kept for the next use. */
void arena_reset(struct arena *a);
/* Gives everything back. */
void arena_clear(struct arena *a);

#endif
