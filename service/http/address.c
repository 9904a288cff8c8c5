/* "127.0.0.1:8080" and what follows from it: socket, loopback or not, the name clients use. No name
 * is looked up on a network. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/http/internal.h"

static enum status bad_address(const char *listen, struct error *e)
{
    return error_set(e, STATUS_USAGE, "bad_address",
                     "write it as 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one",
                     "\"%.80s\" is not an address to listen on", listen);
}

static bool parse_port(const char *text, int *out)
{
    int port = 0;
    size_t n = strlen(text);
    if (n < 1 || n > 5 || strspn(text, "0123456789") != n)
        return false;
    for (; *text; text++)
        port = port * 10 + (*text - '0');
    *out = port;
    return port <= 65535;
}

/* Splits at the last colon; brackets around an IPv6 address are taken off. */
static bool split(const char *listen, char *host, size_t host_size, int *port, bool *v6)
{
    const char *colon = strrchr(listen, ':');
    size_t n = colon ? (size_t)(colon - listen) : 0;
    if (!colon || !parse_port(colon + 1, port) || n >= host_size)
        return false;
    *v6 = listen[0] == '[';
    if (*v6) {
        if (n < 3 || listen[n - 1] != ']')
            return false;
        listen++;
        n -= 2;
    }
    memcpy(host, listen, n);
    host[n] = 0;
    return true;
}

enum status http_address_parse(const char *listen, struct http_address *out, struct error *e)
{
    char host[128];
    bool v6;
    memset(out, 0, sizeof *out);
    if (!split(listen, host, sizeof host, &out->port, &v6))
        return bad_address(listen, e);
    if (!v6 && (!*host || !strcasecmp(host, "localhost")))
        strcpy(host, "127.0.0.1");
    if (v6) {
        struct sockaddr_in6 *a = (struct sockaddr_in6 *)&out->sockaddr;
        a->sin6_family = AF_INET6;
        a->sin6_port = htons((uint16_t)out->port);
        if (inet_pton(AF_INET6, host, &a->sin6_addr) != 1)
            return bad_address(listen, e);
        out->sockaddr_n = sizeof *a;
        out->loopback = IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
        out->wildcard = IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
        char text[INET6_ADDRSTRLEN];
        inet_ntop(AF_INET6, &a->sin6_addr, text, sizeof text);
        snprintf(out->name, sizeof out->name, "[%s]", text);
    } else {
        struct sockaddr_in *a = (struct sockaddr_in *)&out->sockaddr;
        a->sin_family = AF_INET;
        a->sin_port = htons((uint16_t)out->port);
        if (inet_pton(AF_INET, host, &a->sin_addr) != 1)
            return bad_address(listen, e);
        out->sockaddr_n = sizeof *a;
        out->loopback = ntohl(a->sin_addr.s_addr) >> 24 == 127;
        out->wildcard = a->sin_addr.s_addr == htonl(INADDR_ANY);
        inet_ntop(AF_INET, &a->sin_addr, out->name, sizeof out->name);
    }
    return STATUS_OK;
}

static enum status listen_failed(const struct http_address *a, int fd, struct error *e)
{
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (error == EADDRINUSE)
        return error_set(e, STATUS_CONFLICT, "address_in_use",
                         "stop the other program, or listen on another port (0 takes a free one)",
                         "%s:%d is in use by another program", a->name, a->port);
    if (error == EACCES)
        return error_set(e, STATUS_USAGE, "port_not_allowed", "use a port above 1023",
                         "no right to listen on %s:%d", a->name, a->port);
    if (error == EADDRNOTAVAIL)
        return error_set(e, STATUS_USAGE, "bad_address",
                         "use one of this machine's addresses, such as 127.0.0.1:8080",
                         "this machine has no address %s", a->name);
    return error_set(e, STATUS_IO, "listen_failed", NULL, "cannot listen on %s:%d: %s", a->name,
                     a->port, strerrordesc_np(error));
}

enum status http_address_listen(struct http_address *a, int *out, struct error *e)
{
    int on = 1;
    int fd = socket(a->sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on))
        return listen_failed(a, fd, e);
    if (a->sockaddr.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    struct sockaddr_storage real;
    socklen_t real_n = sizeof real;
    if (bind(fd, (struct sockaddr *)&a->sockaddr, a->sockaddr_n) || listen(fd, 511) ||
        getsockname(fd, (struct sockaddr *)&real, &real_n))
        return listen_failed(a, fd, e);
    a->port = ntohs(real.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&real)->sin6_port
                                               : ((struct sockaddr_in *)&real)->sin_port);
    *out = fd;
    return STATUS_OK;
}

bool http_address_is_local(int fd, const char *host)
{
    struct sockaddr_storage here;
    socklen_t here_n = sizeof here;
    size_t name_n;
    char name[INET6_ADDRSTRLEN];
    if (!http_host_well_formed(host, &name_n) || getsockname(fd, (struct sockaddr *)&here, &here_n))
        return false;
    bool v6 = host[0] == '[';
    if (v6) {
        host++;
        name_n -= 2;
    }
    if (name_n >= sizeof name)
        return false;
    memcpy(name, host, name_n);
    name[name_n] = 0;
    if (v6 && here.ss_family == AF_INET6) {
        struct in6_addr a;
        return inet_pton(AF_INET6, name, &a) == 1 &&
               !memcmp(&a, &((struct sockaddr_in6 *)&here)->sin6_addr, sizeof a);
    }
    struct in_addr a;
    return !v6 && here.ss_family == AF_INET && inet_pton(AF_INET, name, &a) == 1 &&
           a.s_addr == ((struct sockaddr_in *)&here)->sin_addr.s_addr;
}
