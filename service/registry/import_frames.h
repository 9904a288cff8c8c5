/* Private to the registry: does an import stand in the right reference system? Its files
 * (candidates for one that names none) and its rows (held when they are recognised as being in a
 * wrong one). Nothing is changed here, only told. */
#ifndef SERVICE_REGISTRY_IMPORT_FRAMES_H
#define SERVICE_REGISTRY_IMPORT_FRAMES_H

#include "importers/crs_words.h"
#include "importers/reader.h"
#include "service/registry/homes.h"
#include "service/registry/import_rows.h"

struct importing;

/* Rows of one file that stand in a wrong system, by what is wrong. */
struct frames_file {
    uint64_t rows;
    uint64_t by_code[FINDING_CODES_N];
    int epsg[FINDING_CODES_N]; /* the system that would put the last one right; 0 = none would */
};

struct frames_watch {
    struct homes *homes;
    struct crs_set *set; /* NULL until needed */
    struct frames_file *files;
    struct arena arena; /* of one look */
};

enum status frames_watch_start(struct importing *im, struct error *e) MUST_USE;
void frames_watch_stop(struct importing *im);
/* Fills row->home and counts the row. */
void frames_take(struct importing *im, struct import_row *row);
/* Counts what is said of a row. */
void frames_note(struct importing *im, const struct finding *f);
/* Answers a reader that does not know the system of a layer; when none is certain the file is
 * refused (crs_missing, crs_wrong) and the candidates are put into request->candidates. The indexes
 * must be built. */
enum status frames_answer(struct importing *im, const struct reader_probe *probe,
                          struct error *e) MUST_USE;
/* Holds a computed row that stands in a wrong system. */
enum status frames_check(struct importing *im, struct import_row *row, struct error *e) MUST_USE;
/* Refuses an import in which more than half of a file's rows, and at least ten, stand in a wrong
 * system the same way. */
enum status frames_refuse(const struct importing *im, struct error *e) MUST_USE;

#endif
