#include "l1_parser/contact.hh"

#include <algorithm>
#include <limits>

#include "l1_parser/chars.hh"
#include "l1_parser/params.hh"

namespace opensips::parser {
namespace {

constexpr std::uint32_t kMalformedExpires = 3600;

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::optional<std::uint16_t> parse_q(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, dot);
  const auto fraction = text.substr(std::min(dot + 1, text.size()));
  if (whole != "0" && whole != "1" && !(whole.empty() && !fraction.empty())) return std::nullopt;
  unsigned q = whole == "1" ? 1000 : 0;
  unsigned weight = 100;
  for (const char c : fraction) {
    if (!chars::is_digit(c)) return std::nullopt;
    q += static_cast<unsigned>(c - '0') * weight;
    weight /= 10;
  }
  if (q > 1000) return std::nullopt;
  return static_cast<std::uint16_t>(q);
}

std::optional<std::uint32_t> parse_delta_seconds(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), chars::is_digit)) return std::nullopt;
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  return chars::number(text, kMax).value_or(kMax);
}

base::Result<Contact> Contact::parse(std::string_view text) {
  Contact contact;
  if (chars::trim(text) == "*") {
    contact.star = true;
    return contact;
  }
  const auto address = NameAddr::parse(text);
  if (!address) return base::Failure(address.error());
  contact.address = *address;
  ParamScanner params(address->params);
  while (const auto param = params.next()) {
    if (!contact.q && chars::equal_fold(param->name, "q")) {
      contact.q = parse_q(param->value);
      if (!contact.q) return base::Failure(base::Error::malformed);
    } else if (!contact.expires && chars::equal_fold(param->name, "expires")) {
      contact.expires =
          parse_delta_seconds(without_quotes(param->value)).value_or(kMalformedExpires);
    }
  }
  return contact;
}

std::optional<base::Result<Contact>> ContactList::next() {
  for (;;) {
    if (const auto value = values_.next()) return Contact::parse(*value);
    const auto header = headers_.next("Contact");
    if (!header) return std::nullopt;
    values_ = ValueList(header->value);
  }
}

}  // namespace opensips::parser
