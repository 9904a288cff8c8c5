/* A finding: one problem found in a file or a row, as data. The table of codes is the only place
 * where codes, severities and texts live; documentation and API texts are made from it. */
#ifndef IMPORTERS_FINDING_H
#define IMPORTERS_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/boundary.h"

enum finding_severity { FINDING_INFO, FINDING_WARNING, FINDING_ERROR };

/* id, code, severity, what it means (en), what it means (es), remedy (en), remedy (es). Kept in
 * importers/finding_codes.def. */
enum finding_code {
#define FINDING(id, code, severity, text_en, text_es, remedy_en, remedy_es) FINDING_##id,
#include "importers/finding_codes.def"
#undef FINDING
    FINDING_CODES_N
};

struct finding_entry {
    const char *code; /* "self_crossing": the id in lower case */
    enum finding_severity severity;
    const char *text_en, *text_es, *remedy_en, *remedy_es;
};
const struct finding_entry *finding_entry(enum finding_code code);
/* FINDING_CODES_N when unknown. */
enum finding_code finding_code_parse(const char *code);
const char *finding_severity_name(enum finding_severity severity); /* "info", "warning", "error" */

struct finding {
    enum finding_code code;
    const char *file;    /* base name as the user gave it; inside an archive "a.zip/b.shp" */
    uint64_t row;        /* 1-based row of the layer; 0 = the whole file */
    const char *plot;    /* plot code or NULL */
    struct lonlat place; /* NaN when it has no place */
    const char *message; /* one sentence with the figures of this case */
    double effect_m2;    /* change of area by a repair; NaN when none */
};

/* ---- in the language of who reads ---- */

enum finding_lang { FINDING_EN, FINDING_ES };
/* "es", "es_MX.UTF-8", "es-MX", "en", "C", "POSIX"; false = another. Case does not matter. */
bool finding_lang_parse(const char *name, enum finding_lang *out);
const char *finding_text(enum finding_code code, enum finding_lang lang);
const char *finding_remedy(enum finding_code code, enum finding_lang lang);
/* The sentence of a finding: its message as kept (English), or in Spanish by finding_messages.def;
 * the code's text stands for a missing one, and before one that has no Spanish (a library's words).
 * Written to `text` where it is not the finding's own. */
enum { FINDING_MESSAGE_MAX = 900 };
const char *finding_message(const struct finding *f, enum finding_lang lang,
                            char text[FINDING_MESSAGE_MAX]);
/* Whether a message has its Spanish; for tests. */
bool finding_message_known(const char *message);

#endif
