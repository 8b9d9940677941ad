#include "l6_location/register_request.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include "l1_parser/name_addr.hh"
#include "l1_parser/params.hh"
#include "l6_location/binding.hh"
#include "l6_location/methods.hh"
#include "l6_location/one_line.hh"
#include "l6_location/option_tags.hh"
#include "l6_location/unescape.hh"

namespace opensips::location {
namespace {

using Refusal = RegisterRequest::Refusal;
using parser::HeaderName;

/// A malformed expires counts as this (RFC 3261 10.2.1.1).
constexpr std::uint32_t kMalformedExpires = 3600;
/// A shorter interval may be refused, never a longer one (RFC 3261 10.3, step 7).
constexpr std::uint32_t kRefusableExpires = 3600;
/// Longer texts in a Contact or a Call-ID are nobody's.
constexpr std::size_t kMaxField = 4096;
/// Extensions that a client may require of a registrar (RFC 3327, 5626, 5627).
constexpr std::string_view kExtensions[] = {"path", "outbound", "gruu"};

// Out of the way of what is done for every REGISTER.
[[gnu::cold]] Refusal bad(std::string_view reason) {
  return {400, reason, {}};
}

[[gnu::cold]] Refusal too_brief(std::uint32_t least) {
  return {423, "Interval Too Brief", "Min-Expires: " + std::to_string(least) + "\r\n"};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// What it gets from us, and may say again (RFC 5627 4.2).
bool is_of_registrar(std::string_view param) {
  return same_word(param, "pub-gruu") || same_word(param, "temp-gruu");
}

/// Seconds; more than 32 bits can hold is the most they can.
std::uint32_t seconds_of(std::string_view text) {
  if (text.empty()) return kMalformedExpires;
  std::uint64_t seconds = 0;
  for (const char c : text) {
    if (!is_digit(c)) return kMalformedExpires;
    seconds = std::min<std::uint64_t>(10 * seconds + static_cast<unsigned>(c - '0'), UINT32_MAX);
  }
  return static_cast<std::uint32_t>(seconds);
}

/// Thousandths: 0 to 1 with any number of decimals, of which three count.
std::optional<std::uint16_t> q_of(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, dot);
  const std::string_view decimals = dot == text.size() ? "" : text.substr(dot + 1);
  if (whole.empty() && decimals.empty()) return std::nullopt;
  if (!whole.empty() && whole != "0" && whole != "1") return std::nullopt;
  if (!std::ranges::all_of(decimals, is_digit)) return std::nullopt;
  unsigned q = whole == "1" ? 1 : 0;
  for (std::size_t i = 0; i < 3; ++i) {
    q = q * 10 + (i < decimals.size() ? static_cast<unsigned>(decimals[i] - '0') : 0);
  }
  if (q > kHighestQ) return std::nullopt;
  return static_cast<std::uint16_t>(q);
}

class ContactReader {
 public:
  ContactReader(const parser::Message& request, const ExpiresLimits& limits,
                std::optional<std::string_view> expires_header)
      : first_(request.contact()), limits_(limits), expires_header_(expires_header) {}

  /// Why it cannot be read.
  std::optional<Refusal> read(std::string_view value, RegisterRequest::Contact& contact) const {
    if (value.size() > kMaxField) return bad("Bad Contact");
    if (first_ && first_->address.text.data() == value.data()) {
      contact.uri = first_->uri;
      return read_rest(first_->address, contact);
    }
    const auto name_addr = parser::NameAddr::parse(value);
    if (!name_addr) return bad("Bad Contact");
    const auto uri = name_addr->uri();
    if (!uri) return bad("Bad Contact URI");
    contact.uri = *uri;
    return read_rest(*name_addr, contact);
  }

 private:
  /// What follows from the URI, and what stands behind it.
  std::optional<Refusal> read_rest(const parser::NameAddr& name_addr,
                                   RegisterRequest::Contact& contact) const {
    contact.key = contact_key(contact.uri);
    auto asked = expires_header_;
    parser::ParamScanner params(name_addr.params);
    while (const auto param = params.next()) {
      if (same_word(param->name, "q")) {
        contact.q = q_of(param->value);
        if (!contact.q) return bad("Bad q in Contact");
      } else if (same_word(param->name, "expires")) {
        asked = param->value;
      } else if (!is_of_registrar(param->name)) {
        if (same_word(param->name, "methods")) contact.methods = method_bits(param->value);
        append(contact.params, *param);
      }
    }
    if (params.failed() || !is_one_line(contact.params)) {
      return bad("Bad parameter in Contact");
    }
    const auto granted = grant(asked);
    if (!granted) return too_brief(limits_.min_expires);
    contact.expires = *granted;
    return std::nullopt;
  }

  static void append(std::string& params, const parser::Param& param) {
    if (!params.empty()) params += ';';
    params += param.name;
    if (param.has_value) params.append("=").append(param.value);
  }

  /// The seconds that the contact gets; nothing if it asks for too few.
  std::optional<std::uint32_t> grant(std::optional<std::string_view> asked) const {
    const std::uint32_t most = limits_.max_expires != 0 ? limits_.max_expires : UINT32_MAX;
    if (!asked) return std::min(std::max(limits_.default_expires, limits_.min_expires), most);
    const std::uint32_t seconds = seconds_of(*asked);
    if (seconds != 0 && seconds < kRefusableExpires && seconds < limits_.min_expires) {
      return std::nullopt;
    }
    return std::min(seconds, most);
  }

