/* Opening and closing a registry: the folder, the lock of the one writer, the connections.
 *
 * Only the writer loads SpatiaLite (its triggers call it); readers decode geometries themselves, so
 * a reader has no function that opens files and no state to tear down. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "service/store/private.h"

enum { PATH_ROOM = STORE_PATH_MAX + 64 };

static pthread_once_t sqlite_once = PTHREAD_ONCE_INIT;

/* SQLite's memory statistics cost a process-wide lock at every allocation: a tenth of an import,
 * and readers wait for each other. Too late (and refused, harmlessly) when PROJ has used SQLite
 * before. */
static void sqlite_configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void store_now(char out[24])
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void *store_scratch(struct store *s, size_t n)
{
    if (n > s->scratch_n) {
        void *more = realloc(s->scratch, n + n / 2);
        if (!more)
            return NULL;
        s->scratch = more;
        s->scratch_n = n + n / 2;
    }
    return s->scratch;
}

static void join(char out[PATH_ROOM], const char *folder, const char *name)
{
    snprintf(out, PATH_ROOM, "%s/%s", folder, name);
}

/* ---- the lock ---- */

static enum status lock_busy(int fd, const char *folder, struct error *e)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    close(fd);
    if (pid > 0)
        return error_set(e, STATUS_BUSY, "registry_locked", "Wait until it is done, or stop it.",
                         "Another process (%ld) is writing the registry %s.", pid, folder);
    return error_set(e, STATUS_BUSY, "registry_locked", "Wait until it is done, or stop it.",
                     "Another process is writing the registry %s.", folder);
}

static enum status lock_take(const char *folder, int *out, struct error *e)
{
    char path[PATH_ROOM], text[32];
    join(path, folder, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(e, STATUS_IO, "lock_failed", "Check the rights of the registry's folder.",
                         "The lock of the registry %s cannot be opened: %s.", folder,
                         strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return lock_busy(fd, folder, e);
    int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
        close(fd); /* a full disk: say so now, not in the middle of an import */
        return error_set(e, STATUS_IO, "lock_failed", "Free space on the disk of the registry.",
                         "The lock of the registry %s cannot be written.", folder);
    }
    *out = fd;
    return STATUS_OK;
}

static void lock_release(int fd)
{
    if (fd < 0)
        return;
    if (ftruncate(fd, 0) != 0) { /* only the pid in the message of others would be stale */
    }
    close(fd);
}

/* ---- connections ---- */

static enum status connect_writer(struct store *s, const char *path, int more_flags,
                                  struct error *e)
{
    int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | more_flags,
                             NULL);
    if (rc != SQLITE_OK)
        return store_sql_error(s, rc, e);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    return spatialite_attach(s, e);
}

static enum status writer_pragmas(struct store *s, struct error *e)
{
    return store_exec(
        s,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA cache_size = -48000; PRAGMA foreign_keys = OFF;",
        e);
}

static bool wal_has_frames(const char *path)
{
    char wal[PATH_ROOM + 8];
    struct stat st;
    snprintf(wal, sizeof wal, "%s-wal", path);
    return stat(wal, &st) == 0 && st.st_size > 0;
}

/* A path as a file: URI, for immutable=1. */
static char *uri_of(const char *path)
{
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "file:");
    for (const char *c = path; *c; c++)
        if (strchr("?#%", *c))
            buf_printf(&b, "%%%02X", (unsigned char)*c);
        else
            buf_putc(&b, *c);
    buf_puts(&b, "?immutable=1");
    return b.failed ? (buf_clear(&b), NULL) : buf_steal(&b);
}

