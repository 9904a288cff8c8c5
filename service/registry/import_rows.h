/* Private to service/registry: one row on its way through an import, and the decision about it. */
#ifndef SERVICE_REGISTRY_IMPORT_ROWS_H
#define SERVICE_REGISTRY_IMPORT_ROWS_H

#include "geo/overlay/overlay.h"
#include "service/registry/identity.h"
#include "service/store/store.h"

enum row_action { ROW_NEW, ROW_REVISED, ROW_UNCHANGED, ROW_HELD, ROW_REJECTED };

struct import_row {
    struct candidate candidate;
    enum row_action action;
    int64_t programme_id;
    const char *code;      /* the file's, or made from the boundary */
    int64_t plot_id;       /* of the plot that is revised; 0 = new */
    int64_t ended_revision; /* what this row replaces; 0 = nothing */
    struct box ended_box;
    int64_t ended_mm2;
    unsigned char geometry_hash[IDENTITY_HASH_BYTES], content_hash[IDENTITY_HASH_BYTES];

    /* computed by a worker for ROW_NEW and ROW_REVISED */
    int64_t area_mm2;
    double area_se_m2;
    double perimeter_m;
    struct lonlat anchor;
    unsigned char *drawing;
    size_t drawing_n;
    struct store_figures figures;
    enum status status;
    struct error error;
};

/* What an import remembers of the rows it has already decided. */
struct row_memory {
    struct key_set keys; /* (programme, code) -> content hash */
    struct geo_context *geo;
};

/* Decides a READY candidate against the store and the earlier rows of this import; adds to findings what it has to say through
 * `say`. Held and rejected candidates keep their outcome. Fills action, code, plot_id, ended_*, hashes. */
enum status row_decide(struct store *s, struct row_memory *memory, struct import_row *row, struct arena *a,
                       void (*say)(const struct finding *, void *), void *say_arg, struct error *e) MUST_USE;

/* The IoU from which two boundaries of this area are taken for two walks of one plot (GEO.md 2.6, sigma 3 m). */
double row_resurvey_iou(double area_m2);

#endif
