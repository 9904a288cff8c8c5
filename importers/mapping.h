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
    FIELD_GENDER,
    FIELD_BIRTH_YEAR,
    FIELD_CROP,
    FIELD_PRACTICE,
    FIELD_ADOPTION_YEAR,
    FIELD_DATE,
    FIELD_SURVEY,
    FIELD_DECLARED_HA,
    FIELD_ACCURACY_M,
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

struct mapping {
    int column[FIELDS_N][MAPPING_SEVERAL_MAX]; /* column index, main one first; -1 = none */
};

const char *
mapping_field_name(enum import_field field); /* as in --map; NULL for KEY_STATE and KEY_PART */

/* Finds columns for the fields of the purpose. `truncated`: names are cut at ten bytes (DBF), so
 * "organizaci" is organizacion. STATUS_USAGE "map_field" / "map_column" when a given mapping names
 * a field or column that is not there (lists those that are). */
enum status mapping_make(enum reader_purpose purpose, const char *const *columns, size_t columns_n,
                         bool truncated, const struct reader_mapping *given, size_t given_n,
                         struct mapping *out, struct error *e) MUST_USE;

#endif
