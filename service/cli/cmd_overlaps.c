/* parcela overlaps: pairs of plots that share ground. */
#include "service/cli/cli.h"

#include <math.h>
#include <stdlib.h>

#include "service/registry/overlaps.h"

enum { OPT_PROGRAMME, OPT_MIN, OPT_CLASS, OPT_FORMAT, OPTIONS_N };

static int print_overlaps(const char *registry, const struct overlaps_query *q, enum output_format format)
{
    struct store *s = NULL;
    struct error e;
    struct overlaps o = {0};
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_open(registry, STORE_READ, &s, &e);
    if (status == STATUS_OK && (status = store_snapshot_begin(s, &e)) == STATUS_OK) {
        status = overlaps_compute(s, q, &o, &e);
        store_snapshot_end(s);
    }
    store_close(s);
    if (status != STATUS_OK)
        return cli_fail(&e, format);
    if (format == FORMAT_JSON)
        overlaps_json(&o, &b);
    else if (format == FORMAT_CSV)
        overlaps_csv(&o, &b);
    else
        overlaps_table(&o, &b);
    overlaps_clear(&o);
    return cli_print(&b);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "programme"}, {.name = "min-hectares"}, {.name = "class"}, {.name = "format"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TABLE;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    if (!cli_format(self, &options[OPT_FORMAT], "table csv json", &format))
        return EXIT_USAGE;
    if (args.positional_n != 1)
        return cli_usage(self, "give one REGISTRY");
    struct overlaps_query q = {.programme = cli_value(&options[OPT_PROGRAMME], NULL), .class = OVERLAP_CLASSES_N};
    const char *class = cli_value(&options[OPT_CLASS], NULL), *least = cli_value(&options[OPT_MIN], NULL);
    if (class && (q.class = overlap_class_parse(class)) == OVERLAP_CLASSES_N)
        return cli_usage(self, "--class is duplicate, resurvey, neighbour, claimed_twice or partial, not \"%s\"", class);
    char *end = NULL;
    if (least && ((q.min_ha = strtod(least, &end)), end == least || *end || !isfinite(q.min_ha) || q.min_ha < 0))
        return cli_usage(self, "--min-hectares takes a number, not \"%s\"", least);
    return print_overlaps(args.positional[0], &q, format);
}

const struct command command_overlaps = {
    .name = "overlaps",
    .summary = "pairs of plots that share ground: duplicates, claims of two programmes",
    .help = "parcela overlaps REGISTRY [--programme P] [--min-hectares X] [--class CLASS] [--format table|csv|json]\n\n"
            "Lists every pair of current plots that share ground, largest first: hectares, share of each plot, IoU (shared over joint\n"
            "area), a spot in it, and what it is likely to be, given how exact a walked boundary is:\n\n"
            "  duplicate      one programme, IoU 0.95 and more: one boundary twice\n"
            "  resurvey       one programme, as alike as two walks of one plot are at that size and accuracy\n"
            "  neighbour      a strip along a common border whose mean width is no more than two standard errors of a vertex (3 m\n"
            "                 where the plots do not tell theirs)\n"
            "  claimed_twice  two programmes, more than such a strip\n"
            "  partial        one programme, more than a strip and less than the same plot\n\n"
            "  --programme P      pairs with a plot of this programme\n"
            "  --min-hectares X   pairs that share at least X hectares\n"
            "  --class CLASS      one of the above\n\n"
            "Examples:\n"
            "  parcela overlaps finca --class claimed_twice\n"
            "  parcela overlaps finca --programme MIAF-D --min-hectares 0.05 --format csv > traslapes.csv",
    .run = run,
};
