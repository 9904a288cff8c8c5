/* Text of outside files: valid UTF-8 or not, keys for comparing names, conversion of one-byte code
 * pages. Pure functions, thread-safe. */
#ifndef IMPORTERS_TEXT_H
#define IMPORTERS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/arena.h"

enum { TEXT_KEY_MAX = 96, TEXT_PAGE_UTF8 = 65001 };

/* Valid UTF-8 (RFC 3629, no surrogates, no overlong forms) without NUL. Empty is valid. */
bool text_utf8_valid(const char *bytes, size_t n);
/* Only bytes below 0x80? */
bool text_ascii(const char *bytes, size_t n);
/* For comparing: lower case, accents dropped, letters and digits only; cut at TEXT_KEY_MAX - 1.
 * "Código_Parcela" -> "codigoparcela" */
void text_key(const char *utf8, char out[TEXT_KEY_MAX]);
/* The code page of a name as .cpg files and people write it ("UTF-8", "latin1", "windows-1252",
 * "cp850"): TEXT_PAGE_UTF8, 1252, 28591, 850, 437; -1 = a name we do not know, 0 = none. */
int text_page_of(const char *name);
/* Bytes of a one-byte page as UTF-8: page 1252 (undefined bytes become U+FFFD), 28591 (Latin-1),
 * 850 or 437. NULL = no memory. */
char *text_from_page(struct arena *a, const char *bytes, size_t n, int page);
/* A copy that is valid UTF-8 whatever comes: invalid bytes become U+FFFD, cut to at most `max`
 * bytes at a character. */
char *text_clean(struct arena *a, const char *bytes, size_t max);
/* Without spaces at both ends; NULL when nothing is left (or text is NULL). In the arena. */
char *text_trim(struct arena *a, const char *text);
/* The same, as part of the text where nothing has to be cut off its end. */
const char *text_trimmed(struct arena *a, const char *text);

#endif
