#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "l1_parser/message.hh"
#include "manage/command.hh"

namespace opensips::routing {

/// Which calls an operator means. Anything that is empty fits every call.
struct CallFilter {
  std::string call_id;
  std::string caller;       ///< the user in From
  std::string method;       ///< of the request that begins it
  std::uint64_t share = 0;  ///< of the calls, of Generations::kAll; 0: of all

  bool fits(const parser::Message& request) const;

  /// The parameters that say so, all optional, for a command's own to follow.
  static std::vector<manage::CommandParameter> parameters();
  /// What was given for them; the first one is at `index`.
  static std::expected<CallFilter, manage::CommandError> read(const manage::CommandArguments& given,
                                                              std::size_t index);
};

}  // namespace opensips::routing
