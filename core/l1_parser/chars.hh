#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace opensips::parser::chars {

/// Classes of bytes, one bit each, looked up in one table (RFC 3261 25.1; what is wider than the
/// RFC says so).
enum Class : std::uint8_t {
  token = 1,     ///< token
  user = 2,      ///< user and password without ':' and '%'; also "#[]{}|^`" and UTF-8, which dial
                 ///< strings hold
  label = 4,     ///< between the dots of hostname and IPv4address; also '_'
  param = 8,     ///< name of a parameter, and a URI parameter without '%'
  value = 16,    ///< unquoted value of a header's parameter: all that is visible but ; , " < >
  display = 32,  ///< unquoted display name: all that is visible, blanks, UTF-8, but " < > , ; :
  visible = 64,  ///< 0x21 to 0x7e
  quoted = 128,  ///< what stands in a quoted string as it is: qdtext
};

namespace detail {

constexpr bool holds(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

constexpr std::uint8_t classes_of(unsigned byte) {
  const char c = static_cast<char>(byte);
  const bool digit = byte >= '0' && byte <= '9';
  const bool alpha = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80;
  const bool seen = byte > 0x20 && byte < 0x7f;
  const bool utf8 = byte >= 0x80;
  unsigned is = 0;
  if (digit || alpha || (seen && holds("-.!%*_+`'~", c))) is |= token;
  if (utf8 || (seen && !holds("<>\"@\\:%", c))) is |= user;
  if (digit || alpha || (seen && holds("-_", c))) is |= label;
  if (seen && !holds(";,=?\"<>@\\%", c)) is |= param;
  if (utf8 || (seen && !holds(";,\"<>", c))) is |= value;
  if (utf8 || c == ' ' || c == '\t' || (seen && !holds("\"<>,;:", c))) is |= display;
  if (seen) is |= visible;
  if (utf8 || c == ' ' || c == '\t' || (seen && !holds("\"\\", c))) is |= quoted;
  return static_cast<std::uint8_t>(is);
}

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = classes_of(i);
  return table;
}

constexpr std::array<char, 256> make_lower() {
  std::array<char, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i | 0x20 : i);
  }
  return table;
}

}  // namespace detail

inline constexpr auto kClasses = detail::make_classes();
inline constexpr auto kLower = detail::make_lower();

constexpr bool is(char c, Class which) {
  return kClasses[static_cast<unsigned char>(c)] & which;
}
constexpr char lower(char c) {
  return kLower[static_cast<unsigned char>(c)];
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// 0 to 15, or -1 for what is no hexadecimal digit.
constexpr int hex(char c) {
  if (is_digit(c)) return c - '0';
  const char folded = lower(c);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// Where the run of bytes of that class ends.
inline const char* skip(const char* at, const char* end, Class which) {
  while (end - at >= 4) {
    if (!is(at[0], which)) return at;
    if (!is(at[1], which)) return at + 1;
    if (!is(at[2], which)) return at + 2;
    if (!is(at[3], which)) return at + 3;
    at += 4;
  }
  while (at != end && is(*at, which)) ++at;
  return at;
}

inline const char* skip_blanks(const char* at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
  return at;
}

inline bool all(std::string_view text, Class which) {
  const char* const end = text.data() + text.size();
  return skip(text.data(), end, which) == end;
}

inline bool is_token(std::string_view text) {
  return !text.empty() && all(text, token);
}

inline bool equal_fold(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // as a rule, and soon seen
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// `at` stands on the opening quote; behind the closing one, or nullptr if there is none or a byte
/// that neither qdtext nor quoted-pair allows.
inline const char* skip_quoted(const char* at, const char* end) {
  for (++at;; ++at) {
    at = skip(at, end, quoted);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    if (*at != '\\' || ++at == end || *at == '\r' || *at == '\n') return nullptr;
  }
}

/// Reads the digits at `at` as a decimal number of at most `max`; leading zeros are none of its
/// size. The place behind them, or nullptr if there are none or the number is too large.
inline const char* read_number(const char* at, const char* end, std::uint32_t max,
                               std::uint32_t& number) {
  const char* const begin = at;
  std::uint64_t n = 0;
  for (; at != end; ++at) {
    const auto digit = static_cast<unsigned>(*at) - '0';
    if (digit > 9) break;
    n = n * 10 + digit;
    if (n > max) return nullptr;
  }
  number = static_cast<std::uint32_t>(n);
  return at == begin ? nullptr : at;
}

/// The same of the whole of `text`.
inline std::optional<std::uint32_t> number(std::string_view text, std::uint32_t max) {
  const char* const end = text.data() + text.size();
  std::uint32_t number = 0;
  const char* const behind = read_number(text.data(), end, max, number);
  if (!behind || behind != end) return std::nullopt;
  return number;
}

inline std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace opensips::parser::chars
