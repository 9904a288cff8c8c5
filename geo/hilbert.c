/* Hilbert curve of order 16 over the world's longitude/latitude square (Hilbert 1891; the bit form
 * follows the usual quadrant rotation): neighbours on the curve are neighbours on the ground, which
 * is what caches and pages like. */
#include "geo/boundary.h"

static uint32_t hilbert_axis(double degrees, double range)
{
    double cell = (degrees / range + 0.5) * 65536.0;
    if (!(cell > 0)) /* NaN too */
        return 0;
    return cell >= 65535.0 ? 65535u : (uint32_t)cell;
}

uint32_t hilbert_index(struct lonlat p)
{
    uint32_t x = hilbert_axis(p.lon, 360.0), y = hilbert_axis(p.lat, 180.0), index = 0;
    for (uint32_t side = 32768u; side; side /= 2) {
        uint32_t right = (x & side) != 0, upper = (y & side) != 0;
        index = index << 2 | ((3u * right) ^ upper);
        if (!upper) { /* turn the quadrant so that the curve enters and leaves where its neighbours
                         do */
            if (right) {
                x = 65535u - x;
                y = 65535u - y;
            }
            uint32_t t = x;
            x = y;
            y = t;
        }
    }
    return index;
}
