/* Text, values, column names and vocabularies. */
#include <math.h>
#include <string.h>

#include "importers/mapping.h"
#include "importers/place_key.h"
#include "importers/text.h"
#include "importers/values.h"
#include "importers/vocabulary.h"
#include "tests/check.h"

static void keys(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"Código_Parcela", "codigoparcela"},
                                           {"CAFÉ", "cafe"},
                                           {"  ", ""},
                                           {"piña", "pina"},
                                           {"A\xCC\x81rbol", "arbol"},
                                           {"Łódź 2", "lodz2"},
                                           {"\xFF\xFE"
                                            "ab",
                                            "ab"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char key[TEXT_KEY_MAX];
        text_key(pairs[i][0], key);
        assert_string_equal(key, pairs[i][1]);
    }
    char longest[400], key[TEXT_KEY_MAX];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    text_key(longest, key);
    assert_true(strlen(key) < TEXT_KEY_MAX);
}

static void utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"", "plain ascii that is long", "áé漢🌽", "12345678é"};
    static const char *const bad[] = {"\xE1",         "caf\xE9",          "\xC0\x80",
                                      "\xED\xA0\x80", "\xF5\x80\x80\x80", "1234567\x80",
                                      "\xE2\x82"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(text_utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_utf8_valid(bad[i], strlen(bad[i])));
    assert_false(text_utf8_valid("a\0b", 3));
    assert_false(text_utf8_valid("12345678\0", 9));
    struct arena a;
    arena_init(&a, 0);
    assert_string_equal(text_from_page(&a, "ma\xEDz \x80\x81", 7, 1252), "maíz €\xEF\xBF\xBD");
    assert_string_equal(text_from_page(&a,
                                       "ca\xA4"
                                       "a \xB5",
                                       6, 850),
                        "caña Á");
    assert_string_equal(text_clean(&a,
                                   "a\xFF"
                                   "é",
                                   100),
                        "a\xEF\xBF\xBDé");
    assert_string_equal(text_clean(&a, "aéé", 4), "aé");
    assert_null(text_trim(&a, " \t"));
    assert_string_equal(text_trim(&a, "  a b "), "a b");
    static const char plain[] = "\t a b";
    assert_ptr_equal(text_trimmed(&a, plain), plain + 2);
    assert_string_equal(text_trimmed(&a, " a b\r\n"), "a b");
    assert_null(text_trimmed(&a, " \t"));
    assert_null(text_trimmed(&a, NULL));
    arena_clear(&a);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1.25", 1.25}, {"3,25", 3.25},  {"1,250.5", 1250.5},    {"1.250,5 ha", 1250.5},
                {"12", 12},     {" -0.5", -0.5}, {"1.250.000", 1250000}, {"2e3", 2000},
                {"7 HA", 7},    {".5", 0.5}};
    static const char *const bad[] = {"",  "ha",  "1.2 acres", "abc",   "1e999",
                                      "-", "nan", "inf",       "1.2.x", ","};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double v = NAN;
        assert_true(value_number(good[i].text, &v));
        CHECK_NEAR(v, good[i].value, 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double v;
        if (value_number(bad[i], &v))
            print_error("'%s' was taken as %g\n", bad[i], v);
        assert_false(value_number(bad[i], &v));
    }
}

