/* Request bodies over raw sockets: whole ones arrive as they were sent, every other one is refused
 * and nothing of it is kept. The server takes at most BODY_MAX bytes; GET /imports/jobs tells
 * [uploads open, uploads submitted]. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http/client.h"

enum { BODY_MAX = 300000 };
static struct server server;

#define HEAD "POST /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer parcela_editor\r\n"
#define FORM "Content-Type: multipart/form-data; boundary=XyZ\r\n"
#define PART                                                                                       \
    "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\nContent-Type: " \
    "application/zip\r\n\r\n"

#define REFUSED_PART                                                                               \
    "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"refused.shp\"\r\n\r\n"

static void counts(int *open, int *submitted)
{
    struct answer a;
    client_get(&server, "/imports/jobs", "Authorization: Bearer parcela_editor\r\n", &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(sscanf(a.body, "{\"jobs\":[%d,%d]}", open, submitted), 2);
    answer_clear(&a);
}

/* Nothing of what was just sent was submitted, and no upload is left open. */
static void check_nothing_kept(const char *what, int before)
{
    int open = 1, submitted = 0;
    for (int i = 0; i < CLIENT_TIMEOUT_MS / 10 && open; i++) {
        if (i)
            usleep(10000); /* an end of a connection is seen a moment later */
        counts(&open, &submitted);
    }
    if (open || submitted != before)
        fail_msg("%s: %d open, %d submitted (before: %d)", what, open, submitted, before);
}

static int submitted_now(void)
{
    int open, submitted;
    counts(&open, &submitted);
    return submitted;
}

/* ---- what is refused ---- */

static const struct {
    const char *name, *head, *body;
    bool half_close; /* the client ends its half of the connection after the body */
    int status;
    const char *code;
} refused[] = {
    {"raw, cut off", "Content-Length: 10\r\n", "12345", true, 400, "body_truncated"},
    {"raw, nothing came", "Content-Length: 10\r\n", "", true, 400, "body_truncated"},
    {"chunked, cut off in a chunk", "Transfer-Encoding: chunked\r\n", "a\r\n12345", true, 400,
     "body_truncated"},
    {"chunked, no last chunk", "Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n", true, 400,
     "body_truncated"},
    {"empty", "Content-Length: 0\r\n", "", false, 400, "empty_body"},
    {"no length at all", "", "", false, 400, "empty_body"},
    {"declared too large", "Content-Length: 300001\r\n", "", false, 413, "body_too_large"},
    {"declared 10 GB, asks first", "Expect: 100-continue\r\nContent-Length: 10000000000\r\n", "",
     false, 413, "body_too_large"},
    {"declared more than any number", "Content-Length: 99999999999999999999999\r\n", "", false, 413,
     NULL}, /* the library itself */
    {"declared more than fits", "Content-Length: 9223372036854775000\r\n", "", false, 413,
     "body_too_large"},
    {"negative length", "Content-Length: -5\r\n", "", false, 400, NULL},
    {"two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "123456", false, 400,
     "two_content_lengths"},
    {"length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", false,
     400, "length_and_coding"},
    {"unknown coding", "Transfer-Encoding: gzip\r\n", "", false, 400, "transfer_encoding"},
    {"form of fields", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n",
     "a=b", false, 415, "media_type"},
    {"other multipart", "Content-Type: multipart/mixed; boundary=x\r\nContent-Length: 3\r\n", "a=b",
     false, 415, "media_type"},
    {"no boundary", "Content-Type: multipart/form-data\r\nContent-Length: 3\r\n", "abc", false, 415,
     "media_type"},
    {"no boundary after all",
     "Content-Type: multipart/form-data; charset=x\r\nContent-Length: 3\r\n", "abc", false, 415,
     "form_boundary"},
    {"empty boundary", "Content-Type: multipart/form-data; boundary=\r\nContent-Length: 3\r\n",
     "abc", false, 415, "form_boundary"},
    {"boundary of quotes",
     "Content-Type: multipart/form-data; boundary=\"\"\r\nContent-Length: 3\r\n", "abc", false, 415,
     "form_boundary"},
    {"boundary with a brace",
     "Content-Type: multipart/form-data; boundary=a{b\r\nContent-Length: 3\r\n", "abc", false, 415,
     "form_boundary"},
    {"boundary of 71",
     "Content-Type: multipart/form-data; "
     "boundary=01234567890123456789012345678901234567890123456789012345678901234567890\r\nContent-"
     "Length: 3\r\n",
     "abc", false, 415, "form_boundary"},
    {"form without its last boundary", FORM "Content-Length: 107\r\n", PART "data", false, 400,
     "body_truncated"},
    {"form cut off", FORM "Content-Length: 500\r\n", PART "data", true, 400, "body_truncated"},
    {"form with half a last boundary", FORM "Content-Length: 113\r\n", PART "data\r\n--Xy", false,
     400, "body_truncated"},
    {"form that is none", FORM "Content-Length: 20\r\n", "12345678901234567890", false, 400, NULL},
    {"form without a file", FORM "Content-Length: 63\r\n",
     "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--XyZ--\r\n", false, 400,
     "form_field"},
    {"form with an empty file", FORM "Content-Length: 114\r\n", PART "\r\n--XyZ--\r\n", false, 400,
     "empty_body"},
    {"form with a file that is refused", FORM "Transfer-Encoding: chunked\r\n",
     "d0\r\n" PART "data\r\n" REFUSED_PART "more\r\n--XyZ--\r\n"
     "\r\n0\r\n\r\n",
     false, 400, "bad_filename"},
    {"two types", "Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 3\r\n", "abc", false,
     400, "repeated_header"},
};

