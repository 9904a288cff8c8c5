/* Plans of plots as a workbook: sheet "milpa" holds the cells of the CSV, sheet "method" the rule,
 * equations and sources. Like hectares_xlsx.c it knows libxlsxwriter; the same answer gives the
 * same bytes. */
#include "service/registry/milpa_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "geo/csv_field.h"

enum { FIELD_MAX = 8000, TEXT_COLUMNS = 2 };

struct writing {
    const struct milpa_report *report;
    lxw_worksheet *sheet;
    lxw_format *bold;
    lxw_row_t row;
    lxw_error failed; /* the first one */
};

static void note(struct writing *w, lxw_error error)
{
    if (w->failed == LXW_NO_ERROR)
        w->failed = error;
}

static void put_field(struct writing *w, lxw_col_t col, const char *text, bool header)
{
    double value;
    if (!*text)
        return;
    if (!header && col >= TEXT_COLUMNS && csv_number(text, &value))
        note(w, worksheet_write_number(w->sheet, w->row, col, value, NULL));
    else
        note(w, worksheet_write_string(w->sheet, w->row, col, text, header ? w->bold : NULL));
}

/* The lines of the CSV; the guard against formulas is not needed in a cell that is text. */
static void put_lines(struct writing *w, const char *csv)
{
    char field[FIELD_MAX];
    for (const char *p = csv; *p; w->row++) {
        lxw_col_t col = 0;
        for (bool more = true; more; col++) {
            const char *next = csv_field(p, field, sizeof field);
            if (!next) {
                note(w, LXW_ERROR_PARAMETER_VALIDATION);
                return;
            }
            put_field(w, col, *p == '"' && field[0] == '\'' ? field + 1 : field, w->row == 0);
            more = next > p && next[-1] == ',';
            p = next;
        }
        p += *p == '\n';
    }
}

static void put_pair(const char *name, const char *text, void *arg)
{
    struct writing *w = arg;
    note(w, worksheet_write_string(w->sheet, w->row, 0, name, w->bold));
    note(w, worksheet_write_string(w->sheet, w->row++, 1, text, NULL));
}

static void put_method(struct writing *w)
{
    const struct milpa_query *q = &w->report->query;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)w->report->change);
    put_pair("registry at change", number, w);
    put_pair("of", w->report->changed_at, w);
    if (q->plot)
        put_pair("plot", q->plot, w);
    if (q->programme)
        put_pair("programme", q->programme, w);
    if (q->where)
        put_pair("where (CQL2 text)", q->where, w);
    milpa_report_method(w->report, put_pair, w);
    worksheet_set_column(w->sheet, 0, 0, 24, NULL);
    worksheet_set_column(w->sheet, 1, 1, 120, NULL);
}

static time_t moment(const char *at)
{
    struct tm t = {0};
    return *at && strptime(at, "%Y-%m-%dT%H:%M:%SZ", &t)
               ? timegm(&t)
               : 946684800; /* 2000-01-01 in an empty registry */
}

static enum status write_book(struct writing *w, const char *csv, const char *path, struct error *e)
{
    lxw_workbook *book = workbook_new(path);
    if (!book)
        return error_memory(e);
    lxw_doc_properties properties = {.title = (char[]){"Milpa"},
                                     .author = (char[]){"Parcela " PARCELA_VERSION},
                                     .created = moment(w->report->changed_at)};
    workbook_set_properties(book, &properties);
    w->bold = workbook_add_format(book);
    lxw_worksheet *plans = workbook_add_worksheet(book, "milpa"),
                  *method = workbook_add_worksheet(book, "method");
    bool made = w->bold && plans && method;
    if (made) {
        format_set_bold(w->bold);
        w->sheet = plans;
        put_lines(w, csv);
        worksheet_freeze_panes(plans, 1, 0);
        worksheet_set_column(plans, 0, 30, 14, NULL);
        w->sheet = method;
        w->row = 0;
        put_method(w);
    }
    note(w, workbook_close(book));
    if (!made || w->failed == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return error_memory(e);
    return w->failed == LXW_NO_ERROR
               ? STATUS_OK
               : error_set(e, STATUS_IO, "xlsx_failed",
                           "Check the space for temporary files (TMPDIR).",
                           "The workbook cannot be written: %s", lxw_strerror(w->failed));
}

static enum status read_back(const char *path, struct buf *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0) {
        char *room = buf_reserve(out, 65536);
        n = room ? read(fd, room, 65536) : 0;
        out->length += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    if (out->failed)
        return error_memory(e);
    return n == 0 ? STATUS_OK
                  : error_set(e, STATUS_IO, "xlsx_failed", NULL,
                              "The workbook cannot be read back: %s.", strerror(errno));
}

enum status milpa_report_xlsx(const struct milpa_report *r, struct buf *out, struct error *e)
{
    char path[256];
    struct buf csv;
    struct writing w = {.report = r};
    const char *folder = getenv("TMPDIR");
    if (!folder || snprintf(path, sizeof path, "%s/parcela-XXXXXX", folder) >= (int)sizeof path)
        snprintf(path, sizeof path, "/tmp/parcela-XXXXXX");
    int fd = mkstemp(path); /* libxlsxwriter 1.1 writes to a name only */
    if (fd < 0)
        return error_set(e, STATUS_IO, "xlsx_failed",
                         "Check the folder for temporary files (TMPDIR).",
                         "No temporary file can be made: %s.", strerror(errno));
    buf_init(&csv, 0);
    milpa_report_cells(r, &csv);
    enum status status = csv.failed ? error_memory(e) : write_book(&w, csv.bytes, path, e);
    if (status == STATUS_OK)
        status = read_back(path, out, e);
    buf_clear(&csv);
    close(fd);
    unlink(path);
    return status;
}
