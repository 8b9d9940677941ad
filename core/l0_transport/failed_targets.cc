#include "l0_transport/failed_targets.hh"

#include <algorithm>

namespace opensips::transport {

namespace {

constexpr std::size_t kMost = 4096;

}  // namespace

void FailedTargets::add(const base::Flow& target, std::uint64_t now, std::uint64_t duration_ms) {
  if (duration_ms == 0) return;
  const auto all = all_.lock();
  std::erase_if(*all, [now](const auto& one) { return one.second <= now; });
  const Key key{target.peer, target.transport};
  if (all->size() < kMost || all->contains(key)) {
    auto& until = (*all)[key];
    until = std::max(until, now + duration_ms);
  }
  size_.store(all->size(), std::memory_order_relaxed);
}

bool FailedTargets::contains(const base::Flow& target, std::uint64_t now) const {
  if (size_.load(std::memory_order_relaxed) == 0) return false;
  const auto all = all_.lock();
  const auto found = all->find({target.peer, target.transport});
  return found != all->end() && found->second > now;
}

void FailedTargets::clear() {
  const auto all = all_.lock();
  all->clear();
  size_.store(0, std::memory_order_relaxed);
}

}  // namespace opensips::transport
