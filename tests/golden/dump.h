/* Every event of a reader as lines of text, for golden files and for looking. */
#ifndef TESTS_GOLDEN_DUMP_H
#define TESTS_GOLDEN_DUMP_H

#include <stdio.h>

#include "importers/reader.h"

enum dump_detail { DUMP_ALL, DUMP_COUNTS };

struct dump_counts {
    uint64_t rows, outcomes[3], repaired, findings[FINDING_CODES_N];
    double seconds;
};

/* Runs the request to its end. An error is the last line. */
enum status dump_request(const struct reader_request *request, FILE *out, enum dump_detail detail);
/* The same without text; e is filled on errors. */
enum status count_request(const struct reader_request *request, struct dump_counts *out,
                          struct error *e);

#endif
