/*
 * The floor that every proxy stands on: a packet relay without any SIP, on one UDP socket, with blocking calls. What it
 * costs is the kernel's work for the packets of a call.
 *
 * usage: relay IP PORT CALLEE_PORT PROCESSES
 *
 * What comes from CALLEE_PORT goes to where the last packet of the other side came from, everything else to CALLEE_PORT. An
 * INVITE is answered with one packet more, as a proxy sends its 100: 6 packets come in for a call and 7 go out. OPTIONS and
 * REGISTER come back as their own 200.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The request's headers up to Contact behind another start line. */
static void answer_trying(const struct relay *relay, const char *bytes, size_t size) {
  static const char first[] = "SIP/2.0 100 Trying", last[] = "Content-Length: 0\r\n\r\n";
  const char *headers = memmem(bytes, size, "\r\n", 2);
  const char *end = memmem(bytes, size, "Contact:", 8);
  char out[2048];
  if (!headers || !end || end < headers || end - headers > 1500) return;
  char *at = mempcpy(out, first, sizeof first - 1);
  at = mempcpy(at, headers, end - headers);
  at = mempcpy(at, last, sizeof last - 1);
  put(relay, out, at - out, &relay->caller);
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

static void serve(struct relay *relay) {
  static char bytes[SIZE];
  struct sockaddr_in from;
  for (;;) {
    socklen_t length = sizeof from;
    const ssize_t got = recvfrom(relay->socket, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
    if (got < 8) continue;
    if (from.sin_port == relay->callee.sin_port) {
      put(relay, bytes, got, &relay->caller);
      continue;
    }
    relay->caller = from;
    if (!memcmp(bytes, "OPTIONS ", 8) || !memcmp(bytes, "REGISTER", 8)) {
      answer_ok(relay, bytes, got);
      continue;
    }
    if (!memcmp(bytes, "INVITE ", 7)) answer_trying(relay, bytes, got);
    put(relay, bytes, got, &relay->callee);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s IP PORT CALLEE_PORT PROCESSES\n", argv[0]);
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
  for (int more = atoi(argv[4]) - 1; more > 0; --more) {
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      break;
    }
  }
  serve(&relay);
}
