/* Layers against the regions of the registry; see layer_frames.h. */
#include "service/registry/layer_frames.h"

#include <math.h>

#include "importers/crs_words.h"
#include "service/registry/homes.h"
#include "service/registry/staff.h"

struct look {
    struct staff staff;
    struct homes *homes;
    struct crs_set *set;
    struct crs_sample *samples;
    struct crs_candidates c;
    bool here; /* the regions say something of these rows */
};

static enum status rank(struct look *l, const struct reader_probe *probe, struct error *e)
{
    struct crs_world world = homes_world(l->homes);
    struct crs_rank other[CRS_RANKS_MAX];
    bool certain = false;
    if (!(l->set = crs_set_new()))
        return error_memory(e);
    for (size_t i = 0; i < probe->rows_n; i++) {
        l->samples[i] = (struct crs_sample){.raw = probe->rows[i].raw, .second = {NAN, NAN}};
        if (probe->rows[i].key)
            l->samples[i].key = homes_key(l->homes, probe->rows[i].key);
    }
    l->c = (struct crs_candidates){.regions = true, .declared = probe->declared};
    l->c.n = crs_rank(l->set, l->samples, probe->rows_n, &world, l->c.ranks, &l->c.certain);
    l->here = l->c.n && l->c.ranks[0].any_n * 2 >= l->c.ranks[0].n;
    if (l->here && !l->c.certain && !probe->declared) {
        crs_rank(l->set, l->samples, probe->rows_n, NULL, other, &certain);
        l->here = !certain;
    }
    return STATUS_OK;
}

static enum status look(struct store *s, struct look *l, const struct reader_probe *probe,
                        struct arena *a, struct error *e)
{
    l->samples = arena_array(a, probe->rows_n, sizeof *l->samples);
    enum status status = l->samples ? staff_hire(&l->staff, s, e) : error_memory(e);
    if (status == STATUS_OK)
        status = staff_ready(&l->staff, e);
    if (status == STATUS_OK)
        status = homes_load(s, l->staff.setup, &l->homes, e);
    return status == STATUS_OK && homes_any(l->homes) ? rank(l, probe, e) : status;
}

enum status layer_frames_answer(struct store *s, struct reader *reader,
                                const struct reader_probe *probe, const char *file, struct arena *a,
                                const char **words, struct error *e)
{
    struct look l = {0};
    struct error refusal;
    char text[200];
    *words = NULL;
    enum status status = look(s, &l, probe, a, e);
    if (status != STATUS_OK) {
        /* nothing to answer with */
    } else if (!l.here) {
        status = reader_answer(reader, 0, NULL, e);
    } else if (l.c.certain && !l.c.declared) {
        crs_rank_words(&l.c.ranks[0], true, text, sizeof text);
        status = (*words = arena_strdup(a, text))
                     ? reader_answer(reader, l.c.ranks[0].epsg, NULL, e)
                     : error_memory(e);
    } else {
        (void)!crs_candidates_error(&l.c, file, probe->degrees, &refusal);
        status = reader_answer(reader, 0, &refusal, e);
    }
    homes_free(l.homes);
    crs_set_free(l.set);
    staff_dismiss(&l.staff);
    return status;
}
