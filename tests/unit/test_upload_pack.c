/* Several files of a form as one archive: what goes in comes out, names are only names, and the
 * guard of archives takes it. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "importers/archive.h"
#include "service/limits.h"
#include "service/registry/upload_pack.h"

static size_t read_fd(void *arg, uint64_t offset, void *buffer, size_t n)
{
    ssize_t got = pread(*(int *)arg, buffer, n, (off_t)offset);
    return got < 0 ? 0 : (size_t)got;
}

static void members(void **state)
{
    (void)state;
    struct error e = {0};
    struct archive_facts facts;
    int fd = memfd_create("pack", 0), first = memfd_create("first", 0);
    int64_t bytes = 0;
    char called[PACK_NAME_MAX], text[4096] = {0};
    struct pack *p = pack_new(fd);
    assert_non_null(p);
    assert_int_equal(write(first, "UTF-8", 5), 5);
    CHECK_OK(pack_member(p, "C:\\campo\\predios año.dbf", &e), e);
    CHECK_OK(pack_write(p, "table", 5, &e), e);
    CHECK_OK(pack_member(p, "vacio.prj", &e), e);
    CHECK_OK(pack_member(p, "x/predios año.SHP", &e), e);
    for (int i = 0; i < 3; i++)
        CHECK_OK(pack_write(p, "shapes", 6, &e), e);
    CHECK_OK(pack_copy(p, "predios año.cpg", first, &e), e);
    CHECK_OK(pack_end(p, &bytes, &e), e);
    pack_called(p, called);
    assert_string_equal(called, "predios año.zip");
    assert_int_equal(lseek(fd, 0, SEEK_END), bytes);
    CHECK_OK(archive_check(read_fd, &fd, (uint64_t)bytes, &facts, &e), e);
    assert_int_equal(facts.entries_n, 4);
    assert_int_equal(facts.unpacked_bytes, 5 + 0 + 18 + 5);
    assert_int_equal(pread(fd, text, sizeof text - 1, 0), bytes);
    /* the first member's head: its sizes were filled in */
    assert_memory_equal(text + 18, "\x05\0\0\0\x05\0\0\0", 8);
    assert_memory_equal(text + 30, "predios año.dbf", strlen("predios año.dbf"));
    assert_non_null(memmem(text, (size_t)bytes, "shapesshapesshapes", 18));
    pack_free(p);
    close(first);
    close(fd);
}

static void names(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "..", "a/..", "a\\", "x/", "q:x"};
    struct error e = {0};
    int fd = memfd_create("pack", 0);
    struct pack *p = pack_new(fd);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(pack_member(p, bad[i], &e), STATUS_USAGE);
        assert_string_equal(e.code, "bad_filename");
    }
    CHECK_OK(pack_member(p, "a.shp", &e), e);
    assert_int_equal(pack_member(p, "b/A.SHP", &e), STATUS_USAGE);
    assert_string_equal(e.code, "same_name_twice");
    for (int i = 1; i < LIMIT_UPLOAD_FILES; i++) {
        char name[20];
        snprintf(name, sizeof name, "%d", i);
        CHECK_OK(pack_member(p, name, &e), e);
    }
    assert_int_equal(pack_member(p, "one more", &e), STATUS_LIMIT);
    pack_free(p);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(members), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
