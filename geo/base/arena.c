/* A bump allocator over malloc'ed blocks that double in size; see arena.h. */
#include "geo/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST_BLOCK = 16 * 1024, ARENA_LARGEST_STEP = 4 * 1024 * 1024, ARENA_ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit};
}

static int arena_grow(struct arena *a, size_t need)
{
    size_t size = a->block ? a->block->size * 2 : ARENA_FIRST_BLOCK;
    if (size > ARENA_LARGEST_STEP)
        size = ARENA_LARGEST_STEP;
    if (size < need)
        size = need;
    if (a->limit && (size > a->limit || a->total > a->limit - size))
        return 0;
    struct arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return 0;
    block->next = a->block;
    block->size = size;
    a->block = block;
    a->used = 0;
    a->total += size;
    return 1;
}

/* Not zeroed. */
static void *arena_take(struct arena *a, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size_t step = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if ((!a->block || step > a->block->size - a->used) && !arena_grow(a, step))
        return NULL;
    void *p = a->block->bytes + a->used;
    a->used += step;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *p = arena_take(a, size);
    return p ? memset(p, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

void *arena_memdup(struct arena *a, const void *bytes, size_t size)
{
    void *p = arena_take(a, size);
    if (p && size)
        memcpy(p, bytes, size);
    return p;
}

char *arena_strndup(struct arena *a, const char *text, size_t length)
{
    if (!text)
        return NULL;
    char *p = arena_take(a, length + 1);
    if (p) {
        memcpy(p, text, length);
        p[length] = 0;
    }
    return p;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = length < 0 ? NULL : arena_alloc(a, (size_t)length + 1);
    if (p)
        vsnprintf(p, (size_t)length + 1, format, again);
    va_end(again);
    return p;
}

void arena_reset(struct arena *a)
{
    if (!a->block)
        return;
    struct arena_block *keep = a->block;
    for (struct arena_block *b = keep->next, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    keep->next = NULL;
    a->used = 0;
    a->total = keep->size;
}

void arena_clear(struct arena *a)
{
    for (struct arena_block *b = a->block, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){.limit = a->limit};
}
