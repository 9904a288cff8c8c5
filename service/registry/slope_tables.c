/* See slope_tables.h. */
#include "service/registry/slope_tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TABLE_BYTES_MAX = 65536 };

static const struct {
    const char *name, *code;
} shipped[] = {{"FAO", "FAO_2006"},        {"FAO_2006", "FAO_2006"}, {"GAEZ", "GAEZ_2000"},
               {"GAEZ_2000", "GAEZ_2000"}, {"MIAF", "MIAF_20"},      {"MIAF_20", "MIAF_20"}};

static enum status not_a_table(const char *name, struct error *e)
{
    return error_set(e, STATUS_NOT_FOUND, "slope_table_unknown",
                     "give FAO_2006, GAEZ_2000, MIAF_20 or a CSV file with the columns "
                     "code,from_pct,name_en,name_es,colour",
                     "\"%.80s\" is neither a table of slope classes nor a file", name);
}

/* "clases/norma 2024.csv" -> "norma 2024", at most what a table's code holds. */
static void table_name(const char *path, char out[24])
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    snprintf(out, 24, "%.23s", base);
    char *dot = strrchr(out, '.');
    if (dot && dot > out)
        *dot = 0;
}

static enum status read_file(FILE *f, char *text, struct error *e)
{
    size_t n = fread(text, 1, TABLE_BYTES_MAX, f);
    if (ferror(f))
        return error_set(e, STATUS_IO, "slope_table_read", NULL,
                         "the table of slope classes cannot be read: %s", strerror(errno));
    if (n == TABLE_BYTES_MAX || memchr(text, 0, n))
        return error_set(e, STATUS_INVALID, "slope_table_columns",
                         "give a CSV file with the columns code,from_pct,name_en,name_es,colour",
                         "the file is not a table of slope classes: it is %s",
                         n == TABLE_BYTES_MAX ? "too large" : "not text");
    text[n] = 0;
    return STATUS_OK;
}

enum status slope_table_load(const char *name, struct slope_class_table *out, struct error *e)
{
    struct stat st;
    char code[24];
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        if (strcasecmp(name, shipped[i].name) == 0)
            return slope_table_shipped(shipped[i].code, out, e);
    FILE *f = stat(name, &st) == 0 && S_ISREG(st.st_mode) ? fopen(name, "r") : NULL;
    if (!f)
        return not_a_table(name, e);
    char *text = malloc(TABLE_BYTES_MAX + 1);
    enum status status = text ? read_file(f, text, e) : error_memory(e);
    fclose(f);
    table_name(name, code);
    if (status == STATUS_OK)
        status = slope_table_user(text, code, out, e);
    free(text);
    return status;
}
