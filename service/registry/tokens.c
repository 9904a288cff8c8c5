/* Making, checking and ending tokens; see tokens.h. */
#include "service/registry/tokens.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The word in front lets a scanner find a token that was left in a file. */
static const char PREFIX[] = "parcela_";
enum { SECRET_BYTES = 32, PREFIX_N = sizeof PREFIX - 1, LETTERS_N = 43 };
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static const char *const ROLES[] = {"none", "viewer", "editor", "admin"};

enum token_role token_role_parse(const char *text)
{
    for (int i = TOKEN_VIEWER; i <= TOKEN_ADMIN; i++)
        if (strcmp(text, ROLES[i]) == 0)
            return (enum token_role)i;
    return TOKEN_NONE;
}

const char *token_role_name(enum token_role role)
{
    return ROLES[role];
}

static void moment(time_t t, char out[24])
{
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void hash_of(const unsigned char secret[SECRET_BYTES], unsigned char out[TOKEN_HASH_BYTES])
{
    crypto_generichash(out, TOKEN_HASH_BYTES, secret, SECRET_BYTES, NULL, 0);
}

enum status token_add(const char *registry, enum token_role role, const char *name, int days,
                      int64_t *id, char out[TOKEN_TEXT_MAX], struct error *e)
{
    unsigned char secret[SECRET_BYTES];
    char expires[24];
    struct store_token t = {.role = token_role_name(role), .name = name};
    struct store *s;
    if (days) {
        moment(time(NULL) + (time_t)days * 86400, expires);
        t.expires_at = expires;
    }
    randombytes_buf(secret, sizeof secret);
    hash_of(secret, t.hash);
    memcpy(out, PREFIX, PREFIX_N);
    sodium_bin2base64(out + PREFIX_N, TOKEN_TEXT_MAX - PREFIX_N, secret, sizeof secret, VARIANT);
    sodium_memzero(secret, sizeof secret);
    enum status status = store_open(registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = store_token_add(s, &t, id, e);
    if (status != STATUS_OK)
        sodium_memzero(out, TOKEN_TEXT_MAX);
    store_close(s);
    return status;
}

enum status token_revoke(const char *registry, int64_t id, struct error *e)
{
    struct store *s;
    enum status status = store_open(registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = store_token_revoke(s, id, e);
    store_close(s);
    return status;
}

/* ---- checking ---- */

struct looking {
    unsigned char hash[TOKEN_HASH_BYTES];
    char now[24];
    struct token_holder *out;
};

static bool look(const struct store_token *t, void *arg)
{
    struct looking *l = arg;
    if (sodium_memcmp(t->hash, l->hash, sizeof l->hash) == 0 && !t->revoked_at &&
        (!t->expires_at || strcmp(l->now, t->expires_at) < 0))
        *l->out = (struct token_holder){.id = t->id,
                                        .role = token_role_parse(t->role),
                                        .used_today =
                                            t->last_used && strncmp(t->last_used, l->now, 10) == 0};
    return true; /* to the end, whatever was found */
}

enum status token_check(struct store *s, const char *text, struct token_holder *out,
                        struct error *e)
{
    unsigned char secret[SECRET_BYTES];
    struct looking l = {.out = out};
    size_t n = 0;
    const char *end = NULL;
    *out = (struct token_holder){.role = TOKEN_NONE};
    if (strlen(text) != PREFIX_N + LETTERS_N || memcmp(text, PREFIX, PREFIX_N) != 0 ||
        sodium_base642bin(secret, sizeof secret, text + PREFIX_N, LETTERS_N, NULL, &n, &end,
                          VARIANT) != 0 ||
        n != SECRET_BYTES || *end)
        return STATUS_OK;
    hash_of(secret, l.hash);
    sodium_memzero(secret, sizeof secret);
    moment(time(NULL), l.now);
    return store_each_token(s, look, &l, e);
}

enum status token_note_use(const char *registry, int64_t id, struct error *e)
{
    struct store *s;
    char now[24];
    moment(time(NULL), now);
    now[10] = 0;
    enum status status = store_open(registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = store_token_used(s, id, now, e);
    store_close(s);
    return status;
}
