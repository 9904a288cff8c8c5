/* Crop and practice words; see vocabulary.h. A sorted array of keys, searched by halves. */
#include "importers/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "importers/text.h"

extern const unsigned char importers_crops_csv[], importers_practices_csv[];

struct word {
    char *key;
    size_t entry;
};

struct vocabulary {
    char *text; /* a copy of the CSV, cut into strings */
    struct vocabulary_entry *entries;
    size_t entries_n;
    struct word *words;
    size_t words_n;
};

static int by_key(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static void add_word(struct vocabulary *v, const char *text)
{
    char key[TEXT_KEY_MAX];
    text_key(text, key);
    if (*key && (v->words[v->words_n].key = strdup(key)))
        v->words[v->words_n++].entry = v->entries_n;
}

/* "code,es,en,other|other" */
static void add_line(struct vocabulary *v, char *line)
{
    struct vocabulary_entry *entry = &v->entries[v->entries_n];
    entry->code = strsep(&line, ",");
    entry->es = strsep(&line, ",");
    entry->en = strsep(&line, ",");
    if (!entry->es || !entry->en)
        return;
    add_word(v, entry->code);
    add_word(v, entry->es);
    add_word(v, entry->en);
    while (line)
        add_word(v, strsep(&line, "|"));
    v->entries_n++;
}

static struct vocabulary *parse(const char *csv)
{
    struct vocabulary *v = calloc(1, sizeof *v);
    size_t lines = 1, words = 1;
    for (const char *p = csv; *p; p++) {
        lines += *p == '\n';
        words += *p == '\n' || *p == ',' || *p == '|';
    }
    if (!v || !(v->text = strdup(csv)) || !(v->entries = calloc(lines, sizeof *v->entries)) ||
        !(v->words = calloc(words + 1, sizeof *v->words)))
        return NULL; /* at start only: the program ends */
    char *rest = v->text, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line && *line != '#')
            add_line(v, line);
    qsort(v->words, v->words_n, sizeof *v->words, by_key);
    return v;
}

const struct vocabulary *vocabulary_shipped(enum vocabulary_kind kind)
{
    static struct vocabulary *lists[2];
    if (!lists[kind])
        lists[kind] = parse((const char *)(kind == VOCABULARY_CROPS ? importers_crops_csv
                                                                    : importers_practices_csv));
    return lists[kind];
}

const char *vocabulary_code(const struct vocabulary *v, const char *text)
{
    char key[TEXT_KEY_MAX];
    text_key(text, key);
    struct word wanted = {.key = key};
    const struct word *found =
        v ? bsearch(&wanted, v->words, v->words_n, sizeof *v->words, by_key) : NULL;
    return found ? v->entries[found->entry].code : NULL;
}

size_t vocabulary_count(const struct vocabulary *v)
{
    return v ? v->entries_n : 0;
}

const struct vocabulary_entry *vocabulary_at(const struct vocabulary *v, size_t i)
{
    return &v->entries[i];
}
