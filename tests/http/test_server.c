/* The life of a server: slow clients, full queues, addresses in use, stopping. Each case starts one
 * of its own. */
#include "tests/check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http/client.h"
#include "tests/http/fake_rooms.h"

#define SLOW(n) "GET /tiles/plots/13/1/" #n ".geojson HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void start(struct server *s, const char *option, const char *value, const char *option2,
                  const char *value2)
{
    server_start(s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0", option,
                                          value, option2, value2, NULL});
    assert_true(s->port > 0);
}

/* One byte at a time never trips an inactivity timeout; the deadline must end it all the same, and
 * others be served. */
static void slow_headers(void **state)
{
    (void)state;
    struct server s;
    start(&s, "--header-ms", "1500", NULL, NULL);
    int slow = client_connect(&s), idle = client_connect(&s);
    client_send_text(slow, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ");
    bool open = true;
    for (int i = 0; open && i < 2000; i++) {
        poll(NULL, 0, 10);
        open = client_send_text(slow, "a") && !client_closed(slow, 1);
        if (i % 10 == 0) {
            struct answer a;
            client_get(&s, "/readyz", NULL, &a);
            assert_int_equal(a.status, 200);
            answer_clear(&a);
        }
    }
    assert_false(open);
    assert_true(client_closed(idle, CLIENT_TIMEOUT_MS)); /* said nothing at all */
    close(slow);
    close(idle);
    assert_int_equal(server_stop(&s), 0);
}

/* A connection that was served before is held to the same deadline for its next request. */
static void slow_second_request(void **state)
{
    (void)state;
    struct server s;
    struct answer a;
    start(&s, "--header-ms", "1500", NULL, NULL);
    int fd = client_connect(&s);
    client_send_text(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 200);
    answer_clear(&a);
    bool open = true;
    for (int i = 0; open && i < 2000; i++) {
        poll(NULL, 0, 10);
        open = client_send_text(fd, "G") && !client_closed(fd, 1);
    }
    assert_false(open);
    close(fd);
    assert_int_equal(server_stop(&s), 0);
}

/* An answer that nobody takes is given up. */
static void slow_reader(void **state)
{
    (void)state;
    struct server s;
    start(&s, "--response-ms", "400", NULL, NULL);
    int fd = client_connect(&s), small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 2000; i++) /* 20 MB of answers to a socket that is not read */
        if (!client_send_text(fd,
                              "GET /tiles/plots/9/1/1.geojson HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            break;
    struct pollfd p = {.fd = fd, .events = 0}; /* only the end of the connection wakes it */
    assert_true(poll(&p, 1, CLIENT_TIMEOUT_MS) == 1);
    assert_true(p.revents & (POLLHUP | POLLERR));
    close(fd);
    assert_int_equal(server_stop(&s), 0);
}

/* With one place in the queue and two workers, most of many slow requests are turned away at once;
 * quick ones go on. */
static void full_queue(void **state)
{
    (void)state;
    struct server s;
    start(&s, "--queue", "1", "--workers", "2");
    enum { CLIENTS = 40 };
    int fd[CLIENTS], turned_away = 0, served = 0;
    for (int i = 0; i < CLIENTS; i++) {
        fd[i] = client_connect(&s);
        client_send_text(fd[i], SLOW(1));
    }
    struct answer a;
    client_get(&s, "/healthz", NULL, &a); /* health answers whatever the load */
    assert_int_equal(a.status, 200);
    answer_clear(&a);
    for (int i = 0; i < CLIENTS; i++) {
        client_read(fd[i], false, &a, CLIENT_TIMEOUT_MS);
        served += a.status == 200;
        if (a.status == 503) {
            turned_away++;
            assert_non_null(answer_field(&a, "Retry-After"));
            assert_non_null(strstr(a.body, "too_busy"));
        }
        answer_clear(&a);
        close(fd[i]);
    }
    assert_int_equal(served + turned_away, CLIENTS);
    assert_true(served >= 1);
    assert_true(turned_away >= 1);
    assert_int_equal(server_stop(&s), 0);
}

/* What is being built when the signal comes is still delivered, whole. */
static void stop_finishes(void **state)
{
    (void)state;
    struct server s;
    struct answer a;
    start(&s, "--workers", "2", NULL, NULL);
    int slow[3], idle = client_connect(&s);
    for (int i = 0; i < 3; i++) {
        slow[i] = client_connect(&s);
        client_send_text(slow[i], SLOW(2));
    }
    client_get(&s, "/healthz", NULL, &a); /* the loop has seen the others by now */
    answer_clear(&a);
    kill(s.pid, SIGTERM);
    for (int i = 0; i < 3; i++) {
        client_read(slow[i], false, &a, CLIENT_TIMEOUT_MS);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body_n, 10000);
        answer_clear(&a);
        assert_true(client_closed(slow[i], CLIENT_TIMEOUT_MS));
        close(slow[i]);
    }
    assert_true(client_closed(idle, CLIENT_TIMEOUT_MS));
    close(idle);
    assert_int_equal(server_wait(&s), 0);
}

/* Clients that leave while their answer is being built. */
static void gone_while_building(void **state)
{
    (void)state;
    struct server s;
    struct answer a;
    start(&s, "--workers", "2", NULL, NULL);
    for (int i = 0; i < 4; i++) {
        int fd = client_connect(&s);
        client_send_text(fd, SLOW(3));
        close(fd);
    }
    client_get(&s, "/readyz", NULL, &a);
    assert_int_equal(a.status, 200);
    answer_clear(&a);
    assert_int_equal(server_stop(&s), 0);
}

static void addresses(void **state)
{
    (void)state;
    struct server first, second, v6;
    struct answer a;
    start(&first, "--host", "Maps.Example.org", NULL, NULL);
    server_start(&second, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), first.host, NULL});
    assert_int_equal(second.port, 0); /* in use: it must say so and end */
    assert_int_equal(server_stop(&second), 1);
    int fd = client_connect(&first);
    client_send_text(fd, "GET /tiles/plots.json HTTP/1.1\r\nHost: maps.example.org\r\n\r\n");
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "http://maps.example.org/tiles/"));
    answer_clear(&a);
    close(fd);
    assert_int_equal(server_stop(&first), 0);
    static const char *const bad[] = {
        "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "example.org:80",
        "[::1",      "[::1]",       "::1:80",          ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        server_start(&second, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), bad[i], NULL});
        assert_int_equal(second.port, 0);
        assert_int_equal(server_stop(&second), 1);
    }
    server_start(&second, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0",
                                                "--registry", "missing", NULL});
    assert_int_equal(server_stop(&second), 1);
    server_start(&v6, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "[::1]:0", NULL});
    if (!v6.port) {
        server_stop(&v6);
        print_message("no IPv6 here: not tested\n");
        return;
    }
    client_get(&v6, "/collections", NULL, &a); /* loopback too: a viewer */
    assert_int_equal(a.status, 200);
    answer_clear(&a);
    assert_int_equal(server_stop(&v6), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_headers),  cmocka_unit_test(slow_second_request),
        cmocka_unit_test(slow_reader),   cmocka_unit_test(full_queue),
        cmocka_unit_test(stop_finishes), cmocka_unit_test(gone_while_building),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
