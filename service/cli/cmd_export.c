/* parcela export: current plots into a file. */
#include "service/cli/cli.h"

#include <inttypes.h>

#include "service/registry/export.h"

enum { OPT_PROGRAMME, OPT_PERSONAL, OPTIONS_N };

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "programme"}, {.name = "personal", .flag = true}};
    struct cli_arguments args;
    int exit_code;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    if (args.positional_n != 2)
        return cli_usage(self, "give REGISTRY and FILE");
    struct export_request q = {.registry = args.positional[0], .path = args.positional[1], .programme = cli_value(&options[OPT_PROGRAMME], NULL),
                               .personal = options[OPT_PERSONAL].n > 0, .progress = cli_progress};
    struct error e;
    int64_t plots = 0;
    if (export_plots(&q, &plots, &e) != STATUS_OK)
        return cli_fail(&e, FORMAT_TEXT);
    cli_progress_end();
    struct buf b;
    buf_init(&b, 0);
    buf_printf(&b, "Wrote %" PRId64 " plots to %s.\n", plots, args.positional[1]);
    return cli_print(&b);
}

const struct command command_export = {
    .name = "export",
    .summary = "write the plots to .geojson, .gpkg, .shp, .shp.zip or .csv",
    .help = "parcela export REGISTRY FILE [--programme P] [--personal]\n\n"
            "FILE ends in .geojson (everything known), .gpkg, .shp, .shp.zip or .csv (a flat table; CSV with WKT). An existing file is\n"
            "never overwritten. Names of producers are left out unless --personal is given.\n\n"
            "Examples:\n  parcela export finca parcelas.gpkg\n  parcela export finca miaf.shp.zip --programme MIAF-D",
    .run = run,
};
