#pragma once

#include <vector>

#include "l0_transport/resolver.hh"
#include "loop/inbox.hh"
#include "manage/command.hh"

namespace opensips::transport {

/// The resolver of one worker, and how to reach its thread.
struct WorkersResolver {
  loop::Inbox* inbox;
  Resolver* resolver;
};

/// dns:cache, dns:failed_targets, dns:flush. `workers` is filled before the first command comes.
void add_dns_commands(manage::Commands& commands, const std::vector<WorkersResolver>& workers,
                      FailedTargets& failed);

}  // namespace opensips::transport
