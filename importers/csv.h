/* Tables as text: cells divided by , ; tab or | (guessed from the first line), quotes as in RFC
 * 4180, lines ended by LF, CRLF or CR. One record at a time; cells are bytes as they stand, ended
 * by 0. One struct csv belongs to one thread. */
#ifndef IMPORTERS_CSV_H
#define IMPORTERS_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/base/buf.h"
#include "geo/base/error.h"

enum { CSV_BUFFER = 1 << 16, CSV_CELLS_MAX = 2047, CSV_RECORD_MAX = 16 << 20 };

struct csv {
    size_t (*read)(void *arg, char *buffer, size_t n);
    void *arg;
    char buffer[CSV_BUFFER];
    size_t at, n;
    char delimiter;
    struct buf text;              /* of the record */
    size_t starts[CSV_CELLS_MAX]; /* of its cells, in text */
    size_t cells_n;
    uint64_t line; /* the record begins in, 1-based */
    uint64_t lines_read;
    const char *problem; /* NULL = none */
};

/* Begins; reads the first bytes and guesses the delimiter. */
void csv_start(struct csv *c, size_t (*read)(void *arg, char *buffer, size_t n), void *arg);
/* The next record that is not blank; false at the end or when c->problem is set. */
bool csv_next(struct csv *c);
const char *csv_cell(const struct csv *c, size_t i); /* "" when there is none */
/* STATUS_OK, or why the text ended: STATUS_INVALID "csv_damaged", STATUS_MEMORY. */
enum status csv_ended(const struct csv *c, struct error *e) MUST_USE;
void csv_clear(struct csv *c);

#endif
