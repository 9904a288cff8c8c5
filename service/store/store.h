/* The registry's store, in the words of the domain: plots, revisions, parts, faces, layers, imports. Totals and tiles: totals.h.
 *
 * The only place with SQL. A registry is a folder: registry.sqlite (SpatiaLite, WAL), terrain/, incoming/, backups/, and
 * `lock`. One process writes a registry (flock on `lock`, held while a STORE_WRITE handle is open), through one connection that
 * also checkpoints; readers are read-only connections with an authorizer, one per thread. STORE_PUBLIC readers cannot name a
 * personal column or table at all (authorizer: SQLITE_DENY), so no query of theirs can leak one.
 *
 * Time: every committed import, revert or layer change has a change number. Revisions and faces live in [from_change,
 * to_change); to_change NULL = now. Areas are whole square millimetres (geo/area.h) so that every sum is exact.
 *
 * A struct store belongs to one thread. Strings handed to callbacks are valid during the call only. Callbacks return false to
 * stop (the function then returns STATUS_OK). */
#ifndef SERVICE_STORE_STORE_H
#define SERVICE_STORE_STORE_H

#include "geo/boundary.h"
#include "geo/slope.h"
#include "importers/candidate.h"
#include "service/store/where.h"

struct store;

enum store_mode {
    STORE_READ,   /* everything, read-only: the CLI and a viewer on this machine */
    STORE_PUBLIC, /* read-only, personal tables and columns denied: every HTTP answer */
    STORE_WRITE   /* the one writer */
};

enum { STORE_PATH_MAX = 4096 };

/* ---- the folder ---- */

/* Makes the folder (parents must exist) and an empty registry in it. STATUS_CONFLICT when there is one already or the folder
 * is not empty. */
enum status store_create(const char *folder, struct error *e) MUST_USE;
/* Opens and, for STORE_WRITE, takes the lock and runs migrations. STATUS_NOT_FOUND: no registry there; STATUS_BUSY: another
 * process writes (the message names its pid); STATUS_CONFLICT: made by a newer Parcela. */
enum status store_open(const char *folder, enum store_mode mode, struct store **out, struct error *e) MUST_USE;
void store_close(struct store *s); /* rolls back what is open; NULL allowed */
const char *store_folder(const struct store *s);
/* A stable random id of the registry (hex), for ETags. */
const char *store_uuid(const struct store *s);
/* The newest change number visible to the next read. */
enum status store_change(struct store *s, int64_t *out, struct error *e) MUST_USE;
/* When the change was made, ISO 8601 UTC; "" when there is no such change. */
enum status store_change_time(struct store *s, int64_t change, char out[24], struct error *e) MUST_USE;
/* The newest change at or before `at` ("2026-01-31T12:00:00Z"); -1 when there was none yet. */
enum status store_change_at(struct store *s, const char *at, int64_t *out, struct error *e) MUST_USE;

/* ---- transactions (STORE_WRITE) ---- */

/* BEGIN IMMEDIATE. With `bulk` the store prepares for many rows (drops the geometry triggers inside the transaction, keeps the
 * R*Tree itself, puts both back at commit). */
enum status store_begin(struct store *s, bool bulk, struct error *e) MUST_USE;
/* store_begin with `bulk` for an import that means to stay. Where there is no plot yet and nobody else has the registry open, rows
 * go straight into the file, with a rollback journal, and not first into the log: half the writing, and no checkpoint. Who opens
 * the registry meanwhile waits, and hears STATUS_BUSY after a few seconds. */
enum status store_begin_load(struct store *s, struct error *e) MUST_USE;
/* Durable when it returns (synchronous=FULL), then checkpoints. When it fails, the transaction is rolled back. */
enum status store_commit(struct store *s, struct error *e) MUST_USE;
void store_rollback(struct store *s);
/* A consistent snapshot over several reads (BEGIN DEFERRED on a reader). */
enum status store_snapshot_begin(struct store *s, struct error *e) MUST_USE;
void store_snapshot_end(struct store *s);

/* ---- layers ---- */

enum layer_kind { LAYER_REGIONS, LAYER_CORRIDORS, LAYER_TERRAIN };

