/* One file of the request: what it is (by its first bytes, not by its name), its hash, and the way
 * to its layers. */
#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "importers/archive.h"
#include "importers/import.h"
#include "importers/kind.h"
#include "importers/text.h"

enum { PARTS_MAX = 12, XLSX_BYTES_MAX = 100 * 1000 * 1000 };

/* ---- parts on disk ---- */

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t source_parts(struct arena *a, const char *path, const char **out, size_t max)
{
    static const char *const shapes[] = {".shx", ".dbf", ".prj", ".cpg",
                                         ".SHX", ".DBF", ".PRJ", ".CPG"};
    static const char *const logs[] = {"-wal", "-shm"};
    size_t n = 0, stem = strlen(path) - 4;
    out[n++] = path;
    if (ends_with(path, ".shp"))
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes && n < max; i++) {
            char *part = arena_printf(a, "%.*s%s", (int)stem, path, shapes[i]);
            if (part && is_file(part))
                out[n++] = part;
        }
    if (ends_with(path, ".tif") || ends_with(path, ".tiff")) {
        char *table = arena_printf(a, "%s.aux.xml", path);
        if (table && is_file(table))
            out[n++] = table;
    }
    if (ends_with(path, ".gpkg"))
        for (size_t i = 0; i < sizeof logs / sizeof *logs && n < max; i++) {
            char *part = arena_printf(a, "%s%s", path, logs[i]);
            if (part && is_file(part))
                out[n++] = part;
        }
    qsort(out, n, sizeof *out, by_name);
    return n;
}

/* ---- what is it? ---- */

static size_t read_some(void *arg, char *buffer, size_t n)
{
    return VSIFReadL(buffer, 1, n, arg);
}

static enum kind kind_of(const char *vsi_path)
{
    char head[KIND_HEAD + 1] = {0};
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    if (!f)
        return KIND_UNKNOWN;
    enum kind kind = kind_of_bytes(head, VSIFReadL(head, 1, KIND_HEAD, f), vsi_path);
    if (kind == KIND_JSON && VSIFSeekL(f, 0, SEEK_SET) == 0 && kind_json_sequence(read_some, f))
        kind = KIND_JSON_SEQUENCE;
    VSIFCloseL(f);
    return kind;
}

static enum status not_readable(const struct import *im, enum kind kind, struct error *e)
{
    static const char *const words[KINDS_N] = {
        [KIND_UNKNOWN] = "is in a format that is not read",
        [KIND_EMPTY] = "is empty",
        [KIND_SQLITE] = "is an SQLite database but no GeoPackage",
        [KIND_ZIP] = "is an archive inside an archive",
        [KIND_ARCHIVE_OTHER] = "is an office document but no XLSX sheet",
        [KIND_PART] = "is one part of a shapefile"};
    return error_set(e, STATUS_INVALID, "format_unknown",
                     kind == KIND_PART  ? "give the .shp file; its other parts are found beside it"
                     : kind == KIND_ZIP ? "unpack it, or give it alone"
                                        : "send a shapefile (.shp or .zip), GeoPackage, GeoJSON, "
                                          "KML, GPX, FlatGeobuf, CSV or XLSX",
                     "%.80s %s", im->file_name, words[kind] ? words[kind] : words[0]);
}

/* ---- opening ---- */

