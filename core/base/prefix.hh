#pragma once

#include <optional>
#include <string_view>

#include "base/address.hh"

namespace opensips::base {

/// A range of IP addresses (RFC 4632, RFC 4291 2.3): "192.0.2.0/24", "2001:db8::/32", or one
/// address alone.
class Prefix {
 public:
  /// Bits behind the length are taken as zero: "192.0.2.7/24" is "192.0.2.0/24".
  static std::optional<Prefix> parse(std::string_view text);

  bool contains(const Address& address) const;

 private:
  Prefix(const Address& network, unsigned bits) : network_(network), bits_(bits) {}

  Address network_;
  unsigned bits_;
};

}  // namespace opensips::base
