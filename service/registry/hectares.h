/* "How many hectares by ...": the one place where totals are made, for the command and for HTTP
 * alike (promises 1, 2, 4).
 *
 * Sums are over whole mm2 from the stored parts, so they are exact and the same in any order. Each
 * group says sum, distinct (ground counted once) and double-counted. Printed digits add up: JSON
 * and CSV print the exact figures (10 decimals of a hectare), the table rounds to 4 decimals so
 * that the groups' figures still add up to the total's.
 *
 * Distinct is exact for any selection and grouping, but for plots with coarse faces (geo/overlay/overlay.h: more than
 * OVERLAP_DEPTH_MAX different boundaries on one ground, or too many cuts): there it is exact for all plots together and by region,
 * and for a part of them (a programme, a crop) too large by at most what they share there. The import says so: too_many_overlaps. */
#ifndef SERVICE_REGISTRY_HECTARES_H
#define SERVICE_REGISTRY_HECTARES_H

#include "geo/base/buf.h"
#include "service/limits.h"
#include "service/store/store.h"

struct hectares_query {
    const char
        *by[LIMIT_GROUP_BY]; /* region levels present in the registry, programme, organisation,
                                crop, practice, year, slope_class, survey, status, corridor,
                                corridor_name */
    int by_n;
    const char *const *programmes; /* codes; programmes_n 0 = all */
    size_t programmes_n;
    const char *where; /* a condition in CQL2 text (cql2.h); NULL = all plots */
    const char *as_of; /* a moment (as_of.h): the plots as they stood then, by the history; NULL =
                          now. Plots that are still current carry today's regions, corridors and
                          slope; others those of their time */
    bool fresh;      /* from the parts even where the answer is kept (answers.h): the same figures,
                        slower */
    int holders_min; /* suppress groups with fewer producers (public answers); 0 = show all */
};

struct hectares_figures {
    int64_t plots, producers, women;
    int64_t points, declared_mm2; /* plots that are points (counted in plots), and what is declared of
                                     them: in none of the figures below, which are measured */
    int64_t sum_mm2, double_mm2, corridor_mm2, corridor_double_mm2; /* distinct = sum - double */
    int64_t class_mm2[SLOPE_CLASSES_MAX + 1]; /* last entry: no elevation data */
    int64_t expected_mm2[SLOPE_CLASSES_MAX + 1]; /* the same in expectation under the elevation model's error (geo/slope_noise.h) */
    /* NaN = not known for one plot. Plots err independently of each other; what a datum's place on
       WGS84 is not known by moves all its plots alike (totalling.c) */
    double variance_m4;          /* of the sum */
    double corridor_variance_m4; /* of what lies inside corridors */
    int64_t edge_mm2; /* of plots with a corridor's line within its map accuracy: what the map
                         leaves in doubt is not in the variances */
    bool suppressed;
};
struct hectares_group {
    const char *key[LIMIT_GROUP_BY];  /* NULL = in none / not stated */
    const char *name[LIMIT_GROUP_BY]; /* for regions, programmes, organisations; NULL otherwise */
    struct hectares_figures figures;
};
struct hectares {
    struct hectares_query query;   /* as_of as the store's time */
    int64_t as_of_change;          /* with as_of: the newest change then; -1 = before the first */
    struct hectares_group *groups; /* ordered by key, NULL last */
    size_t groups_n;
    struct hectares_figures total;
    struct slope_class_table classes;
    bool expected_known;     /* false: for some ground no vertical error is stated; expected_mm2 mean nothing then */
    const char *terrain;     /* the elevation model in words, "" = none: "Copernicus GLO-30, 2021, 30.7 m cells, ..." */
    int64_t change;          /* of the registry when it was asked */
    char changed_at[24];     /* when that was; "" in an empty registry */
    const char *method_json; /* what the figures rest on: area method, layers and editions, DEM,
                                class table, change */
};

/* Memory of the answer from `a`. STATUS_USAGE: "unknown_dimension" naming the dimensions there are,
 * "bad_filter", "bad_date". */
enum status hectares_compute(struct store *s, const struct hectares_query *query, struct arena *a,
                             struct hectares *out, struct error *e) MUST_USE;
/* Standard errors in ha; NaN = not known. The distinct ground errs as the sum does, hectare for
 * hectare: its variance is the sum's in the proportion of their areas. */
double hectares_se_ha(const struct hectares_figures *f);
double hectares_distinct_se_ha(const struct hectares_figures *f);
double hectares_corridor_se_ha(const struct hectares_figures *f);
void hectares_json(const struct hectares *h, struct buf *out);
/* With the origin in lines that begin with "#" after the figures; hectares_csv_rows leaves those out. */
void hectares_csv(const struct hectares *h, struct buf *out);
void hectares_csv_rows(const struct hectares *h, struct buf *out);
/* What the answer rests on, as pairs of texts: the question, units, methods, layers and editions. false = no memory. */
typedef void hectares_tell(const char *name, const char *value, void *arg);
bool hectares_origin(const struct hectares *h, hectares_tell *tell, void *arg);
/* The command that gives these figures again, also when plots have changed since. */
void hectares_command(const struct hectares *h, struct buf *out);
void hectares_table(const struct hectares *h, struct buf *out);
/* The same as a workbook (hectares_xlsx.c); the same answer gives the same bytes. */
enum status hectares_xlsx(const struct hectares *h, struct buf *out, struct error *e) MUST_USE;
/* Expected hectares of a group or the total: of its own slope class where it is one, else of all classes. */
int64_t hectares_expected_mm2(const struct hectares_figures *f);
/* Whether the question groups by slope class, and the answer knows expected hectares. */
bool hectares_has_expected(const struct hectares *h);
/* Whether dimension i of the answer has names beside its keys (regions, programmes, ...). */
bool hectares_has_name(const struct hectares *h, int dimension);

#endif
