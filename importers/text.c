/* UTF-8 checks, comparison keys and code pages; see text.h. */
#include "importers/text.h"

#include <stdint.h>
#include <string.h>

static size_t sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return p[0] ? 1 : 0;
    size_t want = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                  : (p[0] & 0xF0) == 0xE0        ? 3
                  : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                 : 0;
    if (want == 0 || want > n)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return want;
}

bool text_ascii(const char *bytes, size_t n)
{
    uint64_t word;
    for (; n >= 8; bytes += 8, n -= 8) {
        memcpy(&word, bytes, 8);
        if (word & 0x8080808080808080u)
            return false;
    }
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

bool text_utf8_valid(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    while (n) {
        /* Eight plain bytes at a time: none zero, none above 0x7F (most of what is checked is
         * such). */
        uint64_t word;
        if (n >= 8) {
            memcpy(&word, p, 8);
            if (!((word | (word - 0x0101010101010101u)) & 0x8080808080808080u)) {
                p += 8;
                n -= 8;
                continue;
            }
        }
        size_t step = sequence(p, n);
        if (step == 0)
            return false;
        p += step;
        n -= step;
    }
    return true;
}

/* Base letters of U+00C0..U+017F; '.' = drop, two-letter ones are handled by the caller. */
static char base_letter(uint32_t c)
{
    static const char latin1[] = "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty";
    static const char extended[] =
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
        "rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    if (c >= 0xC0 && c <= 0xFF)
        return latin1[c - 0xC0];
    if (c >= 0x100 && c <= 0x17F)
        return extended[c - 0x100];
    return 0;
}

void text_key(const char *utf8, char out[TEXT_KEY_MAX])
{
    size_t n = 0, left = utf8 ? strlen(utf8) : 0;
    const unsigned char *p = (const unsigned char *)utf8;
    while (left && n + 4 < TEXT_KEY_MAX) {
        size_t step = sequence(p, left);
        if (step <= 1) {
            unsigned char c = *p;
            if (c >= 'A' && c <= 'Z')
                c = (unsigned char)(c + 32);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
                out[n++] = (char)c;
            step = 1;
        } else if (step == 2) {
            uint32_t c = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
            char base = base_letter(c);
            if (base && base != '.')
                out[n++] = base;
            else if (!base && !(c >= 0x300 && c <= 0x36F) &&
                     c >= 0x180) { /* other scripts stay as they are */
                out[n++] = (char)p[0];
                out[n++] = (char)p[1];
            }
        } else {
            for (size_t i = 0; i < step && n + 4 < TEXT_KEY_MAX; i++)
                out[n++] = (char)p[i];
        }
        p += step;
        left -= step;
    }
    out[n] = 0;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

static uint32_t page_character(unsigned char b, int page)
{
    static const uint16_t cp1252[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    /* Letters of the DOS pages 437 and 850 from 0x80 to 0xA8; box drawings and the rest become
     * U+FFFD. */
    static const uint16_t dos[41] = {
        0xC7, 0xFC, 0xE9, 0xE2,  0xE4, 0xE0, 0xE5, 0xE7, 0xEA, 0xEB, 0xE8, 0xEF, 0xEE, 0xEC,
        0xC4, 0xC5, 0xC9, 0xE6,  0xC6, 0xF4, 0xF6, 0xF2, 0xFB, 0xF9, 0xFF, 0xD6, 0xDC, 0xF8,
        0xA3, 0xD8, 0xD7, 0x192, 0xE1, 0xED, 0xF3, 0xFA, 0xF1, 0xD1, 0xAA, 0xBA, 0xBF};
    static const struct {
        unsigned char byte;
        uint16_t code;
    } dos850[] = {{0xB5, 0xC1}, {0xB6, 0xC2}, {0xB7, 0xC0}, {0xC6, 0xE3}, {0xC7, 0xC3},
                  {0xD2, 0xCA}, {0xD3, 0xCB}, {0xD4, 0xC8}, {0xD6, 0xCD}, {0xD7, 0xCE},
                  {0xD8, 0xCF}, {0xDE, 0xCC}, {0xE0, 0xD3}, {0xE2, 0xD4}, {0xE3, 0xD2},
                  {0xE4, 0xF5}, {0xE5, 0xD5}, {0xE9, 0xDA}, {0xEA, 0xDB}, {0xEB, 0xD9},
                  {0xF8, 0xB0}};
    if (b < 0x80)
        return b;
    if (page == 1252)
        return b < 0xA0 ? cp1252[b - 0x80] : b;
    if (page != 850 && page != 437)
        return b < 0xA0 ? 0xFFFD : b;
    if (b <= 0xA8)
        return dos[b - 0x80];
    for (size_t i = 0; i < sizeof dos850 / sizeof *dos850; i++)
        if (dos850[i].byte == b && (page == 850 || b == 0xF8))
            return dos850[i].code;
    return 0xFFFD;
}

int text_page_of(const char *name)
{
    char key[TEXT_KEY_MAX];
    text_key(name, key);
    static const struct {
        const char *key;
        int page;
    } names[] = {
        {"utf8", TEXT_PAGE_UTF8}, {"65001", TEXT_PAGE_UTF8}, {"cp65001", TEXT_PAGE_UTF8}, {"1252", 1252},
        {"cp1252", 1252},    {"ansi1252", 1252},   {"windows1252", 1252},  {"ansi", 1252},
        {"iso88591", 28591}, {"88591", 28591},     {"latin1", 28591},      {"iso885915", 28591},
        {"850", 850},        {"cp850", 850},       {"ibm850", 850},        {"437", 437},
        {"cp437", 437},      {"ibm437", 437},      {"system", 1252},       {"oem850", 850},
        {"windows", 1252},   {"win1252", 1252},   {"28591", 28591},        {"iso8859", 28591},
        {"dos", 850},        {"oem", 850}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(key, names[i].key) == 0)
            return names[i].page;
    return *key ? -1 : 0;
}

char *text_from_page(struct arena *a, const char *bytes, size_t n, int page)
{
    char *out = arena_alloc(a, n * 3 + 1), *p = out;
    for (size_t i = 0; out && i < n && bytes[i]; i++)
        p += put_utf8(p, page_character((unsigned char)bytes[i], page));
    return out;
}

char *text_clean(struct arena *a, const char *bytes, size_t max)
{
    size_t n = bytes ? strlen(bytes) : 0, length = 0;
    const unsigned char *p = (const unsigned char *)bytes;
    char *out = arena_alloc(a, (n < max ? n : max) * 3 + 1);
    while (out && n && length < max) {
        size_t step = sequence(p, n);
        if (step > 1 && length + step > max)
            break;
        if (step == 0) {
            length += put_utf8(out + length, 0xFFFD);
            step = 1;
        } else {
            memcpy(out + length, p, step);
            length += step;
        }
        p += step;
        n -= step;
    }
    return out;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the text between the spaces at both ends begins; its length. */
static const char *between_spaces(const char *text, size_t *n)
{
    while (is_space(*text))
        text++;
    *n = strlen(text);
    while (*n && is_space(text[*n - 1]))
        --*n;
    return text;
}

char *text_trim(struct arena *a, const char *text)
{
    size_t n = 0;
    const char *start = text ? between_spaces(text, &n) : NULL;
    return n ? arena_strndup(a, start, n) : NULL;
}

const char *text_trimmed(struct arena *a, const char *text)
{
    size_t n = 0;
    const char *start = text ? between_spaces(text, &n) : NULL;
    return !n ? NULL : start[n] ? arena_strndup(a, start, n) : start;
}
