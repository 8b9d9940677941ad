#include "storage/breaker.hh"

#include <algorithm>

namespace opensips::storage {

void Breaker::open(Time now) {
  if (state_ == State::half_open) pause_ = std::min(pause_ * 2, options_.longest_pause);
  state_ = State::open;
  timeouts_ = 0;
  retry_at_ = now + pause_;
}

bool Breaker::timed_out(Time now) {
  if (state_ != State::closed || ++timeouts_ < options_.timeouts) return false;
  open(now);
  return true;
}

void Breaker::failed(Time now) {
  if (state_ != State::open) open(now);
}

bool Breaker::begin_trial(Time now) {
  if (state_ != State::open || now < retry_at_) return false;
  state_ = State::half_open;
  return true;
}

void Breaker::recovered() {
  state_ = State::closed;
  timeouts_ = 0;
  pause_ = options_.shortest_pause;
}

std::string_view to_string(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed: return "closed";
    case Breaker::State::open: return "open";
    case Breaker::State::half_open: return "half open";
  }
  return "unknown";
}

}  // namespace opensips::storage
