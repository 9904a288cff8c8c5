/* The JSON reader that stands before GDAL; see geojson_guard.h. One pass, one stack, no memory. */
#include "importers/geojson_guard.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 192, BUFFER = 1 << 16 };

/* What an open object or array is to us. */
enum role {
    ROLE_PLAIN,
    ROLE_ROOT,       /* the outermost object */
    ROLE_FEATURES,   /* its "features" */
    ROLE_FREE,       /* a "properties" and everything below: any member name is allowed */
    ROLE_CRS,        /* the value of a "crs" member */
    ROLE_CRS_DETAILS /* "properties" of a crs */
};

struct level {
    enum role role;
    bool object;
};

struct scan {
    size_t (*read)(void *, char *, size_t);
    void *arg;
    char buffer[BUFFER];
    size_t at, n;
    uint64_t line;
    struct level stack[GEOJSON_DEPTH_MAX];
    int depth;
    char text[TEXT_MAX]; /* the last string, cut */
    char key[TEXT_MAX];  /* the last member name */
    bool text_cut;
    /* of the crs being read */
    char crs_type[16], crs_name[TEXT_MAX];
    bool crs_odd, root_crs_seen, inner_crs_seen;
    int inner_epsg;
    struct geojson_facts *facts;
    struct error *e;
};

static int next(struct scan *s)
{
    if (s->at == s->n) {
        s->n = s->read(s->arg, s->buffer, sizeof s->buffer);
        s->at = 0;
        if (s->n == 0)
            return -1;
    }
    int c = (unsigned char)s->buffer[s->at++];
    if (c == '\n')
        s->line++;
    return c;
}

static void back(struct scan *s, int c)
{
    if (c < 0)
        return;
    s->at--;
    if (c == '\n')
        s->line--;
}

static enum status syntax(struct scan *s, const char *what)
{
    return error_set(s->e, STATUS_INVALID, "geojson_syntax", "export the file again",
                     "line %llu of the GeoJSON text: %s", (unsigned long long)s->line, what);
}

