/* Layers (regions, corridors, terrain), their features, and the slope class table. */
#include <stdlib.h>

#include "service/store/private.h"

static const char *const KINDS[] = {"regions", "corridors", "terrain"};

static enum layer_kind kind_of(const char *name)
{
    int k = LAYER_TERRAIN;
    while (k > 0 && strcmp(name, KINDS[k]) != 0)
        k--;
    return (enum layer_kind)k;
}

enum status store_each_layer(struct store *s, bool (*each)(const struct store_layer *, void *),
                             void *arg, struct error *e)
{
    struct statement *q;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(statement_take(
        s,
        "SELECT id, kind, level, source, sha256, edition, added_at, accuracy_m, "
        "features_n, area_mm2, west, south, "
        "east, north, from_change, file, crs, cell_m, coalesce(model, ''), vertical_error_m, "
        "vertical_error_steep_m, vertical_error_correlation, "
        "coalesce(vertical_error_source, ''), coalesce(slope_kernel, 'horn') FROM layer WHERE "
        "to_change IS "
        "NULL ORDER BY " LAYER_ORDER,
        &q, e));
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        struct store_layer layer = {
            .id = column_int(q, 0),
            .kind = kind_of(column_text(q, 1)),
            .level = column_text(q, 2),
            .source = column_text(q, 3),
            .sha256 = column_text(q, 4),
            .edition = column_text(q, 5),
            .added_at = column_text(q, 6),
            .accuracy_m = column_real(q, 7),
            .features_n = column_int(q, 8),
            .area_mm2 = column_int(q, 9),
            .box = {column_real(q, 10), column_real(q, 11), column_real(q, 12), column_real(q, 13)},
            .from_change = column_int(q, 14),
            .file = column_text(q, 15),
            .crs = column_text(q, 16),
            .cell_m = column_real(q, 17),
            .model = column_text(q, 18),
            .vertical_error_m = column_real(q, 19),
            .vertical_error_steep_m = column_real(q, 20),
            .vertical_error_correlation = column_real(q, 21),
            .vertical_error_source = column_text(q, 22),
        };
        if (!slope_kernel_parse(column_text(q, 23), &layer.slope_kernel))
            status =
                error_set(e, STATUS_CORRUPT, "slope_kernel", NULL,
                          "the registry names a way to slopes that this program does not know");
        go = status == STATUS_OK && each(&layer, arg);
    }
    statement_done(q);
    return status;
}

