/* "Hectares by anything" against a model that looks at every plot: random plots with history and
 * shared ground, random groupings, conditions and moments; and every comparison with every hostile
 * text. */
#include "tests/check.h"

#include "service/registry/answers.h"
#include "service/registry/cql2.h"
#include "tests/property/query_model.h"
#include "tests/property/random.h"
#include "tests/unit/store_fixture.h"

enum {
    CHANGES = 12,
    NEW_PER_CHANGE = 14,
    REVISED_PER_CHANGE = 7,
    FACES_PER_CHANGE = 12,
    CLASSES = 5
};

static struct fixture f;
static struct model model;
static struct error e;

/* Codes of plots and crops, and what a stranger may write where a value is due. */
static const char *const HOSTILE[] = {
    "",       "'",     "''",       "' OR 1=1 --", "'; DROP TABLE plot; --",
    "\"",     "\\",    "\\'",      "%",           "_",
    "a%",     "A",     "a",        "ab",          "a_b",
    "*",      "?",     "[a]",      "[",           "]",
    "NULL",   "?1",    ":x",       "$(rm)",       "0",
    "1",      "1e3",   "-- x",     "/* x */",     "\x7F\x01",
    "maíz 🌽", "Ñandú", "\xED\xA0", "inside",      "06",
    "01",     "TRUE",  "a\nb\tc",  "%00",         "01;02",
};
enum { HOSTILE_N = sizeof HOSTILE / sizeof *HOSTILE };
static const char *const CROPS[] = {"maize", "bean", "Maize", "coffee", "a", "'", "%", "maíz 🌽"};
static const char *const PRACTICES[] = {"MIAF", "miaf", "silvopasture", "M_"};
static const char *const PROGRAMMES[] = {NULL, "A", "B", "O'Hara"}, *const ORGANISATIONS[] = {
                                                                        NULL, "RAYEN",
                                                                        "Unión \"x\""};

static const char *pick(const char *const *list, size_t n)
{
    return list[random_below((uint32_t)n)];
}
#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

/* ---- making the same registry twice ---- */

static void random_words(const char *const *list, size_t n, const char **words, int *words_n)
{
    *words_n = (int)random_below(MODEL_WORDS_MAX + 1);
    for (int i = 0; i < *words_n; i++)
        words[i] = pick(list, n);
}

static struct model_part random_part(void)
{
    return (struct model_part){.state = (int)random_below(3) - 1,
                               .municipality = (int)random_below(5) - 1,
                               .corridor = random_below(3) == 0,
                               .slope_class = (int)random_below(CLASSES + 1) - 1,
                               .area_mm2 = 1 + random_below(1000000000)};
}

static double random_or_none(double high)
{
    return random_below(4) ? floor(random_between(0, high)) / 2 : NAN;
}

static void random_plot(struct model_plot *p)
{
    *p = (struct model_plot){.programme = PICK(PROGRAMMES),
                             .organisation = PICK(ORGANISATIONS),
                             .code = p->code,
                             .plot_id = p->plot_id,
                             .year = random_below(4) ? 2015 + (int)random_below(5) : 0,
                             .survey = (int)random_below(4),
                             .verdict = (int)random_below(3),
                             .slope_class = (int)random_below(CLASSES + 1) - 1,
                             .producer = (int)random_below(12),
                             .repaired = random_below(2),
                             .declared_ha = random_or_none(10),
                             .slope_mean = random_or_none(60),
                             .slope_p90 = random_or_none(80),
                             .slope_max = random_or_none(99)};
    p->gender = "fmx\0"[p->producer % 4];
    random_words(CROPS, sizeof CROPS / sizeof *CROPS, p->crops, &p->crops_n);
    random_words(PRACTICES, sizeof PRACTICES / sizeof *PRACTICES, p->practices, &p->practices_n);
    p->parts_n = 1 + (int)random_below(MODEL_PARTS_MAX);
    for (int i = 0; i < p->parts_n; i++) {
        p->parts[i] = random_part();
        for (int k = 0; k < i; k++) /* one part for each ground */
            if (p->parts[i].state == p->parts[k].state &&
                p->parts[i].municipality == p->parts[k].municipality &&
                p->parts[i].corridor == p->parts[k].corridor &&
                p->parts[i].slope_class == p->parts[k].slope_class) {
                p->parts_n = i;
                return;
            }
        p->area_mm2 += p->parts[i].area_mm2;
        p->corridor_mm2 += p->parts[i].corridor ? p->parts[i].area_mm2 : 0;
    }
}

