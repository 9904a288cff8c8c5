/* "What would milpa between rows of fruit trees take on these plots?": the planner (geo/milpa.h)
 * over plots of the registry, the same for the command and for HTTP. Slopes are read from the
 * terrain, cell by cell, whatever the class table in use.
 *
 * Soil loss is told as the ratio after / before with its 90 % interval. Only where R, K and C are
 * given are there estimates in t/ha/yr, always with their interval, and a verdict against the
 * tolerable loss that is "undecided" where the interval holds it. */
#ifndef SERVICE_REGISTRY_MILPA_REPORT_H
#define SERVICE_REGISTRY_MILPA_REPORT_H

#include "geo/base/buf.h"
#include "geo/milpa.h"
#include "service/store/store.h"

struct milpa_soil {     /* NaN = not given */
    const char *region; /* R by region and rain; NULL = not given */
    double rain_mm, r, k, c, p, c_after, p_after, tolerable;
};
struct milpa_query {
    const char *plot;      /* a plot's code; NULL = all */
    bool by_id;            /* `plot` is an id where it is written as one and there is such a plot */
    const char *programme; /* NULL = any */
    const char *where;     /* CQL2 text (cql2.h); NULL = all */
    int64_t after, limit;  /* plots with a higher id, at most so many; 0 = all */
    struct milpa_design design;
    bool length_given; /* the slope length was measured: it is taken as exact */
    struct milpa_soil soil;
};
void milpa_query_init(struct milpa_query *q);
/* Sets one of slope_length_m, tree_spacing_m, ls, r_region, rain_mm, r, k, c, p, c_after, p_after,
 * tolerable (also with - for _) from text, kept. STATUS_USAGE, bad_parameter, naming it and its
 * range; STATUS_NOT_FOUND when there is no such parameter. */
enum status milpa_query_set(struct milpa_query *q, const char *name, const char *text,
                            struct error *e) MUST_USE;

struct milpa_line {
    int64_t plot_id, area_mm2;
    const char *code, *programme; /* NULL = none */
    struct milpa_plan plan;
    struct soil_interval before, after; /* t/ha/yr; NaN where not asked or not known */
    enum soil_verdict verdict_before, verdict_after;
};
struct milpa_report {
    struct milpa_query query;
    bool estimates;             /* the factors were given */
    struct rain_erosivity rain; /* where the region was given; region "" otherwise */
    double r;                   /* R in use */
    struct milpa_line *lines;   /* ascending plot id */
    size_t lines_n, lines_capacity;
    bool more;             /* there are plots beyond the limit */
    int64_t plots_unknown; /* without elevation data */
    struct milpa_line
        total; /* areas, rows, trees and ratio; intervals as if all plots erred together */
    int64_t verdicts_before[3], verdicts_after[3];           /* plots by enum soil_verdict */
    const char *terrain, *edition, *slope_kernel;            /* "" = none */
    double cell_m, vertical_error_m, vertical_error_steep_m; /* NaN = not stated */
    int64_t change;
    char changed_at[24];
    struct arena arena; /* strings */
};
/* In the store's snapshot or one of its own. STATUS_NOT_FOUND plot_not_found; STATUS_USAGE for a
 * bad filter, design or incomplete factors. */
enum status milpa_report_make(struct store *s, const struct milpa_query *q,
                              struct milpa_report *out, struct error *e) MUST_USE;
void milpa_report_clear(struct milpa_report *r);

void milpa_report_json(const struct milpa_report *r, struct buf *out);
void milpa_report_cells(const struct milpa_report *r,
                        struct buf *out); /* head, plots and total as CSV */
void milpa_report_csv(const struct milpa_report *r,
                      struct buf *out); /* and what they rest on, in lines that begin with # */
void milpa_report_table(const struct milpa_report *r, struct buf *out);
enum status milpa_report_xlsx(const struct milpa_report *r, struct buf *out,
                              struct error *e) MUST_USE;
/* What the figures rest on, as (name, text) pairs: for the table's foot, the workbook and "method"
 * of the JSON. */
void milpa_report_method(const struct milpa_report *r,
                         void (*each)(const char *name, const char *text, void *arg), void *arg);

#endif
