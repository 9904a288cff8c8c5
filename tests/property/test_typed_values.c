/* Every day and many numbers, written in each way people write them, are read back as what they
 * are. */
#include <stdlib.h>
#include <string.h>

#include "importers/dates.h"
#include "importers/values.h"
#include "tests/check.h"
#include "tests/property/random.h"

static const char *const MONTHS[][12] = {
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
     "octubre", "noviembre", "diciembre"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}};

static int days_of(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}

static void reads(const char *text, enum date_order order, enum date_answer answer, const char *iso)
{
    char out[11] = "";
    enum date_answer got = date_parse(text, order, out);
    if (got != answer || strcmp(out, iso) != 0)
        print_error("'%s' (order %d): %d %s, expected %d %s\n", text, order, got, out, answer, iso);
    assert_int_equal(got, answer);
    assert_string_equal(out, iso);
}

static void every_day(void **state)
{
    (void)state;
    long serial = 2; /* 1900-01-01 as spreadsheets that know no 1900-02-29 count */
    for (int y = 1900; y <= 2100; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= days_of(y, m); d++, serial++) {
                char iso[40], text[64];
                snprintf(iso, sizeof iso, "%04d-%02d-%02d", y, m, d);
                reads(iso, DATE_ORDER_UNKNOWN, DATE_PLAIN, iso);
                bool open = d <= 12 && d != m;
                snprintf(text, sizeof text, "%d/%d/%d", d, m, y);
                reads(text, DATE_DAY_FIRST, open ? DATE_ORDERED : DATE_PLAIN, iso);
                reads(text, DATE_ORDER_UNKNOWN, open ? DATE_AMBIGUOUS : DATE_PLAIN, iso);
                snprintf(text, sizeof text, "%02d-%02d-%d", m, d, y);
                reads(text, DATE_MONTH_FIRST, open ? DATE_ORDERED : DATE_PLAIN, iso);
                snprintf(text, sizeof text, "%d de %s de %d", d, MONTHS[0][m - 1], y);
                reads(text, DATE_ORDER_UNKNOWN, DATE_PLAIN, iso);
                snprintf(text, sizeof text, "%s %d, %d", MONTHS[1][m - 1], d, y);
                reads(text, DATE_ORDER_UNKNOWN, DATE_PLAIN, iso);
                if (y >= 1950 && y < 2050) {
                    snprintf(text, sizeof text, "%02d-%s-%02d", d, MONTHS[2][m - 1], y % 100);
                    reads(text, DATE_ORDER_UNKNOWN, DATE_PLAIN, iso);
                }
                if (serial >= 20000 && y <= 2100 && serial <= 73415) {
                    snprintf(text, sizeof text, "%ld", serial);
                    reads(text, DATE_ORDER_UNKNOWN, DATE_SERIAL, iso);
                }
            }
}

/* Thousands of a number put apart by `sign`, decimals after `decimal`. */
static void write_number(char *out, size_t size, long whole, int thousandths, int decimals,
                         char sign, char decimal)
{
    char digits[24], fraction[8];
    size_t used = 0;
    snprintf(digits, sizeof digits, "%ld", whole);
    size_t n = strlen(digits);
    for (size_t i = 0; i < n && used + 2 < size; i++) {
        if (sign && i && (n - i) % 3 == 0)
            out[used++] = sign;
        out[used++] = digits[i];
    }
    snprintf(fraction, sizeof fraction, "%03d", thousandths);
    if (decimals)
        used += (size_t)snprintf(out + used, size - used, "%c%.*s", decimal, decimals, fraction);
    out[used] = 0;
}

static void many_numbers(void **state)
{
    (void)state;
    random_seed(20251);
    for (int i = 0; i < 20000; i++) {
        long whole = (long)random_below(10000000);
        int decimals = (int)random_below(4), thousandths = (int)random_below(1000);
        static const int scale[] = {1000, 100, 10, 1};
        double expected =
            (double)whole + (double)(thousandths / scale[decimals] * scale[decimals]) / 1000;
        bool comma = random_below(2) == 0, grouped = random_below(2) == 0;
        char text[48];
        write_number(text, sizeof text, whole, thousandths, decimals,
                     grouped ? comma ? '.' : ',' : 0, comma ? ',' : '.');
        double v = -1;
        assert_int_equal(value_number_as(text, comma ? NUMBER_COMMA : NUMBER_POINT, &v),
                         NUMBER_PLAIN);
        CHECK_NEAR(v, expected, 1e-9 * (1 + expected));
        enum number_sign proved = value_number_sign(text);
        if (proved != NUMBER_SIGN_UNKNOWN) /* never the wrong one */
            assert_int_equal(proved, comma ? NUMBER_COMMA : NUMBER_POINT);
    }
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
static void same_as_printed(double v)
{
    char text[32], printed[32];
    value_format(v, text);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(printed, sizeof printed, "%.*g", digits, v);
        if (strtod(printed, NULL) == v)
            break;
    }
    assert_string_equal(text, printed);
}

static void numbers_to_text(void **state)
{
    (void)state;
    static const double powers[] = {1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    static const double odd[] = {0,          -0.0, 1,    -1,        0.05,    1e-4,   9.9e-5, 1e8,
                                 99999999.5, 1e15, 1e22, 0.1 + 0.2, 1.0 / 3, 5e-324, -1e300};
    random_seed(20252);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        same_as_printed(odd[i]);
    for (int i = 0; i < 200000; i++) {
        double whole = (double)random_below(i % 2 ? 1000000000 : 20000);
        same_as_printed((i % 3 ? whole : -whole) / powers[random_below(10)]);
        uint64_t bits = random_bits();
        double v;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v))
            same_as_printed(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_day), cmocka_unit_test(many_numbers),
                                       cmocka_unit_test(numbers_to_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
