/* See query_model.h. */
#include "tests/property/query_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const SURVEYS[] = {"imported", "walked", "digitised", "cadastral"},
                         *const VERDICTS[] = {"outside", "edge", "inside"};

/* ---- conditions ---- */

static const char *next_char(const char *c)
{
    for (c++; ((unsigned char)*c & 0xC0) == 0x80;)
        c++;
    return c;
}

static bool like(const char *text, const char *pattern)
{
    if (!*pattern)
        return !*text;
    if (*pattern == '%')
        return like(text, pattern + 1) || (*text && like(text + 1, pattern));
    if (*pattern == '_')
        return *text && like(next_char(text), pattern + 1);
    pattern += *pattern == '\\' && pattern[1];
    return *text == *pattern && like(text + 1, pattern + 1);
}

static bool holds(enum where_op op, int order)
{
    switch (op) {
    case WHERE_EQUAL:
        return order == 0;
    case WHERE_NOT_EQUAL:
        return order != 0;
    case WHERE_LESS:
        return order < 0;
    case WHERE_LESS_EQUAL:
        return order <= 0;
    case WHERE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool text_holds(const char *text, const struct where *w, enum where_op op)
{
    if (op == WHERE_LIKE)
        return like(text, w->values[0].text);
    if (op != WHERE_IN)
        return holds(op, strcmp(text, w->values[0].text));
    for (size_t i = 0; i < w->values_n; i++)
        if (strcmp(text, w->values[i].text) == 0)
            return true;
    return false;
}

static enum truth list_truth(const char *const *texts, int n, const struct where *w)
{
    if (w->op == WHERE_IS_NULL)
        return n == 0;
    if (n == 0)
        return TRUTH_UNKNOWN;
    bool some = false;
    for (int i = 0; i < n; i++)
        some = some || text_holds(texts[i], w, w->op == WHERE_NOT_EQUAL ? WHERE_EQUAL : w->op);
    return some != (w->op == WHERE_NOT_EQUAL);
}

static enum truth text_truth(const char *text, const struct where *w)
{
    return list_truth(&text, text != NULL, w);
}

static enum truth number_truth(double number, const struct where *w)
{
    if (w->op == WHERE_IS_NULL)
        return isnan(number);
    if (isnan(number))
        return TRUTH_UNKNOWN;
    if (w->op == WHERE_BETWEEN)
        return number >= w->values[0].number && number <= w->values[1].number;
    if (w->op != WHERE_IN)
        return holds(w->op, (number > w->values[0].number) - (number < w->values[0].number));
    for (size_t i = 0; i < w->values_n; i++)
        if (number == w->values[i].number)
            return TRUTH_YES;
    return TRUTH_NO;
}

static const char *region_key(int index, char out[8])
{
    snprintf(out, 8, "%02u", (unsigned)(index + 1) % 100);
    return out;
}

static enum truth region_truth(const struct model_plot *p, bool state, const struct where *w)
{
    char keys[MODEL_PARTS_MAX][8];
    const char *texts[MODEL_PARTS_MAX];
    int n = 0;
    for (int i = 0; i < p->parts_n; i++) {
        int index = state ? p->parts[i].state : p->parts[i].municipality;
        if (index >= 0) {
            texts[n] = region_key(index, keys[n]);
            n++;
        }
    }
    return list_truth(texts, n, w);
}

static enum truth property_truth(const struct model *m, const struct model_plot *p,
                                 const struct where *w)
{
    const char *name = w->property;
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"year", p->year ? (double)p->year : NAN},
                   {"hectares", (double)p->area_mm2 / 1e10},
                   {"declared_ha", p->declared_ha},
                   {"slope_mean_pct", p->slope_mean},
                   {"slope_p90_pct", p->slope_p90},
                   {"slope_max_pct", p->slope_max},
                   {"corridor_hectares", (double)p->corridor_mm2 / 1e10},
                   {"repaired", p->repaired}};
    const struct {
        const char *name, *value;
    } texts[] = {
        {"programme", p->programme},
        {"organisation", p->organisation},
        {"code", p->code},
        {"survey", SURVEYS[p->survey]},
        {"corridor", VERDICTS[p->verdict]},
        {"slope_class", p->slope_class < 0 ? NULL : m->classes.classes[p->slope_class].code}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return number_truth(numbers[i].value, w);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0)
            return text_truth(texts[i].value, w);
    if (strcmp(name, "crop") == 0)
        return list_truth(p->crops, p->crops_n, w);
    if (strcmp(name, "practice") == 0)
        return list_truth(p->practices, p->practices_n, w);
    return region_truth(p, strcmp(name, "state") == 0, w);
}

enum truth model_truth(const struct model *m, const struct model_plot *p, const struct where *w)
{
    if (w->op == WHERE_NOT) {
        enum truth t = model_truth(m, p, w->children);
        return t == TRUTH_UNKNOWN ? t : t == TRUTH_NO ? TRUTH_YES : TRUTH_NO;
    }
    if (w->op != WHERE_AND && w->op != WHERE_OR)
        return property_truth(m, p, w);
    enum truth decides = w->op == WHERE_AND ? TRUTH_NO : TRUTH_YES,
               result = w->op == WHERE_AND ? TRUTH_YES : TRUTH_NO;
    for (const struct where *child = w->children; child; child = child->next) {
        enum truth t = model_truth(m, p, child);
        if (t == decides)
            return decides;
        if (t == TRUTH_UNKNOWN)
            result = t;
    }
    return result;
}

/* ---- totals ---- */

static bool lives(int64_t from, int64_t to, int64_t as_of)
{
    return as_of ? from <= as_of && (!to || to > as_of) : !to;
}

