/* Any rings as a boundary: encoding ends, the bytes decode, and where the whole boundary is simple
 * every zoom is. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/drawing_help.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { POINTS_MAX = 120 };

/* Four bytes a vertex: steps of 1/65536 degree; a zero vertex ends a ring, two of them end a part.
 */
static void read_shape(struct shape *s, const uint8_t *bytes, size_t n)
{
    uint32_t ring = 0;
    for (size_t i = 0; i + 4 <= n && i < 4 * POINTS_MAX; i += 4) {
        int16_t step[2];
        memcpy(step, bytes + i, sizeof step);
        if (step[0] || step[1]) {
            shape_point(s, -92 + step[0] / 65536.0, 15 + step[1] / 65536.0);
            ring++;
        } else if (ring) {
            shape_close(s, i + 8 <= n && !memcmp(bytes + i + 4, "\0\0\0\0", 4));
            ring = 0;
        }
    }
    if (ring)
        shape_close(s, true);
    else if (s->b.rings_n && (!s->b.parts_n || s->b.part_end[s->b.parts_n - 1] != s->b.rings_n))
        s->b.part_end[s->b.parts_n++] = s->b.rings_n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    struct error e;
    struct shape s;
    struct drawing d;
    unsigned char *out;
    size_t out_n;
    arena_init(&a, 0);
    shape_init(&s, 2 * POINTS_MAX + 2, POINTS_MAX + 2);
    read_shape(&s, bytes, n);
    if (drawing_encode(&s.b, &a, &out, &out_n, &e) ||
        drawing_decode(out, out_n, DRAWING_ZOOM_MAX, &a, &d, &e))
        abort();
    bool simple = drawing_crossings(&d, true) == 0;
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++)
        if (drawing_decode(out, out_n, zoom, &a, &d, &e) || (simple && drawing_crossings(&d, true)))
            abort();
    shape_clear(&s);
    arena_clear(&a);
    return 0;
}
