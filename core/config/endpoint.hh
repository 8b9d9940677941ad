#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hh"
#include "config/syntax.hh"

namespace opensips::config {

/// A message for the operator ("what is wrong, expected what") and the value it is about.
struct Complaint {
  Position at;
  std::string message;
};

/// `udp:192.0.2.1:5060` or `tcp:…`, with options `as sip.example.com:5060`. Addresses are numeric,
/// IPv6 in brackets, `*` is every IPv4 address; the port is its transport's
/// when it is not given.
std::expected<Socket, Complaint> parse_socket(const Value& value,
                                              const std::vector<Value>& options);

/// `udp:example.com:5060`, `example.com:5060`, `example.com`
std::expected<Alias, Complaint> parse_alias(const Value& value);

}  // namespace opensips::config
