/* The cases of the golden imports: files that a program writes into a folder, and the request that
 * reads them. */
#ifndef TESTS_GOLDEN_IMPORT_CASES_H
#define TESTS_GOLDEN_IMPORT_CASES_H

#include "importers/reader.h"

struct import_case {
    const char *name;                 /* of tests/golden/importers/NAME.txt */
    void (*make)(const char *folder); /* NULL: the file is tests/golden/importers/FILE */
    const char *file;                 /* in the folder */
    enum reader_purpose purpose;
    const char *crs;
    struct reader_mapping mappings[3];
    int mappings_n;
};
extern const struct import_case IMPORT_CASES[];
extern const int IMPORT_CASES_N;

#endif
