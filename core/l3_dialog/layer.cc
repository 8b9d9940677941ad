#include "l3_dialog/layer.hh"

#include <string_view>
#include <utility>

#include "l1_parser/chars.hh"
#include "l1_parser/draft.hh"
#include "l1_parser/reply.hh"
#include "l3_dialog/forward.hh"
#include "l3_dialog/proof.hh"
#include "loop/shedding.hh"

namespace opensips::dialog {

using loop::Verdict;
using loop::Walk;
using parser::HeaderName;
using parser::Method;

namespace {

bool sets_up_a_dialog(const parser::Message& request) {
  if (!request.to().tag.empty()) return false;
  const Method method = request.method();
  return method == Method::invite || method == Method::subscribe || method == Method::refer;
}

/// As it goes on from here.
bool asks_for_sips(const parser::Draft& draft, const parser::Message& request) {
  constexpr std::string_view kSips = "sips:";
  auto uri = draft.edits.uri();
  if (uri.empty()) uri = request.edits().uri();
  if (uri.empty()) uri = request.uri().text;
  return parser::chars::equal_fold(uri.substr(0, kSips.size()), kSips);
}

Way way_to(const base::Flow& side, bool behind_nat) {
  if (side.connection) return side.connection;
  if (behind_nat && side.transport == base::Transport::udp) return Way(side.peer);
  return {};
}

}  // namespace

DialogLayer::DialogLayer(loop::Context& context, transport::Resolver& resolver,
                         transaction::TransactionLayer& transactions, transaction::Uac& uac,
                         Profiles& profiles, const Options& options)
    : resolver_(resolver),
      sockets_(resolver.sockets()),
      transactions_(transactions),
      context_(context),
      options_(options),
      dialogs_(context, transactions, uac, sockets_, profiles, options.dialogs),
      routed_(context.statistics.counter("dialog:routed_requests")),
      unproven_(context.statistics.counter("dialog:unproven_requests")),
      shed_(context.statistics.counter("core:shed_requests")) {}

Verdict DialogLayer::up(Walk& walk) {
  auto& request = *walk.message;
  if (!request.is_request()) return Verdict::up;
  const auto routes =
      take_routes(request, sockets_, options_.mac_key, context_.epoch(), request.edits());
  if (!routes) return refuse(walk, 400, "Bad Route");

  const bool in_dialog = !request.to().tag.empty();
  if (in_dialog && routes->proven) return inside(walk, *routes);
  if (routes->over_flow && routes->next.empty()) return over_flow(walk, *routes);
  if (in_dialog) {
    context_.stats.add(unproven_);
    // Else a flood would only have to add a To tag.
    const bool is_ack = request.method() == Method::ack;
    if (!is_ack && loop::is_shedding(context_)) return shed(walk);
  } else if (!routes->next.empty()) {
    return refuse(walk, 403, "Preloaded Route Refused");  // it would lead past the script
  } else if (options_.dialogs.all_invites && request.method() == Method::invite) {
    if (const auto refused = begin(walk)) return *refused;
  }
  if (!routes->request_uri.empty()) request.edits().set_uri(routes->request_uri);
  return Verdict::up;
}

Verdict DialogLayer::down(Walk& walk) {
  auto& message = *walk.message;
  const bool forwards_request =
      message.is_request() && walk.draft->kind == parser::Draft::Kind::forward;
  if (!forwards_request) {
    if (!dialogs_.none() && walk.server) dialogs_.answer(message, *walk.draft, walk.server);
  } else if (sets_up_a_dialog(message)) {
    if (options_.record_route) record_route(walk);
    if (!dialogs_.none() && message.method() == Method::invite) {
      dialogs_.set_up(message, *walk.draft, walk.server);
    }
  }
  return Verdict::down;
}

/// Every INVITE makes a dialog: before the program, which may say more about it.
std::optional<Verdict> DialogLayer::begin(Walk& walk) {
  const auto& wish = options_.dialogs.defaults;
  auto& invite = *walk.message;
  if (is_session_too_short(invite, session_wish(wish))) {
    refuse(walk, 422);
    walk.draft->headers = min_se_line(invite.arena(), wish.min_session / 1000);
    return Verdict::down;
  }
  // One that cannot be kept is a call all the same.
  static_cast<void>(dialogs_.create(invite, walk.server, wish));
  return std::nullopt;
}

/// A request inside a dialog of ours goes on its way without the script, unless that has asked to
/// see those of this one.
Verdict DialogLayer::inside(Walk& walk, const RouteSet& routes) {
  Dialogs::Passage passage;
  if (!dialogs_.none()) passage = dialogs_.pass(*walk.message, routes, walk.server);
  if (passage.refusal != 0) return refuse_inside(walk, passage);
  const auto* const dialog = passage.dialog;
  if (!dialog && walk.message->method() == Method::bye) dialogs_.missed(*walk.message);
  if (!dialog || !dialog->options.shows_requests) return route(walk, routes, passage);
  walk.dialog = dialog->id;
  return Verdict::up;
}

Verdict DialogLayer::refuse_inside(Walk& walk, const Dialogs::Passage& passage) {
  const auto verdict = refuse(walk, passage.refusal);
  if (passage.refusal == 422 && walk.draft) {
    walk.draft->headers =
        min_se_line(walk.message->arena(), passage.dialog->options.min_session / 1000);
  }
  return verdict;
}

/// Another server has looked a client up who registered here (RFC 5626 5.3.1): for a call, or
/// inside one that came to a GRUU and that we have not seen.
Verdict DialogLayer::over_flow(Walk& walk, const RouteSet& routes) {
  return routes.way ? route(walk, routes, {}) : refuse(walk, 480);
}

/// Nobody else reaches the client: what follows in the dialog comes through here too.
void DialogLayer::stay_in_the_way(Walk& walk, const Way& way) const {
  walk.flow.no_connect = bool(way.connection);
  walk.draft->target_behind_nat = bool(way.address);
  if (sets_up_a_dialog(*walk.message)) record_route(walk);
}

void DialogLayer::send_on(const base::Ref<parser::Message>& request, loop::ServerId server,
                          loop::LayerMask mask) {
  Walk walk = Walk::down(loop::LayerId::dialog);
  walk.mask = mask;
  walk.message = request;
  walk.server = server;
  parser::Edits taken_before;  // the Routes were taken off on the way up
  const auto routes =
      take_routes(*request, sockets_, options_.mac_key, context_.epoch(), taken_before);
  if (!routes) return;
  if (route(walk, *routes, dialogs_.locate(*request)) == Verdict::down) {
    context_.path.launch_below(loop::LayerId::dialog, std::move(walk));
  }
}

Verdict DialogLayer::route(Walk& walk, const RouteSet& routes, const Dialogs::Passage& passage) {
  auto& request = *walk.message;
  if (request.max_forwards() == 0U) return refuse(walk, 483);
  if (devices_ && routes.next.empty()) {
    const auto restored = parser::Uri::parse(routes.request_uri);
    const auto& uri = restored ? *restored : request.uri();
    if (uri.is_sip() && uri.param("gr") && sockets_.is_local_host(uri.host)) {
      return find_device(walk, uri);
    }
  }
  return send(walk, routes, passage);
}

/// RFC 5627 5.4: inside a dialog too, a GRUU means the contact that its device has now.
Verdict DialogLayer::find_device(const Walk& walk, const parser::Uri& gruu) {
  Walk onward = Walk::down(loop::LayerId::dialog);
  onward.mask = walk.mask;
  onward.message = walk.message;
  onward.server = walk.server;
  devices_->find(gruu, [this, onward = std::move(onward)](const auto& found) mutable {
    found_device(std::move(onward), found);
  });
  return Verdict::done;
}

void DialogLayer::found_device(Walk walk, const std::expected<DeviceAt, std::uint16_t>& found) {
  parser::Edits taken_before;
  const auto routes =
      take_routes(*walk.message, sockets_, options_.mac_key, context_.epoch(), taken_before);
  if (routes && send_to(walk, *routes, found) == Verdict::down) {
    context_.path.launch_below(loop::LayerId::dialog, std::move(walk));
  }
}

/// One that is not registered any more may still be at the other end of the way that our Route
/// names.
Verdict DialogLayer::send_to(Walk& walk, const RouteSet& routes,
                             const std::expected<DeviceAt, std::uint16_t>& found) {
  const auto& request = *walk.message;
  if (transactions_.is_cancelled(walk.server)) return refuse(walk, 487);
  const auto passage = dialogs_.locate(request);
  if (found) return send(walk, routes, passage, &*found);
  if (routes.way) return send(walk, routes, passage);
  const auto verdict = refuse(walk, found.error());
  if (found.error() == 503 && walk.draft) walk.draft->headers = "Retry-After: 2\r\n";
  return verdict;
}

/// Where it goes is known, but for what name servers have to say.
Verdict DialogLayer::send(Walk& walk, const RouteSet& routes, const Dialogs::Passage& passage,
                          const DeviceAt* device) {
  auto& request = *walk.message;
  const auto said = device ? std::string_view(device->uri) : routes.request_uri;
  const auto uri = said.empty() ? request.uri().text : as_request_uri(request.arena(), said);
  const auto hop = routes.next.empty() ? uri : routes.next;
  const auto socket =
      routes.socket == base::Flow::kAnySocket ? request.source().socket : routes.socket;
  if (routes.sender_behind_nat) transactions_.force_rport(walk.server);
  auto target =
      device ? find_way(request, *device, socket) : find_way(request, hop, routes, socket);
  if (!target) return refuse(walk, 503);

  walk.draft = request.arena().make<parser::Draft>();
  walk.flow = target->flow;
  walk.draft->keeps_flow = device ? device->flow.has_value() : bool(routes.way.address);
  if (routes.over_flow) stay_in_the_way(walk, routes.way);
  count_hop(request, *walk.draft, options_.max_forwards);
  if (request.method() != Method::ack) {
    const auto refusal = share_breadth(request, {&walk.draft, 1});
    if (refusal != 0) return refuse(walk, refusal);
  }
  if (routes.next_is_strict) {
    reformat_for_strict_router(request, *walk.draft, uri, routes.next);
  } else if (!said.empty()) {
    walk.draft->edits.set_uri(request.arena().copy(uri));
  }
  if (device && !device->path.empty()) add_path(request, *walk.draft, device->path);
  dialogs_.send_on(passage, request, *walk.draft);
  transactions_.begin_round(walk.server, 0);
  context_.stats.add(routed_);
  if (!target->search) return Verdict::down;
  Walk onward = Walk::down(loop::LayerId::dialog);
  onward.mask = walk.mask;
  onward.message = walk.message;
  onward.server = walk.server;
  onward.draft = walk.draft;
  transactions_.forward(std::move(onward), std::move(target->search), loop::LayerId::dialog);
  return Verdict::done;
}

/// Where it goes: the way that our Route names, else where the next hop says.
base::Result<transport::NextHop> DialogLayer::find_way(const parser::Message& request,
                                                       std::string_view hop, const RouteSet& routes,
                                                       std::uint16_t socket) {
  if (routes.way.connection) {
    return connected_target(hop, sockets_, socket, routes.way.connection);
  }
  if (routes.way.address) return addressed_target(sockets_, socket, routes.way.address);
  return find_target(request, hop, resolver_, socket);
}

base::Result<transport::NextHop> DialogLayer::find_way(const parser::Message& request,
                                                       const DeviceAt& device,
                                                       std::uint16_t socket) {
  const auto hop = device.path.empty() ? std::string_view(device.uri) : first_hop(device.path);
  auto found = device.flow ? registered_target(device.uri, *device.flow, sockets_)
                           : find_target(request, hop, resolver_, socket);
  if (found) found->flow.no_connect = device.no_connect;
  return found;
}

Verdict DialogLayer::shed(Walk& walk) {
  context_.stats.add(shed_);
  walk.draft = parser::make_overload_reply(*walk.message, options_.tag_key);
  return Verdict::down;
}

Verdict DialogLayer::refuse(Walk& walk, unsigned code, std::string_view reason) {
  if (walk.message->method() == Method::ack) return Verdict::done;
  walk.draft = parser::make_reply(*walk.message, options_.tag_key, code, reason);
  return Verdict::down;
}

/// RFC 3261 16.6 step 4. Between two sockets each side gets the address that it can reach: two
/// values, the one for the side that the request goes to on top. So too if a side is reached in a
/// way of its own (a connection, or through a NAT): its value names it.
void DialogLayer::record_route(Walk& walk) const {
  auto& request = *walk.message;
  auto& arena = request.arena();
  const auto first = request.find(HeaderName::record_route);
  const auto place = first < request.headers().size() ? first : request.find(HeaderName::via);
  const bool sips = asks_for_sips(*walk.draft, request);
  const auto add = [&](const base::Flow& side, const Way& way) {
    const auto& socket = sockets_.at(side.socket);
    const bool udp = socket.transport == base::Transport::udp;
    const auto proof = write_proof(arena, options_.mac_key, context_.epoch(), request, way);
    const auto uri = arena.concat(
        {sips && base::is_secure(socket.transport) ? "<sips:" : "<sip:", socket.sent_by,
         udp ? "" : ";transport=", udp ? "" : base::name_of(socket.transport), ";lr;", proof, ">"});
    walk.draft->edits.insert(arena, place, "Record-Route", uri);
  };
  const auto& source = request.source();
  const auto to_target = way_to(walk.flow, walk.draft->target_behind_nat);
  const auto to_source = way_to(source, walk.draft->source_behind_nat);
  add(walk.flow, to_target);
  if (walk.flow.socket != source.socket || to_target || to_source) add(source, to_source);
}

}  // namespace opensips::dialog
