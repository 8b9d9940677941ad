#pragma once

#include <cstdint>

#include "base/clock.hh"
#include "l3_dialog/dialog.hh"

namespace opensips::dialog {

/// What the operator says about dialogs.
struct DialogSettings {
  bool all_invites = false;  ///< every INVITE makes one, whether the program asks or not
  DialogOptions defaults{.lifetime = 43'200'000};  ///< for what a program leaves open
  /// Milliseconds since 1970, for what outlives the process and for operators.
  std::int64_t (*wall_ms)() = base::wall_ms;
};

}  // namespace opensips::dialog
