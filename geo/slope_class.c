/* Slope class tables: reading the shipped ones from CSV and finding the class of a slope; see
 * slope.h. They are geo/data/slope_classes.csv, compiled in; users' tables are read by
 * slope_table_user.c. */
#include <string.h>

#include "geo/csv_field.h"
#include "geo/slope.h"

extern const unsigned char slope_classes_csv[];
extern const size_t slope_classes_csv_len;

enum { COLUMN_TABLE, COLUMN_CODE, COLUMN_FROM, COLUMN_EN, COLUMN_ES, COLUMN_SOURCE, COLUMNS_N };
enum { FIELD_MAX = 160 };

static const char table_remedy[] =
    "each line is table,code,from_pct,name_en,name_es,source; see geo/data/slope_classes.csv";

static bool text_fits(char *out, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (n >= size)
        return false;
    memcpy(out, text, n + 1);
    return true;
}

static const char *class_add(struct slope_class_table *t, char field[COLUMNS_N][FIELD_MAX])
{
    if (t->classes_n == SLOPE_CLASSES_MAX)
        return "has more classes than a table can hold (16)";
    struct slope_class *c = &t->classes[t->classes_n];
    if (!csv_number(field[COLUMN_FROM], &c->from_pct))
        return "has a from_pct that is not a number";
    if (t->classes_n == 0 && c->from_pct != 0)
        return "must begin its table at 0 percent";
    if (t->classes_n && c->from_pct <= c[-1].from_pct)
        return "does not begin above the class before it";
    if (!*field[COLUMN_CODE] || !text_fits(c->code, sizeof c->code, field[COLUMN_CODE]))
        return "has no code or one longer than 15 bytes";
    if (!text_fits(c->name_en, sizeof c->name_en, field[COLUMN_EN]) ||
        !text_fits(c->name_es, sizeof c->name_es, field[COLUMN_ES]))
        return "has a name longer than 47 bytes";
    if (!text_fits(t->source, sizeof t->source, field[COLUMN_SOURCE]))
        return "has a source longer than 159 bytes";
    t->classes_n++;
    return NULL;
}

enum status slope_table_parse(const char *csv, const char *code, struct slope_class_table *out,
                              struct error *e)
{
    memset(out, 0, sizeof *out);
    if (!text_fits(out->code, sizeof out->code, code))
        return error_set(e, STATUS_NOT_FOUND, "slope_table_unknown", NULL,
                         "there is no slope class table named %.40s", code);
    int line = 0;
    for (const char *p = csv; *p; line++) {
        char field[COLUMNS_N][FIELD_MAX] = {{0}};
        const char *fault = NULL;
        bool blank = line == 0 || *p == '\n' || *p == '\r'; /* the first names the columns */
        for (int i = 0; i < COLUMNS_N && !fault && !blank; i++) {
            const char *next = csv_field(p, field[i], FIELD_MAX);
            if (!next)
                fault = "has a field that is too long or a quotation that does not end";
            else if (i + 1 < COLUMNS_N && (next == p || next[-1] != ','))
                fault = "has fewer than six fields";
            else
                p = next;
        }
        if (!fault && !blank && strcmp(field[COLUMN_TABLE], code) == 0)
            fault = class_add(out, field);
        if (fault)
            return error_set(e, STATUS_INVALID, "slope_table_line", table_remedy,
                             "line %d of the slope classes %s", line + 1, fault);
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    if (!out->classes_n)
        return error_set(e, STATUS_NOT_FOUND, "slope_table_unknown",
                         "the shipped tables are FAO_2006, GAEZ_2000 and MIAF_20",
                         "there is no slope class table named %.40s", code);
    return STATUS_OK;
}

enum status slope_table_shipped(const char *code, struct slope_class_table *out, struct error *e)
{
    return slope_table_parse((const char *)slope_classes_csv, code, out, e);
}

int slope_class_of(const struct slope_class_table *t, double slope_pct)
{
    int i = t->classes_n - 1;
    while (i > 0 && !(slope_pct >= t->classes[i].from_pct))
        i--;
    return i;
}
