/* A program that stands where the reader process should be and misbehaves as the request's crs
 * tells it. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "importers/frame.h"
#include "importers/reader_exit.h"

static void say(const void *bytes, size_t n)
{
    if (write(STDOUT_FILENO, bytes, n) != (ssize_t)n)
        _exit(1);
}

static void say_frame(bool whole)
{
    struct buf b;
    buf_init(&b, 0);
    frame_put_done(&b, 7);
    say(b.bytes, whole ? b.length : b.length - 3);
    buf_clear(&b);
}

static void say_opening(const char *name)
{
    struct buf b;
    buf_init(&b, 0);
    frame_put_opening(&b, name);
    say(b.bytes, b.length);
    buf_clear(&b);
}

static void by_signal(int number)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    raise(number);
}

int main(void)
{
    static unsigned char request[65536];
    ssize_t n = read(STDIN_FILENO, request, sizeof request);
    struct reader_request r;
    struct arena a;
    struct error e;
    arena_init(&a, 0);
    if (n <= 0 || frame_decode_request(request, (size_t)n, &a, &r, &e) != STATUS_OK)
        return 99;
    const char *mode = r.crs;
    if (r.files_n > 1) { /* the first goes well, the second is where it happens */
        say_opening("first.gpx");
        say_opening("all.zip/second.gpx");
    }
    if (strcmp(mode, "garbage") == 0)
        say("GET / HTTP/1.1\r\n\r\n", 18);
    else if (strcmp(mode, "partial") == 0)
        say_frame(false);
    else if (strcmp(mode, "oversize") == 0)
        say("\xFF\xFF\xFF\x7F\x02\0\0\0", 8);
    else if (strcmp(mode, "abort") == 0)
        by_signal(SIGABRT);
    else if (strcmp(mode, "segv") == 0)
        by_signal(SIGSEGV);
    else if (strcmp(mode, "killed") == 0)
        by_signal(SIGKILL);
    else if (strcmp(mode, "memory") == 0)
        _exit(READER_EXIT_MEMORY);
    else if (strcmp(mode, "closed") == 0)
        close(STDOUT_FILENO), sleep(1);
    else if (strcmp(mode, "spin") == 0) {
        struct rlimit second = {1, 2};
        setrlimit(RLIMIT_CPU, &second);
        for (volatile double x = 1;; x = sqrt(x + 1))
            ;
    } else if (strcmp(mode, "forever") == 0)
        for (;;)
            pause();
    else
        say_frame(true);
    _exit(0);
}
