/* What the files of the store share and nobody else sees: the handle, prepared statements, geometry
 * blobs, and the counts that are gathered in memory during a transaction and written at its end
 * (overview cells, tile versions, box index).
 *
 * Rule of SQL: every statement is a string literal, its address is the key of the statement cache,
 * values are bound. */
#ifndef SERVICE_STORE_PRIVATE_H
#define SERVICE_STORE_PRIVATE_H

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "geo/base/buf.h"
#include "geo/base/key_set.h"
#include "service/store/totals.h"

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status = (call);                                                           \
        if (try_status != STATUS_OK)                                                               \
            return try_status;                                                                     \
    } while (0)

enum {
    STATEMENTS_MAX = 256,
    CLASSES_N = SLOPE_CLASSES_MAX + 1
}; /* the last one: no elevation data */

/* ---- statements (statement.c) ---- */

struct statement {
    const char *sql;
    sqlite3_stmt *stmt;
    bool busy; /* taken and not yet done: a second taker gets another one */
    int bind_rc;
};

/* The prepared statement of a string literal, reset, all parameters to be bound. Give back with
 * statement_done. */
enum status statement_take(struct store *s, const char *sql, struct statement **out,
                           struct error *e) MUST_USE;
void statement_done(struct statement *q); /* NULL allowed */
/* The next row (*row = true) or the end (*row = false). Does not give the statement back. */
enum status statement_next(struct store *s, struct statement *q, bool *row,
                           struct error *e) MUST_USE;
/* Runs to the end and gives back. */
enum status statement_run(struct store *s, struct statement *q, struct error *e) MUST_USE;
void statements_close(struct store *s);
/* A statement whose text is not a literal (where.c), outside the cache; end with statement_drop. */
enum status statement_make(struct store *s, const char *sql, struct statement *out,
                           struct error *e) MUST_USE;
void statement_drop(struct statement *q); /* one that was never made is allowed: all zero */
/* Text without parameters: pragmas, BEGIN. Not cached; rows are ignored. */
enum status store_exec(struct store *s, const char *sql, struct error *e) MUST_USE;
/* The first column of the first row of a cached statement with up to two integer parameters;
 * `absent` when no row. */
enum status store_int(struct store *s, const char *sql, int64_t p1, int64_t absent, int64_t *out,
                      struct error *e) MUST_USE;
/* The failure of the last call on the connection as a status, with SQLite's word for it but no SQL.
 */
enum status store_sql_error(struct store *s, int rc, struct error *e);

void bind_int(struct statement *q, int at, int64_t value);
void bind_int_or_null(struct statement *q, int at, int64_t value); /* 0 -> NULL */
void bind_real(struct statement *q, int at, double value);         /* NaN -> NULL */
void bind_text(struct statement *q, int at, const char *text);     /* NULL -> NULL; not copied */
void bind_blob(struct statement *q, int at, const void *bytes, size_t n);
static inline int64_t column_int(struct statement *q, int at)
{
    return sqlite3_column_int64(q->stmt, at);
}
double column_real(struct statement *q, int at); /* NULL -> NaN */
static inline const char *column_text(struct statement *q, int at)
{
    return (const char *)sqlite3_column_text(q->stmt, at);
}
/* Into the arena; NULL stays NULL, no memory sets *failed. */
const char *column_strdup(struct statement *q, int at, struct arena *a, bool *failed);

/* ---- conditions (where.c) ---- */

enum { WHERE_VALUES_MAX = 512 };
struct where_sql {
    struct buf text;
    int first; /* number of the first parameter of the condition */
    int values_n;
    struct where_value values[WHERE_VALUES_MAX];
};
/* `before`, the condition over "revision r" in parentheses, `after`. The caller clears out->text,
 * also after a failure; texts are the tree's or in `a` and must live as long as they are bound.
 * STATUS_USAGE, code "bad_filter": an unknown property (the remedy names those there are) or a
 * value that does not fit it. */
enum status where_compile(struct store *s, const struct where *w, const char *before,
                          const char *after, int first, struct arena *a, struct where_sql *out,
                          struct error *e) MUST_USE;
void where_bind(struct statement *q, const struct where_sql *sql);

/* ---- SpatiaLite geometry blobs (blob.c) ---- */

size_t blob_size(const struct boundary *b);
void blob_encode(const struct boundary *b, unsigned char *out); /* blob_size() bytes */
bool blob_box(const void *bytes, size_t n, struct box *out); /* from the header, without decoding */
enum status blob_decode(const void *bytes, size_t n, struct arena *a, struct boundary *out,
                        struct error *e) MUST_USE;
