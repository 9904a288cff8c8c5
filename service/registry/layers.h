/* Adding a layer of regions, corridors or terrain, and renewing the plots it touches. */
#ifndef SERVICE_REGISTRY_LAYERS_H
#define SERVICE_REGISTRY_LAYERS_H

#include "geo/base/buf.h"
#include "importers/reader.h"
#include "service/store/store.h"

struct layer_request {
    const char *registry;
    enum layer_kind kind;
    const char *const *files; /* one for regions and corridors; one or more for terrain */
    size_t files_n;
    const char *level;        /* regions */
    const char *key, *name;   /* columns; NULL = found by name */
    const char *crs;
    double accuracy_m;        /* corridors; how far the drawn line may be from the true one. NaN = 125 m (half a millimetre at
                                 1:250,000, GEO.md 5.1), for a grid half a cell */
    enum raster_rule raster_rule; /* of a grid: which cells are inside */
    double raster_number;
    const char *raster_names; /* CSV of value, name; NULL = from the file */
    const char *edition;      /* NULL = "" */
    /* terrain */
    const char *model;        /* name of the elevation model; NULL = as its name, edition and file tell (geo/dem_error.h) */
    double vertical_error_m;  /* 1 sigma; NaN = the model's stated one; 0 = none: no expected hectares */
    double vertical_correlation; /* of neighbouring cells' errors; NaN = the model's, or 0 with vertical_error_m */
    const enum slope_kernel *kernel;         /* NULL = as it is; Horn's for a new terrain */
    const struct slope_class_table *classes; /* NULL = as it is */
    void (*progress)(const char *phase, uint64_t done, uint64_t total, void *arg);
    void *progress_arg;
};

struct layer_report {
    int64_t layer_id, features, held, rejected, repaired, area_mm2, plots_recomputed;
    struct finding *findings;
    size_t findings_n;
    struct arena arena;
    struct store_layer layer; /* strings in arena */
};

/* One transaction: the layer, its features and the new figures of all plots it touches, or nothing. */
enum status layer_add(const struct layer_request *request, struct layer_report *report, struct error *e) MUST_USE;
/* Changes what is known of the current terrain (model, edition, vertical error, kernel; NULL and NaN = as it is) and the slope classes, without
 * its files, and computes the plots on it anew. `kind` is LAYER_TERRAIN. Without terrain only the classes can be set. */
enum status layer_set(const struct layer_request *request, struct layer_report *report, struct error *e) MUST_USE;
void layer_report_clear(struct layer_report *report);
/* The members slope_kernel and vertical_error_m (1 sigma; null = not stated), _steep_m (above 20 % slope), _correlation (of neighbours), _source
 * of a terrain. */
void layer_slope_json(const struct store_layer *terrain, struct buf *out);
/* The current layers as a JSON array (also `parcela layer list --format json` and /layers). */
enum status layers_json(struct store *s, struct buf *out, struct error *e) MUST_USE;

#endif
