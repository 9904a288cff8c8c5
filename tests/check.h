/* Tolerance assertions for cmocka (whose own compare doubles as floats): they print expected, obtained and difference. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define CHECK_NEAR(obtained, expected, tolerance)                                                                      \
    do {                                                                                                               \
        double check_o = (obtained), check_e = (expected), check_t = (tolerance);                                      \
        if (!(fabs(check_o - check_e) <= check_t)) {                                                                   \
            print_error("%s: expected %.17g, obtained %.17g, difference %.3g > %.3g\n", #obtained, check_e, check_o,   \
                        check_o - check_e, check_t);                                                                   \
            fail();                                                                                                    \
        }                                                                                                              \
    } while (0)
#define CHECK_RELATIVE(obtained, expected, tolerance)                                                                  \
    CHECK_NEAR(obtained, expected, fabs((double)(expected)) * (tolerance))
/* A call that returns enum status must succeed; `error` is the struct error it filled. */
#define CHECK_OK(call, error)                                                                                          \
    do {                                                                                                               \
        enum status check_s = (call);                                                                                  \
        if (check_s != STATUS_OK) {                                                                                    \
            print_error("%s: status %d, %s: %s\n", #call, check_s, (error).code, (error).message);                     \
            fail();                                                                                                    \
        }                                                                                                              \
    } while (0)

#endif
