/* Asks an HTTP server on this machine for a list of paths over kept-alive connections, and says how
 * fast it answered.
 *
 *   bench_client PORT FILE CONNECTIONS REQUESTS
 *
 * FILE has one path a line; they are asked in their order, again from the first when REQUESTS are
 * more. Prints one JSON object. An answer that is not 200, has no Content-Length or is cut off is a
 * failure: exit code 1. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    int port;
    char **paths;
    size_t paths_n, requests;
    float *ms; /* of each request */
    atomic_size_t next, bytes, failed;
} work;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)work.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct timeval limit = {.tv_sec = 600};
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
        perror("connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

/* Reads one answer; the body is counted and thrown away. Returns its length, -1 when it is not what
 * was asked for. */
static long answer_read(int fd, char *buf, size_t size)
{
    size_t got = 0;
    char *end = NULL;
    while (!end) {
        ssize_t n = got < size - 1 ? recv(fd, buf + got, size - 1 - got, 0) : -1;
        if (n <= 0)
            return -1;
        got += (size_t)n;
        buf[got] = 0;
        end = strstr(buf, "\r\n\r\n");
    }
    *end = 0;
    const char *length = strcasestr(buf, "\r\nContent-Length:");
    if (strncmp(buf, "HTTP/1.1 200 ", 13) != 0 || !length)
        return -1;
    long body = atol(length + strlen("\r\nContent-Length:"));
    long left = body - (long)(got - (size_t)(end + 4 - buf));
    while (left > 0) {
        ssize_t n = recv(fd, buf, size, 0);
        if (n <= 0)
            return -1;
        left -= n;
    }
    return left == 0 ? body : -1;
}

static void *ask(void *arg)
{
    size_t size = 1 << 18;
    char *buf = malloc(size);
    int fd = dial();
    (void)arg;
    for (size_t i; buf && (i = atomic_fetch_add(&work.next, 1)) < work.requests;) {
        double start = now_s();
        int n = snprintf(buf, size, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
                         work.paths[i % work.paths_n], work.port);
        long body = send(fd, buf, (size_t)n, MSG_NOSIGNAL) == n ? answer_read(fd, buf, size) : -1;
        work.ms[i] = (float)((now_s() - start) * 1e3);
        if (body < 0) {
            atomic_fetch_add(&work.failed, 1);
            close(fd);
            fd = dial();
        } else {
            atomic_fetch_add(&work.bytes, (size_t)body);
        }
    }
    close(fd);
    free(buf);
    return NULL;
}

static void paths_read(const char *file)
{
    FILE *f = fopen(file, "r");
    char line[4096];
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        work.paths = realloc(work.paths, (work.paths_n + 1) * sizeof *work.paths);
        if (!work.paths || !(work.paths[work.paths_n++] = strdup(line)))
            exit(1);
    }
    if (!work.paths_n) {
        fprintf(stderr, "bench_client: no paths in %s\n", file);
        exit(1);
    }
    fclose(f);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    pthread_t threads[64];
    int n = argc == 5 ? atoi(argv[3]) : 0;
    long requests = argc == 5 ? atol(argv[4]) : 0;
    if (n < 1 || n > 64 || requests < 1) {
        fputs("bench_client PORT FILE CONNECTIONS REQUESTS\n", stderr);
        return 2;
    }
    work.port = atoi(argv[1]);
    work.requests = (size_t)requests;
    work.ms = calloc(work.requests, sizeof *work.ms);
    paths_read(argv[2]);
    double start = now_s();
    for (int i = 0; i < n; i++)
        if (!work.ms || pthread_create(&threads[i], NULL, ask, NULL))
            return 1;
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    double seconds = now_s() - start;
    qsort(work.ms, work.requests, sizeof *work.ms, by_size);
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"per_second\":%.2f,\"p50_ms\":%.4f,"
           "\"p99_ms\":%.4f,\"max_ms\":%.4f,"
           "\"bytes\":%zu}\n",
           work.requests, (size_t)work.failed, seconds, (double)work.requests / seconds,
           (double)work.ms[work.requests / 2], (double)work.ms[work.requests * 99 / 100],
           (double)work.ms[work.requests - 1], (size_t)work.bytes);
    return work.failed ? 1 : 0;
}
