/* Dividing a plot's whole square millimetres over its parts so that they add up exactly; see
 * area_apportion in area.h. Largest remainder (Hamilton's method): every part gets its share
 * rounded down, the rest goes to the largest remainders. */
#include <math.h>

#include "geo/area.h"

/* Weights as integers, so that shares and remainders are exact: the largest becomes about 2^52. */
static uint64_t weight_units(double weight, int shift)
{
    return weight > 0 && isfinite(weight) ? (uint64_t)ldexp(weight, shift) : 0;
}

static int weights_shift(const double *weights, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(weights[i]) && weights[i] > largest)
            largest = weights[i];
    int exponent = 0;
    frexp(largest, &exponent);
    return 52 - exponent;
}

struct remainder_rank {
    unsigned __int128 remainder;
    size_t index;
};

/* The next candidate after `last`: smaller remainder, or the same with a higher index. One unit
 * goes to each in turn; as fewer units than parts remain and parts are few (classes, regions), n
 * passes cost less than sorting with memory. */
static struct remainder_rank next_remainder(int64_t total, const double *weights, int shift,
                                            unsigned __int128 sum, size_t n,
                                            const struct remainder_rank *last)
{
    struct remainder_rank best = {0, n};
    for (size_t i = 0; i < n; i++) {
        unsigned __int128 share =
            (unsigned __int128)(uint64_t)total * weight_units(weights[i], shift);
        unsigned __int128 remainder = share % sum;
        if (last &&
            (remainder > last->remainder || (remainder == last->remainder && i <= last->index)))
            continue;
        if (best.index == n || remainder > best.remainder)
            best = (struct remainder_rank){remainder, i};
    }
    return best;
}

void area_apportion(int64_t total_mm2, const double *weights, size_t n, int64_t *out)
{
    if (!n)
        return;
    int64_t total = total_mm2 < 0 ? 0 : total_mm2;
    int shift = weights_shift(weights, n);
    unsigned __int128 sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weight_units(weights[i], shift);
        out[i] = 0;
    }
    if (!sum) {
        out[n - 1] = total_mm2;
        return;
    }
    int64_t rest = total;
    for (size_t i = 0; i < n; i++) {
        unsigned __int128 units = weight_units(weights[i], shift);
        if (units == 0)
            continue;
        /* mostly one part has everything: no long division for that */
        out[i] = units == sum ? total : (int64_t)((uint64_t)total * units / sum);
        rest -= out[i];
    }
    struct remainder_rank last;
    for (bool first = true; rest > 0; rest--, first = false) {
        last = next_remainder(total, weights, shift, sum, n, first ? NULL : &last);
        out[last.index]++;
    }
}
