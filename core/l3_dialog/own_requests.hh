#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ref.hh"
#include "base/result.hh"
#include "l1_parser/message.hh"
#include "l2_transaction/uac.hh"
#include "l3_dialog/dialog.hh"

namespace opensips::dialog {

class Dialogs;

/// Why we end a dialog, for a BYE or CANCEL: a whole line (RFC 3326); empty: nothing that the sides
/// would want to know.
std::string_view reason_of(Ending ending);

/// Requests that we send inside a dialog in the name of the other side: with its tag, the next of
/// its CSeq numbers, along the route set to the remote target (RFC 3261 12.2.1). One per worker.
class OwnRequests {
 public:
  OwnRequests(Dialogs& dialogs, transaction::Uac& uac) : dialogs_(dialogs), uac_(uac) {}

  /// What it says beside what the dialog knows.
  struct Content {
    std::string_view method;
    std::string_view headers;  ///< whole lines, each with its CRLF
    std::string_view content_type;
    std::string_view body;
  };
  using Answer = transaction::Uac::Answer;

  /// The lines of a REFER to that side: Contact of the other, Refer-To and Referred-By (RFC 3515,
  /// RFC 3892).
  static std::string refer_lines(const Dialog& dialog, Party to, std::string_view target);

  /// Sends a request to that side of an established dialog. Error::gone: it is not; others as
  /// Uac::send() has them. Not for INVITE and BYE.
  base::Result<void> send(Dialog& dialog, Party to, const Content& content, Answer answer);
  /// Nobody waits for what comes of it.
  void bye(const Dialog& dialog, Party to, Ending ending);
  /// OPTIONS, or a re-INVITE with what the other side has last said of its media; a side that knows
  /// the dialog no more, or does not answer, ends it. OPTIONS all the same while one of the sides
  /// has sent a re-INVITE itself, where session timers run, which ours would turn off (RFC 4028
  /// 7.4), and as long as no SDP has been seen.
  void ping(Dialog& dialog, Party to);

 private:
  using Sent = base::Result<transaction::UacId>;
  Sent send_next(Dialog& dialog, Party to, const Content& content, Answer answer);
  Sent send(const Dialog& dialog, Party to, const Content& content, std::uint32_t cseq,
            Answer answer);
  Sent options(Dialog& dialog, Party to);
  Sent reinvite(Dialog& dialog, Party to);
  void pinged(DialogId id, Party side, const parser::Message& response);

  Dialogs& dialogs_;
  transaction::Uac& uac_;
};

}  // namespace opensips::dialog
