/* Mapping profiles, dates and numbers as people type them, CURPs, and findings in Spanish. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "importers/curp.h"
#include "importers/dates.h"
#include "importers/finding.h"
#include "importers/mapping.h"
#include "importers/profile.h"
#include "importers/text.h"
#include "importers/values.h"
#include "tests/check.h"

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text, *date;
        enum date_answer answer;
    } cases[] = {{"2024-03-01", "2024-03-01", DATE_PLAIN},
                 {"2024/3/1 10:00", "2024-03-01", DATE_PLAIN},
                 {"25/03/2024", "2024-03-25", DATE_PLAIN},
                 {"03/25/2024", "2024-03-25", DATE_PLAIN},
                 {"01/03/2024", "2024-03-01", DATE_AMBIGUOUS},
                 {"03/03/2024", "2024-03-03", DATE_PLAIN},
                 {"15 de marzo de 2019", "2019-03-15", DATE_PLAIN},
                 {"15 de Marzo del 2019", "2019-03-15", DATE_PLAIN},
                 {"Viernes, 15 de marzo de 2019", "2019-03-15", DATE_PLAIN},
                 {"15-mar-19", "2019-03-15", DATE_PLAIN},
                 {"15/MAR/2019 08:30", "2019-03-15", DATE_PLAIN},
                 {"mar 15 mar 2019", "2019-03-15", DATE_PLAIN},
                 {"Mar 15, 2019", "2019-03-15", DATE_PLAIN},
                 {"March 15th, 2019", "2019-03-15", DATE_PLAIN},
                 {"2019 septiembre 7", "2019-09-07", DATE_PLAIN},
                 {"7 set. 2019", "2019-09-07", DATE_PLAIN},
                 {"1-ene-51", "1951-01-01", DATE_PLAIN},
                 {"miércoles 2 de enero de 2019", "2019-01-02", DATE_PLAIN},
                 {"43539", "2019-03-15", DATE_SERIAL},
                 {"43539.75", "2019-03-15", DATE_SERIAL},
                 {"36526", "2000-01-01", DATE_SERIAL},
                 {"60000", "2064-04-08", DATE_SERIAL}};
    static const char *const bad[] = {"",
                                      "ayer",
                                      "31 de junio de 2019",
                                      "2019",
                                      "12345",
                                      "99999",
                                      "15 de marzo",
                                      "marzo 2019",
                                      "15-mar-2",
                                      "15 mar abr 2019",
                                      "15/mar/19/03",
                                      "43539 x",
                                      "1 2 3 2019",
                                      "foo 15 marzo 2019",
                                      "15-xyz-2019"};
    char out[11];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum date_answer answer = date_parse(cases[i].text, DATE_ORDER_UNKNOWN, out);
        if (answer != cases[i].answer)
            print_error("'%s': %d\n", cases[i].text, answer);
        assert_int_equal(answer, cases[i].answer);
        assert_string_equal(out, cases[i].date);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum date_answer answer = date_parse(bad[i], DATE_ORDER_UNKNOWN, out);
        if (answer != DATE_NONE)
            print_error("'%s' was taken as %s\n", bad[i], out);
        assert_int_equal(answer, DATE_NONE);
    }
    assert_int_equal(date_parse("01/03/2024", DATE_MONTH_FIRST, out), DATE_ORDERED);
    assert_string_equal(out, "2024-01-03");
    assert_int_equal(date_parse("01/03/2024", DATE_DAY_FIRST, out), DATE_ORDERED);
    assert_string_equal(out, "2024-03-01");
    assert_int_equal(date_order_of("25/03/2024"), DATE_DAY_FIRST);
    assert_int_equal(date_order_of("03/25/2024"), DATE_MONTH_FIRST);
    assert_int_equal(date_order_of("03/04/2024"), DATE_ORDER_UNKNOWN);
    assert_int_equal(date_order_of("2024-03-25"), DATE_ORDER_UNKNOWN);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum number_sign sign;
        double value;
        enum number_answer answer;
    } cases[] = {{"1,250", NUMBER_SIGN_UNKNOWN, 1.25, NUMBER_AMBIGUOUS},
                 {"12.500", NUMBER_SIGN_UNKNOWN, 12.5, NUMBER_AMBIGUOUS},
                 {"0.125", NUMBER_SIGN_UNKNOWN, 0.125, NUMBER_PLAIN},
                 {"1250.125", NUMBER_SIGN_UNKNOWN, 1250.125, NUMBER_PLAIN},
                 {"1,250", NUMBER_POINT, 1250, NUMBER_PLAIN},
                 {"1,250", NUMBER_COMMA, 1.25, NUMBER_PLAIN},
                 {"1.250,5", NUMBER_COMMA, 1250.5, NUMBER_PLAIN},
                 {"1,25 hectáreas", NUMBER_COMMA, 1.25, NUMBER_PLAIN},
                 {"1.250.000", NUMBER_COMMA, 1250000, NUMBER_PLAIN}};
    double v;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(value_number_as(cases[i].text, cases[i].sign, &v), cases[i].answer);
        CHECK_NEAR(v, cases[i].value, 0);
    }
    assert_int_equal(value_number_as("3,25", NUMBER_POINT, &v), NUMBER_NONE);
    assert_int_equal(value_number_as("1.2.3", NUMBER_POINT, &v), NUMBER_NONE);
    assert_int_equal(value_number_as("1,250.5", NUMBER_COMMA, &v), NUMBER_NONE);
    assert_int_equal(value_number_sign("1.5"), NUMBER_POINT);
    assert_int_equal(value_number_sign("1,5"), NUMBER_COMMA);
    assert_int_equal(value_number_sign("1.250.000"), NUMBER_COMMA);
    assert_int_equal(value_number_sign("1,250"), NUMBER_SIGN_UNKNOWN);
    assert_int_equal(value_number_sign("7"), NUMBER_SIGN_UNKNOWN);
}

static const unsigned char KEY[CURP_KEY_BYTES] = {1, 2, 3};

static void curps(void **state)
{
    (void)state;
    assert_int_equal(curp_check("HEGG560427MVZRRL04"), CURP_GOOD);
    assert_int_equal(curp_check(" hegg 560427 mvzrrl 04 "), CURP_GOOD);
    assert_int_equal(curp_check("HEGG560427MVZRRL05"), CURP_CHECK_DIGIT);
    static const char *const bad[] = {"",
                                      "HEGG560427MVZRRL0",
                                      "HEGG560427MVZRRL041",
                                      "HEGG561327MVZRRL04",
                                      "HEGG560432MVZRRL04",
                                      "HEGG560427QVZRRL04",
                                      "HEGG560427MXXRRL04",
                                      "HEGG560427MVZRAL04",
                                      "HEGG560427MVZRRL0A",
                                      "HEGG/560427MVZRRL04"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(curp_check(bad[i]), CURP_FORMAT);
    /* a wrong character is found unless weight x difference of values is a whole ten */
    static const char values[] = "0123456789ABCDEFGHIJKLMN OPQRSTUVWXYZ";
    size_t found_wrong = 0, changed = 0;
    static const char good[] = "HEGG560427MVZRRL04";
    for (size_t i = 0; i < 17; i++)
        for (char c = i < 10 && i > 3 ? '0' : 'A'; c <= (i < 10 && i > 3 ? '9' : 'Z'); c++) {
            char other[sizeof good];
            memcpy(other, good, sizeof good);
            other[i] = c;
            if (c == good[i])
                continue;
            int difference = (int)(strchr(values, c) - strchr(values, good[i]));
            enum curp_answer answer = curp_check(other);
            changed++;
            found_wrong += answer != CURP_GOOD;
            if (answer == CURP_GOOD)
                assert_int_equal((18 - (int)i) * difference % 10, 0);
        }
    assert_true(found_wrong > changed * 3 / 4);

    struct arena a;
    arena_init(&a, 0);
    char mark[CURP_MARK_SIZE], again[CURP_MARK_SIZE];
    curp_mark(KEY, "HEGG560427MVZRRL04", mark);
    curp_mark(KEY, " hegg-560427-mvzrrl-04", again);
    assert_string_equal(mark, again);
    assert_true(curp_is_mark(mark));
    assert_false(curp_is_mark("curp:12"));
    unsigned char other_key[CURP_KEY_BYTES] = {9};
    curp_mark(other_key, "HEGG560427MVZRRL04", again);
    assert_string_not_equal(mark, again);

    static const char *const hidden[] = {"HEGG560427MVZRRL04", "CURP: HEGG560427MVZRRL04.",
                                         "xHEGG560427MVZRRL04x", "a\nhegg560427mvzrrl05\tb",
                                         "de Gómez HEGG 560427 MVZ RRL 04 y HEGG560427MVZRRL04"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        uint64_t found = 0;
        const char *masked = curp_masked(&a, KEY, hidden[i], &found);
        assert_int_equal(found, i == 4 ? 2 : 1);
        assert_null(strcasestr(masked, "560427"));
        assert_non_null(strstr(masked, "curp:"));
        found = 0;
        assert_ptr_equal(curp_masked(&a, KEY, masked, &found), masked);
        assert_int_equal(found, 0);
    }
    static const char *const plain[] = {"",
                                        "MIAF-07096-0031",
                                        "Lote 190101 Maguey 12 y más",
                                        "HEGG560427MVZRRL",
                                        "HEGG569927MVZRRL04",
                                        "0123456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        uint64_t found = 0;
        assert_ptr_equal(curp_masked(&a, KEY, plain[i], &found), plain[i]);
    }
    arena_clear(&a);
}

