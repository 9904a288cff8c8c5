/* XForm submissions, read with expat; see submission.h. */
#include "importers/submission.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "geo/base/buf.h"
#include "importers/coordinates.h"

enum { PATH_MAX_BYTES = 1000, CHUNK = 1 << 15 };

struct parse {
    XML_Parser parser;
    struct arena *a;
    struct submission *out;
    char path[PATH_MAX_BYTES];
    size_t ends[SUBMISSION_DEPTH_MAX]; /* length of path before each open element */
    int depth;
    bool leaf; /* the innermost open element has had no child */
    struct buf text;
    const char *code, *problem; /* why it was stopped */
    bool no_memory;
};

static void stop(struct parse *p, const char *code, const char *problem)
{
    if (!p->problem) {
        p->code = code;
        p->problem = problem;
    }
    XML_StopParser(p->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon && colon[1] ? colon + 1 : name;
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct parse *p = arg;
    if (p->depth == SUBMISSION_DEPTH_MAX) {
        stop(p, "xml_limit", "its elements are nested too deeply");
        return;
    }
    size_t used = strlen(p->path), n = strlen(local_name(name));
    p->ends[p->depth] = used;
    if (p->depth++ == 0) {
        for (int i = 0; attributes[i]; i += 2)
            p->out->is_form |= strcmp(attributes[i], "id") == 0;
    } else if (used + n + 2 > sizeof p->path) {
        stop(p, "xml_limit", "its names are too long");
        return;
    } else {
        if (used)
            p->path[used++] = '/';
        memcpy(p->path + used, local_name(name), n + 1);
    }
    p->leaf = true;
    buf_reset(&p->text);
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int n)
{
    struct parse *p = arg;
    buf_put(&p->text, text, (size_t)n);
    if (p->text.failed)
        stop(p, "xml_limit", "an answer is too long");
}

static const char *joined(struct parse *p, const char *first, const char *second)
{
    bool points = form_points(first, NULL, 0) > 0 && form_points(second, NULL, 0) == 1;
    return !*first    ? second
           : !*second ? first
                      : arena_printf(p->a, "%s%s%s", first, points ? ";" : "; ", second);
}

static void keep(struct parse *p)
{
    struct submission *s = p->out;
    buf_putc(&p->text, 0);
    if (p->text.failed) {
        p->no_memory = true;
        return;
    }
    const char *text = p->text.bytes;
    while (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')
        text++;
    size_t n = strlen(text);
    while (n && strchr(" \n\r\t", text[n - 1]))
        n--;
    char *own = arena_strndup(p->a, text, n);
    size_t i = 0;
    while (i < s->n && strcmp(s->paths[i], p->path) != 0)
        i++;
    if (i == SUBMISSION_ANSWERS_MAX) {
        stop(p, "xml_limit", "it has more than 2,000 different questions");
        return;
    }
    if (i < s->n) {
        s->texts[i] = own ? joined(p, s->texts[i], own) : NULL;
    } else {
        s->paths[i] = arena_strdup(p->a, p->path);
        s->texts[i] = own;
        s->n++;
    }
    if (!s->texts[i] || !s->paths[i]) {
        p->no_memory = true;
        stop(p, "", "");
    }
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct parse *p = arg;
    (void)name;
    if (p->leaf && p->depth > 1)
        keep(p);
    p->path[p->ends[--p->depth]] = 0;
    p->leaf = false;
    buf_reset(&p->text);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public_id, int internal)
{
    (void)name;
    (void)system;
    (void)public_id;
    (void)internal;
    stop(arg, "xml_doctype", "it has a document type declaration (DOCTYPE)");
}

static enum status failed(struct parse *p, struct error *e)
{
    if (p->no_memory || XML_GetErrorCode(p->parser) == XML_ERROR_NO_MEMORY)
        return error_memory(e);
    bool limit = p->code && strcmp(p->code, "xml_limit") == 0;
    return error_set(e, limit ? STATUS_LIMIT : STATUS_INVALID, p->code ? p->code : "xml_damaged",
                     "export the file again", "line %lu of the XML text: %s",
                     (unsigned long)XML_GetCurrentLineNumber(p->parser),
                     p->problem ? p->problem : XML_ErrorString(XML_GetErrorCode(p->parser)));
}

enum status submission_read(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                            struct arena *a, struct submission *out, struct error *e)
{
    struct parse p = {.parser = XML_ParserCreate(NULL), .a = a, .out = out};
    char chunk[CHUNK];
    enum status s = STATUS_OK;
    *out = (struct submission){0};
    out->paths = arena_array(a, SUBMISSION_ANSWERS_MAX + 1, sizeof *out->paths);
    out->texts = arena_array(a, SUBMISSION_ANSWERS_MAX + 1, sizeof *out->texts);
    buf_init(&p.text, 4 << 20);
    if (!p.parser || !out->paths || !out->texts)
        s = error_memory(e);
    if (s == STATUS_OK) {
        XML_SetUserData(p.parser, &p);
        XML_SetElementHandler(p.parser, on_start, on_end);
        XML_SetCharacterDataHandler(p.parser, on_text);
        XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
    }
    for (size_t n = 1, total = 0; s == STATUS_OK && n > 0;) {
        n = read(arg, chunk, sizeof chunk);
        total += n;
        if (total > SUBMISSION_BYTES_MAX)
            stop(&p, "xml_limit", "it is larger than 16 MB");
        if (XML_Parse(p.parser, chunk, (int)n, n == 0) == XML_STATUS_ERROR)
            s = failed(&p, e);
    }
    buf_clear(&p.text);
    if (p.parser)
        XML_ParserFree(p.parser);
    return s;
}
