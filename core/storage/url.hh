#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace opensips::storage {

/// Where a database is, as OpenSIPS writes it: `sqlite:///var/lib/opensips/opensips.db`,
/// `mysql://user:password@host:port/database`.
struct Url {
  std::string scheme;
  std::string user;
  std::string password;
  std::string host;  ///< IPv6 without brackets; empty for a file
  std::uint16_t port = 0;
  std::string path;  ///< with the '/' that it begins with

  /// The error says what was expected. %XX in user and password stands for a byte.
  static std::expected<Url, std::string> parse(std::string_view text);

  /// The text for logs: without the password.
  std::string shown() const;
  /// The path without its first '/'.
  std::string_view database() const;
};

}  // namespace opensips::storage
