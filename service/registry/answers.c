/* Kept answers; see answers.h.
 *
 * The form: number of groups, then for each its key and name (length, bytes; length -1 = none) and
 * its figures, then the total's figures. Figures are the struct's bytes; the question's text names
 * the program's version and the struct's size, so another program's answers are not understood
 * wrongly but not found. */
#include "service/registry/answers.h"
#include "service/store/totals.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 24, AT_ONCE = 13, SMALL_REGISTRY = 50000, WORTH_SHARE = 20 };

static void question_of(const struct hectares_query *q, char out[160])
{
    snprintf(out, 160, "%s %zu %.100s", PARCELA_VERSION, sizeof(struct hectares_figures),
             q->by_n ? q->by[0] : "");
}

/* ---- bytes ---- */

static void put_word(struct buf *b, const char *word)
{
    int32_t n = word ? (int32_t)strlen(word) : -1;
    buf_put(b, &n, sizeof n);
    if (word)
        buf_put(b, word, (size_t)n);
}

static void encode(const struct hectares *h, struct buf *b)
{
    int64_t n = (int64_t)h->groups_n;
    buf_put(b, &n, sizeof n);
    for (size_t i = 0; i < h->groups_n; i++) {
        put_word(b, h->groups[i].key[0]);
        put_word(b, h->groups[i].name[0]);
        buf_put(b, &h->groups[i].figures, sizeof h->groups[i].figures);
    }
    buf_put(b, &h->total, sizeof h->total);
}

struct reading {
    const char *at, *end;
    struct arena *arena;
    bool ok;
};

static void take(struct reading *r, void *out, size_t n)
{
    r->ok = r->ok && (size_t)(r->end - r->at) >= n;
    if (!r->ok)
        return;
    memcpy(out, r->at, n);
    r->at += n;
}

static const char *take_word(struct reading *r)
{
    int32_t n = -1;
    take(r, &n, sizeof n);
    if (!r->ok || n < 0)
        return NULL;
    r->ok = r->end - r->at >= n;
    char *word = r->ok ? arena_strndup(r->arena, r->at, (size_t)n) : NULL;
    r->ok = word != NULL;
    r->at += r->ok ? n : 0;
    return word;
}

/* Whether sums and differences of them stay within 64 bits; true ones are far below. */
static bool sane(const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] > INT64_MAX / 4 || values[i] < -(INT64_MAX / 4))
            return false;
    return true;
}

/* A damaged page may hold anything: no value of a bool, numbers that nothing has. */
static void take_figures(struct reading *r, struct hectares_figures *out)
{
    unsigned char flag = 0;
    take(r, out, sizeof *out);
    memcpy(&flag, (const char *)out + offsetof(struct hectares_figures, suppressed), 1);
    const int64_t singles[] = {out->plots,      out->producers,    out->women,
                               out->points,     out->declared_mm2, out->sum_mm2,
                               out->double_mm2, out->corridor_mm2, out->corridor_double_mm2,
                               out->edge_mm2};
    if (flag <= 1 && sane(singles, sizeof singles / sizeof *singles) &&
        sane(out->class_mm2, SLOPE_CLASSES_MAX + 1) &&
        sane(out->expected_mm2, SLOPE_CLASSES_MAX + 1))
        return;
    *out = (struct hectares_figures){0};
    r->ok = false;
}

/* false: damaged, or no memory; then the scan answers. */
static bool decode(const char *bytes, size_t n, struct arena *a, struct hectares *out)
{
    struct reading r = {bytes, bytes + n, a, true};
    int64_t groups_n = 0;
    take(&r, &groups_n, sizeof groups_n);
    if (!r.ok || groups_n < 0 || (uint64_t)groups_n > n / sizeof(struct hectares_figures))
        return false;
    out->groups = arena_array(a, (size_t)groups_n, sizeof *out->groups);
    if (!out->groups)
        return false;
    out->groups_n = (size_t)groups_n;
    for (size_t i = 0; r.ok && i < out->groups_n; i++) {
        out->groups[i].key[0] = take_word(&r);
        out->groups[i].name[0] = take_word(&r);
        take_figures(&r, &out->groups[i].figures);
    }
    take_figures(&r, &out->total);
    return r.ok && r.at == r.end;
}

/* ---- questions ---- */

struct questions {
    struct hectares list[QUESTIONS_MAX];
    int n;
    struct arena *arena;
};

static void ask(struct questions *q, const char *by)
{
    if (q->n < QUESTIONS_MAX)
        q->list[q->n++] =
            (struct hectares){.query = {.by = {by}, .by_n = by != NULL, .fresh = true}};
}

static bool ask_level(const struct store_layer *l, void *arg)
{
    struct questions *q = arg;
    if (l->kind == LAYER_REGIONS)
        ask(q, arena_strdup(q->arena, l->level));
    return true;
}

