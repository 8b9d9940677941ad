#include "base/utf8.hh"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace opensips::base {

namespace {

/// What may follow a first byte: how many bytes, and the range of the first of them (RFC 3629 4).
struct Rest {
  std::size_t count = 0;  // 0: no character begins so
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
};

Rest rest_of(unsigned char first) {
  if (first < 0xc2) return {};
  if (first < 0xe0) return {1};
  if (first == 0xe0) return {2, 0xa0};
  if (first == 0xed) return {2, 0x80, 0x9f};
  if (first < 0xf0) return {2};
  if (first == 0xf0) return {3, 0x90};
  if (first < 0xf4) return {3};
  if (first == 0xf4) return {3, 0x80, 0x8f};
  return {};
}

/// Bytes at the beginning that are ASCII, eight at a time: all of them, as a rule.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if (word & kHighBits) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto rest = rest_of(byte(0));
    if (rest.count == 0 || text.size() <= rest.count) return false;
    if (byte(1) < rest.low || byte(1) > rest.high) return false;
    for (std::size_t at = 2; at <= rest.count; ++at) {
      if ((byte(at) & 0xc0) != 0x80) return false;
    }
    text.remove_prefix(1 + rest.count);
  }
}

}  // namespace opensips::base
