/* A reading and an adding thread, with blocks of rows in a ring between them; see rows_apart.h.
 *
 * The reader owns the block after those it gave, the adder the oldest of them: under the lock are
 * only the counts. */
#include "service/registry/rows_apart.h"

#include <pthread.h>
#include <stdlib.h>

#include "geo/base/arena.h"

enum { BLOCK_ROWS = 1024, BLOCKS = 4 };

struct block {
    struct store_total_row rows[BLOCK_ROWS];
    size_t n;
    struct arena words; /* what the rows point to */
};

struct ring {
    struct block blocks[BLOCKS];
    bool (*each)(const struct store_total_row *, void *);
    void *arg;
    bool failed; /* the reader has no memory */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t given, taken; /* blocks since the beginning */
    bool all_given;
    bool stopped; /* `each` has seen enough */
};

/* ---- adding ---- */

/* Waits for a block; NULL = there will be none. */
static struct block *next_block(struct ring *r)
{
    pthread_mutex_lock(&r->lock);
    while (r->taken == r->given && !r->all_given)
        pthread_cond_wait(&r->changed, &r->lock);
    bool any = r->taken < r->given;
    pthread_mutex_unlock(&r->lock);
    return any ? &r->blocks[r->taken % BLOCKS] : NULL;
}

static void give_back(struct ring *r, bool go)
{
    pthread_mutex_lock(&r->lock);
    r->taken++;
    r->stopped = !go;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

static void *add(void *arg)
{
    struct ring *r = arg;
    bool go = true;
    for (struct block *b; (b = next_block(r));) {
        for (size_t i = 0; go && i < b->n; i++)
            go = r->each(&b->rows[i], r->arg);
        b->n = 0;
        arena_reset(&b->words);
        give_back(r, go);
    }
    return NULL;
}

/* ---- reading ---- */

/* Waits until the block after it is free; false = nobody wants more. */
static bool give(struct ring *r)
{
    pthread_mutex_lock(&r->lock);
    r->given++;
    pthread_cond_signal(&r->changed);
    while (r->given - r->taken == BLOCKS && !r->stopped)
        pthread_cond_wait(&r->changed, &r->lock);
    bool go = !r->stopped;
    pthread_mutex_unlock(&r->lock);
    return go;
}

static bool collect(const struct store_total_row *row, void *arg)
{
    struct ring *r = arg;
    struct block *b = &r->blocks[r->given % BLOCKS]; /* only this thread changes `given` */
    struct store_total_row *out = &b->rows[b->n++];
    *out = *row;
    out->crop = arena_strdup(&b->words, row->crop);
    out->practice = arena_strdup(&b->words, row->practice);
    if (row->covariance)
        out->covariance = arena_memdup(&b->words, row->covariance,
                                       (size_t)row->pieces_n * sizeof *row->covariance);
    r->failed = (row->crop && !out->crop) || (row->practice && !out->practice) ||
                (row->covariance && !out->covariance);
    return !r->failed && (b->n < BLOCK_ROWS || give(r));
}

static void end(struct ring *r, pthread_t adder)
{
    pthread_mutex_lock(&r->lock);
    if (!r->stopped && !r->failed && r->blocks[r->given % BLOCKS].n) /* else the block is not ours, or not whole */
        r->given++;
    r->all_given = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    pthread_join(adder, NULL);
}

enum status rows_apart(struct store *s, const struct store_totals_filter *filter, bool (*each)(const struct store_total_row *, void *),
                       void *arg, struct error *e)
{
    pthread_t adder;
    struct ring *r = calloc(1, sizeof *r);
    if (!r)
        return error_memory(e);
    r->each = each;
    r->arg = arg;
    for (int i = 0; i < BLOCKS; i++)
        arena_init(&r->blocks[i].words, 0);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    enum status status;
    if (pthread_create(&adder, NULL, add, r) != 0) { /* then one after the other */
        status = store_each_total_row(s, filter, each, arg, e);
    } else {
        status = store_each_total_row(s, filter, collect, r, e);
        end(r, adder);
        if (status == STATUS_OK && r->failed)
            status = error_memory(e);
    }
    for (int i = 0; i < BLOCKS; i++)
        arena_clear(&r->blocks[i].words);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
    return status;
}