struct store_layer {
    int64_t id;
    enum layer_kind kind;
    const char *level;     /* regions: "state", "municipality", ...; "" otherwise */
    const char *source;    /* base name of the file */
    const char *sha256;
    const char *edition;   /* free text or "" */
    const char *added_at;  /* ISO 8601 UTC */
    double accuracy_m;     /* corridors */
    int64_t features_n;
    int64_t area_mm2;
    struct box box;
    int64_t from_change;
    /* terrain only */
    const char *file;      /* name inside terrain/ */
    const char *crs;
    double cell_m;
    const char *model;     /* the elevation model's name, "" = not said */
    double vertical_error_m, vertical_error_steep_m; /* 1 sigma; NaN = not stated */
    double vertical_error_correlation;
    const char *vertical_error_source; /* "" = none */
    enum slope_kernel slope_kernel;
};
struct store_layer_feature {
    int64_t id; /* filled by the store; fits uint32_t */
    const char *key, *name;
    struct boundary boundary;
    int64_t area_mm2;
    const unsigned char *drawing;
    size_t drawing_n;
};
/* Current layers, ordered by kind, level order (state < municipality < others by name). */
enum status store_each_layer(struct store *s, bool (*each)(const struct store_layer *, void *), void *arg, struct error *e) MUST_USE;
/* Adds a layer; the current one of the same kind and level (if any) ends with this change (kept for history). */
enum status store_layer_add(struct store *s, const struct store_layer *layer, int64_t change, int64_t *layer_id, struct error *e) MUST_USE;
enum status store_layer_feature_add(struct store *s, int64_t layer_id, struct store_layer_feature *feature, struct error *e) MUST_USE;
/* Features of a layer whose box meets `box` (NULL = all), ascending id, with geometry and drawing as asked. */
enum status store_each_layer_feature(struct store *s, int64_t layer_id, const struct box *box, bool with_boundary, bool with_drawing,
                                     bool (*each)(const struct store_layer_feature *, void *), void *arg, struct error *e) MUST_USE;

/* The class table in use (its rows are kept in the registry with the figures). Setting another makes all slope classes that are stored
 * wrong until they are computed anew; those of ended revisions count as without data from then on. `change`: of the transaction; 0 in a
 * registry without plots. */
enum status store_slope_table(struct store *s, struct slope_class_table *out, struct error *e) MUST_USE;
/* The change that set it; 0 = none did. */
enum status store_slope_table_change(struct store *s, int64_t *change, struct error *e) MUST_USE;
enum status store_slope_table_set(struct store *s, const struct slope_class_table *table, int64_t change, struct error *e) MUST_USE;

/* ---- words: programmes, organisations, producers ---- */

/* The id of the code, made when new (STORE_WRITE, inside a transaction). `name` NULL = same as code / keep. */
enum status store_programme(struct store *s, const char *code, const char *name, int64_t *id, struct error *e) MUST_USE;
enum status store_organisation(struct store *s, const char *name, int64_t *id, struct error *e) MUST_USE;
/* By (programme, code), or by (programme, name) when code is NULL; 0 when both are NULL. Updates name, gender, birth year when given. */
enum status store_producer(struct store *s, int64_t programme_id, const char *code, const char *name, char gender, int birth_year,
                           int64_t *id, struct error *e) MUST_USE;

/* The same for a person who gave a CURP, known by its hash: whoever has it is found again whatever code or name comes with it;
 * somebody new gets `code`, or the hash where that is NULL. */
enum status store_producer_by_curp(struct store *s, int64_t programme_id, const char *hash, const char *code, const char *name, char gender,
                                   int birth_year, int64_t *id, struct error *e) MUST_USE;

/* ---- mapping profiles (not readable on a STORE_PUBLIC handle) ---- */

struct store_profile {
    const char *name, *body, *saved_at; /* saved_at: filled by the store */
};
/* Saving replaces one of that name; both in a transaction of their own. STATUS_NOT_FOUND, code "profile_not_found". */
enum status store_profile_save(struct store *s, const struct store_profile *profile, struct error *e) MUST_USE;
enum status store_profile_remove(struct store *s, const char *name, struct error *e) MUST_USE;
/* By name, whatever its case; out->name NULL when there is none. Memory from `a`. */
enum status store_profile_get(struct store *s, const char *name, struct arena *a, struct store_profile *out, struct error *e) MUST_USE;
enum status store_each_profile(struct store *s, bool (*each)(const struct store_profile *, void *), void *arg, struct error *e) MUST_USE;

