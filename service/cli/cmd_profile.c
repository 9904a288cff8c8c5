/* parcela profile: mapping profiles. */
#include "service/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "service/registry/profiles.h"

enum { OPT_CRS, OPT_ENCODING, OPT_FORMAT, OPT_LANG, OPTIONS_N };

static int save(const char *registry, const char *name, const char *file)
{
    struct error e;
    struct arena a;
    const char *text = NULL;
    size_t n = 0;
    struct buf b;
    arena_init(&a, 0);
    buf_init(&b, 0);
    enum status status = profiles_read_file(file, &a, &text, &n, &e);
    if (status == STATUS_OK)
        status = profiles_save(registry, name, text, n, &e);
    arena_clear(&a);
    if (status != STATUS_OK)
        return cli_fail(&e, FORMAT_TEXT);
    buf_printf(&b, "Profile %s is saved; imports with --programme %s or --profile %s use it.\n", name, name, name);
    return cli_print(&b);
}

static int show(const char *registry, const char *name)
{
    struct store *s = NULL;
    struct error e;
    struct arena a;
    struct store_profile p = {0};
    struct buf b;
    arena_init(&a, 0);
    buf_init(&b, 0);
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = store_profile_get(s, name, &a, &p, &e);
    if (status == STATUS_OK && !p.name)
        status = error_set(&e, STATUS_NOT_FOUND, "profile_not_found", "parcela profile list REGISTRY names those there are", "there is no profile %.60s", name);
    store_close(s);
    if (status == STATUS_OK)
        buf_puts(&b, p.body);
    arena_clear(&a);
    return status == STATUS_OK ? cli_print(&b) : cli_fail(&e, FORMAT_TEXT);
}

static int remove_profile(const char *registry, const char *name)
{
    struct store *s = NULL;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_open(registry, STORE_WRITE, &s, &e);
    if (status == STATUS_OK)
        status = store_profile_remove(s, name, &e);
    store_close(s);
    if (status != STATUS_OK)
        return cli_fail(&e, FORMAT_TEXT);
    buf_printf(&b, "Profile %s is removed.\n", name);
    return cli_print(&b);
}

struct listing {
    struct buf *b;
    bool json;
};

static bool list_one(const struct store_profile *p, void *arg)
{
    struct listing *l = arg;
    if (!l->json) {
        buf_printf(l->b, "%-30s %s\n", p->name, p->saved_at);
        return true;
    }
    buf_json_comma(l->b);
    buf_putc(l->b, '{');
    buf_json_key(l->b, "name");
    buf_json_string(l->b, p->name);
    buf_json_key(l->b, "saved_at");
    buf_json_string(l->b, p->saved_at);
    buf_putc(l->b, '}');
    return true;
}

static int list(const char *registry, enum output_format format)
{
    struct store *s = NULL;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    struct listing l = {&b, format == FORMAT_JSON};
    if (l.json)
        buf_putc(&b, '[');
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = store_each_profile(s, list_one, &l, &e);
    store_close(s);
    if (l.json)
        buf_puts(&b, "]\n");
    else if (!b.length)
        buf_puts(&b, "No profiles yet.\n");
    if (status == STATUS_OK)
        return cli_print(&b);
    buf_clear(&b);
    return cli_fail(&e, format);
}

static int propose(const char *file, const char *crs, const char *encoding)
{
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    if (profiles_propose(file, crs, encoding, &b, &e) == STATUS_OK)
        return cli_print(&b);
    buf_clear(&b);
    return cli_fail(&e, FORMAT_TEXT);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "crs"}, {.name = "encoding"}, {.name = "format"}, {.name = "lang"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    enum finding_lang lang;
    if (!cli_format(self, &options[OPT_FORMAT], "text json", &format) || !cli_lang(self, &options[OPT_LANG], &lang))
        return EXIT_USAGE;
    const char *what = args.positional_n ? args.positional[0] : "", **p = args.positional;
    int n = args.positional_n;
    if (strcmp(what, "save") == 0 && n == 4)
        return save(p[1], p[2], p[3]);
    if (strcmp(what, "show") == 0 && n == 3)
        return show(p[1], p[2]);
    if (strcmp(what, "remove") == 0 && n == 3)
        return remove_profile(p[1], p[2]);
    if (strcmp(what, "list") == 0 && n == 2)
        return list(p[1], format);
    if (strcmp(what, "propose") == 0 && n == 3)
        return propose(p[2], cli_value(&options[OPT_CRS], NULL), cli_value(&options[OPT_ENCODING], NULL));
    return cli_usage(self, "say save REGISTRY NAME FILE, show REGISTRY NAME, list REGISTRY, remove REGISTRY NAME or propose REGISTRY FILE");
}

const struct command command_profile = {
    .name = "profile",
    .summary = "mapping profiles: which column of a programme's files is which field, and what its words mean",
    .help = "parcela profile save REGISTRY NAME FILE\n"
            "parcela profile show REGISTRY NAME\n"
            "parcela profile list REGISTRY [--format text|json]\n"
            "parcela profile remove REGISTRY NAME\n"
            "parcela profile propose REGISTRY FILE [--crs EPSG:n] [--encoding NAME]\n"
            "errors: --lang es|en (else LC_ALL, LC_MESSAGES, LANG)\n\n"
            "A profile is a CSV table that a spreadsheet opens. A line maps a column to a field; a line with a value translates that value\n"
            "of the column (case and accents do not matter; nothing in becomes = it says nothing); a column without a field is kept and\n"
            "feeds none; a ? after the field = the column may be missing:\n\n"
            "  column,field,value,becomes\n"
            "  CLAVE,code,,\n"
            "  FECHA,date(dmy)?,,\n"
            "  SUP,declared_ha(comma),,\n"
            "  CULT_1,crop,,\n"
            "  CULT_1,,milpa de temporal,maize\n"
            "  OBSERVAC,,,\n\n"
            "Fields: see parcela import --help. The headings may also be columna, campo, valor, queda; other columns are for people.\n"
            "propose writes a first one from a file, with sample values; save it under the programme's code and imports of that\n"
            "programme use it.\n\n"
            "Examples:\n"
            "  parcela profile propose finca parcelas.zip > perfil.csv\n"
            "  parcela profile save finca MIAF-D perfil.csv\n"
            "  parcela import finca parcelas.zip --programme MIAF-D --dry-run",
    .run = run,
};
