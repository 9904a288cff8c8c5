/* Errors in the language of who reads; see error_text.h. */
#include "importers/error_text.h"

#include <stdio.h>
#include <string.h>

static const struct entry {
    const char *code, *text, *remedy;
} ENTRIES[] = {
#define ERROR(code, text, remedy) {code, text, remedy},
#include "importers/error_messages.def"
#undef ERROR
};

static const struct entry *entry_of(const char *code)
{
    for (size_t i = 0; i < sizeof ENTRIES / sizeof *ENTRIES; i++)
        if (strcmp(ENTRIES[i].code, code) == 0)
            return &ENTRIES[i];
    return NULL;
}

bool error_code_known(const char *code)
{
    return entry_of(code) != NULL;
}

static const char *status_text(enum status status)
{
    switch (status) {
    case STATUS_USAGE:
        return "lo pedido no está bien escrito";
    case STATUS_INVALID:
        return "los datos no se pueden usar";
    case STATUS_NOT_FOUND:
        return "no existe lo que se nombra";
    case STATUS_CONFLICT:
        return "algo que ya existe lo impide";
    case STATUS_BUSY:
        return "otro proceso lo ocupa";
    case STATUS_LIMIT:
        return "se pasó un límite";
    case STATUS_IO:
        return "falló la lectura o la escritura";
    case STATUS_CORRUPT:
        return "datos guardados se contradicen";
    case STATUS_MEMORY:
        return "no queda memoria";
    case STATUS_CANCELLED:
        return "se detuvo a petición";
    case STATUS_OK:
    case STATUS_INTERNAL:
        break;
    }
    return "falla del programa; por favor avísenos";
}

void error_in_words(const struct error *e, enum finding_lang lang, struct error_words *out)
{
    const struct entry *entry = lang == FINDING_ES ? entry_of(e->code) : NULL;
    if (lang != FINDING_ES) {
        snprintf(out->message, sizeof out->message, "%s", e->message);
        snprintf(out->remedy, sizeof out->remedy, "%s", e->remedy);
        return;
    }
    snprintf(out->message, sizeof out->message, "%s: %s",
             entry ? entry->text : status_text(e->status), e->message);
    size_t n = entry ? strlen(entry->remedy) : 0;
    bool of_the_case = n && entry->remedy[n - 1] == ':';
    if (!entry) /* better the English than none */
        snprintf(out->remedy, sizeof out->remedy, "%s", e->remedy);
    else if (of_the_case && !e->remedy[0])
        snprintf(out->remedy, sizeof out->remedy, "%.*s", (int)(n - 1), entry->remedy);
    else
        snprintf(out->remedy, sizeof out->remedy, "%s%s%s", entry->remedy, of_the_case ? " " : "",
                 of_the_case ? e->remedy : "");
}
