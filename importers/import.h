/* Private to the reader process: what the pieces that read a file share. */
#ifndef IMPORTERS_IMPORT_H
#define IMPORTERS_IMPORT_H

#include <gdal.h>
#include <ogr_api.h>

#include "geo/base/buf.h"
#include "geo/crs/evidence.h"
#include "geo/walk.h"
#include "importers/dates.h"
#include "importers/digest.h"
#include "importers/frame.h"
#include "importers/gdal_log.h"
#include "importers/mapping.h"
#include "importers/repair_helper.h"
#include "importers/shape.h"
#include "importers/values.h"
#include "importers/vocabulary.h"

enum { TALLY_KINDS = 8, WORDS_MAX = 200 };

enum tally_notes {
    NOTE_DATE_AMBIGUOUS,
    NOTE_DATE_SERIAL,
    NOTE_NUMBER_AMBIGUOUS,
    NOTE_ZERO_RESTORED,
    NOTE_CURP_MASKED,
    TALLY_NOTES_N
};

/* Rows that have something, and where the first of them has it. */
struct tally_spot {
    uint64_t n, row;
    struct lonlat place;
};
struct coarse {
    struct tally_spot spot;
    struct shape_precision precision; /* of the first */
};

/* Things that many rows have, reported once per layer with a count. */
struct tally {
    uint64_t z_dropped, repeated_vertices, deleted_rows, log_rows;
    uint64_t first_repeated_row;
    uint64_t points, polygons; /* plots whose coordinates were looked at */
    struct coarse coarse, coarse_little, coarse_points;
    struct tally_spot short_edges, holes;
    struct word_count {
        char *text; /* in the file's arena */
        uint64_t n, row;
    } words[2][WORDS_MAX]; /* unknown crops, unknown practices */
    size_t words_n[2];
    uint64_t guessed_n, guessed_row; /* values whose encoding was not as declared */
    char *guessed_sample;
    const char *guessed_as;
    struct tally_note {
        uint64_t n, row; /* row: the first */
        char *sample;    /* in the file's arena */
    } notes[TALLY_NOTES_N];
};

/* Polygons of one row in file order; heap arrays that live as long as the import and grow. */
struct rings {
    struct boundary b;
    uint32_t points_capacity, rings_capacity, parts_capacity;
};

struct import {
    const struct reader_request *request;
    int out_fd;
    struct buf out;
    struct arena file_arena, row_arena;
    struct repair_helper *helper;
    struct geo_context *geo;
    struct crs_set *crs_set; /* for naming what is wrong; NULL until needed */
    const struct vocabulary *crops, *practices;
    struct gdal_log log;

    uint32_t file;         /* index */
    const char *file_name; /* for findings: "a.zip/b.shp" */
    uint64_t bytes;
    uint32_t sources_n;
    uint64_t rows_n;
    uint32_t read_n, unreadable_n, ignored_n; /* files, and members of archives */
    struct error unreadable;                  /* why the first of those could not be read */
    bool nested;                              /* inside an archive of an archive: no deeper */
    struct tally tally;

    /* the row being read */
    int curp_answer, curp_column; /* enum curp_answer of its person's CURP; -1 = none given */
    struct candidate row;
    struct finding findings[FRAME_FINDINGS_MAX];
    struct rings rings;
};

/* How text of a layer is encoded; see encoding.c. */
struct encoding {
    bool raw;     /* GDAL passes the bytes as they are */
    bool forced;  /* by --encoding: the bytes are not asked */
    int declared; /* code page: 65001 UTF-8, 1252, 28591, 850, 437; 0 = not declared, -1 = a name we
                     do not know */
    int page;     /* of one byte a character, for what is no UTF-8 */
    bool utf8_likely;
    char label[48];
};

/* What rows of our own readers say beside their columns; of the feature that came last. */
struct row_extras {
    double accuracy_m;  /* mean of the vertices, NaN unknown */
    bool walked, track; /* track: a line that is closed whatever its gap */
    const char *code;   /* of corners gathered by a column that is no code by name; NULL = none */
    char problem[200];  /* why the row has no geometry; "" = it has none to have */
    char note[200];     /* what was put right; "" nothing */
};

/* Rows that do not come from an OGR layer: read by our own readers. */
struct layer_rows {
    OGRFeatureDefnH definition;
    void (*rewind)(void *arg);
    OGRFeatureH (*next)(void *arg); /* the caller's; NULL at the end or after a failure */
    enum status (*ended)(void *arg, struct error *e); /* was it the end? */
    void *arg;
    OGRSpatialReferenceH srs; /* NULL = none, or known otherwise */
};