static void key_of(const struct model *m, const struct model_plot *p, const struct model_part *part,
                   const char *by, char out[64])
{
    const char *text = NULL;
    char number[16];
    if (strcmp(by, "programme") == 0)
        text = p->programme;
    else if (strcmp(by, "organisation") == 0)
        text = p->organisation;
    else if (strcmp(by, "crop") == 0)
        text = p->crops_n ? p->crops[0] : NULL;
    else if (strcmp(by, "practice") == 0)
        text = p->practices_n ? p->practices[0] : NULL;
    else if (strcmp(by, "survey") == 0)
        text = SURVEYS[p->survey];
    else if (strcmp(by, "corridor") == 0)
        text = part->corridor ? "inside" : "outside";
    else if (strcmp(by, "slope_class") == 0)
        text = part->slope_class < 0 ? NULL : m->classes.classes[part->slope_class].code;
    else if (strcmp(by, "year") == 0) {
        snprintf(number, sizeof number, "%d", p->year);
        text = p->year ? number : NULL;
    } else {
        int index = strcmp(by, "state") == 0 ? part->state : part->municipality;
        text = index < 0 ? NULL : region_key(index, number);
    }
    snprintf(out, 64, "%s", text ? text : "\x01");
}

static struct model_group *group_of(const struct model *m, const struct model_plot *p,
                                    const struct model_part *part, const char *const *by, int by_n,
                                    struct model_answer *out, bool make)
{
    struct model_group g = {.figures = {.plots = 0}};
    for (int k = 0; k < by_n; k++)
        key_of(m, p, part, by[k], g.key[k]);
    for (int i = 0; i < out->groups_n; i++) {
        bool same = true;
        for (int k = 0; k < by_n; k++)
            same = same && strcmp(g.key[k], out->groups[i].key[k]) == 0;
        if (same)
            return &out->groups[i];
    }
    if (!make)
        return NULL;
    out->groups[out->groups_n] = g;
    return &out->groups[out->groups_n++];
}

static void add_ground(struct hectares_figures *f, const struct model_part *part)
{
    f->sum_mm2 += part->area_mm2;
    f->corridor_mm2 += part->corridor ? part->area_mm2 : 0;
    f->class_mm2[part->slope_class < 0 ? SLOPE_CLASSES_MAX : part->slope_class] += part->area_mm2;
}

static bool in_group(const struct model *m, const struct model_plot *p, const struct model_group *g,
                     const char *const *by, int by_n, struct model_answer *out)
{
    for (int i = 0; i < p->parts_n; i++)
        if (!g || group_of(m, p, &p->parts[i], by, by_n, out, true) == g)
            return true;
    return false;
}

/* Plots, producers and women of a group (NULL = total), one by one. */
static void count_holders(const struct model *m, const bool *chosen, const struct model_group *g,
                          const char *const *by, int by_n, struct model_answer *out,
                          struct hectares_figures *f)
{
    for (int i = 0; i < m->plots_n; i++) {
        if (!chosen[i] || !in_group(m, &m->plots[i], g, by, by_n, out))
            continue;
        f->plots++;
        bool again = false;
        for (int k = 0; k < i && !again; k++)
            again = chosen[k] && m->plots[k].producer == m->plots[i].producer &&
                    in_group(m, &m->plots[k], g, by, by_n, out);
        if (m->plots[i].producer && !again) {
            f->producers++;
            f->women += m->plots[i].gender == 'f';
        }
    }
}

static void add_double(struct hectares_figures *f, const struct model_part *part)
{
    f->double_mm2 += part->area_mm2;
    f->corridor_double_mm2 += part->corridor ? part->area_mm2 : 0;
}

static void add_face_part(const struct model *m, const bool *chosen, const struct model_face *face,
                          const struct model_part *part, const char *const *by, int by_n,
                          struct model_answer *out)
{
    struct model_group *met[3];
    int met_n = 0, members = 0;
    for (int i = 0; i < face->members_n; i++) {
        if (!chosen[face->members[i]])
            continue;
        if (members++)
            add_double(&out->total, part);
        struct model_group *g =
            group_of(m, &m->plots[face->members[i]], part, by, by_n, out, false);
        bool again = false;
        for (int k = 0; k < met_n; k++)
            again = again || met[k] == g;
        if (g && again)
            add_double(&g->figures, part);
        else if (g)
            met[met_n++] = g;
    }
}

void model_answer(const struct model *m, const char *const *by, int by_n, const char *programme,
                  const struct where *w, int64_t as_of, struct model_answer *out)
{
    bool chosen[MODEL_PLOTS_MAX];
    memset(out, 0, sizeof *out);
    for (int i = 0; i < m->plots_n; i++) {
        const struct model_plot *p = &m->plots[i];
        chosen[i] = lives(p->from, p->to, as_of) &&
                    (!programme || (p->programme && strcmp(p->programme, programme) == 0)) &&
                    (!w || model_truth(m, p, w) == TRUTH_YES);
        for (int k = 0; chosen[i] && k < p->parts_n; k++) {
            add_ground(&group_of(m, p, &p->parts[k], by, by_n, out, true)->figures, &p->parts[k]);
            add_ground(&out->total, &p->parts[k]);
        }
    }
    int groups_n = out->groups_n;
    for (int i = 0; i < groups_n; i++)
        count_holders(m, chosen, &out->groups[i], by, by_n, out, &out->groups[i].figures);
    count_holders(m, chosen, NULL, by, by_n, out, &out->total);
    for (int i = 0; i < m->faces_n; i++)
        for (int k = 0; k < m->faces[i].parts_n && lives(m->faces[i].from, m->faces[i].to, as_of);
             k++)
            add_face_part(m, chosen, &m->faces[i], &m->faces[i].parts[k], by, by_n, out);
}
