/*
 * The floor that every proxy stands on: a packet relay without any SIP, on one UDP socket, with blocking calls. What it
 * costs is the kernel's work for the packets of a call.
 *
 * usage: relay IP PORT CALLEE_PORT PROCESSES [tcp | tls TLS_PORT CERTIFICATE KEY]
 *
 * With `tcp` it relays bytes instead, between each connection to PORT and one of its own to CALLEE_PORT, and UDP is for
 * OPTIONS alone. With `tls` the same, decrypted and encrypted again, and connections come to TLS_PORT.
 *
 * What comes from CALLEE_PORT goes to where the last packet of the other side came from, everything else to CALLEE_PORT. An
 * INVITE is answered with one packet more, as a proxy sends its 100: 6 packets come in for a call and 7 go out. OPTIONS and
 * REGISTER come back as their own 200.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#define SIZE 65536

struct relay {
  int socket;
  struct sockaddr_in caller, callee;
};

static void put(const struct relay *relay, const char *bytes, size_t size, const struct sockaddr_in *to) {
  sendto(relay->socket, bytes, size, 0, (const struct sockaddr *)to, sizeof *to);
}

/* The request's headers up to Contact behind another start line; how many bytes, 0 for none. */
static size_t make_trying(const char *bytes, size_t size, char *out) {
  static const char first[] = "SIP/2.0 100 Trying", last[] = "Content-Length: 0\r\n\r\n";
  const char *headers = memmem(bytes, size, "\r\n", 2);
  const char *end = memmem(bytes, size, "Contact:", 8);
  if (!headers || !end || end < headers || end - headers > 1500) return 0;
  char *at = mempcpy(out, first, sizeof first - 1);
  at = mempcpy(at, headers, end - headers);
  at = mempcpy(at, last, sizeof last - 1);
  return at - out;
}

static void answer_trying(const struct relay *relay, const char *bytes, size_t size) {
  char out[2048];
  const size_t made = make_trying(bytes, size, out);
  if (made) put(relay, out, made, &relay->caller);
}

/* The request itself with another start line, written over the end of its own. */
static void answer_ok(const struct relay *relay, char *bytes, size_t size) {
  static const char first[] = "SIP/2.0 200 OK";
  char *headers = memmem(bytes, size, "\r\n", 2);
  if (!headers || headers - bytes < (long)sizeof first) return;
  char *begin = headers - (sizeof first - 1);
  memcpy(begin, first, sizeof first - 1);
  put(relay, begin, bytes + size - begin, &relay->caller);
}

