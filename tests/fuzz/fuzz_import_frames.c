/* What a reader process says, as the registry decodes it: any bytes, cut into frames as reader.c
 * cuts them. */
#include <string.h>

#include "importers/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct frame_decoder d;
    struct arena a;
    struct error e;
    struct reader_event event;
    arena_init(&a, 64 << 20);
    frame_decoder_init(&d, 2);
    for (size_t at = 0; n - at >= FRAME_HEAD;) {
        size_t payload = 0;
        if (frame_head(bytes + at, &payload, &e) != STATUS_OK || payload > n - at - FRAME_HEAD)
            break;
        arena_reset(&a);
        enum status s = frame_decode(&d, bytes + at, FRAME_HEAD + payload, &a, &event, &e);
        if (s == STATUS_OK && event.kind == READER_CANDIDATE && event.candidate.boundary.points_n &&
            !boundary_well_formed(&event.candidate.boundary, NULL))
            __builtin_trap();
        at += FRAME_HEAD + payload;
    }
    struct reader_request r;
    arena_reset(&a);
    (void)!frame_decode_request(bytes, n, &a, &r, &e);
    frame_decoder_clear(&d);
    arena_clear(&a);
    return 0;
}