static void send_request(int fd, const char *head, const char *body)
{
    client_send_text(fd, HEAD);
    client_send_text(fd, head);
    client_send_text(fd, "\r\n");
    client_send_text(fd, body);
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct answer a;
        int before = submitted_now(), fd = client_connect(&server);
        assert_true(fd >= 0);
        send_request(fd, refused[i].head, refused[i].body);
        if (refused[i].half_close)
            shutdown(fd, SHUT_WR);
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        if (a.status != refused[i].status || (refused[i].code && !strstr(a.body, refused[i].code)))
            fail_msg("%s: %d %s", refused[i].name, a.status, a.body ? a.body : "");
        if (!client_closed(fd, CLIENT_TIMEOUT_MS))
            fail_msg("%s: the connection stayed open", refused[i].name);
        close(fd);
        answer_clear(&a);
        check_nothing_kept(refused[i].name, before);
    }
}

/* A client that goes away leaves nothing. */
static void gone(void **state)
{
    (void)state;
    int before = submitted_now();
    for (int i = 0; i < 20; i++) {
        int fd = client_connect(&server);
        send_request(fd, i % 2 ? "Content-Length: 200000\r\n" : FORM "Content-Length: 200000\r\n",
                     i % 2 ? "half" : PART "half");
        close(fd);
    }
    check_nothing_kept("clients that went away", before);
}

/* Without an end: cut at the limit, with an answer that the client can read. */
static void endless_chunks(void **state)
{
    (void)state;
    static char chunk[1000 + 8];
    int before = submitted_now(), fd = client_connect(&server);
    struct answer a;
    memset(chunk, 'x', sizeof chunk);
    memcpy(chunk, "3e8\r\n", 5);
    memcpy(chunk + 5 + 1000, "\r\n", 2);
    send_request(fd, "Transfer-Encoding: chunked\r\n", "");
    int sent = 0;
    while (sent < 5000 && client_send(fd, chunk, 1007) &&
           recv(fd, &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
        sent++;
    assert_true(sent < 5000);
    assert_true(sent >= BODY_MAX / 1007);
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 413);
    assert_non_null(strstr(a.body, "body_too_large"));
    answer_clear(&a);
    close(fd);
    check_nothing_kept("endless chunks", before);
}

/* A disk that is full is the server's fault, and says nothing of its paths. */
static void failing_disk(void **state)
{
    (void)state;
    char body[667];
    struct answer a;
    int before = submitted_now(), fd = client_connect(&server);
    memset(body, 'x', 666);
    body[666] = 0;
    send_request(fd, "Content-Length: 666\r\n", body);
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 500);
    assert_null(strstr(a.body, "/srv"));
    answer_clear(&a);
    close(fd);
    check_nothing_kept("a full disk", before);
}

/* Bodies are for routes that declare one. */
static void not_here(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
        const char *code;
    } cases[] = {
        {"POST /hectares HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", 405,
         "method_not_allowed"},
        {"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", 404,
         "not_found"},
        {"POST /imports/jobs/job-1/commit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
         "3\r\n\r\nabc",
         413, "body_not_accepted"},
        {"DELETE /imports/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", 413,
         "body_not_accepted"},
        {"PUT /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", 405,
         "method_not_allowed"},
        {"GET /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc", 413,
         "body_not_accepted"},
        {"POST /imports?colour=red HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
         "parcela_editor\r\nContent-Length: 3\r\n\r\nabc",
         400, "unknown_parameter"},
        {"POST /imports?map=code HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
         "parcela_editor\r\nContent-Length: 3\r\n\r\nabc",
         400, "bad_parameter"},
        {"POST /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n", 401,
         "token_needed"}, /* before the body is sent */
        {"POST /imports HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
         "parcela_viewer\r\nContent-Length: 200000\r\n\r\n",
         403, "role_too_low"},
    };
    int before = submitted_now();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer a;
        int fd = client_connect(&server);
        client_send_text(fd, cases[i].request);
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        if (a.status != cases[i].status || !strstr(a.body, cases[i].code))
            fail_msg("%s: %d %s", cases[i].request, a.status, a.body ? a.body : "");
        close(fd);
        answer_clear(&a);
    }
    check_nothing_kept("bodies where none belongs", before);
}