static int open_reader(struct store *s, const char *name, int more_flags)
{
    sqlite3_close(s->db);
    s->db = NULL;
    int rc = sqlite3_open_v2(name, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | more_flags,
                             NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
    return sqlite3_exec(s->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static enum status not_closed(struct error *e)
{
    return error_set(
        e, STATUS_IO, "registry_not_closed",
        "Open it once where its folder can be written, for instance with parcela check.",
        "The registry was not closed cleanly and its folder is read-only.");
}

/* A first import that was killed left its journal, and a connection that only reads may not roll it
 * back: a writing one does, under the lock of the writer. */
static enum status undo_killed(struct store *s, const char *path, struct error *e)
{
    int lock;
    sqlite3 *db = NULL;
    enum status status = lock_take(s->folder, &lock, e);
    if (status != STATUS_OK)
        return status == STATUS_BUSY ? status : not_closed(e);
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema; PRAGMA journal_mode = WAL", NULL,
                          NULL, NULL);
    sqlite3_close(db);
    lock_release(lock);
    return rc == SQLITE_OK                  ? STATUS_OK
           : (rc & 0xff) == SQLITE_READONLY ? not_closed(e)
                                            : store_sql_error(s, rc, e);
}

/* A reader needs the -shm file beside the database, which SQLite makes when the folder can be
 * written. In a read-only folder a registry that was closed cleanly is opened as immutable; one
 * with a log that was never written back must not be, since its newest commits would be missing. */
static enum status connect_reader(struct store *s, const char *path, struct error *e)
{
    int rc = open_reader(s, path, 0);
    if (rc == SQLITE_READONLY_ROLLBACK) {
        TRY(undo_killed(s, path, e));
        rc = open_reader(s, path, 0);
    }
    if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) {
        if (wal_has_frames(path))
            return not_closed(e);
        char *uri = uri_of(path);
        if (!uri)
            return error_memory(e);
        rc = open_reader(s, uri, SQLITE_OPEN_URI);
        free(uri);
    }
    if (rc == SQLITE_BUSY) /* store_begin_load */
        return error_set(e, STATUS_BUSY, "registry_locked", "Wait until it is done, or stop it.",
                         "Another process is writing the first plots into the registry %s.",
                         s->folder);
    if (rc != SQLITE_OK)
        return store_sql_error(s, rc, e);
    TRY(store_exec(
        s,
        "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;"
        "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;",
        e));
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return STATUS_OK;
}

static enum status read_uuid(struct store *s, struct error *e)
{
    struct statement *q;
    bool row;
    TRY(statement_take(s, "SELECT value FROM registry WHERE key = 'uuid'", &q, e));
    enum status status = statement_next(s, q, &row, e);
    if (row && column_text(q, 0))
        snprintf(s->uuid, sizeof s->uuid, "%s", column_text(q, 0));
    statement_done(q);
    return status;
}

static enum status not_found(const char *folder, struct error *e)
{
    return error_set(e, STATUS_NOT_FOUND, "registry_not_found", "Make one with parcela init.",
                     "There is no registry in %s.", folder);
}

static enum status new_handle(const char *folder, enum store_mode mode, struct store **out,
                              struct error *e)
{
    if (strlen(folder) >= STORE_PATH_MAX)
        return error_set(e, STATUS_USAGE, "path_too_long", NULL,
                         "The path of the registry is too long.");
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        return error_memory(e);
    pthread_once(&sqlite_once, sqlite_configure);
    s->mode = mode;
    s->lock_fd = -1;
    s->sets.levels_n = -1;
    snprintf(s->folder, sizeof s->folder, "%s", folder);
    *out = s;
    return STATUS_OK;
}

static enum status open_in(struct store *s, struct error *e)
{
    char path[PATH_ROOM];
    join(path, s->folder, "registry.sqlite");
    if (access(path, F_OK) != 0)
        return not_found(s->folder, e);
    if (s->mode != STORE_WRITE) {
        TRY(connect_reader(s, path, e));
        TRY(schema_migrate(s, e));
        TRY(read_uuid(s, e));
        authorizer_install(s);
        return STATUS_OK;
    }
    TRY(lock_take(s->folder, &s->lock_fd, e));
    TRY(connect_writer(s, path, 0, e));
    TRY(schema_migrate(s, e));
    TRY(writer_pragmas(s, e));
    return read_uuid(s, e);
}

enum status store_open(const char *folder, enum store_mode mode, struct store **out,
                       struct error *e)
{
    struct store *s;
    *out = NULL;
    TRY(new_handle(folder, mode, &s, e));
    enum status status = open_in(s, e);
    if (status != STATUS_OK) {
        store_close(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    store_snapshot_end(s);
    statements_close(s);
    rows_close(s);
    sets_forget(s);
    words_forget(s);
    sqlite3_close(s->db);
    spatialite_detach(s);
    lock_release(s->lock_fd);
    free(s->boxes.rows);
    free(s->overview.deltas);
    free(s->touches.slots);
    free(s->scratch);
    free(s);
}

const char *store_folder(const struct store *s)
{
    return s->folder;
}

const char *store_uuid(const struct store *s)
{
    return s->uuid;
}

/* ---- making a registry ---- */

static enum status io_failed(const char *what, const char *folder, struct error *e)
{
    return error_set(e, STATUS_IO, "registry_io", "Check the rights and the space of the folder.",
                     "%s in %s failed: %s.", what, folder, strerror(errno));
}

/* Nothing but what an earlier, killed store_create may have left. */
static enum status check_empty(const char *folder, struct error *e)
{
    static const char *const ours[] = {".", "..", "lock", "terrain", "incoming", "backups"};
    DIR *dir = opendir(folder);
    if (!dir)
        return io_failed("Reading", folder, e);
    enum status status = STATUS_OK;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(dir));) {
        bool known = strncmp(entry->d_name, "registry.new", strlen("registry.new")) == 0;
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            known = known || strcmp(entry->d_name, ours[i]) == 0;
        if (strcmp(entry->d_name, "registry.sqlite") == 0)
            status = error_set(e, STATUS_CONFLICT, "registry_exists", "Choose another folder.",
                               "There is a registry in %s already.", folder);
        else if (!known)
            status = error_set(e, STATUS_CONFLICT, "folder_not_empty",
                               "Choose a new or an empty folder.",
                               "The folder %s is not empty (%s).", folder, entry->d_name);
    }
    closedir(dir);
    return status;
}

static enum status make_folders(const char *folder, struct error *e)
{
    static const char *const names[] = {"terrain", "incoming", "backups"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_ROOM];
        join(path, folder, names[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return io_failed("Making a folder", folder, e);
    }
    return STATUS_OK;
}

static void remove_leftovers(const char *folder)
{
    static const char *const names[] = {"registry.new", "registry.new-wal", "registry.new-shm",
                                        "registry.new-journal"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_ROOM];
        join(path, folder, names[i]);
        unlink(path);
    }
}

static enum status write_uuid(struct store *s, struct error *e)
{
    unsigned char bytes[16];
    struct statement *q;
    if (sodium_init() < 0)
        return error_set(e, STATUS_INTERNAL, "no_random", NULL,
                         "There is no source of random numbers.");
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(s->uuid, sizeof s->uuid, bytes, sizeof bytes);
    TRY(statement_take(s, "INSERT INTO registry (key, value) VALUES ('uuid', ?1)", &q, e));
    bind_text(q, 1, s->uuid);
    return statement_run(s, q, e);
}

/* The database is made under another name and renamed when it is whole, so that a killed init
 * leaves no half registry. */
static enum status create_in(struct store *s, struct error *e)
{
    char path[PATH_ROOM];
    TRY(check_empty(s->folder, e)); /* before a lock file is put into somebody's folder */
    TRY(lock_take(s->folder, &s->lock_fd, e));
    TRY(check_empty(s->folder, e)); /* again: another one may have been faster */
    TRY(make_folders(s->folder, e));
    remove_leftovers(s->folder);
    join(path, s->folder, "registry.new");
    TRY(connect_writer(s, path, SQLITE_OPEN_CREATE, e));
    TRY(schema_create(s, e));
    return write_uuid(s, e);
}

static enum status publish(const char *folder, struct error *e)
{
    char from[PATH_ROOM], to[PATH_ROOM];
    join(from, folder, "registry.new");
    join(to, folder, "registry.sqlite");
    if (rename(from, to) != 0)
        return io_failed("Naming the registry", folder, e);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    return STATUS_OK;
}

enum status store_create(const char *folder, struct error *e)
{
    struct store *s;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return io_failed("Making the folder", folder, e);
    TRY(new_handle(folder, STORE_WRITE, &s, e));
    enum status status = create_in(s, e);
    int lock = s->lock_fd;
    s->lock_fd = -1; /* kept until the file has its name */
    store_close(s);
    if (status == STATUS_OK)
        status = publish(folder, e);
    else if (lock >= 0 && status != STATUS_CONFLICT)
        remove_leftovers(folder);
    lock_release(lock);
    return status;
}
