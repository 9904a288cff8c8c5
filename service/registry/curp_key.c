/* The key of CURP hashes; see curp_key.h. */
#include "service/registry/curp_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEX = CURP_KEY_BYTES * 2, KEY_PATH_MAX = 4200 };

static enum status io_failed(const char *what, struct error *e)
{
    return error_set(e, STATUS_IO, "curp_key_io",
                     "check the rights and the space of the registry's folder",
                     "%s the file curp.key of the registry failed: %s", what, strerror(errno));
}

/* Whole or not at all: by rename. */
static enum status write_key(const char *folder, const char *path,
                             const unsigned char key[CURP_KEY_BYTES], struct error *e)
{
    char part[KEY_PATH_MAX], hex[HEX + 2];
    snprintf(part, sizeof part, "%.4000s/curp.key.part", folder);
    sodium_bin2hex(hex, HEX + 1, key, CURP_KEY_BYTES);
    hex[HEX] = '\n';
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_failed("making", e);
    bool ok = write(fd, hex, HEX + 1) == HEX + 1 && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && rename(part, path) == 0;
    sodium_memzero(hex, sizeof hex);
    if (!ok) {
        enum status status = io_failed("writing", e);
        unlink(part);
        return status;
    }
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0) {
        fsync(dir);
        close(dir);
    }
    return STATUS_OK;
}

enum status curp_key_load(const char *folder, bool make, unsigned char key[CURP_KEY_BYTES],
                          struct error *e)
{
    char path[KEY_PATH_MAX], hex[HEX + 2];
    size_t length = 0;
    snprintf(path, sizeof path, "%.4000s/curp.key", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return io_failed("reading", e);
    ssize_t n = fd < 0 ? 0 : read(fd, hex, sizeof hex);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return io_failed("reading", e);
    if (n == 0) {
        randombytes_buf(key, CURP_KEY_BYTES);
        return make ? write_key(folder, path, key, e) : STATUS_OK;
    }
    bool good = (n == HEX || (n == HEX + 1 && hex[HEX] == '\n')) &&
                sodium_hex2bin(key, CURP_KEY_BYTES, hex, HEX, NULL, &length, NULL) == 0 &&
                length == CURP_KEY_BYTES;
    sodium_memzero(hex, sizeof hex);
    if (good)
        return STATUS_OK;
    return error_set(e, STATUS_CORRUPT, "curp_key",
                     "put it back from a backup of the folder; an empty file makes a new key, and "
                     "people known by their CURP are then counted anew",
                     "the file curp.key of the registry is damaged");
}

const char *curp_key_masked(const unsigned char key[CURP_KEY_BYTES], struct arena *a,
                            const char *text)
{
    uint64_t found = 0;
    const char *masked = text ? curp_masked(a, key, text, &found) : NULL;
    return masked || !text ? masked : "";
}
