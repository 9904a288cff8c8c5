/* The smallest program that can be a reader process, and that reads files from the command line:
 *   reader_host --reader [--self-test]      what reader.c starts
 *   reader_host [--purpose plots|regions|corridors] [--crs CODE] [--map F=C]... [--count] FILE...
 * prints every event as text (see dump.h); --count prints one line of counts only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/golden/dump.h"

static int usage(void)
{
    fprintf(
        stderr,
        "usage: reader_host [--purpose P] [--crs CODE] [--map FIELD=COLUMN] [--count] FILE...\n");
    return 2;
}

static bool parse_mapping(char *text, struct reader_mapping *out)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return false;
    *equals = 0;
    *out = (struct reader_mapping){.field = text, .column = equals + 1};
    return true;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    static struct reader_mapping mappings[32];
    struct reader_request request = {.purpose = READER_PLOTS, .mappings = mappings};
    bool count = false;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--count") == 0)
            count = true;
        else if (i + 1 == argc)
            return usage();
        else if (strcmp(argv[i], "--crs") == 0)
            request.crs = argv[++i];
        else if (strcmp(argv[i], "--purpose") == 0)
            request.purpose = argv[++i][0] == 'r' ? READER_REGIONS
                              : argv[i][0] == 'c' ? READER_CORRIDORS
                                                  : READER_PLOTS;
        else if (strcmp(argv[i], "--map") != 0 || request.mappings_n == 32 ||
                 !parse_mapping(argv[++i], &mappings[request.mappings_n++]))
            return usage();
    }
    request.files = (const char *const *)argv + i;
    request.files_n = (size_t)(argc - i);
    return dump_request(&request, stdout, count ? DUMP_COUNTS : DUMP_ALL) == STATUS_OK ? 0 : 1;
}
