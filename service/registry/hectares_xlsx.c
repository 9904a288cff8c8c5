/* Hectares as a workbook: sheet "hectares" holds the cells of the CSV (exact figures, so that SUM
 * in the sheet gives the total), sheet "method" the question, the units, the layers with editions,
 * the change number, and how to ask again.
 *
 * The only file that knows libxlsxwriter. The same answer gives the same bytes: the one date inside
 * is that of the change. */
#include "service/registry/hectares.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "importers/text.h"

enum { COLUMNS_MAX = 64 };

struct writing {
    const struct hectares *h;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *bold, *area, *share;
    lxw_format *formats[COLUMNS_MAX]; /* of the figures, by column */
    lxw_row_t row;
    lxw_error failed; /* the first one */
    bool memory;
};

static void note(struct writing *w, lxw_error error)
{
    if (w->failed == LXW_NO_ERROR)
        w->failed = error;
}

/* Text as a cell takes it: valid UTF-8, at most 32,767 characters; what is not becomes "?". */
static void put_text(struct writing *w, lxw_col_t col, const char *text, size_t n,
                     lxw_format *format)
{
    enum { CELL_MAX = 8000 };
    if (n > CELL_MAX)
        n = CELL_MAX;
    char *copy = strndup(text, n);
    if (!copy) {
        w->memory = true;
        return;
    }
    n = strlen(copy);
    if (!text_utf8_valid(copy, n))
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)copy[i] >= 0x80)
                copy[i] = '?';
    note(w, worksheet_write_string(w->sheet, w->row, col, copy, format));
    free(copy);
}

static void put_word(struct writing *w, lxw_col_t col, const char *text, lxw_format *format)
{
    put_text(w, col, text, strlen(text), format);
}

/* ---- the figures ---- */

/* One field of the CSV: its end, after the comma; *last when the line ends there. */
static const char *field_end(const char *c, size_t *length, bool *last)
{
    const char *start = c;
    bool quoted = false;
    for (; *c && (quoted || (*c != ',' && *c != '\r')); c++)
        quoted = quoted != (*c == '"');
    *length = (size_t)(c - start);
    *last = *c != ',';
    return c + (*c == ',' ? 1 : *c == '\r' ? 2 : 0);
}

static bool name_has(const char *name, size_t n, const char *word)
{
    return memmem(name, n, word, strlen(word)) != NULL;
}

static void put_header(struct writing *w, lxw_col_t col, const char *name, size_t n)
{
    put_text(w, col, name, n, w->bold);
    if (col < COLUMNS_MAX)
        w->formats[col] = name_has(name, n, "share")      ? w->share
                          : name_has(name, n, "hectares") ? w->area
                                                          : NULL;
}

static void put_figure(struct writing *w, lxw_col_t col, const char *text, size_t n)
{
    char *end;
    double value = strtod(text, &end);
    if (!n || end != text + n)
        put_text(w, col, text, n, NULL);
    else
        note(w, worksheet_write_number(w->sheet, w->row, col, value,
                                       col < COLUMNS_MAX ? w->formats[col] : NULL));
}

/* Keys are written from the answer itself: as text, whatever they look like, and without the CSV's
 * guard against formulas. */
static void put_keys(struct writing *w, size_t group, int keys)
{
    const struct hectares *h = w->h;
    if (group >= h->groups_n) {
        put_word(w, 0, "TOTAL", w->bold);
        return;
    }
    int col = 0;
    for (int k = 0; k < h->query.by_n; k++) {
        const char *words[2] = {h->groups[group].key[k], h->groups[group].name[k]};
        for (int i = 0; i < (hectares_has_name(h, k) ? 2 : 1) && col < keys; i++, col++)
            if (words[i])
                put_word(w, (lxw_col_t)col, words[i], NULL);
    }
}

static void put_lines(struct writing *w, const char *csv, int keys)
{
    size_t n, group = 0;
    int shift = keys ? 0 : 1; /* the CSV has no column for TOTAL when there are no groups */
    for (bool header = true; *csv; header = false, w->row++) {
        bool last = false;
        for (int col = 0; !last && *csv; col++) {
            const char *field = csv;
            csv = field_end(csv, &n, &last);
            if (header)
                put_header(w, (lxw_col_t)(col + shift), field, n);
            else if (col >= keys)
                put_figure(w, (lxw_col_t)(col + shift), field, n);
        }
        if (!header)
            put_keys(w, group++, keys);
    }
}

