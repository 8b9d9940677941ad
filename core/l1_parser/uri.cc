#include "l1_parser/uri.hh"

#include "l1_parser/chars.hh"
#include "l1_parser/fields.hh"
#include "l1_parser/host.hh"
#include "l1_parser/params.hh"

namespace opensips::parser {
namespace {

bool at_escape(const char* at, const char* end) {
  return end - at >= 3 && *at == '%' && chars::hex(at[1]) >= 0 && chars::hex(at[2]) >= 0;
}

// A run of bytes of that class and of escapes.
const char* skip_escaped(const char* at, const char* end, chars::Class which) {
  for (;;) {
    at = chars::skip(at, end, which);
    if (!at_escape(at, end)) return at;
    at += 3;
  }
}

// user [":" password], the whole of it.
bool read_userinfo(Uri& uri, const char* at, const char* end) {
  const char* const user_end = skip_escaped(at, end, chars::user);
  uri.user = chars::between(at, user_end);
  if (user_end == at) return false;
  if (user_end == end) return true;
  if (*user_end != ':') return false;
  uri.password = chars::between(user_end + 1, end);
  return skip_escaped(user_end + 1, end, chars::user) == end;
}

// *( ";" name [ "=" value ] )
const char* skip_params(const char* at, const char* end) {
  while (at != end && *at == ';') {
    const char* const name = at + 1;
    at = skip_escaped(name, end, chars::param);
    if (at == name) return nullptr;
    if (at != end && *at == '=') {
      do {
        at = skip_escaped(at + 1, end, chars::param);
      } while (at != end && *at == '=');
    }
  }
  return at;
}

// [ ";" params ] [ "?" headers ], to the end.
bool read_tail(Uri& uri, const char* at, const char* end) {
  if (at == end) return true;
  const char* const params = at;
  at = skip_params(at, end);
  if (!at) return false;
  if (at != params) uri.params = chars::between(params + 1, at);
  if (at == end) return true;
  if (*at != '?' || at + 1 == end) return false;
  uri.headers = chars::between(at + 1, end);
  // '@', ';' and '?' belong here escaped, but Refer-To of many phones has them as they are.
  for (at = at + 1; at != end; ++at) {
    if (*at == '%') {
      if (!at_escape(at, end)) return false;
    } else if (!chars::is(*at, chars::value) && *at != ';' && *at != ',') {
      return false;
    }
  }
  return true;
}

bool read_sip(Uri& uri, const char* at, const char* end) {
  if (at == end) return false;
  // The first '@' ends the user, which may hold ';' and '?'; a second one can only stand in the
  // headers.
  if (const void* found = std::memchr(at, '@', static_cast<std::size_t>(end - at))) {
    const char* const separator = static_cast<const char*>(found);
    if (!read_userinfo(uri, at, separator)) return false;
    at = separator + 1;
  }
  const char* const host_end = skip_host(at, end);
  if (!host_end) return false;
  uri.host = chars::between(at, host_end);
  at = host_end;
  if (at != end && *at == ':') {
    at = read_port(at + 1, end, uri.port);
    if (!at) return false;
  }
  return read_tail(uri, at, end);
}

constexpr bool is_phone(char c) {
  return chars::hex(c) >= 0 || c == '-' || c == '.' || c == '(' || c == ')' || c == '*' || c == '#';
}

bool read_tel(Uri& uri, const char* at, const char* end) {
  const char* const begin = at;
  if (at != end && *at == '+') ++at;
  const char* const digits = at;
  while (at != end && is_phone(*at)) ++at;
  if (at == digits) return false;
  uri.user = chars::between(begin, at);
  return read_tail(uri, at, end);
}

bool read_other(Uri& uri, const char* at, const char* end) {
  uri.host = chars::between(at, end);
  return at != end && chars::all(uri.host, chars::visible) &&
         uri.host.find_first_of("<>\"") == std::string_view::npos;
}

// Behind the colon, or nullptr.
const char* read_scheme(Uri& uri, const char* begin, const char* end) {
  if (chars::between(begin, end).starts_with("sip:")) {  // as a rule
    uri.scheme_text = {begin, 3};
    uri.scheme = Uri::Scheme::sip;
    return begin + 4;
  }
  if (begin == end || !chars::is_alpha(*begin)) return nullptr;
  const char* at = begin;
  while (at != end &&
         (chars::is_alpha(*at) || chars::is_digit(*at) || *at == '+' || *at == '-' || *at == '.')) {
    ++at;
  }
  if (at == end || *at != ':') return nullptr;
  uri.scheme_text = chars::between(begin, at);
  if (chars::equal_fold(uri.scheme_text, "sip")) {
    uri.scheme = Uri::Scheme::sip;
  } else if (chars::equal_fold(uri.scheme_text, "sips")) {
    uri.scheme = Uri::Scheme::sips;
  } else if (chars::equal_fold(uri.scheme_text, "tel")) {
    uri.scheme = Uri::Scheme::tel;
  }
  return at + 1;
}

}  // namespace

bool read_field(std::string_view text, Uri& uri) {
  uri.text = text;
  const char* const end = text.data() + text.size();
  const char* const at = read_scheme(uri, text.data(), end);
  if (!at) return false;
  switch (uri.scheme) {
    case Uri::Scheme::sip:
    case Uri::Scheme::sips: return read_sip(uri, at, end);
    case Uri::Scheme::tel: return read_tel(uri, at, end);
    case Uri::Scheme::other: break;
  }
  return read_other(uri, at, end);
}

base::Result<Uri> Uri::parse(std::string_view text) {
  return parse_field<Uri>(text);
}

}  // namespace opensips::parser
