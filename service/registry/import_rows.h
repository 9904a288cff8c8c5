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
    const char *home;      /* key of the region that the row names, one that exists; NULL = none */
    int64_t plot_id;       /* of the plot that is revised; 0 = new */
    int64_t ended_revision; /* what this row replaces; 0 = nothing */
    struct box ended_box;
    int64_t ended_mm2;
    unsigned char geometry_hash[IDENTITY_HASH_BYTES], content_hash[IDENTITY_HASH_BYTES];

    uint32_t place; /* on the Hilbert curve, of ROW_NEW and ROW_REVISED */
    bool known; /* ROW_REJECTED: an earlier import rejected the same row, which is not kept again */
    enum finding_code held_for; /* ROW_HELD and ROW_REJECTED: the finding that held it; FINDING_CODES_N = unknown */
    struct lonlat held_spot;

    /* computed by a worker for ROW_NEW and ROW_REVISED */
    int64_t area_mm2;
    double area_se_m2;
    double perimeter_m;
    struct lonlat anchor;
    unsigned char *drawing;
    size_t drawing_n;
    struct store_figures figures;
    double declared_share;   /* of it in the region that it names; 1 when it names none */
    bool declared_unknown;   /* it names one that there is not */
    double declared_reach_m; /* how far it reaches out of that, where the share is small */
    const char *attributes;  /* all source columns as one JSON object, in file order */
    enum status status;
    const char *failure;     /* what went wrong, where the status is not STATUS_OK */
};

/* A row that comes from the registry itself (a held row that was decided) in place of files. */
struct import_given {
    /* Reads the row inside the transaction; *file_name and *attributes_json are kept with its revision. */
    enum status (*take)(struct store *s, struct arena *a, struct candidate *out, const char **file_name, const char **attributes_json, void *arg,
                        struct error *e);
    /* Called before the commit with what became of it. */
    enum status (*done)(struct store *s, int64_t import_id, enum row_action action, void *arg, struct error *e);
    const char *source_json; /* a JSON object for the import's list of sources */
    void *arg;
};
/* import_run for one row: decided, computed, stored and committed on the same path. request->files is not used. */
struct import_request;
struct import_report;
enum status import_run_given(const struct import_request *request, const struct import_given *given, struct import_report *report, struct error *e) MUST_USE;

/* What an import remembers of the rows it has already decided. */
struct row_memory {
    struct key_set keys; /* (programme, code) -> content hash */
    struct geo_context *geo;
};

/* Decides a READY candidate against the store and the earlier rows of this import; adds to findings what it has to say through
 * `say`. Held and rejected candidates keep their outcome. Fills action, code, plot_id, ended_*, hashes. */
enum status row_decide(struct store *s, struct row_memory *memory, struct import_row *row, struct arena *a,
                       void (*say)(const struct finding *, void *), void *say_arg, struct error *e) MUST_USE;

/* The IoU from which two boundaries of this area are taken for two walks of one plot: the 5th percentile of two independent walks
 * of one square plot (measured by simulation, 40 vertices, AR(1) 0.9) at this vertex accuracy, 1.5..5 m. */
double row_resurvey_iou(double area_m2, double sigma_m);
/* Vertex accuracy of a boundary that does not tell its own. */
#define ROW_SIGMA_M 3.0

#endif
