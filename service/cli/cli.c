/* Options, errors and output of the commands; see cli.h. */
#include "service/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/error_text.h"

int exit_code_of(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_OK;
    case STATUS_USAGE:
        return EXIT_USAGE;
    case STATUS_INVALID:
        return EXIT_INPUT;
    case STATUS_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case STATUS_CONFLICT:
        return EXIT_CONFLICT;
    case STATUS_BUSY:
        return EXIT_BUSY;
    case STATUS_LIMIT:
    case STATUS_IO:
    case STATUS_MEMORY:
        return EXIT_IO;
    case STATUS_CORRUPT:
        return EXIT_CORRUPT;
    case STATUS_CANCELLED:
    case STATUS_INTERNAL:
        break;
    }
    return EXIT_FAULT;
}

/* What --lang said; else what the environment says, the first variable that is set, known or not. */
static const char *lang_given;

static enum finding_lang spoken(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    enum finding_lang lang = FINDING_EN;
    const char *said = lang_given;
    for (size_t i = 0; (!said || !*said) && i < sizeof variables / sizeof *variables; i++)
        said = getenv(variables[i]);
    return said && finding_lang_parse(said, &lang) ? lang : FINDING_EN;
}

int cli_fail(const struct error *e, enum output_format format)
{
    return cli_fail_with(e, format, NULL, NULL);
}

int cli_fail_with(const struct error *e, enum output_format format, const char *json, const char *text)
{
    enum finding_lang lang = spoken();
    struct error_words words;
    cli_progress_end();
    error_in_words(e, lang, &words);
    if (format == FORMAT_JSON) {
        struct buf b;
        buf_init(&b, 0);
        buf_puts(&b, "{\"error\":{");
        buf_json_key(&b, "code");
        buf_json_string(&b, e->code);
        buf_json_key(&b, "message");
        buf_json_string(&b, words.message);
        buf_json_key(&b, "remedy");
        buf_json_string(&b, words.remedy);
        if (json)
            buf_printf(&b, ",%s", json);
        buf_puts(&b, "}}\n");
        cli_print(&b);
    }
    fprintf(stderr, "parcela: %s (%s)\n", words.message, e->code);
    if (text)
        fputs(text, stderr);
    if (words.remedy[0])
        fprintf(stderr, "  %s: %s\n", lang == FINDING_ES ? "qué hacer" : "what to do", words.remedy);
    return exit_code_of(e->status);
}

int cli_usage(const struct command *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "parcela %s: ", c->name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n  see: parcela %s --help\n", c->name);
    va_end(args);
    return EXIT_USAGE;
}

int cli_print(struct buf *b)
{
    bool ok = !b->failed && (!b->length || fwrite(b->bytes, 1, b->length, stdout) == b->length);
    ok = fflush(stdout) == 0 && ok;
    buf_clear(b);
    return ok ? EXIT_OK : EXIT_IO;
}

enum status cli_write(struct buf *b, const char *path, struct error *e)
{
    struct buf part;
    buf_init(&part, 0);
    buf_printf(&part, "%s.part", path);
    FILE *f = part.failed || b->failed ? NULL : fopen(part.bytes, "wbe");
    bool ok = f && (!b->length || fwrite(b->bytes, 1, b->length, f) == b->length);
    ok = f && fflush(f) == 0 && ok;
    if (f && fclose(f) != 0)
        ok = false;
    ok = ok && rename(part.bytes, path) == 0;
    enum status status = ok ? STATUS_OK
                            : error_set(e, STATUS_IO, "output_failed", "Check the folder's rights and space.", "%s cannot be written: %s.", path,
                                        strerror(errno));
    if (f && !ok)
        remove(part.bytes);
    buf_clear(&part);
    buf_clear(b);
    return status;
}

