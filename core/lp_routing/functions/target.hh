#pragma once

#include <string>

#include "base/block_vector.hh"
#include "lp_routing/functions/argument.hh"
#include "lp_routing/proxy.hh"

namespace opensips::routing {

/// Where to send a request, as a program says it: a URI (text or object), a table {uri = …, flow =
/// …, next_hop = …}, or a list of those. Lives as long as the call's arguments.
struct TargetArgument {
  const Value* value = nullptr;
};

template <>
struct Argument<TargetArgument> {
  static constexpr std::string_view type = "target|target[]";
  static bool from(const Value& value, TargetArgument& to, std::string& why);
};

/// The targets that were meant, each one checked; their texts live as long as the request.
using Targets = base::BlockVector<Target>;

/// False with what is wrong in `wrong`. More than `most` are wrong too.
bool read_targets(const Call& call, const Value& value, std::size_t most, Targets& to,
                  Value& wrong);

}  // namespace opensips::routing
