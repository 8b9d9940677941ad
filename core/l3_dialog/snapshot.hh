#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "l0_transport/sockets.hh"
#include "l3_dialog/dialog.hh"

namespace opensips::dialog {

/// A dialog as it can leave its worker and outlive the process: all that a restart needs, and
/// nothing that means something in this process only. Any thread.
struct DialogSnapshot {
  struct Side {
    std::string uri, tag, contact, routes;
    std::string socket;      ///< "udp:192.0.2.1:5060" of ours; empty: none known
    std::string seen;        ///< "198.51.100.7:4711" where a NAT shows it; else empty
    std::uint32_t cseq = 0;  ///< highest number of its own requests
    std::uint32_t sent = 0;  ///< highest number that the other side has seen in its name
  };

  std::uint64_t did = 0;  ///< the key: it stays the same for the dialog's life
  std::string call_id;
  Side caller, callee;
  State state = State::confirmed;
  std::int64_t started = 0;       ///< seconds since 1970
  std::int64_t life_ends = 0;     ///< likewise; 0: never
  std::int64_t session_ends = 0;  ///< likewise; 0: its session needs no refresh
  DialogOptions options;          ///< what was asked for; `lifetime` is told by `life_ends`
  std::vector<Variable> vars;
  std::vector<Membership> profiles;
};

/// `now_ms`: of the monotonic clock, which the dialog's times are in; `wall_ms`: since 1970.
DialogSnapshot snapshot_of(const Dialog& dialog, const transport::Sockets& sockets,
                           std::uint64_t now_ms, std::int64_t wall_ms);

/// What happened to an established dialog, for whoever keeps it.
enum class Change : std::uint8_t {
  established,  ///< new: it is to be kept
  updated,      ///< a target, a CSeq, a variable, a profile, its lifetime
  ended,        ///< it is to be forgotten; it is not found any more when this returns
};

/// Keeps dialogs over a restart. Called on the worker of the dialog, in the middle of a message: it
/// takes note and returns at once (a snapshot now, or later by the id). Set before the first
/// message.
class DialogStore {
 public:
  virtual ~DialogStore() = default;
  virtual void changed(const Dialog& dialog, Change change) = 0;
  /// A BYE inside a dialog of ours has passed that is not known.
  virtual void missed(std::string_view call_id) = 0;
};

}  // namespace opensips::dialog
