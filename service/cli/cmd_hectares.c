/* parcela hectares: totals by anything. */
#include "service/cli/cli.h"

#include <string.h>

#include "service/registry/hectares.h"

enum { OPT_BY, OPT_PROGRAMME, OPT_FORMAT, OPT_WHERE, OPT_AS_OF, OPT_OUTPUT, OPTIONS_N };

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

static int print_hectares(const char *registry, const struct hectares_query *q, enum output_format format, const char *output)
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
    else if (status == STATUS_OK && format == FORMAT_XLSX)
        status = hectares_xlsx(&h, &b, &e);
    else if (status == STATUS_OK)
        hectares_table(&h, &b);
    arena_clear(&a);
    return cli_answer(status, &b, output, format, &e);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "by"}, {.name = "programme"}, {.name = "format"}, {.name = "where"}, {.name = "as-of"}, {.name = "output"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TABLE;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    const char *output;
    if (!cli_table_format(self, &options[OPT_FORMAT], &options[OPT_OUTPUT], &format, &output))
        return EXIT_USAGE;
    if (args.positional_n != 1)
        return cli_usage(self, "give one REGISTRY");
    struct hectares_query q = {.programmes = options[OPT_PROGRAMME].values, .programmes_n = (size_t)options[OPT_PROGRAMME].n,
                               .where = cli_value(&options[OPT_WHERE], NULL), .as_of = cli_value(&options[OPT_AS_OF], NULL)};
    char by[512] = "";
    if (strlen(cli_value(&options[OPT_BY], "")) >= sizeof by)
        return cli_usage(self, "--by is too long");
    strcpy(by, cli_value(&options[OPT_BY], ""));
    if (*by && (exit_code = parse_by(self, by, &q)) != EXIT_OK)
        return exit_code;
    return print_hectares(args.positional[0], &q, format, output);
}

const struct command command_hectares = {
    .name = "hectares",
    .summary = "hectares by municipality, programme, crop, slope class ...",
    .help = "parcela hectares REGISTRY [--by NAME,...] [--programme P]... [--where CONDITION] [--as-of DATE]\n"
            "                          [--format table|csv|json|xlsx] [--output FILE]\n\n"
            "NAME is a region level of the registry (state, municipality, ...), programme, organisation, crop, practice, year, survey, status\n"
            "(measured, repaired), slope_class, corridor (inside, outside) or corridor_name; any three together. Ground in several\n"
            "corridors is a line of its own (\"A + B\"), so that lines add up. A plot across a border is split by area; grouped by crop or practice its hectares\n"
            "count once, under the main one.\n\n"
            "--where takes CQL2 text: = <> < <= > >=, BETWEEN, IN, LIKE, IS NULL, AND, OR, NOT, parentheses, over the properties\n"
            "programme, organisation, crop, practice, year, survey, code, hectares, declared_ha, slope_mean_pct, slope_p90_pct,\n"
            "slope_max_pct, slope_class, corridor ('inside', 'edge', 'outside'), corridor_hectares, repaired (TRUE, FALSE), and the\n"
            "region levels by key. It chooses whole plots: crop and practice look at all of the plot's, municipality = '07059' takes\n"
            "plots with a part there (add --by municipality to split them). What is not stated is found by IS NULL only.\n\n"
            "--as-of takes 2026-03-31 (the end of that day, UTC) or 2026-03-31T18:00:00Z and answers from the history: the plots that\n"
            "counted then. What was undone by a revert never counted. Plots that still count carry today's regions, corridors and slope.\n\n"
            "xlsx is a workbook with a second sheet that says the question, the units, the layers and editions, and how to ask again.\n\n"
            "Every line says: hectares (the sum over plots), distinct (ground counted once), counted twice (the difference), and the\n"
            "hectares inside corridors. The printed figures of the groups add up to the total's.\n\n"
            "Examples:\n"
            "  parcela hectares finca\n"
            "  parcela hectares finca --by municipality --programme MIAF-D\n"
            "  parcela hectares finca --by municipality --where \"practice = 'MIAF' AND slope_mean_pct > 20\" --as-of 2026-03-31\n"
            "  parcela hectares finca --by state,year --format csv > hectareas.csv",
    .run = run,
};
