#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace opensips::base {

/// Why something did not work, where the caller has to tell the cases apart. One line per value.
enum class Error : std::uint8_t {
  malformed,    ///< the bytes are not what the grammar asks for
  too_large,    ///< a limit on a size or a count was passed
  missing,      ///< something that has to be there is not
  gone,         ///< the thing behind an Id, or a message, has ended
  unsupported,  ///< well-formed, but not a thing this server does
  refused,      ///< a queue is full, or a limit of ours says no
  unreachable,  ///< no way to send to that destination
};

template <class T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

std::string_view to_string(Error error);

}  // namespace opensips::base
