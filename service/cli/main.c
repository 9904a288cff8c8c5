/* parcela: the one program. Finds the command and hands over; the reader process and the process of
 * a server's job start here too. */
#include "service/cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"
#include "importers/reader.h"
#include "service/registry/job_process.h"

#include <sodium.h>

static const struct command *const COMMANDS[] = {&command_init,   &command_layer, &command_import, &command_imports, &command_resolve, &command_overlaps, &command_hectares,
                                                 &command_milpa,  &command_plot,   &command_export, &command_check, &command_serve, &command_token, &command_profile};
enum { COMMANDS_N = sizeof COMMANDS / sizeof *COMMANDS };

static void print_help(FILE *out)
{
    fputs("Parcela, a plot registry for regenerative land.\n\n"
          "  parcela COMMAND REGISTRY ...      REGISTRY is a folder\n\n",
          out);
    for (size_t i = 0; i < COMMANDS_N; i++)
        fprintf(out, "  %-10s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
    fputs("\n  parcela COMMAND --help            options and examples\n"
          "  parcela --version\n\n"
          "A first registry:\n"
          "  parcela init finca\n"
          "  parcela layer add finca regions municipios.shp --level municipality\n"
          "  parcela import finca parcelas.zip --programme MIAF-D --dry-run\n"
          "  parcela import finca parcelas.zip --programme MIAF-D\n"
          "  parcela hectares finca --by municipality\n"
          "  parcela serve finca\n\n"
          "Exit codes: 0 done, 1 check found a broken promise, 2 wrong command line, 3 wrong file or value, 4 not found,\n"
          "5 something stands in the way, 6 another process writes, 7 disk, memory or limits, 8 corrupt registry, 9 program fault.\n",
          out);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("parcela " PARCELA_VERSION);
        return EXIT_OK;
    }
    if (sodium_init() < 0) {
        fputs("parcela: the system gives no random numbers\n", stderr);
        return EXIT_FAULT;
    }
    area_init();
    if (argc > 1 && strcmp(argv[1], "--job") == 0)
        return job_process_main(argc, argv);
    for (size_t i = 0; i < COMMANDS_N; i++)
        if (strcmp(argv[1], COMMANDS[i]->name) == 0)
            return COMMANDS[i]->run(COMMANDS[i], argc - 1, argv + 1);
    fprintf(stderr, "parcela: there is no command \"%s\"\n  see: parcela --help\n", argv[1]);
    return EXIT_USAGE;
}
