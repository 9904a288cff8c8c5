/* Shapefiles: what must be known before OGR opens one, because OGR is silent about it
 * (PLATFORM 1.2, 1.3): the table's encoding, missing parts, and counts that contradict each other.
 * A missing .shx is rebuilt on a copy in memory, never beside the input. */
#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"

enum { SHP_HEAD = 100, RECORD_HEAD = 8, NULL_SHAPE_WORDS = 2 };
enum { DBF_HEAD = 32, SHX_HEAD = 100, SAMPLE_BYTES = 1 << 20, CPG_BYTES = 64 };
#define COPY_BYTES_MAX (400ull << 20) /* of a shapefile without .shx */

struct dbf {
    VSILFILE *file;
    uint64_t size;
    uint32_t rows, head_bytes, row_bytes;
    int language;
};

struct shapefile {
    const char *path;      /* of the .shp and its parts */
    const char *open_path; /* what GDAL opens: path, or the copy with a rebuilt index */
    struct dbf dbf;
    int64_t shapes; /* by the .shx, -1 = none */
    bool prj;
};

static char *part_path(struct import *im, const char *shp, const char *extension, VSIStatBufL *st)
{
    int stem = (int)strlen(shp) - 4;
    char upper[8];
    for (size_t i = 0; i <= strlen(extension); i++)
        upper[i] =
            (char)(extension[i] >= 'a' && extension[i] <= 'z' ? extension[i] - 32 : extension[i]);
    char *path = arena_printf(&im->file_arena, "%.*s%s", stem, shp, extension);
    if (path && VSIStatL(path, st) == 0)
        return path;
    path = arena_printf(&im->file_arena, "%.*s%s", stem, shp, upper);
    return path && VSIStatL(path, st) == 0 ? path : NULL;
}

static void open_dbf(const char *path, uint64_t size, struct dbf *out)
{
    unsigned char h[DBF_HEAD];
    out->file = VSIFOpenL(path, "rb");
    out->size = size;
    if (!out->file || VSIFReadL(h, 1, sizeof h, out->file) != sizeof h)
        return;
    out->rows = (uint32_t)h[4] | (uint32_t)h[5] << 8 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 24;
    out->head_bytes = (uint32_t)h[8] | (uint32_t)h[9] << 8;
    out->row_bytes = (uint32_t)h[10] | (uint32_t)h[11] << 8;
    out->language = h[29];
}

static bool row_is_deleted(void *arg, int64_t fid)
{
    const struct dbf *d = arg;
    char mark = 0;
    if (!d->file || fid < 0 || fid >= (int64_t)d->rows ||
        VSIFSeekL(d->file, d->head_bytes + (uint64_t)fid * d->row_bytes, SEEK_SET) != 0)
        return false;
    return VSIFReadL(&mark, 1, 1, d->file) == 1 && mark == '*';
}

static void detect_encoding(struct import *im, const struct shapefile *s, struct encoding *out)
{
    VSIStatBufL st;
    char cpg[CPG_BYTES + 1] = {0};
    const char *path = part_path(im, s->path, ".cpg", &st);
    VSILFILE *f = path ? VSIFOpenL(path, "rb") : NULL;
    if (f) {
        cpg[VSIFReadL(cpg, 1, CPG_BYTES, f)] = 0;
        VSIFCloseL(f);
    }
    unsigned char *sample = s->dbf.file ? malloc(SAMPLE_BYTES) : NULL;
    size_t n = 0;
    if (sample && VSIFSeekL(s->dbf.file, s->dbf.head_bytes, SEEK_SET) == 0)
        n = VSIFReadL(sample, 1, SAMPLE_BYTES, s->dbf.file);
    encoding_detect(out, im->request->encoding, f ? cpg : NULL, s->dbf.language,
                    sample ? sample : (const unsigned char *)"", n);
    free(sample);
}

/* Copies one part into /vsimem. */
static bool copy_part(const char *from, const char *to)
{
    return CPLCopyFile(to, from) == 0;
}

/* GDAL goes from record to record by the lengths that they tell (16-bit words, without the head of
 * the record; a null shape has two), and never ends where one is less. false: so it is, at *at. */
static bool lengths_lead_on(const char *shp, uint64_t *at)
{
    unsigned char h[RECORD_HEAD];
    VSILFILE *f = VSIFOpenL(shp, "rb");
    bool good = f != NULL;
    for (*at = SHP_HEAD; good && VSIFSeekL(f, *at, SEEK_SET) == 0 &&
                         VSIFReadL(h, 1, sizeof h, f) == sizeof h;) {
        uint32_t words = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
        good = words >= NULL_SHAPE_WORDS && words <= INT32_MAX;
        if (good)
            *at += RECORD_HEAD + 2 * (uint64_t)words;
    }
    if (f)
        VSIFCloseL(f);
    return good;
}

