#pragma once

#include <cstddef>
#include <string_view>

namespace opensips::location {

/// ASCII only, whatever the locale.
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// A character of a URI with its %HH undone, and how many bytes it took.
struct Unescaped {
  char c = 0;
  std::size_t size = 1;
  bool malformed = false;  ///< a '%' without two hex digits; stands for itself
};

/// The character at `at`, which is less than text.size().
constexpr Unescaped unescape_at(std::string_view text, std::size_t at) {
  if (text[at] != '%') return {text[at], 1, false};
  if (text.size() < at + 3) return {'%', 1, true};
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return {'%', 1, true};
  return {static_cast<char>(high << 4 | low), 3, false};
}

}  // namespace opensips::location
