/* See area_error.h. */
#include "service/registry/area_error.h"

#include <math.h>
#include <pthread.h>

enum { SURVEYS_N = 4 };

/* By survey_method, read from the shipped table once. */
static struct uncertainty_model survey_models[SURVEYS_N];
static pthread_once_t survey_models_once = PTHREAD_ONCE_INIT;

static void read_models(void)
{
    static const char *const surveys[SURVEYS_N] = {"imported", "walked", "digitised", "cadastral"};
    for (int i = 0; i < SURVEYS_N; i++)
        survey_models[i] = uncertainty_of_survey(surveys[i]);
}

static struct uncertainty_model model_of(int survey, double accuracy_m)
{
    pthread_once(&survey_models_once, read_models);
    struct uncertainty_model model = survey_models[survey & (SURVEYS_N - 1)];
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