static void serve_one(struct relay *relay) {
  static char bytes[SIZE];
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  const ssize_t got = recvfrom(relay->socket, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
  if (got < 8) return;
  if (from.sin_port == relay->callee.sin_port) {
    put(relay, bytes, got, &relay->caller);
    return;
  }
  relay->caller = from;
  if (!memcmp(bytes, "OPTIONS ", 8) || !memcmp(bytes, "REGISTER", 8)) {
    answer_ok(relay, bytes, got);
    return;
  }
  if (!memcmp(bytes, "INVITE ", 7)) answer_trying(relay, bytes, got);
  put(relay, bytes, got, &relay->callee);
}

/* By descriptor: the other side of its connection, whether it is the caller's, and its TLS if that is spoken. */
static struct {
  int other;
  int is_caller;
  SSL *tls;
} sides[SIZE];
static SSL_CTX *context; /* none: TCP */

static void watch(int poll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

static int get_bytes(int fd, char *bytes) {
  return sides[fd].tls ? SSL_read(sides[fd].tls, bytes, SIZE) : read(fd, bytes, SIZE);
}

static void put_bytes(int fd, const char *bytes, size_t size) {
  const int sent = sides[fd].tls ? SSL_write(sides[fd].tls, bytes, size) : write(fd, bytes, size);
  if (sent < 0) perror("write");
}

/* Blocks: there are two handshakes in a measurement, before it begins. */
static int begin_tls(int fd, int as_server) {
  sides[fd].tls = SSL_new(context);
  SSL_set_fd(sides[fd].tls, fd);
  return (as_server ? SSL_accept(sides[fd].tls) : SSL_connect(sides[fd].tls)) == 1;
}

static void accept_pair(const struct relay *relay, int poll, int listener) {
  const int on = 1, caller = accept(listener, NULL, NULL), callee = socket(AF_INET, SOCK_STREAM, 0);
  if (caller < 0 || callee < 0 || connect(callee, (struct sockaddr *)&relay->callee, sizeof relay->callee)) {
    close(caller);
    close(callee);
    return;
  }
  setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(callee, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sides[caller].other = callee;
  sides[callee].other = caller;
  sides[caller].is_caller = 1;
  sides[callee].is_caller = 0;
  if (context && (!begin_tls(caller, 1) || !begin_tls(callee, 0))) {
    fprintf(stderr, "no handshake\n");
    exit(1);
  }
  watch(poll, caller);
  watch(poll, callee);
}

static void pass_on(int from) {
  static char bytes[SIZE];
  char trying[2048];
  const int got = get_bytes(from, bytes);
  if (got < 0 && sides[from].tls && SSL_get_error(sides[from].tls, got) == SSL_ERROR_WANT_READ) return;
  if (got <= 0) {
    close(sides[from].other);
    close(from);
    return;
  }
  if (sides[from].is_caller && got > 8 && !memcmp(bytes, "INVITE ", 7)) {
    const size_t made = make_trying(bytes, got, trying);
    put_bytes(from, trying, made);
  }
  put_bytes(sides[from].other, bytes, got);
  if (sides[from].tls && SSL_pending(sides[from].tls)) pass_on(from);
}

/* One process: connections belong to it. */
static void serve_streams(struct relay *relay, int listener) {
  const int poll = epoll_create1(0);
  struct epoll_event events[64];
  watch(poll, listener);
  watch(poll, relay->socket);
  for (;;) {
    const int count = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        accept_pair(relay, poll, listener);
      } else if (fd == relay->socket) {
        serve_one(relay);
      } else {
        pass_on(fd);
      }
    }
  }
}

static int listen_at(const struct sockaddr_in *here) {
  const int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (const struct sockaddr *)here, sizeof *here) || listen(listener, 128)) {
    perror("listen");
    exit(1);
  }
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 5 && argc != 6 && argc != 9) {
    fprintf(stderr, "usage: %s IP PORT CALLEE_PORT PROCESSES [tcp | tls TLS_PORT CERTIFICATE KEY]\n", argv[0]);
    return 2;
  }
  struct relay relay = {.socket = socket(AF_INET, SOCK_DGRAM, 0)};
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  const int buffer = 4 << 20;
  inet_pton(AF_INET, argv[1], &here.sin_addr);
  relay.caller = relay.callee = here;
  relay.callee.sin_port = htons(atoi(argv[3]));
  if (setsockopt(relay.socket, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer))
    setsockopt(relay.socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (bind(relay.socket, (struct sockaddr *)&here, sizeof here)) {
    perror("bind");
    return 1;
  }
  if (argc == 9) {
    here.sin_port = htons(atoi(argv[6]));
    context = SSL_CTX_new(TLS_method());
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY); /* a read that finds a ticket alone comes back */
    if (SSL_CTX_use_certificate_chain_file(context, argv[7]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[8], SSL_FILETYPE_PEM) != 1) {
      fprintf(stderr, "%s, %s: not a certificate and its key\n", argv[7], argv[8]);
      return 1;
    }
  }
  if (argc > 5) serve_streams(&relay, listen_at(&here));
  for (int more = atoi(argv[4]) - 1; more > 0; --more) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      break;
    }
  }
  for (;;) serve_one(&relay);
}
