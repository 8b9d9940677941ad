#include <string>

#include "base/base64.hh"
#include "l1_parser/chars.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"

namespace opensips::routing {
namespace {

using base::Base64;

Value decoded(std::optional<std::string> bytes, std::string_view what) {
  if (bytes) return std::move(*bytes);
  return Problem{"not " + std::string(what)};
}

Value to_base64(Call&, Bytes bytes) {
  return base::encode_base64(bytes.text, Base64::standard);
}
Value to_base64url(Call&, Bytes bytes) {
  return base::encode_base64(bytes.text, Base64::url);
}
Value to_hex(Call&, Bytes bytes) {
  return base::encode_hex(bytes.text);
}

/// RFC 3986 2.3, which are also RFC 3261's without the marks that a URI's parts may give a meaning
/// to.
bool is_unreserved(char c) {
  using namespace parser::chars;
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

Value to_uri(Call&, Bytes bytes) {
  std::string text;
  text.reserve(bytes.text.size());
  for (const char& c : bytes.text) {
    if (is_unreserved(c)) {
      text += c;
    } else {
      text += '%';
      for (const char digit : base::encode_hex({&c, 1})) {
        text += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
      }
    }
  }
  return text;
}

Value from_base64(Call&, Bytes text) {
  return decoded(base::decode_base64(text.text, Base64::standard), "base64");
}
Value from_base64url(Call&, Bytes text) {
  return decoded(base::decode_base64(text.text, Base64::url), "base64url");
}
Value from_hex(Call&, Bytes text) {
  return decoded(base::decode_hex(text.text), "hexadecimal");
}

Value from_uri(Call&, Bytes text) {
  std::string bytes;
  bytes.reserve(text.text.size());
  for (std::size_t i = 0; i < text.text.size(); ++i) {
    if (text.text[i] != '%') {
      bytes += text.text[i];
      continue;
    }
    const auto byte = base::decode_hex(text.text.substr(i + 1, 2));
    if (!byte || byte->empty()) return Problem{"a '%' without two hexadecimal digits"};
    bytes += *byte;
    i += 2;
  }
  return bytes;
}

constexpr ObjectKind kEncode = ObjectKind::encode;
constexpr ObjectKind kDecode = ObjectKind::decode;

constexpr Function kRows[] = {
    function<to_base64>(kEncode, "base64", "bytes", "string", kAnywhere, "Base64 (RFC 4648 4)."),
    function<to_base64url>(kEncode, "base64url", "bytes", "string", kAnywhere,
                           "Base64 for URLs, without padding (RFC 4648 5)."),
    function<to_hex>(kEncode, "hex", "bytes", "string", kAnywhere,
                     "Two hexadecimal digits for each byte."),
    function<to_uri>(kEncode, "uri", "bytes", "string", kAnywhere,
                     "For a part of a URI, of whatever kind: all but letters, digits and -._~ "
                     "escaped with '%'."),
    function<from_base64>(kDecode, "base64", "text", "string, err", kAnywhere,
                          "The bytes that are written so in base64."),
    function<from_base64url>(kDecode, "base64url", "text", "string, err", kAnywhere,
                             "The bytes that are written so in base64 for URLs."),
    function<from_hex>(kDecode, "hex", "text", "string, err", kAnywhere,
                       "The bytes that are written so in hexadecimal digits."),
    function<from_uri>(kDecode, "uri", "text", "string, err", kAnywhere,
                       "A part of a URI without its escapes. What comes out may hold any byte."),
};

}  // namespace

std::span<const Function> code_functions() {
  return kRows;
}

}  // namespace opensips::routing
