/* A small HTTP client over raw sockets for black-box tests: sends exactly the bytes it is given and
 * reads answers strictly. Knows no Parcela; works against any address. */
#ifndef TESTS_HTTP_CLIENT_H
#define TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CLIENT_TIMEOUT_MS = 60000 };

struct answer {
    int status; /* 0: the connection ended, or nothing came, before a whole answer */
    char *head; /* status line and headers, NUL-terminated */
    char *body; /* NUL-terminated */
    size_t body_n;
    char fields[16][600]; /* values returned by answer_field */
    int fields_n;
};

/* A server process that a test started. */
struct server {
    pid_t pid; /* 0: not ours (an address was given) */
    char url[128];
    char host[128]; /* "127.0.0.1:41233" */
    int port;
};

/* Starts argv[0] with argv (NULL-terminated) and reads its address from the first line that begins
 * with http://. */
void server_start(struct server *s, const char *const *argv);
/* Uses a server that runs already. */
void server_use(struct server *s, const char *url);
/* SIGTERM and wait; returns the exit status, -1 when it was killed or did not end within a minute (then
 * it is killed). */
int server_stop(struct server *s);
/* The same for one that was told to stop already: a second signal may meet a server that has given
 * its signals back, and kill it. */
int server_wait(struct server *s);

/* A connected socket, or -1. */
int client_connect(const struct server *s);
bool client_send(int fd, const void *bytes, size_t n);
bool client_send_text(int fd, const char *text);
/* Reads one answer. without_body: it answers HEAD. Waits at most timeout_ms. a is overwritten. */
void client_read(int fd, bool without_body, struct answer *a, int timeout_ms);
/* Whether the other side has closed (waits up to timeout_ms; reads and drops what comes). */
bool client_closed(int fd, int timeout_ms);
/* GET on a connection of its own; `headers` is extra lines, each with \r\n, or NULL. */
void client_get(const struct server *s, const char *path, const char *headers, struct answer *a);
/* The value of header `name` in any letter case, or NULL. Valid until answer_clear. */
const char *answer_field(struct answer *a, const char *name);
void answer_clear(struct answer *a);

#endif
