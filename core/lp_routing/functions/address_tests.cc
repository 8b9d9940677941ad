#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/address.hh"
#include "base/prefix.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/functions/groups.hh"

namespace opensips::routing {

namespace {

/// One range of addresses, or a list of them.
struct Prefixes {
  std::vector<base::Prefix> all;

  bool add(const Value& value, std::string& why) {
    std::string_view room;
    const auto* const text = value.text(room);
    if (!text) return false;
    const auto prefix = base::Prefix::parse(*text);
    if (!prefix) {
      why = fmt::format("\"{:.80}\" is no range of addresses, expected one like \"192.0.2.0/24\"",
                        *text);
      return false;
    }
    all.push_back(*prefix);
    return true;
  }
};

}  // namespace

template <>
struct Argument<Prefixes> {
  static constexpr std::string_view type = "string|string[]";
  static bool from(const Value& value, Prefixes& to, std::string& why) {
    const auto* const list = value.get<Value::List>();
    if (!list) return to.add(value, why);
    for (const Value& one : *list) {
      if (!to.add(one, why)) return false;
    }
    return true;
  }
};

namespace {

bool is_in(std::string_view ip, const std::vector<base::Prefix>& prefixes) {
  const auto address = base::Address::parse(ip, 0);
  if (!address) return false;
  for (const auto& prefix : prefixes) {
    if (prefix.contains(*address)) return true;
  }
  return false;
}

Value is_ip(Call&, std::string_view text) {
  return base::Address::parse(text, 0).has_value();
}

Value ip_in(Call&, std::string_view ip, Prefixes prefixes) {
  return is_in(ip, prefixes.all);
}

/// RFC 1918, RFC 6598 (carriers' NAT), RFC 3927, RFC 4193, RFC 4291 2.5.6, and this machine.
Value is_private(Call&, std::string_view ip) {
  static const std::vector<base::Prefix> kPrivate = [] {
    std::vector<base::Prefix> all;
    for (const auto* const text :
         {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
          "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1"}) {
      all.push_back(*base::Prefix::parse(text));
    }
    return all;
  }();
  return is_in(ip, kPrivate);
}

constexpr ObjectKind kSip = ObjectKind::sip;

constexpr Function kRows[] = {
    function<is_ip>(kSip, "is_ip", "text", "boolean", kAnywhere,
                    "Whether it is an IP address, IPv6 with or without brackets."),
    function<ip_in>(kSip, "ip_in", "ip, ranges", "boolean", kAnywhere,
                    "Whether an address is in a range, or in one of a list of them: "
                    "\"192.0.2.0/24\", \"2001:db8::/32\", one address alone. What is no address is "
                    "in none."),
    function<is_private>(kSip, "is_private", "ip", "boolean", kAnywhere,
                         "Whether an address is good in a local network only: those of RFC 1918, "
                         "6598, 3927 and 4193, link-local ones and loopback."),
};

}  // namespace

std::span<const Function> address_tests() {
  return kRows;
}

}  // namespace opensips::routing