static struct store_part *store_parts(const struct model_part *parts, int n)
{
    struct store_part *out = arena_array(&f.arena, (size_t)n, sizeof *out);
    for (int i = 0; i < n; i++) {
        uint32_t *regions = arena_array(&f.arena, 2, sizeof *regions);
        regions[0] = parts[i].state < 0 ? UINT32_MAX : f.states[parts[i].state];
        regions[1] =
            parts[i].municipality < 0 ? UINT32_MAX : f.municipalities[parts[i].municipality];
        out[i] = (struct store_part){
            regions, 2, f.corridors, parts[i].corridor, parts[i].slope_class, parts[i].area_mm2};
    }
    return out;
}

static void add_plot(int64_t import_id, int64_t change, struct model_plot *p)
{
    int64_t programme = 0, organisation = 0, producer = 0;
    char code[16], gender = p->gender;
    if (p->programme)
        CHECK_OK(store_programme(f.s, p->programme, NULL, &programme, &e), e);
    if (p->organisation)
        CHECK_OK(store_organisation(f.s, p->organisation, &organisation, &e), e);
    snprintf(code, sizeof code, "%d", p->producer);
    if (p->producer)
        CHECK_OK(store_producer(f.s, 0, code, NULL, gender, 0, &producer, &e), e);
    struct store_revision r = fixture_revision(
        &f, &f.arena, p->code, -92.5 + 0.001 * random_below(400), 15.5, p->area_mm2, 1);
    r.plot_id = p->plot_id;
    r.programme_id = programme;
    r.organisation_id = organisation;
    r.producer_id = producer;
    r.crops = p->crops;
    r.crops_n = p->crops_n;
    r.practices = p->practices;
    r.practices_n = p->practices_n;
    r.adoption_year = p->year;
    r.survey = p->survey;
    r.repaired = p->repaired;
    r.declared_ha = p->declared_ha;
    r.figures.corridor_mm2 = p->corridor_mm2;
    r.figures.corridor_verdict = p->verdict;
    r.figures.slope_class = p->slope_class;
    r.figures.slope_mean_pct = p->slope_mean;
    r.figures.slope_p90_pct = p->slope_p90;
    r.figures.slope_max_pct = p->slope_max;
    r.figures.parts = store_parts(p->parts, p->parts_n);
    r.figures.parts_n = (size_t)p->parts_n;
    r.figures.corridors_n = 0;
    CHECK_OK(store_revision_add(f.s, import_id, change, &r, &e), e);
    p->id = r.id;
    p->plot_id = r.plot_id;
    p->from = change;
}

static void add_face(int64_t change)
{
    struct model_face *face = &model.faces[model.faces_n];
    *face = (struct model_face){.from = change};
    for (int tries = 0; tries < 40 && face->members_n < 2 + (int)random_below(2); tries++) {
        int i = (int)random_below((uint32_t)model.plots_n);
        bool again = model.plots[i].to != 0;
        for (int k = 0; k < face->members_n; k++)
            again = again || face->members[k] == i;
        if (!again)
            face->members[face->members_n++] = i;
    }
    if (face->members_n < 2)
        return;
    face->parts[0] =
        model.plots[face->members[0]].parts[0]; /* ground of a member, most likely of its group */
    face->parts[0].area_mm2 = 1 + face->parts[0].area_mm2 / 3;
    face->parts_n = 1;
    int64_t ids[3];
    for (int i = 0; i < face->members_n; i++)
        ids[i] = model.plots[face->members[i]].id;
    struct store_face stored = {.members = ids,
                                .members_n = (size_t)face->members_n,
                                .area_mm2 = face->parts[0].area_mm2,
                                .parts = store_parts(face->parts, 1),
                                .parts_n = 1,
                                .geometry = fixture_square(&f.arena, -92.5, 15.5, 0.0001)};
    CHECK_OK(store_face_add(f.s, change, &stored, &e), e);
    model.faces_n++;
}

