/* The +- of a plot's hectares: standard error of its area from what is known of how it was
 * measured. */
#ifndef SERVICE_REGISTRY_AREA_ERROR_H
#define SERVICE_REGISTRY_AREA_ERROR_H

#include "geo/boundary.h"
#include "geo/uncertainty.h"

/* In m2, rounded to 0.0001 so that ring start and direction cannot be seen in it. survey: enum
 * survey_method; accuracy_m: 68 % radius of the vertices as reported, NaN or 0 = the method's
 * default (geo/data/survey_accuracy.csv). About 20 ns a vertex. */
double area_error_m2(const struct boundary *b, int survey, double accuracy_m);

/* What the errors of a plot's pieces are made from. */
struct area_noise {
    struct uncertainty_model model;
    double se_m2; /* of the whole; NaN = not known, then the pieces' are not either */
};
struct area_noise area_noise_of(int survey, double accuracy_m, double se_m2);

#endif
