#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/url.hh"

namespace opensips::cachedb_redis {

using Server = storage::Url::Server;
inline constexpr std::uint16_t kPort = 6379;

/// Which of the 16384 parts of a Cluster a key is in: CRC16 of it, or of what stands between the
/// first braces in it.
std::uint16_t slot_of(std::string_view key);

/// Another server of the Cluster has what a command is about.
struct Redirection {
  std::uint16_t slot = 0;
  Server to;
  bool once = false;  ///< ASK: for this command alone, the slot is on its way there
};
/// Of an error "MOVED 3999 192.0.2.1:6381", or ASK, from `from`, which stands for a host that is
/// not said. Nothing: it is another error.
std::optional<Redirection> redirection_of(std::string_view error, const Server& from);

}  // namespace opensips::cachedb_redis
