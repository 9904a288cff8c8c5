/* Hashes and codes; see identity.h. */
#include "service/registry/identity.h"

#include <math.h>
#include <sodium.h>
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

/* The ring from its smallest vertex on, without the closing point. */
static void hash_ring(crypto_generichash_state *state, const struct lonlat *points, uint32_t n)
{
    uint32_t distinct = n > 1 ? n - 1 : n, start = 0;
    for (uint32_t i = 1; i < distinct; i++)
        if (grid_compare(grid_of(points[i]), grid_of(points[start])) < 0)
            start = i;
    struct grid_point chunk[64];
    size_t used = 0;
    for (uint32_t i = 0; i < distinct; i++) {
        chunk[used++] = grid_of(points[(start + i) % distinct]);
        if (used == sizeof chunk / sizeof *chunk || i + 1 == distinct) {
            crypto_generichash_update(state, (const unsigned char *)chunk, used * sizeof *chunk);
            used = 0;
        }
    }
    crypto_generichash_update(state, (const unsigned char *)&distinct, sizeof distinct);
}

void identity_geometry(const struct boundary *b, unsigned char hash[IDENTITY_HASH_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IDENTITY_HASH_BYTES);
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t rings = b->part_end[part] - boundary_part_start(b, part);
        crypto_generichash_update(&state, (const unsigned char *)&rings, sizeof rings);
        for (uint32_t ring = boundary_part_start(b, part); ring < b->part_end[part]; ring++) {
            uint32_t from = boundary_ring_start(b, ring);
            hash_ring(&state, b->points + from, b->ring_end[ring] - from);
        }
    }
    crypto_generichash_final(&state, hash, IDENTITY_HASH_BYTES);
}

static void hash_text(crypto_generichash_state *state, const char *text)
{
    uint32_t length = text ? (uint32_t)strlen(text) : UINT32_MAX;
    crypto_generichash_update(state, (const unsigned char *)&length, sizeof length);
    if (text)
        crypto_generichash_update(state, (const unsigned char *)text, length);
}

static void hash_number(crypto_generichash_state *state, double value)
{
    if (isnan(value))
        value = -1e300; /* one NaN for all */
    crypto_generichash_update(state, (const unsigned char *)&value, sizeof value);
}

void identity_content(const struct candidate *c, const unsigned char geometry_hash[IDENTITY_HASH_BYTES],
                      unsigned char hash[IDENTITY_HASH_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IDENTITY_HASH_BYTES);
    crypto_generichash_update(&state, geometry_hash, IDENTITY_HASH_BYTES);
    if (c->source_wkb)
        crypto_generichash_update(&state, c->source_wkb, c->source_wkb_n);
    const char *const fields[] = {c->code, c->name, c->programme, c->organisation, c->producer_code, c->producer_name, c->observed_date};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        hash_text(&state, fields[i]);
    for (int i = 0; i < c->crops_n; i++)
        hash_text(&state, c->crops[i]);
    for (int i = 0; i < c->practices_n; i++)
        hash_text(&state, c->practices[i]);
    hash_number(&state, c->crops_n);
    hash_number(&state, c->practices_n);
    hash_number(&state, c->producer_gender);
    hash_number(&state, c->producer_birth_year);
    hash_number(&state, c->adoption_year);
    hash_number(&state, (double)c->survey);
    hash_number(&state, c->declared_ha);
    hash_number(&state, c->accuracy_m);
    for (size_t i = 0; i < c->attributes_n; i++) {
        hash_text(&state, c->attributes[i].name);
        hash_text(&state, c->attributes[i].value);
    }
    crypto_generichash_final(&state, hash, IDENTITY_HASH_BYTES);
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
