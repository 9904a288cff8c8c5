/* Mapping profiles; see profile.h. */
#include "importers/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/csv.h"
#include "importers/mapping.h"
#include "importers/text.h"

enum cell { CELL_COLUMN, CELL_FIELD, CELL_VALUE, CELL_BECOMES, CELLS_N };

struct bytes {
    const char *at;
    size_t left;
};

struct parsing {
    struct csv csv;
    struct arena *a;
    struct profile *out;
    int cells[CELLS_N]; /* which cell of a line; -1 = none */
    struct error *e;
};

static size_t read_bytes(void *arg, char *buffer, size_t n)
{
    struct bytes *b = arg;
    n = n < b->left ? n : b->left;
    memcpy(buffer, b->at, n);
    b->at += n;
    b->left -= n;
    return n;
}

static enum status invalid(struct parsing *p, const char *remedy, const char *what,
                           const char *which)
{
    return error_set(p->e, STATUS_INVALID, "profile_invalid", remedy,
                     "line %llu of the profile: %s%s%.60s%s", (unsigned long long)p->csv.line, what,
                     which ? " '" : "", which ? which : "", which ? "'" : "");
}

/* The trimmed text of a cell, "" when it is empty; NULL without memory. */
static const char *cell(struct parsing *p, enum cell c)
{
    const char *raw = p->cells[c] < 0 ? "" : csv_cell(&p->csv, (size_t)p->cells[c]);
    const char *text = text_trim(p->a, raw);
    return text ? text : "";
}

static enum status header(struct parsing *p)
{
    static const char *const names[CELLS_N][2] = {
        {"column", "columna"}, {"field", "campo"}, {"value", "valor"}, {"becomes", "queda"}};
    memset(p->cells, -1, sizeof p->cells);
    for (size_t i = 0; i < p->csv.cells_n; i++) {
        char key[TEXT_KEY_MAX];
        text_key(csv_cell(&p->csv, i), key);
        for (int c = 0; c < CELLS_N; c++)
            if (p->cells[c] < 0 && (!strcmp(key, names[c][0]) || !strcmp(key, names[c][1])))
                p->cells[c] = (int)i;
    }
    if (p->cells[CELL_COLUMN] >= 0 && p->cells[CELL_FIELD] >= 0)
        return STATUS_OK;
    return invalid(p, "begin with the line column,field,value,becomes",
                   "there is no header with column and field", NULL);
}

static enum status add_mapping(struct parsing *p, const char *column, const char *field)
{
    struct profile *out = p->out;
    enum import_field f;
    enum mapping_form form;
    bool optional;
    struct error why;
    if (mapping_field_parse(READER_PLOTS, field, &f, &form, &optional, &why) != STATUS_OK)
        return invalid(p, why.remedy, why.message, NULL);
    for (size_t i = 0; i < out->mappings_n; i++)
        if (strcmp(out->mappings[i].column, column) == 0)
            return invalid(p, "leave one of the lines", "the column stands twice:", column);
    if (out->mappings_n == PROFILE_MAPPINGS_MAX)
        return error_set(p->e, STATUS_LIMIT, "profile_limit", "leave out columns",
                         "the profile has more than %d columns", PROFILE_MAPPINGS_MAX);
    out->mappings[out->mappings_n++] = (struct reader_mapping){field, column, true};
    return STATUS_OK;
}

static enum status add_translation(struct parsing *p, const char *column, const char *value,
                                   const char *becomes)
{
    struct profile *out = p->out;
    if (out->translations_n == PROFILE_VALUES_MAX)
        return error_set(p->e, STATUS_LIMIT, "profile_limit", "leave out values",
                         "the profile has more than %d values", PROFILE_VALUES_MAX);
    out->translations[out->translations_n++] = (struct reader_translation){column, value, becomes};
    return STATUS_OK;
}

static enum status line(struct parsing *p)
{
    const char *column = cell(p, CELL_COLUMN), *field = cell(p, CELL_FIELD),
               *value = cell(p, CELL_VALUE);
    if (*column == '#' || (!*column && !*field && !*value))
        return STATUS_OK;
    if (!*column)
        return invalid(p, "name the column of the source", "no column is named", NULL);
    if (*value)
        return add_translation(p, column, value, cell(p, CELL_BECOMES));
    return add_mapping(p, column, field);
}

struct sorted_value {
    const struct reader_translation *t;
    char column[TEXT_KEY_MAX], value[TEXT_KEY_MAX];
};

static int by_value(const void *a, const void *b)
{
    const struct sorted_value *x = a, *y = b;
    int c = strcmp(x->column, y->column);
    return c ? c : strcmp(x->value, y->value);
}