/* ---- what arrives ---- */

static unsigned long long fnv(const char *bytes, size_t n)
{
    unsigned long long h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
    return h;
}

/* Sends `n` bytes in pieces of `step`. */
static void send_pieces(int fd, const char *bytes, size_t n, size_t step)
{
    for (size_t at = 0; at < n; at += step)
        client_send(fd, bytes + at, n - at < step ? n - at : step);
}

static void check_arrived(int fd, const char *what, const char *bytes, size_t n,
                          const char *filename)
{
    struct answer a;
    char text[400];
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    if (a.status != 202)
        fail_msg("%s: %d %s", what, a.status, a.body ? a.body : "");
    snprintf(text, sizeof text, "\"bytes\":%zu,\"hash\":\"%016llx\"", n, fnv(bytes, n));
    if (!strstr(a.body, text))
        fail_msg("%s: expected %s, obtained %s", what, text, a.body);
    snprintf(text, sizeof text, "\"filename\":\"%s\"", filename);
    if (!strstr(a.body, text))
        fail_msg("%s: expected %s, obtained %s", what, text, a.body);
    assert_memory_equal(answer_field(&a, "Location"), "/imports/jobs/job-", 18);
    answer_clear(&a);
}

/* Bytes that look like boundaries, line ends and NULs everywhere. */
static char *hard_bytes(size_t n)
{
    static const char pieces[] = "\r\n--XyZ\r--Xy\n\0\r\n--Xy-\r\r\n-\r\n--";
    char *bytes = malloc(n);
    assert_non_null(bytes);
    unsigned seed = 7;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = pieces[(seed >> 16) % (sizeof pieces - 1)];
    }
    for (size_t i = 0; i + 7 <= n; i++) /* but never a real boundary */
        if (!memcmp(bytes + i, "\r\n--XyZ", 7))
            bytes[i + 6] = 'z';
    return bytes;
}

static void arrivals(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 5, 100, 4095, 16384, 65537, 250000};
    static const size_t steps[] = {1 << 20, 1000, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < 3 && (steps[k] > 10 || sizes[i] < 5000); k++) {
            size_t n = sizes[i];
            char *bytes = hard_bytes(n), head[200], what[80];
            snprintf(what, sizeof what, "%zu bytes in pieces of %zu", n, steps[k]);
            int fd = client_connect(&server); /* raw, form and chunks on one connection */
            snprintf(head, sizeof head, HEAD "Content-Length: %zu\r\n\r\n", n);
            client_send_text(fd, head);
            send_pieces(fd, bytes, n, steps[k]);
            check_arrived(fd, what, bytes, n, "");
            snprintf(head, sizeof head, HEAD FORM "Content-Length: %zu\r\n\r\n",
                     strlen(PART) + n + 11);
            client_send_text(fd, head);
            client_send_text(fd, PART);
            send_pieces(fd, bytes, n, steps[k]);
            client_send_text(fd, "\r\n--XyZ--\r\n");
            check_arrived(fd, what, bytes, n, "a.zip");
            client_send_text(fd, HEAD "Transfer-Encoding: chunked\r\n\r\n");
            snprintf(head, sizeof head, "%zx\r\n", n);
            client_send_text(fd, head);
            send_pieces(fd, bytes, n, steps[k]);
            client_send_text(fd, "\r\n0\r\n\r\n");
            check_arrived(fd, what, bytes, n, "");
            close(fd);
            free(bytes);
        }
}

/* Several files of one form, as a browser sends what was picked together: each begins once,
 * wherever the pieces of the request are cut, also an empty one and one whose name came before. */
