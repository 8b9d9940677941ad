#pragma once

#include <optional>
#include <string>

#include "l1_parser/uri.hh"
#include "l6_location/target_groups.hh"
#include "l6_location/temporary_gruus.hh"

namespace opensips::location {

/// Whose contacts a URI means, and which of them: all of an AoR, or of a GRUU those of its device.
struct Wanted {
  std::string aor;
  TargetFilter filter = {};
};
/// Nothing for a URI that cannot have any. `temporary`: those of this server; may be null.
std::optional<Wanted> wanted_by(const parser::Uri& uri, const TemporaryGruus* temporary);

}  // namespace opensips::location
