#include "l2_transaction/client_non_invite.hh"

namespace opensips::transaction {

ClientNonInvite::ClientNonInvite(Host& host, loop::ClientId id, const base::Flow& to)
    : host_(host), id_(id), to_(to) {}

void ClientNonInvite::start(const Patience& patience) {
  if (!base::is_reliable(to_.transport)) interval_.start(host_, retransmit_);
  host_.wheel().arm(life_, patience.fr_timeout ? patience.fr_timeout : host_.timers().fr_timeout);
}

bool ClientNonInvite::receive(const parser::Message& response) {
  if (state_ == State::completed) return false;
  if (response.code() < 200) {
    // From now on every T2 (17.1.2.2): the other side has the request.
    state_ = State::proceeding;
    interval_.slow_down(host_.timers().t2);
    return true;
  }
  state_ = State::completed;
  retransmit_.cancel();
  sent_.reset();
  host_.wheel().arm(life_, base::is_reliable(to_.transport) ? 0 : host_.timers().t4);
  return true;
}

void ClientNonInvite::on_timer_e() {
  host_.send(sent_, to_);
  interval_.again(host_, retransmit_, host_.timers().t2);
}

std::string_view ClientNonInvite::state_name() const {
  switch (state_) {
    case State::trying: return "trying";
    case State::proceeding: return "proceeding";
    case State::completed: return "completed";
  }
  return {};
}

void ClientNonInvite::on_life_end() {
  if (state_ == State::completed) {
    host_.client_ended(id_);
  } else {
    host_.client_timed_out(id_);
  }
}

}  // namespace opensips::transaction
