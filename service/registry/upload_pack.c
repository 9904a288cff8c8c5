/* Zip without packing; see upload_pack.h. Sizes and checksums are known when a member ends and are
 * then written into its head, so that every reader finds them where it looks. */
#include "service/registry/upload_pack.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "service/limits.h"

enum {
    HEAD = 30,
    ENTRY = 46,
    END = 22,
    SIZES_AT = 14,
    COPY_BYTES = 1 << 20,
    UTF8_NAMES = 0x800,
    DAY_1980_1_1 = 0x21
};

struct member {
    char name[PACK_NAME_MAX];
    uint32_t crc;
    uint64_t at, bytes;
};

struct pack {
    int fd;
    uint64_t at; /* bytes written */
    struct member *members;
    size_t n;
};

struct pack *pack_new(int fd)
{
    struct pack *p = calloc(1, sizeof *p);
    if (p && !(p->members = calloc(LIMIT_UPLOAD_FILES, sizeof *p->members))) {
        free(p);
        return NULL;
    }
    if (p)
        p->fd = fd;
    return p;
}

void pack_free(struct pack *p)
{
    if (p)
        free(p->members);
    free(p);
}

static enum status io_failed(struct error *e)
{
    return error_set(e, STATUS_IO, "incoming_io", NULL, "An upload cannot be stored: %s.",
                     strerror(errno));
}

static enum status put(struct pack *p, const void *bytes, size_t n, struct error *e)
{
    const char *at = bytes;
    if (p->at + n > UINT32_MAX)
        return error_set(e, STATUS_LIMIT, "body_too_large", "see request_body_bytes at /limits",
                         "the files are too large together");
    while (n) {
        ssize_t wrote = pwrite(p->fd, at, n, (off_t)p->at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return io_failed(e);
        at += wrote;
        n -= (size_t)wrote;
        p->at += (uint64_t)wrote;
    }
    return STATUS_OK;
}

static unsigned char *u16(unsigned char *at, uint32_t value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
    return at + 2;
}

static unsigned char *u32(unsigned char *at, uint64_t value)
{
    return u16(u16(at, (uint32_t)value & 0xFFFF), (uint32_t)value >> 16);
}

/* What the head of a member and its entry in the list have in common: from the version to the
 * length of the name. */
static unsigned char *common(unsigned char *at, const struct member *m)
{
    at = u16(at, 10);
    at = u16(at, UTF8_NAMES);
    at = u16(at, 0);                            /* stored */
    at = u32(at, (uint32_t)DAY_1980_1_1 << 16); /* no clock: the same files give the same archive */
    at = u32(at, m->crc);
    at = u32(at, m->bytes);
    at = u32(at, m->bytes);
    return u16(at, (uint32_t)strlen(m->name));
}

/* The member that came last is whole. */
static enum status close_member(struct pack *p, struct error *e)
{
    unsigned char sizes[12];
    if (!p->n)
        return STATUS_OK;
    const struct member *m = &p->members[p->n - 1];
    u32(u32(u32(sizes, m->crc), m->bytes), m->bytes);
    return pwrite(p->fd, sizes, sizeof sizes, (off_t)m->at + SIZES_AT) == (ssize_t)sizeof sizes
               ? STATUS_OK
               : io_failed(e);
}

static enum status take_name(struct pack *p, const char *name, struct error *e)
{
    const char *base = name;
    for (const char *c = name; *c; c++)
        if (*c == '/' || *c == '\\')
            base = c + 1;
    size_t n = strlen(base);
    if (!n || n >= PACK_NAME_MAX || !strcmp(base, ".") || !strcmp(base, "..") ||
        (n > 1 && base[1] == ':'))
        return error_set(e, STATUS_USAGE, "bad_filename", "give each file of the form its name",
                         "a file of the form is called \"%.80s\"", name);
    for (size_t i = 0; i < p->n; i++)
        if (strcasecmp(p->members[i].name, base) == 0)
            return error_set(e, STATUS_USAGE, "same_name_twice",
                             "send them one after the other, or in a zip with folders",
                             "two files of the form are called \"%.80s\"", base);
    if (p->n == LIMIT_UPLOAD_FILES)
        return error_set(e, STATUS_LIMIT, "too_many_files",
                         "put them into a zip; see upload_files at /limits",
                         "the form has more than %d files", LIMIT_UPLOAD_FILES);
    snprintf(p->members[p->n].name, PACK_NAME_MAX, "%s", base);
    return STATUS_OK;
}

enum status pack_member(struct pack *p, const char *name, struct error *e)
{
    unsigned char head[HEAD] = {'P', 'K', 3, 4};
    enum status s = close_member(p, e);
    if (s == STATUS_OK)
        s = take_name(p, name, e);
    if (s != STATUS_OK)
        return s;
    struct member *m = &p->members[p->n++];
    m->at = p->at;
    common(head + 4, m);
    s = put(p, head, sizeof head, e);
    return s == STATUS_OK ? put(p, m->name, strlen(m->name), e) : s;
}

enum status pack_write(struct pack *p, const void *bytes, size_t n, struct error *e)
{
    struct member *m = &p->members[p->n - 1];
    m->crc = libdeflate_crc32(m->crc, bytes, n);
    m->bytes += n;
    return put(p, bytes, n, e);
}

enum status pack_copy(struct pack *p, const char *name, int from, struct error *e)
{
    enum status s = pack_member(p, name, e);
    char *bytes = s == STATUS_OK ? malloc(COPY_BYTES) : NULL;
    if (s == STATUS_OK && !bytes)
        return error_memory(e);
    off_t at = 0;
    for (ssize_t n = 1; s == STATUS_OK && n;) {
        n = pread(from, bytes, COPY_BYTES, at);
        if (n > 0) {
            s = pack_write(p, bytes, (size_t)n, e);
            at += n;
        } else if (n < 0 && errno != EINTR) {
            s = io_failed(e);
        }
    }
    free(bytes);
    return s;
}

enum status pack_end(struct pack *p, int64_t *bytes, struct error *e)
{
    enum status s = close_member(p, e);
    uint64_t list_at = p->at;
    for (size_t i = 0; s == STATUS_OK && i < p->n; i++) {
        const struct member *m = &p->members[i];
        unsigned char entry[ENTRY] = {'P', 'K', 1, 2, 10, 0};
        u32(common(entry + 6, m) + 12,
            m->at); /* between them: no extra, no comment, first disk, no attributes */
        s = put(p, entry, sizeof entry, e);
        if (s == STATUS_OK)
            s = put(p, m->name, strlen(m->name), e);
    }
    unsigned char end[END] = {'P', 'K', 5, 6}, *at = end + 8;
    at = u16(u16(at, (uint32_t)p->n), (uint32_t)p->n);
    u32(u32(at, p->at - list_at), list_at);
    if (s == STATUS_OK)
        s = put(p, end, sizeof end, e);
    *bytes = (int64_t)p->at;
    return s;
}

void pack_called(const struct pack *p, char out[PACK_NAME_MAX])
{
    const char *name = p->members[p->n - 1].name;
    for (size_t i = p->n; i-- > 0;) {
        size_t n = strlen(p->members[i].name);
        if (n > 4 && strcasecmp(p->members[i].name + n - 4, ".shp") == 0)
            name = p->members[i].name;
    }
    const char *dot = strrchr(name, '.');
    int stem = (int)(dot && dot > name ? (size_t)(dot - name) : strlen(name));
    snprintf(out, PACK_NAME_MAX, "%.*s.zip", stem > PACK_NAME_MAX - 5 ? PACK_NAME_MAX - 5 : stem,
             name);
}
