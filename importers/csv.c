/* Records of a text table; see csv.h. */
#include "importers/csv.h"

#include <string.h>

static int peek(struct csv *c)
{
    if (c->at == c->n) {
        c->n = c->read(c->arg, c->buffer, sizeof c->buffer);
        c->at = 0;
    }
    return c->at < c->n ? (unsigned char)c->buffer[c->at] : -1;
}

/* The most frequent of the four outside quotes in the first line. */
static char guess_delimiter(const char *p, const char *end)
{
    static const char signs[] = ",;\t|";
    size_t count[4] = {0};
    bool quoted = false;
    for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        const char *sign = *p ? strchr(signs, *p) : NULL;
        if (*p == '"')
            quoted = !quoted;
        else if (sign && !quoted)
            count[sign - signs]++;
    }
    int best = 0;
    for (int i = 1; i < 4; i++)
        if (count[i] > count[best])
            best = i;
    return signs[best];
}

void csv_start(struct csv *c, size_t (*read)(void *arg, char *buffer, size_t n), void *arg)
{
    c->read = read;
    c->arg = arg;
    c->at = c->n = c->cells_n = 0;
    c->lines_read = 1;
    c->line = 1;
    c->problem = NULL;
    buf_init(&c->text, CSV_RECORD_MAX);
    if (peek(c) == 0xEF && c->n >= 3 && memcmp(c->buffer, "\xEF\xBB\xBF", 3) == 0)
        c->at = 3;
    c->delimiter = guess_delimiter(c->buffer + c->at, c->buffer + c->n);
}

static void begin_cell(struct csv *c)
{
    if (c->cells_n == CSV_CELLS_MAX)
        c->problem = "a line has more than 2,047 cells";
    else
        c->starts[c->cells_n++] = c->text.length;
}

/* One byte of a cell. */
static void put(struct csv *c, int byte)
{
    if (byte == 0)
        c->problem = "there are zero bytes in the text";
    buf_putc(&c->text, (char)byte);
    if (byte == '\n')
        c->lines_read++;
}

/* After the opening quote, up to and with the closing one. */
static void quoted(struct csv *c)
{
    for (int byte; !c->problem && (byte = peek(c)) >= 0;) {
        c->at++;
        if (byte != '"') {
            put(c, byte);
        } else if (peek(c) == '"') {
            c->at++;
            put(c, '"');
        } else {
            return;
        }
        if (c->text.failed)
            return;
    }
    if (!c->problem)
        c->problem = "a quoted cell is not closed";
}

static void end_line(struct csv *c)
{
    int byte = peek(c);
    if (byte < 0)
        return;
    c->at++;
    c->lines_read++;
    if (byte == '\r' && peek(c) == '\n')
        c->at++;
}

static void record(struct csv *c)
{
    begin_cell(c);
    bool fresh = true; /* the cell has no byte yet */
    for (int byte;
         !c->problem && !c->text.failed && (byte = peek(c)) >= 0 && byte != '\n' && byte != '\r';) {
        c->at++;
        if (byte == '"' && fresh) {
            quoted(c);
            fresh = false;
        } else if (byte == (unsigned char)c->delimiter) {
            buf_putc(&c->text, 0);
            begin_cell(c);
            fresh = true;
        } else {
            put(c, byte);
            fresh = false;
        }
    }
    buf_putc(&c->text, 0);
    end_line(c);
    if (c->text.failed && !c->problem)
        c->problem = "a line is longer than 16 MB";
}

bool csv_next(struct csv *c)
{
    while (!c->problem && peek(c) >= 0) {
        buf_reset(&c->text);
        c->cells_n = 0;
        c->line = c->lines_read;
        record(c);
        if (!c->problem && (c->cells_n > 1 || c->text.length > 1))
            return true;
    }
    c->cells_n = 0;
    return false;
}

const char *csv_cell(const struct csv *c, size_t i)
{
    return i < c->cells_n ? c->text.bytes + c->starts[i] : "";
}

enum status csv_ended(const struct csv *c, struct error *e)
{
    if (!c->problem)
        return STATUS_OK;
    return error_set(e, STATUS_INVALID, "csv_damaged", "save the table again as CSV (UTF-8)",
                     "line %llu of the table: %s", (unsigned long long)c->line, c->problem);
}

void csv_clear(struct csv *c)
{
    buf_clear(&c->text);
}