enum status dataset_open(struct import *im, const char *vsi_path, const char *driver,
                         const char *const *options, GDALDatasetH *out, struct error *e)
{
    const char *const drivers[] = {driver, NULL};
    gdal_log_reset(&im->log);
    *out = GDALOpenEx(vsi_path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers,
                      options, NULL);
    const struct gdal_log_entry *said = gdal_log_worst(&im->log);
    if (!*out)
        return error_set(e, STATUS_INVALID, "file_damaged", "export or copy the file again",
                         "%.80s cannot be read as %s%s%.160s", im->file_name, driver,
                         said ? ": " : "", said ? said->text : "");
    for (size_t i = 0; i < im->log.n; i++)
        import_file_finding(im, FINDING_FILE_WARNING, "%s", im->log.entries[i].text);
    gdal_log_reset(&im->log);
    return STATUS_OK;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Base name without its extension, valid UTF-8. */
static const char *stem_name(struct arena *a, const char *path)
{
    const char *base = base_name(path), *dot = strrchr(base, '.');
    char *raw = arena_strndup(a, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    return raw ? text_clean(a, raw, 120) : "";
}

static size_t read_at(void *arg, uint64_t offset, void *buffer, size_t n)
{
    return VSIFSeekL(arg, offset, SEEK_SET) == 0 ? VSIFReadL(buffer, 1, n, arg) : 0;
}

/* `most`: bytes it may unpack to. */
static enum status check_archive(struct import *im, const char *path, uint64_t most,
                                 struct error *e)
{
    struct archive_facts facts;
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f || VSIFSeekL(f, 0, SEEK_END) != 0) {
        if (f)
            VSIFCloseL(f);
        return error_set(e, STATUS_IO, "file_unreadable", NULL, "%.80s cannot be read",
                         im->file_name);
    }
    enum status s = archive_check(read_at, f, VSIFTellL(f), &facts, e);
    VSIFCloseL(f);
    if (s == STATUS_OK && facts.unpacked_bytes > most)
        s = error_set(e, STATUS_LIMIT, "archive_limit", "split it, or send CSV or GeoPackage",
                      "%.80s unpacks to more than %llu MB", im->file_name,
                      (unsigned long long)most / 1000000);
    return s;
}

static enum status import_kind(struct import *im, enum kind kind, const char *vsi_path,
                               struct error *e)
{
    const char *stem = stem_name(&im->file_arena, vsi_path);
    enum status s;
    switch (kind) {
    case KIND_SHP:
        return shapefile_import(im, vsi_path, stem, e);
    case KIND_JSON:
        return geojson_import(im, vsi_path, stem, e);
    case KIND_JSON_SEQUENCE:
        return geojson_seq_import(im, vsi_path, stem, e);
    case KIND_GPKG:
        return geopackage_import(im, vsi_path, e);
    case KIND_FLATGEOBUF:
        return flatgeobuf_import(im, vsi_path, stem, e);
    case KIND_GPX:
        return gpx_import(im, vsi_path, e);
    case KIND_TABLE:
        return csv_import(im, vsi_path, stem, e);
    case KIND_XML:
        return submission_import(im, vsi_path, stem, e);
    case KIND_NMEA:
        return nmea_import(im, vsi_path, stem, e);
    case KIND_TIFF:
        return raster_import(im, vsi_path, stem, e);
    case KIND_XLSX:
        s = check_archive(im, vsi_path, XLSX_BYTES_MAX, e);
        return s == STATUS_OK ? xlsx_import(im, vsi_path, e) : s;
    case KIND_KML:
        return kml_import(im, vsi_path, stem, e);
    default:
        return not_readable(im, kind, e);
    }
}

/* ---- one of many files ---- */

/* A file beside a shapefile that belongs to it: reported with it, not by itself. */
static bool is_companion(struct import *im, const char *vsi_path)
{
    static const char *const parts[] = {".shx", ".dbf", ".prj", ".cpg",     ".sbn", ".sbx",
                                        ".qpj", ".qix", ".fix", ".shp.xml", ".qmd", ".qml"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!ends_with(vsi_path, parts[i]))
            continue;
        int stem = (int)(strlen(vsi_path) - strlen(parts[i]));
        VSIStatBufL st;
        char *lower = arena_printf(&im->file_arena, "%.*s.shp", stem, vsi_path);
        char *upper = arena_printf(&im->file_arena, "%.*s.SHP", stem, vsi_path);
        return lower && upper && (VSIStatL(lower, &st) == 0 || VSIStatL(upper, &st) == 0);
    }
    return false;
}

/* Errors that mean: there is nothing here for us. They are raised before anything of the file was
 * sent. */
