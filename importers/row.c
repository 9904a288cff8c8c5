/* The columns of one feature: every one as text among the attributes, and those that were mapped as
 * fields of the candidate. */
#include <cpl_conv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"
#include "importers/values.h"

enum { VALUE_BYTES_MAX = 1 << 20 };

static const struct lonlat NOWHERE = {NAN, NAN};

/* ---- columns as text ---- */

static const char *datetime_text(struct arena *a, OGRFeatureH f, int i, int type)
{
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, zone = 0;
    float s = 0;
    if (!OGR_F_GetFieldAsDateTimeEx(f, i, &y, &mo, &d, &h, &mi, &s, &zone))
        return NULL;
    if (type == OFTDate)
        return arena_printf(a, "%04d-%02d-%02d", y, mo, d);
    if (type == OFTTime)
        return arena_printf(a, "%02d:%02d:%02d", h, mi, (int)s);
    const char *suffix = zone == 100 ? "Z" : "";
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%s", y, mo, d, h, mi, (int)s, suffix);
}

static const char *number_text(struct arena *a, double v)
{
    char text[32];
    if (!isfinite(v))
        return NULL;
    value_format(v, text);
    return arena_strdup(a, text);
}

static const char *list_text(struct arena *a, const char *const *list)
{
    struct buf b;
    buf_init(&b, VALUE_BYTES_MAX);
    for (int i = 0; list && list[i]; i++) {
        if (i)
            buf_puts(&b, "; ");
        buf_puts(&b, list[i]);
    }
    const char *text = b.length ? text_clean(a, b.bytes, VALUE_BYTES_MAX) : NULL;
    buf_clear(&b);
    return text;
}

static const char *column_text(struct import *im, const struct layer *layer,
                               const struct row_plan *plan, OGRFeatureH f, int i)
{
    struct arena *a = &im->row_arena;
    const char *text;
    if (!OGR_F_IsFieldSetAndNotNull(f, i))
        return NULL;
    switch (plan->types[i]) {
    case OFTInteger:
        if (plan->subtypes[i] == OFSTBoolean)
            return OGR_F_GetFieldAsInteger(f, i) ? "true" : "false";
        return arena_printf(a, "%d", OGR_F_GetFieldAsInteger(f, i));
    case OFTInteger64:
        return arena_printf(a, "%" PRId64, (int64_t)OGR_F_GetFieldAsInteger64(f, i));
    case OFTReal:
        return number_text(a, OGR_F_GetFieldAsDouble(f, i));
    case OFTDate:
    case OFTTime:
    case OFTDateTime:
        return datetime_text(a, f, i, plan->types[i]);
    case OFTString:
        text = OGR_F_GetFieldAsString(f, i);
        break;
    case OFTStringList:
        return list_text(a, (const char *const *)OGR_F_GetFieldAsStringList(f, i));
    case OFTBinary:
        return "(binary)";
    default: /* lists of numbers: GDAL formats them into one buffer of the feature, which the next
                such column overwrites */
        return text_clean(a, OGR_F_GetFieldAsString(f, i), VALUE_BYTES_MAX);
    }
    text = encoding_value(im, &layer->encoding, text, plan->widths[i]);
    return text && strlen(text) > VALUE_BYTES_MAX ? text_clean(a, text, VALUE_BYTES_MAX) : text;
}

/* ---- fields ---- */

/* The trimmed text of a field's n-th column, NULL when it has none or is empty. */
static const char *field_text(struct import *im, const struct row_plan *plan,
                              enum import_field field, int nth)
{
    int column = plan->mapping.column[field][nth];
    return column < 0 ? NULL : text_trim(&im->row_arena, im->row.attributes[column].value);
}

static void unreadable(struct import *im, enum import_field field, const char *text)
{
    import_row_finding(im, FINDING_VALUE_UNREADABLE, NOWHERE, NAN, "%s: '%.60s'",
                       mapping_field_name(field), text);
}

