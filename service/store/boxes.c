/* The box index idx_revision_geom: an SQLite R*Tree, maintained by SpatiaLite's triggers except in
 * bulk transactions.
 *
 * In a bulk transaction boxes are gathered in memory. When the tree is empty they are packed:
 * sorted along the Hilbert curve, full nodes written straight into the tree's three tables (_node,
 * _parent, _rowid; format: comment at the head of SQLite's ext/rtree/rtree.c), ten times as fast as
 * inserting and better to search. Otherwise, and beyond BOXES_PENDING_MAX, they are inserted one by
 * one, in Hilbert order too. Coordinates are 32-bit floats rounded outwards, as the R*Tree does it.
 */
#include <stdlib.h>

#include "service/store/private.h"

enum { CELL_BYTES = 24, NODE_HEAD = 4, CELLS_MAX = 51, CELLS_FILL = 46, LEVELS = 8 };

static float down(double v)
{
    float f = (float)v;
    return (double)f > v ? nextafterf(f, -INFINITY) : f;
}

static float up(double v)
{
    float f = (float)v;
    return (double)f < v ? nextafterf(f, INFINITY) : f;
}

enum status boxes_add(struct store *s, int64_t revision_id, const struct box *box, struct error *e)
{
    struct pending_boxes *p = &s->boxes;
    if (p->n == BOXES_PENDING_MAX)
        TRY(boxes_flush(s, e));
    if (p->n == p->capacity) {
        size_t capacity = p->capacity ? p->capacity * 2 : 4096;
        struct boxed_row *rows = realloc(p->rows, capacity * sizeof *rows);
        if (!rows)
            return error_memory(e);
        p->rows = rows;
        p->capacity = capacity;
    }
    p->rows[p->n++] = (struct boxed_row){revision_id, down(box->west), down(box->south),
                                         up(box->east), up(box->north)};
    return STATUS_OK;
}

/* ---- order ---- */

struct place {
    uint32_t key, at; /* Hilbert index, index in rows */
};

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static struct place *hilbert_order(const struct boxed_row *rows, size_t n)
{
    struct place *order = malloc(n * sizeof *order);
    for (size_t i = 0; order && i < n; i++) {
        struct lonlat middle = {((double)rows[i].west + (double)rows[i].east) / 2,
                                ((double)rows[i].south + (double)rows[i].north) / 2};
        order[i] = (struct place){hilbert_index(middle), (uint32_t)i};
    }
    if (order)
        qsort(order, n, sizeof *order, by_key);
    return order;
}

/* ---- packing ---- */

/* One level of the tree: its nodes' boxes, as cells of the level above; id = node number. */
struct level {
    struct boxed_row *nodes;
    size_t n;
};

struct packing {
    struct store *s;
    const struct boxed_row *rows;
    const struct place *order;
    size_t n, node_bytes;
    struct level levels[LEVELS]; /* 0 = leaves */
    int depth;
    uint32_t *leaf_of; /* by id - first_id */
    int64_t first_id;
};

/* Children [from, to) of node i when n children are spread evenly over m nodes. */
static size_t share_start(size_t i, size_t n, size_t m)
{
    return (size_t)((unsigned __int128)i * n / m);
}

static struct boxed_row *child(const struct packing *p, int level, size_t i)
{
    return level ? &p->levels[level - 1].nodes[i] : (struct boxed_row *)&p->rows[p->order[i].at];
}

static size_t children_n(const struct packing *p, int level)
{
    return level ? p->levels[level - 1].n : p->n;
}

