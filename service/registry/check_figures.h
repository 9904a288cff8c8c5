/* Private to the registry: computes the figures of every current plot anew and compares them with the stored ones. */
#ifndef SERVICE_REGISTRY_CHECK_FIGURES_H
#define SERVICE_REGISTRY_CHECK_FIGURES_H

#include "service/store/store.h"

struct figures_check {
    int64_t plots, wrong;
    char first[64]; /* code of the first plot whose stored figures are not what its boundary and today's layers give */
};
/* Exact comparison: the computation is reproducible to the bit. */
enum status check_figures(struct store *s, struct figures_check *out, struct error *e) MUST_USE;

#endif
