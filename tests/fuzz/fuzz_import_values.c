/* Text of outside columns: keys, code pages, numbers, dates, lists. The first byte chooses the
 * page. */
#include <stdlib.h>
#include <string.h>

#include "importers/text.h"
#include "importers/values.h"
#include "importers/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const int pages[] = {1252, 28591, 850, 437};
    if (n == 0)
        return 0;
    char *text = malloc(n), key[TEXT_KEY_MAX], date[11];
    memcpy(text, bytes + 1, n - 1);
    text[n - 1] = 0;
    struct arena a;
    arena_init(&a, 64 << 20);
    double number;
    int year;
    enum survey_method method;
    const char *list[8];
    text_key(text, key);
    must(strlen(key) < TEXT_KEY_MAX);
    char *clean = text_clean(&a, text, 100),
         *page = text_from_page(&a, text, strlen(text), pages[bytes[0] % 4]);
    must(clean && text_utf8_valid(clean, strlen(clean)));
    must(page && text_utf8_valid(page, strlen(page)));
    if (value_number(text, &number))
        must(number == number && number - number == 0);
    if (value_year(text, &year))
        must(year >= 1900 && year <= 2100);
    if (value_date(text, date))
        must(strlen(date) == 10);
    (void)value_survey(text, &method);
    (void)value_gender(text);
    int pieces = value_list(&a, text, list, 8);
    for (int i = 0; i < pieces; i++)
        must(*list[i] != 0);
    (void)vocabulary_code(vocabulary_shipped(VOCABULARY_CROPS), text);
    arena_clear(&a);
    free(text);
    return 0;
}
