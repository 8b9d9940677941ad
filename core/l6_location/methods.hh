#pragma once

#include <cstdint>
#include <string_view>

namespace opensips::location {

/// The bit of a method in OpenSIPS's column `methods`; of those without one of their own, that of
/// all others.
std::uint32_t method_bit(std::string_view method);

/// The bits of a list as Contact's parameter `methods` has it, in quotes: "INVITE, BYE" (RFC 3840
/// 10.1). Empty: all.
std::uint32_t method_bits(std::string_view list);

}  // namespace opensips::location
