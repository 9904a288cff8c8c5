/* parcela: the door. Answers what staff ask often itself, and hands everything else to parcela-full
 * beside it.
 *
 * parcela-full is the whole program with GDAL, whose hundred shared libraries take 30 ms to load:
 * ten times as long as hectares by municipality of a million plots. This one has none of them. */
#include "service/cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

static const struct command *const COMMANDS[] = {&command_hectares, &command_plot};
enum { COMMANDS_N = sizeof COMMANDS / sizeof *COMMANDS };

/* Returns only when it fails. */
static int hand_over(char **argv)
{
    char path[PATH_MAX + 16];
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
    if (n > 0) {
        memcpy(path + n, "-full", sizeof "-full");
        execv(path, argv);
    }
    fprintf(stderr,
            "parcela: parcela-full cannot be started: %s\n  what to do: keep both programs in one "
            "folder\n",
            strerror(errno));
    return EXIT_FAULT;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < COMMANDS_N; i++) {
        if (strcmp(argv[1], COMMANDS[i]->name) != 0)
            continue;
        signal(SIGPIPE, SIG_IGN);
        if (sodium_init() < 0) {
            fputs("parcela: the system gives no random numbers\n", stderr);
            return EXIT_FAULT;
        }
        return COMMANDS[i]->run(COMMANDS[i], argc - 1, argv + 1);
    }
    return hand_over(argv);
}
