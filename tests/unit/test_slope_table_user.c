/* Users' tables of slope classes: what is read, and what every fault is called. */
#include "tests/check.h"

#include <string.h>

#include "geo/slope.h"

static void read_whole(void **state)
{
    (void)state;
    struct slope_class_table t;
    struct error e;
    CHECK_OK(
        slope_table_user("\xEF\xBB\xBF"
                         "code,from_pct,to_pct,name_es,name_en,colour,note,source\r\n"
                         "a,0,8,plano,flat,#440154,x,\"Norma, 2024\"\r\n\r\n# a remark\r\n"
                         "b,8,20.5,medio,medium,#21908c,,\r\nc,20.5,,fuerte,steep,#FDE725,,\r\n",
                         "norma", &t, &e),
        e);
    assert_int_equal(t.classes_n, 3);
    assert_string_equal(t.code, "norma");
    assert_string_equal(t.source, "Norma, 2024");
    assert_string_equal(t.classes[1].name_es, "medio");
    assert_string_equal(t.classes[1].name_en, "medium");
    assert_string_equal(t.classes[2].colour, "#FDE725");
    CHECK_NEAR(t.classes[2].from_pct, 20.5, 0);
    assert_int_equal(slope_class_of(&t, 20.4999), 1);
    /* The least there may be: columns in any order, names from the codes, the table's name from a
     * column. */
    CHECK_OK(slope_table_user("from_pct,code,table\n0,gentle,MINE\n20,steep,MINE", "x", &t, &e), e);
    assert_int_equal(t.classes_n, 2);
    assert_string_equal(t.code, "MINE");
    assert_string_equal(t.classes[0].name_es, "gentle");
    assert_string_equal(t.classes[0].colour, "");
    /* The shipped table can be taken as a file, one of its tables at least. */
    CHECK_OK(slope_table_user("table,code,from_pct,name_en,name_es,source\nMIAF_20,1,0,under,bajo,"
                              "CIMMYT\nMIAF_20,2,20,over,alto,CIMMYT\n",
                              "x", &t, &e),
             e);
    assert_string_equal(t.code, "MIAF_20");
}

static void faults(void **state)
{
    (void)state;
    static const struct {
        const char *csv, *code, *says;
    } bad[] = {
        {"", "slope_table_columns", "code"},
        {"code;from_pct\na;0\n", "slope_table_columns", "code"},
        {"code,to_pct\na,0\n", "slope_table_columns", "from_pct"},
        {"code,from_pct\n", "slope_table_empty", "no class"},
        {"code,from_pct\na,zero\n", "slope_table_number", "line 2"},
        {"code,from_pct\na,\n", "slope_table_number", "line 2"},
        {"code,from_pct\na,nan\n", "slope_table_number", "line 2"},
        {"code,from_pct\na,2\n", "slope_table_gap", "begin at 0"},
        {"code,from_pct\na,0\nb,0\n", "slope_table_order", "line 3"},
        {"code,from_pct\na,0\nb,10\nc,5\n", "slope_table_order", "class c begins at 5"},
        {"code,from_pct,to_pct\na,0,8\nb,10,\n", "slope_table_gap", "no class"},
        {"code,from_pct,to_pct\na,0,8\nb,6,\n", "slope_table_overlap", "two classes"},
        {"code,from_pct,to_pct\na,0,-1\n", "slope_table_order", "not above"},
        {"code,from_pct,to_pct\na,0,8\nb,8,60\n", "slope_table_gap", "steeper ground"},
        {"code,from_pct,to_pct\na,0,eight\n", "slope_table_number", "eight"},
        {"code,from_pct,colour\na,0,green\n", "slope_table_colour", "green"},
        {"code,from_pct,colour\na,0,#12345\n", "slope_table_colour", "#12345"},
        {"code,from_pct\na,0\na,5\n", "slope_table_duplicate", "code"},
        {"code,from_pct,name_en\na,0,flat\nb,5,flat\n", "slope_table_duplicate", "name"},
        {"code,from_pct,name_es,name_en\na,0,x,one\nb,5,x,two\n", "slope_table_duplicate", "name"},
        {"code,from_pct\nno_data,0\n", "slope_table_code", "no_data"},
        {"code,from_pct\n\"a b\",0\n", "slope_table_code", "a b"},
        {"code,from_pct\na-very-long-code,0\n", "slope_table_code", "cannot"},
        {"code,from_pct\n\"a,0\n", "slope_table_line", "line 2"},
        {"table,code,from_pct\nX,a,0\nY,b,5\n", "slope_table_several", "Y"},
        {"code,from_pct,name_en\na,0,a name that is by far too long for a class of slopes\n",
         "slope_table_name", "47"},
        {"code,from_pct\na,0\nb,1\nc,2\nd,3\ne,4\nf,5\ng,6\nh,7\ni,8\nj,9\nk,10\nl,11\nm,12\nn,"
         "13\no,14\np,15\nq,16\n",
         "slope_table_many", "16"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct slope_class_table t;
        struct error e = {0};
        if (slope_table_user(bad[i].csv, "mine", &t, &e) != STATUS_INVALID ||
            strcmp(e.code, bad[i].code) != 0 || !strstr(e.message, bad[i].says)) {
            print_error("case %zu: %s: %s\n", i, e.code, e.message);
            fail();
        }
        assert_true(*e.remedy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(read_whole), cmocka_unit_test(faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
