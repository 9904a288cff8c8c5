/* parcela init: an empty registry. */
#include "service/cli/cli.h"

#include <stdio.h>

#include "service/registry/slope_tables.h"
#include "service/store/store.h"

static enum status set_classes(const char *folder, const struct slope_class_table *table, struct error *e)
{
    struct store *s = NULL;
    enum status status = store_open(folder, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = store_begin(s, false, e);
    if (status == STATUS_OK)
        status = store_slope_table_set(s, table, 0, e);
    if (status == STATUS_OK)
        status = store_commit(s, e);
    store_close(s);
    return status;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[] = {{.name = "slope-classes"}};
    struct cli_arguments args;
    int exit_code;
    if (cli_parse(self, argc, argv, options, 1, &args, &exit_code))
        return exit_code;
    if (args.positional_n != 1)
        return cli_usage(self, "give one folder for the new registry");
    struct error e;
    struct slope_class_table table;
    const char *classes = cli_value(&options[0], NULL);
    enum status status = classes ? slope_table_load(classes, &table, &e) : STATUS_OK; /* before anything is made */
    if (status == STATUS_OK)
        status = store_create(args.positional[0], &e);
    if (status == STATUS_OK && classes)
        status = set_classes(args.positional[0], &table, &e);
    if (status != STATUS_OK)
        return cli_fail(&e, FORMAT_TEXT);
    printf("Made an empty registry in %s.\nNext: parcela layer add %s regions FILE --level municipality\n", args.positional[0], args.positional[0]);
    return EXIT_OK;
}

const struct command command_init = {
    .name = "init",
    .summary = "make an empty registry",
    .help = "parcela init REGISTRY [--slope-classes NAME|FILE]\n\n"
            "Makes the folder REGISTRY with an empty registry in it (registry.sqlite, terrain/, incoming/, backups/).\n\n"
            "  --slope-classes   FAO_2006 (default), GAEZ_2000, MIAF_20, or a CSV file with the columns code, from_pct and, if wanted,\n"
            "                    to_pct, name_en, name_es, colour (#rrggbb), source; parcela layer set changes it later\n\n"
            "Examples:\n  parcela init finca\n  parcela init finca --slope-classes MIAF_20",
    .run = run,
};
