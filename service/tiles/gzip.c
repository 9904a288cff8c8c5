/* gzip by libdeflate: level 6 where a body is small (better than zlib's 6 at twice its speed),
 * level 1 above GZIP_FAST_BYTES, where the time of a miss matters more than a tenth of the size. */
#include <libdeflate.h>
#include <stdlib.h>

#include "service/tiles/private.h"

enum { GZIP_FAST_BYTES = 24 * 1024, GZIP_LEAST_BYTES = 200 };

struct gzip {
    struct libdeflate_compressor *small,
        *fast; /* made when first needed: each takes some hundred kB */
};

struct gzip *gzip_new(void)
{
    return calloc(1, sizeof(struct gzip));
}

void gzip_free(struct gzip *g)
{
    if (!g)
        return;
    libdeflate_free_compressor(g->small);
    libdeflate_free_compressor(g->fast);
    free(g);
}

enum status gzip_bytes(struct gzip *g, const void *bytes, size_t n, struct arena *a,
                       unsigned char **out, size_t *out_n, struct error *e)
{
    *out = NULL;
    *out_n = 0;
    if (n < GZIP_LEAST_BYTES)
        return STATUS_OK;
    const bool fast = n > GZIP_FAST_BYTES;
    struct libdeflate_compressor **c = fast ? &g->fast : &g->small;
    if (!*c && !(*c = libdeflate_alloc_compressor(fast ? 1 : 6)))
        return error_memory(e);
    unsigned char *room = arena_alloc(a, n);
    if (!room)
        return error_memory(e);
    *out_n =
        libdeflate_gzip_compress(*c, bytes, n, room, n - 1); /* 0 = does not fit: not smaller */
    *out = *out_n ? room : NULL;
    return STATUS_OK;
}
