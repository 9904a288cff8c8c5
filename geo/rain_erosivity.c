/* The 14 regional equations of the rain's erosivity, geo/data/rain_erosivity.csv; see soil_loss.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/csv_field.h"
#include "geo/soil_loss.h"

extern const unsigned char rain_erosivity_csv[];

enum {
    COLUMN_REGION,
    COLUMN_A,
    COLUMN_B,
    COLUMN_R2,
    COLUMN_OTHER_A,
    COLUMN_OTHER_B,
    COLUMN_MARK,
    COLUMNS_N,
    FIELD_MAX = 80,
    RAIN_MAX_MM = 10000
};

/* The row of a region by number (from 1) or Roman numeral. */
static bool region_row(const char *region, char field[COLUMNS_N][FIELD_MAX])
{
    char *end;
    long number = strtol(region, &end, 10), row = 0;
    if (!*region || *end)
        number = 0;
    const char *p = strchr((const char *)rain_erosivity_csv, '\n');
    while (p && *++p) {
        row++;
        for (int i = 0; i < COLUMNS_N && p; i++)
            p = csv_field(p, field[i], FIELD_MAX);
        if (p && (row == number || strcasecmp(field[COLUMN_REGION], region) == 0))
            return true;
        p = p ? strchr(p, '\n') : NULL;
    }
    return false;
}

/* A parabola that opens downwards says nonsense beyond its top (region III is negative above 2137
 * mm). */
static double at_most_top(double a, double b, double rain_mm, bool *clamped, double *top_mm)
{
    double top = b < 0 ? -a / (2 * b) : INFINITY;
    *clamped = rain_mm > top;
    *top_mm = top;
    double p = fmin(rain_mm, top);
    return fmax(a * p + b * p * p, 0);
}

enum status rain_erosivity(const char *region, double rain_mm, struct rain_erosivity *out,
                           struct error *e)
{
    char field[COLUMNS_N][FIELD_MAX];
    double a, b, other_a, other_b, top;
    bool clamped;
    if (!region_row(region, field))
        return error_set(e, STATUS_USAGE, "bad_region",
                         "regions are 1 to 14 or I to XIV (the map of Cortes 1991)",
                         "there is no rain region \"%.20s\"", region);
    if (!(rain_mm > 0) || rain_mm > RAIN_MAX_MM)
        return error_set(e, STATUS_USAGE, "bad_rain",
                         "give the yearly rain in mm, for example 1400",
                         "%g mm of rain a year is not between 0 and %d", rain_mm, RAIN_MAX_MM);
    *out = (struct rain_erosivity){.r_other = NAN};
    snprintf(out->region, sizeof out->region, "%.7s", field[COLUMN_REGION]);
    if (!csv_number(field[COLUMN_A], &a) || !csv_number(field[COLUMN_B], &b))
        return error_set(e, STATUS_INTERNAL, "rain_table", NULL,
                         "the table of rain regions is damaged");
    out->r = at_most_top(a, b, rain_mm, &out->clamped, &out->top_mm);
    if (csv_number(field[COLUMN_OTHER_A], &other_a) && csv_number(field[COLUMN_OTHER_B], &other_b))
        out->r_other = at_most_top(other_a, other_b, rain_mm, &clamped, &top);
    return STATUS_OK;
}