  const parser::NamedUri* const first_;  // has been read before
  const ExpiresLimits& limits_;
  std::optional<std::string_view> expires_header_;
};

/// Calls `take(value)` for all values of the Contact headers, until one gives a refusal.
template <class Take>
std::optional<Refusal> for_each_contact(const parser::Message& request, Take&& take) {
  const auto headers = request.headers();
  for (auto at = request.find(HeaderName::contact); at < headers.size();
       at = request.find(HeaderName::contact, at + 1)) {
    parser::ValueList list(request.value(headers[at]));
    auto value = list.next();
    if (!value) value.emplace();  // a Contact without a value does not parse
    for (; value; value = list.next()) {
      if (auto refusal = take(*value)) return refusal;
    }
  }
  return std::nullopt;
}

/// RFC 3261 8.2.2.3: what the client requires, and we do not have.
std::optional<Refusal> unsupported(const parser::Message& request) {
  std::string lines;
  for_each_option(request, HeaderName::require, [&](std::string_view tag) {
    const bool known = std::ranges::any_of(
        kExtensions, [tag](std::string_view one) { return same_tag(one, tag); });
    if (!known && tag.size() <= kMaxField && is_one_line(tag)) {
      lines.append("Unsupported: ").append(tag).append("\r\n");
    }
  });
  if (lines.empty()) return std::nullopt;
  return Refusal{420, "Bad Extension", std::move(lines)};
}

void read_options(const parser::Message& request, RegisterRequest& to) {
  const auto note = [&](std::string_view tag) {
    to.supports_path = to.supports_path || same_tag(tag, "path");
    to.supports_outbound = to.supports_outbound || same_tag(tag, "outbound");
    to.supports_gruu = to.supports_gruu || same_tag(tag, "gruu");
  };
  for_each_option(request, HeaderName::supported, note);
  for_each_option(request, HeaderName::require, [&](std::string_view tag) {
    note(tag);
    to.requires_gruu = to.requires_gruu || same_tag(tag, "gruu");
    to.requires_outbound = to.requires_outbound || same_tag(tag, "outbound");
  });
}

bool came_by_others(const parser::Message& request) {
  const auto first = request.find(HeaderName::via);
  return request.find(HeaderName::via, first + 1) < request.headers().size();
}

/// RFC 3327: the values in their order. False if one is no URI to send to.
bool read_path(const parser::Message& request, RegisterRequest& to) {
  std::optional<parser::Uri> last;
  const auto headers = request.headers();
  for (auto at = request.find(HeaderName::path); at < headers.size();
       at = request.find(HeaderName::path, at + 1)) {
    parser::ValueList values(request.value(headers[at]));
    while (const auto value = values.next()) {
      const auto hop = parser::NameAddr::parse(*value);
      const auto uri = hop ? hop->uri() : base::Failure(base::Error::malformed);
      if (!uri || !uri->is_sip() || !is_one_line(*value)) return false;
      if (!to.path.empty()) to.path += ", ";
      to.path += *value;
      if (to.path.size() > kMaxField) return false;
      last = *uri;
    }
  }
  // Each proxy puts its own before what is there: the last one is of who the client is connected
  // to.
  if (to.supports_outbound) {
    to.first_hop_keeps_flows = last ? last->param("ob").has_value() : !came_by_others(request);
  }
  return true;
}

/// Why it cannot be read.
std::optional<Refusal> read(const parser::Message& request, const ExpiresLimits& limits,
                            std::size_t most, RegisterRequest& to) {
  if (request.call_id().size() > kMaxField) return bad("Call-ID Too Long");
  if (auto refusal = unsupported(request)) return refusal;
  std::optional<std::string_view> expires_header;
  if (const std::size_t at = request.find(HeaderName::expires); at < request.headers().size()) {
    expires_header = request.value(request.headers()[at]);
  }

  read_options(request, to);
  if (!read_path(request, to)) return bad("Bad Path");
  const ContactReader reader(request, limits, expires_header);
  to.contacts.reserve(1);
  std::size_t count = 0;
  const auto take = [&](std::string_view value) -> std::optional<Refusal> {
    if (count++ == most) return Refusal{403, "Too Many Contacts", {}};
    if (value == "*") {
      to.wildcard = true;
      return std::nullopt;
    }
    return reader.read(value, to.contacts.emplace_back());
  };
  if (auto refusal = for_each_contact(request, take)) return refusal;
  if (!to.wildcard) return std::nullopt;
  if (count > 1) return bad("Contact * Stands Alone");
  if (!expires_header || seconds_of(*expires_header) != 0) return bad("Contact * Needs Expires 0");
  return std::nullopt;
}

}  // namespace

std::expected<RegisterRequest, Refusal> RegisterRequest::parse(const parser::Message& request,
                                                               const ExpiresLimits& limits,
                                                               std::size_t most) {
  std::expected<RegisterRequest, Refusal> result;
  if (auto refusal = read(request, limits, most, *result)) {
    result = std::unexpected(std::move(*refusal));
  }
  return result;
}

}  // namespace opensips::location
