/* A growing byte buffer, and the writers that append text to it: JSON strings, fixed-point numbers.
 *
 * Appending never fails visibly: after a failed allocation (or past `limit`) the buffer is marked `failed`, keeps what it
 * has and ignores the rest; the owner tests `failed` once at the end. No locale is consulted anywhere. */
#ifndef GEO_BASE_BUF_H
#define GEO_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *bytes; /* NUL-terminated once anything was appended */
    size_t length;
    size_t capacity;
    size_t limit; /* 0 = none */
    bool failed;
};

void buf_init(struct buf *b, size_t limit);
void buf_clear(struct buf *b); /* frees; the buffer is empty and usable again */
void buf_reset(struct buf *b); /* length 0, memory kept, failed forgotten */
/* The bytes, now the caller's to free(); the buffer is empty again. */
char *buf_steal(struct buf *b);

/* Room for `more` bytes at the end, or NULL (then failed is set). Advance with b->length += n. */
char *buf_reserve(struct buf *b, size_t more);
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_int(struct buf *b, int64_t value);
/* value / 10^decimals, decimals 0..18, trailing zeros and point removed when `trim`: buf_fixed(b, 1250, 3, true) -> 1.25 */
void buf_fixed(struct buf *b, int64_t value, int decimals, bool trim);
/* A double rounded to `decimals` (0..12), trailing zeros removed; not finite -> null. |value| < 9e18/10^decimals, else %.17g. */
void buf_double(struct buf *b, double value, int decimals);
/* `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD; NULL -> null. Safe inside HTML script (escapes <). */
void buf_json_string(struct buf *b, const char *text);
/* "name": with quotes and colon; a comma before it when the last byte is not { [ or : */
void buf_json_key(struct buf *b, const char *name);
/* A comma when the last byte is not { [ , or : */
void buf_json_comma(struct buf *b);

#endif
