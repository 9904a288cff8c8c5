/* Kinds of files by their first bytes; see kind.h. */
#include "importers/kind.h"

#include <string.h>
#include <strings.h>

bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcasecmp(text + n - m, end) == 0;
}

/* The name of the first element, after declarations and comments; *length = 0 when there is none.
 */
static const char *root_element(const char *p, size_t *length)
{
    *length = 0;
    for (const char *q = strchr(p, '<'); q; q = strchr(q + 1, '<')) {
        if (strncmp(q, "<!--", 4) == 0 && !(q = strstr(q, "-->")))
            return p;
        if (*q != '<' || q[1] == '?' || q[1] == '!')
            continue;
        const char *name = q + 1;
        size_t n = strcspn(name, " \t\r\n/>");
        const char *colon = memchr(name, ':', n);
        *length = colon ? n - (size_t)(colon + 1 - name) : n;
        return colon ? colon + 1 : name;
    }
    return p;
}

static const char *foreign_xml(const char *p)
{
    static const struct {
        const char *root, *called;
    } roots[] = {{"osm", "an OpenStreetMap extract"},
                 {"TrainingCenterDatabase", "a Garmin TCX activity"},
                 {"qgis", "a QGIS style or project"},
                 {"schema", "an XML schema"}};
    size_t n;
    const char *root = root_element(p, &n);
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (strlen(roots[i].root) == n && strncmp(root, roots[i].root, n) == 0)
            return roots[i].called;
    return strstr(p, "opengis.net/gml") ? "GML" : NULL;
}

/* A group code, its end of line, and the word after it, as every DXF begins (perhaps after
 * comments, group 999). */
static bool is_dxf(const char *p)
{
    for (int line = 0; line < 200 && *p; line++) {
        p += strspn(p, " \t");
        bool comment = strncmp(p, "999", 3) == 0;
        if (!comment && *p != '0')
            return false;
        p += comment ? 3 : 1;
        size_t end = strspn(p, "\r\n");
        if (!end)
            return false;
        p += end;
        if (!comment)
            return strncmp(p, "SECTION", 7) == 0;
        p += strcspn(p, "\r\n");
        p += strspn(p, "\r\n");
    }
    return false;
}

const char *kind_foreign(const char *p)
{
    if (memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    if (strncmp(p, "%PDF-", 5) == 0)
        return "a PDF document";
    if (is_dxf(p))
        return "a DXF drawing";
    p += strspn(p, " \t\r\n");
    if (strncasecmp(p, "version ", 8) == 0 && p[8] >= '0' && p[8] <= '9')
        return "a MapInfo MIF file";
    if (strncasecmp(p, "!table", 6) == 0)
        return "a MapInfo table";
    if (*p == '<')
        return foreign_xml(p);
    if (*p != '{')
        return NULL;
    if (strstr(p, "\"esriGeometry") || strstr(p, "\"rings\"") || strstr(p, "\"paths\""))
        return "EsriJSON";
    return strstr(p, "\"Topology\"") ? "TopoJSON" : NULL;
}

/* An XLSX begins with one of its own parts; so do the zips of other offices. */
static enum kind kind_of_zip(const char *head, size_t n, const char *name)
{
    const char *member = head + 30;
    if (n < 50)
        return KIND_ZIP;
    if (strncmp(member, "mimetype", 8) == 0)
        return KIND_ARCHIVE_OTHER;
    bool office = strncmp(member, "[Content_Types].xml", 19) == 0 ||
                  strncmp(member, "_rels/", 6) == 0 || strncmp(member, "xl/", 3) == 0 ||
                  strncmp(member, "docProps/", 9) == 0;
    if (!office)
        return KIND_ZIP;
    return ends_with(name, ".docx") || ends_with(name, ".pptx") ? KIND_ARCHIVE_OTHER : KIND_XLSX;
}

static enum kind kind_of_xml(const char *p)
{
    size_t n;
    const char *root = root_element(p, &n);
    if (n == 3 && strncmp(root, "gpx", 3) == 0)
        return KIND_GPX;
    return n == 3 && strncmp(root, "kml", 3) == 0 ? KIND_KML : KIND_XML;
}

static bool is_nmea(const char *p)
{
    for (int line = 0; line < 20 && *p; line++) {
        if (p[0] == '$' && p[1] >= 'A' && p[1] <= 'Z' && p[2] >= 'A' && p[2] <= 'Z' &&
            (strncmp(p + 3, "GGA,", 4) == 0 || strncmp(p + 3, "RMC,", 4) == 0))
            return true;
        p += strcspn(p, "\r\n");
        p += strspn(p, "\r\n");
    }
    return false;
}

static enum kind kind_of_text(const char *head, size_t n)
{
    const char *p = head;
    if (memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    p += strspn(p, " \t\r\n");
    if (*p == 0x1E)
        return KIND_JSON_SEQUENCE;
    if (*p == '{')
        return KIND_JSON;
    if (*p == '<')
        return kind_of_xml(p);
    if (memchr(head, 0, n))
        return KIND_UNKNOWN;
    if (!*p)
        return KIND_EMPTY;
    for (const char *q = p; *q; q++)
        if ((unsigned char)*q < 0x20 && !strchr("\t\r\n", *q))
            return KIND_UNKNOWN;
    if (kind_foreign(head))
        return KIND_UNKNOWN;
    return is_nmea(p) ? KIND_NMEA : KIND_TABLE;
}

enum kind kind_of_bytes(const char head[KIND_HEAD + 1], size_t n, const char *name)
{
    if (n == 0)
        return KIND_EMPTY;
    if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return kind_of_zip(head, n, name);
    if (n >= 22 && memcmp(head, "PK\5\6", 4) == 0)
        return KIND_ZIP;
    if (n >= 100 && memcmp(head, "SQLite format 3", 16) == 0)
        return memcmp(head + 68, "GP", 2) == 0 || ends_with(name, ".gpkg") ? KIND_GPKG
                                                                           : KIND_SQLITE;
    if (n >= 8 && (memcmp(head, "II*\0", 4) == 0 || memcmp(head, "MM\0*", 4) == 0 ||
                   memcmp(head, "II+\0", 4) == 0 || memcmp(head, "MM\0+", 4) == 0))
        return KIND_TIFF;
    if (n >= 8 && memcmp(head, "fgb\3fgb", 7) == 0)
        return KIND_FLATGEOBUF;
    if (n >= 4 && memcmp(head, "\0\0\x27\x0A", 4) == 0)
        return ends_with(name, ".shp") ? KIND_SHP
                                       : KIND_PART; /* .shx, .sbn and .sbx begin in the same way */
    static const char *const parts[] = {".dbf", ".prj", ".cpg", ".qpj", ".qix", ".fix", ".csvt"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (ends_with(name, parts[i]))
            return KIND_PART;
    return kind_of_text(head, n);
}

bool kind_json_sequence(size_t (*read)(void *arg, char *buffer, size_t n), void *arg)
{
    char buffer[16384];
    int depth = 0;
    bool string = false, escaped = false, ended = false;
    for (size_t n; (n = read(arg, buffer, sizeof buffer)) > 0;)
        for (size_t i = 0; i < n; i++) {
            char c = buffer[i];
            if (ended) {
                if (!strchr(" \t\r\n", c))
                    return c == '{' || c == 0x1E;
            } else if (string) {
                string = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                string = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                ended = --depth <= 0;
            }
        }
    return false;
}
