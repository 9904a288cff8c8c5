/* parcela milpa: rows, trees and the ratio of soil loss for milpa between fruit trees. */
#include "service/cli/cli.h"

#include <string.h>

#include "service/registry/milpa_report.h"

enum { OPT_PROGRAMME, OPT_WHERE, OPT_FORMAT, OPT_OUTPUT, OPT_PARAMETERS, OPTIONS_N = 16 };

static int print_report(const char *registry, const struct milpa_query *q, enum output_format format, const char *output)
{
    struct store *s = NULL;
    struct error e;
    struct milpa_report r = {0};
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK && (status = store_snapshot_begin(s, &e)) == STATUS_OK) {
        status = milpa_report_make(s, q, &r, &e);
        store_snapshot_end(s);
    }
    store_close(s);
    if (status == STATUS_OK && format == FORMAT_JSON)
        milpa_report_json(&r, &b);
    else if (status == STATUS_OK && format == FORMAT_CSV)
        milpa_report_csv(&r, &b);
    else if (status == STATUS_OK && format == FORMAT_XLSX)
        status = milpa_report_xlsx(&r, &b, &e);
    else if (status == STATUS_OK)
        milpa_report_table(&r, &b);
    milpa_report_clear(&r);
    return cli_answer(status, &b, output, format, &e);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "programme"}, {.name = "where"}, {.name = "format"}, {.name = "output"},
                                            {.name = "slope-length-m"}, {.name = "tree-spacing-m"}, {.name = "ls"}, {.name = "r-region"},
                                            {.name = "rain-mm"}, {.name = "r"}, {.name = "k"}, {.name = "c"}, {.name = "p"}, {.name = "c-after"},
                                            {.name = "p-after"}, {.name = "tolerable"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TABLE;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    const char *output;
    if (!cli_table_format(self, &options[OPT_FORMAT], &options[OPT_OUTPUT], &format, &output))
        return EXIT_USAGE;
    if (args.positional_n < 1 || args.positional_n > 2)
        return cli_usage(self, "give REGISTRY and, if wanted, a plot's code");
    struct milpa_query q;
    struct error e;
    milpa_query_init(&q);
    q.plot = args.positional_n == 2 ? args.positional[1] : NULL;
    q.programme = cli_value(&options[OPT_PROGRAMME], NULL);
    q.where = cli_value(&options[OPT_WHERE], NULL);
    if (q.plot && q.where)
        return cli_usage(self, "give a plot or --where, not both");
    for (int i = OPT_PARAMETERS; i < OPTIONS_N; i++)
        if (options[i].n && milpa_query_set(&q, options[i].name, cli_value(&options[i], ""), &e) != STATUS_OK)
            return cli_fail(&e, format);
    return print_report(args.positional[0], &q, format, output);
}

const struct command command_milpa = {
    .name = "milpa",
    .summary = "plan milpa between fruit trees: rows, trees, ratio of soil loss",
    .help = "parcela milpa REGISTRY [PLOT | --where CONDITION] [--programme P] [--format table|csv|json|xlsx] [--output FILE]\n"
            "                       [--slope-length-m 50] [--tree-spacing-m 1] [--ls rusle|usle1978|nearing1997]\n"
            "                       [--r-region 5 --rain-mm 1400 | --r R] [--k K --c C] [--p P] [--c-after C] [--p-after P] [--tolerable 10]\n\n"
            "For each plot: hectares under and over 20 % of slope, metres of contour row (modules of 14.5 m under 20 %, of 10.6 m above),\n"
            "trees (1 m apart), the factor LS before and after, and the ratio of soil loss after / before with its 90 % interval. The rule is\n"
            "CIMMYT's (2025). Slopes come from the terrain, cell by cell, whatever slope classes the registry uses.\n\n"
            "  --slope-length-m L   unbroken slope length before, horizontal; measured. Left out: 50 m (25 to 100), a proposal\n"
            "  --tree-spacing-m D   between trees on the contour\n"
            "  --ls EQUATION        rusle (default), usle1978, nearing1997; the interval of the ratio spans all\n\n"
            "With R, K and C there are estimates of soil loss in t/ha/yr, with 90 % intervals (a factor of three or more up or down is\n"
            "usual), and a verdict against the tolerable loss: within, over, or undecided where the interval holds it.\n\n"
            "  --r-region N --rain-mm P   R by the equation of one of the 14 rain regions (Cortes 1991; 1 to 14 or I to XIV) and the yearly rain\n"
            "  --r R                      or R itself, MJ mm/(ha h yr)\n"
            "  --k K                      erodibility, t h/(MJ mm): 0.007 to 0.079 in the FAO 1980 table\n"
            "  --c C, --p P               cover (maize 0.54 to 0.80, with residue 0.10 to 0.20) and practice (default 1) before\n"
            "  --c-after C, --p-after P   after; left out: as before\n"
            "  --tolerable T              t/ha/yr, default 10\n\n"
            "Examples:\n"
            "  parcela milpa finca MIAF-0007\n"
            "  parcela milpa finca --where \"practice = 'MIAF' AND slope_mean_pct > 20\" --format xlsx --output plan.xlsx\n"
            "  parcela milpa finca --programme MIAF-D --r-region 11 --rain-mm 1400 --k 0.026 --c 0.62 --c-after 0.15",
    .run = run,
};
