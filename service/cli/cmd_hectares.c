/* parcela hectares: totals by anything. */
#include "service/cli/cli.h"

#include <string.h>

#include "service/registry/hectares.h"

enum { OPT_BY, OPT_PROGRAMME, OPT_FORMAT, OPTIONS_N };

/* "municipality,crop" into the query's dimensions; `text` is cut in place. */
static int parse_by(const struct command *self, char *text, struct hectares_query *q)
{
    char *rest = text;
    for (char *word; (word = strsep(&rest, ","));) {
        if (!*word)
            return cli_usage(self, "--by has an empty name");
        if (q->by_n == LIMIT_GROUP_BY)
            return cli_usage(self, "--by takes at most %d names", LIMIT_GROUP_BY);
        q->by[q->by_n++] = word;
    }
    return EXIT_OK;
}

static int print_hectares(const char *registry, const struct hectares_query *q, enum output_format format)
{
    struct store *s = NULL;
    struct error e;
    struct arena a;
    struct hectares h;
    struct buf b;
    arena_init(&a, 0);
    buf_init(&b, 0);
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK && (status = store_snapshot_begin(s, &e)) == STATUS_OK) {
        status = hectares_compute(s, q, &a, &h, &e);
        store_snapshot_end(s);
    }
    store_close(s);
    if (status == STATUS_OK && format == FORMAT_JSON)
        hectares_json(&h, &b);
    else if (status == STATUS_OK && format == FORMAT_CSV)
        hectares_csv(&h, &b);
    else if (status == STATUS_OK)
        hectares_table(&h, &b);
    arena_clear(&a);
    return status == STATUS_OK ? cli_print(&b) : cli_fail(&e, format);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "by"}, {.name = "programme"}, {.name = "format"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TABLE;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    if (!cli_format(self, &options[OPT_FORMAT], "table csv json", &format))
        return EXIT_USAGE;
    if (args.positional_n != 1)
        return cli_usage(self, "give one REGISTRY");
    struct hectares_query q = {.programmes = options[OPT_PROGRAMME].values, .programmes_n = (size_t)options[OPT_PROGRAMME].n};
    char by[512] = "";
    if (strlen(cli_value(&options[OPT_BY], "")) >= sizeof by)
        return cli_usage(self, "--by is too long");
    strcpy(by, cli_value(&options[OPT_BY], ""));
    if (*by && (exit_code = parse_by(self, by, &q)) != EXIT_OK)
        return exit_code;
    return print_hectares(args.positional[0], &q, format);
}

const struct command command_hectares = {
    .name = "hectares",
    .summary = "hectares by municipality, programme, crop, slope class ...",
    .help = "parcela hectares REGISTRY [--by NAME,...] [--programme P]... [--format table|csv|json]\n\n"
            "NAME is a region level of the registry (state, municipality, ...), programme, organisation, crop, practice, year, survey,\n"
            "slope_class or corridor; up to three. A plot across a border is split by area; grouped by crop or practice its hectares\n"
            "count once, under the main one.\n\n"
            "Every line says: hectares (the sum over plots), distinct (ground counted once), counted twice (the difference), and the\n"
            "hectares inside corridors. The printed figures of the groups add up to the total's.\n\n"
            "Examples:\n"
            "  parcela hectares finca\n"
            "  parcela hectares finca --by municipality --programme MIAF-D\n"
            "  parcela hectares finca --by state,year --format csv > hectareas.csv",
    .run = run,
};