/* Binds an encoded geometry (NULL for one without points) using the handle's scratch memory, valid
 * until the next call. */
enum status bind_boundary(struct store *s, struct statement *q, int at, const struct boundary *b,
                          struct error *e) MUST_USE;

/* ---- the box index idx_revision_geom (boxes.c) ---- */

struct boxed_row {
    int64_t id;
    float west, south, east, north; /* rounded outwards */
};
struct pending_boxes { /* bulk transactions only */
    struct boxed_row *rows;
    size_t n, capacity;
};
enum status boxes_add(struct store *s, int64_t revision_id, const struct box *box,
                      struct error *e) MUST_USE;
enum status boxes_flush(struct store *s, struct error *e) MUST_USE;
/* ?1..?4 of BOXES_QUERY_SQL */
void bind_box(struct statement *q, const struct box *box);
/* Ids of revisions (current or not) whose stored box meets `box`, ascending; *ids is the caller's
 * to free(). */
enum status boxes_query(struct store *s, const struct box *box, int64_t **ids, size_t *n,
                        struct error *e) MUST_USE;

/* Hot queries, here so that the tests can ask for their plans. The R*Tree is named directly:
 * SpatiaLite's SpatialIndex table costs milliseconds per query (PLATFORM facts: 1.8 ms against 0.03
 * ms). */
#define BOXES_QUERY_SQL                                                                            \
    "SELECT pkid FROM idx_revision_geom WHERE xmax >= ?1 AND xmin <= ?2 AND ymax >= ?3 AND ymin "  \
    "<= ?4"
#define OVERVIEW_QUERY_SQL                                                                         \
    "SELECT cell, plots, area_mm2, corridor_mm2, classes FROM overview_cell "                      \
    "WHERE zoom = ?1 AND cell BETWEEN ?2 AND ?3 ORDER BY cell"
#define TOTALS_SQL                                                                                 \
    "SELECT id, plot_id, programme_id, organisation_id, producer_id, crop, practice, "             \
    "adoption_year, survey, corridor_verdict, area_mm2, area_se_m2 FROM revision "                 \
    "INDEXED BY revision_current "                                                                 \
    "WHERE to_change IS NULL ORDER BY id"
#define ERRORS_SQL                                                                                 \
    "SELECT revision_id, region_set, corridor_set, piece, east_m, north_m, covariance, epsg FROM " \
    "part_error ORDER BY revision_id, region_set, corridor_set"
#define PARTS_SQL                                                                                  \
    "SELECT revision_id, region_set, corridor_set, slope_class, area_mm2 FROM part ORDER BY "      \
    "revision_id, region_set, corridor_set, slope_class"
/* IN makes a sorted list of the ids first: rows come in ascending id (tests/unit/test_store_plots.c
 * holds it to that), and one statement for all costs half of one per id. */
#define TILE_PLOTS_SQL                                                                             \
    "SELECT id, plot_id, code, programme_id, organisation_id, crop, practice, adoption_year, "     \
    "slope_class, corridor_verdict, slope_mean_pct, area_mm2, corridor_mm2, anchor_lon, "          \
    "anchor_lat, drawing, geom FROM revision WHERE id IN (" BOXES_QUERY_SQL ") AND "               \
    "+to_change IS NULL"
#define ITEMS_IN_BOX_SQL                                                                           \
    "SELECT r.id, r.plot_id, r.programme_id, "                                                     \
    "i.xmin >= ?1 AND i.xmax <= ?2 AND i.ymin >= ?3 AND i.ymax <= ?4 FROM idx_revision_geom i "    \
    "CROSS JOIN revision r INDEXED BY revision_current ON r.id = i.pkid AND r.to_change IS NULL "  \
    "WHERE i.xmax >= ?1 AND i.xmin <= ?2 AND i.ymax >= ?3 AND i.ymin <= ?4"
#define PLOT_FIND_SQL                                                                              \
    "SELECT p.id, r.id, r.geometry_hash, r.content_hash, r.area_mm2, r.geom FROM plot p "          \
    "LEFT JOIN revision r ON r.id = p.current_revision_id WHERE p.code = ?1 AND p.programme_id = " \
    "?2"
