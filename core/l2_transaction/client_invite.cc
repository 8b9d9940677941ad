#include "l2_transaction/client_invite.hh"

#include "l1_parser/writer.hh"

namespace opensips::transaction {

ClientInvite::ClientInvite(Host& host, loop::ClientId id, const base::Flow& to)
    : host_(host), id_(id), to_(to) {}

void ClientInvite::start(const Patience& patience) {
  const auto& usual = host_.timers();
  fr_inv_timeout_ = patience.fr_inv_timeout ? patience.fr_inv_timeout : usual.fr_inv_timeout;
  if (!base::is_reliable(to_.transport)) interval_.start(host_, retransmit_);
  host_.wheel().arm(life_, patience.fr_timeout ? patience.fr_timeout : usual.fr_timeout);
}

bool ClientInvite::receive(const parser::Message& response) {
  const auto code = response.code();
  switch (state_) {
    case State::calling:
    case State::proceeding:
      retransmit_.cancel();
      if (code >= 300) {
        refuse(response);
      } else if (code >= 200) {
        accept();
      } else {
        const bool first = state_ == State::calling;
        state_ = State::proceeding;
        // A 100 starts timer C, every later provisional starts it anew (16.7 step 2). What is
        // cancelled gets no more time by ringing on.
        if (first || (code > 100 && !cancelled_)) host_.wheel().arm(life_, fr_inv_timeout_);
        if (first) host_.client_provisional(id_);
      }
      return true;
    case State::completed:
      if (code >= 300) host_.send(sent_, to_);
      return false;
    case State::accepted: return code >= 200 && code < 300;
  }
  return false;
}

void ClientInvite::cancelled() {
  if (state_ != State::proceeding) return;
  cancelled_ = true;
  host_.wheel().arm(life_, host_.timers().fr_timeout);
}

void ClientInvite::refuse(const parser::Message& response) {
  state_ = State::completed;
  sent_ = parser::write_ack(sent_->view(), response);
  host_.send(sent_, to_);
  host_.wheel().arm(life_, base::is_reliable(to_.transport) ? 0 : host_.timers().timer_d);
}

void ClientInvite::accept() {
  state_ = State::accepted;
  sent_.reset();
  host_.wheel().arm(life_, host_.timers().linger);
}

void ClientInvite::on_timer_a() {
  host_.send(sent_, to_);
  interval_.again(host_, retransmit_, UINT32_MAX);
}

std::string_view ClientInvite::state_name() const {
  switch (state_) {
    case State::calling: return "calling";
    case State::proceeding: return "proceeding";
    case State::completed: return "completed";
    case State::accepted: return "accepted";
  }
  return {};
}

void ClientInvite::on_life_end() {
  if (state_ == State::calling || state_ == State::proceeding) {
    host_.client_timed_out(id_);
  } else {
    host_.client_ended(id_);
  }
}

}  // namespace opensips::transaction
