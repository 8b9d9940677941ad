#include "l0_transport/udp_socket.hh"

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "l0_transport/events.hh"
#include "l0_transport/icmp_errors.hh"

namespace opensips::transport {

namespace {

constexpr unsigned kBatch = 32;
constexpr unsigned kBatchesPerTurn = 4;  // then the worker's other events get their turn
constexpr unsigned kErrorsAtOnce = 32;
constexpr std::size_t kLargestDatagram = 65536;
// From one to the next. A power of two would have all datagrams of a batch compete for the same few
// lines of the caches.
constexpr std::size_t kStride = kLargestDatagram + 13 * 64;
constexpr std::size_t kQueueLimit = 8192;  // datagrams that wait for the kernel to have room

/// Room for one batch; a worker's sockets share it, since it is empty again when the batch is
/// worked off.
struct ReceiveBuffers {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> peers;
  std::array<loop::Worker::Arrival, kBatch> came;
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kBatch * kStride);

  ReceiveBuffers() {
    for (unsigned i = 0; i < kBatch; ++i) {
      vectors[i] = {bytes.get() + i * kStride, kLargestDatagram};
      headers[i].msg_hdr.msg_name = &peers[i];
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
  int receive(int fd, unsigned most) {
    for (unsigned i = 0; i < most; ++i) headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    return recvmmsg(fd, headers.data(), most, MSG_DONTWAIT, nullptr);
  }
  /// What receive() has got; it is there until the next one.
  std::span<const loop::Worker::Arrival> arrivals(unsigned count, std::uint16_t socket) {
    for (unsigned i = 0; i < count; ++i) {
      came[i].bytes = {static_cast<const char*>(vectors[i].iov_base), headers[i].msg_len};
      came[i].from.peer = base::Address(reinterpret_cast<const sockaddr*>(&peers[i]));
      came[i].from.socket = socket;
    }
    return std::span(came).first(count);
  }
};

/// Says to the kernel that what it gets is several datagrams, each as long as the first.
struct SegmentSize {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control;

  void put_into(msghdr& header) {
    const auto size = static_cast<std::uint16_t>(header.msg_iov->iov_len);
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    auto* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_UDP;
    part->cmsg_type = UDP_SEGMENT;
    part->cmsg_len = CMSG_LEN(sizeof size);
    std::memcpy(CMSG_DATA(part), &size, sizeof size);
  }
};

/// One before Linux 4.18 does not, and would send a group as one datagram.
bool knows_segments(const FileDescriptor& fd) {
  int size = 0;
  socklen_t length = sizeof size;
  return getsockopt(fd.get(), SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

ReceiveBuffers& receive_buffers() {
  static thread_local ReceiveBuffers buffers;
  return buffers;
}

}  // namespace

UdpSocket::UdpSocket(loop::Worker& worker, std::uint16_t index, FileDescriptor fd,
                     UdpGrouping& grouping)
    : worker_(worker),
      index_(index),
      fd_(std::move(fd)),
      grouping_(grouping),
      has_groups_(knows_segments(fd_)),
      send_errors_(worker.context().statistics.counter("net:udp_send_errors")),
      dropped_(worker.context().statistics.counter("net:udp_send_dropped")),
      grouped_(worker.context().statistics.counter("net:udp_grouped")),
      icmp_errors_(worker.context().statistics.counter("net:udp_icmp_errors")) {}

void UdpSocket::start() {
  readable_ = worker_.watch_readable(fd_.get(), [this] { on_readable(); });
}

void UdpSocket::on_readable() {
  auto& buffers = receive_buffers();
  for (unsigned batch = 0; batch < kBatchesPerTurn; ++batch) {
    // Looking for one more than there is costs as much as a small system call: a socket with little
    // to do takes one by one, and one that is behind twice as many each time.
    const unsigned asked = take_;
    const int received = buffers.receive(fd_.get(), asked);
    if (received > 0) worker_.receive(buffers.arrivals(static_cast<unsigned>(received), index_));
    // Woken for nothing means an error; behind a full batch there is just no more.
    if (received < 0 && batch == 0) take_errors();
    if (received < static_cast<int>(asked)) {
      take_ = std::max(1, received);
      return;
    }
    take_ = std::min(2 * asked, kBatch);
    if (asked == 1) return;  // the loop comes back if there is more
  }
}

void UdpSocket::tell_waiting(loop::Overload& overload) const {
  constexpr std::uint32_t kEach = 2048;  // bytes of a datagram, with what the kernel needs for it
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return;
  const auto used = memory[SK_MEMINFO_RMEM_ALLOC];
  overload.add_waiting(used / kEach);
  if (used > memory[SK_MEMINFO_RCVBUF] / 4 * 3) overload.note_pressure();
}

void UdpSocket::send(const base::WireRef& wire, const base::Flow& to, loop::ClientId client) {
  if (queue_.size() >= kQueueLimit) return worker_.context().stats.add(dropped_);
  queue_.push_back({wire, to, client});
}

void UdpSocket::flush() {
  // What fails is told to the layers above in here, but they cannot add to the queue: they are
  // deferred.
  while (!queue_.empty() && !blocked_) send_some();
}

void UdpSocket::send_some() {
  const auto count = left_ > 0 ? left_ : std::min(SendPlan::kMost, queue_.size());
  auto groups = plan(count);
  while (!groups.empty()) {
    const int done = send(groups.first(std::min<std::size_t>(kBatch, groups.size())));
    if (done > 0) {
      sent(groups.first(static_cast<std::size_t>(done)));
    } else if (!refused(groups.front(), errno)) {
      break;
    }
    groups = groups.subspan(static_cast<std::size_t>(std::max(done, 1)));
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto gone = std::remove_if(queue_.begin(), end, [](const auto& one) { return !one.wire; });
  left_ = static_cast<std::size_t>(gone - queue_.begin());
  queue_.erase(gone, end);
}

std::span<const SendPlan::Group> UdpSocket::plan(std::size_t count) {
  const auto now = worker_.context().now();
  const bool groups = has_groups_ && count > 1 && grouping_.allowed(now);
  planned_.clear();
  for (const auto& one : std::span(queue_).first(count)) {
    planned_.push_back({.peer = &one.to.peer,
                        .call = one.wire->call(),
                        .size = one.wire->size(),
                        .by_itself = !groups || lone_peers_.contains(one.to.peer, now)});
  }
  return plan_.make(planned_);
}

bool UdpSocket::send_one(const Outgoing& one) {
  const auto& peer = one.to.peer;
  return sendto(fd_.get(), one.wire->data(), one.wire->size(), MSG_DONTWAIT, peer.raw(),
                peer.raw_size()) >= 0;
}

/// How many groups were sent; none and errno if the first one was not.
int UdpSocket::send(std::span<const SendPlan::Group> groups) {
  if (groups.size() == 1 && groups.front().size() == 1) {
    return send_one(queue_[groups.front().front()]) ? 1 : -1;
  }
  std::array<mmsghdr, kBatch> headers;
  std::array<iovec, SendPlan::kMost> vectors;
  std::array<SegmentSize, kBatch> sizes;
  std::size_t used = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& to = queue_[groups[i].front()].to.peer;
    auto& header = headers[i].msg_hdr;
    header = {};
    header.msg_name = const_cast<sockaddr*>(to.raw());
    header.msg_namelen = to.raw_size();
    header.msg_iov = &vectors[used];
    header.msg_iovlen = groups[i].size();
    for (const auto place : groups[i]) {
      auto& wire = *queue_[place].wire;
      vectors[used++] = {wire.data(), wire.size()};
    }
    if (header.msg_iovlen > 1) sizes[i].put_into(header);
  }
  return sendmmsg(fd_.get(), headers.data(), static_cast<unsigned>(groups.size()), MSG_DONTWAIT);
}

void UdpSocket::sent(std::span<const SendPlan::Group> groups) {
  for (const auto& group : groups) {
    if (group.size() > 1) worker_.context().stats.add(grouped_, group.size());
    for (const auto place : group) queue_[place].wire.reset();
  }
}

/// Whether it was a single one and is refused for good; if not, the rest has to be planned again.
bool UdpSocket::refused(SendPlan::Group group, int error) {
  if (error == EINTR) return false;
  if (error == EAGAIN || error == ENOBUFS) {
    blocked_ = true;
    worker_.once_writable(fd_.get(), [this] { blocked_ = false; });
    return false;
  }
  // What an ICMP message said about an earlier datagram is not about this one: it is tried again.
  if (take_errors()) return false;
  auto& first = queue_[group.front()];
  if (group.size() > 1) {
    lone_peers_.add(first.to.peer, worker_.context().now());
    return false;
  }
  failed(first, error);
  first.wire.reset();
  return true;
}

/// Tells the owners of the datagrams that nobody will get them. False if there was nothing to tell.
bool UdpSocket::take_errors() {
  const auto tell = [this](const IcmpError& icmp) {
    worker_.context().stats.add(icmp_errors_);
    lone_peers_.add(icmp.to, worker_.context().now());
    worker_.tell_owner(icmp.bytes, [to = icmp.to, error = icmp.error,
                                    bytes = std::string(icmp.bytes)](loop::Context& context) {
      context.bus.publish(Bounced{to, error, bytes});
    });
  };
  return read_icmp_errors(fd_.get(), kErrorsAtOnce, tell) > 0;
}

void UdpSocket::failed(const Outgoing& outgoing, int error) {
  auto& context = worker_.context();
  context.stats.add(send_errors_);
  if (!outgoing.client) return;
  context.defer([&context, event = SendFailed{outgoing.client, outgoing.to, error}] {
    context.bus.publish(event);
  });
}

}  // namespace opensips::transport
