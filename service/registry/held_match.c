/* Held rows that a corrected boundary closes; see held_match.h. Belongs to the thread that stores.
 */
#include "service/registry/held_match.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/import_names.h"

struct nameless {
    struct store_nameless held; /* its texts in the arena */
    bool closed;
};

struct held_match {
    struct nameless *rows; /* by row number, then as they came */
    size_t rows_n, capacity;
    struct small_box *boxes; /* of the rows, for the index */
    struct box_index *index;
    struct arena texts, scratch;
    bool failed;
};

static bool take(const struct store_nameless *held, void *arg)
{
    struct held_match *m = arg;
    if (m->rows_n == m->capacity) {
        size_t capacity = m->capacity ? m->capacity * 2 : 64;
        struct nameless *more = realloc(m->rows, capacity * sizeof *more);
        if (!more) {
            m->failed = true;
            return false;
        }
        m->rows = more;
        m->capacity = capacity;
    }
    struct nameless *n = &m->rows[m->rows_n++];
    *n = (struct nameless){.held = *held};
    n->held.file_name = arena_strdup(&m->texts, held->file_name);
    n->held.layer = arena_strdup(&m->texts, held->layer);
    m->failed = (held->file_name && !n->held.file_name) || (held->layer && !n->held.layer);
    return !m->failed;
}

