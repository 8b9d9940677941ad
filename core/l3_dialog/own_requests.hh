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
  /// OPTIONS; a side that knows the dialog no more, or does not answer, ends it.
  void ping(Dialog& dialog, Party to);

 private:
  base::Result<void> send(const Dialog& dialog, Party to, const Content& content,
                          std::uint32_t cseq, Answer answer);
  void pinged(DialogId id, Party side, const parser::Message& response);

  Dialogs& dialogs_;
  transaction::Uac& uac_;
};

}  // namespace opensips::dialog
