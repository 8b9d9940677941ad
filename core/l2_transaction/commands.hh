#pragma once

#include <vector>

#include "l2_transaction/layer.hh"
#include "loop/inbox.hh"
#include "manage/command.hh"

namespace opensips::transaction {

/// L2 of one worker, and how to reach it.
struct WorkersTransactions {
  loop::Inbox* inbox;
  TransactionLayer* transactions;
};

/// `tm:list`. The workers outlive the commands, or have ended their inboxes.
void add_commands(manage::Commands& commands, const std::vector<WorkersTransactions>& workers);

}  // namespace opensips::transaction
