/* Runs a fuzz target over the files and folders named on the command line, where there is no
 * libFuzzer. Exits 1 when there was nothing to run, so that a lost corpus is seen. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 0;
    }
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    uint8_t *bytes =
        malloc(n > 0 ? (size_t)n : 1); /* its own block: reading past the end is seen */
    int ok = n >= 0 && bytes && fread(bytes, 1, (size_t)n, f) == (size_t)n;
    fclose(f);
    if (ok)
        LLVMFuzzerTestOneInput(bytes, (size_t)n);
    free(bytes);
    return ok;
}

static int replay(const char *path)
{
    struct stat s;
    if (stat(path, &s) || !S_ISDIR(s.st_mode))
        return replay_file(path);
    int count = 0;
    DIR *d = opendir(path);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        char name[4096];
        if (entry->d_name[0] != '.' &&
            snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name)
            count += replay_file(name);
    }
    if (d)
        closedir(d);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%d inputs\n", count);
    return count ? 0 : 1;
}