/* A .shx is rebuilt by GDAL beside the .shp; so both live in memory. */
static enum status rebuild_index(struct import *im, struct shapefile *s, uint64_t shp_bytes,
                                 struct error *e)
{
    static const char *const parts[] = {".dbf", ".prj"};
    VSIStatBufL st;
    if (shp_bytes > COPY_BYTES_MAX)
        return error_set(e, STATUS_LIMIT, "shx_missing", "send all parts of the shapefile",
                         "%.80s has no .shx and is too large to rebuild it", im->file_name);
    if (!copy_part(s->path, "/vsimem/rebuilt/layer.shp"))
        return error_set(e, STATUS_MEMORY, "reader_memory", "send all parts of the shapefile",
                         "%.80s has no .shx and it could not be rebuilt", im->file_name);
    uint64_t at = 0;
    if (!lengths_lead_on("/vsimem/rebuilt/layer.shp", &at))
        return error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                         "the shape at byte %llu of %.80s has a length that no shape has",
                         (unsigned long long)at, im->file_name);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *to = arena_printf(&im->file_arena, "/vsimem/rebuilt/layer%s", parts[i]);
        const char *from = part_path(im, s->path, parts[i], &st);
        if (from && to)
            copy_part(from, to);
    }
    s->open_path = "/vsimem/rebuilt/layer.shp";
    import_file_finding(im, FINDING_SHX_REBUILT, "the index was rebuilt from the shapes");
    return STATUS_OK;
}

static enum status examine(struct import *im, struct shapefile *s, bool *rebuilt, struct error *e)
{
    VSIStatBufL st;
    uint64_t shp_bytes = VSIStatL(s->path, &st) == 0 ? (uint64_t)st.st_size : 0;
    const char *dbf = part_path(im, s->path, ".dbf", &st);
    if (dbf)
        open_dbf(dbf, (uint64_t)st.st_size, &s->dbf);
    else
        import_file_finding(im, FINDING_DBF_MISSING, "there is no .dbf beside the .shp");
    s->prj = part_path(im, s->path, ".prj", &st) != NULL;
    s->shapes = part_path(im, s->path, ".shx", &st) ? ((int64_t)st.st_size - SHX_HEAD) / 8 : -1;
    *rebuilt = s->shapes < 0;
    return *rebuilt ? rebuild_index(im, s, shp_bytes, e) : STATUS_OK;
}

/* The counts that OGR does not compare. */
static void compare_counts(struct import *im, const struct shapefile *s, struct layer *layer)
{
    const struct dbf *d = &s->dbf;
    if (!d->file)
        return;
    uint64_t held =
        d->row_bytes && d->size > d->head_bytes ? (d->size - d->head_bytes) / d->row_bytes : 0;
    if (d->rows > held) {
        layer->cut_after = held ? (int64_t)held : -1;
        import_file_finding(im, FINDING_ROWS_MISSING,
                            "the table (.dbf) announces %u rows, but there is room for %llu",
                            d->rows, (unsigned long long)held);
    }
    if (s->shapes >= 0 && (uint64_t)s->shapes != d->rows)
        import_file_finding(im, FINDING_ROWS_MISSING,
                            "the table (.dbf) announces %u rows, the index (.shx) %lld shapes",
                            d->rows, (long long)s->shapes);
}

enum status shapefile_import(struct import *im, const char *vsi_path, const char *layer_name,
                             struct error *e)
{
    static const char *const options[] = {"ENCODING=",
                                          NULL}; /* bytes as they are; encoding.c recodes */
    struct shapefile s = {.path = vsi_path, .open_path = vsi_path};
    struct layer layer = {.name = layer_name,
                          .format = "ESRI Shapefile",
                          .rows_by_fid = true,
                          .names_cut = true,
                          .announced = -1};
    GDALDatasetH dataset = NULL;
    bool rebuilt = false;
    enum status st = examine(im, &s, &rebuilt, e);
    if (st == STATUS_OK) {
        detect_encoding(im, &s, &layer.encoding);
        compare_counts(im, &s, &layer);
        CPLSetThreadLocalConfigOption("SHAPE_RESTORE_SHX", rebuilt ? "YES" : "NO");
        st = dataset_open(im, s.open_path, "ESRI Shapefile", options, &dataset, e);
        CPLSetThreadLocalConfigOption("SHAPE_RESTORE_SHX", "NO");
    }
    if (st == STATUS_OK && !(layer.ogr = GDALDatasetGetLayer(dataset, 0)))
        st = error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                       "%.80s has no layer", im->file_name);
    if (st == STATUS_OK) {
        layer.prj_present = s.prj;
        layer.deleted = row_is_deleted;
        layer.deleted_arg = &s.dbf;
        st = layer_import(im, &layer, e);
    }
    if (dataset)
        GDALClose(dataset);
    if (s.dbf.file)
        VSIFCloseL(s.dbf.file);
    if (rebuilt)
        VSIRmdirRecursive("/vsimem/rebuilt");
    return st;
}