static void put_figures(struct writing *w)
{
    struct buf csv;
    int keys = 0;
    for (int k = 0; k < w->h->query.by_n; k++)
        keys += hectares_has_name(w->h, k) ? 2 : 1;
    buf_init(&csv, 0);
    hectares_csv_rows(w->h, &csv);
    w->memory = w->memory || csv.failed;
    if (!csv.failed)
        put_lines(w, csv.bytes, keys);
    buf_clear(&csv);
    worksheet_freeze_panes(w->sheet, 1, 0);
    worksheet_set_column(w->sheet, 0, 30, 16, NULL);
}

/* ---- the method ---- */

static void put_pair(struct writing *w, const char *name, const char *value)
{
    put_word(w, 0, name, w->bold);
    put_word(w, 1, value, NULL);
    w->row++;
}

static void put_origin(const char *name, const char *value, void *arg)
{
    put_pair(arg, name, value);
}

static void put_method(struct writing *w)
{
    w->memory = w->memory || !hectares_origin(w->h, put_origin, w);
    worksheet_set_column(w->sheet, 0, 0, 28, NULL);
    worksheet_set_column(w->sheet, 1, 1, 100, NULL);
}

/* ---- the file ---- */

static time_t moment(const char *at)
{
    struct tm t = {0};
    return *at && strptime(at, "%Y-%m-%dT%H:%M:%SZ", &t)
               ? timegm(&t)
               : 946684800; /* 2000-01-01 in an empty registry */
}

static enum status write_book(struct writing *w, const char *path, struct error *e)
{
    if (!(w->book = workbook_new(path)))
        return error_memory(e);
    lxw_doc_properties properties = {.title = (char[]){"Hectares"},
                                     .author = (char[]){"Parcela " PARCELA_VERSION},
                                     .created = moment(w->h->changed_at)};
    workbook_set_properties(w->book, &properties);
    w->bold = workbook_add_format(w->book);
    w->area = workbook_add_format(w->book);
    w->share = workbook_add_format(w->book);
    lxw_worksheet *figures = workbook_add_worksheet(w->book, "hectares"),
                  *method = workbook_add_worksheet(w->book, "method");
    if (!w->bold || !w->area || !w->share || !figures || !method) {
        w->memory = true;
    } else {
        format_set_bold(w->bold);
        format_set_num_format(w->area, "#,##0.0000");
        format_set_num_format(w->share, "0.0000");
        w->sheet = figures;
        put_figures(w);
        w->sheet = method;
        w->row = 0;
        put_method(w);
    }
    note(w, workbook_close(w->book));
    if (w->memory || w->failed == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return error_memory(e);
    return w->failed == LXW_NO_ERROR
               ? STATUS_OK
               : error_set(e, STATUS_IO, "xlsx_failed",
                           "Check the space for temporary files (TMPDIR).",
                           "The workbook cannot be written: %s", lxw_strerror(w->failed));
}

static enum status read_file(int fd, struct buf *out, struct error *e)
{
    ssize_t n;
    do {
        char *room = buf_reserve(out, 65536);
        if (!room)
            return error_memory(e);
        n = read(fd, room, 65536);
        if (n > 0)
            out->length += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n == 0 ? STATUS_OK
                  : error_set(e, STATUS_IO, "xlsx_failed", NULL,
                              "The workbook cannot be read back: %s.", strerror(errno));
}

enum status hectares_xlsx(const struct hectares *h, struct buf *out, struct error *e)
{
    char path[256];
    const char *folder = getenv("TMPDIR");
    struct writing w = {.h = h};
    if (!folder || snprintf(path, sizeof path, "%s/parcela-XXXXXX", folder) >= (int)sizeof path)
        snprintf(path, sizeof path, "/tmp/parcela-XXXXXX");
    int fd = mkstemp(path); /* libxlsxwriter 1.1 writes to a name only */
    if (fd < 0)
        return error_set(e, STATUS_IO, "xlsx_failed",
                         "Check the folder for temporary files (TMPDIR).",
                         "No temporary file can be made: %s.", strerror(errno));
    enum status status = write_book(&w, path, e);
    int written = status == STATUS_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (status == STATUS_OK)
        status = written < 0 ? error_set(e, STATUS_IO, "xlsx_failed", NULL,
                                         "The workbook cannot be read back: %s.", strerror(errno))
                             : read_file(written, out, e);
    if (written >= 0)
        close(written);
    close(fd);
    unlink(path);
    return status;
}
