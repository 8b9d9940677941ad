#include "l0_transport/tcp_listener.hh"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/log.hh"
#include "l0_transport/connections.hh"
#include "l0_transport/sctp_channel.hh"

namespace opensips::transport {

namespace {

constexpr unsigned kAcceptsPerTurn = 64;
constexpr std::uint64_t kPauseMs = 500;

bool bind_to(const FileDescriptor& fd, const base::Address& address) {
  return ::bind(fd.get(), address.raw(), address.raw_size()) == 0;
}

void set(const FileDescriptor& fd, int level, int option) {
  const int on = 1;
  setsockopt(fd.get(), level, option, &on, sizeof on);
}

FileDescriptor open_listener(const base::Address& address, base::Transport transport) {
  auto fd = open_stream(address.raw()->sa_family, transport);
  // [::] is for IPv6 alone: IPv4 has its own socket lines.
  if (fd && address.is_v6()) set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  // Connections of an earlier process that linger are no reason not to start.
  if (fd) set(fd, SOL_SOCKET, SO_REUSEADDR);
  return fd;
}

}  // namespace

FileDescriptor open_stream(int family, base::Transport transport) {
  const int protocol = transport == base::Transport::sctp ? IPPROTO_SCTP : IPPROTO_TCP;
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

std::expected<std::vector<FileDescriptor>, std::string> bind_tcp(const base::Address& wanted,
                                                                 unsigned count,
                                                                 base::Transport transport) {
  const auto failure = [transport](const char* what, const base::Address& address) {
    const bool unknown = transport == base::Transport::sctp && errno == EPROTONOSUPPORT;
    return std::unexpected(std::string("cannot ") + what + " " +
                           std::string(base::name_of(transport)) + ":" + address.to_string() +
                           ": " + (unknown ? "this kernel has no SCTP" : std::strerror(errno)));
  };
  auto address = wanted;
  {
    const auto probe = open_listener(address, transport);
    if (!probe) return failure("open a socket for", address);
    if (!bind_to(probe, address) || ::listen(probe.get(), 1) != 0) return failure("bind", address);
    address.set_port(local_address(probe).port());
  }
  std::vector<FileDescriptor> all;
  for (unsigned i = 0; i < count; ++i) {
    auto fd = open_listener(address, transport);
    if (!fd) return failure("open a socket for", address);
    set(fd, SOL_SOCKET, SO_REUSEPORT);
    if (!bind_to(fd, address)) return failure("bind", address);
    all.push_back(std::move(fd));
  }
  return all;
}

TcpListener::TcpListener(Connections& home, std::uint16_t socket, base::Transport transport,
                         FileDescriptor fd)
    : home_(home), socket_(socket), transport_(transport), fd_(std::move(fd)) {}

void TcpListener::start() {
  if (transport_ == base::Transport::sctp) prepare_sctp(fd_, home_.options().sctp);
  ::listen(fd_.get(), home_.options().backlog);
  watch_ = home_.worker().watch_readable(fd_.get(), [this] { on_readable(); });
}

void TcpListener::on_readable() {
  for (unsigned i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage raw{};
    socklen_t size = sizeof raw;
    FileDescriptor fd(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&raw), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      home_.accepted(std::move(fd), base::Address(reinterpret_cast<const sockaddr*>(&raw)),
                     socket_);
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno != EAGAIN) pause(errno);
    return;
  }
}

void TcpListener::pause(int error) {
  static base::RateLimit limit{std::chrono::seconds(10)};
  base::log_limited(limit, base::LogLevel::err, "cannot accept on {}:{}: {}; trying again",
                    base::name_of(transport_), local_address(fd_).to_string(),
                    std::strerror(error));
  watch_->pause();
  home_.worker().context().timers.arm(pause_, kPauseMs);
}

}  // namespace opensips::transport
