#include "l6_location/aor.hh"

#include "l1_parser/chars.hh"
#include "l6_location/unescape.hh"

namespace opensips::location {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

constexpr bool is_unprintable(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::optional<std::string_view> aor_of(const parser::Uri& uri, std::span<char> to) {
  if (!uri.is_sip() || uri.host.empty()) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t at = 0; at < uri.user.size();) {
    const char plain = uri.user[at];
    if (plain != '%' && !is_unprintable(plain) && size < to.size()) {
      to[size++] = plain;
      ++at;
      continue;
    }
    const Unescaped next = unescape_at(uri.user, at);
    const bool unprintable = is_unprintable(next.c);
    if (next.malformed || (unprintable && next.size == 1)) return std::nullopt;
    if (unprintable || next.c == '%') {
      if (to.size() - size < 3) return std::nullopt;
      to[size++] = '%';
      to[size++] = kHex[static_cast<unsigned char>(next.c) >> 4];
      to[size++] = kHex[static_cast<unsigned char>(next.c) & 15];
    } else {
      if (size == to.size()) return std::nullopt;
      to[size++] = next.c;
    }
    at += next.size;
  }
  const std::size_t separator = uri.user.empty() ? 0 : 1;
  if (size + separator + uri.host.size() > to.size()) return std::nullopt;
  if (separator != 0) to[size++] = '@';
  for (char c : uri.host) to[size++] = parser::chars::lower(c);
  return std::string_view(to.data(), size);
}

std::optional<std::string> aor_of(const parser::Uri& uri) {
  char text[kMaxAor];
  const auto aor = aor_of(uri, text);
  if (!aor) return std::nullopt;
  return std::string(*aor);
}

}  // namespace opensips::location
