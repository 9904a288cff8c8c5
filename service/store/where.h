/* Which plots are meant: a condition as a tree, in the words of the domain. service/registry/cql2.h
 * makes it from text; where.c turns it into SQL with bound values and is the only one who knows
 * columns.
 *
 * Properties of a plot
 *   text     programme, organisation, crop, practice, survey, code, slope_class, corridor
 * ('inside', 'edge', 'outside'), and each region level of the registry by the region's key
 * (municipality = '07059') number   year, hectares, declared_ha, corridor_hectares, slope_mean_pct,
 * slope_p90_pct, slope_max_pct boolean  repaired crop, practice and region levels are lists: a
 * comparison holds when it holds for one of the plot's crops, practices, or regions that a part of
 * it lies in; <> and NOT IN hold when none is equal. What is not stated is neither true nor false
 * (three-valued logic of SQL and CQL2): no comparison with it holds, nor does NOT of one; IS NULL
 * finds it. Text is compared byte by byte. */
#ifndef SERVICE_STORE_WHERE_H
#define SERVICE_STORE_WHERE_H

#include <stdbool.h>
#include <stddef.h>

enum where_op {
    WHERE_AND, /* children; two or more */
    WHERE_OR,  /* the same */
    WHERE_NOT, /* one child */
    WHERE_EQUAL,
    WHERE_NOT_EQUAL,
    WHERE_LESS,
    WHERE_LESS_EQUAL,
    WHERE_GREATER,
    WHERE_GREATER_EQUAL, /* one value */
    WHERE_BETWEEN,       /* two numbers, both included */
    WHERE_IN,            /* one or more values */
    WHERE_LIKE,   /* one text: % any characters, _ one character, \ takes the next one as it is */
    WHERE_IS_NULL /* no value */
};

enum where_kind { WHERE_NUMBER, WHERE_TEXT, WHERE_BOOLEAN };

struct where_value {
    enum where_kind kind;
    double number; /* finite; 0 or 1 of a boolean */
    const char *text;
    size_t at; /* where it stands in the text: character, from 1 */
};

struct where {
    enum where_op op;
    size_t at;
    const struct where *children, *next; /* AND, OR, NOT: first child; next = sibling */
    const char *property;                /* the others */
    const struct where_value *values;
    size_t values_n;
};

#endif
