/* Dates; see dates.h. */
#include "importers/dates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/text.h"

enum { SERIAL_LEAST = 20000, SERIAL_MOST = 80000 }; /* 1954 to 2119 */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool real_date(int y, int m, int d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return y >= 1900 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 &&
           d <= days[m - 1] + (m == 2 && leap);
}

static bool put(int y, int m, int d, char out[11])
{
    if (!real_date(y, m, d))
        return false;
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
    return true;
}

/* ---- numbers only ---- */

struct three {
    int a, b, c;
    size_t first_digits;
};

/* Three numbers with the same sign between them. */
static bool three_numbers(const char *text, struct three *out)
{
    char s1 = 0, s2 = 0;
    int used = 0;
    out->first_digits = strspn(text, "0123456789");
    if (out->first_digits == 0 || out->first_digits > 4)
        return false;
    return sscanf(text, "%4d%c%2d%c%4d%n", &out->a, &s1, &out->b, &s2, &out->c, &used) == 5 &&
           s1 == s2 && strchr("-/.", s1) && digit(text[used - 1]) && !digit(text[used]) &&
           out->b >= 0 && out->c >= 0;
}

static enum date_answer by_numbers(const struct three *t, enum date_order order, char out[11])
{
    if (t->first_digits == 4)
        return put(t->a, t->b, t->c, out) ? DATE_PLAIN : DATE_NONE;
    if (t->a > 12 || t->b > 12 || t->a == t->b) {
        bool day_first = t->b <= 12;
        return put(t->c, day_first ? t->b : t->a, day_first ? t->a : t->b, out) ? DATE_PLAIN
                                                                                : DATE_NONE;
    }
    bool month_first = order == DATE_MONTH_FIRST;
    if (!put(t->c, month_first ? t->a : t->b, month_first ? t->b : t->a, out))
        return DATE_NONE;
    return order == DATE_ORDER_UNKNOWN ? DATE_AMBIGUOUS : DATE_ORDERED;
}

/* ---- months in words ---- */

static int month_of(const char *key)
{
    static const char *const months[] = {
        "enero january",   "febrero february",   "marzo march",
        "abril april",     "mayo may",           "junio june",
        "julio july",      "agosto august",      "septiembre september setiembre",
        "octubre october", "noviembre november", "diciembre december"};
    size_t n = strlen(key);
    if (n < 3)
        return 0;
    for (int m = 0; m < 12; m++)
        for (const char *p = months[m]; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL)
            if (strncmp(p, key, n) == 0 && strcspn(p, " ") >= n)
                return m + 1;
    return 0;
}

static bool skipped(const char *key)
{
    static const char words[] =
        " de del of the lunes martes miercoles jueves viernes sabado domingo "
        "monday tuesday wednesday thursday friday saturday sunday lun mie jue "
        "vie sab dom mon tue wed thu fri sat sun st nd rd th ";
    char wanted[40];
    snprintf(wanted, sizeof wanted, " %.30s ", key);
    return strstr(words, wanted) != NULL;
}

struct worded {
    int month, numbers[2], n;
    size_t digits[2];
};

/* One word: a month, or one that says nothing. "mar" before the day is martes when a month
 * follows. */
static bool take_word(struct worded *w, const char *text, size_t run)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char word[40], key[TEXT_KEY_MAX];
    if (run >= sizeof word)
        return false;
    snprintf(word, sizeof word, "%.*s", (int)run, text);
    text_key(word, key);
    int month = month_of(key);
    if (month && strcmp(key, "mar") == 0 && w->n == 0 && strpbrk(text + run, letters))
        return true;
    if (!month || w->month)
        return skipped(key);
    w->month = month;
    return true;
}

/* After a date: nothing, or a time of day. */
static bool time_or_end(const char *rest)
{
    rest += strspn(rest, " ,T");
    return !*rest || (digit(rest[0]) && rest[strspn(rest, "0123456789")] == ':');
}

/* Words and numbers up to the second number (a time may follow) and the month. */
static bool take_words(struct worded *w, const char *text)
{
    while (*text && !(w->n == 2 && w->month)) {
        size_t run = strspn(text, "0123456789");
        if (run) {
            if (w->n == 2 || run > 4)
                return false;
            w->numbers[w->n] = atoi(text);
            w->digits[w->n++] = run;
        } else {
            run = strcspn(text, "0123456789 \t,./-");
            if (run && !take_word(w, text, run))
                return false;
        }
        text += run ? run : 1;
    }
    return w->n == 2 && w->month && time_or_end(text);
}

/* A day and a year beside one month; the rest is words that say nothing. */
static enum date_answer by_words(const char *text, char out[11])
{
    struct worded w = {0};
    if (!take_words(&w, text))
        return DATE_NONE;
    bool year_first = w.digits[0] == 4;
    int year = w.numbers[year_first ? 0 : 1], day = w.numbers[year_first ? 1 : 0];
    size_t digits = w.digits[year_first ? 0 : 1];
    if (digits == 2)
        year += year < 50 ? 2000 : 1900;
    else if (digits != 4)
        return DATE_NONE;
    return put(year, w.month, day, out) ? DATE_PLAIN : DATE_NONE;
}

/* ---- serial numbers ---- */

/* Days since 1970-01-01 to a date (proleptic Gregorian; civil_from_days of Hinnant,
 * chrono-Compatible Low-Level Date Algorithms). */
static void civil(long days, int *y, int *m, int *d)
{
    days += 719468;
    long era = days / 146097, of_era = days - era * 146097;
    long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long of_year = of_era - (365 * year + year / 4 - year / 100), shifted = (5 * of_year + 2) / 153;
    *d = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *m = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *y = (int)(year + era * 400 + (*m <= 2));
}

static enum date_answer by_serial(const char *text, char out[11])
{
    size_t n = strspn(text, "0123456789");
    int y, m, d;
    const char *rest = text + n;
    if (n != 5)
        return DATE_NONE;
    if (*rest == '.' || *rest == ',')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (rest[strspn(rest, " ")])
        return DATE_NONE;
    long serial = atol(text);
    if (serial < SERIAL_LEAST || serial > SERIAL_MOST)
        return DATE_NONE;
    civil(serial - 25569, &y, &m, &d); /* 25569 = 1970-01-01 */
    return put(y, m, d, out) ? DATE_SERIAL : DATE_NONE;
}

enum date_answer date_parse(const char *text, enum date_order order, char out[11])
{
    struct three t;
    int y, m, d;
    text += strspn(text, " ");
    size_t digits = strspn(text, "0123456789");
    if (digits == 8 && (!text[8] || text[8] == ' ' || text[8] == 'T'))
        return sscanf(text, "%4d%2d%2d", &y, &m, &d) == 3 && put(y, m, d, out) ? DATE_PLAIN
                                                                               : DATE_NONE;
    if (three_numbers(text, &t))
        return by_numbers(&t, order, out);
    enum date_answer serial = by_serial(text, out);
    return serial != DATE_NONE ? serial : by_words(text, out);
}

enum date_order date_order_of(const char *text)
{
    struct three t;
    char out[11];
    text += strspn(text, " ");
    if (!three_numbers(text, &t) || t.first_digits == 4 ||
        by_numbers(&t, DATE_ORDER_UNKNOWN, out) == DATE_NONE)
        return DATE_ORDER_UNKNOWN;
    return t.a > 12 ? DATE_DAY_FIRST : t.b > 12 ? DATE_MONTH_FIRST : DATE_ORDER_UNKNOWN;
}
