#include "l0_transport/udp_errors.hh"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include <linux/errqueue.h>

#include <array>
#include <cstring>

namespace opensips::transport {

namespace {

constexpr std::size_t kMostBytes = 1280;  // an ICMP message is no longer (RFC 4443 2.4)

bool is_unreachable(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP) {
    const bool too_large = error.ee_code == ICMP_FRAG_NEEDED;
    return (error.ee_type == ICMP_DEST_UNREACH && !too_large) ||
           error.ee_type == ICMP_PARAMETERPROB;
  }
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 &&
         (error.ee_type == ICMP6_DST_UNREACH || error.ee_type == ICMP6_PARAM_PROB);
}

}  // namespace

std::optional<UdpError> read_udp_error(const FileDescriptor& fd) {
  static thread_local std::array<char, kMostBytes> bytes;
  sockaddr_storage peer{};
  alignas(cmsghdr) std::array<char, 512> control;
  iovec vector{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_name = &peer;
  message.msg_namelen = sizeof peer;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto size = recvmsg(fd.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (size < 0) return std::nullopt;

  UdpError error{base::Address(reinterpret_cast<const sockaddr*>(&peer)),
                 {bytes.data(), static_cast<std::size_t>(size)},
                 0,
                 false};
  for (auto* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    const bool v4 = one->cmsg_level == SOL_IP && one->cmsg_type == IP_RECVERR;
    const bool v6 = one->cmsg_level == SOL_IPV6 && one->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err said;
    std::memcpy(&said, CMSG_DATA(one), sizeof said);
    error.code = static_cast<int>(said.ee_errno);
    error.is_unreachable = is_unreachable(said);
  }
  return error;
}

}  // namespace opensips::transport
