/* Lists of crops and practices (importers/data): words in Spanish or English to one code. Read-only
 * after the first use of vocabulary_shipped(), which must be on one thread. */
#ifndef IMPORTERS_VOCABULARY_H
#define IMPORTERS_VOCABULARY_H

#include <stddef.h>

struct vocabulary;
struct vocabulary_entry {
    const char *code, *es, *en;
};

enum vocabulary_kind { VOCABULARY_CROPS, VOCABULARY_PRACTICES };

/* The list built into the program; NULL only without memory. */
const struct vocabulary *vocabulary_shipped(enum vocabulary_kind kind);
/* The code of a word, whatever its case, accents and separators; NULL when it is not known. */
const char *vocabulary_code(const struct vocabulary *v, const char *word);
/* Entries in file order, for forms and translations. */
size_t vocabulary_count(const struct vocabulary *v);
const struct vocabulary_entry *vocabulary_at(const struct vocabulary *v, size_t i);

#endif