static void number_field(struct import *im, const struct row_plan *plan, enum import_field field,
                         double max, double *out)
{
    const char *text = field_text(im, plan, field, 0);
    double v;
    *out = NAN;
    if (!text)
        return;
    if (value_number(text, &v) && v >= 0 && v <= max)
        *out = v;
    else
        unreadable(im, field, text);
}

static void year_field(struct import *im, const struct row_plan *plan, enum import_field field,
                       int *out)
{
    const char *text = field_text(im, plan, field, 0);
    /* 0 is how tables without nulls write "unknown". */
    if (text && strcmp(text, "0") != 0 && !value_year(text, out))
        unreadable(im, field, text);
}

static void date_field(struct import *im, const struct row_plan *plan)
{
    const char *text = field_text(im, plan, FIELD_DATE, 0);
    char date[11];
    if (text && value_date(text, date))
        im->row.observed_date = arena_strdup(&im->row_arena, date);
    else if (text)
        unreadable(im, FIELD_DATE, text);
}

static void gender_field(struct import *im, const struct row_plan *plan)
{
    const char *text = field_text(im, plan, FIELD_GENDER, 0);
    if (!text)
        return;
    char gender = value_gender(text);
    if (gender == 'M')
        im->row.producer_gender = plan->lone_m;
    else if (gender)
        im->row.producer_gender = gender;
    else
        unreadable(im, FIELD_GENDER, text);
}

/* How people fill a column that must not stay empty. */
static bool says_nothing(const char *text)
{
    static const char *const words[] = {"ninguno",  "ninguna",     "none", "na",
                                        "noaplica", "noaplicable", "sd",   "nd",
                                        "sindato",  "null",        "nan",  "0"};
    char key[TEXT_KEY_MAX];
    text_key(text, key);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return !*key;
}

static int word_list(struct import *im, const struct row_plan *plan, enum import_field field,
                     const struct vocabulary *words, int kind, const char **out, int max)
{
    int n = 0;
    for (int k = 0; k < MAPPING_SEVERAL_MAX; k++) {
        const char *text = field_text(im, plan, field, k), *pieces[CANDIDATE_CROPS_MAX];
        if (!text)
            continue;
        /* A whole value may be one entry that has a separator in it. */
        const char *whole = vocabulary_code(words, text);
        int pieces_n = whole ? 1 : value_list(&im->row_arena, text, pieces, CANDIDATE_CROPS_MAX);
        for (int i = 0; i < pieces_n && n < max; i++) {
            const char *code = whole ? whole : vocabulary_code(words, pieces[i]);
            if (!code && says_nothing(pieces[i]))
                continue;
            if (!code) {
                code = pieces[i];
                tally_word(im, kind, code);
            }
            bool known = false;
            for (int j = 0; j < n; j++)
                known |= strcmp(out[j], code) == 0;
            if (!known)
                out[n++] = code;
        }
    }
    return n;
}

/* Names that receivers give by themselves: no code of a plot. */
static bool receivers_name(const char *name)
{
    static const char *const words[] = {"track", "tracklog",  "activelog", "log",  "ruta",
                                        "route", "recorrido", "traza",     "walk", "lindero"};
    char key[TEXT_KEY_MAX];
    text_key(name, key);
    size_t digits = strspn(key, "0123456789");
    char date[11];
    if (!*key || value_date(name, date) || (!key[digits] && digits >= 8 && digits != 9))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (strncmp(key, words[i], n) == 0 && !key[n + strspn(key + n, "0123456789")])
            return true;
    }
    return false;
}

