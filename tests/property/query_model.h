/* A model of the registry in plain arrays, for test_query_model.c: random plots with history and
 * shared ground, every question answered by looking at each of them. Shares nothing with the code
 * under test but the structs of store.h and hectares.h. */
#ifndef TESTS_PROPERTY_QUERY_MODEL_H
#define TESTS_PROPERTY_QUERY_MODEL_H

#include "service/registry/hectares.h"

enum {
    MODEL_PLOTS_MAX = 400,
    MODEL_FACES_MAX = 400,
    MODEL_PARTS_MAX = 4,
    MODEL_WORDS_MAX = 3,
    MODEL_GROUPS_MAX = 600
};

struct model_part {
    int state, municipality; /* index into MODEL_STATES ..., -1 = in none */
    bool corridor;
    int slope_class;
    int64_t area_mm2;
};
struct model_plot {                /* one revision */
    int64_t id, plot_id, from, to; /* to 0 = now */
    const char *programme, *organisation, *code, *crops[MODEL_WORDS_MAX],
        *practices[MODEL_WORDS_MAX];
    int crops_n, practices_n, year, survey, verdict, slope_class, producer; /* producer 0 = none */
    char gender;
    bool repaired;
    double declared_ha, slope_mean, slope_p90, slope_max; /* NaN = none */
    int64_t area_mm2, corridor_mm2;
    struct model_part parts[MODEL_PARTS_MAX];
    int parts_n;
};
struct model_face {
    int64_t from, to;
    int members[3], members_n; /* indices of plots */
    struct model_part parts[2];
    int parts_n;
};
struct model {
    struct model_plot plots[MODEL_PLOTS_MAX];
    int plots_n;
    struct model_face faces[MODEL_FACES_MAX];
    int faces_n;
    struct slope_class_table classes;
};
struct model_group {
    char key[LIMIT_GROUP_BY][64]; /* "\x01" = none */
    struct hectares_figures figures;
};
struct model_answer {
    struct model_group groups[MODEL_GROUPS_MAX];
    int groups_n;
    struct hectares_figures total;
};

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };
enum truth model_truth(const struct model *m, const struct model_plot *p, const struct where *w);
/* as_of -1 = before everything, 0 = now. */
void model_answer(const struct model *m, const char *const *by, int by_n, const char *programme,
                  const struct where *w, int64_t as_of, struct model_answer *out);

#endif
