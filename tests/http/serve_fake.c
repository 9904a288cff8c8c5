/* The real HTTP and API rooms over invented data, for black-box tests: serve_fake LISTEN [option
 * value]... Prints its address on a line of its own. SIGUSR1 is a commit, SIGUSR2 breaks or mends
 * the store. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/api/internal.h"
#include "tests/http/fake_rooms.h"

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        fake_change++;
    else
        fake_broken = !fake_broken;
}

static void say_ready(const char *url, void *arg)
{
    (void)arg;
    printf("%s\n", url);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *hosts[1];
    struct api_options o = {.registry_folder = "fake",
                            .listen = argc > 1 ? argv[1] : "127.0.0.1:0",
                            .ready = say_ready,
                            .hosts = hosts};
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--header-ms"))
            o.header_ms = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--response-ms"))
            o.response_ms = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--queue"))
            o.queue_max = (size_t)atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--body-max"))
            o.body_max = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--workers"))
            o.workers = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--host"))
            hosts[o.hosts_n++] = argv[i + 1];
        else if (!strcmp(argv[i], "--registry"))
            o.registry_folder = argv[i + 1];
    }
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    struct error e;
    if (api_serve_with(&o, &e) == STATUS_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", e.code, e.message);
    return 1;
}
