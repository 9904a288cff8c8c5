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

enum { PARTS_MAX = 12, XLSX_BYTES_MAX = 100 * 1000 * 1000, NESTED_BYTES_MAX = 64 * 1000 * 1000 };

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

/* *foreign: what it is, when it is nothing that is read and we know it; else NULL. */
static enum kind kind_of(const char *vsi_path, const char **foreign)
{
    char head[KIND_HEAD + 1] = {0};
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    *foreign = NULL;
    if (!f)
        return KIND_UNKNOWN;
    enum kind kind = kind_of_bytes(head, VSIFReadL(head, 1, KIND_HEAD, f), vsi_path);
    if (kind == KIND_JSON && VSIFSeekL(f, 0, SEEK_SET) == 0 && kind_json_sequence(read_some, f))
        kind = KIND_JSON_SEQUENCE;
    VSIFCloseL(f);
    *foreign = kind_foreign(head);
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
    return error_set(e, STATUS_INVALID, kind == KIND_ZIP ? "archive_nested" : "format_unknown",
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

static enum status import_known(struct import *im, enum kind kind, const char *vsi_path,
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
        return gpx_import(im, vsi_path, stem, e);
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

/* A format that is not read is called by its name, whatever its text was first taken for. */
static enum status import_kind(struct import *im, const char *vsi_path, struct error *e)
{
    const char *foreign;
    enum kind kind = kind_of(vsi_path, &foreign);
    enum status s = import_known(im, kind, vsi_path, e);
    if (s == STATUS_INVALID && foreign && nothing_here(e))
        return error_set(e, STATUS_INVALID, "format_unknown",
                         "open it in QGIS and save the plots as GeoPackage, then import that",
                         "%.80s is %s, a format that is not read", im->file_name, foreign);
    return s;
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

/* Errors that are about this one file, not about this process. */
static bool of_the_file(enum status s)
{
    return s == STATUS_INVALID || s == STATUS_LIMIT;
}

/* What became of a file that came with others (in an archive, in a folder, on one command line).
 * One that cannot be read does not keep the others from being read: it is told, and whoever imports
 * decides. `asked`: it was named itself, so that even a file without plots is told as an error.
 * `sources_before`: layers announced before it; a file that broke off after some rows is damaged
 * like one that gives fewer rows than it announces. */
static enum status settle(struct import *im, enum status s, bool asked, uint32_t sources_before,
                          struct error *e)
{
    if (s == STATUS_OK)
        im->read_n++;
    if (!of_the_file(s))
        return s;
    if (im->sources_n != sources_before) {
        im->read_n++;
        import_file_finding(im, FINDING_ROWS_MISSING, "it breaks off: %.300s", e->message);
    } else if (s == STATUS_INVALID && nothing_here(e) && !asked) {
        if (im->ignored_n++ == 0 && !im->unreadable_n)
            im->unreadable = *e;
        import_file_finding(im, FINDING_MEMBER_IGNORED, "%.300s", e->message);
    } else {
        if (im->unreadable_n++ == 0)
            im->unreadable = *e;
        import_file_finding(im, FINDING_FILE_UNREADABLE, "%.300s%s%.100s", e->message,
                            *e->remedy ? "; " : "", e->remedy);
    }
    *e = (struct error){0};
    return STATUS_OK;
}

/* ---- archives ---- */

static bool is_rubbish(const char *member)
{
    const char *base = base_name(member);
    return !*base || *base == '.' || strncmp(member, "__MACOSX/", 9) == 0;
}

static enum status import_members_of(struct import *im, const char *path, struct error *e);

/* A sheet or a KMZ inside an archive: their drivers and /vsizip open only what is no archive's
 * member, so it is copied into memory first. Other archives in archives are refused. */
static enum status import_nested(struct import *im, const char *vsi_path, struct error *e)
{
    const char *foreign, *copy = "/vsimem/nested/member";
    enum kind kind = kind_of(vsi_path, &foreign);
    VSIStatBufL st;
    if (im->nested || (kind != KIND_XLSX && !(kind == KIND_ZIP && ends_with(vsi_path, ".kmz"))))
        return import_kind(im, vsi_path, e);
    if (VSIStatL(vsi_path, &st) != 0 || st.st_size > NESTED_BYTES_MAX)
        return error_set(e, STATUS_LIMIT, "archive_limit",
                         "unpack the archive and import its files", "%.80s is larger than %d MB",
                         im->file_name, NESTED_BYTES_MAX / 1000000);
    if (CPLCopyFile(copy, vsi_path) != 0)
        return error_set(e, STATUS_INVALID, "file_damaged", "make the archive again",
                         "%.80s cannot be unpacked", im->file_name);
    im->nested = true;
    enum status s = kind == KIND_ZIP ? import_members_of(im, copy, e) : import_kind(im, copy, e);
    im->nested = false;
    VSIUnlink(copy);
    return s;
}

/* Said and sent before anything of the file is opened. */
static enum status announce(struct import *im, struct error *e)
{
    frame_put_opening(&im->out, im->file_name);
    return import_flush(im, e);
}

static enum status import_member(struct import *im, const char *folder, const char *member,
                                 const char *archive, struct error *e)
{
    uint32_t sources_before = im->sources_n;
    char *vsi_path = arena_printf(&im->file_arena, "%s/%s", folder, member);
    char *name = arena_printf(&im->file_arena, "%s/%s", archive, member);
    if (!vsi_path || !name || !(im->file_name = text_clean(&im->file_arena, name, 200)))
        return error_memory(e);
    im->file_name = import_masked(im, &im->file_arena, im->file_name);
    enum status s = STATUS_OK;
    if (!is_companion(im, vsi_path) && (s = announce(im, e)) == STATUS_OK)
        s = settle(im, import_nested(im, vsi_path, e), false, sources_before, e);
    im->file_name = archive;
    return s;
}

/* All that can be read, in the order of names: the same on every machine. */
static enum status import_members(struct import *im, const char *folder, char **members,
                                  const char *archive, struct error *e)
{
    int n = CSLCount(members);
    enum status s = STATUS_OK;
    if (n)
        qsort(members, (size_t)n, sizeof *members, by_name);
    for (int i = 0; i < n && s == STATUS_OK; i++) {
        size_t length = strlen(members[i]);
        if (is_rubbish(members[i]) || members[i][length - 1] == '/')
            continue;
        s = import_member(im, folder, members[i], archive, e);
        if (s == STATUS_OK)
            s = import_flush_some(im, e);
    }
    return s;
}

/* Nothing of the archive could be read: why not. */
static enum status nothing_in(struct import *im, const char *archive, struct error *e)
{
    if (im->unreadable_n + im->ignored_n == 0 || im->request->files_n > 1)
        return error_set(e, STATUS_INVALID, "archive_empty",
                         "put the .shp, .shx, .dbf and .prj of a shapefile into the archive",
                         "%.80s has no files", archive);
    if (im->unreadable_n == 1) {
        *e = im->unreadable;
        return e->status;
    }
    return error_set(e, STATUS_INVALID, "archive_empty",
                     "put the .shp, .shx, .dbf and .prj of a shapefile into the archive",
                     "%.80s contains nothing that can be read: %.200s%s", archive,
                     im->unreadable.message,
                     im->unreadable_n + im->ignored_n > 1 ? ", and so on" : "");
}

/* The members of the archive at `path`, checked. */
static enum status import_members_of(struct import *im, const char *path, struct error *e)
{
    enum status s = check_archive(im, path, ARCHIVE_BYTES_MAX, e);
    char *folder = arena_printf(&im->file_arena, "/vsizip/{%s}", path);
    if (s != STATUS_OK || !folder)
        return s != STATUS_OK ? s : error_memory(e);
    char **members = VSIReadDirRecursive(folder);
    s = import_members(im, folder, members, im->file_name, e);
    CSLDestroy(members);
    return s;
}

static enum status import_archive(struct import *im, const char *path, struct error *e)
{
    uint32_t read_before = im->read_n, told = read_before + im->unreadable_n + im->ignored_n;
    enum status s = import_members_of(im, path, e);
    bool empty = told == im->read_n + im->unreadable_n + im->ignored_n;
    if (s == STATUS_OK && im->read_n == read_before && (empty || im->request->files_n == 1))
        s = nothing_in(im, im->file_name, e);
    return s;
}

/* A part of a shapefile that came along with it (*.shp *.dbf ... on a command line). */
static bool came_along(const struct import *im, const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t stem = dot ? (size_t)(dot - path) : 0;
    for (size_t i = 0; dot && i < im->request->files_n; i++) {
        const char *other = base_name(im->request->files[i]), *own = base_name(path);
        size_t n = stem - (size_t)(own - path);
        if (strncmp(own, other, n) == 0 && strcasecmp(other + n, ".shp") == 0)
            return true;
    }
    return false;
}

enum status source_import(struct import *im, const char *path, const char *name, struct error *e)
{
    const char *parts[PARTS_MAX] = {0}, *foreign;
    bool several = im->request->batch || im->request->files_n > 1, asked = !im->request->batch;
    uint32_t sources_before = im->sources_n;
    struct digest *digest;
    char sha256[DIGEST_HEX];
    arena_reset(&im->file_arena);
    im->file_name = text_clean(&im->file_arena, base_name(name), 120);
    if (!im->file_name)
        return error_memory(e);
    im->file_name = import_masked(im, &im->file_arena, im->file_name);
    size_t n = source_parts(&im->file_arena, path, parts, PARTS_MAX);
    enum status s = announce(im, e);
    if (s == STATUS_OK)
        s = digest_start(parts, (int)n, &digest, &im->bytes, e);
    if (s != STATUS_OK)
        return s;
    if (several && is_companion(im, path) && (im->request->batch || came_along(im, path)))
        return digest_end(digest, sha256, e);
    bool archive = kind_of(path, &foreign) == KIND_ZIP;
    s = archive ? import_archive(im, path, e) : import_kind(im, path, e);
    if (several && !(archive && s == STATUS_OK)) /* there each member was settled by itself */
        s = settle(im, s, asked, sources_before, e);
    struct error unread;
    enum status digested = digest_end(digest, sha256, s == STATUS_OK ? e : &unread);
    if (s == STATUS_OK && digested == STATUS_OK && im->sources_n > sources_before)
        frame_put_digest(&im->out, sha256);
    return s == STATUS_OK ? digested : s;
}

enum status sources_ended(const struct import *im, struct error *e)
{
    bool several = im->request->batch || im->request->files_n > 1;
    if (!several || im->read_n || im->unreadable_n || !im->ignored_n)
        return STATUS_OK; /* whoever asked decides about those that could not be read */
    return error_set(e, STATUS_INVALID, "nothing_to_read", "name files or a folder with plots",
                     "none of the %zu files can be plots; the first: %.300s", im->request->files_n,
                     im->unreadable.message);
}
