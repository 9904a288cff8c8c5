/* Sheets of an XLSX file as tables: the first row names the columns. Memory is what a spreadsheet
 * attacks (1.5 MB can become 9 GB, PLATFORM 1.6): what it unpacks to is limited before the driver
 * opens it, and the process' own limit stands behind that. */
#include <stdlib.h>
#include <string.h>

#include "importers/table.h"
#include "importers/text.h"
#include "importers/values.h"

struct sheet {
    OGRLayerH layer;
    struct arena arena; /* texts of the row */
    size_t columns_n;
    bool no_memory;
};

static const char *cell_text(struct sheet *s, OGRFeatureH f, int i)
{
    char text[32];
    int y, mo, d, h, mi, zone;
    float sec;
    if (!OGR_F_IsFieldSetAndNotNull(f, i))
        return "";
    switch (OGR_Fld_GetType(OGR_F_GetFieldDefnRef(f, i))) {
    case OFTReal:
        value_format(OGR_F_GetFieldAsDouble(f, i), text);
        return arena_strdup(&s->arena, text);
    case OFTDate:
    case OFTDateTime:
        if (OGR_F_GetFieldAsDateTimeEx(f, i, &y, &mo, &d, &h, &mi, &sec, &zone))
            return h || mi || sec >= 1 ? arena_printf(&s->arena, "%04d-%02d-%02dT%02d:%02d:%02d", y,
                                                      mo, d, h, mi, (int)sec)
                                       : arena_printf(&s->arena, "%04d-%02d-%02d", y, mo, d);
        return "";
    default:
        return arena_strdup(&s->arena, OGR_F_GetFieldAsString(f, i));
    }
}

static bool next(void *arg, const char **cells)
{
    struct sheet *s = arg;
    OGRFeatureH f = OGR_L_GetNextFeature(s->layer);
    if (!f)
        return false;
    arena_reset(&s->arena);
    for (size_t i = 0; i < s->columns_n; i++)
        if (!(cells[i] = cell_text(s, f, (int)i))) {
            s->no_memory = true;
            cells[i] = "";
        }
    OGR_F_Destroy(f);
    return !s->no_memory;
}

static void start(void *arg)
{
    OGR_L_ResetReading(((struct sheet *)arg)->layer);
}

static enum status ended(void *arg, struct error *e)
{
    return ((struct sheet *)arg)->no_memory ? error_memory(e) : STATUS_OK;
}

/* *taken counts sheets that hold boundaries. */
static enum status import_sheet(struct import *im, OGRLayerH layer, int *taken, struct error *e)
{
    struct sheet s = {.layer = layer};
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    s.columns_n = (size_t)OGR_FD_GetFieldCount(definition);
    const char **columns = arena_array(&im->file_arena, s.columns_n + 1, sizeof *columns);
    char *name = text_clean(&im->file_arena, OGR_L_GetName(layer), 120);
    if (!columns || !name)
        return error_memory(e);
    for (size_t i = 0; i < s.columns_n; i++)
        columns[i] = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, (int)i));
    arena_init(&s.arena, 0);
    struct table t = {.format = "XLSX",
                      .columns = columns,
                      .columns_n = s.columns_n,
                      .next = next,
                      .rewind = start,
                      .ended = ended,
                      .arg = &s};
    enum status st = table_import(im, &t, name, e);
    arena_clear(&s.arena);
    if (st == STATUS_OK)
        ++*taken;
    if (st != STATUS_INVALID || strcmp(e->code, "table_no_geometry") != 0)
        return st;
    *e = (struct error){0};
    import_file_finding(im, FINDING_LAYER_IGNORED,
                        "sheet %s: %lld rows, no column of boundaries or coordinates", name,
                        (long long)OGR_L_GetFeatureCount(layer, 1));
    return STATUS_OK;
}

enum status xlsx_import(struct import *im, const char *vsi_path, struct error *e)
{
    GDALDatasetH dataset = NULL;
    int taken = 0;
    /* With its prefix the driver does not ask for an .xlsx name. */
    char *path = arena_printf(&im->file_arena, "XLSX:%s", vsi_path);
    if (!path)
        return error_memory(e);
    enum status s = dataset_open(im, path, "XLSX", NULL, &dataset, e);
    if (s != STATUS_OK)
        return s;
    int n = GDALDatasetGetLayerCount(dataset);
    for (int i = 0; i < n && s == STATUS_OK; i++)
        s = import_sheet(im, GDALDatasetGetLayer(dataset, i), &taken, e);
    if (s == STATUS_OK && im->log.out_of_memory)
        s = error_set(e, STATUS_MEMORY, "reader_memory", "split the file",
                      "the file needs more memory than is allowed");
    if (s == STATUS_OK && !taken)
        s = error_set(e, STATUS_INVALID, "table_no_geometry",
                      "name the columns wkt, geoshape, or code, order, longitude and latitude",
                      "no sheet of %.80s has a column of boundaries or coordinates", im->file_name);
    GDALClose(dataset);
    return s;
}
