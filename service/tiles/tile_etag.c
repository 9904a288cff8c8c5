/* Which layer a tile is cut from, which change it shows, and the ETag made of that: lookups only.
 */
#include <stdio.h>
#include <string.h>

#include "service/tiles/private.h"

enum { MUNICIPALITY_ZOOM = 7 };

static const char *const layer_names[TILE_LAYERS_N] = {"plots", "corridors", "regions"};

bool tile_layer_parse(const char *name, enum tile_layer *out)
{
    for (int i = 0; i < TILE_LAYERS_N; i++)
        if (strcmp(name, layer_names[i]) == 0) {
            *out = (enum tile_layer)i;
            return true;
        }
    return false;
}

const char *tile_layer_name(enum tile_layer layer)
{
    return layer_names[layer];
}

struct choice {
    const struct tile_address *at;
    struct tile_source *out;
    const char *preferred; /* of regions, when no level is asked for */
    bool last;             /* else the last one (the finest); or the first */
    bool settled;
    char levels[200]; /* what there is, for the error */
};

static void choose(struct choice *c, const struct store_layer *layer)
{
    c->out->layer_id = layer->id;
    c->out->change = layer->from_change;
    snprintf(c->out->level, sizeof c->out->level, "%s", layer->level);
}

static bool see_layer(const struct store_layer *layer, void *arg)
{
    struct choice *c = arg;
    if (layer->kind != (c->at->layer == TILE_REGIONS ? LAYER_REGIONS : LAYER_CORRIDORS))
        return true;
    if (c->at->layer == TILE_CORRIDORS) {
        choose(c, layer);
        return false;
    }
    size_t used = strlen(c->levels);
    snprintf(c->levels + used, sizeof c->levels - used, "%s%s", used ? ", " : "", layer->level);
    const char *wanted = c->at->level ? c->at->level : c->preferred;
    if (strcmp(layer->level, wanted) == 0) {
        choose(c, layer);
        c->settled = true;
    } else if (!c->at->level && !c->settled && (c->last || !c->out->layer_id)) {
        choose(c, layer);
    }
    return true;
}

static enum status layer_source(struct store *reader, const struct tile_address *at,
                                struct tile_source *out, struct error *e)
{
    bool fine = at->z >= MUNICIPALITY_ZOOM;
    struct choice c = {
        .at = at, .out = out, .preferred = fine ? "municipality" : "state", .last = fine};
    enum status status = store_each_layer(reader, see_layer, &c, e);
    if (!status && at->layer == TILE_REGIONS && at->level && !c.settled)
        return error_set(e, STATUS_NOT_FOUND, "unknown_level", "Ask for a level that is there.",
                         "There are no regions of level %.40s; levels: %s.", at->level,
                         c.levels[0] ? c.levels : "none");
    return status;
}

enum status tile_source_of(struct store *reader, const struct tile_address *at,
                           struct tile_source *out, struct error *e)
{
    *out = (struct tile_source){0};
    if ((unsigned)at->layer >= TILE_LAYERS_N || at->z < 0 || at->z > LIMIT_TILE_ZOOM_MAX ||
        at->x >> at->z || at->y >> at->z)
        return error_set(e, STATUS_INVALID, "tile_out_of_range",
                         "Zooms are 0 to 18; x and y are below 2^z.", "There is no tile %d/%u/%u.",
                         at->z, at->x, at->y);
    enum status status = at->layer == TILE_PLOTS
                             ? store_tile_version(reader, at->z, at->x, at->y, &out->change, e)
                             : layer_source(reader, at, out, e);
    if (!status)
        snprintf(out->etag, sizeof out->etag, "\"%.8s-%s-%lld-%d\"", store_uuid(reader),
                 tile_layer_name(at->layer), (long long)out->change, TILE_FORMAT);
    return status;
}