int cli_answer(enum status status, struct buf *b, const char *output, enum output_format format, struct error *e)
{
    if (status == STATUS_OK && !output)
        return cli_print(b);
    if (status == STATUS_OK)
        status = cli_write(b, output, e);
    else
        buf_clear(b);
    return status == STATUS_OK ? EXIT_OK : cli_fail(e, format);
}

static struct cli_option *option_named(struct cli_option *options, int n, const char *name, size_t length)
{
    for (int i = 0; i < n; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

/* One "--name", "--name=value" or "--name value"; how many words it took, 0 after a usage error. */
static int take_option(const struct command *c, int argc, char **argv, int at, struct cli_option *options, int options_n)
{
    const char *name = argv[at] + 2, *equals = strchr(name, '=');
    struct cli_option *o = option_named(options, options_n, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!o) {
        cli_usage(c, "unknown option %s", argv[at]);
        return 0;
    }
    if (o->n == CLI_VALUES_MAX) {
        cli_usage(c, "option --%s is given more than %d times", o->name, CLI_VALUES_MAX);
        return 0;
    }
    if (o->flag ? equals != NULL : !equals && at + 1 >= argc) {
        cli_usage(c, o->flag ? "option --%s takes no value" : "option --%s needs a value", o->name);
        return 0;
    }
    o->values[o->n++] = o->flag ? "" : equals ? equals + 1 : argv[at + 1];
    if (strcmp(o->name, "lang") == 0)
        lang_given = o->values[o->n - 1];
    return o->flag || equals ? 1 : 2;
}

int cli_parse(const struct command *c, int argc, char **argv, struct cli_option *options, int options_n, struct cli_arguments *out,
              int *exit_code)
{
    out->positional = (const char **)argv; /* positionals are moved to the front */
    out->positional_n = 0;
    bool options_ended = false;
    for (int i = 1; i < argc;) {
        if (!options_ended && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            printf("%s\n", c->help);
            *exit_code = EXIT_OK;
            return 1;
        }
        if (!options_ended && strcmp(argv[i], "--") == 0) {
            options_ended = true;
            i++;
        } else if (!options_ended && strncmp(argv[i], "--", 2) == 0) {
            int taken = take_option(c, argc, argv, i, options, options_n);
            if (!taken) {
                *exit_code = EXIT_USAGE;
                return 1;
            }
            i += taken;
        } else {
            out->positional[out->positional_n++] = argv[i++];
        }
    }
    return 0;
}

const char *cli_value(const struct cli_option *o, const char *otherwise)
{
    return o->n ? o->values[o->n - 1] : otherwise;
}

bool cli_format(const struct command *c, const struct cli_option *o, const char *allowed, enum output_format *out)
{
    static const struct {
        const char *name;
        enum output_format format;
    } formats[] = {{"text", FORMAT_TEXT}, {"table", FORMAT_TABLE}, {"json", FORMAT_JSON}, {"csv", FORMAT_CSV}, {"xlsx", FORMAT_XLSX}};
    const char *value = cli_value(o, NULL);
    if (!value)
        return true;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(value, formats[i].name) == 0 && strstr(allowed, value)) {
            *out = formats[i].format;
            return true;
        }
    cli_usage(c, "--format %s is not one of: %s", value, allowed);
    return false;
}

bool cli_table_format(const struct command *c, const struct cli_option *format_option, const struct cli_option *output_option,
                      enum output_format *format, const char **output)
{
    *output = cli_value(output_option, NULL);
    if (!cli_format(c, format_option, "table csv json xlsx", format))
        return false;
    if (*format == FORMAT_XLSX && !*output)
        cli_usage(c, "--format xlsx needs --output FILE");
    return *format != FORMAT_XLSX || *output;
}

bool cli_lang(const struct command *c, const struct cli_option *o, enum finding_lang *out)
{
    const char *value = cli_value(o, NULL);
    *out = spoken();
    if (!value || finding_lang_parse(value, out))
        return true;
    cli_usage(c, "--lang is es or en, not \"%s\"", value);
    return false;
}