/* ---- imports ---- */

struct store_import {
    int64_t id;
    int64_t change;       /* of the commit */
    const char *status;   /* "committed", "reverted" */
    const char *programme; /* code or "" */
    const char *files;    /* JSON array of {file, layer, format, crs, encoding, sha256, rows, mapped} */
    const char *committed_at, *reverted_at; /* ISO 8601 UTC; reverted_at may be NULL */
    int64_t rows, new_n, revised_n, unchanged_n, held_n, rejected_n, repaired_n;
    int64_t added_mm2;    /* change of the registry's hectares */
    double seconds;
};
/* Allots the next change number inside the open transaction (kind: "import", "revert", "layer"). */
enum status store_change_new(struct store *s, const char *kind, int64_t *change, struct error *e) MUST_USE;
/* Whether there are revisions, current or not, that a change before this one brought. */
enum status store_revisions_before(struct store *s, int64_t change, bool *any, struct error *e) MUST_USE;
enum status store_import_new(struct store *s, const struct store_import *import, int64_t *import_id, struct error *e) MUST_USE;
enum status store_import_finish(struct store *s, const struct store_import *import, struct error *e) MUST_USE;
enum status store_finding_add(struct store *s, int64_t import_id, const struct finding *f, struct error *e) MUST_USE;
/* A row that was held or rejected, kept whole. */
struct store_held_reason {
    const char *file_name; /* base name of the file */
    int64_t programme_id;
    const char *code;   /* of the finding that held it */
    struct lonlat spot; /* NaN = none */
    const unsigned char *content; /* 16 bytes: what the row says, to know it again; NULL = not asked */
};
/* A row that says the same as one that a standing import held or rejected. */
struct store_known_row {
    int64_t import_id;    /* 0 = there is none */
    uint64_t row;
    bool rejected;
    char decision[16];    /* "" = open */
    int64_t decided_import_id;
};
enum status store_held_known(struct store *s, int64_t programme_id, const unsigned char content[16], struct store_known_row *out, struct error *e) MUST_USE;
/* Whether a decision about a held row put the current revision in the place of one with this content: importing that one again
 * must not undo the decision. */
enum status store_decided_over(struct store *s, int64_t revision_id, const unsigned char content[16], bool *out, struct error *e) MUST_USE;
enum status store_held_n(struct store *s, int64_t *n, struct error *e) MUST_USE; /* held and rejected rows there are */
/* Standing imports that decided held rows of an import, newest first; *n at most `max`. */
enum status store_decisions_of(struct store *s, int64_t import_id, int64_t *imports, size_t max, size_t *n, struct error *e) MUST_USE;

