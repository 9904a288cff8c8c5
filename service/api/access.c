/* Who asks, and what is open to them.
 *
 * A token is looked up in the store with each request, so that a revocation counts from the next
 * one on. Without a token whoever asks on a loopback address is a viewer; writing needs a token
 * everywhere, since any page in a browser on this machine could send a request, but none can add
 * the token. */
#include "service/api/internal.h"

enum status api_staff(struct api_context *c, struct error *e)
{
    return c->staff ? STATUS_OK : store_open(c->api->registry_folder, STORE_READ, &c->staff, e);
}

void api_identify(struct api_call *call, struct http_reply **reply)
{
    const struct http_request *q = call->q;
    struct token_holder holder;
    *reply = NULL;
    call->role = q->loopback ? TOKEN_VIEWER : TOKEN_NONE;
    if (!q->bearer)
        return;
    enum status status = api_staff(call->context, &call->error);
    if (status == STATUS_OK)
        status = token_check(call->context->staff, q->bearer, &holder, &call->error);
    if (status != STATUS_OK) {
        *reply = problem_reply(problem_http(status), &call->error, q);
        return;
    }
    if (holder.role == TOKEN_NONE) {
        *reply = problem_unauthorized(true, q);
        return;
    }
    if (holder.role > call->role)
        call->role = holder.role;
    call->token = holder.id;
    if (!holder.used_today && call->context->api->jobs)
        jobs_token_used(call->context->api->jobs, holder.id);
}

struct http_reply *api_admit(const struct api_call *call, const struct api_resource *resource)
{
    static const enum token_role needed[] = {
        [API_PUBLIC] = TOKEN_NONE, [API_VIEWER] = TOKEN_VIEWER, [API_EDITOR] = TOKEN_EDITOR};
    if (call->role >= needed[resource->access])
        return NULL;
    return call->token ? problem_forbidden(needed[resource->access], call->q)
                       : problem_unauthorized(false, call->q);
}
