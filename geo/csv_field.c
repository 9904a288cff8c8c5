/* Reading one field; see csv_field.h. */
#include "geo/csv_field.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

const char *csv_field(const char *p, char *out, size_t room)
{
    size_t n = 0;
    bool quoted = *p == '"';
    if (quoted)
        p++;
    for (; *p && *p != '\n'; p++) {
        if (quoted && *p == '"') {
            if (p[1] != '"') {
                p++;
                quoted = false;
                break;
            }
            p++;
        } else if (!quoted && *p == ',') {
            break;
        }
        if (n == room - 1)
            return NULL;
        out[n++] = *p;
    }
    if (quoted)
        return NULL;
    if (n && out[n - 1] == '\r')
        n--;
    out[n] = 0;
    return *p == ',' ? p + 1 : p;
}

bool csv_number(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && !*end && isfinite(*out);
}
