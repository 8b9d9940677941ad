#pragma once

#include <algorithm>
#include <string_view>

namespace opensips::location {

/// Whether the text can be written into a line.
inline bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

/// Whether the text can be written between '<' and '>' of one header line.
inline bool is_plain_uri(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == '"';
  });
}

}  // namespace opensips::location
