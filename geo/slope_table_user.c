/* A user's own table of slope classes from CSV; see slope.h. The first line names the columns, so
 * that a spreadsheet's export can be taken as it is; every fault is told with its line and what
 * would be right. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/csv_field.h"
#include "geo/slope.h"

enum column {
    COLUMN_TABLE,
    COLUMN_CODE,
    COLUMN_FROM,
    COLUMN_TO,
    COLUMN_EN,
    COLUMN_ES,
    COLUMN_COLOUR,
    COLUMN_SOURCE,
    COLUMNS_N
};
enum { FIELD_MAX = 160, FIELDS_MAX = 32 };

static const char format_remedy[] = "the first line names the columns: code,from_pct and, if "
                                    "wanted, to_pct,name_en,name_es,colour,source,table; "
                                    "then one class a line, from 0 percent up";

struct reading {
    struct slope_class_table *table;
    double to_pct; /* where the class before ends by its own to_pct; NAN = not said */
    int line;
    enum column columns[FIELDS_MAX]; /* of each field; COLUMNS_N = another's */
    int columns_n;
    struct error *e;
};

/* ---- the head ---- */

static enum column column_of(const char *name)
{
    static const struct {
        const char *name;
        enum column column;
    } known[] = {{"table", COLUMN_TABLE},  {"code", COLUMN_CODE},     {"from_pct", COLUMN_FROM},
                 {"to_pct", COLUMN_TO},    {"name", COLUMN_EN},       {"name_en", COLUMN_EN},
                 {"name_es", COLUMN_ES},   {"colour", COLUMN_COLOUR}, {"color", COLUMN_COLOUR},
                 {"source", COLUMN_SOURCE}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].column;
    return COLUMNS_N;
}

static enum status read_head(struct reading *r, const char **p)
{
    bool code = false, from = false;
    for (bool more = true; more && r->columns_n < FIELDS_MAX;) {
        char field[FIELD_MAX];
        const char *next = csv_field(*p, field, sizeof field);
        if (!next)
            break;
        enum column c = column_of(field);
        r->columns[r->columns_n++] = c;
        code = code || c == COLUMN_CODE;
        from = from || c == COLUMN_FROM;
        more = next > *p && next[-1] == ',';
        *p = next;
    }
    if (!code || !from)
        return error_set(r->e, STATUS_INVALID, "slope_table_columns", format_remedy,
                         "the slope classes have no column named %s", code ? "from_pct" : "code");
    return STATUS_OK;
}

/* ---- one class ---- */

static enum status fault(const struct reading *r, const char *code, const char *remedy,
                         const char *text)
{
    return error_set(r->e, STATUS_INVALID, code, remedy, "line %d of the slope classes: %s",
                     r->line, text);
}

static enum status fault_with(const struct reading *r, const char *code, const char *remedy,
                              const char *before, const char *value, const char *after)
{
    char text[320];
    snprintf(text, sizeof text, "%s\"%.60s\"%s", before, value, after);
    return fault(r, code, remedy, text);
}

static bool fits(char *out, size_t room, const char *text)
{
    size_t n = strlen(text);
    if (n >= room)
        return false;
    memcpy(out, text, n + 1);
    return true;
}

/* Codes become names of columns and of JSON members. */
static bool code_allowed(const char *code)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return *code && strlen(code) < sizeof((struct slope_class *)0)->code &&
           strspn(code, letters) == strlen(code) && strcmp(code, "no_data") != 0;
}

static bool colour_allowed(const char *colour)
{
    return strlen(colour) == 7 && colour[0] == '#' &&
           strspn(colour + 1, "0123456789abcdefABCDEF") == 6;
}

static enum status check_unique(const struct reading *r, const struct slope_class *c)
{
    for (const struct slope_class *other = r->table->classes; other < c; other++) {
        if (strcmp(other->code, c->code) == 0)
            return fault_with(r, "slope_table_duplicate", "give each class a code of its own",
                              "the code ", c->code, " stands for two classes");
        if (strcmp(other->name_en, c->name_en) == 0)
            return fault_with(r, "slope_table_duplicate", "give each class a name of its own",
                              "the name ", c->name_en, " stands for two classes");
        if (strcmp(other->name_es, c->name_es) == 0)
            return fault_with(r, "slope_table_duplicate", "give each class a name of its own",
                              "the name ", c->name_es, " stands for two classes");
    }
    return STATUS_OK;
}

static enum status check_edges(const struct reading *r, const struct slope_class *c, double to_pct)
{
    char text[320];
    const struct slope_class *before = c - 1;
    if (c == r->table->classes) {
        if (c->from_pct != 0)
            return fault(
                r, "slope_table_gap", "let the first class begin at 0",
                "the first class must begin at 0 percent; flatter ground would be in no class");
    } else if (!(c->from_pct > before->from_pct)) {
        snprintf(
            text, sizeof text,
            "class %s begins at %.10g percent, which is not above %.10g, where class %s begins",
            c->code, c->from_pct, before->from_pct, before->code);
        return fault(r, "slope_table_order",
                     "put the classes in ascending order, each beginning above the one before",
                     text);
    } else if (r->to_pct < c->from_pct ||
               r->to_pct > c->from_pct) { /* false when the class before says no end */
        bool gap = r->to_pct < c->from_pct;
        snprintf(text, sizeof text,
                 "class %s ends at %.10g percent and class %s begins at %.10g: slopes between them "
                 "are in %s",
                 before->code, r->to_pct, c->code, c->from_pct, gap ? "no class" : "two classes");
        return fault(r, gap ? "slope_table_gap" : "slope_table_overlap",
                     "let each class end where the next begins, or leave to_pct out", text);
    }
    if (to_pct <= c->from_pct) {
        snprintf(text, sizeof text,
                 "class %s ends at %.10g percent, not above its beginning at %.10g", c->code,
                 to_pct, c->from_pct);
        return fault(r, "slope_table_order", "to_pct must be above from_pct", text);
    }
    return STATUS_OK;
}