static bool make_levels(struct packing *p)
{
    for (int k = 0; k < LEVELS; k++) {
        size_t n = children_n(p, k), m = n <= CELLS_MAX ? 1 : (n + CELLS_FILL - 1) / CELLS_FILL;
        struct level *level = &p->levels[k];
        level->nodes = calloc(m, sizeof *level->nodes);
        if (!level->nodes)
            return false;
        level->n = m;
        p->depth = k;
        for (size_t i = 0; i < m; i++) {
            struct boxed_row box = {0, INFINITY, INFINITY, -INFINITY, -INFINITY};
            for (size_t c = share_start(i, n, m); c < share_start(i + 1, n, m); c++) {
                const struct boxed_row *cell = child(p, k, c);
                box.west = fminf(box.west, cell->west);
                box.south = fminf(box.south, cell->south);
                box.east = fmaxf(box.east, cell->east);
                box.north = fmaxf(box.north, cell->north);
            }
            level->nodes[i] = box;
        }
        if (m == 1)
            break;
    }
    int64_t number = 1; /* the root is node 1, leaves come last */
    for (int k = p->depth; k >= 0; k--)
        for (size_t i = 0; i < p->levels[k].n; i++)
            p->levels[k].nodes[i].id = number++;
    return true;
}

static void put_float(unsigned char *at, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = __builtin_bswap32(bits);
    memcpy(at, &bits, 4);
}

/* Big-endian: depth (root only), number of cells, then id, min x, max x, min y, max y of each. */
static void encode_node(const struct packing *p, int level, size_t i, unsigned char *out)
{
    size_t n = children_n(p, level), m = p->levels[level].n;
    size_t from = share_start(i, n, m), to = share_start(i + 1, n, m);
    memset(out, 0, p->node_bytes);
    if (level == p->depth)
        out[1] = (unsigned char)p->depth;
    out[3] = (unsigned char)(to - from);
    unsigned char *at = out + NODE_HEAD;
    for (size_t c = from; c < to; c++, at += CELL_BYTES) {
        const struct boxed_row *cell = child(p, level, c);
        uint64_t id = __builtin_bswap64((uint64_t)cell->id);
        memcpy(at, &id, 8);
        put_float(at + 8, cell->west);
        put_float(at + 12, cell->east);
        put_float(at + 16, cell->south);
        put_float(at + 20, cell->north);
    }
}

static enum status put_pair(struct store *s, const char *sql, int64_t a, int64_t b, struct error *e)
{
    struct statement *q;
    TRY(statement_take(s, sql, &q, e));
    bind_int(q, 1, a);
    bind_int(q, 2, b);
    return statement_run(s, q, e);
}

static enum status write_node(const struct packing *p, int level, size_t i, struct error *e)
{
    static const char parent[] =
        "INSERT INTO idx_revision_geom_parent (nodeno, parentnode) VALUES (?1, ?2)";
    struct statement *q;
    unsigned char bytes[4096];
    int64_t number = p->levels[level].nodes[i].id;
    encode_node(p, level, i, bytes);
    TRY(statement_take(
        p->s, "INSERT OR REPLACE INTO idx_revision_geom_node (nodeno, data) VALUES (?1, ?2)", &q,
        e));
    bind_int(q, 1, number);
    bind_blob(q, 2, bytes, p->node_bytes);
    TRY(statement_run(p->s, q, e));
    size_t n = children_n(p, level), m = p->levels[level].n;
    for (size_t c = share_start(i, n, m); c < share_start(i + 1, n, m); c++) {
        if (level)
            TRY(put_pair(p->s, parent, child(p, level, c)->id, number, e));
        else
            p->leaf_of[child(p, 0, c)->id - p->first_id] = (uint32_t)number;
    }
    return STATUS_OK;
}

static enum status write_rowids(const struct packing *p, struct error *e)
{
    for (size_t i = 0; i < p->n; i++) {
        struct pending_rows *row = row_begin(p->s, ROWS_BOX);
        row_int(row, p->first_id + (int64_t)i);
        row_int(row, p->leaf_of[i]);
        TRY(row_end(p->s, row, e));
    }
    return STATUS_OK;
}

static enum status write_tree(struct packing *p, struct error *e)
{
    for (int k = p->depth; k >= 0; k--)
        for (size_t i = 0; i < p->levels[k].n; i++)
            TRY(write_node(p, k, i, e));
    return write_rowids(p, e);
}

