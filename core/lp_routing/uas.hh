#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hh"
#include "base/siphash.hh"
#include "l2_transaction/layer.hh"
#include "loop/context.hh"
#include "lp_routing/run.hh"

namespace opensips::routing {

/// What a program may say about a reply beyond code and reason. Text is copied.
struct ReplyOptions {
  std::string_view headers;  ///< whole lines, each with its CRLF
  std::string_view content_type;
  std::string_view body;
};

/// Answers a request itself (RFC 3261 8.2): through its transaction if it has one.
class Uas {
 public:
  Uas(loop::Context& context, transaction::TransactionLayer& transactions,
      const base::SipKey& tag_key)
      : context_(context), transactions_(transactions), tag_key_(tag_key) {}

  /// `code` 100 to 699; an empty reason is the usual one. Error::gone when a final answer was given
  /// before, Error::malformed for a code out of range or control characters in the reason,
  /// Error::unsupported for an ACK.
  base::Result<void> reply(Run& run, unsigned code, std::string_view reason,
                           const ReplyOptions& options = {});

  /// Answers go to the port that the request came from, whatever its Via says (RFC 3581). Over a
  /// connection they go back over that anyway.
  void force_rport(Run& run) { transactions_.force_rport(run.server); }

 private:
  loop::Context& context_;
  transaction::TransactionLayer& transactions_;
  base::SipKey tag_key_;
};

}  // namespace opensips::routing
