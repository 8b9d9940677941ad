#include "l1_parser/name_addr.hh"

#include "l1_parser/chars.hh"
#include "l1_parser/fields.hh"
#include "l1_parser/params.hh"
#include "l1_parser/scan_bytes.hh"

namespace opensips::parser {
namespace {

bool take_params(NameAddr& addr) {
  ParamScanner scanner(addr.params);
  bool any = false;
  while (const auto param = scanner.next()) {
    any = true;
    if (!chars::equal_fold(param->name, "tag")) continue;
    // An empty tag, or two, would let two parties see two dialogs. Some peers make tags of more
    // than token characters.
    if (!addr.tag.empty() || param->value.empty() || param->value.front() == '"') return false;
    addr.tag = param->value;
  }
  return any && !scanner.failed();
}

// Up to the '<', or to where an addr-spec begins; nullptr if neither comes.
const char* read_display(NameAddr& addr, const char* at, const char* end) {
  const char* const begin = at;
  if (at != end && *at == '"') {
    at = chars::skip_quoted(at, end);
    if (!at) return nullptr;
    addr.display = chars::between(begin, at);
    at = chars::skip_blanks(at, end);
    return at != end && *at == '<' ? at : nullptr;
  }
  at = chars::skip(at, end, chars::display);
  if (at == end) return nullptr;
  if (*at == ':') return begin;
  if (*at != '<') return nullptr;
  addr.display = chars::trim(chars::between(begin, at));
  return at;
}

// `at` stands on the '<'; behind the '>', or nullptr if there is none.
const char* skip_brackets(const char* at, const char* end) {
  const auto* const close =
      static_cast<const char*>(std::memchr(at, '>', static_cast<std::size_t>(end - at)));
  return close ? close + 1 : nullptr;
}

}  // namespace

bool read_field(std::string_view text, NameAddr& addr) {
  addr.text = text;
  const char* const end = text.data() + text.size();
  const char* at = read_display(addr, chars::skip_blanks(text.data(), end), end);
  if (!at) return false;
  if (*at == '<') {
    const char* const begin = at + 1;
    at = static_cast<const char*>(std::memchr(begin, '>', static_cast<std::size_t>(end - begin)));
    if (!at) return false;
    addr.uri_text = chars::trim(chars::between(begin, at++));
  } else {
    // A URI with a comma, a semicolon or a question mark has to stand in brackets (RFC 3261 20.10).
    const char* const begin = at;
    while (at != end && chars::is(*at, chars::value) && *at != '?') ++at;
    addr.uri_text = chars::between(begin, at);
  }
  if (addr.uri_text.empty()) return false;
  at = chars::skip_blanks(at, end);
  if (at == end) return true;
  if (*at != ';') return false;
  addr.params = chars::between(at + 1, end);
  return take_params(addr);
}

base::Result<NameAddr> NameAddr::parse(std::string_view text) {
  return parse_field<NameAddr>(text);
}

std::optional<std::string_view> NameAddr::param(std::string_view name) const {
  const auto found = find_param(params, name);
  if (!found) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> ValueList::next() {
  const char* const end = rest_.data() + rest_.size();
  const char* const begin = chars::skip_blanks(rest_.data(), end);
  rest_ = chars::between(begin, end);
  if (rest_.empty()) return std::nullopt;

  const bool is_last = !std::memchr(begin, ',', rest_.size());  // as a rule, and soon seen
  const char* at = is_last ? end : find_list_mark(begin, end);
  while (at != end && *at != ',') {
    const char* const behind = *at == '"' ? chars::skip_quoted(at, end) : skip_brackets(at, end);
    at = behind ? find_list_mark(behind, end) : end;
  }
  rest_ = chars::between(at == end ? end : chars::skip_blanks(at + 1, end), end);
  return chars::trim(chars::between(begin, at));
}

}  // namespace opensips::parser
