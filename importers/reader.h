/* Reading outside files, seen from the trusted side: start a reader process, take its events, stop
 * it.
 *
 * Files are parsed only in a reader process (the same binary started by posix_spawn with --reader),
 * which has only the wanted OGR drivers, rlimits, seccomp and (where the kernel has it) Landlock.
 * It streams frames over a pipe; every frame is checked here. A crash, a limit or garbage ends in
 * an error that names the reason, never in a crash of the caller. One struct reader belongs to one
 * thread. */
#ifndef IMPORTERS_READER_H
#define IMPORTERS_READER_H

#include "importers/candidate.h"

enum reader_purpose { READER_PLOTS, READER_REGIONS, READER_CORRIDORS };

/* FIELD=COLUMN of --map or of a profile. Field names: code, name, programme, organisation,
 * producer_code, producer_name, curp, gender, birth_year, crop, practice, adoption_year, date,
 * survey, declared_ha, accuracy_m, municipality, state; for layers: key, name. After the field may
 * stand how it is written: date(dmy), date(mdy), declared_ha(comma), accuracy_m(point); and a ?
 * when the column need not be there. Field "" = the column feeds no field, whatever its name. */
struct reader_mapping {
    const char *field, *column;
    bool profile; /* gives way to those that are none */
};

/* What a profile says of one value of a column. */
struct reader_translation {
    const char *column, *value;
    const char *becomes; /* "" = it says nothing */
};

/* Which cells of a GeoTIFF are inside: each value a feature of its own (0 and no data are none),
 * those of one value, or those from a threshold on. */
enum raster_rule { RASTER_CATEGORIES, RASTER_VALUE, RASTER_THRESHOLD };

struct reader_request {
    enum reader_purpose purpose;
    const char *const *files; /* paths as given */
    size_t files_n;
    bool batch;      /* the files of a folder: those that cannot be plots are named in a finding
                        (member_ignored) instead of refused */
    const char *crs; /* "EPSG:32615", or NULL = from the file */
    const struct reader_mapping *mappings;
    size_t mappings_n;
    const struct reader_translation *translations;
    size_t translations_n;
    const char *encoding;          /* a name that text_page_of knows; NULL = found out */
    const unsigned char *curp_key; /* CURP_KEY_BYTES; NULL = zeros, for files without people */
    const char *program;           /* the parcela binary; NULL = /proc/self/exe */
    double cpu_limit_s;            /* per file; 0 = default */
    double repair_limit_s;         /* CPU seconds for one repair; 0 = default (2) */
    enum raster_rule raster_rule;
    double raster_number;     /* the value, or the threshold */
    const char *raster_names; /* path of a CSV (value, name), or NULL */
};

enum reader_event_kind {
    READER_SOURCE,    /* a layer was opened: `source` */
    READER_CANDIDATE, /* `candidate` */
    READER_FINDING,   /* a finding about a whole file: `finding` */
    READER_PROBE, /* a layer names no reference system, or one that its numbers contradict: `probe`;
                     reader_answer() may tell it one */
    READER_OPENING, /* of frames only: reader_next() keeps it for reader_file() */
    READER_DIGEST,  /* a file is at its end: `sha256` of its bytes, for its sources, which are those
                       since the last READER_DIGEST */
    READER_DONE     /* everything was read: `rows_n` in all */
};

enum column_how { COLUMN_UNMAPPED, COLUMN_BY_NAME, COLUMN_GIVEN, COLUMN_PROFILE, COLUMN_HOWS_N };
const char *column_how_name(enum column_how how); /* "unmapped", "by name", "--map", "profile" */

enum { COLUMN_SAMPLES = 3 };

/* A column of a layer, for the table that a report shows. Samples are values of the file. */
struct reader_column {
    const char *name;
    const char *field; /* NULL = kept, feeds no field */
    enum column_how how;
    const char *samples[COLUMN_SAMPLES]; /* different ones among the first rows; NULL = no more */
    const char
        *becomes[COLUMN_SAMPLES]; /* what the field understands; NULL = the same, or nothing */
};

struct reader_source {
    uint32_t file;
    const char *layer, *format, *crs_name, *encoding;
    int epsg;               /* 0 = not identified */
    int64_t rows_announced; /* -1 unknown */
    uint64_t bytes;
    double cell_m;                 /* side of a cell when the layer is a grid; 0 otherwise */
    struct reader_mapping *mapped; /* which column became which field */
    size_t mapped_n;
    struct reader_column *columns;
    size_t columns_n;
    const char
        *accents; /* some values beyond ASCII, as decoded; NULL = none among the first rows */
};

/* Rows of a layer whose reference system is not known, in file coordinates. */
struct reader_probe_row {
    struct lonlat raw; /* middle */
    const char *key;   /* the municipality that the row names ("07059"), or NULL */
    const char *code;  /* of the plot, or NULL */
};
struct reader_probe {
    uint32_t file;
    const char *layer;
    int declared; /* EPSG that the file says and the numbers contradict; 0 = it says nothing */
    bool degrees; /* the numbers can be degrees */
    const struct reader_probe_row *rows;
    size_t rows_n;
};

struct reader_event {
    enum reader_event_kind kind;
    struct reader_probe probe;
    struct reader_source source;
    struct candidate candidate;
    struct finding finding;
    const char *opening;
    const char *sha256; /* hex of the file's bytes (the .shp+.dbf... set: of their concatenation in
                           name order) */
    uint64_t rows_n;
};

struct reader;
enum status reader_start(const struct reader_request *request, struct reader **out,
                         struct error *e) MUST_USE;
/* The next event, its memory in `a`. After READER_DONE or an error there are no more. */
enum status reader_next(struct reader *r, struct arena *a, struct reader_event *out,
                        struct error *e) MUST_USE;
/* Takes what the reader has written meanwhile, without waiting, so that it can go on while the
 * caller does other things: a pipe holds less than a batch of rows. NULL allowed. */
void reader_listen(struct reader *r);
/* After READER_PROBE: the system to read the layer in; or why it cannot be read (`refusal`, else
 * NULL), which then comes back as the file's error; or 0 and NULL: the reader is to decide (it
 * takes the only system that would put the rows in Mexico, else ends with "crs_missing"). Without
 * an answer the next reader_next() says the last. */
enum status reader_answer(struct reader *r, int epsg, const struct error *refusal,
                          struct error *e) MUST_USE;
/* The file that is being read, "a.zip/b.shp"; "" before the first. After an error of reader_next()
 * the one that was: errors by which the process died name it. */
const char *reader_file(const struct reader *r);
/* Ends the process if it still runs, and frees. NULL is allowed. */
void reader_stop(struct reader *r);

/* The reader process itself: main() calls it when argv[1] is "--reader"; returns the exit code. */
int reader_process_main(int argc, char **argv);

#endif
