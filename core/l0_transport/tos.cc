#include "l0_transport/tos.hh"

#include <netinet/in.h>
#include <sys/socket.h>

namespace opensips::transport {

void set_tos(int fd, int tos) {
  if (tos == 0) return;
  // The family need not be known: a socket refuses the option of the other one.
  setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
}

}  // namespace opensips::transport
