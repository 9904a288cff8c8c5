/* Tokens: what is made opens, what has ended does not, and nothing of the secret stays in the
 * registry. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "geo/base/buf.h"
#include "service/registry/jobs.h"
#include "service/registry/tokens.h"

static char folder[64];

static int begin(void **state)
{
    (void)state;
    struct error e;
    strcpy(folder, "/tmp/parcela-tokens-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    strcat(folder, "/r");
    return store_create(folder, &e) == STATUS_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    char command[128];
    folder[strlen(folder) - 2] = 0;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static enum token_role role_of(const char *text)
{
    struct store *s;
    struct error e;
    struct token_holder holder;
    CHECK_OK(store_open(folder, STORE_READ, &s, &e), e);
    CHECK_OK(token_check(s, text, &holder, &e), e);
    store_close(s);
    assert_int_equal(holder.id != 0, holder.role != TOKEN_NONE);
    return holder.role;
}

static void each_role(void **state)
{
    (void)state;
    struct error e;
    for (int role = TOKEN_VIEWER; role <= TOKEN_ADMIN; role++) {
        char text[TOKEN_TEXT_MAX];
        int64_t id;
        CHECK_OK(token_add(folder, (enum token_role)role, "x", 1, &id, text, &e), e);
        assert_int_equal(strlen(text), 51);
        assert_int_equal(role_of(text), role);
    }
}

static void almost(void **state)
{
    (void)state;
    struct error e;
    char text[TOKEN_TEXT_MAX], other[TOKEN_TEXT_MAX * 2];
    int64_t id;
    CHECK_OK(token_add(folder, TOKEN_ADMIN, "", 0, &id, text, &e), e);
    for (size_t i = 0; i < strlen(text);
         i++) { /* each letter matters, also the last one with its two spare bits */
        strcpy(other, text);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        assert_int_equal(role_of(other), TOKEN_NONE);
    }
    static const char *const forms[] = {"%s=", "%s ", " %s", "%s%s", "x%s", ""};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        strcpy(other, "");
        const char *at = strstr(forms[i], "%s");
        if (at)
            snprintf(other, sizeof other, "%.*s%s%s", (int)(at - forms[i]), forms[i], text,
                     strcmp(at, "%s%s") ? at + 2 : text);
        assert_int_equal(role_of(other), TOKEN_NONE);
    }
    text[20] = 0;
    assert_int_equal(role_of(text), TOKEN_NONE);
}

static void revoked(void **state)
{
    (void)state;
    struct error e;
    char text[TOKEN_TEXT_MAX];
    int64_t id, next;
    CHECK_OK(token_add(folder, TOKEN_EDITOR, "gone", 0, &id, text, &e), e);
    assert_int_equal(role_of(text), TOKEN_EDITOR);
    CHECK_OK(token_revoke(folder, id, &e), e);
    assert_int_equal(role_of(text), TOKEN_NONE);
    assert_int_equal(token_revoke(folder, id, &e), STATUS_CONFLICT);
    assert_int_equal(token_revoke(folder, 9999, &e), STATUS_NOT_FOUND);
    CHECK_OK(token_add(folder, TOKEN_EDITOR, "", 0, &next, text, &e), e);
    assert_true(next > id); /* a number is never given twice */
}