#define SAME_GEOMETRY_SQL                                                                          \
    "SELECT id, plot_id, geometry_hash, content_hash, area_mm2, geom FROM revision INDEXED BY "    \
    "revision_by_geometry WHERE geometry_hash = ?1 AND to_change IS NULL AND programme_id = ?2 "   \
    "ORDER BY id"

/* ---- counts gathered during a transaction ---- */

/* What a current revision adds to overview cells. */
struct weight {
    struct lonlat anchor;
    struct box box;
    int64_t area_mm2, corridor_mm2;
    int64_t class_mm2[CLASSES_N];
};
struct overview_delta {
    uint64_t key; /* cell << 5 | field */
    int64_t value;
};
struct overview_log {
    struct overview_delta *deltas;
    size_t n, capacity;
};
struct tile_touches {
    uint64_t *slots; /* open addressing; 0 = empty, else zoom << 40 | tile, plus 1 */
    size_t n, capacity;
    uint64_t
        last[16]; /* per zoom: touched just now, most plots touch the same tile as the one before */
    int64_t change;
};
/* +1: a revision became current, -1: it stopped being so. Also touches its tiles. */
enum status weight_count(struct store *s, const struct weight *w, int sign, int64_t change,
                         struct error *e) MUST_USE;
enum status weight_load(struct store *s, int64_t revision_id, struct weight *out,
                        struct error *e) MUST_USE;
void weight_of_figures(const struct store_figures *f, struct weight *w); /* corridor and classes */
struct part_row;
void weight_of_rows(const struct part_row *rows, size_t n, struct weight *w); /* classes */
enum status overview_add(struct store *s, const struct weight *w, int sign,
                         struct error *e) MUST_USE;
enum status overview_flush(struct store *s, struct error *e) MUST_USE;
/* Columns plots, area_mm2, corridor_mm2, classes from `first` on, added to the cell; false =
 * damaged. */
bool overview_add_row(struct statement *q, int first, struct store_overview_cell *cell);
enum status tile_touch(struct store *s, const struct box *box, int64_t change,
                       struct error *e) MUST_USE;
enum status tile_touches_flush(struct store *s, struct error *e) MUST_USE;

/* Web-mercator tile of a position at a zoom <= 30, latitude clamped. */
void mercator_tile(struct lonlat p, int zoom, uint32_t *x, uint32_t *y);
/* Position on the web-mercator world, 0..1, y down. */
void mercator_unit(struct lonlat p, double *x, double *y);
uint64_t morton(uint32_t x, uint32_t y); /* bits interleaved, y in the higher of each pair */
void morton_split(uint64_t code, uint32_t *x, uint32_t *y);

/* ---- rows inserted some at a time (rows.c) ---- */

enum rows_table {
    ROWS_PRODUCER,
    ROWS_PLOT,
    ROWS_REVISION,
    ROWS_SOURCE,
    ROWS_PART,
    ROWS_CORRIDOR,
    ROWS_EXPECTED,
    ROWS_PART_ERROR,
    ROWS_FINDING,
    ROWS_FACE,
    ROWS_FACE_MEMBER,
    ROWS_FACE_PART,
    ROWS_OVERVIEW,
    ROWS_BOX,
    ROWS_TABLES_N
};
struct row_value {
    int type;   /* SQLITE_INTEGER, ... */
    bool fresh; /* to be bound: differs from what the statement has of the rows before */
    union {
        int64_t integer;
        double real;
        size_t at; /* in bytes */
    };
    size_t n;
};
struct pending_rows {
    enum rows_table table;
    struct row_value *values; /* of n rows; NULL = none yet */
    struct row_value *next;   /* of the row at hand; NULL = no memory */
    size_t n;
    struct buf bytes; /* texts and blobs */
    char *insert[2];  /* statements of one row and of as many as are written at once */
};
/* A row is begun, gets one value after the other in the order of TABLES, and is ended. Values are
 * copied. */
struct pending_rows *row_begin(struct store *s, enum rows_table table);
void row_int(struct pending_rows *p, int64_t value);
void row_int_or_null(struct pending_rows *p, int64_t value); /* 0 -> NULL */
void row_real(struct pending_rows *p, double value);         /* NaN -> NULL */
void row_text(struct pending_rows *p, const char *text);
void row_blob(struct pending_rows *p, const void *bytes, size_t n);
void row_boundary(struct pending_rows *p, const struct boundary *b);
enum status row_end(struct store *s, struct pending_rows *p, struct error *e) MUST_USE;
enum status rows_write(struct store *s, struct pending_rows *p, struct error *e) MUST_USE;
enum status rows_flush(struct store *s, struct error *e) MUST_USE; /* all tables */
void rows_forget(struct store *s);
void rows_close(struct store *s);

