/* What makes two boundaries, or two rows, the same: hashes of normalised content, and codes for plots that came without one. */
#ifndef SERVICE_REGISTRY_IDENTITY_H
#define SERVICE_REGISTRY_IDENTITY_H

#include "geo/base/key_set.h"
#include "importers/candidate.h"

enum { IDENTITY_HASH_BYTES = 16, IDENTITY_CODE_MAX = 32 };

/* BLAKE2b-128 of the boundary at 1e-9 degree, independent of ring start; orientation must be normalised (boundary_orient). */
void identity_geometry(const struct boundary *b, unsigned char hash[IDENTITY_HASH_BYTES]);
/* The same of the source geometry, if one is kept, and of everything the row says: names, values, mapped fields. Two rows with
 * one content hash change nothing. */
void identity_content(const struct candidate *c, const unsigned char geometry_hash[IDENTITY_HASH_BYTES],
                      unsigned char hash[IDENTITY_HASH_BYTES]);
/* A code for a plot without one, from its geometry hash: "P-7K3M9-Q2X5D-C" (Crockford base 32: 10 symbols and a check symbol
 * modulo 37), speakable over a telephone. Not unique by itself. */
void identity_code(const unsigned char geometry_hash[IDENTITY_HASH_BYTES], char code[IDENTITY_CODE_MAX]);
/* Unpredictable bytes, for names that must not meet. */
void identity_random(unsigned char bytes[IDENTITY_HASH_BYTES]);
/* 64 bits of (programme, code), for the sets of one import. */
uint64_t identity_key(int64_t programme_id, const char *code);

#endif
