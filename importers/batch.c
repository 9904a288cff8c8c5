/* Folders as lists of their files; see batch.h. */
#include "importers/batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "importers/frame.h"

static enum status add(struct batch *b, const char *path, struct error *e)
{
    if (b->n == FRAME_FILES_MAX)
        return error_set(e, STATUS_LIMIT, "too_many_files", "import the folders one by one",
                         "there are more than %d files", FRAME_FILES_MAX);
    b->files[b->n++] = path;
    return STATUS_OK;
}

static enum status add_folder(struct batch *b, const char *folder, int depth, struct arena *a,
                              struct error *e);

static enum status add_entry(struct batch *b, const char *folder, const char *name, int depth,
                             struct arena *a, struct error *e)
{
    struct stat st;
    size_t n = strlen(folder);
    const char *path =
        arena_printf(a, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
    if (!path)
        return error_memory(e);
    if (lstat(path, &st) != 0)
        return STATUS_OK; /* gone meanwhile */
    if (S_ISDIR(st.st_mode))
        return depth < BATCH_DEPTH_MAX ? add_folder(b, path, depth + 1, a, e) : STATUS_OK;
    return S_ISREG(st.st_mode) ? add(b, path, e) : STATUS_OK;
}

static enum status add_folder(struct batch *b, const char *folder, int depth, struct arena *a,
                              struct error *e)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0)
        return error_set(e, STATUS_IO, "folder_unreadable", "check the folder's permissions",
                         "%.200s: %s", folder, strerror(errno));
    enum status s = STATUS_OK;
    for (int i = 0; i < n; i++) {
        if (s == STATUS_OK && entries[i]->d_name[0] != '.')
            s = add_entry(b, folder, entries[i]->d_name, depth, a, e);
        free(entries[i]);
    }
    free(entries);
    return s;
}

enum status batch_expand(const char *const *paths, size_t paths_n, struct arena *a,
                         struct batch *out, struct error *e)
{
    enum status s = STATUS_OK;
    *out = (struct batch){.files = arena_array(a, FRAME_FILES_MAX, sizeof *out->files)};
    if (!out->files)
        return error_memory(e);
    for (size_t i = 0; i < paths_n && s == STATUS_OK; i++) {
        struct stat st;
        size_t before = out->n;
        if (stat(paths[i], &st) != 0 || !S_ISDIR(st.st_mode)) {
            s = add(out, paths[i], e);
            continue;
        }
        out->folders = true;
        s = add_folder(out, paths[i], 0, a, e);
        if (s == STATUS_OK && out->n == before)
            s = error_set(e, STATUS_INVALID, "folder_empty", "name a folder with files",
                          "%.200s has no files", paths[i]);
    }
    return s;
}
