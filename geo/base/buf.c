/* Growing buffer and text writers; see buf.h. */
#include "geo/base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

void buf_clear(struct buf *b)
{
    free(b->bytes);
    *b = (struct buf){.limit = b->limit};
}

void buf_reset(struct buf *b)
{
    b->length = 0;
    b->failed = false;
    if (b->bytes)
        b->bytes[0] = 0;
}

char *buf_steal(struct buf *b)
{
    char *bytes = b->bytes;
    *b = (struct buf){.limit = b->limit};
    return bytes;
}

char *buf_reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return NULL;
    if (more > SIZE_MAX / 4 || (b->limit && b->length + more > b->limit)) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->length + more + 1;
    if (need > b->capacity) {
        size_t capacity = b->capacity ? b->capacity : 256;
        while (capacity < need)
            capacity *= 2;
        char *bytes = realloc(b->bytes, capacity);
        if (!bytes) {
            b->failed = true;
            return NULL;
        }
        b->bytes = bytes;
        b->capacity = capacity;
    }
    return b->bytes + b->length;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    char *p = buf_reserve(b, n);
    if (!p)
        return;
    if (n)
        memcpy(p, bytes, n);
    p[n] = 0;
    b->length += n;
}

void buf_puts(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : buf_reserve(b, (size_t)n);
    if (p) {
        vsnprintf(p, (size_t)n + 1, format, again);
        b->length += (size_t)n;
    }
    va_end(again);
}

void buf_int(struct buf *b, int64_t value)
{
    buf_fixed(b, value, 0, false);
}

void buf_fixed(struct buf *b, int64_t value, int decimals, bool trim)
{
    char text[48];
    char *end = text + sizeof text, *p = end;
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    bool skip = trim;
    for (int i = 0; i < decimals; i++, v /= 10) {
        char digit = (char)('0' + v % 10);
        if (skip && digit == '0')
            continue;
        skip = false;
        *--p = digit;
    }
    if (p != end)
        *--p = '.';
    do
        *--p = (char)('0' + v % 10);
    while (v /= 10);
    if (value < 0 && (v || p[0] != '0' || end - p > 1))
        *--p = '-';
    buf_put(b, p, (size_t)(end - p));
}

void buf_double(struct buf *b, double value, int decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    if (!isfinite(value)) {
        buf_puts(b, "null");
        return;
    }
    double scaled = value * power[decimals];
    if (fabs(scaled) < 9e18)
        buf_fixed(b, llrint(scaled), decimals, true);
    else
        buf_printf(b, "%.17g", value);
}

/* Length of the valid UTF-8 sequence at p (1..4), or 0. Overlong forms, surrogates and > U+10FFFF are invalid. */
static int utf8_sequence(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        return (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if ((p[0] & 0xF0) == 0xE0) {
        if ((p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80)
            return 0;
        if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
            return 0;
        return 3;
    }
    if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        if ((p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 || (p[3] & 0xC0) != 0x80)
            return 0;
        if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

/* How many bytes from here on stand in JSON as they are. */
static size_t plain_run(const unsigned char *p)
{
    size_t n = 0;
    while (p[n] >= 0x20 && p[n] < 0x7F && p[n] != '"' && p[n] != '\\' && p[n] != '<')
        n++;
    return n;
}

void buf_json_string(struct buf *b, const char *text)
{
    if (!text) {
        buf_puts(b, "null");
        return;
    }
    const unsigned char *p = (const unsigned char *)text;
    size_t plain = plain_run(p);
    char *whole = p[plain] ? NULL : buf_reserve(b, plain + 2);
    if (whole) { /* nothing to escape, as nearly always */
        whole[0] = '"';
        memcpy(whole + 1, p, plain);
        whole[plain + 1] = '"';
        whole[plain + 2] = 0;
        b->length += plain + 2;
        return;
    }
    for (buf_putc(b, '"'); *p; plain = plain_run(p)) {
        buf_put(b, p, plain);
        p += plain;
        int n = utf8_sequence(p);
        if (!*p)
            break;
        if (n == 0) {
            buf_puts(b, "\xEF\xBF\xBD");
            p++;
        } else if (*p == '"' || *p == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)*p++);
        } else if (*p < 0x20 || *p == '<' || *p == 0x7F) {
            buf_printf(b, "\\u%04x", *p++);
        } else {
            buf_put(b, p, (size_t)n);
            p += n;
        }
    }
    buf_putc(b, '"');
}

void buf_json_comma(struct buf *b)
{
    char last = b->length ? b->bytes[b->length - 1] : '{';
    if (last != '{' && last != '[' && last != ',' && last != ':')
        buf_putc(b, ',');
}

void buf_json_key(struct buf *b, const char *name)
{
    buf_json_comma(b);
    buf_json_string(b, name);
    buf_putc(b, ':');
}
