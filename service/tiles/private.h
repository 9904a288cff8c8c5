/* Private to service/tiles: what its files share. */
#ifndef SERVICE_TILES_PRIVATE_H
#define SERVICE_TILES_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "geo/drawing.h"
#include "service/limits.h"
#include "service/store/totals.h"
#include "service/tiles/tiles.h"

enum { TILE_FORMAT = 1 }; /* raise when the bytes of a tile change for the same data */

/* ---- tile_grid.c: one tile's rectangle and the text of its coordinates ---- */

enum {
    GRID_EXTENT = 4096,
    GRID_BUFFER = 64,
    GRID_STEPS = GRID_EXTENT + 2 * GRID_BUFFER + 1,
    GRID_ZOOM_MAX = 14
};

/* One axis: what each column or row is printed as. */
struct grid_axis {
    uint8_t length[GRID_STEPS]; /* 0 = not printed yet */
    char text[GRID_STEPS][16];
};

struct tile_grid {
    int z, decimals;
    uint32_t x, y;
    int64_t west, north, size; /* of the tile, in world units */
    int64_t x0, y0, x1, y1;    /* with the buffer, inclusive */
    int shift;                 /* a step is 2^shift units; 0 = coordinates are not snapped */
    struct grid_axis *lon, *lat;
};

void grid_begin(struct tile_grid *g, int z, uint32_t x, uint32_t y);
/* Coordinates as they are stored, with 7 decimals, from here on; and back to what the zoom wants.
 */
void grid_fine(struct tile_grid *g, bool fine);
/* The tile with its buffer in degrees, open to the poles in the first and last row. */
struct box grid_box(const struct tile_grid *g);
bool grid_is_home(const struct tile_grid *g, struct lonlat anchor);
/* Snaps in place; rings that collapse are left out. */
void grid_snap(const struct tile_grid *g, struct drawing *d);
/* "Polygon" or "MultiPolygon" geometry of a snapped drawing; `"geometry":` is the caller's. */
void grid_polygon(struct tile_grid *g, const struct drawing *d, struct buf *out);
void grid_point(struct tile_grid *g, struct lonlat p, struct buf *out);
/* Whether a box is drawn as a point: under 1.5 pixels both ways. */
bool grid_too_small(const struct tile_grid *g, const struct box *box);

/* ---- tile_simple.c ---- */

/* Whether no rings of a small drawing meet; true without looking above 256 points. */
bool drawing_is_simple(const struct drawing *d);

/* ---- tile_text.c: writing properties ---- */

#define TEXT(out, literal) buf_put((out), (literal), sizeof(literal) - 1)
void text_string(struct buf *out,
                 const char *text);         /* a JSON string or null; fast for plain text */
void text_ha(struct buf *out, int64_t mm2); /* exact */

/* ---- layer_set.c: the features of a regions or corridors layer, loaded once ---- */

struct layer_shape {
    uint32_t id;
    const char *key, *name;
    int64_t area_mm2;
    int32_t x0, y0, x1, y1; /* of all vertices, world units */
    struct box box;
    struct lonlat anchor;
    const unsigned char *drawing;
    size_t drawing_n;
};

struct layer_set {
    atomic_uint references;
    int64_t layer_id;
    struct arena arena;
    struct layer_shape *shapes;
    size_t shapes_n, shapes_max;
};

void layer_set_release(struct layer_set *set);

/* ---- cache.c: built bodies by address ---- */

enum { TILE_LEVEL_MAX = 47 };

struct tile_key {
    uint32_t x, y;
    uint8_t z, layer;
    char level[TILE_LEVEL_MAX + 1];
};

struct body {
    struct tile_body public; /* first: a tile_body is a body */
    atomic_uint references;
    struct tile_key key;
    size_t bytes;
    struct body *chain;         /* next in the same bucket */
    struct body *newer, *older; /* by use */
};

enum { CACHE_BUCKETS = 1 << 14 };

struct cache {
    pthread_mutex_t lock;
    struct body *buckets[CACHE_BUCKETS];
    struct body *newest, *oldest;
    size_t bytes, bytes_max;
};

/* One reference, the caller's. NULL = no memory. */
struct body *body_new(const struct tile_key *key, const char *etag, const void *plain,
                      size_t plain_n, const void *gzip, size_t gzip_n);
void cache_init(struct cache *c, size_t bytes_max);
void cache_clear(struct cache *c);
struct body *cache_find(struct cache *c, const struct tile_key *key,
                        const char *etag); /* a reference, or NULL */
void cache_put(struct cache *c,
               struct body *body); /* takes its own reference; replaces what has the same key */

/* ---- gzip.c ---- */

struct gzip;
struct gzip *gzip_new(void);
void gzip_free(struct gzip *g);
/* Compresses into memory of `a`; *out NULL when it would not be smaller. */
enum status gzip_bytes(struct gzip *g, const void *bytes, size_t n, struct arena *a,
                       unsigned char **out, size_t *out_n, struct error *e) MUST_USE;

/* ---- tiles.c ---- */

/* What one build needs; kept and used again. */
struct tile_scratch {
    struct arena arena;
    struct buf body;
    struct tile_grid grid;
    struct gzip *gzip;
    struct tile_scratch *next;
};

enum { LAYER_SETS = 6 };

struct tiles {
    struct cache cache;
    pthread_mutex_t scratch_lock;
    struct tile_scratch *scratch;
    pthread_mutex_t sets_lock; /* held while a layer is loaded */
    struct layer_set *sets[LAYER_SETS];
};

/* ---- tile_etag.c: which layer, which change ---- */

struct tile_source {
    int64_t change;   /* 0 = never any */
    int64_t layer_id; /* regions, corridors; 0 = no such layer */
    char level[TILE_LEVEL_MAX + 1];
    char etag[80];
};

enum status tile_source_of(struct store *reader, const struct tile_address *at,
                           struct tile_source *out, struct error *e) MUST_USE;
const char *tile_layer_name(enum tile_layer layer);

/* ---- the builders: append a FeatureCollection to scratch->body ---- */

enum status tile_plots_build(struct tile_scratch *s, struct store *reader,
                             const struct tile_source *source, struct error *e) MUST_USE;
enum status tile_layer_build(struct tile_scratch *s, const struct layer_set *set,
                             enum tile_layer layer, const struct tile_source *source,
                             struct error *e) MUST_USE;
/* The set of a layer, loaded when it is the first time; release it. */
enum status layer_set_get(struct tiles *t, struct store *reader, int64_t layer_id,
                          struct layer_set **out, struct error *e) MUST_USE;

#endif
