#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/flow.hh"
#include "l0_transport/sockets.hh"
#include "l6_location/binding.hh"
#include "storage/value.hh"

/// A contact as a row of OpenSIPS's table `location`. Any thread.
namespace opensips::location {

/// One moment by two clocks: bindings know the monotonic one, rows the wall's.
struct Moment {
  std::uint64_t monotonic_ms;
  std::int64_t wall_ms;  ///< since 1970

  static Moment now();
};

/// The two parts of an AoR, as the columns username and domain have them.
struct AorParts {
  std::string_view username;  ///< empty: the AoR is a host
  std::string_view domain;
};
AorParts parts_of(std::string_view aor);

/// The columns, in the order of row_of(): "contact_id, username, …".
const std::string& contact_columns();

/// "udp:192.0.2.1:5060"
std::string socket_name(const transport::Socket& socket);
/// Where a REGISTER came from, as a URI; empty for a flow that is none.
std::string uri_of(const base::Flow& flow);

/// Expires is rounded up to a whole second.
storage::Row row_of(std::string_view aor, const Binding& binding, const Moment& moment,
                    const transport::Sockets& sockets);

struct RegisteredContact {
  std::string aor;
  BindingRef binding;
};
/// The contact of a row with those columns, which may have expired; nothing if it is none. Its flow
/// names no connection, and a socket of now.
std::optional<RegisteredContact> contact_from(const storage::Row& row, const Moment& moment,
                                              const transport::Sockets& sockets);

/// A client's text that is not UTF-8 gets '?' for each byte that is none: databases refuse it.
std::string as_utf8(std::string_view text);

}  // namespace opensips::location
