/* Which elevation model a text speaks of; see dem_error.h. */
#include "geo/dem_error.h"

#include <stdio.h>
#include <string.h>

#include "geo/csv_field.h"

extern const unsigned char dem_errors_csv[];

enum {
    COLUMN_NAME,
    COLUMN_MATCH,
    COLUMN_SIGMA,
    COLUMN_STEEP,
    COLUMN_CORRELATION,
    COLUMN_SOURCE,
    COLUMNS_N,
    FIELD_MAX = 320
};

/* `pattern` is words between |, any of which stands in the text. */
static bool matches(const char *words, char *pattern)
{
    for (char *rest = pattern, *one; (one = strsep(&rest, "|"));)
        if (*one && strcasestr(words, one))
            return true;
    return false;
}

bool dem_error_find(const char *words, struct dem_error *out)
{
    const char *p = strchr((const char *)dem_errors_csv, '\n');
    while (p && *++p) {
        char field[COLUMNS_N][FIELD_MAX] = {{0}};
        for (int i = 0; i < COLUMNS_N && p; i++)
            p = csv_field(p, field[i], FIELD_MAX);
        struct dem_error found = {0};
        if (p && csv_number(field[COLUMN_SIGMA], &found.sigma_m) &&
            csv_number(field[COLUMN_STEEP], &found.sigma_steep_m) &&
            csv_number(field[COLUMN_CORRELATION], &found.neighbour_correlation) &&
            matches(words, field[COLUMN_MATCH])) {
            snprintf(found.name, sizeof found.name, "%.63s", field[COLUMN_NAME]);
            snprintf(found.source, sizeof found.source, "%s", field[COLUMN_SOURCE]);
            *out = found;
            return true;
        }
        p = p ? strchr(p, '\n') : NULL;
    }
    return false;
}
