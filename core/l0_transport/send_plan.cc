#include "l0_transport/send_plan.hh"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace opensips::transport {

namespace {

// What goes through most networks in one packet: the kernel refuses a group whose datagrams do not.
constexpr std::size_t kLongest = 1400;
constexpr std::size_t kMostInGroup = 64;  // of the kernel
constexpr std::size_t kMostBytesInGroup = 60'000;

/// Equal for equal addresses; what is unequal may have the same.
std::uint32_t mark_of(const base::Address& peer) {
  std::uint32_t mark = peer.port();
  const auto host = peer.host_bytes();
  for (std::size_t at = 0; at + sizeof mark <= host.size(); at += sizeof mark) {
    std::uint32_t part;
    std::memcpy(&part, host.data() + at, sizeof part);
    mark = (mark ^ part) * 0x9e3779b1U;
  }
  return mark;
}

}  // namespace

std::uint64_t SendPlan::Ranks::next(std::uint64_t call_and_peer) {
  auto at = (call_and_peer * 0x9e3779b97f4a7c15U) >> 32;
  for (;; ++at) {
    auto& slot = slots_[at % slots_.size()];
    if (slot.plan != plan_) slot = {call_and_peer, plan_, 0};
    if (slot.of == call_and_peer) return slot.count++;
  }
}

/// First the first datagrams of each call to each peer, then the second ones and so on; among them
/// those to one peer together, the longest first.
void SendPlan::sort(std::span<const Datagram> datagrams) {
  ranks_.clear();
  places_.clear();
  for (std::uint16_t i = 0; i < datagrams.size(); ++i) {
    const auto& one = datagrams[i];
    const std::uint64_t peer = mark_of(*one.peer);
    const auto rank = ranks_.next(peer << 32 | one.call);
    const auto shortness = 0xffff - std::min<std::size_t>(one.size, 0xffff);
    places_.push_back({rank << 48 | peer << 16 | shortness, i});
  }
  std::ranges::sort(places_, [](const Place& a, const Place& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
}

/// How many from `first` on, in the order that was found, are one group.
std::size_t SendPlan::group_at(std::size_t first, std::span<const Datagram> datagrams) const {
  const auto& head = datagrams[order_[first]];
  if (head.by_itself || head.size > kLongest || head.size == 0) return 1;
  const auto rank = places_[first].key >> 48;
  const std::size_t most = std::min(kMostInGroup, kMostBytesInGroup / head.size);
  std::size_t count = 1;
  while (count < most && first + count < order_.size()) {
    const auto& next = datagrams[order_[first + count]];
    if (places_[first + count].key >> 48 != rank || *next.peer != *head.peer) break;
    if (next.size == 0 || next.by_itself) break;
    ++count;
    if (next.size < head.size) break;
  }
  return count;
}

std::span<const SendPlan::Group> SendPlan::make(std::span<const Datagram> datagrams) {
  assert(datagrams.size() <= kMost);
  sort(datagrams);
  order_.clear();
  for (const auto& place : places_) order_.push_back(place.index);
  groups_.clear();
  for (std::size_t first = 0; first < order_.size();) {
    const auto count = group_at(first, datagrams);
    groups_.push_back(Group(order_).subspan(first, count));
    first += count;
  }
  return groups_;
}

}  // namespace opensips::transport
