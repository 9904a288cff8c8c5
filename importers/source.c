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
#include "importers/text.h"

enum kind {
    KIND_UNKNOWN,
    KIND_SHP,
    KIND_ZIP,
    KIND_GPKG,
    KIND_SQLITE,
    KIND_JSON,
    KIND_GPX,
    KIND_KML,
    KIND_XML,
    KIND_PART,
    KIND_EMPTY
};

enum { HEAD_BYTES = 4096, PARTS_MAX = 12 };

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

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcasecmp(text + n - m, end) == 0;
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

static enum kind kind_of_text(const char *head)
{
    const char *p = head;
    if (memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    p += strspn(p, " \t\r\n");
    if (*p == '{')
        return KIND_JSON;
    if (*p != '<')
        return *p ? KIND_UNKNOWN : KIND_EMPTY;
    if (strstr(p, "<gpx"))
        return KIND_GPX;
    if (strstr(p, "<kml") || strstr(p, ":kml"))
        return KIND_KML;
    return KIND_XML;
}

static enum kind kind_of(const char *vsi_path)
{
    char head[HEAD_BYTES + 1] = {0};
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    if (!f)
        return KIND_UNKNOWN;
    size_t n = VSIFReadL(head, 1, HEAD_BYTES, f);
    VSIFCloseL(f);
    if (n == 0)
        return KIND_EMPTY;
    if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return KIND_ZIP;
    if (n >= 22 && memcmp(head, "PK\5\6", 4) == 0)
        return KIND_ZIP;
    if (n >= 100 && memcmp(head, "SQLite format 3", 16) == 0)
        return memcmp(head + 68, "GP", 2) == 0 || ends_with(vsi_path, ".gpkg") ? KIND_GPKG
                                                                               : KIND_SQLITE;
    if (n >= 4 && memcmp(head, "\0\0\x27\x0A", 4) == 0)
        return ends_with(vsi_path, ".shp")
                   ? KIND_SHP
                   : KIND_PART; /* .shx, .sbn and .sbx begin in the same way */
    if (ends_with(vsi_path, ".dbf") || ends_with(vsi_path, ".prj") || ends_with(vsi_path, ".cpg"))
        return KIND_PART;
    return kind_of_text(head);
}

static enum status not_readable(const struct import *im, enum kind kind, struct error *e)
{
    static const char *const words[] = {[KIND_UNKNOWN] = "is in a format that is not read",
                                        [KIND_EMPTY] = "is empty",
                                        [KIND_SQLITE] = "is an SQLite database but no GeoPackage",
                                        [KIND_KML] = "is a KML file, which is not read",
                                        [KIND_XML] = "is an XML file but no GPX",
                                        [KIND_PART] = "is one part of a shapefile"};
    return error_set(e, STATUS_INVALID, "format_unknown",
                     kind == KIND_PART
                         ? "give the .shp file; its other parts are found beside it"
                         : "send a shapefile (.shp or .zip), GeoPackage, GeoJSON or GPX",
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

static enum status import_kind(struct import *im, enum kind kind, const char *vsi_path,
                               struct error *e)
{
    const char *stem = stem_name(&im->file_arena, vsi_path);
    switch (kind) {
    case KIND_SHP:
        return shapefile_import(im, vsi_path, stem, e);
    case KIND_JSON:
        return geojson_import(im, vsi_path, stem, e);
    case KIND_GPKG:
        return geopackage_import(im, vsi_path, e);
    case KIND_GPX:
        return gpx_import(im, vsi_path, e);
    default:
        return not_readable(im, kind, e);
    }
}

/* ---- archives ---- */

static size_t read_at(void *arg, uint64_t offset, void *buffer, size_t n)
{
    return VSIFSeekL(arg, offset, SEEK_SET) == 0 ? VSIFReadL(buffer, 1, n, arg) : 0;
}

static enum status check_archive(struct import *im, const char *path, struct error *e)
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
    return s;
}

static bool is_rubbish(const char *member)
{
    const char *base = base_name(member);
    return !*base || *base == '.' || strncmp(member, "__MACOSX/", 9) == 0;
}

/* Shapefiles when there are any; else whatever else can be read. */
static bool wanted(const char *member, bool shapefiles)
{
    if (is_rubbish(member))
        return false;
    if (shapefiles)
        return ends_with(member, ".shp");
    return ends_with(member, ".geojson") || ends_with(member, ".json") ||
           ends_with(member, ".gpx") || ends_with(member, ".gpkg");
}

static enum status import_member(struct import *im, const char *folder, const char *member,
                                 const char *archive, struct error *e)
{
    char *vsi_path = arena_printf(&im->file_arena, "%s/%s", folder, member);
    char *name = arena_printf(&im->file_arena, "%s/%s", archive, member);
    if (!vsi_path || !name || !(im->file_name = text_clean(&im->file_arena, name, 200)))
        return error_memory(e);
    enum status s = import_kind(im, kind_of(vsi_path), vsi_path, e);
    im->file_name = archive;
    return s;
}

static void report_ignored(struct import *im, char **members, bool shapefiles)
{
    static const char *const parts[] = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx",
                                        ".qpj", ".qix", ".fix", ".xml", ".qmd", ".qml"};
    for (int i = 0; members && members[i]; i++) {
        bool part = false;
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            part |= shapefiles && ends_with(members[i], parts[k]);
        size_t n = strlen(members[i]);
        if (!part && !is_rubbish(members[i]) && members[i][n - 1] != '/' &&
            !wanted(members[i], shapefiles))
            import_file_finding(im, FINDING_MEMBER_IGNORED, "%.120s", members[i]);
    }
}

static enum status import_archive(struct import *im, const char *path, struct error *e)
{
    const char *archive = im->file_name;
    enum status s = check_archive(im, path, e);
    char *folder = arena_printf(&im->file_arena, "/vsizip/{%s}", path);
    if (s != STATUS_OK || !folder)
        return s != STATUS_OK ? s : error_memory(e);
    char **members = VSIReadDirRecursive(folder);
    int n = CSLCount(members), found = 0;
    bool shapefiles = false;
    if (n)
        qsort(members, (size_t)n, sizeof *members, by_name); /* the same order on every machine */
    for (int i = 0; i < n; i++)
        shapefiles |= wanted(members[i], true);
    for (int i = 0; i < n && s == STATUS_OK; i++)
        if (wanted(members[i], shapefiles)) {
            found++;
            s = import_member(im, folder, members[i], archive, e);
        }
    if (s == STATUS_OK)
        report_ignored(im, members, shapefiles);
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
    arena_reset(&im->file_arena);
    im->file_name = text_clean(&im->file_arena, base_name(name), 120);
    if (!im->file_name)
        return error_memory(e);
    size_t n = source_parts(&im->file_arena, path, parts, PARTS_MAX);
    enum status s = digest_files(parts, (int)n, im->sha256, &im->bytes, e);
    if (s != STATUS_OK)
        return s;
    enum kind kind = kind_of(path);
    return kind == KIND_ZIP ? import_archive(im, path, e) : import_kind(im, kind, path, e);
}
