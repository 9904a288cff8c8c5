/* What of the store is counted and drawn: the rows that totals add up, kept answers, cells and plots of tiles. What store.h says of
 * handles, time and callbacks holds here. */
#ifndef SERVICE_STORE_TOTALS_H
#define SERVICE_STORE_TOTALS_H

#include "service/store/store.h"

/* ---- totals ---- */

/* Region sets and corridor sets are interned: a part row names a set id. */
struct store_region_set {
    int64_t id;
    int levels_n;
    struct { const char *level, *key, *name; } level[8]; /* key NULL = in none */
};
enum status store_each_region_set(struct store *s, bool (*each)(const struct store_region_set *, void *), void *arg, struct error *e) MUST_USE;
struct store_corridor_set {
    int64_t id;
    const uint32_t *features; /* ascending layer feature ids */
    int features_n;
};
enum status store_each_corridor_set(struct store *s, bool (*each)(const struct store_corridor_set *, void *), void *arg, struct error *e) MUST_USE;
/* One part of a current revision with what it can be grouped by. Ascending revision id. Names by the each_word calls. */
struct store_total_row {
    int64_t revision_id, plot_id;
    int64_t programme_id, organisation_id, producer_id;
    char producer_gender; /* an attribute for counting women; never a name. 0 on PUBLIC handles is not needed: allowed */
    const char *crop, *practice; /* main ones or NULL */
    int adoption_year, survey, corridor_verdict;
    bool repaired;
    int64_t region_set, corridor_set; /* corridor_set 0 = in no corridor */
    int slope_class;
    int64_t area_mm2;
    int64_t plot_mm2; /* the whole plot */
    double plot_se_m2; /* its standard error; NaN = not known */
    /* of a plot that layers cut: the piece that the part belongs to (regions and corridors; several slope classes are one piece) */
    int piece; /* -1 = the plot is whole, or this is not known */
    int pieces_n;
    double east_m, north_m;
    const double *covariance; /* with each piece */
    int source_epsg;          /* of the plot's file */
};
/* Plots that are points (their area is 0): what is declared of them; every revision that ever was one. */
enum status store_each_point(struct store *s, bool (*each)(int64_t revision_id, double declared_ha, void *), void *arg, struct error *e) MUST_USE;
struct store_totals_filter {
    const char *const *programmes; /* codes; n 0 = all */
    size_t programmes_n;
    int64_t as_of_change; /* 0 = now; < 0 = before the first change: nothing */
    const struct where *where; /* NULL = all */
};
enum status store_each_total_row(struct store *s, const struct store_totals_filter *filter,
                                 bool (*each)(const struct store_total_row *, void *), void *arg, struct error *e) MUST_USE;
/* Expected hectares by slope class, one piece of ground after the other, ascending revision id, of all revisions that have them; `past`:
 * leaves out those of an earlier class table (the filter's as_of_change is not 0). */
struct store_expected_row {
    int64_t revision_id;
    int64_t region_set, corridor_set;
    int64_t class_mm2[SLOPE_CLASSES_MAX];
};
enum status store_each_expected_row(struct store *s, bool past, bool (*each)(const struct store_expected_row *, void *), void *arg, struct error *e) MUST_USE;
/* Parts of faces with their members; a face's rows come together. */
struct store_face_row {
    int64_t face_id;
    const int64_t *members;
    size_t members_n;
    int64_t region_set, corridor_set;
    int slope_class;
    int64_t area_mm2;
};
enum status store_each_face_row(struct store *s, int64_t as_of_change, bool (*each)(const struct store_face_row *, void *), void *arg, struct error *e) MUST_USE;
/* Finished answers to questions, each of one change; kept by the writer inside the change's transaction, never read when another
 * change is the newest. What the bytes mean is the caller's. */
enum status store_answers_forget(struct store *s, struct error *e) MUST_USE;
enum status store_answer_put(struct store *s, const char *question, int64_t change, const void *bytes, size_t n, struct error *e) MUST_USE;
/* *bytes NULL when there is none of that change; memory from `a`. */
enum status store_answer_get(struct store *s, const char *question, int64_t change, struct arena *a, const char **bytes, size_t *n,
                             struct error *e) MUST_USE;
/* Plots ever made: the number of current plots, or a little more. Immediate. */
enum status store_plots_about(struct store *s, int64_t *out, struct error *e) MUST_USE;
/* id -> code, name of programmes / organisations (kind "programme", "organisation"). */
enum status store_each_word(struct store *s, const char *kind, bool (*each)(int64_t id, const char *code, const char *name, void *), void *arg, struct error *e) MUST_USE;

/* ---- tiles ---- */

/* Overview cells exist for zooms 6..OVERVIEW_ZOOM_MAX: cell (z,x,y) is the web-mercator tile that holds a plot's anchor. A tile
 * of zoom t uses cells of zoom t+6. They are kept with every commit. */
enum { OVERVIEW_ZOOM_MIN = 6, OVERVIEW_ZOOM_MAX = 17, TILE_VERSION_ZOOM_MAX = 12 };
struct store_overview_cell {
    uint32_t x, y;
    int64_t plots;
    int64_t area_mm2, corridor_mm2;
    int64_t class_mm2[SLOPE_CLASSES_MAX]; /* hectares of plots by slope class */
    int64_t nodata_mm2;
};
enum status store_each_overview_cell(struct store *s, int zoom, uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, /* inclusive */
                                     bool (*each)(const struct store_overview_cell *, void *), void *arg, struct error *e) MUST_USE;
/* Plots whose box meets the box, ascending revision id, for drawing. About 1.5 us each. Words may be NULL. */
struct store_tile_plot {
    int64_t plot_id, revision_id;
    const char *code, *programme, *organisation, *crop, *practice;
    int adoption_year, slope_class, corridor_verdict;
    double slope_mean_pct;
    int64_t area_mm2, corridor_mm2;
    struct lonlat anchor;
    struct box box;
    const unsigned char *drawing;
    size_t drawing_n;
};
enum status store_each_tile_plot(struct store *s, const struct box *box, bool (*each)(const struct store_tile_plot *, void *), void *arg, struct error *e) MUST_USE;
/* The highest change that touched the plots of tile z/x/y (its ancestor at TILE_VERSION_ZOOM_MAX when deeper); 0 = never any. */
enum status store_tile_version(struct store *s, int z, uint32_t x, uint32_t y, int64_t *change, struct error *e) MUST_USE;

#endif
