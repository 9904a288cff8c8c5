/* Names of files in reports; see import_names.h. Uploads are stored under random names that nobody
 * should meet. */
#include "service/registry/import_names.h"

#include <string.h>

static const char *stored_name(const struct import_request *q, size_t file)
{
    const char *slash = strrchr(q->files[file], '/');
    return slash ? slash + 1 : q->files[file];
}

const char *import_file_name(const struct import_request *q, uint32_t file)
{
    if (file >= q->files_n)
        return NULL;
    return q->names ? q->names[file] : stored_name(q, file);
}

const char *import_layer_name(const struct import_request *q, struct arena *a, uint32_t file,
                              const char *layer)
{
    if (!q->names || file >= q->files_n || !layer)
        return layer;
    const char *stored = stored_name(q, file), *name = q->names[file], *dot = strrchr(name, '.');
    size_t stem = strcspn(stored, ".");
    if (strlen(layer) != stem || strncmp(layer, stored, stem) != 0)
        return layer;
    return arena_strndup(a, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

const char *import_member_name(const struct import_request *q, struct arena *a, const char *member)
{
    for (size_t i = 0; q->names && member && i < q->files_n; i++) {
        const char *stored = stored_name(q, i);
        size_t n = strlen(stored);
        if (strncmp(member, stored, n) == 0 && (!member[n] || member[n] == '/'))
            return arena_printf(a, "%s%s", q->names[i], member + n);
    }
    return member;
}