static enum status pack(struct store *s, const struct place *order, size_t node_bytes,
                        struct error *e)
{
    struct packing p = {
        .s = s, .rows = s->boxes.rows, .order = order, .n = s->boxes.n, .node_bytes = node_bytes};
    p.first_id = s->boxes.rows[0].id; /* ids of a transaction follow each other */
    p.leaf_of = calloc(p.n, sizeof *p.leaf_of);
    enum status status = p.leaf_of && make_levels(&p) ? write_tree(&p, e) : error_memory(e);
    for (int k = 0; k < LEVELS; k++)
        free(p.levels[k].nodes);
    free(p.leaf_of);
    return status;
}

/* ---- one by one ---- */

static enum status insert_each(struct store *s, const struct place *order, struct error *e)
{
    for (size_t i = 0; i < s->boxes.n; i++) {
        const struct boxed_row *row = &s->boxes.rows[order[i].at];
        struct statement *q;
        TRY(statement_take(s,
                           "INSERT INTO idx_revision_geom (pkid, xmin, xmax, ymin, ymax) VALUES "
                           "(?1, ?2, ?3, ?4, ?5)",
                           &q, e));
        bind_int(q, 1, row->id);
        bind_real(q, 2, (double)row->west);
        bind_real(q, 3, (double)row->east);
        bind_real(q, 4, (double)row->south);
        bind_real(q, 5, (double)row->north);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}

static bool consecutive(const struct pending_boxes *p)
{
    for (size_t i = 1; i < p->n; i++)
        if (p->rows[i].id != p->rows[0].id + (int64_t)i)
            return false;
    return true;
}

enum status boxes_flush(struct store *s, struct error *e)
{
    enum { PACK_MIN = 200 };
    int64_t occupied, node_bytes;
    if (!s->boxes.n)
        return STATUS_OK;
    TRY(store_int(s, "SELECT EXISTS (SELECT 1 FROM idx_revision_geom_rowid)", 0, 0, &occupied, e));
    TRY(store_int(s, "SELECT length(data) FROM idx_revision_geom_node WHERE nodeno = 1", 0, 0,
                  &node_bytes, e));
    struct place *order = hilbert_order(s->boxes.rows, s->boxes.n);
    if (!order)
        return error_memory(e);
    bool may_pack = !occupied && s->boxes.n >= PACK_MIN &&
                    node_bytes == NODE_HEAD + CELLS_MAX * CELL_BYTES && consecutive(&s->boxes);
    enum status status =
        may_pack ? pack(s, order, (size_t)node_bytes, e) : insert_each(s, order, e);
    free(order);
    s->boxes.n = 0;
    return status;
}

/* ---- searching ---- */

void bind_box(struct statement *q, const struct box *box)
{
    bind_real(q, 1, box->west);
    bind_real(q, 2, box->east);
    bind_real(q, 3, box->south);
    bind_real(q, 4, box->north);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum status collect(struct store *s, struct statement *q, int64_t **ids, size_t *n,
                           struct error *e)
{
    size_t capacity = 0;
    bool row = true;
    enum status status = STATUS_OK;
    while ((status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        if (*n == capacity) {
            capacity = capacity ? capacity * 2 : 256;
            int64_t *more = realloc(*ids, capacity * sizeof *more);
            if (!more)
                return error_memory(e);
            *ids = more;
        }
        (*ids)[(*n)++] = column_int(q, 0);
    }
    return status;
}

enum status boxes_query(struct store *s, const struct box *box, int64_t **ids, size_t *n,
                        struct error *e)
{
    struct statement *q;
    *ids = NULL;
    *n = 0;
    if (s->transaction)
        TRY(boxes_flush(s, e));
    TRY(statement_take(s, BOXES_QUERY_SQL, &q, e));
    bind_box(q, box);
    enum status status = collect(s, q, ids, n, e);
    statement_done(q);
    if (status != STATUS_OK) {
        free(*ids);
        *ids = NULL;
        return status;
    }
    if (*n)
        qsort(*ids, *n, sizeof **ids, by_id);
    return STATUS_OK;
}
