/* rlimits, Landlock and seccomp of the reader process; see sandbox.h and PLATFORM 1.8.
 *
 * The seccomp filter names what is denied (EACCES) and leaves the rest: GDAL, PROJ, SQLite and the
 * sanitizers call too much to list, and what matters is that no byte leaves and no file changes. A
 * system call of another architecture kills. */
#include "importers/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SANDBOX_ASAN 1
#endif

/* ---- resource limits ---- */

static bool limit(int what, rlim_t soft, rlim_t hard)
{
    struct rlimit old, wanted = {soft, hard};
    if (getrlimit((__rlimit_resource_t)what, &old) == 0 && old.rlim_max != RLIM_INFINITY) {
        if (wanted.rlim_max > old.rlim_max)
            wanted.rlim_max = old.rlim_max;
        if (wanted.rlim_cur > wanted.rlim_max)
            wanted.rlim_cur = wanted.rlim_max;
    }
    return setrlimit((__rlimit_resource_t)what, &wanted) == 0;
}

static bool raise_limits(const struct sandbox_plan *plan)
{
    bool good = limit(RLIMIT_CORE, 0, 0);
#ifndef SANDBOX_ASAN /* a sanitizer's report may go to a file; opening one for writing is denied   \
                        by the others */
    good = good && limit(RLIMIT_FSIZE, 0, 0);
#endif
    if (plan->cpu_s > 0) {
        /* The soft limit's SIGXCPU tells the parent why it died; the hard one follows in case it is
         * caught. */
        rlim_t s = (rlim_t)ceil(plan->cpu_s);
        good = good && limit(RLIMIT_CPU, s, s + 2);
    }
#ifndef SANDBOX_ASAN
    if (plan->memory_bytes)
        good = good && limit(RLIMIT_AS, plan->memory_bytes, plan->memory_bytes);
#endif
    return good;
}

/* ---- Landlock ---- */

#ifdef LANDLOCK_CREATE_RULESET_VERSION

enum {
    LANDLOCK_ALL_V1 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1
}; /* the thirteen rights of the first version */

static void allow_path(int ruleset, const char *path, uint64_t file_rights, uint64_t folder_rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0) {
        struct landlock_path_beneath_attr rule = {
            .allowed_access = S_ISDIR(st.st_mode) ? folder_rights : file_rights, .parent_fd = fd};
        /* A rule that cannot be added only leaves more denied. */
        (void)!syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    if (fd >= 0)
        close(fd);
}

static bool raise_landlock(const struct sandbox_plan *plan, bool *missing)
{
    struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ALL_V1};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    *missing = version < 1;
    if (*missing)
        return true;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return false;
    static const char *const system_paths[] = {"/usr/share/gdal",
                                               "/usr/share/proj",
                                               "/usr/lib",
                                               "/usr/lib64",
                                               "/lib",
                                               "/lib64",
                                               "/usr/local/lib",
                                               "/usr/local/share/proj",
                                               "/etc/ld.so.cache",
                                               "/dev/null",
                                               "/dev/urandom",
                                               "/proc/self/maps"};
    uint64_t tree = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    if (plan->system_data) {
        for (size_t i = 0; i < sizeof system_paths / sizeof *system_paths; i++)
            allow_path(ruleset, system_paths[i], LANDLOCK_ACCESS_FS_READ_FILE, tree);
        static const char *const variables[] = {"PROJ_LIB", "PROJ_DATA", "GDAL_DATA"};
        for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
            if (getenv(variables[i]))
                allow_path(ruleset, getenv(variables[i]), LANDLOCK_ACCESS_FS_READ_FILE, tree);
    }
    for (size_t i = 0; i < plan->files_n; i++)
        allow_path(ruleset, plan->files[i], LANDLOCK_ACCESS_FS_READ_FILE,
                   LANDLOCK_ACCESS_FS_READ_DIR);
    bool good = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return good;
}

#else

static bool raise_landlock(const struct sandbox_plan *plan, bool *missing)
{
    (void)plan;
    *missing = true;
    return true;
}

#endif

