/* A CSV file as a table: the first line names the columns. */
#include <cpl_vsi.h>
#include <stdlib.h>
#include <string.h>

#include "importers/csv.h"
#include "importers/table.h"

enum { SAMPLE_BYTES = 1 << 18 };

struct csv_file {
    VSILFILE *f;
    struct csv csv;
    size_t columns_n;
    uint64_t longer, first_longer; /* rows with more cells than the header */
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    return VSIFReadL(buffer, 1, n, arg);
}

static void start(void *arg)
{
    struct csv_file *c = arg;
    csv_clear(&c->csv);
    VSIFSeekL(c->f, 0, SEEK_SET);
    csv_start(&c->csv, read_text, c->f);
    csv_next(&c->csv); /* the header */
    c->longer = 0;
}

static bool next(void *arg, const char **cells)
{
    struct csv_file *c = arg;
    if (!csv_next(&c->csv))
        return false;
    for (size_t i = 0; i < c->columns_n; i++)
        cells[i] = csv_cell(&c->csv, i);
    for (size_t i = c->columns_n; i < c->csv.cells_n; i++)
        if (*csv_cell(&c->csv, i)) {
            if (c->longer++ == 0)
                c->first_longer = c->csv.line;
            break;
        }
    return true;
}

static enum status ended(void *arg, struct error *e)
{
    const struct csv_file *c = arg;
    return csv_ended(&c->csv, e);
}

static enum status header(struct import *im, struct csv_file *c, const char ***out, struct error *e)
{
    struct csv *csv = &c->csv;
    size_t n = csv->cells_n;
    const char **columns = arena_array(&im->file_arena, n + 1, sizeof *columns);
    if (!columns)
        return error_memory(e);
    while (n > 1 && !*csv_cell(csv, n - 1)) /* a delimiter at the end of every line */
        n--;
    for (size_t i = 0; i < n; i++)
        if (!(columns[i] = arena_strdup(&im->file_arena, csv_cell(csv, i))))
            return error_memory(e);
    c->columns_n = n;
    *out = columns;
    return csv_ended(csv, e);
}

static void detect(struct import *im, VSILFILE *f, struct encoding *out)
{
    unsigned char *sample = arena_alloc(&im->file_arena, SAMPLE_BYTES);
    VSIFSeekL(f, 0, SEEK_SET);
    size_t n = sample ? VSIFReadL(sample, 1, SAMPLE_BYTES, f) : 0;
    /* UTF-8 is what CSV is in unless its bytes say otherwise */
    encoding_detect(out, im->request->encoding, "UTF-8", 0, sample, n);
}

enum status csv_import(struct import *im, const char *vsi_path, const char *layer_name,
                       struct error *e)
{
    struct csv_file *c = calloc(1, sizeof *c);
    struct table t = {.format = "CSV", .next = next, .rewind = start, .ended = ended, .arg = c};
    const char **columns = NULL;
    if (!c)
        return error_memory(e);
    enum status s = STATUS_OK;
    if (!(c->f = VSIFOpenL(vsi_path, "rb")))
        s = error_set(e, STATUS_IO, "file_unreadable", NULL, "%.80s cannot be read", im->file_name);
    if (s == STATUS_OK) {
        detect(im, c->f, &t.encoding);
        start(c);
        s = header(im, c, &columns, e);
    }
    if (s == STATUS_OK) {
        t.columns = columns;
        t.columns_n = c->columns_n;
        s = table_import(im, &t, layer_name, e);
    }
    if (s == STATUS_OK && c->longer)
        import_file_finding(im, FINDING_FILE_WARNING,
                            "%llu rows have more cells than the header, the first is line %llu; "
                            "the rest of them was left out",
                            (unsigned long long)c->longer, (unsigned long long)c->first_longer);
    csv_clear(&c->csv);
    if (c->f)
        VSIFCloseL(c->f);
    free(c);
    return s;
}
