/* Columns to fields as JSON and as a table; see import_table.h. */
#include "service/registry/import_table.h"

#include <string.h>

enum { COLUMN_WIDTH_MAX = 30, TABLE_COLUMNS_MAX = 120 };

static void column_head(const struct reader_column *c, struct buf *out)
{
    buf_json_comma(out);
    buf_putc(out, '{');
    buf_json_key(out, "column");
    buf_json_string(out, c->name);
    buf_json_key(out, "field");
    buf_json_string(out, c->field);
    buf_json_key(out, "how");
    buf_json_string(out, column_how_name(c->how));
}

void import_columns_json(const struct reader_source *s, struct buf *out)
{
    buf_json_key(out, "columns");
    buf_putc(out, '[');
    for (size_t i = 0; i < s->columns_n; i++) {
        column_head(&s->columns[i], out);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void texts(const char *key, const char *const *list, const char *const *present,
                  struct buf *out)
{
    buf_json_key(out, key);
    buf_putc(out, '[');
    for (int k = 0; k < COLUMN_SAMPLES && present[k]; k++) {
        buf_json_comma(out);
        buf_json_string(out, list[k]);
    }
    buf_putc(out, ']');
}

void import_mapping_json(const struct reader_source *s, const char *file, const char *layer,
                         struct buf *out)
{
    buf_json_comma(out);
    buf_putc(out, '{');
    buf_json_key(out, "file");
    buf_json_string(out, file);
    buf_json_key(out, "layer");
    buf_json_string(out, layer);
    buf_json_key(out, "encoding");
    buf_json_string(out, s->encoding);
    buf_json_key(out, "accents");
    buf_json_string(out, s->accents);
    buf_json_key(out, "columns");
    buf_putc(out, '[');
    for (size_t i = 0; i < s->columns_n; i++) {
        const struct reader_column *c = &s->columns[i];
        column_head(c, out);
        texts("samples", c->samples, c->samples, out);
        texts("becomes", c->becomes, c->samples, out);
        buf_putc(out, '}');
    }
    buf_puts(out, "]}");
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void padded(struct buf *out, const char *text, size_t width)
{
    size_t n = width_of(text);
    buf_puts(out, text);
    for (; n < width; n++)
        buf_putc(out, ' ');
    buf_puts(out, "  ");
}

static void joined(struct buf *out, const struct reader_column *c, bool becomes)
{
    for (int k = 0; k < COLUMN_SAMPLES && c->samples[k]; k++) {
        const char *text = becomes ? (c->becomes[k] ? c->becomes[k] : "=") : c->samples[k];
        if (k)
            buf_puts(out, " | ");
        for (; *text; text++) /* one line each */
            buf_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    }
}

static const char *how_text(enum column_how how, enum finding_lang lang)
{
    static const char *const es[COLUMN_HOWS_N] = {"sin campo", "por nombre", "--map", "perfil"};
    return lang == FINDING_ES ? es[how] : column_how_name(how);
}

void import_mapping_text(const struct reader_source *s, const char *file, const char *layer,
                         enum finding_lang lang, struct buf *out)
{
    bool es = lang == FINDING_ES;
    size_t width = 8;
    buf_printf(out, es ? "Columnas de %s, capa %s (%s" : "Columns of %s, layer %s (%s",
               file ? file : "", layer ? layer : "", s->encoding ? s->encoding : "");
    if (s->accents)
        buf_printf(out, ": %s", s->accents);
    buf_puts(out, ")\n");
    for (size_t i = 0; i < s->columns_n; i++) {
        size_t n = width_of(s->columns[i].name);
        width = n > width ? n : width;
    }
    width = width < COLUMN_WIDTH_MAX ? width : COLUMN_WIDTH_MAX;
    buf_puts(out, "  ");
    padded(out, es ? "columna" : "column", width);
    padded(out, es ? "campo" : "field", 13);
    padded(out, es ? "cómo" : "how", 10);
    buf_puts(out, es ? "muestras -> queda\n" : "samples -> becomes\n");
    for (size_t i = 0; i < s->columns_n && i < TABLE_COLUMNS_MAX; i++) {
        const struct reader_column *c = &s->columns[i];
        bool changed = false;
        for (int k = 0; k < COLUMN_SAMPLES; k++)
            changed = changed || c->becomes[k];
        buf_puts(out, "  ");
        padded(out, c->name, width);
        padded(out, c->field ? c->field : "-", 13);
        padded(out, how_text(c->how, lang), 10);
        joined(out, c, false);
        if (changed) {
            buf_puts(out, " -> ");
            joined(out, c, true);
        }
        buf_putc(out, '\n');
    }
    if (s->columns_n > TABLE_COLUMNS_MAX)
        buf_printf(out, es ? "  ... y %zu más\n" : "  ... and %zu more\n",
                   s->columns_n - TABLE_COLUMNS_MAX);
}
