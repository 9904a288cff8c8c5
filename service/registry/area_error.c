/* See area_error.h. */
#include "service/registry/area_error.h"

#include <math.h>

static struct uncertainty_model model_of(int survey, double accuracy_m)
{
    static const char *const surveys[] = {"imported", "walked", "digitised", "cadastral"};
    struct uncertainty_model model = uncertainty_of_survey(surveys[survey & 3]);
    if (accuracy_m > 0)
        model.sigma_m = sigma_of_radius68_m(accuracy_m);
    return model;
}

struct area_noise area_noise_of(int survey, double accuracy_m, double se_m2)
{
    return (struct area_noise){model_of(survey, accuracy_m), se_m2};
}

double area_error_m2(const struct boundary *b, int survey, double accuracy_m)
{
    struct uncertainty_model model = model_of(survey, accuracy_m);
    struct uncertainty u = uncertainty_of_boundary(b, &model);
    return round(uncertainty_se_measured_m2(&u) * 1e4) / 1e4;
}
