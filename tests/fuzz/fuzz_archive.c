/* The list of files of a zip archive: any bytes. */
#include <string.h>

#include "importers/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct text {
    const uint8_t *bytes;
    size_t n;
};

static size_t read_at(void *arg, uint64_t offset, void *buffer, size_t n)
{
    const struct text *t = arg;
    size_t take = offset >= t->n ? 0 : t->n - offset < n ? t->n - offset : n;
    memcpy(buffer, t->bytes + (take ? offset : 0), take);
    return take;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n};
    struct archive_facts facts;
    struct error e;
    if (n && archive_check(read_at, &t, n, &facts, &e) == STATUS_OK &&
        facts.entries_n > ARCHIVE_ENTRIES_MAX)
        __builtin_trap();
    return 0;
}
