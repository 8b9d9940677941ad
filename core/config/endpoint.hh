#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "config/settings.hh"
#include "config/syntax.hh"

namespace opensips::config {

/// A message for the operator ("what is wrong, expected what") and the value it is about.
struct Complaint {
  Position at;
  std::string message;
};

/// `udp:192.0.2.1:5060`, or another transport, with options `as sip.example.com:5060`. Addresses
/// are numeric, IPv6 in brackets, `*` is every IPv4 address, and the name of an interface is all
/// addresses that it has; without a port the transport's usual one counts. What has no effect is
/// added to `notices`.
std::expected<Socket, Complaint> parse_socket(const Value& value, const std::vector<Value>& options,
                                              std::vector<Complaint>& notices);

/// `udp:example.com:5060`, `example.com:5060`, `example.com`
std::expected<Alias, Complaint> parse_alias(const Value& value);

/// "192.0.2.1:5353, [2001:db8::1]": the port is 53 where there is none. Nothing if that is not what
/// it says.
std::optional<std::vector<base::Address>> parse_name_servers(std::string_view text);

}  // namespace opensips::config
