#include "l2_transaction/transaction.hh"

namespace opensips::transaction {

// The machines hold timers that point back at them and so cannot be moved: they are made in place.
ServerTransaction::ServerTransaction(loop::ServerId self, Host& host, parser::Method request_method,
                                     const base::Flow& answers_to)
    : id(self),
      method(request_method),
      source(answers_to),
      machine(std::in_place_type<ServerNonInvite>, host, self, answers_to) {
  if (is_invite()) machine.emplace<ServerInvite>(host, self, answers_to);
}

bool ServerTransaction::final() const {
  return std::visit([](const auto& m) { return m.final(); }, machine);
}

std::string_view ServerTransaction::state() const {
  return std::visit([](const auto& m) { return m.state_name(); }, machine);
}

void ServerTransaction::start() {
  if (auto* const other = std::get_if<ServerNonInvite>(&machine)) other->start();
}

bool ServerTransaction::respond(unsigned code, bool made_here) {
  return std::visit([&](auto& m) { return m.respond(code, made_here); }, machine);
}

void ServerTransaction::retransmitted() {
  std::visit([](auto& m) { m.retransmitted(); }, machine);
}

void ServerTransaction::abandon() {
  std::visit([](auto& m) { m.abandon(); }, machine);
}

void ServerTransaction::answer_to(const base::Flow& flow) {
  source = flow;
  std::visit([&](auto& m) { m.answer_to(flow); }, machine);
}

base::WireRef& ServerTransaction::sent() {
  return std::visit([](auto& m) -> base::WireRef& { return m.sent(); }, machine);
}

ClientTransaction::ClientTransaction(loop::ClientId self, Host& host, parser::Method request_method,
                                     const base::Flow& target)
    : id(self),
      method(request_method),
      to(target),
      machine(std::in_place_type<ClientNonInvite>, host, self, target) {
  if (is_invite()) machine.emplace<ClientInvite>(host, self, target);
}

void ClientTransaction::start() {
  std::visit([this](auto& m) { m.start(patience); }, machine);
}

bool ClientTransaction::receive(const parser::Message& response) {
  return std::visit([&](auto& m) { return m.receive(response); }, machine);
}

std::string_view ClientTransaction::state() const {
  if (waiting) return "looking for a server";
  return std::visit([](const auto& m) { return m.state_name(); }, machine);
}

bool ClientTransaction::unanswered() const {
  if (const auto* invite = std::get_if<ClientInvite>(&machine)) {
    return invite->state() == ClientInvite::State::calling;
  }
  return std::get<ClientNonInvite>(machine).state() == ClientNonInvite::State::trying;
}

void ClientTransaction::redirect(Host& host, const base::Flow& flow) {
  to = flow;
  if (is_invite()) {
    machine.emplace<ClientInvite>(host, id, flow);
  } else {
    machine.emplace<ClientNonInvite>(host, id, flow);
  }
}

bool ClientTransaction::may_time_out() const {
  if (const auto* invite = std::get_if<ClientInvite>(&machine)) {
    return invite->state() == ClientInvite::State::calling;
  }
  return std::get<ClientNonInvite>(machine).state() != ClientNonInvite::State::completed;
}

base::WireRef& ClientTransaction::sent() {
  return std::visit([](auto& m) -> base::WireRef& { return m.sent(); }, machine);
}

}  // namespace opensips::transaction
