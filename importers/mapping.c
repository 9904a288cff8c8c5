/* Columns to fields; see mapping.h. */
#include "importers/mapping.h"
#include "importers/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const unsigned char importers_fields_csv[];

enum { DBF_NAME_BYTES = 10, SHORTEST_CUT = 6 };

static const char *const FIELD_NAMES[FIELDS_N] = {
    "code",          "name",       "programme",  "organisation", "producer_code",
    "producer_name", "gender",     "birth_year", "crop",         "practice",
    "adoption_year", "date",       "survey",     "declared_ha",  "accuracy_m",
    "key",           "layer_name", "key_state",  "key_part"};

const char *mapping_field_name(enum import_field field)
{
    if (field == FIELD_LAYER_NAME)
        return "name";
    return field >= 0 && field < FIELD_KEY_STATE ? FIELD_NAMES[field] : NULL;
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
    bool cut; /* the name fills the ten bytes of a DBF name */
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
            out->column[f][taken++] = column;
        }
        p += length + (p[length] == '|');
    }
}

static enum import_field parse_field(enum reader_purpose purpose, const char *name)
{
    bool layer = purpose != READER_PLOTS;
    for (int f = 0; f < FIELD_KEY_STATE; f++)
        if (for_layers((enum import_field)f) == layer &&
            strcasecmp(name, mapping_field_name((enum import_field)f)) == 0)
            return (enum import_field)f;
    return FIELD_NONE;
}

static enum status bad_field(enum reader_purpose purpose, const char *name, struct error *e)
{
    char list[256] = "";
    for (int f = 0; f < FIELD_KEY_STATE; f++)
        if (for_layers((enum import_field)f) == (purpose != READER_PLOTS)) {
            size_t n = strlen(list);
            snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                     mapping_field_name((enum import_field)f));
        }
    char remedy[300];
    snprintf(remedy, sizeof remedy, "the fields are: %s", list);
    return error_set(e, STATUS_USAGE, "map_field", remedy,
                     "there is no field '%.40s' to map a column to", name);
}

static enum status bad_column(const char *name, const char *const *columns, size_t n,
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
    return error_set(e, STATUS_USAGE, "map_column", "name one of the file's columns",
                     "there is no column '%.60s'; the columns are: %s", name, n ? list : "none");
}

/* --map FIELD=COLUMN; an empty column means: leave this field unmapped. */
static enum status map_given(enum reader_purpose purpose, const struct reader_mapping *g,
                             const char *const *columns, size_t n, struct column_key *keys,
                             bool *fixed, struct mapping *out, struct error *e)
{
    enum import_field f = parse_field(purpose, g->field);
    if (f == FIELD_NONE)
        return bad_field(purpose, g->field, e);
    int place = 0;
    while (fixed[f] && place < several(f) - 1 && out->column[f][place] >= 0)
        place++;
    fixed[f] = true;
    if (!*g->column) {
        out->column[f][0] = -1;
        return STATUS_OK;
    }
    char wanted[TEXT_KEY_MAX];
    text_key(g->column, wanted);
    int found = -1;
    for (size_t i = 0; i < n && found < 0; i++)
        if (strcmp(columns[i], g->column) == 0)
            found = (int)i;
    for (size_t i = 0; i < n && found < 0; i++)
        if (*wanted && strcmp(keys[i].key, wanted) == 0)
            found = (int)i;
    if (found < 0)
        return bad_column(g->column, columns, n, e);
    out->column[f][place] = found;
    keys[found].used = true;
    return STATUS_OK;
}

enum status mapping_make(enum reader_purpose purpose, const char *const *columns, size_t columns_n,
                         bool truncated, const struct reader_mapping *given, size_t given_n,
                         struct mapping *out, struct error *e)
{
    bool fixed[FIELDS_N] = {false};
    struct column_key *keys = calloc(columns_n + 1, sizeof *keys);
    if (!keys)
        return error_memory(e);
    memset(out->column, -1, sizeof out->column);
    for (size_t i = 0; i < columns_n; i++) {
        text_key(columns[i], keys[i].key);
        keys[i].cut = truncated && strlen(columns[i]) == DBF_NAME_BYTES;
    }
    enum status s = STATUS_OK;
    for (size_t i = 0; i < given_n && s == STATUS_OK; i++)
        s = map_given(purpose, &given[i], columns, columns_n, keys, fixed, out, e);
    for (int f = 0; f < FIELDS_N && s == STATUS_OK; f++)
        if (for_layers((enum import_field)f) == (purpose != READER_PLOTS) && !fixed[f])
            map_by_name((enum import_field)f, keys, columns_n, out);
    free(keys);
    return s;
}
