#include "lp_routing/uas.hh"

#include <algorithm>

#include "l1_parser/reply.hh"

namespace opensips::routing {

namespace {

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; });
}

}  // namespace

base::Result<void> Uas::reply(Run& run, unsigned code, std::string_view reason,
                              const ReplyOptions& options) {
  if (code < 100 || code > 699 || has_controls(reason))
    return base::Failure(base::Error::malformed);
  if (run.request->method() == parser::Method::ack) return base::Failure(base::Error::unsupported);
  if (run.answered || transactions_.is_final(run.server)) return base::Failure(base::Error::gone);

  auto& arena = run.request->arena();
  auto* draft = parser::make_reply(*run.request, tag_key_, code, arena.copy(reason));
  draft->headers = arena.copy(options.headers);
  draft->content_type = arena.copy(options.content_type);
  draft->body = arena.copy(options.body);

  loop::Walk walk;
  walk.mask = run.mask;
  walk.message = run.request;
  walk.draft = draft;
  walk.server = run.server;
  if (code >= 200) run.answered = true;
  context_.path.launch_below(loop::LayerId::routing, std::move(walk));
  return {};
}

}  // namespace opensips::routing
