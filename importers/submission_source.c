/* An XForm submission as a table of one row. */
#include <cpl_vsi.h>
#include <string.h>

#include "importers/submission.h"
#include "importers/table.h"

struct one_row {
    const struct submission *s;
    bool given;
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    return VSIFReadL(buffer, 1, n, arg);
}

static void start(void *arg)
{
    ((struct one_row *)arg)->given = false;
}

static bool next(void *arg, const char **cells)
{
    struct one_row *r = arg;
    if (r->given)
        return false;
    r->given = true;
    memcpy(cells, r->s->texts, r->s->n * sizeof *cells);
    return true;
}

static enum status ended(void *arg, struct error *e)
{
    (void)arg;
    (void)e;
    return STATUS_OK;
}

enum status submission_import(struct import *im, const char *vsi_path, const char *layer_name,
                              struct error *e)
{
    struct submission s = {0};
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    if (!f)
        return error_set(e, STATUS_IO, "file_unreadable", NULL, "%.80s cannot be read",
                         im->file_name);
    enum status st = submission_read(read_text, f, &im->file_arena, &s, e);
    VSIFCloseL(f);
    if (st != STATUS_OK)
        return st;
    struct one_row row = {.s = &s};
    struct table t = {.format = "XForm",
                      .columns = s.paths,
                      .columns_n = s.n,
                      .next = next,
                      .rewind = start,
                      .ended = ended,
                      .arg = &row};
    if (s.is_form)
        st = table_import(im, &t, layer_name, e);
    if (!s.is_form || (st == STATUS_INVALID && strcmp(e->code, "table_no_geometry") == 0))
        st = error_set(e, STATUS_INVALID, "xml_no_shapes",
                       "send GPX, KML, or the submissions of a form with a geoshape",
                       "%.80s is an XML file but no GPX, KML or form submission with a boundary",
                       im->file_name);
    return st;
}