/* Two translations of one value that say different things. */
static enum status check_values(struct parsing *p)
{
    const struct profile *out = p->out;
    struct sorted_value *list = calloc(out->translations_n + 1, sizeof *list);
    enum status s = list ? STATUS_OK : error_memory(p->e);
    for (size_t i = 0; list && i < out->translations_n; i++) {
        list[i].t = &out->translations[i];
        text_key(out->translations[i].column, list[i].column);
        text_key(out->translations[i].value, list[i].value);
    }
    if (list)
        qsort(list, out->translations_n, sizeof *list, by_value);
    for (size_t i = 1; s == STATUS_OK && i < out->translations_n; i++)
        if (by_value(&list[i - 1], &list[i]) == 0 &&
            strcmp(list[i - 1].t->becomes, list[i].t->becomes) != 0)
            s = error_set(p->e, STATUS_INVALID, "profile_invalid",
                          "leave one of the lines; case and accents do not matter",
                          "the value '%.60s' of column '%.60s' becomes two things",
                          list[i].t->value, list[i].t->column);
    free(list);
    return s;
}

static enum status parse_lines(struct parsing *p)
{
    struct profile *out = p->out;
    bool headed = false;
    enum status s = STATUS_OK;
    while (s == STATUS_OK && csv_next(&p->csv)) {
        if (!headed && *csv_cell(&p->csv, 0) == '#')
            continue;
        s = headed ? line(p) : header(p);
        headed = true;
    }
    if (s == STATUS_OK)
        s = csv_ended(&p->csv, p->e);
    if (s == STATUS_OK && !headed)
        s = error_set(p->e, STATUS_INVALID, "profile_invalid",
                      "parcela profile propose writes a first one", "the profile is empty");
    if (s == STATUS_OK && !out->mappings_n && !out->translations_n)
        s = error_set(p->e, STATUS_INVALID, "profile_invalid",
                      "parcela profile propose writes a first one", "the profile says nothing");
    return s == STATUS_OK ? check_values(p) : s;
}

static unsigned long long skip_comments(struct bytes *b)
{
    unsigned long long lines = 0;
    if (b->left >= 3 && memcmp(b->at, "\xEF\xBB\xBF", 3) == 0) {
        b->at += 3;
        b->left -= 3;
    }
    while (b->left && (*b->at == '#' || *b->at == '\n' || *b->at == '\r')) {
        const char *end = memchr(b->at, '\n', b->left);
        size_t n = end ? (size_t)(end - b->at) + 1 : b->left;
        b->at += n;
        b->left -= n;
        lines++;
    }
    return lines;
}

enum status profile_parse(const char *text, size_t n, struct arena *a, struct profile *out,
                          struct error *e)
{
    *out = (struct profile){0};
    if (n > PROFILE_BYTES_MAX)
        return error_set(e, STATUS_LIMIT, "profile_limit", "leave out values",
                         "the profile is larger than %d bytes", PROFILE_BYTES_MAX);
    if (memchr(text, 0, n))
        return error_set(e, STATUS_INVALID, "profile_invalid", "save it as CSV (UTF-8)",
                         "the profile is no text");
    if (!text_utf8_valid(text, n)) {
        if (!(text = text_from_page(a, text, n, 1252)))
            return error_memory(e);
        n = strlen(text);
    }
    size_t lines = 1;
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n' || text[i] == '\r';
    struct bytes bytes = {text, n};
    unsigned long long skipped = skip_comments(&bytes); /* they must not tell the delimiter */
    struct parsing *p = calloc(1, sizeof *p);
    out->mappings = arena_array(a, lines < PROFILE_MAPPINGS_MAX ? lines : PROFILE_MAPPINGS_MAX,
                                sizeof *out->mappings);
    out->translations = arena_array(a, lines < PROFILE_VALUES_MAX ? lines : PROFILE_VALUES_MAX,
                                    sizeof *out->translations);
    if (!p || !out->mappings || !out->translations) {
        free(p);
        return error_memory(e);
    }
    p->a = a;
    p->out = out;
    p->e = e;
    csv_start(&p->csv, read_bytes, &bytes);
    p->csv.lines_read += skipped;
    enum status s = parse_lines(p);
    csv_clear(&p->csv);
    free(p);
    return s;
}

/* ---- proposing ---- */

static void put_cell(struct buf *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n#")) {
        buf_puts(out, text);
        return;
    }
    buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

void profile_propose(const struct reader_column *columns, size_t n, struct buf *out)
{
    buf_puts(out, "column,field,value,becomes,samples\n");
    for (size_t i = 0; i < n; i++) {
        const struct reader_column *c = &columns[i];
        char samples[400] = "";
        put_cell(out, c->name);
        buf_putc(out, ',');
        put_cell(out, c->field ? c->field : "");
        buf_puts(out, ",,,");
        for (int k = 0; k < COLUMN_SAMPLES && c->samples[k]; k++) {
            size_t used = strlen(samples);
            snprintf(samples + used, sizeof samples - used, "%s%s", k ? " | " : "", c->samples[k]);
        }
        put_cell(out, samples);
        buf_putc(out, '\n');
        /* what the field does not understand waits for a word */
        for (int k = 0; c->field && k < COLUMN_SAMPLES && c->samples[k]; k++)
            if (c->becomes[k] && strcmp(c->becomes[k], "?") == 0) {
                put_cell(out, c->name);
                buf_puts(out, ",,");
                put_cell(out, c->samples[k]);
                buf_puts(out, ",,\n");
            }
    }
}
