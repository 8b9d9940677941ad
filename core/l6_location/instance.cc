#include "l6_location/instance.hh"

#include <charconv>

#include "l1_parser/params.hh"
#include "l6_location/unescape.hh"

namespace opensips::location {
namespace {

/// RFC 3261 25.1: what may stand in a user or the value of a parameter as it is; `more` besides
/// letters, digits and marks.
void append_escaped(std::string& to, std::string_view text, std::string_view more) {
  constexpr std::string_view kMarks = "-_.!~*'()";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool is_word = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    if (is_word || kMarks.find(c) != std::string_view::npos ||
        more.find(c) != std::string_view::npos) {
      to += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      to += '%';
      to += kDigits[byte >> 4];
      to += kDigits[byte & 15];
    }
  }
}

/// A key of the location escapes '%' and control characters itself.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const Unescaped next = unescape_at(text, at);
    plain += next.c;
    at += next.size;
  }
  return plain;
}

}  // namespace

Instance instance_of(std::string_view params) {
  Instance instance;
  const auto id = parser::find_param(params, "+sip.instance");
  if (!id) return instance;
  constexpr std::string_view kBegin = "\"<", kEnd = ">\"";
  if (!id->value.starts_with(kBegin) || !id->value.ends_with(kEnd) || id->value.size() < 5) {
    return instance;
  }
  instance.id = id->value.substr(2, id->value.size() - 4);
  if (const auto number = parser::find_param(params, "reg-id")) {
    const auto end = number->value.data() + number->value.size();
    const auto read = std::from_chars(number->value.data(), end, instance.reg_id);
    if (read.ec != std::errc() || read.ptr != end) instance.reg_id = 0;
  }
  return instance;
}

std::string public_gruu(std::string_view aor, std::string_view instance, bool secure) {
  if (instance.empty()) return {};
  std::string uri = secure ? "\"sips:" : "\"sip:";
  const auto at = aor.rfind('@');
  if (at != std::string_view::npos) {
    append_escaped(uri, unescaped(aor.substr(0, at)), "&=+$,;?/");
    uri += '@';
  }
  uri += aor.substr(at == std::string_view::npos ? 0 : at + 1);
  uri += ";gr=";
  append_escaped(uri, instance, "[]/:&+$");
  return uri += '"';
}

std::string instance_of_gruu(std::string_view gr) {
  return unescaped(gr);
}

}  // namespace opensips::location
