#include "l6_location/registered_devices.hh"

#include <utility>

#include "l6_location/stored_registrar.hh"
#include "l6_location/wanted.hh"

namespace opensips::location {
namespace {

constexpr std::uint16_t kNotRegistered = 480;
constexpr std::uint16_t kUnavailable = 503;

/// The newest of its flows, if it has several.
std::expected<dialog::DeviceAt, std::uint16_t> device_in(const TargetGroups& groups) {
  if (groups.empty()) return std::unexpected(kNotRegistered);
  const auto& target = groups.targets().front();
  dialog::DeviceAt at{.uri = std::string(target.uri), .path = std::string(target.path)};
  if (needs_flow(target)) at.flow = target.flow;
  at.no_connect = target.path.empty() && is_out_of_reach(target);
  return at;
}

}  // namespace

void RegisteredDevices::find(const parser::Uri& gruu, Found found) {
  auto wanted = wanted_by(gruu, &gruus_);
  if (!wanted || wanted->filter.instance.empty()) return found(std::unexpected(kNotRegistered));
  const auto& [aor, filter] = *wanted;
  if (!contacts_ || contacts_->knows(aor)) {
    return found(device_in(TargetGroups(table_.find(aor), context_.now(), filter)));
  }
  contacts_->find(
      aor, [this, filter, found = std::move(found)](StoredRegistrar::Contacts contacts) mutable {
        if (!contacts) return found(std::unexpected(kUnavailable));
        found(device_in(TargetGroups(std::move(*contacts), context_.now(), filter)));
      });
}

}  // namespace opensips::location
