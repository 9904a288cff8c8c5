/* Tiles of 10 kB of invented text. Zoom 13 takes FAKE_SLOW_MS to build; zoom 17 fails inside. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "service/tiles/tiles.h"
#include "tests/http/fake_rooms.h"

enum { BODY_BYTES = 10000 };

struct tiles {
    int nothing;
};
struct fake_body {
    struct tile_body body; /* first */
    _Atomic int references;
    char text[BODY_BYTES + 1];
};
/* "ok\n" as a stored gzip member: enough to see which coding was sent. */
static const unsigned char gzip_bytes[] = {
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0xcf, 0xe6, 2, 0, 0x47, 0xdd, 0xdc, 0x79, 3, 0, 0, 0};

struct tiles *tiles_new(size_t cache_mb)
{
    (void)cache_mb;
    return calloc(1, sizeof(struct tiles));
}

void tiles_free(struct tiles *t)
{
    free(t);
}

bool tile_layer_parse(const char *name, enum tile_layer *out)
{
    static const char *const names[] = {"plots", "corridors", "regions"};
    for (int i = 0; i < TILE_LAYERS_N; i++)
        if (!strcmp(name, names[i])) {
            *out = (enum tile_layer)i;
            return true;
        }
    return false;
}

/* Tiles of zoom 9 never change; the others with every change. */
enum status tiles_etag(struct tiles *t, struct store *reader, const struct tile_address *at,
                       char etag[80], struct error *e)
{
    (void)t;
    (void)reader;
    (void)e;
    snprintf(etag, 80, "\"t%d-%d-%u-%u-%lld\"", (int)at->layer, at->z, at->x, at->y,
             at->z == 9 ? 1 : (long long)fake_change);
    return STATUS_OK;
}

enum status tiles_get(struct tiles *t, struct store *reader, const struct tile_address *at,
                      const struct tile_body **out, bool *built, struct error *e)
{
    *built = true;
    if (at->level && !strcmp(at->level, "none"))
        return error_set(e, STATUS_NOT_FOUND, "no_such_level", "use state",
                         "there is no level none");
    if (at->z == 17)
        return error_set(e, STATUS_INTERNAL, "geos_broke", NULL, "TopologyException in /usr/lib");
    if (at->z == 13)
        nanosleep(&(struct timespec){.tv_nsec = FAKE_SLOW_MS * 1000000L}, NULL);
    struct fake_body *b = calloc(1, sizeof *b);
    if (!b)
        return error_memory(e);
    b->references = 1;
    memset(b->text, ' ', BODY_BYTES);
    snprintf(b->text, BODY_BYTES,
             "{\"type\":\"FeatureCollection\",\"change\":%lld,\"features\":[]}",
             (long long)fake_change);
    b->text[strlen(b->text)] = ' ';
    b->body.plain = (const unsigned char *)b->text;
    b->body.plain_n = BODY_BYTES;
    b->body.gzip = gzip_bytes;
    b->body.gzip_n = sizeof gzip_bytes;
    *out = &b->body;
    return tiles_etag(t, reader, at, b->body.etag, e);
}

void tile_body_release(const struct tile_body *body)
{
    struct fake_body *b = (struct fake_body *)(uintptr_t)body;
    if (atomic_fetch_sub(&b->references, 1) == 1)
        free(b);
}

enum status tiles_json(struct store *reader, enum tile_layer layer, const char *base_url,
                       struct buf *out, struct error *e)
{
    (void)reader;
    (void)e;
    buf_printf(out, "{\"tilejson\":\"3.0.0\",\"tiles\":[\"%s/tiles/%d/{z}/{x}/{y}.geojson\"]}",
               base_url, (int)layer);
    return STATUS_OK;
}