static enum status take_texts(const struct reading *r, struct slope_class *c,
                              char field[COLUMNS_N][FIELD_MAX])
{
    const char *en = field[COLUMN_EN], *es = field[COLUMN_ES];
    if (!code_allowed(field[COLUMN_CODE]))
        return fault_with(r, "slope_table_code",
                          "use 1 to 15 letters, digits, _ . or -; no_data is taken", "the code ",
                          field[COLUMN_CODE], " cannot be used");
    memcpy(c->code, field[COLUMN_CODE], strlen(field[COLUMN_CODE]) + 1);
    if (!*en && !*es)
        en = es = c->code;
    if (!fits(c->name_en, sizeof c->name_en, *en ? en : es) ||
        !fits(c->name_es, sizeof c->name_es, *es ? es : en))
        return fault(r, "slope_table_name", "shorten it", "a name is longer than 47 bytes");
    if (*field[COLUMN_COLOUR] && !colour_allowed(field[COLUMN_COLOUR]))
        return fault_with(r, "slope_table_colour", "write colours as #rrggbb, for example #3b528b",
                          "", field[COLUMN_COLOUR], " is not a colour");
    if (*field[COLUMN_COLOUR])
        memcpy(c->colour, field[COLUMN_COLOUR], 8);
    if (*field[COLUMN_SOURCE] &&
        !fits(r->table->source, sizeof r->table->source, field[COLUMN_SOURCE]))
        return fault(r, "slope_table_name", "shorten it", "the source is longer than 159 bytes");
    if (*field[COLUMN_TABLE] && c != r->table->classes &&
        strcmp(field[COLUMN_TABLE], r->table->code) != 0)
        return fault_with(r, "slope_table_several", "keep the lines of one table",
                          "the file holds another table, ", field[COLUMN_TABLE], "");
    if (*field[COLUMN_TABLE] && !fits(r->table->code, sizeof r->table->code, field[COLUMN_TABLE]))
        return fault(r, "slope_table_name", "shorten it",
                     "the table's name is longer than 23 bytes");
    return STATUS_OK;
}

static enum status take_class(struct reading *r, char field[COLUMNS_N][FIELD_MAX])
{
    struct slope_class_table *t = r->table;
    double to_pct = HUGE_VAL;
    if (t->classes_n == SLOPE_CLASSES_MAX)
        return fault(r, "slope_table_many", "join some classes",
                     "a table holds at most 16 classes");
    struct slope_class *c = &t->classes[t->classes_n];
    if (!csv_number(field[COLUMN_FROM], &c->from_pct))
        return fault_with(r, "slope_table_number",
                          "write percent with a decimal point, for example 12.5", "from_pct is ",
                          field[COLUMN_FROM], ", which is no number");
    if (*field[COLUMN_TO] && !csv_number(field[COLUMN_TO], &to_pct))
        return fault_with(r, "slope_table_number",
                          "write percent with a decimal point, or nothing for an open class",
                          "to_pct is ", field[COLUMN_TO], ", which is no number");
    enum status status = take_texts(r, c, field);
    if (status == STATUS_OK)
        status = check_unique(r, c);
    if (status == STATUS_OK)
        status = check_edges(r, c, to_pct);
    r->to_pct = *field[COLUMN_TO] ? to_pct : NAN;
    t->classes_n++;
    return status;
}

static enum status read_line(struct reading *r, const char **p)
{
    char field[COLUMNS_N][FIELD_MAX] = {{0}}, other[FIELD_MAX];
    int n = 0;
    for (bool more = true; more; n++) {
        enum column c = n < r->columns_n ? r->columns[n] : COLUMNS_N;
        const char *next = csv_field(*p, c < COLUMNS_N ? field[c] : other, FIELD_MAX);
        if (!next)
            return fault(r, "slope_table_line", format_remedy,
                         "a field is longer than 159 bytes or its quotation does not end");
        more = next > *p && next[-1] == ',';
        *p = next;
    }
    if (n < r->columns_n - 1 && !*field[COLUMN_FROM])
        return fault(r, "slope_table_line", format_remedy,
                     "it has fewer fields than the first line names");
    return take_class(r, field);
}

enum status slope_table_user(const char *csv, const char *name, struct slope_class_table *out,
                             struct error *e)
{
    memset(out, 0, sizeof *out);
    snprintf(out->code, sizeof out->code, "%s", name);
    snprintf(out->source, sizeof out->source, "%s", "user's table");
    struct reading r = {.table = out, .to_pct = NAN, .line = 1, .e = e};
    const char *p = strncmp(csv, "\xEF\xBB\xBF", 3) == 0 ? csv + 3 : csv;
    enum status status = read_head(&r, &p);
    while (status == STATUS_OK) {
        p += strcspn(p, "\n");
        if (!*p || !*++p)
            break;
        r.line++;
        if (*p != '\n' && *p != '\r' && *p != '#')
            status = read_line(&r, &p);
    }
    if (status == STATUS_OK && !out->classes_n)
        return error_set(e, STATUS_INVALID, "slope_table_empty", format_remedy,
                         "the table of slope classes has no class");
    if (status == STATUS_OK && r.to_pct < HUGE_VAL)
        return error_set(
            e, STATUS_INVALID, "slope_table_gap", "leave to_pct of the last class empty",
            "the last slope class ends at %.10g percent: steeper ground would be in no class",
            r.to_pct);
    return status;
}
