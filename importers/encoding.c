/* Which encoding the text of a DBF is in, and values to UTF-8. GDAL is told not to recode
 * (PLATFORM 1.2: it passes what it cannot recode on unchanged); valid UTF-8 with letters beyond
 * ASCII wins over whatever is declared, because declarations lie more often than bytes do
 * (DOMAIN.md 6.4). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"

enum { PAGE_UTF8 = 65001 };

static int page_of_cpg(const char *cpg)
{
    char key[TEXT_KEY_MAX];
    text_key(cpg, key);
    static const struct {
        const char *key;
        int page;
    } names[] = {
        {"utf8", PAGE_UTF8}, {"65001", PAGE_UTF8}, {"cp65001", PAGE_UTF8}, {"1252", 1252},
        {"cp1252", 1252},    {"ansi1252", 1252},   {"windows1252", 1252},  {"ansi", 1252},
        {"iso88591", 28591}, {"88591", 28591},     {"latin1", 28591},      {"iso885915", 28591},
        {"850", 850},        {"cp850", 850},       {"ibm850", 850},        {"437", 437},
        {"cp437", 437},      {"ibm437", 437},      {"system", 1252},       {"oem850", 850}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(key, names[i].key) == 0)
            return names[i].page;
    return *key ? -1 : 0;
}

/* dBASE and FoxPro language drivers. */
static int page_of_language(int byte)
{
    switch (byte) {
    case 0x03:
    case 0x57:
    case 0x58:
    case 0x59:
        return 1252;
    case 0x02:
    case 0x0A:
    case 0x0E:
    case 0x10:
    case 0x12:
    case 0x14:
    case 0x16:
    case 0x1A:
    case 0x1D:
    case 0x25:
    case 0x37:
        return 850;
    case 0x01:
    case 0x09:
    case 0x0B:
    case 0x0D:
    case 0x0F:
    case 0x11:
    case 0x15:
    case 0x18:
    case 0x19:
    case 0x1B:
        return 437;
    default:
        return 0;
    }
}

static const char *page_name(int page)
{
    switch (page) {
    case PAGE_UTF8:
        return "UTF-8";
    case 28591:
        return "ISO-8859-1";
    case 850:
        return "CP850";
    case 437:
        return "CP437";
    default:
        return "windows-1252";
    }
}

/* Records run into each other, so only whole runs of bytes beyond ASCII count: all valid, or at
 * least most. */
static bool sample_is_utf8(const unsigned char *sample, size_t n)
{
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < n; i++) {
        if (sample[i] < 0xC2 || sample[i] > 0xF4) {
            bad += sample[i] >= 0x80;
            continue;
        }
        size_t want = sample[i] < 0xE0 ? 2 : sample[i] < 0xF0 ? 3 : 4;
        if (i + want <= n && text_utf8_valid((const char *)sample + i, want)) {
            good++;
            i += want - 1;
        } else {
            bad++;
        }
    }
    return good > bad * 4;
}

void encoding_detect(struct encoding *out, const char *cpg, int language_byte,
                     const unsigned char *sample, size_t sample_n)
{
    out->raw = true;
    out->declared = cpg ? page_of_cpg(cpg) : 0;
    if (out->declared == 0)
        out->declared = page_of_language(language_byte);
    bool ascii = text_ascii((const char *)sample, sample_n);
    out->utf8_likely = ascii ? out->declared == PAGE_UTF8 : sample_is_utf8(sample, sample_n);
    if (ascii && out->declared <= 0)
        snprintf(out->label, sizeof out->label, "ASCII");
    else if (out->utf8_likely)
        snprintf(out->label, sizeof out->label, "UTF-8%s",
                 out->declared == PAGE_UTF8 ? "" : " (guessed)");
    else if (out->declared > 0 && (ascii || out->declared != PAGE_UTF8))
        snprintf(out->label, sizeof out->label, "%s", page_name(out->declared));
    else
        snprintf(out->label, sizeof out->label, "windows-1252 (guessed)");
}

static void note_guess(struct import *im, const char *as, const char *sample)
{
    struct tally *t = &im->tally;
    if (t->guessed_n++ == 0) {
        t->guessed_row = im->row.row;
        t->guessed_as = as;
        t->guessed_sample = arena_strdup(&im->file_arena, sample);
    }
}

/* Bytes of an unfinished character at the end of a value that fills its field: a DBF writer cut it.
 */
static size_t cut_tail(const char *raw, size_t n)
{
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = (unsigned char)raw[n - back];
        if (c >= 0xC2)
            return text_utf8_valid(raw, n - back) ? back : 0;
        if (c < 0x80)
            return 0;
    }
    return 0;
}

const char *encoding_value(struct import *im, const struct encoding *enc, const char *raw,
                           int width)
{
    size_t n = strlen(raw);
    if (text_ascii(raw, n))
        return raw;
    if (text_utf8_valid(raw, n)) {
        if (enc->raw && enc->declared != PAGE_UTF8)
            note_guess(im, "UTF-8", raw);
        return raw;
    }
    size_t tail =
        width > 0 && n >= (size_t)width && (enc->utf8_likely || enc->declared == PAGE_UTF8)
            ? cut_tail(raw, n)
            : 0;
    if (tail)
        return arena_strndup(&im->row_arena, raw, n - tail);
    int page = enc->declared > 0 && enc->declared != PAGE_UTF8 ? enc->declared : 1252;
    char *text = text_from_page(&im->row_arena, raw, n, page);
    if (text && page != enc->declared)
        note_guess(im, page_name(page), text);
    return text;
}