/* `why` may be NULL: nothing is known. */
enum status store_held_add(struct store *s, int64_t import_id, const struct candidate *c, const struct store_held_reason *why, struct error *e) MUST_USE;
struct store_held {
    int64_t id, import_id;
    const char *outcome;       /* "held", "rejected" */
    const char *import_status; /* "committed", "reverted" */
    uint32_t file;             /* index into the import's files */
    const char *layer;
    uint64_t row;
    const char *programme, *code;
    const char *attributes_json;
    struct boundary linework, structure; /* the candidates of the two repairs; points_n 0 = none */
    const unsigned char *source_wkb;
    size_t source_wkb_n;
    int source_epsg;
    struct store_held_reason why;
    bool ready;    /* `linework` is a usable boundary, held for another reason than its shape */
    bool repaired; /* that boundary was repaired */
    struct candidate fields; /* what the row says of its plot; attributes and geometry left out */
    const char *decision, *decided_at; /* NULL = open; see schema.sql */
    int64_t decided_import_id; /* 0 = none */
};
/* Held and rejected rows of an import (0 = of all), in the order they came. Personal: fails on a STORE_PUBLIC handle. */
enum status store_each_held(struct store *s, int64_t import_id, bool (*each)(const struct store_held *, void *), void *arg, struct error *e) MUST_USE;
/* A held row that nobody has decided, of an import that stands. */
bool store_held_open(const struct store_held *held);
enum status store_held_open_n(struct store *s, int64_t *n, struct error *e) MUST_USE;
/* Notes the decision about a held row; import_id: the import that brought its plot, 0 for "drop". */
enum status store_held_decide(struct store *s, int64_t held_id, const char *decision, int64_t import_id, struct error *e) MUST_USE;
/* The plot came with a later import: its open held rows of other imports are decided as "corrected"; *n how many. */
enum status store_held_close(struct store *s, int64_t programme_id, const char *code, int64_t import_id, int64_t *n, struct error *e) MUST_USE;
/* An open held row without a code, as far as it helps to know it again. */
struct store_nameless {
    int64_t id, import_id, programme_id;
    uint64_t row;
    const char *file_name, *layer; /* NULL = unknown */
    struct box box;                /* of both candidates; west > east when it has none */
};
enum status store_each_nameless(struct store *s, bool (*each)(const struct store_nameless *, void *), void *arg, struct error *e) MUST_USE;
/* Its two candidates (points_n 0 = none) and its columns as JSON, in `a`. */
enum status store_nameless_get(struct store *s, int64_t held_id, struct arena *a, struct boundary *linework, struct boundary *structure,
                               const char **attributes_json, struct error *e) MUST_USE;
enum status store_each_import(struct store *s, bool (*each)(const struct store_import *, void *), void *arg, struct error *e) MUST_USE;
enum status store_import_get(struct store *s, int64_t id, struct arena *a, struct store_import *out, struct error *e) MUST_USE;
enum status store_each_finding(struct store *s, int64_t import_id, bool (*each)(const struct finding *, void *), void *arg, struct error *e) MUST_USE;
/* Undoes an import: its revisions and faces end where they began (kept, never counted), what they replaced is current again.
 * STATUS_CONFLICT, code "revert_blocked", naming up to five plots, when a later import revised the same plots; or already
 * reverted. The revisions that became current again are reported so that the registry can renew their figures and faces. */
enum status store_import_revert(struct store *s, int64_t import_id, int64_t change,
                                bool (*touched)(int64_t revision_id, struct box box, bool current, void *arg), void *arg, struct error *e) MUST_USE;

/* The upload job that made an import (inside the import's transaction), and the import that a job made; 0 = none. */
enum status store_import_job_set(struct store *s, int64_t import_id, const char *job, struct error *e) MUST_USE;
enum status store_import_of_job(struct store *s, const char *job, int64_t *import_id, struct error *e) MUST_USE;

/* ---- tokens: who may write, or see more than the public, over HTTP (not readable on a STORE_PUBLIC handle) ---- */

enum { TOKEN_HASH_BYTES = 32 };
struct store_token {
    int64_t id; /* filled by the store; never given twice */
    unsigned char hash[TOKEN_HASH_BYTES];
    const char *role;       /* "viewer", "editor", "admin" */
    const char *name;
    const char *created_at; /* ISO 8601 UTC; filled by the store */
    const char *expires_at; /* NULL = never */
    const char *revoked_at; /* NULL = not revoked */
    const char *last_used;  /* a day, or NULL */
};
/* In a transaction of their own. */
enum status store_token_add(struct store *s, const struct store_token *token, int64_t *id, struct error *e) MUST_USE;
/* STATUS_NOT_FOUND; STATUS_CONFLICT when it is revoked already. */
enum status store_token_revoke(struct store *s, int64_t id, struct error *e) MUST_USE;
enum status store_token_used(struct store *s, int64_t id, const char *day, struct error *e) MUST_USE;
enum status store_each_token(struct store *s, bool (*each)(const struct store_token *, void *), void *arg, struct error *e) MUST_USE;

/* ---- plots and their revisions ---- */

