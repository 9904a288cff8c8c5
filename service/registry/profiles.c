/* Mapping profiles of a registry; see profiles.h. */
#include "service/registry/profiles.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "importers/text.h"
#include "service/registry/curp_key.h"

static enum status check_name(const char *name, struct error *e)
{
    bool ok =
        *name && strcmp(name, "-") != 0 && strlen(name) <= PROFILE_NAME_MAX && !strchr(name, '/');
    for (const char *p = name; *p && ok; p++)
        ok = (unsigned char)*p >= ' ';
    return ok ? STATUS_OK
              : error_set(e, STATUS_USAGE, "profile_name",
                          "use the programme's code: the profile is then used by itself",
                          "a profile's name has 1 to %d characters and no /", PROFILE_NAME_MAX);
}

enum status profiles_save(const char *registry, const char *name, const char *text, size_t n,
                          struct error *e)
{
    struct store *s = NULL;
    struct profile parsed;
    struct arena a;
    arena_init(&a, 0);
    enum status status = check_name(name, e);
    if (status == STATUS_OK)
        status = profile_parse(text, n, &a, &parsed, e);
    unsigned char key[CURP_KEY_BYTES];
    if (status == STATUS_OK)
        status = curp_key_load(registry, false, key, e);
    const char *body = NULL;
    if (status == STATUS_OK) {
        body = text_utf8_valid(text, n) ? arena_strndup(&a, text, n)
                                        : text_from_page(&a, text, n, 1252);
        body = curp_key_masked(key, &a, body); /* samples may have been pasted into it */
        status = body ? STATUS_OK : error_memory(e);
    }
    if (status == STATUS_OK)
        status = store_open(registry, STORE_WRITE, &s, e);
    if (status == STATUS_OK)
        status = store_profile_save(s, &(struct store_profile){.name = name, .body = body}, e);
    store_close(s);
    arena_clear(&a);
    return status;
}

enum status profiles_read_file(const char *path, struct arena *a, const char **text, size_t *n,
                               struct error *e)
{
    struct stat st;
    FILE *f = fopen(path, "rbe");
    if (!f || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        if (f)
            fclose(f);
        return error_set(e, STATUS_NOT_FOUND, "profile_not_found",
                         "name a profile of the registry (parcela profile list) or a file",
                         "%.200s: %s", path, f ? "this is not a file" : strerror(errno));
    }
    char *bytes = arena_alloc(a, PROFILE_BYTES_MAX + 2);
    *n = bytes ? fread(bytes, 1, PROFILE_BYTES_MAX + 1, f) : 0;
    fclose(f);
    *text = bytes;
    return bytes ? STATUS_OK : error_memory(e);
}

struct naming {
    char list[200];
};

static bool note_name(const struct store_profile *p, void *arg)
{
    struct naming *names = arg;
    size_t used = strlen(names->list);
    snprintf(names->list + used, sizeof names->list - used, "%s%.40s", used ? ", " : "", p->name);
    return true;
}

static enum status not_found(struct store *s, const char *name, struct error *e)
{
    struct naming names = {""};
    enum status status = store_each_profile(s, note_name, &names, e);
    return status != STATUS_OK
               ? status
               : error_set(e, STATUS_NOT_FOUND, "profile_not_found",
                           "parcela profile save REGISTRY NAME FILE keeps one",
                           "there is no profile %.60s; %s%s", name,
                           *names.list ? "there are: " : "the registry has none", names.list);
}

enum status profiles_find(struct store *s, const char *name, bool files, const char *programme,
                          struct arena *a, struct profile *out, const char **used, struct error *e)
{
    struct store_profile saved = {0};
    const char *text = NULL, *wanted = name ? name : programme;
    size_t n = 0;
    *out = (struct profile){0};
    *used = NULL;
    if (name && strcmp(name, "-") == 0)
        return STATUS_OK;
    enum status status = wanted ? store_profile_get(s, wanted, a, &saved, e) : STATUS_OK;
    if (status == STATUS_OK && saved.name) {
        text = saved.body;
        n = strlen(text);
        *used = saved.name;
    } else if (status == STATUS_OK && name) {
        struct stat st;
        if (!files || stat(name, &st) != 0)
            return not_found(s, name, e);
        status = profiles_read_file(name, a, &text, &n, e);
        const char *slash = strrchr(name, '/');
        *used = slash ? slash + 1 : name;
    }
    return status == STATUS_OK && text ? profile_parse(text, n, a, out, e) : status;
}

static enum status propose(const char *file, const char *crs, const char *encoding, struct buf *out,
                           struct error *e)
{
    unsigned char key[CURP_KEY_BYTES];
    struct reader *r = NULL;
    struct arena a;
    bool done = false;
    arena_init(&a, 0);
    randombytes_buf(key, sizeof key);
    const struct reader_request q = {.purpose = READER_PLOTS,
                                     .files = &file,
                                     .files_n = 1,
                                     .crs = crs,
                                     .encoding = encoding,
                                     .curp_key = key};
    enum status status = reader_start(&q, &r, e);
    while (status == STATUS_OK && !done) {
        struct reader_event event;
        arena_reset(&a);
        status = reader_next(r, &a, &event, e);
        if (status != STATUS_OK)
            break;
        if (event.kind == READER_SOURCE)
            profile_propose(event.source.columns, event.source.columns_n, out);
        done = event.kind == READER_SOURCE || event.kind == READER_DONE;
    }
    reader_stop(r);
    arena_clear(&a);
    if (status == STATUS_OK && !out->length)
        status = error_set(e, STATUS_INVALID, "profile_no_columns", NULL,
                           "the file has no layer with columns");
    return status == STATUS_OK && out->failed ? error_memory(e) : status;
}

enum status profiles_propose(const char *file, const char *crs, const char *encoding,
                             struct buf *out, struct error *e)
{
    enum status status = propose(file, crs, encoding, out, e);
    if (status != STATUS_INVALID || crs || strncmp(e->code, "crs_", 4) != 0)
        return status;
    buf_reset(out); /* where the plots lie does not matter for what the columns say */
    return propose(file, "EPSG:4326", encoding, out, e);
}
