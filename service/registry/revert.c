/* Undoing an import: what it added ends, what it replaced is current again with today's layers. See import.h. */
#include "service/registry/import.h"

#include "service/registry/answers.h"
#include "service/registry/identity.h"
#include "service/registry/recompute.h"

struct reverting {
    struct touched ended, current;
    bool failed;
};

static bool note_touched(int64_t revision_id, struct box box, bool current, void *arg)
{
    struct reverting *r = arg;
    r->failed = !touched_add(current ? &r->current : &r->ended, revision_id, box);
    return !r->failed;
}

/* What one of the reverts made current and another ended. */
static bool forget_ended(struct reverting *r)
{
    struct key_set ended = {0};
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; i < r->ended.n && ok; i++)
        key_set_add(&ended, (uint64_t)r->ended.revisions[i], 1, &ok);
    for (size_t i = 0; i < r->current.n && ok; i++)
        if (!key_set_find(&ended, (uint64_t)r->current.revisions[i])) {
            r->current.revisions[n] = r->current.revisions[i];
            r->current.boxes[n++] = r->current.boxes[i];
        }
    r->current.n = ok ? n : r->current.n;
    key_set_clear(&ended);
    return ok;
}

static enum status revert_in_transaction(struct store *s, struct staff *staff, struct reverting *r, int64_t import_id, struct import_reverted *out,
                                         struct error *e)
{
    int64_t change;
    enum status status = store_change_new(s, "revert", &change, e);
    if (status == STATUS_OK) /* plots that came of its held rows go with it */
        status = store_decisions_of(s, import_id, out->also, REVERT_ALSO_MAX, &out->also_n, e);
    if (status == STATUS_OK && out->also_n == REVERT_ALSO_MAX)
        status = error_set(e, STATUS_LIMIT, "revert_limit", "revert some of those imports first", "more than %d of its held rows are decided", REVERT_ALSO_MAX);
    for (size_t i = 0; status == STATUS_OK && i < out->also_n; i++)
        status = store_import_revert(s, out->also[i], change, note_touched, r, e);
    if (status == STATUS_OK)
        status = store_import_revert(s, import_id, change, note_touched, r, e);
    if (status == STATUS_OK && (r->failed || !forget_ended(r)))
        status = error_memory(e);
    if (status == STATUS_OK)
        status = recompute_run(s, staff, change, &r->current, NULL, NULL, e);
    if (status == STATUS_OK)
        status = faces_renew(s, staff->pool, staff->workers, change, &r->ended, NULL, NULL, NULL, NULL, e);
    return status;
}

enum status import_revert(const char *registry, int64_t import_id, struct import_reverted *out, struct error *e)
{
    *out = (struct import_reverted){0};
    struct store *s = NULL;
    struct staff staff = {0};
    struct reverting r = {0};
    enum status status = store_open(registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = staff_hire(&staff, s, e);
    if (status == STATUS_OK)
        status = staff_ready(&staff, e);
    if (status == STATUS_OK && (status = store_begin(s, false, e)) == STATUS_OK) {
        status = revert_in_transaction(s, &staff, &r, import_id, out, e);
        if (status == STATUS_OK)
            status = answers_keep(s, (int64_t)r.ended.n, e);
        if (status == STATUS_OK)
            status = store_commit(s, e);
        else
            store_rollback(s);
    }
    out->plots = (int64_t)r.ended.n;
    touched_clear(&r.ended);
    touched_clear(&r.current);
    staff_dismiss(&staff);
    store_close(s);
    return status;
}