static void dates(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"2024-03-01", "2024-03-01"}, {"2024-03-01T10:00:00", "2024-03-01"},
        {"01/03/2024", "2024-03-01"}, {"1-3-2024", "2024-03-01"},
        {"03/25/2024", "2024-03-25"}, {"20240301", "2024-03-01"},
        {"2024/02/29", "2024-02-29"}, {"1.3.2024 10:00", "2024-03-01"}};
    static const char *const bad[] = {"",         "31/02/2024", "2023-02-29",
                                      "ayer",     "2024-13-40", "01/03/24",
                                      "1/2-2024", "99999999",   "00/00/0000"};
    char out[11];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(value_date(good[i][0], out));
        assert_string_equal(out, good[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(value_date(bad[i], out));
    int year = 0;
    assert_true(value_year("2019", &year) && year == 2019);
    assert_true(value_year("2019.0", &year) && year == 2019);
    assert_true(value_year("05/06/2018", &year) && year == 2018);
    assert_false(value_year("19", &year));
    assert_false(value_year("veinte", &year));
}

static void other_values(void **state)
{
    (void)state;
    assert_int_equal(value_gender("Mujer"), 'f');
    assert_int_equal(value_gender("H"), 'm');
    assert_int_equal(value_gender("masculino"), 'm');
    assert_int_equal(value_gender("M"), 'M');
    assert_int_equal(value_gender("?"), 0);
    enum survey_method m = SURVEY_IMPORTED;
    assert_true(value_survey("Recorrido con GPS", &m) && m == SURVEY_WALKED);
    assert_true(value_survey("digitalizado sobre imagen", &m) && m == SURVEY_DIGITISED);
    assert_true(value_survey("Catastro RAN", &m) && m == SURVEY_CADASTRAL);
    assert_false(value_survey("otro", &m));
    struct arena a;
    arena_init(&a, 0);
    const char *list[3];
    assert_int_equal(value_list(&a, "maíz / frijol; calabaza y chile", list, 3), 3);
    assert_string_equal(list[0], "maíz");
    assert_string_equal(list[1], "frijol");
    assert_string_equal(list[2], "calabaza");
    assert_int_equal(value_list(&a, " ,;", list, 3), 0);
    char text[32];
    value_format(0.1, text);
    assert_string_equal(text, "0.1");
    value_format(23270.3641463, text);
    assert_string_equal(text, "23270.3641463");
    arena_clear(&a);
}

static void vocabularies(void **state)
{
    (void)state;
    const struct vocabulary *crops = vocabulary_shipped(VOCABULARY_CROPS),
                            *practices = vocabulary_shipped(VOCABULARY_PRACTICES);
    assert_string_equal(vocabulary_code(crops, "Café"), "coffee");
    assert_string_equal(vocabulary_code(crops, "MAIZ"), "maize");
    assert_string_equal(vocabulary_code(crops, "caña de azúcar"), "sugarcane");
    assert_null(vocabulary_code(crops, "quinoa real"));
    assert_string_equal(vocabulary_code(practices, "labranza mínima"), "minimum_tillage");
    assert_string_equal(vocabulary_code(practices, "Silvopastoril"), "silvopasture");
    for (size_t i = 0; i < vocabulary_count(crops); i++) /* a word must not lead to two crops */
        assert_string_equal(vocabulary_code(crops, vocabulary_at(crops, i)->es),
                            vocabulary_at(crops, i)->code);
    for (size_t i = 0; i < vocabulary_count(practices); i++)
        assert_string_equal(vocabulary_code(practices, vocabulary_at(practices, i)->es),
                            vocabulary_at(practices, i)->code);
}

static void mapped_columns(void **state)
{
    (void)state;
    static const char *const columns[] = {"plot_code", "producer", "programme", "crop",
                                          "practice",  "year",     "mun_key",   "ha_decl"};
    struct mapping m;
    struct error e = {0};
    CHECK_OK(mapping_make(READER_PLOTS, columns, 8, true, NULL, 0, &m, &e), e);
    assert_int_equal(m.column[FIELD_CODE][0], 0);
    assert_int_equal(m.column[FIELD_PRODUCER_NAME][0], 1);
    assert_int_equal(m.column[FIELD_PROGRAMME][0], 2);
    assert_int_equal(m.column[FIELD_CROP][0], 3);
    assert_int_equal(m.column[FIELD_CROP][1], -1);
    assert_int_equal(m.column[FIELD_ADOPTION_YEAR][0], 5);
    assert_int_equal(m.column[FIELD_DECLARED_HA][0], 7);
    static const char *const cut[] = {"Organizaci", "CLAVE_PROD", "cultivo_2", "Cultivo", "Año"};
    CHECK_OK(mapping_make(READER_PLOTS, cut, 5, true, NULL, 0, &m, &e), e);
    assert_int_equal(m.column[FIELD_ORGANISATION][0], 0);
    assert_int_equal(m.column[FIELD_PRODUCER_CODE][0], 1);
    assert_int_equal(m.column[FIELD_CROP][0], 3); /* the main one first */
    assert_int_equal(m.column[FIELD_CROP][1], 2);
    assert_int_equal(m.column[FIELD_ADOPTION_YEAR][0], 4);
    CHECK_OK(mapping_make(READER_PLOTS, cut, 5, false, NULL, 0, &m, &e), e);
    assert_int_equal(m.column[FIELD_ORGANISATION][0], -1); /* not a table that cuts names */
}

static void given_columns(void **state)
{
    (void)state;
    static const char *const columns[] = {"a", "cultivo", "Éste"};
    struct mapping m;
    struct error e = {0};
    const struct reader_mapping good[] = {{.field = "code", .column = "este"},
                                          {.field = "crop", .column = ""}};
    CHECK_OK(mapping_make(READER_PLOTS, columns, 3, true, good, 2, &m, &e), e);
    assert_int_equal(m.column[FIELD_CODE][0], 2);
    assert_int_equal(m.column[FIELD_CROP][0], -1);
    const struct reader_mapping no_column[] = {{.field = "code", .column = "b"}},
                                no_field[] = {{.field = "colour", .column = "a"}},
                                for_layers[] = {{.field = "key", .column = "a"}};
    assert_int_equal(mapping_make(READER_PLOTS, columns, 3, true, no_column, 1, &m, &e),
                     STATUS_USAGE);
    assert_non_null(strstr(e.message, "a, cultivo, Éste"));
    assert_int_equal(mapping_make(READER_PLOTS, columns, 3, true, no_field, 1, &m, &e),
                     STATUS_USAGE);
    assert_int_equal(mapping_make(READER_PLOTS, columns, 3, true, for_layers, 1, &m, &e),
                     STATUS_USAGE);
    CHECK_OK(mapping_make(READER_REGIONS, columns, 3, true, for_layers, 1, &m, &e), e);
    assert_int_equal(m.column[FIELD_KEY][0], 0);
}

static void place_keys(void **state)
{
    (void)state;
    static const struct {
        const char *key, *state, *wanted;
    } cases[] = {
        {"07059", NULL, "07059"},   {"7059", NULL, "07059"},
        {"7059.0", NULL, "07059"},  {"070590001", NULL, "07059"},
        {" 20067 ", NULL, "20067"}, {"59", "7", "07059"},
        {"059", "07", "07059"},     {"67.00", "20", "20067"},
        {"59", NULL, NULL},         {"059", "Chiapas", NULL},
        {"Ocosingo", "07", NULL},   {"7059.5", NULL, NULL},
        {"", "07", NULL},           {NULL, "07", NULL},
        {"0705900", NULL, NULL},    {"99999999999999999999", NULL, NULL},
        {"59", "700", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char key[PLACE_KEY_MAX] = "";
        bool found = place_key_read(cases[i].key, cases[i].state, key);
        assert_int_equal(found, cases[i].wanted != NULL);
        if (found)
            assert_string_equal(key, cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),           cmocka_unit_test(utf8),
        cmocka_unit_test(numbers),        cmocka_unit_test(dates),
        cmocka_unit_test(other_values),   cmocka_unit_test(vocabularies),
        cmocka_unit_test(mapped_columns), cmocka_unit_test(given_columns),
        cmocka_unit_test(place_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
