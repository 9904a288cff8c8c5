/* Golden imports: every case of import_cases.c is read through a reader process, and its events as
 * text are compared with tests/golden/importers/NAME.txt. `test_golden_imports --update` rewrites
 * those files for review. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/golden/dump.h"
#include "tests/golden/import_cases.h"

#define EXPECTED_FOLDER "tests/golden/importers"

static char *read_whole(FILE *f)
{
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    for (int c; f && (c = fgetc(f)) != EOF;)
        fputc(c, memory);
    fclose(memory);
    return text;
}

static char *run_case(const struct import_case *c, const char *folder)
{
    char path[512], *text = NULL;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", c->make ? folder : EXPECTED_FOLDER, c->file);
    if (c->make)
        c->make(folder);
    const char *files[] = {path};
    struct reader_request request = {.purpose = c->purpose,
                                     .files = files,
                                     .files_n = 1,
                                     .crs = c->crs,
                                     .mappings = c->mappings,
                                     .mappings_n = (size_t)c->mappings_n};
    FILE *memory = open_memstream(&text, &n);
    (void)!dump_request(&request, memory, DUMP_ALL);
    fclose(memory);
    return text;
}

static bool compare(const struct import_case *c, const char *obtained, bool update)
{
    char path[256];
    snprintf(path, sizeof path, EXPECTED_FOLDER "/%s.txt", c->name);
    FILE *f = fopen(path, update ? "w" : "r");
    if (update) {
        bool written = f && fputs(obtained, f) >= 0;
        return f && fclose(f) == 0 && written;
    }
    char *expected = read_whole(f);
    if (f)
        fclose(f);
    bool same = f && strcmp(expected, obtained) == 0;
    if (!same)
        printf("not ok %s\n--- expected (%s)\n%s--- obtained\n%s", c->name, path,
               f ? expected : "no such file\n", obtained);
    free(expected);
    return same;
}

static void remove_folder(const char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)!system(command);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
    int bad = 0;
    for (int i = 0; i < IMPORT_CASES_N; i++) {
        char folder[] = "/tmp/parcela-golden-XXXXXX";
        if (!mkdtemp(folder))
            return 2;
        char *obtained = run_case(&IMPORT_CASES[i], folder);
        bad += !compare(&IMPORT_CASES[i], obtained, update);
        free(obtained);
        remove_folder(folder);
    }
    printf("%d cases, %d differ\n", IMPORT_CASES_N, bad);
    return bad ? 1 : 0;
}
