/* Private to the registry: an import at work, shared by the files of its pipeline: import.c (reading, computing, the transaction),
 * import_say.c (what it says), import_store.c (what it stores). */
#ifndef SERVICE_REGISTRY_IMPORT_WORK_H
#define SERVICE_REGISTRY_IMPORT_WORK_H

#include "importers/curp.h"
#include "importers/profile.h"
#include "service/registry/declared.h"
#include "service/registry/faces.h"
#include "service/registry/import.h"
#include "service/registry/import_frames.h"
#include "service/registry/import_rows.h"
#include "service/registry/overlaps.h"
#include "service/registry/staff.h"

/* GRAIN_ROWS: neighbours on the Hilbert curve stay with one worker, whose cache has their elevations. */
enum { BATCH_ROWS = 2048, BATCH_BYTES = 12 << 20, GRAIN_ROWS = 256, LISTEN_ROWS = 256 };

struct import_batch {
    struct import_row rows[BATCH_ROWS];
    size_t n;
    struct arena arena;    /* candidates and codes, written by the reading thread */
    struct arena *results; /* one per worker */
    size_t order[BATCH_ROWS]; /* rows with figures to compute, in Hilbert order */
    size_t order_n;
    const struct declared_regions *regions; /* as they stood when the batch was given to the workers */
    bool pending; /* workers run on it */
};

struct importing {
    const struct import_request *request; /* with folders opened up */
    bool folders;
    struct import_report *report;
    struct store *store;
    struct reader *reader;
    struct staff staff;
    struct row_memory memory;
    struct import_batch batches[2];
    struct touched touched;
    int64_t change;
    struct buf sources;    /* JSON array under construction */
    struct buf undigested; /* objects of it, without end, whose file is still being read; each ends with a NUL */
    int64_t rows_announced;
    bool read_all, programme_missing;
    const struct import_given *given; /* a row of the registry in place of files; NULL = read the files */
    const char *given_file, *given_attributes;
    enum row_action given_action;
    struct profile profile;
    struct reader_mapping *mappings; /* --map and the profile's */
    unsigned char curp_key[CURP_KEY_BYTES];
    struct declared_regions *regions;
    struct buf mapping_json, mapping_text; /* under construction */
    struct buf finding_json;               /* scratch */
    int64_t held_n;            /* held and rejected rows of earlier imports */
    struct key_set held_seen;  /* of this one: content -> row */
    int64_t rejected_known_n, rejected_known_by;
    int64_t held_open_n; /* held rows that a row of this import may close */
    struct held_match *held_match; /* those of them without a code; read when the first row needs them */
    struct overlaps overlaps;
    struct frames_watch frames;
    bool indexes_ready;
    const struct candidate *current; /* the row that findings are about */
    enum status status; /* of a finding that could not be stored */
    struct error *error;
};

/* ---- import_say.c ---- */

/* The name under which a file of the request appears in findings; NULL when there is none. */
const char *import_file_of(const struct importing *im, uint32_t file);
/* Keeps a finding in the report and the store; fills in file and plot of the current row where they are open. arg: struct importing. */
void import_say(const struct finding *given, void *arg);
/* A finding about a row, at its first vertex; `message` NULL = the code's own text. */
void import_say_about(struct importing *im, const struct import_row *row, enum finding_code code, const char *message);
/* Appends a source layer to the report's JSON and its rows to those announced. */
void import_say_source(struct importing *im, const struct reader_source *s);
/* The hash of the file whose sources were said since the last one. */
void import_say_digest(struct importing *im, const char *sha256);

/* ---- import_store.c ---- */

/* Stores the rows of a computed batch in row order, counts them, and empties it. */
enum status import_finish_batch(struct importing *im, struct import_batch *b, struct error *e) MUST_USE;

#endif
