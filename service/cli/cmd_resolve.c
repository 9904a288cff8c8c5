/* parcela resolve: deciding a held row. */
#include "service/cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "service/registry/resolve.h"

enum { OPT_ACCEPT, OPT_FILE, OPT_FORMAT, OPT_LANG, OPTIONS_N };

static bool number(const char *text, int64_t *out)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return end != text && !*end && *out > 0;
}

static int resolve(const struct resolve_request *q, enum finding_lang lang, enum output_format format)
{
    struct import_report report;
    struct error e;
    if (resolve_run(q, &report, &e) != STATUS_OK)
        return cli_fail(&e, format);
    struct buf b;
    buf_init(&b, 0);
    report.lang = lang;
    bool drop = strcmp(q->accept, "drop") == 0;
    if (drop && format == FORMAT_JSON)
        buf_printf(&b, "{\"import\":null,\"dropped\":{\"import\":%" PRId64 ",\"row\":%" PRIu64 "}}\n", q->import_id, q->row);
    else if (drop)
        buf_printf(&b, "Row %" PRIu64 " of import %" PRId64 " is dropped; it stays in the import's history.\n", q->row, q->import_id);
    else if (format == FORMAT_JSON)
        import_report_json(&report, &b);
    else
        import_report_text(&report, &b);
    import_report_clear(&report);
    return cli_print(&b);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "accept"}, {.name = "file"}, {.name = "format"}, {.name = "lang"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    enum finding_lang lang;
    if (!cli_format(self, &options[OPT_FORMAT], "text json", &format) || !cli_lang(self, &options[OPT_LANG], &lang))
        return EXIT_USAGE;
    int64_t import_id, row;
    if (args.positional_n != 3 || !number(args.positional[1], &import_id) || !number(args.positional[2], &row))
        return cli_usage(self, "give REGISTRY, the number of an import and the number of a row");
    if (!options[OPT_ACCEPT].n)
        return cli_usage(self, "say --accept linework, structure, original or drop");
    struct resolve_request q = {.registry = args.positional[0], .import_id = import_id, .row = (uint64_t)row,
                                .file = cli_value(&options[OPT_FILE], NULL), .accept = cli_value(&options[OPT_ACCEPT], NULL)};
    return resolve(&q, lang, format);
}

const struct command command_resolve = {
    .name = "resolve",
    .summary = "decide a held row: take one of its boundaries, or drop it",
    .help = "parcela resolve REGISTRY IMPORT ROW --accept linework|structure|original|drop [--file NAME] [--lang es|en] [--format text|json]\n\n"
            "parcela imports REGISTRY held lists the rows that wait, with both areas and the spot.\n\n"
            "  --accept linework   the repair that keeps every crossing line as a border\n"
            "  --accept structure  the repair that takes rings as shells and holes\n"
            "  --accept original   the boundary as it stood in the file, when it is valid and was held for another reason\n"
            "  --accept drop       no plot; the row stays in the import's history and may be decided anew\n"
            "  --file NAME         which file, when rows of several have this number\n\n"
            "The plot is computed and stored as an import of its own: reverting that import opens the row again. Importing a corrected\n"
            "boundary with the same programme and code closes a held row as well.\n\n"
            "Examples:\n  parcela resolve finca 3 118 --accept structure\n  parcela resolve finca 3 120 --accept drop",
    .run = run,
};
