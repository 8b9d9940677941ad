#include "lp_routing/share.hh"

#include <charconv>

#include "lp_routing/generations.hh"

namespace opensips::routing {

std::optional<std::uint64_t> share_of(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(value > 0 && value <= 100)) return std::nullopt;
  return static_cast<std::uint64_t>(value / 100 * Generations::kAll);
}

}  // namespace opensips::routing
