/* Bearer tokens: 32 random bytes that are shown once; the registry keeps their BLAKE2b hash, a role
 * and an end. */
#ifndef SERVICE_REGISTRY_TOKENS_H
#define SERVICE_REGISTRY_TOKENS_H

#include "service/store/store.h"

/* Each may all that the ones before it may. */
enum token_role { TOKEN_NONE, TOKEN_VIEWER, TOKEN_EDITOR, TOKEN_ADMIN };

enum {
    TOKEN_TEXT_MAX = 64, /* "parcela_" and 43 letters of base64url, with its NUL */
    TOKEN_NAME_MAX = 80,
    TOKEN_DAYS_MAX = 3650
};

/* TOKEN_NONE for a word that is no role. */
enum token_role token_role_parse(const char *text);
const char *token_role_name(enum token_role role);

/* Makes a token and stores its hash; the text is in `out` and nowhere else. days 0 = without end.
 * Takes the write lock. */
enum status token_add(const char *registry, enum token_role role, const char *name, int days,
                      int64_t *id, char out[TOKEN_TEXT_MAX], struct error *e) MUST_USE;
enum status token_revoke(const char *registry, int64_t id, struct error *e) MUST_USE;

struct token_holder {
    int64_t id; /* 0 = no such token */
    enum token_role role;
    bool used_today; /* the store knows already */
};
/* Who a token belongs to, read anew each time, so that a revocation counts at once. *out has id 0
 * and TOKEN_NONE for one that is unknown, ended or revoked, without telling which. Every stored
 * hash is compared in full: the time taken does not depend on how much of a guess is right. Needs a
 * STORE_READ handle. */
enum status token_check(struct store *s, const char *text, struct token_holder *out,
                        struct error *e) MUST_USE;
/* Notes that a token was used today. Takes the write lock for an instant: STATUS_BUSY is no harm.
 */
enum status token_note_use(const char *registry, int64_t id, struct error *e) MUST_USE;

#endif
