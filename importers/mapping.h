/* Which column holds which field: by name (importers/data/fields.csv), or as --map says. Pure,
 * thread-safe. */
#ifndef IMPORTERS_MAPPING_H
#define IMPORTERS_MAPPING_H

#include "importers/reader.h"

/* Order of the field names of reader.h; the last ones are for layers. */
enum import_field {
    FIELD_CODE,
    FIELD_NAME,
    FIELD_PROGRAMME,
    FIELD_ORGANISATION,
    FIELD_PRODUCER_CODE,
    FIELD_PRODUCER_NAME,
    FIELD_CURP,
    FIELD_GENDER,
    FIELD_BIRTH_YEAR,
    FIELD_CROP,
    FIELD_PRACTICE,
    FIELD_ADOPTION_YEAR,
    FIELD_DATE,
    FIELD_SURVEY,
    FIELD_DECLARED_HA,
    FIELD_ACCURACY_M,
    FIELD_MUNICIPALITY, /* where the row says it lies: a key (CVEGEO) or a name; for checking */
    FIELD_STATE,
    FIELD_KEY,
    FIELD_LAYER_NAME, /* "name" of a region or corridor */
    FIELD_KEY_STATE,  /* CVE_ENT and */
    FIELD_KEY_PART,   /* CVE_MUN, joined where there is no CVEGEO */
    FIELDS_N,
    FIELD_NONE = -1
};

enum {
    MAPPING_SEVERAL_MAX = 4
}; /* columns that may feed crop or practice: cultivo_1, cultivo_2, ... */

/* How a field is written, where it is told. */
enum mapping_form { FORM_UNKNOWN, FORM_DAY_FIRST, FORM_MONTH_FIRST, FORM_POINT, FORM_COMMA };

struct mapping {
    int column[FIELDS_N][MAPPING_SEVERAL_MAX]; /* column index, main one first; -1 = none */
    enum column_how how[FIELDS_N][MAPPING_SEVERAL_MAX];
    enum mapping_form form[FIELDS_N];
    const char *absent; /* a column of a profile that may be missing and is; NULL = none */
};

/* "date(dmy)?" apart: which field it is, how it is written, whether its column may be missing. ""
 * is FIELD_NONE and good: no field. STATUS_USAGE "map_field" names those there are. */
enum status mapping_field_parse(enum reader_purpose purpose, const char *text,
                                enum import_field *field, enum mapping_form *form, bool *optional,
                                struct error *e) MUST_USE;

const char *
mapping_field_name(enum import_field field); /* as in --map; NULL for KEY_STATE and KEY_PART */

/* Which of the n columns is meant by a name: the same, or the same but for case and accents, or
 * without the groups of a form; -1 = none. */
int mapping_column(const char *const *columns, size_t n, const char *name);

/* Finds columns for the fields of the purpose; what is given by --map comes before a profile, both
 * before names. `truncated`: names are cut at ten bytes (DBF), so
 * "organizaci" is organizacion. STATUS_USAGE "map_field" / "map_column" when a given mapping names
 * a field or column that is not there (lists those that are). */
enum status mapping_make(enum reader_purpose purpose, const char *const *columns, size_t columns_n,
                         bool truncated, const struct reader_mapping *given, size_t given_n,
                         struct mapping *out, struct error *e) MUST_USE;

#endif