/* One layer of one file, opened. */
struct layer {
    OGRLayerH ogr; /* or, when NULL, */
    const struct layer_rows *rows;
    const struct row_extras *extras; /* NULL = none */
    const char *name, *format;
    struct encoding encoding;
    int epsg;          /* known from the format; 0 = take the layer's own SRS */
    bool epsg_assumed; /* the format says so without being told: numbers that are no degrees are a
                          missing CRS */
    bool prj_present;  /* a .prj file that could not be understood is not the same as none */
    bool tracks;       /* walks: parts are joined and closed */
    bool name_is_code; /* people write the plot's code where the format has a name (KML, GPX) */
    bool rows_by_fid;  /* shapefile: row = FID + 1, gaps are unreadable rows */
    bool names_cut;    /* DBF column names */
    int64_t announced; /* -1 = ask OGR */
    double cell_m;     /* of a grid of cells; 0 = vector */
    int64_t cut_after; /* rows before the end of a table cut short: reading past them spoils GDAL's
                          DBF reader for all others (3.6.2); 0 = not cut, -1 = none is left */
    bool (*deleted)(void *arg, int64_t fid); /* NULL = no such thing */
    void *deleted_arg;
    const char *const
        *hidden; /* NULL, or names of columns that say nothing of the plot, NULL-ended */
    const char *extra_column; /* NULL, or one more attribute */
    const char *(*extra_value)(void *arg, int64_t fid);
    void *extra_arg;
    const struct track_walk
        *walk; /* NULL, or the recorded points of the row whose extra value was asked last */
};

/* The points of one recorded track. */
struct track_walk {
    struct walk_point *points;
    size_t n;
};

/* emit.c */
enum status import_flush(struct import *im, struct error *e) MUST_USE;
/* Writes when enough has gathered. */
enum status import_flush_some(struct import *im, struct error *e) MUST_USE;
/* Asks which reference system a layer is in; *epsg 0 = decide for yourself. Fails with the refusal
 * when that is the answer. */
enum status import_ask(struct import *im, const struct reader_probe *probe, int *epsg,
                       struct error *e) MUST_USE;
