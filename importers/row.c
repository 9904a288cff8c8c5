/* The columns of one feature: every one as text among the attributes, and those that were mapped as
 * fields of the candidate. */
#include <cpl_conv.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/curp.h"
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

static const char *plain_text(struct import *im, const struct layer *layer,
                              const struct row_plan *plan, OGRFeatureH f, size_t column)
{
    struct arena *a = &im->row_arena;
    const char *text;
    int i = plan->fields[column];
    if (!OGR_F_IsFieldSetAndNotNull(f, i))
        return NULL;
    switch (plan->types[column]) {
    case OFTInteger:
        if (plan->subtypes[column] == OFSTBoolean)
            return OGR_F_GetFieldAsInteger(f, i) ? "true" : "false";
        return number_text(a, OGR_F_GetFieldAsInteger(f, i));
    case OFTInteger64:
        return arena_printf(a, "%" PRId64, (int64_t)OGR_F_GetFieldAsInteger64(f, i));
    case OFTReal:
        return number_text(a, OGR_F_GetFieldAsDouble(f, i));
    case OFTDate:
    case OFTTime:
    case OFTDateTime:
        return datetime_text(a, f, i, plan->types[column]);
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
    text = encoding_value(im, &layer->encoding, text, plan->widths[column]);
    return text && strlen(text) > VALUE_BYTES_MAX ? text_clean(a, text, VALUE_BYTES_MAX) : text;
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

/* A CURP in the column of CURPs, whatever it looks like; elsewhere what looks like one. */
static const char *without_curp(struct import *im, const struct row_plan *plan, size_t column,
                                const char *text)
{
    char mark[CURP_MARK_SIZE];
    static const unsigned char no_key[CURP_KEY_BYTES];
    const int *of_curps = plan->mapping.column[FIELD_CURP],
              *of_codes = plan->mapping.column[FIELD_PRODUCER_CODE];
    if (im->request->purpose != READER_PLOTS ||
        (of_curps[0] != (int)column && strlen(text) < CURP_LENGTH))
        return text;
    const char *curp = text_trimmed(&im->row_arena, text);
    if (!curp)
        return text;
    enum curp_answer answer = CURP_FORMAT;
    bool own = of_curps[0] == (int)column && !curp_is_mark(curp) && !says_nothing(curp),
         as_code = of_curps[0] < 0 && of_codes[0] == (int)column;
    if (own || as_code)
        answer = curp_check(curp);
    if (own || answer != CURP_FORMAT) {
        im->curp_answer = (int)answer;
        im->curp_column = (int)column;
        curp_mark(im->request->curp_key ? im->request->curp_key : no_key, curp, mark);
        return arena_strdup(&im->row_arena, mark);
    }
    const char *masked = import_masked(im, &im->row_arena, text);
    if (masked != text)
        tally_note(im, NOTE_CURP_MASKED, plan->columns[column]);
    return masked;
}

const char *row_column_text(struct import *im, const struct layer *layer,
                            const struct row_plan *plan, OGRFeatureH f, size_t column)
{
    const char *text = plain_text(im, layer, plan, f, column);
    return text ? without_curp(im, plan, column, text) : NULL;
}

/* ---- fields ---- */

/* The trimmed text of a field's n-th column, NULL when it has none or is empty. */
static const char *field_text(struct import *im, const struct row_plan *plan,
                              enum import_field field, int nth)
{
    int column = plan->mapping.column[field][nth];
    return column < 0
               ? NULL
               : row_translated(plan, column,
                                text_trimmed(&im->row_arena, im->row.attributes[column].value));
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
    enum number_answer answer = value_number_as(text, plan->number_sign[field], &v);
    bool told = plan->mapping.form[field] == FORM_POINT || plan->mapping.form[field] == FORM_COMMA;
    if (answer == NUMBER_NONE && !told)
        answer = value_number_as(text, NUMBER_SIGN_UNKNOWN, &v);
    if (answer == NUMBER_NONE || v < 0 || v > max) {
        unreadable(im, field, text);
        return;
    }
    *out = v;
    int column = plan->mapping.column[field][0];
    if (answer == NUMBER_AMBIGUOUS && column < (int)plan->columns_n &&
        plan->types[column] == OFTString)
        tally_note(im, NOTE_NUMBER_AMBIGUOUS, text);
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
    if (!text)
        return;
    enum date_answer answer = date_parse(text, plan->date_order[FIELD_DATE], date);
    if (answer == DATE_NONE) {
        unreadable(im, FIELD_DATE, text);
        return;
    }
    im->row.observed_date = arena_strdup(&im->row_arena, date);
    if (answer == DATE_AMBIGUOUS || answer == DATE_SERIAL)
        tally_note(im, answer == DATE_SERIAL ? NOTE_DATE_SERIAL : NOTE_DATE_AMBIGUOUS, text);
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
            const char *piece =
                whole ? whole : row_translated(plan, plan->mapping.column[field][k], pieces[i]);
            const char *code = whole ? whole : vocabulary_code(words, piece ? piece : "");
            if (!code && (!piece || says_nothing(piece)))
                continue;
            if (!code) {
                code = piece;
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

static void curp_field(struct import *im, const struct row_plan *plan)
{
    struct candidate *c = &im->row;
    if (im->curp_answer < 0)
        return;
    if (im->curp_answer == CURP_GOOD)
        c->producer_curp = im->row.attributes[im->curp_column].value;
    else
        import_row_finding(im, FINDING_CURP_BAD, NOWHERE, NAN,
                           im->curp_answer == CURP_CHECK_DIGIT
                               ? "the check digit of the CURP in column '%.40s' does not fit"
                               : "the value of column '%.40s' has not the form of a CURP",
                           plan->columns[im->curp_column]);
    if (c->producer_curp && plan->mapping.column[FIELD_PRODUCER_CODE][0] == im->curp_column)
        c->producer_code = NULL;
}

static bool all_digits(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* "7059.0", as a spreadsheet writes what it took for a number, is 7059. */
static const char *whole_number(struct import *im, const char *text)
{
    size_t n = text ? strspn(text, "0123456789") : 0;
    return n && strcmp(text + n, ".0") == 0 ? arena_strndup(&im->row_arena, text, n) : text;
}

static const char *zero_before(struct import *im, const char *key)
{
    char *whole = arena_printf(&im->row_arena, "0%s", key);
    if (whole)
        tally_note(im, NOTE_ZERO_RESTORED, whole);
    return whole;
}

/* Where the row says it lies: CVEGEO (of a locality too: its first five digits), CVE_ENT and
 * CVE_MUN, or names. */
static void place_fields(struct import *im, const struct row_plan *plan)
{
    struct candidate *c = &im->row;
    const char *municipality = whole_number(im, field_text(im, plan, FIELD_MUNICIPALITY, 0)),
               *state = whole_number(im, field_text(im, plan, FIELD_STATE, 0));
    size_t n = municipality ? strlen(municipality) : 0;
    bool key = municipality && all_digits(municipality),
         state_key = state && all_digits(state) && strlen(state) <= 2;
    if (key && n >= 8 && n <= 9) {
        const char *whole = n == 8 ? zero_before(im, municipality) : municipality;
        c->region_key = whole ? arena_strndup(&im->row_arena, whole, 5) : NULL;
    } else if (key && (n == 4 || n == 5)) {
        c->region_key = n == 4 ? zero_before(im, municipality) : municipality;
    } else if (key && n <= 3 && state_key) {
        c->region_key =
            arena_printf(&im->row_arena, "%02d%03d", atoi(state) % 100, atoi(municipality) % 1000);
    } else if (!municipality && state_key) {
        c->region_key = arena_printf(&im->row_arena, "%02d", atoi(state) % 100);
    }
    if (c->region_key)
        return;
    c->municipality = key || (municipality && says_nothing(municipality)) ? NULL : municipality;
    c->state = state_key || (state && says_nothing(state)) ? NULL : state;
}

static void plot_fields(struct import *im, const struct layer *layer, const struct row_plan *plan)
{
    struct candidate *c = &im->row;
    const char *survey = field_text(im, plan, FIELD_SURVEY, 0);
    c->code = field_text(im, plan, FIELD_CODE, 0);
    c->name = field_text(im, plan, FIELD_NAME, 0);
    if ((layer->tracks || layer->name_is_code) && plan->mapping.column[FIELD_CODE][0] < 0 &&
        c->name && !receivers_name(c->name))
        c->code = c->name;
    if (!c->code && layer->extras && layer->extras->code)
        c->code = import_masked(im, &im->row_arena,
                                encoding_value(im, &layer->encoding, layer->extras->code, 0));
    c->programme = field_text(im, plan, FIELD_PROGRAMME, 0);
    c->organisation = field_text(im, plan, FIELD_ORGANISATION, 0);
    c->producer_code = field_text(im, plan, FIELD_PRODUCER_CODE, 0);
    c->producer_name = field_text(im, plan, FIELD_PRODUCER_NAME, 0);
    curp_field(im, plan);
    place_fields(im, plan);
    gender_field(im, plan);
    year_field(im, plan, FIELD_BIRTH_YEAR, &c->producer_birth_year);
    year_field(im, plan, FIELD_ADOPTION_YEAR, &c->adoption_year);
    date_field(im, plan);
    number_field(im, plan, FIELD_DECLARED_HA, 1e9, &c->declared_ha);
    number_field(im, plan, FIELD_ACCURACY_M, CANDIDATE_ACCURACY_MOST_M, &c->accuracy_m);
    c->survey =
        layer->tracks || (layer->extras && layer->extras->walked) ? SURVEY_WALKED : SURVEY_IMPORTED;
    if (layer->extras && isnan(c->accuracy_m))
        c->accuracy_m = layer->extras->accuracy_m;
    if (survey && !value_survey(survey, &c->survey))
        unreadable(im, FIELD_SURVEY, survey);
    c->crops_n = word_list(im, plan, FIELD_CROP, im->crops, 0, c->crops, CANDIDATE_CROPS_MAX);
    c->practices_n = word_list(im, plan, FIELD_PRACTICE, im->practices, 1, c->practices,
                               CANDIDATE_PRACTICES_MAX);
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
    return geographic_key && (n == 1 || n == 4 || n == 8) ? zero_before(im, key) : key;
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
    im->curp_answer = -1;
    for (size_t i = 0; i < plan->columns_n; i++) {
        c->attributes[i].name = plan->columns[i];
        c->attributes[i].value = feature ? row_column_text(im, layer, plan, feature, i) : NULL;
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
    if (layer->ogr)
        (void)OGR_L_SetIgnoredFields(layer->ogr, no_geometry); /* only faster */
    layer_rewind(layer);
    for (OGRFeatureH f; !some_f && !some_h && (f = layer_next(layer)); OGR_F_Destroy(f)) {
        char key[TEXT_KEY_MAX];
        text_key(OGR_F_GetFieldAsString(f, plan->fields[column]), key);
        some_m |= strcmp(key, "m") == 0;
        some_f |= strcmp(key, "f") == 0;
        some_h |= strcmp(key, "h") == 0;
    }
    if (layer->ogr)
        (void)OGR_L_SetIgnoredFields(layer->ogr, NULL);
    layer_rewind(layer);
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

static bool is_hidden(const struct layer *layer, const char *name)
{
    for (const char *const *h = layer->hidden; h && *h; h++)
        if (strcmp(*h, name) == 0)
            return true;
    return false;
}

static bool plan_arrays(struct arena *a, size_t n, struct row_plan *out)
{
    out->columns = arena_array(a, n, sizeof *out->columns);
    out->fields = arena_array(a, n, sizeof *out->fields);
    out->types = arena_array(a, n, sizeof *out->types);
    out->subtypes = arena_array(a, n, sizeof *out->subtypes);
    out->widths = arena_array(a, n, sizeof *out->widths);
    return out->columns && out->fields && out->types && out->subtypes && out->widths;
}

enum status row_plan_make(struct import *im, const struct layer *layer, struct row_plan *out,
                          struct error *e)
{
    OGRFeatureDefnH definition = layer_definition(layer);
    int fields_n = OGR_FD_GetFieldCount(definition);
    size_t n = 0;
    *out = (struct row_plan){0};
    if (fields_n >= FRAME_COLUMNS_MAX)
        return error_set(e, STATUS_LIMIT, "too_many_columns", "leave out columns",
                         "layer %.60s has %d columns; at most %d are read", layer->name, fields_n,
                         FRAME_COLUMNS_MAX - 1);
    if (!plan_arrays(&im->file_arena, (size_t)fields_n + 1, out))
        return error_memory(e);
    for (int i = 0; i < fields_n; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        if (is_hidden(layer, OGR_Fld_GetNameRef(field)))
            continue;
        if (!(out->columns[n] = column_name(im, layer, OGR_Fld_GetNameRef(field))))
            return error_memory(e);
        out->fields[n] = i;
        out->types[n] = (int)OGR_Fld_GetType(field);
        out->subtypes[n] = (int)OGR_Fld_GetSubType(field);
        out->widths[n++] = OGR_Fld_GetWidth(field);
    }
    out->columns_n = n;
    out->columns[n] = layer->extra_column;
    enum status s = mapping_make(im->request->purpose, out->columns,
                                 n + (layer->extra_column ? 1 : 0), layer->names_cut,
                                 im->request->mappings, im->request->mappings_n, &out->mapping, e);
    if (s == STATUS_OK && out->mapping.absent)
        import_file_finding(im, FINDING_PROFILE_COLUMN_MISSING,
                            "the profile's column '%.60s' is not in layer %.60s",
                            out->mapping.absent, layer->name);
    if (s == STATUS_OK)
        s = columns_look(im, layer, out, e);
    if (s == STATUS_OK && im->request->purpose == READER_PLOTS)
        decide_lone_m(im, layer, out);
    return s;
}
