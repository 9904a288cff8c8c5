/* CURP, Mexico's key of a person (18 characters). Parcela keeps none: the reader process, the only
 * one that sees files, puts a keyed hash in the place of every CURP before anything else is done
 * with the text, so that none reaches the registry, a report or a message. The hash knows the
 * person again and tells nothing to who has not the registry's key. Pure functions, thread-safe;
 * curp_mark needs sodium_init once. */
#ifndef IMPORTERS_CURP_H
#define IMPORTERS_CURP_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/base/arena.h"

enum { CURP_LENGTH = 18, CURP_KEY_BYTES = 32, CURP_MARK_DIGITS = 40, CURP_MARK_SIZE = 5 + CURP_MARK_DIGITS + 1 };

enum curp_answer {
    CURP_GOOD,
    CURP_FORMAT,     /* not the 18 characters of a CURP */
    CURP_CHECK_DIGIT /* the form is right, the last digit is not: mistyped */
};

/* The form (four letters, yymmdd of a day that exists, H/M/X, one of the 32 states or NE, three
 * consonants, homonym character) and the check digit (RENAPO's modulus 10 over values 0-9 A-N Ñ
 * O-Z, weights 18 to 2). Case, spaces and hyphens do not matter. */
enum curp_answer curp_check(const char *text);
/* "curp:" and 40 digits: keyed BLAKE2b-128 of the letters and digits of `text`. Digits alone, so
 * that a mark can never be part of what looks like a CURP. */
void curp_mark(const unsigned char key[CURP_KEY_BYTES], const char *text, char out[CURP_MARK_SIZE]);
bool curp_is_mark(const char *text);
/* `text` itself when nothing in it looks like a CURP (right check digit or not); otherwise a copy
 * in the arena with each of them replaced by its mark, and *found raised by their number. NULL only
 * without memory. */
const char *curp_masked(struct arena *a, const unsigned char key[CURP_KEY_BYTES], const char *text,
                        uint64_t *found);

#endif
