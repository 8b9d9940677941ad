#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "l1_parser/uri.hh"

namespace opensips::location {

/// The most that an AoR may have, as location keeps it.
inline constexpr std::size_t kMaxAor = 512;

/// The key of a SIP or SIPS URI in the location (RFC 3261 10.3, step 5): `user@host`, the user with
/// its escapes undone, the host in lower case, no password, port, parameters or headers; `host`
/// alone if there is no user. Escaped stay control characters, so that a key is one printable line
/// (RFC 4475 3.1.1.4), and '%', so that two users never have one key. Nothing for other schemes,
/// for a user with broken escapes, and for one that is longer than kMaxAor. An '@' in the user
/// stays: the last one is the separator.
std::optional<std::string> aor_of(const parser::Uri& uri);

/// The same into memory of the caller's, for a lookup that allocates nothing. Nothing if it does
/// not fit.
std::optional<std::string_view> aor_of(const parser::Uri& uri, std::span<char> to);

}  // namespace opensips::location
