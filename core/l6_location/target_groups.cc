#include "l6_location/target_groups.hh"

#include <utility>

namespace opensips::location {

TargetGroups::TargetGroups(BindingSetRef set, std::uint64_t now_ms) : set_(std::move(set)) {
  if (!set_) return;
  targets_.reserve(set_->size());
  for (const auto& binding : set_->bindings()) {
    if (binding->expired(now_ms)) continue;
    if (!targets_.empty() && targets_.back().q != binding->q()) ends_.push_back(targets_.size());
    targets_.push_back({binding->contact(), binding->received(), binding->q()});
  }
  if (!targets_.empty()) ends_.push_back(targets_.size());
}

}  // namespace opensips::location