static void several(void **state)
{
    (void)state;
    static const char form[] =
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"a.cpg\"\r\n\r\nUTF-8\r\n"
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.prj\"\r\n\r\n\r\n"
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.shp\"\r\n"
        "Content-Type: application/octet-stream\r\n\r\n\r\n--XyY\r\n--Xy\r\n"
        "--XyZ\r\nContent-Disposition: form-data; name=\"more\"; "
        "filename=\"a.shp\"\r\n\r\nagain\r\n--XyZ--\r\n";
    static const char content[] = "UTF-8"
                                  "\r\n--XyY\r\n--Xy"
                                  "again";
    for (size_t step = 1; step < sizeof form; step += step < 40 ? 1 : 61) {
        char head[100], what[40];
        int fd = client_connect(&server);
        struct answer a;
        snprintf(what, sizeof what, "pieces of %zu", step);
        snprintf(head, sizeof head, FORM "Content-Length: %zu\r\n", sizeof form - 1);
        send_request(fd, head, "");
        send_pieces(fd, form, sizeof form - 1, step);
        client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
        snprintf(head, sizeof head, "\"bytes\":%zu,\"hash\":\"%016llx\"", sizeof content - 1,
                 fnv(content, sizeof content - 1));
        if (a.status != 202 || !strstr(a.body, head) ||
            !strstr(a.body, "\"files\":\"a.cpg/a.prj/a.shp/a.shp/\"") ||
            !strstr(a.body, "\"filename\":\"a.cpg\""))
            fail_msg("%s: %d %s", what, a.status, a.body ? a.body : "");
        answer_clear(&a);
        close(fd);
    }
}

/* What a client calls its file is text: its last part, and nothing else is made of it. */
static void names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"../../etc/passwd", "passwd"},
                                           {"C:\\\\temp\\\\plots.zip", "plots.zip"},
                                           {"..", ".."},
                                           {"predios año.zip", "predios año.zip"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[400], head[100];
        int fd = client_connect(&server);
        snprintf(body, sizeof body,
                 "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; "
                 "filename=\"%s\"\r\n\r\ndata\r\n--XyZ--\r\n",
                 cases[i][0]);
        snprintf(head, sizeof head, FORM "Content-Length: %zu\r\n", strlen(body));
        send_request(fd, head, body);
        check_arrived(fd, cases[i][0], "data", 4, cases[i][1]);
        close(fd);
    }
    int fd = client_connect(&server);
    struct answer a;
    client_send_text(fd, "POST /imports?filename=..%5C..%2Fy%5Cx.gpx HTTP/1.1\r\nHost: "
                         "127.0.0.1\r\nAuthorization: Bearer "
                         "parcela_admin\r\nContent-Length: 3\r\n\r\nabc");
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 202);
    assert_non_null(strstr(a.body, "\"filename\":\"x.gpx\""));
    answer_clear(&a);
    close(fd);
    fd = client_connect(&server);
    client_send_text(fd, "POST /imports?filename=x.gpx&programme=A&map=code=a,name=b "
                         "HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
                         "parcela_admin\r\nContent-Length: 3\r\n\r\nabc");
    client_read(fd, false, &a, CLIENT_TIMEOUT_MS);
    assert_int_equal(a.status, 202);
    assert_non_null(
        strstr(a.body, "\"token\":3,\"maps\":2,\"filename\":\"x.gpx\",\"programme\":\"A\""));
    answer_clear(&a);
    close(fd);
}

/* Slower than the limit: the connection ends, nothing is kept. */
static void slow(void **state)
{
    (void)state;
    struct server s;
    server_start(&s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0",
                                           "--response-ms", "300", NULL});
    int fd = client_connect(&s);
    send_request(fd, "Content-Length: 1000\r\n", "x");
    assert_true(client_closed(fd, CLIENT_TIMEOUT_MS));
    close(fd);
    assert_int_equal(server_stop(&s), 0); /* the fake aborts when an upload was not closed */
}

/* Stopping with an upload on its way. */
static void stopping(void **state)
{
    (void)state;
    struct server s;
    server_start(&s, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0",
                                           "--response-ms", "500", NULL});
    int fd = client_connect(&s);
    send_request(fd, "Content-Length: 1000\r\n", "x");
    assert_int_equal(server_stop(&s), 0);
    close(fd);
}

static int begin(void **state)
{
    (void)state;
    server_start(&server, (const char *const[]){getenv("PARCELA_SERVE_FAKE"), "127.0.0.1:0",
                                                "--body-max", "300000", NULL});
    return server.port ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),       cmocka_unit_test(gone),
        cmocka_unit_test(endless_chunks), cmocka_unit_test(failing_disk),
        cmocka_unit_test(not_here),       cmocka_unit_test(arrivals),
        cmocka_unit_test(several),        cmocka_unit_test(names),
        cmocka_unit_test(slow),           cmocka_unit_test(stopping)};
    return cmocka_run_group_tests(tests, begin, end);
}
