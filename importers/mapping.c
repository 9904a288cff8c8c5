/* Columns to fields; see mapping.h. */
#include "importers/mapping.h"
#include "importers/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const unsigned char importers_fields_csv[];

enum { DBF_NAME_BYTES = 10, SHORTEST_CUT = 6 };

static const char *const FIELD_NAMES[FIELDS_N] = {
    "code",         "name",          "programme", "organisation", "producer_code", "producer_name",
    "curp",         "gender",        "birth_year", "crop",        "practice",      "adoption_year",
    "date",         "survey",        "declared_ha", "accuracy_m", "municipality",  "state",
    "key",          "layer_name",    "key_state", "key_part"};

const char *mapping_field_name(enum import_field field)
{
    if (field == FIELD_LAYER_NAME)
        return "name";
    return field >= 0 && field < FIELD_KEY_STATE ? FIELD_NAMES[field] : NULL;
}

const char *column_how_name(enum column_how how)
{
    static const char *const names[COLUMN_HOWS_N] = {"unmapped", "by name", "--map", "profile"};
    return names[how];
}

static bool for_layers(enum import_field f)
{
    return f >= FIELD_KEY;
}

static int several(enum import_field f)
{
    return f == FIELD_CROP || f == FIELD_PRACTICE ? MAPPING_SEVERAL_MAX : 1;
}

/* The line of a field in fields.csv, after "field,". */
static const char *names_of(enum import_field f)
{
    const char *p = (const char *)importers_fields_csv;
    size_t n = strlen(FIELD_NAMES[f]);
    for (; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
        if (strncmp(p, FIELD_NAMES[f], n) == 0 && p[n] == ',')
            return p + n + 1;
    return "\n";
}

struct column_key {
    char key[TEXT_KEY_MAX];
    char tail[TEXT_KEY_MAX]; /* without the groups of a form: "datos/cultivo" -> "cultivo"; "" =
                                there are none */
    bool cut;                /* the name fills the ten bytes of a DBF name */
    bool used;
};

static bool same_name(const struct column_key *c, const char *key)
{
    if (strcmp(c->key, key) == 0)
        return true;
    size_t n = strlen(c->key);
    return c->cut && n >= SHORTEST_CUT && strncmp(c->key, key, n) == 0;
}

static int find_column(struct column_key *columns, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (!columns[i].used && *columns[i].key && same_name(&columns[i], key))
            return (int)i;
    for (size_t i = 0; i < n; i++)
        if (!columns[i].used && strcmp(columns[i].tail, key) == 0 && *key)
            return (int)i;
    return -1;
}

/* Goes through the names of a field, likeliest first, and takes the columns that have them. */
static void map_by_name(enum import_field f, struct column_key *columns, size_t n,
                        struct mapping *out)
{
    const char *p = names_of(f);
    int taken = 0;
    while (*p && *p != '\n' && taken < several(f)) {
        char name[64], key[TEXT_KEY_MAX];
        size_t length = strcspn(p, "|\n");
        snprintf(name, sizeof name, "%.*s", (int)length, p);
        text_key(name, key);
        int column = find_column(columns, n, key);
        if (column >= 0) {
            columns[column].used = true;
            out->how[f][taken] = COLUMN_BY_NAME;
            out->column[f][taken++] = column;
        }
        p += length + (p[length] == '|');
    }
}

static enum import_field parse_field(enum reader_purpose purpose, const char *name, size_t n)
{
    for (int f = 0; f < FIELDS_N; f++) {
        const char *known = mapping_field_name((enum import_field)f);
        if (known && for_layers((enum import_field)f) == (purpose != READER_PLOTS) &&
            strlen(known) == n && strncasecmp(known, name, n) == 0)
            return (enum import_field)f;
    }
    return FIELD_NONE;
}

static enum status bad_field(enum reader_purpose purpose, const char *name, struct error *e)
{
    char list[300] = "the fields are: ";
    size_t used = strlen(list), start = used;
    for (int f = 0; f < FIELDS_N; f++)
        if (for_layers((enum import_field)f) == (purpose != READER_PLOTS) &&
            mapping_field_name((enum import_field)f))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > start ? ", " : "",
                                     mapping_field_name((enum import_field)f));
    return error_set(e, STATUS_USAGE, "map_field", list,
                     "there is no field '%.40s' to map a column to", name);
}

/* "(dmy)", "(mdy)" after a date, "(point)", "(comma)" after a number. */
static bool parse_form(enum import_field f, const char *text, size_t n, enum mapping_form *out)
{
    static const struct {
        const char *word;
        enum mapping_form form;
    } forms[] = {{"(dmy)", FORM_DAY_FIRST},
                 {"(mdy)", FORM_MONTH_FIRST},
                 {"(point)", FORM_POINT},
                 {"(comma)", FORM_COMMA}};
    bool number = f == FIELD_DECLARED_HA || f == FIELD_ACCURACY_M,
         date = f == FIELD_DATE || f == FIELD_ADOPTION_YEAR || f == FIELD_BIRTH_YEAR;
    *out = FORM_UNKNOWN;
    for (size_t i = 0; i < 4 && n; i++)
        if (strlen(forms[i].word) == n && strncmp(forms[i].word, text, n) == 0 &&
            (i < 2 ? date : number))
            *out = forms[i].form;
    return !n || *out != FORM_UNKNOWN;
}