struct part_row {
    int64_t owner_id, region_set, corridor_set, slope_class, area_mm2;
};

/* ---- interned sets (sets.c) ---- */

struct set_slot {
    uint64_t hash;
    int64_t id; /* 0 = empty */
    uint32_t at, n;
};
struct set_cache {
    struct set_slot *slots;
    size_t n, capacity;
    uint32_t *values;
    size_t values_n, values_capacity;
};
struct sets {
    struct set_cache regions, corridors;                 /* features -> id */
    struct set_cache region_features, corridor_features; /* id -> features */
    char levels[8][64];                                  /* current region levels in order */
    int levels_n;                                        /* -1 = not read */
};
enum status sets_region(struct store *s, const uint32_t *features, int levels_n, int64_t *id,
                        struct error *e) MUST_USE;
enum status sets_corridor(struct store *s, const uint32_t *features, int n, int64_t *id,
                          struct error *e) MUST_USE;
void sets_forget(struct store *s); /* after a rollback or a change of layers */
/* Reads the current levels; forgets what was kept when they changed. Once per reading call. */
enum status sets_refresh(struct store *s, struct error *e) MUST_USE;
/* The features of a set in the arena: entries as in struct store_part. */
enum status sets_region_features(struct store *s, int64_t id, struct arena *a,
                                 const uint32_t **features, int *n, struct error *e) MUST_USE;
enum status sets_corridor_features(struct store *s, int64_t id, struct arena *a,
                                   const uint32_t **features, int *n, struct error *e) MUST_USE;
/* current region layers, state < municipality < others by name */
#define LAYER_ORDER                                                                                \
    "CASE kind WHEN 'regions' THEN 0 WHEN 'corridors' THEN 1 ELSE 2 END, "                         \
    "CASE level WHEN 'state' THEN 0 WHEN 'municipality' THEN 1 ELSE 2 END, level"

/* ---- words kept in memory by id, for drawing (words.c) ---- */

struct word_list {
    char **text; /* by id; NULL = unknown */
    size_t n;
};
/* The code of a programme or the name of an organisation; NULL for id 0. */
enum status word_programme(struct store *s, int64_t id, const char **out, struct error *e) MUST_USE;
enum status word_organisation(struct store *s, int64_t id, const char **out,
                              struct error *e) MUST_USE;
void words_forget(struct store *s);
/* Ids of words asked for by an import row after row, by hash. */
enum { KNOWN_WORDS = 64 };
struct known_word {
    char *text;
    int64_t id;
};

/* ---- figures (figures.c) ---- */

/* The columns of a revision that are its figures, each behind `r` ("" or the table's "r."), for
 * figures_read from the first of them on. */
#define FIGURES_COLUMNS(r)                                                                         \
    r "corridor_mm2, " r "corridor_verdict, " r "slope_class, " r "slope_mean_pct, " r             \
      "slope_max_pct, " r "slope_p10_pct, " r "slope_p50_pct, " r "slope_p90_pct, " r              \
      "slope_nodata, " r "surface_mm2, " r "layers_change"
enum { FIGURES_COLUMNS_N = 11 };
void figures_read(struct statement *q, int first, struct store_figures *f);

/* epsg: of the file that the revision came from. */
enum status figures_write(struct store *s, int64_t revision_id, int epsg, const struct store_figures *f,
                          struct error *e) MUST_USE;
/* Expected hectares by slope class (expected.c): written for a revision that has none, read as their sum. */
enum status expected_write(struct store *s, int64_t revision_id, const struct store_figures *f,
                           struct error *e) MUST_USE;
enum status expected_read(struct store *s, int64_t revision_id, struct arena *a,
                          struct store_figures *out, struct error *e) MUST_USE;
/* The parts of a revision or a face as rows: in the order of the table's key, parts of one key
 * added up. Writes *n rows to `rows` (room for all parts). */
enum status parts_to_rows(struct store *s, int64_t owner_id, const struct store_part *parts,
                          size_t *n, struct part_row *rows, struct error *e) MUST_USE;
enum status face_parts_write(struct store *s, int64_t face_id, const struct store_part *parts, size_t parts_n,
                             struct error *e) MUST_USE; /* faces.c */
/* A row of ROWS_PART or ROWS_FACE_PART. */
enum status part_add(struct store *s, enum rows_table table, const struct part_row *row,
                     struct error *e) MUST_USE;