static enum status questions_all(struct store *s, struct arena *a, struct questions *q,
                                 struct error *e)
{
    static const char *const by[] = {NULL,       "programme", "organisation", "crop",
                                     "practice", "year",      "survey",       "slope_class",
                                     "corridor", "status",    "corridor_name"};
    *q = (struct questions){.arena = a};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        ask(q, by[i]);
    return store_each_layer(s, ask_level, q, e);
}

static enum status keep_all(struct store *s, struct questions *q, struct error *e)
{
    int64_t change;
    enum status status = store_change(s, &change, e);
    for (int i = 0; status == STATUS_OK && i < q->n; i++) {
        char question[160];
        struct buf b;
        buf_init(&b, 0);
        question_of(&q->list[i].query, question);
        encode(&q->list[i], &b);
        status = b.failed ? error_memory(e)
                          : store_answer_put(s, question, change, b.bytes, b.length, e);
        buf_clear(&b);
    }
    return status;
}

enum status answers_keep(struct store *s, int64_t touched, struct error *e)
{
    int64_t plots;
    struct arena a;
    struct questions *q;
    enum status status = store_answers_forget(s, e);
    if (status == STATUS_OK)
        status = store_plots_about(s, &plots, e);
    if (status != STATUS_OK || (plots > SMALL_REGISTRY && touched < plots / WORTH_SHARE))
        return status;
    arena_init(&a, 0);
    if (!(q = arena_alloc(&a, sizeof *q)))
        return error_memory(e);
    status = questions_all(s, &a, q, e);
    for (int i = 0; status == STATUS_OK && i < q->n; i += AT_ONCE) /* each needs some ten bytes a plot */
        status = hectares_scan(s, q->list + i, q->n - i < AT_ONCE ? q->n - i : AT_ONCE, &a, e);
    if (status == STATUS_OK)
        status = keep_all(s, q, e);
    arena_clear(&a);
    return status;
}

enum status answers_find(struct store *s, struct arena *a, struct hectares *out, bool *found,
                         struct error *e)
{
    const struct hectares_query *q = &out->query;
    char question[160];
    const char *bytes = NULL;
    size_t n = 0;
    *found = false;
    if (q->fresh || q->where || q->as_of || q->programmes_n || q->by_n > 1)
        return STATUS_OK;
    question_of(q, question);
    enum status status = store_answer_get(s, question, out->change, a, &bytes, &n, e);
    *found = status == STATUS_OK && bytes && decode(bytes, n, a, out);
    return status;
}

/* ---- check ---- */

/* As JSON, in order: what a person would see, digit by digit. */
static enum status answer_text(struct store *s, const struct hectares *of, bool fresh,
                               struct arena *a, struct buf *out, struct error *e)
{
    struct hectares h;
    struct hectares_query q = of->query;
    q.fresh = fresh;
    enum status status = hectares_compute(s, &q, a, &h, e);
    if (status == STATUS_OK)
        hectares_json(&h, out);
    return status == STATUS_OK && out->failed ? error_memory(e) : status;
}

static enum status check_one(struct store *s, const struct hectares *of, struct arena *a,
                             bool *same, struct error *e)
{
    struct buf kept, fresh;
    buf_init(&kept, 0);
    buf_init(&fresh, 0);
    enum status status = answer_text(s, of, false, a, &kept, e);
    if (status == STATUS_OK)
        status = answer_text(s, of, true, a, &fresh, e);
    *same = status == STATUS_OK && strcmp(kept.bytes, fresh.bytes) == 0;
    buf_clear(&kept);
    buf_clear(&fresh);
    return status;
}

enum status answers_check(struct store *s, bool *ok, char *detail, size_t detail_n, struct error *e)
{
    struct arena a;
    struct questions *q;
    int64_t change = 0;
    int kept = 0;
    *ok = true;
    arena_init(&a, 0);
    if (!(q = arena_alloc(&a, sizeof *q)))
        return error_memory(e);
    enum status status = questions_all(s, &a, q, e);
    if (status == STATUS_OK)
        status = store_change(s, &change, e);
    for (int i = 0; status == STATUS_OK && *ok && i < q->n; i++) {
        struct hectares h = {.query = q->list[i].query, .change = change};
        bool found = false;
        h.query.fresh = false;
        status = answers_find(s, &a, &h, &found, e);
        kept += found;
        if (status == STATUS_OK && found)
            status = check_one(s, &q->list[i], &a, ok, e);
        if (status == STATUS_OK && !*ok)
            snprintf(detail, detail_n, "the kept hectares%s%.60s are not those of the parts",
                     h.query.by_n ? " by " : "", h.query.by_n ? h.query.by[0] : "");
    }
    if (*ok)
        snprintf(detail, detail_n, "%d answers", kept);
    arena_clear(&a);
    return status;
}
