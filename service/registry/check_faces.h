/* Private to the registry: computes what lies on several plots anew, and the hectares of the layers' features, and compares them with
 * what is stored. */
#ifndef SERVICE_REGISTRY_CHECK_FACES_H
#define SERVICE_REGISTRY_CHECK_FACES_H

#include "service/store/store.h"

struct faces_check {
    int64_t faces, wrong; /* stored ones; those that are not what the boundaries give, on either side */
    int64_t features, wrong_features;
};
enum status check_faces(struct store *s, struct faces_check *out, struct error *e) MUST_USE;
enum status check_layers(struct store *s, struct faces_check *out, struct error *e) MUST_USE;

#endif
