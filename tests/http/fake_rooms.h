/* The knobs of the fakes that stand in for store, tiles, registry and web in the test server. */
#ifndef TESTS_HTTP_FAKE_ROOMS_H
#define TESTS_HTTP_FAKE_ROOMS_H

#include <stdint.h>

enum { FAKE_PLOTS = 45, FAKE_SLOW_MS = 300 };

/* The registry's change number; SIGUSR1 adds one, as a commit of another process would. */
extern _Atomic int64_t fake_change;
/* 1 makes every store call fail; SIGUSR2 toggles it. */
extern _Atomic int fake_broken;

#endif
