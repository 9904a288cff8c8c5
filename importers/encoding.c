/* Which encoding the text of a DBF is in, and values to UTF-8. GDAL is told not to recode
 * (PLATFORM 1.2: it passes what it cannot recode on unchanged); valid UTF-8 with letters beyond
 * ASCII wins over whatever is declared, because declarations lie more often than bytes do
 * (DOMAIN.md 6.4). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"

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
    case TEXT_PAGE_UTF8:
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

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The letters of Spanish lie elsewhere in the DOS pages than in those of Windows: whichever set
 * stands beside plain letters four times as often is the page, whatever is declared (a language
 * byte is what the program was set to, not what it wrote). Too few, or both: as declared. */
static int page_weighed(const unsigned char *sample, size_t n, int declared)
{
    static const char windows[] = "\xE1\xE9\xED\xF3\xFA\xF1\xD1\xC1\xC9\xD3\xDA\xFC",
                      dos[] = "\xA0\x82\xA1\xA2\xA3\xA4\xA5\x81\x90";
    bool says_dos = declared == 850 || declared == 437;
    int page = declared > 0 && declared != TEXT_PAGE_UTF8 ? declared : 1252;
    size_t of_windows = 0, of_dos = 0;
    for (size_t i = 1; i + 1 < n; i++) {
        if (sample[i] < 0x80 || (!is_letter(sample[i - 1]) && !is_letter(sample[i + 1])))
            continue;
        of_windows += strchr(windows, sample[i]) != NULL;
        of_dos += strchr(dos, sample[i]) != NULL;
    }
    if (says_dos && of_windows > 4 * of_dos)
        return 1252;
    return !says_dos && of_dos >= 2 && of_dos > 4 * of_windows ? 850 : page;
}

void encoding_detect(struct encoding *out, const char *given, const char *cpg, int language_byte,
                     const unsigned char *sample, size_t sample_n)
{
    out->raw = true;
    if (given && text_page_of(given) > 0) {
        out->forced = true;
        out->declared = text_page_of(given);
        out->utf8_likely = out->declared == TEXT_PAGE_UTF8;
        out->page = out->utf8_likely ? 1252 : out->declared;
        snprintf(out->label, sizeof out->label, "%s (given)", page_name(out->declared));
        return;
    }
    out->declared = cpg ? text_page_of(cpg) : 0;
    if (out->declared == 0)
        out->declared = page_of_language(language_byte);
    bool ascii = text_ascii((const char *)sample, sample_n);
    out->utf8_likely = ascii ? out->declared == TEXT_PAGE_UTF8 : sample_is_utf8(sample, sample_n);
    out->page = page_weighed(sample, sample_n, out->declared);
    if (ascii && out->declared <= 0)
        snprintf(out->label, sizeof out->label, "ASCII");
    else if (out->utf8_likely || ascii)
        snprintf(out->label, sizeof out->label, "%s%s",
                 page_name(out->utf8_likely ? TEXT_PAGE_UTF8 : out->declared),
                 ascii || out->declared == TEXT_PAGE_UTF8 ? "" : " (guessed)");
    else
        snprintf(out->label, sizeof out->label, "%s%s", page_name(out->page),
                 out->page == out->declared ? "" : " (guessed)");
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
    if (enc->forced && enc->declared != TEXT_PAGE_UTF8)
        return text_from_page(&im->row_arena, raw, n, enc->declared);
    if (text_utf8_valid(raw, n)) {
        if (enc->raw && enc->declared != TEXT_PAGE_UTF8)
            note_guess(im, "UTF-8", raw);
        return raw;
    }
    size_t tail =
        width > 0 && n >= (size_t)width && (enc->utf8_likely || enc->declared == TEXT_PAGE_UTF8)
            ? cut_tail(raw, n)
            : 0;
    if (tail)
        return arena_strndup(&im->row_arena, raw, n - tail);
    if (enc->forced) /* UTF-8 as told, though these bytes are none */
        return text_clean(&im->row_arena, raw, n);
    int page = enc->raw ? enc->page : 1252;
    char *text = text_from_page(&im->row_arena, raw, n, page);
    if (text && page != enc->declared)
        note_guess(im, page_name(page), text);
    return text;
}
