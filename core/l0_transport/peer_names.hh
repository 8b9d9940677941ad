#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.hh"

namespace opensips::transport {

/// Numbers for the SIP domains that requests go to by TLS, so that a Flow can say whose certificate
/// its peer has to have (RFC 5922) and is copied like a number. The last 65,536 names are known; an
/// older one that comes again gets a new number, and so a connection of its own. Any thread.
class PeerNames {
 public:
  static constexpr std::size_t kMost = 65'536;

  /// The number of a name; case folds. Never 0, which in a Flow means that there is no name.
  std::uint32_t number_of(std::string_view name);
  /// The name with that number; empty if it is 0 or forgotten.
  std::string name_of(std::uint32_t number) const;

 private:
  struct State {
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::deque<std::string> names;  // in the order of their numbers
    std::uint32_t first = 1;        // number of the first one
  };
  base::Guarded<State> state_;
};

}  // namespace opensips::transport
