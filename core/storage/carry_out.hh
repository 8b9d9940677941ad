#pragma once

#include <span>
#include <vector>

#include "storage/backend.hh"
#include "storage/job.hh"

namespace opensips::storage {

/// Does what tasks ask for over one connection, and says what came of each. Several tasks, or
/// several statements of one, are a transaction. A row that the database refuses is the matter of
/// its own task; when the database itself has trouble, the whole transaction fails with it.
std::vector<Outcome> carry_out(Connection& connection, std::span<const TaskPtr> tasks);

}  // namespace opensips::storage
