/* Mapping profiles: which column of a programme's files feeds which field, and what its words mean.
 *
 * A profile is a CSV table, because those who write it have the source open in a spreadsheet and
 * the dry run shows the same table: the first line names the cells (column, field, value, becomes;
 * in Spanish columna, campo, valor, queda; others, as samples, are for people), a line without a
 * value maps a column, a line with one translates a value of it:
 *
 *     column,field,value,becomes
 *     CLAVE,code,,
 *     FECHA,date(dmy)?,,
 *     CULT_1,crop,,
 *     CULT_1,,milpa de temporal,maize
 *     CULT_1,,s/c,
 *     OBSERVAC,,,
 *
 * Fields are those of reader.h. A column without a field is kept and feeds none, whatever its name.
 * Lines that begin with # are for people. */
#ifndef IMPORTERS_PROFILE_H
#define IMPORTERS_PROFILE_H

#include "geo/base/arena.h"
#include "geo/base/buf.h"
#include "importers/reader.h"

enum { PROFILE_BYTES_MAX = 1 << 20, PROFILE_MAPPINGS_MAX = 2000, PROFILE_VALUES_MAX = 20000 };

struct profile {
    struct reader_mapping *mappings;
    size_t mappings_n;
    struct reader_translation *translations;
    size_t translations_n;
};

/* Reads a profile; memory from `a`. STATUS_INVALID "profile_invalid" names the line: a field that
 * is not there, a column mapped twice, a value translated twice, no header. STATUS_LIMIT when it is
 * too large. Text that is no UTF-8 is taken as windows-1252, which spreadsheets save. */
enum status profile_parse(const char *text, size_t n, struct arena *a, struct profile *out,
                          struct error *e) MUST_USE;
/* A first profile from the columns of a layer, with their samples beside them. */
void profile_propose(const struct reader_column *columns, size_t n, struct buf *out);

#endif
