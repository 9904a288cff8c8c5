/* The table of finding codes; see finding.h. */
#include "importers/finding.h"

#include <string.h>

static const struct finding_entry ENTRIES[] = {
#define FINDING(id, code, severity, text_en, text_es, remedy_en, remedy_es)                        \
    [FINDING_##id] = {code, FINDING_##severity, text_en, text_es, remedy_en, remedy_es},
#include "importers/finding_codes.def"
#undef FINDING
};

const struct finding_entry *finding_entry(enum finding_code code)
{
    return (unsigned)code < FINDING_CODES_N ? &ENTRIES[code] : NULL;
}

enum finding_code finding_code_parse(const char *code)
{
    for (int i = 0; i < FINDING_CODES_N; i++)
        if (strcmp(ENTRIES[i].code, code) == 0)
            return (enum finding_code)i;
    return FINDING_CODES_N;
}

const char *finding_severity_name(enum finding_severity severity)
{
    static const char *const names[] = {"info", "warning", "error"};
    return names[severity];
}
