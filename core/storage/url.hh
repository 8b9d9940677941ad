#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace opensips::storage {

/// Where a database is, as OpenSIPS writes it: `sqlite:///var/lib/opensips/opensips.db`,
/// `mysql://user:password@host:port/database`, `redis://host:port,host:port/0`.
struct Url {
  std::string scheme;
  std::string user;
  std::string password;
  std::string host;  ///< IPv6 without brackets; empty for a file
  std::uint16_t port = 0;
  /// One of several servers.
  struct Server {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const Server&, const Server&) = default;
  };
  std::vector<Server> more;  ///< behind the first, divided by commas: only Redis has them
  std::string path;          ///< with the '/' that it begins with; empty: only Redis needs none

  /// The error says what was expected. %XX in user and password stands for a byte.
  static std::expected<Url, std::string> parse(std::string_view text);

  /// The text for logs: without the password.
  std::string shown() const;
  /// The path without its first '/'.
  std::string_view database() const;
};

}  // namespace opensips::storage
