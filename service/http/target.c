/* Decoding and checking of request targets; see target.h. */
#include "service/http/target.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_utf8_valid(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        int more;
        unsigned low = 0x80,
                 high = 0xBF; /* of the second byte: excludes overlong forms and surrogates */
        if (*p < 0x80) {
            p++;
            continue;
        } else if (*p >= 0xC2 && *p <= 0xDF) {
            more = 1;
        } else if (*p >= 0xE0 && *p <= 0xEF) {
            more = 2;
            low = *p == 0xE0 ? 0xA0 : 0x80;
            high = *p == 0xED ? 0x9F : 0xBF;
        } else if (*p >= 0xF0 && *p <= 0xF4) {
            more = 3;
            low = *p == 0xF0 ? 0x90 : 0x80;
            high = *p == 0xF4 ? 0x8F : 0xBF;
        } else {
            return false;
        }
        for (p++; more--; p++, low = 0x80, high = 0xBF)
            if (*p < low || *p > high)
                return false;
    }
    return true;
}

static int refuse(struct error *e, int http, const char *code, const char *message,
                  const char *remedy)
{
    error_set(e, http == 414 ? STATUS_LIMIT : STATUS_USAGE, code, remedy, "%s", message);
    return http;
}

/* Where decoding stands: `in` moves over the raw target, `out` over the text. */
struct decoder {
    const char *in;
    char *out;
    struct error *e;
};

/* Decodes up to one of the bytes in `stops` or the end. 0 or the HTTP status. */
static int decode_piece(struct decoder *d, const char *stops, bool in_query)
{
    while (*d->in && !strchr(stops, *d->in)) {
        unsigned char c = (unsigned char)*d->in++;
        bool encoded = false;
        if (c == '%') {
            int hi = hex_digit(d->in[0]);
            int lo = hi < 0 ? -1 : hex_digit(d->in[1]);
            if (lo < 0)
                return refuse(d->e, 400, "bad_percent",
                              "a % in the address is not followed by two hexadecimal digits",
                              "write a literal % as %25");
            c = (unsigned char)(hi * 16 + lo);
            d->in += 2;
            encoded = true;
        } else if (c == '+' && in_query) {
            c = ' ';
            encoded = true; /* a space is fine here, and only here */
        }
        if (c < 0x20 || c == 0x7F || (!encoded && c == ' '))
            return refuse(d->e, 400, "control_byte", "the address holds a control byte",
                          "remove it");
        if (!in_query && (c == '\\' || (encoded && c == '/')))
            return refuse(d->e, 400, "encoded_slash",
                          "the path holds a backslash or an encoded slash",
                          "use / between segments, and names without slashes");
        if (!encoded && c == '#')
            return refuse(d->e, 400, "fragment", "the address holds a fragment",
                          "leave out # and what follows");
        *d->out++ = (char)c;
    }
    *d->out++ = 0;
    return 0;
}

static int parse_path(struct decoder *d, struct http_target *t)
{
    while (*d->in == '/') {
        d->in++;
        if (t->segments_n == HTTP_SEGMENTS_MAX)
            return refuse(d->e, 404, "not_found", "there is nothing at this address",
                          "see / for what there is");
        char *start = d->out;
        int http = decode_piece(d, "/?", false);
        if (http)
            return http;
        if (!strcmp(start, ".") || !strcmp(start, ".."))
            return refuse(d->e, 400, "dot_segment", "the path holds a . or .. segment",
                          "write the path without it");
        if (!http_utf8_valid(start))
            return refuse(d->e, 400, "invalid_utf8", "the path is not valid UTF-8",
                          "encode it as UTF-8");
        t->segment[t->segments_n++] = start;
    }
    if (t->segments_n && !*t->segment[t->segments_n - 1])
        t->segments_n--; /* "/" itself, or one trailing slash */
    return 0;
}

static int parse_query(struct decoder *d, struct http_target *t)
{
    while (*d->in) {
        d->in++; /* over '?' or '&' */
        if (!*d->in || *d->in == '&')
            continue;
        if (t->arguments_n == LIMIT_QUERY_ARGUMENTS)
            return refuse(d->e, 400, "too_many_arguments",
                          "the query string has too many arguments",
                          "see query_arguments at /limits");
        struct http_argument *a = &t->argument[t->arguments_n];
        a->name = d->out;
        int http = decode_piece(d, "=&", true);
        if (http)
            return http;
        a->value = d->out - 1; /* its NUL */
        if (*d->in == '=') {
            d->in++;
            a->value = d->out;
            if ((http = decode_piece(d, "&", true)))
                return http;
        }
        if (!http_utf8_valid(a->name) || !http_utf8_valid(a->value))
            return refuse(d->e, 400, "invalid_utf8", "the query string is not valid UTF-8",
                          "encode it as UTF-8");
        if (http_target_argument(t, a->name)) {
            error_set(d->e, STATUS_USAGE, "repeated_parameter",
                      "give it once; lists are separated by commas",
                      "the parameter \"%.60s\" is given twice", a->name);
            return 400;
        }
        t->arguments_n++;
    }
    return 0;
}

int http_target_parse(const char *raw, struct http_target *out, struct error *e)
{
    out->segments_n = out->arguments_n = 0;
    out->asterisk = !strcmp(raw, "*");
    if (out->asterisk)
        return 0;
    if (strlen(raw) > LIMIT_URL_BYTES)
        return refuse(e, 414, "url_too_long", "the address is too long",
                      "see url_bytes at /limits");
    if (raw[0] != '/')
        return refuse(e, 400, "bad_target", "the request target does not begin with /",
                      "send the path, not a whole URL");
    struct decoder d = {.in = raw, .out = out->text, .e = e};
    int http = parse_path(&d, out);
    return http ? http : parse_query(&d, out);
}

const char *http_target_argument(const struct http_target *t, const char *name)
{
    for (int i = 0; i < t->arguments_n; i++)
        if (!strcmp(t->argument[i].name, name))
            return t->argument[i].value;
    return NULL;
}