struct store_part {
    const uint32_t *regions;  /* feature id per current region level, LAYER_NONE = in none; levels_n entries */
    int levels_n;
    const uint32_t *corridors; /* ascending feature ids */
    int corridors_n;
    int slope_class;           /* index in the class table; -1 = no elevation data */
    int64_t area_mm2;
};
struct store_corridor_hit {
    int64_t feature_id;
    int64_t area_mm2;
    int verdict; /* enum layer_verdict */
};
/* One piece of a plot that layers cut: how its area errs (geo/uncertainty.h, uncertainty_of_pieces). */
struct store_part_error {
    const uint32_t *regions; /* as in store_part */
    int levels_n;
    const uint32_t *corridors;
    int corridors_n;
    double east_m, north_m;   /* change of its area, m2 for each metre that the plot moves */
    const double *covariance; /* m4, with each piece of the plot, in the order of the list */
};
/* Hectares by slope class in expectation under the elevation model's error, of the ground with these regions and corridors. */
struct store_expected {
    const uint32_t *regions; /* as in store_part */
    int levels_n;
    const uint32_t *corridors;
    int corridors_n;
    int64_t class_mm2[SLOPE_CLASSES_MAX]; /* with the ground without elevation data they add up to the parts of this ground */
};
/* The computed figures of a revision, renewed when a layer changes. */
struct store_figures {
    int64_t corridor_mm2; /* inside any corridor */
    int corridor_verdict; /* enum layer_verdict: the strongest over corridors */
    double slope_mean_pct, slope_max_pct, slope_p10_pct, slope_p50_pct, slope_p90_pct; /* NaN = none */
    double slope_nodata_share;
    int64_t surface_mm2;  /* sloping area; 0 = unknown */
    int slope_class;      /* class with most hectares; -1 = none */
    int64_t layers_change; /* change of the newest layer these figures know */
    const struct store_part *parts;
    size_t parts_n;
    const struct store_corridor_hit *corridors;
    size_t corridors_n;
    const struct store_part_error *errors; /* of a plot in several pieces; errors_n 0 = whole, or not computed */
    size_t errors_n;
    const struct store_expected *expected; /* expected_n 0 = not known (no error is stated), or no ground with elevation data. */
    size_t expected_n;                     /* Read back they are one, the sum, without regions and corridors */
};
struct store_revision {
    int64_t id, plot_id;
    int64_t programme_id, organisation_id, producer_id; /* 0 = none */
    const char *code, *name;
    const char *const *crops;      /* main first */
    int crops_n;
    const char *const *practices;
    int practices_n;
    int adoption_year;
    const char *observed_date;
    int survey;               /* enum survey_method */
    double declared_ha, accuracy_m;
    bool repaired;
    struct boundary boundary;
    struct lonlat anchor;
    int64_t area_mm2;
    double area_se_m2; /* standard error of the area; NaN = not computed (revisions from before it was) */
    double perimeter_m;
    unsigned char geometry_hash[16]; /* of the normalised boundary */
    unsigned char content_hash[16];  /* of boundary and all attributes */
    const unsigned char *drawing;
    size_t drawing_n;
    struct store_figures figures;
    /* where it came from */
    const char *file;
    uint64_t row;
    const char *attributes_json; /* all source columns; personal */
    const unsigned char *source_wkb; /* NULL = identical to boundary; personal connection only */
    size_t source_wkb_n;
    int source_epsg;
    double datum_accuracy_m; /* of the shift from its datum to WGS84; NaN or 0 = none was needed */
};
struct store_current {
    int64_t revision_id, plot_id;
    unsigned char geometry_hash[16], content_hash[16];
    int64_t area_mm2;
    struct box box;
};
/* The current revision of a plot by programme and code; found = false when there is none (the plot may still exist with an
 * ended history: then plot_id != 0). Prepared; microseconds. */
enum status store_plot_find(struct store *s, int64_t programme_id, const char *code, struct store_current *out, bool *found, struct error *e) MUST_USE;
/* Whether there was no plot at all when the transaction began: then only plots of its own can be found. */
bool store_plots_all_new(const struct store *s);
/* Current plots of the programme with this geometry hash, or (hash NULL) whose box meets `box`. */
enum status store_each_current(struct store *s, int64_t programme_id, const unsigned char *geometry_hash, const struct box *box,
                               bool (*each)(const struct store_current *, void *), void *arg, struct error *e) MUST_USE;
