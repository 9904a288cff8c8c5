/* Progress on stderr: a bar that redraws on a terminal, a line every few seconds elsewhere. See cli.h. */
#include "service/cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 32, LINE_EVERY_MS = 5000, BAR_EVERY_MS = 100 };

static struct {
    char phase[32];
    int64_t phase_began_ms, shown_ms;
    bool bar_open;
} progress;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Seconds left by the rate so far in this phase; -1 when it cannot be said. */
static int64_t remaining_s(uint64_t done, uint64_t total, int64_t now)
{
    int64_t elapsed_ms = now - progress.phase_began_ms;
    if (!total || !done || done > total || elapsed_ms < 1000)
        return -1;
    return (int64_t)((double)elapsed_ms * (double)(total - done) / (double)done / 1000.0 + 0.5);
}

static void draw_bar(const char *phase, uint64_t done, uint64_t total, int64_t now)
{
    int filled = total ? (int)(BAR_WIDTH * (done < total ? done : total) / total) : 0;
    fprintf(stderr, "\r%-12s [", phase);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputc(i < filled ? '#' : '.', stderr);
    fputc(']', stderr);
    if (total)
        fprintf(stderr, " %3d %%", (int)(100 * (done < total ? done : total) / total));
    else
        fprintf(stderr, " %" PRIu64, done);
    int64_t left = remaining_s(done, total, now);
    if (left >= 0)
        fprintf(stderr, "  %" PRId64 " s left", left);
    fputs("\033[K", stderr);
    progress.bar_open = true;
}

static void print_line(const char *phase, uint64_t done, uint64_t total)
{
    if (total)
        fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 "\n", phase, done, total);
    else
        fprintf(stderr, "%s: %" PRIu64 "\n", phase, done);
}

void cli_progress(const char *phase, uint64_t done, uint64_t total, void *unused)
{
    (void)unused;
    bool terminal = isatty(STDERR_FILENO);
    int64_t now = now_ms();
    if (strcmp(progress.phase, phase) != 0) {
        snprintf(progress.phase, sizeof progress.phase, "%s", phase);
        progress.phase_began_ms = now;
        progress.shown_ms = terminal ? 0 : now;
    }
    if (now - progress.shown_ms < (terminal ? BAR_EVERY_MS : LINE_EVERY_MS))
        return;
    progress.shown_ms = now;
    if (terminal)
        draw_bar(phase, done, total, now);
    else
        print_line(phase, done, total);
}

void cli_progress_end(void)
{
    if (progress.bar_open)
        fputs("\r\033[K", stderr);
    progress.bar_open = false;
}
