/* One XForm submission (ODK, Kobo: an XML file per answered form) as paths and texts. Thread-safe;
 * no entity is ever expanded: a document type declaration is refused. */
#ifndef IMPORTERS_SUBMISSION_H
#define IMPORTERS_SUBMISSION_H

#include <stdbool.h>

#include "geo/base/arena.h"
#include "geo/base/error.h"

enum { SUBMISSION_BYTES_MAX = 16 << 20, SUBMISSION_DEPTH_MAX = 64, SUBMISSION_ANSWERS_MAX = 2000 };

struct submission {
    bool is_form; /* the outermost element has the id of a form */
    const char *
        *paths; /* "grupo/codigo", without the outermost element, each once, in document order */
    const char **texts; /* answers of repeats joined: points by ";", others by "; " */
    size_t n;
};

/* read(arg, buffer, n) as in geojson_guard. Memory from `a`. Errors: STATUS_INVALID "xml_damaged"
 * with the line, "xml_doctype"; STATUS_LIMIT "xml_limit". */
enum status submission_read(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                            struct arena *a, struct submission *out, struct error *e) MUST_USE;

#endif
