#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hh"
#include "base/stats.hh"
#include "l0_transport/sockets.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/layer.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/dialog.hh"
#include "l3_dialog/dialog_table.hh"
#include "l3_dialog/events.hh"
#include "l3_dialog/own_requests.hh"
#include "l3_dialog/profiles.hh"
#include "l3_dialog/route_set.hh"
#include "l3_dialog/session_timer.hh"
#include "l3_dialog/settings.hh"
#include "l3_dialog/snapshot.hh"
#include "loop/context.hh"

namespace opensips::dialog {

/// The life of the dialogs of one worker: made for an INVITE, established by a 2xx, kept by what
/// passes inside them and by timers, ended. DialogLayer shows it the messages; programs and
/// commands ask it for the rest. What concerns a dialog happens on the worker of its Call-ID.
class Dialogs {
 public:
  Dialogs(loop::Context& context, transaction::TransactionLayer& transactions,
          transaction::Uac& uac, const transport::Sockets& sockets, Profiles& profiles,
          const DialogSettings& settings);
  ~Dialogs();

  const DialogSettings& settings() const { return settings_; }
  DialogTable& table() { return table_; }
  Dialog* find(DialogId id) const { return table_.find(id); }
  /// None are kept: nothing that passes needs to be looked at.
  bool none() const { return table_.empty(); }

  // Making: dialogs.cc

  /// A dialog for an INVITE that sets one up; the one that it has already. Error::unsupported:
  /// it is none; Error::gone: it has been answered; Error::refused: a call with this Call-ID and
  /// From tag stands already.
  base::Result<DialogId> create(const parser::Message& invite, loop::ServerId server,
                                const DialogOptions& options);
  /// Goes on with a dialog of an earlier process; false if it is over by now. `wall_ms`: since
  /// 1970.
  bool restore(const DialogSnapshot& snapshot, std::int64_t wall_ms);
  void set_store(DialogStore* store) { store_ = store; }

  // What passes: passage.cc

  /// The dialog that an INVITE sets up, or a request is inside of.
  Dialog* of(const parser::Message& request) const;
  /// Whose request it is, and what is wrong with it; a new one has passed when it is not refused.
  struct Passage {
    Dialog* dialog = nullptr;  ///< none: it is in none that is kept
    Party from = Party::caller;
    unsigned refusal = 0;  ///< 481, 500, 403, 422; 0: it may pass
  };
  Passage pass(const parser::Message& request, const RouteSet& routes, loop::ServerId server);
  /// The same for one that has passed already.
  Passage locate(const parser::Message& request) const;
  /// A BYE inside a dialog of ours that is not kept here: it may be one that is not restored yet.
  void missed(const parser::Message& bye) {
    if (store_) store_->missed(bye.call_id());
  }
  /// It goes on to the other side: renumbered, and asking for what session timers need.
  void send_on(const Passage& passage, parser::Message& request, parser::Draft& draft);
  /// The INVITE that sets up a dialog goes to a callee.
  void set_up(parser::Message& invite, parser::Draft& draft, loop::ServerId server);
  /// An answer goes to whoever asked: through the server transaction, by the draft. `draft.kind`
  /// says whether it is one of ours.
  void answer(parser::Message& message, parser::Draft& draft, loop::ServerId server);

  // Asking for it: dialogs.cc, membership.cc, own_requests.cc

  /// Ends it: with a BYE to both sides if it is established; else callees are cancelled, the caller
  /// gets a 487, and it ends with that. An answer that crosses the CANCEL is let through, and BYE
  /// follows. Error::gone: it has ended, or is being cancelled already.
  base::Result<void> end(Dialog& dialog, Ending ending);
  /// It is established; the time starts now. 0: no end.
  void set_lifetime(Dialog& dialog, std::uint64_t ms);
  /// Error::too_large: too long a name or value, or too many of them. No value: it is forgotten.
  base::Result<void> set_var(Dialog& dialog, std::string_view name,
                             std::optional<std::string_view> value);
  /// Harmless if it is in it. Error::refused: there are `limit` already, or too many values.
  base::Result<void> set_profile(Dialog& dialog, std::string_view name, std::string_view value,
                                 std::uint64_t limit = base::CounterTable::kNoLimit);
  /// False if it is not in it.
  bool unset_profile(Dialog& dialog, std::string_view name, std::string_view value);
  Profiles& profiles() { return profiles_; }
  OwnRequests& own_requests() { return own_requests_; }

  /// While it is pinned a dialog that has ended is found by its id.
  void pin(Dialog& dialog) { ++dialog.pins; }
  void unpin(DialogId id);

  DialogSnapshot snapshot(const Dialog& dialog, std::int64_t wall_ms) const {
    return snapshot_of(dialog, sockets_, context_.now(), wall_ms);
  }
  const transport::Sockets& sockets() const { return sockets_; }
  loop::Context& context() { return context_; }

 private:
  friend class Dialog;
  friend class OwnRequests;

  void timer_fired(Dialog& dialog);
  void arm(Dialog& dialog);
  void move(Dialog& dialog, State to, Ending ending = Ending::none);
  void establish(Dialog& dialog);
  base::Result<void> call_off(Dialog& dialog, Ending ending);
  void finish(Dialog& dialog, Ending ending);
  void fail(Dialog& dialog);
  void let_go(Dialog& dialog);
  void count(State before, State after);
  void note_change(const Dialog& dialog);

  Dialog* around(const parser::Message& message) const;
  void answered(Dialog& dialog, const parser::Message& response);
  void take_callee(Dialog& dialog, const parser::Message& response);
  Dialog& fork_of(const Dialog& first);
  void provisional(Dialog& dialog, std::string_view tag, std::string_view session);
  void note_offer(Dialog& dialog, Party from, const parser::Message& request,
                  const parser::Draft& draft);
  void note_answer(Dialog& dialog, Party asker, const parser::Message& response,
                   const parser::Draft& draft);
  void set_up_answer(Dialog& dialog, parser::Message& message, parser::Draft& draft);
  void inside_answer(Dialog& dialog, Party asker, parser::Message& response, parser::Draft& draft);
  bool has_twin(const Dialog& dialog) const;
  void passed(const Passage& passage, const parser::Message& request);
  void settle(Dialog& dialog, Party asker, parser::Message& response, parser::Draft& draft);

  loop::Context& context_;
  transaction::TransactionLayer& transactions_;
  const transport::Sockets& sockets_;
  Profiles& profiles_;
  DialogSettings settings_;
  DialogTable table_;
  OwnRequests own_requests_;
  DialogStore* store_ = nullptr;

  struct Counters {
    explicit Counters(base::Stats& stats);
    base::Counter active, early;  // gauges
    base::Counter processed, expired, failed;
    base::Counter wrong_tag, old_cseq, wrong_way, short_session;
  };
  Counters counters_;
};

}  // namespace opensips::dialog