/* ---- seccomp ---- */

#if defined(__x86_64__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef SANDBOX_ARCH

/* Denied whatever their arguments. Names that this kernel's headers or architecture lack are
 * skipped. */
static const int DENIED[] = {
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_sendto,
    SYS_sendmsg,
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_truncate,
    SYS_ftruncate,
    SYS_mkdirat,
    SYS_mknodat,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_linkat,
    SYS_symlinkat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_open_by_handle_at,
    SYS_memfd_create,
    SYS_prctl,
    SYS_setuid,
    SYS_setgid,
    SYS_setsid,
    SYS_init_module,
    SYS_finit_module,
    SYS_kexec_load,
    SYS_swapon,
    SYS_reboot,
    SYS_mq_open,
    SYS_msgget,
    SYS_semget,
    SYS_shmget,
    SYS_io_setup,
    SYS_fanotify_init,
    SYS_quotactl,
    SYS_acct,
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
#endif
#ifdef SYS_pidfd_open
    SYS_pidfd_open,
    SYS_pidfd_send_signal,
#endif
#ifdef SYS_pidfd_getfd
    SYS_pidfd_getfd,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
    SYS_creat,
    SYS_mkdir,
    SYS_rmdir,
    SYS_mknod,
    SYS_unlink,
    SYS_rename,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
#endif
};

enum {
    NEWEST_KNOWN = 449
}; /* futex_waitv, Linux 5.16; numbers from 424 on are the same on every architecture */

enum { FILTER_MAX = 64 + 2 * (int)(sizeof DENIED / sizeof *DENIED) };

struct filter {
    struct sock_filter code[FILTER_MAX];
    unsigned short n;
};

static void emit(struct filter *f, unsigned code, unsigned k, unsigned char yes, unsigned char no)
{
    if (f->n == FILTER_MAX)
        abort(); /* the list above outgrew the array: seen by the first test that starts a reader */
    f->code[f->n++] = (struct sock_filter){(unsigned short)code, yes, no, k};
}

#define LOAD(f, field)                                                                             \
    emit(f, BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field), 0, 0)
#define RETURN(f, value) emit(f, BPF_RET | BPF_K, value, 0, 0)
#define DENY(code) (SECCOMP_RET_ERRNO | (code))

/* if (nr == call) and the low word of `argument` has any bit of `mask` (or, when `unless`, lacks
 * all of them): deny. */
static void deny_if_bits(struct filter *f, int call, unsigned argument, unsigned mask, bool unless)
{
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    emit(f, BPF_LD | BPF_W | BPF_ABS,
         (unsigned)(offsetof(struct seccomp_data, args) + 8 * argument), 0, 0);
    emit(f, BPF_JMP | BPF_JSET | BPF_K, mask, unless ? 1 : 0, unless ? 0 : 1);
    RETURN(f, DENY(EACCES));
    RETURN(f, SECCOMP_RET_ALLOW);
}

/* Signals only to itself: abort() and raise() must work so that a crash looks like one. */
static void own_signals_only(struct filter *f, int call)
{
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4);
    emit(f, BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args), 0, 0);
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)getpid(), 0, 1);
    RETURN(f, SECCOMP_RET_ALLOW);
    RETURN(f, DENY(EACCES));
}

