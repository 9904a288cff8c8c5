/* From the text of a column to the value of a field. Pure functions, thread-safe, no locale. */
#ifndef IMPORTERS_VALUES_H
#define IMPORTERS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/arena.h"
#include "importers/candidate.h"

enum number_sign { NUMBER_SIGN_UNKNOWN, NUMBER_POINT, NUMBER_COMMA };
enum number_answer {
    NUMBER_NONE,
    NUMBER_PLAIN,
    NUMBER_AMBIGUOUS /* "1,250": taken as decimal, but the sign may separate thousands */
};
/* A number with decimal point or decimal comma, thousands separators and a unit after it allowed:
 * "1,250.5", "1.250,5 ha", "3,25". `sign` is the decimal one, where known; otherwise the last of
 * both, or the only one. Not-finite numbers are refused. */
enum number_answer value_number_as(const char *text, enum number_sign sign, double *out);
bool value_number(const char *text, double *out); /* the same, without saying */
/* Which decimal sign the text proves: "1.5" the point, "1.250.000" the comma, "1,250" none. */
enum number_sign value_number_sign(const char *text);
/* A year 1900..2100 from "2019", "2019.0" or a date. */
bool value_year(const char *text, int *out);
/* date_parse without saying more, and without serial numbers of spreadsheets. */
bool value_date(const char *text, char out[11]);
/* 'f', 'm', 'x'; 'M' for the letter M alone, which the file as a whole must decide; 0 when not
 * understood. */
char value_gender(const char *text);
bool value_survey(const char *text, enum survey_method *out);
/* Splits "maíz, frijol y calabaza" at / ; , + | and " y ", " e ", " and ", " con ". Pieces trimmed,
 * in the arena; returns how many (at most max). */
int value_list(struct arena *a, const char *text, const char **out, int max);
/* Shortest decimal form that reads back as the same double. */
void value_format(double v, char out[32]);

#endif
