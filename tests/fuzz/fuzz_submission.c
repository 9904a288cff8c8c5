/* XForm submissions: any bytes. */
#include <stdint.h>
#include <string.h>

#include "importers/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct text {
    const uint8_t *at;
    size_t left;
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    struct text *t = arg;
    size_t take = t->left < n ? t->left : n;
    if (take > 31)
        take = 31;
    memcpy(buffer, t->at, take);
    t->at += take;
    t->left -= take;
    return take;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n};
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
