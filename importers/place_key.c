/* Keys of municipalities; see place_key.h. */
#include "importers/place_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digits of a whole number with blanks around it, ".0" behind it; how many, 0 = it is none. */
static size_t digits_of(const char *text, char out[16])
{
    if (!text)
        return 0;
    text += strspn(text, " \t'");
    size_t n = strspn(text, "0123456789");
    const char *rest = text + n;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0");
    if (n == 0 || n > 13 || rest[strspn(rest, " \t")])
        return 0;
    memcpy(out, text, n);
    out[n] = 0;
    return n;
}

bool place_key_read(const char *key, const char *state, char out[PLACE_KEY_MAX])
{
    char digits[16], of_state[16];
    size_t n = digits_of(key, digits);
    if (n == 5 || n == 9) /* municipality, locality */
        snprintf(out, PLACE_KEY_MAX, "%.5s", digits);
    else if (n == 4 || n == 8) /* a spreadsheet ate the zero of states 01 to 09 */
        snprintf(out, PLACE_KEY_MAX, "0%.4s", digits);
    else if (n >= 1 && n <= 3 && digits_of(state, of_state) >= 1 && strlen(of_state) <= 2)
        snprintf(out, PLACE_KEY_MAX, "%02ld%03ld", strtol(of_state, NULL, 10) % 100,
                 strtol(digits, NULL, 10) % 1000);
    else
        return false;
    return true;
}
