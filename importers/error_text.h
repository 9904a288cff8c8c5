/* Errors in the language of who reads. The code stays what programs go by. */
#ifndef IMPORTERS_ERROR_TEXT_H
#define IMPORTERS_ERROR_TEXT_H

#include "geo/base/error.h"
#include "importers/finding.h"

struct error_words {
    char
        message[800]; /* Spanish: the sentence of the code, then the English one with its figures */
    char remedy[700]; /* "" = none */
};
/* English: as it is. An error whose code has no Spanish gets the sentence of its status. */
void error_in_words(const struct error *e, enum finding_lang lang, struct error_words *out);
/* Whether the code has its own Spanish; for tests. */
bool error_code_known(const char *code);

#endif