/* Adds a revision from `change` on, ending the plot's current one (if any) at `change`. r->plot_id 0 makes a new plot. Writes
 * figures, parts, corridors, source row. Fills r->id and r->plot_id. Updates overview cells and tile versions. */
enum status store_revision_add(struct store *s, int64_t import_id, int64_t change, struct store_revision *r, struct error *e) MUST_USE;
/* No more revisions come in this transaction: what was gathered for them is written and its memory given back. */
enum status store_revisions_done(struct store *s, struct error *e) MUST_USE;
/* Replaces the figures of a current revision (layer changed, revert). */
enum status store_figures_replace(struct store *s, int64_t revision_id, int64_t change, const struct store_figures *f, struct error *e) MUST_USE;

/* How a revision was measured. Prepared. */
struct store_survey {
    int survey;
    double accuracy_m, area_se_m2; /* NaN = not known */
};
/* A current revision whose figures are to be computed anew, as it stands. Boundary in the arena; figures without parts, corridors and
 * errors. STATUS_INTERNAL when it is not current. Prepared. */
struct store_standing {
    int64_t revision_id, area_mm2;
    struct boundary boundary;
    struct store_survey survey;
    struct lonlat anchor;
    struct store_figures figures;
};
enum status store_standing(struct store *s, int64_t revision_id, struct arena *a, struct store_standing *out, struct error *e) MUST_USE;
/* New figures of revisions, or of faces (standing NULL), ascending by id. What differs from what is stored is written, and nothing
 * else; a revision's layers_change moves with its columns, or past a change of the slope classes. */
struct store_renewed {
    int64_t id;
    const struct store_figures *figures;
    const struct store_standing *standing;
};
enum status store_figures_renew(struct store *s, int64_t change, const struct store_renewed *items, size_t n, struct error *e) MUST_USE;

/* Parts, corridors and errors of the pieces as they are stored, into f; memory from `a`. */
enum status store_figures_parts(struct store *s, int64_t revision_id, struct arena *a, struct store_figures *f, struct error *e) MUST_USE;

/* id, box of current revisions; ascending id. box NULL = all. */
struct store_boxed {
    int64_t revision_id;
    struct box box;
};
enum status store_each_box(struct store *s, const struct box *box, bool (*each)(const struct store_boxed *, void *), void *arg, struct error *e) MUST_USE;
/* The stored boundary of a revision, memory from `a`. Prepared; about 10 us. */
enum status store_boundary(struct store *s, int64_t revision_id, struct arena *a, struct boundary *out, struct error *e) MUST_USE;
/* The same with what decides about two plots on the same ground. */
struct store_ground {
    struct boundary boundary;
    unsigned char geometry_hash[16];
    int64_t programme_id, area_mm2;
    double accuracy_m; /* NaN = unknown */
};
/* Of n revisions, ids ascending, each once. Those with ids close to each other are read in one go. STATUS_NOT_FOUND when one is missing. */
enum status store_grounds(struct store *s, const int64_t *ids, size_t n, struct arena *a, struct store_ground *const *out, struct error *e) MUST_USE;

/* Everything known of a plot, for `parcela plot` and the items API; strings in `a`. */
struct store_plot {
    struct store_revision revision; /* with boundary, figures, parts */
    int64_t from_change;
    const char *programme, *programme_name, *organisation; /* NULL = none */
    const char *from_date, *import_files;
    int64_t import_id;
    int revisions_n;
    /* personal: NULL / 0 on a STORE_PUBLIC handle, as are import_files and revision.name, .file, .row, .attributes_json,
     * .source_epsg, .source_wkb (a file is often named after its farmer) */
    const char *producer_code, *producer_name;
    char producer_gender;
    int producer_birth_year;
};
/* By code (all programmes: several may match), or by plot id when code is NULL. */
enum status store_each_plot(struct store *s, const char *code, int64_t plot_id, struct arena *a,
                            bool (*each)(const struct store_plot *, void *), void *arg, struct error *e) MUST_USE;
