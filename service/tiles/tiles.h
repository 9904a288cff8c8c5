/* Store rows -> tile bytes: GeoJSON tiles of plots, corridors and regions, their ETags, TileJSON,
 * and a cache of built tiles.
 *
 * struct tiles is shared by all threads (one mutex around the cache); each call brings its own
 * store reader. No HTTP here. */
#ifndef SERVICE_TILES_TILES_H
#define SERVICE_TILES_TILES_H

#include "geo/base/buf.h"
#include "service/store/store.h"

enum tile_layer { TILE_PLOTS, TILE_CORRIDORS, TILE_REGIONS, TILE_LAYERS_N };

struct tile_address {
    enum tile_layer layer;
    const char *level; /* regions: which level; NULL = municipality (or the finest there is) from
                          zoom 7, state below: see tiles.c */
    int z;             /* 0 .. LIMIT_TILE_ZOOM_MAX */
    uint32_t x, y;
};

/* A built tile: immutable, reference counted, free of threads. */
struct tile_body {
    const unsigned char *plain;
    size_t plain_n;
    const unsigned char *gzip; /* NULL when not smaller */
    size_t gzip_n;
    char etag[80]; /* with quotes */
};

struct tiles;
struct tiles *tiles_new(size_t cache_mb); /* NULL = no memory */
void tiles_free(struct tiles *t);

/* "plots" -> TILE_PLOTS ...; false when unknown. */
bool tile_layer_parse(const char *name, enum tile_layer *out);
/* The tile's ETag from change numbers alone: one or two lookups, nothing is built. STATUS_INVALID
 * outside z/x/y range. */
enum status tiles_etag(struct tiles *t, struct store *reader, const struct tile_address *at,
                       char etag[80], struct error *e) MUST_USE;
/* From the cache when the ETag is still right (built = false), else built. Release with
 * tile_body_release. An empty tile is a valid empty FeatureCollection. The reader should be in a
 * snapshot (store_snapshot_begin), so that the ETag and the body agree when an import is committed
 * in between. STATUS_INVALID outside the z/x/y range, STATUS_NOT_FOUND for an unknown level. */
enum status tiles_get(struct tiles *t, struct store *reader, const struct tile_address *at,
                      const struct tile_body **out, bool *built, struct error *e) MUST_USE;
/* Only what is cached and fresh by `etag`; NULL otherwise. Never touches the store: for the event
 * loop. */
const struct tile_body *tiles_peek(struct tiles *t, const struct tile_address *at,
                                   const char *etag);
void tile_body_release(const struct tile_body *body);
/* TileJSON 3.0 of a layer; tile URLs begin with `base_url` ("http://127.0.0.1:8080"). */
enum status tiles_json(struct store *reader, enum tile_layer layer, const char *base_url,
                       struct buf *out, struct error *e) MUST_USE;

#endif
