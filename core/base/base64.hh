#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace opensips::base {

/// The two alphabets of RFC 4648: section 4, with padding, and section 5, for URLs, without.
enum class Base64 : std::uint8_t { standard, url };

std::string encode_base64(std::string_view bytes, Base64 alphabet);
/// Nothing for what the other never writes: letters of another alphabet, white space, a wrong
/// number of them, bits set behind the last byte. Padding may be left out, or be there, in both.
std::optional<std::string> decode_base64(std::string_view text, Base64 alphabet);

std::string encode_hex(std::string_view bytes);
/// Nothing for what is not pairs of hexadecimal digits, of either case.
std::optional<std::string> decode_hex(std::string_view text);

}  // namespace opensips::base
