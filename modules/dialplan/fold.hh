#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace opensips::dialplan {

/// ASCII letters as small ones, as PCRE2 compares bytes without regard to case.
constexpr char fold(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string folded(std::string_view text) {
  std::string out(text.size(), '\0');
  std::ranges::transform(text, out.begin(), fold);
  return out;
}

}  // namespace opensips::dialplan
