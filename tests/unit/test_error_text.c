/* Errors in Spanish: every code that users of imports and layers can meet has its sentence. The
 * codes are read from the sources, so that a new one without a sentence is noticed. */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/error_text.h"
#include "tests/check.h"

/* Rooms whose errors are said in Spanish; of the registry and the commands those that write. */
static const char *const ROOMS[] = {"importers/*.c",
                                    "geo/crs/*.c",
                                    "geo/overlay/*.c",
                                    "geo/base/*.c",
                                    "geo/boundary.c",
                                    "service/store/*.c",
                                    "service/registry/*.c",
                                    "service/tiles/*.c",
                                    "service/api/*.c",
                                    "service/http/address.c",
                                    "service/http/connection.c",
                                    "service/http/body.c",
                                    "service/cli/cli.c",
                                    "service/cli/cmd_import*.c",
                                    "service/cli/cmd_layer.c",
                                    "service/cli/cmd_resolve.c",
                                    "service/cli/cmd_profile.c"};

static int codes_n, missing_n;

static char *read_whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (!f || !text || !fread(text, 1, (1 << 20) - 1, f))
        fail_msg("%s cannot be read", path);
    fclose(f);
    return text;
}

/* The quoted words in from..end that look like codes. */
static void take_codes(const char *path, const char *from, const char *end)
{
    for (const char *p = from; p < end; p++) {
        if (*p != '"')
            continue;
        char code[64] = "";
        size_t n = strcspn(p + 1, "\"");
        bool word = n > 2 && n < sizeof code && islower((unsigned char)p[1]);
        for (size_t i = 0; word && i < n; i++)
            word = islower((unsigned char)p[1 + i]) || isdigit((unsigned char)p[1 + i]) ||
                   p[1 + i] == '_';
        if (word) {
            memcpy(code, p + 1, n);
            codes_n++;
            if (!error_code_known(code)) {
                print_error("%s: \"%s\" has no line in importers/error_messages.def\n", path, code);
                missing_n++;
            }
        }
        p += n + 1;
    }
}

/* The end of an argument: the comma or parenthesis outside quotes and parentheses. */
static const char *argument_end(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        if (*p == '"') {
            for (p++; *p && *p != '"'; p++)
                p += *p == '\\';
        } else if (*p == '(') {
            depth++;
        } else if (*p == ')' && depth-- == 0) {
            return p;
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return p;
}

/* error_set(e, STATUS, CODE, ...): faults of the program have one sentence for all. */
static void take_calls(const char *path, const char *text)
{
    for (const char *p = text; (p = strstr(p, "error_set(")); p++) {
        const char *second = argument_end(p + strlen("error_set("));
        if (*second != ',')
            continue;
        const char *third = argument_end(second + 1),
                   *end = *third == ',' ? argument_end(third + 1) : third;
        size_t n = (size_t)(third - second);
        bool fault = n < 40 && memmem(second, n, "STATUS_INTERNAL", 15);
        if (!fault)
            take_codes(path, third, end);
    }
    for (const char *p = text; (p = strstr(p, "code = ")); p++) /* kept until it is needed */
        take_codes(path, p, p + strcspn(p, ";{("));
    for (const char *p = text; (p = strstr(p, ", 4")); p++) { /* HTTP: fail(c, 413, CODE, ...) */
        const char *code = p + strlen(", 400, ");
        if (memcmp(code - 2, ", \"", 3) == 0)
            take_codes(path, code, argument_end(code));
    }
}

static void every_code(void **state)
{
    (void)state;
    const char *root = getenv("PARCELA_SOURCE");
    assert_non_null(root);
    for (size_t i = 0; i < sizeof ROOMS / sizeof *ROOMS; i++) {
        char pattern[512];
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/%s", root, ROOMS[i]);
        if (glob(pattern, 0, NULL, &found) != 0)
            fail_msg("there is no %s", ROOMS[i]);
        for (size_t f = 0; f < found.gl_pathc; f++) {
            char *text = read_whole(found.gl_pathv[f]);
            take_calls(found.gl_pathv[f] + strlen(root) + 1, text);
            free(text);
        }
        globfree(&found);
    }
    assert_true(codes_n > 150); /* it does look */
    assert_int_equal(missing_n, 0);
}

static void words(void **state)
{
    (void)state;
    struct error e;
    struct error_words w;
    assert_int_equal(
        error_set(&e, STATUS_INVALID, "archive_encrypted", "make it again", "a.zip is encrypted"),
        STATUS_INVALID);
    error_in_words(&e, FINDING_EN, &w);
    assert_string_equal(w.message, "a.zip is encrypted");
    assert_string_equal(w.remedy, "make it again");
    error_in_words(&e, FINDING_ES, &w);
    assert_string_equal(w.message, "el .zip está cifrado: a.zip is encrypted");
    assert_string_equal(w.remedy, "haga el .zip de nuevo sin contraseña");
    /* a remedy of the case is kept */
    (void)!error_set(&e, STATUS_INVALID, "crs_wrong", "import with --crs EPSG:32615", "x");
    error_in_words(&e, FINDING_ES, &w);
    assert_non_null(strstr(w.remedy, "--crs, o corrija el archivo: import with --crs EPSG:32615"));
    (void)!error_set(&e, STATUS_INVALID, "crs_wrong", NULL, "x");
    error_in_words(&e, FINDING_ES, &w);
    assert_non_null(strstr(w.remedy, "corrija el archivo"));
    assert_null(strchr(w.remedy + strlen(w.remedy) - 1, ':'));
    /* a code of nobody: the sentence of its status, and the English remedy */
    (void)!error_set(&e, STATUS_INTERNAL, "some_fault", "tell us", "boom");
    error_in_words(&e, FINDING_ES, &w);
    assert_string_equal(w.message, "falla del programa; por favor avísenos: boom");
    assert_string_equal(w.remedy, "tell us");
    memset(e.message, 'x', sizeof e.message - 1);
    e.message[sizeof e.message - 1] = 0;
    error_in_words(&e, FINDING_ES, &w); /* fits */
    assert_int_equal(w.message[strlen(w.message) - 1], 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_code), cmocka_unit_test(words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
