#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hh"
#include "l6_location/binding_set.hh"
#include "l6_location/temporary_gruus.hh"

namespace opensips::location {

/// What a client is told of an AoR's bindings: one Contact line for each that has not expired, so
/// that no line grows too long for a small client, and `behind`, which is whole lines. `gruus`:
/// makes the temporary ones; null for a client that gets none.
std::string_view contact_lines(base::Arena& arena, const BindingSet& set, std::uint64_t now_ms,
                               const TemporaryGruus* gruus, std::string_view behind);

}  // namespace opensips::location