/* Items: current plots with id > after_plot_id whose box meets `box` (NULL = all), programme (NULL = all), for which `where`
 * holds (NULL = all), at most `limit`, ascending plot id. `matched` (may be NULL) gets the count without limit and after; -1 with
 * a condition and no box (counting would read every plot). `where` must not be in `a`, which is reset with every plot. */
enum status store_each_item(struct store *s, const struct box *box, const char *programme, const struct where *where, int64_t after_plot_id,
                            int64_t limit, struct arena *a,
                            bool (*each)(const struct store_plot *, void *), void *arg, int64_t *matched, struct error *e) MUST_USE;

/* What there is to say of a revision in a line about two plots; strings in the arena. */
struct store_brief {
    int64_t revision_id, plot_id, programme_id, import_id;
    const char *code, *programme; /* programme: its code, "" = none */
    int64_t area_mm2;
    double accuracy_m; /* NaN = unknown */
    const char *file;  /* where it came from; NULL on a STORE_PUBLIC handle */
    uint64_t row;
};
enum status store_brief(struct store *s, int64_t revision_id, struct arena *a, struct store_brief *out, struct error *e) MUST_USE;
/* A current revision of the import whose boundary was repaired: as it is and as it stood in the file. */
struct store_repaired {
    const char *code, *file;
    uint64_t row;
    struct boundary boundary;
    const unsigned char *source_wkb;
    size_t source_wkb_n;
    int source_epsg;
};
/* Those made by the import's change, ascending id. Personal: fails on a STORE_PUBLIC handle. */
enum status store_each_repaired(struct store *s, int64_t change, bool (*each)(const struct store_repaired *, void *), void *arg, struct error *e) MUST_USE;

/* ---- faces: ground covered by two or more current plots ---- */

struct store_face {
    const int64_t *members; /* revision ids, the owner first */
    size_t members_n;
    int64_t area_mm2;
    const struct store_part *parts;
    size_t parts_n;
    struct boundary geometry;
    bool coarse; /* of the coarse form (geo/overlay/overlay.h) */
};
/* Current faces, ascending id, without parts; members ascending. */
enum status store_each_face(struct store *s, bool (*each)(const struct store_face *, void *), void *arg, struct error *e) MUST_USE;
/* The same with their parts, for checks. */
enum status store_each_face_whole(struct store *s, bool (*each)(const struct store_face *, void *), void *arg, struct error *e) MUST_USE;
enum status store_face_add(struct store *s, int64_t change, const struct store_face *f, struct error *e) MUST_USE;
/* The next `max` current faces with ids above *after whose box is wanted, boundaries in the arena; *n fewer than max = there are no
 * more. *after moves on. */
struct store_face_ground {
    int64_t id, area_mm2;
    struct boundary boundary;
};
enum status store_faces_page(struct store *s, int64_t *after, bool (*wanted)(const struct box *, const void *), const void *wanted_arg,
                             struct arena *a, struct store_face_ground *out, size_t max, size_t *n, struct error *e) MUST_USE;
/* Puts new parts in the place of those of faces, whose ground has not changed. */
enum status store_face_parts_renew(struct store *s, const struct store_renewed *items, size_t n, struct error *e) MUST_USE;
/* Whether there is any current face. */
enum status store_faces_any(struct store *s, bool *any, struct error *e) MUST_USE;
/* Ends the current faces whose owner (the first of its members as given) is one of `owners`. */
enum status store_faces_end(struct store *s, int64_t change, const int64_t *owners, size_t owners_n, struct error *e) MUST_USE;

/* ---- checks (parcela check) ---- */

/* SQLite integrity_check, rtreecheck, foreign keys, R*Tree rows = revisions, triggers present, sum of overview cells per zoom = sum of
 * current plots, parts of every current revision add up. Calls report(name, ok, detail). Outside transactions only. */
enum status store_check(struct store *s, void (*report)(const char *name, bool ok, const char *detail, void *arg), void *arg, struct error *e) MUST_USE;
/* Each current revision with boundary, area and figures without parts (expected hectares as their sum), for recomputing. */
enum status store_each_revision(struct store *s, struct arena *a, bool (*each)(const struct store_revision *, void *), void *arg, struct error *e) MUST_USE;

#endif
