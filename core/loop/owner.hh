#pragma once

#include <string_view>

#include "base/siphash.hh"

namespace opensips::loop {

/// Which worker a call belongs to: the Call-ID's keyed hash names it, so that every message of a
/// call is handled by one thread. The key is random per process: nobody outside can aim at one
/// worker. Any thread.
class Owners {
 public:
  explicit Owners(unsigned workers) : workers_(workers), key_(base::SipKey::random()) {}

  unsigned owner_of(std::string_view call_id) const {
    return workers_ == 1 ? 0 : static_cast<unsigned>(base::siphash(key_, call_id) % workers_);
  }
  unsigned workers() const { return workers_; }

 private:
  unsigned workers_;
  base::SipKey key_;
};

}  // namespace opensips::loop
