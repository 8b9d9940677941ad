#include "l2_transaction/uac.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "l1_parser/message_view.hh"
#include "l1_parser/name_addr.hh"
#include "l2_transaction/next_hop.hh"

namespace opensips::transaction {

using parser::HeaderName;
using parser::Message;

namespace {

bool is_in_dialog(const Message& request) {
  return !request.to().tag.empty();
}

/// The values of a header, in their order or backwards, as one with commas between them.
std::string joined(const Message& message, HeaderName name, bool backwards) {
  std::string all;
  const auto headers = message.headers();
  for (auto i = message.find(name); i < headers.size(); i = message.find(name, i + 1)) {
    parser::ValueList values(message.value(headers[i]));
    while (const auto value = values.next()) {
      if (all.empty()) {
        all = *value;
      } else {
        all = backwards ? fmt::format("{}, {}", *value, all) : fmt::format("{}, {}", all, *value);
      }
    }
  }
  return all;
}

std::string_view value_of(const Message& message, HeaderName name) {
  const auto place = message.find(name);
  return place < message.headers().size() ? message.value(message.headers()[place])
                                          : std::string_view{};
}

/// Where requests of the dialog go that a 2xx has set up or refreshed (RFC 3261 12.1.2, 12.2.1.2).
struct Dialog {
  std::string target;
  std::string route;
};

Dialog dialog_of(const Message& request, const Message& success) {
  const auto contact = parser::ValueList(value_of(success, HeaderName::contact)).next();
  const auto target = parser::NameAddr::parse(contact.value_or(std::string_view{}));
  return {std::string(target ? target->uri_text : request.uri().text),
          is_in_dialog(request) ? joined(request, HeaderName::route, false)
                                : joined(success, HeaderName::record_route, true)};
}

/// What is sent to its Request-URI follows that one when it has been changed.
std::string_view next_hop_of(const ComposedRequest& composed) {
  const auto& request = *composed.message;
  const bool by_uri = composed.next_hop == request.uri().text;
  return by_uri ? parser::effective_uri(request) : std::string_view(composed.next_hop);
}

}  // namespace

Uac::Uac(loop::Context& context, TransactionLayer& transactions, transport::Resolver& resolver,
         const loop::Owners& owners, Options options)
    : context_(context),
      transactions_(transactions),
      resolver_(resolver),
      owners_(owners),
      options_(std::move(options)),
      requests_(context.worker(), context.epoch()) {
  transactions.set_user(*this);
}

base::Result<UacId> Uac::send(const OwnRequest& request, const UacOptions& options, Answer answer) {
  const auto call_id = request.call_id.empty() ? draw_call_id() : std::string();
  const auto tag = draw_token();
  const auto branch = draw_token();
  auto composed = compose(request, {.call_id = call_id,
                                    .from_tag = tag,
                                    .branch = branch,
                                    .user_agent = options_.user_agent,
                                    .max_forwards = options_.max_forwards});
  if (!composed) return base::Failure(composed.error());
  auto socket = options.socket;
  // The program that may edit it may let go of what `options` points at.
  std::string next_hop(options.next_hop);
  std::unique_ptr<Credentials> credentials;
  if (!options.login.username.empty()) credentials = std::make_unique<Credentials>(options.login);
  if (editor_ && !editor_->edit_own(composed->message, socket)) {
    return base::Failure(base::Error::refused);
  }
  if (next_hop.empty()) next_hop = next_hop_of(*composed);
  auto hop = find(options.flow, next_hop, socket);
  if (!hop) return base::Failure(hop.error());

  auto& own = *requests_.emplace(*this).second;
  const auto id = own.id;
  own.message = std::move(composed->message);
  own.answer = std::move(answer);
  own.wanted = static_cast<bool>(own.answer);
  own.flow = options.flow;
  own.cseq = request.cseq;
  own.credentials = std::move(credentials);
  own.socket = socket;
  own.provisional = options.provisional;
  if (options.timeout_ms) context_.timers.arm(own.timer, options.timeout_ms);
  auto* const draft = own.message->arena().make<parser::Draft>();
  draft->keeps_flow = options.flow.has_value();
  transactions_.originate(id, own.message, *draft, std::move(*hop));
  return id;
}

/// What goes by a flow stays on it.
base::Result<transport::NextHop> Uac::find(const std::optional<base::Flow>& way,
                                           std::string_view next_hop, std::uint16_t socket) {
  if (!way) return find_next_hop(next_hop, resolver_, socket);
  transport::NextHop hop{*way, nullptr};
  auto& flow = hop.flow;
  const auto& sockets = resolver_.sockets();
  if (!sockets.is_open(flow.socket)) {
    const auto other = sockets.choose(flow.transport, flow.peer, flow.socket);
    if (!other) return base::Failure(base::Error::unreachable);
    flow.socket = *other;
  }
  return hop;
}

void Uac::acknowledge(UacId id, const Message& success, const OwnRequest& extra) {
  const auto* const own = requests_.find(id);
  if (!own || !own->is_invite()) return;
  const auto& invite = *own->message;
  const auto dialog = dialog_of(invite, success);
  const auto branch = branch_of_ack(success);
  const auto ack = compose({.method = "ACK",
                            .uri = dialog.target,
                            .route = dialog.route,
                            .from = invite.from().text,
                            .to = success.to().text,
                            .call_id = invite.call_id(),
                            .cseq = success.cseq().number,
                            .headers = extra.headers,
                            .content_type = extra.content_type,
                            .body = extra.body},
                           {.call_id = {},
                            .from_tag = {},
                            .branch = branch,
                            .user_agent = options_.user_agent,
                            .max_forwards = options_.max_forwards});
  if (!ack) return;
  const bool by_flow = own->flow && dialog.route.empty();
  auto hop = find(by_flow ? own->flow : std::nullopt, ack->next_hop, own->socket);
  if (hop) transactions_.acknowledge(ack->message, std::move(*hop));
}

void Uac::cancel(UacId id) {
  auto* const own = requests_.find(id);
  if (!own || !own->is_invite()) return;
  own->cancelled = true;
  transactions_.cancel(own->client);
}

void Uac::forget(UacId id) {
  auto* const own = requests_.find(id);
  if (!own) return;
  if (!own->is_invite()) {
    requests_.erase(id);
    return;
  }
  own->wanted = false;
  own->timer.cancel();
  cancel(id);
}

void Uac::goes_by(UacId id, loop::ClientId client) {
  if (auto* const own = requests_.find(id)) own->client = client;
}

/// A request that was sent again, with credentials, has another one by now.
void Uac::ended(UacId id, loop::ClientId client) {
  const auto* const own = requests_.find(id);
  if (own && own->client == client) requests_.erase(id);
}

void Uac::receive(UacId id, const base::Flow& sent_to, const base::Ref<Message>& response) {
  auto* const own = requests_.find(id);
  const auto code = response->code();
  if (!own || code == 100) return;
  if (code < 200) {
    if (own->provisional && own->wanted) tell(*own, response);
  } else if (code < 300 && own->is_invite()) {
    own->timer.cancel();
    if (own->wanted) {
      tell(*own, response);
    } else {
      hang_up(*own, *response);
    }
  } else if ((code == 401 || code == 407) && own->credentials && !own->cancelled &&
             own->credentials->take(*response)) {
    send_again(*own, sent_to);
  } else {
    finish(*own, response);
  }
}

/// To the server that challenged it, as a new transaction (RFC 3261 8.1.3.5).
void Uac::send_again(Request& own, const base::Flow& flow) {
  auto& message = *own.message;
  auto& arena = message.arena();
  auto& draft = *arena.make<parser::Draft>();
  draft.keeps_flow = own.flow.has_value();
  draft.edits.replace(arena, message.find(HeaderName::cseq), "CSeq",
                      arena.copy(fmt::format("{} {}", ++own.cseq, message.method_text())));
  own.credentials->put(message, draft, draw_token());
  transactions_.originate(own.id, own.message, draft, {flow, nullptr});
}

/// More may come: the answer is kept, unless the request ends in it.
void Uac::tell(Request& own, const base::Ref<Message>& response) {
  const auto id = own.id;
  auto answer = std::move(own.answer);
  answer(response);
  if (auto* const still = requests_.find(id)) still->answer = std::move(answer);
}

/// An INVITE is kept until its transaction has ended: a 2xx may come after its time was up.
void Uac::finish(Request& own, const base::Ref<Message>& response) {
  const bool wanted = std::exchange(own.wanted, false);
  auto answer = std::move(own.answer);
  own.timer.cancel();
  if (!own.is_invite()) requests_.erase(own.id);
  if (wanted) answer(response);
}

/// A call that nobody wants any more has been answered. Inside a dialog only the INVITE was not
/// wanted; the dialog's owner decides about the rest.
void Uac::hang_up(Request& own, const Message& success) {
  acknowledge(own.id, success);
  const auto& invite = *own.message;
  const bool known = std::ranges::find(own.hung_up, success.to().tag) != own.hung_up.end();
  if (is_in_dialog(invite) || known) return;
  own.hung_up.emplace_back(success.to().tag);
  const auto dialog = dialog_of(invite, success);
  const bool by_flow = own.flow && dialog.route.empty();
  static_cast<void>(
      send({.method = "BYE",
            .uri = dialog.target,
            .route = dialog.route,
            .from = invite.from().text,
            .to = success.to().text,
            .call_id = invite.call_id(),
            .cseq = success.cseq().number + 1},
           {.next_hop = {}, .flow = by_flow ? own.flow : std::nullopt, .socket = own.socket}, {}));
}

/// A copy of the 2xx gets a copy of the ACK: L2 makes the same branch of the same one.
std::string Uac::branch_of_ack(const Message& success) const {
  base::SipHasher hash(ack_key_);
  hash.update(success.to().text).update(value_of(success, HeaderName::cseq));
  return fmt::format("z9hG4bK{:016x}", hash.finish());
}

/// Who owns the Call-ID gets the answers.
std::string Uac::draw_call_id() {
  for (;;) {
    auto drawn = draw_token();
    if (owners_.owner_of(drawn) == context_.worker()) return drawn;
  }
}

/// Nobody can guess it who has not seen it.
std::string Uac::draw_token() {
  const std::uint64_t number = ++tokens_;
  const std::string_view bytes(reinterpret_cast<const char*>(&number), sizeof number);
  return fmt::format("{:016x}", base::siphash(token_key_, bytes));
}

}  // namespace opensips::transaction
