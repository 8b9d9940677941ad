#pragma once

#include "l3_dialog/dialog.hh"

namespace opensips::dialog {

/// On the worker's bus, when a dialog passes from one state to another: E_DLG_STATE_CHANGED. The
/// dialog is found by its id until the end of the turn, longer while it is pinned.
struct StateChanged {
  DialogId id;
  State before, after;  ///< the same when it was just made
  Ending ending;        ///< why, if it has ended
};

}  // namespace opensips::dialog
