#include "l2_transaction/server_invite.hh"

namespace opensips::transaction {

ServerInvite::ServerInvite(Host& host, loop::ServerId id, const base::Flow& to)
    : host_(host), id_(id), to_(to) {}

void ServerInvite::retransmitted() {
  const bool answers = state_ == State::proceeding || state_ == State::completed;
  if (answers && sent_) host_.send(sent_, to_);
}

bool ServerInvite::acknowledged() {
  if (state_ == State::accepted) return true;
  if (state_ == State::completed) {
    state_ = State::confirmed;
    retransmit_.cancel();
    sent_.reset();
    host_.wheel().arm(life_, base::is_reliable(to_.transport) ? 0 : host_.timers().t4);
  }
  return false;
}

bool ServerInvite::respond(unsigned code, bool made_here) {
  const bool success = code >= 200 && code < 300;
  if (state_ == State::accepted) return success;
  if (state_ != State::proceeding) return false;
  if (code < 200) return true;
  state_ = success ? State::accepted : State::completed;
  // A 2xx goes all the way, which no transport makes reliable.
  const bool repeats = success ? made_here : !base::is_reliable(to_.transport);
  if (repeats) {
    interval_.start(host_, retransmit_);
  } else if (success) {
    sent_.reset();
  }
  host_.wheel().arm(life_, host_.timers().linger);
  return true;
}

void ServerInvite::confirmed() {
  if (state_ != State::accepted) return;
  retransmit_.cancel();
  sent_.reset();
}

std::string_view ServerInvite::state_name() const {
  switch (state_) {
    case State::proceeding: return "proceeding";
    case State::completed: return "completed";
    case State::confirmed: return "confirmed";
    case State::accepted: return "accepted";
  }
  return {};
}

void ServerInvite::abandon() {
  if (final()) return;
  state_ = State::confirmed;
  sent_.reset();
  host_.wheel().arm(life_, host_.timers().linger);
}

void ServerInvite::on_timer_g() {
  host_.send(sent_, to_);
  interval_.again(host_, retransmit_, host_.timers().t2);
}

void ServerInvite::on_life_end() {
  host_.server_ended(id_);
}

}  // namespace opensips::transaction
