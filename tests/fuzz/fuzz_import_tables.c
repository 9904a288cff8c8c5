/* Text tables, the cells of forms and coordinates, and what a file is: any bytes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "importers/coordinates.h"
#include "importers/csv.h"
#include "importers/kind.h"
#include "tests/fuzz/short_reads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void cell(const char *text)
{
    static struct form_point points[64];
    double v;
    char axis;
    if (coordinate_parse(text, &v, &axis) && !isfinite(v))
        __builtin_trap();
    size_t n = form_points(text, points, 64);
    for (size_t i = 0; i < n && i < 64; i++)
        if (!(fabs(points[i].lat) <= 90 && fabs(points[i].lon) <= 180))
            __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct csv c;
    struct text t = {bytes, n, 13}, again = {bytes, n, 13};
    char head[KIND_HEAD + 1] = {0};
    size_t head_n = n < KIND_HEAD ? n : KIND_HEAD;
    struct error e;
    if (head_n)
        memcpy(head, bytes, head_n);
    if (kind_of_bytes(head, head_n, "a.txt") >= KINDS_N)
        __builtin_trap();
    (void)kind_json_sequence(read_text, &again);
    csv_start(&c, read_text, &t);
    while (csv_next(&c))
        for (size_t i = 0; i < c.cells_n; i++)
            cell(csv_cell(&c, i));
    (void)!csv_ended(&c, &e);
    csv_clear(&c);
    return 0;
}
