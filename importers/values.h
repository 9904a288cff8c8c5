/* From the text of a column to the value of a field. Pure functions, thread-safe, no locale. */
#ifndef IMPORTERS_VALUES_H
#define IMPORTERS_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/arena.h"
#include "importers/candidate.h"

/* A number with decimal point or decimal comma, thousands separators and a unit after it allowed:
 * "1,250.5", "1.250,5 ha", "3,25". false when there is none. Not-finite numbers are refused. */
bool value_number(const char *text, double *out);
/* A year 1900..2100 from "2019", "2019.0" or a date. */
bool value_year(const char *text, int *out);
/* A date as "YYYY-MM-DD" from ISO (with or without time), "01/03/2024", "1-3-2024" (day first
 * unless that is impossible), "20240301". The day must exist. */
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
