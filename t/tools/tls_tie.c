/*
 * Ties programs that speak TCP to those that speak TLS, and holds idle TLS connections: for loads, since SIPp has no TLS.
 *
 * usage: tls_tie accept CERTIFICATE KEY IP PORT TARGET_PORT   TLS connections come, TCP connections go out
 *        tls_tie connect IP PORT TARGET_PORT                  TCP connections come, TLS connections go out
 *        tls_tie hold COUNT IP TARGET_PORT                    opens so many TLS connections and keeps them
 *
 * It says "ready" when it listens, or holds them all; `hold` says "lost N" when N of them have ended,
 * and opens them from 127.0.1.1 on, since one address has not ports enough. Nobody's certificate is
 * verified. It ends with its input.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#define MOST 65536
#define PER_ADDRESS 20000

/* One end of a tie, by its descriptor. */
struct side {
  SSL *tls; /* none: TCP */
  int other;
};
static struct side sides[MOST];
static SSL_CTX *context;
static int poll_fd;

static void die(const char *what) {
  perror(what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  /* An input that cannot be waited for, as /dev/null, never ends. */
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) && errno != EPERM) die("epoll_ctl");
}

static struct sockaddr_in address(const char *ip, const char *port) {
  struct sockaddr_in made = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (inet_pton(AF_INET, ip, &made.sin_addr) != 1) die(ip);
  return made;
}

static int connect_to(const struct sockaddr_in *target, const struct sockaddr_in *from) {
  const int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if ((from && bind(fd, (const struct sockaddr *)from, sizeof *from)) ||
      connect(fd, (const struct sockaddr *)target, sizeof *target)) {
    close(fd);
    return -1;
  }
  return fd;
}

/* Speaks TLS on a connected descriptor; 0 if that fails. Blocks: on loopback a handshake is quick. */
static int begin_tls(int fd, int as_server) {
  SSL *tls = SSL_new(context);
  if (!tls || SSL_set_fd(tls, fd) != 1) die("SSL_new");
  sides[fd].tls = tls;
  ERR_clear_error();
  if ((as_server ? SSL_accept(tls) : SSL_connect(tls)) == 1) return 1;
  SSL_free(tls);
  sides[fd].tls = NULL;
  return 0;
}

static void end(int fd) {
  SSL_free(sides[fd].tls);
  sides[fd].tls = NULL;
  close(fd);
}

static void accept_tie(int listener, const struct sockaddr_in *target, int tls_comes) {
  const int on = 1, here = accept(listener, NULL, NULL), there = connect_to(target, NULL);
  if (here < 0 || there < 0) {
    if (here >= 0) close(here);
    if (there >= 0) close(there);
    return;
  }
  setsockopt(here, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sides[here] = (struct side){NULL, there};
  sides[there] = (struct side){NULL, here};
  if (!begin_tls(tls_comes ? here : there, tls_comes)) {
    end(here);
    end(there);
    return;
  }
  watch(here);
  watch(there);
}

static int put(int fd, const char *bytes, int size) {
  for (int sent = 0; sent < size;) {
    SSL *tls = sides[fd].tls;
    const int count = tls ? SSL_write(tls, bytes + sent, size - sent) : send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
    if (count <= 0) return 0;
    sent += count;
  }
  return 1;
}

/* Passes on what is there; what TLS holds back is part of that. */
static void pass_on(int from) {
  static char bytes[MOST];
  SSL *tls = sides[from].tls;
  const int to = sides[from].other;
  do {
    ERR_clear_error();
    const int size = tls ? SSL_read(tls, bytes, sizeof bytes) : recv(from, bytes, sizeof bytes, 0);
    if (size <= 0 && tls && SSL_get_error(tls, size) == SSL_ERROR_WANT_READ) return; /* a ticket */
    if (size <= 0 || !put(to, bytes, size)) {
      end(from);
      end(to);
      return;
    }
  } while (tls && SSL_pending(tls));
}

static void serve(int listener, const struct sockaddr_in *target, int tls_comes) {
  struct epoll_event events[64];
  watch(listener);
  for (;;) {
    const int count = epoll_wait(poll_fd, events, 64, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) exit(0);
      if (fd == listener) {
        accept_tie(listener, target, tls_comes);
      } else {
        pass_on(fd);
      }
    }
  }
}

static void listen_at(const struct sockaddr_in *here, const struct sockaddr_in *target, int tls_comes) {
  const int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (const struct sockaddr *)here, sizeof *here) || listen(listener, 1024)) die("listen");
  puts("ready");
  fflush(stdout);
  serve(listener, target, tls_comes);
}

static void hold(int count, const struct sockaddr_in *target) {
  static char bytes[MOST];
  struct epoll_event events[64];
  int lost = 0;
  for (int i = 0; i < count; ++i) {
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000101 + i / PER_ADDRESS)};
    const int fd = connect_to(target, &from);
    if (fd < 0 || fd >= MOST || !begin_tls(fd, 0)) die("connect");
    watch(fd);
  }
  puts("ready");
  fflush(stdout);
  for (;;) {
    const int ready = epoll_wait(poll_fd, events, 64, -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) exit(0);
      const int size = SSL_read(sides[fd].tls, bytes, sizeof bytes);
      if (size > 0 || SSL_get_error(sides[fd].tls, size) == SSL_ERROR_WANT_READ) continue;
      end(fd);
      printf("lost %d\n", ++lost);
      fflush(stdout);
    }
  }
}

static void make_context(const char *certificate, const char *key) {
  context = SSL_CTX_new(TLS_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY); /* a read that finds a ticket alone comes back */
  if (certificate && (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
                      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)) {
    die(certificate);
  }
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  poll_fd = epoll_create1(0);
  watch(STDIN_FILENO);
  if (argc == 7 && !strcmp(argv[1], "accept")) {
    make_context(argv[2], argv[3]);
    const struct sockaddr_in here = address(argv[4], argv[5]), target = address(argv[4], argv[6]);
    listen_at(&here, &target, 1);
  } else if (argc == 5 && !strcmp(argv[1], "connect")) {
    make_context(NULL, NULL);
    const struct sockaddr_in here = address(argv[2], argv[3]), target = address(argv[2], argv[4]);
    listen_at(&here, &target, 0);
  } else if (argc == 5 && !strcmp(argv[1], "hold")) {
    make_context(NULL, NULL);
    const struct sockaddr_in target = address(argv[3], argv[4]);
    hold(atoi(argv[2]), &target);
  }
  fprintf(stderr, "usage: see the beginning of tls_tie.c\n");
  return 2;
}
