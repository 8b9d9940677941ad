#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/block_vector.hh"
#include "base/flow.hh"
#include "l6_location/binding_set.hh"

namespace opensips::location {

/// Where to send a request for an AoR.
struct Target {
  std::string_view uri;
  std::string_view host;  ///< of the URI
  base::Flow flow;        ///< how the client registered
  std::uint16_t q = kHighestQ;
  std::string_view path = {};  ///< proxies on the way to it, as Route headers have them (RFC 3327)
  std::uint32_t group = 0;     ///< its place among the groups
};

/// Whether a contact is to be reached the way its REGISTER came, not by its URI: over a connection
/// always, over UDP if its host is another than the one that registered it, which is a client
/// behind NAT. One that an operator added came by none.
bool needs_flow(const Target& target);

/// Whether no connection can be opened to a contact: one behind NAT, whose host is another than the
/// one that its REGISTER came from, and a browser, which listens nowhere (RFC 7118 5). A name may
/// be anything's.
bool is_out_of_reach(const Target& target);

/// Which of an AoR's contacts are meant.
struct TargetFilter {
  std::uint32_t methods = 0;  ///< only who takes all of these: bits as of method_bit()
  std::string instance = {};  ///< only this device (RFC 5627); empty: all
  /// Only contacts whose Call-ID it is true of; none: all.
  std::function<bool(std::string_view call_id)> has_session = {};
};

/// The contacts of an AoR that have not expired, in the order in which to try them (RFC 3261 16.6):
/// the groups one after the other, highest q first, the targets of a group at once. Of several
/// flows to one device only the newest is in the group, each other one in a group of its own behind
/// it (RFC 5626 7). Holds the set that it views.
class TargetGroups {
 public:
  TargetGroups() = default;
  /// `set` may be none: no groups.
  TargetGroups(BindingSetRef set, std::uint64_t now_ms, const TargetFilter& filter = {});

  /// There are contacts, and none takes the method.
  bool is_method_refused() const { return targets_.empty() && takes_not_; }
  bool empty() const { return targets_.empty(); }
  std::size_t size() const { return empty() ? 0 : targets_.back().group + 1; }
  std::span<const Target> operator[](std::size_t group) const {
    return std::ranges::equal_range(targets_, group, {}, &Target::group);
  }
  /// Of all groups.
  std::span<const Target> targets() const { return targets_; }

 private:
  using Bindings = base::BlockVector<const Binding*>;
  void add_group(Bindings& group);  // which is empty then

  BindingSetRef set_;
  base::BlockVector<Target> targets_;
  bool takes_not_ = false;
};

}  // namespace opensips::location
