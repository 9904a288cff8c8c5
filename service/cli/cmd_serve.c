/* parcela serve: the map, tiles and hectares over HTTP. */
#include "service/cli/cli.h"

#include <stdio.h>

#include "service/api/api.h"

static void print_ready(const char *url, void *registry)
{
    printf("Serving %s at %s\n", (const char *)registry, url);
    fflush(stdout);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[] = {{.name = "listen"}, {.name = "host"}};
    struct cli_arguments args;
    int exit_code;
    if (cli_parse(self, argc, argv, options, 2, &args, &exit_code))
        return exit_code;
    if (args.positional_n != 1)
        return cli_usage(self, "give one REGISTRY");
    struct error e;
    enum status status = api_serve(args.positional[0], cli_value(&options[0], "127.0.0.1:8080"), options[1].values, (size_t)options[1].n, print_ready,
                                   (void *)(uintptr_t)args.positional[0], &e);
    return status == STATUS_OK ? EXIT_OK : cli_fail(&e, FORMAT_TEXT);
}

const struct command command_serve = {
    .name = "serve",
    .summary = "serve the map, GeoJSON tiles and hectares, and take imports",
    .help = "parcela serve REGISTRY [--listen 127.0.0.1:8080] [--host NAME]...\n\n"
            "Open the printed address in a browser for the map and the table of hectares. Imports may run meanwhile; the next request\n"
            "sees them. On this machine (127.0.0.1, ::1) everything but personal fields is shown; on any other address only\n"
            "aggregates with at least 10 producers and the reference layers, unless a token is sent (parcela token --help).\n"
            "With an editor's token plots are sent to /imports: a dry run first, then a commit. See /api and /limits. Each import runs in a\n"
            "process of its own, at low priority; what was sent is removed at its end, or three days after a dry run that nobody committed.\n\n"
            "  --listen ADDRESS:PORT  where to listen; port 0 takes a free one\n"
            "  --host NAME            a further host name under which the server may be asked\n\n"
            "Example:\n  parcela serve finca --listen 127.0.0.1:8080",
    .run = run,
};