static void end_faces(int64_t change)
{
    for (int i = 0; i < model.faces_n; i++)
        if (!model.faces[i].to) {
            int64_t owner = model.plots[model.faces[i].members[0]].id;
            CHECK_OK(store_faces_end(f.s, change, &owner, 1, &e), e);
        }
    for (int i = 0; i < model.faces_n; i++)
        if (!model.faces[i].to)
            model.faces[i].to = change;
}

static void one_change(bool keep)
{
    int64_t import_id, change;
    int before = model.plots_n;
    fixture_import_begin(&f, random_below(2), &import_id, &change);
    end_faces(change);
    for (int i = 0; i < REVISED_PER_CHANGE && before; i++) {
        int old = (int)random_below((uint32_t)before);
        if (model.plots[old].to)
            continue;
        struct model_plot *p = &model.plots[model.plots_n];
        *p =
            (struct model_plot){.code = model.plots[old].code, .plot_id = model.plots[old].plot_id};
        random_plot(p);
        p->programme = model.plots[old].programme;
        add_plot(import_id, change, p);
        model.plots[old].to = change;
        model.plots_n++;
    }
    for (int i = 0; i < NEW_PER_CHANGE; i++) {
        struct model_plot *p = &model.plots[model.plots_n];
        *p = (struct model_plot){.plot_id = 0};
        random_plot(p);
        int n = model.plots_n;
        char *own = arena_alloc(&f.arena, 16);
        snprintf(own, 16, "P-%d", n);
        p->code = n < HOSTILE_N ? HOSTILE[n] : own;
        add_plot(import_id, change, p);
        model.plots_n++;
    }
    for (int i = 0; i < FACES_PER_CHANGE; i++)
        add_face(change);
    if (keep)
        CHECK_OK(answers_keep(f.s, model.plots_n, &e), e);
    fixture_import_end(&f, import_id, change);
}

