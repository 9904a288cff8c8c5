/* ISO 8601 dates and times, as far as --as-of takes them; see as_of.h. */
#include "service/registry/as_of.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Exactly n digits; false leaves *at alone. */
static bool take_number(const char **at, int n, int *out)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += n;
    *out = value;
    return true;
}

static bool take_char(const char **at, char c)
{
    bool there = **at == c;
    *at += there;
    return there;
}

static bool take_date(const char **at, struct tm *t)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(at, 4, &year) || !take_char(at, '-') || !take_number(at, 2, &month) ||
        !take_char(at, '-') || !take_number(at, 2, &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1900 || month < 1 || month > 12 || day < 1 ||
        day > days[month - 1] + (leap && month == 2))
        return false;
    t->tm_year = year - 1900;
    t->tm_mon = month - 1;
    t->tm_mday = day;
    return true;
}

/* hh:mm[:ss[.fraction]] */
static bool take_time(const char **at, struct tm *t)
{
    if (!take_number(at, 2, &t->tm_hour) || !take_char(at, ':') ||
        !take_number(at, 2, &t->tm_min) || t->tm_hour > 23 || t->tm_min > 59)
        return false;
    t->tm_sec = 0;
    if (!take_char(at, ':'))
        return true;
    if (!take_number(at, 2, &t->tm_sec) || t->tm_sec > 59)
        return false;
    int digit, digits = 0;
    if (take_char(at, '.'))
        for (; take_number(at, 1, &digit); digits++)
            ;
    return (*at)[-1] != '.';
}

/* Z or +hh:mm or -hh:mm, as minutes east of UTC. */
static bool take_zone(const char **at, int *minutes)
{
    int hours = 0, rest = 0;
    *minutes = 0;
    if (take_char(at, 'Z') || take_char(at, 'z'))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if ((!take_char(at, '+') && !take_char(at, '-')) || !take_number(at, 2, &hours) ||
        !take_char(at, ':') || !take_number(at, 2, &rest) || hours > 14 || rest > 59)
        return false;
    *minutes = sign * (hours * 60 + rest);
    return true;
}

enum status as_of_parse(const char *text, char out[AS_OF_MAX], struct error *e)
{
    struct tm t = {.tm_hour = 23, .tm_min = 59, .tm_sec = 59};
    const char *at = text;
    int zone = 0;
    bool ok = take_date(&at, &t);
    if (ok && *at)
        ok = (take_char(&at, 'T') || take_char(&at, 't') || take_char(&at, ' ')) &&
             take_time(&at, &t) && take_zone(&at, &zone);
    time_t moment = ok && !*at ? timegm(&t) - zone * 60 : -1;
    if (!ok || *at || !gmtime_r(&moment, &t) || t.tm_year > 9999 - 1900 || t.tm_year < 0)
        return error_set(e, STATUS_USAGE, "bad_date",
                         "write 2026-03-31 (the end of that day, UTC) or 2026-03-31T18:00:00Z",
                         "\"%.40s\" is not a date", text);
    strftime(out, AS_OF_MAX, "%Y-%m-%dT%H:%M:%SZ", &t);
    return STATUS_OK;
}
