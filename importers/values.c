/* Values of fields; see values.h. */
#include "importers/values.h"
#include "importers/dates.h"
#include "importers/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What ends the digits: nothing, or a unit. */
static bool unit_or_end(const char *end)
{
    while (*end == ' ')
        end++;
    return !*end || strcasecmp(end, "ha") == 0 || strcasecmp(end, "has") == 0 ||
           strcasecmp(end, "has.") == 0 || strcasecmp(end, "m") == 0 ||
           strcasecmp(end, "hectareas") == 0 || strcasecmp(end, "hect\303\241reas") == 0;
}

/* Where the digits and signs end; NULL when there are none, or too many. */
static const char *number_end(const char *text, const char **mantissa)
{
    const char *end = text;
    if (*end == '-' || *end == '+')
        end++;
    while (digit(*end) || *end == '.' || *end == ',')
        end++;
    *mantissa = end;
    if (end > text && (*end == 'e' || *end == 'E') &&
        (digit(end[1]) || ((end[1] == '-' || end[1] == '+') && digit(end[2]))))
        for (end += 2; digit(*end); end++)
            ;
    return end > text && end - text < 48 ? end : NULL;
}

/* The decimal sign: as told; else the last of . and , when both occur; else a sign that stands
 * alone. */
static const char *decimal_sign(const char *text, const char *end, enum number_sign sign,
                                bool *ambiguous)
{
    const char *point = memrchr(text, '.', (size_t)(end - text)),
               *comma = memrchr(text, ',', (size_t)(end - text));
    *ambiguous = false;
    if (sign != NUMBER_SIGN_UNKNOWN)
        return sign == NUMBER_POINT ? point : comma;
    const char *decimal = point > comma ? point : comma;
    if (!decimal)
        return NULL;
    const char *first = memchr(text, *decimal, (size_t)(end - text));
    if (first != decimal) /* 1.250.000: the same sign twice separates thousands */
        return NULL;
    /* 1,250 and 12.500: one to three digits that are no zero, the sign, and just three more */
    const char *start = text + strspn(text, "+-");
    *ambiguous = (!point || !comma) && end - decimal == 4 && decimal - start >= 1 &&
                 decimal - start <= 3 && *start != '0';
    return decimal;
}

/* With the decimal sign known: it stands once, the other one before every third digit only. */
static bool grouped(const char *text, const char *end, const char *decimal)
{
    const char *whole_end = decimal ? decimal : end;
    if (decimal && (memchr(text, *decimal, (size_t)(decimal - text)) ||
                    memchr(decimal, *decimal == '.' ? ',' : '.', (size_t)(end - decimal))))
        return false;
    for (const char *p = text; p < whole_end; p++)
        if ((*p == '.' || *p == ',') && (p == text || (whole_end - p) % 4 != 0))
            return false;
    return true;
}

enum number_answer value_number_as(const char *text, enum number_sign sign, double *out)
{
    char plain[48], *stop = NULL;
    size_t n = 0;
    bool ambiguous;
    while (*text == ' ')
        text++;
    const char *mantissa, *end = number_end(text, &mantissa);
    if (!end || !unit_or_end(end))
        return NUMBER_NONE;
    const char *decimal = decimal_sign(text, mantissa, sign, &ambiguous);
    if (sign != NUMBER_SIGN_UNKNOWN && !grouped(text, mantissa, decimal))
        return NUMBER_NONE;
    for (const char *p = text; p < end; p++)
        if (p == decimal)
            plain[n++] = '.';
        else if (*p != '.' && *p != ',')
            plain[n++] = *p;
    plain[n] = 0;
    *out = strtod(plain, &stop);
    if (!n || *stop || !isfinite(*out) || !strpbrk(plain, "0123456789"))
        return NUMBER_NONE;
    return ambiguous ? NUMBER_AMBIGUOUS : NUMBER_PLAIN;
}

bool value_number(const char *text, double *out)
{
    return value_number_as(text, NUMBER_SIGN_UNKNOWN, out) != NUMBER_NONE;
}

enum number_sign value_number_sign(const char *text)
{
    double v;
    const char *point = strchr(text, '.'), *comma = strchr(text, ',');
    if ((!point && !comma) || value_number_as(text, NUMBER_SIGN_UNKNOWN, &v) != NUMBER_PLAIN)
        return NUMBER_SIGN_UNKNOWN;
    if (point && comma)
        return strrchr(text, '.') > strrchr(text, ',') ? NUMBER_POINT : NUMBER_COMMA;
    if (strchr((point ? point : comma) + 1, point ? '.' : ','))
        return point ? NUMBER_COMMA : NUMBER_POINT; /* twice: it separates thousands */
    return point ? NUMBER_POINT : NUMBER_COMMA;
}

