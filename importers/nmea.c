/* NMEA 0183 sentences; see nmea.h. */
#include "importers/nmea.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 120, FIELDS_MAX = 24 };

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Between $ and *: XOR of the bytes. *body_n = bytes before *. */
static bool checksum_good(const char *line, size_t n, size_t *body_n)
{
    const char *star = memchr(line, '*', n);
    unsigned sum = 0;
    *body_n = star ? (size_t)(star - line) : n;
    if (!star)
        return true;
    for (const char *p = line + 1; p < star; p++)
        sum ^= (unsigned char)*p;
    int high = star + 2 < line + n ? hex(star[1]) : -1, low = high >= 0 ? hex(star[2]) : -1;
    return low >= 0 && sum == (unsigned)(high << 4 | low);
}

static bool number(const char *text, double *out)
{
    char *end = NULL;
    *out = NAN;
    if (!*text)
        return true;
    if (text[strspn(text, "+-0123456789.")])
        return false;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v))
        return false;
    *out = v;
    return true;
}

/* ddmm.mmmm or dddmm.mmmm and its letter. */
static bool angle(const char *text, const char *letter, const char *positive_negative, double max,
                  double *out)
{
    double v;
    if (!number(text, &v) || isnan(v) || v < 0 || !*letter || letter[1])
        return false;
    double degrees = floor(v / 100), minutes = v - degrees * 100;
    if (minutes >= 60 || !strchr(positive_negative, *letter))
        return false;
    *out = (degrees * 60 + minutes) / 60 * (*letter == positive_negative[0] ? 1 : -1);
    return fabs(*out) <= max;
}

static bool time_of_day(const char *text, double *out)
{
    double v;
    *out = -1;
    if (!*text)
        return true;
    if (!number(text, &v) || v < 0 || v >= 240000)
        return false;
    double h = floor(v / 10000), m = floor(v / 100) - h * 100, s = v - floor(v / 100) * 100;
    *out = h * 3600 + m * 60 + s;
    return m < 60 && s < 61;
}

/* ddmmyy; years from 1980 to 2079. */
static int date_of(const char *text)
{
    if (strlen(text) != 6 || text[strspn(text, "0123456789")])
        return 0;
    int v = atoi(text), d = v / 10000, m = v / 100 % 100, y = v % 100;
    return d >= 1 && d <= 31 && m >= 1 && m <= 12
               ? ((y < 80 ? 2000 : 1900) + y) * 10000 + m * 100 + d
               : 0;
}

static enum nmea_answer gga(char *const *f, size_t n, struct nmea_fix *out)
{
    double quality, satellites;
    if (n < 10 || !number(f[6], &quality))
        return NMEA_BAD;
    if (isnan(quality) || quality == 0 || !*f[2])
        return NMEA_NO_FIX;
    if (!time_of_day(f[1], &out->time_s) || !angle(f[2], f[3], "NS", 90, &out->lat) ||
        !angle(f[4], f[5], "EW", 180, &out->lon) || !number(f[7], &satellites) ||
        !number(f[8], &out->hdop) || !number(f[9], &out->alt))
        return NMEA_BAD;
    out->satellites = satellites >= 0 && satellites < 200 ? (int)satellites : -1;
    return NMEA_FIX;
}

static enum nmea_answer rmc(char *const *f, size_t n, struct nmea_fix *out)
{
    out->rmc = true;
    if (n < 10)
        return NMEA_BAD;
    if (strcmp(f[2], "A") != 0)
        return NMEA_NO_FIX;
    out->date = date_of(f[9]);
    return time_of_day(f[1], &out->time_s) && angle(f[3], f[4], "NS", 90, &out->lat) &&
                   angle(f[5], f[6], "EW", 180, &out->lon)
               ? NMEA_FIX
               : NMEA_BAD;
}

enum nmea_answer nmea_line(const char *line, size_t n, struct nmea_fix *out)
{
    char body[LINE_MAX_BYTES], *fields[FIELDS_MAX] = {NULL};
    size_t body_n, fields_n = 0;
    *out = (struct nmea_fix){.time_s = -1, .alt = NAN, .hdop = NAN, .satellites = -1};
    if (n < 7 || line[0] != '$' || memchr(line, 0, n))
        return NMEA_OTHER;
    bool is_gga = memcmp(line + 3, "GGA,", 4) == 0, is_rmc = memcmp(line + 3, "RMC,", 4) == 0;
    if (!is_gga && !is_rmc)
        return NMEA_OTHER;
    if (!checksum_good(line, n, &body_n) || body_n >= sizeof body)
        return NMEA_BAD;
    memcpy(body, line, body_n);
    body[body_n] = 0;
    for (char *p = body; p && fields_n < FIELDS_MAX;) {
        fields[fields_n++] = p;
        if ((p = strchr(p, ',')))
            *p++ = 0;
    }
    return is_gga ? gga(fields, fields_n, out) : rmc(fields, fields_n, out);
}
