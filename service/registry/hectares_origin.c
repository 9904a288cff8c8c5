/* What an answer must carry so that the figure can be reproduced and defended a year later: the question as a command, the
 * change it was answered at, units, what each column means, methods, layers with editions. One list, written by every format. */
#include "service/registry/hectares.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct telling {
    hectares_tell *tell;
    void *arg;
};

static void say(const struct telling *t, const char *name, const char *value)
{
    t->tell(name, value, t->arg);
}

/* In apostrophes for a shell. */
static void put_quoted(struct buf *b, const char *option, const char *value)
{
    buf_printf(b, " %s '", option);
    for (; *value; value++)
        buf_puts(b, *value == '\'' ? "'\\''" : (const char[]){*value, 0});
    buf_putc(b, '\'');
}

void hectares_command(const struct hectares *h, struct buf *out)
{
    buf_puts(out, "parcela hectares REGISTRY");
    for (int i = 0; i < h->query.by_n; i++)
        buf_printf(out, "%s%s", i ? "," : " --by ", h->query.by[i]);
    for (size_t i = 0; i < h->query.programmes_n; i++)
        put_quoted(out, "--programme", h->query.programmes[i]);
    if (h->query.where)
        put_quoted(out, "--where", h->query.where);
    if (h->query.as_of || h->changed_at[0])
        put_quoted(out, "--as-of", h->query.as_of ? h->query.as_of : h->changed_at);
}

static bool say_list(const struct telling *t, const char *name, const char *const *words, size_t n)
{
    struct buf b;
    buf_init(&b, 0);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", words[i]);
    if (b.bytes)
        say(t, name, b.bytes);
    bool ok = !b.failed;
    buf_clear(&b);
    return ok;
}

static bool say_command(const struct telling *t, const struct hectares *h)
{
    struct buf b;
    buf_init(&b, 0);
    hectares_command(h, &b);
    bool ok = !b.failed;
    if (ok)
        say(t, "to ask again", b.bytes);
    buf_clear(&b);
    return ok;
}

static void say_json(const struct telling *t, const char *name, json_t *value)
{
    char path[200], number[40];
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach(value, key, child)
        {
            snprintf(path, sizeof path, "%s%s%s", name, *name ? "." : "", key);
            say_json(t, path, child);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, child)
        {
            snprintf(path, sizeof path, "%s.%zu", name, i + 1);
            say_json(t, path, child);
        }
    } else if (json_is_number(value)) {
        snprintf(number, sizeof number, "%.15g", json_number_value(value));
        say(t, name, number);
    } else if (!json_is_null(value)) {
        say(t, name, json_is_string(value) ? json_string_value(value) : json_is_true(value) ? "true" : "false");
    }
}

static void say_columns(const struct telling *t, const struct hectares *h)
{
    say(t, "unit", "hectare (10,000 m2) on the WGS84 ellipsoid, exact to the square millimetre and shown to 0.0001");
    say(t, "hectares", "sum over the plots; a plot across a border is split by area");
    say(t, "hectares_distinct", "ground under several plots counted once");
    say(t, "hectares_double_counted", "hectares minus hectares_distinct");
    say(t, "..._se", "standard error from the accuracy of the boundaries, and of a datum shift for plots that a border cuts; 95 % interval: 1.96 times");
    if (h->expected_known)
        say(t, "slope_..._expected_hectares, hectares_expected",
            "hectares by slope class in expectation under the vertical error of the elevation model: each cell counts in every class with the "
            "probability that its true slope lies there; they add up to the hectares");
    say(t, "corridor_share", "corridor_hectares / hectares");
    say(t, "corridor_edge_hectares", "of plots within the accuracy of a corridor's map of its line; that accuracy is in no standard error");
}

bool hectares_origin(const struct hectares *h, hectares_tell *tell, void *arg)
{
    const struct telling t = {tell, arg};
    char number[24];
    json_error_t why;
    snprintf(number, sizeof number, "%lld", (long long)h->change);
    say(&t, "registry at change", number);
    say(&t, "of", h->changed_at);
    bool ok = say_list(&t, "grouped by", h->query.by, (size_t)h->query.by_n) && say_list(&t, "programmes", h->query.programmes, h->query.programmes_n);
    if (h->query.where)
        say(&t, "where (CQL2 text)", h->query.where);
    if (h->query.as_of)
        say(&t, "as of", h->query.as_of);
    ok = ok && say_command(&t, h);
    say_columns(&t, h);
    json_t *method = h->method_json ? json_loads(h->method_json, 0, &why) : NULL;
    say_json(&t, "", method);
    json_decref(method);
    return ok;
}
