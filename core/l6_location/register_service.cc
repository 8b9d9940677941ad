#include "l6_location/register_service.hh"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "l1_parser/chars.hh"
#include "l1_parser/reply.hh"
#include "l6_location/aor.hh"
#include "l6_location/kept_connection.hh"
#include "l6_location/stored_registrar.hh"

namespace opensips::location {

using loop::Verdict;
using loop::Walk;

Verdict RegisterService::up(Walk& walk) {
  const auto& request = *walk.message;
  if (options_.domains.empty() || !request.is_request()) return Verdict::up;
  if (request.method() != parser::Method::register_ || !is_for(request.uri().host)) {
    return Verdict::up;
  }
  const auto& uri = request.to_uri();
  const auto aor = is_for(uri.host) ? aor_of(uri) : std::nullopt;
  if (aor) return save(walk, *aor);
  answer(walk, registrar_.refuse({404, "Not Found", {}}, {}));
  return Verdict::down;
}

bool RegisterService::is_for(std::string_view host) const {
  return std::ranges::any_of(options_.domains, [&](const std::string& domain) {
    return parser::chars::equal_fold(domain, host);
  });
}

Verdict RegisterService::save(Walk& walk, std::string_view aor) {
  if (!contacts_) {
    answer(walk, registrar_.process(*walk.message, aor, {}, context_.now()));
    return Verdict::down;
  }
  const auto id = context_.path.hold(walk);
  const auto early = std::make_shared<std::optional<Registrar::Outcome>>();  // before it waits
  const auto later = [this, id, &early] {
    return [this, id, early](Registrar::Outcome done) {
      auto* const held = context_.path.suspended(id);
      if (!held) {
        *early = std::move(done);
        return;
      }
      answer(*held, done);
      context_.path.resume(id, Verdict::down);
    };
  };
  auto outcome = contacts_->save(walk.message, aor, {}, later);
  if (!outcome) outcome = std::move(*early);
  if (!outcome) return Verdict::suspend;
  answer(walk, *outcome);
  return Verdict::down;
}

void RegisterService::answer(Walk& walk, const Registrar::Outcome& outcome) {
  auto& request = *walk.message;
  if (connections_) keep_connection(*connections_, request.source(), outcome, context_.now());
  walk.draft = parser::make_reply(request, options_.tag_key, outcome.code, outcome.reason);
  walk.draft->headers = outcome.lines(request.arena());
}

}  // namespace opensips::location
