#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"
#include "base/flow.hh"
#include "base/packed_texts.hh"
#include "l3_dialog/cseq_shift.hh"
#include "l3_dialog/session_timer.hh"
#include "l3_dialog/state.hh"
#include "loop/timer_wheel.hh"
#include "loop/walk.hh"

namespace opensips::dialog {

class Dialogs;

/// What leaves L3: a dialog that is gone is not found by it.
using loop::DialogId;

/// Who sent the INVITE, and who answered it.
enum class Party : std::uint8_t { caller, callee };
constexpr Party other(Party party) {
  return party == Party::caller ? Party::callee : Party::caller;
}

/// A name and its value that the routing program keeps with a dialog.
struct Variable {
  std::string name, value;
};

/// That a dialog counts in a profile; `value` is empty in one without values.
struct Membership {
  std::string name, value;
  friend bool operator==(const Membership&, const Membership&) = default;
};

/// What was asked for when the dialog was made; times in milliseconds, 0: not.
struct DialogOptions {
  std::uint64_t lifetime = 0;       ///< both sides get BYE when it has been established for so long
  std::uint32_t ping_interval = 0;  ///< between pings of each side: OPTIONS …
  bool ping_by_invite = false;      ///< … or a re-INVITE with the session as it stands
  bool ping_caller = true;
  bool ping_callee = true;
  std::uint32_t session_interval = 0;  ///< Session-Expires to ask for (RFC 4028)
  std::uint32_t min_session = 0;       ///< less is answered 422 …
  bool rejects_short_sessions = true;  ///< … or made that long
  bool shows_requests = false;         ///< its requests go through the routing program
};

/// What is asked of session timers.
SessionWish session_wish(const DialogOptions& options);

/// A dialog that the server takes part in as a proxy (RFC 3261 12, seen from the middle). Made and
/// ended by Dialogs; all of it belongs to the worker of its Call-ID. What most dialogs do not have
/// is kept apart, so that one of 100,000 is small.
class Dialog {
 public:
  enum Text : std::uint8_t {
    call_id,
    caller_uri,
    caller_tag,
    caller_contact,  ///< the URI that reaches the caller: the remote target for the callee
    caller_routes,   ///< the proxies between us and the caller, as a Route header lists them
    callee_uri,
    callee_tag,
    callee_contact,
    callee_routes,
  };
  static constexpr std::size_t kTexts = 9;
  using Texts = base::PackedTexts<kTexts>;

  /// What is not text of a side.
  struct Side {
    base::ConnectionId connection;                  ///< the one it has with us; may be gone
    base::Address seen;                             ///< where a NAT shows it, by UDP; else none
    std::uint32_t cseq = 0;                         ///< the highest number of a request of its own
    std::uint16_t socket = base::Flow::kAnySocket;  ///< ours, by which it is reached
  };

  /// A callee that has answered provisionally: several do after a fork (RFC 3261 12.1).
  struct EarlyLeg {
    std::string tag;
    std::uint32_t cseq = 0;
    std::string session = {};  ///< as Extras have it
  };
  /// What is needed until the INVITE is answered.
  struct Setup {
    loop::ServerId server;  ///< its transaction
    std::vector<EarlyLeg> legs;
    Ending called_off = Ending::none;  ///< by us: it is being cancelled
  };
  /// What few dialogs have.
  struct Extras {
    std::vector<Variable> vars;
    std::vector<Membership> profiles;
    CSeqShift caller_shift, callee_shift;
    std::string caller_target, callee_target;  ///< asked for by a request that is not answered yet
    std::string caller_offer, callee_offer;    ///< likewise, in SDP
    std::string caller_session, callee_session;  ///< each side's SDP, if pings have to repeat it

    std::string& target(Party party) {
      return party == Party::caller ? caller_target : callee_target;
    }
    std::string& offer(Party party) { return party == Party::caller ? caller_offer : callee_offer; }
    std::string& session(Party party) {
      return party == Party::caller ? caller_session : callee_session;
    }
  };

  Dialog(DialogId self, Dialogs& home);

  Side& side(Party party) { return party == Party::caller ? caller : callee; }
  const Side& side(Party party) const { return party == Party::caller ? caller : callee; }
  std::string_view text(Text which) const { return texts.at(which); }
  std::string_view uri(Party party) const { return of(party, caller_uri); }
  std::string_view tag(Party party) const { return of(party, caller_tag); }
  std::string_view contact(Party party) const { return of(party, caller_contact); }
  std::string_view routes(Party party) const { return of(party, caller_routes); }
  void set_contact(Party party, std::string_view uri) {
    texts.set(party == Party::caller ? caller_contact : callee_contact, uri);
  }

  Extras& extra();
  /// nullptr: none of its requests were renumbered.
  CSeqShift* shift(Party party) const;
  const std::string* var(std::string_view name) const;

  /// Bytes that it takes, with its texts.
  std::size_t footprint() const;

  DialogId id;
  /// Names the dialog for operators and in tables, also after a restart.
  std::uint64_t did = 0;
  std::uint64_t key = 0;   ///< DialogTable's
  Dialog* next = nullptr;  ///< the next one with that key
  State state = State::unconfirmed;
  Ending ending = Ending::none;
  std::uint32_t pins = 0;           ///< handlers of programs that look at it
  bool over = false;                ///< it goes when nobody looks at it any more
  std::uint8_t pings_out = 0;       ///< sides that have not answered one: a bit for each
  bool inviting = false;            ///< a re-INVITE of one side has no final answer yet
  bool asker_refreshes = false;     ///< who sent the last INVITE or UPDATE supports session timers
  std::uint32_t session_asked = 0;  ///< Session-Expires that it went on with; seconds
  Texts texts;
  Side caller, callee;
  DialogOptions options;
  std::int64_t started = 0;          ///< seconds since 1970: when it was established, or made
  std::uint64_t established_at = 0;  ///< monotonic, as all below
  std::uint64_t life_ends_at = 0;    ///< 0: never
  std::uint64_t session_ends_at = 0;
  std::uint64_t ping_at = 0;
  std::unique_ptr<Setup> setup;
  std::unique_ptr<Extras> extras;
  loop::Timer timer;  ///< for the next of those times

 private:
  std::string_view of(Party party, Text callers) const {
    constexpr auto kDistance = callee_uri - caller_uri;
    return texts.at(static_cast<std::size_t>(callers + (party == Party::caller ? 0 : kDistance)));
  }
  void on_timer();

  Dialogs& home_;
};

}  // namespace opensips::dialog