/* Its end comes: moved into the past with the table's own words, as time would. */
static void ended(void **state)
{
    (void)state;
    struct error e;
    char text[TOKEN_TEXT_MAX], path[100];
    int64_t id;
    sqlite3 *db;
    CHECK_OK(token_add(folder, TOKEN_ADMIN, "", 5, &id, text, &e), e);
    assert_int_equal(role_of(text), TOKEN_ADMIN);
    snprintf(path, sizeof path, "%s/registry.sqlite", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE token SET expires_at = '2020-01-01T00:00:00Z' WHERE id = "
                                  "(SELECT max(id) FROM token)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(role_of(text), TOKEN_NONE);
}

struct finding_one {
    int64_t id;
    char last_used[12];
};

static bool find_one(const struct store_token *t, void *arg)
{
    struct finding_one *f = arg;
    if (t->id == f->id)
        snprintf(f->last_used, sizeof f->last_used, "%s", t->last_used ? t->last_used : "");
    return true;
}

static void day_of_use(void **state)
{
    (void)state;
    struct error e;
    struct store *s;
    struct token_holder holder;
    char text[TOKEN_TEXT_MAX];
    struct finding_one f = {0};
    CHECK_OK(token_add(folder, TOKEN_VIEWER, "", 0, &f.id, text, &e), e);
    CHECK_OK(token_note_use(folder, f.id, &e), e);
    CHECK_OK(store_open(folder, STORE_READ, &s, &e), e);
    CHECK_OK(store_each_token(s, find_one, &f, &e), e);
    CHECK_OK(token_check(s, text, &holder, &e), e);
    store_close(s);
    assert_int_equal(strlen(f.last_used), 10);
    assert_true(holder.used_today);
}

/* The public side cannot even name the table. */
static void not_for_the_public(void **state)
{
    (void)state;
    struct error e;
    struct store *s;
    struct finding_one f = {0};
    CHECK_OK(store_open(folder, STORE_PUBLIC, &s, &e), e);
    assert_int_not_equal(store_each_token(s, find_one, &f, &e), STATUS_OK);
    store_close(s);
}

static void nothing_of_the_secret(void **state)
{
    (void)state;
    struct error e;
    char text[TOKEN_TEXT_MAX], command[300];
    int64_t id;
    CHECK_OK(token_add(folder, TOKEN_VIEWER, "", 0, &id, text, &e), e);
    snprintf(command, sizeof command, "! grep -rqaF -e '%.20s' %s", text + 8, folder);
    assert_int_equal(system(command), 0);
}

/* ---- jobs that were left behind ---- */

static void put(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/incoming/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static bool exists(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/incoming/%s", folder, name);
    return access(path, F_OK) == 0;
}

#define ID(c) c c c c c c c c "0123456789abcdef01234567"
static void left_behind(void **state)
{
    (void)state;
    struct error e;
    struct jobs *j, *second;
    struct buf b;
    put(ID("a") ".job", "{\"id\":\"" ID("a") "\",\"state\":\"running\",\"attempts\":3,\"created_"
                                             "ms\":1,\"filename\":\"a.zip\"}");
    put(ID("a") ".zip", "x");
    put(ID("b") ".job", "{\"id\":\"" ID("b") "\",\"state\":\"failed\",\"finished_ms\":5,\"created_"
                                             "ms\":2,\"filename\":\"b.zip\"}"); /* of 1970 */
    put(ID("b") ".zip", "x");
    put(ID("c") ".part", "half");
    put(ID("d") ".zip", "no job");
    put(ID("e") ".job", "damaged");
    put(ID("e") ".zip", "kept: somebody may mend its job");
    put("notes.txt", "not ours");
    CHECK_OK(jobs_start(folder, &j, &e), e);
    assert_int_equal(jobs_start(folder, &second, &e), STATUS_BUSY);
    bool quarantined = false;
    for (int i = 0; i < 500 && !quarantined; i++) {
        buf_init(&b, 0);
        CHECK_OK(jobs_json(j, ID("a"), FINDING_EN, &b, &e), e);
        quarantined =
            strstr(b.bytes, "\"state\":\"quarantined\"") && strstr(b.bytes, "job_quarantined");
        buf_clear(&b);
        usleep(10000);
    }
    assert_true(quarantined);
    assert_true(exists(ID("a") ".zip"));
    buf_init(&b, 0);
    assert_int_equal(jobs_json(j, ID("b"), FINDING_EN, &b, &e), STATUS_NOT_FOUND);
    buf_clear(&b);
    assert_false(exists(ID("b") ".job") || exists(ID("b") ".zip"));
    assert_false(exists(ID("c") ".part") || exists(ID("d") ".zip"));
    assert_true(exists(ID("e") ".zip") && exists("notes.txt"));
    bool stopping;
    assert_int_equal(jobs_commit(j, ID("a"), false, &e), STATUS_CONFLICT);
    CHECK_OK(jobs_delete(j, ID("a"), &stopping, &e), e);
    assert_false(exists(ID("a") ".zip") || exists(ID("a") ".job"));
    assert_int_equal(jobs_delete(j, "../../x", &stopping, &e), STATUS_NOT_FOUND);
    jobs_stop(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_role),
                                       cmocka_unit_test(almost),
                                       cmocka_unit_test(revoked),
                                       cmocka_unit_test(ended),
                                       cmocka_unit_test(day_of_use),
                                       cmocka_unit_test(not_for_the_public),
                                       cmocka_unit_test(nothing_of_the_secret),
                                       cmocka_unit_test(left_behind)};
    return cmocka_run_group_tests(tests, begin, end);
}
