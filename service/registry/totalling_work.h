/* What totalling.c (rows to groups) and totalling_errors.c (how sure the groups are) share; nobody else includes it. */
#ifndef SERVICE_REGISTRY_TOTALLING_WORK_H
#define SERVICE_REGISTRY_TOTALLING_WORK_H

#include "geo/overlay/overlay.h"
#include "geo/uncertainty.h"
#include "service/registry/totalling.h"

enum { DATUMS_MAX = 64 };

/* How a datum's plots are off together. */
struct datum {
    int epsg;       /* of the files */
    int datum;      /* of the CRS */
    double sigma_m; /* per axis */
};

/* The pieces of the plot at hand, when layers cut it and their errors are known. */
struct cut_plot {
    int pieces_n; /* 0 = no such plot */
    int64_t mm2[UNCERTAINTY_PIECES_MAX];
    double covariance[UNCERTAINTY_PIECES_MAX][UNCERTAINTY_PIECES_MAX];
    struct uncertainty_pull pull[UNCERTAINTY_PIECES_MAX];
    const struct datum *datum; /* NULL = its place is known */
};

struct scan {
    struct totalling *list;
    int n;
    struct cut_plot cut;
    struct datum datums[DATUMS_MAX];
    int datums_n;
    struct lonlat middle; /* of the corridors or regions: where datums are asked for */
    int64_t *selected; /* revision ids, ascending */
    size_t selected_n, selected_capacity;
    size_t next_expected; /* place in selected */
    struct key_set points; /* revisions that are points -> declared mm2 */
    bool failed;
};

/* A part of a plot that errs as a whole: its share of the plot's variance goes to the group. */
void totalling_add_variance(struct total_group *g, const struct store_total_row *row);

/* Of a plot that layers cut: begun at its first row, told each row's piece, each part kept with its group, and settled when the
 * next plot begins. false: no memory. */
void totalling_begin_cut(struct scan *scan, const struct store_total_row *row);
void totalling_note_piece(struct scan *scan, const struct store_total_row *row);
bool totalling_keep_part(struct totalling *t, uint32_t group, const struct store_total_row *row);
bool totalling_settle_cut(struct scan *scan);

/* At the end: what the plots of each datum share is added, after it was summed. */
void totalling_add_shared(const struct scan *scan, struct totalling *t);

#endif