enum status mapping_field_parse(enum reader_purpose purpose, const char *text,
                                enum import_field *field, enum mapping_form *form, bool *optional,
                                struct error *e)
{
    size_t n = strlen(text);
    *field = FIELD_NONE;
    *form = FORM_UNKNOWN;
    *optional = n && text[n - 1] == '?';
    n -= *optional;
    size_t name = strcspn(text, "(?");
    if (!n)
        return STATUS_OK;
    *field = parse_field(purpose, text, name < n ? name : n);
    if (*field == FIELD_NONE)
        return bad_field(purpose, text, e);
    if (parse_form(*field, text + name, name < n ? n - name : 0, form))
        return STATUS_OK;
    return error_set(e, STATUS_USAGE, "map_form",
                     "date(dmy), date(mdy), declared_ha(comma), declared_ha(point)",
                     "'%.60s' does not say how its values are written", text);
}

static enum status bad_column(const struct reader_mapping *g, const char *const *columns, size_t n,
                              struct error *e)
{
    char list[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < n && used + 8 < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", columns[i]);
    if (used >= sizeof list - 8) { /* cut at a character */
        used = sizeof list - 8;
        while (used && ((unsigned char)list[used] & 0xC0) == 0x80)
            used--;
        snprintf(list + used, sizeof list - used, "...");
    }
    return error_set(e, STATUS_USAGE, "map_column",
                     g->profile ? "correct the profile, or write the field with a ? when the "
                                  "column may be missing"
                                : "name one of the file's columns",
                     "there is no column '%.60s'%s%.40s; the columns are: %s", g->column,
                     g->profile ? ", which the profile takes for " : "",
                     g->profile ? g->field : "", n ? list : "none");
}

int mapping_column(const char *const *columns, size_t n, const char *name)
{
    char wanted[TEXT_KEY_MAX], key[TEXT_KEY_MAX];
    for (size_t i = 0; i < n; i++)
        if (strcmp(columns[i], name) == 0)
            return (int)i;
    text_key(name, wanted);
    for (int tails = 0; tails < 2 && *wanted; tails++)
        for (size_t i = 0; i < n; i++) {
            const char *slash = tails ? strrchr(columns[i], '/') : NULL;
            text_key(slash ? slash + 1 : columns[i], key);
            if ((!tails || slash) && strcmp(key, wanted) == 0)
                return (int)i;
        }
    return -1;
}

/* What --map or a profile says; an empty column means: leave this field unmapped. `fixed`: 1 by a
 * profile, 2 by --map, which a profile does not add to. */
static enum status map_given(enum reader_purpose purpose, const struct reader_mapping *g,
                             const char *const *columns, size_t n, struct column_key *keys,
                             int *fixed, struct mapping *out, struct error *e)
{
    enum import_field f;
    enum mapping_form form;
    bool optional;
    enum status s = mapping_field_parse(purpose, g->field, &f, &form, &optional, e);
    if (s != STATUS_OK)
        return s;
    int found = *g->column ? mapping_column(columns, n, g->column) : -1;
    if (f == FIELD_NONE) {
        if (found >= 0)
            keys[found].used = true;
        return STATUS_OK;
    }
    if (g->profile && (fixed[f] == 2 || (found >= 0 && keys[found].used)))
        return STATUS_OK;
    int place = 0;
    while (fixed[f] && place < several(f) - 1 && out->column[f][place] >= 0)
        place++;
    if (*g->column && found < 0) {
        if (!optional)
            return bad_column(g, columns, n, e);
        out->absent = out->absent ? out->absent : g->column;
        return STATUS_OK; /* by its name, perhaps */
    }
    fixed[f] = g->profile ? 1 : 2;
    out->column[f][place] = found;
    if (found < 0)
        return STATUS_OK;
    out->how[f][place] = g->profile ? COLUMN_PROFILE : COLUMN_GIVEN;
    out->form[f] = form != FORM_UNKNOWN ? form : out->form[f];
    keys[found].used = true;
    return STATUS_OK;
}

enum status mapping_make(enum reader_purpose purpose, const char *const *columns, size_t columns_n,
                         bool truncated, const struct reader_mapping *given, size_t given_n,
                         struct mapping *out, struct error *e)
{
    int fixed[FIELDS_N] = {0};
    struct column_key *keys = calloc(columns_n + 1, sizeof *keys);
    if (!keys)
        return error_memory(e);
    *out = (struct mapping){.absent = NULL};
    memset(out->column, -1, sizeof out->column);
    for (size_t i = 0; i < columns_n; i++) {
        text_key(columns[i], keys[i].key);
        const char *slash = strrchr(columns[i], '/');
        if (slash)
            text_key(slash + 1, keys[i].tail);
        keys[i].cut = truncated && strlen(columns[i]) == DBF_NAME_BYTES;
    }
    enum status s = STATUS_OK;
    for (int profile = 0; profile < 2; profile++)
        for (size_t i = 0; i < given_n && s == STATUS_OK; i++)
            if (given[i].profile == profile)
                s = map_given(purpose, &given[i], columns, columns_n, keys, fixed, out, e);
    for (int f = 0; f < FIELDS_N && s == STATUS_OK; f++)
        if (for_layers((enum import_field)f) == (purpose != READER_PLOTS) && !fixed[f])
            map_by_name((enum import_field)f, keys, columns_n, out);
    free(keys);
    return s;
}
