#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace opensips::routing {

/// "5%", "0.5" and so on up to 100, as a share of Generations::kAll.
std::optional<std::uint64_t> share_of(std::string_view text);

}  // namespace opensips::routing
