/* A store in memory that answers just what service/tiles asks, so that its tests need no registry.
 */
#ifndef TESTS_UNIT_FAKE_STORE_TILES_H
#define TESTS_UNIT_FAKE_STORE_TILES_H

#include "service/store/totals.h"

enum { FAKE_LAYERS_MAX = 8 };

struct fake_plot {
    struct store_tile_plot plot;
    int64_t change;
};

struct fake_layer {
    struct store_layer layer;
    struct store_layer_feature *features;
    size_t features_n;
};

struct store {
    struct fake_plot *plots;
    size_t plots_n;
    struct fake_layer layers[FAKE_LAYERS_MAX];
    int layers_n;
    struct slope_class_table classes;
    struct arena arena;
    int feature_loads; /* calls of store_each_layer_feature */
    int plot_reads;    /* calls of store_each_tile_plot */
};

/* An empty store with three slope classes 00, 05, 30. */
void fake_store_init(struct store *s);
void fake_store_clear(struct store *s);
/* A plot of this shape; words may be changed afterwards through the result (until the next call).
 */
struct fake_plot *fake_store_plot(struct store *s, const struct boundary *b, int64_t mm2,
                                  int64_t change);
/* A layer of these features, keyed "01", "02", ...; encoded together. */
void fake_store_layer(struct store *s, enum layer_kind kind, const char *level,
                      const struct boundary *features, size_t n, int64_t change);

#endif