static struct arena ARENA;

static enum status parse(const char *text, struct profile *out, struct error *e)
{
    return profile_parse(text, strlen(text), &ARENA, out, e);
}

static void profiles(void **state)
{
    (void)state;
    struct error e = {0};
    struct profile p;
    arena_init(&ARENA, 0);
    CHECK_OK(parse("\xEF\xBB\xBF# note, with "
                   "commas\ncolumn;field;value;becomes;samples\r\nCLAVE;code;;;a | b\r\n"
                   "FECHA;date(mdy)?\r\nCULT;crop\r\nCULT;;Milpa de Temporal;maize\r\nOBS;\r\n# "
                   "CULT;name\r\n",
                   &p, &e),
             e);
    assert_int_equal(p.mappings_n, 4);
    assert_string_equal(p.mappings[0].column, "CLAVE");
    assert_string_equal(p.mappings[1].field, "date(mdy)?");
    assert_true(p.mappings[1].profile);
    assert_string_equal(p.mappings[3].field, "");
    assert_int_equal(p.translations_n, 1);
    assert_string_equal(p.translations[0].value, "Milpa de Temporal");
    assert_string_equal(p.translations[0].becomes, "maize");
    CHECK_OK(parse("columna,campo,valor,queda\nDUE\xD1O,producer_name,,\n", &p, &e), e);
    assert_string_equal(p.mappings[0].column, "DUEÑO");

    static const char *const bad[][2] = {
        {"", "empty"},
        {"a,b\nc,d\n", "no header"},
        {"column,field\n", "says nothing"},
        {"column,field\nA,colour\n", "line 2"},
        {"# x\n# y\ncolumn,field\nA,colour\n", "line 4"},
        {"column,field\nA,code\nA,name\n", "twice"},
        {"column,field\nA,code(mdy)\n", "written"},
        {"column,field\n,code\n", "no column"},
        {"column,field\nA,key\n", "no field"},
        {"column,field,value,becomes\nA,crop\nA,,x,maize\na,,X,bean\n", "two things"},
        {"column,field\n\"A,code\n", "not closed"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (parse(bad[i][0], &p, &e) == STATUS_OK || !strstr(e.message, bad[i][1]))
            print_error("%zu: %s\n", i, e.message);
        assert_int_not_equal(parse(bad[i][0], &p, &e), STATUS_OK);
        assert_non_null(strstr(e.message, bad[i][1]));
    }
    assert_int_equal(profile_parse("a\0b", 3, &ARENA, &p, &e), STATUS_INVALID);
    char *large = calloc(1, PROFILE_BYTES_MAX + 2);
    memset(large, 'x', PROFILE_BYTES_MAX + 1);
    assert_int_equal(profile_parse(large, PROFILE_BYTES_MAX + 1, &ARENA, &p, &e), STATUS_LIMIT);
    free(large);

    /* what is proposed can be read */
    struct reader_column columns[] = {
        {.name = "CLAVE", .field = "code", .how = COLUMN_BY_NAME, .samples = {"a", "b,\"c\""}},
        {.name = "CULT", .field = "crop", .samples = {"quién sabe"}, .becomes = {"?"}},
        {.name = "#1"}};
    struct buf text;
    buf_init(&text, 0);
    profile_propose(columns, 3, &text);
    CHECK_OK(profile_parse(text.bytes, text.length, &ARENA, &p, &e), e);
    assert_string_equal(p.mappings[0].field, "code");
    assert_string_equal(p.translations[0].value, "quién sabe");
    buf_clear(&text);
    arena_clear(&ARENA);
}

static void profile_and_map(void **state)
{
    (void)state;
    static const char *const columns[] = {"CLAVE", "CULT_1", "CULT_2", "fecha", "folio"};
    struct mapping m;
    struct error e = {0};
    const struct reader_mapping given[] = {
        {.field = "crop", .column = "CULT_2", .profile = true},
        {.field = "crop", .column = "CULT_1", .profile = true},
        {.field = "date(mdy)", .column = "FECHA", .profile = true},
        {.field = "", .column = "folio", .profile = true},
        {.field = "name?", .column = "NOMBRE", .profile = true},
        {.field = "code", .column = "CULT_1", .profile = true},
        {.field = "code", .column = "CLAVE"}};
    CHECK_OK(mapping_make(READER_PLOTS, columns, 5, false, given, 7, &m, &e), e);
    assert_int_equal(m.column[FIELD_CODE][0], 0); /* --map comes before the profile */
    assert_int_equal(m.how[FIELD_CODE][0], COLUMN_GIVEN);
    assert_int_equal(m.column[FIELD_CROP][0], 2);
    assert_int_equal(m.column[FIELD_CROP][1], 1);
    assert_int_equal(m.how[FIELD_CROP][0], COLUMN_PROFILE);
    assert_int_equal(m.form[FIELD_DATE], FORM_MONTH_FIRST);
    assert_string_equal(m.absent, "NOMBRE");
    assert_int_equal(m.column[FIELD_NAME][0], -1);
    const struct reader_mapping missing[] = {
        {.field = "name", .column = "NOMBRE", .profile = true}};
    assert_int_equal(mapping_make(READER_PLOTS, columns, 5, false, missing, 1, &m, &e),
                     STATUS_USAGE);
    assert_non_null(strstr(e.message, "CULT_2"));
    assert_non_null(strstr(e.remedy, "?"));
}

static void pages(void **state)
{
    (void)state;
    assert_int_equal(text_page_of("UTF-8"), TEXT_PAGE_UTF8);
    assert_int_equal(text_page_of("Latin1"), 28591);
    assert_int_equal(text_page_of("windows-1252"), 1252);
    assert_int_equal(text_page_of("CP 850"), 850);
    assert_int_equal(text_page_of("klingon"), -1);
    assert_int_equal(text_page_of(""), 0);
}

static void spanish(void **state)
{
    (void)state;
    char text[FINDING_MESSAGE_MAX];
    enum finding_lang lang;
    assert_true(finding_lang_parse("es_MX.UTF-8", &lang) && lang == FINDING_ES);
    assert_true(finding_lang_parse("en-GB", &lang) && lang == FINDING_EN);
    assert_true(finding_lang_parse("C", &lang) && lang == FINDING_EN);
    assert_false(finding_lang_parse("fr_FR", &lang));
    assert_false(finding_lang_parse("", &lang));
    assert_false(finding_lang_parse("esperanto", &lang));
    static const char *const cases[][2] = {
        {"3 rows have heights or measures", "3 filas tienen alturas o medidas"},
        {"vertex 2 of 5 is at 0, 0", "el vértice 2 de 5 está en 0, 0"},
        {"layer a announces 5 rows, 4 could be read", "la capa a anuncia 5 filas, se leyeron 4"},
        {"layer a announces 5 rows, 4 could be read; fread(9) failed",
         "la capa a anuncia 5 filas, se leyeron 4; fread(9) failed"},
        {"'a; b' is not in the list of crops; 3 rows have it, the first is row 7",
         "'a; b' no está en la lista de cultivos; lo tienen 3 filas, la primera es la 7"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {.code = FINDING_Z_DROPPED, .message = cases[i][0]};
        assert_string_equal(finding_message(&f, FINDING_ES, text), cases[i][1]);
        assert_ptr_equal(finding_message(&f, FINDING_EN, text), cases[i][0]);
    }
    struct finding unknown = {.code = FINDING_FILE_WARNING, .message = "words of a library"};
    assert_string_equal(finding_message(&unknown, FINDING_ES, text),
                        "el archivo se leyó con una advertencia: words of a library");
    struct finding none = {.code = FINDING_FILE_WARNING};
    assert_string_equal(finding_message(&none, FINDING_ES, text),
                        "el archivo se leyó con una advertencia");
    for (int code = 0; code < FINDING_CODES_N; code++) {
        const struct finding_entry *entry = finding_entry((enum finding_code)code);
        assert_true(*entry->text_es && *entry->text_en);
        assert_int_equal(*entry->remedy_en == 0, *entry->remedy_es == 0);
    }
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),    cmocka_unit_test(numbers),         cmocka_unit_test(curps),
        cmocka_unit_test(profiles), cmocka_unit_test(profile_and_map), cmocka_unit_test(pages),
        cmocka_unit_test(spanish)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
