/* CURPs: found, checked and replaced; see curp.h. */
#include "importers/curp.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "geo/base/buf.h"

enum {
    DIGITS = 7, /* at least, in a CURP */
    OTHER = 0,
    ENYE = 1,
    APART_MAX = 4 /* signs between two characters */
};

static const char STATES[] = "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR "
                             "SP SL SR TC TS TL VZ YN ZS NE";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || c == ENYE;
}

/* One character in capitals, ENYE for the letter of two bytes, OTHER for everything else; *n = its
 * bytes. */
static char character(const char *p, size_t *n)
{
    *n = 1;
    if (*p >= 'a' && *p <= 'z')
        return (char)(*p - 32);
    if (is_digit(*p) || (*p >= 'A' && *p <= 'Z'))
        return *p;
    if (p[0] == '\xC3' && (p[1] == '\x91' || p[1] == '\xB1')) {
        *n = 2;
        return ENYE;
    }
    return OTHER;
}

static bool day_exists(const char *c) /* yymmdd */
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = (c[2] - '0') * 10 + c[3] - '0', day = (c[4] - '0') * 10 + c[5] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static bool known_state(const char *c)
{
    for (const char *s = STATES; *s; s += 2 + (s[2] == ' '))
        if (s[0] == c[0] && s[1] == c[1])
            return true;
    return false;
}

/* Letters and digits where a CURP has them. */
static bool looks_like(const char c[CURP_LENGTH])
{
    for (int i = 0; i < CURP_LENGTH; i++) {
        bool digit = (i >= 4 && i < 10) || i == 17;
        if (digit ? !is_digit(c[i]) : i == 16 ? c[i] == OTHER : !is_letter(c[i]))
            return false;
    }
    return strchr("HMX", c[10]) && day_exists(c + 4);
}

static int value_of(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c == ENYE)
        return 24;
    return c - 'A' + 10 + (c > 'N');
}

static char check_digit(const char c[CURP_LENGTH])
{
    int sum = 0;
    for (int i = 0; i < CURP_LENGTH - 1; i++)
        sum += value_of(c[i]) * (CURP_LENGTH - i);
    return (char)('0' + (10 - sum % 10) % 10);
}

enum curp_answer curp_check(const char *text)
{
    char c[CURP_LENGTH];
    size_t count = 0, n, apart = 0;
    for (; *text; text += n) {
        char one = character(text, &n);
        if (one == OTHER && ((*text != ' ' && *text != '-') || ++apart > APART_MAX))
            return CURP_FORMAT;
        if (one == OTHER)
            continue;
        apart = 0;
        if (count == CURP_LENGTH)
            return CURP_FORMAT;
        c[count++] = one;
    }
    if (count != CURP_LENGTH || !looks_like(c) || !known_state(c + 11))
        return CURP_FORMAT;
    for (int i = 13; i < 16; i++)
        if (strchr("AEIOU", c[i]))
            return CURP_FORMAT;
    return check_digit(c) == c[17] ? CURP_GOOD : CURP_CHECK_DIGIT;
}

void curp_mark(const unsigned char key[CURP_KEY_BYTES], const char *text, char out[CURP_MARK_SIZE])
{
    crypto_generichash_state state;
    uint64_t hash[2];
    size_t n;
    crypto_generichash_init(&state, key, CURP_KEY_BYTES, sizeof hash);
    for (; *text; text += n) {
        char one = character(text, &n);
        if (one == ENYE)
            one = 'X'; /* as the register itself writes it */
        if (one != OTHER)
            crypto_generichash_update(&state, (const unsigned char *)&one, 1);
    }
    crypto_generichash_final(&state, (unsigned char *)hash, sizeof hash);
    snprintf(out, CURP_MARK_SIZE, "curp:%020" PRIu64 "%020" PRIu64, hash[0], hash[1]);
}

bool curp_is_mark(const char *text)
{
    return text && strncmp(text, "curp:", 5) == 0 &&
           strspn(text + 5, "0123456789") == CURP_MARK_DIGITS && !text[CURP_MARK_SIZE - 1];
}

/* Bytes of the CURP that begins at p; 0 = none does. With signs between its characters only where
 * the state is one of those there are: "Lote 190101 Maguey 12" is none. */
static size_t begins(const char *p)
{
    char c[CURP_LENGTH];
    size_t count = 0, n, run = 0;
    bool apart = false;
    const char *at = p;
    while (count < CURP_LENGTH) {
        char one = character(at, &n);
        if (one == OTHER && (!*at || !strchr(" -.", *at) || ++run > APART_MAX))
            return 0;
        apart = apart || one == OTHER;
        run = one == OTHER ? run : 0;
        if (one != OTHER) {
            if (count < 4 ? !is_letter(one) : count < 10 && !is_digit(one))
                return 0;
            c[count++] = one;
        }
        at += n;
    }
    return looks_like(c) && (!apart || known_state(c + 11)) ? (size_t)(at - p) : 0;
}

static bool has_digits(const char *text, int least)
{
    for (; *text && least; text++)
        least -= is_digit(*text);
    return !least;
}

const char *curp_masked(struct arena *a, const unsigned char key[CURP_KEY_BYTES], const char *text,
                        uint64_t *found)
{
    struct buf out = {0};
    size_t from = 0, n;
    char mark[CURP_MARK_SIZE];
    if (strlen(text) < CURP_LENGTH || !has_digits(text, DIGITS))
        return text;
    for (size_t at = 0; text[at];) {
        size_t bytes = is_letter(character(text + at, &n)) ? begins(text + at) : 0;
        if (!bytes) {
            at += n;
            continue;
        }
        char *one = arena_strndup(a, text + at, bytes);
        if (!one)
            return NULL;
        curp_mark(key, one, mark);
        sodium_memzero(one, bytes);
        if (!from && !out.length)
            buf_init(&out, 0);
        buf_put(&out, text + from, at - from);
        buf_puts(&out, mark);
        from = at += bytes;
        ++*found;
    }
    if (!out.length)
        return text;
    buf_puts(&out, text + from);
    const char *copy = out.failed ? NULL : arena_strdup(a, out.bytes);
    buf_clear(&out);
    return copy;
}
