/* Bytes as a text that comes in short reads, so that tokens and records lie across them. */
#ifndef TESTS_FUZZ_SHORT_READS_H
#define TESTS_FUZZ_SHORT_READS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const uint8_t *at;
    size_t left, most; /* most: of one read */
};

static inline size_t read_text(void *arg, char *buffer, size_t n)
{
    struct text *t = arg;
    size_t take = t->left < n ? t->left : n;
    take = take < t->most ? take : t->most;
    if (take)
        memcpy(buffer, t->at, take);
    t->at += take;
    t->left -= take;
    return take;
}

#endif