static enum status end_current(struct store *s, const struct store_layer *layer, int64_t change,
                               struct error *e)
{
    struct statement *q;
    TRY(statement_take(
        s, "UPDATE layer SET to_change = ?1 WHERE kind = ?2 AND level = ?3 AND to_change IS NULL",
        &q, e));
    bind_int(q, 1, change);
    bind_text(q, 2, KINDS[layer->kind]);
    bind_text(q, 3, layer->kind == LAYER_REGIONS ? layer->level : "");
    return statement_run(s, q, e);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

enum status store_layer_add(struct store *s, const struct store_layer *layer, int64_t change,
                            int64_t *layer_id, struct error *e)
{
    struct statement *q;
    char now[24];
    TRY(store_need_transaction(s, e));
    if (layer->kind == LAYER_REGIONS &&
        (!layer->level || !*layer->level || strlen(layer->level) > 63))
        return error_set(e, STATUS_USAGE, "level_missing",
                         "Name the level, for instance state or municipality.",
                         "Regions need the name of their level (at most 63 bytes).");
    TRY(end_current(s, layer, change, e));
    store_now(now);
    TRY(statement_take(
        s,
        "INSERT INTO layer (kind, level, source, sha256, edition, added_at, accuracy_m, "
        "features_n, area_mm2, west, "
        "south, east, north, from_change, file, crs, cell_m, model, vertical_error_m, "
        "vertical_error_steep_m, vertical_error_correlation, vertical_error_source, "
        "slope_kernel) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
        "?19, ?20, ?21, ?22, ?23)",
        &q, e));
    bind_text(q, 1, KINDS[layer->kind]);
    bind_text(q, 2, layer->kind == LAYER_REGIONS ? layer->level : "");
    bind_text(q, 3, or_empty(layer->source));
    bind_text(q, 4, or_empty(layer->sha256));
    bind_text(q, 5, or_empty(layer->edition));
    bind_text(q, 6, layer->added_at ? layer->added_at : now);
    bind_real(q, 7, layer->accuracy_m);
    bind_int(q, 8, layer->features_n);
    bind_int(q, 9, layer->area_mm2);
    bind_real(q, 10, layer->box.west);
    bind_real(q, 11, layer->box.south);
    bind_real(q, 12, layer->box.east);
    bind_real(q, 13, layer->box.north);
    bind_int(q, 14, change);
    bind_text(q, 15, or_empty(layer->file));
    bind_text(q, 16, or_empty(layer->crs));
    bind_real(q, 17, layer->cell_m);
    bool stated = layer->kind == LAYER_TERRAIN && layer->vertical_error_m > 0;
    bind_text(q, 18, layer->model);
    bind_real(q, 19, stated ? layer->vertical_error_m : NAN);
    bind_real(q, 20, stated ? layer->vertical_error_steep_m : NAN);
    bind_real(q, 21, stated ? layer->vertical_error_correlation : NAN);
    bind_text(q, 22, stated ? layer->vertical_error_source : NULL);
    bind_text(q, 23, layer->kind == LAYER_TERRAIN ? slope_kernel_code(layer->slope_kernel) : NULL);
    TRY(statement_run(s, q, e));
    *layer_id = sqlite3_last_insert_rowid(s->db);
    sets_forget(s); /* the levels may have changed */
    return STATUS_OK;
}

enum status store_layer_feature_add(struct store *s, int64_t layer_id,
                                    struct store_layer_feature *feature, struct error *e)
{
    struct statement *q;
    TRY(store_need_transaction(s, e));
    TRY(statement_take(s,
                       "INSERT INTO layer_feature (layer_id, key, name, area_mm2, drawing, geom) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                       &q, e));
    bind_int(q, 1, layer_id);
    bind_text(q, 2, feature->key);
    bind_text(q, 3, feature->name);
    bind_int(q, 4, feature->area_mm2);
    bind_blob(q, 5, feature->drawing, feature->drawing_n);
    enum status status = bind_boundary(s, q, 6, &feature->boundary, e);
    if (status != STATUS_OK) {
        statement_done(q);
        return status;
    }
    TRY(statement_run(s, q, e));
    /* the triggers insert rows elsewhere; SQLite restores the last rowid when a trigger ends */
    feature->id = sqlite3_last_insert_rowid(s->db);
    if (feature->id >= UINT32_MAX)
        return error_set(e, STATUS_LIMIT, "too_many_features", NULL,
                         "The registry has too many layer features.");
    return STATUS_OK;
}

#define FEATURE_COLUMNS                                                                            \
    "f.id, f.key, f.name, f.area_mm2, CASE WHEN ?2 THEN f.geom END, CASE WHEN ?3 THEN f.drawing "  \
    "END"

static enum status features_statement(struct store *s, const struct box *box, struct statement **q,
                                      struct error *e)
{
    if (!box)
        return statement_take(s,
                              "SELECT " FEATURE_COLUMNS
                              " FROM layer_feature f WHERE f.layer_id = ?1 ORDER BY f.id",
                              q, e);
    TRY(statement_take(s,
                       "SELECT " FEATURE_COLUMNS
                       " FROM layer_feature f WHERE f.layer_id = ?1 AND f.id IN ("
                       "SELECT pkid FROM idx_layer_feature_geom WHERE xmax >= ?4 AND xmin <= ?5 "
                       "AND ymax >= ?6 AND ymin <= ?7) "
                       "ORDER BY f.id",
                       q, e));
    bind_real(*q, 4, box->west);
    bind_real(*q, 5, box->east);
    bind_real(*q, 6, box->south);
    bind_real(*q, 7, box->north);
    return STATUS_OK;
}

enum status store_each_layer_feature(struct store *s, int64_t layer_id, const struct box *box,
                                     bool with_boundary, bool with_drawing,
                                     bool (*each)(const struct store_layer_feature *, void *),
                                     void *arg, struct error *e)
{
    struct statement *q;
    struct arena a;
    bool row = true, go = true;
    enum status status = STATUS_OK;
    TRY(features_statement(s, box, &q, e));
    bind_int(q, 1, layer_id);
    bind_int(q, 2, with_boundary);
    bind_int(q, 3, with_drawing);
    arena_init(&a, 0);
    while (go && status == STATUS_OK && (status = statement_next(s, q, &row, e)) == STATUS_OK &&
           row) {
        struct store_layer_feature feature = {
            .id = column_int(q, 0),
            .key = column_text(q, 1),
            .name = column_text(q, 2),
            .area_mm2 = column_int(q, 3),
            .drawing = sqlite3_column_blob(q->stmt, 5),
            .drawing_n = (size_t)sqlite3_column_bytes(q->stmt, 5),
        };
        arena_reset(&a);
        if (with_boundary)
            status =
                blob_decode(sqlite3_column_blob(q->stmt, 4),
                            (size_t)sqlite3_column_bytes(q->stmt, 4), &a, &feature.boundary, e);
        go = status == STATUS_OK && each(&feature, arg);
    }
    statement_done(q);
    arena_clear(&a);
    return status;
}

/* ---- slope classes ---- */

static enum status registry_value(struct store *s, const char *key, char *out, size_t room,
                                  struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT value FROM registry WHERE key = ?1", &q, e));
    bind_text(q, 1, key);
    enum status status = statement_next(s, q, &row, e);
    snprintf(out, room, "%s", row ? column_text(q, 0) : "");
    statement_done(q);
    return status;
}

static enum status registry_set(struct store *s, const char *key, const char *value,
                                struct error *e)
{
    struct statement *q;
    TRY(statement_take(s,
                       "INSERT INTO registry (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO "
                       "UPDATE SET value = excluded.value",
                       &q, e));
    bind_text(q, 1, key);
    bind_text(q, 2, value);
    return statement_run(s, q, e);
}

enum status store_slope_table(struct store *s, struct slope_class_table *out, struct error *e)
{
    struct statement *q;
    bool row = true;
    enum status status = STATUS_OK;
    memset(out, 0, sizeof *out);
    TRY(registry_value(s, "slope_table", out->code, sizeof out->code, e));
    if (!*out->code)
        return slope_table_shipped("FAO_2006", out, e);
    TRY(registry_value(s, "slope_source", out->source, sizeof out->source, e));
    TRY(statement_take(
        s, "SELECT code, name_en, name_es, from_pct, colour FROM slope_class ORDER BY position", &q,
        e));
    while (out->classes_n < SLOPE_CLASSES_MAX &&
           (status = statement_next(s, q, &row, e)) == STATUS_OK && row) {
        struct slope_class *c = &out->classes[out->classes_n++];
        snprintf(c->code, sizeof c->code, "%s", column_text(q, 0));
        snprintf(c->name_en, sizeof c->name_en, "%s", column_text(q, 1));
        snprintf(c->name_es, sizeof c->name_es, "%s", column_text(q, 2));
        c->from_pct = sqlite3_column_double(q->stmt, 3);
        snprintf(c->colour, sizeof c->colour, "%s", column_text(q, 4));
    }
    statement_done(q);
    return status;
}

enum status store_slope_table_change(struct store *s, int64_t *change, struct error *e)
{
    char number[24];
    TRY(registry_value(s, "slope_change", number, sizeof number, e));
    *change = strtoll(number, NULL, 10);
    return STATUS_OK;
}

enum status store_slope_table_set(struct store *s, const struct slope_class_table *table,
                                  int64_t change, struct error *e)
{
    struct statement *q;
    char number[24];
    TRY(store_need_transaction(s, e));
    TRY(store_answers_forget(s, e)); /* they name its classes */
    TRY(registry_set(s, "slope_table", table->code, e));
    TRY(registry_set(s, "slope_source", table->source, e));
    snprintf(number, sizeof number, "%lld", (long long)change);
    TRY(registry_set(s, "slope_change", number, e));
    TRY(store_exec(s, "DELETE FROM slope_class", e));
    for (int i = 0; i < table->classes_n; i++) {
        const struct slope_class *c = &table->classes[i];
        TRY(statement_take(
            s,
            "INSERT INTO slope_class (position, code, name_en, name_es, from_pct, colour) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &q, e));
        bind_int(q, 1, i);
        bind_text(q, 2, c->code);
        bind_text(q, 3, c->name_en);
        bind_text(q, 4, c->name_es);
        bind_real(q, 5, c->from_pct);
        bind_text(q, 6, c->colour);
        TRY(statement_run(s, q, e));
    }
    return STATUS_OK;
}
