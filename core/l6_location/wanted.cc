#include "l6_location/wanted.hh"

#include <utility>

#include "l6_location/aor.hh"
#include "l6_location/instance.hh"

namespace opensips::location {

std::optional<Wanted> wanted_by(const parser::Uri& uri, const TemporaryGruus* temporary) {
  const auto gruu = uri.param("gr");
  if (gruu && gruu->empty()) {
    auto device = temporary ? temporary->read(uri) : std::nullopt;
    if (!device) return std::nullopt;
    Wanted wanted{std::move(device->aor)};
    wanted.filter.instance = std::move(device->instance);
    wanted.filter.has_session = [temporary, session = device->session](std::string_view call_id) {
      return temporary->session_of(call_id) == session;
    };
    return wanted;
  }
  auto aor = aor_of(uri);
  if (!aor) return std::nullopt;
  Wanted wanted{std::move(*aor)};
  if (gruu) wanted.filter.instance = instance_of_gruu(*gruu);
  return wanted;
}

}  // namespace opensips::location
