#include "l0_transport/icmp_errors.hh"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstring>
#include <optional>

namespace opensips::transport {

namespace {

constexpr std::size_t kQuotedMost = 1500;  // of a datagram in an ICMP message

bool is_icmp(const sock_extended_err& error) {
  return error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
}

/// Host, network, port or protocol unreachable, or a parameter problem; not that it was too long,
/// or on its way for too long.
bool is_final(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP6) {
    return error.ee_type == ICMP6_DST_UNREACH || error.ee_type == ICMP6_PARAM_PROB;
  }
  return (error.ee_type == ICMP_DEST_UNREACH && error.ee_code != ICMP_FRAG_NEEDED) ||
         error.ee_type == ICMP_PARAMETERPROB;
}

std::optional<sock_extended_err> extended_error(msghdr& message) {
  for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
    const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(part), sizeof error);
    return error;
  }
  return std::nullopt;
}

}  // namespace

void keep_icmp_errors(int fd, bool is_v6) {
  const int on = 1;
  setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_RECVERR : IP_RECVERR, &on,
             sizeof on);
}

unsigned read_icmp_errors(int fd, unsigned most,
                          const std::function<void(const IcmpError&)>& visit) {
  char bytes[kQuotedMost];
  alignas(cmsghdr) char control[256];
  sockaddr_storage to;
  unsigned by_icmp = 0;
  for (unsigned taken = 0; taken < most; ++taken) {
    iovec vector{bytes, sizeof bytes};
    to.ss_family = AF_UNSPEC;
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0) break;
    const auto error = extended_error(message);
    if (!error || !is_icmp(*error)) continue;
    ++by_icmp;
    if (!is_final(*error)) continue;
    visit({base::Address(reinterpret_cast<const sockaddr*>(&to)),
           static_cast<int>(error->ee_errno),
           {bytes, static_cast<std::size_t>(size)}});
  }
  return by_icmp;
}

}  // namespace opensips::transport