/* A finding about the whole file; message as printf. row 0 = none. */
void import_file_finding(struct import *im, enum finding_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a place: where the first row of many has it. */
void import_spot_finding(struct import *im, enum finding_code code, struct lonlat place,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A finding of the row being read. place NaN = none. */
void import_row_finding(struct import *im, enum finding_code code, struct lonlat place,
                        double effect_m2, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void tally_word(struct import *im, int kind, const char *word);
void tally_note(struct import *im, enum tally_notes note, const char *sample);
void tally_report(struct import *im);
/* The text without CURPs; in the arena when it changes. "" without memory. */
const char *import_masked(struct import *im, struct arena *a, const char *text);

/* encoding.c */
/* `given` (--encoding) as it is; else, when it is NULL, from .cpg text (NULL = no such file), DBF
 * language byte and the first bytes of the records. */
void encoding_detect(struct encoding *out, const char *given, const char *cpg, int language_byte,
                     const unsigned char *sample, size_t sample_n);
/* A value as valid UTF-8; `width` = bytes of the field, 0 unknown. In the row's arena. */
const char *encoding_value(struct import *im, const struct encoding *enc, const char *raw,
                           int width);

/* crs_source.c */
/* Decides the CRS of a layer from what it says and --crs. STATUS_INVALID crs_missing, crs_unknown.
 */
enum status crs_of_layer(struct import *im, const struct layer *layer, struct crs_transform **out,
                         int *epsg, struct error *e) MUST_USE;

/* geometry.c: sets outcome, boundary, alternative, repaired, source_wkb and findings of im->row. */
enum status geometry_read(struct import *im, OGRGeometryH geometry, const struct layer *layer,
                          struct crs_transform *crs, struct error *e) MUST_USE;
void rings_clear(struct rings *r);

/* rings.c */
enum rings_answer { RINGS_OK, RINGS_TYPE, RINGS_EMPTY, RINGS_FEW, RINGS_MEMORY };
struct rings_notes {
    bool z, from_line, linearised;
    uint32_t closed, dropped, ignored_parts, repeated;
    double gap_share; /* tracks: straight closing line / length */
};
enum rings_answer rings_collect(struct rings *r, OGRGeometryH geometry, bool tracks,
                                struct rings_notes *notes);

/* shape_notes.c: what is odd about a plot. `place` in WGS84; precision: of the coordinates as they
 * stood in the file. */
void shape_note_precision(struct import *im, struct shape_precision precision, struct lonlat place);
void shape_note(struct import *im, bool walked);
void shape_notes_report(struct import *im); /* what was counted of a layer */

/* walk_source.c: the points of a GPX file's tracks, read track by track beside the layer of tracks.
 */
struct track_points;
struct track_points *track_points_open(GDALDatasetH dataset); /* NULL = none, or no memory */
void track_points_close(struct track_points *t);
/* Moves on to track `fid` (ascending) and returns the time of its first point with one,
 * "2024-03-01T14:05:00Z", or NULL. */
const char *track_points_time(void *track_points, int64_t fid);
const struct track_walk *track_points_walk(const struct track_points *t);
/* Replaces the one ring of im->rings by the cleaned walk and tells each step; *cleaned = false: the
 * ring stays as it is. */
enum status walk_clean(struct import *im, const struct track_walk *track, bool *cleaned,
                       struct error *e) MUST_USE;

/* waypoints.c: a layer of points whose names end in numbers ("P7-1", "P7-2", ...) as the corners of
 * plots. *taken: at least one plot came of it, and the layer is imported; otherwise nothing was
 * done. The points that are none are told. */
enum status waypoints_import(struct import *im, OGRLayerH points, const char *name,
                             const char *format, bool *taken, struct error *e) MUST_USE;

/* Whether a layer of points has a column of declared hectares: its points are plots then. */
bool points_declare(const struct import *im, OGRLayerH points);

/* row.c: attributes and fields of im->row from the feature. */
struct row_plan {
    size_t columns_n; /* taken from the feature */
    const char **columns;
    int *fields; /* index of each column among the feature's fields */
    int *types, *widths, *subtypes;
    struct mapping mapping;
    char lone_m; /* what a lone M means in the gender column: 'f', 'm' or 0 */
    /* how a field's column writes dates and numbers: as the profile says, or as its first rows
     * prove */
    enum date_order date_order[FIELDS_N];
    enum number_sign number_sign[FIELDS_N];
    struct plan_translation *translations; /* by column and key */
    size_t translations_n;
    struct reader_column *table; /* one for each column, for the report */
    const char *accents;
};

struct plan_translation {
    int column;
    const char *key;     /* text_key of the value */
    const char *becomes; /* "" = nothing */
};
enum status row_plan_make(struct import *im, const struct layer *layer, struct row_plan *out,
                          struct error *e) MUST_USE;
enum status row_fields(struct import *im, const struct layer *layer, const struct row_plan *plan,
                       OGRFeatureH feature, int64_t fid, struct error *e) MUST_USE;
/* The value of a column as text, CURPs replaced; NULL = null. In the row's arena. */
const char *row_column_text(struct import *im, const struct layer *layer,
                            const struct row_plan *plan, OGRFeatureH f, size_t column);
/* What the profile makes of a value of a column: the value itself, another, or NULL for nothing. */
const char *row_translated(const struct row_plan *plan, int column, const char *value);

/* columns.c: what the first rows of a layer tell of its columns: samples, the order of dates, the
 * decimal sign, accented values. Fills plan->table, date_order, number_sign and accents, and takes
 * over the profile's translations. Leaves the layer rewound. */
enum status columns_look(struct import *im, const struct layer *layer, struct row_plan *plan,
                         struct error *e) MUST_USE;

/* layer.c */
void layer_rewind(const struct layer *layer);
OGRFeatureH layer_next(const struct layer *layer);
OGRFeatureDefnH layer_definition(const struct layer *layer);
enum status layer_import(struct import *im, const struct layer *opened, struct error *e) MUST_USE;

/* source.c: one file of the request. `path` is absolute. */
enum status source_import(struct import *im, const char *path, const char *name,
                          struct error *e) MUST_USE;
/* After the last one: was anything read at all? */
enum status sources_ended(const struct import *im, struct error *e) MUST_USE;
/* shapefile.c, source_other.c; vsi_path is what GDAL opens, the files on disk are hashed already */
enum status shapefile_import(struct import *im, const char *vsi_path, const char *layer_name,
                             struct error *e) MUST_USE;
enum status geojson_import(struct import *im, const char *vsi_path, const char *layer_name,
                           struct error *e) MUST_USE;
enum status geojson_seq_import(struct import *im, const char *vsi_path, const char *layer_name,
                               struct error *e) MUST_USE;
enum status flatgeobuf_import(struct import *im, const char *vsi_path, const char *layer_name,
                              struct error *e) MUST_USE;
enum status submission_import(struct import *im, const char *vsi_path, const char *layer_name,
                              struct error *e) MUST_USE;
enum status nmea_import(struct import *im, const char *vsi_path, const char *layer_name,
                        struct error *e) MUST_USE;
enum status xlsx_import(struct import *im, const char *vsi_path, struct error *e) MUST_USE;
enum status csv_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e) MUST_USE;
enum status raster_import(struct import *im, const char *vsi_path, const char *layer_name,
                          struct error *e) MUST_USE;
enum status kml_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e) MUST_USE;
enum status geopackage_import(struct import *im, const char *vsi_path, struct error *e) MUST_USE;
enum status gpx_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e) MUST_USE;
/* Opens with exactly one driver; errors become file_damaged. */
enum status dataset_open(struct import *im, const char *vsi_path, const char *driver,
                         const char *const *options, GDALDatasetH *out, struct error *e) MUST_USE;
/* Paths on disk that belong to `path` (a shapefile's parts, a database's log), existing ones,
 * `path` included, name order; each in the arena. Returns how many (at most max). */
size_t source_parts(struct arena *a, const char *path, const char **out, size_t max);

#endif
