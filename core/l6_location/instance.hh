#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::location {

/// What Contact parameters say of a device: `+sip.instance="<urn:uuid:…>"` and `reg-id=1`.
struct Instance {
  std::string_view id;       ///< the URN, without quotes and brackets; empty: none
  std::uint32_t reg_id = 0;  ///< of one of its flows (RFC 5626 4.2); 0: none

  bool is_flow() const { return !id.empty() && reg_id != 0; }
  friend bool operator==(const Instance&, const Instance&) = default;
};
Instance instance_of(std::string_view params);

/// The public GRUU of a device of an AoR, in quotes as a Contact parameter has it (RFC 5627 5.1);
/// empty for a device that is none. `secure`: a SIPS URI.
std::string public_gruu(std::string_view aor, std::string_view instance, bool secure);

/// The instance that a GRUU's parameter `gr` names, with its escapes undone.
std::string instance_of_gruu(std::string_view gr);

}  // namespace opensips::location
