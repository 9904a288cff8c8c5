/* Weighted percentiles by the mid-point rule; see percentile_weighted in slope.h and GEO.md 3.6.
 * Unlike rules that count values, it does not move when cells are touched by a sliver. */
#include <math.h>

#include "geo/slope.h"

double percentile_weighted(const double *values, const double *weights, size_t n, double q)
{
    if (!n)
        return NAN;
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += weights[i];
    double before = 0, last_rank = 0;
    for (size_t i = 0; i < n; i++) {
        double rank = (before + weights[i] / 2) / total;
        if (q <= rank) {
            if (i == 0)
                return values[0];
            double share = (q - last_rank) / (rank - last_rank);
            return values[i - 1] + share * (values[i] - values[i - 1]);
        }
        last_rank = rank;
        before += weights[i];
    }
    return values[n - 1];
}