static int make(void **state)
{
    (void)state;
    random_seed(4);
    fixture_open(&f);
    fixture_layers(&f);
    model.classes = (struct slope_class_table){.code = "T", .classes_n = CLASSES};
    for (int i = 0; i < CLASSES; i++) {
        struct slope_class *c = &model.classes.classes[i];
        snprintf(c->code, sizeof c->code, "%02d", i + 1);
        c->from_pct = 10 * i;
    }
    CHECK_OK(store_begin(f.s, false, &e), e);
    CHECK_OK(store_slope_table_set(f.s, &model.classes, 0, &e), e);
    CHECK_OK(store_commit(f.s, &e), e);
    for (int i = 0; i < CHANGES; i++)
        one_change(true);
    /* one change a day: change 2 is of the 2nd of January */
    CHECK_OK(store_exec(f.s, "UPDATE change SET at = printf('2026-01-%02dT12:00:00Z', number)", &e),
             e);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* ---- random questions ---- */

static void put_text(struct buf *b, const char *text)
{
    buf_putc(b, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_putc(b, '\'');
        buf_putc(b, *text);
    }
    buf_putc(b, '\'');
}

struct asked {
    const char *name;
    char kind; /* t text, n number, b boolean, c corridor, s survey */
    const char *const *values;
    size_t values_n;
};
#define VALUES(list) list, sizeof(list) / sizeof *(list)
static const char *const SURVEYS[] = {"imported", "walked", "digitised", "cadastral"},
                         *const VERDICTS[] = {"outside", "edge", "inside"},
                         *const KEYS[] = {"01", "02", "03", "04", "05", ""};
static const struct asked ASKED[] = {{"programme", 't', PROGRAMMES + 1, 3},
                                     {"organisation", 't', ORGANISATIONS + 1, 2},
                                     {"crop", 't', VALUES(CROPS)},
                                     {"practice", 't', VALUES(PRACTICES)},
                                     {"code", 't', VALUES(HOSTILE)},
                                     {"slope_class", 't', VALUES(KEYS)},
                                     {"municipality", 't', VALUES(KEYS)},
                                     {"state", 't', VALUES(KEYS)},
                                     {"survey", 's', VALUES(SURVEYS)},
                                     {"corridor", 'c', VALUES(VERDICTS)},
                                     {"year", 'n', NULL, 2020},
                                     {"hectares", 'n', NULL, 1},
                                     {"declared_ha", 'n', NULL, 5},
                                     {"slope_mean_pct", 'n', NULL, 30},
                                     {"slope_p90_pct", 'n', NULL, 40},
                                     {"slope_max_pct", 'n', NULL, 50},
                                     {"corridor_hectares", 'n', NULL, 1},
                                     {"repaired", 'b', NULL, 0}};

static void put_value(struct buf *b, const struct asked *a)
{
    if (a->kind == 'b')
        buf_puts(b, random_below(2) ? "TRUE" : "false");
    else if (a->values)
        put_text(b, pick(a->values, a->values_n));
    else if (a->values_n > 100)
        buf_printf(b, "%d", 2014 + (int)random_below(7));
    else
        buf_printf(b, "%.1f", floor(random_between(0, 20 * (double)a->values_n)) / 20);
}

static void put_predicate(struct buf *b)
{
    static const char *const signs[] = {" = ", " <> ", " < ", " <= ", " > ", ">="};
    const struct asked *a = &ASKED[random_below(sizeof ASKED / sizeof *ASKED)];
    const char *negated = random_below(2) ? " NOT" : "";
    uint32_t which = random_below(8);
    buf_puts(b, a->name);
    if (which == 0) {
        buf_printf(b, " IS%s NULL", negated);
    } else if (which == 1) {
        buf_printf(b, "%s IN (", negated);
        for (uint32_t i = 0, n = 1 + random_below(3); i < n; i++) {
            buf_puts(b, i ? ", " : "");
            put_value(b, a);
        }
        buf_putc(b, ')');
    } else if (which == 2 && a->kind == 'n') {
        buf_printf(b, "%s BETWEEN ", negated);
        put_value(b, a);
        buf_puts(b, " AND ");
        put_value(b, a);
    } else if (which == 2 && a->values) {
        static const char *const patterns[] = {"%", "_",   "M%",  "%a%",  "ma_z%", "%\\%%", "\\_",
                                               "*", "[a]", "%í%", "P-1%", "0_",    ""};
        buf_printf(b, "%s LIKE ", negated);
        put_text(b, PICK(patterns));
    } else {
        buf_puts(b, signs[random_below(a->kind == 'b' ? 2 : 6)]);
        put_value(b, a);
    }
}

static void put_condition(struct buf *b, int depth)
{
    uint32_t which = depth ? random_below(5) : 4;
    if (which >= 3) {
        put_predicate(b);
    } else if (which == 2) {
        buf_puts(b, "NOT (");
        put_condition(b, depth - 1);
        buf_putc(b, ')');
    } else {
        buf_putc(b, '(');
        for (uint32_t i = 0, n = 2 + random_below(2); i < n; i++) {
            buf_puts(b, !i ? "" : which ? " AND " : " or ");
            put_condition(b, depth - 1);
        }
        buf_putc(b, ')');
    }
}

static void same_figures(const struct hectares_figures *got, const struct hectares_figures *want)
{
    assert_int_equal(got->plots, want->plots);
    assert_int_equal(got->producers, want->producers);
    assert_int_equal(got->women, want->women);
    assert_int_equal(got->sum_mm2, want->sum_mm2);
    assert_int_equal(got->double_mm2, want->double_mm2);
    assert_int_equal(got->corridor_mm2, want->corridor_mm2);
    assert_int_equal(got->corridor_double_mm2, want->corridor_double_mm2);
    assert_memory_equal(got->class_mm2, want->class_mm2, sizeof want->class_mm2);
}

/* Asks both and compares; how many plots there were. */
static int64_t ask(const struct hectares_query *q, int64_t as_of)
{
    static struct model_answer want;
    struct hectares got;
    struct arena a;
    const struct where *w = NULL;
    arena_init(&a, 0);
    if (q->where)
        CHECK_OK(cql2_parse(q->where, &a, &w, &e), e);
    model_answer(&model, q->by, q->by_n, q->programmes_n ? q->programmes[0] : NULL, w, as_of,
                 &want);
    CHECK_OK(hectares_compute(f.s, q, &a, &got, &e), e);
    same_figures(&got.total, &want.total);
    assert_int_equal(got.groups_n, q->by_n ? want.groups_n : 0);
    for (size_t i = 0; i < got.groups_n; i++) {
        const struct model_group *found = NULL;
        for (int k = 0; k < want.groups_n && !found; k++) {
            found = &want.groups[k];
            for (int d = 0; d < q->by_n && found; d++)
                if (strcmp(got.groups[i].key[d] ? got.groups[i].key[d] : "\x01",
                           want.groups[k].key[d]) != 0)
                    found = NULL;
        }
        assert_non_null(found);
        same_figures(&got.groups[i].figures, &found->figures);
    }
    arena_clear(&a);
    return got.total.plots;
}

static void random_questions(void **state)
{
    (void)state;
    static const char *const by[] = {"programme",    "organisation", "crop",        "practice",
                                     "year",         "survey",       "slope_class", "corridor",
                                     "municipality", "state"};
    int some = 0, none = 0;
    struct buf where;
    buf_init(&where, 0);
    for (int round = 0; round < 600; round++) {
        struct hectares_query q = {.by_n = (int)random_below(LIMIT_GROUP_BY + 1)};
        const char *programme = PROGRAMMES[1 + random_below(3)];
        int64_t as_of = 0;
        char day[40];
        uint32_t first = random_below(10);
        for (int i = 0; i < q.by_n; i++)
            q.by[i] = by[(first + (uint32_t)i * 3) % 10];
        if (random_below(4) == 0) {
            q.programmes = &programme;
            q.programmes_n = 1;
        }
        if (random_below(4)) {
            buf_reset(&where);
            put_condition(&where, (int)random_below(4));
            q.where = where.bytes;
        }
        if (random_below(2)) { /* before the first change, on its day, or after the last one */
            int n = (int)random_below(CHANGES + 4);
            as_of = n < 1 ? -1 : n > CHANGES + 1 ? CHANGES + 1 : n;
            if (random_below(2))
                snprintf(day, sizeof day, n < 1 ? "2025-12-31" : "2026-01-%02d", n);
            else
                snprintf(day, sizeof day,
                         n < 1 ? "2026-01-01T11:59:59Z" : "2026-01-%02dT06:00:00.5-06:00", n);
            q.as_of = day;
        }
        int64_t plots = ask(&q, as_of);
        some += plots > 0 && plots < 100;
        none += plots == 0;
    }
    buf_clear(&where);
    assert_true(some > 200 && none < 300); /* the questions do choose */
}

/* Each comparison of each text property with each hostile value gives what the model gives, or is
 * refused with a reason. */
static void hostile_values(void **state)
{
    (void)state;
    static const char *const forms[] = {"%s = %s",
                                        "%s <> %s",
                                        "%s < %s",
                                        "%s <= %s",
                                        "%s > %s",
                                        "%s >= %s",
                                        "%s = %s OR NOT code LIKE %s",
                                        "%s IN (%s, %s)",
                                        "%s NOT IN (%s)",
                                        "%s LIKE %s",
                                        "%s NOT LIKE %s"};
    struct buf value;
    buf_init(&value, 0);
    for (size_t i = 0; i < sizeof ASKED / sizeof *ASKED; i++)
        for (size_t h = 0; h < HOSTILE_N;
             h += ASKED[i].values == CROPS || ASKED[i].values == HOSTILE || ASKED[i].name[0] == 'm'
                      ? 1
                      : 5)
            for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
                char text[400];
                buf_reset(&value);
                put_text(&value, HOSTILE[h]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(text, sizeof text, forms[k], ASKED[i].name, value.bytes, value.bytes);
#pragma GCC diagnostic pop
                struct hectares_query q = {.where = text};
                struct hectares got;
                struct arena a;
                bool words = ASKED[i].kind == 's' || ASKED[i].kind == 'c';
                bool order = (k >= 2 && k <= 5) || k >= 9;
                if (ASKED[i].kind == 't' || (words && order)) {
                    ask(&q, 0);
                    continue;
                }
                arena_init(&a, 0);
                enum status status = hectares_compute(f.s, &q, &a, &got, &e);
                if (!words || strcmp(HOSTILE[h], "inside") != 0)
                    assert_int_equal(status, STATUS_USAGE);
                if (status != STATUS_OK)
                    assert_string_equal(e.code, "bad_filter");
                arena_clear(&a);
            }
    buf_clear(&value);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM revision"), model.plots_n);
    fixture_check(f.s);
}

/* A reader that may see nothing personal answers the same. */
static void public_readers_answer_too(void **state)
{
    (void)state;
    struct store *writer = f.s;
    CHECK_OK(store_open(f.folder, STORE_PUBLIC, &f.s, &e), e);
    for (size_t i = 0; i < sizeof ASKED / sizeof *ASKED; i++) {
        char text[100];
        snprintf(text, sizeof text, "%s IS NOT NULL", ASKED[i].name);
        struct hectares_query q = {.where = text, .by = {"municipality"}, .by_n = 1};
        ask(&q, 0);
        q.as_of = "2026-01-05";
        ask(&q, 5);
    }
    struct hectares got;
    struct arena a;
    arena_init(&a, 0);
    struct hectares_query q = {.where = "name = 'Rosa'"};
    assert_int_equal(hectares_compute(f.s, &q, &a, &got, &e), STATUS_USAGE);
    arena_clear(&a);
    store_close(f.s);
    f.s = writer;
}

/* ---- items ---- */

struct item_walk {
    int64_t last, n;
};

static bool note_item(const struct store_plot *p, void *arg)
{
    struct item_walk *walk = arg;
    assert_true(p->revision.plot_id > walk->last);
    walk->last = p->revision.plot_id;
    walk->n++;
    return true;
}

/* The pages of items with a condition hold as many plots as the totals say, with a box and without.
 */
static void items_by_condition(void **state)
{
    (void)state;
    struct buf text;
    struct arena a, page;
    const struct box everywhere = {-180, -90, 180, 90};
    buf_init(&text, 0);
    for (int round = 0; round < 150; round++) {
        const struct where *w;
        int64_t want = 0, matched = 0;
        arena_init(&a, 0);
        arena_init(&page, 0);
        buf_reset(&text);
        put_condition(&text, 2);
        CHECK_OK(cql2_parse(text.bytes, &a, &w, &e), e);
        for (int i = 0; i < model.plots_n; i++)
            want += !model.plots[i].to && model_truth(&model, &model.plots[i], w) == TRUTH_YES;
        struct item_walk walk = {0};
        for (int64_t before = -1; before != walk.n;) {
            before = walk.n;
            CHECK_OK(store_each_item(f.s, round % 2 ? &everywhere : NULL, NULL, w, walk.last, 7,
                                     &page, note_item, &walk, &matched, &e),
                     e);
        }
        assert_int_equal(walk.n, want);
        assert_int_equal(matched, round % 2 ? want : -1);
        arena_clear(&a);
        arena_clear(&page);
    }
    buf_clear(&text);
}

/* ---- kept answers ---- */

static const char *const KEPT[] = {NULL,       "programme",    "organisation", "crop",
                                   "practice", "year",         "survey",       "slope_class",
                                   "corridor", "municipality", "state"};
enum { KEPT_N = sizeof KEPT / sizeof *KEPT };

static int kept_answers(void)
{
    int kept = 0;
    for (int i = 0; i < KEPT_N; i++) {
        struct arena a;
        struct hectares h = {.query = {.by = {KEPT[i]}, .by_n = i > 0}};
        bool found;
        arena_init(&a, 0);
        CHECK_OK(store_change(f.s, &h.change, &e), e);
        CHECK_OK(answers_find(f.s, &a, &h, &found, &e), e);
        kept += found;
        arena_clear(&a);
    }
    return kept;
}

static void ask_kept_and_fresh(void)
{
    for (int i = 0; i < KEPT_N; i++)
        for (int fresh = 0; fresh < 2; fresh++)
            ask(&(struct hectares_query){.by = {KEPT[i]}, .by_n = i > 0, .fresh = fresh}, 0);
}

/* They are there, they are the model's, check finds one that is not, and none is used after a
 * change that kept none. */
static void kept_answers_are_exact(void **state)
{
    (void)state;
    bool ok;
    char detail[256];
    assert_int_equal(kept_answers(), KEPT_N);
    ask_kept_and_fresh();
    CHECK_OK(answers_check(f.s, &ok, detail, sizeof detail, &e), e);
    assert_true(ok);
    assert_string_equal(detail, "13 answers");
    /* the answer without groups: their number, then the total, whose first figure is the plots */
    CHECK_OK(store_exec(f.s,
                        "CREATE TEMP TABLE t AS SELECT * FROM answer; UPDATE answer SET body = "
                        "CAST(substr(body, 1, 8) || x'ff' || substr(body, 10) AS BLOB) "
                        "WHERE length(body) = (SELECT min(length(body)) FROM t)",
                        &e),
             e);
    assert_int_equal(
        fixture_int(
            f.s, "SELECT count(*) FROM answer JOIN t USING (question) WHERE answer.body <> t.body"),
        1);
    CHECK_OK(answers_check(f.s, &ok, detail, sizeof detail, &e), e);
    assert_false(ok);
    assert_non_null(strstr(detail, "the kept hectares"));
    CHECK_OK(store_exec(
                 f.s,
                 "UPDATE answer SET body = (SELECT body FROM t WHERE t.question = answer.question)",
                 &e),
             e);
    assert_int_equal(kept_answers(), KEPT_N);
    /* cut off anywhere it is not found, and the scan answers */
    CHECK_OK(store_exec(
                 f.s, "UPDATE answer SET body = substr(body, 1, abs(random()) % length(body))", &e),
             e);
    assert_int_equal(kept_answers(), 0);
    ask_kept_and_fresh();
    CHECK_OK(store_exec(f.s,
                        "UPDATE answer SET body = (SELECT body FROM t WHERE t.question = "
                        "answer.question); DROP TABLE t",
                        &e),
             e);
    assert_int_equal(kept_answers(), KEPT_N);
    one_change(false);
    assert_int_equal(kept_answers(), 0);
    ask_kept_and_fresh();
    CHECK_OK(answers_check(f.s, &ok, detail, sizeof detail, &e), e);
    assert_true(ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_questions), cmocka_unit_test(hostile_values),
        cmocka_unit_test(public_readers_answer_too), cmocka_unit_test(items_by_condition),
        cmocka_unit_test(kept_answers_are_exact)};
    return cmocka_run_group_tests(tests, make, clean);
}
