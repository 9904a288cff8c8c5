/* What a file is: by its bytes, not by its name. Names only tell apart what begins alike (.shp and
 * .shx). */
#ifndef IMPORTERS_KIND_H
#define IMPORTERS_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum kind {
    KIND_UNKNOWN,
    KIND_EMPTY,
    KIND_SHP,
    KIND_PART, /* of a shapefile */
    KIND_ZIP,
    KIND_XLSX,
    KIND_ARCHIVE_OTHER, /* a spreadsheet or document that is a zip, but none that is read */
    KIND_GPKG,
    KIND_SQLITE,
    KIND_FLATGEOBUF,
    KIND_JSON,
    KIND_JSON_SEQUENCE,
    KIND_GPX,
    KIND_KML,
    KIND_XML, /* perhaps a form submission */
    KIND_NMEA,
    KIND_TIFF,
    KIND_TABLE, /* text in cells, or at least in lines */
    KINDS_N
};

enum { KIND_HEAD = 4096 };

/* From the first bytes (n of them, followed by a 0) and the name. JSON sequences are told from JSON
 * by kind_json_sequence. Pure. */
enum kind kind_of_bytes(const char head[KIND_HEAD + 1], size_t n, const char *name);
/* read(arg, buffer, n) gives the text from its beginning: does another value follow the first
 * object? */
bool kind_json_sequence(size_t (*read)(void *arg, char *buffer, size_t n), void *arg);
/* What a file in a format that is not read is called ("a DXF drawing"); NULL = we do not know it,
 * or it is none of these. `head` as above. */
const char *kind_foreign(const char *head);
bool ends_with(const char *text, const char *end);

#endif
