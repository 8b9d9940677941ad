#include "l0_transport/sctp_channel.hh"

#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/log.hh"

namespace opensips::transport {

namespace {

constexpr std::size_t kBatch = 64;  // messages in one call

template <class T>
void set(int fd, int level, int option, const T& value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

/// Copies the beginning of a notification into `to`; false if it is too short for what it says.
template <class T>
bool take(std::string_view notification, T& to) {
  if (notification.size() < sizeof to) return false;
  std::memcpy(&to, notification.data(), sizeof to);
  return true;
}

/// The ancillary data of one message: where and how it goes, and its number.
class SendInfo {
 public:
  void attach(msghdr& header, std::uint32_t number) {
    header.msg_control = bytes_;
    header.msg_controllen = sizeof bytes_;
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = IPPROTO_SCTP;
    control->cmsg_type = SCTP_SNDINFO;
    control->cmsg_len = CMSG_LEN(sizeof(sctp_sndinfo));
    sctp_sndinfo info{};
    info.snd_flags = SCTP_UNORDERED;
    info.snd_context = number;
    std::memcpy(CMSG_DATA(control), &info, sizeof info);
  }

 private:
  alignas(cmsghdr) char bytes_[CMSG_SPACE(sizeof(sctp_sndinfo))];
};

bool has_association(int fd) {
  sctp_status status{};
  socklen_t size = sizeof status;
  return getsockopt(fd, IPPROTO_SCTP, SCTP_STATUS, &status, &size) == 0;
}

}  // namespace

void prepare_sctp(const FileDescriptor& fd, const SctpOptions& options) {
  // What a turn has gathered goes out in one call already.
  set(fd.get(), IPPROTO_SCTP, SCTP_NODELAY, 1);
  sctp_event_subscribe events{};
  events.sctp_association_event = 1;
  events.sctp_address_event = 1;
  events.sctp_send_failure_event = 1;
  events.sctp_partial_delivery_event = 1;
  set(fd.get(), IPPROTO_SCTP, SCTP_EVENTS, events);

  sctp_rtoinfo rto{};
  rto.srto_initial = options.rto_initial;
  rto.srto_min = options.rto_min;
  rto.srto_max = options.rto_max;
  set(fd.get(), IPPROTO_SCTP, SCTP_RTOINFO, rto);
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = options.association_retransmissions;
  set(fd.get(), IPPROTO_SCTP, SCTP_ASSOCINFO, association);
  sctp_initmsg init{};
  init.sinit_max_attempts = options.init_attempts;
  set(fd.get(), IPPROTO_SCTP, SCTP_INITMSG, init);
  sctp_paddrparams path{};
  path.spp_pathmaxrxt = options.path_retransmissions;
  path.spp_hbinterval = options.heartbeat_interval;
  if (options.heartbeat_interval) path.spp_flags = SPP_HB_ENABLE;
  set(fd.get(), IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

SctpChannel::SctpChannel(FileDescriptor fd, const base::Address& peer)
    : Channel(std::move(fd)), peer_(peer) {}

SctpChannel::~SctpChannel() {
  if (blocked_) set(fd(), SOL_SOCKET, SO_LINGER, linger{1, 0});
}

Channel::Read SctpChannel::read(std::span<char> into) {
  using End = Channel::Read::End;
  for (;;) {
    iovec vector{into.data(), into.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    const ssize_t size = ::recvmsg(fd(), &header, MSG_DONTWAIT);
    if (size == 0) return {0, End::closed};
    if (size < 0) {
      const bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
      if (!again) return {0, End::failed};
      if (!lost_) return {};
      errno = ECONNRESET;  // a write was told the error, and it is told only once
      return {0, End::failed};
    }
    const auto bytes = static_cast<std::size_t>(size);
    if (!(header.msg_flags & MSG_NOTIFICATION)) {
      inside_ = !(header.msg_flags & MSG_EOR);
      return {.size = bytes, .ends_message = !inside_};
    }
    if (const auto read = notified({into.data(), bytes})) return *read;
  }
}

std::optional<Channel::Read> SctpChannel::notified(std::string_view notification) {
  std::uint16_t type = 0;
  if (!take(notification, type)) return std::nullopt;
  if (type == SCTP_ASSOC_CHANGE) return association_changed(notification);
  if (type == SCTP_PEER_ADDR_CHANGE) path_changed(notification);
  sctp_send_failed failure;
  if (type == SCTP_SEND_FAILED && take(notification, failure)) {
    return Read{.undelivered = failure.ssf_info.sinfo_context};
  }
  if (type != SCTP_PARTIAL_DELIVERY_EVENT || !inside_) return std::nullopt;
  errno = ECONNABORTED;  // the rest of the message will not come
  return Read{.end = Read::End::failed};
}

/// Only that it is lost is worth a line: what it ends with comes next, and is an error or an end.
std::optional<Channel::Read> SctpChannel::association_changed(std::string_view notification) {
  static base::RateLimit limit{std::chrono::seconds(1)};
  sctp_assoc_change change;
  if (!take(notification, change)) return std::nullopt;
  if (change.sac_state == SCTP_COMM_LOST) {
    lost_ = true;
    base::log_limited(limit, base::LogLevel::notice, "sctp association with {} is lost",
                      peer_.to_string());
  }
  // The peer began anew, on the same ports: so does what comes, unless it was in the middle.
  if (change.sac_state != SCTP_RESTART || !inside_) return std::nullopt;
  errno = ECONNRESET;
  return Read{.end = Read::End::failed};
}

void SctpChannel::path_changed(std::string_view notification) const {
  static base::RateLimit limit{std::chrono::seconds(1)};
  sctp_paddr_change change;
  if (!take(notification, change)) return;
  const bool up = change.spc_state == SCTP_ADDR_AVAILABLE;
  if (!up && change.spc_state != SCTP_ADDR_UNREACHABLE) return;
  const sockaddr_storage raw = change.spc_aaddr;
  const base::Address address(reinterpret_cast<const sockaddr*>(&raw));
  base::log_limited(limit, base::LogLevel::notice, "sctp association with {}: its address {} is {}",
                    peer_.to_string(), address.host(), up ? "reachable again" : "unreachable");
}

Channel::Written SctpChannel::write(std::span<const iovec> what) {
  using Outcome = Channel::Written::Outcome;
  std::array<mmsghdr, kBatch> headers;
  std::array<SendInfo, kBatch> infos;
  const std::size_t count = std::min(kBatch, what.size());
  for (std::size_t i = 0; i < count; ++i) {
    headers[i] = {};
    headers[i].msg_hdr.msg_iov = const_cast<iovec*>(&what[i]);
    headers[i].msg_hdr.msg_iovlen = 1;
    infos[i].attach(headers[i].msg_hdr, written_ + static_cast<std::uint32_t>(i));
  }
  const int sent =
      sendmmsg(fd(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return not_written(errno);
  blocked_ = false;
  written_ += static_cast<std::uint32_t>(sent);
  std::size_t bytes = 0;
  for (int i = 0; i < sent; ++i) bytes += what[static_cast<std::size_t>(i)].iov_len;
  return {Outcome::some, bytes};
}

Channel::Written SctpChannel::not_written(int error) {
  using Outcome = Channel::Written::Outcome;
  blocked_ = error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
  // Of an association that is over the last words are still to be read, and end it.
  if (blocked_ || !has_association(fd())) return {Outcome::blocked};
  errno = error;
  return {Outcome::failed};
}

}  // namespace opensips::transport