enum status figures_read_parts(struct store *s, int64_t revision_id, struct arena *a,
                               struct store_figures *out, struct error *e) MUST_USE;

/* ---- revisions (revisions.c) ---- */

/* Sets to_change (0 = current again) and counts the revision out or in. */
enum status revision_end(struct store *s, int64_t revision_id, int64_t to_change, int64_t change,
                         struct error *e) MUST_USE;
enum status plot_set_current(struct store *s, int64_t plot_id, int64_t revision_id,
                             struct error *e) MUST_USE;

/* ---- lists of plots (plots.c), for items.c ---- */

struct id_list {
    int64_t *ids; /* free() */
    size_t n, capacity;
};
enum status id_add(struct id_list *list, int64_t id, struct error *e) MUST_USE;
struct current_query {
    int64_t programme_id; /* -1 = all */
    const struct box *box;
    bool (*each)(const struct store_current *, void *);
    void *arg;
};
/* The current revisions whose exact box meets the box, ascending revision id. */
enum status each_in_box(struct store *s, const struct current_query *c, struct error *e) MUST_USE;
/* The plots with these ids; the arena is reset with each. */
enum status each_plot_of(struct store *s, const int64_t *ids, size_t n, struct arena *a,
                         bool (*each)(const struct store_plot *, void *), void *arg,
                         struct error *e) MUST_USE;
/* Begins a snapshot unless the call is inside one already; *own says whether to end it. */
enum status own_snapshot(struct store *s, bool *own, struct error *e) MUST_USE;

/* ---- the handle ---- */

enum { TRIGGERS_MAX = 24, STORE_BUSY_MS = 5000 };
enum store_index { INDEX_BY_GEOMETRY, INDEX_BY_NAME, INDEXES_N };

struct store {
    sqlite3 *db;
    void *spatial; /* SpatiaLite's state; writer only: readers need none of its functions */
    enum store_mode mode;
    int lock_fd;
    char folder[STORE_PATH_MAX];
    char uuid[40];
    bool transaction, bulk, snapshot;
    bool alone; /* in store_begin_load's way of writing */
    int64_t next_revision, next_plot, next_producer, next_face; /* inside a transaction */
    struct statement statements[STATEMENTS_MAX];
    char *triggers[TRIGGERS_MAX]; /* SQL of triggers dropped for a bulk transaction, put back at commit */
    int triggers_n;
    struct pending_boxes boxes;
    struct pending_rows rows[ROWS_TABLES_N];
    bool rows_waiting;
    struct overview_log overview;
    struct tile_touches touches;
    struct sets sets;
    struct word_list programmes, organisations;
    struct known_word known_programmes[KNOWN_WORDS], known_organisations[KNOWN_WORDS];
    unsigned char hash_key[16];   /* random */
    struct key_set new_producers; /* hash of (programme, code or name) -> id, of this transaction */
    bool producers_all_new; /* there were none when it began: what is not in new_producers is not
                               there */
    bool plots_all_new;     /* the same of plots */
    bool index_there[INDEXES_N]; /* made or seen in this transaction */
    void *scratch;
    size_t scratch_n;
};

/* At least n bytes of memory of the handle, valid until the next call; NULL = no memory. */
void *store_scratch(struct store *s, size_t n);
/* STATUS_INTERNAL unless a write transaction is open. */
enum status store_need_transaction(struct store *s, struct error *e) MUST_USE;
/* Makes an index that only some imports search by, unless it is there: before such a search. */
enum status store_index_now(struct store *s, enum store_index index, struct error *e) MUST_USE;
void store_now(char out[24]); /* ISO 8601 UTC */

/* SpatiaLite's functions on the writer's connection (spatialite.c). */
enum status spatialite_attach(struct store *s, struct error *e) MUST_USE;
void spatialite_detach(struct store *s); /* after the connection was closed */

/* Schema (schema.c): the version this program knows, a new database's objects, and what is missing
 * in an older one. */
int schema_version(void);
enum status schema_create(struct store *s, struct error *e) MUST_USE;
enum status schema_migrate(struct store *s, struct error *e) MUST_USE;

/* The wall of read-only connections (authorizer.c). */
void authorizer_install(struct store *s);

/* Bulk mode (transaction.c) leaves the box index to boxes.c. */
enum { BOXES_PENDING_MAX = 3000000, OVERVIEW_PENDING_MAX = 1000000, TOUCHES_PENDING_MAX = 500000 };

#endif
