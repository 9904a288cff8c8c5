/* Errors as application/problem+json (RFC 9457): what went wrong and what to do, and nothing of how
 * the server is made. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "importers/error_text.h"
#include "service/api/internal.h"

int problem_http(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return 200;
    case STATUS_USAGE:
    case STATUS_INVALID:
    case STATUS_LIMIT:
        return 400;
    case STATUS_NOT_FOUND:
        return 404;
    case STATUS_CONFLICT:
        return 409;
    case STATUS_BUSY:
    case STATUS_MEMORY:
    case STATUS_CANCELLED:
        return 503;
    case STATUS_IO:
    case STATUS_CORRUPT:
    case STATUS_INTERNAL:
        break;
    }
    return 500;
}

/* Whether one more line may go to the log: a broken disk under load must not fill another one.
 * *left_out gets the number of lines that were not written before it. */
static bool may_log(unsigned *left_out)
{
    enum { LINES_PER_SECOND = 10 };
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static time_t second;
    static unsigned lines, dropped;
    pthread_mutex_lock(&lock);
    time_t now = time(NULL);
    if (now != second) {
        second = now;
        lines = 0;
    }
    bool may = lines < LINES_PER_SECOND;
    *left_out = may ? dropped : 0;
    dropped = may ? 0 : dropped + 1;
    lines += may;
    pthread_mutex_unlock(&lock);
    return may;
}

/* One line per event, whatever the message holds. */
static void log_failure(const struct error *e)
{
    char line[sizeof e->message];
    unsigned left_out;
    if (!may_log(&left_out))
        return;
    snprintf(line, sizeof line, "%s", e->message);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            *p = ' ';
    if (left_out)
        fprintf(stderr, "parcela: serve: %u more failures not listed\n", left_out);
    fprintf(stderr, "parcela: serve: %s: %s\n", e->code, line);
}

static void begin(struct buf *b, int http, const struct error *e, enum finding_lang lang)
{
    struct error_words words;
    error_in_words(e, lang, &words);
    buf_puts(b, "{\"type\":\"about:blank\",");
    buf_json_key(b, "title");
    buf_json_string(b, http_reason(http));
    buf_json_key(b, "status");
    buf_int(b, http);
    buf_json_key(b, "detail");
    buf_json_string(b, words.message);
    buf_json_key(b, "code");
    buf_json_string(b, e->code);
    buf_json_key(b, "remedy");
    buf_json_string(b, words.remedy);
}

static struct http_reply *end(struct buf *b, int http)
{
    buf_puts(b, "}\n");
    struct http_reply *r = http_reply_new(http);
    http_reply_buf(r, "application/problem+json", b);
    http_reply_header(r, "Access-Control-Allow-Origin", "*");
    http_reply_header(r, "Cache-Control", "no-store");
    http_reply_header(r, "Content-Security-Policy", "default-src 'none'");
    if (http == 503)
        http_reply_header(r, "Retry-After", "1");
    return r;
}

static struct http_reply *reply_in(int http, const struct error *e, enum finding_lang lang)
{
    struct error shown = *e;
    /* "too_busy" is the server's own word; other 5xx may speak of files, SQL or libraries: for the
     * log only. */
    if (http >= 500 && http != 505 && strcmp(e->code, "too_busy") &&
        strcmp(e->code, "no_uploads")) {
        log_failure(e);
        error_set(&shown, e->status, http == 503 ? "unavailable" : "internal",
                  http == 503 ? "ask again in a moment"
                              : "tell the operator; the server's log says more",
                  http == 503 ? "the registry cannot answer at the moment"
                              : "the server could not make this answer");
    }
    struct buf b;
    buf_init(&b, 0);
    begin(&b, http, &shown, lang);
    return end(&b, http);
}

struct http_reply *problem_reply(int http, const struct error *e, const struct http_request *q)
{
    return reply_in(http, e, api_reader_lang(q));
}

struct http_reply *problem_refuse(int http, const struct error *e, const char *accept_language)
{
    return reply_in(http, e, api_accepted_lang(accept_language));
}

struct http_reply *problem_unknown_parameters(const struct http_request *q,
                                              const struct api_resource *resource)
{
    struct error e;
    error_set(&e, STATUS_USAGE, "unknown_parameter",
              "use only the parameters listed under \"allowed\"",
              "this resource does not know every parameter that was given");
    struct buf b;
    buf_init(&b, 0);
    begin(&b, 400, &e, api_reader_lang(q));
    buf_json_key(&b, "parameters");
    buf_putc(&b, '[');
    for (int i = 0; i < q->target.arguments_n; i++) {
        bool known = false;
        for (int j = 0; j < API_PARAMETERS_MAX && resource->parameters[j]; j++)
            known |= !strcmp(q->target.argument[i].name, resource->parameters[j]);
        if (!known) {
            buf_json_comma(&b);
            buf_json_string(&b, q->target.argument[i].name);
        }
    }
    buf_putc(&b, ']');
    buf_json_key(&b, "allowed");
    buf_putc(&b, '[');
    for (int j = 0; j < API_PARAMETERS_MAX && resource->parameters[j]; j++) {
        buf_json_comma(&b);
        buf_json_string(&b, resource->parameters[j]);
    }
    buf_putc(&b, ']');
    return end(&b, 400);
}

struct http_reply *problem_unauthorized(bool token_sent, const struct http_request *q)
{
    struct error e;
    if (token_sent)
        error_set(&e, STATUS_USAGE, "bad_token", "ask for a new one: parcela token add",
                  "the token is not known here, has ended or was revoked");
    else
        error_set(&e, STATUS_USAGE, "token_needed",
                  "send Authorization: Bearer TOKEN (parcela token add), or open it on the machine "
                  "itself, with "
                  "the server bound to 127.0.0.1, for what a viewer may see",
                  "this is not public");
    struct http_reply *r = problem_reply(401, &e, q);
    http_reply_header(r, "WWW-Authenticate",
                      token_sent ? "Bearer realm=\"parcela\", error=\"invalid_token\""
                                 : "Bearer realm=\"parcela\"");
    return r;
}

struct http_reply *problem_forbidden(enum token_role needed, const struct http_request *q)
{
    struct error e;
    error_set(&e, STATUS_USAGE, "role_too_low", "ask for a token of that role",
              "this needs the role %s", token_role_name(needed));
    return problem_reply(403, &e, q);
}
