#include "lp_routing/recording/recording.hh"

#include <utility>

#include "base/clock.hh"

namespace opensips::routing::recording {
namespace {

std::string text_of(const Json& line) {
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

bool Recording::takes(const parser::Message& request) {
  if (is_full() || !filter_.fits(request)) return false;
  auto left = calls_left_.load(std::memory_order_relaxed);
  do {
    if (left == 0) return false;
  } while (!calls_left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed));
  calls_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool Recording::add(std::uint64_t now, Json line) {
  if (closed_.load(std::memory_order_relaxed)) return true;  // the end is before it
  Json timed{{"t", time(now)}};
  timed.update(line);
  const bool added = tell_lost(now) && file_->add(text_of(timed));
  (added ? lines_ : dropped_).fetch_add(1, std::memory_order_relaxed);
  return added;
}

void Recording::lost(std::string_view call_id) {
  const auto lost = lost_.lock();
  if (!lost->all.emplace(call_id).second) return;
  lost->untold.emplace_back(call_id);
  has_untold_.store(true, std::memory_order_relaxed);
}

/// A server that is killed writes no last line. False: there is no room.
bool Recording::tell_lost(std::uint64_t now) {
  if (!has_untold_.load(std::memory_order_relaxed)) return true;
  const auto lost = lost_.lock();
  for (auto& untold = lost->untold; !untold.empty(); untold.pop_back()) {
    if (!file_->add(
            text_of({{"t", time(now)}, {"call", bytes_to_json(untold.back())}, {"lost", true}})))
      return false;
  }
  has_untold_.store(false, std::memory_order_relaxed);
  return true;
}

void Recording::ends_at(std::uint64_t now) {
  auto end = end_.load(std::memory_order_relaxed);
  while (now < end && !end_.compare_exchange_weak(end, now, std::memory_order_relaxed)) {
  }
}

std::string Recording::close() {
  ends_at(base::monotonic_ms());
  closed_.store(true, std::memory_order_relaxed);
  Json lost = Json::array();
  for (const auto& call : lost_.lock()->all) lost.push_back(bytes_to_json(call));
  return file_->close(
      text_of({{"t", time(end_.load())}, {"end", true}, {"calls", calls()}, {"lost", lost}}));
}

}  // namespace opensips::routing::recording
