#include "l0_transport/send_queue.hh"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace opensips::transport {

namespace {

constexpr std::size_t kVectors = 64;  // messages in one call
constexpr std::size_t kKeptEntries = 64;

}  // namespace

void SendQueue::push(const base::WireRef& wire, loop::ClientId client) {
  all_.push_back({wire, client});
  bytes_ += wire->size();
}

SendQueue::Outcome SendQueue::write(int fd) {
  while (!empty()) {
    const long written = write_some(fd);
    if (written >= 0) {
      sent(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Outcome::blocked;
    } else if (errno != EINTR) {
      return Outcome::failed;
    }
  }
  return Outcome::done;
}

long SendQueue::write_some(int fd) const {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const auto& first = *all_[first_].wire;
  if (all_.size() - first_ == 1) {
    return ::send(fd, first.data() + offset_, first.size() - offset_, kFlags);
  }
  std::array<iovec, kVectors> vectors;
  const std::size_t count = std::min(kVectors, all_.size() - first_);
  for (std::size_t i = 0; i < count; ++i) {
    auto& wire = *all_[first_ + i].wire;
    const std::size_t gone = i == 0 ? offset_ : 0;
    vectors[i] = {const_cast<char*>(wire.data()) + gone, wire.size() - gone};
  }
  msghdr header{};
  header.msg_iov = vectors.data();
  header.msg_iovlen = count;
  return ::sendmsg(fd, &header, kFlags);
}

void SendQueue::sent(std::size_t bytes) {
  bytes_ -= bytes;
  offset_ += bytes;
  while (first_ < all_.size() && offset_ >= all_[first_].wire->size()) {
    offset_ -= all_[first_].wire->size();
    all_[first_++].wire.reset();
  }
  if (empty()) {
    all_.clear();
    first_ = 0;
    if (all_.capacity() > kKeptEntries) all_.shrink_to_fit();
  } else if (first_ >= kKeptEntries && first_ * 2 >= all_.size()) {
    all_.erase(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

std::vector<loop::ClientId> SendQueue::take_clients() {
  std::vector<loop::ClientId> clients;
  for (auto at = first_; at < all_.size(); ++at) {
    if (all_[at].client) clients.push_back(all_[at].client);
  }
  *this = {};
  return clients;
}

}  // namespace opensips::transport
