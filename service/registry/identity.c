/* Hashes and codes; see identity.h. */
#include "service/registry/identity.h"

#include <math.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct grid_point {
    int64_t lon, lat; /* 1e-9 degree */
};

static struct grid_point grid_of(struct lonlat p)
{
    return (struct grid_point){llrint(p.lon * 1e9), llrint(p.lat * 1e9)};
}

static int grid_compare(struct grid_point a, struct grid_point b)
{
    return a.lon != b.lon ? (a.lon < b.lon ? -1 : 1) : a.lat != b.lat ? (a.lat < b.lat ? -1 : 1) : 0;
}

/* What is hashed, gathered: one call for a plot costs half of one for each of its values. */
struct digest {
    crypto_generichash_state state; /* of what did not fit */
    bool begun;
    size_t n;
    unsigned char bytes[4096];
};

static void digest_begin(struct digest *d)
{
    d->begun = false;
    d->n = 0;
}

static void digest_flush(struct digest *d, const void *bytes, size_t n)
{
    if (!d->begun)
        crypto_generichash_init(&d->state, NULL, 0, IDENTITY_HASH_BYTES);
    d->begun = true;
    crypto_generichash_update(&d->state, d->bytes, d->n);
    crypto_generichash_update(&d->state, bytes, n);
    d->n = 0;
}

static void digest_put(struct digest *d, const void *bytes, size_t n)
{
    if (n > sizeof d->bytes - d->n) {
        digest_flush(d, bytes, n);
        return;
    }
    memcpy(d->bytes + d->n, bytes, n);
    d->n += n;
}

static void digest_end(struct digest *d, unsigned char hash[IDENTITY_HASH_BYTES])
{
    if (!d->begun) {
        crypto_generichash(hash, IDENTITY_HASH_BYTES, d->bytes, d->n, NULL, 0);
        return;
    }
    crypto_generichash_update(&d->state, d->bytes, d->n);
    crypto_generichash_final(&d->state, hash, IDENTITY_HASH_BYTES);
}

/* The ring from its smallest vertex on, without the closing point. */
static void hash_ring(struct digest *d, const struct lonlat *points, uint32_t n)
{
    uint32_t distinct = n > 1 ? n - 1 : n, start = 0;
    struct grid_point least = n ? grid_of(points[0]) : (struct grid_point){0, 0};
    for (uint32_t i = 1; i < distinct; i++) {
        struct grid_point p = grid_of(points[i]);
        if (grid_compare(p, least) < 0) {
            least = p;
            start = i;
        }
    }
    for (uint32_t i = 0; i < distinct; i++) {
        uint32_t at = start + i < distinct ? start + i : start + i - distinct;
        struct grid_point p = grid_of(points[at]);
        digest_put(d, &p, sizeof p);
    }
    digest_put(d, &distinct, sizeof distinct);
}

void identity_geometry(const struct boundary *b, unsigned char hash[IDENTITY_HASH_BYTES])
{
    struct digest d;
    digest_begin(&d);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t rings = b->part_end[part] - boundary_part_start(b, part);
        digest_put(&d, &rings, sizeof rings);
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            uint32_t from = boundary_ring_start(b, ring);
            hash_ring(&d, b->points + from, b->ring_end[ring] - from);
        }
    }
    digest_end(&d, hash);
}

static void hash_text(struct digest *d, const char *text)
{
    uint32_t length = text ? (uint32_t)strlen(text) : UINT32_MAX;
    digest_put(d, &length, sizeof length);
    if (text)
        digest_put(d, text, length);
}

static void hash_number(struct digest *d, double value)
{
    if (isnan(value))
        value = -1e300; /* one NaN for all */
    digest_put(d, &value, sizeof value);
}

void identity_content(const struct candidate *c, const unsigned char geometry_hash[IDENTITY_HASH_BYTES],
                      unsigned char hash[IDENTITY_HASH_BYTES])
{
    struct digest d;
    digest_begin(&d);
    digest_put(&d, geometry_hash, IDENTITY_HASH_BYTES);
    if (c->source_wkb)
        digest_put(&d, c->source_wkb, c->source_wkb_n);
    const char *const fields[] = {c->code, c->name, c->programme, c->organisation, c->producer_code, c->producer_name, c->observed_date};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash_text(&d, fields[i]);
    for (int i = 0; i < c->crops_n; i++)
        hash_text(&d, c->crops[i]);
    for (int i = 0; i < c->practices_n; i++)
        hash_text(&d, c->practices[i]);
    hash_number(&d, c->crops_n);
    hash_number(&d, c->practices_n);
    hash_number(&d, c->producer_gender);
    hash_number(&d, c->producer_birth_year);
    hash_number(&d, c->adoption_year);
    hash_number(&d, (double)c->survey);
    hash_number(&d, c->declared_ha);
    hash_number(&d, c->accuracy_m);
    for (size_t i = 0; i < c->attributes_n; i++) {
        hash_text(&d, c->attributes[i].name);
        hash_text(&d, c->attributes[i].value);
    }
    digest_end(&d, hash);
}

void identity_code(const unsigned char geometry_hash[IDENTITY_HASH_BYTES], char code[IDENTITY_CODE_MAX])
{
    static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"; /* Crockford; the last five only as check symbol */
    uint64_t bits = 0;
    for (int i = 0; i < 7; i++)
        bits = bits << 8 | geometry_hash[i];
    bits &= (UINT64_C(1) << 50) - 1;
    char digits[11];
    for (int i = 9; i >= 0; i--)
        digits[9 - i] = symbols[bits >> (5 * i) & 31];
    digits[10] = 0;
    snprintf(code, IDENTITY_CODE_MAX, "P-%.5s-%.5s-%c", digits, digits + 5, symbols[bits % 37]);
}

void identity_random(unsigned char bytes[IDENTITY_HASH_BYTES])
{
    randombytes_buf(bytes, IDENTITY_HASH_BYTES);
}

uint64_t identity_key(int64_t programme_id, const char *code)
{
    static const unsigned char key[crypto_shorthash_KEYBYTES] = "parcela plot key";
    unsigned char text[8 + 256];
    size_t length = strnlen(code, 256);
    memcpy(text, &programme_id, 8);
    memcpy(text + 8, code, length);
    unsigned char out[crypto_shorthash_BYTES];
    crypto_shorthash(out, text, 8 + length, key);
    uint64_t hash;
    memcpy(&hash, out, sizeof hash);
    return hash ? hash : 1;
}
