/* parcela init: an empty registry. */
#include "service/cli/cli.h"

#include <stdio.h>

#include "service/store/store.h"

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_arguments args;
    int exit_code;
    if (cli_parse(self, argc, argv, NULL, 0, &args, &exit_code))
        return exit_code;
    if (args.positional_n != 1)
        return cli_usage(self, "give one folder for the new registry");
    struct error e;
    if (store_create(args.positional[0], &e) != STATUS_OK)
        return cli_fail(&e, FORMAT_TEXT);
    printf("Made an empty registry in %s.\nNext: parcela layer add %s regions FILE --level municipality\n", args.positional[0], args.positional[0]);
    return EXIT_OK;
}

const struct command command_init = {
    .name = "init",
    .summary = "make an empty registry",
    .help = "parcela init REGISTRY\n\n"
            "Makes the folder REGISTRY with an empty registry in it (registry.sqlite, terrain/, incoming/, backups/).\n\n"
            "Example:\n  parcela init finca",
    .run = run,
};
