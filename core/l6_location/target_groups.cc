#include "l6_location/target_groups.hh"

#include <algorithm>
#include <utility>

#include "base/address.hh"
#include "l6_location/instance.hh"

namespace opensips::location {
namespace {

bool is_wanted(const Binding& binding, const TargetFilter& filter) {
  if (!filter.instance.empty() && instance_of(binding.params()).id != filter.instance) return false;
  return !filter.has_session || filter.has_session(binding.call_id());
}

/// Whether both are flows to one device.
bool share_device(const Binding& a, const Binding& b) {
  const auto one = instance_of(a.params());
  return one.is_flow() && one.id == instance_of(b.params()).id;
}

}  // namespace

bool needs_flow(const Target& target) {
  if (!target.flow.peer || !target.path.empty()) return false;
  if (target.flow.transport != base::Transport::udp) return true;
  return !target.flow.peer.is_host(target.host).value_or(false);
}

bool is_out_of_reach(const Target& target) {
  using enum base::Transport;
  if (!target.flow.peer || !base::is_reliable(target.flow.transport)) return false;
  if (target.flow.transport == ws || target.flow.transport == wss) return true;
  return !target.flow.peer.is_host(target.host).value_or(true);
}

TargetGroups::TargetGroups(BindingSetRef set, std::uint64_t now_ms, const TargetFilter& filter)
    : set_(std::move(set)) {
  if (!set_) return;
  targets_.reserve(set_->size());
  Bindings group;
  for (const auto& binding : set_->bindings()) {
    if (binding->expired(now_ms) || !is_wanted(*binding, filter)) continue;
    if ((binding->methods() & filter.methods) != filter.methods) {
      takes_not_ = true;
      continue;
    }
    if (!group.empty() && group.back()->q() != binding->q()) add_group(group);
    group.push_back(binding.get());
  }
  add_group(group);
}

/// The contacts of one q, in one group or several.
void TargetGroups::add_group(Bindings& group) {
  while (!group.empty()) {
    Bindings left;
    const auto number = static_cast<std::uint32_t>(size());
    for (const auto& binding : group) {
      // Of the same moment: the one that came in later, which is behind the other.
      const bool is_newest = std::ranges::none_of(group, [&](const auto& other) {
        return &other != &binding && share_device(*binding, *other) &&
               std::pair(other->modified_at(), &other) >
                   std::pair(binding->modified_at(), &binding);
      });
      if (is_newest) {
        targets_.push_back({binding->contact(), binding->host(), binding->received(), binding->q(),
                            binding->path(), number});
      } else {
        left.push_back(binding);
      }
    }
    group = std::move(left);
  }
}

}  // namespace opensips::location
