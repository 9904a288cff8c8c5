/* Values of fields; see values.h. */
#include "importers/values.h"
#include "importers/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

bool value_number(const char *text, double *out)
{
    char plain[48];
    size_t n = 0;
    while (*text == ' ')
        text++;
    const char *end = text;
    if (*end == '-' || *end == '+')
        end++;
    while (digit(*end) || *end == '.' || *end == ',')
        end++;
    const char *exponent = end;
    if (end > text && (*exponent == 'e' || *exponent == 'E') &&
        (digit(exponent[1]) || ((exponent[1] == '-' || exponent[1] == '+') && digit(exponent[2]))))
        for (end += 2; digit(*end); end++)
            ;
    if (end == text || (size_t)(end - text) >= sizeof plain)
        return false;
    /* The last of . and , is the decimal sign when both occur; a single sign alone is decimal too
     * (3,25 ha). */
    const char *point = memrchr(text, '.', (size_t)(end - text)),
               *comma = memrchr(text, ',', (size_t)(end - text));
    const char *decimal = point > comma ? point : comma;
    const char *first = memchr(text, decimal ? *decimal : '.', (size_t)(end - text));
    if (decimal && first != decimal) /* 1.250.000: the same sign twice separates thousands */
        decimal = NULL;
    for (const char *p = text; p < end; p++)
        if (p == decimal)
            plain[n++] = '.';
        else if (*p != '.' && *p != ',')
            plain[n++] = *p;
    plain[n] = 0;
    while (*end == ' ')
        end++;
    if (*end && strcasecmp(end, "ha") != 0 && strcasecmp(end, "has") != 0 &&
        strcasecmp(end, "has.") != 0 && strcasecmp(end, "m") != 0 &&
        strcasecmp(end, "hectareas") != 0)
        return false;
    char *stop = NULL;
    *out = strtod(plain, &stop);
    return n && stop && !*stop && isfinite(*out) && strpbrk(plain, "0123456789");
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

static bool real_date(int y, int m, int d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return y >= 1900 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 &&
           d <= days[m - 1] + (m == 2 && leap);
}

bool value_date(const char *text, char out[11])
{
    int a = 0, b = 0, c = 0, used = 0, y, m, d;
    char s1 = 0, s2 = 0;
    while (*text == ' ')
        text++;
    size_t digits = strspn(text, "0123456789");
    if (digits == 8 && (!text[8] || text[8] == ' ' || text[8] == 'T')) {
        if (sscanf(text, "%4d%2d%2d", &y, &m, &d) != 3)
            return false;
    } else {
        if (sscanf(text, "%4d%c%2d%c%4d%n", &a, &s1, &b, &s2, &c, &used) != 5 || s1 != s2 ||
            !strchr("-/.", s1))
            return false;
        if (digit(text[used]))
            return false;
        if (digits == 4) {
            y = a;
            m = b;
            d = c;
        } else {
            y = c;
            /* Day first, as in Mexico; month first only when day first is no date. */
            bool day_first = b <= 12;
            m = day_first ? b : a;
            d = day_first ? a : b;
        }
    }
    if (!real_date(y, m, d))
        return false;
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
    return true;
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

void value_format(double v, char out[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            return;
    }
}
