#include "lp_routing/proxy.hh"

#include <algorithm>
#include <string>
#include <utility>

#include "l1_parser/message_view.hh"
#include "l1_parser/reply.hh"
#include "l3_dialog/forward.hh"

namespace opensips::routing {

using parser::HeaderName;
using parser::Method;

Proxy::Proxy(loop::Context& context, transaction::TransactionLayer& transactions,
             transport::Resolver& resolver, Uas& uas, Passing& passing, unsigned max_branches,
             unsigned max_forwards)
    : context_(context),
      transactions_(transactions),
      resolver_(resolver),
      uas_(uas),
      passing_(passing),
      max_branches_(max_branches),
      max_forwards_(max_forwards),
      bad_uris_(context.statistics.counter("core:bad_URIs_rcvd")) {}

base::Result<void> Proxy::fork(Run& run, std::span<const Target> targets,
                               const ForkOptions& options) {
  const bool is_ack = run.request->method() == Method::ack;
  const bool over = transactions_.is_final(run.server) || transactions_.is_cancelled(run.server);
  if (run.answered || (!is_ack && over)) return base::Failure(base::Error::gone);
  if (targets.size() > max_branches_) return base::Failure(base::Error::too_large);
  if (auto admitted = admit(run); !admitted) return admitted;

  auto branches = prepare(run, targets);
  if (branches.empty()) {
    if (!options.wait) static_cast<void>(refuse(run, run.fallback_code));
    return base::Failure(base::Error::unreachable);
  }
  if (is_ack) {  // it has no transaction, and answers the 2xx of one callee
    run.answered = true;
    launch(run, branches.front());
    return {};
  }
  if (auto shared = share_breadth(run, branches); !shared) return shared;
  transactions_.begin_round(run.server, options.timeout_ms, options.patience);
  if (passing_.sees_responses(run)) transactions_.show_responses(run.server);
  run.forwarded = true;
  (options.wait ? run.forking : run.answered) = true;
  for (auto& branch : branches) launch(run, branch);
  return {};
}

base::Result<void> Proxy::forward_stateless(Run& run, const Target& target) {
  if (run.request->method() == Method::invite) return base::Failure(base::Error::unsupported);
  if (run.answered || transactions_.is_final(run.server)) return base::Failure(base::Error::gone);
  if (auto admitted = admit(run); !admitted) return admitted;
  auto branch = prepare(run, target);
  if (!branch) {
    const bool is_bad = branch.error() == base::Error::malformed;
    const bool unwanted = branch.error() == base::Error::refused;
    static_cast<void>(refuse(run, unwanted ? run.fallback_code : is_bad ? 416 : 503));
    return base::Failure(base::Error::unreachable);
  }
  if (auto shared = share_breadth(run, {&*branch, 1}); !shared) return shared;
  transactions_.forget(run.server);
  run.server = {};
  run.answered = true;
  launch(run, *branch);
  return {};
}

base::Result<void> Proxy::forward(Run& run, const base::Ref<parser::Message>& response) {
  // One to a request of the script's own is for nobody else.
  if (!parser::goes_further(*response)) return base::Failure(base::Error::unsupported);
  if (response->code() < 300) return {};
  if (run.answered || transactions_.is_final(run.server)) return base::Failure(base::Error::gone);
  run.answered = true;
  loop::Walk walk;
  walk.mask = run.mask;
  walk.message = response;
  walk.server = run.server;
  walk.draft = response->arena().make<parser::Draft>();
  context_.path.launch_below(loop::LayerId::routing, std::move(walk));
  return {};
}

/// RFC 3261 16.3: may it be forwarded at all?
base::Result<void> Proxy::admit(Run& run) {
  const auto& request = *run.request;
  if (request.max_forwards() == 0U) return refuse(run, 483);
  if (transactions_.has_looped(request)) return refuse(run, 482);
  const auto headers = request.headers();
  std::string unsupported;
  for (auto i = request.find(HeaderName::proxy_require); i < headers.size();
       i = request.find(HeaderName::proxy_require, i + 1)) {
    unsupported.append("Unsupported: ").append(request.value(headers[i])).append("\r\n");
  }
  if (unsupported.empty()) return {};
  return refuse(run, 420, {.headers = unsupported, .content_type = {}, .body = {}});
}

/// RFC 5393 5.3.3.
base::Result<void> Proxy::share_breadth(Run& run, std::span<const Branch> branches) {
  base::BlockVector<parser::Draft*> drafts;
  drafts.reserve(branches.size());
  for (const auto& branch : branches) drafts.push_back(branch.draft);
  const auto refusal = dialog::share_breadth(*run.request, drafts);
  return refusal == 0 ? base::Result<void>() : refuse(run, refusal);
}

base::Result<void> Proxy::refuse(Run& run, unsigned code, const ReplyOptions& options) {
  static_cast<void>(
      uas_.reply(run, code, {}, options));  // an ACK is not answered, only not forwarded
  run.answered = true;
  return base::Failure(base::Error::refused);
}

/// A branch for each target that can be sent to.
base::BlockVector<Proxy::Branch> Proxy::prepare(Run& run, std::span<const Target> targets) {
  base::BlockVector<Branch> branches;
  branches.reserve(targets.size());
  for (const auto& target : targets) {
    if (auto branch = prepare(run, target)) {
      branches.push_back(std::move(*branch));
    } else if (branch.error() != base::Error::refused) {
      const bool is_bad = branch.error() == base::Error::malformed;
      run.fallback_code = is_bad ? 416 : 503;
      if (is_bad) context_.stats.add(bad_uris_);
    }
  }
  return branches;
}

/// RFC 3261 16.6 steps 1 to 3, 6 and 7; Record-Route and Via are the lower layers'. Error::refused:
/// the program does not want it sent.
base::Result<Proxy::Branch> Proxy::prepare(Run& run, const Target& target) {
  auto& request = *run.request;
  auto& draft = *request.arena().make<parser::Draft>();
  draft.keeps_flow = target.flow.has_value();
  const auto uri = dialog::as_request_uri(request.arena(), target.uri);
  if (uri != parser::effective_uri(request)) draft.edits.set_uri(uri);

  auto socket = target.socket == base::Flow::kAnySocket ? run.socket : target.socket;
  const bool is_branch = request.method() != Method::ack;
  if (is_branch && !passing_.edit_branch(run, draft, socket)) {
    return base::Failure(base::Error::refused);
  }
  const bool readdressed = draft.has_all_edits && draft.edits.uri() != uri;
  if (socket == base::Flow::kAnySocket) socket = run.source.socket;
  auto next = find_hop(run, target, readdressed ? draft.edits.uri() : "", socket);
  if (!next) return base::Failure(next.error());

  next->flow.no_connect = target.no_connect;
  if (!target.path.empty() && !readdressed) dialog::add_path(request, draft, target.path);
  dialog::count_hop(request, draft, max_forwards_);
  return Branch{&draft, std::move(*next)};
}

/// Where a branch goes: to what its target says, or to another URI that it has got since.
base::Result<transport::NextHop> Proxy::find_hop(const Run& run, const Target& target,
                                                 std::string_view readdressed,
                                                 std::uint16_t socket) const {
  if (target.flow) {
    return dialog::registered_target(target.uri.text, *target.flow, resolver_.sockets());
  }
  const auto to = [&](const auto& uri) {
    return dialog::find_target(*run.request, uri, resolver_, socket);
  };
  if (!target.next_hop.empty()) return to(target.next_hop);
  if (!readdressed.empty()) return to(readdressed);
  return target.path.empty() ? to(target.uri) : to(dialog::first_hop(target.path));
}

void Proxy::launch(const Run& run, Branch& branch) {
  loop::Walk walk;
  walk.mask = run.mask;
  walk.message = run.request;
  walk.server = run.server;
  walk.draft = branch.draft;
  walk.flow = branch.hop.flow;
  if (branch.hop.search) {
    return transactions_.forward(std::move(walk), std::move(branch.hop.search),
                                 loop::LayerId::routing);
  }
  context_.path.launch_below(loop::LayerId::routing, std::move(walk));
}

}  // namespace opensips::routing
