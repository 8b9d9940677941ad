#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/flow.hh"
#include "l6_location/binding_set.hh"

namespace opensips::location {

/// Where to send a request for an AoR.
struct Target {
  std::string_view uri;
  base::Flow flow;  ///< how the client registered
  std::uint16_t q = kHighestQ;
};

/// The contacts of an AoR that have not expired, in the order in which to try them (RFC 3261 16.6):
/// the groups one after the other, highest q first, the targets of a group at once. Holds the set
/// that it views.
class TargetGroups {
 public:
  TargetGroups() = default;
  /// `set` may be none: no groups.
  TargetGroups(BindingSetRef set, std::uint64_t now_ms);

  bool empty() const { return targets_.empty(); }
  std::size_t size() const { return ends_.size(); }
  std::span<const Target> operator[](std::size_t group) const {
    const std::size_t begin = group == 0 ? 0 : ends_[group - 1];
    return std::span(targets_).subspan(begin, ends_[group] - begin);
  }
  /// Of all groups.
  std::span<const Target> targets() const { return targets_; }

 private:
  BindingSetRef set_;
  std::vector<Target> targets_;
  std::vector<std::size_t> ends_;
};

}  // namespace opensips::location
