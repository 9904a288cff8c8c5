/* What the registry reads back from its own disk: geometry blobs, kept answers, jobs. A damaged
 * page or a hand that edited a file must end in an error. The first byte chooses. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "service/registry/answers.c"   /* its decoder is static */
#include "service/registry/job_files.c" /* so is this one */
#include "service/store/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void blob(const uint8_t *bytes, size_t n, struct arena *a)
{
    struct boundary b, again;
    struct error e;
    if (blob_decode(bytes, n, a, &b, &e) != STATUS_OK || !b.points_n)
        return;
    size_t size = blob_size(&b);
    unsigned char *own = malloc(size);
    blob_encode(&b, own);
    if (blob_decode(own, size, a, &again, &e) != STATUS_OK || again.points_n != b.points_n ||
        again.rings_n != b.rings_n || again.parts_n != b.parts_n)
        __builtin_trap();
    free(own);
}

static void answer(const uint8_t *bytes, size_t n, struct arena *a)
{
    struct hectares h = {.groups = NULL};
    if (!decode((const char *)bytes, n, a, &h))
        return;
    struct buf b;
    buf_init(&b, 0);
    hectares_csv(&h, &b);
    buf_clear(&b);
}

static void job(const uint8_t *bytes, size_t n)
{
    json_t *o = json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, NULL);
    struct job *j = calloc(1, sizeof *j);
    struct buf b;
    buf_init(&b, 0);
    if (json_is_object(o) && take_job(o, j)) {
        if (j->state >= JOB_STATES_N || j->maps_n > JOB_MAPS_MAX || strchr(j->extension, '/'))
            __builtin_trap();
        job_json(j, FINDING_ES, &b);
    }
    buf_clear(&b);
    free(j);
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct arena a;
    if (!n)
        return 0;
    arena_init(&a, 64 << 20);
    if (bytes[0] % 3 == 0)
        blob(bytes + 1, n - 1, &a);
    else if (bytes[0] % 3 == 1)
        answer(bytes + 1, n - 1, &a);
    else
        job(bytes + 1, n - 1);
    arena_clear(&a);
    return 0;
}