static int next_solid(struct scan *s)
{
    int c;
    while ((c = next(s)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        ;
    return c;
}

int geojson_crs_name(const char *name)
{
    static const char *const prefixes[] = {"EPSG:",
                                           "urn:ogc:def:crs:EPSG:",
                                           "urn:x-ogc:def:crs:EPSG:",
                                           "http://www.opengis.net/def/crs/EPSG/",
                                           "https://www.opengis.net/def/crs/EPSG/",
                                           "http://www.opengis.net/gml/srs/epsg.xml#"};
    static const char *const crs84[] = {"urn:ogc:def:crs:OGC:1.3:CRS84",
                                        "urn:ogc:def:crs:OGC::CRS84",
                                        "OGC:CRS84",
                                        "CRS84",
                                        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                        "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                        "http://www.opengis.net/def/crs/OGC/0/CRS84"};
    for (size_t i = 0; i < sizeof crs84 / sizeof *crs84; i++)
        if (strcasecmp(name, crs84[i]) == 0)
            return 4326;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t n = strlen(prefixes[i]);
        if (strncasecmp(name, prefixes[i], n) != 0)
            continue;
        const char *code = name + n;
        /* a version between: EPSG::32615, EPSG:9.9:32615, EPSG/0/32615 */
        size_t version = strspn(code, "0123456789.");
        if (i && (code[version] == ':' || code[version] == '/'))
            code += version + 1;
        size_t digits = strspn(code, "0123456789");
        if (digits >= 4 && digits <= 6 && !code[digits])
            return atoi(code);
    }
    return 0;
}

static void put(struct scan *s, size_t *n, unsigned c)
{
    if (*n + 1 < sizeof s->text)
        s->text[(*n)++] = (char)c;
    else
        s->text_cut = true;
}

static int hex4(struct scan *s)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = next(s);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* After the opening quote; s->text gets the string, characters beyond ASCII as '?' (we compare with
 * ASCII words only). */
static enum status scan_string(struct scan *s)
{
    size_t n = 0;
    s->text_cut = false;
    for (;;) {
        int c = next(s);
        if (c == '"')
            break;
        if (c < 0x20)
            return syntax(s, c < 0 ? "the text ends inside a string"
                                   : "a control character in a string");
        if (c != '\\') {
            put(s, &n, (unsigned)c);
            continue;
        }
        c = next(s);
        if (c == 'u') {
            int v = hex4(s);
            if (v <= 0)
                return syntax(s, v ? "a malformed escape" : "a NUL character in a string");
            put(s, &n, v < 0x80 ? (unsigned)v : '?');
        } else if (c >= 0 && strchr("\"\\/bfnrt", c)) {
            put(s, &n, strchr("\"\\/", c) ? (unsigned)c : ' ');
        } else {
            return syntax(s, "a malformed escape");
        }
    }
    s->text[n] = 0;
    return STATUS_OK;
}

static bool at_digits(struct scan *s, int *c)
{
    bool some = false;
    for (; *c >= '0' && *c <= '9'; *c = next(s))
        some = true;
    return some;
}

/* -12.5e3; the first character is in c. The text is kept: a crs may be an EPSG number. */
static enum status scan_number(struct scan *s, int c)
{
    size_t n = 0;
    s->text_cut = false;
    if (c == '-') {
        put(s, &n, '-');
        c = next(s);
    }
    bool good = c >= '0' && c <= '9';
    for (; c >= '0' && c <= '9'; c = next(s))
        put(s, &n, (unsigned)c);
    s->text[n] = 0;
    if (good && c == '.') {
        c = next(s);
        good = at_digits(s, &c);
    }
    if (good && (c == 'e' || c == 'E')) {
        c = next(s);
        if (c == '-' || c == '+')
            c = next(s);
        good = at_digits(s, &c);
    }
    back(s, c);
    return good ? STATUS_OK
                : syntax(s, "a malformed number (NaN and Infinity are no JSON numbers)");
}

static enum status scan_word(struct scan *s, int first)
{
    const char *word = first == 't' ? "true" : first == 'f' ? "false" : "null";
    for (const char *p = word + 1; *p; p++)
        if (next(s) != *p)
            return syntax(s, "an unknown word");
    return STATUS_OK;
}

static enum status crs_refused(struct scan *s)
{
    return error_set(
        s->e, STATUS_INVALID, "geojson_crs_link",
        "remove the \"crs\" member, or name an EPSG code in it (\"urn:ogc:def:crs:EPSG::4326\")",
        "line %llu of the GeoJSON text: a \"crs\" that is not the name of a known reference "
        "system; links are not followed",
        (unsigned long long)s->line);
}

/* A crs object has ended, its parent is now on top. */
static enum status judge_crs(struct scan *s)
{
    int epsg = 0;
    if (!s->crs_odd && strcasecmp(s->crs_type, "name") == 0)
        epsg = geojson_crs_name(s->crs_name);
    else if (!s->crs_odd && strcasecmp(s->crs_type, "EPSG") == 0)
        epsg = atoi(s->crs_name);
    if (epsg <= 0)
        return crs_refused(s);
    bool root = s->stack[s->depth - 1].role == ROLE_ROOT;
    if (root ? s->root_crs_seen && s->facts->epsg != epsg
             : s->inner_crs_seen && s->inner_epsg != epsg)
        return error_set(s->e, STATUS_INVALID, "geojson_crs_mixed",
                         "write one reference system in the whole file",
                         "the GeoJSON text names several coordinate reference systems");
    if (root) {
        s->facts->epsg = epsg;
        s->root_crs_seen = true;
    } else {
        s->inner_epsg = epsg;
        s->inner_crs_seen = true;
    }
    return STATUS_OK;
}

/* GDAL compares member names without case, so do we. */
static bool key_is(const struct scan *s, const char *word)
{
    return strcasecmp(s->key, word) == 0;
}

/* A string or number as the value of the current key. */
static void note_scalar(struct scan *s, bool string)
{
    if (s->depth == 0)
        return;
    enum role role = s->stack[s->depth - 1].role;
    if (!s->stack[s->depth - 1].object)
        return;
    if (role == ROLE_ROOT && key_is(s, "type") && string)
        snprintf(s->facts->type, sizeof s->facts->type, "%.31s", s->text);
    else if (role == ROLE_CRS && key_is(s, "type") && string &&
             strlen(s->text) < sizeof s->crs_type && !*s->crs_type)
        memcpy(s->crs_type, s->text, strlen(s->text) + 1);
    else if (role == ROLE_CRS_DETAILS && (key_is(s, "name") || key_is(s, "code")) && !s->text_cut &&
             !*s->crs_name)
        memcpy(s->crs_name, s->text, sizeof s->crs_name);
    else if (role == ROLE_CRS || role == ROLE_CRS_DETAILS)
        s->crs_odd = true; /* href, url, a second name: whatever it is, it is not a plain name */
}

/* A container opens as the value of the current key, or as an element. */
static enum status push(struct scan *s, bool object)
{
    if (s->depth == GEOJSON_DEPTH_MAX)
        return syntax(s, "nested too deeply");
    enum role role = ROLE_PLAIN;
    const struct level *parent = s->depth ? &s->stack[s->depth - 1] : NULL;
    if (!parent) {
        role = ROLE_ROOT;
    } else if (parent->role == ROLE_FREE) {
        role = ROLE_FREE;
    } else if (parent->role == ROLE_CRS || parent->role == ROLE_CRS_DETAILS) {
        if (parent->role == ROLE_CRS && object && parent->object && key_is(s, "properties"))
            role = ROLE_CRS_DETAILS;
        else
            return crs_refused(s);
    } else if (parent->object && key_is(s, "crs")) {
        role = ROLE_CRS;
        s->crs_odd = !object;
        *s->crs_type = *s->crs_name = 0;
    } else if (parent->object && object && strcmp(s->key, "properties") == 0) {
        role = ROLE_FREE;
    } else if (parent->role == ROLE_ROOT && !object && key_is(s, "features")) {
        role = ROLE_FEATURES;
    }
    s->stack[s->depth++] = (struct level){role, object};
    return STATUS_OK;
}

static enum status pop(struct scan *s)
{
    enum role role = s->stack[--s->depth].role;
    return role == ROLE_CRS ? judge_crs(s) : STATUS_OK;
}

static enum status scan_key(struct scan *s)
{
    enum status st = scan_string(s);
    if (st != STATUS_OK)
        return st;
    memcpy(s->key, s->text, sizeof s->key);
    return next_solid(s) == ':' ? STATUS_OK : syntax(s, "a member name without a colon");
}

/* One value that starts with c; containers are pushed and left open. */
static enum status scan_value(struct scan *s, int c, bool *opened)
{
    enum status st;
    *opened = false;
    if (s->depth && s->stack[s->depth - 1].role == ROLE_FEATURES)
        s->facts->features_n++;
    if (c == '{' || c == '[') {
        *opened = true;
        return push(s, c == '{');
    }
    bool crs = s->depth && s->stack[s->depth - 1].object &&
               s->stack[s->depth - 1].role != ROLE_FREE && key_is(s, "crs");
    if (c == '"') {
        st = scan_string(s);
        if (st == STATUS_OK)
            note_scalar(s, true);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        st = scan_number(s, c);
        if (st == STATUS_OK)
            note_scalar(s, false);
    } else if (c == 't' || c == 'f' || c == 'n') {
        st = scan_word(s, c);
        crs = crs && c != 'n'; /* "crs": null is allowed */
    } else {
        return syntax(s, c < 0 ? "the text ends too early" : "an unexpected character");
    }
    return st == STATUS_OK && crs ? crs_refused(s) : st;
}

static enum status scan_document(struct scan *s)
{
    bool opened = true; /* the innermost container has no element yet */
    enum status st = push(s, true);
    while (st == STATUS_OK && s->depth > 0) {
        bool object = s->stack[s->depth - 1].object;
        int c = next_solid(s);
        if (c == (object ? '}' : ']')) {
            st = pop(s);
            opened = false;
            continue;
        }
        if (!opened && c != ',')
            return syntax(s, c < 0 ? "the text ends too early" : "a missing comma or bracket");
        if (!opened)
            c = next_solid(s);
        if (object) {
            if (c != '"')
                return syntax(s, c < 0 ? "the text ends too early" : "a member name is missing");
            if ((st = scan_key(s)) != STATUS_OK)
                break;
            c = next_solid(s);
        }
        st = scan_value(s, c, &opened);
    }
    return st;
}

static bool is_geojson_type(const char *type)
{
    static const char *const types[] = {
        "FeatureCollection", "Feature", "Polygon",    "MultiPolygon",      "LineString",
        "MultiLineString",   "Point",   "MultiPoint", "GeometryCollection"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

enum status geojson_guard(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                          struct geojson_facts *out, struct error *e)
{
    *out = (struct geojson_facts){0};
    struct scan *s = calloc(1, sizeof *s);
    if (!s)
        return error_memory(e);
    s->read = read;
    s->arg = arg;
    s->line = 1;
    s->facts = out;
    s->e = e;
    int c = next_solid(s);
    if (c == 0xEF && next(s) == 0xBB && next(s) == 0xBF) /* a byte order mark */
        c = next_solid(s);
    enum status st = c == '{' ? scan_document(s) : syntax(s, "it does not begin with an object");
    if (st == STATUS_OK && next_solid(s) >= 0)
        st = syntax(
            s, "more text after the end of the outermost object (one GeoJSON object per file)");
    if (st == STATUS_OK && !is_geojson_type(out->type))
        st = error_set(e, STATUS_INVALID, "geojson_type", "send a GeoJSON FeatureCollection",
                       "the JSON text is no GeoJSON: the type of its outermost object is '%.31s'",
                       out->type);
    if (st == STATUS_OK && s->inner_crs_seen && s->inner_epsg != (out->epsg ? out->epsg : 4326))
        st = error_set(e, STATUS_INVALID, "geojson_crs_mixed",
                       "write one reference system in the whole file",
                       "the GeoJSON text names several coordinate reference systems");
    free(s);
    return st;
}
