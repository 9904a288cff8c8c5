/* Private to geo/overlay: what a geo_context holds, and the cache of layer pieces in it. */
#ifndef GEO_OVERLAY_CONTEXT_H
#define GEO_OVERLAY_CONTEXT_H

#include "geo/overlay/overlay.h"

#include <geos_c.h>

/* Layer pieces as GEOS geometries are made on demand and kept per context, because GEOS geometries
 * compute their envelopes lazily and so must not be shared by threads. Bounded by entries and by
 * vertices. */
enum { PIECE_CACHE_ENTRIES = 64, PIECE_CACHE_VERTICES_MAX = 400000 };

struct cached_piece {
    uint64_t index_serial; /* never reused, so that entries of a freed index cannot match */
    uint64_t used;         /* tick of the last use */
    uint32_t cell, feature;
    uint32_t vertices;
    GEOSGeometry *geometry; /* NULL = nothing of the feature is there */
    bool taken;
};

/* How one feature of a layer lies to the plot at hand (geo/overlay/near.c). */
struct near_feature {
    uint32_t feature;
    uint32_t parts_inside; /* of the plot's parts, by their first points */
    bool cut;              /* its border meets the plot, as far as cheap arithmetic can tell */
    bool contains;         /* no border meets the plot and the plot lies in it */
    bool edge;             /* its border comes within the accuracy asked for */
};

/* Edges points[start+i] -> points[start+i+1], i < n, of one ring of the plot at hand. */
struct edge_block {
    struct box box;
    uint32_t start, n;
};

struct geo_context {
    GEOSContextHandle_t geos;
    char message[256]; /* GEOS' last complaint */
    struct cached_piece pieces[PIECE_CACHE_ENTRIES];
    uint64_t tick;
    uint64_t cached_vertices;
    struct arena scratch; /* of one call of overlap_faces_of */
    struct near_feature *near; /* scratch of near.c */
    size_t near_n, near_room;
    struct lonlat *scaled; /* the same: the plot's points in metres */
    size_t scaled_room;
    struct edge_block *blocks; /* the same: the plot's edges */
    size_t blocks_n, blocks_room;
};

/* STATUS_INTERNAL with GEOS' last complaint; `what` says what was being done. */
enum status geos_failed(struct geo_context *g, const char *code, const char *what, struct error *e);

#endif
