/* Degrees, minutes, seconds, and the points of forms; see coordinates.h. */
#include "importers/coordinates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum mark { MARK_NONE, MARK_DEGREE, MARK_MINUTE, MARK_SECOND, MARK_COLON };

/* Signs for degrees, minutes and seconds in UTF-8 and in one-byte pages. Longer ones first. */
static const struct {
    const char *bytes;
    enum mark mark;
} MARKS[] = {
    {"\xC2\xB0", MARK_DEGREE},
    {"\xC2\xBA", MARK_DEGREE},
    {"\xCB\x9A", MARK_DEGREE},
    {"\xB0", MARK_DEGREE},
    {"\xBA", MARK_DEGREE},
    {"''", MARK_SECOND},
    {"\xE2\x80\xB2\xE2\x80\xB2", MARK_SECOND},
    {"\xE2\x80\xB3", MARK_SECOND},
    {"\xE2\x80\x9D", MARK_SECOND},
    {"\xE2\x80\x9C", MARK_SECOND},
    {"\"", MARK_SECOND},
    {"\xE2\x80\xB2", MARK_MINUTE},
    {"\xE2\x80\x99", MARK_MINUTE},
    {"\xE2\x80\x98", MARK_MINUTE},
    {"\xC2\xB4", MARK_MINUTE},
    {"\xB4", MARK_MINUTE},
    {"'", MARK_MINUTE},
    {":", MARK_COLON},
};

static const char *skip_spaces(const char *p)
{
    for (;;)
        if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
            p++;
        else if (strncmp(p, "\xC2\xA0", 2) == 0)
            p += 2;
        else
            return p;
}

static const char *take_mark(const char *p, enum mark *out)
{
    p = skip_spaces(p);
    *out = MARK_NONE;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (strncmp(p, MARKS[i].bytes, strlen(MARKS[i].bytes)) == 0) {
            *out = MARKS[i].mark;
            return skip_spaces(p + strlen(MARKS[i].bytes));
        }
    return p;
}

/* N, S, E, W and O (oeste) alone; *sign -1 for S, W, O. */
static const char *take_letter(const char *p, char *axis, int *sign)
{
    static const char letters[] = "NnSsEeWwOo";
    const char *found = *p ? strchr(letters, *p) : NULL;
    if (!found)
        return p;
    size_t i = (size_t)(found - letters) / 2;
    *axis = i < 2 ? 'n' : 'e';
    *sign = i == 0 || i == 2 ? 1 : -1;
    return skip_spaces(p + 1);
}

/* Digits with at most one decimal sign. */
static const char *take_number(const char *p, double *out, bool *whole)
{
    char plain[40];
    size_t n = 0;
    bool digits = false;
    *whole = true;
    for (; n + 1 < sizeof plain; p++) {
        if (*p >= '0' && *p <= '9')
            digits = true;
        else if ((*p == '.' || *p == ',') && *whole)
            *whole = false;
        else
            break;
        plain[n++] = *p == ',' ? '.' : *p;
    }
    plain[n] = 0;
    if (!digits || (*p >= '0' && *p <= '9'))
        return NULL;
    *out = strtod(plain, NULL);
    return p;
}

/* The mark that may stand after number i. */
static bool mark_fits(enum mark mark, int i)
{
    return mark == MARK_NONE || (mark == MARK_COLON && i < 2) || (int)mark == i + (int)MARK_DEGREE;
}

static bool exponent(const char *text, double *out)
{
    char *end = NULL;
    if (text[strspn(text, "+-0123456789.eE")])
        return false;
    *out = strtod(text, &end);
    return end != text && !*end && isfinite(*out);
}

bool coordinate_parse(const char *text, double *out, char *axis)
{
    double v[3] = {0, 0, 0};
    int n = 0, letter = 0, sign = 1;
    bool whole = true, minus = false;
    *axis = 0;
    const char *p = take_letter(skip_spaces(text), axis, &letter);
    bool before = letter != 0;
    if (*p == '-' || *p == '+')
        minus = *p++ == '-';
    p = skip_spaces(p);
    while (n < 3 && *p >= '+' && *p <= '9') {
        enum mark mark;
        if (n && !whole)
            return false;
        if (!(p = take_number(p, &v[n], &whole)))
            return false;
        p = take_mark(p, &mark);
        if (!mark_fits(mark, n++))
            return false;
    }
    if (!before)
        p = take_letter(p, axis, &letter);
    if (!n || *p) {
        *axis = 0;
        return exponent(skip_spaces(text), out);
    }
    if (v[1] >= 60 || v[2] >= 60 || (minus && letter > 0) || (n > 1 && v[0] > 180))
        return false;
    sign = minus || letter < 0 ? -1 : 1;
    *out = sign * (n == 1 ? v[0] : (v[0] * 3600 + v[1] * 60 + v[2]) / 3600);
    return isfinite(*out);
}

/* ---- forms ---- */

static const char *form_number(const char *p, double *out)
{
    size_t n = strspn(p, "+-0123456789.eE");
    char *end = NULL;
    *out = n ? strtod(p, &end) : NAN;
    return n && n < 40 && end == p + n && isfinite(*out) ? end : NULL;
}

/* One point up to ; or the end. */
static const char *form_point(const char *p, struct form_point *out)
{
    double v[4] = {NAN, NAN, NAN, NAN};
    int n = 0;
    while (n < 4 && *p && *p != ';') {
        if (!(p = form_number(p, &v[n++])))
            return NULL;
        const char *after = skip_spaces(p);
        if (after == p && *p && *p != ';')
            return NULL;
        p = after;
    }
    *out = (struct form_point){v[0], v[1], v[2], v[3]};
    bool good = n >= 2 && (!*p || *p == ';') && fabs(v[0]) <= 90 && fabs(v[1]) <= 180;
    return good ? p : NULL;
}

size_t form_points(const char *text, struct form_point *out, size_t max)
{
    size_t n = 0;
    const char *p = skip_spaces(text);
    while (*p) {
        struct form_point point;
        if (*p == ';') { /* Central 0.7 to 0.9 wrote empty points at the end */
            p = skip_spaces(p + 1);
            continue;
        }
        if (n == FORM_POINTS_MAX || !(p = form_point(p, &point)))
            return 0;
        if (out && n < max)
            out[n] = point;
        n++;
    }
    return n;
}
