/* Parameter values; see query.h. */
#include "service/api/query.h"

#include <stdlib.h>
#include <string.h>

bool query_parse_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
    size_t n = strlen(text);
    if (n < 1 || n > 18 || strspn(text, "0123456789") != n || (n > 1 && text[0] == '0'))
        return false;
    int64_t value = 0;
    for (; *text; text++)
        value = value * 10 + (*text - '0');
    *out = value;
    return value >= min && value <= max;
}

enum status query_integer(const char *name, const char *text, int64_t min, int64_t max,
                          int64_t *out, struct error *e)
{
    if (query_parse_integer(text, min, max, out))
        return STATUS_OK;
    return error_set(e, STATUS_USAGE, "bad_parameter", "give a whole number in that range",
                     "%s is \"%.40s\"; it must be a whole number from %lld to %lld", name, text,
                     (long long)min, (long long)max);
}

/* One number of a list, plain decimal notation only (strtod alone would take "inf", "nan" and
 * hexadecimal). */
static bool parse_number(const char **p, double *out)
{
    size_t n = strspn(*p, "0123456789+-.eE");
    char text[64];
    char *end;
    if (!n || n >= sizeof text)
        return false;
    memcpy(text, *p, n);
    text[n] = 0;
    *out = strtod(text, &end);
    *p += n;
    return !*end && *out > -1e9 && *out < 1e9;
}

static enum status bad_box(const char *text, const char *why, struct error *e)
{
    return error_set(e, STATUS_USAGE, "bad_bbox",
                     "give west,south,east,north in degrees, as in bbox=-93.5,16.2,-92.1,17.0",
                     "bbox \"%.80s\": %s", text, why);
}

enum status query_boxes(const char *text, struct box boxes[2], int *boxes_n, struct error *e)
{
    double v[6];
    int n = 0;
    for (const char *p = text;; p++) {
        if (n == 6 || !parse_number(&p, &v[n++]))
            return bad_box(text, "it must be four or six numbers", e);
        if (!*p)
            break;
        if (*p != ',')
            return bad_box(text, "it must be four or six numbers", e);
    }
    if (n != 4 && n != 6)
        return bad_box(text, "it must be four or six numbers", e);
    struct box b = {v[0], v[1], v[n / 2], v[n / 2 + 1]};
    if (b.west < -180 || b.west > 180 || b.east < -180 || b.east > 180 || b.south < -90 ||
        b.north > 90)
        return bad_box(text, "longitudes lie in -180..180, latitudes in -90..90", e);
    if (b.south > b.north)
        return bad_box(text, "south is greater than north", e);
    boxes[0] = b;
    *boxes_n = 1;
    if (b.west > b.east) { /* RFC 7946 section 5.2: crosses the antimeridian */
        boxes[0].east = 180;
        boxes[1] = (struct box){-180, b.south, b.east, b.north};
        *boxes_n = 2;
    }
    return STATUS_OK;
}

enum status query_list(const char *name, const char *text, struct arena *a, size_t max,
                       const char *const **out, size_t *n, struct error *e)
{
    size_t count = 1;
    for (const char *p = text; *p; p++)
        count += *p == ',';
    if (count > max)
        return error_set(e, STATUS_LIMIT, "too_many_values", "give fewer; see /limits",
                         "%s has %zu values; at most %zu are allowed", name, count, max);
    char *copy = arena_strdup(a, text);
    const char **list = arena_array(a, count, sizeof *list);
    if (!copy || !list)
        return error_memory(e);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(copy, ",");
        if (!length)
            return error_set(e, STATUS_USAGE, "bad_parameter",
                             "give values separated by single commas", "%s has an empty value",
                             name);
        list[i] = copy;
        copy += length;
        *copy++ = 0;
    }
    *out = list;
    *n = count;
    return STATUS_OK;
}

void query_escape(struct buf *b, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,";
    for (; *text; text++) {
        if (strchr(plain, *text))
            buf_putc(b, *text);
        else
            buf_printf(b, "%%%02X", (unsigned char)*text);
    }
}