static bool raise_seccomp(void)
{
    struct filter f = {.n = 0};
    const unsigned writing =
        O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    LOAD(&f, arch);
    emit(&f, BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCH, 1, 0);
    RETURN(&f, SECCOMP_RET_KILL_PROCESS);
    LOAD(&f, nr);
#if defined(__x86_64__)
    emit(&f, BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1); /* the x32 numbers */
    RETURN(&f, SECCOMP_RET_KILL_PROCESS);
    deny_if_bits(&f, SYS_open, 1, writing, false);
#endif
    deny_if_bits(&f, SYS_openat, 2, writing, false);
    deny_if_bits(&f, SYS_clone, 0, 0x00010000u /* CLONE_THREAD */, true);
    own_signals_only(&f, SYS_kill);
    own_signals_only(&f, SYS_tgkill);
    for (size_t i = 0; i < sizeof DENIED / sizeof *DENIED; i++) {
        emit(&f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)DENIED[i], 0, 1);
        RETURN(&f, DENY(EACCES));
    }
    /* Their arguments are behind a pointer that a filter cannot read; ENOSYS makes glibc use the
     * older calls. */
    static const int newer[] = {SYS_openat2, SYS_clone3};
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        emit(&f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)newer[i], 0, 1);
        RETURN(&f, DENY(ENOSYS));
    }
    /* Calls that came after these headers (fchmodat2, listmount, ...) could do what the list above
     * forbids. */
    emit(&f, BPF_JMP | BPF_JGE | BPF_K, NEWEST_KNOWN + 1, 0, 1);
    RETURN(&f, DENY(ENOSYS));
    RETURN(&f, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = f.n, .filter = f.code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

static bool raise_seccomp(void)
{
    return false;
}

#endif

enum status sandbox_enter(const struct sandbox_plan *plan, struct sandbox_state *out,
                          struct error *e)
{
    bool landlock_missing = true;
    *out = (struct sandbox_state){0};
    if (!raise_limits(plan))
        return error_set(e, STATUS_INTERNAL, "sandbox", NULL,
                         "the limits of the reader process could not be set: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !raise_landlock(plan, &landlock_missing))
        return error_set(e, STATUS_INTERNAL, "sandbox", NULL,
                         "the reader process could not be closed off: %s", strerror(errno));
    out->landlock = !landlock_missing;
    /* A container may run without either; the other walls stay, and --self-test tells. */
    out->seccomp = raise_seccomp();
    return STATUS_OK;
}

/* ---- self-test ---- */

static int raise_and_try(const char *outside);

/* In a child that writes to a pipe: behind the walls, stdout may be a file that can no longer be
 * written. */
int sandbox_self_test(const char *outside)
{
    int ends[2], how = 0;
    fflush(stdout);
    if (pipe(ends) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        int result = raise_and_try(outside);
        fflush(stdout);
        _exit(result);
    }
    close(ends[1]);
    char text[512];
    for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;)
        fwrite(text, 1, (size_t)n, stdout);
    close(ends[0]);
    return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) ? WEXITSTATUS(how) : 1;
}

static bool report(const char *what, bool holds, bool enforced)
{
    printf("%-28s %s\n", what,
           holds      ? "denied"
           : enforced ? "ALLOWED"
                      : "not enforced on this kernel");
    return holds || !enforced;
}

static bool open_denied(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0)
        close(fd);
    return fd < 0 && (errno == EACCES || errno == EPERM);
}

static int raise_and_try(const char *outside)
{
    struct sandbox_state state;
    struct error e = {0};
    struct sandbox_plan plan = {.system_data = true, .cpu_s = 20, .memory_bytes = (size_t)1 << 30};
    char target[64];
    snprintf(target, sizeof target, "/tmp/parcela-self-test-%ld", (long)getpid());
    if (sandbox_enter(&plan, &state, &e) != STATUS_OK) {
        printf("sandbox: %s\n", e.message);
        return 1;
    }
    bool good = report("reading a file outside", open_denied(outside, O_RDONLY), state.landlock);
    good &= report("creating a file", open_denied(target, O_WRONLY | O_CREAT), true);
    good &= report("writing an existing file", open_denied("/dev/null", O_WRONLY), true);
    good &=
        report("removing a file", unlink(target) != 0 && (errno == EACCES || errno == EPERM), true);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    good &= report("opening a socket", s < 0 && errno == EACCES, state.seccomp);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    good &= report("making a process", child < 0, state.seccomp);
    char *const arguments[] = {(char *)"true", NULL};
    execv("/bin/true", arguments);
    good &= report("running a program", errno == EACCES, true);
    good &= report("signalling another process", kill(getppid(), 0) != 0, state.seccomp);
    printf("landlock %s, seccomp %s\n", state.landlock ? "on" : "absent",
           state.seccomp ? "on" : "absent");
    return good ? 0 : 1;
}
