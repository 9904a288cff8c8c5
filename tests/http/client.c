/* Raw sockets and child processes for the HTTP tests; see client.h. */
#include "tests/http/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- servers ---- */

void server_use(struct server *s, const char *url)
{
    *s = (struct server){0};
    snprintf(s->url, sizeof s->url, "%s", url);
    s->url[strcspn(s->url, "\r\n")] = 0;
    snprintf(s->host, sizeof s->host, "%s", strncmp(s->url, "http://", 7) ? s->url : s->url + 7);
    s->host[strcspn(s->host, "/")] = 0;
    const char *colon = strrchr(s->host, ':');
    s->port = colon ? atoi(colon + 1) : 80;
}

/* A test that fails leaves its server behind: it must not outlive the program. */
static pid_t started[64];
static int started_n;

static void kill_left(void)
{
    for (int i = 0; i < started_n; i++)
        if (started[i])
            kill(started[i], SIGKILL);
}

static void forget(pid_t pid)
{
    for (int i = 0; i < started_n; i++)
        if (started[i] == pid)
            started[i] = 0;
}

void server_start(struct server *s, const char *const *argv)
{
    int pipes[2];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    if (pipe(pipes)) {
        perror("pipe");
        exit(2);
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    posix_spawn_file_actions_addclose(&actions, pipes[1]);
    if (posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)(size_t)argv, environ)) {
        fprintf(stderr, "cannot start %s\n", argv[0]);
        exit(2);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    FILE *out = fdopen(pipes[0], "r");
    char line[256];
    *s = (struct server){0};
    while (out && fgets(line, sizeof line, out)) {
        char *url = strstr(line, "http://");
        if (url) {
            server_use(s, url);
            break;
        }
    }
    if (out)
        fclose(out);
    s->pid = pid;
    if (!started_n)
        atexit(kill_left);
    if (started_n < 64)
        started[started_n++] = pid;
}

int server_stop(struct server *s)
{
    if (s->pid)
        kill(s->pid, SIGTERM);
    return server_wait(s);
}

int server_wait(struct server *s)
{
    int status = 0;
    if (!s->pid)
        return 0;
    forget(s->pid);
    for (long end = now_ms() + CLIENT_TIMEOUT_MS; now_ms() < end;) {
        if (waitpid(s->pid, &status, WNOHANG) == s->pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        poll(NULL, 0, 5);
    }
    kill(s->pid, SIGKILL);
    waitpid(s->pid, &status, 0);
    return -1;
}

/* ---- sockets ---- */

int client_connect(const struct server *s)
{
    bool v6 = s->host[0] == '[';
    struct sockaddr_in a4 = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)s->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)s->port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4,
                           v6 ? sizeof a6 : sizeof a4)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool client_send(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool client_send_text(int fd, const char *text)
{
    return client_send(fd, text, strlen(text));
}

/* One byte within the time left; -1 at the end or on timeout. */
static int read_byte(int fd, long end)
{
    unsigned char byte;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    long left = end - now_ms();
    if (left <= 0 || poll(&p, 1, (int)left) <= 0)
        return -1;
    return recv(fd, &byte, 1, 0) == 1 ? byte : -1;
}

static bool read_bytes(int fd, char *to, size_t n, long end)
{
    while (n) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        long left = end - now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return false;
        ssize_t got = recv(fd, to, n, 0);
        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

void client_read(int fd, bool without_body, struct answer *a, int timeout_ms)
{
    enum { HEAD_MAX = 64 * 1024 };
    long end = now_ms() + timeout_ms;
    size_t n = 0;
    memset(a, 0, sizeof *a);
    a->head = calloc(1, HEAD_MAX + 1);
    while (n < HEAD_MAX && !(n >= 4 && !memcmp(a->head + n - 4, "\r\n\r\n", 4))) {
        int c = read_byte(fd, end);
        if (c < 0)
            return;
        a->head[n++] = (char)c;
    }
    if (strncmp(a->head, "HTTP/1.", 7))
        return;
    int status = atoi(a->head + 9);
    const char *length = answer_field(a, "Content-Length");
    a->body_n =
        without_body || status == 304 || status == 204 || !length ? 0 : strtoul(length, NULL, 10);
    a->body = calloc(1, a->body_n + 1);
    if (read_bytes(fd, a->body, a->body_n, end))
        a->status = status;
}

bool client_closed(int fd, int timeout_ms)
{
    long end = now_ms() + timeout_ms;
    char drop[4096];
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        long left = end - now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return false;
        if (recv(fd, drop, sizeof drop, 0) <= 0)
            return true;
    }
}

void client_get(const struct server *s, const char *path, const char *headers, struct answer *a)
{
    int fd = client_connect(s);
    char *request = NULL;
    if (asprintf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, s->host,
                 headers ? headers : "") < 0 ||
        fd < 0) {
        fprintf(stderr, "no connection to %s\n", s->url);
        exit(2);
    }
    client_send_text(fd, request);
    free(request);
    client_read(fd, false, a, CLIENT_TIMEOUT_MS);
    close(fd);
}

const char *answer_field(struct answer *a, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = strstr(a->head, "\r\n"); line && line[2] != '\r';
         line = strstr(line + 2, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, n) || line[n] != ':') {
            line -= 2;
            continue;
        }
        const char *value = line + n + 1 + strspn(line + n + 1, " ");
        if (a->fields_n == 16)
            a->fields_n = 0;
        char *out = a->fields[a->fields_n++];
        snprintf(out, sizeof a->fields[0], "%.*s", (int)strcspn(value, "\r"), value);
        return out;
    }
    return NULL;
}

void answer_clear(struct answer *a)
{
    free(a->head);
    free(a->body);
    memset(a, 0, sizeof *a);
}
