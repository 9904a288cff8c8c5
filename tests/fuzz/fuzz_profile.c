/* Mapping profiles, and the text of columns that goes through dates, numbers and CURPs. The first
 * byte chooses. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "importers/curp.h"
#include "importers/dates.h"
#include "importers/finding.h"
#include "importers/profile.h"
#include "importers/text.h"
#include "importers/values.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* What was parsed is within the text's limits and proposes nothing that cannot be read again. */
static void profile(const char *text, size_t n, struct arena *a)
{
    struct profile p;
    struct error e;
    if (profile_parse(text, n, a, &p, &e) != STATUS_OK)
        return;
    must(p.mappings_n + p.translations_n > 0 && p.mappings_n <= PROFILE_MAPPINGS_MAX);
    for (size_t i = 0; i < p.mappings_n; i++)
        must(*p.mappings[i].column &&
             text_utf8_valid(p.mappings[i].column, strlen(p.mappings[i].column)));
    struct reader_column columns[4] = {{.name = ""}};
    size_t columns_n = p.mappings_n < 4 ? p.mappings_n : 4;
    for (size_t i = 0; i < columns_n; i++)
        columns[i] =
            (struct reader_column){.name = p.mappings[i].column,
                                   .field = *p.mappings[i].field ? p.mappings[i].field : NULL,
                                   .samples = {p.mappings[i].column},
                                   .becomes = {"?"}};
    struct buf out;
    buf_init(&out, 0);
    profile_propose(columns, columns_n, &out);
    if (columns_n && columns[0].name[0] != '#')
        must(profile_parse(out.bytes, out.length, a, &p, &e) == STATUS_OK);
    buf_clear(&out);
}

static void values(char *text, struct arena *a)
{
    static const unsigned char key[CURP_KEY_BYTES] = {7};
    char date[11], again[11], translated[FINDING_MESSAGE_MAX], mark[CURP_MARK_SIZE];
    double v, w;
    uint64_t found = 0, more = 0;
    for (int order = DATE_ORDER_UNKNOWN; order <= DATE_MONTH_FIRST; order++)
        if (date_parse(text, (enum date_order)order, date) != DATE_NONE)
            must(date_parse(date, DATE_ORDER_UNKNOWN, again) == DATE_PLAIN && !strcmp(date, again));
    (void)date_order_of(text);
    for (int sign = NUMBER_SIGN_UNKNOWN; sign <= NUMBER_COMMA; sign++)
        if (value_number_as(text, (enum number_sign)sign, &v) != NUMBER_NONE)
            must(v - v == 0);
    if (value_number_sign(text) == NUMBER_POINT &&
        value_number_as(text, NUMBER_POINT, &v) == NUMBER_PLAIN)
        must(value_number(text, &w) && v == w);
    if (!text_utf8_valid(text, strlen(text)))
        return;
    const char *masked = curp_masked(a, key, text, &found);
    must(masked && text_utf8_valid(masked, strlen(masked)) && (found > 0) == (masked != text));
    must(curp_masked(a, key, masked, &more) == masked && more == 0);
    if (curp_check(text) != CURP_FORMAT)
        must(found == 1);
    curp_mark(key, text, mark);
    must(curp_is_mark(mark));
    struct finding f = {.code = FINDING_FILE_WARNING, .message = text};
    must(strlen(finding_message(&f, FINDING_ES, translated)) < FINDING_MESSAGE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0 || sodium_init() < 0)
        return 0;
    char *text = malloc(n);
    memcpy(text, bytes + 1, n - 1);
    text[n - 1] = 0;
    struct arena a;
    arena_init(&a, 256 << 20);
    if (bytes[0] % 2)
        profile(text, n - 1, &a);
    else
        values(text, &a);
    arena_clear(&a);
    free(text);
    return 0;
}
