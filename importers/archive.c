/* The central directory of a zip archive (PKWARE APPNOTE 4.3.12, 4.3.16); see archive.h. */
#include "importers/archive.h"

#include <stdlib.h>
#include <string.h>

enum { END_BYTES = 22, END_SEARCH = 65535 + END_BYTES, ENTRY_BYTES = 46 };

static uint32_t u16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const unsigned char *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static enum status damaged(struct error *e, const char *what)
{
    return error_set(e, STATUS_INVALID, "archive_damaged", "make the archive again",
                     "the zip archive is damaged: %s", what);
}

static enum status too_much(struct error *e, const char *what)
{
    return error_set(e, STATUS_LIMIT, "archive_limit", "send fewer files in one archive",
                     "the zip archive has %s", what);
}

/* The end record is the last one in the file whose comment reaches just to the end. */
static bool find_end(archive_read *read, void *arg, uint64_t size, unsigned char out[END_BYTES],
                     uint64_t *at)
{
    size_t n = size < END_SEARCH ? (size_t)size : END_SEARCH;
    unsigned char *tail = malloc(n ? n : 1);
    bool found = false;
    if (tail && n >= END_BYTES && read(arg, size - n, tail, n) == n)
        for (size_t i = n - END_BYTES + 1; i-- > 0 && !found;)
            if (memcmp(tail + i, "PK\5\6", 4) == 0 && u16(tail + i + 20) == n - i - END_BYTES) {
                memcpy(out, tail + i, END_BYTES);
                *at = size - n + i;
                found = true;
            }
    free(tail);
    return found;
}

static bool bad_name(const char *name, size_t n)
{
    if (n == 0 || name[0] == '/' || name[0] == '\\' || memchr(name, 0, n) ||
        (n > 1 && name[1] == ':'))
        return true;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && name[end] != '/' && name[end] != '\\')
            end++;
        if (end - i == 2 && name[i] == '.' && name[i + 1] == '.')
            return true;
        i = end + 1;
    }
    return false;
}

/* One entry at p; *used = its bytes. */
static enum status check_entry(const unsigned char *p, size_t left, size_t *used,
                               struct archive_facts *out, struct error *e)
{
    if (left < ENTRY_BYTES || memcmp(p, "PK\1\2", 4) != 0)
        return damaged(e, "its list of files is cut short");
    size_t name_n = u16(p + 28);
    *used = ENTRY_BYTES + name_n + u16(p + 30) + u16(p + 32);
    if (*used > left)
        return damaged(e, "its list of files is cut short");
    if (u16(p + 8) & 1)
        return error_set(e, STATUS_INVALID, "archive_encrypted",
                         "make the archive again without a password",
                         "the zip archive is encrypted");
    if (bad_name((const char *)p + ENTRY_BYTES, name_n))
        return error_set(e, STATUS_INVALID, "archive_names",
                         "make the archive again from inside the folder",
                         "the zip archive has a file name that leads out of it");
    uint64_t packed = u32(p + 20), unpacked = u32(p + 24);
    /* 0xFFFFFFFF points to a 64-bit size, which is over the limit in any case. */
    out->unpacked_bytes += unpacked;
    if (unpacked == UINT32_MAX || packed == UINT32_MAX || out->unpacked_bytes > ARCHIVE_BYTES_MAX)
        return too_much(e, "more than 2 GB of files");
    if (unpacked > ARCHIVE_SMALL_BYTES && unpacked / ARCHIVE_RATIO_MAX > packed)
        return too_much(e, "a file packed more than 200 times smaller than it is");
    out->entries_n++;
    return STATUS_OK;
}

enum status archive_check(archive_read *read, void *arg, uint64_t size, struct archive_facts *out,
                          struct error *e)
{
    unsigned char end[END_BYTES];
    uint64_t end_at = 0;
    *out = (struct archive_facts){0};
    if (!find_end(read, arg, size, end, &end_at))
        return damaged(e, "its end is missing");
    uint32_t entries = u16(end + 10), list_n = u32(end + 12), list_at = u32(end + 16);
    if (entries > ARCHIVE_ENTRIES_MAX)
        return too_much(e, "more than 1,000 files");
    if (list_n > end_at || list_at > end_at - list_n || list_n > 16u << 20)
        return damaged(e, "its list of files lies outside");
    unsigned char *list = malloc(list_n ? list_n : 1);
    if (!list)
        return error_memory(e);
    enum status s = STATUS_OK;
    if (read(arg, list_at, list, list_n) != list_n)
        s = damaged(e, "its list of files cannot be read");
    size_t at = 0;
    for (uint32_t i = 0; i < entries && s == STATUS_OK; i++) {
        size_t used = 0;
        s = check_entry(list + at, list_n - at, &used, out, e);
        at += used;
    }
    free(list);
    return s;
}