bool value_year(const char *text, int *out)
{
    char date[11];
    double v;
    if (value_number(text, &v) && v == floor(v) && v >= 1900 && v <= 2100) {
        *out = (int)v;
        return true;
    }
    if (!value_date(text, date))
        return false;
    *out = atoi(date);
    return *out >= 1900 && *out <= 2100;
}

bool value_date(const char *text, char out[11])
{
    enum date_answer answer = date_parse(text, DATE_ORDER_UNKNOWN, out);
    return answer != DATE_NONE && answer != DATE_SERIAL;
}

char value_gender(const char *text)
{
    static const struct {
        const char *key;
        char gender;
    } words[] = {{"f", 'f'},        {"femenino", 'f'},  {"femenina", 'f'}, {"female", 'f'},
                 {"mujer", 'f'},    {"woman", 'f'},     {"fem", 'f'},      {"h", 'm'},
                 {"hombre", 'm'},   {"masculino", 'm'}, {"male", 'm'},     {"man", 'm'},
                 {"masc", 'm'},     {"varon", 'm'},     {"m", 'M'},        {"x", 'x'},
                 {"otro", 'x'},     {"other", 'x'},     {"otra", 'x'},     {"nobinario", 'x'},
                 {"nonbinary", 'x'}};
    char key[TEXT_KEY_MAX];
    text_key(text, key);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(key, words[i].key) == 0)
            return words[i].gender;
    return 0;
}

bool value_survey(const char *text, enum survey_method *out)
{
    static const struct {
        const char *part;
        enum survey_method method;
    } parts[] = {
        {"catast", SURVEY_CADASTRAL}, {"cadast", SURVEY_CADASTRAL}, {"digit", SURVEY_DIGITISED},
        {"imagen", SURVEY_DIGITISED}, {"image", SURVEY_DIGITISED},  {"satel", SURVEY_DIGITISED},
        {"dron", SURVEY_DIGITISED},   {"gps", SURVEY_WALKED},       {"camin", SURVEY_WALKED},
        {"recorr", SURVEY_WALKED},    {"walk", SURVEY_WALKED},      {"campo", SURVEY_WALKED},
        {"gnss", SURVEY_WALKED},      {"import", SURVEY_IMPORTED}};
    char key[TEXT_KEY_MAX];
    text_key(text, key);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(key, parts[i].part)) {
            *out = parts[i].method;
            return true;
        }
    return false;
}

static size_t separator(const char *p)
{
    static const char *const words[] = {" y ", " e ", " and ", " con ", " Y ", " et "};
    if (strchr("/;,+|", *p))
        return 1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return strlen(words[i]);
    return 0;
}

int value_list(struct arena *a, const char *text, const char **out, int max)
{
    int n = 0;
    const char *start = text;
    for (const char *p = text; n < max; p++) {
        size_t step = *p ? separator(p) : 1;
        if (!step)
            continue;
        char *piece = arena_strndup(a, start, (size_t)(p - start));
        if (piece && (piece = text_trim(a, piece)))
            out[n++] = piece;
        if (!*p)
            break;
        start = p + step;
        p = start - 1;
    }
    return n;
}

/* The quotient of a whole number and a power of ten, both of which doubles hold, is rounded once,
 * as reading the digits is: so what gives v back is what fifteen digits of v are. */
static bool format_plain(double v, char out[32])
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    double size = fabs(v);
    if (!(size < 1e8) || (size < 1e-4 && (size > 0 || signbit(v))))
        return false;
    int decimals = 0;
    uint64_t whole = 0;
    for (; decimals < 8; decimals++) {
        whole = (uint64_t)(size * powers[decimals] + 0.5);
        if ((double)whole / powers[decimals] == size)
            break;
    }
    if (decimals == 8)
        return false;
    char digits[24];
    int n = 0, least = decimals ? decimals + 2 : 1;
    for (; whole || n < least; whole /= 10) {
        digits[n++] = (char)('0' + whole % 10);
        if (n == decimals)
            digits[n++] = '.';
    }
    if (v < 0)
        *out++ = '-';
    while (n)
        *out++ = digits[--n];
    *out = 0;
    return true;
}

void value_format(double v, char out[32])
{
    if (format_plain(v, out))
        return;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            return;
    }
}
