/* One field of a CSV line (RFC 4180 without line breaks in fields), for the small tables that are
 * compiled in and for users' tables of slope classes. Whole files of plots are read by
 * importers/csv.h. */
#ifndef GEO_CSV_FIELD_H
#define GEO_CSV_FIELD_H

#include <stddef.h>

/* Copies the field that begins at `p` to out (NUL-terminated, `room` bytes with the NUL). Returns
 * what follows it, past its comma; at the line's end a pointer to the line break or the NUL; NULL
 * when it is longer than room - 1 or its quotes do not close. */
const char *csv_field(const char *p, char *out, size_t room);
/* The number that the whole text is; false when it is anything else, or not finite. */
_Bool csv_number(const char *text, double *out);

#endif