static void plot_fields(struct import *im, const struct layer *layer, const struct row_plan *plan)
{
    struct candidate *c = &im->row;
    const char *survey = field_text(im, plan, FIELD_SURVEY, 0);
    c->code = field_text(im, plan, FIELD_CODE, 0);
    c->name = field_text(im, plan, FIELD_NAME, 0);
    if (layer->tracks && plan->mapping.column[FIELD_CODE][0] < 0 && c->name &&
        !receivers_name(c->name))
        c->code = c->name;
    c->programme = field_text(im, plan, FIELD_PROGRAMME, 0);
    c->organisation = field_text(im, plan, FIELD_ORGANISATION, 0);
    c->producer_code = field_text(im, plan, FIELD_PRODUCER_CODE, 0);
    c->producer_name = field_text(im, plan, FIELD_PRODUCER_NAME, 0);
    gender_field(im, plan);
    year_field(im, plan, FIELD_BIRTH_YEAR, &c->producer_birth_year);
    year_field(im, plan, FIELD_ADOPTION_YEAR, &c->adoption_year);
    date_field(im, plan);
    number_field(im, plan, FIELD_DECLARED_HA, 1e9, &c->declared_ha);
    number_field(im, plan, FIELD_ACCURACY_M, 1e6, &c->accuracy_m);
    c->survey = layer->tracks ? SURVEY_WALKED : SURVEY_IMPORTED;
    if (survey && !value_survey(survey, &c->survey))
        unreadable(im, FIELD_SURVEY, survey);
    c->crops_n = word_list(im, plan, FIELD_CROP, im->crops, 0, c->crops, CANDIDATE_CROPS_MAX);
    c->practices_n = word_list(im, plan, FIELD_PRACTICE, im->practices, 1, c->practices,
                               CANDIDATE_PRACTICES_MAX);
}