static bool nothing_here(const struct error *e)
{
    static const char *const codes[] = {"format_unknown", "geojson_type",      "gpx_no_tracks",
                                        "no_polygons",    "table_no_geometry", "xml_no_shapes",
                                        "nmea_no_fixes",  "archive_empty"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(e->code, codes[i]) == 0)
            return true;
    return false;
}

/* A file that came with others (in an archive, in a folder) may be of no use: it is named in a
 * finding. *found counts the others. */
static enum status forgive(struct import *im, enum status s, struct error *e, int *found)
{
    if (s == STATUS_OK)
        ++*found;
    if (s != STATUS_INVALID || !nothing_here(e))
        return s;
    import_file_finding(im, FINDING_MEMBER_IGNORED, "%.300s", e->message);
    *e = (struct error){0};
    return STATUS_OK;
}

/* ---- archives ---- */

static bool is_rubbish(const char *member)
{
    const char *base = base_name(member);
    return !*base || *base == '.' || strncmp(member, "__MACOSX/", 9) == 0;
}

static enum status import_member(struct import *im, const char *folder, const char *member,
                                 const char *archive, int *found, struct error *e)
{
    char *vsi_path = arena_printf(&im->file_arena, "%s/%s", folder, member);
    char *name = arena_printf(&im->file_arena, "%s/%s", archive, member);
    if (!vsi_path || !name || !(im->file_name = text_clean(&im->file_arena, name, 200)))
        return error_memory(e);
    enum status s = is_companion(im, vsi_path)
                        ? STATUS_OK
                        : forgive(im, import_kind(im, kind_of(vsi_path), vsi_path, e), e, found);
    im->file_name = archive;
    return s;
}

/* All that can be read, in the order of names: the same on every machine. */
static enum status import_members(struct import *im, const char *folder, char **members,
                                  const char *archive, int *found, struct error *e)
{
    int n = CSLCount(members);
    enum status s = STATUS_OK;
    if (n)
        qsort(members, (size_t)n, sizeof *members, by_name);
    for (int i = 0; i < n && s == STATUS_OK; i++) {
        size_t length = strlen(members[i]);
        if (is_rubbish(members[i]) || members[i][length - 1] == '/')
            continue;
        s = import_member(im, folder, members[i], archive, found, e);
        if (s == STATUS_OK)
            s = import_flush_some(im, e);
    }
    return s;
}

static enum status import_archive(struct import *im, const char *path, struct error *e)
{
    const char *archive = im->file_name;
    int found = 0;
    enum status s = check_archive(im, path, ARCHIVE_BYTES_MAX, e);
    char *folder = arena_printf(&im->file_arena, "/vsizip/{%s}", path);
    if (s != STATUS_OK || !folder)
        return s != STATUS_OK ? s : error_memory(e);
    char **members = VSIReadDirRecursive(folder);
    s = import_members(im, folder, members, archive, &found, e);
    CSLDestroy(members);
    if (s == STATUS_OK && !found)
        s = error_set(e, STATUS_INVALID, "archive_empty",
                      "put the .shp, .shx, .dbf and .prj of a shapefile into the archive",
                      "%.80s contains nothing that can be read", archive);
    return s;
}

enum status source_import(struct import *im, const char *path, const char *name, struct error *e)
{
    const char *parts[PARTS_MAX] = {0};
    int found = 0;
    arena_reset(&im->file_arena);
    im->file_name = text_clean(&im->file_arena, base_name(name), 120);
    if (!im->file_name)
        return error_memory(e);
    size_t n = source_parts(&im->file_arena, path, parts, PARTS_MAX);
    enum status s = digest_files(parts, (int)n, im->sha256, &im->bytes, e);
    if (s != STATUS_OK)
        return s;
    enum kind kind = kind_of(path);
    if (im->request->batch && is_companion(im, path))
        return STATUS_OK;
    s = kind == KIND_ZIP ? import_archive(im, path, e) : import_kind(im, kind, path, e);
    return im->request->batch ? forgive(im, s, e, &found) : s;
}
