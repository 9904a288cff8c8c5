/* XForm submissions: any bytes. */
#include <stdint.h>
#include <string.h>

#include "importers/submission.h"
#include "tests/fuzz/short_reads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n, 31};
    struct submission s;
    struct error e;
    struct arena a;
    arena_init(&a, 64 << 20);
    if (n && submission_read(read_text, &t, &a, &s, &e) == STATUS_OK)
        for (size_t i = 0; i < s.n; i++)
            if (!s.paths[i] || !s.texts[i] || strlen(s.paths[i]) > 1000)
                __builtin_trap();
    arena_clear(&a);
    return 0;
}