static bool all_digits(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* CVE_ENT "7" and CVE_MUN "59" -> "07059": keys are text with their leading zeros (DOMAIN.md 6.2).
 */
static const char *joined_key(struct import *im, const struct row_plan *plan)
{
    const char *state = field_text(im, plan, FIELD_KEY_STATE, 0),
               *part = field_text(im, plan, FIELD_KEY_PART, 0);
    if (!state || !all_digits(state) || strlen(state) > 2)
        return NULL;
    if (!part)
        return arena_printf(&im->row_arena, "%02d", atoi(state));
    return all_digits(part) && strlen(part) <= 3
               ? arena_printf(&im->row_arena, "%02d%03d", atoi(state), atoi(part))
               : NULL;
}

/* A CVEGEO that went through a number column has lost its leading zero: 7, 7059 and 70590001 are
 * 07, 07059 and 070590001. */
static const char *with_leading_zero(struct import *im, const struct row_plan *plan,
                                     const char *key)
{
    int column = plan->mapping.column[FIELD_KEY][0];
    char name[TEXT_KEY_MAX];
    if (!key || !all_digits(key) || column < 0)
        return key;
    text_key(plan->columns[column], name);
    size_t n = strlen(key);
    bool geographic_key = strcmp(name, "cvegeo") == 0 || strcmp(name, "clavegeo") == 0 ||
                          strcmp(name, "claveinegi") == 0;
    return geographic_key && (n == 1 || n == 4 || n == 8) ? arena_printf(&im->row_arena, "0%s", key)
                                                          : key;
}

static void layer_fields(struct import *im, const struct row_plan *plan)
{
    struct candidate *c = &im->row;
    c->name = field_text(im, plan, FIELD_LAYER_NAME, 0);
    c->code = with_leading_zero(im, plan, field_text(im, plan, FIELD_KEY, 0));
    if (!c->code)
        c->code = joined_key(im, plan);
    if (!c->code)
        c->code = c->name;
    if (!c->code)
        c->code = arena_printf(&im->row_arena, "%llu", (unsigned long long)c->row);
}

enum status row_fields(struct import *im, const struct layer *layer, const struct row_plan *plan,
                       OGRFeatureH feature, int64_t fid, struct error *e)
{
    struct candidate *c = &im->row;
    size_t n = plan->columns_n + (layer->extra_column ? 1 : 0);
    c->attributes = arena_array(&im->row_arena, n, sizeof *c->attributes);
    if (!c->attributes)
        return error_memory(e);
    for (size_t i = 0; i < plan->columns_n; i++) {
        c->attributes[i].name = plan->columns[i];
        c->attributes[i].value = feature ? column_text(im, layer, plan, feature, (int)i) : NULL;
    }
    if (layer->extra_column)
        c->attributes[n - 1] = (struct candidate_attribute){
            layer->extra_column, feature ? layer->extra_value(layer->extra_arg, fid) : NULL};
    c->attributes_n = n;
    c->declared_ha = c->accuracy_m = NAN;
    if (im->request->purpose == READER_PLOTS)
        plot_fields(im, layer, plan);
    else
        layer_fields(im, plan);
    return STATUS_OK;
}

/* ---- once per layer ---- */

/* The letter M is mujer where H stands beside it, and male where F does. Looks at the one column
 * until it knows. */
static void decide_lone_m(struct import *im, const struct layer *layer, struct row_plan *plan)
{
    int column = plan->mapping.column[FIELD_GENDER][0];
    bool some_m = false, some_f = false, some_h = false;
    if (column < 0 || column >= (int)plan->columns_n || plan->types[column] != OFTString)
        return;
    const char *no_geometry[] = {"OGR_GEOMETRY", NULL};
    (void)OGR_L_SetIgnoredFields(layer->ogr, no_geometry); /* only faster */
    OGR_L_ResetReading(layer->ogr);
    for (OGRFeatureH f; !some_f && !some_h && (f = OGR_L_GetNextFeature(layer->ogr));
         OGR_F_Destroy(f)) {
        char key[TEXT_KEY_MAX];
        text_key(OGR_F_GetFieldAsString(f, column), key);
        some_m |= strcmp(key, "m") == 0;
        some_f |= strcmp(key, "f") == 0;
        some_h |= strcmp(key, "h") == 0;
    }
    (void)OGR_L_SetIgnoredFields(layer->ogr, NULL);
    OGR_L_ResetReading(layer->ogr);
    plan->lone_m = some_h ? 'f' : some_f ? 'm' : 0;
    if (some_m && !plan->lone_m)
        import_file_finding(im, FINDING_GENDER_AMBIGUOUS,
                            "column '%.40s' has M but neither F nor H", plan->columns[column]);
}

static const char *column_name(struct import *im, const struct layer *layer, const char *raw)
{
    const char *name = encoding_value(im, &layer->encoding, raw, 0);
    return arena_strdup(&im->file_arena, name && *name ? name : "?");
}

enum status row_plan_make(struct import *im, const struct layer *layer, struct row_plan *out,
                          struct error *e)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer->ogr);
    int n = OGR_FD_GetFieldCount(definition);
    *out = (struct row_plan){.columns_n = (size_t)n};
    if (n >= FRAME_COLUMNS_MAX)
        return error_set(e, STATUS_LIMIT, "too_many_columns", "leave out columns",
                         "layer %.60s has %d columns; at most %d are read", layer->name, n,
                         FRAME_COLUMNS_MAX - 1);
    struct arena *a = &im->file_arena;
    out->columns = arena_array(a, (size_t)n + 1, sizeof *out->columns);
    out->types = arena_array(a, (size_t)n + 1, sizeof *out->types);
    out->subtypes = arena_array(a, (size_t)n + 1, sizeof *out->subtypes);
    out->widths = arena_array(a, (size_t)n + 1, sizeof *out->widths);
    if (!out->columns || !out->types || !out->subtypes || !out->widths)
        return error_memory(e);
    for (int i = 0; i < n; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        if (!(out->columns[i] = column_name(im, layer, OGR_Fld_GetNameRef(field))))
            return error_memory(e);
        out->types[i] = (int)OGR_Fld_GetType(field);
        out->subtypes[i] = (int)OGR_Fld_GetSubType(field);
        out->widths[i] = OGR_Fld_GetWidth(field);
    }
    out->columns[n] = layer->extra_column;
    size_t all = (size_t)n + (layer->extra_column ? 1 : 0);
    enum status s = mapping_make(im->request->purpose, out->columns, all, layer->names_cut,
                                 im->request->mappings, im->request->mappings_n, &out->mapping, e);
    if (s == STATUS_OK && im->request->purpose == READER_PLOTS)
        decide_lone_m(im, layer, out);
    return s;
}
