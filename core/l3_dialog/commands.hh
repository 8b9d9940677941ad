#pragma once

#include <vector>

#include "l3_dialog/dialogs.hh"
#include "loop/inbox.hh"
#include "manage/command.hh"

namespace opensips::dialog {

/// The dialogs of one worker, and how to reach its thread.
struct WorkersDialogs {
  loop::Inbox* inbox;
  Dialogs* dialogs;
};

/// dialog:list and its kin, dialog:end_dlg, dialog:profile_…: `workers` is filled before the first
/// command comes.
void add_commands(manage::Commands& commands, const std::vector<WorkersDialogs>& workers,
                  const Profiles& profiles);
/// Those of them that list dialogs.
void add_list_commands(manage::Commands& commands, const std::vector<WorkersDialogs>& workers);

}  // namespace opensips::dialog
