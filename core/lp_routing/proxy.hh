#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/block_vector.hh"
#include "base/flow.hh"
#include "base/result.hh"
#include "l0_transport/resolver.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/uri.hh"
#include "l2_transaction/layer.hh"
#include "loop/context.hh"
#include "lp_routing/run.hh"
#include "lp_routing/uas.hh"

namespace opensips::routing {

/// Where one branch goes. Its texts live as long as the request.
struct Target {
  parser::Uri uri;  ///< its Request-URI
  std::optional<base::Flow>
      flow;  ///< a flow to use in place of what the URI says: a registration's
  std::string_view
      next_hop;  ///< a URI to send to in place of `uri`, which stays (OpenSIPS's $du); or empty
  bool no_connect = false;     ///< over a connection that is there, or not at all
  std::string_view path = {};  ///< Route headers for it, the first one to be sent to; or empty
  /// The socket of ours to send from, where no flow says it; else the run's
  std::uint16_t socket = base::Flow::kAnySocket;
};

struct ForkOptions {
  std::uint64_t timeout_ms =
      0;  ///< after it the branches still pending are cancelled; 0: only the timers of tm
  bool wait = false;  ///< the run is woken with the best final response, which it then owns
  transaction::Patience patience = {};  ///< of each branch, if not tm's
};

/// Who has a say in what passes of a request that is forwarded: the program's handlers.
class Passing {
 public:
  /// A branch is about to be sent. Its edits may be changed, and the socket that it goes from, if
  /// one was said.
  /// False: it is not to be sent, and run.fallback_code says so to the caller.
  virtual bool edit_branch(Run& run, parser::Draft& draft, std::uint16_t& socket) = 0;
  /// The responses to its branches are to be seen.
  virtual bool sees_responses(const Run& run) const = 0;

 protected:
  ~Passing() = default;
};

/// Forwards requests and responses (RFC 3261 16.6, 16.7). One per worker.
class Proxy {
 public:
  Proxy(loop::Context& context, transaction::TransactionLayer& transactions,
        transport::Resolver& resolver, Uas& uas, Passing& passing, unsigned max_branches,
        unsigned max_forwards);

  /// Sends the request to all targets at once. Without `wait` the best response is forwarded when
  /// it is there, and the run is answered. An ACK is forwarded without a transaction, to the first
  /// target.
  ///
  /// Error::gone: it was answered or cancelled before. Error::refused: it may not be forwarded (RFC
  /// 3261 16.3: no hops left, a loop, an option that we do not have), and has been answered so.
  /// Error::unreachable: none of the targets can be sent to (logged), or may be; without `wait` the
  /// answer is a 503 or 416. A target whose name has to be looked up is a branch that waits; if it
  /// is not found the branch ends with a 503. Error::too_large: more targets than max_branches.
  base::Result<void> fork(Run& run, std::span<const Target> targets, const ForkOptions& options);

  /// Forwards a request without keeping any state of it: copies of it come to the program again,
  /// and nothing is sent again from here (RFC 3261 16.11). Errors as of fork(); Error::unsupported
  /// for an INVITE, whose CANCEL would find nothing.
  base::Result<void> forward_stateless(Run& run, const Target& target);

  /// Forwards a final response that the run got from fork(). A 2xx has gone already: nothing
  /// happens. Error::unsupported for one that the run got otherwise.
  base::Result<void> forward(Run& run, const base::Ref<parser::Message>& response);

 private:
  struct Branch {
    parser::Draft* draft;
    transport::NextHop hop;
  };
  base::Result<void> admit(Run& run);
  base::Result<void> refuse(Run& run, unsigned code, const ReplyOptions& options = {});
  base::BlockVector<Branch> prepare(Run& run, std::span<const Target> targets);
  base::Result<Branch> prepare(Run& run, const Target& target);
  base::Result<transport::NextHop> find_hop(const Run& run, const Target& target,
                                            std::string_view readdressed,
                                            std::uint16_t socket) const;
  base::Result<void> share_breadth(Run& run, std::span<const Branch> branches);
  void launch(const Run& run, Branch& branch);

  loop::Context& context_;
  transaction::TransactionLayer& transactions_;
  transport::Resolver& resolver_;
  Uas& uas_;
  Passing& passing_;
  unsigned max_branches_;
  unsigned max_forwards_;
  base::Counter bad_uris_;
};

}  // namespace opensips::routing
