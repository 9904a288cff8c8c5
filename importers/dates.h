/* Dates as people type them. Pure functions, thread-safe, no locale. */
#ifndef IMPORTERS_DATES_H
#define IMPORTERS_DATES_H

#include <stdbool.h>

enum date_order {
    DATE_ORDER_UNKNOWN, /* day first where both are possible, and said so */
    DATE_DAY_FIRST,
    DATE_MONTH_FIRST
};

enum date_answer {
    DATE_NONE,      /* no date */
    DATE_PLAIN,     /* ISO, a month in words, or a day over 12: only one reading */
    DATE_ORDERED,   /* read by the order that was given */
    DATE_AMBIGUOUS, /* the day was taken to stand first: nothing says so */
    DATE_SERIAL     /* days since 1899-12-30, as spreadsheets store them (20000..80000) */
};

/* "2024-03-01" (also with a time), "20240301", "01/03/2024", "1-3-2024", "1.3.2024 10:00",
 * "15 de marzo de 2019", "15-mar-19", "March 15, 2019", "viernes 15 marzo 2019", "43539". Spanish
 * and English months, whole or cut to three letters or more. Two digits of a year only beside a
 * month in words: 00-49 is 2000-2049. The day must exist; years 1900 to 2100. */
enum date_answer date_parse(const char *text, enum date_order order, char out[11]);
/* Which order the text proves: DATE_DAY_FIRST "25/03/2024", DATE_MONTH_FIRST "03/25/2024". */
enum date_order date_order_of(const char *text);

#endif
