/* Registering an import: files -> candidates -> decisions -> figures -> one transaction.
 *
 * Everything happens inside one store transaction; a dry run does all of it and rolls back, so its report is the real one. A
 * killed import leaves the registry as it was. */
#ifndef SERVICE_REGISTRY_IMPORT_H
#define SERVICE_REGISTRY_IMPORT_H

#include <stdatomic.h>
#include <stdio.h>

#include "geo/base/buf.h"
#include "importers/crs_words.h"
#include "importers/reader.h"
#include "service/store/store.h"

/* Findings of one code that a report holds in memory: an import of a million rows may have as many. All of them are in the registry. */
enum { IMPORT_FINDINGS_EACH = 1000 };

struct import_request {
    const char *registry;
    const char *const *files; /* folders too: all their files that can be read */
    size_t files_n;
    const char *programme; /* code for all rows; NULL = from the file */
    const char *crs;       /* "EPSG:n" or NULL */
    const struct reader_mapping *mappings;
    size_t mappings_n;
    const char *const *names; /* what the report calls each file; NULL = the last part of its path */
    const char *job;          /* the upload job it belongs to, noted with the import; NULL = none */
    const char *profile;  /* a saved mapping profile, by name; NULL = the one called like the programme, if any */
    bool profile_files;   /* `profile` may also be a file */
    const char *encoding; /* of text in shapefiles and CSV; NULL = found out */
    enum finding_lang lang; /* of the report's text */
    bool dry_run;
    bool skip_bad_files; /* several files: import the others where some cannot be read; else such an import is refused */
    const atomic_bool *cancelled; /* set by another thread: ends with STATUS_CANCELLED at the next batch of rows or overlaps, nothing written; NULL allowed */
    struct crs_candidates *candidates; /* filled when it ends with crs_missing or crs_wrong and there are some; NULL allowed */
    FILE *findings;     /* gets every finding as JSON, one after the other with commas between; NULL = none. The caller closes it */
    const char *report; /* file for report_file.h, written before the commit; NULL = none */
    /* phase: "reading", "overlaps", "saving"; done of total (total 0 = unknown). NULL allowed. */
    void (*progress)(const char *phase, uint64_t done, uint64_t total, void *arg);
    void *progress_arg;
};

struct import_report {
    struct store_import import; /* id 0 for a dry run or when nothing changed */
    bool dry_run;
    struct finding *findings; /* the first IMPORT_FINDINGS_EACH of each code, as they came */
    size_t findings_n, findings_capacity;
    uint64_t findings_total;
    uint64_t findings_by_code[FINDING_CODES_N];
    const char *profile;      /* the mapping profile that was used; NULL = none */
    const char *mapping_json, *mapping_text; /* columns with samples; personal, not stored; NULL = none */
    enum finding_lang lang;
    const char *sources_json; /* per file and layer: what it is and which column became which field */
    struct arena arena;       /* holds the above */
};

/* On success the caller ends with import_report_clear. STATUS_BUSY when another process writes. */
enum status import_run(const struct import_request *request, struct import_report *report, struct error *e) MUST_USE;
void import_report_clear(struct import_report *report);
/* Findings in the request's language. The JSON document of `parcela import --format json`, and the text for people. */
void import_report_json(const struct import_report *r, struct buf *out);
/* The same document with all findings that request.findings got; false = it cannot be read or written. */
bool import_report_json_all(const struct import_report *r, FILE *findings, FILE *out);
void import_report_text(const struct import_report *r, struct buf *out);
/* An import as the store knows it, as a JSON object. */
void import_summary_json(const struct store_import *i, struct buf *out);
/* The finding without what it quotes from the source, which may be a person's name; for answers over HTTP. The message, where it
 * changes, is in `text`. */
struct finding finding_unquoted(const struct finding *f, char text[512]);
/* One finding as a JSON object. */
void finding_json(const struct finding *f, enum finding_lang lang, struct buf *out);

/* Undoes an import and renews what depends on it: first the decisions about its held rows, which are imports of their own. */
enum { REVERT_ALSO_MAX = 1000 };
struct import_reverted {
    int64_t plots;
    int64_t also[REVERT_ALSO_MAX]; /* imports that decided held rows of it, undone with it */
    size_t also_n;
};
enum status import_revert(const char *registry, int64_t import_id, struct import_reverted *out, struct error *e) MUST_USE;

#endif
