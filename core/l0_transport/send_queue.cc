#include "l0_transport/send_queue.hh"

#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace opensips::transport {

namespace {

constexpr std::size_t kVectors = 64;  // messages in one call
constexpr std::size_t kKeptEntries = 64;

}  // namespace

void SendQueue::push(const base::WireRef& wire, loop::ClientId client) {
  all_.push_back({wire, client});
  bytes_ += wire->size();
}

SendQueue::Outcome SendQueue::write(Channel& to) {
  while (!empty()) {
    const auto written = write_some(to);
    if (written.outcome == Channel::Written::Outcome::blocked) return Outcome::blocked;
    if (written.outcome == Channel::Written::Outcome::failed) return Outcome::failed;
    sent(written.size);
  }
  return Outcome::done;
}

Channel::Written SendQueue::write_some(Channel& to) const {
  std::array<iovec, kVectors> vectors;
  const std::size_t count = std::min(kVectors, all_.size() - first_);
  for (std::size_t i = 0; i < count; ++i) {
    auto& wire = *all_[first_ + i].wire;
    const std::size_t gone = i == 0 ? offset_ : 0;
    vectors[i] = {const_cast<char*>(wire.data()) + gone, wire.size() - gone};
  }
  return to.write({vectors.data(), count});
}

void SendQueue::sent(std::size_t bytes) {
  bytes_ -= bytes;
  offset_ += bytes;
  while (first_ < all_.size() && offset_ >= all_[first_].wire->size()) {
    auto& gone = all_[first_++];
    offset_ -= gone.wire->size();
    gone.wire.reset();
    if (sent_clients_) sent_clients_->add(gone.client);
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

std::optional<loop::ClientId> SendQueue::take_sent(std::uint32_t number) {
  return sent_clients_ ? sent_clients_->take(number) : std::nullopt;
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