static int compare_rows(const void *a, const void *b)
{
    const struct store_nameless *x = &((const struct nameless *)a)->held,
                                *y = &((const struct nameless *)b)->held;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* A row without a boundary is put at 0, 0; it shares no ground with anything. */
static enum status index_boxes(struct held_match *m, struct error *e)
{
    static const struct box nowhere = {0, 0, 0, 0};
    if (!(m->boxes = calloc(m->rows_n, sizeof *m->boxes)))
        return error_memory(e);
    for (size_t i = 0; i < m->rows_n; i++) {
        const struct box *box = &m->rows[i].held.box;
        m->boxes[i] = small_box_of(box->west <= box->east ? box : &nowhere);
    }
    return (m->index = box_index_build(m->boxes, m->rows_n)) ? STATUS_OK : error_memory(e);
}

static enum status open_match(struct importing *im, struct error *e)
{
    struct held_match *m = im->held_match = calloc(1, sizeof *m);
    if (!m)
        return error_memory(e);
    arena_init(&m->texts, 0);
    arena_init(&m->scratch, 0);
    enum status status = store_each_nameless(im->store, take, m, e);
    if (status == STATUS_OK && m->failed)
        status = error_memory(e);
    if (status != STATUS_OK || !m->rows_n)
        return status;
    qsort(m->rows, m->rows_n, sizeof *m->rows, compare_rows);
    return index_boxes(m, e);
}

void held_match_free(struct held_match *m)
{
    if (!m)
        return;
    box_index_free(m->index);
    free(m->boxes);
    arena_clear(&m->texts);
    arena_clear(&m->scratch);
    free(m->rows);
    free(m);
}

/* ---- the two ways to know one again ---- */

static bool same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* Does any column of a flat JSON object have a value? Strings only: values are texts or null. */
static bool has_value(const char *json)
{
    for (const char *at = json; (at = strstr(at, "\":")); at += 2)
        if (at[2 + strspn(at + 2, " ")] == '"' && at[3 + strspn(at + 2, " ")] != '"')
            return true;
    return false;
}

/* Rows with this number begin here. */
static size_t first_of(const struct held_match *m, uint64_t row)
{
    size_t low = 0, high = m->rows_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->rows[middle].held.row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum status close_one(struct importing *im, const struct import_row *row, struct nameless *n,
                             const char *how, struct error *e)
{
    char text[200];
    snprintf(text, sizeof text, "import %" PRId64 " held it as row %" PRIu64 "; %s",
             n->held.import_id, n->held.row, how);
    import_say_about(im, row, FINDING_HELD_CLOSED, text);
    n->closed = true;
    return store_held_decide(im->store, n->held.id, "corrected", im->report->import.id, e);
}

static bool may_close(const struct importing *im, const struct import_row *row,
                      const struct nameless *n)
{
    return !n->closed && n->held.programme_id == row->programme_id &&
           n->held.import_id != im->report->import.id;
}

/* The same row of the same file, saying the same; held more than once where the file came with
 * another boundary that could not be used either. *n: how many were closed. */
static enum status close_by_source(struct importing *im, const struct import_row *row,
                                   const char *attributes_json, int *n, struct error *e)
{
    struct held_match *m = im->held_match;
    const struct candidate *c = &row->candidate;
    const char *file = import_file_of(im, c->file),
               *layer = import_layer_name(im->request, &m->scratch, c->file, c->layer);
    struct box box = boundary_box(&c->boundary);
    enum status status = STATUS_OK;
    for (size_t i = first_of(m, c->row);
         status == STATUS_OK && file && i < m->rows_n && m->rows[i].held.row == c->row; i++) {
        struct nameless *held = &m->rows[i];
        struct boundary linework, structure;
        const char *columns = NULL;
        if (!may_close(im, row, held) || !same_text(held->held.file_name, file) ||
            !same_text(held->held.layer, layer))
            continue;
        status = store_nameless_get(im->store, held->held.id, &m->scratch, &linework, &structure,
                                    &columns, e);
        if (status != STATUS_OK || strcmp(columns, attributes_json) != 0 ||
            !(has_value(columns) || box_overlaps(&held->held.box, &box)))
            continue;
        *n += 1;
        status = close_one(im, row, held, "it is the same row of the file", e);
    }
    return status;
}

struct covered {
    struct importing *im;
    const struct import_row *row;
    double area_m2, iou; /* of the best */
    struct nameless *best;
    int n;
    enum status status;
    struct error *error;
};

static enum status share_of(struct covered *v, const struct boundary *held, double *iou)
{
    double shared_m2 = 0, held_m2 = held->points_n ? area_boundary_m2(held) : 0;
    if (held_m2 <= 0)
        return STATUS_OK;
    enum status status =
        overlap_pair_m2(v->im->memory.geo, &v->row->candidate.boundary, held, &shared_m2, v->error);
    double smaller_m2 = fmin(held_m2, v->area_m2),
           share = shared_m2 / (held_m2 + v->area_m2 - shared_m2);
    if (status == STATUS_OK && share >= row_resurvey_iou(smaller_m2, ROW_SIGMA_M))
        *iou = fmax(*iou, share);
    return status;
}

static bool cover(uint32_t place, void *arg)
{
    struct covered *v = arg;
    struct held_match *m = v->im->held_match;
    struct nameless *n = &m->rows[place];
    struct boundary linework, structure;
    const char *columns = NULL;
    double iou = 0;
    if (!may_close(v->im, v->row, n))
        return true;
    v->status = store_nameless_get(v->im->store, n->held.id, &m->scratch, &linework, &structure,
                                   &columns, v->error);
    if (v->status == STATUS_OK)
        v->status = share_of(v, &linework, &iou);
    if (v->status == STATUS_OK)
        v->status = share_of(v, &structure, &iou);
    if (v->status == STATUS_OK && iou > 0) {
        v->n++;
        if (iou > v->iou) {
            v->iou = iou;
            v->best = n;
        }
    }
    return v->status == STATUS_OK;
}

/* ---- closing ---- */

static enum status close_nameless(struct importing *im, const struct import_row *row,
                                  const char *attributes_json, struct error *e)
{
    struct held_match *m = im->held_match;
    const struct boundary *b = &row->candidate.boundary;
    struct box box = boundary_box(b);
    struct small_box small = small_box_of(&box);
    char text[120];
    int same_n = 0;
    arena_reset(&m->scratch);
    enum status status = close_by_source(im, row, attributes_json, &same_n, e);
    if (status != STATUS_OK || same_n || !m->index || row->candidate.point)
        return status;
    struct covered v = {.im = im, .row = row, .area_m2 = area_boundary_m2(b), .error = e};
    box_index_query(m->index, &small, cover, &v);
    if (v.status != STATUS_OK || !v.n)
        return v.status;
    if (v.n > 1) {
        snprintf(text, sizeof text, "it covers %d of them", v.n);
        import_say_about(im, row, FINDING_HELD_SEVERAL, text);
        return STATUS_OK;
    }
    snprintf(text, sizeof text, "the boundaries share %.0f %% of their ground", 100 * v.iou);
    return close_one(im, row, v.best, text, e);
}

enum status held_match_close(struct importing *im, const struct import_row *row,
                             const char *attributes_json, struct error *e)
{
    const char *code = row->candidate.code;
    int64_t n = 0;
    enum status status = STATUS_OK;
    if (code)
        status = store_held_close(im->store, row->programme_id, code, im->report->import.id, &n, e);
    if (status == STATUS_OK && n)
        import_say_about(im, row, FINDING_HELD_CLOSED, "it has the same code");
    if (status != STATUS_OK || n || im->given) /* a decision about one row says nothing of others */
        return status;
    if (!im->held_match)
        status = open_match(im, e);
    return status == STATUS_OK && im->held_match->rows_n
               ? close_nameless(im, row, attributes_json, e)
               : status;
}
