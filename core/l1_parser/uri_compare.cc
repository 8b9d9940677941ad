#include <algorithm>

#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"
#include "l1_parser/uri.hh"

namespace opensips::parser {
namespace {

/// Reads bytes with %-escapes taken for what they stand for.
class Unescaped {
 public:
  explicit Unescaped(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}
  bool done() const { return at_ == end_; }
  unsigned char next() {
    if (*at_ == '%' && end_ - at_ >= 3 && chars::hex(at_[1]) >= 0 && chars::hex(at_[2]) >= 0) {
      const int byte = chars::hex(at_[1]) * 16 + chars::hex(at_[2]);
      at_ += 3;
      return static_cast<unsigned char>(byte);
    }
    return static_cast<unsigned char>(*at_++);
  }

 private:
  const char* at_;
  const char* end_;
};

bool same(std::string_view a, std::string_view b, bool fold) {
  Unescaped left(a), right(b);
  while (!left.done() && !right.done()) {
    const char x = static_cast<char>(left.next());
    const char y = static_cast<char>(right.next());
    if (x != y && !(fold && chars::lower(x) == chars::lower(y))) return false;
  }
  return left.done() && right.done();
}

// Most that have another name begin with another letter, and need not be taken apart.
bool may_begin_as(std::string_view param, std::string_view name) {
  if (param.empty() || name.empty()) return true;
  return param[0] == '%' || name[0] == '%' || chars::lower(param[0]) == chars::lower(name[0]);
}

// Of a URI that was parsed: no quoted strings, no white space.
std::optional<Param> find_escaped(std::string_view params, std::string_view name) {
  while (!params.empty()) {
    const auto whole = params.substr(0, params.find(';'));
    params.remove_prefix(std::min(whole.size() + 1, params.size()));
    if (!may_begin_as(whole, name)) continue;
    const auto name_size = std::min(whole.find('='), whole.size());
    if (!same(whole.substr(0, name_size), name, true)) continue;
    const bool has_value = name_size < whole.size();
    return Param{whole.substr(0, name_size), whole.substr(name_size + has_value), has_value};
  }
  return std::nullopt;
}

// These count even when only one of the two URIs has them.
bool counts_always(std::string_view name) {
  for (const std::string_view one : {"user", "ttl", "method", "maddr", "transport"}) {
    if (same(name, one, true)) return true;
  }
  return false;
}

// Comparing is of the order of the square of their number, and a sender chooses that.
bool has_too_many_parts(const Uri& uri) {
  constexpr std::ptrdiff_t kMax = 64;
  return std::count(uri.params.begin(), uri.params.end(), ';') >= kMax ||
         std::count(uri.headers.begin(), uri.headers.end(), '&') >= kMax;
}

// Every parameter of `a` has its like in `b`; with `all`, one that `b` lacks is a difference.
bool params_within(std::string_view a, std::string_view b, bool all) {
  ParamScanner scanner(a);
  while (const auto param = scanner.next()) {
    const auto other = find_escaped(b, param->name);
    if (!other) {
      if (all || counts_always(param->name)) return false;
    } else if (other->has_value != param->has_value || !same(other->value, param->value, true)) {
      return false;
    }
  }
  return true;
}

std::string_view take_header(std::string_view& rest) {
  const auto end = std::min(rest.find('&'), rest.size());
  const auto header = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return header;
}

bool same_uri_header(std::string_view a, std::string_view b) {
  const auto ends_a = std::min(a.find('='), a.size());
  const auto ends_b = std::min(b.find('='), b.size());
  return same(a.substr(0, ends_a), b.substr(0, ends_b), true) &&
         same(a.substr(ends_a), b.substr(ends_b), false);
}

// Every header of `a` is in `b`, in whatever order.
bool headers_within(std::string_view a, std::string_view b) {
  while (!a.empty()) {
    const auto wanted = take_header(a);
    bool found = false;
    for (auto rest = b; !found && !rest.empty();)
      found = same_uri_header(wanted, take_header(rest));
    if (!found) return false;
  }
  return true;
}

// RFC 3966 4: visual separators do not count, case folds.
bool same_number(std::string_view a, std::string_view b) {
  const auto next = [](std::string_view& rest) {
    while (!rest.empty() && std::string_view("-.()").find(rest.front()) != std::string_view::npos) {
      rest.remove_prefix(1);
    }
    if (rest.empty()) return '\0';
    const char c = chars::lower(rest.front());
    rest.remove_prefix(1);
    return c;
  };
  for (;;) {
    const char x = next(a);
    if (x != next(b)) return false;
    if (x == '\0') return true;
  }
}

}  // namespace

std::optional<std::string_view> Uri::param(std::string_view name) const {
  const auto found = find_escaped(params, name);
  if (!found) return std::nullopt;
  return found->value;
}

bool equivalent(const Uri& a, const Uri& b) {
  if (a.text == b.text) return true;
  if (has_too_many_parts(a) || has_too_many_parts(b)) return false;
  if (a.scheme != b.scheme || !chars::equal_fold(a.scheme_text, b.scheme_text)) return false;
  switch (a.scheme) {
    case Uri::Scheme::other: return a.host == b.host;
    case Uri::Scheme::tel:
      return same_number(a.user, b.user) && params_within(a.params, b.params, true) &&
             params_within(b.params, a.params, true);
    case Uri::Scheme::sip:
    case Uri::Scheme::sips: break;
  }
  return a.port == b.port && chars::equal_fold(a.host, b.host) && same(a.user, b.user, false) &&
         same(a.password, b.password, false) && params_within(a.params, b.params, false) &&
         params_within(b.params, a.params, false) && headers_within(a.headers, b.headers) &&
         headers_within(b.headers, a.headers);
}

}  // namespace opensips::parser
