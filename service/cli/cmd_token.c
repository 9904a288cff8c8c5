/* parcela token: add, list, revoke. */
#include "service/cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/registry/tokens.h"

static bool is_plain(const char *text)
{
    if (strlen(text) > TOKEN_NAME_MAX)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static int add(const char *registry, enum token_role role, const char *name, int days,
               enum output_format format)
{
    struct error e;
    int64_t id;
    char text[TOKEN_TEXT_MAX];
    if (token_add(registry, role, name, days, &id, text, &e) != STATUS_OK)
        return cli_fail(&e, format);
    struct buf b;
    buf_init(&b, 0);
    if (format == FORMAT_JSON)
        buf_printf(&b, "{\"id\":%" PRId64 ",\"role\":\"%s\",\"token\":\"%s\"}\n", id,
                   token_role_name(role), text);
    else
        buf_printf(&b,
                   "Token %" PRId64
                   " (%s), shown this once:\n\n  %s\n\nSend it as: Authorization: Bearer TOKEN\n",
                   id, token_role_name(role), text);
    return cli_print(&b);
}

static bool list_json(const struct store_token *t, void *arg)
{
    buf_json_comma(arg);
    buf_printf(arg, "{\"id\":%" PRId64 ",\"role\":\"%s\"", t->id, t->role);
    buf_json_key(arg, "name");
    buf_json_string(arg, t->name);
    buf_json_key(arg, "created_at");
    buf_json_string(arg, t->created_at);
    buf_json_key(arg, "expires_at");
    buf_json_string(arg, t->expires_at);
    buf_json_key(arg, "revoked_at");
    buf_json_string(arg, t->revoked_at);
    buf_json_key(arg, "last_used");
    buf_json_string(arg, t->last_used);
    buf_putc(arg, '}');
    return true;
}

static bool list_text(const struct store_token *t, void *arg)
{
    buf_printf(arg, "%4" PRId64 "  %-6s  made %.10s  ends %-10.10s  last used %-10s  %s%s\n", t->id,
               t->role, t->created_at, t->expires_at ? t->expires_at : "never",
               t->last_used ? t->last_used : "never", t->revoked_at ? "REVOKED  " : "", t->name);
    return true;
}

static int list(const char *registry, enum output_format format)
{
    struct store *s;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    if (format == FORMAT_JSON)
        buf_putc(&b, '[');
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = store_each_token(s, format == FORMAT_JSON ? list_json : list_text, &b, &e);
    store_close(s);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return cli_fail(&e, format);
    }
    if (format == FORMAT_JSON)
        buf_puts(&b, "]\n");
    else if (!b.length)
        buf_puts(&b, "No tokens yet.\n");
    return cli_print(&b);
}

static int revoke(const char *registry, int64_t id, enum output_format format)
{
    struct error e;
    if (token_revoke(registry, id, &e) != STATUS_OK)
        return cli_fail(&e, format);
    struct buf b;
    buf_init(&b, 0);
    if (format == FORMAT_JSON)
        buf_printf(&b, "{\"revoked\":%" PRId64 "}\n", id);
    else
        buf_printf(&b, "Token %" PRId64 " opens nothing any more.\n", id);
    return cli_print(&b);
}

/* A whole number from 1 to max, 0 for anything else. */
static int64_t number(const char *text, int64_t max)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    return *text >= '1' && *text <= '9' && !*end && n <= max ? n : 0;
}

enum { OPT_ROLE, OPT_NAME, OPT_EXPIRES, OPT_FORMAT, OPTIONS_N };

static int run_add(const struct command *self, const char *registry,
                   const struct cli_option *options, enum output_format format)
{
    enum token_role role = token_role_parse(cli_value(&options[OPT_ROLE], ""));
    const char *name = cli_value(&options[OPT_NAME], ""),
               *expires = cli_value(&options[OPT_EXPIRES], NULL);
    int days = expires ? (int)number(expires, TOKEN_DAYS_MAX) : 0;
    if (role == TOKEN_NONE)
        return cli_usage(self, "give --role viewer, editor or admin");
    if (expires && !days)
        return cli_usage(self, "--expires takes a number of days from 1 to %d", TOKEN_DAYS_MAX);
    if (!is_plain(name))
        return cli_usage(self, "--name takes at most %d bytes without control characters",
                         TOKEN_NAME_MAX);
    return add(registry, role, name, days, format);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {
        {.name = "role"}, {.name = "name"}, {.name = "expires"}, {.name = "format"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    if (!cli_format(self, &options[OPT_FORMAT], "text json", &format))
        return EXIT_USAGE;
    const char *what = args.positional_n > 0 ? args.positional[0] : "";
    bool adds = strcmp(what, "add") == 0,
         others = options[OPT_ROLE].n || options[OPT_NAME].n || options[OPT_EXPIRES].n;
    if (others && !adds)
        return cli_usage(self, "--role, --name and --expires belong to token add");
    if (adds && args.positional_n == 2)
        return run_add(self, args.positional[1], options, format);
    if (strcmp(what, "list") == 0 && args.positional_n == 2)
        return list(args.positional[1], format);
    int64_t id = args.positional_n == 3 ? number(args.positional[2], INT64_MAX) : 0;
    if (strcmp(what, "revoke") == 0 && id)
        return revoke(args.positional[1], id, format);
    return cli_usage(self, "say add REGISTRY, list REGISTRY or revoke REGISTRY N");
}

const struct command command_token = {
    .name = "token",
    .summary = "make, list or revoke the tokens that open more over HTTP",
    .help = "parcela token add REGISTRY --role viewer|editor|admin [--name TEXT] [--expires DAYS] "
            "[--format text|json]\n"
            "parcela token list REGISTRY [--format text|json]\n"
            "parcela token revoke REGISTRY N [--format text|json]\n\n"
            "A token is sent with each request as \"Authorization: Bearer TOKEN\". It is shown "
            "once; the registry keeps only its hash.\n\n"
            "  viewer   single plots, on any address (on this machine everyone is a viewer without "
            "a token)\n"
            "  editor   uploads, commits and undoes imports, and sees their findings\n"
            "  admin    all that an editor may\n\n"
            "  --name TEXT     a note on whose it is, shown by list\n"
            "  --expires DAYS  ends by itself after 1 to 3650 days (else never)\n\n"
            "A revoked token opens nothing from the next request on.\n\n"
            "Examples:\n"
            "  parcela token add finca --role editor --name \"oficina Tuxtla\" --expires 90\n"
            "  parcela token list finca\n"
            "  parcela token revoke finca 1",
    .run = run,
};
